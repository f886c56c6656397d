// The feed of events as server-sent events (WHATWG HTML, 9.2).
//
// A reader keeps nothing here but its place: what it has not fetched stays in the feed's ring, and
// if it falls out, the reader is told how many it missed. Memory is bounded however slow it is.
#pragma once
#include <bitset>
#include <memory>
#include <string>

#include <boost/json/object.hpp>

#include "rollcall/async/shard.hpp"
#include "rollcall/sync/fleet.hpp"

namespace rollcall::edge {

// Counts one stream as long as it lives.
class follower_place {
  public:
    static constexpr std::size_t followers_max = 16;

    follower_place() = default;
    explicit follower_place(std::shared_ptr<std::size_t> count) : count_(std::move(count)) {
        ++*count_;
    }
    follower_place(follower_place&&) noexcept = default;
    follower_place& operator=(follower_place&&) = delete;
    ~follower_place() {
        if (count_) --*count_;
    }

  private:
    std::shared_ptr<std::size_t> count_;
};

struct event_wishes {
    bool follow = false;
    std::string tenant;                          // empty: all, and those of the fleet
    std::bitset<sync::event_kind_count> kinds{}; // none set: all
    std::uint64_t after = 0;
    std::optional<std::uint64_t> missed_epoch{}; // the reader was at events of this other process
};

[[nodiscard]] boost::json::object to_json(const sync::event& one, std::uint64_t epoch);

class event_stream {
  public:
    event_stream(const sync::fleet& fleet_to_watch, shard& home, event_wishes wishes,
                 follower_place place);

    // The next chunk; empty at the end.
    [[nodiscard]] task<std::string> next();

  private:
    [[nodiscard]] bool wanted(const sync::event& one) const;
    [[nodiscard]] std::string take();

    const sync::fleet& fleet_;
    shard& home_;
    event_wishes wishes_;
    follower_place place_;
    mono_time spoke_at_;
    bool begun_ = false;
};

} // namespace rollcall::edge
