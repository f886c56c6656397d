#include "fleet_fixture.hpp"

#include <algorithm>
#include <set>

namespace rollcall::edge {
namespace {

namespace json = boost::json;

class ControlRoutes : public fleet_fixture {};

std::string member(const answer& from, std::string_view name) {
    const auto* value = from.body.is_object() ? from.body.get_object().if_contains(name) : nullptr;
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

TEST_F(ControlRoutes, AddShowAndRemoveATenant) {
    const auto added = ask("POST", "/v1/tenants",
                           R"({"name":"acme","api_key":"good-key-1",
                               "settings":{"profile":"wethrive","company":"Acme"}})");
    ASSERT_EQ(added.status, 201u) << added.text;
    const auto shown = ask("GET", "/v1/tenants/acme");
    EXPECT_EQ(shown.status, 200u);
    EXPECT_EQ(shown.body.at("settings").at("company").as_string(), "Acme");
    EXPECT_EQ(shown.body.at("settings").at("profile").as_string(), "wethrive");
    EXPECT_EQ(ask("DELETE", "/v1/tenants/acme").status, 204u);
    EXPECT_EQ(ask("GET", "/v1/tenants/acme").status, 404u);
}

TEST_F(ControlRoutes, RefuseABadKeyWithItsReasonAndStoreNothing) {
    const auto refused = ask("POST", "/v1/tenants", R"({"name":"acme","api_key":"bad"})");
    EXPECT_EQ(refused.status, 422u);
    EXPECT_EQ(member(refused, "type"), "urn:rollcall:problem:key_refused");
    EXPECT_NE(member(refused, "detail").find("does not know"), std::string::npos) << refused.text;
    EXPECT_TRUE(fleet_.tenant_names().empty());
}

TEST_F(ControlRoutes, NameTheNearestTenantToAnUnknownOne) {
    add_loaded_tenant("acme");
    for (const auto* target : {"/v1/tenants/acmee", "/v1/tenants/acmee/users",
                               "/v1/tenants/acmee/runs", "/v1/tenants/acmee/users/PW1"}) {
        const auto unknown = ask("GET", target);
        EXPECT_EQ(unknown.status, 404u) << target;
        EXPECT_NE(member(unknown, "detail").find("did you mean \"acme\""), std::string::npos)
            << unknown.text;
    }
    EXPECT_EQ(ask("POST", "/v1/tenants/acmee/sync").status, 404u);
    EXPECT_EQ(ask("DELETE", "/v1/tenants/acmee").status, 404u);
}

TEST_F(ControlRoutes, NameEveryFaultOfARequestAtOnce) {
    const auto wrong = ask("POST", "/v1/tenants",
                           R"({"name":7,"api_key":"k","setings":{},"verify":"yes",
                               "settings":{"known_as":"maybe"}})");
    ASSERT_EQ(wrong.status, 400u);
    const auto detail = member(wrong, "detail");
    for (const auto* part :
         {"name: has to be a string; it is a number", "did you mean \"settings\"",
          "verify: has to be true or false", "known_as"}) {
        EXPECT_NE(detail.find(part), std::string::npos) << part << " in " << detail;
    }
    EXPECT_EQ(wrong.body.at("errors").as_array().size(), 4u);
}

TEST_F(ControlRoutes, RefuseMalformedBodiesAndUnknownParameters) {
    const auto cut = ask("POST", "/v1/tenants", R"({"name":"acme)");
    EXPECT_EQ(cut.status, 400u);
    EXPECT_NE(member(cut, "detail").find("not JSON"), std::string::npos);
    EXPECT_EQ(ask("POST", "/v1/tenants", "[1]").status, 400u);
    EXPECT_EQ(ask("POST", "/v1/tenants", std::string(1000, '[')).status, 400u);
    EXPECT_EQ(ask("POST", "/v1/tenants", "{\"name\":\"\xff\"}").status, 400u);
    EXPECT_EQ(ask("GET", "/v1/tenants?limt=5").status, 400u);
    EXPECT_EQ(ask("GET", "/v1/tenants?limit=0").status, 400u);
    EXPECT_EQ(ask("GET", "/v1/status?verbose=1").status, 400u);
    EXPECT_EQ(ask("POST", "/v1/backup", R"({"path":"here.db"})").status, 400u);
}

TEST_F(ControlRoutes, ChangeOnlyTheSettingsThatAreGiven) {
    add_loaded_tenant("acme");
    EXPECT_EQ(
        ask("PATCH", "/v1/tenants/acme", R"({"settings":{"company":"A","known_as":true}})").status,
        200u);
    const auto changed = ask("PATCH", "/v1/tenants/acme", R"({"settings":{"company":null}})");
    ASSERT_EQ(changed.status, 200u) << changed.text;
    EXPECT_EQ(changed.body.at("settings").at("company").as_string(), "");
    EXPECT_TRUE(changed.body.at("settings").at("known_as").as_bool());
    EXPECT_EQ(ask("PATCH", "/v1/tenants/acme", "{}").status, 400u);
    EXPECT_EQ(ask("PATCH", "/v1/tenants/acme", R"({"settings":{"compny":"x"}})").status, 400u);
}

TEST_F(ControlRoutes, KeepAWorkingKeyWhenTheNewOneIsRefused) {
    hire(0, 1);
    add_loaded_tenant("acme");
    EXPECT_EQ(ask("PATCH", "/v1/tenants/acme", R"({"api_key":"bad"})").status, 422u);
    const auto synced = ask("POST", "/v1/tenants/acme/sync", R"({"wait":true})");
    EXPECT_EQ(synced.text.find("failed"), std::string::npos) << synced.text;
}

TEST_F(ControlRoutes, StreamTheProgressOfASyncUntilItIsDone) {
    add_loaded_tenant("acme");
    hire(0, 3);
    const auto synced = ask("POST", "/v1/tenants/acme/sync", R"({"wait":true})");
    ASSERT_GE(synced.chunks, 2u);
    EXPECT_EQ(static_cast<std::size_t>(std::count(synced.text.begin(), synced.text.end(), '\n')),
              synced.chunks);
    const auto last =
        json::parse(synced.text.substr(synced.text.rfind('\n', synced.text.size() - 2) + 1));
    EXPECT_TRUE(last.at("done").as_bool());
    EXPECT_EQ(last.at("run").at("counts").at("created").to_number<int>(), 3);
}

task<std::pair<http::response, http::response>> ask_twice(const http::router& routes,
                                                          http::request what) {
    auto first = co_await routes.dispatch(what);
    auto second = co_await routes.dispatch(what);
    co_return std::pair{std::move(first), std::move(second)};
}

TEST_F(ControlRoutes, TellASecondCallerThatItsSyncJoinedTheFirst) {
    add_loaded_tenant("acme");
    http::request what;
    what.method = "POST";
    what.path = "/v1/tenants/acme/sync";
    const auto [first, second] = world_.run(ask_twice(routes_, what));
    EXPECT_EQ(first.status, 202u);
    const auto one = json::parse(first.body);
    const auto other = json::parse(second.body);
    EXPECT_FALSE(one.at("joined").as_bool());
    EXPECT_TRUE(other.at("joined").as_bool());
    EXPECT_EQ(one.at("ticket"), other.at("ticket"));
    EXPECT_TRUE(one.at("estimated_start_seconds").is_number());
}

TEST_F(ControlRoutes, FindAUserByIdAndByTheFoldedEmail) {
    source_.people.push_back({"PW/1", "Zoë", "Ångström", "Zoe@Example.com"});
    add_loaded_tenant("acme");
    const auto by_mail = ask("GET", "/v1/tenants/acme/users?email= zOE@example.COM");
    ASSERT_EQ(by_mail.body.at("users").as_array().size(), 1u) << by_mail.text;
    const auto& user = by_mail.body.at("users").as_array()[0];
    EXPECT_EQ(user.at("id").as_string(), "PW/1");
    EXPECT_EQ(user.at("email").as_string(), "Zoe@Example.com");
    EXPECT_EQ(user.at("full_name").as_string(), "Zoë Ångström");
    EXPECT_EQ(user.at("fields").at("primary_team").as_string(), "Sales");
    EXPECT_EQ(user.at("ownership").at("job_title").as_string(), "ours");
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/users?id=PW/1").body.at("users").as_array().size(), 1u);
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/users?id=PW").body.at("users").as_array().size(), 0u);
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/users/nobody").status, 404u);
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/users?id=1&email=x").status, 400u);
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/users?after=rubbish").status, 400u);
}

TEST_F(ControlRoutes, PageOverEverybodyOnceWhileTheDirectoryChangesBetweenPages) {
    hire(0, 95);
    add_loaded_tenant("acme");
    std::multiset<std::string> seen;
    std::string cursor;
    for (int page = 0; page < 100; ++page) {
        const auto got = ask(
            "GET", "/v1/tenants/acme/users?limit=10" + (cursor.empty() ? "" : "&after=" + cursor));
        ASSERT_EQ(got.status, 200u) << got.text;
        for (const auto& user : got.body.at("users").as_array()) {
            seen.insert(std::string(user.at("id").as_string()));
        }
        if (got.body.at("next").is_null()) break;
        cursor = std::string(got.body.at("next").as_string());
        // Every record moves: its text is longer than before.
        for (auto& one : source_.people) one.job += " and more";
        hire(100 + page, 101 + page);
        ASSERT_EQ(ask("POST", "/v1/tenants/acme/sync", R"({"wait":true})").status, 200u);
    }
    for (int i = 0; i < 95; ++i) EXPECT_EQ(seen.count("PW" + std::to_string(i)), 1u) << i;
}

TEST_F(ControlRoutes, WriteALargeRunInSlicesThatMakeOneDocument) {
    hire(0, 300);
    add_loaded_tenant("acme");
    const auto runs = ask("GET", "/v1/tenants/acme/runs");
    ASSERT_EQ(runs.status, 200u) << runs.text;
    const auto id = runs.body.at("runs").as_array().at(0).at("id").to_number<int>();
    const auto run = ask("GET", "/v1/tenants/acme/runs/" + std::to_string(id));
    ASSERT_TRUE(run.body.is_object()) << run.text.substr(0, 300);
    EXPECT_GT(run.chunks, 1u);
    EXPECT_GT(run.body.at("changes").as_array().size(), 512u);
    EXPECT_TRUE(run.body.at("issues").is_array());
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/runs/999999").status, 404u);
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/runs/first").status, 400u);
}

TEST_F(ControlRoutes, ListTenantsByPageAndByPrefix) {
    for (const auto* name : {"a1", "a2", "b1"}) add_loaded_tenant(name);
    const auto first = ask("GET", "/v1/tenants?limit=2");
    EXPECT_EQ(first.body.at("tenants").as_array().size(), 2u);
    EXPECT_EQ(member(first, "next"), "a2");
    const auto second = ask("GET", "/v1/tenants?limit=2&after=a2");
    EXPECT_EQ(second.body.at("tenants").as_array().size(), 1u);
    EXPECT_TRUE(second.body.at("next").is_null());
    const auto names = ask("GET", "/v1/tenants?view=names&prefix=a");
    EXPECT_EQ(json::serialize(names.body.at("names")), R"(["a1","a2"])");
    EXPECT_TRUE(names.body.at("next").is_null());
}

TEST_F(ControlRoutes, ApplyShowsTheDifferenceAndThenMakesItSo) {
    add_loaded_tenant("acme");
    add_loaded_tenant("gone");
    const std::string tenants = R"("tenants":[
        {"name":"acme","settings":{"company":"Acme"}},
        {"name":"new","settings":{"profile":"wethrive"},"api_key":"good-key-2"}])";
    const auto planned = ask("POST", "/v1/apply", "{\"dry_run\":true," + tenants + "}");
    ASSERT_EQ(planned.status, 200u) << planned.text;
    const auto& steps = planned.body.at("tenants").as_array();
    ASSERT_EQ(steps.size(), 3u);
    EXPECT_EQ(json::serialize(steps[0].at("changes")), R"({"company":["","Acme"]})");
    EXPECT_EQ(steps[0].at("result").as_string(), "planned");
    EXPECT_EQ(steps[1].at("action").as_string(), "create");
    EXPECT_EQ(steps[2].at("action").as_string(), "not_in_file");
    EXPECT_EQ(steps[2].at("result").as_string(), "kept");
    EXPECT_EQ(fleet_.tenant_names().size(), 2u);

    const auto done = ask("POST", "/v1/apply", "{\"prune\":true," + tenants + "}");
    EXPECT_EQ(done.body.at("failed").to_number<int>(), 0) << done.text;
    EXPECT_EQ(fleet_.tenant_names(), (std::vector<std::string>{"acme", "new"}));
    const auto again = ask("POST", "/v1/apply", "{" + tenants + "}");
    for (const auto& step : again.body.at("tenants").as_array()) {
        EXPECT_EQ(step.at("action").as_string(), "unchanged") << again.text;
    }
}

TEST_F(ControlRoutes, ApplyChangesNothingWhenAnythingInItIsWrong) {
    const auto wrong = ask("POST", "/v1/apply",
                           R"({"tenants":[{"name":"good","api_key":"good-key-1"},
                               {"name":"BAD"},{"name":"good","settings":{"profile":"x"}},7,
                               {"name":"keyless"}]})");
    ASSERT_EQ(wrong.status, 400u);
    const auto detail = member(wrong, "detail");
    for (const auto* part :
         {"tenants[1].name", "tenants[2].settings", "tenants[2].name: is there twice",
          "tenants[3]: has to be an object"}) {
        EXPECT_NE(detail.find(part), std::string::npos) << part << " in " << detail;
    }
    EXPECT_TRUE(fleet_.tenant_names().empty());
    const auto keyless = ask("POST", "/v1/apply", R"({"tenants":[{"name":"keyless"}]})");
    EXPECT_NE(member(keyless, "detail").find("needs its PeopleHR API key"), std::string::npos);
}

TEST_F(ControlRoutes, NeverAnswerOrLogAnApiKey) {
    hire(0, 2);
    add_loaded_tenant("acme");
    ask("PATCH", "/v1/tenants/acme", R"({"api_key":"good-key-canary"})");
    ask("POST", "/v1/apply", R"({"tenants":[{"name":"b","api_key":"good-key-canary"}]})");
    ask("POST", "/v1/tenants", R"({"name":"c","api_key":"good-key-canary","bad":1})");
    for (const auto* target : {"/v1/status", "/v1/settings", "/v1/tenants", "/v1/tenants/acme",
                               "/v1/tenants/acme/users", "/v1/tenants/acme/runs", "/metrics"}) {
        EXPECT_EQ(ask("GET", target).status, 200u) << target;
    }
    ask("POST", "/v1/doctor");
    EXPECT_EQ(seen_.find("good-key"), std::string::npos);
    EXPECT_FALSE(lines_->contains({"good-key"}));
    EXPECT_TRUE(lines_->contains({"control.tenant_changed", "acme"}));
}

TEST_F(ControlRoutes, HealthSaysWhyTheDaemonCannotWork) {
    EXPECT_EQ(ask("GET", "/healthz").status, 200u);
    EXPECT_EQ(ask("GET", "/readyz").status, 200u);
    started_ = false;
    EXPECT_EQ(ask("GET", "/readyz").status, 503u);
    EXPECT_EQ(ask("GET", "/healthz").status, 200u);
    store_.full = true;
    const auto full = ask("GET", "/healthz");
    EXPECT_EQ(full.status, 503u);
    EXPECT_NE(full.text.find("storage full"), std::string::npos);
}

} // namespace
} // namespace rollcall::edge
