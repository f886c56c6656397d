// The keys of a description, as the example has them.
#include "rollcall/capacity/fleet.hpp"

namespace rollcall::capacity {
namespace {

constexpr bool whole = true;
constexpr bool real = false;

constexpr std::array keys{
    fleet_key{"", "tenants", "tenants", 1, 10'000'000, whole, &fleet::tenants,
              "Customers of the fleet. With size.list it may be left out."},
    fleet_key{"", "years", "years", 0, 20, real, &fleet::years,
              "How long the fleet has run when its disk and memory are asked for."},

    fleet_key{"size", "median", "people", 1, 1'000'000, real, &fleet::size_median,
              "Employed people of the tenant in the middle; the sizes are lognormal."},
    fleet_key{"size", "p99", "people", 1, 10'000'000, real, &fleet::size_p99,
              "One tenant in a hundred is larger than this."},
    fleet_key{"size", "max", "people", 1, 10'000'000, real, &fleet::size_max,
              "No tenant is larger."},
    fleet_key{"size", "leavers_listed", "records per employed person", 0, 100, real,
              &fleet::leavers_listed,
              "Leavers whom PeopleHR still lists; they are read in every sweep."},

    fleet_key{"changes", "joiners", "per employee and day", 0, 1, real, &fleet::joiners,
              "People who are new."},
    fleet_key{"changes", "leavers", "per employee and day", 0, 1, real, &fleet::leavers,
              "People who leave."},
    fleet_key{"changes", "details", "per employee and day", 0, 10, real, &fleet::details,
              "Changes of somebody's job, department, manager, e-mail and so on."},

    fleet_key{"webhooks", "share", "share of the tenants", 0, 1, real, &fleet::webhook_share,
              "Tenants that send webhooks."},
    fleet_key{"webhooks", "tenants", "tenants", 0, 10'000'000, whole, &fleet::webhook_tenants,
              "The same as a number."},
    fleet_key{"webhooks", "per_day", "webhooks a day", 0, 1e9, real, &fleet::webhooks_per_day,
              "All that come, of the whole fleet. Left out: one for each change of these tenants."},
    fleet_key{"webhooks", "loss", "share of the webhooks", 0, 1, real, &fleet::webhook_loss,
              "Changes that no webhook announces though the tenant has them."},
    fleet_key{"webhooks", "duplicates", "share of the webhooks", 0, 1, real,
              &fleet::webhook_duplicates, "Webhooks that come twice."},
    fleet_key{"webhooks", "delay_median_s", "seconds", 0, 86'400, real,
              &fleet::webhook_delay_median_s, "From the change until its webhook comes."},
    fleet_key{"webhooks", "delay_p99_s", "seconds", 0, 86'400, real, &fleet::webhook_delay_p99_s,
              "One webhook in a hundred takes longer."},

    fleet_key{"buttons", "per_day", "presses a day", 0, 1e8, real, &fleet::buttons_per_day,
              "Syncs that a person asks for and waits for, of the whole fleet."},

    fleet_key{"limits", "calls_per_minute", "calls in any sliding minute", 1, 1'000'000, whole,
              &fleet::calls_per_minute, "sync.calls_per_minute: what we use of each address."},
    fleet_key{"limits", "calls_per_minute_theirs", "calls in any sliding minute", 1, 1'000'000,
              whole, &fleet::calls_per_minute_theirs, "What PeopleHR allows one address."},
    fleet_key{"limits", "addresses", "addresses", 1, 100'000, whole, &fleet::addresses,
              "Egress addresses that there are; 64 to a daemon at most."},
    fleet_key{"limits", "failing", "share of the calls", 0, 0.9, real, &fleet::failing,
              "Calls that fail and are made again."},
    fleet_key{"limits", "headroom", "share of the calls", 0, 0.9, real, &fleet::headroom,
              "What a plan leaves free, for a quick recovery after an outage."},

    fleet_key{"answers", "latency_median_ms", "milliseconds", 0, 600'000, real,
              &fleet::latency_median_ms, "From a call to the first byte of its answer."},
    fleet_key{"answers", "latency_p99_ms", "milliseconds", 0, 600'000, real, &fleet::latency_p99_ms,
              "One call in a hundred takes longer."},
    fleet_key{"answers", "latency_per_row_us", "microseconds", 0, 1e6, real,
              &fleet::latency_per_row_us, "What each record adds to that."},
    fleet_key{
        "answers", "page_rows", "records", 0, 500, whole, &fleet::page_rows,
        "Records of a page where tenants are read in pages, a call each; 0: one call for all."},
    fleet_key{"answers", "gzip", "", 0, 1, whole, &fleet::gzip, "Whether answers come compressed."},
    fleet_key{"answers", "tls", "", 0, 1, whole, &fleet::tls, "Whether calls go over TLS."},

    fleet_key{"required", "truth_age_hours", "hours", 0.05, 10'000, real, &fleet::truth_age_hours,
              "Age of truth that 99 % of the tenants have to keep at any time."},
    fleet_key{"required", "change_lag_p50_minutes", "minutes", 0, 1e6, real,
              &fleet::change_lag_p50_minutes,
              "From a change at PeopleHR to the directory, in half of all cases. Left out: any."},
    fleet_key{"required", "on_demand_p99_s", "seconds", 0.01, 86'400, real, &fleet::on_demand_p99_s,
              "Until the call of a button starts, in the busiest hour."},
    fleet_key{"required", "restart_s", "seconds", 0, 86'400, real, &fleet::restart_s,
              "From a start to the first call, the quiet minute included."},
    fleet_key{"required", "outage_hours", "hours", 0, 1'000, real, &fleet::outage_hours,
              "Length of an outage of PeopleHR whose recovery is worked out."},

    fleet_key{"settings", "sweep_interval_minutes", "minutes", 1, 1'440, whole,
              &fleet::sweep_interval_minutes,
              "sync.sweep_interval_minutes. Left out: 24/25 of required.truth_age_hours, at most a "
              "day."},
    fleet_key{"settings", "concurrent_runs_max", "runs", 1, 64, whole, &fleet::runs_max,
              "sync.concurrent_runs_max: runs at one time."},
    fleet_key{"settings", "tenants_max", "tenants", 1, 1'000'000, whole, &fleet::tenants_max,
              "sync.tenants_max: tenants that a daemon takes."},
    fleet_key{"settings", "runs_kept", "runs", 1, 100'000, whole, &fleet::runs_kept,
              "storage.runs_kept: run records that are kept of each tenant."},
    fleet_key{"settings", "body_mib_max", "MiB", 1, 1'024, real, &fleet::body_mib_max,
              "peoplehr.body_bytes_max: the longest answer that is taken."},
    fleet_key{"settings", "quiet_after_restart_s", "seconds", 0, 600, whole,
              &fleet::quiet_after_restart_s,
              "sync.quiet_after_restart_seconds: no call for so long after a start."},

    fleet_key{"settings", "progress_flush_s", "seconds", 1, 3'600, whole, &fleet::progress_flush_s,
              "sync.progress_flush_seconds: how often the progress of unchanged tenants is saved."},

    fleet_key{"machine", "count", "machines", 1, 10'000, whole, &fleet::machines,
              "Machines, each with a daemon, its share of the tenants and its addresses."},
    fleet_key{"machine", "memory_gib", "GiB", 0.1, 100'000, real, &fleet::memory_gib,
              "Memory of each machine that the daemon may use."},
    fleet_key{"machine", "disk_gib", "GiB", 0.1, 1'000'000, real, &fleet::disk_gib,
              "Disk of each machine that the daemon may use."},
    fleet_key{"machine", "network_mbit", "Mbit/s", 0.1, 1'000'000, real, &fleet::network_mbit,
              "Way in from PeopleHR, of each machine."},
};

} // namespace

std::span<const fleet_key> fleet_keys() noexcept {
    return keys;
}

} // namespace rollcall::capacity
