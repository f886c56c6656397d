// Who is deactivated, by which path, and who never is; and what the calendar does by itself.
#include "rollcall/sync/planner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/sync_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::test;
using directory::field;
using sync::issue_kind;
using sync::source_field;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(G3, AMissingPersonIsCountedAndReportedButNeverDeactivated) {
    sync_case c;
    c.sweep({employee("PW1"), employee("PW2")});
    for (int sweep = 1; sweep <= 5; ++sweep) {
        SCOPED_TRACE(sweep);
        const auto made = c.sweep({employee("PW1")});
        EXPECT_TRUE(c.active("PW2"));
        EXPECT_EQ(has_issue(made, issue_kind::missing_person, "PW2", "G-3"), sweep >= 3);
        EXPECT_EQ(kinds_of(made).empty(), sweep > 3) << "after N nothing more is written";
    }
    c.sweep({employee("PW1"), employee("PW2")});
    EXPECT_EQ(c.get("PW2").meta.missing, 0);
}

TEST(La44, TheMissingPolicyMayDeactivateAfterNSnapshotsAndReturnReactivates) {
    sync_case c;
    c.settings.missing_policy = sync::missing_policy::deactivate;
    c.settings.missing_after = 2;
    c.sweep({employee("PW1"), employee("PW2")});
    c.sweep({employee("PW1")});
    EXPECT_TRUE(c.active("PW2"));
    c.sweep({employee("PW1")});
    EXPECT_FALSE(c.active("PW2"));
    c.sweep({employee("PW1"), employee("PW2")});
    EXPECT_TRUE(c.active("PW2"));
}

TEST(G3, ReadingOnePersonSaysNothingAboutTheOthers) {
    sync_case c;
    c.sweep({employee("PW1"), employee("PW2")});
    const auto made = c.read_one(employee("PW1").dept("Stores"));
    EXPECT_THAT(kinds_of(made), ElementsAre("move PW1"));
    EXPECT_EQ(c.get("PW2").meta.missing, 0);
}

TEST(La43, ALeaverStaysActiveUntilTheLeavingDateHasEnded) {
    sync_case c;
    auto marked = employee("PW1");
    marked.status = "2";
    c.sweep({marked});
    marked.leaving = "2026-06-15"; // today
    EXPECT_THAT(kinds_of(c.sweep({marked})), ElementsAre("update PW1"));
    EXPECT_TRUE(c.active("PW1"));
    c.today.days += 1;
    EXPECT_THAT(kinds_of(c.sweep({marked})), ElementsAre("deactivate PW1"));
    marked.leaving = "2026-07-01"; // moved on
    c.sweep({marked});
    EXPECT_TRUE(c.active("PW1"));
    // Corrections after leaving still arrive.
    c.today.days += 30;
    c.sweep({marked});
    EXPECT_FALSE(c.active("PW1"));
    c.sweep({marked.dept("Stores")});
    EXPECT_EQ(c.text("PW1", field::department), "Stores");
}

TEST(La43, ALeaverWhoseEmailWasClearedIsDeactivatedAndKeepsIt) {
    sync_case c;
    c.sweep({employee("PW1").mail("ann@example.com")});
    const auto gone = employee("PW1").mail("").left("2026-06-10");
    const auto made = c.sweep({gone});
    EXPECT_THAT(kinds_of(made), ElementsAre("update PW1", "deactivate PW1"));
    EXPECT_THAT(made.issues, IsEmpty());
    EXPECT_EQ(c.text("PW1", field::email), "ann@example.com");
    EXPECT_THAT(kinds_of(c.sweep({gone})), IsEmpty());
}

TEST(Planner, LeaversByStatusAndDate) {
    struct row {
        const char *status, *start, *leaving;
        bool left;
    };
    const date today = *date_from_civil(2026, 6, 15);
    const auto day = [](const char* text) { return *text == 0 ? date{} : *parse_date(text); };
    for (const auto& r : {
             row{"1", "", "", false},
             row{"1", "", "2026-06-14", true},
             row{"1", "", "2026-06-15", false},
             row{"1", "2026-06-15", "2025-01-01", false}, // an earlier employment's date
             row{"2", "", "", false},
             row{"2", "", "2026-06-14", true},
             row{"2", "", "2027-01-01", false},
             row{"3", "", "", true},
             row{"3", "", "2027-01-01", true},
             row{"4", "", "", true},
             row{"", "", "2026-01-01", true},
             row{"7", "", "", false},
             row{"", "", "", false},
         }) {
        SCOPED_TRACE(std::string(r.status) + " " + r.start + " " + r.leaving);
        EXPECT_EQ(sync::has_left(r.status, day(r.start), day(r.leaving), today), r.left);
    }
}

TEST(Wt8, ALeaverBecomesInactiveAndIsKept) {
    sync_case c(sync::profile::wethrive);
    c.sweep({employee("PW1")});
    const auto made = c.sweep({employee("PW1").left()});
    ASSERT_THAT(kinds_of(made), ElementsAre("deactivate PW1"));
    EXPECT_EQ(made.steps[0].changes[0].rule, "WT-8");
    EXPECT_FALSE(c.active("PW1"));
    EXPECT_EQ(c.users.size(), 1u);
    c.sweep({employee("PW1")}); // WT-9
    EXPECT_TRUE(c.active("PW1"));
}

// A withdrawn leaving date that waited in a hold beside other blanks would deactivate a person who
// is back.
TEST(La43, AWithdrawnLeavingDateIsNoBlankThatCouldBeHeld) {
    sync_case c;
    c.sweep({employee("PW1")});
    c.sweep({employee("PW1").left("2026-06-01")});
    EXPECT_THAT(kinds_of(c.sweep({employee("PW1")})), ElementsAre("reactivate PW1", "update PW1"));
    EXPECT_FALSE(c.get("PW1").leaving_date.is_set());
}

// ---- who is never deactivated
// ----------------------------------------------------------------------------

// The three ways to be deactivated, for a person in a company.
struct departure {
    const char* name;
    employee before;
    std::vector<employee> after;
};
std::vector<departure> departures_of_pw1() {
    const auto acme = [](const char* id) {
        return employee(id).with(source_field::company, "Acme");
    };
    const auto other = employee("PW1").with(source_field::company, "Other");
    return {{"left", acme("PW1"), {acme("PW1").left("2026-06-01"), acme("PW2")}},
            {"out of scope", acme("PW1"), {other, acme("PW2")}},
            {"missing", acme("PW1"), {acme("PW2")}}};
}
void choose_policies(sync_case& c) {
    c.settings.company = "Acme";
    c.settings.out_of_scope = sync::out_of_scope::deactivate;
    c.settings.missing_policy = sync::missing_policy::deactivate;
    c.settings.missing_after = 1;
}

TEST(La45, AProtectedPersonIsDeactivatedByNoPath) {
    for (const auto& each : departures_of_pw1()) {
        for (const char* entry : {"PW1", "pw1@EXAMPLE.com", ""}) {
            SCOPED_TRACE(std::string(each.name) + " " + entry);
            sync_case c;
            choose_policies(c);
            c.sweep({each.before, each.after.back()});
            if (*entry != 0) c.settings.protected_users = {entry};
            for (int sweep = 0; sweep < 2; ++sweep) { // reported as long as it is so
                const auto made = c.sweep(each.after);
                EXPECT_EQ(has_issue(made, issue_kind::protected_user, "PW1", "LA-45"), *entry != 0);
                EXPECT_EQ(c.active("PW1"), *entry != 0);
            }
            c.settings.protected_users.clear();
            c.sweep(each.after);
            EXPECT_FALSE(c.active("PW1")) << "once the protection ends";
        }
    }
}

TEST(La45, APeopleHrIdIsProtectedAsItIsWritten) {
    sync_case c;
    c.settings.protected_users = {"pw1"};
    c.sweep({employee("PW1")});
    c.sweep({employee("PW1").left()});
    EXPECT_FALSE(c.active("PW1"));
}

TEST(La45, TheLastActiveOwnerIsDeactivatedByNoPath) {
    for (const auto& each : departures_of_pw1()) {
        SCOPED_TRACE(each.name);
        sync_case c;
        choose_policies(c);
        c.sweep({each.before, each.after.back()});
        c.make_owner("PW1");
        EXPECT_TRUE(has_issue(c.sweep(each.after), issue_kind::last_owner, "PW1", "LA-45"));
        EXPECT_TRUE(c.active("PW1"));
        c.make_owner("PW2");
        c.sweep(each.after);
        EXPECT_FALSE(c.active("PW1")) << "there is another one now";
    }
}

TEST(La45, OfSeveralOwnersWhoGoTogetherOneStays) {
    sync_case c;
    c.sweep({employee("PW1"), employee("PW2"), employee("PW3")});
    for (const char* id : {"PW1", "PW2", "PW3"}) c.make_owner(id);
    const auto made =
        c.sweep({employee("PW3").left(), employee("PW1").left(), employee("PW2").left()});
    EXPECT_THAT(kinds_of(made), ElementsAre("deactivate PW1", "deactivate PW2"));
    EXPECT_TRUE(has_issue(made, issue_kind::last_owner, "PW3"));
}

TEST(La45, AUserWithoutALinkIsNobodysLeaver) {
    sync_case c;
    directory::user_data admin;
    admin.meta.uid = c.of.next_uid++;
    admin.text[static_cast<std::size_t>(field::email)] = "admin@x.org";
    admin.leaving_date = *parse_date("2026-01-01");
    c.users.put(admin);
    c.settings.missing_policy = sync::missing_policy::deactivate;
    c.settings.missing_after = 1;
    EXPECT_THAT(kinds_of(c.sweep({employee("PW1")})), ElementsAre("create PW1"));
    EXPECT_THAT(kinds_of(c.timer()), IsEmpty());
    EXPECT_TRUE(c.users.is_active(c.users.find_by_email("admin@x.org")));
}

TEST(La43, LeaversAreOnlyReportedWhereThatIsTheSetting) {
    for (const auto profile : {sync::profile::learnamp, sync::profile::wethrive}) {
        sync_case c(profile);
        c.settings.leavers = sync::leavers::report;
        c.sweep({employee("PW1")});
        for (int sweep = 0; sweep < 2; ++sweep) {
            const auto made = c.sweep({employee("PW1").left("2026-06-01").dept("Stores")});
            EXPECT_TRUE(has_issue(made, issue_kind::leaver_reported, "PW1",
                                  profile == sync::profile::learnamp ? "LA-43" : "WT-8"));
            EXPECT_TRUE(c.active("PW1"));
            EXPECT_EQ(c.text("PW1", field::department), "Stores");
        }
    }
}

// ---- what time alone brings
// ------------------------------------------------------------------------------

TEST(La43, TheCalendarDeactivatesWithoutACallOnceTheLeavingDateHasEnded) {
    for (const auto profile : {sync::profile::learnamp, sync::profile::wethrive}) {
        sync_case c(profile);
        auto leaving = employee("PW1");
        leaving.leaving = "2026-06-20";
        c.sweep({leaving, employee("PW2")});
        c.today = *parse_date("2026-06-20");
        c.hour = 23;
        EXPECT_THAT(kinds_of(c.timer()), IsEmpty());
        const auto next = sync::next_timer(c.of, c.settings, c.now());
        ASSERT_TRUE(next.has_value());
        EXPECT_EQ(*next, sync::day_ended(c.today, sync::zone_of(c.settings)));
        c.today.days += 1;
        c.hour = 0;
        EXPECT_EQ(c.now(), *next);
        EXPECT_THAT(kinds_of(c.timer()), ElementsAre("deactivate PW1"));
        EXPECT_EQ(sync::next_timer(c.of, c.settings, c.now()), std::nullopt);
        EXPECT_THAT(kinds_of(c.sweep({leaving, employee("PW2")})), IsEmpty())
            << "the next sweep has nothing to add";
    }
}

TEST(La43, TheCalendarSparesWhomTheSourceWouldKeep) {
    struct {
        const char* why;
        void (*change)(sync_case&);
    } const cases[] = {
        {"out of scope",
         [](sync_case& c) {
             auto user = c.get("PW1");
             user.meta.managed = false;
             c.users.put(user);
         }},
        {"a date by hand",
         [](sync_case& c) {
             auto user = c.get("PW1");
             user.meta.ownership[static_cast<std::size_t>(field::leaving_date)] =
                 directory::owner::manual;
             c.users.put(user);
         }},
        {"of an employment before this one",
         [](sync_case& c) {
             auto user = c.get("PW1");
             user.start_date = *parse_date("2026-06-21");
             c.users.put(user);
         }},
        {"protected", [](sync_case& c) { c.settings.protected_users = {"PW1"}; }},
        {"only reported", [](sync_case& c) { c.settings.leavers = sync::leavers::report; }},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.why);
        sync_case c;
        auto leaving = employee("PW1");
        leaving.leaving = "2026-06-20";
        c.sweep({leaving});
        each.change(c);
        c.today = *parse_date("2026-06-25");
        EXPECT_THAT(kinds_of(c.timer()), IsEmpty());
        EXPECT_TRUE(c.active("PW1"));
    }
}

// The record that withdraws the date may be one that is rejected for something else.
TEST(La18, TheCalendarDoesNotActOnADateWhoseRecordIsRejectedNow) {
    sync_case c;
    auto leaving = employee("PW1");
    leaving.leaving = "2026-06-20";
    c.sweep({leaving});
    auto stays = employee("PW1").mail("not an address");
    c.sweep({stays});
    c.today = *parse_date("2026-06-25");
    EXPECT_THAT(kinds_of(c.timer()), IsEmpty());
    EXPECT_EQ(sync::next_timer(c.of, c.settings, c.now()), std::nullopt);
    EXPECT_TRUE(c.active("PW1"));
    c.sweep({leaving});
    EXPECT_FALSE(c.active("PW1")) << "a record that can be applied says so again";
}

TEST(T1, TheNextTimerIsTheFirstLeavingDateThatEnds) {
    sync_case c;
    auto first = employee("PW1");
    first.leaving = "2026-08-01";
    auto second = employee("PW2");
    second.leaving = "2026-07-01";
    auto gone = employee("PW3").left("2026-01-01");
    c.sweep({employee("PW3"), first, second});
    c.sweep({gone, first, second});
    c.settings.time_zone = "Pacific/Auckland";
    EXPECT_EQ(sync::next_timer(c.of, c.settings, c.now()),
              sync::day_ended(*parse_date("2026-07-01"), sync::zone_of(c.settings)));
}

} // namespace
