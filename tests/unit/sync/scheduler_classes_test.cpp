// B-3 and B-4: the classes and their shares, hints and what becomes of them, ageing; T-2 and T-3
// under restarts.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "unit/sync/scheduler_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::sync;
using rollcall::test::scheduler_case;
using testing::ElementsAre;

std::vector<tenant_key> tenants_of(const std::vector<run_start>& runs) {
    std::vector<tenant_key> out;
    for (const auto& each : runs) out.push_back(each.tenant);
    return out;
}

// The first read is over, and nothing is due: whatever runs then, something asked for it.
struct hinted_case : scheduler_case {
    explicit hinted_case(std::size_t rows = 300) {
        auto f = facts(1);
        f.last_success = wall_now();
        f.rows = rows;
        s.add(1, f, now);
    }
};

TEST(Webhooks, LA47AHintBecomesAReadOfThatEmployee) {
    hinted_case c;
    c.s.hint(1, "PW7", c.now);
    c.s.hint(1, "PW7", c.now);
    const auto run = c.run_one();
    ASSERT_TRUE(run);
    EXPECT_EQ(run->cause, run_cause::webhook);
    EXPECT_EQ(run->employee_id, "PW7");
    EXPECT_EQ(run->ticket, 0u);
    EXPECT_TRUE(run->hinted);
    EXPECT_FALSE(c.run_one()) << "the same hint twice is one";
    EXPECT_TRUE(c.s.due_at(1)) << "and the daily turn is still to come";
}

TEST(Webhooks, B4ManyHintsBecomeOneReadOfEverybodyOnceThatIsCheaper) {
    // A read of everybody costs as much as 1 + rows / 2000 reads of one.
    for (const auto& [rows, hints, bulk] :
         {std::tuple{300, 1, false}, {300, 2, true}, {10'000, 6, false}, {10'000, 7, true}}) {
        SCOPED_TRACE(std::to_string(rows) + " rows, " + std::to_string(hints) + " hints");
        hinted_case c(static_cast<std::size_t>(rows));
        for (int i = 0; i < hints; ++i) c.s.hint(1, "PW" + std::to_string(i), c.now);
        int runs = 0;
        bool whole = false;
        while (const auto run = c.run_one()) {
            ++runs;
            whole |= run->employee_id.empty();
        }
        EXPECT_EQ(runs, bulk ? 1 : hints);
        EXPECT_EQ(whole, bulk);
        EXPECT_EQ(c.s.hints_waiting(1), 0u);
    }
}

TEST(Webhooks, B4WhatIsKeptOfAFloodIsBounded) {
    hinted_case c(1'000'000);
    for (int i = 0; i < 1'000; ++i) c.s.hint(1, "PW" + std::to_string(i), c.now);
    EXPECT_EQ(c.s.hints_waiting(1), scheduler_options{}.hints_per_tenant);
    const auto run = c.run_one();
    ASSERT_TRUE(run);
    EXPECT_EQ(run->employee_id, "");
    EXPECT_FALSE(c.run_one());
}

TEST(Webhooks, B4AReadOfEverybodyServesTheHintsThatCameBeforeItStarted) {
    hinted_case c(10'000);
    c.s.hint(1, "PW1", c.now);
    (void)c.s.request(1, "", c.now);
    auto run = c.s.next(c.now);
    ASSERT_TRUE(run);
    EXPECT_TRUE(run->hinted);
    EXPECT_NE(run->ticket, 0u);
    c.s.hint(1, "PW2", c.now);
    c.s.finished(*run, run_end::done, c.now, c.now);
    run = c.run_one();
    ASSERT_TRUE(run);
    EXPECT_EQ(run->employee_id, "PW2") << "what came during the read may be newer than it";
    EXPECT_FALSE(c.run_one());
}

TEST(Webhooks, B4AFailedReadLeavesItsHints) {
    for (const auto how : {run_end::failed, run_end::throttled, run_end::cancelled}) {
        SCOPED_TRACE(static_cast<int>(how));
        hinted_case c;
        c.s.hint(1, "PW1", c.now);
        ASSERT_TRUE(c.run_one(how));
        EXPECT_EQ(c.s.hints_waiting(1), 1u);
        const auto again = c.next_run();
        ASSERT_TRUE(again);
        EXPECT_TRUE(again->hinted);
        EXPECT_EQ(c.s.hints_waiting(1), 0u);
    }
}

TEST(Webhooks, B4AHintOfATenantThatStoppedWaitsUntilItWorksAgain) {
    hinted_case c;
    (void)c.s.request(1, "", c.now);
    ASSERT_TRUE(c.run_one(run_end::stopped));
    c.s.hint(1, "PW1", c.now);
    EXPECT_FALSE(c.run_one());
    auto facts = c.facts(1);
    facts.last_success = c.wall_now();
    c.s.change(1, facts, c.now);
    const auto run = c.run_one();
    ASSERT_TRUE(run);
    EXPECT_TRUE(run->hinted);
}

// All five classes, each with somebody ready all the time.
TEST(Classes, B3EachHasItsReservedShareAndTheFirstHasWhatIsLeft) {
    scheduler_case c(100'000);
    tenant_key key = 0;
    for (int i = 0; i < 500; ++i) c.add(++key, hours{25});
    for (int i = 0; i < 500; ++i) c.add(++key);
    for (int i = 0; i < 500; ++i) {
        c.add(++key, hours{25});
        c.s.date_due(key, c.now);
    }
    for (int i = 0; i < 500; ++i) {
        c.add(++key, nanoseconds{0});
        c.s.hint(key, "PW1", c.now);
    }
    for (int i = 0; i < 500; ++i) {
        c.add(++key, nanoseconds{0});
        (void)c.s.request(key, "", c.now);
    }
    std::array<int, 5> starts{}; // by class, the last first
    for (int i = 0; i < 800; ++i) {
        const auto run = c.run_one();
        ASSERT_TRUE(run);
        ++starts[(run->tenant - 1) / 500];
    }
    EXPECT_NEAR(starts[4], 320, 5) << "request";
    EXPECT_NEAR(starts[3], 160, 2) << "webhook";
    EXPECT_NEAR(starts[2], 160, 2) << "due";
    EXPECT_NEAR(starts[1], 80, 2) << "first load";
    EXPECT_NEAR(starts[0], 80, 2) << "sweep";
}

TEST(Classes, B3TheyStartInTheirOrderAsLongAsSharesAllow) {
    scheduler_case c(1'000, 100);
    c.add(1, hours{25});
    c.add(2);
    c.add(3, hours{25});
    c.s.date_due(3, c.now);
    c.add(4, nanoseconds{0});
    c.s.hint(4, "PW1", c.now);
    c.add(5, nanoseconds{0});
    (void)c.s.request(5, "", c.now);
    std::vector<std::string_view> waiting;
    for (const auto& each : c.s.queues(c.now)) {
        if (each.ready == 1) waiting.push_back(each.name);
    }
    EXPECT_THAT(waiting, ElementsAre("request", "webhook", "due", "first_load", "sweep"));
    EXPECT_THAT(tenants_of(c.start_all()), ElementsAre(5, 4, 3, 2, 1));
}

TEST(Classes, B3ADateThatIsDueBringsATurnForwardButEndsNoBackOff) {
    scheduler_case c;
    c.add(1, nanoseconds{0});
    c.s.date_due(1, c.now);
    const auto run = c.run_one(run_end::failed);
    ASSERT_TRUE(run);
    const auto due = c.s.due_at(1);
    c.s.date_due(1, c.now);
    EXPECT_EQ(c.s.due_at(1), due);
    EXPECT_FALSE(c.run_one());
    c.add(2, nanoseconds{0}, false);
    c.s.date_due(2, c.now);
    EXPECT_FALSE(c.run_one()) << "WT-5: its schedule is off";
}

TEST(Classes, B3ASweepThatIsTwoHoursLateComesAfterEverySecondWebhook) {
    scheduler_case c(100'000);
    for (tenant_key key = 1; key <= 50; ++key) c.add(key, hours{27});
    for (tenant_key key = 101; key <= 150; ++key) {
        c.add(key, nanoseconds{0});
        c.s.hint(key, "PW1", c.now);
    }
    for (tenant_key key = 201; key <= 250; ++key) c.add(key);
    int sweeps = 0;
    for (int i = 0; i < 40; ++i) sweeps += c.run_one()->cause == run_cause::sweep ? 1 : 0;
    EXPECT_GE(sweeps, 16);
    EXPECT_LE(sweeps, 20);
}

TEST(Classes, B3ExtraReadsGoOnlyWhereNobodyElseWaitsAndAFifthIsFree) {
    scheduler_case c(10);
    auto f = c.facts(1);
    f.interval = hours{1};
    f.last_success = c.wall_now() - hours{2};
    c.s.add(1, f, c.now);
    EXPECT_EQ(c.s.queues(c.now)[5].ready, 1u);
    // Eight of ten slots are taken by those who press buttons.
    for (tenant_key key = 11; key <= 18; ++key) {
        c.add(key, nanoseconds{0});
        (void)c.s.request(key, "", c.now);
    }
    for (int i = 0; i < 8; ++i) EXPECT_GE(c.run_one()->tenant, 11u);
    EXPECT_FALSE(c.run_one());
    EXPECT_GE(*c.s.wake_at(c.now), c.begin + minutes{1});
    const auto run = c.next_run();
    ASSERT_TRUE(run);
    EXPECT_EQ(run->tenant, 1u);
    EXPECT_LE(*c.s.due_at(1) - c.now, hours{1});
}

TEST(Classes, B3AnExtraReadThatFoundNoRoomBecomesTheDailyOne) {
    scheduler_case c;
    auto f = c.facts(1);
    f.interval = hours{1};
    f.last_success = c.wall_now() - hours{2};
    c.s.add(1, f, c.now);
    c.now += hours{23};
    (void)c.s.wake_at(c.now);
    c.add(2); // somebody else is ready, so that no extra read starts
    EXPECT_EQ(c.run_one()->tenant, 2u);
    EXPECT_EQ(c.s.queues(c.now)[4].ready + c.s.queues(c.now)[5].ready, 1u);
    EXPECT_EQ(c.s.queues(c.now)[4].ready, 1u);
}

TEST(Classes, B3ATenantThatAsksAllTheTimeIsBehindOneThatAsksOnce) {
    scheduler_case c(100'000, 1);
    for (tenant_key key = 1; key <= 3; ++key) c.add(key, nanoseconds{0});
    for (int i = 0; i < 50; ++i) {
        (void)c.s.request(1, "", c.now);
        ASSERT_TRUE(c.run_one());
    }
    (void)c.s.request(1, "", c.now);
    (void)c.s.request(2, "", c.now);
    (void)c.s.request(3, "", c.now);
    EXPECT_EQ(c.run_one()->tenant, 2u);
    EXPECT_EQ(c.run_one()->tenant, 3u);
    EXPECT_EQ(c.run_one()->tenant, 1u);
}

TEST(Classes, B3ARunOfManyCallsIsChargedWithAllOfThem) {
    scheduler_case c(100'000, 1);
    for (tenant_key key = 1; key <= 2; ++key) c.add(key, nanoseconds{0});
    std::array<int, 3> runs{};
    for (int i = 0; i < 60; ++i) {
        (void)c.s.request(1, "", c.now);
        (void)c.s.request(2, "", c.now);
        const auto run = c.s.next(c.now);
        ASSERT_TRUE(run);
        ++runs[run->tenant];
        c.s.finished(*run, run_end::done, c.now, c.now, run->tenant == 1 ? 5 : 1);
    }
    EXPECT_NEAR(runs[1], 10, 1) << "in calls both had the same";
    EXPECT_NEAR(runs[2], 50, 1);
}

TEST(Restarts, T2TenRestartsInAMinuteSweepNobodyTwice) {
    constexpr tenant_key tenants = 200;
    random_source random(3);
    mono_time now{hours{5}};
    const wall_time wall{hours{24 * 365 * 56}};
    std::map<tenant_key, int> sweeps;
    std::map<tenant_key, wall_time> last;
    std::vector<std::string> names;
    for (tenant_key key = 0; key <= tenants; ++key) {
        names.push_back("tenant-" + std::to_string(key));
        last[key] = wall - hours{30};
    }
    const auto begin = now;
    for (int life = 0; life < 30; ++life) {
        call_budget budget(std::array{600u}, minutes{1});
        const auto wall_now = wall + (now - begin);
        scheduler s({}, budget, random, now, wall_now);
        for (tenant_key key = 1; key <= tenants; ++key) {
            s.add(key, {names[key], last[key], true, false, false, 0, 25}, now);
        }
        // Killed after six seconds, ten times a minute.
        for (const auto end = now + seconds{6}; now < end; now += milliseconds{100}) {
            while (const auto run = s.next(now)) {
                ++sweeps[run->tenant];
                last[run->tenant] = wall + (now - begin);
                s.finished(*run, run_end::done, now, now);
            }
        }
    }
    for (tenant_key key = 1; key <= tenants; ++key) EXPECT_EQ(sweeps[key], 1) << key;
}

TEST(Restarts, T3AWallClockThatJumpsADayChangesNoSweep) {
    for (const auto jump : {hours{24}, hours{-24}}) {
        scheduler_case c;
        c.add(1, nanoseconds{0});
        c.skip();
        const auto first = c.now;
        for (int day = 0; day < 5; ++day) {
            ASSERT_TRUE(c.next_run());
            // What is written down says another day, and comes back with every change of settings.
            auto facts = c.facts(1);
            facts.last_success = c.wall_now() + jump;
            c.s.change(1, facts, c.now);
            EXPECT_FALSE(c.s.queued(1));
        }
        EXPECT_NEAR(static_cast<double>((c.now - first) / seconds{1}), 4 * 86'400.0, 1.0);
    }
}

TEST(Restarts, B6ATenantInQuarantineStaysThereOverARestart) {
    scheduler_case c;
    auto f = c.facts(1);
    f.last_success = c.wall_now() - hours{48};
    f.last_attempt = c.wall_now() - hours{2};
    f.failures = 8;
    c.s.add(1, f, c.now);
    EXPECT_EQ(c.s.quarantined_until(1), c.now + hours{4});
    EXPECT_FALSE(c.run_one());
    (void)c.s.request(1, "", c.now);
    EXPECT_FALSE(c.s.quarantined_until(1)) << "a person's request ends it";
    ASSERT_TRUE(c.run_one(run_end::failed));
    EXPECT_LE(*c.s.due_at(1) - c.now, seconds{30});
}

TEST(Restarts, B6ATenantThatBacksOffIsTriedAgainAfterARestart) {
    for (const std::uint32_t failures : {0u, 1u, 3u, 9u}) {
        SCOPED_TRACE(failures);
        scheduler_case c;
        auto f = c.facts(1);
        f.last_success = c.wall_now() - seconds{1};
        f.last_attempt = c.wall_now() - hours{13}; // longer than any rest of so many
        f.failures = failures;
        f.failed = true;
        c.s.add(1, f, c.now);
        EXPECT_TRUE(c.s.backs_off(1));
        ASSERT_TRUE(c.s.due_at(1));
        EXPECT_LE(*c.s.due_at(1) - c.now, seconds{30});
    }
}

} // namespace
