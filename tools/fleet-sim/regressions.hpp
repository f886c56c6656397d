// Seeds that once failed, kept so that they are run for ever: tests/sim/regressions.txt.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "description.hpp"
#include "rollcall/core/error.hpp"

namespace rollcall::fleet_sim {

struct regression {
    std::string fleet; // file name of the description
    std::uint64_t seed = 0;
    double days = 0;
};

// What can be asked for: seeds that a double holds exactly, and lengths in days.
inline constexpr double seed_max = 9e15;
inline constexpr double days_min = 0.05;
inline constexpr double days_max = 366;
[[nodiscard]] bool is_seed(double value) noexcept;
[[nodiscard]] bool is_length(double days) noexcept;

// "small.toml 42 7": a line of the file. The description is named without its folder.
[[nodiscard]] std::string to_line(const regression& what);
// Blank lines and what follows a # are passed over. A failure names the line.
[[nodiscard]] outcome<std::vector<regression>> parse_regressions(std::string_view text);
[[nodiscard]] outcome<std::vector<regression>> read_regressions(const std::string& path);

// Runs fewer or more days; what was to happen after them is left out.
void shorten(description& of, double days);

} // namespace rollcall::fleet_sim
