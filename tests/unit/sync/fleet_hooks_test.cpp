// Webhooks in a fleet: what is durable when, who is read, and when a hint is done with (LA-1,
// LA-47).
#include "unit/sync/fleet_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::test;
using directory::field;
using sync::webhook_action;
using sync::webhook_result;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FleetHooks : public fleet_case {
  protected:
    void SetUp() override {
        hire(0, 20);
        add_loaded("acme");
        token_ = rotate();
        source_.asked.clear();
    }
    std::string rotate(nanoseconds overlap = hours{72}) {
        auto made = world_.run(fleet_->rotate_webhook("acme", overlap));
        EXPECT_TRUE(made);
        return made ? std::string(made->token.reveal()) : std::string{};
    }
    // Until the answer, not until anything came of it.
    bool send(std::string id, webhook_action what = webhook_action::detail_updated,
              std::string_view token = {}) {
        const auto mark = fleet_->mark_of(token.empty() ? token_ : token);
        return world_.run(fleet_->webhook(mark, {what, std::move(id)})).has_value();
    }
    [[nodiscard]] std::uint64_t count_of(webhook_result what) const {
        return fleet_->status().webhooks[static_cast<std::size_t>(what)];
    }
    [[nodiscard]] std::vector<sync::hint> stored() const {
        return store_.tenants.begin()->second.sets.hints;
    }
    [[nodiscard]] sync::webhook_view shown() const {
        const auto view = fleet_->webhook_of("acme");
        EXPECT_TRUE(view);
        return view ? *view : sync::webhook_view{};
    }

    std::string token_;
};

TEST_F(FleetHooks, La47AChangeIsInTheDirectorySecondsAfterItsWebhook) {
    source_.people[3].dept("Stores");
    EXPECT_TRUE(send("PW3"));
    world_.run_for(seconds{5});
    EXPECT_THAT(source_.asked, ElementsAre("PW3"));
    EXPECT_EQ(text("acme", "PW3", field::department), "Stores");
    EXPECT_EQ(shown().waiting, 0u);
    world_.run_for(minutes{2});
    EXPECT_THAT(stored(), IsEmpty()) << "removed lazily";
    EXPECT_EQ(source_.asked.size(), 1u);
    EXPECT_EQ(shown().week.all_told(), 1u);
}

TEST_F(FleetHooks, La47AnUnknownEmployeeIdIsANewStarter) {
    hire(20, 21);
    EXPECT_TRUE(send("PW20", webhook_action::starter_added));
    world_.run_for(seconds{5});
    EXPECT_EQ(text("acme", "PW20", field::email), "PW20@example.com");
}

TEST_F(FleetHooks, La47AForgedIdCostsOneReadAndIsDoneWith) {
    EXPECT_TRUE(send("nobody"));
    world_.run_for(minutes{5});
    EXPECT_THAT(source_.asked, ElementsAre("nobody"));
    EXPECT_THAT(stored(), IsEmpty());
    EXPECT_EQ(users("acme").size(), 20u);
}

TEST_F(FleetHooks, La44G3AnEmployeeWhoWasDeletedIsOnlyLookedAt) {
    source_.people.erase(source_.people.begin() + 3);
    EXPECT_TRUE(send("PW3", webhook_action::employee_deleted));
    world_.run_for(minutes{5});
    const auto user = users("acme").find_by_id("PW3");
    ASSERT_NE(user, directory::user_ref::none);
    EXPECT_EQ(users("acme").meta(user).state, directory::user_state::active);
}

TEST_F(FleetHooks, La47TheHintIsDurableBeforeTheAnswer) {
    source_.latency = hours{1};
    EXPECT_TRUE(send("PW3"));
    ASSERT_EQ(stored().size(), 1u);
    EXPECT_EQ(stored()[0].employee_id, "PW3");
    store_.full = true;
    EXPECT_FALSE(send("PW4")) << "what cannot be kept is not acknowledged";
    EXPECT_EQ(count_of(webhook_result::refused), 1u);
    store_.full = false;
    EXPECT_EQ(stored().size(), 1u);
}

TEST_F(FleetHooks, La47AHintThatWasNotServedIsServedAfterARestart) {
    source_.people[3].dept("Stores");
    source_.latency = hours{1};
    EXPECT_TRUE(send("PW3"));
    stop(); // cancels the read
    source_.latency = milliseconds{200};
    start();
    EXPECT_EQ(shown().waiting, 1u);
    world_.run_for(minutes{2});
    EXPECT_EQ(text("acme", "PW3", field::department), "Stores");
    world_.run_for(minutes{2});
    EXPECT_THAT(stored(), IsEmpty());
    EXPECT_TRUE(send("PW4")) << "the token outlives a restart too";
    EXPECT_EQ(count_of(webhook_result::accepted), 1u);
}

TEST_F(FleetHooks, La47AWebhookDuringAReadIsAnotherRead) {
    source_.latency = seconds{30};
    EXPECT_TRUE(send("PW3"));
    world_.run_for(seconds{10});
    source_.people[3].dept("Stores"); // the read under way may have missed it
    EXPECT_TRUE(send("PW3"));
    world_.run_for(seconds{90});
    EXPECT_THAT(source_.asked, ElementsAre("PW3", "PW3"));
    EXPECT_EQ(text("acme", "PW3", field::department), "Stores");
}

TEST_F(FleetHooks, B4ManyWebhooksAreOneRead) {
    for (int i = 0; i < 15; ++i) EXPECT_TRUE(send("PW" + std::to_string(i)));
    for (int i = 0; i < 15; ++i) EXPECT_TRUE(send("PW" + std::to_string(i)));
    world_.run_for(minutes{3});
    EXPECT_LE(source_.asked.size(), 3u);
    EXPECT_EQ(source_.asked.back(), "") << "everybody at once";
    EXPECT_EQ(shown().waiting, 0u);
    EXPECT_THAT(stored(), IsEmpty());
}

TEST_F(FleetHooks, ForgedIdsDoNotFillTheDisk) {
    stop();
    options_.hints_per_tenant_max = 10;
    start();
    source_.latency = hours{1};
    for (int i = 0; i < 200; ++i) EXPECT_TRUE(send("X" + std::to_string(i)));
    EXPECT_LE(stored().size(), 12u);
    EXPECT_LE(shown().waiting, 12u);
}

TEST_F(FleetHooks, B6AFailedReadLeavesTheHint) {
    source_.people[3].dept("Stores");
    source_.faults = {errc::connection_failed};
    EXPECT_TRUE(send("PW3"));
    world_.run_for(seconds{10});
    EXPECT_EQ(shown().waiting, 1u);
    world_.run_for(minutes{3});
    EXPECT_EQ(text("acme", "PW3", field::department), "Stores");
}

TEST_F(FleetHooks, AKeyWithoutTheReadOfOnePersonIsServedByAReadOfEverybody) {
    source_.people[3].dept("Stores");
    source_.faults = {errc::permission_missing};
    EXPECT_TRUE(send("PW3"));
    world_.run_for(seconds{10});
    EXPECT_THAT(source_.asked, ElementsAre("PW3", "")) << "at once";
    EXPECT_EQ(text("acme", "PW3", field::department), "Stores");
    const auto lag = view("acme").last_change_lag;
    ASSERT_TRUE(lag);
    EXPECT_TRUE(lag->exact) << "the webhook said when, whoever was read with it";
    EXPECT_LT(lag->at_most, seconds{10});
    EXPECT_TRUE(send("PW4"));
    world_.run_for(seconds{10});
    EXPECT_EQ(source_.asked.back(), "") << "it is known";
    world_.run_for(hours{25});
    EXPECT_TRUE(send("PW4"));
    world_.run_for(seconds{10});
    EXPECT_EQ(source_.asked.back(), "PW4") << "it may have been granted since";
}

TEST_F(FleetHooks, AFailedReadIsTriedAgainAfterARestart) {
    source_.people[3].dept("Stores");
    source_.faults = {errc::connection_failed, errc::connection_failed};
    (void)sync_now("acme");
    EXPECT_TRUE(send("PW3"));
    restart();
    world_.run_for(minutes{5});
    EXPECT_EQ(text("acme", "PW3", field::department), "Stores");
    EXPECT_EQ(shown().waiting, 0u);
}

TEST_F(FleetHooks, HintsOfAStoppedTenantWaitUntilAPersonHasActed) {
    source_.good_keys = {"good-2"};
    (void)sync_now("acme");
    (void)sync_now("acme");
    ASSERT_EQ(view("acme").stopped, errc::key_refused);
    source_.asked.clear();
    source_.people[3].dept("Stores");
    EXPECT_TRUE(send("PW3")) << "answered as ever";
    world_.run_for(hours{2});
    EXPECT_THAT(source_.asked, IsEmpty());
    EXPECT_EQ(shown().waiting, 1u);
    ASSERT_TRUE(change_key("acme", "good-2"));
    world_.run_for(minutes{5});
    EXPECT_EQ(text("acme", "PW3", field::department), "Stores");
    EXPECT_EQ(shown().waiting, 0u);
}

TEST_F(FleetHooks, G4WhoIsDisputedIsReadWithEverybody) {
    source_.people.push_back(employee("PW4").mail("other@example.com"));
    (void)sync_now("acme");
    source_.asked.clear();
    source_.people.pop_back();
    source_.people[4].mail("free@example.com");
    EXPECT_TRUE(send("PW4"));
    world_.run_for(seconds{10});
    EXPECT_THAT(source_.asked, ElementsAre(""));
    EXPECT_EQ(text("acme", "PW4", field::email), "free@example.com");
}

TEST_F(FleetHooks, G7APreviewThatJoinsDoesNotTakeTheHint) {
    source_.people[3].dept("Stores");
    EXPECT_TRUE(send("PW3"));
    const auto shown_run = sync_now("acme", "PW3", true);
    EXPECT_EQ(shown_run.result, sync::run_outcome::previewed);
    world_.run_for(minutes{2});
    EXPECT_EQ(text("acme", "PW3", field::department), "Stores");
    EXPECT_EQ(shown().waiting, 0u);
}

// ---- tokens -------------------------------------------------------------------------------------

TEST_F(FleetHooks, La1BothAddressesAreGoodDuringTheOverlapAndOnlyTheNewOneAfterIt) {
    const auto old = token_;
    token_ = rotate(hours{2});
    ASSERT_NE(old, token_);
    EXPECT_EQ(shown().tokens.size(), 2u);
    EXPECT_TRUE(send("PW1", webhook_action::detail_updated, old));
    EXPECT_TRUE(send("PW2"));
    EXPECT_EQ(count_of(webhook_result::accepted), 2u);
    world_.run_for(hours{2});
    EXPECT_TRUE(send("PW1", webhook_action::detail_updated, old));
    EXPECT_EQ(count_of(webhook_result::unknown), 1u);
    EXPECT_TRUE(send("PW2"));
    EXPECT_EQ(count_of(webhook_result::accepted), 3u);
    EXPECT_EQ(shown().tokens.size(), 1u);
}

TEST_F(FleetHooks, La1AThirdAddressEndsTheFirstAtOnce) {
    const auto first = token_;
    const auto second = rotate();
    (void)rotate();
    EXPECT_EQ(shown().tokens.size(), 2u);
    EXPECT_TRUE(send("PW1", webhook_action::detail_updated, first));
    EXPECT_EQ(count_of(webhook_result::unknown), 1u);
    EXPECT_TRUE(send("PW1", webhook_action::detail_updated, second));
    EXPECT_EQ(count_of(webhook_result::accepted), 1u);
    (void)rotate(nanoseconds{0});
    EXPECT_EQ(shown().tokens.size(), 1u) << "without an overlap";
}

TEST_F(FleetHooks, La1OnlyTheMarkOfATokenIsKeptAndNothingIsLogged) {
    const auto& tokens = store_.tenants.begin()->second.sets.webhook_tokens;
    ASSERT_EQ(tokens.size(), 1u);
    EXPECT_EQ(tokens[0].mark, vault_.mark_token(token_));
    EXPECT_TRUE(send("PW-nobody"));
    world_.run_for(minutes{5});
    for (const auto& line : lines_->lines()) {
        EXPECT_EQ(line.find(token_), std::string::npos) << line;
        EXPECT_EQ(line.find("PW-nobody"), std::string::npos) << line;
    }
}

TEST_F(FleetHooks, La1AnUnknownTokenIsAnsweredAsAKnownOneAfterAWriteOfItsOwn) {
    const auto before = store_.strangers;
    const auto began = home_.now();
    EXPECT_TRUE(send("PW1"));
    const auto known = home_.now() - began;
    EXPECT_TRUE(send("PW1", webhook_action::detail_updated, "stranger"));
    EXPECT_EQ(home_.now() - began - known, known) << "the same waiting on the store";
    EXPECT_EQ(store_.strangers, before + 1);
    EXPECT_EQ(count_of(webhook_result::unknown), 1u);
    EXPECT_EQ(stored().size(), 1u);
}

TEST_F(FleetHooks, La1ARemovedWebhookLeavesNothing) {
    source_.latency = hours{1};
    EXPECT_TRUE(send("PW1"));
    EXPECT_TRUE(send("PW2"));
    source_.latency = milliseconds{1};
    stop();
    start();
    ASSERT_TRUE(world_.run(fleet_->remove_webhook("acme")));
    EXPECT_THAT(shown().tokens, IsEmpty());
    EXPECT_THAT(stored(), IsEmpty());
    EXPECT_THAT(store_.tenants.begin()->second.sets.webhook_tokens, IsEmpty());
    EXPECT_TRUE(send("PW1"));
    EXPECT_EQ(count_of(webhook_result::unknown), 1u);
    EXPECT_FALSE(view("acme").webhook);
    EXPECT_EQ(world_.run(fleet_->rotate_webhook("acne", hours{1})).error().code, errc::not_found);
}

TEST_F(FleetHooks, ARemovedTenantsTokenIsUnknown) {
    ASSERT_TRUE(world_.run(fleet_->remove_tenant("acme")));
    EXPECT_TRUE(send("PW1"));
    EXPECT_EQ(count_of(webhook_result::unknown), 1u);
}

// ---- what is announced --------------------------------------------------------------------------

TEST_F(FleetHooks, La47WhatASweepFindsAndNoWebhookNamedIsLost) {
    world_.run_for(hours{24}); // a read from which on the webhook was there
    source_.people[3].dept("Stores");
    source_.people[4].dept("Stores");
    hire(20, 22);
    EXPECT_TRUE(send("PW3"));
    world_.run_for(seconds{10});
    (void)sync_now("acme");
    const auto week = shown().week;
    EXPECT_EQ(week.all_told(), 1u);
    EXPECT_EQ(week.all_lost(), 3u);
    EXPECT_THAT(shown().missing, ElementsAre(sync::announced_kind::starter));
    EXPECT_EQ(shown().wanted_interval, hours{12});
    restart();
    EXPECT_EQ(shown().week, week) << "kept with progress";
    EXPECT_EQ(shown().wanted_interval, hours{12});
}

} // namespace
