// What is to come, by day.
#include "answers_case.hpp"

namespace rollcall::test {
namespace {

using sync::attribute;
using sync::issue_kind;
using sync::source_field;
using sync::step_kind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// "2026-06-16 deactivation PW1", a line each.
std::vector<std::string> lines(const answers_case& t, int days = 30) {
    std::vector<std::string> out;
    for (const auto& each : sync::forecast(t.of, t.settings, t.now(), days)) {
        out.push_back(to_string(each.day) + " " + each.what + " " + each.who);
    }
    return out;
}

employee leaving(std::string id, std::string on) {
    employee out(std::move(id));
    out.leaving = std::move(on);
    return out;
}

TEST(Forecast, ALeaverIsDeactivatedOnTheDayAfter) {
    answers_case t;
    t.run({leaving("PW1", "2026-06-20"), leaving("PW2", "2026-06-15"), employee("PW3")});
    EXPECT_THAT(lines(t),
                ElementsAre("2026-06-16 deactivation PW2", "2026-06-21 deactivation PW1"));
    const auto first = sync::forecast(t.of, t.settings, t.now(), 30).front();
    EXPECT_EQ(first.name, "Ann Of PW2");
    EXPECT_EQ(first.rule, "LA-43");
    EXPECT_THAT(first.detail, HasSubstr("2026-06-15"));
    t.today = *date_from_civil(2026, 6, 25); // overdue is today
    EXPECT_THAT(lines(t),
                ElementsAre("2026-06-25 deactivation PW1", "2026-06-25 deactivation PW2"));
}

TEST(Forecast, LooksAsFarAsItIsAskedTodayIncluded) {
    answers_case t;
    t.run({leaving("PW1", "2026-06-15")});
    EXPECT_THAT(lines(t, 1), IsEmpty());
    EXPECT_THAT(lines(t, 0), IsEmpty());
    EXPECT_THAT(lines(t, 2), ElementsAre("2026-06-16 deactivation PW1"));
}

TEST(Forecast, KnowsWhoIsNotDeactivated) {
    answers_case t;
    t.run({leaving("PW1", "2026-06-15"), leaving("PW2", "2026-06-15"), leaving("PW3", "2026-06-15"),
           leaving("PW4", "2026-06-15").starts("2026-07-01"), leaving("PW5", "2026-06-15")});
    t.settings.protected_users = {"PW1", "PW2@Example.com"};
    t.make_owner("PW3");
    EXPECT_THAT(lines(t), ElementsAre("2026-06-16 deactivation PW5"));
    t.make_owner("PW5"); // now neither is the last one
    EXPECT_THAT(lines(t),
                ElementsAre("2026-06-16 deactivation PW3", "2026-06-16 deactivation PW5"));
    t.settings.leavers = sync::leavers::report;
    EXPECT_THAT(lines(t), IsEmpty());
}

TEST(Forecast, SomebodyMissingGoesWithTheSweepsThatAreLeft) {
    answers_case t;
    t.run({employee("PW1"), employee("PW2")});
    t.run({employee("PW1")});
    EXPECT_THAT(lines(t), IsEmpty()); // the policy is to report
    t.settings.missing_policy = sync::missing_policy::deactivate;
    EXPECT_THAT(lines(t), ElementsAre("2026-06-17 deactivation PW2"));
    t.settings.schedule = sync::schedule::off;
    EXPECT_THAT(lines(t), IsEmpty());
}

TEST(Forecast, InvitationsComeOnTheTenantsOwnDay) {
    answers_case t;
    t.settings.time_zone = "Pacific/Auckland";
    t.settings.invite = sync::invite::hire_date;
    t.of.imported = true;
    t.run({employee("PW1").starts("2026-06-20"), employee("PW2").starts("2026-06-18")});
    EXPECT_THAT(lines(t), ElementsAre("2026-06-18 invitation PW2", "2026-06-20 invitation PW1"));
    EXPECT_EQ(sync::forecast(t.of, t.settings, t.now(), 30)[0].rule, "LA-23");
}

TEST(Forecast, AFirstImportsInvitationsSayThatTheyWait) {
    answers_case t;
    t.run({employee("PW1")});
    t.of.live = false;
    t.of.invitations.put({.uid = t.get("PW1").meta.uid,
                          .state = sync::invitation_state::scheduled,
                          .automatic = true,
                          .first_load = true,
                          .due = t.now() - hours{48}});
    const auto said = sync::forecast(t.of, t.settings, t.now(), 1);
    ASSERT_EQ(said.size(), 1u);
    EXPECT_EQ(said[0].day, t.today);
    EXPECT_EQ(said[0].rule, "G-5");
    EXPECT_THAT(said[0].detail, HasSubstr("go-live"));
}

TEST(Forecast, AStaleTeamGoesWithTheSweepsThatAreLeft) {
    answers_case t;
    t.settings.remove_stale_teams = true;
    t.run({employee("PW1").dept("Works"), employee("PW2").dept("Sales")});
    t.run({employee("PW1").dept("Works"), employee("PW2").dept("Works")});
    ASSERT_EQ(t.of.teams.find_by_key("sales")->absent, 1);
    EXPECT_THAT(lines(t), ElementsAre("2026-06-17 team_removal Sales"));
    const auto sales = *t.of.teams.find_by_key("sales");
    ASSERT_TRUE(t.of.teams.add_member({sales.id, t.get("PW1").meta.uid}));
    EXPECT_THAT(lines(t), IsEmpty()); // somebody put a member there by hand
    ASSERT_TRUE(t.of.teams.remove_member({sales.id, t.get("PW1").meta.uid}));
    t.settings.remove_stale_teams = false;
    EXPECT_THAT(lines(t), IsEmpty());
}

TEST(Forecast, WhoWaitsForASeatIsToldWhenTheNextOneComesFree) {
    answers_case t(sync::profile::wethrive);
    t.settings.seats = 1;
    t.settles = false;
    t.run(
        {leaving("PW1", "2026-06-20").starts("2020-01-01"), employee("PW2").starts("2026-01-01")});
    EXPECT_THAT(lines(t),
                ElementsAre("2026-06-15 seat_shortfall PW2", "2026-06-21 deactivation PW1"));
    EXPECT_THAT(sync::forecast(t.of, t.settings, t.now(), 30)[0].detail,
                HasSubstr("1 of 1 licences are taken; the next one comes free on 2026-06-21"));
}

TEST(Forecast, WhatIsHeldWaitsTodayAndIsNotToldTwice) {
    answers_case t;
    t.run({leaving("PW1", "2026-06-20"), leaving("PW2", "2026-06-20")});
    t.hold(sync::guard::deactivation,
           {t.step_of(step_kind::deactivate, "PW1",
                      {answers_case::set(attribute::state, "active", "inactive", "LA-43")})});
    EXPECT_THAT(lines(t), ElementsAre("2026-06-15 held PW1", "2026-06-21 deactivation PW2"));
    const auto held = sync::forecast(t.of, t.settings, t.now(), 30)[0];
    EXPECT_EQ(held.name, "Ann Of PW1");
    EXPECT_EQ(held.rule, "LA-43");
    EXPECT_THAT(held.detail, HasSubstr("3 of 10"));
}

TEST(Forecast, ADoubtComesBeforeAll) {
    answers_case t;
    t.run({leaving("PW1", "2026-06-20")});
    const auto doubted = sync::make_doubted_read("G-2", "half of them are missing", t.now());
    const auto told = sync::forecast(t.of, t.settings, t.now(), 30, doubted);
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0].what, "doubt");
    EXPECT_EQ(told[0].rule, "G-2");
    EXPECT_THAT(told[0].detail, HasSubstr("half of them are missing"));
    EXPECT_THAT(told[0].detail, HasSubstr("nothing is done before one is"));
}

} // namespace
} // namespace rollcall::test
