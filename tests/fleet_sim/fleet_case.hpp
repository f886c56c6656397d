// The shipped descriptions, and runs of them that are short enough for a test.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include "fleet-sim/regressions.hpp"
#include "fleet-sim/simulation.hpp"

namespace rollcall::test {

// Under a sanitizer a simulated day takes ten times as long.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ROLLCALL_SLOW_BUILD 1
#endif
#endif
#ifdef ROLLCALL_SLOW_BUILD
inline constexpr bool slow_build = true;
#else
inline constexpr bool slow_build = false;
#endif

// The tests run in the folder tests/.
inline std::string fleet_path(const std::string& name) {
    return "../tools/fleet-sim/fleets/" + name;
}

inline fleet_sim::description shipped_fleet(const std::string& name, double days) {
    auto read = fleet_sim::read_description(fleet_path(name));
    for (const auto& each : read.errors) ADD_FAILURE() << each;
    fleet_sim::shorten(read.what, days);
    return read.what;
}

inline void expect_good(const fleet_sim::verdict& what, const fleet_sim::description& of) {
    for (const auto& each : what.violations) ADD_FAILURE() << each;
    if (what.good()) return;
    ADD_FAILURE() << "repeat with: fleet-sim tools/fleet-sim/fleets/" << of.name << ".toml --seed "
                  << of.seed << " --days " << of.days;
}

} // namespace rollcall::test
