// The shipped fleets live through some time of theirs, and all that must hold holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fleet_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::fleet_sim;
using namespace rollcall::test;
using testing::HasSubstr;

verdict run(const description& of) {
    auto out = simulate(of, {});
    expect_good(out, of);
    return out;
}

TEST(Fleets, SmallTwiceLeavesTheSameTrace) {
    const auto of = shipped_fleet("small.toml", slow_build ? 1.3 : 7);
    const auto first = run(of);
    const auto second = run(of);
    EXPECT_EQ(first.measured.trace, second.measured.trace);
    auto other = of;
    other.seed = 2;
    other.days = 0.1;
    EXPECT_NE(run(other).measured.trace, first.measured.trace);
    EXPECT_GT(first.measured.webhooks_taken, 0u);
    EXPECT_GT(first.measured.comparisons, 40u);
}

TEST(Fleets, SmallOnAStoreInMemory) {
    auto of = shipped_fleet("small.toml", slow_build ? 1.3 : 4);
    of.store = store_kind::memory;
    run(of);
}

// B-1: never a call too many, also when the daemon is started four times in two minutes.
TEST(Fleets, StrainedKeepsTheLimitOfEachAddress) {
    const auto done = run(shipped_fleet("strained.toml", slow_build ? 0.3 : 2));
    EXPECT_EQ(done.measured.busiest_minute, 2u);
    EXPECT_EQ(done.measured.calls_throttled, 0u);
    for (const auto& hour : done.measured.hours) {
        EXPECT_EQ(hour.calls.size(), 2u);
        EXPECT_LE(hour.calls.front() + hour.calls.back(), 4u * 60u);
    }
}

TEST(Fleets, WebhooksThatAreLostCostFreshnessOnly) {
    const auto done = run(shipped_fleet("webhooks.toml", slow_build ? 0.4 : 3));
    EXPECT_GT(done.measured.webhooks_taken, slow_build ? 20u : 100u);
    if (slow_build) return;
    EXPECT_GT(done.measured.lag_announced.size(), 0u);
    EXPECT_GT(done.measured.lag_other.size(), 0u);
    EXPECT_LT(done.measured.lag_announced.quantile(0.5), 120);
}

TEST(Fleets, QuietIsSweptWithinItsInterval) {
    if (slow_build) GTEST_SKIP();
    run(shipped_fleet("quiet.toml", 0.4));
}

// The figures of five thousand tenants: people who press a button behind all of them wait for
// seconds, and the first load takes as long as the limit says.
TEST(Fleets, FiguresOfFiveThousandTenants) {
    if (slow_build) GTEST_SKIP();
    const auto done = run(shipped_fleet("figures.toml", 0.16)).measured;
    EXPECT_EQ(done.busiest_minute, 25u);
    EXPECT_GT(done.first_load_s, 0);
    EXPECT_LE(done.first_load_s, done.first_load_floor_s * 1.15);
    EXPECT_LE(done.start_wait.quantile(0.99), 4);
}

TEST(Fleets, WhatWasMeasuredIsToldAsTextAndAsJson) {
    const auto of = shipped_fleet("small.toml", 0.2);
    const auto done = run(of);
    EXPECT_THAT(as_text(of, done.measured), HasSubstr("tenant-days per core-second"));
    const auto json = as_json(of, done.measured);
    for (const auto* each :
         {R"("freshness":[{"hour":0,"p50_s":)", R"("calls":[{"hour":0,"address":0)",
          R"("on_demand":{"samples":)", R"("tenant_days_per_core_second":)"}) {
        EXPECT_THAT(json, HasSubstr(each));
    }
}

TEST(FleetRegressions, SeedsThatOnceFailed) {
    const auto lines = read_regressions("sim/regressions.txt");
    ASSERT_TRUE(lines) << lines.error().detail;
    for (const auto& each : *lines) {
        SCOPED_TRACE(to_line(each));
        auto of = shipped_fleet(each.fleet, each.days);
        of.seed = static_cast<double>(each.seed);
        run(of);
    }
}

TEST(FleetRegressions, ALineIsReadAsItWasWritten) {
    const auto read = parse_regressions("# why\n\nsmall.toml 42 7 # more\nb.toml 1 0.5\n");
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 2u);
    EXPECT_EQ(to_line(read->front()), "small.toml 42 7");
    EXPECT_EQ(to_line({"some/where/b.toml", 1, 0.5}), "b.toml 1 0.5");
    for (const auto* wrong :
         {"small.toml", "small.toml x 7", "small.toml 0 7", "a 1 2 3", "a 1 0"}) {
        const auto refused = parse_regressions(wrong);
        ASSERT_FALSE(refused) << wrong;
        EXPECT_THAT(refused.error().detail, HasSubstr("line 1")) << wrong;
    }
}

} // namespace
