// Calendar dates without a zone, as PeopleHR gives them, and the one place where a zone makes an
// instant a date (rule T-1).
#pragma once
#include <absl/time/time.h>

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "rollcall/core/error.hpp"
#include "rollcall/core/time.hpp"

namespace rollcall {

// A day of the proleptic Gregorian calendar, or none. None orders before every day.
struct date {
    static constexpr std::int32_t none = std::numeric_limits<std::int32_t>::min();

    std::int32_t days = none; // since 1970-01-01

    [[nodiscard]] constexpr bool is_set() const noexcept { return days != none; }
    friend constexpr auto operator<=>(const date&, const date&) = default;
};

// errc::invalid_argument unless it is a day of the years 1 to 9999.
[[nodiscard]] result<date> date_from_civil(int year, unsigned month, unsigned day) noexcept;

// Reads yyyy-MM-dd or yyyy/MM/dd, with or without a time of day behind it, which is ignored, and
// white space around it. None for an unset value and for the two days that systems write in the
// place of none, 0001-01-01 and 1900-01-01 (section 2.5 of the wire facts). All else is
// errc::invalid_argument.
[[nodiscard]] result<date> parse_date(std::string_view text) noexcept;

// yyyy-MM-dd; empty for none.
[[nodiscard]] std::string to_string(date d);

// The day that it is in that zone at that instant.
[[nodiscard]] date local_date(wall_time t, const absl::TimeZone& zone);

} // namespace rollcall
