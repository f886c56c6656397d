#include "rollcall/sync/freshness.hpp"

#include <algorithm>

namespace rollcall::sync {
namespace {

// The smallest value that at least `percent` of all do not exceed. Reorders `values`.
nanoseconds nearest_rank(std::vector<nanoseconds>& values, std::size_t percent) {
    const auto rank = std::max<std::size_t>(1, (values.size() * percent + 99) / 100);
    const auto place = values.begin() + static_cast<std::ptrdiff_t>(rank - 1);
    std::nth_element(values.begin(), place, values.end());
    return *place;
}

} // namespace

void truth_census::add(std::optional<nanoseconds> age, nanoseconds known_for, bool swept) {
    if (!swept) {
        ++counts_.on_request;
        return;
    }
    if (!age) {
        ++counts_.never;
        if (known_for > bound()) ++counts_.late;
        return;
    }
    const auto a = std::max(*age, nanoseconds{0});
    ages_.push_back(a);
    if (a > bound()) ++counts_.late;
    for (std::size_t i = 0; i < truth_age_bounds.size(); ++i) {
        if (a <= truth_age_bounds[i]) ++counts_.at_most[i];
    }
    ++counts_.at_most.back();
}

truth_summary truth_census::summary() {
    auto out = counts_;
    out.tenants = ages_.size();
    out.bound = bound();
    if (ages_.empty()) return out;
    out.p50 = nearest_rank(ages_, 50);
    out.p99 = nearest_rank(ages_, 99);
    out.max = *std::max_element(ages_.begin(), ages_.end());
    return out;
}

std::optional<std::size_t> lag_series(run_cause cause) noexcept {
    const auto place = std::find(lag_causes.begin(), lag_causes.end(), cause);
    if (place == lag_causes.end()) return {};
    return static_cast<std::size_t>(place - lag_causes.begin());
}

bool comes_from_source(step_kind kind) noexcept {
    switch (kind) {
        case step_kind::create:
        case step_kind::relink:
        case step_kind::reactivate:
        case step_kind::manage:
        case step_kind::update:
        case step_kind::blank:
        case step_kind::move:
        case step_kind::set_manager:
        case step_kind::clear_manager:
        case step_kind::change_email:
        case step_kind::unmanage:
        case step_kind::deactivate: return true;
        default: return false;
    }
}

} // namespace rollcall::sync
