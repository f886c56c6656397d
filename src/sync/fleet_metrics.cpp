#include "fleet_metrics.hpp"

namespace rollcall::sync {

fleet_metrics::fleet_metrics(metrics& m) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
        runs[i] = m.make_counter("rollcall_runs_total", "Runs of tenants, by how they ended",
                                 {{"outcome", name_of(static_cast<run_outcome>(i))}});
    }
    calls = m.make_counter("rollcall_calls_total", "Calls made to PeopleHR");
    calls_throttled = m.make_counter("rollcall_calls_throttled_total",
                                     "Calls that PeopleHR answered with its call limit");
    rows = m.make_counter("rollcall_rows_total", "Employee rows read");
    users_created = m.make_counter("rollcall_users_created_total", "Users created");
    users_updated = m.make_counter("rollcall_users_updated_total", "Users updated");
    users_deactivated = m.make_counter("rollcall_users_deactivated_total", "Users deactivated");
    invitations_sent =
        m.make_counter("rollcall_invitations_sent_total", "Invitations handed to the notice sink");
    for (std::size_t i = 0; i < webhooks.size(); ++i) {
        webhooks[i] =
            m.make_counter("rollcall_webhooks_total", "Webhooks received, by what became of them",
                           {{"result", name_of(static_cast<webhook_result>(i))}});
    }
    hints_waiting = m.make_gauge("rollcall_hints_waiting",
                                 "Employees whom a webhook named and who are still to be read");
    tenants = m.make_gauge("rollcall_tenants", "Tenants");
    tenants_held =
        m.make_gauge("rollcall_tenants_held", "Tenants with steps that wait for a person");
    steps_held = m.make_gauge("rollcall_steps_held", "Steps that wait for a person");
    tenants_stopped =
        m.make_gauge("rollcall_tenants_stopped", "Tenants that wait for a person to act");
    tenants_never_synced =
        m.make_gauge("rollcall_tenants_never_synced", "Tenants without a first load");
    users = m.make_gauge("rollcall_users", "Users in all directories");
    users_active = m.make_gauge("rollcall_users_active", "Active users in all directories");
    issues = m.make_gauge("rollcall_issues", "Open issues of all tenants");
    queue_ready = m.make_gauge("rollcall_queue_ready", "Tenants that wait for the call budget");
    runs_in_progress = m.make_gauge("rollcall_runs_in_progress", "Runs in progress");
    egress_unusable = m.make_gauge("rollcall_egress_addresses_unusable",
                                   "Egress addresses from which no call can leave");
    directory_bytes =
        m.make_gauge("rollcall_directory_bytes", "Memory of all directories, in bytes");
    staleness_seconds_max = m.make_gauge("rollcall_staleness_seconds_max",
                                         "Age of the oldest successful sweep, in seconds");
    tenants_late =
        m.make_gauge("rollcall_tenants_late",
                     "Tenants whose last complete read is older than the interval + 10 %");
    for (std::size_t i = 0; i < truth_age_buckets.size(); ++i) {
        const auto bound = i < truth_age_bounds.size() ? std::to_string(truth_age_bounds[i].count())
                                                       : std::string("+Inf");
        truth_age_buckets[i] = m.make_gauge(
            "rollcall_truth_age_seconds_bucket",
            "Tenants whose last complete read began at most so many seconds ago", {{"le", bound}});
    }
    for (std::size_t i = 0; i < lag_causes.size(); ++i) {
        change_lag_seconds[i] = m.make_histogram(
            "rollcall_change_lag_seconds",
            "Time of a change from PeopleHR to the directory; of a read: at most",
            {1, 5, 30, 60, 300, 900, 3600, 14'400, 43'200, 86'400, 95'040, 172'800},
            {{"cause", name_of(lag_causes[i])}});
    }
    fetch_seconds =
        m.make_histogram("rollcall_fetch_seconds", "Time of a call until its answer was decoded",
                         {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300});
    apply_seconds = m.make_histogram("rollcall_apply_seconds", "Time to plan and apply a snapshot",
                                     {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5});
}

} // namespace rollcall::sync
