// What ends first, how the fleet grows, and what is wrong with it.
#include "rollcall/capacity/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cmath>

namespace rollcall::capacity {
namespace {

namespace json = boost::json;

constexpr double mib = 1024.0 * 1024.0;
constexpr double least_factor = 1e-3;
constexpr double most_factor = 1e5;
constexpr int points_a_decade = 16;
constexpr double decades = 2; // up to 100 times the fleet

// The factor at which a use passes 1, for each end of it; use never falls as the fleet grows.
double factor_at(const fleet& f, const machine& m, std::size_t which, double range::* end) {
    const auto use = [&](double factor) {
        const auto larger = grown(f, factor);
        return uses_of(larger, m, estimate_of(larger, m))[which].*end;
    };
    if (use(most_factor) < 1) return most_factor;
    if (use(least_factor) >= 1) return least_factor;
    double low = std::log(least_factor);
    double high = std::log(most_factor);
    while (high - low > 1e-3) {
        const double middle = (low + high) / 2;
        (use(std::exp(middle)) >= 1 ? high : low) = middle;
    }
    return std::exp(high);
}

std::vector<resource_use> uses_in_order(const fleet& f, const machine& m, const estimate& now) {
    const auto uses = uses_of(f, m, now);
    std::vector<resource_use> out;
    out.reserve(resources);
    for (std::size_t i = 0; i < resources; ++i) {
        out.push_back({static_cast<resource>(i),
                       uses[i],
                       {factor_at(f, m, i, &range::high), factor_at(f, m, i, &range::likely),
                        factor_at(f, m, i, &range::low)}});
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        return std::pair(a.ends_at.likely, a.which) < std::pair(b.ends_at.likely, b.which);
    });
    return out;
}

std::vector<growth_point> growth_of(const fleet& f, const machine& m) {
    std::vector<growth_point> out;
    constexpr int points = static_cast<int>(points_a_decade * decades);
    for (int i = 0; i <= points; ++i) {
        growth_point at;
        at.factor = std::pow(10, static_cast<double>(i) / points_a_decade);
        const auto larger = grown(f, at.factor);
        const auto e = estimate_of(larger, m);
        at.age_p99_s = e.age_p99_s;
        at.address_use = e.address_use;
        at.addresses_needed = e.addresses_needed;
        at.use = uses_of(larger, m, e);
        out.push_back(at);
    }
    return out;
}

std::vector<finding> findings_of(const plan& p) {
    std::vector<finding> wrong;
    std::vector<finding> other;
    const auto& f = p.of;
    const auto& e = p.now;
    const auto say = [&](bool is_wrong, std::string text) {
        (is_wrong ? wrong : other).push_back({is_wrong, std::move(text)});
    };
    if (e.addresses_needed.likely > f.addresses) {
        say(true, fmt::format("{} addresses are needed, and limits.addresses is {}",
                              shown(e.addresses_needed, "addresses"), f.addresses));
    }
    if (e.machines_needed.likely > f.machines) {
        say(true, fmt::format("{} machines are needed, and machine.count is {}",
                              shown(e.machines_needed, "machines"), f.machines));
    }
    if (e.age_p99_s.likely > f.truth_age_hours * 3'600) {
        say(true, fmt::format("99 % of the tenants are known as of the last {}, and "
                              "required.truth_age_hours is {}",
                              shown(e.age_p99_s, "s"), f.truth_age_hours));
    }
    if (p.simulated) {
        double worst = 0;
        for (const auto& each : p.simulated->freshness) worst = std::max(worst, each.p99_s);
        if (worst > f.truth_age_hours * 3'600) {
            say(true,
                fmt::format("fleet-sim saw 99 % of the tenants known as of the last {} in the "
                            "worst hour, and required.truth_age_hours is {}",
                            shown(worst, "s"), f.truth_age_hours));
        }
        const auto& pressed = p.simulated->on_demand_p99_s;
        if (pressed && *pressed > f.on_demand_p99_s) {
            say(true, fmt::format("fleet-sim saw a button wait up to {}, and "
                                  "required.on_demand_p99_s is {}",
                                  shown(*pressed, "s"), f.on_demand_p99_s));
        }
    }
    if (f.change_lag_p50_minutes && e.lag_p50_s.likely > *f.change_lag_p50_minutes * 60) {
        say(true, fmt::format("half of all changes take up to {}, and "
                              "required.change_lag_p50_minutes is {}",
                              shown(e.lag_p50_s, "s"), *f.change_lag_p50_minutes));
    }
    if (e.on_demand_p99_s.likely > f.on_demand_p99_s) {
        say(true, fmt::format("a button waits up to {}, and required.on_demand_p99_s is {}",
                              shown(e.on_demand_p99_s, "s"), f.on_demand_p99_s));
    }
    if (e.largest_bytes.likely > f.body_mib_max * mib) {
        say(true, fmt::format("the longest answer has {}, and peoplehr.body_bytes_max refuses more "
                              "than {} MiB: raise it (settings.body_mib_max)",
                              shown(e.largest_bytes, "bytes"), f.body_mib_max));
    }
    for (const auto& each : p.uses) {
        // These three were said above.
        const bool said = each.which == resource::calls || each.which == resource::freshness ||
                          each.which == resource::buttons;
        if (said || each.use.likely <= 1) continue;
        const auto& words = words_of(each.which);
        say(true, fmt::format("{}: {} {}; it takes {}", words.name, shown(each.use, "share"),
                              words.unit_of_use, words.more));
    }
    if (e.addresses_needed.likely < f.addresses) {
        say(false, fmt::format("{} of {} addresses would do",
                               shown(e.addresses_needed, "addresses"), f.addresses));
    }
    if (!std::isfinite(e.recovery_s.likely) && f.outage_hours > 0) {
        say(false, "no call is spare, so that the fleet never recovers from an outage");
    }
    wrong.insert(wrong.end(), other.begin(), other.end());
    return wrong;
}

double number_at(const json::object& from, std::string_view name, double otherwise) {
    const auto* value = from.if_contains(name);
    return value != nullptr && value->is_number() ? value->to_number<double>() : otherwise;
}

bool is_hour(double h) {
    return h >= 0 && h < hours_of_day && std::floor(h) == h;
}

} // namespace

bool plan::meets() const noexcept {
    return findings.empty() || !findings.front().wrong;
}

plan plan_of(const fleet& what, const machine& on, std::optional<simulation> simulated) {
    plan out;
    out.of = what;
    out.on = on;
    out.now = estimate_of(what, on);
    out.uses = uses_in_order(what, on, out.now);
    out.growth = growth_of(what, on);
    out.simulated = std::move(simulated);
    out.findings = findings_of(out);
    return out;
}

boost::system::result<simulation, failure> read_simulation(std::string_view text) {
    const auto wrong = [](const std::string& why) {
        return failure{errc::invalid_argument, "this is not what fleet-sim --json prints: " + why};
    };
    boost::system::error_code error;
    const auto parsed = json::parse(text, error);
    if (error || !parsed.is_object()) return wrong("it is no JSON object");
    const auto& root = parsed.get_object();
    if (number_at(root, "format", 0) != 1) return wrong("its format is not 1");
    simulation out;
    out.tenants = number_at(root, "tenants", 0);
    const auto* fresh = root.if_contains("freshness");
    if (fresh == nullptr || !fresh->is_array() || fresh->get_array().empty()) {
        return wrong("it has no list \"freshness\" with hours");
    }
    for (const auto& each : fresh->get_array()) {
        if (!each.is_object()) return wrong("an hour of \"freshness\" is no object");
        const auto& at = each.get_object();
        const simulated_hour hour{number_at(at, "hour", -1), number_at(at, "p50_s", -1),
                                  number_at(at, "p99_s", -1), number_at(at, "max_s", -1)};
        const bool in_order =
            0 <= hour.p50_s && hour.p50_s <= hour.p99_s && hour.p99_s <= hour.max_s;
        if (!is_hour(hour.hour) || !in_order) {
            return wrong(
                "an hour of \"freshness\" lacks hour (0 to 23), p50_s, p99_s or max_s, or "
                "these are not in order");
        }
        out.freshness.push_back(hour);
    }
    if (const auto* calls = root.if_contains("calls")) {
        if (!calls->is_array()) return wrong("\"calls\" is no list");
        for (const auto& each : calls->get_array()) {
            if (!each.is_object()) return wrong("an entry of \"calls\" is no object");
            const double hour = number_at(each.get_object(), "hour", -1);
            const double made = number_at(each.get_object(), "calls", -1);
            if (!is_hour(hour) || made < 0) return wrong("\"calls\" has a wrong hour or number");
            out.calls[static_cast<std::size_t>(hour)] += made;
            out.has_calls = true;
        }
    }
    if (const auto* on = root.if_contains("on_demand")) {
        if (!on->is_object()) return wrong("\"on_demand\" is no object");
        const double p50 = number_at(on->get_object(), "p50_s", -1);
        const double p99 = number_at(on->get_object(), "p99_s", -1);
        if (p50 >= 0) out.on_demand_p50_s = p50;
        if (p99 >= 0) out.on_demand_p99_s = p99;
    }
    if (const double speed = number_at(root, "tenant_days_per_core_second", -1); speed >= 0) {
        out.tenant_days_per_core_second = speed;
    }
    return out;
}

} // namespace rollcall::capacity
