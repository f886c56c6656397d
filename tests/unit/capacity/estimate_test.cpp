// The arithmetic: against fleets small enough for a pencil, and properties that hold for all.
#include <gtest/gtest.h>

#include <cmath>

#include "capacity/day.hpp"
#include "rollcall/capacity/plan.hpp"

namespace rollcall::capacity {
namespace {

// Calls that take no time, so that an address makes its limit exactly.
fleet plain_fleet() {
    fleet f;
    f.tenants = 1'200;
    f.size_list = {{1'200, 100}};
    f.leavers_listed = 0.5;
    f.latency_median_ms = f.latency_p99_ms = f.latency_per_row_us = 0;
    f.failing = 0;
    f.day.fill(1.0 / hours_of_day);
    f.runs_max = 64;
    return f;
}

machine round_machine() {
    machine m = shipped_machine();
    m.unchanged_people_s = exactly(100'000);
    m.changed_people_s = exactly(100'000);
    m.inflated_people_s = exactly(100'000);
    m.json_bytes_person = exactly(5'000);
    m.gzip_bytes_person = exactly(500);
    m.call_us = exactly(1'000);
    m.handshakes_s = exactly(1'000);
    m.tls_mib_s = exactly(1'000);
    m.memory_bytes_user = exactly(200);
    m.memory_bytes_tenant = exactly(1'000);
    m.database_bytes_user = exactly(500);
    m.database_bytes_step = exactly(300);
    m.commits_s = exactly(100);
    m.loaded_users_s = exactly(1'000'000);
    return m;
}

TEST(Estimate, CountsThePeopleAndTheCallsOfAPlainFleet) {
    const auto e = estimate_of(plain_fleet(), round_machine());
    EXPECT_EQ(e.employees, exactly(120'000));
    EXPECT_EQ(e.records_read, exactly(180'000));
    EXPECT_EQ(e.calls_per_read, exactly(1));
    EXPECT_EQ(e.address_calls_min, exactly(25));
    EXPECT_EQ(e.supply_day, exactly(36'000));
    EXPECT_EQ(e.sweep_calls_day, exactly(1'200));
    EXPECT_EQ(e.calls_day, exactly(1'200));
    EXPECT_NEAR(e.address_use.likely, 1.0 / 30, 1e-12);
    // 1,200 calls at 25 a minute.
    EXPECT_NEAR(e.round_s.likely, 48 * 60, 1e-6);
    EXPECT_EQ(e.addresses_needed, exactly(1));
    EXPECT_EQ(e.machines_needed, exactly(1));
}

TEST(Estimate, KnowsHowOldTruthGetsWhereNothingWaits) {
    const auto e = estimate_of(plain_fleet(), round_machine());
    EXPECT_DOUBLE_EQ(e.age_p50_s.likely, 12 * 3'600);
    EXPECT_DOUBLE_EQ(e.age_p99_s.likely, 0.99 * 86'400);
    EXPECT_DOUBLE_EQ(e.age_max_s.likely, 86'400);
    // No webhooks: a change is as old as the sweep that finds it.
    EXPECT_NEAR(e.lag_p50_s.likely, 12 * 3'600, 1);
}

TEST(Estimate, ASlotIsTakenUntilAMinuteAfterTheAnswer) {
    auto f = plain_fleet();
    f.latency_median_ms = f.latency_p99_ms = 15'000;
    const auto e = estimate_of(f, round_machine());
    EXPECT_DOUBLE_EQ(e.call_s.likely, 15);
    EXPECT_DOUBLE_EQ(e.address_calls_min.likely, 20);
}

TEST(Estimate, AnOverbookedFleetIsSweptInARoundWithoutEnd) {
    auto f = plain_fleet();
    f.tenants = 72'000; // two days of all calls
    f.size_list = {{72'000, 10}};
    const auto e = estimate_of(f, round_machine());
    EXPECT_NEAR(e.address_use.likely, 2, 1e-9);
    EXPECT_NEAR(e.age_max_s.likely, 2 * 86'400, 1);
    EXPECT_TRUE(std::isinf(e.recovery_s.likely));
    // 72,000 / (36,000 x 0.85) = 2.35
    EXPECT_EQ(e.addresses_needed.likely, 3);
}

TEST(Estimate, PagesAreCallsOfTheirOwn) {
    auto f = plain_fleet();
    f.size_list = {{600, 100}, {600, 1'000}};
    f.page_rows = 500; // 150 and 1,500 records: 1 and 3 pages
    EXPECT_EQ(estimate_of(f, round_machine()).calls_per_read, exactly(2));
}

TEST(Estimate, WebhooksAndButtonsAreCallsToo) {
    auto f = plain_fleet();
    f.joiners = f.leavers = 0;
    f.details = 0.01;
    f.webhook_share = 0.5;
    f.webhook_loss = 0.1;
    f.buttons_per_day = 100;
    const auto e = estimate_of(f, round_machine());
    EXPECT_NEAR(e.webhook_calls_day.likely, 120'000 * 0.01 * 0.5 * 0.9, 1e-6);
    EXPECT_NEAR(e.button_calls_day.likely, 100, 1e-9);
    EXPECT_NEAR(e.calls_day.likely, 1'200 + 540 + 100, 1e-6);
}

TEST(Estimate, SumsProcessorMemoryDiskAndNetwork) {
    auto f = plain_fleet();
    f.joiners = f.leavers = f.details = 0;
    f.tls = false;
    f.years = 0;
    const auto e = estimate_of(f, round_machine());
    // 180,000 records decoded and inflated at 100,000 a second each, 1,200 calls of a millisecond
    // and the 200 us around each.
    EXPECT_NEAR(e.machine_cpu_day.likely, (1.8 + 1.8 + 1.2 + 0.24) / 86'400, 1e-12);
    EXPECT_NEAR(e.network_day.likely, 180'000.0 * 500 + 1'200 * 2'000, 1);
    EXPECT_NEAR(e.restart_s.likely, 0.3 + 0.12 + 60, 1e-9);
    EXPECT_NEAR(e.database_bytes.likely, 120'000.0 * 500 + 1'200 * 250, 1);
    EXPECT_EQ(e.audit_bytes_year, exactly(0));
    const double answer = 150 * 5'000;
    const double mib = 1024 * 1024;
    EXPECT_NEAR(e.machine_memory.likely,
                25 * mib + 16 * mib + 1.3 * answer + 63 * answer + 120'000 * 200 + 1'200 * 1'000,
                1);
}

TEST(Estimate, HalfOfTheTenantsOnEachOfTwoMachines) {
    auto f = plain_fleet();
    const auto one = estimate_of(f, round_machine());
    f.machines = 2;
    const auto two = estimate_of(f, round_machine());
    EXPECT_NEAR(two.machine_cpu.likely, one.machine_cpu.likely / 2, 1e-12);
    EXPECT_EQ(two.tenants_machine, exactly(600));
    EXPECT_EQ(two.calls_day, one.calls_day);
}

// ---- properties ----

class OfEverySize : public ::testing::TestWithParam<double> {
  protected:
    [[nodiscard]] static fleet mixed() {
        fleet f;
        f.tenants = 1'000;
        f.webhook_share = 0.6;
        f.buttons_per_day = 300;
        f.day = office_day();
        return f;
    }
};

TEST_P(OfEverySize, LowIsAtMostLikelyAndLikelyAtMostHigh) {
    const auto e = estimate_of(grown(mixed(), GetParam()), shipped_machine());
    for (const auto& each : figures()) {
        const auto& value = e.*each.value;
        EXPECT_LE(value.low, value.likely) << each.key;
        EXPECT_LE(value.likely, value.high) << each.key;
        EXPECT_GE(value.low, 0) << each.key;
    }
}

TEST_P(OfEverySize, MoreTenantsAreNeverLess) {
    const auto a = grown(mixed(), GetParam());
    const auto b = grown(mixed(), GetParam() * 1.5);
    const auto& m = shipped_machine();
    const auto of_a = estimate_of(a, m);
    const auto of_b = estimate_of(b, m);
    for (const auto value :
         {&estimate::calls_day, &estimate::address_use, &estimate::round_s, &estimate::age_p99_s,
          &estimate::age_max_s, &estimate::on_demand_p99_s, &estimate::addresses_needed,
          &estimate::machines_needed, &estimate::machine_cpu, &estimate::machine_memory,
          &estimate::machine_disk, &estimate::machine_network, &estimate::restart_s}) {
        EXPECT_LE((of_a.*value).likely, (of_b.*value).likely * (1 + 1e-9));
    }
    const auto uses_a = uses_of(a, m, of_a);
    const auto uses_b = uses_of(b, m, of_b);
    for (std::size_t i = 0; i < resources; ++i) {
        EXPECT_LE(uses_a[i].likely, uses_b[i].likely) << i;
    }
}

TEST_P(OfEverySize, TwiceTheAddressesHalveASweepOfAll) {
    auto f = grown(mixed(), GetParam());
    f.runs_max = 64;
    f.machines = 64; // enough places
    const auto one = estimate_of(f, shipped_machine());
    f.addresses = 2;
    const auto two = estimate_of(f, shipped_machine());
    EXPECT_NEAR(two.round_alone_s.likely, one.round_alone_s.likely / 2, 1e-6);
    EXPECT_NEAR(two.address_use.likely, one.address_use.likely / 2, 1e-12);
    EXPECT_EQ(two.addresses_needed, one.addresses_needed);
}

TEST_P(OfEverySize, TheAddressesThatAreNeededSufficeAndOneLessDoesNot) {
    auto f = grown(mixed(), GetParam());
    f.runs_max = 64;
    f.machines = 64;
    f.addresses = estimate_of(f, shipped_machine()).addresses_needed.likely;
    const auto enough = estimate_of(f, shipped_machine());
    EXPECT_LE(enough.address_use.likely, 1 - f.headroom + 1e-9);
    EXPECT_LE(enough.on_demand_p99_s.likely, f.on_demand_p99_s);
    EXPECT_LE(enough.age_p99_s.likely, f.truth_age_hours * 3'600);
    if (f.addresses == 1) return;
    --f.addresses;
    const auto fewer = estimate_of(f, shipped_machine());
    EXPECT_TRUE(fewer.address_use.likely > 1 - f.headroom ||
                fewer.on_demand_p99_s.likely > f.on_demand_p99_s ||
                fewer.age_p99_s.likely > f.truth_age_hours * 3'600);
}

INSTANTIATE_TEST_SUITE_P(Tenfold, OfEverySize,
                         ::testing::Values(0.01, 0.1, 1, 3, 10, 14, 16, 17, 18, 20, 30, 100, 300));

// ---- growth ----

TEST(Plan, SaysWhatEndsFirstAndWhen) {
    auto f = plain_fleet();
    f.headroom = 0;
    f.tenants_max = 1e6;
    const auto p = plan_of(f, round_machine());
    ASSERT_EQ(p.uses.front().which, resource::calls);
    EXPECT_NEAR(p.uses.front().ends_at.likely, 30, 0.1); // a thirtieth is used
    EXPECT_TRUE(p.meets()) << p.findings.front().text;
    ASSERT_FALSE(p.growth.empty());
    EXPECT_EQ(p.growth.front().factor, 1);
    EXPECT_NEAR(p.growth.back().factor, 100, 1e-9);
}

TEST(Plan, NamesWhatIsNotMet) {
    auto f = plain_fleet();
    f.tenants = 100'000;
    f.size_list = {{100'000, 10}};
    const auto p = plan_of(f, round_machine());
    EXPECT_FALSE(p.meets());
    EXPECT_LT(p.uses.front().ends_at.likely, 1);
    std::string all;
    for (const auto& each : p.findings) all += each.text + "\n";
    EXPECT_NE(all.find("addresses are needed"), all.npos) << all;
    EXPECT_NE(all.find("required.truth_age_hours"), all.npos) << all;
    EXPECT_NE(all.find("sync.tenants_max"), all.npos) << all;
}

// ---- the day ----

TEST(Day, ATenantThatWaitsEveryDayAtTheSameHourIsReadEveryDay) {
    day_demand d;
    d.reads = 2'000;
    d.supply = d.sweep_supply = 100;
    d.urgent.fill(0);
    d.urgent[10] = d.urgent[11] = 90; // which delays the sweeps of two hours
    const auto course = course_of(d);
    EXPECT_FALSE(course.saturated);
    EXPECT_NEAR(course.hours[10].sweeps, 10, 1e-9);
    EXPECT_NEAR(course.hours[12].sweeps, 100, 1e-9);
    for (const auto& hour : course.hours) EXPECT_NEAR(hour.gap_h, 24, 1e-9);
}

TEST(Day, ShorterIntervalsFeelTheHoursThatAreFull) {
    day_demand d;
    d.reads = 2'000.0 / 4;
    d.interval_h = 6;
    d.supply = d.sweep_supply = 100;
    d.urgent.fill(0);
    d.urgent[10] = d.urgent[11] = 90;
    double most = 0;
    for (const auto& hour : course_of(d).hours) most = std::max(most, hour.gap_h);
    EXPECT_GT(most, 6.5);
    EXPECT_LT(most, 14);
}

TEST(Day, SweepsKeepATenthOfTheCallsWhateverElseComes) {
    day_demand d;
    d.reads = 10'000;
    d.supply = d.sweep_supply = 100;
    d.urgent.fill(500);
    const auto course = course_of(d);
    EXPECT_TRUE(course.saturated);
    EXPECT_NEAR(course.round_h, 1'000, 1e-6);
}

TEST(Day, AnOutageIsMadeUpForWithWhatIsSpare) {
    day_demand d;
    d.reads = 1'200;
    d.supply = d.sweep_supply = 150; // 50 a day hour are due
    d.urgent.fill(0);
    EXPECT_NEAR(hours_to_recover(d, 6), 3, 1e-9);
    EXPECT_EQ(hours_to_recover(d, 0), 0);
}

TEST(Lag, IsAMixtureOfWebhooksAndSweeps) {
    EXPECT_NEAR(lag_quantile({0, 5, 60, 0, 1'000}, 0.25), 250, 0.1);
    EXPECT_NEAR(lag_quantile({1, 5, 60, 0, 1'000}, 0.5), 5, 0.01);
    EXPECT_NEAR(lag_quantile({1, 5, 60, 0, 1'000}, 0.99), 60, 0.1);
    EXPECT_NEAR(lag_quantile({1, 5, 60, 2, 1'000}, 0.5), 7, 0.01);
    // Of 80 announced and 20 swept of a hundred, 90 are there when half of the swept are.
    EXPECT_NEAR(lag_quantile({0.8, 1, 1, 0, 1'000}, 0.9), 500, 1);
}

TEST(StartWait, IsNoneWhileSlotsAreFree) {
    EXPECT_EQ(start_wait(0.99, 0.1, 0, 2.4), 0);
    EXPECT_LT(chance_all_taken(25, 0.3), 1e-6);
    EXPECT_GT(chance_all_taken(25, 0.95), 0.2);
    EXPECT_EQ(chance_all_taken(25, 1), 1);
    // Many slots: the normal distribution agrees with the sum.
    EXPECT_NEAR(chance_all_taken(401, 0.95), chance_all_taken(399, 0.95), 0.02);
    // Behind sweeps without end a button waits for the next slot.
    EXPECT_NEAR(start_wait(0.99, 0, 1, 2.4), 2.4 * 0.99, 1e-9);
    EXPECT_TRUE(std::isinf(start_wait(0.99, 1, 1, 2.4)));
}

} // namespace
} // namespace rollcall::capacity
