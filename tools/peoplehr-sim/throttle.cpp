#include "throttle.hpp"

#include <algorithm>

namespace rollcall::sim {

std::size_t call_window::arrive(mono_time now) {
    while (!arrivals_.empty() && now - arrivals_.front() >= minutes{1}) arrivals_.pop_front();
    arrivals_.push_back(now);
    busiest_ = std::max(busiest_, arrivals_.size());
    return arrivals_.size();
}

} // namespace rollcall::sim
