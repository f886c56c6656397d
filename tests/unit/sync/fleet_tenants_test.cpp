// Adding, changing, stopping and removing tenants.
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
using testing::IsEmpty;

using FleetTenants = fleet_case;

TEST_F(FleetTenants, LA4WT1ABadKeyIsRefusedWithItsReasonAndNothingIsStored) {
    for (const auto why : {errc::key_refused, errc::permission_missing, errc::account_closed,
                           errc::connection_failed, errc::throttled}) {
        source_.faults = {why};
        const auto added = world_.run(fleet_->add_tenant(tenant("acme")));
        ASSERT_FALSE(added);
        EXPECT_EQ(added.error().code, why);
        EXPECT_THAT(added.error().detail, HasSubstr(name_of(why)));
    }
    EXPECT_EQ(store_.commits, 0u);
    EXPECT_THAT(fleet_->tenant_names(), IsEmpty());
    EXPECT_FALSE(fleet_->request_sync("acme"));
    EXPECT_TRUE(world_.run(fleet_->add_tenant(tenant("acme")))) << "the name is free still";
}

TEST_F(FleetTenants, LA4TheTestReadsEverybodyAndCreatesNobody) {
    hire(0, 5);
    options_.concurrent_runs_max = 0; // no first load
    restart();
    ASSERT_TRUE(world_.run(fleet_->add_tenant(tenant("acme"))));
    EXPECT_THAT(source_.asked, ElementsAre(""));
    EXPECT_EQ(users("acme").size(), 0u);
}

TEST_F(FleetTenants, WhatIsNotANameAKeyOrAPlaceIsRefusedWithoutACall) {
    const auto code = [&](std::string name, std::string_view key) {
        const auto added = world_.run(fleet_->add_tenant(tenant(std::move(name), key)));
        return added ? errc::ok : added.error().code;
    };
    EXPECT_EQ(code("Acme Ltd", "good-1"), errc::invalid_argument);
    EXPECT_EQ(code("", "good-1"), errc::invalid_argument);
    EXPECT_EQ(code("acme", ""), errc::invalid_argument);
    EXPECT_THAT(source_.asked, IsEmpty());
    options_.tenants_max = 1;
    restart();
    EXPECT_EQ(code("acme", "good-1"), errc::ok);
    EXPECT_EQ(code("acme", "good-1"), errc::already_exists);
    EXPECT_EQ(code("beta", "good-1"), errc::busy);
}

TEST_F(FleetTenants, OfTwoAddsOfOneNameAtOnceOneIsTaken) {
    for (const bool verify : {true, false}) {
        SCOPED_TRACE(verify);
        const std::string name = verify ? "acme" : "beta";
        task_group group(home_);
        std::vector<errc> codes;
        for (int i = 0; i < 3; ++i) {
            auto what = tenant(name);
            what.verify = verify;
            group.spawn([](sync::fleet& f, sync::new_tenant t, std::vector<errc>& out) -> task<> {
                const auto added = co_await f.add_tenant(std::move(t));
                out.push_back(added ? errc::ok : added.error().code);
            }(*fleet_, std::move(what), codes));
        }
        world_.run(group.join());
        EXPECT_THAT(codes, testing::UnorderedElementsAre(errc::ok, errc::already_exists,
                                                         errc::already_exists));
    }
    EXPECT_THAT(fleet_->tenant_names(), ElementsAre("acme", "beta"));
    EXPECT_EQ(store_.tenants.size(), 2u);
}

TEST_F(FleetTenants, ATenantIsNotSeenBeforeItIsDurable) {
    store_.latency = seconds{10};
    task_group group(home_);
    group.spawn([](sync::fleet& f, sync::new_tenant t) -> task<> {
        (void)co_await f.add_tenant(std::move(t));
    }(*fleet_, tenant("acme")));
    world_.run_for(seconds{5});
    EXPECT_FALSE(fleet_->tenant("acme"));
    EXPECT_THAT(fleet_->tenant_names(), IsEmpty());
    EXPECT_FALSE(fleet_->request_sync("acme"));
    EXPECT_EQ(world_.run(fleet_->remove_tenant("acme")).error().code, errc::not_found);
    world_.run(group.join());
    EXPECT_TRUE(fleet_->tenant("acme"));
}

TEST_F(FleetTenants, LA4ANewKeyThatFailsDoesNotReplaceTheWorkingOne) {
    hire(0, 5);
    add_loaded("acme");
    const auto sealed = store_.tenants.begin()->second.record.sealed_api_key;
    const auto changed = change_key("acme", "bad");
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, errc::key_refused);
    EXPECT_THAT(changed.error().detail, HasSubstr("the key that was stored before is kept"));
    EXPECT_EQ(store_.tenants.begin()->second.record.sealed_api_key, sealed);
    EXPECT_EQ(sync_now("acme").result, run_outcome::unchanged);
    source_.good_keys = {"good-2"};
    ASSERT_TRUE(change_key("acme", "good-2"));
    EXPECT_EQ(sync_now("acme").result, run_outcome::unchanged);
}

TEST_F(FleetTenants, B6ATenantThatKeepsFailingIsLeftForHoursAndSaysSo) {
    hire(0, 5);
    add_loaded("acme");
    source_.faults.assign(8, errc::bad_response);
    for (int i = 0; i < 40 * 6 && view("acme").state != tenant_state::quarantined; ++i) {
        world_.run_for(minutes{10});
    }
    EXPECT_EQ(view("acme").state, tenant_state::quarantined);
    EXPECT_GE(view("acme").quarantined_until, home_.wall_now() + hours{5});
    EXPECT_EQ(fleet_->status().tenants_by_state["quarantined"], 1u);
    const auto calls = source_.asked.size();
    restart();
    EXPECT_EQ(view("acme").state, tenant_state::quarantined) << "over a restart, too";
    world_.run_for(hours{5});
    EXPECT_EQ(source_.asked.size(), calls);
    EXPECT_EQ(sync_now("acme").result, run_outcome::unchanged) << "a person may ask at any time";
    EXPECT_EQ(view("acme").state, tenant_state::waiting);
    EXPECT_EQ(view("acme").quarantined_until, wall_time{});
}

TEST_F(FleetTenants, B6AHostThatIsDownIsNoFailureOfItsTenants) {
    hire(0, 5);
    for (const auto* name : {"a", "b", "c", "d"}) add_loaded(name);
    source_.faults.assign(10'000, errc::connection_failed);
    world_.run_for(hours{60});
    const auto status = fleet_->status();
    ASSERT_EQ(status.hosts.size(), 1u);
    EXPECT_TRUE(status.hosts[0].down);
    EXPECT_EQ(status.hosts[0].tenants, 4u);
    for (const auto* name : {"a", "b", "c", "d"}) {
        EXPECT_EQ(view(name).state, tenant_state::backing_off) << name;
        EXPECT_TRUE(view(name).host_down) << name;
        EXPECT_LE(view(name).progress.failures, 3u) << name;
    }
    source_.faults.clear();
    world_.run_for(hours{1} + minutes{5});
    EXPECT_FALSE(fleet_->status().hosts[0].down);
    for (const auto* name : {"a", "b", "c", "d"}) {
        EXPECT_EQ(view(name).state, tenant_state::waiting) << name;
    }
}

TEST_F(FleetTenants, B6AKeyThatIsRefusedTwiceStopsTheTenantAndANewOneStartsItAgain) {
    hire(0, 5);
    add_loaded("acme");
    source_.good_keys.clear();
    EXPECT_EQ(sync_now("acme").code, errc::key_refused);
    EXPECT_EQ(view("acme").state, tenant_state::backing_off) << "one refusal may be a slip";
    world_.run_for(minutes{2});
    EXPECT_EQ(view("acme").state, tenant_state::stopped);
    EXPECT_EQ(view("acme").stopped, errc::key_refused);
    EXPECT_EQ(store_.tenants.begin()->second.record.stopped, errc::key_refused);
    const auto calls = source_.asked.size();
    restart();
    world_.run_for(hours{48});
    EXPECT_EQ(source_.asked.size(), calls) << "not called any more, over restarts too";
    EXPECT_EQ(fleet_->request_sync("acme").error().code, errc::key_refused);
    EXPECT_EQ(view("acme").users, 5u);

    source_.good_keys = {"good-2"};
    source_.people[0].dept("Stores");
    ASSERT_TRUE(change_key("acme", "good-2"));
    EXPECT_EQ(store_.tenants.begin()->second.record.stopped, errc::ok);
    world_.run_for(minutes{5});
    EXPECT_EQ(text("acme", "PW0", field::department), "Stores") << "its slot was missed meanwhile";
    EXPECT_EQ(view("acme").state, tenant_state::waiting);
}

TEST_F(FleetTenants, B6OtherFailuresDoNotCountAsRefusals) {
    hire(0, 5);
    add_loaded("acme");
    source_.faults = {errc::connection_failed, errc::key_refused, errc::upstream_failed,
                      errc::key_refused};
    (void)sync_now("acme");
    world_.run_for(hours{4});
    EXPECT_TRUE(source_.faults.empty());
    EXPECT_EQ(view("acme").stopped, errc::ok);
    EXPECT_EQ(view("acme").state, tenant_state::waiting);
}

TEST_F(FleetTenants, ATenantThatWasStoppedAndWorksWhenAskedGoesOn) {
    hire(0, 5);
    add_loaded("acme");
    source_.faults = {errc::permission_missing, errc::permission_missing};
    (void)sync_now("acme");
    world_.run_for(minutes{2});
    ASSERT_EQ(view("acme").state, tenant_state::stopped);
    // The grant was given back in PeopleHR; nothing here has changed but that somebody asks.
    EXPECT_EQ(sync_now("acme").result, run_outcome::unchanged);
    EXPECT_EQ(view("acme").state, tenant_state::waiting);
    EXPECT_EQ(store_.tenants.begin()->second.record.stopped, errc::ok);
    const auto calls = source_.asked.size();
    world_.run_for(hours{49});
    EXPECT_EQ(source_.asked.size(), calls + 2);
}

TEST_F(FleetTenants, AStopThatCanNotBeStoredIsTriedAgain) {
    hire(0, 5);
    add_loaded("acme");
    source_.good_keys.clear();
    store_.full = true;
    (void)sync_now("acme");
    world_.run_for(hours{2});
    EXPECT_EQ(view("acme").state, tenant_state::backing_off);
    store_.full = false;
    world_.run_for(hours{3});
    EXPECT_EQ(view("acme").state, tenant_state::stopped);
    EXPECT_EQ(store_.tenants.begin()->second.record.stopped, errc::key_refused);
}

TEST_F(FleetTenants, RemovalWaitsForTheRunAndTakesEverythingWithIt) {
    hire(0, 5);
    add_loaded("acme");
    source_.latency = seconds{10};
    source_.people[0].dept("Stores");
    const auto ticket = fleet_->request_sync("acme");
    ASSERT_TRUE(ticket);
    world_.run_for(seconds{1});
    task_group group(home_);
    group.spawn([](sync::fleet& f) -> task<> {
        const auto removed = co_await f.remove_tenant("acme");
        EXPECT_TRUE(removed);
    }(*fleet_));
    world_.run_for(seconds{5});
    EXPECT_TRUE(fleet_->tenant("acme"));
    EXPECT_EQ(store_.tenants.size(), 1u);
    world_.run(group.join());
    EXPECT_FALSE(fleet_->tenant("acme"));
    EXPECT_TRUE(store_.tenants.empty());
    const auto end = world_.run(fleet_->wait(*ticket, home_.now()));
    ASSERT_TRUE(end);
    EXPECT_EQ(end->run.counts.updated, 1u) << "the run came to its end first";
    const auto calls = source_.asked.size();
    world_.run_for(hours{48});
    EXPECT_EQ(source_.asked.size(), calls);
    add_loaded("acme");
    EXPECT_EQ(store_.tenants.begin()->first, 2u) << "a key is not used again";
}

TEST_F(FleetTenants, WhoWaitsForARunOfATenantThatIsBeingRemovedIsTold) {
    hire(0, 5);
    add_loaded("acme");
    options_.concurrent_runs_max = 0;
    fleet_->reload(options_);
    const auto ticket = fleet_->request_sync("acme");
    ASSERT_TRUE(ticket);
    store_.latency = seconds{10};
    for (const bool full : {true, false}) {
        SCOPED_TRACE(full);
        store_.full = full;
        task_group group(home_);
        group.spawn([](sync::fleet& f, bool fails) -> task<> {
            const auto removed = co_await f.remove_tenant("acme");
            EXPECT_EQ(removed.has_value(), !fails);
        }(*fleet_, full));
        world_.run_for(seconds{1});
        // Its time is up while the removal is on its way to the disk.
        const auto told = world_.run(fleet_->wait(*ticket, home_.now() + seconds{1}));
        EXPECT_EQ(told.error().code, errc::not_found);
        world_.run(group.join());
        EXPECT_EQ(fleet_->tenant("acme").has_value(), full);
        EXPECT_EQ(world_.run(fleet_->wait(*ticket, home_.now())).error().code, errc::not_found);
    }
}

TEST_F(FleetTenants, ARemovalThatFailsLeavesTheTenantAsItWas) {
    hire(0, 5);
    add_loaded("acme");
    store_.full = true;
    EXPECT_EQ(world_.run(fleet_->remove_tenant("acme")).error().code, errc::storage_full);
    store_.full = false;
    EXPECT_EQ(view("acme").users, 5u);
    source_.people[0].dept("Stores");
    world_.run_for(hours{25});
    EXPECT_EQ(text("acme", "PW0", field::department), "Stores");
}

TEST_F(FleetTenants, SettingsChangeBetweenRunsNotWithinOne) {
    hire(0, 5);
    for (auto& each : source_.people) each.with(sync::source_field::known_as, "Nick");
    add_loaded("acme");
    source_.latency = seconds{10};
    const auto ticket = fleet_->request_sync("acme");
    world_.run_for(seconds{1});
    sync::tenant_change change;
    change.settings = view("acme").settings;
    change.settings->known_as = true;
    ASSERT_TRUE(world_.run(fleet_->change_tenant("acme", std::move(change))));
    EXPECT_TRUE(world_.run(fleet_->wait(*ticket, home_.now()))->done) << "the change waited for it";
    EXPECT_EQ(store_.records.back().cause, sync::run_cause::resolve);
    EXPECT_EQ(store_.records.back().counts.updated, 5u) << "and is applied to unchanged people";
    EXPECT_EQ(text("acme", "PW0", field::first_name), "Nick")
        << "from the stored snapshot, at once";
    EXPECT_EQ(sync_now("acme").counts.updated, 0u);
}

TEST_F(FleetTenants, AnUnknownNameIsAnsweredWithTheNearest) {
    hire(0, 1);
    add_loaded("acme");
    EXPECT_EQ(fleet_->nearest_tenant("amce"), "acme");
    EXPECT_THAT(fleet_->request_sync("amce").error().detail, HasSubstr("did you mean 'acme'?"));
    EXPECT_EQ(fleet_->users("amce"), nullptr);
}

} // namespace
