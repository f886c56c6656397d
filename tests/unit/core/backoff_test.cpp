#include "rollcall/core/backoff.hpp"

#include <gtest/gtest.h>

namespace rollcall {
namespace {

TEST(Backoff, DoublesItsLongestDelayUpToTheCap) {
    const backoff_policy policy{seconds{1}, seconds{10}};
    EXPECT_EQ(policy.delay_max(0), seconds{1});
    EXPECT_EQ(policy.delay_max(1), seconds{2});
    EXPECT_EQ(policy.delay_max(3), seconds{8});
    EXPECT_EQ(policy.delay_max(4), seconds{10});
    EXPECT_EQ(policy.delay_max(1000), seconds{10});
}

TEST(Backoff, NeverOverflows) {
    const backoff_policy policy{hours{1}, nanoseconds::max()};
    nanoseconds last{0};
    for (unsigned n = 0; n < 200; ++n) {
        EXPECT_GE(policy.delay_max(n), last);
        last = policy.delay_max(n);
    }
    EXPECT_EQ(last, nanoseconds::max());
}

TEST(Backoff, SpreadsOverTheWholeRange) {
    const backoff_policy policy{seconds{1}, minutes{1}};
    random_source random{1};
    nanoseconds sum{0};
    nanoseconds least = hours{1};
    nanoseconds most{0};
    for (int i = 0; i < 10'000; ++i) {
        const nanoseconds d = policy.delay(2, random);
        sum += d;
        least = std::min(least, d);
        most = std::max(most, d);
    }
    EXPECT_GE(least, nanoseconds{0});
    EXPECT_LE(most, seconds{4});
    EXPECT_LT(least, milliseconds{10});
    EXPECT_GT(most, milliseconds{3990});
    EXPECT_NEAR(static_cast<double>(sum.count()) / 10'000, 2e9, 0.05e9);
}

TEST(Backoff, IsRepeatedByItsSeed) {
    const backoff_policy policy{};
    random_source a{7};
    random_source b{7};
    for (unsigned n = 0; n < 20; ++n) EXPECT_EQ(policy.delay(n, a), policy.delay(n, b));
}

} // namespace
} // namespace rollcall
