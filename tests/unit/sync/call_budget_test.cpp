// B-1 and B-2: two limits at once, several addresses, and what a throttle teaches.
#include "rollcall/sync/call_budget.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace {

using namespace rollcall;
using sync::call_budget;

const mono_time start{hours{1}};

struct budget_case {
    explicit budget_case(std::vector<std::uint32_t> limits) : budget(limits, minutes{1}) {}

    // Calls that are answered at once, until the budget says no; the addresses that they took.
    std::vector<std::uint32_t> calls(sliding_window& tenant) {
        std::vector<std::uint32_t> out;
        while (const auto address = budget.try_acquire(tenant, now)) {
            out.push_back(*address);
            budget.settle(*address, tenant, now);
        }
        return out;
    }

    call_budget budget;
    mono_time now = start;
    random_source random{1};
};

TEST(CallBudget, TheAddressLimitHoldsOverAllTenants) {
    budget_case c({10});
    std::size_t made = 0;
    for (int i = 0; i < 20; ++i) {
        sliding_window tenant(25, minutes{1});
        made += c.calls(tenant).size();
    }
    EXPECT_EQ(made, 10u);
    EXPECT_EQ(c.budget.available_at(c.now), start + minutes{1});
}

TEST(CallBudget, TheTenantLimitHoldsOverAllAddressesAndKeepsNobodyElse) {
    budget_case c({10, 10});
    sliding_window small(3, minutes{1});
    sliding_window large(25, minutes{1});
    EXPECT_EQ(c.calls(small).size(), 3u);
    EXPECT_EQ(c.budget.available_at(small, c.now), start + minutes{1});
    EXPECT_EQ(c.budget.available_at(large, c.now), start);
    EXPECT_EQ(c.calls(large).size(), 17u);
}

TEST(CallBudget, ARefusalTakesNeitherSlot) {
    budget_case c({10});
    sliding_window tenant(2, minutes{1});
    EXPECT_EQ(c.calls(tenant).size(), 2u);
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(c.budget.try_acquire(tenant, c.now));
    EXPECT_EQ(c.budget.addresses()[0].used(c.now), 2u);
    sliding_window other(25, minutes{1});
    EXPECT_EQ(c.calls(other).size(), 8u);
    sliding_window third(25, minutes{1});
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(c.budget.try_acquire(third, c.now));
    EXPECT_EQ(third.used(c.now), 0u);
}

TEST(CallBudget, SeveralAddressesAreUsedEvenly) {
    budget_case c({10, 10, 10});
    std::array<int, 3> used{};
    for (int i = 0; i < 15; ++i) {
        sliding_window tenant(1, minutes{1});
        const auto address = c.budget.try_acquire(tenant, c.now);
        ASSERT_TRUE(address);
        ++used[*address];
        c.budget.settle(*address, tenant, c.now);
    }
    EXPECT_EQ(used, (std::array<int, 3>{5, 5, 5}));
    EXPECT_EQ(c.budget.limit(), 30u);
}

TEST(CallBudget, ASlotComesBackAMinuteAfterTheAnswerOrAtOnceIfNothingWasSent) {
    budget_case c({1});
    sliding_window tenant(1, minutes{1});
    auto address = c.budget.try_acquire(tenant, c.now);
    ASSERT_TRUE(address);
    EXPECT_EQ(c.budget.available_at(tenant, c.now), std::nullopt) << "it depends on the answer";
    c.budget.refund(*address, tenant);
    address = c.budget.try_acquire(tenant, c.now);
    ASSERT_TRUE(address);
    c.now += seconds{30};
    c.budget.settle(*address, tenant, c.now);
    c.now += minutes{1} - nanoseconds{1};
    EXPECT_FALSE(c.budget.try_acquire(tenant, c.now));
    c.now += nanoseconds{1};
    EXPECT_TRUE(c.budget.try_acquire(tenant, c.now));
}

// A test call settles when it ends, a run when its header came: the later may be told first. The
// budget must never promise an instant at which it then refuses.
TEST(CallBudget, AnswersMayBeToldOutOfOrder) {
    budget_case c({2});
    sliding_window a(25, minutes{1});
    sliding_window b(25, minutes{1});
    const auto first = c.budget.try_acquire(a, c.now);
    const auto second = c.budget.try_acquire(b, c.now);
    ASSERT_TRUE(first && second);
    c.budget.settle(*second, b, start + seconds{20});
    c.budget.settle(*first, a, start + seconds{5});
    c.now = start + seconds{21};
    sliding_window other(25, minutes{1});
    const auto at = c.budget.available_at(other, c.now);
    ASSERT_TRUE(at);
    EXPECT_TRUE(c.budget.try_acquire(other, *at));
}

TEST(CallBudget, AThrottlePausesTheTenantAndTheAddressForAWindowPlusATenth) {
    budget_case c({10, 10});
    sliding_window tenant(25, minutes{1});
    sliding_window other(25, minutes{1});
    c.budget.throttled(0, tenant, c.now, std::nullopt, c.random);
    const auto paused = c.budget.available_at(tenant, c.now);
    ASSERT_TRUE(paused);
    EXPECT_GE(*paused, start + seconds{60});
    EXPECT_LE(*paused, start + seconds{66});
    EXPECT_EQ(c.budget.addresses()[0].paused_until(), *paused);
    EXPECT_FALSE(c.budget.try_acquire(tenant, c.now));
    for (const auto address : c.calls(other)) EXPECT_EQ(address, 1u) << "the other one goes on";
    EXPECT_EQ(tenant.limit(), 25u);
}

TEST(CallBudget, ALearntLimitLowersOnlyTheTenantAndNeverRaisesIt) {
    budget_case c({25});
    sliding_window tenant(25, minutes{1});
    c.budget.throttled(0, tenant, c.now, 12, c.random);
    EXPECT_EQ(tenant.limit(), 10u) << "with the margin that 25 keeps below 30";
    EXPECT_EQ(c.budget.addresses()[0].limit(), 25u);
    c.budget.throttled(0, tenant, c.now, 60, c.random);
    EXPECT_EQ(tenant.limit(), 10u);
    c.budget.throttled(0, tenant, c.now, 0, c.random);
    EXPECT_EQ(tenant.limit(), 1u) << "a limiter that never opens would only hide a fault";
}

TEST(CallBudget, NewLimitsOfAReloadHoldAtOnce) {
    budget_case c({10});
    sliding_window tenant(100, minutes{1});
    EXPECT_EQ(c.calls(tenant).size(), 10u);
    c.budget.set_limits(std::array{12u});
    EXPECT_EQ(c.calls(tenant).size(), 2u);
    c.budget.set_limits(std::array{5u});
    c.now += minutes{1};
    EXPECT_EQ(c.calls(tenant).size(), 5u);
}

} // namespace
