#include "rollcall/core/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall {
namespace {

using testing::HasSubstr;

TEST(Metrics, RendersWhatWasCounted) {
    metrics all;
    counter calls = all.make_counter("rollcall_calls_total", "Calls sent.", {{"outcome", "ok"}});
    calls.increment();
    calls.increment(2);
    gauge users = all.make_gauge("rollcall_users", "Users held.");
    users.set(10);
    users.add(-3);
    histogram lag = all.make_histogram("rollcall_loop_lag_seconds", "Lag.", {0.001, 0.01});
    lag.observe(0.005);
    const std::string page = all.render();
    EXPECT_THAT(page, HasSubstr("# HELP rollcall_calls_total Calls sent.\n"));
    EXPECT_THAT(page, HasSubstr("rollcall_calls_total{outcome=\"ok\"} 3\n"));
    EXPECT_THAT(page, HasSubstr("# TYPE rollcall_users gauge\nrollcall_users 7\n"));
    EXPECT_THAT(page, HasSubstr("rollcall_loop_lag_seconds_bucket{le=\"0.001\"} 0\n"));
    EXPECT_THAT(page, HasSubstr("rollcall_loop_lag_seconds_bucket{le=\"0.01\"} 1\n"));
    EXPECT_DOUBLE_EQ(calls.value(), 3);
    EXPECT_DOUBLE_EQ(users.value(), 7);
}

TEST(Metrics, GivesTheSameMetricForTheSameNameAndLabels) {
    metrics all;
    counter a = all.make_counter("rollcall_x_total", "X.", {{"shard", "0"}});
    counter b = all.make_counter("rollcall_x_total", "X.", {{"shard", "0"}});
    counter other = all.make_counter("rollcall_x_total", "X.", {{"shard", "1"}});
    a.increment();
    EXPECT_DOUBLE_EQ(b.value(), 1);
    EXPECT_DOUBLE_EQ(other.value(), 0);
}

TEST(Metrics, CountsNothingThroughAHandleOfNothing) {
    counter c;
    gauge g;
    histogram h;
    c.increment();
    g.set(5);
    h.observe(1);
    EXPECT_DOUBLE_EQ(c.value(), 0);
    EXPECT_DOUBLE_EQ(g.value(), 0);
}

TEST(MetricsDeathTest, EndsTheProgramOnANameThatIsNotAllowed) {
    metrics all;
    EXPECT_DEATH((void)all.make_counter("rollcall calls", "X."), "check failed");
    (void)all.make_counter("rollcall_x", "X.");
    EXPECT_DEATH((void)all.make_gauge("rollcall_x", "X."), "check failed");
}

} // namespace
} // namespace rollcall
