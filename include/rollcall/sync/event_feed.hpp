// The events of the fleet, for whoever watches it: a bounded ring, newest last. Pure.
//
// Events tell that something happened, to which tenant, and figures. They never tell of a person:
// no name, no e-mail, no id, no value of a field. They live in memory only; what has to be kept is
// in the runs and the audit.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rollcall/core/time.hpp"

namespace rollcall::sync {

enum class event_kind : std::uint8_t {
    fleet_started,
    fleet_draining,
    run_started, // a call is about to be made
    run_finished,
    hold_changed, // what waits for a person is something else now, or nothing
    tenant_added,
    tenant_changed,
    tenant_removed,
    tenant_stopped, // only a person can go on
    tenant_state,   // waiting, backing_off, held, stopped: not the course of a single run
    throttled,      // PeopleHR answered with its call limit (B-2)
    notice_sent,    // handed to the sink
};
inline constexpr std::size_t event_kind_count = 12;
[[nodiscard]] std::string_view name_of(event_kind v) noexcept; // "run.finished"
[[nodiscard]] std::optional<event_kind> read_event_kind(std::string_view name) noexcept;

struct event_field {
    std::string_view name; // a literal
    std::variant<std::int64_t, std::string> value;
};

struct event {
    std::uint64_t id = 0; // ascending by one, from 1, within an epoch
    wall_time at{};
    event_kind kind = event_kind::fleet_started;
    std::string tenant; // empty: the fleet as a whole
    std::vector<event_field> fields;
};

class event_feed {
  public:
    // `epoch` tells this process's numbers from those of the one before it.
    event_feed(std::size_t capacity, std::uint64_t epoch);

    void publish(wall_time at, event_kind kind, std::string_view tenant,
                 std::vector<event_field> fields = {});

    struct slice {
        std::uint64_t missed = 0;         // events after `after` that are no longer here
        std::vector<const event*> events; // valid until the next publish
    };
    // The events after number `after`, oldest first, at most `max` of them.
    [[nodiscard]] slice read(std::uint64_t after, std::size_t max) const;
    [[nodiscard]] std::uint64_t last_id() const noexcept { return last_; }
    [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }
    [[nodiscard]] std::size_t size() const noexcept { return ring_.size(); }

  private:
    std::size_t capacity_;
    std::uint64_t epoch_;
    std::uint64_t last_ = 0;
    std::deque<event> ring_;
};

// How an event is named to the outside, so that a reader can go on where it was: "EPOCH-NUMBER".
struct event_place {
    std::uint64_t epoch = 0;
    std::uint64_t id = 0;
    friend bool operator==(const event_place&, const event_place&) = default;
};
[[nodiscard]] std::string to_text(event_place where);
[[nodiscard]] std::optional<event_place> read_event_place(std::string_view text) noexcept;

} // namespace rollcall::sync
