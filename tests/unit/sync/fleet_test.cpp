// Runs of a fleet: what is applied, held, refused, recorded and cancelled.
#include "rollcall/sync/fleet.hpp"

#include "unit/sync/fleet_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::test;
using directory::field;
using sync::run_outcome;
using sync::tenant_state;
using testing::ElementsAre;
using testing::HasSubstr;

using Fleet = fleet_case;

TEST_F(Fleet, ATenantIsLoadedWhenItIsAddedAndIsThereAfterARestart) {
    hire(0, 300);
    add_loaded("acme");
    EXPECT_EQ(users("acme").size(), 300u);
    EXPECT_EQ(store_.records.size(), 1u);
    EXPECT_EQ(store_.records[0].cause, sync::run_cause::first_load);
    restart();
    EXPECT_EQ(users("acme").size(), 300u);
    EXPECT_EQ(text("acme", "PW299", field::email), "PW299@example.com");
    EXPECT_EQ(sync_now("acme").result, run_outcome::unchanged);
    hire(300, 301);
    EXPECT_EQ(sync_now("acme").counts.created, 1u);
    EXPECT_EQ(store_.tenants.begin()->second.users.rbegin()->first, 301u) << "no uid is used twice";
}

TEST_F(Fleet, G9ARunWithoutChangeWritesNothing) {
    hire(0, 50);
    source_.people[7].mail("not an address"); // an issue that stays is no change either
    add_loaded("acme");
    const auto commits = store_.commits;
    const auto generation = users("acme").generation();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(sync_now("acme").result, run_outcome::unchanged);
    }
    world_.run_for(hours{72}); // three sweeps
    EXPECT_GE(fleet_->status().runs_unchanged, 6u);
    EXPECT_EQ(store_.commits, commits);
    EXPECT_EQ(users("acme").generation(), generation);
}

TEST_F(Fleet, AChangeIsOneCommitWithItsRecord) {
    hire(0, 50);
    add_loaded("acme");
    const auto commits = store_.commits;
    source_.people[3].dept("Stores");
    source_.people[4].left();
    const auto run = sync_now("acme");
    EXPECT_EQ(run.result, run_outcome::applied);
    EXPECT_EQ(run.counts.updated, 1u);
    EXPECT_EQ(run.counts.deactivated, 1u);
    EXPECT_EQ(store_.commits, commits + 1);
    EXPECT_EQ(store_.records.back().id, run.id);
    EXPECT_EQ(text("acme", "PW3", field::department), "Stores");
}

TEST_F(Fleet, NothingIsSeenBeforeItIsDurable) {
    hire(0, 5);
    add_loaded("acme");
    store_.latency = seconds{10};
    source_.people[0].dept("Stores");
    ASSERT_TRUE(fleet_->request_sync("acme"));
    world_.run_for(seconds{5});
    EXPECT_EQ(text("acme", "PW0", field::department), "Works");
    world_.run_for(seconds{10});
    EXPECT_EQ(text("acme", "PW0", field::department), "Stores");
}

TEST_F(Fleet, G2AHeldSnapshotChangesNothingAndASecondReadConfirmsIt) {
    hire(0, 200);
    add_loaded("acme");
    const auto users_before = store_.tenants.begin()->second.users;
    source_.people.erase(source_.people.begin() + 100, source_.people.end());
    source_.people[0].dept("Stores");
    const auto held = sync_now("acme");
    EXPECT_EQ(held.result, run_outcome::held);
    EXPECT_EQ(held.code, errc::held);
    EXPECT_THAT(held.detail, HasSubstr("from 200 to 100"));
    EXPECT_EQ(view("acme").state, tenant_state::held);
    EXPECT_EQ(store_.tenants.begin()->second.users, users_before);
    EXPECT_EQ(text("acme", "PW0", field::department), "Works");
    EXPECT_EQ(view("acme").active, 200u);
    // The suspicion is kept over a restart; the second read comes by itself and agrees.
    restart();
    EXPECT_EQ(view("acme").state, tenant_state::held);
    world_.run_for(minutes{11});
    EXPECT_EQ(view("acme").state, tenant_state::waiting);
    EXPECT_EQ(text("acme", "PW0", field::department), "Stores");
    EXPECT_EQ(store_.records.back().cause, sync::run_cause::confirm);
    EXPECT_EQ(view("acme").active, 200u) << "G-3: missing is not left";
}

TEST_F(Fleet, G2AHoldIsClearedByAPlausibleRead) {
    hire(0, 200);
    add_loaded("acme");
    const auto everybody = source_.people;
    source_.people.clear();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(sync_now("acme").result, run_outcome::held);
    EXPECT_EQ(view("acme").active, 200u);
    source_.people = everybody;
    EXPECT_EQ(sync_now("acme").result, run_outcome::unchanged);
    EXPECT_EQ(view("acme").state, tenant_state::waiting);
}

TEST_F(Fleet, LA6ACompanyThatNobodyHasHoldsTheRunAndNamesTheNearMiss) {
    hire(0, 5);
    for (auto& each : source_.people) each.with(sync::source_field::company, "Acme Limited");
    add_loaded("acme");
    sync::tenant_change change;
    change.settings = view("acme").settings;
    change.settings->company = "Acme Limited UK";
    ASSERT_TRUE(world_.run(fleet_->change_tenant("acme", std::move(change))));
    const auto run = sync_now("acme");
    EXPECT_EQ(run.result, run_outcome::held);
    EXPECT_THAT(run.detail, HasSubstr("did you mean 'Acme Limited'?"));
    EXPECT_EQ(view("acme").active, 5u);
}

TEST_F(Fleet, LA6ADoubtIsToldAlsoAfterARestart) {
    hire(0, 5);
    for (auto& each : source_.people) each.with(sync::source_field::company, "Acme");
    add_loaded("acme");
    EXPECT_FALSE(*desk().doubted("acme"));
    sync::tenant_change change;
    change.settings = view("acme").settings;
    change.settings->company = "Nobody Ltd";
    ASSERT_TRUE(world_.run(fleet_->change_tenant("acme", std::move(change))));
    (void)sync_now("acme");
    EXPECT_EQ((*desk().doubted("acme"))->rule, "LA-6");
    restart();
    const auto doubted = *desk().doubted("acme");
    ASSERT_TRUE(doubted);
    EXPECT_THAT(doubted->because, HasSubstr("Nobody Ltd"));
    EXPECT_EQ(desk().all_doubted().size(), 1u);
}

TEST_F(Fleet, AFullDiskRefusesNewWorkWhileReadsGoOnAndTheWorkIsDoneLater) {
    hire(0, 5);
    add_loaded("acme");
    store_.full = true;
    source_.people[0].dept("Stores");
    const auto run = sync_now("acme");
    EXPECT_EQ(run.result, run_outcome::failed);
    EXPECT_EQ(run.code, errc::storage_full);
    EXPECT_TRUE(run.steps.empty()) << "what was not applied is not told as done";
    EXPECT_EQ(text("acme", "PW0", field::department), "Works");
    const auto added = world_.run(fleet_->add_tenant(tenant("beta")));
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, errc::storage_full);
    EXPECT_THAT(fleet_->tenant_names(), ElementsAre("acme"));
    store_.full = false;
    world_.run_for(hours{3});
    EXPECT_EQ(text("acme", "PW0", field::department), "Stores");
    EXPECT_EQ(view("acme").state, tenant_state::waiting);
}

TEST_F(Fleet, OneEmployeeIsReadByIdAndNobodyElseIsTouched) {
    hire(0, 5);
    add_loaded("acme");
    source_.people[1].dept("Stores");
    source_.people[2].dept("Stores");
    const auto run = sync_now("acme", "PW1");
    EXPECT_EQ(run.result, run_outcome::applied);
    EXPECT_EQ(run.employee_id, "PW1");
    EXPECT_EQ(source_.asked.back(), "PW1");
    EXPECT_EQ(text("acme", "PW1", field::department), "Stores");
    EXPECT_EQ(text("acme", "PW2", field::department), "Works");
}

TEST_F(Fleet, AnAnswerAboutAnotherPersonIsRefused) {
    hire(0, 5);
    add_loaded("acme");
    source_.people[2].dept("Stores");
    source_.wrong_person = "PW2";
    const auto run = sync_now("acme", "PW1");
    EXPECT_EQ(run.result, run_outcome::failed);
    EXPECT_EQ(run.code, errc::bad_response);
    EXPECT_EQ(text("acme", "PW2", field::department), "Works");
}

TEST_F(Fleet, AnIdThatNobodyHasIsAnAnswerAndNoFaultOfTheTenant) {
    hire(0, 5);
    add_loaded("acme");
    const auto run = sync_now("acme", "PW99");
    EXPECT_EQ(run.result, run_outcome::failed);
    EXPECT_EQ(run.code, errc::not_found);
    EXPECT_EQ(view("acme").progress.failures, 0u);
    EXPECT_EQ(view("acme").state, tenant_state::waiting);
}

TEST_F(Fleet, TicketsThatJoinedGetTheOneRun) {
    hire(0, 5);
    add_loaded("acme");
    const auto calls = source_.asked.size();
    const auto first = fleet_->request_sync("acme");
    const auto second = fleet_->request_sync("acme", "PW1");
    ASSERT_TRUE(first && second);
    EXPECT_FALSE(first->joined);
    EXPECT_TRUE(second->joined);
    EXPECT_EQ(first->number, second->number);
    const auto a = world_.run(fleet_->wait(*first, home_.now() + hours{1}));
    const auto b = world_.run(fleet_->wait(*second, home_.now() + hours{1}));
    ASSERT_TRUE(a && b);
    EXPECT_TRUE(a->done && b->done);
    EXPECT_EQ(a->run.id, b->run.id);
    EXPECT_EQ(source_.asked.size(), calls + 1);
}

TEST_F(Fleet, WaitTellsHowFarItIsWhenItsTimeIsUp) {
    hire(0, 5);
    add_loaded("acme");
    source_.latency = minutes{1};
    const auto ticket = fleet_->request_sync("acme");
    ASSERT_TRUE(ticket);
    const auto at_once = world_.run(fleet_->wait(*ticket, home_.now()));
    ASSERT_TRUE(at_once);
    EXPECT_FALSE(at_once->done);
    const auto later = world_.run(fleet_->wait(*ticket, home_.now() + seconds{30}));
    ASSERT_TRUE(later);
    EXPECT_FALSE(later->done);
    EXPECT_EQ(later->state, tenant_state::running);
    const auto end = world_.run(fleet_->wait(*ticket, home_.now() + hours{1}));
    ASSERT_TRUE(end);
    EXPECT_TRUE(end->done);
    sync::sync_ticket unknown = *ticket;
    unknown.number += 1000;
    EXPECT_EQ(world_.run(fleet_->wait(unknown, home_.now())).error().code, errc::not_found);
}

TEST_F(Fleet, ADrainCancelsARunThatOutlastsItsGraceAndNothingHasChanged) {
    hire(0, 5);
    add_loaded("acme");
    const auto before = store_.tenants.begin()->second.users;
    const auto commits = store_.commits;
    source_.people[0].dept("Stores");
    source_.latency = hours{1};
    ASSERT_TRUE(fleet_->request_sync("acme"));
    world_.run_for(seconds{1});
    ASSERT_EQ(view("acme").state, tenant_state::running);
    const auto begin = home_.now();
    stop(seconds{20});
    EXPECT_LE(home_.now() - begin, seconds{21});
    EXPECT_EQ(store_.commits, commits);
    EXPECT_EQ(store_.tenants.begin()->second.users, before);
    source_.latency = seconds{1};
    start();
    EXPECT_EQ(sync_now("acme").counts.updated, 1u);
}

TEST_F(Fleet, ADrainLetsARunFinishWithinItsGraceAndRefusesNewOnes) {
    hire(0, 5);
    add_loaded("acme");
    source_.people[0].dept("Stores");
    source_.latency = seconds{10};
    const auto ticket = fleet_->request_sync("acme");
    ASSERT_TRUE(ticket);
    world_.run_for(seconds{1});
    task_group group(home_);
    group.spawn(fleet_->stop(seconds{20}));
    world_.run_for(seconds{1});
    EXPECT_EQ(fleet_->request_sync("acme").error().code, errc::shutting_down);
    EXPECT_TRUE(fleet_->status().draining);
    world_.run(group.join());
    EXPECT_EQ(text("acme", "PW0", field::department), "Stores");
    EXPECT_EQ(source_.asked.size(), 3u) << "test call, first load, and the one run";
}

TEST_F(Fleet, AnOutageIsOneRecordAndEndsByItself) {
    hire(0, 5);
    add_loaded("acme");
    const auto records = store_.records.size();
    for (int i = 0; i < 6; ++i) source_.faults.push_back(errc::connection_failed);
    EXPECT_EQ(sync_now("acme").code, errc::connection_failed);
    EXPECT_EQ(view("acme").state, tenant_state::backing_off);
    EXPECT_EQ(view("acme").progress.last_detail, "scripted: connection_failed");
    world_.run_for(hours{6});
    EXPECT_TRUE(source_.faults.empty());
    EXPECT_EQ(view("acme").progress.failures, 0u);
    EXPECT_EQ(store_.records.size(), records + 1);
}

} // namespace
