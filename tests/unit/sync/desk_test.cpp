// The desk on a real fleet: what a person decides and asks, over a store in memory.
#include "fleet_case.hpp"

namespace rollcall::test {
namespace {

using sync::run_outcome;
using sync::step_kind;

class desk_case : public fleet_case {
  protected:
    void load(const std::string& name, int people,
              const std::function<void(sync::tenant_settings&)>& choose = {}) {
        hire(1, people + 1);
        auto fresh = tenant(name);
        if (choose) choose(fresh.settings);
        const auto added = world_.run(fleet_->add_tenant(std::move(fresh)));
        ASSERT_TRUE(added) << added.error().detail;
        world_.run_for(minutes{5});
        ASSERT_NE(view(name).progress.last_success, wall_time{});
    }
    employee& person(int n) {
        const auto id = "PW" + std::to_string(n);
        const auto place = std::find_if(source_.people.begin(), source_.people.end(),
                                        [&](const employee& e) { return e.id == id; });
        EXPECT_NE(place, source_.people.end()) << id;
        return *place;
    }
    // Everybody of a range leaves on the same day.
    void leave(int from, int to) {
        for (int i = from; i < to; ++i) person(i).left("2026-01-01");
    }
    [[nodiscard]] std::size_t active(const std::string& name) { return users(name).active(); }
    [[nodiscard]] sync::hold held(const std::string& name) {
        auto out = desk().held(name);
        EXPECT_TRUE(out);
        return *out;
    }
    sync::run_record done(outcome<sync::run_record> what) {
        EXPECT_TRUE(what) << what.error().detail;
        return what ? *what : sync::run_record{};
    }
};

TEST_F(desk_case, G5HalfTheStaffLeavingIsHeldWhileANewStarterFlows) {
    load("acme", 40);
    leave(1, 8);
    hire(41, 42);
    const auto run = sync_now("acme");
    EXPECT_EQ(run.result, run_outcome::applied);
    EXPECT_EQ(run.counts.created, 1u);
    EXPECT_EQ(run.counts.deactivated, 0u);
    EXPECT_EQ(active("acme"), 41u);
    ASSERT_EQ(held("acme").sections.size(), 1u);
    EXPECT_EQ(held("acme").sections[0].what, sync::guard::deactivation);
    EXPECT_EQ(held("acme").steps(), 7u);
    EXPECT_EQ(view("acme").held_steps, 7u);
}

TEST_F(desk_case, G6ApprovedByItsDigestExactlyWhatWasShownRuns) {
    load("acme", 40);
    leave(1, 8);
    (void)sync_now("acme");
    const auto shown = held("acme");
    const auto wrong = world_.run(desk().approve("acme", "00", {}));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, errc::held);
    EXPECT_EQ(active("acme"), 40u);
    const auto run = done(world_.run(desk().approve("acme", shown.digest, {})));
    EXPECT_EQ(run.counts.deactivated, 7u);
    EXPECT_EQ(active("acme"), 33u);
    EXPECT_TRUE(held("acme").empty());
    EXPECT_EQ(sync_now("acme").result, run_outcome::unchanged);
}

TEST_F(desk_case, G6AStepWhosePreconditionMovedIsDropped) {
    load("acme", 40);
    leave(1, 8);
    (void)sync_now("acme");
    const auto shown = held("acme");
    (void)done(world_.run(desk().edit_user("acme", "PW3", {{"state", "inactive"}})));
    const auto run = done(world_.run(desk().approve("acme", shown.digest, {})));
    EXPECT_EQ(run.counts.deactivated, 6u);
    EXPECT_EQ(run.counts.dropped, 1u);
    EXPECT_EQ(active("acme"), 33u);
}

TEST_F(desk_case, G6WhatIsRejectedStaysAwayUntilItChanges) {
    load("acme", 40);
    leave(1, 8);
    (void)sync_now("acme");
    const auto rejected = world_.run(desk().reject("acme", held("acme").digest, {}));
    ASSERT_TRUE(rejected) << rejected.error().detail;
    EXPECT_TRUE(held("acme").empty());
    EXPECT_EQ(sync_now("acme").result, run_outcome::unchanged);
    EXPECT_EQ(active("acme"), 40u);
    restart();
    EXPECT_EQ(sync_now("acme").counts.deactivated, 0u) << "also after a restart";
    EXPECT_EQ(active("acme"), 40u);
}

TEST_F(desk_case, G9AnUnchangedHoldWritesNothing) {
    load("acme", 40);
    leave(1, 8);
    (void)sync_now("acme");
    const auto digest = held("acme").digest;
    const auto commits = store_.commits;
    (void)sync_now("acme");
    EXPECT_EQ(store_.commits, commits);
    EXPECT_EQ(held("acme").digest, digest);
}

TEST_F(desk_case, G9HeldNewStartersKeepTheirNumbersWhileTheyWait) {
    load("acme", 10, [](sync::tenant_settings& s) {
        s.invite = sync::invite::immediately;
        ASSERT_TRUE(sync::set_setting(s, "limit_create", "people=2 percent=10"));
    });
    hire(11, 16);
    person(12).with(sync::source_field::reports_to_id, "PW11");
    (void)sync_now("acme");
    const auto digest = held("acme").digest;
    const auto next = store_.tenants.begin()->second.record.next_uid;
    const auto commits = store_.commits;
    (void)sync_now("acme");
    EXPECT_EQ(store_.commits, commits);
    EXPECT_EQ(held("acme").digest, digest);
    person(3).with(sync::source_field::job_role, "Director");
    (void)sync_now("acme");
    EXPECT_EQ(held("acme").digest, digest) << "what happens to others does not disturb it";
    EXPECT_EQ(store_.tenants.begin()->second.record.next_uid, next);
    const auto run = done(world_.run(desk().approve("acme", digest, {sync::guard::create})));
    EXPECT_EQ(run.counts.created, 5u);
    EXPECT_EQ(desk().user("acme", "PW12")->meta.manager, desk().user("acme", "PW11")->meta.uid);
}

TEST_F(desk_case, G5ARecordAppliedInPartIsLookedAtAgainWhenItBecomesWhatItWas) {
    load("acme", 10, [](sync::tenant_settings& s) {
        ASSERT_TRUE(sync::set_setting(s, "limit_email", "percent=0"));
    });
    person(2).mail("new@example.com").with(sync::source_field::job_role, "Director");
    (void)sync_now("acme");
    ASSERT_EQ(text("acme", "PW2", directory::field::job_title), "Director");
    ASSERT_EQ(held("acme").steps(), 1u);
    const auto commits = store_.commits;
    (void)sync_now("acme");
    EXPECT_EQ(store_.commits, commits) << "G-9";
    person(2).mail("PW2@example.com").others = {};
    (void)sync_now("acme");
    EXPECT_EQ(text("acme", "PW2", directory::field::job_title), "");
    EXPECT_TRUE(held("acme").empty());
}

TEST_F(desk_case, La13ARecordWithAConflictIsLookedAtAgainWhenItBecomesWhatItWas) {
    load("acme", 3);
    person(2).mail("PW3@example.com").with(sync::source_field::leaving_date, "2027-03-01");
    (void)sync_now("acme");
    ASSERT_TRUE(desk().user("acme", "PW2")->leaving_date.is_set());
    person(2).mail("PW2@example.com").others = {};
    (void)sync_now("acme");
    EXPECT_FALSE(desk().user("acme", "PW2")->leaving_date.is_set());
}

TEST_F(desk_case, G5AReadOfOnePersonIsNoWayRoundAHold) {
    load("acme", 40);
    leave(1, 11);
    (void)sync_now("acme");
    ASSERT_EQ(held("acme").steps(), 10u);
    const auto digest = held("acme").digest;
    for (const auto* id : {"PW2", "PW4", "PW6"}) (void)sync_now("acme", id);
    EXPECT_EQ(active("acme"), 40u);
    EXPECT_EQ(held("acme").digest, digest) << "and what was shown is still what is held";
}

TEST_F(desk_case, G5ATimerIsNoWayRoundAHold) {
    load("acme", 40);
    for (int i = 1; i < 11; ++i) person(i).with(sync::source_field::leaving_date, "2027-01-14");
    person(20).with(sync::source_field::leaving_date, "2027-01-16");
    (void)sync_now("acme");
    ASSERT_EQ(held("acme").steps(), 10u);
    world_.run_for(hours{42});
    EXPECT_EQ(active("acme"), 39u) << "only whose day has ended since";
}

TEST_F(desk_case, La26AnUndoneCreationDoesNotInviteAgain) {
    load("acme", 5, [](sync::tenant_settings& s) { s.invite = sync::invite::immediately; });
    const auto live = world_.run(desk().plan_go_live("acme"));
    (void)done(world_.run(desk().go_live("acme", live->digest)));
    hire(6, 7);
    const auto run = sync_now("acme");
    world_.run_for(seconds{5});
    ASSERT_EQ(notices_.delivered.size(), 6u);
    const auto shown = world_.run(desk().plan_undo("acme", run.id));
    ASSERT_TRUE(shown) << shown.error().detail;
    EXPECT_FALSE(shown->cannot.empty());
    (void)done(world_.run(desk().undo("acme", run.id, shown->digest)));
    EXPECT_EQ(active("acme"), 5u);
    (void)sync_now("acme");
    world_.run_for(seconds{5});
    EXPECT_EQ(active("acme"), 6u) << "PeopleHR still has the person";
    EXPECT_EQ(notices_.delivered.size(), 6u);
}

TEST_F(desk_case, La45TheLastOwnerStaysWhateverIsApproved) {
    load("acme", 40);
    for (int i = 1; i < 3; ++i) {
        const auto id = "PW" + std::to_string(i);
        (void)done(world_.run(desk().edit_user("acme", id, {{"role", "owner"}})));
    }
    leave(2, 9);
    (void)sync_now("acme");
    const auto digest = held("acme").digest;
    (void)done(world_.run(desk().edit_user("acme", "PW1", {{"state", "inactive"}})));
    (void)done(world_.run(desk().approve("acme", digest, {})));
    EXPECT_TRUE(users("acme").is_active(users("acme").find_by_id("PW2")));
}

TEST_F(desk_case, LateNewsOfOnePersonOutliveAReplan) {
    load("acme", 5);
    person(2).left("2026-01-01");
    (void)sync_now("acme");
    ASSERT_EQ(active("acme"), 4u);
    person(2) = employee("PW2");
    (void)sync_now("acme", "PW2");
    ASSERT_EQ(active("acme"), 5u);
    sync::tenant_change change;
    change.settings = view("acme").settings;
    change.settings->known_as = true;
    ASSERT_TRUE(world_.run(fleet_->change_tenant("acme", std::move(change))));
    EXPECT_EQ(active("acme"), 5u) << "the stored snapshot has heard of it";
}

TEST_F(desk_case, AnErasedPersonIsNotStoredAgainAndOldNumbersGoToo) {
    load("acme", 5);
    (void)done(world_.run(desk().delete_user("acme", "PW2")));
    (void)sync_now("acme");
    (void)done(world_.run(desk().erase("acme", "PW2", true)));
    person(3).with(sync::source_field::job_role, "Director");
    (void)sync_now("acme");
    const auto& stored = store_.tenants.begin()->second;
    EXPECT_EQ(stored.snapshot->rows.find("PW2@example.com"), std::string::npos);
    for (const auto& each : stored.audit) EXPECT_NE(each.step.label, "PW2");
}

TEST_F(desk_case, AHoldSurvivesARestart) {
    load("acme", 40);
    leave(1, 8);
    (void)sync_now("acme");
    const auto before = held("acme");
    restart();
    EXPECT_EQ(held("acme").digest, before.digest);
    EXPECT_EQ(held("acme").steps(), 7u);
    (void)done(world_.run(desk().approve("acme", before.digest, {})));
    EXPECT_EQ(active("acme"), 33u);
}

TEST_F(desk_case, G7APreviewShowsAndChangesNothing) {
    load("acme", 10);
    person(3).with(sync::source_field::job_role, "Director");
    const auto commits = store_.commits;
    const auto calls = source_.asked.size();
    const auto shown = sync_now("acme", {}, true);
    EXPECT_EQ(shown.result, run_outcome::previewed);
    ASSERT_EQ(shown.steps.size(), 1u);
    EXPECT_EQ(shown.steps[0].label, "PW3");
    EXPECT_EQ(store_.commits, commits);
    EXPECT_EQ(source_.asked.size(), calls + 1) << "no more calls than a sync";
    EXPECT_EQ(text("acme", "PW3", directory::field::job_title), "");
    EXPECT_EQ(sync_now("acme").result, run_outcome::applied) << "the preview used nothing up";
    EXPECT_EQ(text("acme", "PW3", directory::field::job_title), "Director");
}

TEST_F(desk_case, G7APreviewAndASyncShareACall) {
    load("acme", 10);
    person(3).with(sync::source_field::job_role, "Director");
    const auto calls = source_.asked.size();
    const auto preview = fleet_->request_sync("acme", {}, true);
    const auto real = fleet_->request_sync("acme");
    ASSERT_TRUE(preview && real);
    const auto until = home_.now() + hours{1};
    const auto shown = world_.run(fleet_->wait(*preview, until));
    const auto done_run = world_.run(fleet_->wait(*real, until));
    EXPECT_EQ(source_.asked.size(), calls + 1);
    EXPECT_EQ(shown->run.result, run_outcome::previewed);
    EXPECT_EQ(done_run->run.result, run_outcome::applied);
}

TEST_F(desk_case, La3AManualEditIsRecordedAndOverwrittenByTheNextChange) {
    load("acme", 5);
    const auto run = done(world_.run(desk().edit_user("acme", "PW2", {{"job_title", "Boss"}})));
    EXPECT_EQ(run.cause, sync::run_cause::manual);
    EXPECT_EQ(text("acme", "PW2", directory::field::job_title), "Boss");
    (void)sync_now("acme");
    EXPECT_EQ(text("acme", "PW2", directory::field::job_title), "Boss")
        << "LA-19: a blank of HR does not take what an admin set";
    person(2).with(sync::source_field::job_role, "Engineer");
    (void)sync_now("acme");
    EXPECT_EQ(text("acme", "PW2", directory::field::job_title), "Engineer");
}

TEST_F(desk_case, BadEditsNameEveryFault) {
    load("acme", 5);
    const auto wrong = world_.run(desk().edit_user(
        "acme", "PW2", {{"email", "PW3@example.com"}, {"start_date", "soon"}, {"salary", "1"}}));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, errc::invalid_argument);
    for (const auto* each : {"email", "another user", "start_date", "salary"}) {
        EXPECT_NE(wrong.error().detail.find(each), std::string::npos) << wrong.error().detail;
    }
    EXPECT_EQ(world_.run(desk().edit_user("acme", "PW99", {})).error().code, errc::not_found);
}

TEST_F(desk_case, La15ADeletedUserIsCreatedAgain) {
    load("acme", 5);
    const auto uid = desk().user("acme", "PW2")->meta.uid;
    (void)done(world_.run(desk().delete_user("acme", "PW2")));
    EXPECT_FALSE(desk().user("acme", "PW2"));
    const auto run = sync_now("acme");
    EXPECT_EQ(run.counts.created, 1u);
    EXPECT_NE(desk().user("acme", "PW2")->meta.uid, uid);
}

TEST_F(desk_case, UndoTakesARunBackAndSaysWhatWasChangedSince) {
    load("acme", 20);
    for (int i = 1; i < 6; ++i) person(i).with(sync::source_field::job_role, "Wrong");
    const auto run = sync_now("acme");
    ASSERT_EQ(run.counts.updated, 5u);
    (void)done(world_.run(desk().edit_user("acme", "PW2", {{"job_title", "Right"}})));
    const auto shown = world_.run(desk().plan_undo("acme", run.id));
    ASSERT_TRUE(shown) << shown.error().detail;
    EXPECT_EQ(shown->steps.size(), 4u);
    ASSERT_EQ(shown->cannot.size(), 1u);
    EXPECT_NE(shown->cannot[0].find("PW2"), std::string::npos);
    EXPECT_EQ(world_.run(desk().undo("acme", run.id, "00")).error().code, errc::held);
    EXPECT_EQ(done(world_.run(desk().undo("acme", run.id, shown->digest))).cause,
              sync::run_cause::undo);
    EXPECT_EQ(text("acme", "PW1", directory::field::job_title), "");
    EXPECT_EQ(text("acme", "PW2", directory::field::job_title), "Right");
}

TEST_F(desk_case, WhatIfShowsASettingsChangeWithoutACall) {
    load("acme", 6);
    for (int i = 1; i < 4; ++i) person(i).with(sync::source_field::company, "Acme Ltd");
    (void)sync_now("acme");
    const auto calls = source_.asked.size();
    auto settings = view("acme").settings;
    settings.company = "acme ltd";
    const auto shown = world_.run(desk().what_if("acme", settings));
    ASSERT_TRUE(shown) << shown.error().detail;
    EXPECT_EQ(shown->counts.unmanaged + shown->counts.held, 3u);
    EXPECT_EQ(source_.asked.size(), calls);
    settings.company = "Acme Limited";
    const auto nobody = world_.run(desk().what_if("acme", settings));
    ASSERT_TRUE(nobody);
    ASSERT_EQ(nobody->cannot.size(), 1u) << "LA-6";
}

TEST_F(desk_case, G5TheFirstImportInvitesNobodyUntilSomebodySaysGo) {
    load("acme", 8, [](sync::tenant_settings& s) { s.invite = sync::invite::immediately; });
    EXPECT_TRUE(notices_.delivered.empty());
    EXPECT_EQ(held("acme").steps(), 8u);
    const auto shown = world_.run(desk().plan_go_live("acme"));
    ASSERT_TRUE(shown) << shown.error().detail;
    EXPECT_EQ(shown->steps.size(), 8u);
    (void)done(world_.run(desk().go_live("acme", shown->digest)));
    world_.run_for(seconds{5});
    EXPECT_EQ(notices_.delivered.size(), 8u);
    EXPECT_TRUE(held("acme").empty());
    hire(9, 10);
    (void)sync_now("acme");
    world_.run_for(seconds{5});
    EXPECT_EQ(notices_.delivered.size(), 9u) << "a new joiner is invited without being held";
    restart();
    (void)sync_now("acme");
    world_.run_for(seconds{5});
    EXPECT_EQ(notices_.delivered.size(), 9u) << "LA-26: once, also over a restart";
}

TEST_F(desk_case, La16WhoeverWasDeactivatedSinceIsNotInvitedByAnApproval) {
    load("acme", 3, [](sync::tenant_settings& s) { s.invite = sync::invite::immediately; });
    const auto digest = held("acme").digest;
    (void)done(world_.run(desk().edit_user("acme", "PW2", {{"state", "inactive"}})));
    const auto run = done(world_.run(desk().approve("acme", digest, {})));
    EXPECT_EQ(run.counts.invited, 2u);
    EXPECT_EQ(run.counts.dropped, 1u);
    world_.run_for(seconds{5});
    EXPECT_EQ(notices_.delivered.size(), 2u);
}

TEST_F(desk_case, La23TheHireDateInvitesAtItsInstantWithoutACall) {
    load("acme", 3, [](sync::tenant_settings& s) {
        s.invite = sync::invite::hire_date;
        s.invite_hour = 9;
    });
    const auto shown = world_.run(desk().plan_go_live("acme"));
    ASSERT_TRUE(world_.run(desk().go_live("acme", shown->digest)));
    hire(4, 5);
    // The world begins on 2027-01-15.
    person(4).with(sync::source_field::start_date, "2027-01-17");
    (void)sync_now("acme");
    world_.run_until(home_.now() + hours{24});
    EXPECT_TRUE(notices_.delivered.empty());
    const auto calls = source_.asked.size();
    const auto due =
        sync::local_instant(*date_from_civil(2027, 1, 17), 9, sync::zone_of(view("acme").settings));
    world_.run_for(due - home_.wall_now() - seconds{10});
    EXPECT_TRUE(notices_.delivered.empty());
    const auto calls_before = source_.asked.size();
    world_.run_for(seconds{20});
    ASSERT_EQ(notices_.delivered.size(), 1u);
    EXPECT_EQ(notices_.delivered[0].external_id, "PW4");
    EXPECT_EQ(source_.asked.size(), calls_before);
    (void)calls;
}

TEST_F(desk_case, La43ALeaverIsDeactivatedWhenTheDayHasEndedWithoutACall) {
    load("acme", 3);
    person(2).with(sync::source_field::leaving_date, "2027-01-16");
    (void)sync_now("acme");
    const auto ended =
        sync::day_ended(*date_from_civil(2027, 1, 16), sync::zone_of(view("acme").settings));
    world_.run_for(ended - home_.wall_now() - seconds{5});
    EXPECT_EQ(active("acme"), 3u);
    const auto calls = source_.asked.size();
    world_.run_for(seconds{10});
    EXPECT_EQ(active("acme"), 2u);
    EXPECT_EQ(source_.asked.size(), calls);
    EXPECT_EQ(store_.records.back().cause, sync::run_cause::timer);
}

TEST_F(desk_case, G11ANoticeThatIsNotTakenIsKeptAndHandedOverLater) {
    load("acme", 2, [](sync::tenant_settings& s) { s.invite = sync::invite::immediately; });
    notices_.refuses = true;
    const auto shown = world_.run(desk().plan_go_live("acme"));
    (void)done(world_.run(desk().go_live("acme", shown->digest)));
    world_.run_for(minutes{2});
    EXPECT_TRUE(notices_.delivered.empty());
    EXPECT_EQ(store_.outbox.size(), 2u);
    restart();
    notices_.refuses = false;
    world_.run_for(minutes{2});
    EXPECT_EQ(notices_.delivered.size(), 2u);
    EXPECT_TRUE(store_.outbox.empty());
}

TEST_F(desk_case, AnErasedPersonIsGoneAndNotCreatedAgain) {
    load("acme", 5);
    const auto uid = desk().user("acme", "PW2")->meta.uid;
    EXPECT_EQ(world_.run(desk().erase("acme", "PW2", false)).error().code, errc::invalid_argument);
    (void)done(world_.run(desk().erase("acme", "PW2", true)));
    EXPECT_FALSE(desk().user("acme", "PW2"));
    for (const auto& each : store_.tenants.begin()->second.audit) {
        if (each.step.subject == uid && subject_of(each.step.kind) == sync::subject_kind::user) {
            EXPECT_FALSE(each.readable);
        }
    }
    const auto run = sync_now("acme");
    EXPECT_EQ(run.counts.created, 0u);
    EXPECT_FALSE(desk().user("acme", "PW2"));
    EXPECT_EQ(users("acme").size(), 4u);
}

TEST_F(desk_case, La26WhoeverWasInvitedAndDeletedByHandIsNotInvitedAgainByItself) {
    load("acme", 3, [](sync::tenant_settings& s) { s.invite = sync::invite::immediately; });
    (void)done(world_.run(desk().go_live("acme", world_.run(desk().plan_go_live("acme"))->digest)));
    world_.run_for(seconds{5});
    ASSERT_EQ(notices_.delivered.size(), 3u);
    (void)done(world_.run(desk().delete_user("acme", "PW2")));
    restart();
    EXPECT_EQ(sync_now("acme").counts.created, 1u) << "LA-15";
    world_.run_for(hours{48});
    EXPECT_EQ(notices_.delivered.size(), 3u);
    (void)done(world_.run(desk().invite("acme", {"PW2"})));
    world_.run_for(seconds{5});
    EXPECT_EQ(notices_.delivered.size(), 4u) << "a person may";
}

TEST_F(desk_case, ExplainFindsARowInSlicesWhileTheTenantGoesAway) {
    options_.rows_per_slice = 2;
    restart();
    load("acme", 40);
    EXPECT_TRUE(world_.run(desk().explain("acme", "PW39", {}))->in_source);
    std::optional<bool> found;
    task_group group(home_);
    group.spawn([](sync::desk of, std::optional<bool>& into) -> task<> {
        into = static_cast<bool>(co_await of.explain("acme", "PW39", {}));
    }(desk(), found));
    group.spawn(
        [](sync::fleet& f) -> task<> { EXPECT_TRUE(co_await f.remove_tenant("acme")); }(*fleet_));
    world_.run(group.join());
    ASSERT_TRUE(found);
    EXPECT_FALSE(*found) << "the shard did other work before the row was found";
}

TEST_F(desk_case, ExplainSaysWhyAndWhyNot) {
    load("acme", 5);
    const auto known = world_.run(desk().explain("acme", "PW2", {}));
    ASSERT_TRUE(known) << known.error().detail;
    EXPECT_TRUE(known->known);
    EXPECT_TRUE(known->in_source);
    EXPECT_FALSE(known->values.empty());
    EXPECT_FALSE(known->history.empty());
    hire(6, 7);
    person(6).mail("not an address");
    (void)sync_now("acme");
    const auto refused = world_.run(desk().explain("acme", "PW6", {}));
    ASSERT_TRUE(refused) << refused.error().detail;
    EXPECT_FALSE(refused->known);
    ASSERT_FALSE(refused->stopped.empty());
    EXPECT_EQ(refused->stopped[0].rule, "LA-18");
    EXPECT_EQ(world_.run(desk().explain("acme", "nobody", {})).error().code, errc::not_found);
}

TEST_F(desk_case, La16WhatWasDecidedOnceDoesNotOverruleALaterDeactivation) {
    load("acme", 5);
    (void)done(world_.run(desk().edit_user("acme", "PW2", {{"state", "inactive"}})));
    (void)sync_now("acme");
    (void)done(world_.run(desk().resolve("acme", sync::issue_kind::manual_deactivation, "PW2",
                                         sync::ruling_of_conflict::reactivate)));
    ASSERT_EQ(active("acme"), 5u);
    (void)done(world_.run(desk().edit_user("acme", "PW2", {{"state", "inactive"}})));
    (void)sync_now("acme");
    EXPECT_EQ(active("acme"), 4u) << "an admin's deactivation stands";
    restart();
    (void)sync_now("acme");
    EXPECT_EQ(active("acme"), 4u);
}

TEST_F(desk_case, AConflictIsResolvedByAVerb) {
    load("acme", 5);
    hire(6, 7);
    person(6).mail("PW2@example.com");
    std::erase_if(source_.people, [](const employee& e) { return e.id == "PW2"; });
    (void)sync_now("acme");
    const auto open = desk().conflicts("acme");
    ASSERT_TRUE(open);
    ASSERT_EQ(open->size(), 1u);
    EXPECT_EQ(open->front().what.kind, sync::issue_kind::email_taken);
    const auto uid = desk().user("acme", "PW2")->meta.uid;
    (void)done(world_.run(desk().resolve("acme", sync::issue_kind::email_taken, "PW6",
                                         sync::ruling_of_conflict::link)));
    ASSERT_TRUE(desk().user("acme", "PW6"));
    EXPECT_EQ(desk().user("acme", "PW6")->meta.uid, uid) << "the same user under the new id";
}

} // namespace
} // namespace rollcall::test
