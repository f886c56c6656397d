// Runs of several calls: each call has a slot of its own, in the class and the order of its run.
#include <gmock/gmock.h>

#include "unit/sync/scheduler_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::sync;
using rollcall::test::scheduler_case;
using testing::ElementsAre;

run_start start_now(scheduler_case& c) {
    auto start = c.s.next(c.now);
    EXPECT_TRUE(start && !start->further);
    return start.value_or(run_start{});
}

TEST(SchedulerPages, B1EachCallOfARunTakesASlot) {
    scheduler_case c(3, 4);
    c.add(1, nanoseconds{0});
    (void)c.s.request(1, "", c.now);
    auto run = start_now(c);
    for (int page = 2; page <= 3; ++page) {
        c.s.call_again(run, c.now, true, c.now);
        const auto further = c.s.next(c.now);
        ASSERT_TRUE(further);
        EXPECT_TRUE(further->further);
        EXPECT_EQ(further->tenant, 1u);
        EXPECT_FALSE(c.s.next(c.now)) << "one slot for one call";
        c.now += seconds{1};
    }
    c.s.call_again(run, c.now, true, c.now);
    EXPECT_FALSE(c.s.next(c.now));
    const auto at = c.s.wake_at(c.now);
    ASSERT_TRUE(at);
    EXPECT_EQ(*at, c.begin + minutes{1}) << "when the slot of the first page is free again";
    c.now = *at;
    EXPECT_TRUE(c.s.next(c.now));
    EXPECT_TRUE(c.s.running(1));
    EXPECT_FALSE(c.s.queued(1));
}

TEST(SchedulerPages, B1TheTenantsOwnLimitHoldsForItsPages) {
    scheduler_case c(1000, 4);
    auto facts = c.facts(1);
    facts.calls_per_minute = 2;
    c.s.add(1, facts, c.now);
    const auto run = start_now(c);
    c.s.call_again(run, c.now, true, c.now);
    EXPECT_TRUE(c.s.next(c.now));
    c.s.call_again(run, c.now, true, c.now);
    EXPECT_FALSE(c.s.next(c.now));
    EXPECT_EQ(c.s.wake_at(c.now), c.now + minutes{1});
}

TEST(SchedulerPages, ARunGoesOnWhenAllPlacesAreTaken) {
    scheduler_case c(1000, 1);
    c.add(1);
    c.add(2);
    const auto run = start_now(c);
    EXPECT_FALSE(c.s.next(c.now));
    c.s.call_again(run, c.now, true, c.now);
    const auto further = c.s.next(c.now);
    ASSERT_TRUE(further);
    EXPECT_EQ(further->tenant, run.tenant);
    EXPECT_FALSE(c.s.next(c.now));
    c.s.finished(run, run_end::done, c.now, c.now);
    EXPECT_NE(start_now(c).tenant, run.tenant);
}

TEST(SchedulerPages, B3ItGoesOnInTheClassThatItStartedIn) {
    scheduler_case c(1000, 4);
    c.add(1, hours{25});
    c.add(2, hours{24});
    const auto sweep = start_now(c);
    ASSERT_EQ(sweep.tenant, 1u);
    c.s.call_again(sweep, c.now, true, c.now);
    c.add(3, nanoseconds{0});
    (void)c.s.request(3, "", c.now);
    std::vector<tenant_key> order;
    for (int i = 0; i < 10 && order.size() < 3; ++i) {
        if (const auto next = c.s.next(c.now)) {
            order.push_back(next->tenant);
        } else {
            c.skip();
        }
    }
    EXPECT_THAT(order, ElementsAre(3, 1, 2))
        << "who waits, the page of the stalest, the next stalest";
}

TEST(SchedulerPages, B3TwoRequestsShareTheSlotsCallByCall) {
    scheduler_case c(1000, 4);
    for (tenant_key key = 1; key <= 3; ++key) c.add(key, nanoseconds{0});
    (void)c.s.request(1, "", c.now);
    const auto large = start_now(c);
    c.s.call_again(large, c.now, true, c.now);
    // Two who have used nothing yet go before its second page, and that before what they use next.
    (void)c.s.request(2, "", c.now);
    (void)c.s.request(3, "", c.now);
    std::vector<tenant_key> order;
    while (const auto next = c.s.next(c.now)) {
        order.push_back(next->tenant);
        if (!next->further) c.s.finished(*next, run_end::done, c.now, c.now);
    }
    EXPECT_THAT(order, ElementsAre(2, 3, 1));
}

TEST(SchedulerPages, ARunThatWaitedForAWindowGoesFirstInItsClass) {
    scheduler_case c(1, 4);
    c.add(1, nanoseconds{0});
    (void)c.s.request(1, "", c.now);
    const auto large = start_now(c);
    c.s.call_again(large, c.now, true, c.now);
    // Ever new tenants that have used nothing yet: each goes before it, but not for ever.
    std::size_t others = 0;
    for (tenant_key key = 2; key < 20; ++key) {
        c.add(key, nanoseconds{0});
        (void)c.s.request(key, "", c.now);
        c.now += minutes{1};
        const auto next = c.s.next(c.now);
        ASSERT_TRUE(next);
        if (next->further) break;
        ++others;
        c.s.finished(*next, run_end::done, c.now, c.now);
    }
    EXPECT_LE(others, 1u);
}

TEST(SchedulerPages, ASlotThatWasGivenAndNotUsedIsFreeAtOnce) {
    scheduler_case c(2, 4);
    c.add(1, nanoseconds{0});
    (void)c.s.request(1, "", c.now);
    const auto run = start_now(c);
    c.s.call_again(run, c.now, true, c.now);
    const auto further = c.s.next(c.now);
    ASSERT_TRUE(further && further->further);
    EXPECT_EQ(c.budget.addresses()[0].used(c.now), 2u);
    // The run was cancelled before it could make the call.
    c.s.finished(run, run_end::cancelled, {}, c.now);
    EXPECT_EQ(c.budget.addresses()[0].used(c.now), 1u) << "of the first page";
}

TEST(SchedulerPages, ARunThatEndsWhileItWaitsLeavesNothingBehind) {
    scheduler_case c(1, 4);
    c.add(1, hours{25});
    const auto run = start_now(c);
    c.s.call_again(run, c.now, true, c.now);
    EXPECT_FALSE(c.s.next(c.now));
    c.s.finished(run, run_end::cancelled, {}, c.now);
    EXPECT_FALSE(c.s.running(1));
    EXPECT_EQ(c.budget.addresses()[0].used(c.now), 1u) << "of the page that was read";
    c.now += minutes{2};
    const auto again = c.s.next(c.now);
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->further) << "it is swept anew";
    c.s.finished(*again, run_end::done, c.now, c.now);
}

TEST(SchedulerPages, B4ManyHintsAreABulkReadOnlyWhereItsPagesAreCheaper) {
    for (const std::uint32_t pages : {1u, 5u}) {
        scheduler_case c;
        auto facts = c.facts(1);
        facts.last_success = c.wall_now();
        facts.rows = 1'000;
        facts.calls = pages;
        c.s.add(1, facts, c.now);
        for (const auto* id : {"PW1", "PW2", "PW3"}) c.s.hint(1, id, c.now);
        const auto run = c.s.next(c.now);
        ASSERT_TRUE(run);
        EXPECT_EQ(run->employee_id.empty(), pages == 1) << pages;
    }
}

} // namespace
