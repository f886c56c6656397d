// The keys of a description, as README.md has them.
#include <fmt/format.h>

#include "description.hpp"

namespace rollcall::fleet_sim {
namespace {

constexpr bool whole = true;
constexpr bool real = false;
using d = description;

constexpr std::array keys{
    description_key{"", "tenants", "tenants", 1, 100'000, whole, &d::tenants,
                    "Customers of the fleet. With size.list it may be left out."},

    description_key{"size", "median", "people", 1, 1'000'000, real, &d::size_median,
                    "Employed people of the tenant in the middle; the sizes are lognormal."},
    description_key{"size", "p99", "people", 1, 1'000'000, real, &d::size_p99,
                    "One tenant in a hundred is larger than this."},
    description_key{"size", "max", "people", 1, 200'000, real, &d::size_max,
                    "No tenant is larger."},
    description_key{"size", "leavers_listed", "records per employed person", 0, 100, real,
                    &d::leavers_listed,
                    "Leavers whom PeopleHR still lists; they are read in every sweep."},

    description_key{"changes", "joiners", "per employee and day", 0, 1, real, &d::joiners,
                    "People who are new, or come back."},
    description_key{"changes", "leavers", "per employee and day", 0, 1, real, &d::leavers,
                    "People who leave, or are marked to."},
    description_key{"changes", "details", "per employee and day", 0, 10, real, &d::details,
                    "Changes of somebody's job, department, manager, e-mail and so on."},

    description_key{"webhooks", "share", "share of the tenants", 0, 1, real, &d::webhook_share,
                    "Tenants that send webhooks."},
    description_key{"webhooks", "tenants", "tenants", 0, 100'000, whole, &d::webhook_tenants,
                    "The same as a number."},
    description_key{"webhooks", "per_day", "webhooks a day", 0, 1e7, real, &d::webhooks_per_day,
                    "Of the whole fleet. What is more than its changes is about fields that no "
                    "directory has."},
    description_key{"webhooks", "loss", "share of the webhooks", 0, 1, real, &d::webhook_loss,
                    "Changes that no webhook announces though the tenant has them."},
    description_key{"webhooks", "duplicates", "share of the webhooks", 0, 1, real,
                    &d::webhook_duplicates, "Webhooks that come twice."},
    description_key{"webhooks", "delay_median_s", "seconds", 0, 86'400, real,
                    &d::webhook_delay_median_s,
                    "From the change until its webhook comes; lognormal."},
    description_key{"webhooks", "delay_p99_s", "seconds", 0, 86'400, real, &d::webhook_delay_p99_s,
                    "One webhook in a hundred takes longer."},

    description_key{"buttons", "per_day", "presses a day", 0, 1e6, real, &d::buttons_per_day,
                    "Syncs that a person asks for and waits for, of the whole fleet."},

    description_key{"limits", "calls_per_minute", "calls in any sliding minute", 1, 10'000, whole,
                    &d::calls_per_minute, "sync.calls_per_minute: what we use of each address."},
    description_key{"limits", "calls_per_minute_theirs", "calls in any sliding minute", 1, 10'000,
                    whole, &d::calls_per_minute_theirs, "What PeopleHR allows one address."},
    description_key{"limits", "addresses", "addresses", 1, 64, whole, &d::addresses,
                    "Egress addresses of the daemon."},

    description_key{"answers", "latency_median_ms", "milliseconds", 0, 600'000, real,
                    &d::latency_median_ms,
                    "From a call to the first byte of its answer; lognormal."},
    description_key{"answers", "latency_p99_ms", "milliseconds", 0, 600'000, real,
                    &d::latency_p99_ms, "One call in a hundred takes longer."},
    description_key{"answers", "latency_per_row_us", "microseconds", 0, 1e6, real,
                    &d::latency_per_row_us, "What each record adds to that."},
    description_key{"answers", "gzip", "", 0, 1, whole, &d::gzip,
                    "Whether answers come compressed; it costs the simulation time."},

    description_key{"settings", "sweep_interval_minutes", "minutes", 1, 1'440, whole,
                    &d::sweep_interval_minutes, "sync.sweep_interval_minutes."},
    description_key{"settings", "concurrent_runs_max", "runs", 1, 64, whole,
                    &d::concurrent_runs_max, "sync.concurrent_runs_max: runs at one time."},
    description_key{"settings", "quiet_after_restart_s", "seconds", 0, 600, whole,
                    &d::quiet_after_restart_s,
                    "sync.quiet_after_restart_seconds: no call for so long after a start."},
    description_key{"settings", "progress_flush_s", "seconds", 1, 3'600, whole,
                    &d::progress_flush_s,
                    "sync.progress_flush_seconds: each time the daemon passes over all tenants, "
                    "which is what most of the time of a large simulation goes into."},

    description_key{"simulation", "days", "days", 0.05, 366, real, &d::days,
                    "How long it runs; what has changed by then is read after that."},
    description_key{"simulation", "seed", "", 1, 9e15, whole, &d::seed,
                    "All chance comes from it."},
    description_key{"simulation", "truth_age_hours_max", "hours", 0.05, 10'000, real,
                    &d::truth_age_hours_max,
                    "No tenant's truth may get older, outages apart. Left out: the sweep interval "
                    "and a tenth."},
};

} // namespace

std::span<const description_key> description_keys() noexcept {
    return keys;
}

std::string description_keys_as_table() {
    const description defaults;
    std::string out;
    for (const auto& key : keys) {
        std::string value;
        if (const auto* number = std::get_if<double d::*>(&key.value)) {
            value = fmt::format("{}", defaults.**number);
        } else {
            value = fmt::format("{}", defaults.*std::get<bool d::*>(key.value));
        }
        const auto dot = key.table.empty() ? "" : ".";
        out += fmt::format("| `{}{}{}` | {} | {} | {} |\n", key.table, dot, key.name, value,
                           key.unit, key.meaning);
    }
    return out;
}

} // namespace rollcall::fleet_sim
