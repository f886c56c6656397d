// Who is synced next, and when: phases, catching up, requests, failures, one rule at a time.
#include "rollcall/sync/scheduler.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "unit/sync/scheduler_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::sync;
using rollcall::test::scheduler_case;
using testing::ElementsAre;

TEST(Scheduler, T2ThePhaseIsFixedAndStaysAcrossRestarts) {
    scheduler_case first;
    first.add(1, nanoseconds{0});
    const auto due = first.s.due_at(1);
    ASSERT_TRUE(due);
    const auto of_day = (first.wall + (*due - first.begin)).time_since_epoch() % hours{24};
    // Restarted at whatever hour, with another monotonic clock, the phase is the same.
    for (const auto later : {hours{1}, hours{7}, hours{23}, hours{500}}) {
        const mono_time now{minutes{5}};
        const auto wall = first.wall + later;
        random_source random(9);
        call_budget budget(std::array{25u}, minutes{1});
        scheduler again({}, budget, random, now, wall);
        auto facts = first.facts(1);
        facts.last_success = wall;
        again.add(1, facts, now);
        ASSERT_TRUE(again.due_at(1));
        EXPECT_EQ((wall + (*again.due_at(1) - now)).time_since_epoch() % hours{24}, of_day);
    }
    // And it is the same from day to day, however long the runs take.
    for (int day = 0; day < 5; ++day) {
        first.skip();
        const auto start = first.s.next(first.now);
        ASSERT_TRUE(start);
        EXPECT_EQ(start->cause, run_cause::sweep);
        first.now += minutes{90};
        first.s.finished(*start, run_end::done, first.now, first.now);
        EXPECT_EQ((first.wall + (*first.s.due_at(1) - first.begin)).time_since_epoch() % hours{24},
                  of_day);
    }
}

TEST(Scheduler, T2TenThousandTenantsAreSpreadEvenlyOverTheDay) {
    scheduler_case c;
    constexpr std::size_t tenants = 10'000;
    std::array<int, 24 * 4> quarters{};
    for (tenant_key key = 1; key <= tenants; ++key) {
        c.add(key, nanoseconds{0});
        ++quarters[static_cast<std::size_t>((*c.s.due_at(key) - c.now) / minutes{15}) % 96];
    }
    const auto peak = *std::max_element(quarters.begin(), quarters.end());
    EXPECT_LT(peak * 96.0 / tenants, 1.5) << "peak to mean";
    EXPECT_GT(*std::min_element(quarters.begin(), quarters.end()), 50);
}

TEST(Scheduler, T3TheWallClockIsReadAtTheStartOnly) {
    scheduler_case c;
    c.add(1, nanoseconds{0});
    // Ten sweeps are ten days of the monotonic clock; nothing else is ever asked for the time.
    c.skip();
    const auto first = c.now;
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(c.next_run());
    EXPECT_NEAR(static_cast<double>((c.now - first) / seconds{1}), 9 * 86'400.0, 1.0);
}

TEST(Scheduler, AfterADowntimeTheOverdueAreReadyAtOnceTheStalestFirst) {
    scheduler_case c(1000, 100);
    c.add(1, hours{30});
    c.add(2, hours{100});
    c.add(3, hours{50});
    c.add(4, nanoseconds{0});
    c.add(5); // a first load goes ahead of every sweep that is not late (B-3)
    std::vector<tenant_key> order;
    for (const auto& start : c.start_all()) order.push_back(start.tenant);
    EXPECT_THAT(order, ElementsAre(2, 3, 1, 5));
    EXPECT_FALSE(c.s.queued(4));
    EXPECT_TRUE(c.s.due_at(4));
}

TEST(Scheduler, ATenantThatHasHadItsSlotIsNotCaughtUpAgain) {
    scheduler_case c;
    for (tenant_key key = 1; key <= 200; ++key) {
        c.add(key, nanoseconds{0});
        // Swept when its last slot came round.
        auto facts = c.facts(key);
        facts.last_success = c.wall_now() - (hours{24} - (*c.s.due_at(key) - c.now));
        c.s.change(key, facts, c.now);
        EXPECT_FALSE(c.s.queued(key)) << key;
        // And a minute before it: the slot was missed.
        facts.last_success -= minutes{1};
        c.s.change(key, facts, c.now);
        EXPECT_TRUE(c.s.queued(key)) << key;
    }
}

TEST(Scheduler, B1OneRunOfATenantAtATime) {
    scheduler_case c;
    c.add(1);
    const auto start = c.s.next(c.now);
    ASSERT_TRUE(start);
    EXPECT_EQ(start->cause, run_cause::first_load);
    EXPECT_TRUE(c.s.running(1));
    (void)c.s.request(1, "", c.now);
    EXPECT_FALSE(c.s.next(c.now));
    EXPECT_FALSE(c.s.wake_at(c.now)) << "only the end of the run can change that";
}

TEST(Scheduler, ARequestDuringARunMakesExactlyOneFollowUp) {
    scheduler_case c;
    c.add(1, nanoseconds{0});
    (void)c.s.request(1, "", c.now);
    const auto run = c.s.next(c.now);
    ASSERT_TRUE(run);
    const auto first = c.s.request(1, "", c.now);
    EXPECT_FALSE(first.joined) << "what the run has read may be older than the request";
    EXPECT_NE(first.ticket, run->ticket);
    for (int i = 0; i < 5; ++i) {
        const auto again = c.s.request(1, "", c.now);
        EXPECT_TRUE(again.joined);
        EXPECT_EQ(again.ticket, first.ticket);
    }
    c.s.finished(*run, run_end::done, c.now, c.now);
    const auto follow_up = c.run_one();
    ASSERT_TRUE(follow_up);
    EXPECT_EQ(follow_up->ticket, first.ticket);
    EXPECT_EQ(follow_up->cause, run_cause::on_demand);
    EXPECT_FALSE(c.run_one());
}

TEST(Scheduler, B4RequestsForOneEmployeeStayAReadOfThatOne) {
    scheduler_case c;
    c.add(1, nanoseconds{0});
    const auto a = c.s.request(1, "PW1", c.now);
    const auto b = c.s.request(1, "PW1", c.now);
    EXPECT_EQ(a.ticket, b.ticket);
    EXPECT_TRUE(b.joined);
    const auto run = c.run_one();
    ASSERT_TRUE(run);
    EXPECT_EQ(run->employee_id, "PW1");
    EXPECT_FALSE(c.run_one());
}

TEST(Scheduler, B4RequestsForSeveralEmployeesBecomeOneReadOfEverybody) {
    for (const auto* second : {"PW2", ""}) {
        scheduler_case c;
        c.add(1, nanoseconds{0});
        (void)c.s.request(1, "PW1", c.now);
        EXPECT_TRUE(c.s.request(1, second, c.now).joined);
        EXPECT_TRUE(c.s.request(1, "PW1", c.now).joined) << "it stays a read of everybody";
        const auto run = c.run_one();
        ASSERT_TRUE(run);
        EXPECT_EQ(run->employee_id, "");
        EXPECT_FALSE(c.run_one());
    }
}

TEST(Scheduler, B3WhoWaitsAtAButtonIsAheadOfFirstLoadsAndSweeps) {
    scheduler_case c(1000, 100);
    c.add(1, hours{25});
    c.add(2);
    c.add(3, nanoseconds{0});
    (void)c.s.request(3, "", c.now);
    std::vector<tenant_key> order;
    for (const auto& start : c.start_all()) order.push_back(start.tenant);
    EXPECT_THAT(order, ElementsAre(3, 2, 1));
}

TEST(Scheduler, B3OneInTenPlacesIsTheSweepsHoweverManyButtonsArePressed) {
    scheduler_case c;
    for (tenant_key key = 1; key <= 100; ++key) c.add(key, hours{25});
    for (tenant_key key = 1001; key <= 2000; ++key) {
        c.add(key, nanoseconds{0}, false);
        (void)c.s.request(key, "", c.now);
    }
    int others = 0;
    for (int i = 0; i < 160; ++i) {
        const auto run = c.run_one();
        ASSERT_TRUE(run);
        others += run->ticket == 0 ? 1 : 0;
    }
    EXPECT_GE(others, 15);
    EXPECT_LE(others, 16);
}

TEST(Scheduler, TheLimitOfRunsHolds) {
    scheduler_case c(1000, 3);
    for (tenant_key key = 1; key <= 10; ++key) c.add(key);
    auto running = c.start_all();
    EXPECT_EQ(running.size(), 3u);
    EXPECT_EQ(c.s.running_count(), 3u);
    c.s.finished(running[0], run_end::done, c.now, c.now);
    EXPECT_EQ(c.start_all().size(), 1u);
}

TEST(Scheduler, B6FailuresBackOffFurtherAndFurtherAndThenTheTenantRests) {
    scheduler_case c;
    c.add(1);
    std::vector<hours> rests;
    for (int failures = 0; failures < 12; ++failures) {
        ASSERT_TRUE(c.run_one(run_end::failed));
        const auto due = c.s.due_at(1);
        ASSERT_TRUE(due);
        const auto delay = *due - c.now;
        if (failures < 7) {
            EXPECT_GE(delay, nanoseconds{0});
            EXPECT_LE(delay, std::min<nanoseconds>(minutes{60}, seconds{30} * (1ll << failures)));
            EXPECT_FALSE(c.s.quarantined_until(1));
        } else {
            rests.push_back(std::chrono::duration_cast<hours>(delay));
            EXPECT_EQ(c.s.quarantined_until(1), *due);
        }
        c.now = *due + seconds{1};
    }
    EXPECT_THAT(rests, ElementsAre(hours{6}, hours{12}, hours{24}, hours{24}, hours{24}));
    const auto last = c.run_one();
    ASSERT_TRUE(last);
    EXPECT_EQ(last->cause, run_cause::first_load) << "a first load stays one until it is done";
    EXPECT_FALSE(c.s.quarantined_until(1));
    c.now = *c.s.due_at(1) + seconds{1};
    ASSERT_TRUE(c.run_one(run_end::failed));
    EXPECT_LE(*c.s.due_at(1) - c.now, seconds{30}) << "a success begins anew";
}

TEST(Scheduler, G2AHoldIsConfirmedAfterAWhileThatDoublesEachTime) {
    scheduler_case c;
    c.add(1, hours{100});
    ASSERT_TRUE(c.run_one(run_end::held));
    for (int hold = 0; hold < 12; ++hold) {
        const auto wait = *c.s.due_at(1) - c.now;
        EXPECT_EQ(wait, minutes{10} * (1 << std::min(hold, 7))) << hold;
        c.now = *c.s.due_at(1) + seconds{1};
        const auto run = c.run_one(run_end::held);
        ASSERT_TRUE(run);
        EXPECT_EQ(run->cause, run_cause::confirm);
    }
    c.now = *c.s.due_at(1) + seconds{1};
    ASSERT_TRUE(c.run_one(run_end::done));
    c.skip();
    c.now += seconds{1};
    const auto sweep = c.run_one(run_end::held);
    ASSERT_TRUE(sweep);
    EXPECT_EQ(sweep->cause, run_cause::sweep);
    EXPECT_EQ(*c.s.due_at(1) - c.now, minutes{10});
}

TEST(Scheduler, B2AThrottledRunIsTriedAgainWhenThePauseIsOver) {
    scheduler_case c;
    c.add(1);
    c.add(2);
    const auto run = c.s.next(c.now);
    ASSERT_TRUE(run);
    c.s.throttled(*run, 6, c.now);
    c.s.finished(*run, run_end::throttled, c.now, c.now);
    const auto throttled_at = c.now;
    EXPECT_FALSE(c.s.next(c.now))
        << "the address is paused for everybody while the scope is unknown";
    std::vector<tenant_key> order;
    while (order.size() < 2) {
        if (const auto next = c.run_one()) {
            order.push_back(next->tenant);
        } else {
            c.skip();
        }
    }
    EXPECT_GE(c.now - throttled_at, seconds{60});
    EXPECT_LE(c.now - throttled_at, seconds{73});
    EXPECT_THAT(order, testing::ElementsAre(3 - run->tenant, run->tenant));
}

TEST(Scheduler, AStoppedTenantRestsUntilItIsChangedOrAsked) {
    scheduler_case c;
    c.add(1, hours{100});
    ASSERT_TRUE(c.run_one(run_end::stopped));
    EXPECT_FALSE(c.s.due_at(1));
    EXPECT_FALSE(c.s.queued(1));
    c.now += hours{100};
    EXPECT_FALSE(c.s.next(c.now));
    // Asked and still refused: it rests again.
    (void)c.s.request(1, "", c.now);
    ASSERT_TRUE(c.run_one(run_end::stopped));
    EXPECT_FALSE(c.s.wake_at(c.now));
    // A new key.
    auto facts = c.facts(1);
    facts.last_success = c.wall_now() - hours{200};
    c.s.change(1, facts, c.now);
    ASSERT_TRUE(c.run_one());
    EXPECT_TRUE(c.s.due_at(1));
}

TEST(Scheduler, AStoppedTenantThatWasAskedForAndWorksGoesOn) {
    scheduler_case c;
    c.add(1, hours{100});
    const auto run = c.s.next(c.now);
    ASSERT_TRUE(run);
    (void)c.s.request(1, "", c.now);
    c.s.finished(*run, run_end::stopped, c.now, c.now);
    ASSERT_TRUE(c.run_one()) << "the request that came during the run";
    c.skip();
    c.now += seconds{1};
    EXPECT_TRUE(c.run_one()) << "its daily sweep";
}

TEST(Scheduler, WT5WithTheScheduleOffItRunsOnRequestOnly) {
    scheduler_case c;
    c.add(1, nanoseconds{-1}, false);
    ASSERT_TRUE(c.run_one()) << "the first load belongs to adding the tenant";
    EXPECT_FALSE(c.s.wake_at(c.now));
    c.now += hours{1000};
    EXPECT_FALSE(c.s.next(c.now));
    (void)c.s.request(1, "", c.now);
    ASSERT_TRUE(c.run_one(run_end::failed));
    ASSERT_TRUE(c.s.due_at(1)) << "what was asked for is tried again";
    c.now = *c.s.due_at(1) + seconds{1};
    ASSERT_TRUE(c.run_one());
    EXPECT_FALSE(c.s.wake_at(c.now));
}

TEST(Scheduler, AScheduleThatIsSwitchedOffWhileARequestWaitsIsOff) {
    scheduler_case c;
    c.add(1, nanoseconds{0});
    (void)c.s.request(1, "PW1", c.now);
    auto facts = c.facts(1);
    facts.last_success = c.wall_now();
    facts.daily = false;
    c.s.change(1, facts, c.now);
    ASSERT_TRUE(c.run_one());
    c.now += hours{48};
    EXPECT_FALSE(c.s.next(c.now));
}

// A read of one employee is no sweep: the tenant's own turn is neither lost nor put off.
TEST(Scheduler, AReadOfOneEmployeeDoesNotTakeTheTenantsTurn) {
    enum class before { first_load, overdue, due_while_queued, due_while_running, none };
    for (const auto what : {before::first_load, before::overdue, before::due_while_queued,
                            before::due_while_running, before::none}) {
        SCOPED_TRACE(static_cast<int>(what));
        scheduler_case c;
        c.add(1, what == before::first_load ? nanoseconds{-1}
                 : what == before::overdue  ? nanoseconds{hours{100}}
                                            : nanoseconds{0});
        const auto own_turn = c.s.due_at(1);
        if (what == before::due_while_queued) {
            // No place is free when the turn comes: the request and the turn both wait.
            c.s.set_options({hours{24}, minutes{10}, {}, 0});
            (void)c.s.request(1, "PW1", c.now);
            c.now = *own_turn + seconds{1};
            EXPECT_FALSE(c.s.next(c.now));
            c.s.set_options({});
        } else {
            (void)c.s.request(1, "PW1", c.now);
        }
        const auto run = c.s.next(c.now);
        ASSERT_TRUE(run);
        EXPECT_EQ(run->employee_id, "PW1");
        if (what == before::due_while_running) {
            c.now = *own_turn + seconds{1};
            EXPECT_FALSE(c.s.next(c.now)) << "one run of a tenant at a time";
        }
        c.s.finished(*run, run_end::done, c.now, c.now);
        const auto end = c.now;
        const auto next = c.next_run();
        ASSERT_TRUE(next);
        EXPECT_EQ(next->employee_id, "");
        EXPECT_EQ(next->cause,
                  what == before::first_load ? run_cause::first_load : run_cause::sweep);
        if (what == before::none) {
            EXPECT_LE(c.now - *own_turn, seconds{1});
        } else {
            EXPECT_LE(c.now - end, seconds{2});
        }
    }
}

TEST(Scheduler, ACancelledRunIsMadeAgain) {
    scheduler_case c;
    c.add(1);
    const auto run = c.s.next(c.now);
    ASSERT_TRUE(run);
    c.s.finished(*run, run_end::cancelled, std::nullopt, c.now);
    EXPECT_EQ(c.budget.addresses()[0].used(c.now), 0u) << "it was never sent";
    const auto again = c.next_run();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->cause, run_cause::first_load);
}

TEST(Scheduler, B5TheEstimatedStartIsNearTheTruth) {
    scheduler_case c(25, 4);
    for (tenant_key key = 1; key <= 300; ++key) c.add(key);
    const auto estimate = c.s.estimated_start(250, c.now);
    ASSERT_TRUE(estimate);
    EXPECT_LE(*c.s.estimated_start(1, c.now), nanoseconds{0});
    while (c.s.queued(250)) {
        if (!c.run_one()) c.skip();
        ASSERT_LT(c.now - c.begin, hours{1});
    }
    const auto truth = c.now - c.begin;
    EXPECT_GE(*estimate, truth / 2);
    EXPECT_LE(*estimate, truth * 2);
    EXPECT_FALSE(c.s.estimated_start(250, c.now)) << "nothing waits any more";
}

TEST(Scheduler, ARemovedTenantLeavesNothingBehind) {
    scheduler_case c;
    c.add(1, nanoseconds{0});
    c.add(2);
    c.add(3, nanoseconds{0});
    (void)c.s.request(3, "", c.now);
    for (tenant_key key = 1; key <= 3; ++key) c.s.remove(key);
    EXPECT_EQ(c.s.ready_count(), 0u);
    EXPECT_FALSE(c.s.wake_at(c.now));
    c.now += hours{48};
    EXPECT_FALSE(c.s.next(c.now));
    c.add(1); // the name may come again
    EXPECT_TRUE(c.run_one());
}

TEST(Scheduler, ATenantAtItsOwnLimitKeepsNobodyElseWaiting) {
    scheduler_case c;
    auto facts = c.facts(1);
    facts.calls_per_minute = 1;
    c.s.add(1, facts, c.now);
    ASSERT_TRUE(c.run_one());
    (void)c.s.request(1, "", c.now);
    c.add(2);
    const auto run = c.run_one();
    ASSERT_TRUE(run);
    EXPECT_EQ(run->tenant, 2u);
    EXPECT_EQ(c.s.wake_at(c.now), c.begin + minutes{1});
    c.now += minutes{1};
    EXPECT_EQ(c.run_one()->tenant, 1u);
}

} // namespace
