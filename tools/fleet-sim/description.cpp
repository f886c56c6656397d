#include "description.hpp"

#include <algorithm>
#include <cmath>

namespace rollcall::fleet_sim {
namespace {

nanoseconds from_seconds(double s) {
    return nanoseconds{std::llround(s * 1e9)};
}

} // namespace

std::size_t description::tenants_with_webhook() const noexcept {
    const auto wanted = webhook_tenants > 0 ? webhook_tenants : webhook_share * tenants;
    return static_cast<std::size_t>(std::llround(std::min(wanted, tenants)));
}

nanoseconds description::interval() const noexcept {
    return from_seconds(sweep_interval_minutes * 60);
}

nanoseconds description::truth_age_max() const noexcept {
    return truth_age_hours_max > 0 ? from_seconds(truth_age_hours_max * 3'600)
                                   : interval() + interval() / 10;
}

nanoseconds description::length() const noexcept {
    return from_seconds(days * 86'400);
}

double description::calls_per_day() const noexcept {
    return calls_per_minute * addresses * 1'440;
}

double description::sweeps_per_day() const noexcept {
    return tenants * 1'440 / sweep_interval_minutes;
}

} // namespace rollcall::fleet_sim
