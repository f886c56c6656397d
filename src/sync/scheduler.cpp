#include "rollcall/sync/scheduler.hpp"

#include <algorithm>

#include "rollcall/core/check.hpp"
#include "rollcall/core/hash.hpp"

namespace rollcall::sync {
namespace {

// A tenant at its own limit must not keep others of its class waiting, and looking must stay cheap.
constexpr std::size_t candidates_max = 64;
// After so many runs of a class in a row one of the classes behind it is started, so that neither
// buttons nor new tenants ever starve the sweep (B-3).
constexpr unsigned in_a_row_max = 7;
// The part of the interval that a sweep may be behind new tenants: a sixth, four hours of a day.
constexpr int sweep_may_wait = 6;

std::int64_t ticks(mono_time t) noexcept {
    return t.time_since_epoch().count();
}

} // namespace

scheduler::scheduler(scheduler_options options, call_budget& budget, random_source& random,
                     mono_time now, wall_time wall_now)
    : options_(options),
      budget_(budget),
      random_(random),
      anchor_(now),
      anchor_wall_(wall_now),
      wheel_(now, seconds{1}) {}

mono_time scheduler::next_phase(const entry& e, mono_time after) const {
    const auto interval = options_.interval.count();
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
    e.daily = facts.daily;
    e.failures = facts.failures;
    e.stopped = facts.stopped;
    e.ever_synced = facts.last_success != wall_time{};
    e.window.set_limit(facts.calls_per_minute);
    if (e.running || e.ready == rank::request) return;
    stop_waiting(e);
    unready(tenant, e);
    e.owed = false;
    if (e.stopped) return;
    if (!e.ever_synced) {
        // The first load belongs to adding the tenant, whatever its schedule.
        e.cause = run_cause::first_load;
        return make_ready(tenant, e, rank::first_load, ticks(now), now);
    }
    if (!e.daily) {
        if (facts.held) wait_until(tenant, e, now + options_.confirm_after, run_cause::confirm);
        return;
    }
    const auto next = next_phase(e, now);
    const auto since = anchor_wall_ + (now - anchor_) - facts.last_success;
    if (since > options_.interval - (next - now)) {
        // Its slot was missed: ready at once, and the stalest of all is first.
        e.cause = run_cause::sweep;
        return make_ready(tenant, e, rank::sweep, ticks(now - std::max(since, nanoseconds{0})),
                          now);
    }
    const auto second_read = now + options_.confirm_after;
    if (facts.held && second_read < next) {
        wait_until(tenant, e, second_read, run_cause::confirm);
    } else {
        wait_until(tenant, e, next, run_cause::sweep);
    }
}

void scheduler::remove(tenant_key tenant) {
    auto& e = *tenants_.at(tenant);
    ROLLCALL_CHECK(!e.running);
    stop_waiting(e);
    unready(tenant, e);
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

void scheduler::make_ready(tenant_key tenant, entry& e, rank as, std::int64_t order,
                           mono_time now) {
    unready(tenant, e);
    e.ready_since = now;
    e.ready = as;
    e.order = order;
    ready_[static_cast<std::size_t>(as)].emplace(order, tenant);
}

void scheduler::unready(tenant_key tenant, entry& e) {
    if (e.ready == rank::none) return;
    ready_[static_cast<std::size_t>(e.ready)].erase({e.order, tenant});
    e.ready = rank::none;
}

void scheduler::fall_due(mono_time now) {
    wheel_.advance(now, [&](std::uint64_t payload) {
        const auto tenant = static_cast<tenant_key>(payload);
        auto& e = *tenants_.at(tenant);
        e.timer = {};
        if (e.stopped) return;
        // The schedule was switched off while a request waited.
        if (!e.daily && e.ever_synced && e.cause == run_cause::sweep) return;
        if (e.running || e.ready != rank::none) {
            e.owed = true;
            return;
        }
        // A tenant whose first load keeps failing has no claim to go before others' sweeps.
        const bool load = !e.ever_synced && e.failures == 0;
        make_ready(tenant, e, load ? rank::first_load : rank::sweep, ticks(e.due), now);
    });
}

scheduler::request_answer scheduler::request(tenant_key tenant, std::string_view employee_id,
                                             mono_time now) {
    auto& e = *tenants_.at(tenant);
    if (e.ticket != 0) {
        if (e.employee_id != employee_id) e.employee_id.clear();
        return {e.ticket, true};
    }
    e.ticket = ++last_ticket_;
    e.employee_id = employee_id;
    e.stopped = false;
    if (e.ready != rank::none) e.owed = true;
    // During a run the request waits for its end: what the run has read may be older than the
    // request.
    if (!e.running) make_ready(tenant, e, rank::request, ticks(now), now);
    return {e.ticket, false};
}

std::optional<run_start> scheduler::start_from(rank from, mono_time now) {
    auto& queue = ready_[static_cast<std::size_t>(from)];
    std::size_t looked = 0;
    for (auto it = queue.begin(); it != queue.end() && looked < candidates_max; ++it, ++looked) {
        const auto tenant = it->second;
        auto& e = *tenants_.at(tenant);
        const auto address = budget_.try_acquire(e.window, now);
        if (!address) continue;
        run_start start{tenant, e.cause, {}, 0, *address};
        unready(tenant, e);
        if (e.ticket != 0) {
            e.stopped = false;
            start.ticket = std::exchange(e.ticket, 0);
            start.employee_id = std::exchange(e.employee_id, {});
            if (e.ever_synced || !start.employee_id.empty()) start.cause = run_cause::on_demand;
        }
        // A read of everybody does what the waiting sweep would have done.
        if (start.employee_id.empty()) {
            stop_waiting(e);
            e.owed = false;
        }
        e.running = true;
        e.started_as = from;
        ++running_of_[static_cast<std::size_t>(from)];
        ++running_;
        return start;
    }
    return {};
}

std::optional<run_start> scheduler::next(mono_time now) {
    fall_due(now);
    if (running_ >= options_.running_max) return {};
    // Nobody starts while no address has room: the usual answer, and it costs no look at the
    // queues.
    if (budget_.available_at(now) != now) return {};
    const bool others = !ready_[1].empty() || !ready_[2].empty();
    const bool give_way = requests_in_a_row_ >= in_a_row_max && others;
    if (!give_way) {
        if (auto start = start_from(rank::request, now)) {
            ++requests_in_a_row_;
            return start;
        }
    }
    // New tenants come before the daily sweep, and leave it every eighth place once a sweep has
    // waited for long: a fleet that is being loaded is not swept a second time meanwhile.
    const auto& sweeps = ready_[static_cast<std::size_t>(rank::sweep)];
    const bool late =
        !sweeps.empty() && sweeps.begin()->first < ticks(now - options_.interval / sweep_may_wait);
    const bool sweeps_turn = late && loads_in_a_row_ >= in_a_row_max;
    const auto first = sweeps_turn ? rank::sweep : rank::first_load;
    const auto second = sweeps_turn ? rank::first_load : rank::sweep;
    for (const auto from : {first, second, rank::request}) {
        if (auto start = start_from(from, now)) {
            requests_in_a_row_ = 0;
            loads_in_a_row_ = from == rank::first_load ? loads_in_a_row_ + 1 : 0;
            return start;
        }
    }
    return {};
}

std::optional<mono_time> scheduler::wake_at(mono_time now) {
    std::optional<mono_time> first = wheel_.next_deadline();
    if (running_ >= options_.running_max) return first;
    const auto consider = [&](std::optional<mono_time> t) {
        if (t && (!first || *t < *first)) first = t;
    };
    for (const auto& queue : ready_) {
        std::size_t looked = 0;
        for (auto it = queue.begin(); it != queue.end() && looked < candidates_max;
             ++it, ++looked) {
            const auto at = budget_.available_at(tenants_.at(it->second)->window, now);
            consider(at);
            // The first whose own limit is not what it waits for stands for all behind it.
            if (at && at == budget_.available_at(now)) break;
        }
    }
    return first;
}

void scheduler::throttled(const run_start& run, std::optional<std::uint32_t> learned,
                          mono_time now) {
    budget_.throttled(run.address, tenants_.at(run.tenant)->window, now, learned, random_);
}

void scheduler::finished(const run_start& run, run_end how, std::optional<mono_time> settled_at,
                         mono_time now) {
    auto& e = *tenants_.at(run.tenant);
    ROLLCALL_CHECK(e.running && running_ != 0);
    e.running = false;
    --running_;
    --running_of_[static_cast<std::size_t>(e.started_as)];
    if (settled_at) {
        budget_.settle(run.address, e.window, *settled_at);
    } else {
        budget_.refund(run.address, e.window);
    }

    const bool whole = run.employee_id.empty();
    switch (how) {
        case run_end::done:
            if (whole) {
                e.failures = 0;
                e.holds = 0;
                e.ever_synced = true;
                stop_waiting(e);
                if (e.daily) wait_until(run.tenant, e, next_phase(e, now), run_cause::sweep);
            }
            break;
        case run_end::held:
            // Each further hold waits longer: a second read clears a slip, not a real change.
            wait_until(run.tenant, e, now + options_.confirm_after * (1 << std::min(e.holds, 7u)),
                       run_cause::confirm);
            ++e.holds;
            break;
        case run_end::failed:
            wait_until(run.tenant, e, now + options_.backoff.delay(e.failures, random_),
                       run_cause::retry);
            ++e.failures;
            break;
        case run_end::throttled:
            // The paused buckets make it wait; its place in the order of the ready is kept by its
            // due.
            wait_until(run.tenant, e, now, run_cause::retry);
            break;
        case run_end::stopped:
            e.stopped = true;
            stop_waiting(e);
            break;
        case run_end::cancelled:
            if (whole) wait_until(run.tenant, e, now, run.cause);
            break;
        case run_end::previewed:
            // `due` is still that of the turn whose place the preview took.
            if (e.daily && e.ever_synced) {
                wait_until(run.tenant, e, std::max(e.due, now), run_cause::sweep);
            }
            break;
    }
    if (!e.ever_synced && e.cause == run_cause::retry) e.cause = run_cause::first_load;
    if (e.ticket != 0) return make_ready(run.tenant, e, rank::request, ticks(now), now);
    if (e.timer || e.stopped) return;
    // A read of one employee has no next time of its own. If the tenant's turn came meanwhile, it
    // is now.
    if (e.owed || !e.ever_synced || (e.daily && !whole)) {
        const auto cause = !e.ever_synced ? run_cause::first_load
                           : e.owed       ? e.cause
                                          : run_cause::sweep;
        wait_until(run.tenant, e, now, cause);
    }
}

bool scheduler::running(tenant_key tenant) const {
    return tenants_.at(tenant)->running;
}
bool scheduler::queued(tenant_key tenant) const {
    const auto& e = *tenants_.at(tenant);
    return e.ready != rank::none || e.ticket != 0;
}

std::size_t scheduler::ready_count() const noexcept {
    return ready_[0].size() + ready_[1].size() + ready_[2].size();
}

std::optional<mono_time> scheduler::due_at(tenant_key tenant) const {
    const auto& e = *tenants_.at(tenant);
    return e.timer ? std::optional(e.due) : std::nullopt;
}

std::optional<nanoseconds> scheduler::estimated_start(tenant_key tenant, mono_time now) const {
    const auto& e = *tenants_.at(tenant);
    if (e.ready == rank::none) return {};
    std::size_t ahead = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(e.ready); ++i) ahead += ready_[i].size();
    const auto& own = ready_[static_cast<std::size_t>(e.ready)];
    // Counting exactly is linear; a place beyond the first thousand need not be exact.
    const auto place = own.find({e.order, tenant});
    std::size_t before = 0;
    for (auto it = own.begin(); it != place && before < 1000; ++it) ++before;
    if (before == 1000) before = own.size() / 2;
    ahead += before;
    auto start = budget_.available_at(e.window, now).value_or(now + budget_.window());
    start = std::max(start, now);
    const auto per_call = budget_.window() / std::max(1u, budget_.limit());
    const auto room = budget_.limit() - std::min(budget_.limit(), [&] {
                          std::uint32_t used = 0;
                          for (const auto& a : budget_.addresses()) used += a.used(now);
                          return used;
                      }());
    if (ahead < room) return start - now;
    return start - now + per_call * static_cast<std::int64_t>(ahead - room);
}

std::vector<scheduler::queue_view> scheduler::queues(mono_time now) const {
    constexpr std::array<std::string_view, ranks> names{"request", "first_load", "sweep"};
    std::vector<queue_view> out;
    for (std::size_t i = 0; i < ranks; ++i) {
        auto& view = out.emplace_back(queue_view{names[i], ready_[i].size(), running_of_[i], {}});
        for (const auto& [order, tenant] : ready_[i]) {
            view.oldest_wait = std::max(view.oldest_wait, now - tenants_.at(tenant)->ready_since);
        }
    }
    return out;
}

std::size_t scheduler::memory_bytes() const noexcept {
    return wheel_.memory_bytes() + tenants_.capacity() * (sizeof(void*) + sizeof(tenant_key) + 8) +
           tenants_.size() * sizeof(entry);
}

} // namespace rollcall::sync
