// How much of something happened within the last minute, in slots of a second.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

#include "rollcall/core/time.hpp"

namespace rollcall::sync {

class minute_meter {
  public:
    // `now` does not go back from one call to the next.
    void add(mono_time now, std::uint64_t how_much = 1) noexcept {
        const auto second = second_of(now);
        if (second - newest_ >= slots) slots_.fill(0);
        for (auto s = std::max(newest_, second - slots) + 1; s <= second; ++s) slots_[index(s)] = 0;
        newest_ = std::max(newest_, second);
        slots_[index(newest_)] += how_much;
    }
    [[nodiscard]] std::uint64_t last_minute(mono_time now) const noexcept {
        std::uint64_t sum = 0;
        for (auto s = std::max(newest_, second_of(now)) - slots + 1; s <= newest_; ++s) {
            sum += slots_[index(s)];
        }
        return sum;
    }

  private:
    static constexpr std::int64_t slots = 60;
    static std::int64_t second_of(mono_time t) noexcept {
        return t.time_since_epoch() / seconds{1};
    }
    static std::size_t index(std::int64_t second) noexcept {
        return static_cast<std::size_t>((second % slots + slots) % slots);
    }

    std::array<std::uint64_t, slots> slots_{};
    std::int64_t newest_ = 0; // the second that was added to last
};

} // namespace rollcall::sync
