// Hosts that tenants share, and what becomes of them when one is down (B-6).
#include <algorithm>

#include "rollcall/sync/scheduler.hpp"

namespace rollcall::sync {

void scheduler::join_host(entry& e, std::string_view name) {
    e.at = nullptr;
    if (name.empty()) return;
    auto place = hosts_.find(name);
    if (place == hosts_.end()) {
        place = hosts_.emplace(std::string(name), std::make_unique<host>()).first;
        place->second->name = name;
    }
    e.at = place->second.get();
    e.at->health.set_tenants(++e.at->tenants);
}

void scheduler::leave_host(tenant_key tenant, entry& e) {
    if (e.at == nullptr) return;
    if (e.parked) take_out(tenant, e);
    auto& h = *std::exchange(e.at, nullptr);
    if (h.probing == tenant) h.probing = 0;
    e.host_failed = false;
    h.health.set_tenants(--h.tenants);
    if (h.tenants == 0) hosts_.erase(hosts_.find(h.name));
}

// The tenant that waits longest finds out whether the host is back.
void scheduler::send_probes(mono_time now) {
    for (auto& [name, h] : hosts_) {
        if (!h->health.down() || h->probing != 0 || h->parked.empty() ||
            h->health.probe_at() > now) {
            continue;
        }
        h->probing = h->parked.begin()->tenant;
        place_anew(h->probing, *tenants_.at(h->probing), now);
    }
}

void scheduler::answered(const run_start& run, bool accepted, mono_time now) {
    auto& e = *tenants_.at(run.tenant);
    e.host_failed = !accepted;
    if (e.at == nullptr) return;
    auto& h = *e.at;
    const bool was_down = h.health.down();
    if (h.health.answered(run.tenant, accepted, now)) return host_came_back(h, now);
    if (!was_down && h.health.down()) host_went_down(h, now);
}

void scheduler::host_went_down(host& h, mono_time now) {
    std::vector<tenant_key> waiting;
    for (std::size_t i = static_cast<std::size_t>(rank::webhook); i < ranks; ++i) {
        for (const auto& each : ready_[i]) {
            if (tenants_.at(each.tenant)->at == &h) waiting.push_back(each.tenant);
        }
    }
    for (const auto tenant : waiting) place_anew(tenant, *tenants_.at(tenant), now);
}

// All who wait because of it are ready at once; the budget spreads them.
void scheduler::host_came_back(host& h, mono_time now) {
    h.closed_until = {};
    std::vector<std::pair<mono_time, tenant_key>> waiting;
    for (const auto& [tenant, e] : tenants_) {
        if (e->at != &h || e->running) continue;
        if (e->parked || (e->host_failed && e->quarantined_until <= now)) {
            waiting.emplace_back(e->read_at, tenant);
        }
    }
    std::sort(waiting.begin(), waiting.end());
    for (const auto& [read_at, tenant] : waiting) {
        auto& e = *tenants_.at(tenant);
        e.blameless = 0;
        e.host_failed = e.retrying = false;
        if (e.timer && !e.turn && e.cause == run_cause::retry) {
            stop_waiting(e);
            e.turn = true;
        }
        // It is no retry: nobody but the host has failed.
        if (e.turn && e.cause == run_cause::retry) {
            if (!e.ever_synced) {
                e.cause = run_cause::first_load;
            } else if (e.daily) {
                e.cause = run_cause::sweep;
            }
        }
        place_anew(tenant, e, now);
    }
}

} // namespace rollcall::sync
