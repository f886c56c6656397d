#include "rollcall/core/date.hpp"

#include <gtest/gtest.h>

namespace rollcall {
namespace {

constexpr date day(int y, unsigned m, unsigned d) {
    using namespace std::chrono;
    return {static_cast<std::int32_t>(
        sys_days{year{y} / static_cast<int>(m) / static_cast<int>(d)}.time_since_epoch().count())};
}

TEST(Date, ReadsTheFormsThatPeopleHrWrites) {
    for (const char* text : {"2024-02-29", "2024/02/29", " 2024-02-29 ", "2024-02-29T00:00:00",
                             "2024-02-29T23:59:59.999Z", "2024-02-29 00:00:00",
                             "2024/02/29 12:00 AM", "2024-02-29T00:00:00+01:00"}) {
        const auto parsed = parse_date(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(*parsed, day(2024, 2, 29)) << text;
    }
    EXPECT_EQ(parse_date("1970-01-01")->days, 0);
    EXPECT_EQ(parse_date("1969-12-31")->days, -1);
    EXPECT_EQ(parse_date("9999-12-31").value(), day(9999, 12, 31));
}

TEST(Date, TakesBlankAndPlaceholderDaysAsUnset) {
    for (const char* text :
         {"", "  ", "\u00a0", "0001-01-01", "0001-01-01T00:00:00", "1900-01-01", "1900/01/01"}) {
        const auto parsed = parse_date(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_FALSE(parsed->is_set()) << text;
    }
    EXPECT_TRUE(parse_date("1900-01-02")->is_set());
}

TEST(Date, RefusesEverythingElse) {
    for (const char* text :
         {"2023-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "2024-01-32", "0000-01-01",
          "29/02/2024", "2024-2-9", "2024-02/29", "24-02-29", "2024-02-2", "2024-02-29x",
          "2024-02-29T", "2024-02-29Tx", "20240229", "tomorrow", "-024-02-29", "2024-+2-29"}) {
        const auto parsed = parse_date(text);
        ASSERT_TRUE(parsed.has_error()) << text;
        EXPECT_EQ(errc_of(parsed.error()), errc::invalid_argument);
    }
}

TEST(Date, IsReadBackAsItWasWritten) {
    for (std::int32_t days = -719'161; days < 2'932'896; days += 97) {
        const date d{days};
        EXPECT_EQ(parse_date(to_string(d)).value(), d);
    }
    EXPECT_EQ(to_string(date{}), "");
    EXPECT_EQ(to_string(day(987, 6, 5)), "0987-06-05");
}

TEST(Date, OrdersNoneBeforeEveryDay) {
    EXPECT_LT(date{}, day(1, 1, 1));
    EXPECT_LT(day(2024, 2, 29), day(2024, 3, 1));
    EXPECT_EQ(date_from_civil(2024, 2, 29).value(), day(2024, 2, 29));
    EXPECT_TRUE(date_from_civil(10'000, 1, 1).has_error());
}

absl::TimeZone zone(const char* name) {
    absl::TimeZone loaded;
    EXPECT_TRUE(absl::LoadTimeZone(name, &loaded)) << name;
    return loaded;
}

TEST(Date, IsAnotherDayInAnotherZoneAtTheSameInstant) {
    const wall_time late =
        std::chrono::sys_days{std::chrono::days{day(2024, 6, 30).days}} + hours{23} + minutes{30};
    EXPECT_EQ(local_date(late, absl::UTCTimeZone()), day(2024, 6, 30));
    EXPECT_EQ(local_date(late, zone("Europe/London")), day(2024, 7, 1)); // summer time
    EXPECT_EQ(local_date(late, zone("America/New_York")), day(2024, 6, 30));
    EXPECT_EQ(local_date(late, zone("Pacific/Kiritimati")), day(2024, 7, 1));
}

TEST(Date, BeginsAtOneWhereClocksSkipMidnight) {
    // Beirut went from 2022-03-26 23:59:59 to 2022-03-27 01:00:00.
    const wall_time skip =
        std::chrono::sys_days{std::chrono::days{day(2022, 3, 26).days}} + hours{22};
    EXPECT_EQ(local_date(skip - nanoseconds{1}, zone("Asia/Beirut")), day(2022, 3, 26));
    EXPECT_EQ(local_date(skip, zone("Asia/Beirut")), day(2022, 3, 27));
}

} // namespace
} // namespace rollcall
