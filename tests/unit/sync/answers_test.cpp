// Why is somebody as they are, and why did something not happen.
#include "answers_case.hpp"

#include "rollcall/core/text.hpp"

namespace rollcall::test {
namespace {

using directory::field;
using sync::attribute;
using sync::issue_kind;
using sync::source_field;
using sync::step_kind;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// ---- values ----

TEST(G10, EachFieldSaysItsSourceItsRuleItsOwnerAndTheRunThatSetIt) {
    answers_case t;
    t.run({employee("PW1"), employee("PW2").with(source_field::job_role, "Fitter")});
    t.run({employee("PW1"), employee("PW2").with(source_field::job_role, " Chief Fitter ")});
    const auto title = t.value("PW2", "job_title");
    EXPECT_EQ(title.source, "Chief Fitter");
    EXPECT_EQ(title.value, "Chief Fitter");
    EXPECT_EQ(title.decision, "set");
    EXPECT_EQ(title.owner, "ours");
    EXPECT_EQ(title.run, 2u);
    EXPECT_EQ(title.since, t.now());
    ASSERT_NE(sync::find_rule(title.rule), nullptr) << title.rule;
    EXPECT_EQ(title.because, sync::find_rule(title.rule)->text);
    EXPECT_EQ(t.value("PW2", "email").run, 1u);
    EXPECT_EQ(t.value("PW2", "email").rule, "G-13"); // and not that of the create
}

TEST(G10, ASettledPersonHasNothingThatDidNotHappenButTheInvitation) {
    answers_case t;
    t.run({employee("PW1"), employee("PW2").reports_to("PW1")});
    EXPECT_THAT(t.rules_of_stopped("PW2"), ::testing::ElementsAre("invitation LA-21"));
    const auto answer = t.explain("PW2");
    EXPECT_TRUE(answer.known);
    EXPECT_TRUE(answer.in_source);
    EXPECT_FALSE(answer.erased);
    for (const auto& each : answer.values) {
        EXPECT_FALSE(each.decision.empty()) << each.what;
        EXPECT_FALSE(each.because.empty()) << each.what;
        EXPECT_NE(sync::find_rule(each.rule), nullptr) << each.what << " " << each.rule;
    }
    EXPECT_EQ(t.value("PW2", "manager").value, "PW1 (Ann Of PW1)");
    EXPECT_EQ(t.value("PW2", "manager").decision, "set");
    EXPECT_EQ(t.value("PW2", "team").value, "Works");
    EXPECT_EQ(t.value("PW2", "state").decision, "active");
}

TEST(G10, TheHistoryIsTheNewestHundred) {
    answers_case t;
    for (int i = 0; i < 60; ++i) {
        t.run({employee("PW1")
                   .with(source_field::job_role, std::to_string(i))
                   .dept("D" + std::to_string(i))});
    }
    const auto answer = t.explain("PW1");
    ASSERT_EQ(answer.history.size(), 100u);
    EXPECT_EQ(answer.history.front().run, 60u);
    EXPECT_GT(answer.history.front().number, answer.history.back().number);
}

TEST(La19, AValueSetByHandIsKeptWhereTheSourceIsBlank) {
    answers_case t;
    t.run({employee("PW1")});
    t.by_hand(
        t.step_of(step_kind::update, "PW1", {answers_case::set(attribute::location, "", "Leeds")}));
    t.run({employee("PW1")});
    const auto location = t.value("PW1", "location");
    EXPECT_EQ(location.source, "");
    EXPECT_EQ(location.value, "Leeds");
    EXPECT_EQ(location.decision, "kept");
    EXPECT_EQ(location.rule, "LA-19");
    EXPECT_EQ(location.owner, "manual");
    EXPECT_EQ(location.run, 2u);
}

TEST(La18, ABlankRequiredFieldLeavesTheUserAsItIs) {
    answers_case t;
    t.run({employee("PW1")});
    auto blank = employee("PW1").with(source_field::job_role, "Fitter");
    blank.last_name = "";
    t.run({blank});
    EXPECT_EQ(t.value("PW1", "last_name").decision, "kept");
    EXPECT_EQ(t.value("PW1", "last_name").rule, "LA-18");
    EXPECT_EQ(t.value("PW1", "job_title").decision, "kept");
    const auto stopped = t.stopped("PW1", "LA-18");
    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->what, "update");
    EXPECT_THAT(stopped->because, HasSubstr("Last Name is blank"));
    EXPECT_THAT(stopped->then, HasSubstr("Fill in Last Name"));
}

TEST(La39, AManagerWhoIsNobodyYetIsSaidToHealByItself) {
    answers_case t;
    t.run({employee("PW1").reports_to("PW9")});
    const auto manager = t.value("PW1", "manager");
    EXPECT_EQ(manager.source, "PW9");
    EXPECT_EQ(manager.value, "");
    EXPECT_EQ(manager.decision, "not done");
    const auto stopped = t.stopped("PW1", manager.rule);
    ASSERT_TRUE(stopped);
    EXPECT_THAT(stopped->because, HasSubstr("'PW9'"));
    EXPECT_THAT(stopped->then, HasSubstr("heals by itself"));
    t.run({employee("PW1").reports_to("PW9"), employee("PW9")});
    EXPECT_EQ(t.value("PW1", "manager").value, "PW9 (Ann Of PW9)");
    EXPECT_EQ(t.value("PW1", "manager").run, 2u);
    EXPECT_THAT(t.rules_of_stopped("PW1"), Not(Contains(HasSubstr("manager"))));
}

TEST(Wt13, AProductWithoutTeamsAndInvitationsHasNoRowsForThem) {
    answers_case t(sync::profile::wethrive);
    t.run({employee("PW1")});
    std::vector<std::string> names;
    for (const auto& each : t.explain("PW1").values) names.push_back(each.what);
    EXPECT_THAT(names, Contains("department"));
    EXPECT_THAT(names, Not(Contains("team")));
    EXPECT_THAT(names, Not(Contains("invitation")));
    EXPECT_THAT(names, Not(Contains("avatar")));
    EXPECT_THAT(t.explain("PW1").stopped, IsEmpty());
}

// ---- who was not created ----

TEST(La8, SomebodyWhoHadLeftBeforeBeingSeenIsExplained) {
    answers_case t;
    t.run({employee("PW1"), employee("PW2").left("2026-01-31")});
    const auto answer = t.explain("PW2");
    EXPECT_FALSE(answer.known);
    EXPECT_TRUE(answer.in_source);
    EXPECT_FALSE(answer.user);
    const auto stopped = t.stopped("PW2", "LA-8");
    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->what, "create");
    EXPECT_THAT(stopped->because, HasSubstr("2026-01-31"));
    for (const auto& each : answer.values) EXPECT_EQ(each.decision, "not done") << each.what;
}

TEST(La5, SomebodyOfAnotherCompanyIsExplainedWithBothNames) {
    answers_case t;
    t.settings.company = "Acme";
    t.run({employee("PW1").with(source_field::company, "Acme"),
           employee("PW2").with(source_field::company, "Other Ltd")});
    const auto stopped = t.stopped("PW2", "LA-5");
    ASSERT_TRUE(stopped);
    EXPECT_THAT(stopped->because, HasSubstr("'Other Ltd'"));
    EXPECT_THAT(stopped->because, HasSubstr("'Acme'"));
    EXPECT_EQ(t.value("PW2", "scope").decision, "out of scope");
    EXPECT_EQ(t.value("PW1", "scope").decision, "in scope");
}

TEST(La7, AUserOutOfTheScopeIsKept) {
    answers_case t;
    t.settings.company = "Acme";
    const auto boss = employee("PW1").with(source_field::company, "Acme");
    t.run({boss, employee("PW2").with(source_field::company, "Acme")});
    t.run({boss, employee("PW2").with(source_field::company, "Other Ltd")});
    const auto stopped = t.stopped("PW2", "LA-7");
    ASSERT_TRUE(stopped);
    EXPECT_THAT(stopped->then, HasSubstr("out_of_scope=deactivate"));
    EXPECT_EQ(t.value("PW2", "job_title").rule, "LA-7");
    EXPECT_EQ(t.value("PW2", "scope").value, "not synced");
}

TEST(La10, ATakenAddressNamesTheOtherUserAndBothWaysOut) {
    answers_case t;
    t.run({employee("PW1").mail("ann@example.com")});
    t.run({employee("PW2").mail("ann@example.com")});
    const auto stopped = t.stopped("PW2", "LA-10");
    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->what, "create");
    EXPECT_THAT(stopped->because, HasSubstr("PW1 (Ann Of PW1)"));
    EXPECT_THAT(stopped->because, HasSubstr("email_fallback is off"));
    EXPECT_THAT(stopped->then, HasSubstr("email_fallback=true"));
    EXPECT_THAT(stopped->then, HasSubstr("rollcall conflict resolve TENANT email_taken PW2"));
}

TEST(La10, TheHolderOfTheAddressIsSentToTheOtherRecord) {
    answers_case t;
    t.run({employee("PW1").mail("ann@example.com")});
    t.run({employee("PW1").mail("ann@example.com"), employee("PW2").mail("ann@example.com")});
    t.of.issues = {{issue_kind::email_taken, "PW2", "PW1", "email", "LA-10"},
                   {issue_kind::manager_unknown, "PW3", "PW1", "manager_id", "LA-39"}};
    const auto stopped = t.stopped("PW1", "LA-10");
    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->what, "conflict");
    EXPECT_THAT(stopped->then, HasSubstr("rollcall explain TENANT PW2"));
    EXPECT_FALSE(t.stopped("PW1", "LA-39")); // somebody else's manager
}

TEST(La10, ARecordThatAPersonDecidedToIgnoreSaysSo) {
    answers_case t;
    t.run({employee("PW1").mail("ann@example.com")});
    t.decide(issue_kind::email_taken, "PW2", sync::ruling_of_conflict::ignore);
    t.run({employee("PW1").mail("ann@example.com"), employee("PW2").mail("ann@example.com")});
    bool said = false;
    for (const auto& each : t.explain("PW2").stopped) {
        said = said || each.then.find("rollcall conflict reopen TENANT email_taken PW2") !=
                           std::string::npos;
    }
    EXPECT_TRUE(said);
}

TEST(G10, SomebodyNewSinceTheLastRunIsToldToWait) {
    answers_case t;
    t.run({employee("PW1")});
    t.people_.push_back(employee("PW2"));
    const auto stopped = t.stopped("PW2", "LA-9");
    ASSERT_TRUE(stopped);
    EXPECT_THAT(stopped->then, HasSubstr("rollcall sync"));
}

TEST(G10, SomebodyWhomNobodyKnowsIsNotInTheSource) {
    answers_case t;
    ASSERT_EQ(t.explain("PW7").stopped.size(), 1u);
    EXPECT_THAT(t.explain("PW7").stopped[0].because, HasSubstr("no complete read"));
    t.run({employee("PW1")});
    const auto answer = t.explain("PW7");
    EXPECT_FALSE(answer.known);
    EXPECT_FALSE(answer.in_source);
    EXPECT_THAT(answer.values, IsEmpty());
    ASSERT_EQ(answer.stopped.size(), 1u);
    EXPECT_THAT(answer.stopped[0].because, HasSubstr("'PW7'"));
}

TEST(G10, WhoeverWasErasedIsSaidToBe) {
    answers_case t;
    t.of.erasure_salt = "salt";
    t.run({employee("PW1")});
    t.of.erased.insert(sync::mark_of("salt", "id", "PW2"));
    t.people_.push_back(employee("PW2"));
    const auto answer = t.explain("PW2");
    EXPECT_TRUE(answer.erased);
    ASSERT_FALSE(answer.stopped.empty());
    EXPECT_THAT(answer.stopped[0].because, HasSubstr("erased by request"));
    EXPECT_FALSE(t.explain("PW1").erased);
}

// ---- held, rejected, switched off ----

TEST(G5, AHeldStepSaysTheReasonTheValuesAndTheVerb) {
    answers_case t;
    t.run({employee("PW1")});
    t.people_ = {employee("PW1").left("2026-06-01")};
    t.hold(sync::guard::deactivation,
           {t.step_of(step_kind::deactivate, "PW1",
                      {answers_case::set(attribute::state, "active", "inactive", "LA-43")})});
    const auto stopped = t.stopped("PW1", "LA-43");
    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->what, "deactivate");
    EXPECT_THAT(stopped->because, HasSubstr("3 of 10"));
    EXPECT_THAT(stopped->because, HasSubstr("state 'active' -> 'inactive'"));
    EXPECT_THAT(stopped->then, HasSubstr("rollcall hold show"));
    EXPECT_EQ(t.value("PW1", "state").decision, "held");
    EXPECT_THAT(t.rules_of_stopped("PW1"),
                Contains("deactivate LA-43").Times(1)); // not a second time for the calendar
}

TEST(G5, AHeldStarterIsNobodyYetAndIsExplained) {
    answers_case t;
    t.run({employee("PW1")});
    t.people_.push_back(employee("PW2"));
    t.hold(sync::guard::create,
           {t.step_of(step_kind::create, "PW2",
                      {answers_case::set(attribute::external_id, "", "PW2", "LA-9")})});
    EXPECT_THAT(t.rules_of_stopped("PW2"), ::testing::ElementsAre("create LA-9"));
    EXPECT_THAT(t.stopped("PW2", "LA-9")->because, HasSubstr("held since 2026-06-15 12:00"));
}

TEST(G6, ARejectedStepIsRecognised) {
    answers_case t;
    t.run({employee("PW1"), employee("PW2").with(source_field::job_role, "Fitter")});
    const std::vector<employee> wanted{employee("PW1"),
                                       employee("PW2").with(source_field::job_role, "Chief")};
    const auto planned = t.plan_only(wanted);
    ASSERT_EQ(planned.steps.size(), 1u);
    t.of.rejected.insert(sync::digest_of(planned.steps[0]));
    t.people_ = wanted;
    const auto stopped = t.stopped("PW2", "G-6");
    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->what, "update");
    EXPECT_THAT(stopped->because, HasSubstr("job_title 'Fitter' -> 'Chief'"));
    EXPECT_EQ(t.value("PW2", "job_title").decision, "rejected");
    EXPECT_EQ(t.value("PW2", "job_title").rule, "G-6");
    EXPECT_FALSE(t.stopped("PW1", "G-6"));
    // Another value is another step, which nobody rejected.
    t.people_[1].with(source_field::job_role, "Chief Fitter");
    EXPECT_FALSE(t.stopped("PW2", "G-6"));
    EXPECT_EQ(t.value("PW2", "job_title").decision, "to come");
}

TEST(G6, ARejectedManagerAndARejectedStarterAreRecognisedToo) {
    answers_case t;
    t.run({employee("PW1"), employee("PW2")});
    const std::vector<employee> wanted{employee("PW1"), employee("PW2").reports_to("PW1"),
                                       employee("PW3").starts("2026-06-01")};
    for (const auto& each : t.plan_only(wanted).steps) {
        t.of.rejected.insert(sync::digest_of(each));
    }
    t.people_ = wanted;
    EXPECT_EQ(t.stopped("PW2", "G-6")->what, "set_manager");
    EXPECT_EQ(t.value("PW2", "manager").decision, "rejected");
    EXPECT_EQ(t.stopped("PW3", "G-6")->what, "create");
    EXPECT_FALSE(t.stopped("PW3", "LA-9"));
}

TEST(G10, WhatIsAboutToChangeSaysToWhatAndByWhichRule) {
    answers_case t;
    t.run({employee("PW1"), employee("PW2").dept("Works")});
    t.people_ = {employee("PW1"), employee("PW2").dept("Sales").left("2026-06-01")};
    EXPECT_EQ(t.value("PW2", "department").decision, "to come");
    EXPECT_EQ(t.value("PW2", "department").rule, "LA-33");
    EXPECT_THAT(t.value("PW2", "department").because, HasSubstr("'Sales'"));
    EXPECT_EQ(t.value("PW2", "state").decision, "to come");
    EXPECT_EQ(t.value("PW2", "state").rule, "LA-43");
}

TEST(La14, TheValuesOfADoubledIdAreNotSaidToCome) {
    answers_case t;
    t.run({employee("PW1")});
    auto other = employee("PW1").with(source_field::job_role, "Chief");
    t.settles = false;
    t.run({other, other});
    EXPECT_EQ(t.value("PW1", "job_title").decision, "not done");
    EXPECT_THAT(t.stopped("PW1", "G-4")->because, HasSubstr("two records"));
}

TEST(La36, ASettingThatIsOffIsTheReason) {
    answers_case t;
    t.settings.manager_from_reports_to = false;
    t.settings.team_from_department = false;
    t.settings.known_as = false;
    t.run(
        {employee("PW1"), employee("PW2").reports_to("PW1").with(source_field::known_as, "Annie")});
    EXPECT_THAT(t.stopped("PW2", "LA-36")->then, HasSubstr("manager_from_reports_to=true"));
    EXPECT_THAT(t.stopped("PW2", "LA-28")->then, HasSubstr("team_from_department=true"));
    EXPECT_THAT(t.stopped("PW2", "LA-3")->because, HasSubstr("'Annie'"));
    EXPECT_EQ(t.value("PW2", "manager").decision, "not used");
    EXPECT_EQ(t.value("PW2", "team").decision, "not used");
    EXPECT_EQ(t.value("PW2", "department").rule, "LA-28");
}

// ---- state ----

TEST(La43, AFutureLeavingDateIsNoReasonYet) {
    answers_case t;
    auto leaver = employee("PW1");
    leaver.leaving = "2026-06-30";
    t.run({leaver});
    const auto stopped = t.stopped("PW1", "LA-43");
    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->what, "deactivate");
    EXPECT_THAT(stopped->because, HasSubstr("2026-06-30"));
    EXPECT_EQ(t.value("PW1", "state").decision, "active");
    EXPECT_EQ(t.value("PW1", "state").source, "status 1, leaving date 2026-06-30");
}

TEST(La16, ADeactivationByHandStandsAndSaysSo) {
    answers_case t;
    t.run({employee("PW1"), employee("PW2")});
    t.by_hand(t.step_of(step_kind::deactivate, "PW2",
                        {answers_case::set(attribute::state, "active", "inactive")}));
    t.run({employee("PW1"), employee("PW2")});
    const auto stopped = t.stopped("PW2", "LA-16");
    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->what, "reactivate");
    EXPECT_THAT(stopped->then, HasSubstr("rollcall user set TENANT PW2 state=active"));
    EXPECT_EQ(t.value("PW2", "state").owner, "manual");
    EXPECT_THAT(t.rules_of_stopped("PW2"), Contains("reactivate LA-16").Times(1));
}

TEST(G3, AbsenceAloneIsCountedAndNoLeaving) {
    answers_case t;
    t.run({employee("PW1"), employee("PW2")});
    t.run({employee("PW1")});
    const auto stopped = t.stopped("PW2", "G-3");
    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->what, "deactivate");
    EXPECT_THAT(stopped->because, HasSubstr("1 of 3"));
    EXPECT_FALSE(t.explain("PW2").in_source);
    EXPECT_EQ(t.value("PW2", "missing").value, "1");
    EXPECT_EQ(t.value("PW2", "email").rule, "G-3");
    t.run({employee("PW1")});
    t.run({employee("PW1")});
    EXPECT_THAT(t.rules_of_stopped("PW2"), Contains("deactivate G-3").Times(1)); // the issue now
    EXPECT_THAT(t.stopped("PW2", "G-3")->then, HasSubstr("state=inactive"));
}

TEST(Wt6, WhoFoundNoSeatIsToldHowManyAreTaken) {
    answers_case t(sync::profile::wethrive);
    t.settings.seats = 1;
    t.settles = false;
    t.run({employee("PW1"), employee("PW2")});
    const auto stopped = t.stopped("PW2", "WT-6");
    ASSERT_TRUE(stopped);
    EXPECT_THAT(stopped->because, HasSubstr("1 of 1 licences"));
    EXPECT_EQ(t.value("PW2", "seat").decision, "has none");
    EXPECT_EQ(t.value("PW1", "seat").decision, "has a seat");
}

// ---- invitations ----

TEST(La25, AMatchedUserIsNotInvited) {
    answers_case t;
    t.settings.invite = sync::invite::immediately;
    t.run({employee("PW1")});
    auto user = t.get("PW1");
    user.meta.created_by_us = false;
    t.users.put(user);
    (void)t.of.invitations.erase(user.meta.uid);
    EXPECT_THAT(t.stopped("PW1", "LA-25")->because, HasSubstr("only whom it created"));
    EXPECT_EQ(t.value("PW1", "invitation").rule, "LA-25");
}

TEST(La23, AnInvitationInTheFutureSaysWhen) {
    answers_case t;
    t.settings.invite = sync::invite::hire_date;
    t.settings.invite_hour = 9;
    t.of.imported = true;
    t.run({employee("PW1").starts("2026-07-01")});
    EXPECT_THAT(t.stopped("PW1", "LA-23")->because, HasSubstr("2026-07-01 09:00"));
    EXPECT_EQ(t.value("PW1", "invitation").value, "scheduled for 2026-07-01 09:00");
    t.today = *date_from_civil(2026, 7, 1);
    t.record(t.timer().steps);
    EXPECT_EQ(t.value("PW1", "invitation").decision, "sent");
    EXPECT_THAT(t.rules_of_stopped("PW1"), Not(Contains(HasSubstr("invitation"))));
}

TEST(G5, AFirstImportsInvitationWaitsForTheWord) {
    answers_case t;
    t.settings.invite = sync::invite::immediately;
    t.run({employee("PW1")});
    const auto uid = t.get("PW1").meta.uid;
    t.of.live = false;
    t.of.invitations.put({.uid = uid,
                          .state = sync::invitation_state::scheduled,
                          .automatic = true,
                          .first_load = true,
                          .due = t.now()});
    EXPECT_THAT(t.stopped("PW1", "G-5")->then, HasSubstr("rollcall invite go-live"));
    EXPECT_EQ(t.value("PW1", "invitation").value, "due");
    EXPECT_EQ(t.value("PW1", "invitation").decision, "held");
    t.hold(sync::guard::invitation,
           {t.step_of(step_kind::send_invitation, "PW1",
                      {answers_case::set(attribute::invitation, "scheduled", "sent", "LA-23")})});
    EXPECT_THAT(t.rules_of_stopped("PW1"), ::testing::ElementsAre("send_invitation LA-23"));
}

// ---- every kind of issue ----

TEST(G10, EveryKindOfIssueSaysWhatStoppedItAndWhatToDo) {
    for (const bool known : {true, false}) {
        for (std::size_t i = 0; i < sync::issue_kind_count; ++i) {
            const auto kind = static_cast<issue_kind>(i);
            SCOPED_TRACE(std::string(name_of(kind)) + (known ? ", a user" : ", nobody yet"));
            answers_case t;
            if (known) t.run({employee("PW1"), employee("PW2")});
            t.people_ = {employee("PW1"), employee("PW2").with(source_field::company, "Other")};
            t.settings.company = "Acme";
            t.of.issues = {{kind, "PW2", "PW1", "email", "LA-99"}};
            if (kind == issue_kind::rename_proposed && !known) continue; // of the members only
            const auto said = t.explain("PW2").stopped;
            const auto found =
                std::ranges::find(said, "LA-99", [](const auto& each) { return each.rule; });
            ASSERT_NE(found, said.end());
            EXPECT_FALSE(found->what.empty());
            EXPECT_GT(found->because.size(), 20u);
            EXPECT_TRUE(found->then.ends_with('.')) << found->then;
            for (const auto each : sync::rulings_for(kind)) {
                EXPECT_THAT(found->then, HasSubstr(std::string(name_of(each)) + " ("));
            }
        }
    }
}

TEST(La35, AProposedRenameIsToldToTheTeamsMembersOnly) {
    answers_case t;
    t.run({employee("PW1").dept("Works"), employee("PW2").dept("Sales")});
    t.of.issues = {{issue_kind::rename_proposed, "", "Plant", "Works", "LA-35"}};
    const auto stopped = t.stopped("PW1", "LA-35");
    ASSERT_TRUE(stopped);
    EXPECT_THAT(stopped->because, HasSubstr("'Works'"));
    EXPECT_THAT(stopped->because, HasSubstr("'Plant'"));
    EXPECT_FALSE(t.stopped("PW2", "LA-35"));
}

// ---- at another time ----

TEST(G10, AtAnEarlierTimeTheUserIsAsItWas) {
    answers_case t;
    t.run({employee("PW1").with(source_field::job_role, "Fitter").dept("Works"), employee("PW2")});
    const auto before = t.get("PW1");
    const auto then = t.now();
    t.today = *date_from_civil(2026, 6, 20);
    t.run({employee("PW1").with(source_field::job_role, "Chief").dept("Sales").reports_to("PW2"),
           employee("PW2")});
    t.run({employee("PW1").left("2026-06-19"), employee("PW2")});
    const auto answer = t.explain("PW1", then);
    ASSERT_TRUE(answer.user);
    EXPECT_EQ(answer.at, then);
    auto expected = before;
    expected.meta.fingerprint = 0;
    EXPECT_EQ(*answer.user, expected);
    EXPECT_EQ(answer.history.front().run, 1u);
    EXPECT_THAT(answer.stopped, IsEmpty());
    for (const auto& each : answer.values) {
        if (each.what == "job_title") EXPECT_EQ(each.value, "Fitter");
        if (each.what == "state") EXPECT_EQ(each.value, "active");
    }
    EXPECT_EQ(t.explain("PW1").user->meta.state, directory::user_state::inactive);
}

TEST(G10, BeforeTheCreateThereWasNoUser) {
    answers_case t;
    t.run({employee("PW2")});
    const auto then = t.now();
    t.today = *date_from_civil(2026, 6, 20);
    t.run({employee("PW1"), employee("PW2")});
    const auto answer = t.explain("PW1", then);
    EXPECT_FALSE(answer.known);
    EXPECT_FALSE(answer.user);
    ASSERT_EQ(answer.stopped.size(), 1u);
    EXPECT_THAT(answer.stopped[0].because, HasSubstr("did not have this person"));
}

TEST(G10, WhoeverWasDeletedSinceIsShownAsTheyWere) {
    answers_case t;
    t.run({employee("PW1"), employee("PW2")});
    const auto then = t.now();
    auto gone = t.get("PW1");
    t.today = *date_from_civil(2026, 6, 20);
    t.by_hand(t.step_of(step_kind::delete_user, "PW1", [&] {
        std::vector<sync::change> changes;
        for (const auto what : {attribute::external_id, attribute::email, attribute::first_name,
                                attribute::last_name, attribute::department}) {
            changes.push_back(answers_case::set(what, text_of(gone, what), ""));
        }
        return changes;
    }()));
    ASSERT_FALSE(t.explain("PW1").known);
    const auto answer = t.explain("PW1", then);
    ASSERT_TRUE(answer.user);
    EXPECT_EQ(answer.user->get(field::last_name), "Of PW1");
    EXPECT_EQ(answer.user->get(field::department), "Works");
}

TEST(G10, TakingBackAllOfTheHistoryLeavesABlankUser) {
    answers_case t;
    t.run({employee("PW1").with(source_field::location, "Leeds"), employee("PW2")});
    t.run({employee("PW1").reports_to("PW2").starts("2026-01-01"), employee("PW2")});
    const auto user = sync::before_changes(t.get("PW1"), t.explain("PW1").history);
    directory::user_data blank;
    blank.meta.uid = user.meta.uid;
    EXPECT_EQ(user, blank);
}

TEST(G10, AnUnreadableOrDamagedEntryChangesNothing) {
    answers_case t;
    t.run({employee("PW1")});
    const auto user = t.get("PW1");
    sync::audit_entry entry;
    entry.step = t.step_of(step_kind::update, "PW1",
                           {answers_case::set(attribute::start_date, "not a date", ""),
                            answers_case::set(attribute::missing, "many", "0"),
                            answers_case::set(attribute::team_name, "x", "y")});
    auto expected = user;
    expected.meta.fingerprint = 0;
    EXPECT_EQ(sync::before_changes(user, {&entry, 1}), expected);
    entry.step.changes = {answers_case::set(attribute::last_name, "Other", "")};
    entry.readable = false;
    EXPECT_EQ(sync::before_changes(user, {&entry, 1}), expected);
}

} // namespace
} // namespace rollcall::test
