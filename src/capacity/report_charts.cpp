#include "report_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace rollcall::capacity {
namespace {

constexpr double most_factor = 100;
constexpr std::size_t uses_drawn = 5;

// What suits an axis of times up to `seconds`.
struct time_unit {
    double seconds;
    std::string_view name;
};
time_unit unit_for(double seconds) {
    if (seconds > 96 * 3'600) return {86'400, "days"};
    if (seconds > 2 * 3'600) return {3'600, "hours"};
    return {60, "minutes"};
}

double finite_or(double value, double otherwise) {
    return std::isfinite(value) ? value : otherwise;
}

// The axis ends a little above the largest value.
double rounded_up(double value) {
    if (value <= 0) return 1;
    const double unit = std::pow(10, std::floor(std::log10(value)));
    for (const double step : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0}) {
        if (unit * step >= value * 1.05) return unit * step;
    }
    return unit * 20;
}

series hours_line(std::string name, int style, const plan& p, range hour_of_day::* value,
                  double unit) {
    series out{std::move(name), style, {}, {}};
    // An hour's figure holds for all of it; the line goes through the middles and round midnight.
    for (int h = -1; h <= static_cast<int>(hours_of_day); ++h) {
        const auto& at = p.now.day[static_cast<std::size_t>(h + 24) % hours_of_day];
        const double x = std::clamp(h + 0.5, 0.0, 24.0);
        const auto& v = at.*value;
        out.points.emplace_back(x, v.likely / unit);
        if (v.high != v.low) out.band.push_back({x, v.low / unit, v.high / unit});
    }
    return out;
}

chart freshness_of_day(const plan& p, std::string_view prefix) {
    double most = p.of.truth_age_hours * 3'600;
    for (const auto& at : p.now.day) most = std::max(most, finite_or(at.age_max_s.likely, 0));
    if (p.simulated) {
        for (const auto& at : p.simulated->freshness) most = std::max(most, at.max_s);
    }
    const auto unit = unit_for(most);
    chart out;
    out.id = fmt::format("{}fresh", prefix);
    out.title = "Age of truth over the day";
    out.x = {"hour of the day", 0, 24, false, "hour"};
    out.y = {fmt::format("age of truth ({})", unit.name), 0, rounded_up(most / unit.seconds), false,
             "plain"};
    out.lines.push_back(hours_line("oldest tenant", 3, p, &hour_of_day::age_max_s, unit.seconds));
    out.lines.push_back(hours_line("99 % of tenants", 1, p, &hour_of_day::age_p99_s, unit.seconds));
    out.lines.push_back(hours_line("half of tenants", 2, p, &hour_of_day::age_p50_s, unit.seconds));
    if (p.simulated) {
        series simulated{"99 % of tenants, simulated", 5, {}, {}};
        for (const auto& at : p.simulated->freshness) {
            simulated.points.emplace_back(at.hour + 0.5, at.p99_s / unit.seconds);
        }
        out.lines.push_back(std::move(simulated));
    }
    const double required = p.of.truth_age_hours * 3'600 / unit.seconds;
    out.levels.push_back(
        {required, fmt::format("required: {}", shown(p.of.truth_age_hours * 3'600, "s"))});
    out.description = fmt::format(
        "Half of the tenants are known as of the last {}, 99 % as of the last {} in the worst "
        "hour; {} is required.",
        shown(p.now.age_p50_s.likely, "s"), shown(p.now.age_p99_s.likely, "s"),
        shown(p.of.truth_age_hours * 3'600, "s"));
    return out;
}

chart budget_of_day(const plan& p, std::string_view prefix) {
    chart out;
    out.id = fmt::format("{}budget", prefix);
    out.title = "Calls over the day";
    out.x = {"hour of the day", 0, 24, false, "hour"};
    out.bar_names = {"sweeps", "webhooks", "buttons"};
    double most = p.now.day[0].supply.likely;
    for (std::size_t h = 0; h < hours_of_day; ++h) {
        const auto& at = p.now.day[h];
        const auto from = static_cast<double>(h);
        out.bars.push_back(
            {from,
             from + 1,
             {at.sweep_calls.likely, at.webhook_calls.likely, at.button_calls.likely}});
        most = std::max(most,
                        at.sweep_calls.likely + at.webhook_calls.likely + at.button_calls.likely);
    }
    if (p.simulated && p.simulated->has_calls) {
        series simulated{"all, simulated", 5, {}, {}};
        for (std::size_t h = 0; h < hours_of_day; ++h) {
            simulated.points.emplace_back(static_cast<double>(h) + 0.5, p.simulated->calls[h]);
            most = std::max(most, p.simulated->calls[h]);
        }
        out.lines.push_back(std::move(simulated));
    }
    out.y = {"calls in an hour", 0, rounded_up(most), false, "plain"};
    out.levels.push_back(
        {p.now.day[0].supply.likely,
         fmt::format("{} {}", shown(p.of.addresses, "count"),
                     p.of.addresses == 1 ? "address allows this" : "addresses allow this")});
    out.description = fmt::format(
        "{} calls a day are needed, {} there are: {}.", shown(p.now.calls_day.likely, "count"),
        shown(p.now.supply_day.likely, "count"), shown(p.now.address_use.likely, "share"));
    return out;
}

axis growth_axis() {
    return {"size of the fleet, as a multiple of this one", 1, most_factor, true, "factor"};
}

// Where something ends, if it does within the plot.
void add_knee(chart& to, const resource_use& use) {
    const double at = use.ends_at.likely;
    if (at >= most_factor) return;
    const auto what = words_of(use.which).knee;
    to.knees.push_back(
        {std::max(1.0, at), at <= 1 ? fmt::format("{} already", what)
                                    : fmt::format("{} at {}\u00d7", what, shown(at, "count"))});
}

const resource_use& use_of(const plan& p, resource which) {
    return *std::find_if(p.uses.begin(), p.uses.end(),
                         [&](const auto& each) { return each.which == which; });
}

chart use_by_growth(const plan& p, std::string_view prefix) {
    chart out;
    out.id = fmt::format("{}use", prefix);
    out.title = "What ends first as the fleet grows";
    out.x = growth_axis();
    out.y = {"use of what there is (log)", 1e-3, 1e2, true, "share"};
    for (std::size_t i = 0; i < std::min(uses_drawn, p.uses.size()); ++i) {
        const auto which = p.uses[i].which;
        series line{std::string(words_of(which).name), static_cast<int>(i) + 1, {}, {}};
        for (const auto& at : p.growth) {
            const auto& use = at.use[static_cast<std::size_t>(which)];
            line.points.emplace_back(at.factor, use.likely);
        }
        out.lines.push_back(std::move(line));
    }
    out.levels.push_back({1, "all there is"});
    add_knee(out, p.uses.front());
    const auto& first = p.uses.front();
    out.description =
        fmt::format("At {} times this fleet {}; at {} times {}.",
                    shown(first.ends_at.likely, "count"), words_of(first.which).knee,
                    shown(p.uses[1].ends_at.likely, "count"), words_of(p.uses[1].which).knee);
    return out;
}

chart freshness_by_growth(const plan& p, std::string_view prefix) {
    double most = p.of.truth_age_hours * 3'600;
    double least = most;
    for (const auto& at : p.growth) {
        most = std::max(most, finite_or(at.age_p99_s.high, 0));
        least = std::min(least, finite_or(at.age_p99_s.low, most));
    }
    const auto unit = unit_for(most);
    chart out;
    out.id = fmt::format("{}growth", prefix);
    out.title = "Age of truth as the fleet grows";
    out.x = growth_axis();
    out.y = {fmt::format("age of truth of 99 % ({}, log)", unit.name),
             std::pow(10, std::floor(std::log10(std::max(least, 1.0) / unit.seconds))),
             std::pow(10, std::ceil(std::log10(most / unit.seconds))), true, "plain"};
    series line{"99 % of tenants, with these addresses", 1, {}, {}};
    for (const auto& at : p.growth) {
        line.points.emplace_back(at.factor, at.age_p99_s.likely / unit.seconds);
        line.band.push_back(
            {at.factor, at.age_p99_s.low / unit.seconds, at.age_p99_s.high / unit.seconds});
    }
    out.lines.push_back(std::move(line));
    out.levels.push_back({p.of.truth_age_hours * 3'600 / unit.seconds, "required"});
    add_knee(out, use_of(p, resource::freshness));
    out.description =
        fmt::format("At 100 times this fleet 99 % of the tenants would be known as of the last {}.",
                    shown(p.growth.back().age_p99_s.likely, "s"));
    return out;
}

chart addresses_by_growth(const plan& p, std::string_view prefix) {
    chart out;
    out.id = fmt::format("{}addresses", prefix);
    out.title = "Addresses needed as the fleet grows";
    out.x = growth_axis();
    double most = p.of.addresses;
    series line{"addresses needed", 1, {}, {}};
    for (const auto& at : p.growth) {
        line.points.emplace_back(at.factor, at.addresses_needed.likely);
        line.band.push_back({at.factor, at.addresses_needed.low, at.addresses_needed.high});
        most = std::max(most, at.addresses_needed.high);
    }
    out.y = {"addresses (log)", 1, std::pow(10, std::ceil(std::log10(std::max(most, 2.0)))), true,
             "plain"};
    out.lines.push_back(std::move(line));
    out.levels.push_back({p.of.addresses, "there are"});
    out.description = fmt::format("{} now, and {} at 100 times this fleet.",
                                  shown(p.now.addresses_needed, "addresses"),
                                  shown(p.growth.back().addresses_needed, "addresses"));
    return out;
}

} // namespace

std::vector<chart> charts_of(const plan& of, std::string_view prefix) {
    return {freshness_of_day(of, prefix), budget_of_day(of, prefix), use_by_growth(of, prefix),
            freshness_by_growth(of, prefix), addresses_by_growth(of, prefix)};
}

} // namespace rollcall::capacity
