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

// A withdrawn leaving date that waited in a hold beside other blanks would deactivate a person who
// is back.
TEST(La43, AWithdrawnLeavingDateIsNoBlankThatCouldBeHeld) {
    sync_case c;
    c.sweep({employee("PW1")});
    c.sweep({employee("PW1").left("2026-06-01")});
    EXPECT_THAT(kinds_of(c.sweep({employee("PW1")})), ElementsAre("reactivate PW1", "update PW1"));
    EXPECT_FALSE(c.get("PW1").leaving_date.is_set());
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
