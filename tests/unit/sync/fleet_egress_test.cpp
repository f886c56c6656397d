// Egress addresses from which no call can leave: others take their calls, and nobody is blamed.
#include <gmock/gmock.h>

#include "unit/sync/fleet_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::test;
using sync::run_outcome;
using testing::HasSubstr;

class FleetEgress : public fleet_case {
  protected:
    FleetEgress() {
        options_.egress = {{"192.0.2.1", 25}, {"192.0.2.2", 25}, {"203.0.113.7", 25}};
        restart();
        hire(0, 20);
    }
    void kill_all_but(std::string_view alive) {
        for (const auto& each : options_.egress) {
            if (each.address != alive) source_.dead_addresses.insert(each.address);
        }
    }
    [[nodiscard]] const sync::fleet_status::egress& address(std::size_t i) {
        status_ = fleet_->status();
        return status_.addresses.at(i);
    }
    sync::fleet_status status_;
};

TEST_F(FleetEgress, ADeadAddressCostsNoTenantARun) {
    source_.dead_addresses.insert("203.0.113.7");
    for (int i = 0; i < 40; ++i) {
        const auto added = world_.run(fleet_->add_tenant(tenant("t" + std::to_string(i))));
        ASSERT_TRUE(added) << added.error().detail;
    }
    world_.run_for(minutes{5});
    for (int i = 0; i < 40; ++i) {
        const auto name = "t" + std::to_string(i);
        EXPECT_NE(view(name).progress.last_success, wall_time{}) << name;
        EXPECT_EQ(view(name).progress.failures, 0u) << name;
    }
    EXPECT_EQ(fleet_->status().runs_failed, 0u);
    for (const auto& host : fleet_->status().hosts) EXPECT_FALSE(host.down) << host.name;
    EXPECT_FALSE(address(0).paused);
    EXPECT_TRUE(address(2).paused);
    EXPECT_THAT(address(2).fault, HasSubstr("203.0.113.7"));
    EXPECT_TRUE(fleet_->top(1).addresses.at(2).unusable);
    EXPECT_TRUE(lines_->contains({"egress.unusable", "203.0.113.7"}));
}

TEST_F(FleetEgress, APersonWhoseCallCannotLeaveIsServedFromAnotherAddress) {
    add_loaded("acme");
    kill_all_but("192.0.2.2");
    world_.run_for(minutes{2});
    EXPECT_EQ(sync_now("acme").result, run_outcome::unchanged);
    EXPECT_NE(sync_now("acme", "PW3").result, run_outcome::failed);
}

TEST_F(FleetEgress, AnAddressThatIsMendedIsUsedAgain) {
    source_.dead_addresses.insert("192.0.2.1");
    add_loaded("acme");
    ASSERT_FALSE(address(0).fault.empty());
    source_.dead_addresses.clear();
    world_.run_for(minutes{8});
    for (int i = 0; i < 6; ++i) (void)sync_now("acme");
    EXPECT_TRUE(address(0).fault.empty());
    EXPECT_FALSE(address(0).paused);
    EXPECT_TRUE(lines_->contains({"egress.usable_again", "192.0.2.1"}));
}

TEST_F(FleetEgress, WhereAllAreDeadTheErrorSaysSoAndNobodyIsBlamed) {
    add_loaded("acme");
    kill_all_but("");
    const auto run = sync_now("acme");
    EXPECT_EQ(run.result, run_outcome::failed);
    EXPECT_THAT(run.detail, HasSubstr("none of the egress addresses can be used"));
    EXPECT_EQ(view("acme").progress.failures, 0u);
    EXPECT_EQ(fleet_->status().hosts.size(), 1u);
    EXPECT_FALSE(fleet_->status().hosts[0].down);
    auto other = tenant("beta");
    other.verify = true;
    const auto asked = home_.now();
    const auto added = world_.run(fleet_->add_tenant(std::move(other)));
    ASSERT_FALSE(added);
    EXPECT_THAT(added.error().detail, HasSubstr("none of the egress addresses can be used"));
    EXPECT_LE(home_.now() - asked, seconds{30}) << "nobody waits for long to hear it";
}

} // namespace
