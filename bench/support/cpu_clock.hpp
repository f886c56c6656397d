// Processor time of the calling thread, which other programs on the machine do not stretch as they
// stretch the time on the wall; and the median, which one disturbed pass does not move.
#pragma once
#include <algorithm>
#include <cstddef>
#include <ctime>
#include <vector>

#include "rollcall/core/check.hpp"

namespace rollcall::bench {

[[nodiscard]] inline double thread_microseconds() {
    timespec now{};
    ROLLCALL_CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

[[nodiscard]] double microseconds_of(auto&& work) {
    const double begin = thread_microseconds();
    work();
    return thread_microseconds() - begin;
}

[[nodiscard]] inline double median(std::vector<double> of) {
    ROLLCALL_CHECK(!of.empty());
    const auto middle = of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2);
    std::nth_element(of.begin(), middle, of.end());
    return *middle;
}

} // namespace rollcall::bench
