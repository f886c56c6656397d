// The plots of a plan.
#pragma once
#include <vector>

#include "chart.hpp"
#include "rollcall/capacity/plan.hpp"

namespace rollcall::capacity {

// In this order; `prefix` makes their ids differ from those of another plan on the page.
[[nodiscard]] std::vector<chart> charts_of(const plan& of, std::string_view prefix);

} // namespace rollcall::capacity
