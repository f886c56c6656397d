// A limit of events for each of any number of senders, in a fixed amount of memory.
//
// Each sender has a place in each of two arrays, by two parts of its hash, and a place holds the
// "theoretical arrival time" of the generic cell rate algorithm (ITU-T I.371). The earlier of a
// sender's two times counts. Times are only ever raised, as in a count-min sketch with conservative
// update (Estan and Varghese, 2002): nobody gets more than the limit, and who shares one place with
// a flood still has the other. The hash has to be keyed, so that nobody aims at a place.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "rollcall/core/time.hpp"

namespace rollcall::edge {

class rate_sketch {
  public:
    // `burst` events at once, then so many a minute; both at least 1.
    rate_sketch(std::uint32_t per_minute, std::uint32_t burst, std::size_t places = 1u << 14)
        : interval_(nanoseconds{minutes{1}} / per_minute),
          tolerance_(interval_ * (std::int64_t{burst} - 1)) {
        for (auto& row : rows_) row.resize(places);
    }

    // Nothing: the event may pass, and is counted. Otherwise how long until one may.
    [[nodiscard]] std::optional<nanoseconds> take(std::uint64_t hash, mono_time now) {
        auto& a = rows_[0][(hash & 0xffffffffu) % rows_[0].size()];
        auto& b = rows_[1][(hash >> 32) % rows_[1].size()];
        const auto arrival = std::max(std::min(a, b), now);
        if (arrival - now > tolerance_) return arrival - now - tolerance_;
        a = std::max(a, arrival + interval_);
        b = std::max(b, arrival + interval_);
        return std::nullopt;
    }

  private:
    nanoseconds interval_;
    nanoseconds tolerance_;
    std::array<std::vector<mono_time>, 2> rows_;
};

} // namespace rollcall::edge
