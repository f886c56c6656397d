// The companies and what happens to them: section 8 of the wire facts, and the admin verbs.
#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "peoplehr-sim/admin.hpp"
#include "peoplehr-sim/generate.hpp"
#include "peoplehr-sim/texts.hpp"
#include "unit/peoplehr_sim/asking.hpp"

namespace rollcall::sim {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

employee person_of(const service& sim, std::string_view id, std::string_view tenant = "t00001") {
    for (const employee& someone : *sim.truth(tenant)) {
        if (someone.employee_id == id) return someone;
    }
    return {};
}

TEST(SimulatedWorld, IsAFunctionOfItsSeed) {
    const options chosen{.seed = 5, .tenants = 8, .employees_mean = 50};
    service a{chosen};
    service b{chosen};
    for (std::size_t i = 0; i < a.tenant_count(); ++i) {
        const std::string name = a.tenant_at(i).name;
        ASSERT_EQ(*a.churn(name, 30, 9), *b.churn(name, 30, 9));
        ASSERT_EQ(post(a, call_body(a, "GetAllEmployeeDetail", "", i)).body,
                  post(b, call_body(b, "GetAllEmployeeDetail", "", i)).body);
    }
    service c{{.seed = 6, .tenants = 8, .employees_mean = 50}};
    EXPECT_NE(a.tenant_at(0).api_key, c.tenant_at(0).api_key);
    EXPECT_NE(*a.truth_json("t00001"), *c.truth_json("t00001"));
}

TEST(SimulatedWorld, SizesItsCompaniesLikeTheFleetOfTheSheet) {
    const auto counts = head_counts(3, 5'000, 123, size_distribution::fleet);
    auto sorted = counts;
    std::ranges::sort(sorted);
    const auto total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    EXPECT_NEAR(static_cast<double>(total), 5'000.0 * 123, 5'000);
    EXPECT_NEAR(sorted[2'500], 60, 10);
    EXPECT_GT(sorted[500], 10u);
    EXPECT_LT(sorted[4'500], 260u);
    EXPECT_GT(sorted[4'990], 1'000u);
    EXPECT_EQ(head_counts(3, 2, 77, size_distribution::fixed),
              (std::vector<std::uint32_t>{77, 77}));
    EXPECT_EQ(head_counts(3, 1, 5'000, size_distribution::fleet).front(), 5'000u);
}

TEST(SimulatedWorld, HasTheOddPeopleThatDirectoriesHave) {
    service sim{{.tenants = 1, .employees_mean = 3'000}};
    const auto people = *sim.truth("t00001");
    const auto info = sim.tenant_at(0);
    EXPECT_EQ(info.current, 3'000u);
    EXPECT_GE(info.left, 900u);
    EXPECT_LE(info.left, 1'800u);
    const std::string today = "2026-11-21";
    std::map<std::string, int> seen;
    std::set<std::string> ids;
    std::set<std::string> departments;
    for (const employee& one : people) {
        ids.insert(one.employee_id);
        departments.insert(one.department);
        if (one.status == "3") ++seen[one.email.empty() ? "left without" : "left with"];
        if (one.status == "2" && one.leaving_date >= today) ++seen["leaving"];
        if (one.status == "1" && one.start_date > today) ++seen["future starter"];
        if (one.status == "1" && one.email.empty()) ++seen["no e-mail"];
        if (one.reports_to_id.empty()) ++seen["no manager"];
        if (one.first_name.find("\u0308") != std::string::npos) ++seen["decomposed"];
        if (one.first_name.starts_with("\xD0")) ++seen["cyrillic"];
        if (one.department.ends_with(' ') || one.department.starts_with(' ')) ++seen["blanks"];
    }
    EXPECT_EQ(ids.size(), people.size());
    EXPECT_GT(departments.size(), 24u); // variants
    for (const std::string_view what : {"left without", "left with", "leaving", "future starter",
                                        "no manager", "decomposed", "cyrillic", "blanks"}) {
        EXPECT_GT(seen[std::string{what}], 0) << what;
    }
    EXPECT_GT(seen["no e-mail"], 100);
    EXPECT_LT(seen["no e-mail"], 700);
}

TEST(SimulatedWorld, ManagersTextsFollowTheManager) {
    service sim = small_world();
    const auto people = *sim.truth("t00001");
    const auto report = std::ranges::find(people, "PW1", &employee::reports_to_id);
    ASSERT_NE(report, people.end());
    ASSERT_TRUE(sim.change(
        "t00001", "PW1",
        std::vector<field_change>{
            {"first_name", "Ada"}, {"last_name", "King"}, {"email", "Ada@Example.com"}}));
    ASSERT_TRUE(sim.change_id("t00001", "PW1", "BOSS"));
    const employee after = person_of(sim, report->employee_id);
    EXPECT_EQ(after.reports_to_id, "BOSS");
    EXPECT_EQ(after.reports_to, "Ada King");
    EXPECT_EQ(after.reports_to_email, "Ada@Example.com");
    ASSERT_TRUE(sim.remove("t00001", "BOSS"));
    EXPECT_EQ(person_of(sim, report->employee_id).reports_to_id, "");
}

TEST(SimulatedWorld, TakesALeaverFromOneThroughTwoToThreeAndBack) {
    service sim = small_world();
    ASSERT_TRUE(sim.change("t00001", "PW1", std::vector<field_change>{{"email", "x@y.example"}}));
    const auto last_day = sim.today() + days{10};
    ASSERT_TRUE(sim.leave("t00001", "PW1", last_day, service::leaving::on_the_day,
                          service::leaver_email::cleared));
    EXPECT_EQ(person_of(sim, "PW1").status, "2");
    EXPECT_EQ(person_of(sim, "PW1").leaving_date, "2026-12-01");
    EXPECT_EQ(person_of(sim, "PW1").email, "x@y.example");
    ASSERT_TRUE(sim.set_today(last_day)); // the day has not ended yet
    EXPECT_EQ(person_of(sim, "PW1").status, "2");
    ASSERT_TRUE(sim.set_today(last_day + days{1}));
    EXPECT_EQ(person_of(sim, "PW1").status, "3");
    EXPECT_EQ(person_of(sim, "PW1").email, "");
    EXPECT_FALSE(sim.set_today(last_day));

    ASSERT_TRUE(sim.rehire("t00001", "PW1", sim.today()));
    const employee back = person_of(sim, "PW1");
    EXPECT_EQ(back.status, "1");
    EXPECT_EQ(back.leaving_date, "");
    EXPECT_EQ(back.start_date, "2026-12-02");
    EXPECT_NE(back.email, "");
    ASSERT_TRUE(sim.leave("t00001", "PW1", last_day + days{30}, service::leaving::immediately,
                          service::leaver_email::kept));
    EXPECT_EQ(person_of(sim, "PW1").status, "3");
    EXPECT_NE(person_of(sim, "PW1").email, "");
}

TEST(SimulatedWorld, HiresSwapsAndRemoves) {
    service sim = small_world();
    const auto id = sim.hire("t00001", {.first_name = "Ada",
                                        .last_name = "King",
                                        .email = "ada@example.com",
                                        .department = "Engines",
                                        .reports_to_id = "PW1"});
    ASSERT_TRUE(id);
    const employee ada = person_of(sim, *id);
    EXPECT_EQ(ada.first_name, "Ada");
    EXPECT_EQ(ada.known_as, "");
    EXPECT_EQ(ada.reports_to_id, "PW1");
    EXPECT_EQ(ada.start_date, "2026-11-21");
    EXPECT_EQ(sim.hire("t00001", {.employee_id = *id}).error(), errc::already_exists);
    EXPECT_EQ(sim.hire("t00001", {.start_date = "tomorrow"}).error(), errc::invalid_argument);

    const std::string boss_email = person_of(sim, "PW1").email;
    ASSERT_TRUE(sim.swap_emails("t00001", *id, "PW1"));
    EXPECT_EQ(person_of(sim, "PW1").email, "ada@example.com");
    EXPECT_EQ(person_of(sim, *id).email, boss_email);
    ASSERT_TRUE(sim.remove("t00001", *id));
    EXPECT_EQ(person_of(sim, *id), employee{});
    EXPECT_EQ(sim.remove("t00001", *id).error(), errc::not_found);
    EXPECT_EQ(sim.remove("t99999", "PW1").error(), errc::not_found);
}

TEST(SimulatedWorld, NeverGivesAnIdThatSomebodyHas) {
    service sim = world_of_csv("employee_id,first_name\nPW3,Ada\nPW5,Ben\n");
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(sim.hire("acme", {.first_name = "Cy"}));
    ASSERT_TRUE(sim.churn("acme", 300, 2));
    std::set<std::string> ids;
    const auto people = *sim.truth("acme");
    for (const employee& one : people) ids.insert(one.employee_id);
    EXPECT_EQ(ids.size(), people.size());
}

TEST(SimulatedWorld, ChangesAPersonWhollyOrNotAtAll) {
    service sim = small_world();
    const employee before = person_of(sim, "PW2");
    const auto changed = sim.change(
        "t00001", "PW2",
        std::vector<field_change>{
            {"first_name", "Ada"}, {"department", "Engines"}, {"start_date", "31.12.2026"}});
    EXPECT_EQ(changed.error(), errc::invalid_argument);
    EXPECT_EQ(person_of(sim, "PW2"), before);
}

TEST(SimulatedWorld, RenamesADropdownValueForEverybody) {
    service sim = small_world();
    const std::string old_name = person_of(sim, "PW1").department;
    const auto count = [&](const std::string& name) {
        return std::ranges::count(*sim.truth("t00001"), name, &employee::department);
    };
    const auto members = count(old_name);
    ASSERT_TRUE(sim.rename_value("t00001", "department", old_name, "Renamed"));
    EXPECT_EQ(count("Renamed"), members);
    EXPECT_EQ(count(old_name), 0);
    EXPECT_EQ(sim.rename_value("t00001", "department", "No such", "x").error(), errc::not_found);
}

TEST(SimulatedWorld, LoadsItsOwnAnswerAndItsOwnTruth) {
    service sim = small_world();
    const auto truth = *sim.truth("t00001");
    const std::string answer =
        post(sim, call_body(sim, "GetAllEmployeeDetail", R"(,"IncludeLeavers":true)")).body;
    for (const std::string& text : {answer, *sim.truth_json("t00001")}) {
        loaded_company loaded = load_company("copy", text);
        ASSERT_EQ(loaded.problem, "");
        service other{{.tenants = 0}};
        ASSERT_TRUE(other.add_company(std::move(loaded.firm)));
        EXPECT_EQ(*other.truth("copy"), truth);
    }
}

TEST(SimulatedWorld, SaysWhatIsWrongWithAFile) {
    EXPECT_EQ(load_company("x", "first_name,nonsense\n").problem, "unknown column \"nonsense\"");
    EXPECT_EQ(load_company("x", "employee_id\na\n\"b\n").problem, "row 2: a quote is never closed");
    EXPECT_EQ(load_company("x", "employee_id\na\na\n").problem, "row 2: the id occurs twice");
    EXPECT_NE(load_company("x", "{\"people\":").problem, "");
    EXPECT_NE(load_company("x", "{\"other\":1}").problem, "");
}

TEST(SimulatedWorld, LatencyIsLogNormalAroundItsMedianAndGrowsWithRows) {
    service sim{{.tenants = 1, .latency_median = 100ms, .latency_per_row = 1'000us}};
    std::vector<std::int64_t> drawn;
    for (int i = 0; i < 1'001; ++i) {
        drawn.push_back(post(sim, call_body(sim, "GetCompanyInformation")).latency.count());
    }
    std::ranges::sort(drawn);
    EXPECT_NEAR(static_cast<double>(drawn[500]), 100, 10);
    EXPECT_NEAR(static_cast<double>(drawn[841]), 165, 25); // one sigma up: e^0.5
    EXPECT_GE(post(sim, call_body(sim, "GetAllEmployeeDetail")).latency.count(), 60);
}

TEST(AdminAddress, CarriesOutItsVerbs) {
    service sim = small_world();
    const auto post_to = [&](std::string_view path, std::string_view body) {
        return administer(sim, "POST", path, body).http_status;
    };
    EXPECT_EQ(post_to("/hire", R"({"tenant":"t00001","employee":{"employee_id":"H1"}})"), 200u);
    EXPECT_EQ(post_to("/change", R"({"tenant":"t00001","id":"H1","set":{"department":"D"}})"),
              200u);
    EXPECT_EQ(person_of(sim, "H1").department, "D");
    EXPECT_EQ(post_to("/change-id", R"({"tenant":"t00001","id":"H1","new_id":"H2"})"), 200u);
    EXPECT_EQ(post_to("/swap-emails", R"({"tenant":"t00001","id":"H2","other":"PW1"})"), 200u);
    EXPECT_EQ(post_to("/leave", R"({"tenant":"t00001","id":"H2","date":"2026-12-24"})"), 200u);
    EXPECT_EQ(person_of(sim, "H2").status, "2");
    EXPECT_EQ(post_to("/rehire", R"({"tenant":"t00001","id":"H2"})"), 200u);
    EXPECT_EQ(
        post_to("/rename-value", R"({"tenant":"t00001","list":"department","from":"D","to":"E"})"),
        200u);
    EXPECT_EQ(person_of(sim, "H2").department, "E");
    EXPECT_EQ(post_to("/delete", R"({"tenant":"t00001","id":"H2"})"), 200u);
    EXPECT_EQ(post_to("/churn", R"({"tenant":"t00001","count":3,"seed":4})"), 200u);
    EXPECT_EQ(post_to("/churn", R"({"count":3})"), 200u);
    EXPECT_EQ(post_to("/date", R"({"days":2})"), 200u);
    EXPECT_EQ(post_to("/break", R"({"kind":"html","amount":500,"calls":1})"), 200u);
    EXPECT_EQ(sim.faults().size(), 1u);
    EXPECT_EQ(post_to("/clear", ""), 200u);
    EXPECT_TRUE(sim.faults().empty());
    EXPECT_EQ(post_to("/limits", R"({"scope":"both","calls_per_minute":9})"), 200u);
    EXPECT_EQ(sim.limits().calls_per_minute, 9u);
    EXPECT_EQ(post_to("/revoke-key", R"({"tenant":"t00001"})"), 200u);
    EXPECT_EQ(post_to("/restore-key", R"({"tenant":"t00001"})"), 200u);
    EXPECT_EQ(post_to("/grants", R"({"tenant":"t00001","grants":1})"), 200u);
    EXPECT_EQ(post_to("/add-key", R"({"tenant":"t00001"})"), 200u);
    EXPECT_EQ(post_to("/company", R"({"tenant":"new","people":[{"employee_id":"1"}]})"), 200u);
    EXPECT_EQ(person_of(sim, "1", "new").employee_id, "1");
    for (const std::string_view path : {"/health", "/tenants", "/counters", "/limits", "/faults",
                                        "/fault-kinds", "/truth/t00001"}) {
        const admin_answer read = administer(sim, "GET", path, "");
        EXPECT_EQ(read.http_status, 200u) << path;
        boost::system::error_code error;
        (void)json::parse(read.body, error);
        EXPECT_FALSE(error) << path;
    }
}

TEST(AdminAddress, SaysWhatIsWrongWithARequest) {
    service sim = small_world();
    struct row {
        std::string_view path, body;
        unsigned http_status;
    };
    for (const auto& [path, body, wanted] :
         {row{"/nonsense", "{}", 404}, row{"/hire", "[", 400}, row{"/hire", "[]", 400},
          row{"/hire", R"({"tenant":"t00001"})", 400},
          row{"/hire", R"({"tenant":"none","employee":{}})", 404},
          row{"/change", R"({"tenant":"t00001","id":"PW1","set":{"x":"y"}})", 400},
          row{"/change-id", R"({"tenant":"t00001","id":"PW1","new_id":"PW2"})", 409},
          row{"/break", R"({"kind":"nonsense"})", 400}, row{"/limits", R"({"scope":"x"})", 400},
          row{"/date", R"({"date":"soon"})", 400}}) {
        EXPECT_EQ(administer(sim, "POST", path, body).http_status, wanted) << path << body;
    }
    EXPECT_EQ(administer(sim, "GET", "/truth/none", "").http_status, 404u);
    EXPECT_EQ(administer(sim, "PUT", "/date", "").http_status, 405u);
}

} // namespace
} // namespace rollcall::sim
