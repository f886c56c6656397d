// A figure that is not known exactly: what it is at least, likely, and at most. Pure.
//
// Interval arithmetic over quantities that are never negative, so that a result is as wide as what
// it was made of and no guess of its own comes in. `likely` is the same formula over the likely
// values, not the middle of the ends.
#pragma once
#include <algorithm>
#include <limits>

namespace rollcall::capacity {

struct range {
    double low = 0;
    double likely = 0;
    double high = 0;

    friend bool operator==(const range&, const range&) = default;
};

[[nodiscard]] constexpr range exactly(double value) noexcept {
    return {value, value, value};
}

[[nodiscard]] constexpr range operator+(const range& a, const range& b) noexcept {
    return {a.low + b.low, a.likely + b.likely, a.high + b.high};
}
[[nodiscard]] constexpr range operator*(const range& a, const range& b) noexcept {
    return {a.low * b.low, a.likely * b.likely, a.high * b.high};
}
[[nodiscard]] constexpr range operator*(const range& a, double b) noexcept {
    return a * exactly(b);
}
// What is left of `a`; nothing where `b` takes more.
[[nodiscard]] constexpr range operator-(const range& a, const range& b) noexcept {
    return {std::max(0.0, a.low - b.high), std::max(0.0, a.likely - b.likely),
            std::max(0.0, a.high - b.low)};
}
// Something over nothing is infinite, and nothing over nothing is nothing.
[[nodiscard]] constexpr double quotient(double a, double b) noexcept {
    if (b > 0) return a / b;
    return a > 0 ? std::numeric_limits<double>::infinity() : 0;
}
[[nodiscard]] constexpr range operator/(const range& a, const range& b) noexcept {
    return {quotient(a.low, b.high), quotient(a.likely, b.likely), quotient(a.high, b.low)};
}
[[nodiscard]] constexpr range operator/(const range& a, double b) noexcept {
    return a / exactly(b);
}

[[nodiscard]] constexpr range larger(const range& a, const range& b) noexcept {
    return {std::max(a.low, b.low), std::max(a.likely, b.likely), std::max(a.high, b.high)};
}
[[nodiscard]] constexpr range smaller(const range& a, const range& b) noexcept {
    return {std::min(a.low, b.low), std::min(a.likely, b.likely), std::min(a.high, b.high)};
}

} // namespace rollcall::capacity
