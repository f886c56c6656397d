// The routes of what a person decides and asks, over a real fleet.
#include <algorithm>

#include "fleet_fixture.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;

std::string member(const answer& from, std::string_view name) {
    const auto* value = from.body.is_object() ? from.body.get_object().if_contains(name) : nullptr;
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

class DeskRoutes : public fleet_fixture {
  protected:
    // Forty people, of whom seven leave at once: over the limit, so that it is held (G-5).
    std::string held_digest() {
        hire(0, 40);
        add_loaded_tenant("acme");
        leave(0, 7);
        (void)sync_now("acme");
        return member(ask("GET", "/v1/tenants/acme/hold"), "digest");
    }
    answer patch(const std::string& person, const std::string& fields) {
        return ask("PATCH", "/v1/tenants/acme/users/" + person, R"({"fields":)" + fields + "}");
    }
};

TEST_F(DeskRoutes, KnowNoOtherTenantThanThoseThereAre) {
    add_loaded_tenant("acme");
    const std::vector<std::tuple<std::string, std::string, std::string>> routes{
        {"POST", "/users", R"({"fields":{"email":"a@b.cd"}})"},
        {"PATCH", "/users/PW1", R"({"fields":{"email":"a@b.cd"}})"},
        {"DELETE", "/users/PW1", ""},
        {"GET", "/teams", ""},
        {"POST", "/teams", R"({"fields":{"name":"x"}})"},
        {"PATCH", "/teams/x", R"({"fields":{"name":"x"}})"},
        {"DELETE", "/teams/x", ""},
        {"PUT", "/teams/x/members/PW1", ""},
        {"DELETE", "/teams/x/members/PW1", ""},
        {"GET", "/hold", ""},
        {"POST", "/hold/approve", R"({"digest":"d"})"},
        {"POST", "/hold/reject", R"({"digest":"d"})"},
        {"GET", "/conflicts", ""},
        {"POST", "/conflicts/resolve", R"({"kind":"email_taken","id":"PW1","as":"link"})"},
        {"POST", "/conflicts/reopen", R"({"kind":"email_taken","id":"PW1"})"},
        {"GET", "/invitations", ""},
        {"POST", "/invitations/send", R"({"people":["PW1"]})"},
        {"POST", "/invitations/cancel", R"({"people":["PW1"]})"},
        {"POST", "/invitations/confirm", R"({"person":"PW1"})"},
        {"GET", "/go-live", ""},
        {"POST", "/go-live", R"({"digest":"d"})"},
        {"POST", "/what-if", R"({"settings":{}})"},
        {"POST", "/runs/1/undo", ""},
        {"GET", "/explain/PW1", ""},
        {"GET", "/forecast", ""},
        {"GET", "/audit", ""},
        {"GET", "/audit/export", ""},
        {"POST", "/audit/verify", ""},
        {"POST", "/erase", R"({"person":"PW1"})"}};
    for (const auto& [method, path, body] : routes) {
        const auto unknown = ask(method, "/v1/tenants/acmee" + path, body);
        EXPECT_EQ(unknown.status, 404u) << method << path << unknown.text;
        EXPECT_NE(member(unknown, "detail").find("did you mean \"acme\""), std::string::npos)
            << method << path << unknown.text;
    }
}

TEST_F(DeskRoutes, RefuseBodiesThatAreNotWhatTheyTake) {
    hire(0, 1);
    add_loaded_tenant("acme");
    const std::vector<std::tuple<std::string, std::string, std::string, std::string>> wrong{
        {"POST", "/users", "{}", "fields: is missing"},
        {"POST", "/users", R"({"fields":{}})", "at least one"},
        {"POST", "/users", R"({"fields":{"email":null}})", "fields.email: has to be a string"},
        {"PATCH", "/users/PW0", R"({"fields":{"email":7}})", "null to clear"},
        {"PATCH", "/users/PW0", R"({"fields":{"emial":"x"}})", "emial"},
        {"PATCH", "/users/PW0", R"({"feilds":{}})", "did you mean \"fields\""},
        {"POST", "/hold/approve", "{}", "digest: is missing"},
        {"POST", "/hold/approve", R"({"digest":"d","kinds":["deactivations"]})", "known are"},
        {"POST", "/hold/reject", R"({"digest":"d","kinds":[]})", "leave it out"},
        {"POST", "/conflicts/resolve", R"({"kind":"x","id":"1","as":"link"})", "kind"},
        {"POST", "/conflicts/resolve", R"({"kind":"email_taken","id":"1","as":"new_person"})",
         "as: has to be one of link"},
        {"POST", "/invitations/send", R"({"people":[]})", "people"},
        {"POST", "/invitations/send", R"({"people":["PW0",""]})", "people[1]"},
        {"POST", "/go-live", "{}", "digest"},
        {"POST", "/what-if", "{}", "settings: is missing"},
        {"POST", "/what-if", R"({"settings":{"compny":"x"}})", "company"},
        {"POST", "/runs/first/undo", "", "number of a run"},
        {"POST", "/erase", R"({"person":"PW0","even_active":"yes"})", "true or false"},
        {"POST", "/sync", R"({"preview":true})", "needs wait"},
        {"PATCH", "", R"({"settings":{"foo":null}})", "is not a setting"}};
    for (const auto& [method, path, body, part] : wrong) {
        const auto refused = ask(method, "/v1/tenants/acme" + path, body);
        EXPECT_EQ(refused.status, 400u) << method << path << body << refused.text;
        EXPECT_NE(member(refused, "detail").find(part), std::string::npos) << refused.text;
    }
    for (const auto* target :
         {"/invitations?state=maybe", "/forecast?days=0", "/explain/PW0?at=now",
          "/explain/PW0?at=2199-01-01", "/audit?before=2&from=1", "/audit?uid=x", "/hold?full=2",
          "/users/PW0?at=x"}) {
        EXPECT_EQ(ask("GET", std::string("/v1/tenants/acme") + target).status, 400u) << target;
    }
}

// ---- holds ----

TEST_F(DeskRoutes, ShowAHoldWholeOrInShort) {
    const auto digest = held_digest();
    ASSERT_FALSE(digest.empty());
    const auto brief = ask("GET", "/v1/tenants/acme/hold");
    const auto& section = brief.body.at("sections").as_array().at(0).as_object();
    EXPECT_EQ(section.at("guard").as_string(), "deactivation");
    EXPECT_EQ(section.at("count").to_number<int>(), 7);
    EXPECT_FALSE(section.contains("steps"));
    const auto full = ask("GET", "/v1/tenants/acme/hold?full=1");
    const auto& steps = full.body.at("sections").as_array().at(0).at("steps").as_array();
    ASSERT_EQ(steps.size(), 7u);
    EXPECT_EQ(steps[0].at("id").as_string(), "PW0");
    EXPECT_EQ(steps[0].at("name").as_string(), "First0 Last0");
    EXPECT_EQ(steps[0].at("kind").as_string(), "deactivate");
    const auto all = ask("GET", "/v1/holds");
    ASSERT_EQ(all.body.at("holds").as_array().size(), 1u) << all.text;
    EXPECT_EQ(all.body.at("holds").as_array()[0].at("tenant").as_string(), "acme");
    const auto tenant = ask("GET", "/v1/tenants/acme");
    EXPECT_EQ(member(tenant, "held_digest"), digest);
}

TEST_F(DeskRoutes, ApproveOnlyWhatWasShown) {
    const auto digest = held_digest();
    const auto wrong = ask("POST", "/v1/tenants/acme/hold/approve", R"({"digest":"00"})");
    EXPECT_EQ(wrong.status, 409u);
    EXPECT_EQ(member(wrong, "type"), "urn:rollcall:problem:held");
    EXPECT_EQ(fleet_.users("acme")->active(), 40u);
    const auto run = ask("POST", "/v1/tenants/acme/hold/approve",
                         R"({"kinds":["deactivation"],"digest":")" + digest + "\"}");
    ASSERT_EQ(run.status, 200u) << run.text;
    EXPECT_EQ(run.body.at("cause").as_string(), "approval");
    EXPECT_EQ(run.body.at("steps").as_array().size(), 7u);
    EXPECT_EQ(fleet_.users("acme")->active(), 33u);
    EXPECT_TRUE(ask("GET", "/v1/tenants/acme/hold").body.at("digest").is_null());
    EXPECT_EQ(ask("POST", "/v1/tenants/acme/hold/approve", R"({"digest":"00"})").status, 404u);
}

TEST_F(DeskRoutes, RejectWhatIsHeld) {
    const auto digest = held_digest();
    const auto rejected =
        ask("POST", "/v1/tenants/acme/hold/reject", R"({"digest":")" + digest + "\"}");
    EXPECT_EQ(rejected.status, 200u) << rejected.text;
    EXPECT_EQ(fleet_.users("acme")->active(), 40u);
    EXPECT_EQ(ask("GET", "/v1/holds").body.at("holds").as_array().size(), 0u);
}

// ---- people and teams ----

TEST_F(DeskRoutes, EditAddAndDeleteUsers) {
    hire(0, 2);
    add_loaded_tenant("acme");
    const auto edited = patch("PW0", R"({"location":"Leeds","manager":"PW1"})");
    ASSERT_EQ(edited.status, 200u) << edited.text;
    EXPECT_EQ(edited.body.at("cause").as_string(), "manual");
    const auto shown = ask("GET", "/v1/tenants/acme/users/PW0");
    EXPECT_EQ(member(shown, "location"), "Leeds");
    EXPECT_EQ(shown.body.at("ownership").at("location").as_string(), "manual");
    EXPECT_EQ(shown.body.at("manager").at("name").as_string(), "First1 Last1");
    EXPECT_EQ(shown.body.at("primary_team").at("name").as_string(), "Sales");
    EXPECT_EQ(member(shown, "role"), "member");
    EXPECT_EQ(patch("PW0", R"({"location":null})").status, 200u);
    EXPECT_TRUE(ask("GET", "/v1/tenants/acme/users/PW0").body.at("location").is_null());
    EXPECT_EQ(patch("PW9", R"({"location":"x"})").status, 404u);

    const auto added =
        ask("POST", "/v1/tenants/acme/users",
            R"({"fields":{"email":"Guest@example.com","first_name":"Gus","last_name":"Guest"}})");
    ASSERT_EQ(added.status, 200u) << added.text;
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/users/guest@EXAMPLE.com").status, 200u);
    EXPECT_EQ(ask("DELETE", "/v1/tenants/acme/users/guest@example.com").status, 200u);
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/users/guest@example.com").status, 404u);
    EXPECT_TRUE(lines_->contains({"control.user_edited", "acme"}));
    EXPECT_FALSE(lines_->contains({"Leeds"}));
}

TEST_F(DeskRoutes, ListAndChangeTeams) {
    hire(0, 2);
    add_loaded_tenant("acme");
    const auto path = std::string("/v1/tenants/acme/teams");
    ASSERT_EQ(ask("POST", path, R"({"fields":{"name":"Night shift","manager":"PW1"}})").status,
              200u);
    EXPECT_EQ(ask("PUT", path + "/Night shift/members/PW0").status, 200u);
    EXPECT_EQ(ask("PATCH", path + "/Sales", R"({"fields":{"parent":"Night shift"}})").status, 200u);
    const auto teams = ask("GET", path).body.at("teams").as_array();
    ASSERT_EQ(teams.size(), 2u);
    EXPECT_EQ(teams[0].at("name").as_string(), "Sales");
    EXPECT_EQ(teams[0].at("members").to_number<int>(), 2);
    EXPECT_EQ(teams[0].at("parent").at("name").as_string(), "Night shift");
    EXPECT_TRUE(teams[0].at("owned").as_bool());
    EXPECT_EQ(teams[1].at("secondary_members").to_number<int>(), 1);
    EXPECT_EQ(ask("DELETE", path + "/Night shift/members/PW0").status, 200u);
    EXPECT_EQ(ask("DELETE", path + "/Night shift").status, 200u);
    EXPECT_EQ(ask("DELETE", path + "/Night shift").status, 404u);
}

TEST_F(DeskRoutes, NameWhatStepsOnlyNumber) {
    hire(0, 2);
    add_loaded_tenant("acme");
    const auto run = patch("PW0", R"({"manager":"PW1"})");
    const auto& changes = run.body.at("changes").as_array();
    const auto manager = std::find_if(changes.begin(), changes.end(), [](const json::value& c) {
        return c.at("field").as_string() == "manager";
    });
    ASSERT_NE(manager, changes.end()) << run.text;
    EXPECT_EQ(manager->at("new_label").as_string(), "First1 Last1");
    EXPECT_EQ(manager->at("owner").as_string(), "manual");
    EXPECT_EQ(manager->at("rule").as_string(), "manual");
    EXPECT_EQ(manager->at("id").as_string(), "PW0");
}

// ---- conflicts ----

TEST_F(DeskRoutes, ListResolveAndReopenAConflict) {
    hire(0, 2);
    add_loaded_tenant("acme");
    source_.people.push_back({"NEW", "First0", "Last0", "p0@example.com"});
    source_.people.erase(source_.people.begin()); // the id changed, the fallback is off (LA-10)
    (void)sync_now("acme");
    const auto listed = ask("GET", "/v1/tenants/acme/conflicts");
    ASSERT_EQ(listed.body.at("conflicts").as_array().size(), 1u) << listed.text;
    const auto& conflict = listed.body.at("conflicts").as_array()[0];
    EXPECT_EQ(conflict.at("kind").as_string(), "email_taken");
    EXPECT_EQ(json::serialize(conflict.at("choices")), R"(["link","ignore"])");
    const auto resolved = ask("POST", "/v1/tenants/acme/conflicts/resolve",
                              R"({"kind":"email_taken","id":"NEW","as":"link"})");
    ASSERT_EQ(resolved.status, 200u) << resolved.text;
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/users/NEW").status, 200u);
    EXPECT_EQ(
        ask("POST", "/v1/tenants/acme/conflicts/reopen", R"({"kind":"email_taken","id":"nobody"})")
            .status,
        404u);
}

// ---- invitations ----

TEST_F(DeskRoutes, KeepTheLedgerAndGoLiveOnlyAsShown) {
    hire(0, 3);
    const auto added = ask("POST", "/v1/tenants",
                           R"({"name":"acme","api_key":"good-key-1",
                               "settings":{"invite":"immediately"}})");
    ASSERT_EQ(added.status, 201u) << added.text;
    (void)sync_now("acme");
    const auto ledger = ask("GET", "/v1/tenants/acme/invitations");
    ASSERT_EQ(ledger.body.at("invitations").as_array().size(), 3u) << ledger.text;
    EXPECT_TRUE(ledger.body.at("invitations").as_array()[0].at("waits_for_live").as_bool());
    EXPECT_EQ(ask("POST", "/v1/tenants/acme/invitations/cancel", R"({"people":["PW2"]})").status,
              200u);
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/invitations?state=cancelled")
                  .body.at("invitations")
                  .as_array()
                  .size(),
              1u);
    const auto plan = ask("GET", "/v1/tenants/acme/go-live");
    ASSERT_EQ(plan.status, 200u) << plan.text;
    EXPECT_EQ(plan.body.at("steps").as_array().size(), 2u);
    EXPECT_EQ(ask("POST", "/v1/tenants/acme/go-live", R"({"digest":"00"})").status, 409u);
    EXPECT_TRUE(notices_.delivered.empty());
    const auto live =
        ask("POST", "/v1/tenants/acme/go-live", R"({"digest":")" + member(plan, "digest") + "\"}");
    ASSERT_EQ(live.status, 200u) << live.text;
    EXPECT_EQ(ask("POST", "/v1/tenants/acme/invitations/confirm", R"({"person":"PW0"})").status,
              200u);
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/users/PW0").body.at("invitation").at("state"),
              json::value("confirmed"));
    EXPECT_EQ(ask("POST", "/v1/tenants/acme/invitations/send", R"({"people":["PW9"]})").status,
              404u);
    EXPECT_TRUE(ask("GET", "/v1/tenants/acme").body.at("live").as_bool());
}

// ---- plans ----

TEST_F(DeskRoutes, LetNewSettingsActOnlyOnceTheirPlanWasSeen) {
    hire(0, 3);
    add_loaded_tenant("acme");
    // Nobody's Company is "Acme": with this filter everybody would be out of scope (LA-6).
    const auto refused = ask("PATCH", "/v1/tenants/acme", R"({"settings":{"company":"Acme"}})");
    ASSERT_EQ(refused.status, 409u) << refused.text;
    EXPECT_EQ(member(refused, "type"), "urn:rollcall:problem:held");
    const auto digest = std::string(refused.body.at("plan").at("digest").as_string());
    EXPECT_EQ(ask("GET", "/v1/tenants/acme").body.at("settings").at("company").as_string(), "");
    EXPECT_EQ(
        ask("PATCH", "/v1/tenants/acme", R"({"settings":{"company":"Acme"},"digest":"00"})").status,
        409u);
    const auto changed = ask("PATCH", "/v1/tenants/acme",
                             R"({"settings":{"company":"Acme"},"digest":")" + digest + "\"}");
    ASSERT_EQ(changed.status, 200u) << changed.text;
    EXPECT_EQ(json::serialize(changed.body.at("changes")), R"({"company":["","Acme"]})");
    EXPECT_EQ(
        ask("PATCH", "/v1/tenants/acme", R"({"settings":{"company":null},"force":true})").status,
        200u);
    // What changes nobody needs no digest.
    const auto again = ask("PATCH", "/v1/tenants/acme", R"({"settings":{"invite_hour":9}})");
    EXPECT_EQ(again.status, 200u) << again.text;
}

TEST_F(DeskRoutes, ShowWhatSettingsWouldDo) {
    hire(0, 3);
    add_loaded_tenant("acme");
    const auto plan =
        ask("POST", "/v1/tenants/acme/what-if", R"({"settings":{"team_from_department":false}})");
    ASSERT_EQ(plan.status, 200u) << plan.text;
    EXPECT_TRUE(plan.body.at("steps").is_array());
    EXPECT_TRUE(plan.body.at("would_hold").is_array());
    EXPECT_TRUE(plan.body.at("cannot").is_array());
    EXPECT_TRUE(
        ask("GET", "/v1/tenants/acme").body.at("settings").at("team_from_department").as_bool());
}

TEST_F(DeskRoutes, ShowAPreviewAndStoreNothingOfIt) {
    hire(0, 300);
    add_loaded_tenant("acme");
    for (auto& one : source_.people) one.job += " and more";
    const auto commits = store_.commits;
    const auto shown = ask("POST", "/v1/tenants/acme/sync", R"({"wait":true,"preview":true})");
    const auto begin = shown.text.rfind('\n', shown.text.size() - 2) + 1;
    const auto last = json::parse(shown.text.substr(begin));
    EXPECT_EQ(last.at("run").at("result").as_string(), "previewed");
    EXPECT_EQ(last.at("run").at("steps").as_array().size(), 300u);
    EXPECT_EQ(store_.commits, commits);
    EXPECT_EQ(member(ask("GET", "/v1/tenants/acme/users/PW0"), "job_title"), "Engineer");
}

TEST_F(DeskRoutes, UndoARunOnlyAsShown) {
    hire(0, 2);
    add_loaded_tenant("acme");
    const auto run = patch("PW0", R"({"location":"Leeds"})").body.at("id").to_number<int>();
    const auto path = "/v1/tenants/acme/runs/" + std::to_string(run) + "/undo";
    const auto plan = ask("POST", path);
    ASSERT_EQ(plan.status, 200u) << plan.text;
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/users/PW0").body.at("location").as_string(), "Leeds");
    EXPECT_EQ(ask("POST", path, R"({"digest":"00"})").status, 409u);
    const auto undone = ask("POST", path, R"({"digest":")" + member(plan, "digest") + "\"}");
    ASSERT_EQ(undone.status, 200u) << undone.text;
    EXPECT_EQ(undone.body.at("cause").as_string(), "undo");
    EXPECT_TRUE(ask("GET", "/v1/tenants/acme/users/PW0").body.at("location").is_null());
    EXPECT_EQ(ask("POST", "/v1/tenants/acme/runs/999999/undo").status, 404u);
    const auto found = ask("GET", "/v1/runs/" + std::to_string(run));
    EXPECT_EQ(member(found, "tenant"), "acme");
    EXPECT_EQ(ask("GET", "/v1/runs/999999").status, 404u);
    EXPECT_EQ(ask("GET", "/v1/runs/last").status, 400u);
}

// ---- answers ----

TEST_F(DeskRoutes, ExplainAPersonNowAndThen) {
    hire(0, 2);
    add_loaded_tenant("acme");
    const auto answer = ask("GET", "/v1/tenants/acme/explain/PW0");
    ASSERT_EQ(answer.status, 200u) << answer.text;
    EXPECT_TRUE(answer.body.at("known").as_bool());
    EXPECT_TRUE(answer.body.at("in_source").as_bool());
    EXPECT_EQ(answer.body.at("user").at("full_name").as_string(), "First0 Last0");
    EXPECT_FALSE(answer.body.at("values").as_array().empty());
    EXPECT_FALSE(answer.body.at("history").as_array().empty());
    world_.run_for(hours{48});
    const auto then = std::string(answer.body.at("at").as_string());
    EXPECT_EQ(patch("PW0", R"({"location":"Leeds"})").status, 200u);
    const auto user = ask("GET", "/v1/tenants/acme/users/PW0?at=" + then);
    ASSERT_EQ(user.status, 200u) << user.text;
    EXPECT_TRUE(user.body.at("location").is_null());
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/explain/nobody").status, 404u);
}

TEST_F(DeskRoutes, ForecastWhatIsKnownToCome) {
    hire(0, 40);
    add_loaded_tenant("acme");
    source_.people[0].left = "2027-01-20"; // the world begins at 2027-01-15
    (void)sync_now("acme");
    const auto forecast = ask("GET", "/v1/tenants/acme/forecast?days=10");
    ASSERT_EQ(forecast.status, 200u) << forecast.text;
    EXPECT_TRUE(forecast.body.at("entries").is_array()) << forecast.text;
}

TEST_F(DeskRoutes, TellOfAReadThatIsNotBelievedWhereverItMatters) {
    hire(0, 60);
    add_loaded_tenant("acme");
    EXPECT_TRUE(ask("GET", "/v1/tenants/acme/hold").body.at("doubted").is_null());
    EXPECT_TRUE(ask("GET", "/v1/holds").body.at("doubted").as_array().empty());
    source_.people.resize(20);
    EXPECT_EQ(sync_now("acme").at("result").as_string(), "held");
    const auto all = ask("GET", "/v1/holds");
    const auto& doubted = all.body.at("doubted").as_array();
    ASSERT_EQ(doubted.size(), 1u) << all.text;
    EXPECT_EQ(doubted[0].at("tenant").as_string(), "acme");
    EXPECT_EQ(doubted[0].at("rule").as_string(), "G-2");
    EXPECT_NE(std::string(doubted[0].at("because").as_string()).find("from 60 to 20"),
              std::string::npos);
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/hold").body.at("doubted").at("rule").as_string(), "G-2");
    const auto forecast = ask("GET", "/v1/tenants/acme/forecast");
    EXPECT_EQ(forecast.body.at("entries").at(0).at("what").as_string(), "doubt") << forecast.text;
    const auto explained = ask("GET", "/v1/tenants/acme/explain/PW50");
    EXPECT_EQ(explained.body.at("stopped").at(0).at("what").as_string(), "read") << explained.text;
}

TEST_F(DeskRoutes, ShowExportAndVerifyTheAudit) {
    hire(0, 3);
    add_loaded_tenant("acme");
    const auto page = ask("GET", "/v1/tenants/acme/audit?limit=2");
    ASSERT_EQ(page.body.at("entries").as_array().size(), 2u) << page.text;
    const auto next = page.body.at("next").to_number<int>();
    const auto older = ask("GET", "/v1/tenants/acme/audit?limit=2&before=" + std::to_string(next));
    EXPECT_LT(older.body.at("entries").as_array().at(0).at("number").to_number<int>(), next);
    const auto exported = ask("GET", "/v1/tenants/acme/audit/export");
    const auto lines = std::count(exported.text.begin(), exported.text.end(), '\n');
    const auto begin = exported.text.rfind('\n', exported.text.size() - 2) + 1;
    const auto last = json::parse(exported.text.substr(begin));
    EXPECT_TRUE(last.at("done").as_bool());
    EXPECT_EQ(last.at("entries").to_number<int>(), lines - 1);
    const auto verified = ask("POST", "/v1/tenants/acme/audit/verify");
    EXPECT_TRUE(verified.body.at("ok").as_bool()) << verified.text;
    EXPECT_EQ(verified.body.at("entries").to_number<int>(), lines - 1);
}

TEST_F(DeskRoutes, EraseNobodyWhoIsActiveUnlessItIsMeant) {
    hire(0, 2);
    add_loaded_tenant("acme");
    EXPECT_EQ(ask("POST", "/v1/tenants/acme/erase", R"({"person":"PW0"})").status, 400u);
    const auto erased =
        ask("POST", "/v1/tenants/acme/erase", R"({"person":"PW0","even_active":true})");
    ASSERT_EQ(erased.status, 200u) << erased.text;
    EXPECT_EQ(erased.text.find("First0"), std::string::npos);
    EXPECT_EQ(ask("GET", "/v1/tenants/acme/users/PW0").status, 404u);
}

} // namespace
} // namespace rollcall::edge
