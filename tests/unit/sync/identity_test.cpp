// Who is who, rule by rule: matching, changed ids, rehires, shared and exchanged e-mails.
#include "rollcall/sync/planner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/sync_case.hpp"
#include "sync/identity.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::test;
using directory::field;
using sync::issue_kind;
using sync::source_field;
using testing::ElementsAre;
using testing::IsEmpty;
using ruling = sync::ruling_of_conflict;

TEST(La9, CreatesTheUnknownAndUpdatesTheKnown) {
    sync_case c;
    EXPECT_THAT(kinds_of(c.sweep({employee("PW1"), employee("PW2")})),
                ElementsAre("create PW1", "create PW2"));
    EXPECT_THAT(kinds_of(c.sweep({employee("PW1"), employee("PW2").dept("Stores")})),
                ElementsAre("move PW2"));
    EXPECT_EQ(c.text("PW2", field::department), "Stores");
    EXPECT_EQ(c.users.size(), 2u);
}

TEST(La8, LeaversAreNotCreatedWhenFirstSeen) {
    sync_case c;
    const auto made = c.sweep({employee("PW1").left("2020-01-01")});
    EXPECT_THAT(kinds_of(made), IsEmpty());
    EXPECT_EQ(made.counts.left_before_first_seen, 1u);
}

TEST(La10, AChangedIdWithTheSameEmailIsAConflictWhileFallbackIsOff) {
    sync_case c;
    c.sweep({employee("PW1").mail("ann@example.com")});
    for (int sweep = 0; sweep < 2; ++sweep) { // retried each time
        const auto made = c.sweep({employee("PW9").mail("ann@example.com")});
        ASSERT_TRUE(has_issue(made, issue_kind::email_taken, "PW9", "LA-10"));
        const auto found = std::find_if(made.issues.begin(), made.issues.end(), [](const auto& i) {
            return i.kind == issue_kind::email_taken;
        });
        EXPECT_EQ(found->other_external_id, "PW1") << "both records are named";
        EXPECT_FALSE(c.has("PW9"));
    }
    EXPECT_TRUE(c.active("PW1"));
}

TEST(La11, FallbackLinksTheNewIdToTheUserOfTheEmail) {
    sync_case c;
    c.settings.email_fallback = true;
    c.sweep({employee("PW1").mail("Ann@Example.com")});
    const auto uid = c.get("PW1").meta.uid;
    EXPECT_THAT(kinds_of(c.sweep({employee("PW9").mail("ann@example.com")})),
                ElementsAre("relink PW9", "update PW9"));
    EXPECT_EQ(c.get("PW9").meta.uid, uid);
    EXPECT_FALSE(c.has("PW1"));
    EXPECT_EQ(c.users.size(), 1u);
}

TEST(La12, FallbackIsRefusedWhileTheOtherIsStillAnActiveEmployee) {
    sync_case c;
    c.settings.email_fallback = true;
    c.sweep({employee("PW1").mail("ann@example.com")});
    const auto made =
        c.sweep({employee("PW1").mail("ann@example.com"), employee("PW9").mail("ann@example.com")});
    EXPECT_TRUE(has_issue(made, issue_kind::fallback_refused, "PW9", "LA-12"));
    EXPECT_FALSE(c.has("PW9"));
    EXPECT_TRUE(c.has("PW1"));
}

TEST(La12, TwoRecordsWithOneEmailAreNeitherLinkedNorCreated) {
    sync_case c;
    c.settings.email_fallback = true;
    const auto made = c.sweep(
        {employee("PW1").mail("info@example.com"), employee("PW2").mail("INFO@example.com")});
    EXPECT_TRUE(has_issue(made, issue_kind::shared_email, "PW1", "LA-12"));
    EXPECT_TRUE(has_issue(made, issue_kind::shared_email, "PW2", "LA-12"));
    EXPECT_EQ(c.users.size(), 0u);
}

TEST(La13, TheEmailFollowsTheId) {
    sync_case c;
    c.sweep({employee("PW1").mail("ann@example.com")});
    const auto made = c.sweep({employee("PW1").mail("ann.b@example.com")});
    ASSERT_THAT(kinds_of(made), ElementsAre("change_email PW1"));
    EXPECT_EQ(made.steps[0].changes[0].rule, "LA-13");
    EXPECT_EQ(made.steps[0].changes[0].old_value, "ann@example.com");
    EXPECT_EQ(c.text("PW1", field::email), "ann.b@example.com");
}

TEST(La13, PeopleExchangeEmailsInOnePlanWhateverTheirNumber) {
    for (const std::size_t n : {2u, 3u, 50u}) {
        SCOPED_TRACE(n);
        sync_case c;
        std::vector<employee> people;
        for (std::size_t i = 0; i < n; ++i) people.push_back(employee("PW" + std::to_string(i)));
        c.sweep(people);
        for (std::size_t i = 0; i < n; ++i)
            people[i].email = "PW" + std::to_string((i + 1) % n) + "@example.com";
        const auto made = c.sweep(people);
        EXPECT_THAT(made.issues, IsEmpty());
        for (std::size_t i = 0; i < n; ++i) {
            EXPECT_EQ(c.text("PW" + std::to_string(i), field::email), people[i].email);
        }
        EXPECT_EQ(c.users.verify(), std::nullopt);
        EXPECT_THAT(kinds_of(c.sweep(people)), IsEmpty());
    }
}

TEST(La13, AChainEndsAtTheAddressThatNobodyLetsGo) {
    sync_case c;
    c.sweep({employee("A"), employee("B"), employee("C")});
    // A wants B's, B wants C's, and C stays: neither A nor B can move.
    const auto made = c.sweep(
        {employee("A").mail("B@example.com"), employee("B").mail("C@example.com"), employee("C")});
    EXPECT_TRUE(has_issue(made, issue_kind::shared_email, "B") ||
                has_issue(made, issue_kind::email_taken, "B"));
    EXPECT_TRUE(has_issue(made, issue_kind::email_taken, "A"));
    EXPECT_EQ(c.text("A", field::email), "A@example.com");
    EXPECT_EQ(c.text("B", field::email), "B@example.com");
    // C lets go: the whole chain moves at once.
    c.sweep({employee("A").mail("B@example.com"), employee("B").mail("C@example.com"),
             employee("C").mail("c2@example.com")});
    EXPECT_EQ(c.text("A", field::email), "B@example.com");
    EXPECT_EQ(c.text("B", field::email), "C@example.com");
}

TEST(La13, ANewPersonMayTakeTheAddressThatAnotherGivesUpInTheSameSnapshot) {
    sync_case c;
    c.sweep({employee("PW1").mail("it@example.com")});
    const auto made =
        c.sweep({employee("PW1").mail("ann@example.com"), employee("PW2").mail("it@example.com")});
    EXPECT_THAT(kinds_of(made), ElementsAre("create PW2", "change_email PW1"));
    EXPECT_EQ(c.text("PW2", field::email), "it@example.com");
}

TEST(La14, NeitherOfTwoRowsWithOneIdIsApplied) {
    sync_case c;
    c.sweep({employee("PW1")});
    auto made = c.sweep({employee("PW1").dept("X"), employee("PW1").dept("Y"), employee("PW2"),
                         employee("PW2").dept("Z")});
    EXPECT_THAT(kinds_of(made), IsEmpty());
    EXPECT_TRUE(has_issue(made, issue_kind::duplicate_id, "PW1", "G-4"));
    EXPECT_TRUE(has_issue(made, issue_kind::duplicate_id, "PW2", "G-4"));
    EXPECT_EQ(c.text("PW1", field::department), "Works");
    EXPECT_FALSE(c.has("PW2"));
    // Also where the first of the two is the one that did not change.
    made = c.sweep({employee("PW1"), employee("PW1").dept("Y")});
    EXPECT_TRUE(has_issue(made, issue_kind::duplicate_id, "PW1", "G-4"));
    EXPECT_EQ(c.text("PW1", field::department), "Works");
    EXPECT_EQ(c.get("PW1").meta.missing, 0) << "a doubled person is not a missing one";
}

TEST(La17, ARehireUnderTheSameIdIsReactivatedWithTeamAndManager) {
    sync_case c;
    c.sweep({employee("PW1")});
    EXPECT_THAT(kinds_of(c.sweep({employee("PW1").left("2026-06-01")})),
                ElementsAre("update PW1", "deactivate PW1"));
    const auto made = c.sweep({employee("PW1").dept("Stores").reports_to("PW2")});
    EXPECT_THAT(kinds_of(made),
                ElementsAre("reactivate PW1", "update PW1", "move PW1", "set_manager PW1"));
    EXPECT_TRUE(c.active("PW1"));
    EXPECT_EQ(c.text("PW1", field::department), "Stores");
    EXPECT_EQ(c.text("PW1", field::manager_id), "PW2");
}

TEST(La17, ARehireUnderANewIdIsTheSamePersonWhereFallbackIsOn) {
    sync_case c;
    c.settings.email_fallback = true;
    c.sweep({employee("PW1").mail("ann@example.com")});
    c.sweep({employee("PW1").mail("ann@example.com").left("2026-06-01")});
    const auto uid = c.get("PW1").meta.uid;
    const std::vector both{employee("PW1").mail("ann@example.com").left("2026-06-01"),
                           employee("PW7").mail("ann@example.com")};
    EXPECT_THAT(kinds_of(c.sweep(both)), ElementsAre("relink PW7", "reactivate PW7", "update PW7"));
    EXPECT_EQ(c.get("PW7").meta.uid, uid);
    EXPECT_THAT(kinds_of(c.sweep(both)), IsEmpty());
}

TEST(Wt3, ASharedEmailRejectsOnlyItsRecordsAndStrictModeStopsTheRun) {
    sync_case c(sync::profile::wethrive);
    const std::vector people{employee("PW1"), employee("PW2").mail("x@example.com"),
                             employee("PW3").mail("X@example.com")};
    const auto made = c.sweep(people);
    EXPECT_THAT(kinds_of(made), ElementsAre("create PW1"));
    EXPECT_TRUE(has_issue(made, issue_kind::shared_email, "PW2", "WT-3"));
    EXPECT_TRUE(has_issue(made, issue_kind::shared_email, "PW3", "WT-3"));
    sync_case strict(sync::profile::wethrive);
    strict.settings.bad_email = sync::bad_email::stop;
    EXPECT_TRUE(strict.sweep(people).stopped);
    EXPECT_EQ(strict.users.size(), 0u);
}

TEST(Wt4, TheEmailFollowsTheStoredIdUnlessLiteralModeIsOn) {
    sync_case c(sync::profile::wethrive);
    c.sweep({employee("PW1").mail("a@example.com")});
    c.sweep({employee("PW1").mail("b@example.com")});
    EXPECT_EQ(c.users.size(), 1u);
    EXPECT_EQ(c.text("PW1", field::email), "b@example.com");

    sync_case literal(sync::profile::wethrive);
    literal.settings.link_key = sync::link_key::email;
    literal.sweep({employee("PW1").mail("a@example.com")});
    literal.sweep({employee("PW1").mail("b@example.com")});
    EXPECT_EQ(literal.users.size(), 2u) << "a new person and a vanished one";
    EXPECT_EQ(literal.text("PW1", field::email), "b@example.com");
    EXPECT_NE(literal.users.find_by_email("a@example.com"), directory::user_ref::none);
}

TEST(La12, AnEmployedUserOutOfScopeIsNotTakenOver) {
    sync_case c;
    c.settings.company = "Acme";
    c.settings.email_fallback = true;
    c.settings.out_of_scope = sync::out_of_scope::deactivate;
    const auto person = [](const char* id, const char* company) {
        return employee(id).mail("ann@x.org").with(source_field::company, company);
    };
    c.sweep({person("PW1", "Acme")});
    const auto uid = c.get("PW1").meta.uid;
    c.sweep({person("PW1", "Other")});
    ASSERT_FALSE(c.active("PW1"));
    const auto made = c.sweep({person("PW1", "Other"), person("PW9", "Acme")});
    EXPECT_TRUE(has_issue(made, issue_kind::fallback_refused, "PW9", "LA-12"));
    EXPECT_EQ(c.get("PW1").meta.uid, uid);
}

TEST(Planner, AReadOfOnePersonNeverTakesAnAddressFromSomebodyElse) {
    sync_case c(sync::profile::wethrive);
    c.settings.link_key = sync::link_key::email;
    c.sweep({employee("PW1").mail("ann@x.org")});
    const auto made = c.read_one(employee("PW9").mail("ann@x.org"));
    EXPECT_TRUE(has_issue(made, issue_kind::shared_email, "PW9"));
    EXPECT_TRUE(c.has("PW1"));
}

// The leaver's row of the old id wanted an address that another leaver wants too: it is history.
TEST(La17, WhatTheRowOfAnOldIdWantedIsFreeInTheSamePlan) {
    sync_case c;
    c.settings.email_fallback = true;
    c.sweep({employee("PW1").mail("ann@x.org"), employee("PW2").mail("bo@x.org"),
             employee("PW3").mail("cy@x.org")});
    c.sweep({employee("PW1").mail("old@x.org").left(), employee("PW7").mail("ann@x.org"),
             employee("PW2").mail("old@x.org").left(), employee("PW3").mail("bo@x.org")});
    EXPECT_EQ(c.text("PW7", field::email), "ann@x.org");
    EXPECT_EQ(c.text("PW2", field::email), "old@x.org");
    EXPECT_EQ(c.text("PW3", field::email), "bo@x.org");
}

// ---- what a person decided
// -----------------------------------------------------------------------------------

TEST(La10, APersonMayLinkTheNewIdToTheUserOfTheEmail) {
    sync_case c;
    c.sweep({employee("PW1").mail("ann@example.com")});
    const auto uid = c.get("PW1").meta.uid;
    const std::vector changed{employee("PW9").mail("ann@example.com")};
    c.decide(issue_kind::email_taken, "PW9", ruling::link, uid + 1);
    EXPECT_TRUE(has_issue(c.sweep(changed), issue_kind::email_taken, "PW9"))
        << "it was decided about somebody else";
    c.decide(issue_kind::email_taken, "PW9", ruling::link, uid);
    EXPECT_NE(find_step(c.sweep(changed), sync::step_kind::relink, "PW9"), nullptr);
    EXPECT_EQ(c.get("PW9").meta.uid, uid);
}

TEST(La12, APersonMayLinkWhatFallbackRefused) {
    sync_case c;
    c.settings.email_fallback = true;
    c.sweep({employee("PW1").mail("ann@example.com")});
    const auto uid = c.get("PW1").meta.uid;
    c.decide(issue_kind::fallback_refused, "PW9", ruling::link, uid);
    c.sweep({employee("PW1").mail("ann@example.com").dept("Stores"),
             employee("PW9").mail("ann@example.com")});
    EXPECT_EQ(c.get("PW9").meta.uid, uid);
    EXPECT_EQ(c.text("PW9", field::department), "Works") << "the row of the old id is not applied";
}

TEST(La12, FallbackIsRefusedAlsoWhereTheOtherRecordChanged) {
    sync_case c;
    c.settings.email_fallback = true;
    c.sweep({employee("PW1").mail("ann@example.com")});
    const auto made = c.sweep({employee("PW1").mail("ann@example.com").dept("Stores"),
                               employee("PW9").mail("ann@example.com")});
    EXPECT_TRUE(has_issue(made, issue_kind::fallback_refused, "PW9", "LA-12"));
    EXPECT_EQ(c.text("PW1", field::department), "Stores");
}

TEST(La10, AConflictThatIsToBeIgnoredIsNotReported) {
    sync_case c;
    c.sweep({employee("PW1").mail("ann@example.com")});
    c.decide(issue_kind::email_taken, "PW9", ruling::ignore);
    const std::vector both{employee("PW1").mail("ann@example.com"),
                           employee("PW9").mail("ann@example.com")};
    EXPECT_THAT(c.sweep(both).issues, IsEmpty());
    EXPECT_FALSE(c.has("PW9"));
}

TEST(La16, APersonMayLetHrWinForOneUser) {
    sync_case c;
    c.sweep({employee("PW1"), employee("PW2")});
    c.admin_deactivates("PW1");
    c.admin_deactivates("PW2");
    c.decide(issue_kind::manual_deactivation, "PW1", ruling::reactivate, c.get("PW1").meta.uid);
    c.decide(issue_kind::manual_deactivation, "PW2", ruling::reactivate, c.get("PW1").meta.uid);
    const auto made = c.sweep({employee("PW1"), employee("PW2")});
    ASSERT_THAT(kinds_of(made), ElementsAre("reactivate PW1"));
    EXPECT_EQ(made.steps[0].changes[0].rule, "LA-16");
    EXPECT_TRUE(has_issue(made, issue_kind::manual_deactivation, "PW2"))
        << "it was decided about somebody else";
}

// ---- ids given to somebody else
// ------------------------------------------------------------------------------

employee old_hand() {
    return employee("PW1").mail("ann@x.org").starts("2010-01-04").left("2024-01-31");
}
employee newcomer() {
    auto e = employee("PW1").mail("bo@x.org").starts("2026-06-01");
    e.first_name = "Bo";
    return e;
}
// Somebody who left long ago.
void leave_long_ago(sync_case& c) {
    auto before = old_hand();
    before.status = "1";
    before.leaving.clear();
    c.sweep({before});
    c.sweep({old_hand()});
    ASSERT_FALSE(c.active("PW1"));
}

TEST(La9, AnIdThatSomebodyElseHasNowIsReportedAndNotApplied) {
    sync_case c;
    leave_long_ago(c);
    for (int sweep = 0; sweep < 2; ++sweep) {
        const auto made = c.sweep({newcomer()});
        EXPECT_TRUE(has_issue(made, issue_kind::id_reuse, "PW1", "LA-9"));
        EXPECT_THAT(kinds_of(made), IsEmpty());
    }
    EXPECT_EQ(c.text("PW1", field::email), "ann@x.org");
}

TEST(La9, WithAnythingInCommonAnIdIsThatOfThePersonItWas) {
    auto same_name = newcomer();
    same_name.first_name = "ANN";
    auto departed = newcomer();
    departed.status = "3";
    for (const auto& row :
         {same_name, newcomer().mail("Ann@X.org"), newcomer().starts("2010-01-04"), departed}) {
        sync_case c;
        leave_long_ago(c);
        EXPECT_FALSE(has_issue(c.sweep({row}), issue_kind::id_reuse, "PW1"));
        EXPECT_EQ(c.users.size(), 1u);
        EXPECT_EQ(c.text("PW1", field::first_name), row.first_name);
    }
}

TEST(La9, AnIdIsSuspectOnlyAfterTheDaysOfTheSetting) {
    const date left = *parse_date("2024-01-31");
    for (const int days : {30, 31}) {
        sync_case c;
        leave_long_ago(c);
        c.today.days = left.days + days;
        EXPECT_EQ(has_issue(c.plan_only({newcomer()}), issue_kind::id_reuse, "PW1"), days > 30);
        c.settings.id_reuse_days = 0;
        EXPECT_FALSE(has_issue(c.plan_only({newcomer()}), issue_kind::id_reuse, "PW1"));
    }
}

TEST(La9, APersonSaysWhetherAReusedIdIsSomebodyNew) {
    sync_case c;
    leave_long_ago(c);
    const auto uid = c.get("PW1").meta.uid;
    c.decide(issue_kind::id_reuse, "PW1", ruling::new_person, uid);
    EXPECT_THAT(kinds_of(c.sweep({newcomer()})), ElementsAre("create PW1", "relink ann@x.org"));
    EXPECT_NE(c.get("PW1").meta.uid, uid);
    const auto before = c.users.find_by_email("ann@x.org");
    ASSERT_NE(before, directory::user_ref::none);
    EXPECT_EQ(c.users.meta(before).uid, uid) << "keeps its history, without the id";
}

TEST(La9, APersonSaysWhetherAReusedIdIsAReturn) {
    sync_case c;
    leave_long_ago(c);
    const auto uid = c.get("PW1").meta.uid;
    c.decide(issue_kind::id_reuse, "PW1", ruling::same, uid);
    c.sweep({newcomer()});
    EXPECT_EQ(c.get("PW1").meta.uid, uid);
    EXPECT_TRUE(c.active("PW1"));
    EXPECT_EQ(c.text("PW1", field::email), "bo@x.org");
    EXPECT_EQ(c.users.size(), 1u);
}

TEST(Identity, ADecisionIsSpentOnceItIsDoneAndIgnoringNeverIs) {
    sync_case c;
    leave_long_ago(c);
    const auto uid = c.get("PW1").meta.uid;
    const auto spent = [&](issue_kind kind, const char* id, ruling what) {
        return sync::is_spent(c.of, {kind, id, what, uid, c.now()});
    };
    EXPECT_FALSE(spent(issue_kind::email_taken, "PW9", ruling::link));
    EXPECT_TRUE(spent(issue_kind::email_taken, "PW1", ruling::link));
    EXPECT_FALSE(spent(issue_kind::id_reuse, "PW1", ruling::new_person));
    EXPECT_FALSE(spent(issue_kind::id_reuse, "PW1", ruling::same));
    EXPECT_FALSE(spent(issue_kind::manual_deactivation, "PW1", ruling::reactivate));
    EXPECT_FALSE(spent(issue_kind::id_reuse, "PW1", ruling::ignore));
    c.decide(issue_kind::id_reuse, "PW1", ruling::same, uid);
    c.sweep({newcomer()});
    EXPECT_TRUE(spent(issue_kind::id_reuse, "PW1", ruling::same));
    EXPECT_TRUE(spent(issue_kind::manual_deactivation, "PW1", ruling::reactivate));
    c.users.erase(uid);
    EXPECT_TRUE(spent(issue_kind::email_taken, "PW9", ruling::link));
    EXPECT_FALSE(spent(issue_kind::id_reuse, "PW1", ruling::ignore));
}

// ---- people who were erased
// ------------------------------------------------------------------------------

TEST(G12, WhoWasErasedIsNotCreatedAgain) {
    for (const auto& [kind, value] : {std::pair{"id", "PW1"}, std::pair{"email", "ann@x.org"}}) {
        SCOPED_TRACE(kind);
        sync_case c;
        c.of.erasure_salt = "salt";
        c.of.erased.insert(sync::mark_of(c.of.erasure_salt, kind, value));
        const std::vector people{employee("PW1").mail("Ann@X.org"), employee("PW2")};
        EXPECT_TRUE(has_issue(c.sweep(people), issue_kind::erased_person, "PW1"));
        EXPECT_FALSE(c.has("PW1"));
        EXPECT_TRUE(c.has("PW2"));
        c.decide(issue_kind::erased_person, "PW1", ruling::ignore);
        EXPECT_THAT(c.sweep(people).issues, IsEmpty());
    }
}

} // namespace
