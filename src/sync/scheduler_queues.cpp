// Who of the ready is next: classes, their shares, and the order within each.
#include <algorithm>
#include <cmath>

#include "rollcall/core/check.hpp"
#include "rollcall/sync/scheduler.hpp"

namespace rollcall::sync {
namespace {

// A tenant at its own limit must not keep others of its class waiting, and looking must stay cheap.
constexpr std::size_t candidates_max = 64;
// The reserved shares, by class; together they are one whole.
constexpr std::array<std::uint32_t, 6> shares{16, 8, 8, 4, 4, 0};
constexpr std::uint32_t whole_share = 40;
// How far a class may fall behind its share before what it missed is forgotten.
constexpr std::uint32_t owed_max = 2 * whole_share;
// One call in virtual time.
constexpr std::int64_t call = 1'000;
// For how long the load of the classes is remembered.
constexpr double remembered_seconds = 1800.0;
constexpr nanoseconds retry_later = seconds{10};

std::int64_t ticks(mono_time t) noexcept {
    return t.time_since_epoch().count();
}

} // namespace

scheduler::rank scheduler::rank_of(const entry& e) const {
    if (e.running) return e.wants_call ? std::min(e.ran_as, rank::sweep) : rank::none;
    if (e.ticket != 0) return rank::request;
    if (e.stopped) return rank::none;
    const bool backs_off =
        e.timer && !e.turn && (e.cause == run_cause::retry || e.cause == run_cause::confirm);
    if (e.hints && e.ever_synced && !backs_off) return rank::webhook;
    if (!e.turn) return rank::none;
    // A tenant whose first load keeps failing has no claim to go before others' sweeps.
    if (!e.ever_synced && e.failures == 0) return rank::first_load;
    if (e.date_due) return rank::due;
    return e.early ? rank::extra : rank::sweep;
}

std::int64_t scheduler::order_of(const entry& e, rank as) const {
    switch (as) {
        case rank::request:
        case rank::webhook: {
            const auto i = static_cast<std::size_t>(as);
            return std::max(virtual_time_[i], e.used[i]);
        }
        default: break;
    }
    if (e.running) return e.where.order; // what it started by
    switch (as) {
        case rank::first_load: return ticks(e.ready_since);
        default: return ticks(e.read_at == mono_time::min() ? e.ready_since : e.read_at);
    }
}

void scheduler::place_anew(tenant_key tenant, entry& e, mono_time now) {
    const auto wanted = rank_of(e);
    auto* const h = e.at;
    if (h != nullptr && h->probing == tenant && wanted == rank::none && !e.running) h->probing = 0;
    // A person's request is tried whatever is known of the host.
    const bool park = h != nullptr && wanted != rank::none && wanted != rank::request &&
                      h->health.down() && h->probing != tenant && !e.running;
    if (wanted == e.ready && park == e.parked) return;
    const bool waited = e.ready == wanted;
    take_out(tenant, e);
    if (wanted == rank::none) return;
    if (!waited) e.ready_since = now;
    e.ready = wanted;
    e.parked = park;
    e.where = {order_of(e, park ? rank::sweep : wanted), ++last_number_, tenant};
    if (park) {
        h->parked.insert(e.where);
    } else if (e.running) {
        going_on_[static_cast<std::size_t>(wanted)].insert(e.where);
    } else {
        ready_[static_cast<std::size_t>(wanted)].insert(e.where);
    }
}

void scheduler::take_out(tenant_key, entry& e) {
    if (e.ready == rank::none) return;
    const auto i = static_cast<std::size_t>(std::exchange(e.ready, rank::none));
    if (std::exchange(e.parked, false)) {
        e.at->parked.erase(e.where);
        return;
    }
    (e.running ? going_on_ : ready_)[i].erase(e.where);
    if (nobody_in(i)) owed_[i] = 0;
}

bool scheduler::somebody_goes_on() const {
    return std::ranges::any_of(going_on_, [](const auto& queue) { return !queue.empty(); });
}

pace scheduler::pace_of(rank r) const {
    switch (r) {
        case rank::request: return pace::any;
        case rank::webhook: return pace::most;
        case rank::extra: return pace::spare;
        default: return pace::evenly;
    }
}

// A quarter of the places is kept for those who wait.
bool scheduler::place_free_for(rank r) const {
    const auto kept = r <= rank::webhook ? 0 : options_.running_max / 4;
    return running_ < options_.running_max - kept;
}

bool scheduler::sweep_is_late(mono_time now) const {
    const auto& sweeps = ready_[static_cast<std::size_t>(rank::sweep)];
    return !sweeps.empty() &&
           sweeps.begin()->order < ticks(now - options_.interval - options_.sweep_late);
}

std::optional<run_start> scheduler::next(mono_time now) {
    fall_due(now);
    const bool places = running_ < options_.running_max;
    if (!places && !somebody_goes_on()) return {};
    if (places) send_probes(now);
    budget_.recover(now);
    // Nobody starts while no address has room: the usual answer, and it costs no look at the
    // queues.
    if (budget_.available_at(now) != now) return {};
    return choose(now);
}

std::optional<run_start> scheduler::choose(mono_time now) {
    for (std::size_t i = 0; i < ranks; ++i) {
        if (owed_[i] < whole_share) continue;
        if (auto start = start_from(static_cast<rank>(i), pace::any, now)) return start;
    }
    std::array order{rank::request, rank::webhook, rank::due, rank::first_load, rank::sweep};
    if (sweep_is_late(now)) {
        // Late sweeps and webhooks take turns.
        order = {rank::request, rank::webhook, rank::sweep, rank::due, rank::first_load};
        if (webhook_was_last_) std::swap(order[1], order[2]);
    }
    for (const auto r : order) {
        if (auto start = start_from(r, pace_of(r), now)) return start;
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(rank::extra); ++i) {
        if (!nobody_in(i)) return {};
    }
    return start_from(rank::extra, pace::spare, now);
}

std::optional<run_start> scheduler::start_from(rank from, pace how, mono_time now) {
    auto& queue = ready_[static_cast<std::size_t>(from)];
    if (nobody_in(static_cast<std::size_t>(from))) return {};
    if (budget_.available_at(now, how) != now) return {};
    const bool starts = !queue.empty() && place_free_for(from);
    const auto first = starts ? std::optional(*queue.begin()) : std::nullopt;
    if (auto further = go_on(from, how, first, now)) return further;
    if (!starts) return {};
    std::size_t looked = 0;
    for (auto it = queue.begin(); it != queue.end() && looked < candidates_max; ++looked) {
        const auto tenant = it->tenant;
        ++it; // the tenant may leave the queue
        auto& e = *tenants_.at(tenant);
        e.window.set_limit(e.limit.at(now));
        if (e.suspect) e.window.pause_until(budget_.others_until());
        if (e.window.available_at(now) != now || !host_lets(tenant, e, now)) continue;
        const auto address = budget_.try_acquire(e.window, now, how);
        ROLLCALL_CHECK(address.has_value());
        return start(tenant, e, *address, now);
    }
    return go_on(from, how, {}, now);
}

std::optional<run_start> scheduler::go_on(rank from, pace how, std::optional<place> first,
                                          mono_time now) {
    for (const auto& each : going_on_[static_cast<std::size_t>(from)]) {
        const auto tenant = each.tenant;
        auto& e = *tenants_.at(tenant);
        const bool waited = now - e.ready_since >= budget_.window();
        if (first && each > *first && !waited) continue;
        e.window.set_limit(e.limit.at(now));
        if (e.suspect) e.window.pause_until(budget_.others_until());
        if (e.window.available_at(now) != now) continue;
        const auto address = budget_.try_acquire(e.window, now, how);
        ROLLCALL_CHECK(address.has_value());
        if (e.at != nullptr) e.at->health.sent(false, from != rank::request, now);
        count_start(from, false, now);
        take_out(tenant, e);
        take_turn(e, from);
        e.wants_call = false;
        e.holds_slot = true;
        e.called_at = now;
        run_start out{tenant, e.cause, {}, 0, *address, false};
        out.further = true;
        return out;
    }
    return {};
}

// Among those who share the class fairly the tenant has used a call.
void scheduler::take_turn(entry& e, rank from) {
    if (from > rank::webhook) return;
    const auto i = static_cast<std::size_t>(from);
    virtual_time_[i] = std::max(virtual_time_[i], e.where.order);
    e.used[i] = std::max(e.used[i], e.where.order) + call;
}

bool scheduler::host_lets(tenant_key tenant, entry& e, mono_time now) {
    if (e.at == nullptr || e.ready == rank::request || e.at->probing == tenant) return true;
    auto& h = *e.at;
    if (now < h.closed_until) return false;
    if (e.retrying && e.turn && !h.health.may_retry(now)) {
        // It leaves the queue, so that it is in nobody's way.
        e.turn = false;
        wait_until(tenant, e,
                   now + retry_later + nanoseconds{random_.between(0, retry_later.count())},
                   run_cause::retry);
        place_anew(tenant, e, now);
        return false;
    }
    if (h.health.holds_back(random_, now)) {
        // Asking at once again would be the same request.
        const auto step = budget_.step();
        h.closed_until = now + step / 2 + nanoseconds{random_.between(0, step.count())};
        return false;
    }
    return true;
}

run_start scheduler::start(tenant_key tenant, entry& e, std::uint32_t address, mono_time now) {
    const auto from = e.ready;
    run_start out{tenant, e.cause, {}, 0, address, false};
    if (from == rank::request) {
        e.stopped = false;
        out.ticket = std::exchange(e.ticket, 0);
        out.employee_id = std::exchange(e.employee_id, {});
        if (e.ever_synced || !out.employee_id.empty()) out.cause = run_cause::on_demand;
    } else if (from == rank::webhook) {
        out.cause = run_cause::webhook;
        if (!bulk_is_cheaper(e)) out.employee_id = e.hints->ids.front();
    }
    if (e.at != nullptr) {
        const bool counted = from != rank::request && e.at->probing != tenant;
        e.at->health.sent(e.retrying, counted, now);
        if (e.at->health.down()) e.at->health.probed(random_, now);
    }
    // Counted before it leaves, while its class still has it.
    const bool own_turn = e.turn && out.employee_id.empty();
    count_start(from, own_turn, now);
    take_out(tenant, e);
    if (out.employee_id.empty()) {
        // A read of everybody does what the waiting turn and all hints would have done.
        stop_waiting(e);
        e.turn = e.early = false;
        out.hinted = e.hints != nullptr;
        e.hints.reset();
    } else if (e.hints) {
        out.hinted = std::erase(e.hints->ids, out.employee_id) != 0;
        if (e.hints->ids.empty() && !e.hints->whole) e.hints.reset();
    }
    take_turn(e, from);
    e.running = e.holds_slot = true;
    e.ran_as = from;
    e.started_at = e.called_at = now;
    e.host_failed = e.retrying = false;
    ++running_;
    ++running_as_[static_cast<std::size_t>(from)];
    return out;
}

void scheduler::charge(entry& e, std::uint32_t calls) {
    if (e.ran_as <= rank::webhook && calls > 1) {
        e.used[static_cast<std::size_t>(e.ran_as)] += call * (calls - 1);
    }
}

void scheduler::count_start(rank of, bool own_turn, mono_time now) {
    const auto started = static_cast<std::size_t>(of);
    for (std::size_t i = 0; i < ranks; ++i) {
        if (nobody_in(i)) continue;
        owed_[i] = std::min(owed_[i] + shares[i], owed_max);
        if (i == started) owed_[i] -= std::min(owed_[i], whole_share);
    }
    if (of == rank::webhook || of == rank::sweep) webhook_was_last_ = of == rank::webhook;
    const std::chrono::duration<double> since = now - rated_at_;
    const auto kept = std::exp(-since.count() / remembered_seconds);
    for (auto& each : rate_) each *= kept;
    rate_[started] += 1.0 / remembered_seconds;
    taken_out_ *= kept;
    if (own_turn && of <= rank::webhook) taken_out_ += 1.0 / remembered_seconds;
    rated_at_ = now;
}

// Let k be ahead, of R that wait in all, and m starts a second be possible. Classes above take l of
// them, and d of these l do the turn of one of the R, whoever that is, so that nobody has to wait
// for it any more: k' = -(m - l) - d k / R. With u = k / (m - l), the wait without the last term,
// and h = d / R, it is nought after ln(1 + h u) / h.
nanoseconds scheduler::stretched(nanoseconds wait, rank r, mono_time now) const {
    const std::chrono::duration<double> old = now - rated_at_;
    const std::chrono::duration<double> all = now - rated_since_;
    const std::chrono::duration<double> round = budget_.window() + mean_call_;
    // A memory that is not full yet stands for the time that it covers.
    const auto covered = 1.0 - std::exp(-std::max(all.count(), 60.0) / remembered_seconds);
    const auto scale = std::exp(-old.count() / remembered_seconds) / covered;
    double above = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(r); ++i) above += rate_[i] * scale;
    const auto part = std::min(0.9, above * round.count() / budget_.limit());
    std::size_t waiting = 1;
    for (std::size_t i = static_cast<std::size_t>(rank::due); i < ranks; ++i) {
        waiting += ready_[i].size();
    }
    const auto leaving = taken_out_ * scale / static_cast<double>(waiting);
    auto longer = std::chrono::duration<double>(wait).count() / (1.0 - part);
    if (leaving > 1e-9) longer = std::log1p(leaving * longer) / leaving;
    return nanoseconds{static_cast<std::int64_t>(longer * 1e9)};
}

std::optional<mono_time> scheduler::wake_at(mono_time now) {
    std::optional<mono_time> first = wheel_.next_deadline();
    const auto consider = [&](std::optional<mono_time> t) {
        if (t && (!first || *t < *first)) first = t;
    };
    const bool places = running_ < options_.running_max;
    if (!places && !somebody_goes_on()) return first;
    for (const auto& [name, h] : hosts_) {
        if (places && h->health.down() && h->probing == 0 && !h->parked.empty()) {
            consider(h->health.probe_at());
        }
    }
    for (std::size_t i = 0; i < ranks; ++i) {
        const auto r = static_cast<rank>(i);
        if (nobody_in(i)) continue;
        if (r == rank::extra && (ready_count() != ready_[i].size() || somebody_goes_on())) continue;
        const auto open =
            budget_.available_at(now, owed_[i] < whole_share ? pace_of(r) : pace::any);
        if (!open) continue;
        for (const auto& each : going_on_[i]) {
            const auto own = tenants_.at(each.tenant)->window.available_at(now);
            if (own) consider(std::max(*open, *own));
        }
        if (!place_free_for(r)) continue;
        std::size_t looked = 0;
        for (auto it = ready_[i].begin(); it != ready_[i].end() && looked < candidates_max;
             ++it, ++looked) {
            const auto& e = *tenants_.at(it->tenant);
            const auto own = e.window.available_at(now);
            if (!own) continue;
            auto at = std::max(*open, *own);
            if (e.at != nullptr && r != rank::request) at = std::max(at, e.at->closed_until);
            consider(at);
            // The first whose own limit is not what it waits for stands for all behind it.
            if (at == *open) break;
        }
    }
    return first;
}

} // namespace rollcall::sync
