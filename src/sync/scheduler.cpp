// What a tenant waits for: its turn, a request, a hint, the end of a back-off.
#include "rollcall/sync/scheduler.hpp"

#include <algorithm>

#include "rollcall/core/check.hpp"
#include "rollcall/core/hash.hpp"

namespace rollcall::sync {
namespace {

// How long a tenant rests that keeps failing by itself (B-6).
constexpr std::array<nanoseconds, 3> quarantines{hours{6}, hours{12}, hours{24}};

nanoseconds quarantine_after(std::uint32_t further_failures) noexcept {
    return quarantines[std::min<std::size_t>(further_failures, quarantines.size() - 1)];
}

} // namespace

scheduler::scheduler(scheduler_options options, call_budget& budget, random_source& random,
                     mono_time now, wall_time wall_now)
    : options_(options),
      budget_(budget),
      random_(random),
      anchor_(now),
      anchor_wall_(wall_now),
      wheel_(now, seconds{1}),
      rated_at_(now),
      rated_since_(now) {}

mono_time scheduler::next_phase(const entry& e, mono_time after) const {
    const auto own =
        e.interval > nanoseconds{0} ? std::min(e.interval, options_.interval) : options_.interval;
    const auto interval = own.count();
    const auto wall = (anchor_wall_.time_since_epoch() + (after - anchor_)).count();
    const auto into = ((wall - e.phase.count()) % interval + interval) % interval;
    return after + nanoseconds{interval - into};
}

void scheduler::add(tenant_key tenant, const tenant_facts& facts, mono_time now) {
    auto made = std::make_unique<entry>(facts.calls_per_minute, budget_.window());
    made->phase = nanoseconds{static_cast<std::int64_t>(
        hash64(facts.name) % static_cast<std::uint64_t>(options_.interval.count()))};
    const auto [place, fresh] = tenants_.emplace(tenant, std::move(made));
    ROLLCALL_CHECK(fresh);
    change(tenant, facts, now);
}

void scheduler::change(tenant_key tenant, const tenant_facts& facts, mono_time now) {
    auto& e = *tenants_.at(tenant);
    if (e.at == nullptr || e.at->name != facts.host) {
        leave_host(tenant, e);
        join_host(e, facts.host);
    }
    e.daily = facts.daily;
    e.failures = facts.failures;
    e.stopped = facts.stopped;
    e.ever_synced = facts.last_success != wall_time{};
    e.interval = facts.interval;
    if (facts.rows != 0) e.rows = static_cast<std::uint32_t>(facts.rows);
    e.bulk_calls = std::max(facts.calls, 1u);
    e.limit.set_setting(facts.calls_per_minute);
    e.window.set_limit(e.limit.at(now));
    const auto wall = anchor_wall_ + (now - anchor_);
    // What this scheduler saw itself is true whatever the wall clock did meanwhile (T-3).
    if (e.ever_synced && !e.read_seen) {
        e.read_at = now - std::max(wall - facts.last_success, nanoseconds{0});
    }
    // The schedule was switched off while something else is under way.
    if (!e.daily && e.ever_synced && e.cause == run_cause::sweep) e.turn = e.early = false;
    if (e.running || e.ready == rank::request) return;
    stop_waiting(e);
    e.turn = e.early = false;
    e.quarantined_until = mono_time::min();
    next_turn(tenant, e, now);
    if (e.stopped) return;
    if (facts.failed || e.failures != 0) {
        go_on_failing(tenant, e, std::max(wall - facts.last_attempt, nanoseconds{0}), now);
    } else if (facts.held && e.ever_synced && !e.turn) {
        const auto second_read = now + options_.confirm_after;
        if (!e.timer || second_read < e.due) {
            wait_until(tenant, e, second_read, run_cause::confirm);
        }
    }
    place_anew(tenant, e, now);
}

// A restart, or a change of settings, takes neither the rest of a tenant that keeps failing from it
// nor its next try.
void scheduler::go_on_failing(tenant_key tenant, entry& e, nanoseconds since, mono_time now) {
    if (e.failures >= options_.quarantine_after) {
        const auto rest = quarantine_after(e.failures - options_.quarantine_after) - since;
        if (rest > nanoseconds{0}) {
            e.turn = false;
            e.quarantined_until = now + rest;
            return wait_until(tenant, e, e.quarantined_until, run_cause::retry);
        }
    }
    if (e.turn) return;
    // Spread, because after a restart there may be many.
    const auto delay = e.failures < options_.quarantine_after
                           ? options_.backoff.delay_max(std::max(e.failures, 1u) - 1)
                           : nanoseconds{0};
    const auto at =
        now + std::max(delay - since, nanoseconds{0}) + options_.backoff.delay(0, random_);
    if (e.timer && e.due <= at) return;
    e.retrying = true;
    wait_until(tenant, e, at, run_cause::retry);
}

// By its facts alone: the first load, a sweep that was missed, or the next one.
void scheduler::next_turn(tenant_key tenant, entry& e, mono_time now) {
    place_anew(tenant, e, now);
    if (e.stopped) return;
    if (!e.ever_synced) {
        // The first load belongs to adding the tenant, whatever its schedule.
        return turn_has_come(tenant, e, now, run_cause::first_load);
    }
    if (!e.daily) return;
    const auto next = next_phase(e, now);
    const auto own =
        e.interval > nanoseconds{0} ? std::min(e.interval, options_.interval) : options_.interval;
    if (now - e.read_at > own - (next - now)) {
        // Its slot was missed: ready at once, and the stalest of all is first.
        return turn_has_come(tenant, e, now, run_cause::sweep);
    }
    wait_until(tenant, e, next, run_cause::sweep);
}

void scheduler::remove(tenant_key tenant) {
    auto& e = *tenants_.at(tenant);
    ROLLCALL_CHECK(!e.running);
    stop_waiting(e);
    take_out(tenant, e);
    leave_host(tenant, e);
    tenants_.erase(tenant);
}

void scheduler::wait_until(tenant_key tenant, entry& e, mono_time due, run_cause cause) {
    stop_waiting(e);
    e.due = due;
    e.cause = cause;
    e.timer = wheel_.schedule(due, tenant);
}

void scheduler::stop_waiting(entry& e) {
    if (e.timer) wheel_.cancel(std::exchange(e.timer, {}));
}

void scheduler::turn_has_come(tenant_key tenant, entry& e, mono_time now, run_cause cause) {
    e.turn = true;
    e.cause = cause;
    // A turn of a shorter interval is an extra one until that of everybody's interval has come.
    const auto ordinary = e.read_at == mono_time::min() ? now : e.read_at + options_.interval;
    e.early = cause == run_cause::sweep && e.interval > nanoseconds{0} &&
              e.interval < options_.interval && ordinary > now;
    if (e.early) wait_until(tenant, e, ordinary, cause);
    place_anew(tenant, e, now);
}

void scheduler::fall_due(mono_time now) {
    wheel_.advance(now, [&](std::uint64_t payload) {
        const auto tenant = static_cast<tenant_key>(payload);
        auto& e = *tenants_.at(tenant);
        e.timer = {};
        if (e.stopped) return;
        // The schedule was switched off while a request waited.
        if (!e.daily && e.ever_synced && e.cause == run_cause::sweep) return;
        e.early = false;
        if (e.turn) return place_anew(tenant, e, now);
        turn_has_come(tenant, e, now, e.cause);
    });
}

scheduler::request_answer scheduler::request(tenant_key tenant, std::string_view employee_id,
                                             mono_time now) {
    auto& e = *tenants_.at(tenant);
    if (e.ticket != 0) {
        if (e.employee_id != employee_id) e.employee_id.clear();
        return {e.ticket, true};
    }
    if (e.quarantined_until > now) {
        e.quarantined_until = mono_time::min();
        e.failures = 0;
        if (e.timer) wait_until(tenant, e, now + options_.backoff.base, e.cause);
    }
    e.ticket = ++last_ticket_;
    e.employee_id = employee_id;
    e.stopped = false;
    // During a run the request waits for its end: what the run has read may be older than the
    // request.
    place_anew(tenant, e, now);
    return {e.ticket, false};
}

void scheduler::hint(tenant_key tenant, std::string_view employee_id, mono_time now) {
    auto& e = *tenants_.at(tenant);
    if (!e.hints) e.hints = std::make_unique<pending_hints>();
    auto& h = *e.hints;
    if (employee_id.empty() || h.ids.size() >= options_.hints_per_tenant) {
        h.whole = true;
    } else if (std::find(h.ids.begin(), h.ids.end(), employee_id) == h.ids.end()) {
        h.ids.emplace_back(employee_id);
    }
    place_anew(tenant, e, now);
}

// A read of one employee is a call. One of everybody is a call too, or one for each page, and its
// transfer keeps a run's place for as long as rows_per_call rows take for each further one.
bool scheduler::bulk_is_cheaper(const entry& e) const {
    // A turn that has come as well is a read of everybody in any case.
    return e.hints->whole || e.turn ||
           e.hints->ids.size() * options_.rows_per_call >
               std::size_t{e.bulk_calls} * options_.rows_per_call + e.rows;
}

void scheduler::set_rows(tenant_key tenant, std::size_t rows, std::uint32_t calls) {
    auto& e = *tenants_.at(tenant);
    e.rows = static_cast<std::uint32_t>(rows);
    e.bulk_calls = std::max(calls, 1u);
}

void scheduler::set_interval(tenant_key tenant, nanoseconds interval) {
    tenants_.at(tenant)->interval = interval;
}

void scheduler::date_due(tenant_key tenant, mono_time now) {
    auto& e = *tenants_.at(tenant);
    if (!e.daily || e.stopped || !e.ever_synced) return;
    e.date_due = true;
    // A back-off or a second read that is waited for is not cut short.
    if (!e.turn && e.timer && e.cause == run_cause::sweep) {
        stop_waiting(e);
        return turn_has_come(tenant, e, now, run_cause::sweep);
    }
    place_anew(tenant, e, now);
}

void scheduler::give_hints_back(entry& e, const run_start& run) {
    if (!run.hinted) return;
    if (!e.hints) e.hints = std::make_unique<pending_hints>();
    if (run.employee_id.empty()) {
        e.hints->whole = true;
    } else {
        e.hints->ids.insert(e.hints->ids.begin(), run.employee_id);
    }
}

void scheduler::note_failure(tenant_key tenant, entry& e, bool ours, mono_time now) {
    // What is not the tenant's fault is tried again by and by, or, in an outage, with all others
    // when the host is back.
    const bool blameless = ours || host_is_to_blame(tenant);
    auto& in_a_row = blameless ? e.blameless : e.failures;
    auto delay = options_.backoff.delay(in_a_row, random_);
    ++in_a_row;
    if (!blameless && e.failures >= options_.quarantine_after) {
        delay = quarantine_after(e.failures - options_.quarantine_after);
        e.quarantined_until = now + delay;
    }
    e.retrying = true;
    e.failed_at = now;
    wait_until(tenant, e, now + delay, run_cause::retry);
}

void scheduler::give_slot_back(entry& e, std::uint32_t address,
                               std::optional<mono_time> settled_at) {
    e.holds_slot = false;
    if (settled_at) {
        budget_.settle(address, e.window, *settled_at);
        mean_call_ += (std::max(*settled_at - e.called_at, nanoseconds{0}) - mean_call_) / 16;
    } else {
        budget_.refund(address, e.window);
    }
}

void scheduler::call_accepted(const run_start& run, entry& e, mono_time at) {
    e.suspect = false;
    budget_.accepted(run.address, run.tenant, at);
}

void scheduler::call_again(const run_start& run, std::optional<mono_time> settled_at, bool accepted,
                           mono_time now) {
    auto& e = *tenants_.at(run.tenant);
    ROLLCALL_CHECK(e.running && e.holds_slot);
    give_slot_back(e, run.address, settled_at);
    if (accepted && settled_at) call_accepted(run, e, *settled_at);
    e.wants_call = true;
    place_anew(run.tenant, e, now);
}

void scheduler::finished(const run_start& run, run_end how, std::optional<mono_time> settled_at,
                         mono_time now, std::uint32_t calls) {
    auto& e = *tenants_.at(run.tenant);
    ROLLCALL_CHECK(e.running && running_ != 0);
    take_out(run.tenant, e); // where it waits for its next slot
    e.running = e.wants_call = false;
    --running_;
    --running_as_[static_cast<std::size_t>(e.ran_as)];
    if (e.holds_slot) give_slot_back(e, run.address, settled_at);
    mean_run_ += (now - e.started_at - mean_run_) / 16;
    charge(e, calls);
    if (e.at != nullptr && e.at->probing == run.tenant) e.at->probing = 0;

    const bool whole = run.employee_id.empty();
    switch (how) {
        case run_end::done:
            if (settled_at) call_accepted(run, e, *settled_at);
            if (!whole) break;
            e.failures = e.holds = e.blameless = 0;
            e.quarantined_until = mono_time::min();
            e.ever_synced = e.read_seen = true;
            e.read_at = e.started_at;
            e.turn = e.date_due = false;
            stop_waiting(e);
            if (e.daily) wait_until(run.tenant, e, next_phase(e, now), run_cause::sweep);
            break;
        case run_end::held:
            if (settled_at) call_accepted(run, e, *settled_at);
            // Each further hold waits longer: a second read clears a slip, not a real change.
            e.turn = false;
            wait_until(run.tenant, e, now + options_.confirm_after * (1 << std::min(e.holds, 7u)),
                       run_cause::confirm);
            ++e.holds;
            break;
        case run_end::failed:
        case run_end::unable:
            give_hints_back(e, run);
            e.turn = false;
            note_failure(run.tenant, e, how == run_end::unable, now);
            break;
        case run_end::throttled:
            // The paused buckets make it wait; its place among the ready is kept by its age.
            give_hints_back(e, run);
            wait_until(run.tenant, e, now, run_cause::retry);
            break;
        case run_end::stopped:
            give_hints_back(e, run);
            e.stopped = true;
            e.turn = false;
            stop_waiting(e);
            break;
        case run_end::cancelled:
            give_hints_back(e, run);
            if (whole) wait_until(run.tenant, e, now, run.cause);
            break;
        case run_end::previewed:
            give_hints_back(e, run);
            // `due` is still that of the turn whose place the preview took.
            if (whole && e.daily && e.ever_synced) {
                wait_until(run.tenant, e, std::max(e.due, now), run_cause::sweep);
            }
            break;
    }
    if (!e.ever_synced && e.cause == run_cause::retry) e.cause = run_cause::first_load;
    // A read of one employee has no next time of its own. If the tenant's turn came meanwhile, it
    // is now.
    const bool forgotten = !e.timer && !e.turn && !e.stopped;
    if (forgotten && (!e.ever_synced || (e.daily && !whole))) {
        wait_until(run.tenant, e, now, e.ever_synced ? run_cause::sweep : run_cause::first_load);
    }
    place_anew(run.tenant, e, now);
}

void scheduler::throttled(const run_start& run, std::optional<std::uint32_t> learned,
                          mono_time now) {
    auto& e = *tenants_.at(run.tenant);
    const auto scope = budget_.throttled(run.address, e.window, run.tenant, now, learned, random_,
                                         tenants_.size() == 1);
    e.suspect = scope != throttle_scope::company && tenants_.size() > 1;
    // While it is not known whose limit it was, only what the answer says plainly is learnt.
    if (scope == throttle_scope::company ||
        (scope == throttle_scope::unknown && e.limit.teaches(learned, now))) {
        e.limit.lower(learned, now);
        e.window.set_limit(e.limit.at(now));
    }
}

} // namespace rollcall::sync
