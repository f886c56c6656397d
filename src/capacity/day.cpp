#include "day.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rollcall::capacity {
namespace {

// What the lower classes keep while higher ones have work (B-3): first loads and dates leave
// theirs.
constexpr double sweeps_share = 0.1;
constexpr int days_to_settle = 8;
constexpr double deviations_p99 = 2.326347874;

double left_for_sweeps(const day_demand& d, double urgent) {
    const double left = std::max(d.supply - urgent, d.supply * sweeps_share);
    return std::min(left, d.sweep_supply);
}

// From the begin of hour `from` on, until so many calls are done at what each hour leaves.
double hours_for(double calls, const std::array<double, hours_of_day>& left, std::size_t from) {
    constexpr double never = std::numeric_limits<double>::infinity();
    double all = 0;
    for (const double each : left) all += each;
    if (calls <= 0) return 0;
    if (all <= 0) return never;
    const double whole_days = std::floor(calls / all);
    calls -= whole_days * all;
    double hours = whole_days * static_cast<double>(hours_of_day);
    for (std::size_t h = from;; h = (h + 1) % hours_of_day) {
        if (left[h] > 0 && calls <= left[h]) return hours + calls / left[h];
        calls -= left[h];
        ++hours;
    }
}

} // namespace

day_course course_of(const day_demand& d) {
    day_course out;
    const double a_day = static_cast<double>(hours_of_day);
    const double due = d.reads * d.calls_per_read / d.interval_h; // each hour: phases are even
    std::array<double, hours_of_day> left{};
    std::array<double, hours_of_day> backlog{};
    double waiting = 0;
    double urgent = 0;
    for (int day = 0; day < days_to_settle; ++day) {
        for (std::size_t h = 0; h < hours_of_day; ++h) {
            urgent += d.urgent[h];
            const double served = std::min(urgent, d.supply * (1 - sweeps_share));
            urgent -= served;
            left[h] = left_for_sweeps(d, served);
            waiting += due;
            const double done = std::min(waiting, left[h]);
            waiting -= done;
            backlog[h] = waiting;
            out.hours[h].sweeps = done;
            out.hours[h].urgent_wait_h = d.supply > 0 ? urgent / d.supply : 0;
        }
    }
    double left_a_day = 0;
    for (const double each : left) left_a_day += each;
    out.round_h = left_a_day > 0 ? d.reads * d.calls_per_read / (left_a_day / a_day)
                                 : std::numeric_limits<double>::infinity();
    out.saturated = out.round_h > d.interval_h;
    std::array<double, hours_of_day> wait{};
    for (std::size_t h = 0; h < hours_of_day; ++h) {
        wait[h] = hours_for(backlog[h], left, (h + 1) % hours_of_day);
    }
    for (std::size_t h = 0; h < hours_of_day; ++h) {
        auto& hour = out.hours[h];
        if (out.saturated) {
            // The stalest goes first, so that a tenant's turn comes again after one sweep of all.
            hour.gap_h = std::max(d.interval_h, hours_for(d.reads * d.calls_per_read, left, h));
            continue;
        }
        // Phases stay: a tenant that waits every day at the same hour is still read every day. Only
        // what it waits longer than the last time makes it older.
        const auto before = static_cast<std::size_t>(
            std::fmod(static_cast<double>(h) + a_day * 60 - std::round(d.interval_h), a_day));
        hour.gap_h = d.interval_h + std::max(0.0, wait[h] - wait[before]);
    }
    return out;
}

double hours_to_recover(const day_demand& d, double outage_h) {
    const double due = d.reads * d.calls_per_read / d.interval_h;
    double spare = 0;
    for (const double urgent : d.urgent) spare += left_for_sweeps(d, urgent) - due;
    spare /= static_cast<double>(hours_of_day);
    if (outage_h <= 0) return 0;
    return spare > 0 ? outage_h * due / spare : std::numeric_limits<double>::infinity();
}

double lag_quantile(const lag_mix& m, double share) {
    const double spread = m.median_s > 0 && m.p99_s > m.median_s
                              ? std::log(m.p99_s / m.median_s) / deviations_p99
                              : 0;
    const auto by = [&](double t) {
        double announced = t >= m.median_s + m.wait_s ? 1 : 0;
        if (spread > 0) {
            const double after = t - m.wait_s;
            announced =
                after <= 0
                    ? 0
                    : 0.5 * std::erfc(-std::log(after / m.median_s) / (spread * std::sqrt(2.0)));
        }
        const double swept = m.interval_s > 0 ? std::clamp(t / m.interval_s, 0.0, 1.0) : 1;
        return m.announced * announced + (1 - m.announced) * swept;
    };
    double low = 0;
    double high = std::max(m.interval_s, 100 * (m.p99_s + m.wait_s) + 1);
    if (!std::isfinite(high)) return high;
    for (int i = 0; i < 100; ++i) {
        const double middle = (low + high) / 2;
        (by(middle) >= share ? high : low) = middle;
    }
    return high;
}

double chance_all_taken(double slots, double use) {
    const double mean = slots * use;
    if (mean <= 0) return 0;
    if (use >= 1) return 1;
    if (slots > 400) return 0.5 * std::erfc((slots - mean) / std::sqrt(2 * mean));
    // One less than the sum of the Poisson distribution below `slots`.
    double fewer = 0;
    const auto count = static_cast<int>(std::ceil(slots));
    for (int k = 0; k < count; ++k) {
        fewer += std::exp(k * std::log(mean) - mean - std::lgamma(k + 1.0));
    }
    return std::max(0.0, 1 - fewer);
}

double start_wait(double share, double own, double taken, double step_s) {
    const double spared = 1 - share; // so many may wait longer
    if (taken <= spared) return 0;
    if (own >= 1) return std::numeric_limits<double>::infinity();
    // The slot that comes back next is anywhere within a step.
    const double slot = step_s * (1 - spared / taken);
    const double behind_others = own * taken;
    if (behind_others <= spared) return slot;
    // P(wait > t) of M/D/1 falls about twice as fast as that of M/M/1.
    return slot + std::log(behind_others / spared) / (2 * (1 - own)) * step_s;
}

} // namespace rollcall::capacity
