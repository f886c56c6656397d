// B-6: a host that tenants share, alone and in the scheduler.
#include "rollcall/sync/host_health.hpp"

#include <set>

#include "unit/sync/scheduler_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::sync;
using rollcall::test::scheduler_case;

const mono_time start{hours{1}};

TEST(HostHealth, B6AHostThatAnswersHalfOfTheCallsGetsAllOfThem) {
    host_health h;
    h.set_tenants(100);
    auto now = start;
    for (std::uint32_t i = 0; i < 200; ++i) {
        h.sent(false, false, now);
        (void)h.answered(1 + i % 100, i % 2 == 0, now);
        now += milliseconds{500};
        EXPECT_LE(h.refusal(now), 0.5 / (i + 1.0) + 0.34);
    }
    EXPECT_LE(h.refusal(now), 0.01);
    EXPECT_NEAR(h.accepted_share(now), 0.5, 0.02);
    EXPECT_FALSE(h.down());
}

TEST(HostHealth, B6WhatIsHeldBackCountsAsAsked) {
    host_health h;
    random_source random(1);
    h.set_tenants(1);
    auto now = start;
    int sent = 0;
    for (int i = 0; i < 100; ++i) {
        now += milliseconds{500};
        if (h.holds_back(random, now)) continue;
        h.sent(false, true, now);
        (void)h.answered(1, false, now);
        ++sent;
    }
    EXPECT_LE(sent, 20) << "p = (requests - 2 accepts) / (requests + 1) is near one";
    EXPECT_GT(h.refusal(now), 0.9);
    EXPECT_EQ(h.refusal(now + minutes{3}), 0.0) << "two minutes later all is forgotten";
}

TEST(HostHealth, B6ItIsDownAfterThreeTenantsInARowAndUpWithTheFirstAnswer) {
    host_health h;
    h.set_tenants(50);
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(h.answered(1, false, start));
    EXPECT_FALSE(h.down()) << "one tenant's failures are its own";
    (void)h.answered(2, false, start);
    (void)h.answered(3, true, start);
    (void)h.answered(4, false, start);
    (void)h.answered(5, false, start);
    EXPECT_FALSE(h.down());
    (void)h.answered(6, false, start);
    EXPECT_TRUE(h.down());
    EXPECT_TRUE(h.answered(7, true, start)) << "the outage ended with it";
    EXPECT_FALSE(h.down());
    EXPECT_FALSE(h.answered(7, true, start));
}

TEST(HostHealth, B6ProbesGoEveryTenSecondsAndEveryThirtyAfterAWhile) {
    host_health h;
    random_source random(1);
    h.set_tenants(2);
    (void)h.answered(1, false, start);
    (void)h.answered(2, false, start);
    ASSERT_TRUE(h.down());
    EXPECT_LE(h.probe_at(), start + seconds{10});
    for (const auto& [age, longest] : {std::pair{minutes{1}, seconds{10}},
                                       {minutes{10}, seconds{20}},
                                       {minutes{60}, seconds{30}}}) {
        h.probed(random, start + age);
        EXPECT_LE(h.probe_at() - (start + age), longest);
        EXPECT_GE(h.probe_at() - (start + age), longest * 4 / 5);
    }
}

TEST(HostHealth, B6RetriesAreATenthOfTheCallsAndNeverFewerThanAFew) {
    host_health h;
    auto now = start;
    for (std::uint32_t i = 0; i < host_health::retries_min; ++i) {
        EXPECT_TRUE(h.may_retry(now));
        h.sent(true, false, now);
    }
    EXPECT_FALSE(h.may_retry(now));
    for (int i = 0; i < 200; ++i) h.sent(false, false, now);
    EXPECT_TRUE(h.may_retry(now)) << "10 of 210";
    EXPECT_TRUE(h.may_retry(now + minutes{3}));
}

struct outage_case : scheduler_case {
    outage_case() {
        for (tenant_key key = 1; key <= 40; ++key) {
            auto f = facts(key);
            f.host = key <= 30 ? "down.example" : "up.example";
            f.last_success = wall_now() - hours{25} - seconds{key};
            s.add(key, f, now);
        }
    }
    // All that may start now, of which the calls of one host fail.
    std::size_t calls_of(std::string_view host, bool fail) {
        std::size_t calls = 0;
        while (const auto run = s.next(now)) {
            const bool first_host = run->tenant <= 30;
            const bool failed = fail && first_host;
            calls += (host == "down.example") == first_host ? 1 : 0;
            s.answered(*run, !failed, now);
            s.finished(*run, failed ? run_end::failed : run_end::done, now, now);
        }
        return calls;
    }
};

TEST(Outage, B6OthersOfItWaitAndThoseOfAnotherHostGoOn) {
    outage_case c;
    std::size_t calls = 0;
    for (int i = 0; i < 600; ++i) {
        calls += c.calls_of("down.example", true);
        c.now += seconds{1};
    }
    EXPECT_LE(calls, 3u + 600 / 8);
    EXPECT_GE(calls, 3u + 600 / 22);
    const auto hosts = c.s.hosts(c.now);
    ASSERT_EQ(hosts.size(), 2u);
    EXPECT_TRUE(hosts[0].down);
    EXPECT_GE(hosts[0].waiting, 20u);
    EXPECT_FALSE(hosts[1].down);
    for (tenant_key key = 31; key <= 40; ++key) EXPECT_FALSE(c.s.queued(key)) << key;
    // Nobody is blamed for it, but for the few that found it out.
    for (tenant_key key = 1; key <= 30; ++key) {
        EXPECT_FALSE(c.s.quarantined_until(key)) << key;
        EXPECT_TRUE(c.s.waits_for_host(key)) << key;
    }
}

// A few tenants whose slots are hours apart: the first alone meets the outage for a long time.
TEST(Outage, B6NobodyIsBlamedWhereTheHostHasAnsweredNobodyElseSince) {
    for (const bool others_are_well : {false, true}) {
        SCOPED_TRACE(others_are_well);
        scheduler_case c;
        for (tenant_key key = 1; key <= 2; ++key) {
            auto f = c.facts(key);
            f.host = "api.example";
            f.last_success = c.wall_now() - (key == 1 ? hours{25} : hours{0});
            c.s.add(key, f, c.now);
        }
        for (int i = 0; i < 20; ++i) {
            if (others_are_well) {
                (void)c.s.request(2, "", c.now);
                const auto run = c.s.next(c.now);
                ASSERT_TRUE(run && run->tenant == 2);
                c.s.answered(*run, true, c.now);
                c.s.finished(*run, run_end::done, c.now, c.now);
            }
            const auto run = c.s.next(c.now);
            if (run) {
                c.s.answered(*run, false, c.now);
                c.s.finished(*run, run_end::failed, c.now, c.now);
            }
            c.now += minutes{61};
        }
        EXPECT_EQ(c.s.quarantined_until(1).has_value(), others_are_well);
    }
}

TEST(Outage, B6WhatIsOurOwnFaultQuarantinesNobody) {
    scheduler_case c;
    c.add(1, hours{25});
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(c.run_one(run_end::unable));
        EXPECT_LE(*c.s.due_at(1) - c.now, minutes{60});
        EXPECT_FALSE(c.s.quarantined_until(1));
        c.now += minutes{61};
    }
}

TEST(Outage, B6WhenTheHostAnswersAgainAllAreReadyTheStalestFirst) {
    outage_case c;
    for (int i = 0; i < 1200; ++i) {
        (void)c.calls_of("", true);
        c.now += seconds{1};
    }
    // The next probe is answered.
    std::vector<tenant_key> order;
    for (int i = 0; i < 60 && order.size() < 30; ++i) {
        while (const auto run = c.s.next(c.now)) {
            order.push_back(run->tenant);
            // The first is the probe; the others are no retries, since only the host has failed.
            EXPECT_TRUE(order.size() == 1 || run->cause == run_cause::sweep);
            c.s.answered(*run, true, c.now);
            c.s.finished(*run, run_end::done, c.now, c.now);
        }
        c.now += seconds{1};
    }
    ASSERT_EQ(order.size(), 30u);
    EXPECT_TRUE(std::is_sorted(order.begin() + 1, order.end(), std::greater<>()));
    EXPECT_FALSE(c.s.hosts(c.now)[0].down);
}

TEST(Outage, B6APersonsRequestIsTriedAtOnce) {
    outage_case c;
    for (int i = 0; i < 60; ++i) {
        (void)c.calls_of("", true);
        c.now += milliseconds{100};
    }
    ASSERT_TRUE(c.s.hosts(c.now)[0].down);
    (void)c.s.request(11, "", c.now);
    const auto run = c.s.next(c.now);
    ASSERT_TRUE(run);
    EXPECT_EQ(run->tenant, 11u);
    c.s.answered(*run, true, c.now);
    EXPECT_FALSE(c.s.hosts(c.now)[0].down) << "its answer ends the outage for all";
    c.s.finished(*run, run_end::done, c.now, c.now);
}

TEST(Outage, B6ManyTenantsThatFailByThemselvesKeepNobodyWaiting) {
    scheduler_case c(100'000);
    for (tenant_key key = 1; key <= 300; ++key) {
        auto f = c.facts(key);
        f.host = "api.example";
        f.last_success = c.wall_now() - hours{25};
        c.s.add(key, f, c.now);
    }
    std::set<tenant_key> swept;
    for (int i = 0; i < 3600; ++i) {
        while (const auto run = c.s.next(c.now)) {
            const bool bad = run->tenant % 3 == 0;
            // The host answers all of them; what it says of a third makes no sense.
            c.s.answered(*run, true, c.now);
            c.s.finished(*run, bad ? run_end::failed : run_end::done, c.now, c.now);
            if (!bad) swept.insert(run->tenant);
        }
        c.now += seconds{1};
    }
    EXPECT_EQ(swept.size(), 200u);
}

} // namespace
