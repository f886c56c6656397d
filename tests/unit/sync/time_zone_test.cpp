// T-1 over the whole tz database: every zone, every clock change from 2000 to 2040.
#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "rollcall/core/date.hpp"
#include "rollcall/sync/invitation.hpp"

namespace rollcall::sync {
namespace {

const std::filesystem::path zoneinfo = "/usr/share/zoneinfo";

// All names, links included: every file of the database that begins with the magic of one.
std::vector<std::string> all_zones() {
    std::vector<std::string> out;
    for (const auto& each : std::filesystem::recursive_directory_iterator(zoneinfo)) {
        if (!each.is_regular_file()) continue;
        const auto name = std::filesystem::relative(each.path(), zoneinfo).string();
        if (name.starts_with("right/") || name.starts_with("posix/")) continue;
        std::ifstream file(each.path(), std::ios::binary);
        char magic[4]{};
        if (file.read(magic, 4) && std::string_view(magic, 4) == "TZif") out.push_back(name);
    }
    std::ranges::sort(out);
    return out;
}

absl::TimeZone zone(const std::string& name) {
    absl::TimeZone out;
    EXPECT_TRUE(absl::LoadTimeZone(name, &out)) << name;
    return out;
}

date day_of(int year, unsigned month, unsigned day) {
    return *date_from_civil(year, month, day);
}
date next(date d) {
    return {d.days + 1};
}

std::vector<date> days_of_clock_changes(const absl::TimeZone& where) {
    std::vector<date> out;
    auto at = absl::FromCivil(absl::CivilDay(2000, 1, 1), where);
    const auto end = absl::FromCivil(absl::CivilDay(2041, 1, 1), where);
    absl::TimeZone::CivilTransition change;
    while (where.NextTransition(at, &change)) {
        const auto instant = where.At(change.to).trans;
        const auto from = absl::CivilDay(change.from);
        const auto to = absl::CivilDay(change.to);
        at = std::max(instant, where.At(change.from).trans);
        if (at >= end) break;
        for (auto day = std::min(from, to) - 1; day <= std::max(from, to) + 1; ++day) {
            out.push_back({static_cast<std::int32_t>(day - absl::CivilDay(1970, 1, 1))});
        }
    }
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

// Whether the zone has that day at all: Apia and Fakaofo have no 30 December 2011.
bool exists(date day, const absl::TimeZone& where) {
    const auto civil = absl::CivilDay(1970, 1, 1) + day.days;
    for (int hour = 0; hour < 24; ++hour) {
        const auto at = where.At(absl::CivilSecond(absl::CivilHour(civil) + hour));
        if (at.kind != absl::TimeZone::TimeInfo::SKIPPED) return true;
    }
    return false;
}

struct tally {
    std::size_t zones = 0, days = 0, skipped = 0;
};

void check_day(date day, const absl::TimeZone& where, tally& count) {
    ++count.days;
    const bool is_there = exists(day, where);
    count.skipped += is_there ? 0 : 1;
    auto before = local_instant({day.days - 1}, 23, where);
    for (int hour = 0; hour < 24; ++hour) {
        const auto at = local_instant(day, hour, where);
        ASSERT_EQ(at, local_instant(day, hour, where));
        ASSERT_EQ(local_date(at, where), is_there ? day : next(day)) << hour;
        ASSERT_LE(before, at) << hour;
        before = at;
    }
    // Unique: what is due by then stays due, and no earlier instant of the day reads that hour.
    ASSERT_LE(before, local_instant(next(day), 0, where));

    const auto ended = day_ended(day, where);
    ASSERT_LE(before - seconds{is_there ? 0 : 1}, ended);
    ASSERT_GE(local_date(ended, where), next(day));
    if (is_there) {
        ASSERT_LE(local_date(ended - seconds{1}, where), next(day));
        // Nothing of the day is still to come: the clocks go back by less than three hours.
        for (int minute = 0; minute < 180; minute += 5) {
            ASSERT_GT(local_date(ended + minutes{minute}, where), day) << minute;
        }
    }
    ASSERT_LE(day_ended({day.days - 1}, where), ended);
}

TEST(T1, EveryHourOfEveryDayAroundEveryClockChangeHasOneInstantWithinTheDay) {
    tally count;
    for (const auto& name : all_zones()) {
        const auto where = zone(name);
        ++count.zones;
        for (const auto day : days_of_clock_changes(where)) {
            SCOPED_TRACE(name + " " + to_string(day));
            ASSERT_NO_FATAL_FAILURE(check_day(day, where, count));
        }
    }
    EXPECT_GT(count.zones, 400u);
    EXPECT_GT(count.days, 40'000u);
    EXPECT_GT(count.skipped, 0u); // Apia, Fakaofo and their other names
    std::cout << count.zones << " zones, " << count.days << " days, " << count.skipped
              << " of them skipped\n";
}

TEST(T1, AnHourThatIsLeftOutIsTheFirstInstantAfterTheGap) {
    const auto london = zone("Europe/London");
    const auto spring = day_of(2026, 3, 29);
    EXPECT_EQ(local_instant(spring, 1, london), local_instant(spring, 2, london));
    EXPECT_LT(local_instant(spring, 0, london), local_instant(spring, 1, london));
}

TEST(T1, AnHourThatComesTwiceIsTheFirstOfThem) {
    const auto london = zone("Europe/London");
    const auto autumn = day_of(2026, 10, 25);
    EXPECT_EQ(local_instant(autumn, 1, london) - local_instant(autumn, 0, london), hours{1});
    EXPECT_EQ(local_instant(autumn, 2, london) - local_instant(autumn, 1, london), hours{2});
}

TEST(T1, ADayBeginsLaterWhereTheClockChangesAtMidnight) {
    const auto beirut = zone("Asia/Beirut"); // 00:00 becomes 01:00
    const auto spring = day_of(2026, 3, 29);
    EXPECT_EQ(local_instant(spring, 0, beirut), local_instant(spring, 1, beirut));
    EXPECT_EQ(day_ended(day_of(2026, 3, 28), beirut), local_instant(spring, 0, beirut));
}

TEST(La43, ALeavingDateHasEndedOnlyOnceWhereMidnightComesTwice) {
    const auto st_johns = zone("America/St_Johns"); // 00:01 became 23:01, until 2011
    const auto last = day_of(2010, 11, 6);
    const auto ended = day_ended(last, st_johns);
    EXPECT_EQ(local_date(ended, st_johns), next(last));
    EXPECT_EQ(local_date(ended - seconds{1}, st_johns), last);
    EXPECT_EQ(ended - local_instant(last, 0, st_johns), hours{25});
}

TEST(T1, ADayThatTheZoneSkippedIsTheBeginningOfTheNext) {
    const auto apia = zone("Pacific/Apia");
    const auto none = day_of(2011, 12, 30);
    const auto new_year = local_instant(next(none), 0, apia);
    EXPECT_EQ(local_instant(none, 9, apia), new_year);
    EXPECT_EQ(day_ended(day_of(2011, 12, 29), apia), new_year);
    EXPECT_EQ(day_ended(none, apia), new_year);
}

TEST(T1, LeapDaysAreDays) {
    const auto london = zone("Europe/London");
    EXPECT_EQ(day_ended(day_of(2028, 2, 28), london),
              local_instant(day_of(2028, 2, 29), 0, london));
    EXPECT_EQ(day_ended(day_of(2028, 2, 29), london), local_instant(day_of(2028, 3, 1), 0, london));
}

TEST(T1, ADateBeyondTheClocksReachIsFarAwayAndNotInThePast) {
    const auto far = local_instant(day_of(9999, 12, 31), 23, absl::UTCTimeZone());
    EXPECT_GT(far, local_instant(day_of(2200, 1, 1), 0, absl::UTCTimeZone()));
    EXPECT_EQ(from_unix_ms(to_unix_ms(far)), far);
    EXPECT_LT(local_instant(day_of(1, 1, 1), 0, absl::UTCTimeZone()), wall_time{});
}

TEST(T1, AZoneThatTheDatabaseDroppedIsUtc) {
    tenant_settings settings;
    settings.time_zone = "Europe/Atlantis";
    EXPECT_EQ(zone_of(settings), absl::UTCTimeZone());
    settings.time_zone = "Europe/London";
    EXPECT_EQ(zone_of(settings), zone("Europe/London"));
}

} // namespace
} // namespace rollcall::sync
