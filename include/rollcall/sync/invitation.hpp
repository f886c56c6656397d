// The invitations ledger of one tenant (LA-21 to LA-27): who is to be invited, when, and who was.
//
//   not_invited --> scheduled --> sent --> confirmed
//        ^              |
//        |              v
//        +--------- cancelled (left, or vanished before it was sent; scheduled anew on return)
//
// A scheduled one whose instant has come, and which a hold keeps back, is shown as `due`. `sent` is
// left by itself for nothing but a confirmation: at most one automatic invitation per person ever
// (LA-26); a person may send it again. The
// state and the notice that carries it out are one transaction.
#pragma once
#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "rollcall/core/date.hpp"
#include "rollcall/core/time.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::sync {

enum class invitation_state : std::uint8_t {
    not_invited,
    scheduled,
    due, // only shown, never stored: scheduled, and its instant has come
    sent,
    cancelled,
    confirmed,
};
[[nodiscard]] std::string_view name_of(invitation_state v) noexcept;
[[nodiscard]] std::optional<invitation_state> read_invitation_state(std::string_view name) noexcept;

struct invitation {
    std::uint32_t uid = 0;
    invitation_state state = invitation_state::not_invited;
    bool automatic = false;  // created while the setting invited: may be sent without being asked
                             // for (LA-25)
    bool first_load = false; // of the tenant's first import: waits for `invite go-live` (G-5)
    wall_time due{};         // of a scheduled one
    wall_time sent{};        // the last time; zero: never

    friend bool operator==(const invitation&, const invitation&) = default;
};

// By uid. Users whom this integration did not create have none (LA-25), unless a person invited
// them.
class invitation_ledger {
  public:
    [[nodiscard]] const invitation* find(std::uint32_t uid) const noexcept;
    void put(const invitation& value);
    bool erase(std::uint32_t uid);
    [[nodiscard]] std::size_t size() const noexcept { return by_uid_.size(); }
    // The earliest instant after `after` at which a scheduled one falls due; none: nothing is
    // scheduled. Those that a hold keeps back are in the past, and are given only by `all`.
    [[nodiscard]] std::optional<wall_time> next_due(wall_time after) const noexcept;
    // Sorted by uid.
    [[nodiscard]] std::vector<invitation> all() const;
    // The scheduled ones alone, the earliest first; costs nothing for the others.
    [[nodiscard]] std::vector<invitation> scheduled() const;

  private:
    absl::flat_hash_map<std::uint32_t, invitation> by_uid_;
    std::set<std::pair<wall_time, std::uint32_t>> scheduled_; // by instant, then uid
};

// The instant at which `day` has reached the hour `hour` in the zone (T-1). Where a clock change
// leaves the hour out, the first instant after the gap; where it comes twice, the first. Always
// within the local day: where the gap reaches to midnight, the day's last second (Nuuk in spring).
// Only of a day that the zone skipped whole is it the first instant of the next one (Apia,
// 2011-12-30).
[[nodiscard]] wall_time local_instant(date day, int hour, const absl::TimeZone& zone);
// The first instant of the day after `day`: when a leaving date has ended (LA-43). Where midnight
// comes twice, the second: nothing of the day is still to come.
[[nodiscard]] wall_time day_ended(date day, const absl::TimeZone& zone);
// The settings' zone; UTC where a newer tz database dropped it.
[[nodiscard]] absl::TimeZone zone_of(const tenant_settings& settings);

} // namespace rollcall::sync
