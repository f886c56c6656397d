// B-2: whose limit it was, told from evidence; and what is learnt of it, however the answer lies.
#include "rollcall/sync/throttle_scope.hpp"

#include <gtest/gtest.h>

namespace {

using namespace rollcall;
using namespace rollcall::sync;

const mono_time start{hours{1}};

TEST(ThrottleScope, B2OneThrottleWithoutANumberSaysNothing) {
    throttle_evidence e(minutes{1});
    EXPECT_EQ(e.throttled({1, 5, 20, std::nullopt}, start), throttle_scope::unknown);
    EXPECT_EQ(e.throttled({1, 5, 20, std::nullopt}, start + seconds{70}), throttle_scope::unknown)
        << "again, but nobody else had an answer meanwhile";
}

TEST(ThrottleScope, B2TheSameTenantAgainWhileOthersHaveAnswersIsTheCompany) {
    throttle_evidence e(minutes{1});
    (void)e.throttled({1, 5, 20, std::nullopt}, start);
    e.succeeded(1, start + seconds{65});
    e.succeeded(2, start + seconds{66});
    e.succeeded(1, start + seconds{67});
    EXPECT_EQ(e.throttled({1, 5, 20, std::nullopt}, start + seconds{70}), throttle_scope::company);
    EXPECT_EQ(e.scope(), throttle_scope::company);
}

TEST(ThrottleScope, B2TwoTenantsWithinTwoWindowsAreTheAddress) {
    throttle_evidence e(minutes{1});
    (void)e.throttled({1, 5, 20, std::nullopt}, start);
    EXPECT_EQ(e.throttled({2, 5, 20, std::nullopt}, start + seconds{70}), throttle_scope::address);
    throttle_evidence later(minutes{1});
    (void)later.throttled({1, 5, 20, std::nullopt}, start);
    EXPECT_EQ(later.throttled({2, 5, 20, std::nullopt}, start + minutes{10}),
              throttle_scope::unknown);
}

TEST(ThrottleScope, B2TheNumberAndTheUseOfEachDecide) {
    throttle_evidence e(minutes{1});
    EXPECT_EQ(e.throttled({1, 10, 25, 10}, start), throttle_scope::company);
    throttle_evidence f(minutes{1});
    EXPECT_EQ(f.throttled({1, 2, 25, 30}, start), throttle_scope::address);
    throttle_evidence g(minutes{1});
    EXPECT_EQ(g.throttled({1, 25, 25, 30}, start), throttle_scope::unknown)
        << "one tenant alone: it may be either";
}

TEST(ThrottleScope, B2NewEvidenceCorrectsOlder) {
    throttle_evidence e(minutes{1});
    (void)e.throttled({1, 5, 20, std::nullopt}, start);
    (void)e.throttled({2, 5, 20, std::nullopt}, start + seconds{5});
    ASSERT_EQ(e.scope(), throttle_scope::address);
    e.succeeded(3, start + minutes{5});
    EXPECT_EQ(e.throttled({2, 5, 20, std::nullopt}, start + minutes{5} + seconds{10}),
              throttle_scope::company);
}

TEST(ThrottleScope, B2ATestCallIsNobodysEvidence) {
    throttle_evidence e(minutes{1});
    (void)e.throttled({0, 1, 20, std::nullopt}, start);
    EXPECT_EQ(e.throttled({1, 5, 20, std::nullopt}, start), throttle_scope::unknown);
}

TEST(LearnedLimit, B2LiesAboutNStayBetweenOneAndTheSetting) {
    for (const auto n :
         {std::optional<std::uint32_t>{}, std::optional{0u}, std::optional{1u}, std::optional{30u},
          std::optional{1'000'000'000u}, std::optional{0xffff'ffffu}}) {
        learned_limit l(25, minutes{1});
        auto now = start;
        for (int i = 0; i < 100; ++i) {
            l.lower(n, now);
            EXPECT_GE(l.at(now), 1u);
            EXPECT_LE(l.at(now), 25u);
            now += minutes{2};
        }
        EXPECT_LE(l.at(now), 2u) << "it did learn";
        EXPECT_EQ(l.at(now + hours{3}), 25u) << "and does not keep a grudge";
        EXPECT_EQ(l.at(now + hours{300}), 25u);
    }
}

TEST(LearnedLimit, B2NIsLearntWithTheMarginThat25KeepsBelow30) {
    learned_limit l(25, minutes{1});
    l.lower(12, start);
    EXPECT_EQ(l.at(start), 10u);
    l.lower(std::nullopt, start + seconds{1});
    EXPECT_EQ(l.at(start), 10u) << "answers to calls under way together lower it once";
    EXPECT_EQ(l.at(start + minutes{3}), 11u) << "a twentieth for each quiet minute";
    l.set_setting(8);
    EXPECT_EQ(l.at(start + minutes{3}), 8u);
    l.set_setting(40);
    EXPECT_EQ(l.at(start + minutes{3}), 40u) << "what is not lowered follows the setting";
}

} // namespace
