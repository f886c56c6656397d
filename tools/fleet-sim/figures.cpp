#include "figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>

namespace rollcall::fleet_sim {
namespace {

namespace json = boost::json;

std::string duration_text(double s) {
    if (s < 1) return fmt::format("{:.0f} ms", s * 1e3);
    if (s < 120) return fmt::format("{:.1f} s", s);
    if (s < 7'200) return fmt::format("{:.1f} min", s / 60);
    return fmt::format("{:.1f} h", s / 3'600);
}

std::string bytes_text(std::uint64_t bytes) {
    return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

// The fleet as it is at each hour of the day. The first day, which loads it, counts only if there
// is no other.
struct day_figures {
    struct of_hour {
        double p50 = 0, p99 = 0, max = 0;
        std::vector<double> calls; // mean, by address
        std::size_t days = 0;
    };
    std::array<of_hour, hours_of_day> hours;
    std::map<std::string, std::size_t, std::less<>> queues; // the longest
};

day_figures day_of(const figures& what) {
    day_figures out;
    const std::size_t first = what.hours.size() >= 2 * hours_of_day ? hours_of_day : 0;
    for (std::size_t i = first; i < what.hours.size(); ++i) {
        const auto& from = what.hours[i];
        auto& to = out.hours[i % hours_of_day];
        to.p50 += from.truth_p50_s;
        to.p99 = std::max(to.p99, from.truth_p99_s);
        to.max = std::max(to.max, from.truth_max_s);
        to.calls.resize(from.calls.size());
        for (std::size_t a = 0; a < from.calls.size(); ++a) to.calls[a] += from.calls[a];
        ++to.days;
        for (const auto& [name, ready] : from.queues) {
            out.queues[name] = std::max(out.queues[name], ready);
        }
    }
    for (auto& each : out.hours) {
        if (each.days == 0) continue;
        each.p50 /= static_cast<double>(each.days);
        for (auto& calls : each.calls) calls /= static_cast<double>(each.days);
    }
    return out;
}

double rounded(double value) {
    return std::round(value * 1e3) / 1e3;
}

json::object quantiles(const sample_set& of) {
    return {{"samples", of.size()},
            {"p50_s", rounded(of.quantile(0.5))},
            {"p99_s", rounded(of.quantile(0.99))},
            {"max_s", rounded(of.max())}};
}

std::string quantile_text(const sample_set& of) {
    if (of.size() == 0) return "none";
    return fmt::format("p50 {}, p99 {}, max {} ({} of them)", duration_text(of.quantile(0.5)),
                       duration_text(of.quantile(0.99)), duration_text(of.max()), of.size());
}

} // namespace

double sample_set::quantile(double q) const {
    if (values_.empty()) return 0;
    if (sorted_ != values_.size()) {
        std::ranges::sort(values_);
        sorted_ = values_.size();
    }
    const auto rank = std::ceil(q * static_cast<double>(values_.size()));
    const auto place = static_cast<std::size_t>(std::max(1.0, rank)) - 1;
    return static_cast<double>(values_[std::min(place, values_.size() - 1)]);
}

double figures::tenant_days_per_core_second() const noexcept {
    return core_seconds > 0 ? static_cast<double>(tenants) * days / core_seconds : 0;
}

std::string as_text(const description& of, const figures& what) {
    const auto day = day_of(what);
    double p50 = 0, p99 = 0, max = 0, busiest_hour = 0;
    for (const auto& each : day.hours) {
        p50 = std::max(p50, each.p50);
        p99 = std::max(p99, each.p99);
        max = std::max(max, each.max);
        for (const auto calls : each.calls) busiest_hour = std::max(busiest_hour, calls);
    }
    std::string out;
    const auto line = [&](std::string_view name, const std::string& text) {
        out += fmt::format("{:<22}{}\n", name, text);
    };
    line("fleet",
         fmt::format("{}: {} tenants with {} employees, {} with webhooks, {:.1f} days", of.name,
                     what.tenants, what.employees, of.tenants_with_webhook(), what.days));
    line("happened", fmt::format("{} changes, {} buttons, {} webhooks ({} taken), {} outages, {} "
                                 "restarts",
                                 what.changes, what.buttons, what.webhooks, what.webhooks_taken,
                                 of.outages.size(), what.restarts));
    line("calls", fmt::format("{} ({} throttled, {} without a connection); busiest minute of an "
                              "address {} of {}, busiest hour {:.0f}",
                              what.calls, what.calls_throttled, what.calls_refused,
                              what.busiest_minute, of.calls_per_minute, busiest_hour));
    line("runs", fmt::format("{} applied, {} unchanged, {} held, {} failed", what.runs_applied,
                             what.runs_unchanged, what.runs_held, what.runs_failed));
    line("first load", fmt::format("{} (the limit's floor is {})", duration_text(what.first_load_s),
                                   duration_text(what.first_load_floor_s)));
    line("age of truth", fmt::format("worst hour of the day: p50 {}, p99 {}, max {}",
                                     duration_text(p50), duration_text(p99), duration_text(max)));
    line("button to start", quantile_text(what.start_wait));
    line("error of estimates", fmt::format("p90 {:.0f} %", what.start_error.quantile(0.9) * 100));
    line("change, announced", quantile_text(what.lag_announced));
    line("change, not announced", quantile_text(what.lag_other));
    std::string queues;
    for (const auto& [name, ready] : day.queues) {
        queues += fmt::format("{}{} {}", queues.empty() ? "" : ", ", name, ready);
    }
    line("longest queues", queues);
    line("directory", fmt::format("{} users, {} active; {} in memory, {} in the database",
                                  what.users, what.active_users, bytes_text(what.directory_bytes),
                                  bytes_text(what.database_bytes)));
    line("checked",
         fmt::format("{} directories against PeopleHR, {} invitations, {} holds approved",
                     what.comparisons, what.invitations, what.holds_approved));
    line("speed", fmt::format("{:.0f} tenant-days per core-second ({:.1f} s)",
                              what.tenant_days_per_core_second(), what.core_seconds));
    line("trace", fmt::format("{:016x}", what.trace));
    return out;
}

std::string as_json(const description& of, const figures& what) {
    const auto day = day_of(what);
    json::array freshness, calls, timeline;
    for (std::size_t h = 0; h < hours_of_day; ++h) {
        const auto& each = day.hours[h];
        if (each.days == 0) continue;
        freshness.push_back(json::object{{"hour", h},
                                         {"p50_s", rounded(each.p50)},
                                         {"p99_s", rounded(each.p99)},
                                         {"max_s", rounded(each.max)}});
        for (std::size_t a = 0; a < each.calls.size(); ++a) {
            calls.push_back(
                json::object{{"hour", h}, {"address", a}, {"calls", rounded(each.calls[a])}});
        }
    }
    for (std::size_t i = 0; i < what.hours.size(); ++i) {
        const auto& each = what.hours[i];
        json::object queues;
        for (const auto& [name, ready] : each.queues) queues[name] = ready;
        timeline.push_back(
            json::object{{"hour", i},
                         {"p50_s", rounded(each.truth_p50_s)},
                         {"p99_s", rounded(each.truth_p99_s)},
                         {"max_s", rounded(each.truth_max_s)},
                         {"calls", json::array(each.calls.begin(), each.calls.end())},
                         {"queues", std::move(queues)}});
    }
    json::object out{
        {"format", 1},
        {"fleet", of.name},
        {"seed", static_cast<std::uint64_t>(of.seed)},
        {"days", rounded(what.days)},
        {"tenants", what.tenants},
        {"employees", what.employees},
        {"users", what.users},
        {"active_users", what.active_users},
        {"directory_bytes", what.directory_bytes},
        {"database_bytes", what.database_bytes},
        {"sweep",
         {{"first_load_s", rounded(what.first_load_s)},
          {"floor_s", rounded(what.first_load_floor_s)}}},
        {"freshness", std::move(freshness)},
        {"calls", std::move(calls)},
        {"on_demand", quantiles(what.start_wait)},
        {"estimate_error_p90", rounded(what.start_error.quantile(0.9))},
        {"change_lag",
         {{"announced", quantiles(what.lag_announced)}, {"other", quantiles(what.lag_other)}}},
        {"calls_made", what.calls},
        {"calls_throttled", what.calls_throttled},
        {"calls_refused", what.calls_refused},
        {"busiest_minute", what.busiest_minute},
        {"runs",
         {{"applied", what.runs_applied},
          {"unchanged", what.runs_unchanged},
          {"held", what.runs_held},
          {"failed", what.runs_failed}}},
        {"timeline", std::move(timeline)},
        {"core_seconds", rounded(what.core_seconds)},
        {"tenant_days_per_core_second", rounded(what.tenant_days_per_core_second())},
        {"trace", fmt::format("{:016x}", what.trace)}};
    return json::serialize(out) + "\n";
}

} // namespace rollcall::fleet_sim
