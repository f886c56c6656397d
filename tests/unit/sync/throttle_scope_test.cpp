// B-2: whose limit it was, told from evidence; and what is learnt of it, however the answer lies.
#include "rollcall/sync/throttle_scope.hpp"

#include <gtest/gtest.h>

namespace {

using namespace rollcall;
using namespace rollcall::sync;

const mono_time start{hours{1}};

TEST(ThrottleScope, B2OneThrottleWithoutANumberSaysNothing) {
    throttle_evidence e(minutes{1});
    EXPECT_EQ(e.throttled({1, 5, 20, std::nullopt}, start).scope, throttle_scope::unknown);
    EXPECT_EQ(e.throttled({1, 5, 20, std::nullopt}, start + seconds{70}).scope,
              throttle_scope::unknown)
        << "again, but nobody else had an answer meanwhile";
}

TEST(ThrottleScope, B2TheSameTenantAgainWhileOthersHaveAnswersIsTheCompany) {
    throttle_evidence e(minutes{1});
    (void)e.throttled({1, 5, 20, std::nullopt}, start);
    e.succeeded(1, 20, start + seconds{65});
    e.succeeded(2, 20, start + seconds{66});
    e.succeeded(1, 20, start + seconds{67});
    EXPECT_EQ(e.throttled({1, 5, 20, std::nullopt}, start + seconds{70}).scope,
              throttle_scope::company);
    EXPECT_EQ(e.scope(), throttle_scope::company);
}

TEST(ThrottleScope, B2TwoTenantsWithinTwoWindowsAreTheAddress) {
    throttle_evidence e(minutes{1});
    (void)e.throttled({1, 5, 20, std::nullopt}, start);
    EXPECT_EQ(e.throttled({2, 5, 20, std::nullopt}, start + seconds{70}).scope,
              throttle_scope::address);
    throttle_evidence later(minutes{1});
    (void)later.throttled({1, 5, 20, std::nullopt}, start);
    EXPECT_EQ(later.throttled({2, 5, 20, std::nullopt}, start + minutes{10}).scope,
              throttle_scope::unknown);
}

TEST(ThrottleScope, B2TheNumberAndTheUseOfEachDecide) {
    throttle_evidence e(minutes{1});
    EXPECT_EQ(e.throttled({1, 10, 25, 10}, start).scope, throttle_scope::company);
    throttle_evidence f(minutes{1});
    EXPECT_EQ(f.throttled({1, 2, 25, 25}, start).scope, throttle_scope::address);
    throttle_evidence g(minutes{1});
    EXPECT_EQ(g.throttled({1, 25, 25, 30}, start).scope, throttle_scope::unknown)
        << "one tenant alone: it may be either";
    throttle_evidence h(minutes{1});
    EXPECT_EQ(h.throttled({1, 2, 25, 30}, start).scope, throttle_scope::unknown)
        << "the address has not made as many";
}

// Two of eight tenants are refused whatever they do; the others have answers.
TEST(ThrottleScope, B2TwoTenantsAreTheirCompaniesWhereOthersGetAsFar) {
    throttle_evidence e(minutes{1});
    EXPECT_EQ(e.throttled({1, 1, 1, 30}, start).scope, throttle_scope::unknown);
    EXPECT_EQ(e.throttled({2, 1, 2, 30}, start + seconds{1}).scope, throttle_scope::address);
    for (std::uint32_t i = 0; i < 3; ++i) e.succeeded(3 + i, 1 + i, start + seconds{65 + i});
    const auto first = e.throttled({1, 1, 4, 30}, start + seconds{70});
    EXPECT_EQ(first.scope, throttle_scope::company);
    EXPECT_EQ(first.before, 1u);
    EXPECT_TRUE(first.takes_back) << "it was not the address's";
    EXPECT_TRUE(e.blames(1, start + seconds{70}));
    const auto second = e.throttled({2, 1, 5, 30}, start + seconds{71});
    EXPECT_EQ(second.scope, throttle_scope::company);
    EXPECT_FALSE(e.blames(3, start + seconds{71}));
}

TEST(ThrottleScope, B2AnAnswerAtALowerUseIsNoEvidenceAgainstTheAddress) {
    throttle_evidence e(minutes{1});
    (void)e.throttled({1, 2, 11, std::nullopt}, start);
    for (std::uint32_t i = 0; i < 10; ++i) e.succeeded(2 + i, 1 + i, start + seconds{61 + i});
    EXPECT_EQ(e.throttled({9, 2, 11, std::nullopt}, start + seconds{72}).scope,
              throttle_scope::address);
}

TEST(ThrottleScope, B2WhoIsThrottledWhereOthersWereMinutesAgoIsItsCompany) {
    throttle_evidence e(minutes{1});
    e.succeeded(2, 21, start - seconds{5});
    EXPECT_EQ(e.throttled({1, 2, 22, std::nullopt}, start).scope, throttle_scope::unknown);
    e.succeeded(3, 1, start + seconds{66});
    const auto again = e.throttled({1, 1, 3, std::nullopt}, start + seconds{70});
    EXPECT_EQ(again.scope, throttle_scope::company);
    EXPECT_FALSE(again.takes_back);
    EXPECT_EQ(e.throttled({2, 1, 5, std::nullopt}, start + seconds{71}).scope,
              throttle_scope::company)
        << "the finding stands, but this one is no proof of it";
    EXPECT_EQ(e.throttled({4, 1, 6, std::nullopt}, start + seconds{72}).scope,
              throttle_scope::address);
}

TEST(ThrottleScope, B2AFindingIsForgottenWithItsEvidence) {
    throttle_evidence e(minutes{1});
    (void)e.throttled({1, 5, 20, std::nullopt}, start);
    (void)e.throttled({2, 5, 20, std::nullopt}, start + seconds{5});
    ASSERT_EQ(e.scope(), throttle_scope::address);
    EXPECT_EQ(e.throttled({3, 5, 20, std::nullopt}, start + minutes{20}).scope,
              throttle_scope::unknown);
}

TEST(ThrottleScope, B2NewEvidenceCorrectsOlder) {
    throttle_evidence e(minutes{1});
    (void)e.throttled({1, 5, 20, std::nullopt}, start);
    (void)e.throttled({2, 5, 20, std::nullopt}, start + seconds{5});
    ASSERT_EQ(e.scope(), throttle_scope::address);
    e.succeeded(3, 20, start + minutes{5});
    EXPECT_EQ(e.throttled({2, 5, 20, std::nullopt}, start + minutes{5} + seconds{10}).scope,
              throttle_scope::company);
}

TEST(ThrottleScope, B2ATestCallIsNobodysEvidence) {
    throttle_evidence e(minutes{1});
    (void)e.throttled({0, 1, 20, std::nullopt}, start);
    EXPECT_EQ(e.throttled({1, 5, 20, std::nullopt}, start).scope, throttle_scope::unknown);
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

TEST(LearnedLimit, B2WhatWasLoweredByMistakeIsPutBack) {
    learned_limit l(25, minutes{1});
    l.lower(std::nullopt, start);
    l.lower(std::nullopt, start + minutes{2});
    EXPECT_EQ(l.at(start + minutes{2}), 6u);
    l.take_back(start + minutes{3});
    EXPECT_EQ(l.at(start + minutes{3}), 25u);
    l.lower(12, start + minutes{30});
    l.take_back(start + minutes{45});
    EXPECT_LT(l.at(start + minutes{45}), 25u) << "that was not now";
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
