// The call limit of the API: at most N calls in any sliding minute, counted on arrival, refused
// calls included (whether PeopleHR counts those is unknown; assuming it does is the harder case).
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>

#include "rollcall/core/time.hpp"

namespace rollcall::sim {

// The arrivals of the last minute. An arrival exactly one minute old no longer counts.
class call_window {
  public:
    // Counts an arrival and returns how many the minute that ends now holds, this one included.
    // Times must not go back.
    std::size_t arrive(mono_time now);
    [[nodiscard]] std::size_t busiest_minute() const noexcept { return busiest_; }

  private:
    std::deque<mono_time> arrivals_;
    std::size_t busiest_ = 0;
};

} // namespace rollcall::sim
