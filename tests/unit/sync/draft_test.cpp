#include "sync/draft.hpp"

#include <gtest/gtest.h>

#include "rollcall/core/text.hpp"

namespace rollcall::sync {
namespace {

using directory::field;
using directory::owner;

directory::user_data user(std::uint32_t uid, std::string id) {
    directory::user_data out;
    out.meta.uid = uid;
    out.meta.fingerprint = 7;
    out.text[static_cast<std::size_t>(field::email)] = id + "@example.com";
    out.text[static_cast<std::size_t>(field::external_id)] = std::move(id);
    return out;
}

class DraftTest : public testing::Test {
  protected:
    DraftTest() {
        of.users.put(user(1, "PW1"));
        of.users.put(user(2, "PW2"));
        of.teams.put({.id = 1, .name = "Sales", .key = "sales", .owned = true, .absent = 2});
        of.next_uid = 3;
        of.next_team = 2;
    }
    [[nodiscard]] draft fresh() const { return {of, nullptr, settings, now}; }
    draft::person& edit(draft& d, std::string_view id) { return d.edit(of.users.find_by_id(id)); }

    books of;
    const tenant_settings settings = defaults_of(profile::learnamp);
    const wall_time now = from_unix_ms(1'780'000'000'000);
};

TEST_F(DraftTest, PlansNothingWhenNothingIsSet) {
    auto d = fresh();
    auto& who = edit(d, "PW1");
    d.set(who, step_kind::update, attribute::email, "PW1@example.com", owner::never_set, "LA-3");
    const auto made = d.take();
    EXPECT_TRUE(made.steps.empty());
    EXPECT_TRUE(made.seen.empty());
    EXPECT_EQ(made.next_uid, 3u);
    EXPECT_EQ(made.next_team, 2u);
}

TEST_F(DraftTest, GathersTheChangesOfOneKindInOneStep) {
    auto d = fresh();
    auto& who = edit(d, "PW1");
    d.set(who, step_kind::update, attribute::job_title, "Clerk", owner::ours, "LA-3");
    d.set(who, step_kind::update, attribute::start_date, "2026-01-05", owner::ours, "LA-3");
    d.set(who, step_kind::update, attribute::job_title, "Chief", owner::ours, "LA-9");
    const auto made = d.take();
    ASSERT_EQ(made.steps.size(), 1u);
    const std::vector<change> expected{
        {attribute::job_title, owner::never_set, owner::ours, "", "Chief", "LA-9"},
        {attribute::start_date, owner::never_set, owner::ours, "", "2026-01-05", "LA-3"}};
    EXPECT_EQ(made.steps[0].changes, expected);
    EXPECT_EQ(made.steps[0].label, "PW1");
    EXPECT_EQ(made.steps[0].subject, 1u);
}

TEST_F(DraftTest, AValueThatIsSetBackLeavesNoStep) {
    auto d = fresh();
    auto& who = edit(d, "PW1");
    d.set(who, step_kind::deactivate, attribute::state, "inactive", owner::ours, "LA-43");
    d.set(who, step_kind::deactivate, attribute::state, "active", owner::never_set, "LA-43");
    EXPECT_TRUE(d.take().steps.empty());
}

TEST_F(DraftTest, WhatTheSourceSaysTooBecomesOurs) {
    auto by_hand = user(1, "PW1");
    by_hand.text[static_cast<std::size_t>(field::job_title)] = "Clerk";
    by_hand.meta.ownership[static_cast<std::size_t>(field::job_title)] = owner::manual;
    of.users.put(by_hand);
    auto d = fresh();
    auto& who = edit(d, "PW1");
    d.set(who, step_kind::update, attribute::job_title, "Clerk", owner::ours, "LA-3");
    d.set(who, step_kind::update, attribute::location, "", owner::ours, "LA-3");
    const auto made = d.take();
    ASSERT_EQ(made.steps.size(), 1u);
    const std::vector<change> expected{
        {attribute::job_title, owner::manual, owner::ours, "Clerk", "Clerk", "LA-3"}};
    EXPECT_EQ(made.steps[0].changes, expected);
    install(of, carry_out(of, made.steps, made.seen));
    auto again = fresh();
    auto& same = edit(again, "PW1");
    again.set(same, step_kind::update, attribute::job_title, "Clerk", owner::ours, "LA-3");
    EXPECT_TRUE(again.take().steps.empty());
}

TEST_F(DraftTest, AStateSaysWhoPutTheUserIntoIt) {
    auto d = fresh();
    d.set(edit(d, "PW1"), step_kind::deactivate, attribute::state, "inactive", owner::ours,
          "LA-43");
    install(of, carry_out(of, d.take().steps, {}));
    EXPECT_TRUE(of.users.meta(of.users.find_by_id("PW1")).deactivated_by_us);

    auto back = fresh();
    d.set(edit(back, "PW1"), step_kind::reactivate, attribute::state, "active", owner::ours,
          "LA-17");
    const auto made = back.take();
    EXPECT_EQ(made.steps.at(0).changes.at(0).old_owner, owner::ours);
    install(of, carry_out(of, made.steps, {}));
    EXPECT_FALSE(of.users.meta(of.users.find_by_id("PW1")).deactivated_by_us);
}

TEST_F(DraftTest, ACreatedUserHasNoStateBefore) {
    auto d = fresh();
    auto& ours = d.create();
    d.set(ours, step_kind::create, attribute::state, "active", owner::ours, "LA-9");
    d.set(ours, step_kind::create, attribute::external_id, "PW3", owner::ours, "LA-9");
    ours.after.meta.fingerprint = 9;
    EXPECT_TRUE(ours.after.meta.created_by_us);
    const auto made = d.take();
    ASSERT_EQ(made.steps.size(), 1u);
    EXPECT_EQ(made.steps[0].label, "PW3");
    EXPECT_EQ(made.steps[0].subject, 3u);
    EXPECT_EQ(made.steps[0].changes[0].old_value, "");
    EXPECT_EQ(made.next_uid, 4u);
    ASSERT_EQ(made.seen.size(), 1u);
    EXPECT_EQ(made.seen[0].fingerprint, 9u);
}

TEST_F(DraftTest, WhoeverIsWithdrawnLeavesNothing) {
    auto d = fresh();
    auto& refused = d.create();
    d.set(refused, step_kind::create, attribute::state, "active", owner::ours, "LA-9");
    refused.after.meta.fingerprint = 9;
    refused.withdrawn = true;
    const auto made = d.take();
    EXPECT_TRUE(made.steps.empty());
    EXPECT_TRUE(made.seen.empty());
    EXPECT_EQ(made.next_uid, 3u);
}

TEST_F(DraftTest, StepsAreInTheOrderOfApplicationThenByLabel) {
    auto d = fresh();
    for (const char* id : {"PW2", "PW1"}) {
        auto& who = edit(d, id);
        d.set(who, step_kind::deactivate, attribute::state, "inactive", owner::ours, "LA-43");
        d.set(who, step_kind::update, attribute::job_title, "Clerk", owner::ours, "LA-3");
    }
    d.create_team("Zoo", "zoo", "LA-28");
    d.create_team("Air", "air", "LA-28");
    d.remove_team(1, "LA-31");
    std::vector<std::string> order;
    for (const auto& each : d.take().steps) {
        order.push_back(std::string(name_of(each.kind)) + " " + each.label);
    }
    const std::vector<std::string> expected{"update PW1",       "update PW2",     "create_team Air",
                                            "create_team Zoo",  "deactivate PW1", "deactivate PW2",
                                            "remove_team Sales"};
    EXPECT_EQ(order, expected);
}

TEST_F(DraftTest, ARemovedTeamCanBeBroughtBackAsItWas) {
    auto d = fresh();
    d.remove_team(1, "LA-31");
    EXPECT_EQ(d.team_by_key("sales"), nullptr);
    EXPECT_EQ(d.find_team(1), nullptr);
    const auto before = of.teams.all();
    const auto done = carry_out(of, d.take().steps, {});
    ASSERT_TRUE(done.dropped.empty());
    install(of, done);
    EXPECT_TRUE(of.teams.all().empty());
    install(of, carry_out(of, inverse_of(done.done).steps, {}));
    EXPECT_EQ(of.teams.all(), before);
}

TEST_F(DraftTest, ATeamIsFoundByTheKeyThatThePlanGivesIt) {
    auto d = fresh();
    auto& renamed = d.edit_team(1);
    d.set(renamed, step_kind::rename_team, attribute::team_key, "trade", "LA-35");
    EXPECT_EQ(d.team_by_key("sales"), nullptr);
    EXPECT_EQ(d.team_by_key("trade"), &renamed.after);
    const auto& made = d.create_team("Sales", "sales", "LA-28");
    EXPECT_EQ(d.team_by_key("sales"), &made.after);
    EXPECT_EQ(made.after.id, 2u);
    EXPECT_TRUE(made.after.owned);
}

TEST_F(DraftTest, AnInvitationIsWrittenAsTheValuesThatMove) {
    auto d = fresh();
    auto& who = edit(d, "PW1");
    EXPECT_EQ(d.find_invitation(1), nullptr);
    invitation next{.uid = 1, .state = invitation_state::scheduled, .automatic = true, .due = now};
    d.set(who, step_kind::schedule_invitation, next, "LA-21");
    next.state = invitation_state::sent;
    next.sent = now;
    d.set(who, step_kind::send_invitation, next, "LA-21");
    EXPECT_EQ(d.invitation_of(1), next);
    const auto made = d.take();
    ASSERT_EQ(made.steps.size(), 2u);
    const std::vector<change> scheduled{
        {attribute::invitation, {}, {}, "", "scheduled", "LA-21"},
        {attribute::invitation_due, {}, {}, "", "1780000000000", "LA-21"},
        {attribute::invitation_automatic, {}, {}, "no", "yes", "LA-21"}};
    EXPECT_EQ(made.steps[0].changes, scheduled);
    const std::vector<change> sent{
        {attribute::invitation, {}, {}, "scheduled", "sent", "LA-21"},
        {attribute::invitation_sent, {}, {}, "", "1780000000000", "LA-21"}};
    EXPECT_EQ(made.steps[1].changes, sent);
    install(of, carry_out(of, made.steps, {}));
    EXPECT_EQ(*of.invitations.find(1), next);
}

TEST_F(DraftTest, IssuesAreSortedAndEachThereOnce) {
    auto d = fresh();
    d.report(issue_kind::no_seat, "PW2", {}, {}, "WT-6");
    d.report(issue_kind::manager_self, "PW1", {}, {}, "LA-40");
    d.report(issue_kind::no_seat, "PW2", {}, {}, "WT-6");
    const auto made = d.take();
    ASSERT_EQ(made.issues.size(), 2u);
    EXPECT_LT(made.issues[0], made.issues[1]);
}

} // namespace
} // namespace rollcall::sync
