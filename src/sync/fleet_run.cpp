// One run of one tenant, from the granted call to the record of what it did.
#include <algorithm>

#include "fleet_impl.hpp"
#include "fleet_metrics.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/core/date.hpp"
#include "rollcall/core/text.hpp"
#include "stored_rows.hpp"

namespace rollcall::sync {
namespace {

double seconds_of(nanoseconds d) {
    return std::chrono::duration<double>(d).count();
}

bool our_fault(errc code) {
    return code == errc::storage_full || code == errc::storage_failed || code == errc::busy ||
           code == errc::bug;
}

run_end end_of(errc code) {
    switch (disposition_of(code)) {
        case disposition::wait_for_budget: return run_end::throttled;
        case disposition::give_up: return run_end::stopped;
        default: return run_end::failed;
    }
}

} // namespace

// On a full disk what a sweep finds can not be kept, so that its call would be wasted: one sweep a
// minute finds out whether there is room again. Somebody who asks gets their answer.
bool fleet::impl::may_start() {
    const auto health = storage.health();
    if (draining || health.failed) return false;
    if (!health.full || plan_of_day.request_waits()) return true;
    if (home.now() < next_try_when_full) return false;
    next_try_when_full = home.now() + minutes{1};
    return true;
}

task<> fleet::impl::pump() {
    for (;;) {
        while (may_start()) {
            auto start = plan_of_day.next(home.now());
            if (!start) break;
            if (!start->further) {
                runs.spawn(run(std::move(*start)));
                continue;
            }
            tenants.at(start->tenant)->further_call = start->address;
            progress.notify_all();
        }
        const auto at = plan_of_day.wake_at(home.now());
        if (!at || draining || storage.health().failed) {
            co_await wake.wait();
        } else {
            // At least one tick, so that an instant that is only nearly right can not make it spin.
            const auto soonest = storage.health().full ? milliseconds{1'000} : milliseconds{1};
            co_await wake.wait_until(std::max(*at, home.now() + soonest));
        }
    }
}

task<> fleet::impl::run(run_start start) {
    run_record record;
    record.tenant = start.tenant;
    record.cause = start.cause;
    record.employee_id = start.employee_id;
    record.started = home.wall_now();
    // Until an answer says otherwise the call may have been counted by PeopleHR.
    std::optional<mono_time> settled_at;
    run_end how = run_end::cancelled;

    // Also when the run is cancelled: the scheduler must hear of its end.
    struct ending {
        impl& self;
        const run_start& start;
        const run_end& how;
        const std::optional<mono_time>& settled_at;
        ~ending() {
            self.plan_of_day.finished(start, how, settled_at, self.home.now());
            self.watch.active.erase(start.tenant);
            self.wake.notify_all();
            self.progress.notify_all();
        }
    } const at_end{*this, start, how, settled_at};

    watch.active[start.tenant] = {start.cause, !start.employee_id.empty(), home.now()};
    auto* t = co_await lock(start.tenant);
    ROLLCALL_CHECK(t != nullptr); // a tenant with a run is not removed
    {
        const tenant_lock held(*this, *t);
        const bool applies = wanted_of(start).apply;
        const auto hints_before = last_hint;
        if (applies) record.id = ++last_run;
        publish(event_kind::run_started, t->record.name,
                {{"run", static_cast<std::int64_t>(record.id)},
                 {"cause", std::string(name_of(record.cause))}});
        const auto read_before = t->truth_at;
        std::string broken;
        try {
            how = co_await carry_out(start, *t, record, settled_at);
        } catch (const boost::system::system_error& e) {
            if (e.code() == asio::error::operation_aborted) {
                // Cancelled in the call or after it: it counts from now on.
                if (settled_at) settled_at = home.now();
                throw;
            }
            broken = e.what();
        } catch (const std::exception& e) {
            broken = e.what();
        }
        if (!broken.empty()) {
            // One tenant's bad luck, out of memory above all, must not end the runs of all others.
            log.error("run.exception", {{"tenant", t->record.name}, {"run", record.id}});
            record.result = run_outcome::failed;
            record.code = errc::bug;
            record.detail = "the run ended with an unexpected error; nothing was applied";
            if (settled_at) settled_at = home.now();
            how = run_end::failed;
        }
        record.finished = home.wall_now();
        // What a read of one person met is told to whoever asked for it, not kept as the tenant's.
        // A preview leaves no trace (G-7).
        if (record.employee_id.empty() && applies) {
            t->progress.last_attempt = record.finished;
            t->progress.last_error = record.code;
            t->progress.last_detail = record.detail;
            t->progress_unsaved = true;
        }
        // NOLINTBEGIN(clang-analyzer-deadcode.DeadStores): at_end reads how
        if (!applies) {
            how = run_end::previewed;
        } else if (how == run_end::done) {
            if (record.employee_id.empty()) note_success(*t);
            observe_lag(*t, record, read_before);
        } else {
            how = co_await record_failure(start, *t, how, record);
        }
        // NOLINTEND(clang-analyzer-deadcode.DeadStores)
        if (applies) settle_hints(*t, record, how, hints_before);
        count(record);
        finish_ticket(start.ticket, record);
        log_end(*t, record);
    }
}

void fleet::impl::log_end(live_tenant& t, const run_record& record) {
    publish_end(t, record);
    const auto& c = record.counts;
    log.info("run.finished", {{"tenant", t.record.name},
                              {"run", record.id},
                              {"cause", name_of(record.cause)},
                              {"outcome", name_of(record.result)},
                              {"code", record.code},
                              {"rows", c.rows},
                              {"created", c.created},
                              {"updated", c.updated},
                              {"deactivated", c.deactivated},
                              {"rejected", c.rejected},
                              {"held", c.held},
                              {"invited", c.invited},
                              {"issues", record.issues.size()}});
}

ticket_state fleet::impl::wanted_of(const run_start& start) const {
    const auto place = tickets.find(start.ticket);
    if (place != tickets.end()) return place->second;
    ticket_state own;
    own.apply = true;
    return own;
}

void fleet::impl::note_success(live_tenant& t) {
    t.progress.last_success = home.wall_now();
    t.progress.failures = 0;
    ++t.progress.sweeps;
    t.refusals = 0;
    t.first_failure_noted = false;
    t.truth_at = t.read_began;
    t.last_read_took = home.now() - t.read_began;
}

task<run_end> fleet::impl::carry_out(run_start& start, live_tenant& t, run_record& record,
                                     std::optional<mono_time>& settled_at) {
    const bool whole = start.employee_id.empty();
    auto [report, from, doubt] = co_await read(start, t, settled_at);
    if (!doubt.empty()) {
        co_return hold_back(t, "G-2", std::move(doubt), record, !wanted_of(start).apply);
    }
    if (report.code != errc::ok) co_return fail(start, t, report, record);
    totals.rows_read += from->stats.rows;
    if (whole) {
        const auto calls = calls_of_read(t.settings, t.paging, from->stats.rows);
        plan_of_day.set_rows(start.tenant, from->stats.rows, calls);
    }
    counters->rows.increment(from->stats.rows);
    watch.rows.add(home.now(), from->stats.rows);
    if (whole) t.last_read_rows = from->stats.rows;
    if (from->stats.rows > options.users_per_tenant_max) {
        co_return fail(start, t, too_many(from->stats.rows), record);
    }
    if (from->foreign_row) {
        fetch_report other;
        other.code = errc::bad_response;
        other.detail = "PeopleHR answered a read of one employee with another one";
        co_return fail(start, t, other, record);
    }
    const auto planned = home.now();
    const auto how = co_await judge_and_plan(start, t, std::move(from), record);
    counters->apply_seconds.observe(seconds_of(home.now() - planned));
    co_return how;
}

task<run_end> fleet::impl::judge_and_plan(const run_start& start, live_tenant& t,
                                          std::unique_ptr<snapshot> from, run_record& record) {
    const auto& settings = t.settings;
    const auto wanted = wanted_of(start);
    proposal p;
    p.whole = start.employee_id.empty();
    record.counts.rows = from->stats.rows;
    if (p.whole) {
        if (!from->company_matched) {
            // LA-6: a mistake in the settings must not look like everybody leaving.
            auto why = "no employee has the Company '" + settings.company + "'";
            if (!from->company_near_miss.empty()) {
                why += "; did you mean '" + from->company_near_miss + "'?";
            }
            record.issues.push_back({issue_kind::company_unknown, {}, {}, "company", "LA-6"});
            co_return hold_back(t, "LA-6", std::move(why), record, !wanted.apply);
        }
        auto verdict = judge(t.books.gate, from->stats, settings);
        if (!verdict.pass) {
            if (wanted.apply) {
                t.books.gate = verdict.memory;
                t.progress.gate = t.books.gate.to_text();
            }
            co_return hold_back(t, "G-2", std::move(verdict.reason), record, !wanted.apply);
        }
        p.trusted = verdict.memory;
        p.snapshot = stored_snapshot{home.wall_now(), from->packed_digest, std::move(from->packed)};
        if (!t.books.erased.empty()) {
            // Whoever was erased by request is not stored again.
            p.snapshot = repacked(*p.snapshot, settings, [&](const source_row& row) {
                std::string scratch;
                return !t.books.was_erased(trim(row.get(source_field::employee_id)),
                                           fold(trim(row.get(source_field::email)), scratch));
            });
        }
    }
    // The planner's first step is its longest: it does not come on top of the snapshot's last one.
    co_await home.yield();
    p.what = co_await plan_for(t, from.get(), settings);
    record.counts = p.what.counts;
    if (p.what.stopped) {
        record.issues = std::move(p.what.issues);
        co_return hold_back(t, "WT-3",
                            "a blank, invalid or shared e-mail stops the run (setting bad_email = "
                            "stop)",
                            record, !wanted.apply);
    }
    if (!p.whole && wanted.apply) {
        // The stored snapshot learns of it too: it is the source's last word on each person.
        if (const auto stored = co_await storage.snapshot(t.record.key)) {
            t.stored_digest = stored->digest;
            p.snapshot = repacked(
                *stored, settings,
                [&](const source_row& row) {
                    return trim(row.get(source_field::employee_id)) != start.employee_id;
                },
                from->packed);
        }
    }
    keep_back(p, t.books, settings, home.wall_now(), record);
    if (wanted.preview) {
        auto shown = record;
        shown.id = 0;
        shown.result = run_outcome::previewed;
        shown.finished = home.wall_now();
        shown.steps = p.what.steps;
        shown.issues = p.what.issues;
        count_steps(shown.steps, shown.counts);
        if (!wanted.apply) {
            record = std::move(shown);
            co_return run_end::previewed;
        }
        tickets.at(start.ticket).previewed = std::make_shared<const run_record>(std::move(shown));
    }
    co_return co_await enact(t, std::move(p), record);
}

// The reason may name a value that a person needs to see, so the log has only its rule.
run_end fleet::impl::hold_back(live_tenant& t, const char* rule, std::string why,
                               run_record& record, bool quietly) {
    record.result = run_outcome::held;
    record.code = errc::held;
    record.detail = std::move(why);
    if (quietly) return run_end::held;
    t.held_because = record.detail;
    t.held_rule = rule;
    log.warn("run.held", {{"tenant", t.record.name}, {"run", record.id}, {"rule", rule}});
    return run_end::held;
}

run_end fleet::impl::fail(const run_start& start, live_tenant& t, const fetch_report& report,
                          run_record& record) {
    record.result = run_outcome::failed;
    record.code = report.code;
    record.detail = report.detail;
    auto how = report.egress_failed ? run_end::unable : end_of(report.code);
    if (!wanted_of(start).apply) return how;
    // A read of one person says nothing about the tenant: the key may lack just that permission,
    // and the daily sweep goes on. Only a throttle concerns the calls of everybody.
    // A hint is not served by a read that may work the next time.
    const bool hint_waits = start.hinted && (how == run_end::failed || how == run_end::unable);
    if (!start.employee_id.empty() && how != run_end::throttled && !hint_waits) {
        return run_end::done;
    }
    // One refusal may be a slip on their side; it takes several in a row to stop a tenant (B-6).
    t.refusals = how == run_end::stopped ? t.refusals + 1 : 0;
    if (how == run_end::stopped && t.refusals < options.refusals_until_stopped) {
        how = run_end::failed;
    }
    log.warn("run.failed", {{"tenant", t.record.name},
                            {"run", record.id},
                            {"code", report.code},
                            {"detail", report.detail},
                            {"failures", t.progress.failures + 1}});
    return how;
}

task<run_end> fleet::impl::record_failure(const run_start& start, live_tenant& t, run_end how,
                                          run_record& record) {
    // Neither an outage of the host nor a fault of ours is a failure of the tenant (B-6).
    if (how == run_end::failed && our_fault(record.code)) how = run_end::unable;
    const bool own = how != run_end::unable && !plan_of_day.host_is_to_blame(start.tenant);
    if (own && (how == run_end::failed || how == run_end::stopped)) ++t.progress.failures;
    commit_batch batch;
    batch.tenant = t.record.key;
    if (how == run_end::stopped) {
        auto updated = t.record;
        updated.stopped = record.code;
        updated.stopped_detail = record.detail;
        batch.record = std::move(updated);
    }
    // An outage of hours is one record, not one for each try.
    const bool first = !t.first_failure_noted;
    if ((!first && !batch.record && start.ticket == 0) || storage.health().failed ||
        record.code == errc::storage_full) {
        co_return how;
    }
    batch.run = record;
    batch.progress = t.progress;
    const auto stopped = batch.record;
    if (const auto done = co_await storage.commit(std::move(batch)); !done) {
        co_return stopped ? run_end::unable : how;
    }
    t.first_failure_noted = true;
    if (stopped) {
        t.record = *stopped;
        log.error("tenant.stopped", {{"tenant", t.record.name},
                                     {"code", t.record.stopped},
                                     {"detail", t.record.stopped_detail}});
        publish(event_kind::tenant_stopped, t.record.name,
                {{"code", std::string(name_of(t.record.stopped))}});
    }
    co_return how;
}

void fleet::impl::count(const run_record& record) {
    watch.runs.add(home.now());
    counters->runs[static_cast<std::size_t>(record.result)].increment();
    switch (record.result) {
        case run_outcome::unchanged: ++totals.runs_unchanged; break;
        case run_outcome::applied: ++totals.runs_applied; break;
        case run_outcome::held: ++totals.runs_held; break;
        case run_outcome::failed: ++totals.runs_failed; break;
        case run_outcome::previewed: break;
    }
    if (record.result != run_outcome::applied) return;
    totals.invitations_sent += record.counts.invited;
    totals.users_created += record.counts.created;
    totals.users_updated += record.counts.updated;
    totals.users_deactivated += record.counts.deactivated;
    counters->users_created.increment(record.counts.created);
    counters->users_updated.increment(record.counts.updated);
    counters->users_deactivated.increment(record.counts.deactivated);
    counters->invitations_sent.increment(record.counts.invited);
}

void fleet::impl::finish_ticket(std::uint64_t ticket, const run_record& record) {
    if (ticket == 0) return;
    const auto place = tickets.find(ticket);
    if (place == tickets.end()) return;
    place->second.done = std::make_shared<const run_record>(record);
    if (!place->second.previewed) place->second.previewed = place->second.done;
    finished_tickets.push_back(ticket);
    // Whoever asked has had plenty of time to hear of it.
    if (finished_tickets.size() > 1024) {
        tickets.erase(finished_tickets.front());
        finished_tickets.pop_front();
    }
}

} // namespace rollcall::sync
