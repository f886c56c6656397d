// What people do to the harness's tenant: edits, decisions about holds and conflicts, settings,
// undo, questions; and the restart.
#include <algorithm>
#include <iterator>

#include "rollcall/core/text.hpp"
#include "rollcall/sync/row_pack.hpp"
#include "sync/desk_decisions.hpp"
#include "sync/edits.hpp"
#include "sync/present_hold.hpp"
#include "sync/stored_rows.hpp"
#include "tenant_harness.hpp"

namespace rollcall::test {

using sync::guard;
using sync::run_cause;
using sync::run_outcome;

namespace {

event_report refused(const failure& why) {
    event_report out;
    out.result = run_outcome::failed;
    out.code = why.code;
    out.detail = why.detail;
    return out;
}

} // namespace

// ---- a person ----

event_report tenant_harness::by_hand(run_cause cause, sync::proposal p) {
    auto out = enact(std::move(p), begin_record(cause));
    out.issues = books.issues;
    return out;
}

event_report tenant_harness::edit(const steps_of& what) {
    auto steps = what(books);
    if (!steps) return refused(steps.error());
    sync::proposal p;
    p.what.steps = std::move(*steps);
    return by_hand(run_cause::manual, std::move(p));
}

event_report tenant_harness::approve(std::vector<guard> guards,
                                     const std::optional<std::string>& digest) {
    if (const auto why =
            sync::cannot_decide(books.held, digest.value_or(books.held.digest), guards)) {
        return refused(*why);
    }
    auto out = by_hand(run_cause::approval, sync::approving(books, settings, guards, now_));
    append(out, replan());
    return out;
}

event_report tenant_harness::reject(std::vector<guard> guards,
                                    const std::optional<std::string>& digest) {
    if (const auto why =
            sync::cannot_decide(books.held, digest.value_or(books.held.digest), guards)) {
        return refused(*why);
    }
    (void)by_hand(run_cause::approval, sync::rejecting(books, guards));
    return replan();
}

event_report tenant_harness::resolve(sync::issue_kind kind, std::string_view external_id,
                                     sync::ruling_of_conflict how) {
    const std::string id(external_id);
    sync::row_unpacker rows(stored_.rows);
    sync::source_row row;
    const bool known = sync::find_record(id, rows, row);
    const auto made = sync::deciding(books, kind, id, how, known ? &row : nullptr, now_);
    if (!made) return refused(made.error());
    sync::proposal p;
    p.decided = books.decisions;
    p.decided->put(*made);
    (void)by_hand(run_cause::resolve, std::move(p));
    return replan();
}

event_report tenant_harness::change_settings(const sync::tenant_settings& to) {
    settings = to;
    return replan();
}

event_report tenant_harness::what_if(const sync::tenant_settings& with) {
    const auto from = replay(with);
    if (!from) return refused({errc::not_found, "no snapshot is stored yet"});
    event_report out;
    if (!from->company_matched) {
        out.result = run_outcome::held;
        out.code = errc::held;
        out.issues.push_back({sync::issue_kind::company_unknown, {}, {}, "company", "LA-6"});
        return out;
    }
    auto made = plan_for(from.get(), with);
    const auto kept = sync::withhold(made, books, with, now_);
    out.result = run_outcome::previewed;
    out.steps = std::move(made.steps);
    out.issues = std::move(made.issues);
    out.detail = sync::reasons_of(kept.sections);
    return out;
}

event_report tenant_harness::go_live() {
    if (books.live) return refused({errc::already_exists, "the tenant is live already"});
    auto shown = sync::going_live(plan_for(nullptr, settings));
    return by_hand(run_cause::approval, sync::go_live_with(books, std::move(shown), now_));
}

event_report tenant_harness::undo(std::size_t run) {
    if (run == 0) run = runs.size();
    if (run == 0 || run > runs.size()) return refused({errc::not_found, "there is no such run"});
    auto shown = sync::undoing(books, runs[run - 1]);
    if (!shown) return refused(shown.error());
    sync::proposal p;
    p.what.steps = std::move(shown->steps);
    auto out = by_hand(run_cause::undo, std::move(p));
    out.cannot = std::move(shown->cannot);
    return out;
}

event_report tenant_harness::erase(directory::user_ref who) {
    const auto whom =
        sync::whom_to_erase(books, "uid:" + std::to_string(books.users.meta(who).uid));
    auto p = sync::erasing(books, whom, {});
    p.snapshot = sync::repacked(stored_, settings, [&](const sync::source_row& row) {
        return trim(row.get(sync::source_field::employee_id)) != whom.external_id;
    });
    return by_hand(run_cause::manual, std::move(p));
}

// ---- questions ----

sync::explanation tenant_harness::explain(std::string_view person) const {
    sync::explain_input about{books, settings};
    about.asked = person;
    about.now = now_;
    about.snapshot_taken = last_success_;
    if (const auto who = sync::find_person(books, person)) about.user = *who;
    std::string id(person);
    std::vector<sync::audit_entry> history;
    if (about.user != directory::user_ref::none) {
        id = books.users.text(about.user, directory::field::external_id);
        const auto uid = books.users.meta(about.user).uid;
        for (const auto& each : audit) {
            if (sync::subject_of(each.step.kind) == sync::subject_kind::user &&
                each.step.subject == uid) {
                history.push_back(each);
            }
        }
        std::ranges::reverse(history);
        about.history = history;
    }
    const auto names = sync::extra_names_of(settings);
    sync::row_unpacker rows(stored_.rows);
    rows.wanted(names);
    sync::source_row row;
    if (sync::find_record(id, rows, row)) about.row = &row;
    return sync::explain(about);
}

// ---- a restart ----

void tenant_harness::restart() {
    sync::books fresh;
    std::vector<directory::user_data> users;
    books.users.for_each([&](directory::user_ref each) { users.push_back(user_of(books, each)); });
    std::ranges::sort(users, {}, [](const auto& each) { return each.meta.uid; });
    for (const auto& each : users) fresh.users.put(each);
    for (const auto& each : books.teams.all()) (void)fresh.teams.put(each);
    for (const auto& each : books.teams.secondary()) (void)fresh.teams.add_member(each);
    for (const auto& each : books.invitations.all()) fresh.invitations.put(each);
    fresh.decisions.set(books.decisions.all());
    fresh.issues = books.issues;
    fresh.held = books.held;
    fresh.rejected = books.rejected;
    fresh.gate = sync::gate_memory::from_text(books.gate.to_text());
    fresh.breakers = sync::breaker_memory::from_text(books.breakers.to_text());
    fresh.next_uid = books.next_uid;
    fresh.next_team = books.next_team;
    fresh.imported = books.imported;
    fresh.live = books.live;
    fresh.erasure_salt = books.erasure_salt;
    fresh.erased = books.erased;
    fresh.invited = books.invited;
    books = std::move(fresh);
    epoch_ = 0;
}

} // namespace rollcall::test
