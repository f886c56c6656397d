// Where a person decides: edits, holds, conflicts, invitations, undo. Each verb takes the tenant's
// lock, lets pure code say which steps it means, and enacts them as a run does.
#include "rollcall/sync/desk.hpp"

#include <algorithm>

#include "edits.hpp"
#include "fleet_impl.hpp"
#include "rollcall/core/text.hpp"
#include "rollcall/sync/row_pack.hpp"

namespace rollcall::sync {

using directory::user_ref;

namespace {

// Longer than a sweep of a large tenant takes, shorter than a person waits.
constexpr nanoseconds patience = seconds{25};

outcome<run_record> ended(const run_record& record) {
    if (record.result != run_outcome::failed) return record;
    return failure{record.code, record.detail};
}

std::string digest_of_steps(std::span<const step> steps) {
    if (steps.empty()) return {};
    hold all;
    all.sections.push_back({guard::none, {}, {steps.begin(), steps.end()}});
    seal(all);
    return all.digest;
}

failure not_as_shown(std::string_view what) {
    return {errc::held,
            std::string(what) + " is no longer what was shown; look again, and use the new digest"};
}

} // namespace

task<outcome<live_tenant*>> fleet::impl::lock_for_desk(std::string name) {
    const auto until = home.now() + patience;
    for (;;) {
        if (draining) co_return failure{errc::shutting_down, "the daemon is shutting down"};
        auto* t = find(name);
        if (t == nullptr) co_return failure{errc::not_found, no_such_tenant(name)};
        if (t->damaged) co_return failure{errc::corrupt, t->record.stopped_detail};
        if (!t->locked) {
            t->locked = true;
            co_return t;
        }
        if (home.now() >= until) {
            co_return failure{errc::busy,
                              "a sync of '" + name + "' is under way; try again when it has ended"};
        }
        co_await progress.wait_until(until);
    }
}

namespace {

// What all verbs that change something do with their steps.
task<outcome<run_record>> do_by_hand(fleet::impl& f, live_tenant& t, run_cause cause,
                                     std::vector<step> steps, proposal p = {}) {
    auto record = f.begin_record(t, cause);
    p.what.steps = std::move(steps);
    p.rejected = t.books.rejected;
    (void)co_await f.enact(t, std::move(p), record);
    f.count(record);
    f.log_end(t, record);
    co_return ended(record);
}

// Runs `steps_of(books, settings)`, which gives steps or a failure, under the tenant's lock.
template <class Steps>
task<outcome<run_record>> edit_by_hand(fleet::impl& f, std::string tenant, Steps steps_of) {
    const auto locked = co_await f.lock_for_desk(std::move(tenant));
    if (!locked) co_return locked.error();
    auto& t = **locked;
    const tenant_lock held(f, t);
    steps_or_failure steps = steps_of(t.books, t.settings);
    if (!steps) co_return steps.error();
    co_return co_await do_by_hand(f, t, run_cause::manual, std::move(*steps));
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
    co_return co_await edit_by_hand(
        *fleet_.impl_, std::move(tenant),
        [&](const books& of, const tenant_settings& s) -> steps_or_failure {
            const auto who = find_person(of, person);
            if (!who) return who.error();
            return editing_user(of, s, *who, fields);
        });
}

task<outcome<run_record>> desk::delete_user(std::string tenant, std::string person) {
    co_return co_await edit_by_hand(
        *fleet_.impl_, std::move(tenant),
        [&](const books& of, const tenant_settings&) -> steps_or_failure {
            const auto who = find_person(of, person);
            if (!who) return who.error();
            return deleting_user(of, *who);
        });
}

task<outcome<run_record>> desk::add_team(std::string tenant, std::vector<edit> fields) {
    co_return co_await edit_by_hand(
        *fleet_.impl_, std::move(tenant),
        [&](const books& of, const tenant_settings&) { return adding_team(of, fields); });
}

task<outcome<run_record>> desk::edit_team(std::string tenant, std::string team,
                                          std::vector<edit> fields) {
    co_return co_await edit_by_hand(
        *fleet_.impl_, std::move(tenant),
        [&](const books& of, const tenant_settings&) -> steps_or_failure {
            const auto which = find_team(of, team);
            if (!which) return which.error();
            return editing_team(of, *which, fields);
        });
}

task<outcome<run_record>> desk::delete_team(std::string tenant, std::string team) {
    co_return co_await edit_by_hand(
        *fleet_.impl_, std::move(tenant),
        [&](const books& of, const tenant_settings&) -> steps_or_failure {
            const auto which = find_team(of, team);
            if (!which) return which.error();
            return deleting_team(of, *which);
        });
}

task<outcome<run_record>> desk::set_member(std::string tenant, std::string team, std::string person,
                                           bool member) {
    co_return co_await edit_by_hand(
        *fleet_.impl_, std::move(tenant),
        [&](const books& of, const tenant_settings&) -> steps_or_failure {
            const auto which = find_team(of, team);
            if (!which) return which.error();
            const auto who = find_person(of, person);
            if (!who) return who.error();
            return setting_member(of, *which, *who, member);
        });
}

// ---- holds ----

namespace {

// What was right when it was planned may have become wrong: the last Owner and protected people
// stay (LA-45), and no more come than there are seats (WT-6). What is left out is planned again.
void obey_the_rules_of_now(const books& of, const tenant_settings& settings,
                           std::vector<step>& steps) {
    std::size_t owners = 0;
    of.users.for_each_brief([&](user_ref, const directory::user_brief& each) {
        const bool owner = each.role == directory::user_role::owner;
        owners += owner && each.state == directory::user_state::active ? 1u : 0u;
    });
    std::size_t active = of.users.active();
    std::string scratch;
    const auto forbidden = [&](const step& each) {
        if (each.kind != step_kind::deactivate) return false;
        const auto which = of.users.find_by_uid(each.subject);
        if (which == user_ref::none || !of.users.is_active(which)) return false;
        const auto& spared = settings.protected_users;
        const std::string id(of.users.text(which, directory::field::external_id));
        const std::string email(fold(of.users.text(which, directory::field::email), scratch));
        if (std::ranges::find(spared, id) != spared.end()) return true;
        for (const auto& one : spared) {
            std::string other;
            if (fold(one, other) == email) return true;
        }
        const bool owner = of.users.meta(which).role == directory::user_role::owner;
        if (owner && owners == 1) return true;
        owners -= owner ? 1u : 0u;
        --active;
        return false;
    };
    std::erase_if(steps, forbidden);
    if (settings.seats == 0) return;
    std::erase_if(steps, [&](const step& each) {
        if (each.kind != step_kind::create && each.kind != step_kind::reactivate) return false;
        if (active >= settings.seats) return true;
        ++active;
        return false;
    });
}

// What stays held, with the number and the time that it had.
hold rest_of(const hold& all, std::vector<held_section> sections) {
    hold rest;
    rest.run = all.run;
    rest.since = all.since;
    rest.sections = std::move(sections);
    seal(rest);
    return rest;
}

std::optional<failure> cannot_decide(const hold& held, const std::string& digest,
                                     std::span<const guard> guards) {
    if (held.empty()) return failure{errc::not_found, "nothing is held at this tenant"};
    if (digest != held.digest) return not_as_shown("what is held");
    for (const auto each : guards) {
        const bool there = std::any_of(held.sections.begin(), held.sections.end(),
                                       [&](const held_section& s) { return s.what == each; });
        if (!there) {
            return failure{errc::invalid_argument,
                           "no steps of the kind '" + std::string(name_of(each)) + "' are held"};
        }
    }
    return std::nullopt;
}

} // namespace

task<outcome<run_record>> desk::approve(std::string tenant, std::string digest,
                                        std::vector<guard> guards) {
    auto& f = *fleet_.impl_;
    const auto locked = co_await f.lock_for_desk(std::move(tenant));
    if (!locked) co_return locked.error();
    auto& t = **locked;
    const tenant_lock held(f, t);
    if (auto wrong = cannot_decide(t.books.held, digest, guards)) co_return *wrong;
    auto chosen = sync::approve(t.books.held, guards, t.books, t.settings);
    // The instant of an invitation is that of its sending, not of its planning.
    const auto now = std::to_string(to_unix_ms(f.home.wall_now()));
    for (auto& each : chosen.steps) {
        if (each.kind != step_kind::send_invitation) continue;
        for (auto& c : each.changes) {
            if (c.what == attribute::invitation_sent) c.new_value = now;
        }
    }
    obey_the_rules_of_now(t.books, t.settings, chosen.steps);
    proposal p;
    p.held = rest_of(t.books.held, std::move(chosen.rest));
    auto done =
        co_await do_by_hand(f, t, run_cause::approval, std::move(chosen.steps), std::move(p));
    // What had moved meanwhile is planned again (G-6), and so is what waited for these steps.
    if (done) {
        auto again = f.begin_record(t, run_cause::resolve);
        (void)co_await f.replan(t, again);
        f.count(again);
    }
    co_return done;
}

task<outcome<void>> desk::reject(std::string tenant, std::string digest,
                                 std::vector<guard> guards) {
    auto& f = *fleet_.impl_;
    const auto locked = co_await f.lock_for_desk(std::move(tenant));
    if (!locked) co_return locked.error();
    auto& t = **locked;
    const tenant_lock held(f, t);
    if (auto wrong = cannot_decide(t.books.held, digest, guards)) co_return *wrong;
    auto record = f.begin_record(t, run_cause::approval);
    record.detail = "rejected by a person";
    proposal p;
    p.rejected = t.books.rejected;
    std::vector<held_section> rest;
    for (const auto& section : t.books.held.sections) {
        if (!guards.empty() && std::ranges::find(guards, section.what) == guards.end()) {
            rest.push_back(section);
            continue;
        }
        for (const auto& each : rejections_of(section)) p.rejected.insert(each);
    }
    p.held = rest_of(t.books.held, std::move(rest));
    p.rejected_moved = true;
    (void)co_await f.enact(t, std::move(p), record);
    if (record.result == run_outcome::failed) co_return failure{record.code, record.detail};
    auto again = f.begin_record(t, run_cause::resolve);
    (void)co_await f.replan(t, again);
    f.count(again);
    co_return outcome<void>();
}

// ---- conflicts ----

namespace {

// Who has the address that the record of this id wants; 0: nobody.
std::uint32_t holder_of_address(const live_tenant& t, const stored_snapshot& stored,
                                std::string_view external_id) {
    row_unpacker rows(stored.rows);
    source_row row;
    std::string scratch;
    while (rows.next(row)) {
        if (trim(row.get(source_field::employee_id)) != external_id) continue;
        const auto holder =
            t.books.users.find_by_email(fold(trim(row.get(source_field::email)), scratch));
        return holder == user_ref::none ? 0 : t.books.users.meta(holder).uid;
    }
    return 0;
}

} // namespace

task<outcome<run_record>> desk::resolve(std::string tenant, issue_kind kind,
                                        std::string external_id, ruling_of_conflict how) {
    auto& f = *fleet_.impl_;
    const auto locked = co_await f.lock_for_desk(std::move(tenant));
    if (!locked) co_return locked.error();
    auto& t = **locked;
    const tenant_lock held(f, t);
    const auto& issues = t.books.issues;
    const auto open = std::find_if(issues.begin(), issues.end(), [&](const issue& each) {
        return each.kind == kind && each.external_id == external_id;
    });
    if (open == issues.end()) {
        co_return failure{
            errc::not_found,
            "'" + external_id + "' has no open conflict of the kind " + std::string(name_of(kind))};
    }
    const auto choices = rulings_for(kind);
    if (std::find(choices.begin(), choices.end(), how) == choices.end()) {
        std::string detail = std::string(name_of(kind)) + " can not be resolved as '" +
                             std::string(name_of(how)) + "'";
        for (const auto each : choices) {
            detail += each == choices.front() ? "; it takes " : ", ";
            detail += name_of(each);
        }
        co_return failure{errc::invalid_argument, std::move(detail)};
    }
    decision made{kind, external_id, how, 0, f.home.wall_now()};
    if (kind == issue_kind::email_taken || kind == issue_kind::fallback_refused) {
        // The holder may have no PeopleHR id: the record's address tells who it is.
        if (const auto stored = co_await f.storage.snapshot(t.record.key)) {
            made.uid = holder_of_address(t, *stored, external_id);
        }
    }
    // About whom it was decided: the holder of the address, or of the id.
    for (const auto& id : {open->other_external_id, external_id}) {
        const auto ref = t.books.users.find_by_id(id);
        if (made.uid == 0 && !id.empty() && ref != user_ref::none) {
            made.uid = t.books.users.meta(ref).uid;
        }
    }
    if (made.uid == 0 && how != ruling_of_conflict::ignore) {
        co_return failure{errc::held,
                          "nobody was found whom this is about; sync the tenant, then "
                          "look at its conflicts again"};
    }
    proposal p;
    p.decided = t.books.decisions;
    p.decided->put(made);
    auto done = co_await do_by_hand(f, t, run_cause::resolve, {}, std::move(p));
    if (!done) co_return done;
    auto record = f.begin_record(t, run_cause::resolve);
    (void)co_await f.replan(t, record);
    f.count(record);
    co_return ended(record);
}

task<outcome<void>> desk::reopen(std::string tenant, issue_kind kind, std::string external_id) {
    auto& f = *fleet_.impl_;
    const auto locked = co_await f.lock_for_desk(std::move(tenant));
    if (!locked) co_return locked.error();
    auto& t = **locked;
    const tenant_lock held(f, t);
    proposal p;
    p.decided = t.books.decisions;
    if (!p.decided->erase(kind, external_id)) {
        co_return failure{errc::not_found, "nothing was decided about '" + external_id + "'"};
    }
    auto done = co_await do_by_hand(f, t, run_cause::resolve, {}, std::move(p));
    if (!done) co_return done.error();
    auto record = f.begin_record(t, run_cause::resolve);
    (void)co_await f.replan(t, record);
    f.count(record);
    co_return outcome<void>();
}

// ---- invitations ----

namespace {

outcome<std::vector<user_ref>> find_all(const books& of, const std::vector<std::string>& people) {
    std::vector<user_ref> out;
    for (const auto& each : people) {
        const auto found = find_person(of, each);
        if (!found) return found.error();
        if (std::find(out.begin(), out.end(), *found) == out.end()) out.push_back(*found);
    }
    return out;
}

} // namespace

task<outcome<run_record>> desk::invite(std::string tenant, std::vector<std::string> people) {
    auto& f = *fleet_.impl_;
    co_return co_await edit_by_hand(
        f, std::move(tenant), [&](const books& of, const tenant_settings&) -> steps_or_failure {
            const auto who = find_all(of, people);
            if (!who) return who.error();
            return inviting(of, *who, f.home.wall_now());
        });
}

task<outcome<run_record>> desk::cancel_invitations(std::string tenant,
                                                   std::vector<std::string> people) {
    co_return co_await edit_by_hand(
        *fleet_.impl_, std::move(tenant),
        [&](const books& of, const tenant_settings&) -> steps_or_failure {
            const auto who = find_all(of, people);
            if (!who) return who.error();
            return cancelling(of, *who);
        });
}

task<outcome<run_record>> desk::confirm_invitation(std::string tenant, std::string person) {
    co_return co_await edit_by_hand(
        *fleet_.impl_, std::move(tenant),
        [&](const books& of, const tenant_settings&) -> steps_or_failure {
            const auto who = find_person(of, person);
            if (!who) return who.error();
            return confirming(of, *who);
        });
}

namespace {

// The invitations that would go now.
task<shown_plan> going_live(fleet::impl& f, live_tenant& t) {
    auto made = co_await f.plan_for(t, nullptr, t.settings);
    shown_plan out;
    for (auto& each : made.steps) {
        if (each.kind == step_kind::send_invitation) out.steps.push_back(std::move(each));
    }
    // The instant is that of the sending, not of the showing.
    for (auto& each : out.steps) {
        std::erase_if(each.changes,
                      [](const change& c) { return c.what == attribute::invitation_sent; });
    }
    out.digest = digest_of_steps(out.steps);
    // Also nothing to send now is something to agree to: later ones go when they fall due.
    if (out.digest.empty()) out.digest = "nothing-due";
    count_steps(out.steps, out.counts);
    co_return out;
}

} // namespace

task<outcome<shown_plan>> desk::plan_go_live(std::string tenant) {
    auto& f = *fleet_.impl_;
    const auto locked = co_await f.lock_for_desk(std::move(tenant));
    if (!locked) co_return locked.error();
    const tenant_lock held(f, **locked);
    co_return co_await going_live(f, **locked);
}

task<outcome<run_record>> desk::go_live(std::string tenant, std::string digest) {
    auto& f = *fleet_.impl_;
    const auto locked = co_await f.lock_for_desk(std::move(tenant));
    if (!locked) co_return locked.error();
    auto& t = **locked;
    const tenant_lock held(f, t);
    if (t.books.live) {
        co_return failure{errc::already_exists, "the tenant is live already"};
    }
    auto shown = co_await going_live(f, t);
    if (digest != shown.digest) co_return not_as_shown("whom this would invite");
    const auto now = f.home.wall_now();
    for (auto& each : shown.steps) {
        const auto* entry = t.books.invitations.find(each.subject);
        const auto old = entry == nullptr || entry->sent == wall_time{}
                             ? std::string()
                             : std::to_string(to_unix_ms(entry->sent));
        each.changes.push_back({attribute::invitation_sent, directory::owner::ours,
                                directory::owner::ours, old, std::to_string(to_unix_ms(now)),
                                "G-5"});
    }
    // The held section of just these people is settled with it.
    proposal p;
    p.live = true;
    hold rest = t.books.held;
    for (auto& section : rest.sections) {
        if (section.what != guard::invitation) continue;
        std::erase_if(section.steps, [&](const step& s) {
            return std::any_of(shown.steps.begin(), shown.steps.end(),
                               [&](const step& x) { return x.subject == s.subject; });
        });
    }
    std::erase_if(rest.sections, [](const held_section& s) { return s.steps.empty(); });
    seal(rest);
    if (rest.digest != t.books.held.digest) p.held = std::move(rest);
    co_return co_await do_by_hand(f, t, run_cause::approval, std::move(shown.steps), std::move(p));
}

// ---- settings and undo ----

task<outcome<shown_plan>> desk::what_if(std::string tenant, tenant_settings settings) {
    auto& f = *fleet_.impl_;
    if (auto wrong = contradictions(settings); !wrong.empty()) co_return wrong.front();
    const auto locked = co_await f.lock_for_desk(tenant);
    if (!locked) co_return locked.error();
    auto& t = **locked;
    const tenant_lock held(f, t);
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

// LA-26: whoever was invited keeps the account, inactive, and so the memory of the invitation. Made
// anew by the next sweep they would be invited again.
void keep_the_invited(const books& of, inverse& back) {
    std::erase_if(back.steps, [&](const step& each) {
        if (each.kind != step_kind::delete_user) return false;
        const auto which = of.users.find_by_uid(each.subject);
        if (which == user_ref::none) return false;
        const auto owners = of.users.meta(which).ownership;
        const bool edited = std::ranges::find(owners, directory::owner::manual) != owners.end();
        if (edited)
            back.cannot.push_back("'" + each.label + "' was edited by hand since, and stays");
        return edited;
    });
    for (auto& each : back.steps) {
        if (each.kind != step_kind::delete_user) continue;
        const auto* entry = of.invitations.find(each.subject);
        if (entry == nullptr || entry->sent == wall_time{}) continue;
        each.kind = step_kind::deactivate;
        each.changes = {{attribute::state, directory::owner::ours, directory::owner::ours, "active",
                         "inactive", "undo"}};
        back.cannot.push_back("'" + each.label +
                              "' was invited: the account becomes inactive and is not removed");
    }
}

task<outcome<shown_plan>> undoing(fleet::impl& f, live_tenant& t, std::uint64_t run) {
    constexpr std::size_t page = 10'000;
    std::vector<step> done;
    shown_plan out;
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
                out.cannot.emplace_back("a step of a person who was erased");
            } else {
                done.push_back(std::move(each.step));
            }
        }
        if (entries->size() < page) break;
        query.from = entries->back().number + 1;
    }
    if (done.empty() && out.cannot.empty()) {
        co_return failure{errc::not_found, "tenant '" + t.record.name + "' has no run " +
                                               std::to_string(run) + " that changed anything"};
    }
    auto back = inverse_of(done);
    keep_the_invited(t.books, back);
    std::move(back.cannot.begin(), back.cannot.end(), std::back_inserter(out.cannot));
    // Of what was changed again since, the newer value stays.
    auto tried = sync::carry_out(t.books, back.steps, {});
    for (const auto& each : tried.dropped) {
        out.cannot.push_back(std::string(name_of(each.kind)) + " of '" + each.label +
                             "': it was changed again since");
    }
    if (const auto wrong = inconsistency(t.books, tried); !wrong.empty()) {
        co_return failure{errc::held, "the run can not be undone as a whole: " + wrong};
    }
    out.steps = std::move(tried.done);
    out.digest = digest_of_steps(out.steps);
    count_steps(out.steps, out.counts);
    co_return out;
}

} // namespace

task<outcome<shown_plan>> desk::plan_undo(std::string tenant, std::uint64_t run) {
    auto& f = *fleet_.impl_;
    const auto locked = co_await f.lock_for_desk(std::move(tenant));
    if (!locked) co_return locked.error();
    const tenant_lock held(f, **locked);
    co_return co_await undoing(f, **locked, run);
}

task<outcome<run_record>> desk::undo(std::string tenant, std::uint64_t run, std::string digest) {
    auto& f = *fleet_.impl_;
    const auto locked = co_await f.lock_for_desk(std::move(tenant));
    if (!locked) co_return locked.error();
    auto& t = **locked;
    const tenant_lock held(f, t);
    auto shown = co_await undoing(f, t, run);
    if (!shown) co_return shown.error();
    if (shown->steps.empty()) {
        co_return failure{errc::invalid_argument, "nothing of this run can be taken back"};
    }
    if (digest != shown->digest) co_return not_as_shown("what this would take back");
    co_return co_await do_by_hand(f, t, run_cause::undo, std::move(shown->steps));
}

} // namespace rollcall::sync
