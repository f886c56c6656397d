// What happens to a fleet is as the description says, and the same for the same seed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "fleet-sim/account.hpp"
#include "fleet-sim/calendar.hpp"
#include "fleet-sim/figures.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::fleet_sim;

description a_fleet(std::string_view more = "") {
    auto read = parse_description("tenants = 4000\n" + std::string(more), "f.toml");
    EXPECT_TRUE(read.errors.empty()) << read.errors.front();
    return read.what;
}

TEST(FleetCalendar, SizesHaveTheMedianAndTheP99OfTheDescription) {
    const auto of = a_fleet("[size]\nmedian = 60\np99 = 1500\n");
    random_source random(3);
    auto sizes = draw_sizes(of, random);
    ASSERT_EQ(sizes.size(), 4000u);
    std::ranges::sort(sizes);
    EXPECT_NEAR(sizes[2000], 60, 6);
    EXPECT_NEAR(sizes[3960], 1500, 400);
    EXPECT_LE(sizes.back(), of.size_max);
}

TEST(FleetCalendar, AsManyHaveWebhooksAsIsSaid) {
    const auto of = a_fleet("[webhooks]\nshare = 0.25\n");
    random_source random(3);
    const auto hooked = draw_webhooks(of, random);
    EXPECT_EQ(std::ranges::count(hooked, true), 1000);
    EXPECT_GT(std::find(hooked.begin() + 2000, hooked.end(), true) - hooked.begin(), 2000);
}

TEST(FleetCalendar, ADayHasItsChangesAndButtonsInTheHoursOfTheShape) {
    const auto of = a_fleet(
        "[changes]\njoiners = 0.01\nleavers = 0.02\ndetails = 0.1\n"
        "[buttons]\nper_day = 200\n"
        "[day]\nshape = [0,0,0,0,0,0,0,0,0,3,1,0,0,0,0,0,0,0,0,0,0,0,0,0]\n");
    calendar days(of, std::vector<std::uint32_t>(4000, 10), std::vector<bool>(4000), 7);
    const auto day = days.next_day();
    std::map<happening, double> counts;
    double first_hour = 0;
    for (const auto& each : day) {
        ++counts[each.what];
        EXPECT_GE(each.at, hours{9});
        EXPECT_LT(each.at, hours{11});
        first_hour += each.at < hours{10};
    }
    EXPECT_NEAR(counts[happening::joiner], 400, 80);
    EXPECT_NEAR(counts[happening::leaver], 800, 120);
    EXPECT_NEAR(counts[happening::detail], 4000, 260);
    EXPECT_NEAR(counts[happening::button], 200, 60);
    EXPECT_EQ(counts[happening::touch], 0);
    EXPECT_NEAR(first_hour / static_cast<double>(day.size()), 0.75, 0.03);
    EXPECT_TRUE(std::ranges::is_sorted(day, {}, &planned::at));
}

TEST(FleetCalendar, WebhooksBeyondTheChangesAreAboutOtherFields) {
    const auto of = a_fleet(
        "[webhooks]\nshare = 0.5\nper_day = 5000\nloss = 0\n"
        "[changes]\njoiners = 0\nleavers = 0\ndetails = 0.05\n");
    std::vector<bool> hooked(4000);
    std::fill(hooked.begin(), hooked.begin() + 2000, true);
    calendar days(of, std::vector<std::uint32_t>(4000, 10), hooked, 7);
    double touches = 0;
    for (const auto& each : days.next_day()) {
        if (each.what != happening::touch) continue;
        ++touches;
        EXPECT_LT(each.tenant, 2000u);
    }
    EXPECT_NEAR(touches, 4000, 260); // a thousand changes of those with webhooks tell of themselves
}

TEST(FleetCalendar, TheSeedDecides) {
    const auto of = a_fleet();
    const auto first_at = [&](std::uint64_t seed) {
        calendar days(of, std::vector<std::uint32_t>(4000, 10), std::vector<bool>(4000), seed);
        return days.next_day().front().at;
    };
    EXPECT_EQ(first_at(1), first_at(1));
    EXPECT_NE(first_at(1), first_at(2));
}

TEST(FleetFigures, QuantilesAreThoseOfTheValues) {
    sample_set of;
    EXPECT_EQ(of.quantile(0.5), 0);
    for (int i = 100; i >= 1; --i) of.add(seconds{i});
    EXPECT_EQ(of.quantile(0.5), 50);
    EXPECT_EQ(of.quantile(0.99), 99);
    EXPECT_EQ(of.max(), 100);
    of.add(seconds{500});
    EXPECT_EQ(of.max(), 500);
}

TEST(FleetAccount, AReadServesWhatCameBeforeIt) {
    const mono_time noon{hours{12}};
    account of;
    std::vector<account::change> waiting{{noon, "A"}, {noon, "B"}, {noon + seconds{9}, "A"}};
    std::size_t told = 0;
    const auto read = [&](std::string id, mono_time at) {
        of.called_id = std::move(id);
        of.called_at = at;
        take_read(waiting, of, [&](const account::change&) { ++told; });
    };
    read("A", noon); // began at that very instant: it may have come too early
    EXPECT_EQ(told, 0u);
    read("A", noon + seconds{5});
    EXPECT_EQ(told, 1u);
    read("", noon + seconds{6});
    EXPECT_EQ(told, 2u);
    read("", noon + seconds{10});
    EXPECT_EQ(told, 3u);
    EXPECT_TRUE(waiting.empty());
}

} // namespace
