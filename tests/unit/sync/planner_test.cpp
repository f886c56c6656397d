// What becomes of users: fields, scope and kinds of steps, one scenario each.
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

TEST(La7, AUserWhoStayedActiveOutOfScopeIsNotDeactivatedByACompanyThatCannotBeRead) {
    sync_case c;
    c.settings.company = "Acme";
    const auto in = [](const char* id, const char* company) {
        return employee(id).with(source_field::company, company);
    };
    c.sweep({in("PW1", "Acme"), in("PW2", "Acme")});
    c.sweep({in("PW1", "Other"), in("PW2", "Acme")});
    c.settings.out_of_scope = sync::out_of_scope::deactivate;
    auto broken = in("PW1", "");
    broken.wrong_type = 1u << static_cast<unsigned>(source_field::company);
    c.sweep({broken, in("PW2", "Acme")});
    EXPECT_TRUE(c.active("PW1"));
    c.sweep({in("PW1", "Other"), in("PW2", "Acme")});
    EXPECT_FALSE(c.active("PW1"));
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

// ---- kinds of steps
// ------------------------------------------------------------------------------------------

TEST(G5, EachKindOfChangeIsAStepOfItsOwnSoThatItCanBeHeldAlone) {
    sync_case c;
    c.settings.clear_blank_department = true;
    c.sweep({employee("PW1").reports_to("PW2").with(source_field::location, "Leeds"),
             employee("PW2"), employee("PW3")});
    const auto made =
        c.sweep({employee("PW1").mail("new@x.org").dept(" ").with(source_field::job_role, "Cook"),
                 employee("PW2").dept("Stores"), employee("PW3").left("2026-06-01")});
    EXPECT_THAT(kinds_of(made),
                ElementsAre("update PW1", "update PW3", "blank PW1", "move PW2",
                            "clear_manager PW1", "change_email PW1", "deactivate PW3"));
    const auto& cleared = *find_step(made, sync::step_kind::blank, "PW1");
    ASSERT_EQ(cleared.changes.size(), 2u);
    EXPECT_EQ(cleared.changes[0].what, sync::attribute::location);
    EXPECT_EQ(cleared.changes[0].rule, "LA-19");
    EXPECT_EQ(cleared.changes[1].what, sync::attribute::department);
    EXPECT_EQ(cleared.changes[1].rule, "LA-34");
    EXPECT_EQ(made.counts.updated, 3u);
    EXPECT_EQ(made.counts.deactivated, 1u);
}

TEST(La13, OtherLettersAreNoOtherAddress) {
    sync_case c;
    c.sweep({employee("PW1").mail("ann@x.org")});
    EXPECT_THAT(kinds_of(c.sweep({employee("PW1").mail("Ann@X.org")})), ElementsAre("update PW1"));
    EXPECT_EQ(c.text("PW1", field::email), "Ann@X.org");
}

TEST(La34, ABlankDepartmentLeavesTheTeamAndIsReported) {
    sync_case c;
    c.sweep({employee("PW1"), employee("PW2").dept("")});
    for (int sweep = 0; sweep < 2; ++sweep) {
        const auto made = c.sweep({employee("PW1").dept(" "), employee("PW2").dept("")});
        EXPECT_TRUE(has_issue(made, issue_kind::blank_department, "PW1", "LA-34"));
        EXPECT_FALSE(has_issue(made, issue_kind::blank_department, "PW2")) << "has none to leave";
        EXPECT_EQ(c.text("PW1", field::department), "Works");
    }
    c.settings.clear_blank_department = true;
    EXPECT_THAT(c.sweep({employee("PW1").dept(" "), employee("PW2").dept("")}).issues, IsEmpty());
    EXPECT_EQ(c.text("PW1", field::department), "");
}

TEST(G14, ExtraFieldsFollowTheSourceAndAreClearedWhereOurs) {
    sync_case c;
    c.settings.extra_fields = {{"code", "APIColumn1"}, {"grade", "AnalysisCode1"}};
    c.sweep({employee("PW1").extra({"7", ""}), employee("PW2")});
    EXPECT_EQ(c.text("PW1", field::attributes), R"({"code":"7"})");
    c.manual("PW2", field::attributes, R"({"code":"9"})");
    const auto made = c.sweep({employee("PW1").extra({"", " "}), employee("PW2").extra({"", ""})});
    ASSERT_THAT(kinds_of(made), ElementsAre("blank PW1"));
    EXPECT_EQ(made.steps[0].changes[0].rule, "G-14");
    EXPECT_EQ(c.text("PW2", field::attributes), R"({"code":"9"})");
}

TEST(La39, TheWishForAManagerIsAnIdOrAName) {
    sync_case c;
    const auto wants = [](const char* id, const char* name) {
        return employee("PW1").reports_to(id).with(source_field::reports_to, name);
    };
    c.sweep({wants("", "Jo Li")});
    EXPECT_EQ(c.text("PW1", field::manager_name), "Jo Li");
    c.sweep({wants("PW2", "Jo Li")});
    EXPECT_EQ(c.text("PW1", field::manager_id), "PW2");
    EXPECT_EQ(c.text("PW1", field::manager_name), "");
    c.sweep({wants("", "Jo Li")});
    EXPECT_EQ(c.text("PW1", field::manager_id), "");
    const auto made = c.sweep({wants("", "")});
    ASSERT_THAT(kinds_of(made), ElementsAre("clear_manager PW1"));
    EXPECT_EQ(made.steps[0].changes[0].rule, "LA-38");
    EXPECT_EQ(c.text("PW1", field::manager_name), "");
}

TEST(Wt3, AStoppedRunChangesNothing) {
    sync_case c(sync::profile::wethrive);
    c.settings.bad_email = sync::bad_email::stop;
    const auto made = c.sweep({employee("PW1"), employee("PW2").mail("none")});
    EXPECT_TRUE(made.stopped);
    EXPECT_THAT(made.steps, IsEmpty());
    EXPECT_THAT(made.seen, IsEmpty());
    EXPECT_EQ(made.next_uid, c.of.next_uid);
    EXPECT_EQ(made.counts.created, 0u);
}

} // namespace
