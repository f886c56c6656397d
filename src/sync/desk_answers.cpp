// What a person asks: views of the books, explanations, forecasts, the audit; and the erasure of a
// person, which is an answer to a request of theirs.
#include <algorithm>
#include <map>

#include "desk_decisions.hpp"
#include "edits.hpp"
#include "fleet_impl.hpp"
#include "rollcall/core/text.hpp"
#include "rollcall/sync/desk.hpp"
#include "rollcall/sync/row_pack.hpp"
#include "stored_rows.hpp"

namespace rollcall::sync {

using directory::field;
using directory::user_ref;

namespace {

failure unreadable(const boost::system::error_code& code) {
    return {errc_of(code), "the store can not be read: " + code.message()};
}

std::optional<doubted_read> doubt_of(const live_tenant& t) {
    if (t.held_because.empty()) return std::nullopt;
    return make_doubted_read(t.held_rule, t.held_because, t.progress.last_attempt);
}

// Whom a row has to be of: of this PeopleHR id, or without one of this address.
struct row_wanted {
    std::string id;
    std::string folded_email;
    std::vector<std::string> extra_names;
};

// The person's row of a stored snapshot, if they are in it, in slices: a large tenant's snapshot is
// long. The row's views are of `packed` and `rows`. All must outlive the task.
task<bool> find_row(fleet::impl& f, const row_wanted& who, const std::string& packed,
                    row_unpacker& rows, source_row& into) {
    rows = row_unpacker(packed);
    rows.wanted(who.extra_names);
    std::string scratch;
    for (std::size_t i = 1; rows.next(into); ++i) {
        if (!who.id.empty() && trim(into.get(source_field::employee_id)) == who.id) co_return true;
        if (who.id.empty() && !who.folded_email.empty() &&
            fold(trim(into.get(source_field::email)), scratch) == who.folded_email) {
            co_return true;
        }
        if (i % f.options.rows_per_slice == 0) co_await f.home.yield();
    }
    co_return false;
}

} // namespace

outcome<directory::user_data> desk::user(const std::string& tenant,
                                         const std::string& person) const {
    const auto* of = fleet_.books_of(tenant);
    if (of == nullptr) return failure{errc::not_found, fleet_.impl_->no_such_tenant(tenant)};
    const auto found = find_person(*of, person);
    if (!found) return found.error();
    return copy_of(*of, *found);
}

outcome<std::vector<team_view>> desk::teams(const std::string& tenant) const {
    const auto* of = fleet_.books_of(tenant);
    if (of == nullptr) return failure{errc::not_found, fleet_.impl_->no_such_tenant(tenant)};
    std::map<std::string, std::uint32_t, std::less<>> active; // by folded department
    std::string scratch;
    of->users.for_each([&](user_ref each) {
        if (!of->users.is_active(each)) return;
        const auto folded = fold(of->users.text(each, field::department), scratch);
        const auto place = active.find(folded);
        if (place == active.end()) {
            active.emplace(std::string(folded), 1u);
        } else {
            ++place->second;
        }
    });
    std::map<std::uint32_t, std::uint32_t> secondary;
    for (const auto& each : of->teams.secondary()) ++secondary[each.team];
    std::vector<team_view> out;
    for (const auto& each : of->teams.all()) {
        team_view view;
        view.team = each;
        if (const auto* parent = of->teams.find(each.parent)) view.parent_name = parent->name;
        if (each.manager != 0) {
            const auto ref = of->users.find_by_uid(each.manager);
            if (ref != user_ref::none) view.manager = label_of(copy_of(*of, ref));
        }
        if (const auto place = active.find(each.key); !each.key.empty() && place != active.end()) {
            view.members = place->second;
        }
        view.secondary = secondary[each.id];
        out.push_back(std::move(view));
    }
    return out;
}

outcome<hold> desk::held(const std::string& tenant) const {
    const auto* of = fleet_.books_of(tenant);
    if (of == nullptr) return failure{errc::not_found, fleet_.impl_->no_such_tenant(tenant)};
    return of->held;
}

std::vector<std::pair<std::string, hold>> desk::all_held() const {
    std::vector<std::pair<std::string, hold>> out;
    for (const auto& [name, t] : fleet_.impl_->by_name) {
        if (!t->hidden && !t->books.held.empty()) out.emplace_back(name, t->books.held);
    }
    return out;
}

outcome<std::optional<doubted_read>> desk::doubted(const std::string& tenant) const {
    const auto* t = fleet_.impl_->find(tenant);
    if (t == nullptr) return failure{errc::not_found, fleet_.impl_->no_such_tenant(tenant)};
    return doubt_of(*t);
}

std::vector<std::pair<std::string, doubted_read>> desk::all_doubted() const {
    std::vector<std::pair<std::string, doubted_read>> out;
    for (const auto& [name, t] : fleet_.impl_->by_name) {
        if (t->hidden) continue;
        if (auto doubt = doubt_of(*t)) out.emplace_back(name, std::move(*doubt));
    }
    return out;
}

outcome<std::vector<conflict_view>> desk::conflicts(const std::string& tenant) const {
    const auto* of = fleet_.books_of(tenant);
    if (of == nullptr) return failure{errc::not_found, fleet_.impl_->no_such_tenant(tenant)};
    std::vector<conflict_view> out;
    for (const auto& each : of->issues) {
        const auto choices = rulings_for(each.kind);
        if (choices.empty()) continue;
        conflict_view view;
        view.what = each;
        view.choices.assign(choices.begin(), choices.end());
        if (const auto* made = of->decisions.find(each.kind, each.external_id))
            view.decided = *made;
        out.push_back(std::move(view));
    }
    // What was decided, and is therefore no issue any more, can be opened again.
    for (const auto& each : of->decisions.all()) {
        const bool shown = std::any_of(out.begin(), out.end(), [&](const conflict_view& v) {
            return v.what.kind == each.kind && v.what.external_id == each.external_id;
        });
        if (shown) continue;
        conflict_view view;
        view.what.kind = each.kind;
        view.what.external_id = each.external_id;
        view.decided = each;
        out.push_back(std::move(view));
    }
    return out;
}

outcome<std::vector<invitation_view>> desk::invitations(const std::string& tenant) const {
    const auto* of = fleet_.books_of(tenant);
    if (of == nullptr) return failure{errc::not_found, fleet_.impl_->no_such_tenant(tenant)};
    const auto now = fleet_.impl_->home.wall_now();
    absl::flat_hash_set<std::uint32_t> kept;
    for (const auto& section : of->held.sections) {
        for (const auto& each : section.steps) {
            if (each.kind == step_kind::send_invitation) kept.insert(each.subject);
        }
    }
    absl::flat_hash_map<std::uint32_t, user_ref> users;
    of->users.for_each([&](user_ref each) { users.emplace(of->users.meta(each).uid, each); });
    std::vector<invitation_view> out;
    for (const auto& each : of->invitations.all()) {
        invitation_view view;
        view.what = each;
        if (each.state == invitation_state::scheduled && each.due <= now) {
            view.what.state = invitation_state::due;
        }
        view.waits_for_live =
            each.state == invitation_state::scheduled && each.first_load && !of->live;
        view.held = kept.contains(each.uid);
        if (const auto place = users.find(each.uid); place != users.end()) {
            const auto user = copy_of(*of, place->second);
            view.external_id = user.get(field::external_id);
            view.email = user.get(field::email);
            view.name = full_name_of(user);
        }
        out.push_back(std::move(view));
    }
    return out;
}

outcome<std::vector<forecast_entry>> desk::forecast(const std::string& tenant, int days) const {
    const auto* t = fleet_.impl_->find(tenant);
    if (t == nullptr) return failure{errc::not_found, fleet_.impl_->no_such_tenant(tenant)};
    return sync::forecast(t->books, t->settings, fleet_.impl_->home.wall_now(), days, doubt_of(*t));
}

task<outcome<explanation>> desk::explain(std::string tenant, std::string person,
                                         std::optional<wall_time> at) {
    constexpr std::size_t history_max = 100;
    auto& f = *fleet_.impl_;
    auto* t = f.find(tenant);
    if (t == nullptr) co_return failure{errc::not_found, f.no_such_tenant(tenant)};
    const auto key = t->record.key;
    const auto stored = co_await f.storage.snapshot(key);
    if (!stored && errc_of(stored.error()) != errc::not_found) co_return unreadable(stored.error());

    // The books may have changed at each suspension: they are looked at between two only.
    t = f.find(tenant);
    if (t == nullptr) co_return failure{errc::not_found, f.no_such_tenant(tenant)};
    std::optional<std::uint32_t> uid;
    if (const auto who = find_person(t->books, person)) uid = t->books.users.meta(*who).uid;
    std::vector<audit_entry> history;
    if (uid) {
        audit_query query;
        query.uid = uid;
        query.limit = at ? std::size_t{100'000} : history_max;
        auto read = co_await f.storage.audit(key, query);
        if (!read) co_return unreadable(read.error());
        history = std::move(*read);
        t = f.find(tenant);
        if (t == nullptr) co_return failure{errc::not_found, f.no_such_tenant(tenant)};
    }
    row_wanted who{std::string(trim(person)), {}, extra_names_of(t->settings)};
    if (uid) {
        const auto ref = t->books.users.find_by_uid(*uid);
        if (ref != user_ref::none) who.id = t->books.users.text(ref, field::external_id);
    }
    std::string scratch;
    who.folded_email = fold(trim(person), scratch);
    row_unpacker rows{std::string_view()};
    source_row row;
    bool in_source = stored && co_await find_row(f, who, stored->rows, rows, row);
    if (stored && !in_source && !uid) {
        who.id.clear();
        in_source = co_await find_row(f, who, stored->rows, rows, row);
    }
    t = f.find(tenant);
    if (t == nullptr) co_return failure{errc::not_found, f.no_such_tenant(tenant)};
    explain_input about{.of = t->books, .settings = t->settings};
    about.user = uid ? t->books.users.find_by_uid(*uid) : user_ref::none;
    about.row = in_source ? &row : nullptr;
    about.asked = person;
    about.history = history;
    about.now = f.home.wall_now();
    about.at = at;
    if (stored) about.snapshot_taken = stored->taken;
    about.doubted = doubt_of(*t);
    auto answer = sync::explain(about);
    if (!answer.known && !answer.in_source && !answer.erased) {
        co_return failure{errc::not_found, "neither the directory nor the last snapshot of '" +
                                               tenant + "' knows the PeopleHR id or e-mail '" +
                                               person + "'"};
    }
    co_return answer;
}

// ---- audit
// ---------------------------------------------------------------------------------------

task<outcome<std::vector<audit_entry>>> desk::audit(std::string tenant, audit_query what) {
    auto& f = *fleet_.impl_;
    const auto* t = f.find(tenant);
    if (t == nullptr) co_return failure{errc::not_found, f.no_such_tenant(tenant)};
    auto read = co_await f.storage.audit(t->record.key, what);
    if (!read) co_return unreadable(read.error());
    co_return std::move(*read);
}

task<outcome<audit_finding>> desk::verify_audit(std::string tenant) {
    auto& f = *fleet_.impl_;
    const auto* t = f.find(tenant);
    if (t == nullptr) co_return failure{errc::not_found, f.no_such_tenant(tenant)};
    auto read = co_await f.storage.verify_audit(t->record.key);
    if (!read) co_return unreadable(read.error());
    co_return std::move(*read);
}

namespace {

// All numbers that a person of this id or address ever had, from the audit: who was deleted and
// created again has several.
task<outcome<std::vector<std::uint32_t>>> numbers_of(fleet::impl& f, tenant_key tenant,
                                                     std::string id, std::string folded_email) {
    std::vector<std::uint32_t> out;
    audit_query query;
    query.from = 1;
    query.limit = 10'000;
    std::string scratch;
    const auto is_theirs = [&](const step& what) {
        if (!id.empty() && what.label == id) return true;
        return std::ranges::any_of(what.changes, [&](const change& c) {
            if (c.what == attribute::external_id) {
                return !id.empty() && (c.old_value == id || c.new_value == id);
            }
            return c.what == attribute::email && !folded_email.empty() &&
                   (fold(c.old_value, scratch) == folded_email ||
                    fold(c.new_value, scratch) == folded_email);
        });
    };
    for (;;) {
        const auto page = co_await f.storage.audit(tenant, query);
        if (!page) co_return unreadable(page.error());
        for (const auto& each : *page) {
            const bool user = subject_of(each.step.kind) == subject_kind::user;
            if (!user || !each.readable || !is_theirs(each.step)) continue;
            if (std::ranges::find(out, each.step.subject) == out.end()) {
                out.push_back(each.step.subject);
            }
        }
        if (page->size() < query.limit) co_return out;
        query.from = page->back().number + 1;
        co_await f.home.yield();
    }
}

} // namespace

task<outcome<run_record>> desk::erase(std::string tenant, std::string person, bool even_active) {
    auto& f = *fleet_.impl_;
    const auto lock = co_await f.lock_for_desk(std::move(tenant));
    if (!lock) co_return lock.error();
    auto& t = lock->tenant();
    const auto whom = whom_to_erase(t.books, person);
    const bool here = whom.uid != 0;
    if (here && t.books.users.is_active(t.books.users.find_by_uid(whom.uid)) && !even_active) {
        co_return failure{errc::invalid_argument,
                          "the user is active; whoever is erased loses the account at once and is "
                          "not created again: say --even-active if that is meant"};
    }
    // Also of somebody who is not in the directory any more the audit may know.
    auto numbers = co_await numbers_of(f, t.record.key, whom.external_id, whom.folded_email);
    if (!numbers) co_return numbers.error();
    if (!here && numbers->empty()) co_return find_person(t.books, person).error();
    auto record = f.begin_record(t, run_cause::manual);
    record.detail = "a person was erased; what the notice file had been given stays there";
    auto p = erasing(t.books, whom, std::move(*numbers));
    if (const auto stored = co_await f.storage.snapshot(t.record.key)) {
        p.snapshot = repacked(*stored, t.settings, [&](const source_row& row) {
            return trim(row.get(source_field::employee_id)) != whom.external_id;
        });
        t.stored_digest = stored->digest;
    }
    (void)co_await f.enact(t, std::move(p), record);
    f.count(record);
    f.log_end(t, record);
    if (record.result == run_outcome::failed) co_return failure{record.code, record.detail};
    // What was told of runs that ended lately names nobody any more either.
    for (auto& [number, ticket] : f.tickets) {
        if (ticket.tenant != t.record.key || !ticket.done) continue;
        auto blank = std::make_shared<run_record>(*ticket.done);
        blank->steps.clear();
        blank->issues.clear();
        ticket.done = ticket.previewed = std::move(blank);
    }
    // The answer names nobody any more.
    for (auto& each : record.steps) {
        each.changes.clear();
        each.label = "(erased)";
    }
    co_return record;
}

} // namespace rollcall::sync
