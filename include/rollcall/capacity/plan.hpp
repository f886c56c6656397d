// What a fleet comes to on a machine: calls, freshness, memory, disk, and what ends first as it
// grows. Pure arithmetic; every figure says what it was made of.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/capacity/fleet.hpp"
#include "rollcall/capacity/machine.hpp"
#include "rollcall/capacity/range.hpp"

namespace rollcall::capacity {

// An hour of a day like all others, once the fleet has settled.
struct hour_of_day {
    range sweep_calls; // started in it
    range webhook_calls;
    range button_calls;
    range supply;    // calls that the limits allow
    range age_p50_s; // of truth, over the tenants
    range age_p99_s;
    range age_max_s;
};

// Everything that the arithmetic gives. Of the whole fleet unless it says "machine".
struct estimate {
    range employees;
    range users;
    range records_read; // by one sweep of all
    range largest_records;
    range largest_bytes;
    range calls_per_read;
    range call_s;
    range address_calls_min;
    range supply_day;
    range sweep_calls_day;
    range webhook_calls_day;
    range button_calls_day;
    range calls_day;
    range address_use; // of the limit
    range interval_s;
    range round_s;       // one sweep of all, with what other calls leave
    range round_alone_s; // with all calls
    range first_load_s;
    range age_p50_s;
    range age_p99_s;
    range age_max_s;
    range lag_p50_s;
    range lag_p99_s;
    range lag_max_s;
    range on_demand_p50_s;
    range on_demand_p99_s;
    range recovery_s;
    range addresses_needed;
    range machines_needed;
    range machine_cpu;       // of the shard's thread, in the busiest hour
    range machine_cpu_day;   // likewise, over the day
    range machine_commits_s; // in the busiest hour
    range machine_memory;
    range machine_places; // runs at one time
    range database_bytes;
    range audit_bytes_year;
    range wal_bytes;
    range machine_disk;
    range network_day;
    range machine_network; // bits a second, in the busiest hour
    range restart_s;
    range tenants_machine;
    std::array<hour_of_day, hours_of_day> day;
};

// What may end. Settings are among them, because they end as surely until somebody raises them.
enum class resource : std::uint8_t {
    calls,
    freshness,
    buttons,
    places,
    cpu,
    commits,
    memory,
    disk,
    network,
    restart,
    tenants,
};
inline constexpr std::size_t resources = 11;

struct resource_words {
    std::string_view key;
    std::string_view name;
    std::string_view knee;        // what happens: "calls run out"
    std::string_view unit_of_use; // "of the calls that headroom leaves"
    std::string_view more;        // how there is more of it
};
[[nodiscard]] const resource_words& words_of(resource which) noexcept;

struct resource_use {
    resource which{};
    range use;     // 1: all that there is
    range ends_at; // by what the fleet may grow until then; below 1: it has ended
};

struct growth_point {
    double factor = 1;
    range age_p99_s;
    range address_use;
    range addresses_needed;
    std::array<range, resources> use;
};

// Of fleet-sim, for what arithmetic cannot say.
struct simulated_hour {
    double hour = 0;
    double p50_s = 0;
    double p99_s = 0;
    double max_s = 0;
};
struct simulation {
    double tenants = 0; // of the fleet that was simulated
    std::vector<simulated_hour> freshness;
    std::array<double, hours_of_day> calls{}; // over all addresses
    bool has_calls = false;
    std::optional<double> on_demand_p50_s;
    std::optional<double> on_demand_p99_s;
    std::optional<double> tenant_days_per_core_second;
};

struct finding {
    bool wrong = false; // a requirement is not met, or the daemon would refuse it
    std::string text;
};

struct plan {
    fleet of;
    machine on;
    estimate now;
    std::vector<resource_use> uses; // what ends first is first
    std::vector<growth_point> growth;
    std::vector<finding> findings; // the wrong ones first
    std::optional<simulation> simulated;

    [[nodiscard]] bool meets() const noexcept;
};

struct figure {
    std::string_view key;
    std::string_view label;
    std::string_view unit; // s, bytes, bit/s, share, or what is counted
    std::string_view section;
    std::string_view formula;
    std::string_view inputs; // keys of the description, of the profile and of other figures
    range estimate::* value;
};
[[nodiscard]] std::span<const figure> figures() noexcept;

[[nodiscard]] estimate estimate_of(const fleet& what, const machine& on);
[[nodiscard]] std::array<range, resources> uses_of(const fleet& what, const machine& on,
                                                   const estimate& e);
// The same fleet with so many times the tenants, webhooks and buttons, and no more of anything
// else.
[[nodiscard]] fleet grown(const fleet& what, double factor);
[[nodiscard]] plan plan_of(const fleet& what, const machine& on,
                           std::optional<simulation> simulated = {});

// invalid_argument where it is not what `fleet-sim --json` prints.
[[nodiscard]] boost::system::result<simulation, failure> read_simulation(std::string_view json);

// ---- for people and programs ----
// "3.2 h", "1.4 GiB", "12 %", "31,200"
[[nodiscard]] std::string shown(double value, std::string_view unit);
// The same with its ends: "3.2 h (2.9 to 4.1)".
[[nodiscard]] std::string shown(const range& value, std::string_view unit);
[[nodiscard]] std::string text_of(const plan& what, bool explain);
[[nodiscard]] std::string text_of(const plan& a, const plan& b);
[[nodiscard]] std::string json_of(const plan& what);
[[nodiscard]] std::string json_of(const plan& a, const plan& b);
// A page of its own: no script, nothing from elsewhere.
[[nodiscard]] std::string html_of(const plan& what);
[[nodiscard]] std::string html_of(const plan& a, const plan& b);

} // namespace rollcall::capacity
