// What becomes of invitations: LA-21 to LA-27, with LA-16 and LA-17 where people return.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sync_case.hpp"
#include "sync/edits.hpp"

namespace rollcall::test {
namespace {

using sync::invitation;
using sync::invitation_state;
using sync::invite;
using sync::issue_kind;
using sync::step_kind;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

struct with_invitations : sync_case {
    explicit with_invitations(sync::invite mode) {
        settings.invite = mode;
        settings.time_zone = "Europe/London";
        of.imported = true;
    }
    [[nodiscard]] invitation of_user(std::string_view id) const {
        const auto* found = of.invitations.find(get(id).meta.uid);
        return found == nullptr ? invitation{} : *found;
    }
    [[nodiscard]] invitation_state state_of(std::string_view id) const { return of_user(id).state; }
    [[nodiscard]] wall_time at(std::string_view day, int on_hour) const {
        return sync::local_instant(*parse_date(day), on_hour, sync::zone_of(settings));
    }
    void is(std::string_view day, int on_hour = 12) {
        today = *parse_date(day);
        hour = on_hour;
    }
    void confirm(std::string_view id) {
        auto changed = of_user(id);
        changed.state = invitation_state::confirmed;
        of.invitations.put(changed);
    }
};

// Invitations in a plan, in its order.
std::vector<std::string> invitation_steps(const sync::plan& made) {
    std::vector<std::string> out;
    for (const auto& each : made.steps) {
        if (each.kind < step_kind::schedule_invitation) continue;
        out.push_back(std::string(name_of(each.kind)) + " " + each.label + " " +
                      each.changes.front().rule);
    }
    return out;
}

// The tests' day is 2026-06-15, at noon.

TEST(La21, AtOnceIsScheduledAndSentInTheRunThatCreates) {
    with_invitations c(invite::immediately);
    EXPECT_THAT(invitation_steps(c.sweep({employee("PW1")})),
                ElementsAre("schedule_invitation PW1 LA-21", "send_invitation PW1 LA-21"));
    EXPECT_EQ(c.of_user("PW1").sent, c.now());
    EXPECT_TRUE(c.of_user("PW1").automatic);
}

TEST(La21, NeverLeavesTheUserNotYetInvited) {
    with_invitations c(invite::never);
    c.sweep({employee("PW1")});
    ASSERT_NE(c.of.invitations.find(1), nullptr);
    EXPECT_EQ(c.state_of("PW1"), invitation_state::not_invited);
    EXPECT_FALSE(c.of_user("PW1").automatic);
    // LA-25: nor does another setting invite who is there.
    c.settings.invite = invite::immediately;
    EXPECT_THAT(invitation_steps(c.sweep({employee("PW1").dept("Sales")})), IsEmpty());
}

TEST(La21, TurnedToNeverWhatWasNotSentIsCancelledForGood) {
    with_invitations c(invite::hire_date);
    const std::vector people{employee("PW1").starts("2026-07-01"), employee("PW2")};
    c.sweep(people);
    c.settings.invite = invite::never;
    EXPECT_THAT(invitation_steps(c.sweep(people)), ElementsAre("cancel_invitation PW1 LA-21"));
    c.settings.invite = invite::hire_date;
    c.is("2026-07-02");
    EXPECT_THAT(invitation_steps(c.sweep(people)), IsEmpty());
    // Nor does a return bring back what the setting took away.
    c.sweep({employee("PW1").starts("2026-07-01").left(), people[1]});
    EXPECT_THAT(invitation_steps(c.sweep(people)), IsEmpty());
    EXPECT_EQ(c.state_of("PW1"), invitation_state::cancelled);
}

TEST(La22, TheAccountIsThereBeforeTheInvitation) {
    with_invitations c(invite::hire_date);
    c.sweep({employee("PW1").starts("2026-07-01")});
    EXPECT_TRUE(c.active("PW1"));
    EXPECT_EQ(c.state_of("PW1"), invitation_state::scheduled);
}

// ---- LA-23: on the hire date ----

TEST(La23, TodayAndPastAreAtOnce) {
    for (const char* start : {"2026-06-15", "2026-06-14", "2019-01-01"}) {
        with_invitations c(invite::hire_date);
        EXPECT_THAT(invitation_steps(c.sweep({employee("PW1").starts(start)})),
                    ElementsAre("schedule_invitation PW1 LA-23", "send_invitation PW1 LA-23"));
    }
}

TEST(La23, AFutureDateWaitsForTheHourOfItsDayInTheTenantsZone) {
    with_invitations c(invite::hire_date);
    c.settings.time_zone = "America/New_York";
    c.settings.invite_hour = 9;
    c.sweep({employee("PW1").starts("2026-07-01")});
    EXPECT_EQ(c.of_user("PW1").due, c.at("2026-07-01", 9));
    EXPECT_EQ(to_unix_ms(c.of_user("PW1").due), 1'782'910'800'000); // 13:00 UTC
    c.is("2026-07-01", 8);
    EXPECT_THAT(invitation_steps(c.timer()), IsEmpty());
    c.is("2026-07-01", 9);
    EXPECT_THAT(invitation_steps(c.timer()), ElementsAre("send_invitation PW1 LA-23"));
    EXPECT_THAT(invitation_steps(c.timer()), IsEmpty());
}

TEST(La23, TodayBeforeTheHourWaitsForTheHour) {
    with_invitations c(invite::hire_date);
    c.settings.invite_hour = 15;
    c.sweep({employee("PW1").starts("2026-06-15")});
    EXPECT_EQ(c.state_of("PW1"), invitation_state::scheduled);
    c.hour = 15;
    c.timer();
    EXPECT_EQ(c.state_of("PW1"), invitation_state::sent);
}

TEST(La23, AMissingDateIsHeldReportedAndScheduledOnceItComes) {
    with_invitations c(invite::hire_date);
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(
            has_issue(c.sweep({employee("PW1")}), issue_kind::hire_date_missing, "PW1", "LA-23"));
        EXPECT_EQ(c.state_of("PW1"), invitation_state::not_invited);
    }
    const auto made = c.sweep({employee("PW1").starts("2026-07-01")});
    EXPECT_FALSE(has_issue(made, issue_kind::hire_date_missing, "PW1"));
    EXPECT_EQ(c.of_user("PW1").due, c.at("2026-07-01", 0));
}

TEST(La23, ADateThatIsWithdrawnHoldsTheInvitationAgain) {
    with_invitations c(invite::hire_date);
    c.sweep({employee("PW1").starts("2026-07-01")});
    EXPECT_TRUE(has_issue(c.sweep({employee("PW1")}), issue_kind::hire_date_missing, "PW1"));
    EXPECT_EQ(c.state_of("PW1"), invitation_state::not_invited);
}

// ---- LA-24: what moves before it is sent ----

TEST(La24, AMovedDateMovesTheInvitation) {
    with_invitations c(invite::hire_date);
    c.sweep({employee("PW1").starts("2026-07-01")});
    EXPECT_THAT(invitation_steps(c.sweep({employee("PW1").starts("2026-08-01")})),
                ElementsAre("schedule_invitation PW1 LA-24"));
    EXPECT_EQ(c.of_user("PW1").due, c.at("2026-08-01", 0));
    c.is("2026-07-02");
    EXPECT_THAT(invitation_steps(c.timer()), IsEmpty());
}

TEST(La24, ADateMovedIntoThePastIsSentAtOnce) {
    with_invitations c(invite::hire_date);
    c.sweep({employee("PW1").starts("2026-07-01")});
    EXPECT_THAT(invitation_steps(c.sweep({employee("PW1").starts("2026-06-01")})),
                ElementsAre("schedule_invitation PW1 LA-24", "send_invitation PW1 LA-23"));
}

TEST(La24, ADateMovedAfterSendingHasNoEffect) {
    with_invitations c(invite::hire_date);
    c.sweep({employee("PW1").starts("2026-06-01")});
    EXPECT_THAT(invitation_steps(c.sweep({employee("PW1").starts("2026-08-01")})), IsEmpty());
}

TEST(La24, WhoeverLeavesBeforeItIsSentIsNotInvited) {
    with_invitations c(invite::hire_date);
    c.sweep({employee("PW1").starts("2026-07-01"), employee("PW2")});
    EXPECT_THAT(
        invitation_steps(c.sweep({employee("PW1").starts("2026-07-01").left(), employee("PW2")})),
        ElementsAre("cancel_invitation PW1 LA-24"));
    c.is("2026-07-02");
    EXPECT_THAT(invitation_steps(c.timer()), IsEmpty());
}

TEST(La24, WhoeverLeavesTheCompanyIsNotInvited) {
    with_invitations c(invite::hire_date);
    c.settings.company = "North";
    const auto of_company = [](employee who, std::string name) {
        return who.with(sync::source_field::company, std::move(name));
    };
    c.sweep({of_company(employee("PW1").starts("2026-07-01"), "North"),
             of_company(employee("PW2"), "North")});
    c.sweep({of_company(employee("PW1").starts("2026-07-01"), "South"),
             of_company(employee("PW2"), "North")});
    EXPECT_EQ(c.state_of("PW1"), invitation_state::cancelled);
}

TEST(La24, WhoeverIsMissingWaitsAndThenIsNotInvited) {
    with_invitations c(invite::hire_date);
    c.settles = false; // the next snapshot counts too
    c.sweep({employee("PW1").starts("2026-06-16"), employee("PW2").starts("2026-06-01")});
    const std::vector others{employee("PW2").starts("2026-06-01")};
    c.sweep(others);
    c.is("2026-06-17");
    EXPECT_THAT(invitation_steps(c.timer()), IsEmpty());
    EXPECT_THAT(invitation_steps(c.sweep(others)), IsEmpty());
    EXPECT_THAT(invitation_steps(c.sweep(others)), ElementsAre("cancel_invitation PW1 LA-24"));
}

TEST(La24, WhoeverWasMissingOnceIsInvitedWhenFound) {
    with_invitations c(invite::hire_date);
    const std::vector all{employee("PW1").starts("2026-06-16"),
                          employee("PW2").starts("2026-06-01")};
    c.sweep(all);
    c.sweep({all[1]});
    c.is("2026-06-17");
    EXPECT_THAT(invitation_steps(c.sweep(all)), ElementsAre("send_invitation PW1 LA-23"));
}

// ---- LA-25: only whom we created ----

TEST(La25, AMatchedUserIsNeverInvited) {
    with_invitations c(invite::immediately);
    c.settings.email_fallback = true;
    directory::user_data present;
    present.meta.uid = c.of.next_uid++;
    present.text[static_cast<std::size_t>(directory::field::email)] = "PW1@example.com";
    c.users.put(present);
    c.sweep({employee("PW1")});
    EXPECT_FALSE(c.get("PW1").meta.created_by_us);
    EXPECT_EQ(c.of.invitations.size(), 0u);
}

TEST(La25, TheFirstImportIsMarkedAndLaterOnesAreNot) {
    with_invitations c(invite::immediately);
    c.of.imported = false;
    c.of.live = false;
    c.sweep({employee("PW1")});
    c.sweep({employee("PW1"), employee("PW2")});
    EXPECT_TRUE(c.of_user("PW1").first_load);
    EXPECT_FALSE(c.of_user("PW2").first_load);
}

TEST(G5, AnInvitationThatWasHeldIsPlannedAgainTheSame) {
    with_invitations c(invite::immediately);
    auto first = c.plan_only({employee("PW1")});
    const auto held = *find_step(first, step_kind::send_invitation, "PW1");
    std::erase_if(first.steps,
                  [](const sync::step& each) { return each.kind == step_kind::send_invitation; });
    c.apply(first);
    c.is("2026-06-16");
    const auto again = c.plan_only({employee("PW1")});
    ASSERT_THAT(invitation_steps(again), ElementsAre("send_invitation PW1 LA-21"));
    EXPECT_EQ(sync::digest_of(again.steps[0]), sync::digest_of(held));
}

TEST(Wt13, WeThriveInvitesNobody) {
    sync_case c(sync::profile::wethrive);
    c.settings.invite = invite::immediately;
    c.sweep({employee("PW1")});
    EXPECT_EQ(c.of.invitations.size(), 0u);
}

// ---- LA-26: at most once ----

TEST(La26, ACorrectedEmailBeforeSendingNeedsNothing) {
    with_invitations c(invite::hire_date);
    c.sweep({employee("PW1").starts("2026-07-01")});
    const auto made = c.sweep({employee("PW1").starts("2026-07-01").mail("new@example.com")});
    EXPECT_THAT(invitation_steps(made), IsEmpty());
    EXPECT_FALSE(has_issue(made, issue_kind::invitation_unconfirmed, "PW1"));
}

TEST(La26, ACorrectedEmailAfterSendingIsReportedAndNothingIsSentAgain) {
    with_invitations c(invite::immediately);
    c.sweep({employee("PW1")});
    const auto made = c.sweep({employee("PW1").mail("new@example.com")});
    EXPECT_THAT(invitation_steps(made), IsEmpty());
    EXPECT_TRUE(has_issue(made, issue_kind::invitation_unconfirmed, "PW1", "LA-26"));
    c.confirm("PW1");
    EXPECT_FALSE(has_issue(c.sweep({employee("PW1").mail("newer@example.com")}),
                           issue_kind::invitation_unconfirmed, "PW1"));
}

TEST(La26, WhoeverWasInvitedAndDeletedIsNotInvitedAgainUnderTheSameIdOrAddress) {
    const auto delete_and_sweep = [](with_invitations& c, const employee& back) {
        const auto gone = sync::deleting_user(c.of, c.of.users.find_by_id("PW1"));
        sync::install(c.of, sync::carry_out(c.of, gone, {}));
        return c.sweep({employee("PW2"), back});
    };
    for (const auto& back : {employee("PW1"), employee("PW9").mail("PW1@EXAMPLE.com")}) {
        with_invitations c(invite::immediately);
        c.sweep({employee("PW1").mail("pw1@example.com"), employee("PW2")});
        const auto made = delete_and_sweep(c, back);
        EXPECT_THAT(invitation_steps(made),
                    ElementsAre("schedule_invitation " + std::string(back.id) + " LA-26"));
    }
    with_invitations c(invite::hire_date);
    c.sweep({employee("PW1").starts("2026-07-01"), employee("PW2")});
    EXPECT_THAT(invitation_steps(delete_and_sweep(c, employee("PW1").starts("2026-07-01"))),
                ElementsAre("schedule_invitation PW1 LA-23"))
        << "no mail went before the deletion";
}

TEST(La26, NobodyIsInvitedTwiceHoweverOftenTheyReturn) {
    with_invitations c(invite::immediately);
    c.sweep({employee("PW1"), employee("PW2")});
    int sent = 0;
    for (int i = 0; i < 3; ++i) {
        c.sweep({employee("PW1").left(), employee("PW2")});
        const auto back = c.sweep({employee("PW1"), employee("PW2")});
        sent += static_cast<int>(back.counts.invited);
        EXPECT_TRUE(has_issue(back, issue_kind::invitation_unconfirmed, "PW1", "LA-17"));
    }
    EXPECT_EQ(sent, 0);
}

// ---- LA-16, LA-17: return ----

TEST(La17, ACancelledInvitationIsScheduledAnewOnReturn) {
    with_invitations c(invite::hire_date);
    c.sweep({employee("PW1").starts("2026-07-01"), employee("PW2").starts("2026-06-01")});
    c.sweep({employee("PW1").starts("2026-07-01").left(), employee("PW2").starts("2026-06-01")});
    const auto made =
        c.sweep({employee("PW1").starts("2026-09-01"), employee("PW2").starts("2026-06-01")});
    EXPECT_THAT(invitation_steps(made), ElementsAre("schedule_invitation PW1 LA-17"));
    EXPECT_EQ(c.of_user("PW1").due, c.at("2026-09-01", 0));
}

TEST(La17, WhatAPersonCancelledIsNotScheduledAnewWhileTheUserIsThere) {
    with_invitations c(invite::hire_date);
    c.sweep({employee("PW1").starts("2026-07-01")});
    auto cancelled = c.of_user("PW1");
    cancelled.state = invitation_state::cancelled;
    c.of.invitations.put(cancelled);
    EXPECT_THAT(invitation_steps(c.sweep({employee("PW1").starts("2026-08-01")})), IsEmpty());
}

TEST(La17, WhoeverConfirmedIsNotHeardOfAgain) {
    with_invitations c(invite::immediately);
    c.sweep({employee("PW1"), employee("PW2")});
    c.confirm("PW1");
    c.sweep({employee("PW1").left(), employee("PW2")});
    const auto made = c.sweep({employee("PW1"), employee("PW2")});
    EXPECT_THAT(made.issues, IsEmpty());
    EXPECT_EQ(c.state_of("PW1"), invitation_state::confirmed);
}

TEST(La16, AnInactiveUserIsNotInvitedWhenItFallsDue) {
    with_invitations c(invite::hire_date);
    c.sweep({employee("PW1").starts("2026-07-01")});
    c.admin_deactivates("PW1");
    c.is("2026-07-02");
    EXPECT_THAT(invitation_steps(c.timer()), ElementsAre("cancel_invitation PW1 LA-24"));
}

TEST(La27, SilentUpdatesDoNotSilenceInvitations) {
    with_invitations c(invite::immediately);
    c.settings.silent_updates = true;
    c.sweep({employee("PW1")});
    EXPECT_EQ(c.state_of("PW1"), invitation_state::sent);
}

} // namespace
} // namespace rollcall::test
