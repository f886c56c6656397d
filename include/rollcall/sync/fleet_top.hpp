// What the fleet is doing right now, as one value: what `rollcall top` draws. It tells of tenants
// and never of their people.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/core/error.hpp"
#include "rollcall/core/time.hpp"
#include "rollcall/sync/freshness.hpp"
#include "rollcall/sync/run.hpp"

namespace rollcall::sync {

enum class tenant_state : std::uint8_t;

struct fleet_top {
    struct address {
        std::string name;                            // empty: the system's choice
        std::uint32_t limit = 0, used = 0, room = 0; // of the present sliding minute
        nanoseconds paused{0};                       // for how long yet
        bool unusable = false;                       // no call leaves from it
    };
    struct queue {
        std::string_view name;
        std::size_t ready = 0, running = 0;
        nanoseconds oldest_wait{0};
    };
    struct run {
        std::string tenant;
        run_cause cause = run_cause::sweep;
        bool one_person = false;
        nanoseconds since{0};
    };
    // A tenant in one of the lists. What a list does not speak of is left at its default.
    struct line {
        std::string tenant;
        tenant_state state{};
        nanoseconds truth_age{-1}; // negative: never read
        nanoseconds last_run{-1};  // how long its last read of everybody took
        std::uint32_t rows = 0;    // of that read
        std::size_t held_steps = 0;
        wall_time held_since{};
        errc code = errc::ok; // why it does not work
        std::uint32_t failures = 0;
        nanoseconds next_try{-1}; // from now; negative: none is due by itself
    };

    wall_time at{};
    nanoseconds uptime{0};
    bool draining = false;
    std::size_t tenants = 0;
    std::map<std::string_view, std::size_t> tenants_by_state;
    std::vector<address> addresses;
    std::vector<queue> queues;
    truth_summary truth;
    std::uint64_t calls = 0, runs = 0, rows = 0;        // of the last minute
    std::vector<run> running;                           // longest first
    std::vector<line> slowest, stalest, holds, trouble; // worst first, as many as were asked for
    std::size_t held_tenants = 0, troubled_tenants = 0; // all of them
};

} // namespace rollcall::sync
