#include "rollcall/core/sliding_window.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "rollcall/core/random.hpp"

namespace rollcall {
namespace {

constexpr mono_time t0{hours{1}};
constexpr nanoseconds window = seconds{60};
constexpr nanoseconds instant{1};

TEST(SlidingWindow, AllowsTheLimitAtOnceAndNoMore) {
    sliding_window calls{3, window};
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(calls.try_acquire(t0));
    EXPECT_FALSE(calls.try_acquire(t0));
    EXPECT_FALSE(calls.try_acquire(t0 + hours{5})); // in flight for as long as it takes
    EXPECT_EQ(calls.in_flight(), 3u);
    EXPECT_EQ(calls.available_at(t0), std::nullopt);
}

TEST(SlidingWindow, FreesASettledSlotExactlyAWindowAfterItsAnswer) {
    sliding_window calls{1, window};
    ASSERT_TRUE(calls.try_acquire(t0));
    const mono_time answered = t0 + seconds{2};
    calls.settle(answered);
    EXPECT_EQ(calls.available_at(answered), answered + window);
    EXPECT_EQ(calls.used(answered + window - instant), 1u);
    EXPECT_FALSE(calls.try_acquire(answered + window - instant));
    EXPECT_EQ(calls.used(answered + window), 0u);
    EXPECT_EQ(calls.available_at(answered + window + instant), answered + window + instant);
    EXPECT_TRUE(calls.try_acquire(answered + window));
}

TEST(SlidingWindow, GivesARefundedSlotBackAtOnce) {
    sliding_window calls{1, window};
    ASSERT_TRUE(calls.try_acquire(t0));
    calls.refund();
    EXPECT_EQ(calls.available_at(t0), t0);
    EXPECT_TRUE(calls.try_acquire(t0));
}

TEST(SlidingWindow, GivesNoSlotDuringAPauseAndNeverShortensOne) {
    sliding_window calls{2, window};
    calls.pause_until(t0 + seconds{60});
    calls.pause_until(t0 + seconds{30});
    EXPECT_FALSE(calls.try_acquire(t0 + seconds{60} - instant));
    EXPECT_EQ(calls.available_at(t0), t0 + seconds{60});
    EXPECT_TRUE(calls.try_acquire(t0 + seconds{60}));
}

TEST(SlidingWindow, AppliesASmallerLimitAsSlotsGetFree) {
    sliding_window calls{4, window};
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(calls.try_acquire(t0));
    for (int i = 0; i < 4; ++i) calls.settle(t0 + seconds{i});
    calls.set_limit(2);
    EXPECT_EQ(calls.available_at(t0 + seconds{5}), t0 + seconds{2} + window);
    EXPECT_FALSE(calls.try_acquire(t0 + seconds{1} + window));
    EXPECT_TRUE(calls.try_acquire(t0 + seconds{2} + window));
    EXPECT_FALSE(calls.try_acquire(t0 + seconds{2} + window));
    calls.set_limit(3);
    EXPECT_TRUE(calls.try_acquire(t0 + seconds{2} + window));
}

TEST(SlidingWindow, TakesALimitOfZeroAsOne) {
    sliding_window calls{0, window};
    EXPECT_TRUE(calls.try_acquire(t0));
    calls.set_limit(0);
    EXPECT_EQ(calls.limit(), 1u);
}

TEST(SlidingWindow, ForgetsThePastWhenPruned) {
    sliding_window calls{25, window};
    for (int i = 0; i < 25; ++i) ASSERT_TRUE(calls.try_acquire(t0));
    for (int i = 0; i < 25; ++i) calls.settle(t0);
    calls.prune(t0 + window - instant);
    EXPECT_EQ(calls.used(t0 + window - instant), 25u);
    calls.prune(t0 + window);
    EXPECT_EQ(calls.used(t0 + window), 0u);
    for (int i = 0; i < 25; ++i) EXPECT_TRUE(calls.try_acquire(t0 + window));
    EXPECT_FALSE(calls.try_acquire(t0 + window));
}

struct call {
    mono_time arrival;
    mono_time end;
};

// More than `limit` arrivals in [a, a + window) for some arrival a.
bool exceeds(std::vector<mono_time> arrivals, std::size_t limit) {
    std::sort(arrivals.begin(), arrivals.end());
    for (std::size_t i = limit; i < arrivals.size(); ++i) {
        if (arrivals[i] - arrivals[i - limit] < window) return true;
    }
    return false;
}

// A client that always wants to call, latencies from a nanosecond to minutes, and a server that
// counts each call anywhere between its sending and its answer.
std::vector<mono_time> serve(std::uint64_t seed, std::uint32_t limit) {
    random_source random{seed};
    sliding_window calls{limit, window};
    std::vector<call> flying;
    std::vector<mono_time> arrivals;
    mono_time now = t0;
    while (arrivals.size() < 400) {
        while (calls.try_acquire(now)) {
            if (random.chance(0.05)) {
                calls.refund();
                break;
            }
            const auto latency =
                nanoseconds{random.between(0, std::int64_t{1} << random.below(38))}; // up to 137 s
            const auto until_arrival = random.chance(0.2) ? nanoseconds{0}
                                       : random.chance(0.2)
                                           ? latency
                                           : nanoseconds{random.between(0, latency.count())};
            flying.push_back({now + until_arrival, now + latency});
            arrivals.push_back(now + until_arrival);
        }
        const auto next_end =
            std::min_element(flying.begin(), flying.end(),
                             [](const call& a, const call& b) { return a.end < b.end; });
        const auto free_at = calls.available_at(now);
        EXPECT_TRUE(free_at || next_end != flying.end()); // otherwise it would wait for ever
        if (next_end != flying.end() &&
            (!free_at || *free_at == now || next_end->end <= *free_at)) {
            now = next_end->end;
            flying.erase(next_end);
            calls.settle(now);
        } else {
            // The promise of available_at: a slot is there then, and was not a moment before.
            if (*free_at > now) EXPECT_EQ(calls.used(*free_at - instant), limit);
            now = *free_at;
            EXPECT_LT(calls.used(now), limit);
        }
    }
    return arrivals;
}

TEST(SlidingWindow, NeverLetsTheServerCountMoreThanTheLimitInAnyWindow) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const auto limit = static_cast<std::uint32_t>(1 + seed % 30);
        EXPECT_FALSE(exceeds(serve(seed, limit), limit)) << "seed " << seed;
    }
}

TEST(SlidingWindow, SpendsTheWholeLimitWhenAnswersAreInstant) {
    sliding_window calls{25, window};
    mono_time now = t0;
    int sent = 0;
    for (; now < t0 + 10 * window; now = calls.available_at(now).value()) {
        while (calls.try_acquire(now)) {
            calls.settle(now);
            ++sent;
        }
    }
    EXPECT_EQ(sent, 250);
}

} // namespace
} // namespace rollcall
