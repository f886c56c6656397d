// A fleet to be simulated, as its TOML file describes it. Pure.
//
// The keys are those of `rollcall capacity plan`, as far as both describe the same thing, so that
// one file serves both; [simulation], [[outage]] and [[restart]] are the simulation's own.
// README.md has them all.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rollcall/core/time.hpp"

namespace rollcall::fleet_sim {

inline constexpr std::size_t hours_of_day = 24;

// So many tenants with so many employed people each.
struct size_class {
    double tenants = 0;
    double employees = 0;
};

// PeopleHR is out of reach, or answers with a web page.
enum class outage_kind : std::uint8_t { refused, http_503 };
struct outage {
    nanoseconds start{0}; // since the beginning
    nanoseconds length{0};
    outage_kind how = outage_kind::refused;
};

enum class restart_kind : std::uint8_t { stop, kill };
struct restart {
    nanoseconds at{0}; // since the beginning
    restart_kind how = restart_kind::stop;
};

enum class store_kind : std::uint8_t { sqlite, memory };

// Every number has the default of what may be left out. Shares are of 1.
struct description {
    std::string name = "fleet";
    double tenants = 0;

    double size_median = 60;
    double size_p99 = 1'500;
    double size_max = 20'000;
    double leavers_listed = 0.25;
    std::vector<size_class> size_list; // in place of the three quantiles

    double joiners = 0.0007;
    double leavers = 0.0006;
    double details = 0.004;

    double webhook_share = 0;
    double webhook_tenants = 0; // in place of the share
    double webhooks_per_day = 0;
    double webhook_loss = 0.01;
    double webhook_duplicates = 0;
    double webhook_delay_median_s = 5;
    double webhook_delay_p99_s = 60;

    double buttons_per_day = 0;

    double calls_per_minute = 25;
    double calls_per_minute_theirs = 30;
    double addresses = 1;

    double latency_median_ms = 600;
    double latency_p99_ms = 4'000;
    double latency_per_row_us = 300;
    bool gzip = false;

    double sweep_interval_minutes = 1'440;
    double concurrent_runs_max = 4;
    double quiet_after_restart_s = 60;
    double progress_flush_s = 60;

    std::array<double, hours_of_day> day{}; // of changes and buttons; in total 1

    double days = 7;
    double seed = 1;
    double truth_age_hours_max = 0; // 0: the interval and a tenth
    store_kind store = store_kind::sqlite;
    std::vector<outage> outages;   // in the order of time
    std::vector<restart> restarts; // likewise

    // What follows from more than one key.
    [[nodiscard]] std::size_t tenants_with_webhook() const noexcept;
    [[nodiscard]] nanoseconds interval() const noexcept;
    [[nodiscard]] nanoseconds truth_age_max() const noexcept;
    [[nodiscard]] nanoseconds length() const noexcept;
    // What all addresses may make in a day.
    [[nodiscard]] double calls_per_day() const noexcept;
    // Sweeps of all tenants in a day.
    [[nodiscard]] double sweeps_per_day() const noexcept;
};

// ---- the file ----

// A key of the file that takes a number or a flag: where it stands, what it takes, what it means.
struct description_key {
    std::string_view table; // empty: at the top
    std::string_view name;
    std::string_view unit;
    double least = 0;
    double most = 0;
    bool whole = false;
    std::variant<double description::*, bool description::*> value;
    std::string_view meaning;
};
[[nodiscard]] std::span<const description_key> description_keys() noexcept;
// The rows of README.md's table.
[[nodiscard]] std::string description_keys_as_table();

struct description_file {
    description what;
    std::vector<std::string> errors; // "PATH:LINE:COLUMN: text", in the order of the file
};
// Every fault is named with its key and its line: what is no TOML, unknown keys, values out of
// range, and what contradicts something else. `path` is only for texts.
[[nodiscard]] description_file parse_description(std::string_view toml, std::string_view path);
[[nodiscard]] description_file read_description(const std::string& path);

} // namespace rollcall::fleet_sim
