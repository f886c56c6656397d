// Where a person decides: edits, holds, conflicts, invitations, undo. Each verb takes the tenant's
// lock, lets pure code say which steps it means, and enacts them as a run does.
#include "rollcall/sync/desk.hpp"

#include <algorithm>

#include "desk_decisions.hpp"
#include "edits.hpp"
#include "fleet_impl.hpp"
#include "rollcall/core/text.hpp"
#include "rollcall/sync/row_pack.hpp"
#include "stored_rows.hpp"

namespace rollcall::sync {

using directory::user_ref;

namespace {

// Longer than a sweep of a large tenant takes, shorter than a person waits.
constexpr nanoseconds patience = seconds{25};

outcome<run_record> ended(const run_record& record) {
    if (record.result != run_outcome::failed) return record;
    return failure{record.code, record.detail};
}

} // namespace

task<outcome<tenant_lock>> fleet::impl::lock_for_desk(std::string name) {
    const auto until = home.now() + patience;
    for (;;) {
        if (draining) co_return failure{errc::shutting_down, "the daemon is shutting down"};
        auto* t = find(name);
        if (t == nullptr) co_return failure{errc::not_found, no_such_tenant(name)};
        if (t->damaged) co_return failure{errc::corrupt, t->record.stopped_detail};
        if (!t->locked) {
            t->locked = true;
            co_return tenant_lock(*this, *t);
        }
        if (home.now() >= until) {
            co_return failure{errc::busy,
                              "a sync of '" + name + "' is under way; try again when it has ended"};
        }
        co_await progress.wait_until(until);
    }
}

namespace {

// What all verbs that change something do with what they propose.
task<outcome<run_record>> do_by_hand(fleet::impl& f, live_tenant& t, run_cause cause, proposal p) {
    auto record = f.begin_record(t, cause);
    (void)co_await f.enact(t, std::move(p), record);
    f.count(record);
    f.log_end(t, record);
    co_return ended(record);
}

// Runs `steps_of(books, settings)`, which gives steps or a failure, under the tenant's lock.
template <class Steps>
task<outcome<run_record>> edit_by_hand(fleet::impl& f, std::string tenant, Steps steps_of) {
    const auto lock = co_await f.lock_for_desk(std::move(tenant));
    if (!lock) co_return lock.error();
    auto& t = lock->tenant();
    steps_or_failure steps = steps_of(t.books, t.settings);
    if (!steps) co_return steps.error();
    proposal p;
    p.what.steps = std::move(*steps);
    co_return co_await do_by_hand(f, t, run_cause::manual, std::move(p));
}

// `find(books, NAME)` gives whom or what it is about, or a failure; `steps_of` also gets that.
template <class Find, class Name, class Steps>
task<outcome<run_record>> edit_found(fleet::impl& f, std::string tenant, Find find, Name name,
                                     Steps steps_of) {
    co_return co_await edit_by_hand(
        f, std::move(tenant), [&](const books& of, const tenant_settings& s) -> steps_or_failure {
            const auto found = find(of, name);
            if (!found) return found.error();
            return steps_of(of, s, *found);
        });
}

outcome<std::vector<user_ref>> find_people(const books& of,
                                           const std::vector<std::string>& people) {
    std::vector<user_ref> out;
    for (const auto& each : people) {
        const auto found = find_person(of, each);
        if (!found) return found.error();
        if (std::ranges::find(out, *found) == out.end()) out.push_back(*found);
    }
    return out;
}

} // namespace

// ---- people and teams ----

task<outcome<run_record>> desk::add_user(std::string tenant, std::vector<edit> fields) {
    co_return co_await edit_by_hand(
        *fleet_.impl_, std::move(tenant),
        [&](const books& of, const tenant_settings& s) { return adding_user(of, s, fields); });
}

task<outcome<run_record>> desk::edit_user(std::string tenant, std::string person,
                                          std::vector<edit> fields) {
    co_return co_await edit_found(*fleet_.impl_, std::move(tenant), find_person, std::move(person),
                                  [&](const books& of, const tenant_settings& s, user_ref who) {
                                      return editing_user(of, s, who, fields);
                                  });
}

task<outcome<run_record>> desk::delete_user(std::string tenant, std::string person) {
    co_return co_await edit_found(*fleet_.impl_, std::move(tenant), find_person, std::move(person),
                                  [](const books& of, const tenant_settings&, user_ref who) {
                                      return deleting_user(of, who);
                                  });
}

task<outcome<run_record>> desk::add_team(std::string tenant, std::vector<edit> fields) {
    co_return co_await edit_by_hand(
        *fleet_.impl_, std::move(tenant),
        [&](const books& of, const tenant_settings&) { return adding_team(of, fields); });
}

task<outcome<run_record>> desk::edit_team(std::string tenant, std::string team,
                                          std::vector<edit> fields) {
    co_return co_await edit_found(
        *fleet_.impl_, std::move(tenant), find_team, std::move(team),
        [&](const books& of, const tenant_settings&, std::uint32_t which) {
            return editing_team(of, which, fields);
        });
}

task<outcome<run_record>> desk::delete_team(std::string tenant, std::string team) {
    co_return co_await edit_found(*fleet_.impl_, std::move(tenant), find_team, std::move(team),
                                  [](const books& of, const tenant_settings&, std::uint32_t which) {
                                      return deleting_team(of, which);
                                  });
}

task<outcome<run_record>> desk::set_member(std::string tenant, std::string team, std::string person,
                                           bool member) {
    co_return co_await edit_found(
        *fleet_.impl_, std::move(tenant), find_team, std::move(team),
        [&](const books& of, const tenant_settings&, std::uint32_t which) -> steps_or_failure {
            const auto who = find_person(of, person);
            if (!who) return who.error();
            return setting_member(of, which, *who, member);
        });
}

// ---- holds ----

task<outcome<run_record>> desk::approve(std::string tenant, std::string digest,
                                        std::vector<guard> guards) {
    auto& f = *fleet_.impl_;
    const auto lock = co_await f.lock_for_desk(std::move(tenant));
    if (!lock) co_return lock.error();
    auto& t = lock->tenant();
    if (auto wrong = cannot_decide(t.books.held, digest, guards)) co_return *wrong;
    auto done = co_await do_by_hand(f, t, run_cause::approval,
                                    approving(t.books, t.settings, guards, f.home.wall_now()));
    // What had moved meanwhile is planned again (G-6), and so is what waited for these steps.
    if (done) (void)co_await f.replan(t);
    co_return done;
}

task<outcome<void>> desk::reject(std::string tenant, std::string digest,
                                 std::vector<guard> guards) {
    auto& f = *fleet_.impl_;
    const auto lock = co_await f.lock_for_desk(std::move(tenant));
    if (!lock) co_return lock.error();
    auto& t = lock->tenant();
    if (auto wrong = cannot_decide(t.books.held, digest, guards)) co_return *wrong;
    auto record = f.begin_record(t, run_cause::approval);
    record.detail = "rejected by a person";
    (void)co_await f.enact(t, rejecting(t.books, guards), record);
    if (record.result == run_outcome::failed) co_return failure{record.code, record.detail};
    (void)co_await f.replan(t);
    co_return outcome<void>();
}

// ---- conflicts ----

namespace {

// The decisions of a tenant changed, and shows at once.
task<outcome<run_record>> decide(fleet::impl& f, live_tenant& t, decisions now) {
    proposal p;
    p.decided = std::move(now);
    const auto done = co_await do_by_hand(f, t, run_cause::resolve, std::move(p));
    if (!done) co_return done;
    co_return ended(co_await f.replan(t));
}

} // namespace

task<outcome<run_record>> desk::resolve(std::string tenant, issue_kind kind,
                                        std::string external_id, ruling_of_conflict how) {
    auto& f = *fleet_.impl_;
    const auto lock = co_await f.lock_for_desk(std::move(tenant));
    if (!lock) co_return lock.error();
    auto& t = lock->tenant();
    std::string packed;
    if (is_about_an_address(kind)) {
        if (auto stored = co_await f.storage.snapshot(t.record.key))
            packed = std::move(stored->rows);
    }
    row_unpacker rows(packed);
    source_row row;
    const bool known = find_record(external_id, rows, row);
    const auto made =
        deciding(t.books, kind, external_id, how, known ? &row : nullptr, f.home.wall_now());
    if (!made) co_return made.error();
    auto decided = t.books.decisions;
    decided.put(*made);
    co_return co_await decide(f, t, std::move(decided));
}

task<outcome<void>> desk::reopen(std::string tenant, issue_kind kind, std::string external_id) {
    auto& f = *fleet_.impl_;
    const auto lock = co_await f.lock_for_desk(std::move(tenant));
    if (!lock) co_return lock.error();
    auto& t = lock->tenant();
    auto decided = t.books.decisions;
    if (!decided.erase(kind, external_id)) {
        co_return failure{errc::not_found, "nothing was decided about '" + external_id + "'"};
    }
    const auto done = co_await decide(f, t, std::move(decided));
    if (!done) co_return done.error();
    co_return outcome<void>();
}

// ---- invitations ----

task<outcome<run_record>> desk::invite(std::string tenant, std::vector<std::string> people) {
    auto& f = *fleet_.impl_;
    co_return co_await edit_found(
        f, std::move(tenant), find_people, std::move(people),
        [&](const books& of, const tenant_settings&, const std::vector<user_ref>& who) {
            return inviting(of, who, f.home.wall_now());
        });
}

task<outcome<run_record>> desk::cancel_invitations(std::string tenant,
                                                   std::vector<std::string> people) {
    co_return co_await edit_found(
        *fleet_.impl_, std::move(tenant), find_people, std::move(people),
        [](const books& of, const tenant_settings&, const std::vector<user_ref>& who) {
            return cancelling(of, who);
        });
}

task<outcome<run_record>> desk::confirm_invitation(std::string tenant, std::string person) {
    co_return co_await edit_found(
        *fleet_.impl_, std::move(tenant), find_person, std::move(person),
        [](const books& of, const tenant_settings&, user_ref who) { return confirming(of, who); });
}

task<outcome<shown_plan>> desk::plan_go_live(std::string tenant) {
    auto& f = *fleet_.impl_;
    const auto lock = co_await f.lock_for_desk(std::move(tenant));
    if (!lock) co_return lock.error();
    auto& t = lock->tenant();
    co_return going_live(co_await f.plan_for(t, nullptr, t.settings));
}

task<outcome<run_record>> desk::go_live(std::string tenant, std::string digest) {
    auto& f = *fleet_.impl_;
    const auto lock = co_await f.lock_for_desk(std::move(tenant));
    if (!lock) co_return lock.error();
    auto& t = lock->tenant();
    if (t.books.live) {
        co_return failure{errc::already_exists, "the tenant is live already"};
    }
    auto shown = going_live(co_await f.plan_for(t, nullptr, t.settings));
    if (digest != shown.digest) co_return not_as_shown("whom this would invite");
    co_return co_await do_by_hand(f, t, run_cause::approval,
                                  go_live_with(t.books, std::move(shown), f.home.wall_now()));
}

// ---- settings and undo ----

task<outcome<shown_plan>> desk::what_if(std::string tenant, tenant_settings settings) {
    auto& f = *fleet_.impl_;
    if (auto wrong = contradictions(settings); !wrong.empty()) co_return wrong.front();
    const auto lock = co_await f.lock_for_desk(tenant);
    if (!lock) co_return lock.error();
    auto& t = lock->tenant();
    const auto from = co_await f.replay(t, settings);
    if (!from) {
        co_return failure{errc::not_found, "no snapshot of '" + tenant +
                                               "' is stored yet, so that nothing can be said "
                                               "without a sync; try 'sync --preview'"};
    }
    shown_plan out;
    if (!from->company_matched) {
        auto why = "no employee has the Company '" + settings.company +
                   "', so that every run would be held and change nothing (LA-6)";
        if (!from->company_near_miss.empty()) {
            why += "; did you mean '" + from->company_near_miss + "'?";
        }
        out.issues.push_back({issue_kind::company_unknown, {}, {}, "company", "LA-6"});
        out.cannot.push_back(std::move(why));
        out.digest = "company-unknown";
        co_return out;
    }
    auto made = co_await f.plan_for(t, from.get(), settings);
    auto kept = withhold(made, t.books, settings, f.home.wall_now());
    out.steps = std::move(made.steps);
    out.would_hold = std::move(kept.sections);
    out.issues = std::move(made.issues);
    out.counts = made.counts;
    count_steps(out.steps, out.counts);
    hold all;
    all.sections = out.would_hold;
    if (!out.steps.empty()) all.sections.push_back({guard::none, {}, out.steps});
    if (!all.empty()) {
        seal(all);
        out.digest = all.digest;
    }
    co_return out;
}

namespace {

task<outcome<shown_plan>> undoing_run(fleet::impl& f, live_tenant& t, std::uint64_t run) {
    constexpr std::size_t page = 10'000;
    std::vector<step> done;
    std::vector<std::string> cannot;
    audit_query query;
    query.run = run;
    query.from = 1;
    query.limit = page;
    for (;;) {
        auto entries = co_await f.storage.audit(t.record.key, query);
        if (!entries) {
            co_return failure{errc_of(entries.error()),
                              "the audit can not be read: " + entries.error().message()};
        }
        for (auto& each : *entries) {
            if (!each.readable) {
                cannot.emplace_back("a step of a person who was erased");
            } else {
                done.push_back(std::move(each.step));
            }
        }
        if (entries->size() < page) break;
        query.from = entries->back().number + 1;
    }
    if (done.empty() && cannot.empty()) {
        co_return failure{errc::not_found, "tenant '" + t.record.name + "' has no run " +
                                               std::to_string(run) + " that changed anything"};
    }
    auto out = undoing(t.books, done);
    if (out) out->cannot.insert(out->cannot.begin(), cannot.begin(), cannot.end());
    co_return out;
}

} // namespace

task<outcome<shown_plan>> desk::plan_undo(std::string tenant, std::uint64_t run) {
    auto& f = *fleet_.impl_;
    const auto lock = co_await f.lock_for_desk(std::move(tenant));
    if (!lock) co_return lock.error();
    co_return co_await undoing_run(f, lock->tenant(), run);
}

task<outcome<run_record>> desk::undo(std::string tenant, std::uint64_t run, std::string digest) {
    auto& f = *fleet_.impl_;
    const auto lock = co_await f.lock_for_desk(std::move(tenant));
    if (!lock) co_return lock.error();
    auto& t = lock->tenant();
    auto shown = co_await undoing_run(f, t, run);
    if (!shown) co_return shown.error();
    if (shown->steps.empty()) {
        co_return failure{errc::invalid_argument, "nothing of this run can be taken back"};
    }
    if (digest != shown->digest) co_return not_as_shown("what this would take back");
    proposal p;
    p.what.steps = std::move(shown->steps);
    co_return co_await do_by_hand(f, t, run_cause::undo, std::move(p));
}

} // namespace rollcall::sync
