// The webhooks that the simulator sends: section 5 of the wire facts.
#include <gmock/gmock.h>

#include <set>

#include "peoplehr-sim/admin.hpp"
#include "unit/peoplehr_sim/asking.hpp"

namespace rollcall::sim {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

service with_webhook(webhook_settings how = {}) {
    service sim{{.seed = 5, .tenants = 2, .employees_mean = 50}};
    if (how.url.empty()) how.url = "http://127.0.0.1:1/h/x";
    EXPECT_TRUE(sim.set_webhook("t00001", how));
    return sim;
}

std::vector<std::string> bodies_of(service& sim) {
    std::vector<std::string> out;
    for (auto& each : sim.take_webhooks()) out.push_back(each.body);
    return out;
}

TEST(SimulatedWebhooks, TellOfEachChangeByItsNumber) {
    auto sim = with_webhook();
    const auto id = *sim.hire("t00001", {.first_name = "Ada", .last_name = "King"});
    ASSERT_TRUE(sim.change("t00001", id, std::vector<field_change>{{"job_role", "Boss"}}));
    ASSERT_TRUE(sim.leave("t00001", id, sim.today(), service::leaving::immediately,
                          service::leaver_email::kept));
    ASSERT_TRUE(sim.remove("t00001", id));
    const auto bodies = bodies_of(sim);
    ASSERT_EQ(bodies.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) {
        const auto parsed = json::parse(bodies[i]);
        EXPECT_EQ(parsed.at("ActionId").as_int64(), (std::array{1, 2, 3, 18}[i]));
        EXPECT_EQ(parsed.at("EmployeeId").as_string(), id);
    }
    EXPECT_THAT(bodies[1], AllOf(HasSubstr("job_role"), HasSubstr("Boss")));
    EXPECT_THAT(bodies_of(sim), IsEmpty()) << "taken";
}

TEST(SimulatedWebhooks, AreNotSentWhereNobodySetOneUpOrSubscribed) {
    auto sim = with_webhook({.actions = 1u << 2});
    (void)sim.hire("t00002", {.first_name = "Ada", .last_name = "King"});
    (void)sim.hire("t00001", {.first_name = "Ada", .last_name = "King"});
    EXPECT_FALSE(sim.change("t00001", "nobody", std::vector<field_change>{{"job_role", "Boss"}}));
    EXPECT_THAT(bodies_of(sim), IsEmpty());
    EXPECT_EQ(sim.webhooks().not_subscribed, 1u);
    EXPECT_FALSE(sim.set_webhook("t99999", {}));
    EXPECT_FALSE(sim.send_webhook("t00002", 4, "PW1"));
}

TEST(SimulatedWebhooks, ComeInEveryFormat) {
    const webhook_detail detail{
        .field_name = "Other Name(s)", .old_value = "a&b", .new_value = "ü"};
    EXPECT_EQ(webhook_body(webhook_format::json, 2, "PW1", detail),
              R"x({"ActionId":2,"Action":"Employee Detail Updated","EmployeeId":"PW1",)x"
              R"x("FieldName":"Other Name(s)","OldValue":"a&b","NewValue":"ü"})x");
    EXPECT_EQ(webhook_body(webhook_format::form, 2, "PW 1", detail),
              "ActionId=2&Action=Employee+Detail+Updated&EmployeeId=PW+1&"
              "FieldName=Other+Name%28s%29&OldValue=a%26b&NewValue=%C3%BC");
    EXPECT_EQ(webhook_body(webhook_format::lines, 18, "PW1", {}),
              "ActionId:18\nAction:Employee Deleted\nEmployeeId:PW1\n");
}

TEST(SimulatedWebhooks, LossDuplicatesAndOrderComeFromTheSeed) {
    const webhook_settings how{.delay = milliseconds{100},
                               .jitter = milliseconds{1000},
                               .loss = 0.3,
                               .duplicates = 0.2,
                               .unrelated = 0.5};
    auto a = with_webhook(how);
    auto b = with_webhook(how);
    for (auto* sim : {&a, &b}) ASSERT_TRUE(sim->churn("t00001", 400, 9));
    const auto posts = a.take_webhooks();
    const auto again = b.take_webhooks();
    ASSERT_EQ(posts.size(), again.size());
    std::set<milliseconds> delays;
    for (std::size_t i = 0; i < posts.size(); ++i) {
        EXPECT_EQ(posts[i].body, again[i].body);
        EXPECT_EQ(posts[i].after, again[i].after);
        EXPECT_GE(posts[i].after, milliseconds{100});
        EXPECT_LE(posts[i].after, milliseconds{1100});
        delays.insert(posts[i].after);
    }
    EXPECT_GT(delays.size(), 100u);
    const auto counters = a.webhooks();
    const auto events = static_cast<double>(counters.events);
    EXPECT_NEAR(static_cast<double>(counters.lost) / events, 0.3, 0.1);
    EXPECT_NEAR(static_cast<double>(posts.size()) / events, 0.7 * 1.2 + 0.5, 0.2);
    EXPECT_EQ(counters.posts, posts.size());
}

TEST(SimulatedWebhooks, AreSetAndSentThroughTheAdminAddress) {
    auto sim = with_webhook();
    EXPECT_EQ(administer(sim, "POST", "/webhook",
                         R"({"tenant":"t00001","url":"http://h/h/t","format":"form","delay_ms":5})")
                  .http_status,
              200u);
    EXPECT_EQ(administer(sim, "POST", "/send-webhook",
                         R"({"tenant":"t00001","action_id":4,"id":"PW7","times":2})")
                  .http_status,
              200u);
    const auto posts = sim.take_webhooks();
    ASSERT_EQ(posts.size(), 2u);
    EXPECT_EQ(posts[0].body, "ActionId=4&Action=Holiday+Added&EmployeeId=PW7");
    EXPECT_EQ(posts[0].content_type, "application/x-www-form-urlencoded");
    for (const char* wrong : {R"({"tenant":"t00001","url":"https://h"})",
                              R"({"tenant":"t00001","url":"http://h","loss":2})",
                              R"({"tenant":"t00001","url":"http://h","format":"xml"})",
                              R"({"tenant":"t00001","url":"http://h","actions":[99]})"}) {
        EXPECT_EQ(administer(sim, "POST", "/webhook", wrong).http_status, 400u) << wrong;
    }
    EXPECT_THAT(administer(sim, "GET", "/webhooks", "").body, HasSubstr(R"("posts":2)"));
}

} // namespace
} // namespace rollcall::sim
