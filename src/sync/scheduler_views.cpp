// How the scheduler looks from outside, and what it expects (B-5).
#include <algorithm>
#include <cmath>

#include "rollcall/sync/scheduler.hpp"

namespace rollcall::sync {
namespace {

constexpr std::array<std::string_view, 6> class_names{"request",    "webhook", "due",
                                                      "first_load", "sweep",   "extra"};

} // namespace

bool scheduler::running(tenant_key tenant) const {
    return tenants_.at(tenant)->running;
}
bool scheduler::queued(tenant_key tenant) const {
    const auto& e = *tenants_.at(tenant);
    return (e.ready != rank::none && !e.parked && !e.running) || e.ticket != 0;
}
bool scheduler::waits_for_host(tenant_key tenant) const {
    const auto& e = *tenants_.at(tenant);
    return e.parked || (e.host_failed && host_is_down(tenant));
}
bool scheduler::host_is_down(tenant_key tenant) const {
    const auto* h = tenants_.at(tenant)->at;
    return h != nullptr && h->health.down();
}

bool scheduler::host_is_to_blame(tenant_key tenant) const {
    const auto& e = *tenants_.at(tenant);
    if (!e.host_failed || e.at == nullptr) return false;
    const auto& health = e.at->health;
    return health.down() || (health.tenants() > 1 && health.answered_at() <= e.failed_at);
}
bool scheduler::backs_off(tenant_key tenant) const {
    const auto& e = *tenants_.at(tenant);
    return e.timer && !e.turn && e.cause == run_cause::retry;
}

std::optional<mono_time> scheduler::quarantined_until(tenant_key tenant) const {
    const auto& e = *tenants_.at(tenant);
    if (e.quarantined_until == mono_time::min() || !e.timer || e.turn) return {};
    return e.quarantined_until;
}

std::size_t scheduler::hints_waiting(tenant_key tenant) const {
    const auto& e = *tenants_.at(tenant);
    return e.hints ? std::max<std::size_t>(e.hints->ids.size(), 1) : 0;
}

std::size_t scheduler::ready_count() const noexcept {
    std::size_t sum = 0;
    for (const auto& queue : ready_) sum += queue.size();
    return sum;
}

std::optional<mono_time> scheduler::due_at(tenant_key tenant) const {
    const auto& e = *tenants_.at(tenant);
    return e.timer ? std::optional(e.due) : std::nullopt;
}

std::optional<nanoseconds> scheduler::estimated_start(tenant_key tenant, mono_time now) const {
    const auto& e = *tenants_.at(tenant);
    if (e.parked) return {};
    const bool behind_own_run = e.running && e.ticket != 0;
    if ((e.ready == rank::none || e.running) && !behind_own_run) return {};
    const auto own = behind_own_run ? rank::request : e.ready;
    const auto i = static_cast<std::size_t>(own);
    // Counting is linear in those of the own class.
    const auto& queue = ready_[i];
    const auto before =
        behind_own_run
            ? queue.size()
            : static_cast<std::size_t>(std::distance(queue.begin(), queue.find(e.where)));
    // Runs that go on need a slot too; the pages behind that one, and those of reads that have not
    // begun, are not foreseen.
    std::size_t any = ready_[0].size() + going_on_[0].size();
    std::size_t even = 0;
    if (own == rank::request) {
        any = before + going_on_[0].size();
    } else if (own == rank::webhook) {
        any += before + going_on_[1].size();
        // Late sweeps take every second place.
        if (sweep_is_late(now)) even = std::min(before, ready_[4].size());
    } else {
        any += ready_[1].size() + going_on_[1].size();
        for (std::size_t k = 2; k < i; ++k) even += ready_[k].size() + going_on_[k].size();
        even += before + going_on_[i].size();
    }
    const bool evenly = own > rank::webhook;
    auto start = budget_.forecast(any, even, evenly, mean_call_, now);
    // Whoever is ahead of the class and has not come yet will come as often as lately.
    if (evenly) start = now + stretched(start - now, own, now);
    if (const auto at = e.window.available_at(now)) start = std::max(start, *at);
    if (behind_own_run) start = std::max(start, e.started_at + mean_run_);
    const auto kept = own <= rank::webhook ? 0 : options_.running_max / 4;
    const auto places = std::max<std::size_t>(1, options_.running_max - kept);
    if (const auto ahead = running_ + any + even; ahead >= places) {
        // Each of its places is given on when the run in it ends.
        const auto rounds = static_cast<std::int64_t>(ahead - places + 1);
        start = std::max(start, now + mean_run_ * rounds / static_cast<std::int64_t>(places));
    }
    return std::max(start - now, nanoseconds{0});
}

std::vector<scheduler::queue_view> scheduler::queues(mono_time now) const {
    std::vector<queue_view> out;
    for (std::size_t i = 0; i < ranks; ++i) {
        queue_view v{class_names[i], ready_[i].size(), running_as_[i], nanoseconds{0}};
        for (const auto& each : ready_[i]) {
            v.oldest_wait = std::max(v.oldest_wait, now - tenants_.at(each.tenant)->ready_since);
        }
        out.push_back(v);
    }
    queue_view held_up{"host_down", 0, 0, nanoseconds{0}};
    for (const auto& [name, h] : hosts_) {
        held_up.ready += h->parked.size();
        for (const auto& each : h->parked) {
            const auto waited = now - tenants_.at(each.tenant)->ready_since;
            held_up.oldest_wait = std::max(held_up.oldest_wait, waited);
        }
    }
    out.push_back(held_up);
    return out;
}

std::vector<scheduler::host_view> scheduler::hosts(mono_time now) const {
    std::vector<host_view> out;
    for (const auto& [name, h] : hosts_) {
        auto health = h->health; // looking at it moves its window
        const bool down = health.down();
        out.push_back({name, h->tenants, down, down ? now - health.down_since() : nanoseconds{0},
                       h->parked.size(), health.accepted_share(now)});
    }
    return out;
}

std::size_t scheduler::memory_bytes() const noexcept {
    return wheel_.memory_bytes() + tenants_.capacity() * (sizeof(void*) + sizeof(tenant_key) + 8) +
           tenants_.size() * sizeof(entry);
}

} // namespace rollcall::sync
