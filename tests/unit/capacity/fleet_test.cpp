#include "rollcall/capacity/fleet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <numeric>
#include <sstream>

namespace rollcall::capacity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

fleet_file read(std::string_view text) {
    return read_fleet(text, "f.toml");
}

TEST(FleetFile, TheExampleHasEveryKeyAndIsTheShippedFile) {
    const auto text = example_text();
    for (const auto& key : fleet_keys()) {
        const auto line = std::string(key.name) + " = ";
        EXPECT_TRUE(text.find("\n" + line) != text.npos || text.find("\n#" + line) != text.npos)
            << key.name;
    }
    EXPECT_THAT(read(text).errors, IsEmpty());
    std::ifstream shipped("../config/fleet.example.toml");
    std::ostringstream has;
    has << shipped.rdbuf();
    EXPECT_EQ(has.str(), text) << "rollcall capacity example > config/fleet.example.toml";
}

TEST(FleetFile, TheExampleIsAsGoodWithoutItsCommentSigns) {
    // What is commented out is the default: the file says so.
    std::istringstream lines(example_text());
    std::string all;
    for (std::string line; std::getline(lines, line);) {
        const bool value = line.starts_with('#') && !line.starts_with("# ");
        const bool alternative = line.starts_with("#list") || line.starts_with("#tenants");
        all += (value && !alternative ? line.substr(1) : line) + "\n";
    }
    EXPECT_THAT(read(all).errors, IsEmpty());
}

TEST(FleetFile, NamesEveryFaultWithItsKeyAndItsLine) {
    const auto errors = read(
                            "tenants = 0.5\n"
                            "sise = 3\n"
                            "[webhooks]\n"
                            "share = 1.5\n"
                            "loss = 2\n"
                            "[limits]\n"
                            "adresses = 2\n"
                            "[answers]\n"
                            "tls = 1\n"
                            "[machines]\n"
                            "x = 1\n")
                            .errors;
    EXPECT_THAT(errors,
                ElementsAre(HasSubstr("f.toml:1:11: tenants takes a whole number"),
                            HasSubstr("f.toml:2:1: there is no key sise"),
                            HasSubstr("f.toml:4:9: webhooks.share takes a number from 0 to 1"),
                            HasSubstr("f.toml:5:8: webhooks.loss takes a number from 0 to 1"),
                            HasSubstr("f.toml:7:1: there is no key limits.adresses; did you mean "
                                      "limits.addresses?"),
                            HasSubstr("f.toml:9:7: answers.tls takes true or false"),
                            HasSubstr("f.toml:10:2: there is no key machines; did you mean "
                                      "machine?")));
}

struct contradiction {
    const char* text;
    const char* error;
};

class Contradictions : public ::testing::TestWithParam<contradiction> {};

TEST_P(Contradictions, IsNamedWithItsLine) {
    const auto errors = read(GetParam().text).errors;
    ASSERT_EQ(errors.size(), 1u) << GetParam().text;
    EXPECT_THAT(errors[0], HasSubstr(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Of, Contradictions,
    ::testing::Values(
        contradiction{"[size]\nmedian = 5\n", ":1:1: tenants is missing"},
        contradiction{"tenants = 5\n[size]\nmedian = 50\np99 = 20\n", ":4:1: size.p99 is 20"},
        contradiction{"tenants = 5\n[size]\nmax = 40\nmedian = 50\np99 = 70\n",
                      ":5:1: size.max is 40"},
        contradiction{"tenants = 5\n[size]\nlist = [[4, 10]]\n", ":3:1: size.list has 4 tenants"},
        contradiction{"tenants = 4\n[size]\nlist = [[4, 10]]\nmax = 40\n",
                      ":4:1: size.max and size.list"},
        contradiction{"tenants = 4\n[size]\nlist = [[4, 0]]\n", ":3:9: size.list takes pairs"},
        contradiction{"tenants = 4\n[day]\nshape = [1, 2]\n", ":3:9: day.shape takes 24 weights"},
        contradiction{"tenants = 4\n[webhooks]\nper_day = 9\n", ":3:1: webhooks.per_day is 9"},
        contradiction{"tenants = 4\n[webhooks]\ntenants = 9\n",
                      ":3:1: webhooks.tenants is 9, more than the 4"},
        contradiction{"tenants = 4\n[webhooks]\nshare = 0.5\ntenants = 2\n",
                      ":4:1: webhooks.share and webhooks.tenants"},
        contradiction{"tenants = 4\n[webhooks]\nshare = 0.1\n", "less than one of 4 tenants"},
        contradiction{"tenants = 4\n[webhooks]\nshare = 0.5\ndelay_median_s = 9\ndelay_p99_s = 8\n",
                      ":5:1: webhooks.delay_p99_s is 8"},
        contradiction{
            "tenants = 4\n[limits]\ncalls_per_minute = 40\ncalls_per_minute_theirs = 30\n",
            ":4:1: limits.calls_per_minute is 40, more than PeopleHR's own"},
        contradiction{"tenants = 4\n[limits]\naddresses = 100\n", ":3:1: limits.addresses is 100"},
        contradiction{"tenants = 4\n[answers]\nlatency_median_ms = 50\nlatency_p99_ms = 8\n",
                      ":4:1: answers.latency_p99_ms is 8"},
        contradiction{"tenants = 4\n[required]\ntruth_age_hours = 2\n[settings]\n"
                      "sweep_interval_minutes = 600\n",
                      ":5:1: required.truth_age_hours is 2"},
        contradiction{"tenants = 4\n[required]\nchange_lag_p50_minutes = 5\n[webhooks]\nshare = 0.5"
                      "\nloss = 0.2\n",
                      "webhooks announce only 40 of 100 changes"},
        contradiction{"tenants = 4\n[required]\nrestart_s = 10\n",
                      ":3:1: required.restart_s is 10"},
        contradiction{"tenants = = 4\n", "f.toml:1:"}));

TEST(FleetFile, PassesOverWhatOnlyTheSimulationReads) {
    const auto file = read(
        "tenants = 4\n[simulation]\ndays = 3\n[[outage]]\nstart_h = 3\n"
        "[[restart]]\nat_h = 2\n[webhooks]\ntenants = 2\n");
    EXPECT_THAT(file.errors, IsEmpty());
    EXPECT_EQ(file.what.webhook_share, 0.5);
}

TEST(FleetFile, ADefaultFollowsWhatIsGiven) {
    EXPECT_THAT(read("tenants = 4\n[size]\nmedian = 50000\n").errors, IsEmpty());
    EXPECT_THAT(read("tenants = 4\n[size]\nmax = 20\n").errors, IsEmpty());
    EXPECT_THAT(read("tenants = 4\n[limits]\ncalls_per_minute = 600\n").errors, IsEmpty());
    EXPECT_EQ(read("[size]\nlist = [[3, 10], [4, 20]]\n").what.tenants, 7);
}

TEST(FleetSizes, AreThoseOfTheListInProportion) {
    fleet f;
    f.tenants = 20;
    f.size_list = {{8, 10}, {2, 500}};
    const auto sizes = sizes_of(f);
    ASSERT_EQ(sizes.size(), 2u);
    EXPECT_EQ(sizes[0].tenants, 16);
    EXPECT_EQ(sizes[1].tenants, 4);
}

TEST(FleetSizes, HaveTheirMedianTheir99thPercentileAndTheirMaximum) {
    fleet f;
    f.tenants = 1'000;
    const auto sizes = sizes_of(f);
    double tenants = 0;
    for (const auto& each : sizes) tenants += each.tenants;
    EXPECT_NEAR(tenants, f.tenants, 1e-6);
    EXPECT_NEAR((sizes[499].employees + sizes[500].employees) / 2, f.size_median, 0.1);
    EXPECT_NEAR(sizes[989].employees, f.size_p99, f.size_p99 * 0.05);
    EXPECT_LE(sizes.back().employees, f.size_max);
}

TEST(Fleet, IsSweptAsOftenAsItsFreshnessAsksFor) {
    fleet f;
    EXPECT_EQ(f.interval_hours(), 24);
    f.truth_age_hours = 5;
    EXPECT_DOUBLE_EQ(f.interval_hours(), 4.8);
    f.sweep_interval_minutes = 60;
    EXPECT_EQ(f.interval_hours(), 1);
    const auto day = office_day();
    EXPECT_NEAR(std::accumulate(day.begin(), day.end(), 0.0), 1, 1e-12);
}

} // namespace
} // namespace rollcall::capacity
