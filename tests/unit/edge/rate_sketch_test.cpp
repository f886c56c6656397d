#include "edge/rate_sketch.hpp"

#include <gtest/gtest.h>

#include "rollcall/core/random.hpp"

namespace rollcall::edge {
namespace {

TEST(RateSketch, LetsABurstPassAndThenTheRate) {
    rate_sketch limit(60, 5);
    mono_time now{hours{1}};
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(limit.take(42, now)) << i;
    EXPECT_EQ(limit.take(42, now), std::optional<nanoseconds>(seconds{1}));
    now += milliseconds{999};
    EXPECT_EQ(limit.take(42, now), std::optional<nanoseconds>(milliseconds{1}));
    now += milliseconds{1};
    EXPECT_FALSE(limit.take(42, now));
    EXPECT_TRUE(limit.take(42, now));
    now += hours{1};
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(limit.take(42, now)) << i;
    EXPECT_TRUE(limit.take(42, now)) << "what was not used is not saved up";
}

TEST(RateSketch, NobodyGetsMoreThanTheLimitHoweverManyOthersThereAre) {
    rate_sketch limit(600, 10, 64); // a tenth of a second apart
    random_source random(3);
    mono_time now{hours{1}};
    int passed = 0;
    for (int i = 0; i < 20'000; ++i) {
        (void)limit.take(random.next(), now);
        if (!limit.take(77, now)) ++passed;
        now += milliseconds{3};
    }
    EXPECT_LE(passed, 10 + 600 + 1) << "a minute of them";
}

TEST(RateSketch, AFloodFromOneSenderLeavesTheOthersAlone) {
    rate_sketch limit(600, 10);
    random_source random(4);
    const mono_time now{hours{1}};
    for (int i = 0; i < 100'000; ++i) (void)limit.take(0x1234567887654321u, now);
    int refused = 0;
    for (int i = 0; i < 1000; ++i) {
        if (limit.take(random.next(), now)) ++refused;
    }
    EXPECT_EQ(refused, 0);
}

} // namespace
} // namespace rollcall::edge
