// The call limit: section 4 of the wire facts.
#include "peoplehr-sim/throttle.hpp"
#include "unit/peoplehr_sim/asking.hpp"

namespace rollcall::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view limit_text = "API calls will be limited to a 3 per minute";

service limited(limit_scope scope, throttle_style style = throttle_style::status_5) {
    return service{{.tenants = 2, .limits = {scope, 3, style}}};
}

bool throttled(const wire_answer& answer) {
    return parsed(answer).at("Message").as_string() == limit_text;
}

TEST(CallWindow, CountsTheArrivalsOfTheLastMinuteExactly) {
    call_window window;
    const mono_time start{10s};
    EXPECT_EQ(window.arrive(start), 1u);
    EXPECT_EQ(window.arrive(start + 30s), 2u);
    EXPECT_EQ(window.arrive(start + 60s - 1ns), 3u);
    EXPECT_EQ(window.arrive(start + 60s), 3u); // the first is one minute old and gone
    EXPECT_EQ(window.arrive(start + 90s), 3u);
    EXPECT_EQ(window.busiest_minute(), 3u);
}

TEST(PeoplehrLimits, RefusesTheCallOverTheLimitAndCountsRefusedOnes) {
    service sim = limited(limit_scope::address);
    const std::string body = call_body(sim, "GetCompanyInformation");
    const mono_time start{1s};
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(throttled(post(sim, body, start + i * 10s)));
    EXPECT_TRUE(throttled(post(sim, body, start + 30s)));
    // At 60 s the first call is forgotten, but the refused one still counts.
    EXPECT_TRUE(throttled(post(sim, body, start + 60s - 1ns)));
    EXPECT_TRUE(throttled(post(sim, body, start + 65s)));
    EXPECT_FALSE(throttled(post(sim, body, start + 125s)));
    EXPECT_EQ(sim.counters().calls, 7u);
    EXPECT_EQ(sim.counters().throttled, 3u);
}

TEST(PeoplehrLimits, HoldForAddressesForTenantsOrForBoth) {
    struct row {
        limit_scope scope;
        bool same_address, same_tenant, refused;
    };
    for (const auto& [scope, same_address, same_tenant, refused] :
         {row{limit_scope::none, true, true, false}, row{limit_scope::address, true, false, true},
          row{limit_scope::address, false, true, false},
          row{limit_scope::tenant, false, true, true}, row{limit_scope::tenant, true, false, false},
          row{limit_scope::both, true, false, true}, row{limit_scope::both, false, true, true},
          row{limit_scope::both, false, false, false}}) {
        service sim = limited(scope);
        const std::string body = call_body(sim, "GetCompanyInformation");
        const std::string other = call_body(sim, "GetCompanyInformation", "", 1);
        for (int i = 0; i < 3; ++i) EXPECT_FALSE(throttled(post(sim, body)));
        const wire_answer fourth = post(sim, same_tenant ? body : other, {}, "/Employee",
                                        same_address ? "10.0.0.1" : "10.0.0.2");
        EXPECT_EQ(throttled(fourth), refused) << static_cast<int>(scope);
    }
}

TEST(PeoplehrLimits, AreRenderedInThreeWays) {
    const auto fourth = [](throttle_style style) {
        service sim = limited(limit_scope::address, style);
        const std::string body = call_body(sim, "GetAllEmployeeDetail");
        for (int i = 0; i < 3; ++i) (void)post(sim, body);
        return post(sim, body);
    };
    EXPECT_EQ(
        fourth(throttle_style::status_5).body,
        R"({"isError":true,"Status":5,"Message":"API calls will be limited to a 3 per minute","Result":null})");
    EXPECT_EQ(
        fourth(throttle_style::silent).body,
        R"({"isError":false,"Status":0,"Message":"API calls will be limited to a 3 per minute","Result":[]})");
    EXPECT_EQ(fourth(throttle_style::http_429).http_status, 429u);
}

TEST(PeoplehrLimits, CountTheBusiestMinuteOfAddressesAndTenants) {
    service sim{{.tenants = 2}};
    const std::string body = call_body(sim, "GetCompanyInformation");
    const std::string other = call_body(sim, "GetCompanyInformation", "", 1);
    for (int i = 0; i < 4; ++i) (void)post(sim, body, mono_time{i * 1s});
    for (int i = 0; i < 2; ++i) (void)post(sim, other, mono_time{i * 1s + 10s});
    (void)post(sim, body, mono_time{1000s});
    EXPECT_EQ(sim.counters().busiest_minute_of_an_address, 6u);
    EXPECT_EQ(sim.counters().busiest_minute_of_a_tenant, 4u);
}

} // namespace
} // namespace rollcall::sim
