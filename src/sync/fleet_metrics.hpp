// The fleet's metrics. None carries a tenant's name: their number must not grow with the fleet.
#pragma once
#include <array>

#include "rollcall/core/metrics.hpp"
#include "rollcall/sync/freshness.hpp"
#include "rollcall/sync/run.hpp"
#include "rollcall/sync/webhook.hpp"

namespace rollcall::sync {

struct fleet_metrics {
    explicit fleet_metrics(metrics& m);

    std::array<counter, 5> runs; // by run_outcome
    counter calls;
    counter calls_throttled;
    counter rows;
    counter users_created;
    counter users_updated;
    counter users_deactivated;
    counter invitations_sent;
    std::array<counter, webhook_result_count> webhooks;
    gauge hints_waiting;
    gauge tenants;
    gauge tenants_held;
    gauge steps_held;
    gauge tenants_stopped;
    gauge tenants_never_synced;
    gauge users;
    gauge users_active;
    gauge issues;
    gauge queue_ready;
    gauge runs_in_progress;
    gauge egress_unusable;
    gauge directory_bytes;
    gauge staleness_seconds_max;
    gauge tenants_late;
    std::array<gauge, truth_age_bounds.size() + 1> truth_age_buckets;
    std::array<histogram, lag_causes.size()> change_lag_seconds;
    histogram fetch_seconds;
    histogram apply_seconds;
};

} // namespace rollcall::sync
