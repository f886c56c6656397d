// A fleet that does not exist yet, as its operator describes it (config/fleet.example.toml). Pure.
//
// tools/fleet-sim reads the same keys, so that one file serves both; what only it needs,
// [simulation],
// [[outage]] and [[restart]], is passed over here.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rollcall::capacity {

inline constexpr std::size_t hours_of_day = 24;
inline constexpr double addresses_max = 64; // of one daemon: sync.egress_addresses

// So many tenants with so many employed people each.
struct size_class {
    double tenants = 0;
    double employees = 0;
};

// Every number of a description, with the defaults of what may be left out. Shares are of 1.
struct fleet {
    std::string name = "fleet";
    double tenants = 0;
    double years = 1;

    double size_median = 60;
    double size_p99 = 1'500;
    double size_max = 20'000;
    double leavers_listed = 0.25;
    std::vector<size_class> size_list; // in place of the three quantiles

    double joiners = 0.0007;
    double leavers = 0.0006;
    double details = 0.004;

    double webhook_share = 0;
    std::optional<double> webhook_tenants; // in place of the share
    double webhook_loss = 0.01;
    double webhook_duplicates = 0;
    double webhook_delay_median_s = 5;
    double webhook_delay_p99_s = 60;
    std::optional<double> webhooks_per_day; // nothing: one for each change

    double buttons_per_day = 0;

    double calls_per_minute = 25;
    double calls_per_minute_theirs = 30;
    double addresses = 1;
    double failing = 0.01;
    double headroom = 0.15;

    double latency_median_ms = 600;
    double latency_p99_ms = 4'000;
    double latency_per_row_us = 300;
    double page_rows = 0;
    bool gzip = true;
    bool tls = true;

    std::optional<double> sweep_interval_minutes; // nothing: what the required freshness asks for
    double truth_age_hours = 25;
    std::optional<double> change_lag_p50_minutes;
    double on_demand_p99_s = 5;
    double restart_s = 90;
    double outage_hours = 6;

    double runs_max = 4;
    double tenants_max = 20'000;
    double runs_kept = 100;
    double body_mib_max = 64;
    double quiet_after_restart_s = 60;
    double progress_flush_s = 60;

    double machines = 1;
    double memory_gib = 4;
    double disk_gib = 40;
    double network_mbit = 100;

    // How changes and buttons are spread over the hours of the day; in total 1.
    std::array<double, hours_of_day> day = {};

    // What is given, else 24/25 of the required age of truth, which leaves the rest for waiting; a
    // day at most (LA-46).
    [[nodiscard]] double interval_hours() const noexcept;
};

// The hours of an office: nearly all between 8 and 18.
[[nodiscard]] std::array<double, hours_of_day> office_day() noexcept;

// The sizes that the description comes to: quantiles of equal weight of a lognormal distribution
// that is cut at its maximum, or the list itself. Their tenants add up to those of the fleet.
[[nodiscard]] std::vector<size_class> sizes_of(const fleet& of);

// ---- the file ----

// A key of the file: where it stands, what it takes, and what it means.
struct fleet_key {
    std::string_view table; // empty: at the top
    std::string_view name;
    std::string_view unit;
    double least;
    double most;
    bool whole;
    std::variant<double fleet::*, std::optional<double> fleet::*, bool fleet::*> value;
    std::string_view meaning;
};
// In the order of the example. `name`, `size.list` and `day.shape` are no numbers.
[[nodiscard]] std::span<const fleet_key> fleet_keys() noexcept;

// config/fleet.example.toml: a fleet with every key, its meaning, unit, range and default.
[[nodiscard]] std::string example_text();

struct fleet_file {
    fleet what;
    std::vector<std::string> errors; // "PATH:LINE:COLUMN: text", in the order of the file
};
// Reads a description. Every fault is named, each with its key and its line: what is no TOML,
// unknown keys, values out of range, and what contradicts something else. `path` is only for texts.
[[nodiscard]] fleet_file read_fleet(std::string_view toml, std::string_view path);

} // namespace rollcall::capacity
