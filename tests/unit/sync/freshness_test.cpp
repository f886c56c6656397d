#include "rollcall/sync/freshness.hpp"

#include <gtest/gtest.h>

#include "sync/minute_meter.hpp"

namespace rollcall::sync {
namespace {

constexpr nanoseconds day = hours{24};

TEST(Freshness, TakesPercentilesByNearestRank) {
    truth_census census(day);
    for (int i = 100; i >= 1; --i) census.add(minutes{i}, day, true);
    const auto s = census.summary();
    EXPECT_EQ(s.tenants, 100u);
    EXPECT_EQ(s.p50, minutes{50});
    EXPECT_EQ(s.p99, minutes{99});
    EXPECT_EQ(s.max, minutes{100});
    EXPECT_EQ(s.late, 0u);
}

TEST(Freshness, OfOneTenantAllPercentilesAreItsAge) {
    truth_census census(day);
    census.add(hours{3}, day, true);
    const auto s = census.summary();
    EXPECT_EQ(s.p50, hours{3});
    EXPECT_EQ(s.p99, hours{3});
    EXPECT_EQ(s.max, hours{3});
}

TEST(Freshness, IsLateBeyondTheIntervalAndATenth) {
    truth_census census(day);
    const nanoseconds bound = day + day / 10;
    census.add(bound, day, true);
    census.add(bound + nanoseconds{1}, day, true);
    const auto s = census.summary();
    EXPECT_EQ(s.bound, bound);
    EXPECT_EQ(s.late, 1u);
}

TEST(Freshness, CountsWhoWasNeverReadAndWaitsTooLongAsLate) {
    truth_census census(day);
    census.add({}, hours{1}, true);
    census.add({}, hours{30}, true);
    const auto s = census.summary();
    EXPECT_EQ(s.never, 2u);
    EXPECT_EQ(s.late, 1u);
    EXPECT_EQ(s.tenants, 0u);
    EXPECT_LT(s.p50, nanoseconds{0}) << "nobody has an age";
}

TEST(Freshness, LeavesOutWhoIsReadOnRequestOnly) {
    truth_census census(day);
    census.add(hours{1000}, hours{2000}, false);
    census.add(hours{1}, hours{2000}, true);
    const auto s = census.summary();
    EXPECT_EQ(s.on_request, 1u);
    EXPECT_EQ(s.late, 0u);
    EXPECT_EQ(s.max, hours{1});
}

TEST(Freshness, HistogramIsCumulativeAndItsLastBucketHasAll) {
    truth_census census(day);
    census.add(minutes{15}, day, true); // a bound belongs to its bucket
    census.add(hours{2}, day, true);
    census.add(hours{24 * 30}, day, true);
    census.add(nanoseconds{-5}, day, true); // a start in the future counts as now
    const auto s = census.summary();
    EXPECT_EQ(s.at_most.front(), 2u);
    EXPECT_EQ(s.at_most[2], 3u); // 4 h
    EXPECT_EQ(s.at_most[truth_age_bounds.size() - 1], 3u);
    EXPECT_EQ(s.at_most.back(), 4u);
    EXPECT_TRUE(std::is_sorted(s.at_most.begin(), s.at_most.end()));
}

TEST(Freshness, CountsOnlyStepsThatTheSourceCaused) {
    for (const auto kind : {step_kind::create, step_kind::update, step_kind::deactivate}) {
        EXPECT_TRUE(comes_from_source(kind)) << name_of(kind);
    }
    for (const auto kind : {step_kind::send_invitation, step_kind::note_missing}) {
        EXPECT_FALSE(comes_from_source(kind)) << name_of(kind);
    }
}

TEST(Freshness, HasASeriesForEachCauseThatReadsAndForNoOther) {
    EXPECT_EQ(lag_series(run_cause::sweep), 0u);
    EXPECT_TRUE(lag_series(run_cause::retry));
    for (const auto other : {run_cause::first_load, run_cause::timer, run_cause::approval,
                             run_cause::manual, run_cause::undo, run_cause::resolve}) {
        EXPECT_FALSE(lag_series(other)) << name_of(other);
    }
}

TEST(MinuteMeter, CountsTheLastSixtySeconds) {
    minute_meter meter;
    const mono_time begin{hours{5}};
    meter.add(begin, 10);
    meter.add(begin + seconds{30}, 5);
    EXPECT_EQ(meter.last_minute(begin + seconds{30}), 15u);
    EXPECT_EQ(meter.last_minute(begin + seconds{59}), 15u);
    EXPECT_EQ(meter.last_minute(begin + seconds{60}), 5u);
    EXPECT_EQ(meter.last_minute(begin + seconds{89}), 5u);
    EXPECT_EQ(meter.last_minute(begin + seconds{90}), 0u);
    EXPECT_EQ(meter.last_minute(begin + hours{1}), 0u);
}

TEST(MinuteMeter, ForgetsAMinuteThatNobodyLookedAt) {
    minute_meter meter;
    const mono_time begin{hours{5}};
    for (int i = 0; i < 200; ++i) meter.add(begin + seconds{i});
    EXPECT_EQ(meter.last_minute(begin + seconds{199}), 60u);
    meter.add(begin + seconds{1000});
    EXPECT_EQ(meter.last_minute(begin + seconds{1000}), 1u);
    meter.add(begin + seconds{1030});
    EXPECT_EQ(meter.last_minute(begin + seconds{1030}), 2u);
    EXPECT_EQ(minute_meter{}.last_minute(begin), 0u);
}

} // namespace
} // namespace rollcall::sync
