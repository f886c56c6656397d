#include "identity.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "rollcall/core/text.hpp"

namespace rollcall::sync {

using directory::field;
using directory::user_ref;
using verdict = identity::verdict;

namespace {

// Kept apart by what no name has in it.
std::string folded_name(std::string_view first, std::string_view last) {
    std::string a;
    std::string b;
    return std::string(fold(first, a)) + '\n' + std::string(fold(last, b));
}

} // namespace

identity_resolver::identity_resolver(const books& of, const snapshot& from,
                                     const tenant_settings& settings, date today)
    : of_(of),
      users_(of.users),
      from_(from),
      settings_(settings),
      today_(today),
      out_(from.changed.size()) {}

std::string_view identity_resolver::id_of(std::uint32_t row) const {
    return from_.changed[row].values.get(field::external_id);
}

bool identity_resolver::is_duplicate(std::string_view id) const {
    return std::binary_search(from_.duplicate_ids.begin(), from_.duplicate_ids.end(), id);
}

// A relink makes the row of the old id history, so that what that row wanted is free for others:
// all is looked at again without it. There are as many rounds as relinks in the worst case, and two
// at the most in practice.
std::vector<identity> identity_resolver::resolve(const std::vector<std::uint32_t>& order,
                                                 std::vector<issue>& issues) {
    std::vector<issue> found;
    std::size_t history = 0;
    do {
        history = history_.size();
        found.clear();
        resolve_once(order, found);
    } while (history_.size() != history);
    std::move(found.begin(), found.end(), std::back_inserter(issues));
    return std::move(out_);
}

void identity_resolver::resolve_once(const std::vector<std::uint32_t>& order,
                                     std::vector<issue>& issues) {
    out_.assign(from_.changed.size(), {});
    claims_.clear();
    row_of_user_.clear();
    claim_of_row_.clear();
    wanted_.clear();
    for (const auto row : order) {
        if (is_duplicate(id_of(row))) continue; // G-4, LA-14: neither of the two is applied
        settings_.link_key == link_key::email ? place_literally(row, order, issues)
                                              : place_by_id(row, issues);
        if (history_.contains(row)) out_[row] = {};
    }
    one_row_per_user(order, issues);
    claim_emails(order);
    revoke_until_stable();
    for (const auto& each : claims_) {
        if (!each.granted) settle(each, issues);
    }
}

// In literal mode two rows of one address find the same user: the row that is linked to it has it,
// or the only one who has not left. Otherwise neither: nobody is merged.
void identity_resolver::one_row_per_user(const std::vector<std::uint32_t>& order,
                                         std::vector<issue>& issues) {
    if (settings_.link_key != link_key::email) return;
    absl::flat_hash_map<user_ref, std::vector<std::uint32_t>> rows_of;
    for (const auto row : order) {
        if (out_[row].user != user_ref::none) rows_of[out_[row].user].push_back(row);
    }
    for (const auto row : order) {
        const auto user = out_[row].user;
        if (user == user_ref::none || rows_of[user].size() < 2) continue;
        const auto& rivals = rows_of[user];
        const auto here = [&](std::uint32_t r) { return !from_.changed[r].left; };
        const auto linked = [&](std::uint32_t r) {
            return id_of(r) == users_.text(user, field::external_id);
        };
        const bool only = here(row) && std::count_if(rivals.begin(), rivals.end(), here) == 1;
        const bool none_here = std::none_of(rivals.begin(), rivals.end(), here);
        if (only || (linked(row) && (here(row) || none_here))) continue;
        if (here(row)) report_shared(row, id_of(rivals[rivals[0] == row ? 1 : 0]), issues);
        out_[row] = {};
    }
}

void identity_resolver::report_shared(std::uint32_t row, std::string_view other,
                                      std::vector<issue>& issues) const {
    issues.push_back({issue_kind::shared_email, std::string(id_of(row)), std::string(other),
                      "email", settings_.profile == profile::wethrive ? "WT-3" : "LA-12"});
}

void identity_resolver::place_by_id(std::uint32_t row, std::vector<issue>& issues) {
    const auto& person = from_.changed[row];
    const auto known = users_.find_by_id(id_of(row));
    if (known == user_ref::none) return place_unknown(row, issues);
    if (id_was_reused(person, known)) return place_reused(row, known, issues);
    row_of_user_.emplace(known, row);
    // LA-18: a rejected record leaves its user as it is.
    if (!person.rejected || !person.in_scope) out_[row] = {verdict::update, known};
}

void identity_resolver::place_unknown(std::uint32_t row, std::vector<issue>& issues) {
    const auto& person = from_.changed[row];
    // LA-8, LA-18: neither leavers nor incomplete records are created.
    if (person.left || person.rejected || !person.in_scope) return;
    if (of_.was_erased(id_of(row), person.folded_email)) {
        issues.push_back(
            {issue_kind::erased_person, std::string(id_of(row)), {}, "external_id", "G-12"});
        return;
    }
    out_[row] = {verdict::create};
}

// An id that belonged to somebody who left long ago, on a record that has nothing else in common
// with that user: a person says whether it is a return.
bool identity_resolver::id_was_reused(const changed_row& person, user_ref known) const {
    if (settings_.id_reuse_days == 0 || person.left || person.rejected || !person.in_scope ||
        users_.is_active(known)) {
        return false;
    }
    const auto old = users_.values(known);
    if (!old.leaving_date.is_set() ||
        old.leaving_date.days >= today_.days - settings_.id_reuse_days ||
        old.start_date == person.values.start_date) {
        return false;
    }
    std::string scratch;
    return fold(old.get(field::email), scratch) != person.folded_email &&
           folded_name(old.get(field::first_name), old.get(field::last_name)) !=
               folded_name(person.values.get(field::first_name),
                           person.values.get(field::last_name));
}

void identity_resolver::place_reused(std::uint32_t row, user_ref known,
                                     std::vector<issue>& issues) {
    const auto* ruling = decided(issue_kind::id_reuse, row, known);
    if (ruling != nullptr && ruling->what == ruling_of_conflict::same) {
        row_of_user_.emplace(known, row);
        out_[row] = {verdict::update, known};
    } else if (ruling != nullptr && ruling->what == ruling_of_conflict::new_person) {
        place_unknown(row, issues);
        if (out_[row].what == verdict::create) out_[row].displaces = known;
    } else {
        issues.push_back({issue_kind::id_reuse,
                          std::string(id_of(row)),
                          {},
                          "external_id",
                          settings_.profile == profile::learnamp ? "LA-9" : "WT-4"});
    }
}

// What a person said about just this record and this user.
const decision* identity_resolver::decided(issue_kind kind, std::uint32_t row,
                                           user_ref about) const {
    const auto* found = of_.decisions.find(kind, id_of(row));
    return found != nullptr && found->uid == users_.meta(about).uid ? found : nullptr;
}

// WT-4, literal mode: the e-mail is the key. A changed address is a new person, and the user of
// before loses the id, so that it counts as missing.
void identity_resolver::place_literally(std::uint32_t row, const std::vector<std::uint32_t>& order,
                                        std::vector<issue>& issues) {
    const auto& person = from_.changed[row];
    const auto by_id = users_.find_by_id(id_of(row));
    if (person.folded_email.empty() || person.rejected) {
        if (by_id != user_ref::none && person.left) out_[row] = {verdict::update, by_id};
        if (by_id != user_ref::none) row_of_user_.emplace(by_id, row);
        return;
    }
    if (!person.in_scope) {
        if (by_id != user_ref::none) out_[row] = {verdict::update, by_id};
        if (by_id != user_ref::none) row_of_user_.emplace(by_id, row);
        return;
    }
    const auto by_email = users_.find_by_email(person.folded_email);
    if (!from_.complete && by_email != by_id && by_email != user_ref::none &&
        still_here(by_email)) {
        // A read of one person can not tell whether the other still has the address.
        return report_shared(row, users_.text(by_email, field::external_id), issues);
    }
    if (by_email != by_id && by_email != user_ref::none && users_.epoch(by_email) == from_.epoch) {
        // The user of this address is in this snapshot under an id of its own. A leaver's row is
        // then not about that user; and if the user has nothing new to say, the address is shared.
        if (person.left) return;
        const auto other = users_.text(by_email, field::external_id);
        const bool moves = !is_duplicate(other) && std::binary_search(order.begin(), order.end(),
                                                                      other, by_id_order{*this});
        if (users_.is_active(by_email) && !moves) {
            return report_shared(row, other, issues);
        }
    }
    if (by_email != user_ref::none) {
        out_[row] = {by_email == by_id ? verdict::update : verdict::relink, by_email};
        row_of_user_.emplace(by_email, row);
    } else if (!person.left) {
        place_unknown(row, issues);
    } else if (by_id != user_ref::none) {
        out_[row] = {verdict::update, by_id};
        row_of_user_.emplace(by_id, row);
        out_[row].keep_email = true;
    }
}

void identity_resolver::claim_emails(const std::vector<std::uint32_t>& order) {
    absl::flat_hash_map<std::string_view, int> leavers_wanting;
    std::string scratch;
    for (const auto row : order) {
        const auto& person = from_.changed[row];
        auto& who = out_[row];
        if (who.what == verdict::skip || person.folded_email.empty()) continue;
        // LA-7: out of scope nothing of the user is changed, so no address is taken or given up.
        if (!person.in_scope) continue;
        if (who.what != verdict::create) {
            // No claim where the address stays. A leaver's address is not taken from anybody.
            const bool same =
                fold(users_.text(who.user, field::email), scratch) == person.folded_email;
            if (same && !person.left) wanted_[person.folded_email].push_back(row);
            if (same) continue;
        }
        const auto holder = users_.find_by_email(person.folded_email);
        claim_of_row_.emplace(row, static_cast<std::uint32_t>(claims_.size()));
        claims_.push_back({row, holder});
        if (!person.left) {
            wanted_[person.folded_email].push_back(row);
        } else {
            ++leavers_wanting[person.folded_email];
        }
    }
    for (auto& each : claims_) {
        const auto& person = from_.changed[each.row];
        const auto& rivals = wanted_[person.folded_email];
        const bool refused = person.left
                                 ? !rivals.empty() || leavers_wanting[person.folded_email] > 1
                                 : rivals.size() > 1;
        // LA-12, WT-3: two people of the source with one address; whoever has it keeps it.
        if (refused) each.granted = false;
    }
}

bool identity_resolver::releases(user_ref holder) const {
    if (holder == user_ref::none) return true;
    const auto row = row_of_user_.find(holder);
    if (row == row_of_user_.end()) return false;
    const auto own = claim_of_row_.find(row->second);
    return own != claim_of_row_.end() && claims_[own->second].granted &&
           out_[row->second].what == verdict::update;
}

void identity_resolver::revoke_until_stable() {
    // Each pass revokes at least one claim or is the last. A chain of n revocations in the worst
    // order would need n passes, so those that depend on a revoked one are looked at again at once.
    absl::flat_hash_map<user_ref, std::vector<std::uint32_t>> waiting;
    std::vector<std::uint32_t> revoked;
    for (std::uint32_t i = 0; i < claims_.size(); ++i) {
        if (claims_[i].holder != user_ref::none) waiting[claims_[i].holder].push_back(i);
        if (claims_[i].granted && !releases(claims_[i].holder)) claims_[i].granted = false;
        if (!claims_[i].granted) revoked.push_back(i);
    }
    while (!revoked.empty()) {
        const auto last = revoked.back();
        revoked.pop_back();
        const auto user = out_[claims_[last].row].user;
        if (user == user_ref::none) continue;
        const auto found = waiting.find(user);
        if (found == waiting.end()) continue;
        for (const auto i : found->second) {
            if (!claims_[i].granted) continue;
            claims_[i].granted = false;
            revoked.push_back(i);
        }
    }
}

// Linked, and an active employee of this same snapshot.
bool identity_resolver::still_here(user_ref user) const {
    if (users_.text(user, field::external_id).empty()) return false;
    if (const auto row = row_of_user_.find(user); row != row_of_user_.end()) {
        return !from_.changed[row->second].left;
    }
    // Out of scope a user may be inactive and employed all the same (LA-7).
    const bool employed = users_.is_active(user) || !users_.meta(user).managed;
    // A partial read can not tell that somebody is gone.
    return employed && (!from_.complete || users_.epoch(user) == from_.epoch);
}

// LA-11, LA-17: the same person under a new id. A row of the old id is history now.
void identity_resolver::relink(std::uint32_t row, user_ref holder) {
    if (const auto old = row_of_user_.find(holder); old != row_of_user_.end()) {
        out_[old->second] = {};
        history_.insert(old->second);
    }
    out_[row] = {verdict::relink, holder};
}

// What becomes of a row whose address is not to be had by letting go.
void identity_resolver::settle(const claim& which, std::vector<issue>& issues) {
    const auto& person = from_.changed[which.row];
    auto& who = out_[which.row];
    if (who.what == verdict::skip) return; // taken over by another row
    const auto report = [&](issue_kind kind, std::string_view other, const char* rule) {
        issues.push_back({kind, std::string(id_of(which.row)), std::string(other), "email", rule});
    };
    const auto holder = which.holder;
    std::string_view rival;
    for (const auto row : wanted_[person.folded_email]) {
        // Whoever has the address is a holder and no rival, changed or not.
        const bool has_it = holder != user_ref::none && out_[row].user == holder;
        if (row == which.row || has_it) continue;
        rival = id_of(row);
        break;
    }
    bool shared = !rival.empty();
    const bool holder_here = holder != user_ref::none && still_here(holder) && !releases(holder);
    if (holder_here && users_.epoch(holder) == from_.epoch) {
        shared = shared || settings_.profile == profile::wethrive;
        rival = users_.text(holder, field::external_id);
    }

    if (who.what != verdict::create) {
        // A user who is there already is synced but for the address, so that nothing else, a
        // departure above all, waits for the conflict to be solved.
        who.keep_email = true;
        if (person.left) return;
        const auto other = rival.empty() && holder != user_ref::none
                               ? users_.text(holder, field::external_id)
                               : rival;
        report(shared ? issue_kind::shared_email : issue_kind::email_taken, other,
               settings_.profile == profile::wethrive ? "WT-3" : "LA-13");
        return;
    }
    who = {};
    const auto linked_by_a_person = [&](issue_kind kind) {
        const auto* ruling = decided(kind, which.row, holder);
        return ruling != nullptr && ruling->what == ruling_of_conflict::link;
    };
    if (shared || holder == user_ref::none) {
        report_shared(which.row, rival, issues);
    } else if (linked_by_a_person(issue_kind::email_taken) ||
               linked_by_a_person(issue_kind::fallback_refused) ||
               (settings_.email_fallback && !holder_here)) {
        relink(which.row, holder);
    } else if (!settings_.email_fallback) {
        report(issue_kind::email_taken, users_.text(holder, field::external_id), "LA-10");
    } else {
        report(issue_kind::fallback_refused, users_.text(holder, field::external_id), "LA-12");
    }
}

bool is_spent(const books& of, const decision& what) {
    if (what.what == ruling_of_conflict::ignore) return false;
    const auto user = of.users.find_by_uid(what.uid);
    if (user == user_ref::none) return true;
    const bool has_the_id = of.users.text(user, field::external_id) == what.external_id;
    switch (what.what) {
        case ruling_of_conflict::link: return has_the_id;
        case ruling_of_conflict::new_person: return !has_the_id;
        case ruling_of_conflict::same:
        case ruling_of_conflict::reactivate: return of.users.is_active(user);
        case ruling_of_conflict::ignore: break;
    }
    return false;
}

} // namespace rollcall::sync
