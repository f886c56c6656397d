#include "rollcall/capacity/fleet.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace rollcall::capacity {
namespace {

// Enough that the 99th percentile of a fleet falls on a tenant of its own.
constexpr std::size_t quantiles = 1'000;
// How many standard deviations the 99th percentile of a normal distribution is from its middle.
constexpr double deviations_p99 = 2.326347874;

// The inverse of the normal distribution: Acklam's rational approximation, exact to 1e-9.
double normal_quantile(double p) {
    static constexpr std::array a{-3.969683028665376e+01, 2.209460984245205e+02,
                                  -2.759285104469687e+02, 1.383577518672690e+02,
                                  -3.066479806614716e+01, 2.506628277459239e+00};
    static constexpr std::array b{-5.447609879822406e+01, 1.615858368580409e+02,
                                  -1.556989798598866e+02, 6.680131188771972e+01,
                                  -1.328068155288572e+01};
    static constexpr std::array c{-7.784894002430293e-03, -3.223964580411365e-01,
                                  -2.400758277161838e+00, -2.549732539343734e+00,
                                  4.374664141464968e+00,  2.938163982698783e+00};
    static constexpr std::array d{7.784695709041462e-03, 3.224671290700398e-01,
                                  2.445134137142996e+00, 3.754408661907416e+00};
    constexpr double edge = 0.02425;
    if (p > 1 - edge) return -normal_quantile(1 - p);
    if (p < edge) {
        const double q = std::sqrt(-2 * std::log(p));
        return (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
               ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
    }
    const double q = p - 0.5;
    const double r = q * q;
    return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
           (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

} // namespace

double fleet::interval_hours() const noexcept {
    if (sweep_interval_minutes) return std::min(24.0, *sweep_interval_minutes / 60);
    return std::min(24.0, truth_age_hours * 24 / 25);
}

std::array<double, hours_of_day> office_day() noexcept {
    constexpr std::array<double, hours_of_day> weights{0.2, 0.2, 0.2, 0.2, 0.2, 0.3, 0.7, 2,
                                                       7,   11,  12,  11,  8,   9,   11,  10,
                                                       8,   5,   1.6, 0.9, 0.6, 0.4, 0.3, 0.2};
    auto out = weights;
    const double all = std::accumulate(out.begin(), out.end(), 0.0);
    for (auto& each : out) each /= all;
    return out;
}

std::vector<size_class> sizes_of(const fleet& of) {
    if (!of.size_list.empty()) {
        double listed = 0;
        for (const auto& each : of.size_list) listed += each.tenants;
        auto out = of.size_list;
        // A fleet that grows keeps the proportions of its list.
        for (auto& each : out) each.tenants *= of.tenants / listed;
        return out;
    }
    const double spread = std::log(of.size_p99 / of.size_median) / deviations_p99;
    std::vector<size_class> out(quantiles);
    for (std::size_t i = 0; i < quantiles; ++i) {
        const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(quantiles);
        const double people = of.size_median * std::exp(spread * normal_quantile(p));
        out[i] = {of.tenants / static_cast<double>(quantiles),
                  std::clamp(people, 1.0, of.size_max)};
    }
    return out;
}

} // namespace rollcall::capacity
