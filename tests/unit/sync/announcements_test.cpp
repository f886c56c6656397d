// Which changes webhooks announce, and what follows from those they do not (LA-47).
#include "rollcall/sync/announcements.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::sync {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const wall_time monday{hours{24 * 20'000}};

step step_of(step_kind kind, std::uint32_t uid, attribute what = attribute::job_title) {
    return {kind, uid, "PW" + std::to_string(uid), {{what, {}, {}, "old", "new", "LA-3"}}};
}

// A tenant whose webhook is older than its first read.
struct La47Loss : testing::Test {
    La47Loss() { (void)told.swept({}, monday, monday - hours{1}); }
    std::size_t sweep(std::vector<step> steps, nanoseconds after) {
        return told.swept(steps, monday + after, monday - hours{1});
    }
    announcements told;
};

TEST_F(La47Loss, AChangeThatNobodyAnnouncedIsLost) {
    told.named("PW1", monday + hours{2});
    EXPECT_EQ(sweep({step_of(step_kind::update, 1), step_of(step_kind::update, 2)}, hours{24}), 1u);
    const auto week = told.week(monday + hours{24});
    EXPECT_EQ(week.all_lost(), 1u);
    EXPECT_EQ(week.all_told(), 1u);
    EXPECT_DOUBLE_EQ(week.loss_rate(), 0.5);
    EXPECT_EQ(told.events(), 1u);
}

TEST_F(La47Loss, AWebhookBeforeThePreviousReadAnnouncesNothing) {
    told.named("PW1", monday + hours{2});
    EXPECT_EQ(sweep({}, hours{24}), 0u);
    EXPECT_EQ(sweep({step_of(step_kind::update, 1)}, hours{48}), 1u);
}

TEST_F(La47Loss, EachPersonCountsOnceByTheKindThatSaysMost) {
    EXPECT_EQ(sweep({step_of(step_kind::update, 1), step_of(step_kind::change_email, 1),
                     step_of(step_kind::create, 2), step_of(step_kind::move, 2),
                     step_of(step_kind::update, 3, attribute::leaving_date)},
                    hours{24}),
              3u);
    const auto lost = told.week(monday + hours{24}).lost;
    EXPECT_THAT(lost, ElementsAre(1, 1, 1)) << "starter, detail, leaver";
}

TEST_F(La47Loss, WhatTimeOrAPersonBroughtIsNotLost) {
    EXPECT_EQ(sweep({step_of(step_kind::deactivate, 1, attribute::state),
                     step_of(step_kind::note_missing, 2, attribute::missing),
                     step_of(step_kind::set_manager, 3, attribute::manager),
                     step_of(step_kind::send_invitation, 4, attribute::invitation),
                     step_of(step_kind::create_team, 1, attribute::team_name)},
                    hours{24}),
              0u);
    EXPECT_EQ(told.week(monday + hours{24}), announced_counts{});
}

TEST_F(La47Loss, AWebhookUnderTheOldIdAnnouncesARelink) {
    auto relink = step_of(step_kind::relink, 1, attribute::external_id);
    relink.changes[0].old_value = "PW1";
    relink.changes[0].new_value = "N1";
    relink.label = "N1";
    told.named("PW1", monday + hours{2});
    EXPECT_EQ(sweep({relink}, hours{24}), 0u);
    told.named("N1", monday + hours{26});
    EXPECT_EQ(sweep({relink}, hours{48}), 0u);
    EXPECT_EQ(sweep({relink}, hours{72}), 1u);
}

TEST_F(La47Loss, AWebhookThatComesLateTakesTheLossBack) {
    EXPECT_EQ(sweep({step_of(step_kind::update, 1), step_of(step_kind::update, 2)}, hours{24}), 2u);
    told.named("PW1", monday + hours{24} + minutes{5});
    told.named("PW2", monday + hours{24} + minutes{31});
    const auto week = told.week(monday + hours{25});
    EXPECT_EQ(week.all_lost(), 1u);
    EXPECT_EQ(week.all_told(), 1u);
}

TEST_F(La47Loss, NothingIsJudgedBeforeThereWasATokenForAWholeInterval) {
    announcements fresh;
    const std::vector change{step_of(step_kind::update, 1)};
    const auto since = monday + hours{30};
    EXPECT_EQ(fresh.swept(change, monday, since), 0u);
    EXPECT_EQ(fresh.swept(change, monday + hours{24}, since), 0u);
    EXPECT_EQ(fresh.swept(change, monday + hours{48}, since), 0u) << "the read before it";
    EXPECT_EQ(fresh.swept(change, monday + hours{72}, since), 1u);
    EXPECT_EQ(fresh.swept(change, monday + hours{96}, wall_time{}), 0u) << "no token";
}

TEST_F(La47Loss, AHintForAllAnnouncesEverybody) {
    told.named("", monday + hours{2});
    EXPECT_EQ(sweep({step_of(step_kind::update, 1), step_of(step_kind::create, 9)}, hours{24}), 0u);
    EXPECT_EQ(sweep({step_of(step_kind::update, 1)}, hours{48}), 1u);
}

TEST_F(La47Loss, NamesTheSubscriptionThatIsProbablyMissing) {
    told.named("PW1", monday + hours{2});
    told.served(std::vector{step_of(step_kind::update, 1)}, monday + hours{2});
    (void)sweep({step_of(step_kind::create, 2), step_of(step_kind::update, 3)}, hours{24});
    EXPECT_THAT(told.missing(monday + hours{24}), ElementsAre(announced_kind::starter));
    EXPECT_EQ(subscription_of(announced_kind::starter), "New Starter Added");
    EXPECT_THAT(told.missing(monday + hours{24 * 9}), IsEmpty()) << "a week later";
}

TEST_F(La47Loss, PollingTightensWhileChangesGetLostAndRelaxesAfterAGoodWeek) {
    const std::vector change{step_of(step_kind::update, 1)};
    EXPECT_EQ(told.wanted_interval(hours{24}), hours{24});
    std::vector<nanoseconds> wanted;
    for (int day = 1; day <= 6; ++day) {
        (void)sweep(change, hours{24 * day});
        wanted.push_back(told.wanted_interval(hours{24}));
    }
    EXPECT_THAT(wanted,
                ElementsAre(hours{12}, hours{6}, hours{3}, minutes{90}, hours{1}, hours{1}));
    (void)sweep({}, hours{24 * 12});
    EXPECT_EQ(told.wanted_interval(hours{24}), hours{1}) << "six good days";
    (void)sweep({}, hours{24 * 13});
    EXPECT_EQ(told.wanted_interval(hours{24}), hours{24});
    EXPECT_EQ(told.wanted_interval(minutes{10}), minutes{10}) << "never longer than usual";
}

TEST_F(La47Loss, AFewLossesAmongManyAnnouncedChangesAreTolerated) {
    for (int i = 0; i < 30; ++i) {
        told.served(std::vector{step_of(step_kind::update, 5)}, monday + hours{2});
    }
    EXPECT_EQ(sweep({step_of(step_kind::update, 1)}, hours{24}), 1u);
    EXPECT_EQ(told.wanted_interval(hours{24}), hours{24});
}

TEST_F(La47Loss, TheCountsOutliveARestartAndTheNamesDoNot) {
    told.named("PW-secret", monday + hours{2});
    (void)sweep({step_of(step_kind::update, 1), step_of(step_kind::create, 2)}, hours{24});
    const auto text = told.to_text();
    EXPECT_EQ(text.find("PW"), std::string::npos) << text;
    auto again = announcements::from_text(text);
    EXPECT_EQ(again.to_text(), text);
    EXPECT_EQ(again.events(), 1u);
    EXPECT_EQ(again.last_event(), monday + hours{2});
    EXPECT_EQ(again.week(monday + hours{24}), told.week(monday + hours{24}));
    EXPECT_EQ(again.wanted_interval(hours{24}), told.wanted_interval(hours{24}));
    again.recall("PW1", monday + hours{30});
    EXPECT_EQ(again.events(), 1u);
    const std::vector change{step_of(step_kind::update, 1)};
    EXPECT_EQ(again.swept(change, monday + hours{48}, monday), 0u);
}

TEST_F(La47Loss, TextThatIsNotItsOwnIsAsGoodAsNone) {
    (void)sweep({step_of(step_kind::update, 1)}, hours{24});
    const auto text = told.to_text();
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
        (void)announcements::from_text(text.substr(0, cut)); // any answer, no fault
    }
    for (const char* wrong : {"", "2 1 1 1 1 1", "1", "1 x", "1 1 1 1 1 1 20000,1,1"}) {
        EXPECT_EQ(announcements::from_text(wrong).to_text(), announcements{}.to_text()) << wrong;
    }
}

} // namespace
} // namespace rollcall::sync
