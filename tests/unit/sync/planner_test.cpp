// What becomes of users: fields, scope, absence, leaving and return, one scenario each.
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


TEST(G9, AnUnchangedSnapshotHasAnEmptyPlan) {
    sync_case c;
    const std::vector people{employee("PW1"), employee("PW2").left(), employee("PW3").mail("")};
    c.sweep(people);
    const auto again = c.sweep(people);
    EXPECT_THAT(again.steps, IsEmpty());
    EXPECT_THAT(again.seen, IsEmpty());
    EXPECT_EQ(c.last->changed.size(), 2u)
        << "the leaver never seen and the rejected one are not known";
}

TEST(La16, AnAdminsDeactivationStandsUnlessHrWins) {
    sync_case c;
    c.sweep({employee("PW1")});
    c.admin_deactivates("PW1");
    const auto made = c.sweep({employee("PW1")});
    EXPECT_TRUE(has_issue(made, issue_kind::manual_deactivation, "PW1", "LA-16"));
    EXPECT_FALSE(c.active("PW1"));
    c.settings.reactivation = sync::reactivation::hr_wins;
    c.sweep({employee("PW1")});
    EXPECT_TRUE(c.active("PW1"));
}

TEST(La18, ARecordWithARequiredBlankLeavesItsUserAsItIs) {
    for (const auto blank :
         {source_field::first_name, source_field::last_name, source_field::email}) {
        sync_case c;
        c.sweep({employee("PW1")});
        const auto before = c.get("PW1");
        const auto made = c.sweep({employee("PW1").dept("Stores").with(blank, "  ")});
        EXPECT_EQ(made.issues.size(), 1u);
        EXPECT_TRUE(has_issue(made, issue_kind::required_blank, "PW1", "LA-18"));
        EXPECT_EQ(c.get("PW1").text, before.text);
        EXPECT_FALSE(c.sweep({employee("PW2").with(blank, " ")}).counts.created);
    }
}

TEST(La18, AnInvalidEmailRejectsTheRecord) {
    sync_case c;
    const auto made = c.sweep({employee("PW1").mail("not an address"), employee("PW2")});
    EXPECT_TRUE(has_issue(made, issue_kind::invalid_email, "PW1", "LA-18"));
    EXPECT_THAT(kinds_of(made), ElementsAre("create PW2"));
}

TEST(La19, ABlankClearsWhatIsOursAndKeepsWhatAnAdminSet) {
    sync_case c;
    c.sweep({employee("PW1")
                 .with(source_field::location, "Leeds")
                 .with(source_field::job_role, "Fitter")});
    c.manual("PW1", field::location, "London");
    const auto made = c.sweep({employee("PW1")});
    EXPECT_EQ(c.text("PW1", field::location), "London");
    EXPECT_EQ(c.text("PW1", field::job_title), "");
    EXPECT_THAT(kinds_of(made), ElementsAre("blank PW1"));
    EXPECT_EQ(c.get("PW1").meta.ownership[static_cast<std::size_t>(field::job_title)],
              directory::owner::never_set);
}

TEST(La3, AManualEditOfASyncedFieldIsOverwritten) {
    sync_case c;
    c.sweep({employee("PW1").with(source_field::location, "Leeds")});
    c.manual("PW1", field::location, "London");
    c.sweep({employee("PW1").with(source_field::location, "Leeds")});
    EXPECT_EQ(c.text("PW1", field::location), "Leeds");
}

TEST(La5, TheCompanyDecidesWhoIsInScope) {
    sync_case c;
    c.settings.company = "Acme Ltd";
    const auto in = [](const char* id, const char* company) {
        return employee(id).with(source_field::company, company);
    };
    auto made = c.sweep({in("PW1", " ACME ltd "), in("PW2", "Other")});
    EXPECT_THAT(kinds_of(made), ElementsAre("create PW1"));
    // Moves out of scope: kept, active, no longer managed, reported each time.
    made = c.sweep({in("PW1", "Other").dept("Stores"), in("PW3", "Acme Ltd")});
    EXPECT_TRUE(has_issue(made, issue_kind::out_of_scope, "PW1", "LA-7"));
    EXPECT_TRUE(c.active("PW1"));
    EXPECT_FALSE(c.get("PW1").meta.managed);
    EXPECT_EQ(c.text("PW1", field::department), "Works");
    made = c.sweep({in("PW1", "Other").dept("Stores"), in("PW3", "Acme Ltd")});
    EXPECT_TRUE(has_issue(made, issue_kind::out_of_scope, "PW1"));
    EXPECT_THAT(kinds_of(made), IsEmpty());
    // And back.
    c.sweep({in("PW1", "Acme Ltd").dept("Stores"), in("PW3", "Acme Ltd")});
    EXPECT_TRUE(c.get("PW1").meta.managed);
    EXPECT_EQ(c.text("PW1", field::department), "Stores");
    c.settings.out_of_scope = sync::out_of_scope::deactivate;
    c.sweep({in("PW1", "Other"), in("PW3", "Acme Ltd")});
    EXPECT_FALSE(c.active("PW1"));
}

TEST(La6, AFilterThatMatchesNobodyIsFound) {
    sync_case c;
    c.settings.company = "Acme";
    c.plan_only({employee("PW1").with(source_field::company, "Acme Ltd")});
    EXPECT_FALSE(c.last->company_matched);
    EXPECT_EQ(c.last->company_near_miss, "Acme Ltd");
}

TEST(Planner, KnownAsReplacesTheFirstNameWhereItIsSet) {
    sync_case c;
    c.settings.known_as = true;
    c.sweep({employee("PW1").with(source_field::known_as, "Annie"),
             employee("PW2").with(source_field::known_as, " ")});
    EXPECT_EQ(c.text("PW1", field::first_name), "Annie");
    EXPECT_EQ(c.text("PW2", field::first_name), "Ann");
    sync_case w(sync::profile::wethrive);
    w.settings.known_as = true; // WT-2: Known As is not used
    w.sweep({employee("PW1").with(source_field::known_as, "Annie")});
    EXPECT_EQ(w.text("PW1", field::first_name), "Ann");
}

TEST(La28, WithTheTeamOptionOffTheDepartmentIsNeverTouched) {
    sync_case c;
    c.settings.team_from_department = false;
    c.sweep({employee("PW1")});
    EXPECT_EQ(c.text("PW1", field::department), "");
    c.manual("PW1", field::department, "Mine");
    c.sweep({employee("PW1").dept("Stores")});
    EXPECT_EQ(c.text("PW1", field::department), "Mine");
}

TEST(La36, WithTheManagerOptionOffOursIsClearedAndAManualOneStays) {
    sync_case c;
    const std::vector people{employee("PW1").with(source_field::reports_to_id, "PW9"),
                             employee("PW2").with(source_field::reports_to_id, "PW9")};
    c.sweep(people);
    c.manual("PW2", field::manager_id, "PW5");
    c.settings.manager_from_reports_to = false;
    c.sweep(people);
    EXPECT_EQ(c.text("PW1", field::manager_id), "");
    EXPECT_EQ(c.text("PW2", field::manager_id), "PW5");
}

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
    EXPECT_THAT(kinds_of(made), ElementsAre("update PW1"));
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

TEST(G12, TextsAreTrimmedAndNormalisedAndBlanksAreUnset) {
    sync_case c;
    c.sweep(
        {employee("PW1").dept("  Caf\x65\xcc\x81  ").with(source_field::location, " \xc2\xa0 ")});
    EXPECT_EQ(c.text("PW1", field::department), "Caf\xc3\xa9");
    EXPECT_EQ(c.text("PW1", field::location), "");
}

TEST(G13, EmailsCompareFoldedAndKeepTheirLetters) {
    sync_case c;
    c.sweep({employee("PW1").mail(" Ann.Lee@Example.COM ")});
    EXPECT_EQ(c.text("PW1", field::email), "Ann.Lee@Example.COM");
    EXPECT_NE(c.users.find_by_email("ann.lee@example.com"), directory::user_ref::none);
}

TEST(Planner, AValueOfAWrongTypeKeepsWhatIsStored) {
    sync_case c;
    c.sweep({employee("PW1").with(source_field::location, "Leeds")});
    auto broken = employee("PW1");
    broken.wrong_type = 1u << static_cast<unsigned>(source_field::location);
    const auto made = c.sweep({broken});
    EXPECT_EQ(c.text("PW1", field::location), "Leeds");
    EXPECT_TRUE(has_issue(made, issue_kind::wrong_type, "PW1"));
}

TEST(Planner, AnInvalidDateIsReportedAndKeepsWhatIsStored) {
    sync_case c;
    c.sweep({employee("PW1").with(source_field::start_date, "2020-02-29")});
    const auto made = c.sweep({employee("PW1").with(source_field::start_date, "2021-02-29")});
    EXPECT_TRUE(has_issue(made, issue_kind::invalid_date, "PW1"));
    EXPECT_EQ(to_string(c.get("PW1").start_date), "2020-02-29");
}

TEST(Planner, AMappingSettingThatChangesIsAppliedToUnchangedPeople) {
    sync_case c;
    const std::vector people{employee("PW1").with(source_field::known_as, "Annie")};
    c.sweep(people);
    c.settings.known_as = true;
    EXPECT_THAT(kinds_of(c.sweep(people)), ElementsAre("update PW1"));
}

TEST(La7, OutOfScopeNoAddressIsGivenUp) {
    sync_case c;
    c.settings.company = "Acme";
    const auto in = [](const char* id, const char* company, const char* mail) {
        return employee(id).mail(mail).with(source_field::company, company);
    };
    c.sweep({in("PW1", "Acme", "one@x.org"), in("PW2", "Acme", "two@x.org")});
    // PW2 leaves the Company and gets a new address; PW1 gets PW2's old one, which PW2's user
    // keeps.
    const auto made = c.sweep({in("PW1", "Acme", "two@x.org"), in("PW2", "Other", "new@x.org")});
    EXPECT_TRUE(has_issue(made, issue_kind::email_taken, "PW1"));
    EXPECT_EQ(c.text("PW1", field::email), "one@x.org");
    EXPECT_EQ(c.text("PW2", field::email), "two@x.org");
    EXPECT_EQ(c.users.verify(), std::nullopt);
}

TEST(Planner, GarbageIsNoEvidenceOfLeavingReturningOrMovingAway) {
    sync_case c;
    c.settings.company = "Acme";
    const auto acme = [](const char* id) {
        return employee(id).with(source_field::company, "Acme");
    };
    c.settings.out_of_scope = sync::out_of_scope::deactivate;
    c.sweep({acme("PW1"), acme("PW2")});
    c.sweep({acme("PW1"), acme("PW2").left()});
    auto company_is_a_list = acme("PW1");
    company_is_a_list.wrong_type = 1u << static_cast<unsigned>(source_field::company);
    auto odd_status = acme("PW2");
    for (const char* status : {"7", " "}) {
        odd_status.status = status;
        c.sweep({company_is_a_list, odd_status});
        EXPECT_TRUE(c.active("PW1")) << status;
        EXPECT_FALSE(c.active("PW2")) << status;
    }
    auto odd_date = acme("PW2");
    odd_date.leaving = "01/11/2026";
    c.sweep({acme("PW1"), odd_date});
    EXPECT_FALSE(c.active("PW2"));
    c.sweep({acme("PW1"), acme("PW2")}); // status 1 is evidence
    EXPECT_TRUE(c.active("PW2"));
}

} // namespace
