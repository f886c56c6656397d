// Teams from departments: LA-28 to LA-35, and the handing over of G-8.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sync_case.hpp"

namespace rollcall::test {
namespace {

using directory::field;
using sync::issue_kind;
using sync::step_kind;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

struct with_teams : sync_case {
    [[nodiscard]] const directory::team* team(std::string_view department) const {
        std::string scratch;
        return of.teams.find_by_key(fold(department, scratch));
    }
    std::uint32_t add_by_hand(std::string name, std::uint32_t parent = 0) {
        directory::team made;
        made.id = of.next_team++;
        made.name = std::move(name);
        made.parent = parent;
        EXPECT_TRUE(of.teams.put(made));
        return made.id;
    }
    [[nodiscard]] std::uint32_t uid(std::string_view id) const { return get(id).meta.uid; }
};

employee works_in(std::string id, std::string department) {
    return employee(std::move(id)).dept(std::move(department));
}

std::vector<employee> people_of(std::string_view prefix, int count, const std::string& department) {
    std::vector<employee> out;
    for (int i = 1; i <= count; ++i) {
        out.push_back(works_in(std::string(prefix) + std::to_string(i), department));
    }
    return out;
}
std::vector<employee> both(std::vector<employee> a, const std::vector<employee>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

bool has_team_issue(const sync::plan& made, issue_kind kind, std::string_view team) {
    return std::any_of(made.issues.begin(), made.issues.end(), [&](const sync::issue& each) {
        return each.kind == kind && each.field == team;
    });
}

// ---- LA-28: each department becomes a team ----

TEST(La28, EachDepartmentOfAnActivePersonBecomesATeam) {
    with_teams c;
    const auto made = c.sweep({works_in("PW1", "Sales"), works_in("PW2", "Stores"),
                               works_in("PW3", "sales"), works_in("PW4", "Gone").left()});
    EXPECT_THAT(all_kinds_of(made), Contains("create_team Sales"));
    ASSERT_EQ(c.of.teams.all().size(), 2u);
    EXPECT_EQ(c.of.teams.all()[0].name, "Sales");
    EXPECT_EQ(c.of.teams.all()[0].key, "sales");
    EXPECT_TRUE(c.of.teams.all()[0].owned);
    EXPECT_EQ(c.of.teams.all()[1].name, "Stores");
}

TEST(La28, TheOrderOfTheRowsDoesNotMatter) {
    const std::vector people{works_in("PW1", "SALES"), works_in("PW2", "Sales"),
                             works_in("PW3", "Arts")};
    with_teams forth;
    forth.sweep(people);
    with_teams back;
    back.sweep({people.rbegin(), people.rend()});
    EXPECT_EQ(forth.of.teams.all(), back.of.teams.all());
}

TEST(La28, WithTheOptionOffPrimaryTeamsAreNeverTouched) {
    with_teams c;
    c.settings.team_from_department = false;
    c.sweep({works_in("PW1", "Sales")});
    EXPECT_THAT(c.of.teams.all(), IsEmpty());
    EXPECT_EQ(c.text("PW1", field::department), "");
}

TEST(La28, AReadOfOnePersonMakesTheirTeam) {
    with_teams c;
    c.sweep({works_in("PW1", "Sales")});
    c.read_one(works_in("PW2", "Stores"));
    EXPECT_NE(c.team("Stores"), nullptr);
}

TEST(La28, ATeamThatIsMissingForUnchangedPeopleIsMade) {
    with_teams c;
    c.sweep({works_in("PW1", "Sales")});
    c.of.teams.erase(c.team("Sales")->id);
    EXPECT_THAT(all_kinds_of(c.sweep({works_in("PW1", "Sales")})),
                ElementsAre("create_team Sales"));
}

TEST(Wt13, WeThriveHasNoTeams) {
    sync_case c(sync::profile::wethrive);
    c.sweep({works_in("PW1", "Sales")});
    EXPECT_THAT(c.of.teams.all(), IsEmpty());
    EXPECT_EQ(c.text("PW1", field::department), "Sales");
}

TEST(La29, AParentThatAnAdminGaveStays) {
    with_teams c;
    c.sweep({works_in("PW1", "Sales")});
    auto moved = *c.team("Sales");
    moved.parent = c.add_by_hand("Commerce");
    c.of.teams.put(moved);
    c.sweep({works_in("PW1", "Sales"), works_in("PW2", "Stores")});
    EXPECT_EQ(c.team("Sales")->parent, moved.parent);
    EXPECT_EQ(c.team("Stores")->parent, 0u);
}

TEST(La30, AManualTeamOfThatNameIsUsedButNotOwned) {
    with_teams c;
    const auto id = c.add_by_hand("SALES");
    const auto made = c.sweep({works_in("PW1", "Sales ")});
    EXPECT_THAT(all_kinds_of(made), Contains("link_team SALES"));
    EXPECT_THAT(all_kinds_of(made), Not(Contains("create_team Sales")));
    ASSERT_EQ(c.of.teams.all().size(), 1u);
    EXPECT_EQ(c.team("Sales")->id, id);
    EXPECT_EQ(c.team("Sales")->name, "SALES");
    EXPECT_FALSE(c.team("Sales")->owned);
}

TEST(La30, TheStoredKeyGoesBeforeTheName) {
    with_teams c;
    c.sweep({works_in("PW1", "Sales")});
    const auto id = c.team("Sales")->id;
    c.add_by_hand("Sales");
    c.sweep({works_in("PW1", "Sales"), works_in("PW2", "Sales")});
    EXPECT_EQ(c.team("Sales")->id, id);
}

// ---- LA-31: stale teams ----

struct with_stale_team : with_teams {
    with_stale_team() {
        settings.remove_stale_teams = true;
        sweep({works_in("PW1", "Sales"), works_in("PW2", "Stores")});
        id = team("Stores")->id;
    }
    sync::plan without() { return sweep({works_in("PW1", "Sales"), works_in("PW2", "Sales")}); }
    // The last snapshot, planned once more.
    sync::plan again() const {
        sync::planner planning(of, last.get(), settings, now());
        while (!planning.advance(100)) {
        }
        return planning.take();
    }
    std::uint32_t id = 0;
};

TEST(La31, ATeamOfOursGoesAfterThreeSnapshotsWithoutMembers) {
    with_stale_team c;
    EXPECT_THAT(all_kinds_of(c.without()), ElementsAre("move PW2", "note_team Stores"));
    EXPECT_THAT(all_kinds_of(c.without()), ElementsAre("note_team Stores"));
    EXPECT_THAT(all_kinds_of(c.without()), ElementsAre("remove_team Stores"));
    EXPECT_EQ(c.team("Stores"), nullptr);
    EXPECT_THAT(all_kinds_of(c.without()), IsEmpty());
}

TEST(La31, ATeamThatIsSeenAgainBeginsAnew) {
    with_stale_team c;
    c.without();
    c.without();
    EXPECT_EQ(c.team("Stores")->absent, 2);
    c.sweep({works_in("PW1", "Sales"), works_in("PW2", "Stores")});
    EXPECT_EQ(c.team("Stores")->absent, 0);
}

TEST(La31, WithTheOptionOffAbsencesAreCountedAndNothingGoes) {
    with_stale_team c;
    c.settings.remove_stale_teams = false;
    for (int i = 0; i < 3; ++i) c.without();
    EXPECT_THAT(all_kinds_of(c.without()), IsEmpty());
    EXPECT_EQ(c.team("Stores")->absent, 3);
}

TEST(La31, AReadOfOnePersonCountsNoAbsence) {
    with_stale_team c;
    c.read_one(works_in("PW2", "Sales"));
    EXPECT_EQ(c.team("Stores")->absent, 0);
}

TEST(La31, ASnapshotThatIsLookedAtAgainCountsNoAbsence) {
    with_stale_team c;
    c.without();
    c.last->replay = true;
    EXPECT_THAT(all_kinds_of(c.again()), IsEmpty());
}

TEST(La31, AManualTeamIsNeverRemoved) {
    with_teams c;
    c.settings.remove_stale_teams = true;
    c.add_by_hand("Stores");
    c.sweep({works_in("PW1", "Stores")});
    for (int i = 0; i < 4; ++i) c.sweep({works_in("PW1", "Sales")});
    EXPECT_NE(c.team("Stores"), nullptr);
}

TEST(La31, ATeamWithSubTeamsIsReportedInstead) {
    with_stale_team c;
    c.add_by_hand("Cellar", c.id);
    for (int i = 0; i < 3; ++i) c.without();
    const auto made = c.without();
    EXPECT_NE(c.team("Stores"), nullptr);
    EXPECT_TRUE(has_team_issue(made, issue_kind::team_in_use, "Stores"));
    EXPECT_THAT(all_kinds_of(made), IsEmpty());
}

TEST(La31, ATeamWithSecondaryMembersIsReportedInstead) {
    with_stale_team c;
    c.of.teams.add_member({.team = c.id, .uid = c.uid("PW1")});
    for (int i = 0; i < 3; ++i) c.without();
    EXPECT_TRUE(has_team_issue(c.without(), issue_kind::team_in_use, "Stores"));
    EXPECT_NE(c.team("Stores"), nullptr);
}

TEST(La31, ATeamWithAMemberByHandIsReportedInstead) {
    with_stale_team c;
    c.without();
    auto visitor = directory::user_data{};
    visitor.meta.uid = c.of.next_uid++;
    visitor.text[static_cast<std::size_t>(field::email)] = "visitor@example.com";
    visitor.text[static_cast<std::size_t>(field::department)] = "Stores";
    visitor.meta.ownership[static_cast<std::size_t>(field::department)] = directory::owner::manual;
    c.users.put(visitor);
    for (int i = 0; i < 2; ++i) c.without();
    EXPECT_TRUE(has_team_issue(c.without(), issue_kind::team_in_use, "Stores"));
    EXPECT_NE(c.team("Stores"), nullptr);
}

TEST(La31, ADepartmentThatAnAdminGaveIsNoDepartmentOfTheSource) {
    with_stale_team c;
    c.manual("PW2", field::department, "Stores");
    const std::vector people{works_in("PW1", "Sales"), works_in("PW2", "")};
    for (int i = 0; i < 3; ++i) c.sweep(people);
    EXPECT_EQ(c.text("PW2", field::department), "Stores");
    EXPECT_TRUE(has_team_issue(c.sweep(people), issue_kind::team_in_use, "Stores"));
    EXPECT_NE(c.team("Stores"), nullptr);
}

TEST(La31, AnInactiveMemberDoesNotKeepATeam) {
    with_stale_team c;
    const std::vector people{works_in("PW1", "Sales"), works_in("PW2", "Stores").left()};
    for (int i = 0; i < 3; ++i) c.sweep(people);
    EXPECT_EQ(c.team("Stores"), nullptr);
}

// ---- LA-32: owners as managers of new teams ----

struct with_owners : with_teams {
    with_owners() {
        settings.owner_manages_new_teams = true;
        sweep({works_in("PW1", "Sales"), works_in("PW2", "Sales"), works_in("PW3", "Sales")});
        make_owner("PW2");
        make_owner("PW3");
    }
    sync::plan add_stores() {
        return sweep({works_in("PW1", "Sales"), works_in("PW2", "Sales"), works_in("PW3", "Sales"),
                      works_in("PW4", "Stores")});
    }
};

TEST(La32, ATeamWeAddGetsTheOwnerWithTheLowestNumber) {
    with_owners c;
    c.add_stores();
    EXPECT_EQ(c.team("Stores")->manager, c.uid("PW2"));
    EXPECT_EQ(c.team("Sales")->manager, 0u); // there was no owner when it was made
}

TEST(La32, TheConfiguredOwnerGoesFirst) {
    for (const char* wanted : {"PW3", "pw3@EXAMPLE.com"}) {
        with_owners c;
        c.settings.team_owner = wanted;
        c.add_stores();
        EXPECT_EQ(c.team("Stores")->manager, c.uid("PW3"));
    }
}

TEST(La32, AConfiguredOwnerWhoIsNoneAnyMoreIsPassedOver) {
    with_owners c;
    c.settings.team_owner = "PW1";
    c.add_stores();
    EXPECT_EQ(c.team("Stores")->manager, c.uid("PW2"));
}

TEST(La32, WithoutAnActiveOwnerTheTeamIsMadeAndReported) {
    with_teams c;
    c.settings.owner_manages_new_teams = true;
    const auto made = c.sweep({works_in("PW1", "Sales")});
    EXPECT_TRUE(has_team_issue(made, issue_kind::no_owner, "Sales"));
    EXPECT_EQ(c.team("Sales")->manager, 0u);
}

TEST(La32, AnOwnerWhoLeavesInThisRunGetsNoTeam) {
    with_owners c;
    c.sweep({works_in("PW1", "Sales"), works_in("PW2", "Sales").left(), works_in("PW3", "Sales"),
             works_in("PW4", "Stores")});
    EXPECT_EQ(c.team("Stores")->manager, c.uid("PW3"));
}

TEST(La32, AtCreationOnly) {
    with_owners c;
    c.add_stores();
    auto changed = *c.team("Stores");
    changed.manager = c.uid("PW1");
    c.of.teams.put(changed);
    EXPECT_THAT(all_kinds_of(c.add_stores()), IsEmpty());
    EXPECT_EQ(c.team("Stores")->manager, c.uid("PW1"));
}

TEST(La32, WithTheOptionOffNobodyManagesANewTeam) {
    with_owners c;
    c.settings.owner_manages_new_teams = false;
    c.add_stores();
    EXPECT_EQ(c.team("Stores")->manager, 0u);
}

TEST(G8, ATeamOfSomebodyWhoIsDeactivatedGoesToTheOwnerFirst) {
    with_owners c;
    auto led = *c.team("Sales");
    led.manager = c.uid("PW1");
    c.of.teams.put(led);
    auto choir = *c.of.teams.find(c.add_by_hand("Choir"));
    choir.manager = c.uid("PW3");
    c.of.teams.put(choir);
    const auto made = c.sweep(
        {works_in("PW1", "Sales").left(), works_in("PW2", "Sales"), works_in("PW3", "Sales")});
    EXPECT_THAT(all_kinds_of(made), ElementsAre("set_team_manager Sales", "deactivate PW1"));
    EXPECT_EQ(made.steps[0].changes[0].rule, "G-8");
    EXPECT_EQ(c.team("Sales")->manager, c.uid("PW2"));
}

TEST(G8, WithoutAnOwnerSuchATeamHasNoManager) {
    with_teams c;
    c.settings.team_from_department = false;
    c.sweep({employee("PW1"), employee("PW2")});
    auto led = directory::team{.id = c.add_by_hand("Choir"), .name = "Choir", .key = {}};
    led.manager = c.uid("PW1");
    c.of.teams.put(led);
    c.sweep({employee("PW1").left(), employee("PW2")});
    EXPECT_EQ(c.of.teams.find(led.id)->manager, 0u);
}

TEST(La33, AMoveLeavesSecondaryTeamsAndAddsNone) {
    with_teams c;
    c.sweep({works_in("PW1", "Sales"), works_in("PW2", "Stores"), works_in("PW3", "Sales")});
    const directory::team_member choir{.team = c.add_by_hand("Choir"), .uid = c.uid("PW1")};
    c.of.teams.add_member(choir);
    c.sweep({works_in("PW1", "Stores"), works_in("PW2", "Stores"), works_in("PW3", "Sales")});
    EXPECT_THAT(c.of.teams.secondary(), ElementsAre(choir));
}

// ---- LA-35: renames ----

struct with_sales : with_teams {
    with_sales() { sweep(both(people_of("S", 5, "Sales"), people_of("W", 2, "Works"))); }
    std::vector<employee> moved(int count, const std::string& to) {
        auto people = people_of("S", 5, "Sales");
        for (int i = 0; i < count; ++i) people[static_cast<std::size_t>(i)].dept(to);
        return both(std::move(people), people_of("W", 2, "Works"));
    }
};

TEST(La35, ADepartmentThatVanishesIntoANewOneIsProposedAsARename) {
    with_sales c;
    const auto made = c.plan_only(c.moved(5, "Trade"));
    EXPECT_TRUE(has_team_issue(made, issue_kind::rename_proposed, "Sales"));
    EXPECT_THAT(all_kinds_of(made),
                ElementsAre("rename_team Sales", "follow_rename S1", "follow_rename S2",
                            "follow_rename S3", "follow_rename S4", "follow_rename S5"));
    const auto& rename = made.steps[0];
    ASSERT_EQ(rename.changes.size(), 2u);
    EXPECT_EQ(rename.changes[0].new_value, "Trade");
    EXPECT_EQ(rename.changes[1].new_value, "trade");
    EXPECT_EQ(made.steps[1].changes[0].rule, "LA-35");
}

TEST(La35, ApprovedItKeepsTheTeamWithItsHierarchy) {
    with_sales c;
    auto placed = *c.team("Sales");
    placed.parent = c.add_by_hand("Commerce");
    c.of.teams.put(placed);
    c.sweep(c.moved(5, "Trade"));
    ASSERT_NE(c.team("Trade"), nullptr);
    EXPECT_EQ(c.team("Trade")->id, placed.id);
    EXPECT_EQ(c.team("Trade")->name, "Trade");
    EXPECT_EQ(c.team("Trade")->parent, placed.parent);
    EXPECT_EQ(c.text("S1", field::department), "Trade");
}

TEST(La35, RejectedItIsATeamOfItsOwnAndMoves) {
    with_sales c;
    const auto proposed = c.plan_only(c.moved(5, "Trade"));
    c.of.rejected.insert(sync::digest_of(proposed.steps[0]));
    const auto made = c.sweep(c.moved(5, "Trade"));
    EXPECT_FALSE(has_team_issue(made, issue_kind::rename_proposed, "Sales"));
    EXPECT_THAT(all_kinds_of(made),
                ElementsAre("create_team Trade", "move S1", "move S2", "move S3", "move S4",
                            "move S5", "note_team Sales"));
    EXPECT_NE(c.team("Trade")->id, c.team("Sales")->id);
}

TEST(La35, NearlyAllIsEnoughWhereNobodyStays) {
    with_sales c;
    auto people = c.moved(5, "Trade");
    people[4].dept("Works");
    EXPECT_TRUE(has_team_issue(c.plan_only(people), issue_kind::rename_proposed, "Sales"));
    people[3].dept("Works");
    EXPECT_FALSE(has_team_issue(c.plan_only(people), issue_kind::rename_proposed, "Sales"));
}

TEST(La35, ADepartmentThatIsStillThereIsNotRenamed) {
    with_sales c;
    const auto made = c.sweep(c.moved(4, "Trade"));
    EXPECT_FALSE(has_team_issue(made, issue_kind::rename_proposed, "Sales"));
    EXPECT_NE(c.team("Sales"), nullptr);
    EXPECT_NE(c.team("Trade"), nullptr);
}

TEST(La35, LeaversDoNotCount) {
    with_sales c;
    auto people = c.moved(3, "Trade");
    people[3].left();
    people[4].left();
    EXPECT_TRUE(has_team_issue(c.plan_only(people), issue_kind::rename_proposed, "Sales"));
}

TEST(La35, ADepartmentThatWasThereIsJoinedNotRenamedInto) {
    with_sales c;
    const auto made = c.sweep(c.moved(5, "Works"));
    EXPECT_FALSE(has_team_issue(made, issue_kind::rename_proposed, "Sales"));
    EXPECT_EQ(c.text("S1", field::department), "Works");
}

TEST(La35, ATeamByHandOfTheNewNameIsLinkedInstead) {
    with_sales c;
    c.add_by_hand("Trade");
    EXPECT_THAT(all_kinds_of(c.sweep(c.moved(5, "Trade"))), Contains("link_team Trade"));
}

TEST(La35, ANewDepartmentThatIsMostlyOthersIsNoRename) {
    with_sales c;
    const auto made = c.sweep(both(c.moved(5, "Trade"), people_of("N", 2, "Trade")));
    EXPECT_FALSE(has_team_issue(made, issue_kind::rename_proposed, "Sales"));
    EXPECT_NE(c.team("Trade"), nullptr);
}

TEST(La35, TwoPeopleAreTooFewToTell) {
    with_teams c;
    c.sweep(people_of("S", 2, "Sales"));
    EXPECT_THAT(all_kinds_of(c.sweep(people_of("S", 2, "Trade"))), Contains("create_team Trade"));
}

TEST(La35, ATeamThatAnAdminNamedOtherwiseKeepsItsName) {
    with_sales c;
    auto named = *c.team("Sales");
    named.name = "The shop";
    c.of.teams.put(named);
    c.sweep(c.moved(5, "Trade"));
    EXPECT_EQ(c.team("Trade")->id, named.id);
    EXPECT_EQ(c.team("Trade")->name, "The shop");
}

TEST(La35, WhileItWaitsAReadOfOneMemberForestallsNothing) {
    with_sales c;
    const auto proposed = c.plan_only(c.moved(5, "Trade"));
    c.of.held.sections = {{sync::guard::team_rename, "", proposed.steps}};
    c.read_one(works_in("S1", "Trade"));
    EXPECT_EQ(c.text("S1", field::department), "Sales");
    EXPECT_EQ(c.team("Trade"), nullptr);
    c.of.held = {};
    const auto again = c.plan_only(c.moved(5, "Trade"));
    EXPECT_EQ(all_kinds_of(again), all_kinds_of(proposed));
}

} // namespace
} // namespace rollcall::test
