// The checkers of the simulation bite: each bug that is planted here must be complained of. A
// simulation that finds nothing proves nothing unless this test passes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "sim/simulation.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::test;
using directory::field;
using directory::user_ref;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

simulation_options quiet(std::size_t tenants = 3) {
    simulation_options o;
    o.tenants = tenants;
    o.employees_mean = 15;
    o.faults = false;
    return o;
}

// All tenants are loaded, and nothing is wrong so far.
void load_all(simulation& s) {
    s.start();
    s.add_tenants();
    s.run_for(hours{1});
    s.check_now();
    s.check_converged();
    ASSERT_THAT(s.violations(), IsEmpty());
    ASSERT_EQ(s.fleet().status().never_synced, 0u);
}

// An active user of the first tenant with a user's every field set that the checker compares.
struct victim {
    std::string tenant;
    directory::user_data user;
};
victim somebody(simulation& s) {
    for (const auto& tenant : s.fleet().tenant_names()) {
        const auto& users = *s.fleet().users(tenant);
        victim out{tenant, {}};
        users.for_each([&](user_ref each) {
            if (users.is_active(each) && !users.text(each, field::department).empty())
                out.user = directory::own(users.values(each), users.meta(each));
        });
        if (out.user.meta.uid != 0) return out;
    }
    return {};
}

// Behind the program's back: the fleet hands its directories out to be read only.
void edit(simulation& s, const std::string& tenant,
          const std::function<void(directory::tenant_directory&)>& how) {
    how(const_cast<directory::tenant_directory&>(*s.fleet().users(tenant)));
}

TEST(SimulationBites, ACommitThatWasAcknowledgedAndIsNotDurable) {
    simulation s(quiet());
    load_all(s);
    s.storage().set_faults({.bug = store_faults::planted::lies});
    const auto who = somebody(s);
    ASSERT_TRUE(s.peoplehr().rename_value(who.tenant, "location", who.user.get(field::location),
                                          "Quite Another"));
    ASSERT_TRUE(s.fleet().request_sync(who.tenant));
    s.run_for(minutes{10});
    ASSERT_THAT(s.violations(), IsEmpty()) << "in memory all is well";
    s.crash();
    EXPECT_THAT(s.violations(), Contains(HasSubstr("neither before nor after a whole run")));
}

TEST(SimulationBites, ATenantThatIsLostByARestart) {
    simulation s(quiet());
    s.start();
    s.storage().set_faults({.bug = store_faults::planted::lies});
    s.add_tenants();
    s.crash();
    EXPECT_THAT(s.violations(), Contains(HasSubstr("is lost by the restart")));
}

TEST(SimulationBites, ATornCommit) {
    simulation s(quiet());
    load_all(s);
    const auto who = somebody(s);
    // Two at least, so that half of it is not nothing.
    std::size_t changed = 0;
    for (const auto& each : *s.peoplehr().truth(who.tenant)) {
        const sim::field_change moved{"location", "The Other End"};
        if (s.peoplehr().change(who.tenant, each.employee_id, std::span(&moved, 1))) ++changed;
    }
    ASSERT_GE(changed, 2u);
    // What moves everybody is not implausible in a tenant of this size (G-2).
    s.storage().set_faults({.bug = store_faults::planted::tears});
    ASSERT_TRUE(s.fleet().request_sync(who.tenant));
    s.run_for(minutes{10});
    EXPECT_THAT(s.violations(), Contains(HasSubstr("neither before nor after a whole run")));
}

TEST(SimulationBites, ALimitThatIsOneCallTooHigh) {
    auto options = quiet(12);
    options.calls_per_minute = 6;
    options.peoplehr_limit = 5;
    simulation s(options);
    s.start();
    s.add_tenants();
    s.run_for(minutes{10});
    s.check_now();
    EXPECT_THAT(s.violations(), Contains(HasSubstr("calls in a sliding minute; the limit is 5")));
}

TEST(SimulationBites, AChangeInPeopleHRThatWasNotRead) {
    simulation s(quiet());
    load_all(s);
    const auto who = somebody(s);
    const sim::field_change renamed{"last_name", "Othername"};
    ASSERT_TRUE(
        s.peoplehr().change(who.tenant, who.user.get(field::external_id), std::span(&renamed, 1)));
    s.check_converged();
    EXPECT_THAT(s.violations(), Contains(HasSubstr("PeopleHR has 'Othername'")));
}

TEST(SimulationBites, AFieldThatDiffersWhicheverItIs) {
    for (const auto f : {field::first_name, field::last_name, field::email, field::job_title,
                         field::location, field::department, field::company, field::manager_id}) {
        SCOPED_TRACE(name_of(f));
        simulation s(quiet(1));
        load_all(s);
        auto who = somebody(s);
        who.user.text[static_cast<std::size_t>(f)] = "someone@else.example";
        edit(s, who.tenant, [&](auto& users) { users.put(who.user); });
        s.check_converged();
        EXPECT_THAT(s.violations(), Contains(HasSubstr("." + std::string(name_of(f)) + " is '")));
    }
}

TEST(SimulationBites, APersonWhoIsMissingInactiveOrTooMany) {
    {
        simulation s(quiet(1));
        load_all(s);
        const auto who = somebody(s);
        edit(s, who.tenant, [&](auto& users) { users.erase(who.user.meta.uid); });
        s.check_converged();
        EXPECT_THAT(s.violations(), Contains(HasSubstr("is missing")));
    }
    {
        simulation s(quiet(1));
        load_all(s);
        auto who = somebody(s);
        who.user.meta.state = directory::user_state::inactive;
        edit(s, who.tenant, [&](auto& users) { users.put(who.user); });
        s.check_converged();
        EXPECT_THAT(s.violations(), Contains(HasSubstr("is an employee and inactive")));
    }
    {
        simulation s(quiet(1));
        load_all(s);
        auto ghost = somebody(s);
        ghost.user.meta.uid += 10'000;
        ghost.user.text[static_cast<std::size_t>(field::external_id)] = "GHOST1";
        ghost.user.text[static_cast<std::size_t>(field::email)] = "ghost@else.example";
        edit(s, ghost.tenant, [&](auto& users) { users.put(ghost.user); });
        s.check_converged();
        EXPECT_THAT(s.violations(), Contains(HasSubstr("is not in PeopleHR")));
    }
}

TEST(SimulationBites, ALeaverWhoIsActiveStill) {
    simulation s(quiet(1));
    load_all(s);
    const auto who = somebody(s);
    const sim::field_change left{"status", "3"};
    ASSERT_TRUE(
        s.peoplehr().change(who.tenant, who.user.get(field::external_id), std::span(&left, 1)));
    s.check_converged();
    EXPECT_THAT(s.violations(), Contains(HasSubstr("has left and is active")));
}

TEST(SimulationBites, ARunThatDoesNotRepeatItself) {
    const auto trace = [](std::uint64_t seed, milliseconds slip) {
        auto options = quiet(2);
        options.seed = seed;
        simulation s(options);
        s.start();
        s.add_tenants();
        s.run_for(minutes{5});
        s.world().run_for(slip);
        (void)s.fleet().request_sync(s.fleet().tenant_names().front());
        s.run_for(minutes{5});
        s.stop();
        return s.trace();
    };
    EXPECT_EQ(trace(5, milliseconds{0}), trace(5, milliseconds{0}));
    EXPECT_NE(trace(5, milliseconds{0}), trace(6, milliseconds{0}));
    EXPECT_NE(trace(5, milliseconds{0}), trace(5, milliseconds{1})) << "one millisecond shows";
}

} // namespace
