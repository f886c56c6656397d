// Fleets that read page by page: every page has its slot, and nothing of a part is acted on.
#include "rollcall/async/task_group.hpp"
#include "unit/sync/fleet_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::test;
using directory::field;
using sync::run_outcome;
using sync::tenant_state;
using testing::ElementsAre;
using testing::HasSubstr;

class FleetPages : public fleet_case {
  protected:
    // Adds a tenant that reads pages of 20; not loaded yet.
    void add_paged(const std::string& name) {
        auto made = tenant(name);
        made.settings.paged_reading = true;
        made.settings.page_rows = 20;
        made.verify = false;
        const auto added = world_.run(fleet_->add_tenant(std::move(made)));
        ASSERT_TRUE(added) << added.error().detail;
    }
    void add_paged_and_load(const std::string& name) {
        add_paged(name);
        world_.run_for(minutes{5});
        ASSERT_NE(view(name).progress.last_success, wall_time{});
        source_.asked.clear();
    }
    void expect_limit(std::size_t limit) const {
        const auto& all = source_.sent;
        for (std::size_t i = 0; i + limit < all.size(); ++i) {
            EXPECT_GE(all[i + limit] - all[i], minutes{1}) << "calls " << i << " to " << i + limit;
        }
    }
    // The fault of the page `number`, so many times.
    void fault_on(std::uint32_t number, errc code, int times = 1) {
        source_.distort = [=, left = times](std::uint32_t page, auto&, auto& report) mutable {
            if (page == number && left-- > 0) report.code = code;
        };
    }
};

TEST_F(FleetPages, EverybodyIsReadInPagesThatAreOneSnapshot) {
    hire(0, 65);
    add_paged_and_load("acme");
    EXPECT_EQ(users("acme").size(), 65u);
    source_.people[3].dept("Stores");
    source_.people[64].dept("Stores");
    hire(65, 70);
    const auto run = sync_now("acme");
    EXPECT_EQ(run.result, run_outcome::applied);
    EXPECT_EQ(run.counts.rows, 70u);
    EXPECT_EQ(run.counts.updated, 2u);
    EXPECT_EQ(run.counts.created, 5u);
    EXPECT_THAT(source_.asked, ElementsAre("@0", "@20", "@40", "@60"));
    EXPECT_EQ(sync_now("acme").result, run_outcome::unchanged);
    EXPECT_EQ(view("acme").paging, sync::page_memory{});
}

TEST_F(FleetPages, B1NoMinuteHasMoreCallsThanTheLimitWhoeverReadsPages) {
    hire(0, 130); // seven pages
    options_.egress = {{"", 10}};
    restart();
    for (int i = 0; i < 8; ++i) add_paged("t" + std::to_string(i));
    ASSERT_TRUE(world_.run(fleet_->add_tenant(tenant("plain"))));
    for (int i = 0; i < 200 && fleet_->status().never_synced != 0; ++i) {
        if (i % 7 == 3) (void)fleet_->request_sync("t0");
        world_.run_for(seconds{20});
    }
    EXPECT_EQ(fleet_->status().never_synced, 0u);
    EXPECT_GE(source_.sent.size(), 8u * 7 + 2);
    expect_limit(10);
    EXPECT_EQ(fleet_->status().addresses[0].limit, 10u);
}

TEST_F(FleetPages, WhoWaitsAtAButtonDoesNotWaitForSomebodysPages) {
    hire(0, 400); // twenty pages
    options_.egress = {{"", 10}};
    restart();
    add_loaded("small");
    add_paged("large");
    world_.run_for(seconds{90});
    ASSERT_EQ(view("large").state, tenant_state::running);
    const auto begin = home_.now();
    (void)sync_now("small");
    EXPECT_LE(home_.now() - begin, seconds{8}) << "the next slot is theirs";
    EXPECT_EQ(view("large").state, tenant_state::running);
    expect_limit(10);
}

TEST_F(FleetPages, AnActionThatIsRefusedIsRememberedAndEverybodyIsReadAtOnceInTheSameRun) {
    hire(0, 65);
    source_.grants_pages = false;
    add_paged("acme");
    world_.run_for(minutes{5});
    EXPECT_THAT(source_.asked, ElementsAre("@0", ""));
    EXPECT_EQ(users("acme").size(), 65u);
    EXPECT_NE(view("acme").paging.refused, wall_time{});
    EXPECT_EQ(view("acme").progress.failures, 0u);
    source_.asked.clear();
    (void)sync_now("acme");
    restart();
    (void)sync_now("acme");
    EXPECT_THAT(source_.asked, ElementsAre("", "")) << "also after a restart";
    // Another key may have the grant.
    source_.grants_pages = true;
    source_.good_keys.insert("good-2");
    ASSERT_TRUE(change_key("acme", "good-2"));
    EXPECT_EQ(view("acme").paging, sync::page_memory{});
    source_.asked.clear();
    EXPECT_EQ(sync_now("acme").result, run_outcome::unchanged);
    EXPECT_THAT(source_.asked, ElementsAre("@0", "@20", "@40", "@60"));
    restart();
    EXPECT_EQ(view("acme").paging, sync::page_memory{}) << "it is forgotten on the disk too";
}

TEST_F(FleetPages, ARefusalOfTheKeyItselfIsNoMemoryOfPages) {
    hire(0, 65);
    add_paged_and_load("acme");
    source_.grants_pages = false;
    source_.faults = {errc::permission_missing};
    EXPECT_EQ(sync_now("acme").code, errc::permission_missing);
    EXPECT_EQ(view("acme").paging, sync::page_memory{});
    EXPECT_THAT(source_.asked, ElementsAre("@0", ""));
}

TEST_F(FleetPages, G2PagesThatDoNotGoTogetherAreHeldAndASecondReadClearsThem) {
    using rows = std::vector<employee>;
    using report = sync::fetch_report;
    const std::map<std::string, std::function<void(std::uint32_t, rows&, report&)>> faults{
        {"the total moves", [](auto page, auto&, auto& r) { *r.rows_total += page == 3 ? 1 : 0; }},
        {"a short page",
         [](auto page, auto& some, auto&) {
             if (page == 2) some.erase(some.begin());
         }},
        {"a page comes again",
         [this](auto page, auto& some, auto&) {
             if (page == 3) some.assign(source_.people.begin() + 20, source_.people.begin() + 40);
         }},
        {"an empty page",
         [](auto page, auto& some, auto&) {
             if (page == 4) some.clear();
         }},
        {"somebody changes",
         [this](auto page, auto& some, auto&) {
             if (page == 4) some.push_back(employee(source_.people[0]).dept("Elsewhere"));
         }},
    };
    hire(0, 65);
    add_paged_and_load("acme");
    source_.people[0].dept("Stores");
    const auto before = store_.tenants.begin()->second.users;
    for (const auto& [what, fault] : faults) {
        SCOPED_TRACE(what);
        source_.distort = fault;
        const auto run = sync_now("acme");
        EXPECT_EQ(run.result, run_outcome::held);
        EXPECT_EQ(run.code, errc::held);
        EXPECT_THAT(run.detail, HasSubstr("the pages of one read do not go together"));
        EXPECT_EQ((*desk().doubted("acme"))->rule, "G-2");
        EXPECT_EQ(view("acme").state, tenant_state::held);
        EXPECT_EQ(view("acme").paging.doubts, 1u);
        EXPECT_EQ(store_.tenants.begin()->second.users, before);
        source_.distort = nullptr;
        world_.run_for(minutes{11});
        EXPECT_EQ(view("acme").state, tenant_state::waiting) << "read again by itself";
        EXPECT_EQ(view("acme").paging, sync::page_memory{});
        EXPECT_NE(store_.tenants.begin()->second.users, before);
        source_.people[0].dept("Works");
        (void)sync_now("acme");
        source_.people[0].dept("Stores");
    }
}

TEST_F(FleetPages, G2AfterThreeDoubtsInARowEverybodyIsReadAtOnceForThatSweep) {
    hire(0, 65);
    add_paged_and_load("acme");
    source_.people[0].dept("Stores");
    source_.distort = [](auto page, auto&, auto& r) { *r.rows_total += page == 2 ? 1 : 0; };
    EXPECT_EQ(sync_now("acme").result, run_outcome::held);
    restart(); // what is known of pages outlives it, and so does the second read that is due
    EXPECT_EQ(view("acme").paging.doubts, 1u);
    EXPECT_EQ(view("acme").state, tenant_state::held);
    source_.asked.clear();
    world_.run_for(minutes{12});
    EXPECT_THAT(source_.asked, ElementsAre("@0", "@20"));
    EXPECT_EQ(text("acme", "PW0", field::department), "Works");
    source_.asked.clear();
    world_.run_for(minutes{25});
    EXPECT_THAT(source_.asked, ElementsAre("@0", "@20", ""));
    EXPECT_EQ(text("acme", "PW0", field::department), "Stores");
    const auto known = view("acme").paging;
    EXPECT_EQ(known.doubts, 0u);
    EXPECT_NE(known.at_once, wall_time{});
    EXPECT_THAT(known.doubt, HasSubstr("page 2 counts 66"));
    EXPECT_EQ(view("acme").state, tenant_state::waiting);
    // For that sweep only.
    source_.distort = nullptr;
    source_.asked.clear();
    EXPECT_EQ(sync_now("acme").result, run_outcome::unchanged);
    EXPECT_THAT(source_.asked, ElementsAre("@0", "@20", "@40", "@60"));
}

TEST_F(FleetPages, B2AThrottledPageIsAskedForAgainAfterAWindow) {
    hire(0, 65);
    add_paged_and_load("acme");
    source_.people[0].dept("Stores");
    fault_on(3, errc::throttled, 2);
    const auto begin = home_.now();
    EXPECT_EQ(sync_now("acme").result, run_outcome::applied);
    EXPECT_THAT(source_.asked, ElementsAre("@0", "@20", "@40", "@40", "@40", "@60"));
    EXPECT_GE(home_.now() - begin, minutes{2});
    EXPECT_EQ(text("acme", "PW0", field::department), "Stores");
    EXPECT_EQ(fleet_->status().calls_throttled, 2u);
}

TEST_F(FleetPages, B2WhoIsThrottledAgainAndAgainIsReadAnew) {
    hire(0, 65);
    add_paged_and_load("acme");
    source_.people[0].dept("Stores");
    fault_on(3, errc::throttled, 3);
    EXPECT_EQ(sync_now("acme").code, errc::throttled);
    EXPECT_EQ(text("acme", "PW0", field::department), "Works") << "nothing of a part";
    world_.run_for(minutes{10});
    EXPECT_EQ(text("acme", "PW0", field::department), "Stores");
    EXPECT_EQ(view("acme").progress.failures, 0u);
}

TEST_F(FleetPages, AFailedPageFailsTheWholeRead) {
    hire(0, 65);
    add_paged_and_load("acme");
    source_.people[0].dept("Stores");
    fault_on(4, errc::connection_failed);
    EXPECT_EQ(sync_now("acme").code, errc::connection_failed);
    EXPECT_EQ(text("acme", "PW0", field::department), "Works");
    EXPECT_EQ(view("acme").state, tenant_state::backing_off);
    world_.run_for(minutes{5});
    EXPECT_EQ(text("acme", "PW0", field::department), "Stores");
}

TEST_F(FleetPages, G7APreviewReadsPagesAndRemembersNothing) {
    hire(0, 65);
    add_paged_and_load("acme");
    source_.people[0].dept("Stores");
    const auto shown = sync_now("acme", {}, true);
    EXPECT_EQ(shown.result, run_outcome::previewed);
    EXPECT_EQ(shown.counts.updated, 1u);
    source_.distort = [](auto page, auto&, auto& r) { *r.rows_total += page == 2 ? 1 : 0; };
    EXPECT_EQ(sync_now("acme", {}, true).result, run_outcome::held);
    EXPECT_EQ(view("acme").paging, sync::page_memory{});
    EXPECT_EQ(view("acme").state, tenant_state::waiting);
}

TEST_F(FleetPages, OneEmployeeIsReadByIdAsEver) {
    hire(0, 65);
    add_paged_and_load("acme");
    source_.people[1].dept("Stores");
    EXPECT_EQ(sync_now("acme", "PW1").counts.updated, 1u);
    EXPECT_THAT(source_.asked, ElementsAre("PW1"));
}

TEST_F(FleetPages, MoreEmployeesThanMayBeAreRefusedOnTheFirstPage) {
    hire(0, 65);
    add_paged_and_load("acme");
    options_.users_per_tenant_max = 60;
    fleet_->reload(options_);
    EXPECT_EQ(sync_now("acme").code, errc::response_too_large);
    EXPECT_THAT(source_.asked, ElementsAre("@0"));
}

TEST_F(FleetPages, CancelledAtAnyInstantItHasChangedNothingAndIsReadAnew) {
    hire(0, 65);
    options_.egress = {{"", 3}}; // so that the last page waits for a slot
    restart();
    add_paged_and_load("acme");
    world_.run_for(minutes{2});
    const auto before = store_.tenants.begin()->second.users;
    const auto commits = store_.commits;
    source_.people[0].dept("Stores");
    int cancelled = 0;
    for (int step = 0; step < 60; ++step) {
        SCOPED_TRACE(step);
        ASSERT_TRUE(fleet_->request_sync("acme"));
        world_.run_for(milliseconds{step < 20 ? 50 * step : 3'500 * (step - 20)});
        const bool under_way = view("acme").state == tenant_state::running;
        stop(); // joins its groups, or does not return
        if (under_way) {
            ++cancelled;
            EXPECT_EQ(store_.commits, commits);
            EXPECT_EQ(store_.tenants.begin()->second.users, before);
        }
        start();
        world_.run_for(minutes{3});
        if (store_.tenants.begin()->second.users != before) break; // it had come to its end
    }
    world_.run_for(hours{25});
    EXPECT_EQ(text("acme", "PW0", field::department), "Stores");
    expect_limit(3);
    EXPECT_GE(cancelled, 30);
}

TEST_F(FleetPages, ADrainDoesNotWaitForARunThatWaitsForASlot) {
    hire(0, 400);
    options_.egress = {{"", 4}};
    restart();
    add_paged("acme");
    world_.run_for(seconds{90});
    ASSERT_EQ(view("acme").state, tenant_state::running);
    const auto begin = home_.now();
    stop(minutes{10});
    EXPECT_LE(home_.now() - begin, seconds{2});
    start();
    world_.run_for(minutes{20});
    EXPECT_EQ(users("acme").size(), 400u);
}

TEST_F(FleetPages, ATenantThatReadsPagesCanBeRemoved) {
    hire(0, 400);
    options_.egress = {{"", 10}};
    restart();
    add_paged("acme");
    world_.run_for(seconds{40});
    ASSERT_EQ(view("acme").state, tenant_state::running);
    EXPECT_TRUE(world_.run(fleet_->remove_tenant("acme")));
    EXPECT_TRUE(fleet_->tenant_names().empty());
    EXPECT_EQ(fleet_->status().addresses[0].limit, 10u);
}

} // namespace
