// A description that cannot be is refused, with the key and the line of each fault.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "fleet_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::fleet_sim;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> errors_of(std::string_view toml) {
    return parse_description(toml, "f.toml").errors;
}

TEST(FleetDescription, WhatIsLeftOutHasItsDefault) {
    const auto read = parse_description("tenants = 3\n", "f.toml");
    EXPECT_THAT(read.errors, IsEmpty());
    EXPECT_EQ(read.what.tenants, 3);
    EXPECT_EQ(read.what.days, 7);
    EXPECT_EQ(read.what.calls_per_minute, 25);
    EXPECT_EQ(read.what.tenants_with_webhook(), 0u);
    EXPECT_EQ(read.what.truth_age_max(), hours{24} + minutes{144});
    double day = 0;
    for (const auto hour : read.what.day) day += hour;
    EXPECT_NEAR(day, 1, 1e-9);
}

TEST(FleetDescription, ASizeListSaysHowManyTenantsThereAre) {
    const auto read = parse_description("[size]\nlist = [[5, 10], [1, 200]]\n", "f.toml");
    EXPECT_THAT(read.errors, IsEmpty());
    EXPECT_EQ(read.what.tenants, 6);
}

TEST(FleetDescription, EveryKeyTakesItsBoundsAndRefusesWhatIsBeyond) {
    for (const auto& key : description_keys()) {
        if (std::holds_alternative<bool description::*>(key.value)) continue;
        const auto with = [&](double value) {
            const auto path = key.table.empty()
                                  ? std::string(key.name)
                                  : std::string(key.table) + "." + std::string(key.name);
            const std::string tenants = path == "tenants" ? "" : "tenants = 1\n";
            for (const auto& each :
                 errors_of(tenants + path + " = " + std::to_string(value) + "\n")) {
                if (each.find(path + " takes") != std::string::npos) return each;
            }
            return std::string();
        };
        SCOPED_TRACE(key.name);
        EXPECT_EQ(with(key.least), "");
        EXPECT_EQ(with(key.most), "");
        EXPECT_NE(with(key.most + 1), "");
        EXPECT_NE(with(key.least - 1), "");
    }
}

TEST(FleetDescription, NoKeyIsDescribedTwice) {
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (const auto& key : description_keys()) {
        EXPECT_TRUE(seen.insert({key.table, key.name}).second) << key.name;
        EXPECT_FALSE(key.meaning.empty()) << key.name;
    }
}

TEST(FleetDescription, TheReadmeHasTheTableOfTheKeys) {
    std::ifstream in("../tools/fleet-sim/README.md");
    const std::string readme{std::istreambuf_iterator<char>(in), {}};
    EXPECT_THAT(readme, HasSubstr(description_keys_as_table()))
        << "fleet-sim --keys prints the rows";
}

TEST(FleetDescription, EveryFaultIsToldInTheOrderOfTheFile) {
    EXPECT_THAT(errors_of("tenants = 0\n[webhooks]\nloss = 1.5\n[limit]\n[changes]\njoiner = 1\n"),
                ElementsAre(HasSubstr("f.toml:1:11: tenants takes a whole number from 1"),
                            HasSubstr("f.toml:3:8: webhooks.loss takes a number from 0 to 1"),
                            HasSubstr("f.toml:4:2: there is no key limit; did you mean limits?"),
                            HasSubstr("f.toml:6:1: there is no key changes.joiner; did you mean "
                                      "changes.joiners?")));
    EXPECT_THAT(errors_of("tenants = \n"), ElementsAre(HasSubstr("f.toml:1:")));
    EXPECT_THAT(errors_of(""), ElementsAre(HasSubstr("tenants is missing")));
    EXPECT_THAT(read_description("/nowhere.toml").errors,
                ElementsAre(HasSubstr("can not be read")));
}

TEST(FleetDescription, ContradictionsAreNamedWithKeyAndLine) {
    const auto only = [](std::string_view toml, std::string_view said) {
        EXPECT_THAT(errors_of(toml), ElementsAre(HasSubstr(std::string(said)))) << toml;
    };
    only("tenants = 5\n[size]\nmedian = 100\np99 = 50\n",
         "f.toml:4:1: size.p99 is 50, less than size.median, 100");
    only("tenants = 5\n[size]\np99 = 50\nmax = 20\n",
         "f.toml:4:1: size.max is 20, less than size.p99");
    only("tenants = 5\n[size]\nlist = [[5, 10]]\nmax = 20\n", "f.toml:4:1: size.max and size.list");
    only("tenants = 5\n[size]\nlist = [[4, 10]]\n", "f.toml:3:1: size.list has 4 tenants");
    only("tenants = 5\n[webhooks]\ntenants = 6\n",
         "f.toml:3:1: webhooks.tenants is 6: webhooks for more tenants than there are, 5");
    only("tenants = 5\n[webhooks]\nshare = 1\ntenants = 5\n", "f.toml:4:1: webhooks.share and");
    only("tenants = 5\n[webhooks]\nloss = 0.5\n",
         "f.toml:3:1: webhooks.loss is given, and no tenant");
    only("tenants = 5\n[webhooks]\nshare = 1\ndelay_median_s = 9\ndelay_p99_s = 3\n",
         "f.toml:5:1: webhooks.delay_p99_s is 3, less than webhooks.delay_median_s, 9");
    only("tenants = 5\n[limits]\ncalls_per_minute = 31\ncalls_per_minute_theirs = 30\n",
         "f.toml:4:1: limits.calls_per_minute_theirs is 30, less than limits.calls_per_minute, 31");
    only("tenants = 5\n[answers]\nlatency_median_ms = 90\nlatency_p99_ms = 80\n",
         "f.toml:4:1: answers.latency_p99_ms is 80");
    only("tenants = 2000\n[limits]\ncalls_per_minute = 1\n",
         "f.toml:3:1: 2000 sweeps, 0 buttons and 0 webhooks a day are more than the 1440 calls");
    only("tenants = 5\n[simulation]\ntruth_age_hours_max = 12\n",
         "f.toml:3:1: simulation.truth_age_hours_max is 12, and tenants are swept each 24 hours");
    only("tenants = 5\n[simulation]\ndays = 1\n[[outage]]\nstart_h = 23\nlength_h = 2\n",
         "f.toml:4:1: the outage ends at hour 25, and simulation.days end at hour 24");
    only(
        "tenants = 5\n[[outage]]\nstart_h = 1\nlength_h = 2\n[[outage]]\nstart_h = 2\nlength_h = "
        "2\n",
        "f.toml:5:1: the outage of hour 2 overlaps that of hour 1");
    only("tenants = 5\n[[restart]]\nat_h = 200\n", "f.toml:2:1: the restart is at hour 200");
}

TEST(FleetDescription, WhatIsNoNumberIsReadAsStrictly) {
    const auto only = [](std::string_view toml, std::string_view said) {
        EXPECT_THAT(errors_of(toml), ElementsAre(HasSubstr(std::string(said)))) << toml;
    };
    only("tenants = 5\nname = 3\n", "f.toml:2:8: name takes a text");
    only("tenants = 5\n[simulation]\nstore = \"disk\"\n", R"(simulation.store takes "sqlite")");
    only("tenants = 5\n[answers]\ngzip = 1\n", "answers.gzip takes true or false");
    only("tenants = 5\n[day]\nshape = [1, 2]\n", "day.shape takes 24 weights");
    only("tenants = 5\n[size]\nlist = [[1.5, 3]]\n", "f.toml:3:9: size.list takes pairs");
    only("tenants = 5\noutage = 3\n", "f.toml:2:1: write [[outage]] for each outage");
    only("tenants = 5\n[[outage]]\nstart_h = 3\n", "outage.length_h is missing");
    only("tenants = 5\n[[outage]]\nstart_h = 3\nlength_h = 0\n",
         "outage.length_h takes hours above 0");
    only("tenants = 5\n[[outage]]\nstart_h = 3\nlength_h = 1\nhow = \"slow\"\n",
         R"(outage.how takes "refused" or "http_503")");
    only("tenants = 5\n[[restart]]\nat_h = 3\nwhen = 3\n", "there is no key restart.when");
}

// One file serves `rollcall capacity plan` too.
TEST(FleetDescription, KeysOfThePlannerAreNoFaults) {
    EXPECT_THAT(errors_of("tenants = 5\nyears = 2\n[required]\ntruth_age_hours = 25\n"
                          "[machine]\nmemory_gib = 4\n[limits]\nheadroom = 0.1\n"),
                IsEmpty());
}

TEST(FleetDescription, EveryShippedOneIsGoodAndBearsItsFilesName) {
    std::size_t count = 0;
    for (const auto& each : std::filesystem::directory_iterator(rollcall::test::fleet_path(""))) {
        const auto read = read_description(each.path());
        EXPECT_THAT(read.errors, IsEmpty());
        EXPECT_EQ(read.what.name + ".toml", each.path().filename());
        ++count;
    }
    EXPECT_GE(count, 5u);
}

} // namespace
