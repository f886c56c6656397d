// The checks of the simulated fleet bite: each bug that it plants into itself is complained of. A
// simulation that finds nothing proves nothing unless this test passes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fleet_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::fleet_sim;
using namespace rollcall::test;
using testing::Contains;
using testing::HasSubstr;

struct planting {
    plant what;
    double days;
    const char* found;
};

class Plants : public testing::TestWithParam<planting> {};

TEST_P(Plants, AreFound) {
    const auto& planted = GetParam();
    const auto of = shipped_fleet("small.toml", planted.days);
    const auto done = simulate(of, {.bug = planted.what, .on_trace = {}});
    EXPECT_THAT(done.violations, Contains(HasSubstr(planted.found)));
}

INSTANTIATE_TEST_SUITE_P(
    OfEachKind, Plants,
    testing::Values(planting{plant::limit_one_more, 0.1,
                             "6 calls in a sliding minute; the limit is 5"},
                    planting{plant::change_dropped, 1.2, "PeopleHR has"},
                    planting{plant::invitation_twice, 3, "was invited twice"},
                    planting{plant::index_stale, 1.2, "is not found by e-mail"},
                    planting{plant::commit_lost, 1.5, "the database is not what the memory was"},
                    planting{plant::tenant_forgotten, 1.3, "t00001's truth is"},
                    planting{plant::hint_lost, 1, "a webhook was acknowledged"},
                    planting{plant::task_leaked, 0.1, "1 tasks are left at the end"}),
    [](const auto& each) {
        std::string out;
        for (const auto& known : plants) {
            if (known.what == each.param.what) out = known.name;
        }
        std::ranges::replace(out, '-', '_');
        return out;
    });

TEST(PlantsOfChance, WhatTheSeedDoesNotDecideShowsInTheTrace) {
    const auto of = shipped_fleet("small.toml", 0.1);
    const auto trace = [&] {
        return simulate(of, {.bug = plant::not_repeatable, .on_trace = {}}).measured.trace;
    };
    EXPECT_NE(trace(), trace());
}

TEST(PlantsOfChance, EveryOneHasANameToAskForItBy) {
    for (const auto& each : plants) EXPECT_EQ(read_plant(each.name), each.what);
    EXPECT_FALSE(read_plant("nothing"));
}

} // namespace
