#include "passes.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

#include "rollcall/core/check.hpp"

namespace rollcall::measure {

double processor_seconds() {
    timespec now{};
    ROLLCALL_CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double wall_seconds() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
}

capacity::range of_values(std::vector<double> values) {
    ROLLCALL_CHECK(!values.empty());
    std::sort(values.begin(), values.end());
    return {values.front(), values[values.size() / 2], values.back()};
}

capacity::range of_passes(double seconds, const std::function<double()>& pass) {
    constexpr std::size_t least = 3;
    constexpr std::size_t most = 1'000;
    const double until = wall_seconds() + seconds;
    std::vector<double> values;
    while (values.size() < least || (wall_seconds() < until && values.size() < most)) {
        values.push_back(pass());
    }
    return of_values(std::move(values));
}

} // namespace rollcall::measure
