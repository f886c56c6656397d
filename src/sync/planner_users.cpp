#include "planner_users.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "rollcall/core/text.hpp"

namespace rollcall::sync {

using directory::field;
using directory::owner;
using directory::user_ref;
using directory::user_state;
using verdict = identity::verdict;

namespace {

bool is_required(field f) noexcept {
    return f == field::external_id || f == field::email || f == field::first_name ||
           f == field::last_name;
}

bool same_folded(std::string_view a, std::string_view b) {
    std::string x;
    std::string y;
    return fold(a, x) == fold(b, y);
}

// The kind of step that a field of a known user moves in, and the rule by which (G-10).
struct way {
    step_kind kind;
    const char* rule;
};

way way_of(field f, std::string_view before, std::string_view after,
           const tenant_settings& settings) {
    const bool learnamp = settings.profile == profile::learnamp;
    const bool blank = after.empty();
    switch (f) {
        case field::external_id: return {step_kind::relink, learnamp ? "LA-11" : "WT-4"};
        case field::email:
            // Other letters are no other address.
            return {same_folded(before, after) ? step_kind::update : step_kind::change_email,
                    learnamp ? "LA-13" : "WT-4"};
        case field::department:
            if (!learnamp) break; // WT-13: a value like any other
            if (blank) return {step_kind::blank, "LA-34"};
            return {step_kind::move, before.empty() ? "LA-28" : "LA-33"};
        case field::attributes: return {blank ? step_kind::blank : step_kind::update, "G-14"};
        default: break;
    }
    if (blank) return {step_kind::blank, learnamp ? "LA-19" : "WT-2"};
    return {step_kind::update, learnamp ? "LA-3" : "WT-2"};
}

} // namespace

void users_pass::begin() {
    if (draft_.from == nullptr) {
        rows_done_ = true;
        return;
    }
    const auto& from = *draft_.from;
    order_.resize(from.changed.size());
    std::iota(order_.begin(), order_.end(), 0u);
    std::sort(order_.begin(), order_.end(), [&from](std::uint32_t a, std::uint32_t b) {
        const auto left = from.changed[a].values.get(field::external_id);
        const auto right = from.changed[b].values.get(field::external_id);
        return left != right ? left < right : a < b;
    });
    // What is wrong inside one of two rows with one id depends on which came first: the id is the
    // issue.
    std::copy_if(from.issues.begin(), from.issues.end(), std::back_inserter(draft_.issues),
                 [&from](const issue& each) {
                     return !std::binary_search(from.duplicate_ids.begin(),
                                                from.duplicate_ids.end(),
                                                std::string_view(each.external_id));
                 });
    for (const auto id : from.duplicate_ids) {
        draft_.report(issue_kind::duplicate_id, id, {}, "external_id", "G-4");
    }
    identities_ = identity_resolver(draft_.of, from, draft_.settings, draft_.today)
                      .resolve(order_, draft_.issues);
    draft_.counts.rows = from.stats.rows;
    draft_.counts.in_scope = from.stats.in_scope;
    draft_.counts.unchanged = from.unchanged;
    draft_.counts.rejected = static_cast<std::uint32_t>(from.duplicate_ids.size());
}

bool users_pass::advance(std::size_t people) {
    if (!rows_done_) {
        for (; people != 0 && next_row_ < order_.size(); --people) plan_row(order_[next_row_++]);
        if (next_row_ < order_.size()) return false;
        unlink_left_behind();
        rows_done_ = true;
    }
    const auto& users = draft_.of.users;
    if (!walk_done_) {
        if (draft_.from == nullptr || draft_.from->complete) {
            // Looking at somebody who is here is a fraction of the work of planning a change.
            for (std::size_t left = people * 8; left != 0; --left) {
                walked_ = users.next(walked_);
                if (walked_ == user_ref::none) break;
                if (worth_a_look(users.brief(walked_))) looked_for_.push_back(walked_);
            }
            if (walked_ != user_ref::none || people == 0) return false;
        }
        // Not in the order of the records, which tells of the past of the directory.
        std::sort(looked_for_.begin(), looked_for_.end(), [&users](user_ref a, user_ref b) {
            const auto left = users.text(a, field::external_id);
            const auto right = users.text(b, field::external_id);
            return left != right ? left < right : users.brief(a).uid < users.brief(b).uid;
        });
        walk_done_ = true;
    }
    for (; people != 0 && next_look_ < looked_for_.size(); --people)
        look_at(looked_for_[next_look_++]);
    return next_look_ == looked_for_.size();
}

// ---- rows
// ----------------------------------------------------------------------------------------

void users_pass::plan_row(std::uint32_t row) {
    const auto& person = draft_.from->changed[row];
    const auto& who = identities_[row];
    switch (who.what) {
        case verdict::skip: return plan_skipped(person);
        case verdict::create: return plan_create(person, who);
        case verdict::update:
        case verdict::relink: return plan_known(person, who);
    }
}

void users_pass::plan_skipped(const changed_row& row) {
    const auto id = row.values.get(field::external_id);
    const auto& doubled = draft_.from->duplicate_ids;
    if (std::binary_search(doubled.begin(), doubled.end(), id)) return; // counted already
    const auto known = draft_.of.users.find_by_id(id);
    if (known == user_ref::none && row.left) {
        ++draft_.counts.left_before_first_seen;
        return;
    }
    ++draft_.counts.rejected;
    if (known == user_ref::none || !row.rejected) return;
    // LA-18: the user stays as it is. What it says may no longer be what the source says, its
    // leaving date above all, so that the calendar alone does not act on it: fingerprint 0.
    auto& who = draft_.edit(known);
    draft_.set(who, step_kind::note_found, attribute::missing, "0", owner::never_set, "G-3");
    who.after.meta.fingerprint = 0;
}

void users_pass::plan_create(const changed_row& row, const identity& who) {
    if (who.displaces != user_ref::none) give_up_id(who.displaces, learnamp() ? "LA-9" : "WT-4");
    auto& fresh = draft_.create(row.values.get(field::external_id));
    draft_.set(fresh, step_kind::create, attribute::state, "active", owner::ours,
               learnamp() ? "LA-9" : "WT-6");
    set_fields(fresh, row, false, true);
    fresh.after.meta.fingerprint = row.fingerprint;
}

void users_pass::plan_known(const changed_row& row, const identity& who) {
    auto& user = draft_.edit(who.user);
    draft_.set(user, step_kind::note_found, attribute::missing, "0", owner::never_set, "G-3");
    bool as_the_source_says = !who.keep_email;
    if (!row.in_scope) {
        // LA-7: stop managing, and keep the person as they are, unless the tenant says otherwise.
        draft_.set(user, step_kind::unmanage, attribute::managed, "no", owner::never_set, "LA-7");
        if (row.left) {
            as_the_source_says &= departures_.deactivate(user, departures::reason::left);
        } else if (draft_.settings.out_of_scope == out_of_scope::deactivate && row.scope_known) {
            as_the_source_says &= departures_.deactivate(user, departures::reason::out_of_scope);
        }
    } else {
        draft_.set(user, step_kind::manage, attribute::managed, "yes", owner::never_set, "LA-7");
        set_fields(user, row, who.keep_email, false);
        as_the_source_says &= set_state(user, row);
    }
    // A user with an open conflict is looked at anew by each sweep (LA-10): once part of a record
    // was applied, also when the record becomes again what it was.
    if (as_the_source_says) {
        user.after.meta.fingerprint = row.fingerprint;
    } else if (!user.steps.empty()) {
        user.after.meta.fingerprint = 0;
    }
    if (user.steps.empty()) ++draft_.counts.unchanged;
}

void users_pass::set_fields(draft::person& who, const changed_row& row, bool keep_email,
                            bool fresh) {
    const auto& settings = draft_.settings;
    const char* birth = learnamp() ? "LA-9" : "WT-2";
    const auto own = [&](field f) { return who.after.meta.ownership[static_cast<std::size_t>(f)]; };
    const auto whose = [](bool blank) { return blank ? owner::never_set : owner::ours; };
    for (std::size_t i = 0; i < directory::text_field_count; ++i) {
        const auto f = static_cast<field>(i);
        if (f == field::manager_id || f == field::manager_name) continue;
        if (row.keeps(f) || (f == field::email && keep_email)) continue;
        const auto value = row.values.get(f);
        const auto& before = who.after.text[i];
        if (value == before) continue;
        // LA-18: never blank a required field. LA-19: what an admin set survives a blank.
        if (value.empty() && (is_required(f) || own(f) != owner::ours)) continue;
        const auto by = fresh ? way{step_kind::create, birth} : way_of(f, before, value, settings);
        draft_.set(who, by.kind, attribute_of(f), value, whose(value.empty()), by.rule);
    }
    // Dates are always updates, withdrawn ones too: the state depends on them, and must not move
    // while they are held with other blanks (G-5).
    const auto set_day = [&](field f, date before, date value) {
        if (value == before || row.keeps(f)) return;
        if (!value.is_set() && own(f) != owner::ours) return;
        const auto by = fresh ? way{step_kind::create, birth}
                              : way{step_kind::update, learnamp() ? "LA-3" : "WT-2"};
        draft_.set(who, by.kind, attribute_of(f), to_string(value), whose(!value.is_set()),
                   by.rule);
    };
    set_day(field::start_date, who.after.start_date, row.values.start_date);
    set_day(field::leaving_date, who.after.leaving_date, row.values.leaving_date);
    set_manager_wish(who, row, fresh);
}

// Who is wanted as the manager; the managers pass finds out who that is. Both ways of naming one
// are one wish, and it is ours or an admin's as a whole.
void users_pass::set_manager_wish(draft::person& who, const changed_row& row, bool fresh) {
    if (row.keeps(field::manager_id)) return;
    auto& ownership = who.after.meta.ownership;
    auto& whose = ownership[static_cast<std::size_t>(field::manager_id)];
    const auto by_name = ownership[static_cast<std::size_t>(field::manager_name)];
    const auto id = row.values.get(field::manager_id);
    const auto name = row.values.get(field::manager_name);
    const bool blank = id.empty() && name.empty();
    const bool ours = whose == owner::ours || (whose == owner::never_set && by_name == owner::ours);
    if (blank && !ours) return; // LA-36: a manual one stays
    const auto kind = fresh   ? step_kind::create
                      : blank ? step_kind::clear_manager
                              : step_kind::set_manager;
    const bool option_off = !draft_.settings.manager_from_reports_to;
    const char* rule = !learnamp()           ? "WT-11"
                       : blank && option_off ? "LA-36"
                       : blank               ? "LA-38"
                       : id.empty()          ? "LA-39"
                                             : "LA-36";
    const auto to = blank ? owner::never_set : owner::ours;
    draft_.set(who, kind, attribute::manager_id, id, to, rule);
    draft_.set(who, kind, attribute::manager_name, name, to, rule);
    // LA-3: where the source names somebody, an override by hand ends even if the wish is the same.
    if (!blank) whose = owner::ours;
}

// False: the state stays other than the source has it.
bool users_pass::set_state(draft::person& who, const changed_row& row) {
    if (!row.state_known) return true;
    if (row.left) return departures_.deactivate(who, departures::reason::left);
    const auto& meta = who.after.meta;
    if (meta.state == user_state::active) return true;
    const auto id = row.values.get(field::external_id);
    const auto* ruling = draft_.of.decisions.find(issue_kind::manual_deactivation, id);
    const bool decided = ruling != nullptr && ruling->what == ruling_of_conflict::reactivate &&
                         ruling->uid == meta.uid;
    if (meta.deactivated_by_us) {
        draft_.set(who, step_kind::reactivate, attribute::state, "active", owner::ours,
                   learnamp() ? "LA-17" : "WT-9");
    } else if (decided || draft_.settings.reactivation == reactivation::hr_wins) {
        draft_.set(who, step_kind::reactivate, attribute::state, "active", owner::ours, "LA-16");
    } else {
        // LA-16: an admin's deactivation stands.
        draft_.report(issue_kind::manual_deactivation, id, {}, "state", "LA-16");
    }
    return true;
}

void users_pass::give_up_id(user_ref which, std::string_view rule) {
    auto& who = draft_.edit(which);
    draft_.set(who, step_kind::relink, attribute::external_id, {}, owner::never_set, rule);
    who.after.meta.fingerprint = 0;
}

// WT-4, literal mode: the address of an id moved to another user. The one left behind keeps its
// history and loses the id, which makes it a missing person.
void users_pass::unlink_left_behind() {
    if (draft_.settings.link_key != link_key::email) return;
    for (const auto row : order_) {
        const auto& who = identities_[row];
        if (who.what != verdict::create && who.what != verdict::relink) continue;
        const auto id = draft_.from->changed[row].values.get(field::external_id);
        const auto behind = draft_.of.users.find_by_id(id);
        if (behind == user_ref::none || draft_.find(behind) != nullptr) continue;
        give_up_id(behind, "WT-4");
    }
}

// ---- those without a row
// -------------------------------------------------------------------------

bool users_pass::worth_a_look(const directory::user_brief& user) const {
    const bool ours_and_here = user.managed && user.state == user_state::active;
    if (draft_.from == nullptr) return ours_and_here && leaving_has_ended(user, draft_.today);
    if (user.epoch == draft_.from->epoch) return user.missing != 0;
    // G-3 concerns people whom we manage and who are still with us.
    return ours_and_here;
}

void users_pass::look_at(user_ref which) {
    const auto& users = draft_.of.users;
    if (draft_.find(which) != nullptr) return; // a row was about this user
    if (users.text(which, field::external_id).empty()) return;
    if (draft_.from == nullptr) {
        if (!acts_by_calendar(users.meta(which))) return;
        // Refused ones are reported, and looked at again by the next sweep.
        static_cast<void>(departures_.deactivate(draft_.edit(which), departures::reason::left));
    } else if (users.epoch(which) == draft_.from->epoch) {
        draft_.set(draft_.edit(which), step_kind::note_found, attribute::missing, "0",
                   owner::never_set, "G-3");
    } else {
        look_at_absence(which);
    }
}

void users_pass::look_at_absence(user_ref which) {
    const auto& settings = draft_.settings;
    auto& who = draft_.edit(which);
    ++draft_.counts.missing;
    // The absences of a stored snapshot were counted when it was new.
    const int more = draft_.from->replay ? 0 : 1;
    const int seen = std::min<int>(who.after.meta.missing + more, settings.missing_after);
    draft_.set(who, step_kind::note_missing, attribute::missing, std::to_string(seen),
               owner::never_set, "G-3");
    if (seen < settings.missing_after) return;
    draft_.report(issue_kind::missing_person, who.after.get(field::external_id), {}, "", "G-3");
    if (settings.missing_policy == missing_policy::deactivate) {
        static_cast<void>(departures_.deactivate(who, departures::reason::missing));
    }
}

bool leaving_has_ended(const directory::user_brief& user, date today) noexcept {
    // A start after it makes it the date of an employment before this one, as in has_left().
    return user.leaving_date.is_set() && user.leaving_date < today &&
           (!user.start_date.is_set() || user.start_date <= user.leaving_date);
}

bool acts_by_calendar(const directory::user_meta& user) noexcept {
    return user.fingerprint != 0 &&
           user.ownership[static_cast<std::size_t>(field::leaving_date)] == owner::ours;
}

} // namespace rollcall::sync
