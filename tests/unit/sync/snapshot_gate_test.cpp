// G-2: which snapshots are believed, and what a second read changes.
#include "rollcall/sync/snapshot_gate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace {

using namespace rollcall;
using namespace rollcall::sync;
using directory::field;
using testing::HasSubstr;

snapshot_stats people(std::uint32_t n) {
    snapshot_stats s;
    s.rows = s.people = s.in_scope = n;
    s.departments = 12;
    s.locations = 10;
    return s;
}

snapshot_stats with_blanks(std::uint32_t n, field f, std::uint32_t blank) {
    auto s = people(n);
    s.blanks[static_cast<std::size_t>(f)] = blank;
    return s;
}

// A tenant's gate over its snapshots.
struct gate {
    tenant_settings settings;
    gate_memory memory;
    gate_verdict last;

    bool read(const snapshot_stats& now) {
        last = judge(memory, now, settings);
        // What is kept goes through its text each time, as it does in the store.
        memory = gate_memory::from_text(last.memory.to_text());
        return last.pass;
    }
};

TEST(SnapshotGate, TheFirstSnapshotIsTheMeasureUnlessItIsEmpty) {
    gate g;
    EXPECT_TRUE(g.read(people(100)));
    gate empty;
    EXPECT_FALSE(empty.read(people(0)));
    EXPECT_THAT(empty.last.reason, HasSubstr("empty"));
    EXPECT_TRUE(empty.read(people(0))) << "a company that begins with nobody is confirmed";
    EXPECT_TRUE(empty.last.confirmed);
    EXPECT_TRUE(empty.read(people(500))) << "and may then fill at once";
}

TEST(SnapshotGate, AnEmptyListIsNeverTrustedWhileTheLastOneWasNotEmpty) {
    for (const std::uint32_t size : {1u, 5u, 100u}) {
        gate g;
        ASSERT_TRUE(g.read(people(size)));
        for (int i = 0; i < 50; ++i) {
            EXPECT_FALSE(g.read(people(0)));
            EXPECT_THAT(g.last.reason, HasSubstr("had " + std::to_string(size) + " employees"));
        }
        EXPECT_EQ(g.memory.suspects, 50u);
        EXPECT_TRUE(g.read(people(size)));
        EXPECT_FALSE(g.memory.suspect) << "cleared";
    }
}

TEST(SnapshotGate, TheHeadCountMayMoveByItsPercentageInBothDirections) {
    for (const auto& [now, pass] :
         {std::pair{800u, true}, {799u, false}, {1200u, true}, {1201u, false}}) {
        gate g;
        ASSERT_TRUE(g.read(people(1000)));
        EXPECT_EQ(g.read(people(now)), pass) << now;
        if (!pass) {
            EXPECT_THAT(g.last.reason, HasSubstr("from 1000 to " + std::to_string(now)));
        }
    }
}

TEST(SnapshotGate, RowsThatVanishAreImplausibleThoughTheHeadCountStands) {
    auto was = people(100);
    was.rows = 1000; // 900 leavers among them
    auto is = people(100);
    is.rows = 500;
    gate g;
    ASSERT_TRUE(g.read(was));
    EXPECT_FALSE(g.read(is));
    gate grows;
    ASSERT_TRUE(grows.read(is));
    EXPECT_TRUE(grows.read(was)) << "more leavers on record are nothing to wonder about";
}

TEST(SnapshotGate, ManyWhoLeaveAtOnceAreImplausibleThoughTheRowsStand) {
    auto is = people(1000);
    is.people = is.in_scope = 700;
    gate g;
    ASSERT_TRUE(g.read(people(1000)));
    EXPECT_FALSE(g.read(is));
}

TEST(SnapshotGate, ASmallTenantIsMeasuredByPeople) {
    gate g;
    ASSERT_TRUE(g.read(people(21)));
    EXPECT_TRUE(g.read(people(1))) << "20 people are the floor";
    gate over;
    ASSERT_TRUE(over.read(people(22)));
    EXPECT_FALSE(over.read(people(1)));
    gate strict;
    strict.settings.gate_floor_people = 0;
    ASSERT_TRUE(strict.read(people(10)));
    EXPECT_FALSE(strict.read(people(7)));
}

TEST(SnapshotGate, AFieldMayNotGoBlankForTooMany) {
    for (const auto& [blank, pass] : {std::pair{300u, true}, {310u, false}}) {
        gate g;
        ASSERT_TRUE(g.read(with_blanks(1000, field::department, 100)));
        EXPECT_EQ(g.read(with_blanks(1000, field::department, blank)), pass) << blank;
    }
    gate g;
    ASSERT_TRUE(g.read(with_blanks(1000, field::email, 900)));
    EXPECT_TRUE(g.read(with_blanks(1000, field::email, 0))) << "fewer blanks are good news";
    gate small;
    ASSERT_TRUE(small.read(people(20)));
    EXPECT_TRUE(small.read(with_blanks(20, field::job_title, 20))) << "within the floor";
}

TEST(SnapshotGate, TheReasonNamesTheFieldAndTheFigures) {
    gate g;
    ASSERT_TRUE(g.read(people(1000)));
    ASSERT_FALSE(g.read(with_blanks(1000, field::manager_id, 1000)));
    EXPECT_THAT(g.last.reason, HasSubstr("manager_id"));
    EXPECT_THAT(g.last.reason, HasSubstr("1000 of 1000"));
}

TEST(SnapshotGate, DepartmentsAndLocationsMayNotVanish) {
    for (const bool departments : {true, false}) {
        auto is = people(1000);
        (departments ? is.departments : is.locations) = 1;
        gate g;
        ASSERT_TRUE(g.read(people(1000)));
        EXPECT_FALSE(g.read(is));
        EXPECT_THAT(g.last.reason, HasSubstr(departments ? "departments" : "locations"));
    }
    auto was = people(1000);
    was.departments = 6;
    auto is = people(1000);
    is.departments = 2;
    gate handful;
    ASSERT_TRUE(handful.read(was));
    EXPECT_TRUE(handful.read(is)) << "a handful changes by half in an ordinary week";
}

TEST(SnapshotGate, ASecondReadThatAgreesWithinFivePercentConfirms) {
    for (const auto& [second, pass] :
         {std::pair{500u, true}, {525u, true}, {475u, true}, {530u, false}, {470u, false}}) {
        gate g;
        ASSERT_TRUE(g.read(people(1000)));
        ASSERT_FALSE(g.read(people(500)));
        EXPECT_EQ(g.read(people(second)), pass) << second;
        EXPECT_EQ(g.last.confirmed, pass);
        if (pass) {
            EXPECT_EQ(g.memory.trusted->people, second);
            EXPECT_FALSE(g.memory.suspect);
            EXPECT_FALSE(g.read(people(1000))) << "the old figure is the implausible one now";
        }
    }
}

TEST(SnapshotGate, ASecondReadMustAgreeInEveryFigure) {
    gate g;
    ASSERT_TRUE(g.read(people(1000)));
    ASSERT_FALSE(g.read(with_blanks(1000, field::location, 600)));
    EXPECT_FALSE(g.read(with_blanks(1000, field::department, 600)));
    EXPECT_TRUE(g.read(with_blanks(1000, field::department, 610)));
}

TEST(SnapshotGate, APlausibleReadClearsTheSuspicion) {
    gate g;
    ASSERT_TRUE(g.read(people(1000)));
    ASSERT_FALSE(g.read(people(500)));
    EXPECT_TRUE(g.read(people(990)));
    EXPECT_FALSE(g.last.confirmed);
    EXPECT_FALSE(g.memory.suspect);
    EXPECT_FALSE(g.read(people(500))) << "and it begins anew";
}

TEST(SnapshotGate, AHeldSnapshotNeverBecomesTheMeasure) {
    gate g;
    ASSERT_TRUE(g.read(people(1000)));
    for (const std::uint32_t n : {700u, 600u, 500u, 400u}) EXPECT_FALSE(g.read(people(n))) << n;
    EXPECT_EQ(g.memory.trusted->people, 1000u);
    EXPECT_EQ(g.memory.suspects, 4u);
}

TEST(GateMemory, SurvivesItsText) {
    gate_memory memory;
    memory.trusted = with_blanks(4321, field::leaving_date, 17);
    memory.trusted->in_scope = 4000;
    memory.suspect = people(7);
    memory.suspects = 3;
    const auto back = gate_memory::from_text(memory.to_text());
    EXPECT_EQ(back.to_text(), memory.to_text());
    ASSERT_TRUE(back.trusted && back.suspect);
    EXPECT_EQ(back.trusted->rows, 4321u);
    EXPECT_EQ(back.trusted->in_scope, 4000u);
    EXPECT_EQ(back.trusted->departments, 12u);
    EXPECT_EQ(back.trusted->locations, 10u);
    EXPECT_EQ(back.trusted->blanks, memory.trusted->blanks);
    EXPECT_EQ(back.suspects, 3u);
}

TEST(GateMemory, GarbageGivesAnEmptyMemory) {
    for (const auto* text :
         {"", "{", "null", "[]", "7", R"({"trusted":[1,2,3]})", R"({"trusted":"x"})",
          R"({"trusted":[-1,1,1,1,1,0,0,0,0,0,0,0,0,0,0,0,0]})",
          R"({"trusted":[1,1,1,1,99999999999,0,0,0,0,0,0,0,0,0,0,0,0]})",
          R"({"trusted":[1,1,1,1,1.5,0,0,0,0,0,0,0,0,0,0,0,0]})", R"({"suspects":9})"}) {
        const auto back = gate_memory::from_text(text);
        EXPECT_FALSE(back.trusted) << text;
        EXPECT_FALSE(back.suspect) << text;
        EXPECT_EQ(back.suspects, 0u) << text;
    }
}

} // namespace
