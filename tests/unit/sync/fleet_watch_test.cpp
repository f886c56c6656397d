// What those who watch see of a fleet: events, ages and the picture of now.
#include "fleet_case.hpp"

namespace rollcall::test {
namespace {

using sync::event_kind;

class FleetWatch : public fleet_case {
  protected:
    FleetWatch() { hire(0, 3); }
    // A tenant that is read only when a test asks for it.
    void add_unswept(const std::string& name) {
        auto what = tenant(name);
        what.settings.schedule = sync::schedule::off;
        ASSERT_TRUE(world_.run(fleet_->add_tenant(std::move(what))));
        world_.run_for(minutes{5});
    }
    // "run.finished acme", in order.
    [[nodiscard]] std::vector<std::string> told(std::uint64_t after = 0) const {
        std::vector<std::string> out;
        for (const auto* each : fleet_->events().read(after, 1000).events) {
            out.push_back(std::string(name_of(each->kind)) +
                          (each->tenant.empty() ? "" : " " + each->tenant));
        }
        return out;
    }
    [[nodiscard]] const sync::event* last_of(event_kind kind) const {
        const sync::event* out = nullptr;
        for (const auto* each : fleet_->events().read(0, 1000).events) {
            if (each->kind == kind) out = each;
        }
        return out;
    }
    static std::string value(const sync::event& of, std::string_view name) {
        for (const auto& each : of.fields) {
            if (each.name != name) continue;
            const auto* number = std::get_if<std::int64_t>(&each.value);
            return number != nullptr ? std::to_string(*number) : std::get<std::string>(each.value);
        }
        return "(none)";
    }
};

TEST_F(FleetWatch, TellsOfATenantAndOfItsRuns) {
    add_loaded("acme");
    using ::testing::ElementsAre;
    EXPECT_THAT(told(), ElementsAre("fleet.started", "tenant.added acme", "run.started acme",
                                    "run.finished acme"));
    const auto& end = *last_of(event_kind::run_finished);
    EXPECT_EQ(value(end, "cause"), "first_load");
    EXPECT_EQ(value(end, "outcome"), "applied");
    EXPECT_EQ(value(end, "created"), "3");
    EXPECT_TRUE(world_.run(fleet_->remove_tenant("acme")));
    EXPECT_EQ(told().back(), "tenant.removed acme");
}

TEST_F(FleetWatch, TellsOfAThrottleAndOfAStateThatChanges) {
    add_loaded("acme");
    const auto before = fleet_->events().last_id();
    source_.faults = {errc::connection_failed};
    (void)sync_now("acme");
    using ::testing::ElementsAre;
    EXPECT_THAT(told(before),
                ElementsAre("run.started acme", "run.finished acme", "tenant.state acme"));
    EXPECT_EQ(value(*last_of(event_kind::tenant_state), "state"), "backing_off");
    (void)sync_now("acme");
    EXPECT_EQ(value(*last_of(event_kind::tenant_state), "state"), "waiting");
    source_.faults = {errc::throttled};
    (void)sync_now("acme");
    ASSERT_NE(last_of(event_kind::throttled), nullptr);
    EXPECT_EQ(last_of(event_kind::throttled)->tenant, "acme");
}

TEST_F(FleetWatch, TellsWhatWaitsForAPersonAndThatATenantIsStopped) {
    hire(3, 40);
    add_loaded("acme");
    for (int i = 0; i < 20; ++i) source_.people[static_cast<std::size_t>(i)].left("2020-01-01");
    (void)sync_now("acme");
    ASSERT_NE(last_of(event_kind::hold_changed), nullptr);
    EXPECT_EQ(value(*last_of(event_kind::hold_changed), "digest"), books("acme").held.digest);
    source_.good_keys.clear();
    (void)sync_now("acme");
    (void)sync_now("acme");
    ASSERT_NE(last_of(event_kind::tenant_stopped), nullptr);
    EXPECT_EQ(value(*last_of(event_kind::tenant_stopped), "code"), "key_refused");
    EXPECT_EQ(value(*last_of(event_kind::tenant_state), "state"), "stopped");
}

TEST_F(FleetWatch, NeverNamesAPerson) {
    add_loaded("acme");
    source_.people[2].with(sync::source_field::job_role, "Chief");
    (void)sync_now("acme", "PW2");
    for (const auto* each : fleet_->events().read(0, 1000).events) {
        for (const auto& field : each->fields) {
            if (const auto* text = std::get_if<std::string>(&field.value)) {
                EXPECT_EQ(text->find("PW"), std::string::npos) << field.name;
                EXPECT_EQ(text->find('@'), std::string::npos) << field.name;
            }
        }
    }
}

TEST_F(FleetWatch, AgeOfTruthIsCountedFromTheBeginningOfTheRead) {
    source_.latency = seconds{40};
    add_loaded("acme");
    const auto ticket = fleet_->request_sync("acme");
    ASSERT_TRUE(ticket);
    (void)world_.run(fleet_->wait(*ticket, home_.now() + hours{1}));
    EXPECT_GE(view("acme").truth_age, seconds{40});
    EXPECT_LT(view("acme").truth_age, seconds{41});
}

TEST_F(FleetWatch, OnlyAReadOfEverybodyThatIsTrustedMakesTruthYounger) {
    hire(3, 50);
    add_unswept("acme");
    world_.run_for(hours{5});
    const auto old = view("acme").truth_age;
    ASSERT_GE(old, hours{5});
    (void)sync_now("acme", "PW1");
    EXPECT_GE(view("acme").truth_age, old) << "one person is not everybody";
    (void)sync_now("acme", {}, true);
    EXPECT_GE(view("acme").truth_age, old) << "a preview is only looked at";
    auto everybody = std::exchange(source_.people, {});
    EXPECT_EQ(sync_now("acme").result, sync::run_outcome::held);
    EXPECT_GE(view("acme").truth_age, old) << "nobody believes an empty list";
    source_.people = std::move(everybody);
    (void)sync_now("acme");
    EXPECT_LT(view("acme").truth_age, minutes{1});
}

TEST_F(FleetWatch, AgeSurvivesARestart) {
    add_loaded("acme");
    world_.run_for(minutes{30});
    const auto before = view("acme").truth_age;
    restart();
    // The end of the read stands for its beginning now.
    EXPECT_GE(view("acme").truth_age, before - seconds{1});
    EXPECT_LT(view("acme").truth_age, before + minutes{1});
    const auto status = fleet_->status();
    EXPECT_EQ(status.truth.tenants, 1u);
    EXPECT_EQ(status.truth.max, view("acme").truth_age);
}

TEST_F(FleetWatch, LagOfAChangeIsAtMostTheTimeSinceTheReadBefore) {
    add_unswept("acme");
    EXPECT_FALSE(view("acme").last_change_lag) << "before a first read nothing was late";
    world_.run_for(hours{6});
    (void)sync_now("acme");
    EXPECT_FALSE(view("acme").last_change_lag) << "nothing has changed";
    const auto age = view("acme").truth_age;
    world_.run_for(hours{2});
    source_.people[0].with(sync::source_field::job_role, "Chief");
    (void)sync_now("acme");
    const auto lag = view("acme").last_change_lag;
    ASSERT_TRUE(lag);
    EXPECT_FALSE(lag->exact);
    EXPECT_GE(lag->at_most, age + hours{2});
    EXPECT_LT(lag->at_most, age + hours{2} + minutes{2});
    const auto text = numbers_.render();
    EXPECT_NE(text.find("rollcall_change_lag_seconds_count{cause=\"on_demand\"} 1"),
              std::string::npos);
}

TEST_F(FleetWatch, HistogramOfAgesIsMadeAnewAtEachFlush) {
    add_loaded("acme");
    add_loaded("bolt");
    world_.run_for(minutes{2});
    ASSERT_EQ(fleet_->status().truth.tenants, 2u);
    EXPECT_NE(numbers_.render().find("rollcall_truth_age_seconds_bucket{le=\"900\"} 2"),
              std::string::npos);
    world_.run_for(hours{2});
    const auto text = numbers_.render();
    EXPECT_NE(text.find("rollcall_truth_age_seconds_bucket{le=\"900\"} 0"), std::string::npos);
    EXPECT_NE(text.find("rollcall_truth_age_seconds_bucket{le=\"14400\"} 2"), std::string::npos);
    EXPECT_NE(text.find("rollcall_truth_age_seconds_bucket{le=\"+Inf\"} 2"), std::string::npos);
}

TEST_F(FleetWatch, ThePictureOfNowHasRunsQueuesAndRates) {
    add_loaded("acme");
    add_loaded("bolt");
    world_.run_for(minutes{2});
    source_.latency = seconds{10};
    (void)fleet_->request_sync("acme");
    world_.run_for(seconds{4});
    const auto top = fleet_->top(5);
    ASSERT_EQ(top.running.size(), 1u);
    EXPECT_EQ(top.running[0].tenant, "acme");
    EXPECT_GE(top.running[0].since, seconds{3});
    ASSERT_FALSE(top.queues.empty());
    EXPECT_EQ(top.queues[0].name, "request");
    EXPECT_EQ(top.queues[0].running, 1u);
    EXPECT_EQ(top.addresses.at(0).used, 1u);
    EXPECT_EQ(top.addresses.at(0).room, top.addresses.at(0).limit - 1);
    EXPECT_EQ(top.tenants, 2u);
    EXPECT_EQ(top.tenants_by_state.at("running"), 1u);
    world_.run_for(seconds{10});
    const auto after = fleet_->top(5);
    EXPECT_TRUE(after.running.empty());
    EXPECT_EQ(after.calls, 1u);
    EXPECT_EQ(after.runs, 1u);
    EXPECT_EQ(after.rows, 3u);
    ASSERT_EQ(after.slowest.size(), 2u);
    EXPECT_EQ(after.slowest[0].tenant, "acme");
    EXPECT_GE(after.slowest[0].last_run, seconds{10});
    EXPECT_EQ(after.stalest[0].tenant, "bolt");
}

TEST_F(FleetWatch, ListsTheWorstAndSaysHowManyThereAre) {
    for (const auto* name : {"a", "b", "c", "d"}) add_loaded(name);
    source_.faults = {errc::connection_failed};
    (void)sync_now("b");
    (void)sync_now("a"); // The host answers: what fails now is b's own and not an outage.
    source_.faults = {errc::connection_failed, errc::connection_failed, errc::connection_failed};
    (void)sync_now("b");
    (void)sync_now("c");
    (void)sync_now("d");
    const auto top = fleet_->top(2);
    EXPECT_EQ(top.troubled_tenants, 3u);
    ASSERT_EQ(top.trouble.size(), 2u);
    EXPECT_EQ(top.trouble[0].tenant, "b");
    EXPECT_EQ(top.trouble[0].failures, 2u);
    EXPECT_EQ(top.trouble[0].state, sync::tenant_state::backing_off);
    EXPECT_GE(top.trouble[0].next_try, nanoseconds{0});
    EXPECT_EQ(top.trouble[1].tenant, "c");
    EXPECT_EQ(top.stalest.size(), 2u);
    EXPECT_EQ(top.stalest[0].tenant, "b");
}

TEST_F(FleetWatch, AWaiterIsWokenByAnEventAndByTheEnd) {
    task_group waiters(home_);
    int woken = 0;
    const auto wait = [](sync::fleet& f, std::uint64_t after, mono_time until,
                         int& count) -> task<> {
        co_await f.wait_for_event(after, until);
        ++count;
    };
    const auto last = fleet_->events().last_id();
    const auto until = home_.now() + hours{1};
    waiters.spawn(wait(*fleet_, last, until, woken));
    world_.run_for(minutes{1});
    EXPECT_EQ(woken, 0);
    (void)world_.run(fleet_->add_tenant(tenant("acme")));
    world_.run_for(seconds{1});
    EXPECT_EQ(woken, 1);
    world_.run_for(minutes{5});
    waiters.spawn(wait(*fleet_, fleet_->events().last_id() + 100, until, woken));
    world_.run(fleet_->stop(seconds{1}));
    world_.run_for(seconds{1});
    EXPECT_EQ(woken, 2);
    EXPECT_TRUE(fleet_->stopped());
    world_.run(waiters.join());
}

} // namespace
} // namespace rollcall::test
