// G-5 and G-6: what is withheld, why, and what waits with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "books_case.hpp"
#include "rollcall/sync/planner.hpp"

namespace rollcall::sync {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

guard_limit& limit(tenant_settings& of, guard what) {
    return of.limits[static_cast<std::size_t>(what)];
}

// The defaults of G-5, stated here so that these tests do not follow those of the settings.
tenant_settings rules() {
    tenant_settings out;
    for (auto& each : out.limits) each.on = false;
    limit(out, guard::deactivation) = {true, 3, 10, 500, 20};
    limit(out, guard::email) = {true, 10, 10, 0, 0};
    limit(out, guard::id) = {true, 5, 2, 0, 0};
    limit(out, guard::clearing) = {true, 0, 30, 0, 0};
    limit(out, guard::invitation) = {true, 20, 20, 0, 0};
    limit(out, guard::team_removal) = {true, 2, 20, 0, 0};
    return out;
}

plan plan_of(std::vector<step> steps) {
    plan out;
    out.steps = std::move(steps);
    for (const auto& each : out.steps) {
        if (subject_of(each.kind) == subject_kind::user) out.seen.push_back({each.subject, 5});
    }
    return out;
}

std::vector<step> deactivations(std::uint32_t from, std::uint32_t to) {
    std::vector<step> out;
    for (auto uid = from; uid <= to; ++uid) out.push_back(deactivation(uid));
    return out;
}

std::vector<step> joined(std::vector<step> a, const std::vector<step>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

// ---- limits ----

TEST(G5, AFewDeactivationsAreNeverHeldAtASmallTenant) {
    const auto of = company(4);
    auto made = plan_of(deactivations(1, 3));
    EXPECT_THAT(withhold(made, of, rules(), noon).sections, IsEmpty());
    EXPECT_THAT(made.steps, SizeIs(3));
}

TEST(G5, OneMoreHoldsThemAllAndLeavesTheRest) {
    const auto of = company(20);
    auto made = plan_of(joined(deactivations(1, 4), {new_title(9)}));
    const auto kept = withhold(made, of, rules(), noon);
    ASSERT_THAT(kept.sections, SizeIs(1));
    EXPECT_EQ(kept.sections[0].what, guard::deactivation);
    EXPECT_THAT(kept.sections[0].steps, SizeIs(4));
    EXPECT_EQ(kept.sections[0].reason,
              "4 of 20 people would be deactivated: more than the greater of 3 people and 10 % "
              "within a day (G-5). Check whether they have really left; then approve or reject.");
    EXPECT_THAT(made.steps, ElementsAre(new_title(9)));
    EXPECT_EQ(made.counts.held, 4u);
    EXPECT_EQ(kept.rejected, 0u);
}

TEST(G5, TheShareIsOfTheActiveAndExactlyAtItNothingIsHeld) {
    const auto of = company(50);
    auto at = plan_of(deactivations(1, 5));
    EXPECT_THAT(withhold(at, of, rules(), noon).sections, IsEmpty());
    auto over = plan_of(deactivations(1, 6));
    EXPECT_THAT(withhold(over, of, rules(), noon).sections, SizeIs(1));
}

TEST(G5, TheInactiveAreNotCountedAmongTheActive) {
    auto of = company(50);
    enact(of, deactivations(40, 50));
    auto made = plan_of(deactivations(1, 5));
    EXPECT_THAT(withhold(made, of, rules(), noon).sections, SizeIs(1));
}

TEST(G5, WhatWasDeactivatedWithinADayCounts) {
    auto of = company(20);
    of.breakers.add(guard::deactivation, noon - hours{23}, 2);
    auto made = plan_of(deactivations(1, 2));
    const auto kept = withhold(made, of, rules(), noon);
    ASSERT_THAT(kept.sections, SizeIs(1));
    EXPECT_THAT(kept.sections[0].reason, HasSubstr("2 of 22 people"));
    EXPECT_THAT(kept.sections[0].reason, HasSubstr("beside 2 within the day before"));
    of.breakers.applied[0].at = noon - hours{25};
    auto later = plan_of(deactivations(1, 2));
    EXPECT_THAT(withhold(later, of, rules(), noon).sections, IsEmpty());
}

TEST(G5, ASlowRunawayIsHeldByTheWeek) {
    auto of = company(80); // 100, of whom 4 a day left
    for (int day = 1; day <= 5; ++day) {
        of.breakers.add(guard::deactivation, noon - hours{24 * (6 - day) + 1}, 4);
    }
    auto made = plan_of(deactivations(1, 4));
    const auto kept = withhold(made, of, rules(), noon);
    ASSERT_THAT(kept.sections, SizeIs(1));
    EXPECT_THAT(kept.sections[0].reason, HasSubstr("20 % within a week"));
    auto settings = rules();
    limit(settings, guard::deactivation).week_percent = 0;
    auto again = plan_of(deactivations(1, 4));
    EXPECT_THAT(withhold(again, of, settings, noon).sections, IsEmpty());
}

TEST(G5, MoreThanTheMostIsHeldWhateverTheShare) {
    const auto of = company(6000);
    auto made = plan_of(deactivations(1, 501));
    const auto kept = withhold(made, of, rules(), noon);
    ASSERT_THAT(kept.sections, SizeIs(1));
    EXPECT_THAT(kept.sections[0].reason, HasSubstr("more than 500 within a day"));
    auto fewer = plan_of(deactivations(1, 500));
    EXPECT_THAT(withhold(fewer, of, rules(), noon).sections, IsEmpty());
}

TEST(G5, AGuardThatIsOffHoldsNothing) {
    auto settings = rules();
    limit(settings, guard::deactivation).on = false;
    auto made = plan_of(deactivations(1, 20));
    EXPECT_THAT(withhold(made, company(20), settings, noon).sections, IsEmpty());
}

TEST(G5, EmailsIdsAndClearedManagersHaveLimitsOfTheirOwn) {
    const auto of = company(20);
    std::vector<step> steps;
    for (std::uint32_t uid = 1; uid <= 11; ++uid) {
        const auto n = std::to_string(uid);
        steps.push_back(new_email(uid, "p" + n + "@example.com", "q" + n + "@example.com"));
    }
    for (std::uint32_t uid = 1; uid <= 6; ++uid) {
        const auto n = std::to_string(uid);
        steps.push_back(
            sync::of(step_kind::relink, uid, {made(attribute::external_id, "PW" + n, "X" + n)}));
    }
    for (std::uint32_t uid = 12; uid <= 15; ++uid) steps.push_back(new_manager(uid, "1", ""));
    for (std::uint32_t uid = 16; uid <= 18; ++uid) {
        steps.push_back(sync::of(step_kind::move, uid, {made(attribute::department, "Sales", "")}));
    }
    auto over = plan_of(steps);
    std::vector<guard> held;
    for (const auto& each : withhold(over, of, rules(), noon).sections) held.push_back(each.what);
    EXPECT_THAT(held, ElementsAre(guard::email, guard::id, guard::clearing));
    std::erase_if(
        steps, [](const step& s) { return s.subject == 6 || s.subject == 11 || s.subject == 18; });
    auto at = plan_of(steps);
    EXPECT_THAT(withhold(at, of, rules(), noon).sections, IsEmpty());
}

TEST(G5, TeamsAreMeasuredAgainstTeams) {
    auto of = company(500);
    std::vector<step> removals;
    for (std::uint32_t id = 1; id <= 10; ++id) {
        const auto name = "t" + std::to_string(id);
        of.teams.put({.id = id, .name = name, .key = name, .owned = true});
        if (id > 3) continue;
        removals.push_back(
            sync::of(step_kind::remove_team, id, {made(attribute::team_name, name, "", "LA-31")}));
    }
    auto made = plan_of(removals);
    const auto kept = withhold(made, of, rules(), noon);
    ASSERT_THAT(kept.sections, SizeIs(1));
    EXPECT_THAT(kept.sections[0].reason, HasSubstr("3 of 10 teams would be removed"));
    removals.pop_back();
    auto two = plan_of(removals);
    EXPECT_THAT(withhold(two, of, rules(), noon).sections, IsEmpty());
}

TEST(La35, ARenameAlwaysWaits) {
    auto settings = rules();
    const auto of = company(3);
    const auto follow =
        sync::of(step_kind::follow_rename, 1, {made(attribute::department, "Sales", "Trade")});
    auto made = plan_of(
        {sync::of(step_kind::rename_team, 1, {sync::made(attribute::team_key, "sales", "trade")}),
         follow});
    const auto kept = withhold(made, of, settings, noon);
    ASSERT_THAT(kept.sections, SizeIs(1));
    EXPECT_EQ(kept.sections[0].what, guard::team_rename);
    EXPECT_THAT(kept.sections[0].steps, SizeIs(2));
    EXPECT_THAT(made.steps, IsEmpty());
}

// ---- first import and invitations ----

std::vector<step> invitations(books& of, std::uint32_t from, std::uint32_t to, bool first = false) {
    std::vector<step> out;
    for (auto uid = from; uid <= to; ++uid) {
        of.invitations.put(scheduled(uid, noon, first));
        out.push_back(sending(uid));
    }
    return out;
}

TEST(G5, MoreThanTwentyInvitationsWithinAnHourWait) {
    auto of = company(50);
    of.breakers.add(guard::invitation, noon - minutes{30}, 5);
    auto at = plan_of(invitations(of, 1, 15));
    EXPECT_THAT(withhold(at, of, rules(), noon).sections, IsEmpty());
    auto over = plan_of(invitations(of, 1, 16));
    const auto kept = withhold(over, of, rules(), noon);
    ASSERT_THAT(kept.sections, SizeIs(1));
    EXPECT_THAT(kept.sections[0].reason, HasSubstr("beside 5 within the hour before"));
    auto an_hour_later = plan_of(invitations(of, 1, 16));
    EXPECT_THAT(withhold(an_hour_later, of, rules(), noon + hours{1}).sections, IsEmpty());
}

TEST(G5, AFirstImportIsMeasuredAgainstNothingButInvitesNobody) {
    auto settings = rules();
    limit(settings, guard::create) = {true, 1, 1, 0, 0};
    books of;
    auto made = plan_of({creation(1), creation(2), creation(3), sending(1)});
    const auto kept = withhold(made, of, settings, noon);
    ASSERT_THAT(kept.sections, SizeIs(1));
    EXPECT_THAT(kept.sections[0].steps, ElementsAre(sending(1)));
    EXPECT_EQ(kept.sections[0].reason,
              "1 invitation waits until somebody says `rollcall invite go-live` (G-5).");
    EXPECT_THAT(made.steps, SizeIs(3));
    // Their rows were applied: the next sweep need not look at them again.
    EXPECT_THAT(made.seen, SizeIs(4));
}

TEST(G5, InvitationsWaitUntilTheTenantGoesLive) {
    auto of = company(50);
    of.live = false;
    auto steps = joined(invitations(of, 1, 2, true), invitations(of, 3, 3));
    auto made = plan_of(steps);
    const auto kept = withhold(made, of, rules(), noon);
    ASSERT_THAT(kept.sections, SizeIs(1));
    EXPECT_THAT(kept.sections[0].steps, ElementsAre(sending(1), sending(2), sending(3)));
    EXPECT_THAT(made.steps, IsEmpty());
    of.live = true;
    auto live = plan_of(steps);
    EXPECT_THAT(withhold(live, of, rules(), noon).sections, IsEmpty());
}

TEST(G5, AFirstImportStillHoldsMassDeactivation) {
    auto of = company(20);
    of.imported = false;
    auto made = plan_of(deactivations(1, 4));
    EXPECT_THAT(withhold(made, of, rules(), noon).sections, SizeIs(1));
}

// ---- rejections ----

TEST(G6, ARejectedStepIsLeftOutAndNotCounted) {
    auto of = company(20);
    of.rejected = {digest_of(deactivation(1)), digest_of(deactivation(19))};
    auto made = plan_of(deactivations(1, 4));
    const auto kept = withhold(made, of, rules(), noon);
    EXPECT_THAT(kept.sections, IsEmpty());
    EXPECT_EQ(kept.rejected, 1u);
    EXPECT_THAT(kept.still_rejected, ElementsAre(digest_of(deactivation(1))));
    EXPECT_EQ(made.steps, deactivations(2, 4));
}

TEST(G6, PeopleOfWhomAStepIsWithheldAreLookedAtAgain) {
    auto of = company(20);
    of.rejected = {digest_of(new_title(9))};
    auto made = plan_of(joined(deactivations(1, 4), {new_title(9), new_title(10)}));
    (void)withhold(made, of, rules(), noon);
    ASSERT_THAT(made.seen, SizeIs(1));
    EXPECT_EQ(made.seen[0].uid, 10u);
}

// ---- dependents ----

// All deactivations and e-mail changes trip.
tenant_settings tight() {
    auto out = rules();
    limit(out, guard::deactivation) = {true, 0, 0, 0, 0};
    limit(out, guard::email) = {true, 0, 0, 0, 0};
    return out;
}

std::vector<step> steps_of(const withheld& kept, guard what) {
    for (const auto& each : kept.sections) {
        if (each.what == what) return each.steps;
    }
    return {};
}

TEST(G6, WhoIsToHaveAnAddressWaitsForItsHolder) {
    const auto of = company(3);
    const auto gives = new_email(1, "p1@example.com", "new@example.com");
    const auto takes = creation(4, "P1@example.com");
    auto made = plan_of({takes, new_title(2), gives});
    const auto kept = withhold(made, of, tight(), noon);
    EXPECT_THAT(steps_of(kept, guard::email), ElementsAre(takes, gives));
    EXPECT_THAT(kept.sections[0].reason, HasSubstr("1 other step needs them and waits with them."));
    EXPECT_THAT(made.steps, ElementsAre(new_title(2)));
}

TEST(G6, WhoIsToHaveAnIdWaitsForItsHolder) {
    auto settings = tight();
    limit(settings, guard::id) = {true, 0, 0, 0, 0};
    const auto of = company(3);
    const auto gives = sync::of(step_kind::relink, 1, {made(attribute::external_id, "PW1", "")});
    auto takes = creation(4);
    takes.changes[0].new_value = "PW1";
    auto made = plan_of({takes, gives});
    EXPECT_THAT(steps_of(withhold(made, of, settings, noon), guard::id), ElementsAre(takes, gives));
}

TEST(G6, EverythingOfAPersonWaitsForTheRelinkThatSaysWhoItIs) {
    auto settings = tight();
    limit(settings, guard::id) = {true, 0, 0, 0, 0};
    const auto relink = sync::of(step_kind::relink, 1, {made(attribute::external_id, "PW1", "X")});
    auto made = plan_of({relink, new_title(1), new_title(2)});
    EXPECT_THAT(steps_of(withhold(made, company(2), settings, noon), guard::id),
                ElementsAre(relink, new_title(1)));
}

TEST(G6, EverythingOfAWithheldNewcomerWaitsWithIt) {
    auto settings = rules();
    limit(settings, guard::create) = {true, 0, 0, 0, 0};
    const auto of = company(2);
    const auto report = new_manager(1, "", "3");
    const auto team =
        sync::of(step_kind::create_team, 1, {made(attribute::team_key, "", "sales two", "LA-28")});
    auto newcomer = creation(3);
    newcomer.changes.push_back(made(attribute::department, "", "Sales Two"));
    const auto schedule =
        sync::of(step_kind::schedule_invitation, 3, {made(attribute::invitation, "", "scheduled")});
    auto made = plan_of({newcomer, team, report, schedule, sending(3), new_title(2)});
    EXPECT_THAT(steps_of(withhold(made, of, settings, noon), guard::create),
                ElementsAre(newcomer, team, report, schedule, sending(3)));
    EXPECT_THAT(made.steps, ElementsAre(new_title(2)));
}

TEST(La28, ATeamIsMadeIfOneOfItsMembersComes) {
    auto settings = rules();
    limit(settings, guard::create) = {true, 0, 0, 0, 0};
    const auto team =
        sync::of(step_kind::create_team, 1, {made(attribute::team_key, "", "trade", "LA-28")});
    auto newcomer = creation(3);
    newcomer.changes.push_back(made(attribute::department, "", "Trade"));
    const auto mover =
        sync::of(step_kind::move, 1, {made(attribute::department, "Sales", " trade")});
    auto made = plan_of({newcomer, team, mover});
    EXPECT_THAT(steps_of(withhold(made, company(2), settings, noon), guard::create),
                ElementsAre(newcomer));
    EXPECT_THAT(made.steps, ElementsAre(team, mover));
}

TEST(Wt6, WhoeverNeedsTheSeatOfAWithheldLeaverWaitsTheLastToStartFirst) {
    auto settings = tight();
    settings.seats = 4;
    auto of = company(3);
    const auto start = [](step s, const char* day) {
        s.changes.push_back(made(attribute::start_date, "", day));
        return s;
    };
    const auto early = start(creation(4), "2026-01-01");
    const auto late = start(creation(5), "2026-02-01");
    const auto last = start(creation(6), "2026-03-01");
    auto made = plan_of(joined({early, late, last}, deactivations(1, 2)));
    const auto kept = withhold(made, of, settings, noon);
    EXPECT_THAT(steps_of(kept, guard::deactivation),
                ElementsAre(late, last, deactivation(1), deactivation(2)));
    EXPECT_THAT(made.steps, ElementsAre(early));
    EXPECT_THAT(made.issues, IsEmpty());
}

TEST(Wt6, AfterARejectedDepartureTheNewcomerWaitsForASeatAndIsReported) {
    auto settings = rules();
    settings.seats = 3;
    auto of = company(3);
    of.rejected = {digest_of(deactivation(1))};
    auto made = plan_of({creation(4), deactivation(1)});
    const auto kept = withhold(made, of, settings, noon);
    EXPECT_THAT(made.steps, IsEmpty());
    EXPECT_THAT(kept.sections, IsEmpty());
    ASSERT_THAT(made.issues, SizeIs(1));
    EXPECT_EQ(made.issues[0].kind, issue_kind::no_seat);
    EXPECT_EQ(made.issues[0].external_id, "PW4");
}

TEST(G8, ATeamKeepsTheManagerWhoseDeactivationIsHeld) {
    auto of = company(3);
    of.teams.put({.id = 1, .name = "Sales", .key = "sales", .manager = 1});
    const auto hand_over =
        sync::of(step_kind::set_team_manager, 1, {made(attribute::team_manager, "1", "2", "G-8")});
    auto made = plan_of({hand_over, deactivation(1)});
    EXPECT_THAT(steps_of(withhold(made, of, tight(), noon), guard::deactivation),
                ElementsAre(hand_over, deactivation(1)));
}

TEST(La24, TheInvitationOfAHeldLeaverIsNotCancelled) {
    auto of = company(3);
    const auto cancel = sync::of(step_kind::cancel_invitation, 1,
                                 {made(attribute::invitation, "scheduled", "cancelled")});
    auto made = plan_of({deactivation(1), cancel});
    EXPECT_THAT(steps_of(withhold(made, of, tight(), noon), guard::deactivation),
                ElementsAre(deactivation(1), cancel));
}

TEST(La26, AnInvitationWaitsForTheNewAddress) {
    auto of = company(3);
    const auto address = new_email(1, "p1@example.com", "new@example.com");
    auto made = plan_of({address, sending(1), sending(2)});
    EXPECT_THAT(steps_of(withhold(made, of, tight(), noon), guard::email),
                ElementsAre(address, sending(1)));
}

TEST(La31, ATeamWhoseMembersStayIsNeitherRemovedNorCountedAbsent) {
    auto of = company(3);
    of.teams.put({.id = 1, .name = "Sales", .key = "sales", .owned = true});
    of.teams.put({.id = 2, .name = "Gone", .key = "gone", .owned = true});
    const auto removal =
        sync::of(step_kind::remove_team, 1, {made(attribute::team_name, "Sales", "", "LA-31")});
    const auto noted =
        sync::of(step_kind::note_team, 1, {made(attribute::team_absent, "0", "1", "LA-31")});
    const auto other =
        sync::of(step_kind::note_team, 2, {made(attribute::team_absent, "0", "1", "LA-31")});
    auto made = plan_of(joined(deactivations(1, 3), {removal, noted, other}));
    const auto kept = withhold(made, of, tight(), noon);
    EXPECT_THAT(steps_of(kept, guard::deactivation), SizeIs(4));
    EXPECT_THAT(made.steps, ElementsAre(other));
    EXPECT_EQ(kept.rejected, 0u);
}

TEST(La40, APartOfAPlanClosesNoCircle) {
    auto settings = rules();
    limit(settings, guard::clearing) = {true, 0, 0, 0, 0};
    auto of = company(4);
    enact(of, std::vector{new_manager(2, "", "1")});
    auto made =
        plan_of({new_manager(1, "", "2"), new_manager(3, "", "1"), new_manager(2, "1", "")});
    EXPECT_THAT(steps_of(withhold(made, of, settings, noon), guard::clearing),
                UnorderedElementsAre(new_manager(1, "", "2"), new_manager(2, "1", "")));
    EXPECT_THAT(made.steps, ElementsAre(new_manager(3, "", "1")));
}

TEST(G6, WhatNeedsARejectedStepIsLeftOutToo) {
    auto of = company(3);
    const auto gives = new_email(1, "p1@example.com", "new@example.com");
    of.rejected = {digest_of(gives)};
    auto made = plan_of({creation(4, "p1@example.com"), gives, new_title(2)});
    const auto kept = withhold(made, of, rules(), noon);
    EXPECT_THAT(made.steps, ElementsAre(new_title(2)));
    EXPECT_EQ(kept.rejected, 1u);
}

// ---- approval of a part ----

TEST(G6, AnApprovalBringsItsSectionInTheOrderOfARun) {
    const auto of = company(3);
    hold held;
    held.sections.push_back({guard::email, "why", {new_email(1, "p1@example.com", "a@b.example")}});
    held.sections.push_back({guard::deactivation, "", {new_title(3), deactivation(2)}});
    const auto all = approve(held, {}, of, rules());
    EXPECT_THAT(all.rest, IsEmpty());
    EXPECT_THAT(all.steps, ElementsAre(new_title(3), held.sections[0].steps[0], deactivation(2)));
    const std::vector one{guard::deactivation};
    const auto part = approve(held, one, of, rules());
    EXPECT_THAT(part.steps, ElementsAre(new_title(3), deactivation(2)));
    ASSERT_THAT(part.rest, SizeIs(1));
    EXPECT_EQ(part.rest[0].reason, "why");
}

TEST(G6, WhatNeedsAnotherSectionStaysHeldWithIt) {
    const auto of = company(3);
    const auto gives = new_email(1, "p1@example.com", "new@example.com");
    const auto takes = creation(4, "p1@example.com");
    hold held;
    held.sections.push_back({guard::create, "", {takes, creation(5)}});
    held.sections.push_back({guard::email, "", {gives}});
    const std::vector one{guard::create};
    const auto part = approve(held, one, of, rules());
    EXPECT_THAT(part.steps, ElementsAre(creation(5)));
    ASSERT_THAT(part.rest, SizeIs(1));
    EXPECT_THAT(part.rest[0].steps, ElementsAre(takes, gives));
}

} // namespace
} // namespace rollcall::sync
