// WT-6: leavers first, then updates, then adds by start date and id up to the limit.
#include <gtest/gtest.h>

#include "support/sync_case.hpp"

namespace rollcall::test {
namespace {

using sync::issue_kind;

struct with_two_seats : sync_case {
    with_two_seats() : sync_case(sync::profile::wethrive) { settings.seats = 2; }
};

TEST(Wt6, NewStaffAreAddedAsFarAsTheSeatsGo) {
    with_two_seats c;
    const auto made =
        c.sweep({employee("PW3").starts("2026-01-01"), employee("PW2").starts("2026-03-01"),
                 employee("PW1").starts("2026-02-01")});
    EXPECT_TRUE(c.has("PW3") && c.has("PW1"));
    EXPECT_FALSE(c.has("PW2"));
    EXPECT_TRUE(has_issue(made, issue_kind::no_seat, "PW2", "WT-6"));
    EXPECT_EQ(made.counts.created, 2u);
    EXPECT_EQ(c.users.active(), 2u);
}

TEST(Wt6, TheIdDecidesBetweenEqualStartDatesAndAnUnknownOneComesLast) {
    with_two_seats c;
    const auto made = c.sweep({employee("PW1"), employee("PW3").starts("2026-01-01"),
                               employee("PW2").starts("2026-01-01")});
    EXPECT_TRUE(c.has("PW2") && c.has("PW3"));
    EXPECT_TRUE(has_issue(made, issue_kind::no_seat, "PW1"));
}

TEST(Wt6, WhoeverWaitsIsListedAndTriedByEachRun) {
    with_two_seats c;
    const std::vector<employee> people{employee("PW1").starts("2026-01-01"),
                                       employee("PW2").starts("2026-01-02"),
                                       employee("PW3").starts("2026-01-03")};
    c.sweep(people);
    EXPECT_TRUE(has_issue(c.sweep(people), issue_kind::no_seat, "PW3"));
    c.settings.seats = 3;
    EXPECT_FALSE(has_issue(c.sweep(people), issue_kind::no_seat, "PW3"));
    EXPECT_TRUE(c.has("PW3"));
}

TEST(Wt6, LeaversFreeTheirSeatsInTheSameRun) {
    with_two_seats c;
    c.sweep({employee("PW1"), employee("PW2")});
    c.sweep({employee("PW1").left(), employee("PW2"), employee("PW3")});
    EXPECT_FALSE(c.active("PW1"));
    EXPECT_TRUE(c.active("PW3"));
}

TEST(Wt6, UpdatesGoOnWhereNoSeatIsLeft) {
    with_two_seats c;
    c.sweep({employee("PW1"), employee("PW2")});
    c.settings.seats = 1;
    const auto made = c.sweep({employee("PW1").dept("Sales"), employee("PW2"), employee("PW3")});
    EXPECT_EQ(c.text("PW1", directory::field::department), "Sales");
    EXPECT_EQ(c.users.active(), 2u); // nobody is put out of a seat
    EXPECT_TRUE(has_issue(made, issue_kind::no_seat, "PW3"));
}

TEST(Wt6, NoLimitIsNoLimit) {
    with_two_seats c;
    c.settings.seats = 0;
    c.sweep({employee("PW1"), employee("PW2"), employee("PW3")});
    EXPECT_EQ(c.users.active(), 3u);
}

TEST(Wt9, SomebodyWhoReturnsWithoutASeatWaitsInactiveButIsKeptUpToDate) {
    with_two_seats c;
    c.sweep({employee("PW1"), employee("PW2")});
    c.sweep({employee("PW1").left(), employee("PW2")});
    c.sweep({employee("PW1").left(), employee("PW2"), employee("PW3")});
    const auto made = c.sweep({employee("PW1").dept("Sales"), employee("PW2"), employee("PW3")});
    EXPECT_FALSE(c.active("PW1"));
    EXPECT_TRUE(c.get("PW1").meta.deactivated_by_us);
    EXPECT_EQ(c.text("PW1", directory::field::department), "Sales");
    EXPECT_TRUE(has_issue(made, issue_kind::no_seat, "PW1", "WT-6"));

    c.sweep({employee("PW1").dept("Sales"), employee("PW2").left(), employee("PW3")});
    EXPECT_TRUE(c.active("PW1"));
}

TEST(Wt9, WhoReturnsAndWhoIsNewTakeTheirTurnsByStartDate) {
    with_two_seats c;
    c.sweep({employee("PW1").starts("2020-01-01"), employee("PW2")});
    c.sweep({employee("PW1").starts("2020-01-01").left(), employee("PW2")});
    c.sweep({employee("PW1").starts("2020-01-01"), employee("PW2"),
             employee("PW0").starts("2026-01-01")});
    EXPECT_TRUE(c.active("PW1"));
    EXPECT_FALSE(c.has("PW0"));
}

} // namespace
} // namespace rollcall::test
