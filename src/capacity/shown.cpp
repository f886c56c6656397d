// Figures for people: three digits, and the unit that suits.
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "rollcall/capacity/plan.hpp"

namespace rollcall::capacity {
namespace {

struct step {
    double from;
    double unit;
    std::string_view name;
};

// "31,200"; 2.41; 0.0312
std::string digits(double value) {
    if (value >= 99.95) {
        auto text = fmt::format("{:.0f}", value);
        for (auto i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > 0; i -= 3) {
            text.insert(static_cast<std::size_t>(i), ",");
        }
        return text;
    }
    if (value == std::floor(value)) return fmt::format("{:.0f}", value);
    return fmt::format("{:.3g}", value);
}

template <std::size_t Size>
std::string in_steps(double value, const std::array<step, Size>& steps) {
    const auto* chosen = &steps.front();
    for (const auto& each : steps) {
        if (value >= each.from) chosen = &each;
    }
    return fmt::format("{} {}", digits(value / chosen->unit), chosen->name);
}

constexpr std::array durations{step{0, 1e-3, "ms"},        step{1, 1, "s"},
                               step{120, 60, "min"},       step{7'200, 3'600, "h"},
                               step{172'800, 86'400, "d"}, step{63'072'000, 31'536'000, "years"}};
constexpr double kib = 1024;
constexpr std::array sizes{step{0, 1, "B"}, step{10 * kib, kib, "KiB"},
                           step{kib * kib, kib* kib, "MiB"},
                           step{kib * kib * kib, kib* kib* kib, "GiB"},
                           step{kib * kib * kib * kib, kib* kib* kib* kib, "TiB"}};
constexpr std::array bits{step{0, 1, "bit/s"}, step{1e3, 1e3, "kbit/s"}, step{1e6, 1e6, "Mbit/s"},
                          step{1e9, 1e9, "Gbit/s"}};

} // namespace

std::string shown(double value, std::string_view unit) {
    if (!std::isfinite(value)) return "never";
    if (unit == "s") return value == 0 ? "0 s" : in_steps(value, durations);
    if (unit == "bytes") return in_steps(value, sizes);
    if (unit == "bytes/year") return in_steps(value, sizes) + "/year";
    if (unit == "bit/s") return in_steps(value, bits);
    if (unit == "share") return digits(value * 100) + " %";
    if (unit == "factor") return digits(value) + "x";
    if (unit.ends_with("/day") || unit.ends_with("/min") || unit.ends_with("/s")) {
        return fmt::format("{} {}", digits(value), unit);
    }
    return digits(value);
}

std::string shown(const range& value, std::string_view unit) {
    auto low = shown(value.low, unit);
    const auto likely = shown(value.likely, unit);
    auto high = shown(value.high, unit);
    if (low == likely && high == likely) return likely;
    // The unit is said once where it is the same.
    if (const auto space = likely.find(' '); space != std::string::npos) {
        const std::string_view name = std::string_view(likely).substr(space);
        const bool same = low.ends_with(name) && high.ends_with(name);
        if (same) low.resize(low.size() - name.size());
        if (same) high.resize(high.size() - name.size());
    }
    return fmt::format("{} ({} to {})", likely, low, high);
}

} // namespace rollcall::capacity
