// Actions, Status values and the order of the checks: sections 1.3, 1.4 and 3 of the wire facts.
#include "unit/peoplehr_sim/asking.hpp"

namespace rollcall::sim {
namespace {

using namespace std::chrono_literals;

struct expected {
    std::string body;
    std::string verdict;
};

void check(service& sim, const std::vector<expected>& table,
           std::string_view target = "/Employee") {
    for (const auto& [body, wanted] : table) {
        const wire_answer answer = post(sim, body, {}, target);
        EXPECT_EQ(answer.http_status, 200u);
        EXPECT_EQ(verdict(answer), wanted) << body;
    }
}

TEST(PeoplehrChecks, AnswersEveryWrongCallWithHttp200AndItsStatusInOrder) {
    service sim = small_world(api_version::v3_1);
    const std::string key = sim.tenant_at(0).api_key;
    // Each body is right up to one check further than the one before.
    check(sim,
          {{"", "8 Either empty or no Form Data."},
           {"  ", "7 No json data found."},
           {"{\"APIKey\"", "9 Invalid json data."},
           {"[]", "7 No json data found."},
           {"{}", "1 API key is missing."},
           {R"({"Action":"Nonsense"})", "1 API key is missing."},
           {R"({"APIKey":"xyz"})", "2 Invalid API Key."},
           {R"({"APIKey":7})", "2 Invalid API Key."},
           {R"({"APIKey":"00000000-0000-4000-8000-000000000000"})", "5 API key does not exists."},
           {R"({"APIKey":")" + key + R"("})", "3 Action is missing."},
           {call_body(sim, ""), "4 Action cannot be empty."},
           {call_body(sim, "Nonsense"), "4 Invalid Action."},
           {call_body(sim, "GetAllLeavers"), "4 Invalid Action."}, // v4 only
           {call_body(sim, "GetQueryResultByQueryName"), "4 Invalid Action."},
           {call_body(sim, "GetEmployeeDetailById"), "5 EmployeeId is missing."},
           {call_body(sim, "CreateNewEmployee"), "5 No access on employee schema."}});
}

TEST(PeoplehrChecks, VersionFourDeniesWhatItDoesNotKnow) {
    service sim = small_world(api_version::v4);
    check(sim, {{"{}", "1 APIKey not supplied."},
                {call_body(sim, "Nonsense"), "5 Access Denied."},
                {call_body(sim, "CreateNewEmployee"), "5 Access Denied."}});
}

TEST(PeoplehrChecks, ReadsTheKeyWithBracesAndWithoutDashes) {
    service sim = small_world();
    std::string key = sim.tenant_at(0).api_key;
    check(sim, {{R"({"APIKey":"{)" + key + R"(}"})", "3 Action is missing."}});
    std::erase(key, '-');
    check(sim, {{R"({"APIKey":")" + key + R"("})", "3 Action is missing."}});
}

TEST(PeoplehrChecks, GrantsActionsByKey) {
    service sim = small_world(api_version::v3_1);
    ASSERT_TRUE(sim.set_grants("t00001", get_all));
    EXPECT_EQ(status_of(ask(sim, "GetAllEmployeeDetail")), 0);
    const std::string by_id = R"(,"EmployeeId":"PW1")";
    EXPECT_EQ(verdict(post(sim, call_body(sim, "GetEmployeeDetailById", by_id))),
              "5 No access on employee schema.");
    EXPECT_EQ(verdict(post(sim, call_body(sim, "GetQueryResult"), {}, "/Query")),
              "5 No access to Query Builder schema.");
    const auto second = sim.add_key("t00001", get_by_id);
    ASSERT_TRUE(second);
    check(sim, {{R"({"APIKey":")" + *second + R"(","Action":"GetEmployeeDetailById"})",
                 "5 EmployeeId is missing."}});
}

TEST(PeoplehrChecks, RefusesARevokedKeyUntilItIsRestored) {
    service sim = small_world();
    ASSERT_TRUE(sim.revoke_keys("t00001"));
    EXPECT_EQ(message_of(ask(sim, "GetAllEmployeeDetail")), "API Key does not exists.");
    ASSERT_TRUE(sim.restore_keys("t00001"));
    EXPECT_EQ(status_of(ask(sim, "GetAllEmployeeDetail")), 0);
}

TEST(PeoplehrChecks, TakesIncludeLeaversInAllItsForms) {
    service sim = small_world();
    const std::size_t current = sim.tenant_at(0).current;
    const std::size_t all = current + sim.tenant_at(0).left;
    ASSERT_GT(all, current);
    const auto rows = [&](std::string_view more) {
        return ask(sim, "GetAllEmployeeDetail", more).at("Result").as_array().size();
    };
    EXPECT_EQ(rows(""), current);
    EXPECT_EQ(rows(R"(,"IncludeLeavers":null)"), current);
    EXPECT_EQ(rows(R"(,"IncludeLeavers":false)"), current);
    EXPECT_EQ(rows(R"(,"IncludeLeavers":"false")"), current);
    EXPECT_EQ(rows(R"(,"IncludeLeavers":true)"), all);
    EXPECT_EQ(rows(R"(,"IncludeLeavers":"True")"), all);
    check(sim, {{call_body(sim, "GetAllEmployeeDetail", R"(,"IncludeLeavers":"")"),
                 "5 IncludeLeavers cannot be empty."},
                {call_body(sim, "GetAllEmployeeDetail", R"(,"IncludeLeavers":"yes")"),
                 "5 IncludeLeavers contains invalid data."},
                {call_body(sim, "GetAllEmployeeDetail", R"(,"IncludeLeavers":1)"),
                 "5 IncludeLeavers contains invalid data."}});
}

TEST(PeoplehrChecks, ReadsOneEmployeeByIdWithItsOwnRefusals) {
    service sim = small_world();
    const auto body = [&](std::string_view id) {
        return call_body(sim, "GetEmployeeDetailById", R"(,"EmployeeId":)" + std::string{id});
    };
    check(sim, {{body("null"), "5 EmployeeId is missing."},
                {body("\"\""), "5 EmployeeId cannot be empty."},
                {body("17"), "5 EmployeeId contains invalid data."},
                {body("\"PW12345678901234\""), "5 EmployeeId contains more than 15 characters."},
                {body("\"PW99999\""), "5 EmployeeId does not exists."},
                {body("\"PW1\""), "0 The requested processed successfully."}});
    const json::object answer = parsed(post(sim, body("\"PW1\"")));
    const json::object& row = answer.at("Result").as_object();
    EXPECT_EQ(row.at("EmployeeId").as_object().at("DisplayValue"), "PW1");
}

TEST(PeoplehrChecks, ServesPagesWhoseRowsAddUp) {
    service sim = small_world();
    std::size_t rows = 0;
    std::int64_t total = 1;
    while (rows < static_cast<std::size_t>(total)) {
        const json::object page =
            ask(sim, "GetAllEmployeeDetailPaginated",
                R"(,"Limit":7,"IncludeLeavers":true,"Offset":)" + std::to_string(rows));
        const json::object& result = page.at("Result").as_object();
        total = result.at("Pagination").as_object().at("TotalRows").as_int64();
        const std::size_t got = result.at("Result").as_array().size();
        ASSERT_GT(got, 0u);
        ASSERT_LE(got, 7u);
        rows += got;
    }
    EXPECT_EQ(rows, sim.truth("t00001")->size());
    check(sim, {{call_body(sim, "GetAllEmployeeDetailPaginated", R"(,"Limit":501)"),
                 "5 Limit contains invalid data."},
                {call_body(sim, "GetAllEmployeeDetailPaginated", R"(,"Offset":-1)"),
                 "5 Offset contains invalid data."}});
}

TEST(PeoplehrChecks, TellsTheCompanyAndChecksAPasswordAndListsLeavers) {
    service sim = small_world();
    const json::object company = ask(sim, "GetCompanyInformation").at("Result").as_object();
    EXPECT_EQ(company.at("SubDomain"), "t00001");
    EXPECT_EQ(company.at("CompanyId").to_number<std::uint32_t>(), sim.tenant_at(0).company_id);
    const json::object leavers = ask(sim, "GetAllLeavers");
    EXPECT_EQ(leavers.at("Result").as_array().size(), sim.tenant_at(0).left);

    ASSERT_TRUE(sim.change("t00001", "PW1", std::vector<field_change>{{"email", "a@b.example"}}));
    const auto right =
        ask(sim, "CheckAuthentication", R"(,"EmailAddress":"A@b.example","Password":"password")");
    EXPECT_EQ(right.at("Result").as_object().at("EmployeeId"), "PW1");
    const auto wrong =
        ask(sim, "CheckAuthentication", R"(,"EmailAddress":"a@b.example","Password":"guess")");
    EXPECT_EQ(status_of(wrong), 10);
}

TEST(PeoplehrChecks, ChangesAnIdAndKeepsTheUniqueKey) {
    service sim = small_world();
    const std::string unique_key = sim.truth("t00001")->front().unique_key;
    const auto body = [&](std::string_view from, std::string_view to) {
        return call_body(sim, "UpdateEmployeeId",
                         R"(,"OldEmployeeId":")" + std::string{from} + R"(","NewEmployeeId":")" +
                             std::string{to} + R"(","ReasonForChange":"why")");
    };
    check(sim, {{body("PW98765", "X1"), "5 OldEmployeeId does not exists."},
                {body("PW1", "PW1"), "5 OldEmployeeId and NewEmployeeId should not be same."},
                {body("PW1", "PW2"),
                 "5 NewEmployeeID is already in use. Please enter a unique NewEmployeeID."},
                {body("PW1", "X-1_a"), "0 The request processed successfully."}});
    EXPECT_EQ(sim.truth("t00001")->front().employee_id, "X-1_a");
    EXPECT_EQ(sim.truth("t00001")->front().unique_key, unique_key);
}

TEST(PeoplehrChecks, ToleratesPathsAndRefusesUnknownOnes) {
    service sim = small_world();
    const std::string body = call_body(sim, "GetCompanyInformation");
    for (const std::string_view target : {"/Employee", "//Employee", "/employee/",
                                          "/EMPLOYEE/GetCompanyInformation", "/Employee?a=b"}) {
        EXPECT_EQ(post(sim, body, {}, target).http_status, 200u) << target;
    }
    for (const std::string_view target : {"/", "", "/Employees", "/api/Employee"}) {
        const wire_answer answer = post(sim, body, {}, target);
        EXPECT_EQ(answer.http_status, 404u) << target;
        EXPECT_EQ(answer.content_type.substr(0, 9), "text/html") << target;
    }
    EXPECT_EQ(verdict(post(sim, body, {}, "/Holiday")), "5 Access Denied.");
    EXPECT_EQ(sim.handle({.body = body}).http_status, 403u); // no User-Agent
    EXPECT_EQ(sim.handle({.method = "GET", .user_agent = "x"}).http_status, 405u);
}

TEST(PeoplehrChecks, RunsOneQueryAtATime) {
    for (const auto style : {query_busy_style::pseudo_row, query_busy_style::status_5}) {
        service sim{{.tenants = 2, .query_busy = style, .query_duration = 5'000ms}};
        const std::string query =
            call_body(sim, "GetQueryResultByQueryName", R"(,"QueryName":"Directory")");
        const mono_time start{100s};
        const wire_answer first = post(sim, query, start, "/Query");
        EXPECT_EQ(first.latency, 5s);
        const json::object rows = parsed(first);
        EXPECT_EQ(rows.at("Result").as_array().size(), sim.tenant_at(0).current);
        const std::string date{
            rows.at("Result").as_array()[0].as_object().at("Start Date").as_string()};
        EXPECT_EQ(date[4], '/');

        const json::object busy = parsed(post(sim, query, start + 4'999ms, "/Query"));
        if (style == query_busy_style::status_5) {
            EXPECT_EQ(status_of(busy), 5);
        } else {
            EXPECT_EQ(status_of(busy), 0);
            EXPECT_EQ(busy.at("Result").as_array().at(0).as_object().size(), 1u);
        }
        EXPECT_EQ(status_of(parsed(post(sim, query, start + 5s, "/Query"))), 0);
        // Another tenant's query is not in the way.
        const std::string other =
            call_body(sim, "GetQueryResultByQueryName", R"(,"QueryName":"Ids")", 1);
        EXPECT_EQ(parsed(post(sim, other, start + 5s, "/Query")).at("Result").as_array().size(),
                  sim.tenant_at(1).current);
    }
}

TEST(PeoplehrChecks, RefusesQueriesThatAreNotSaved) {
    service sim = small_world();
    check(
        sim,
        {{call_body(sim, "GetQueryResultByQueryName"), "5 QueryName is missing."},
         {call_body(sim, "GetQueryResult", R"(,"QueryName":"directory")"), "5 Invalid query name."},
         {call_body(sim, "GetQueryResult", R"(,"QueryName":"Empty")"), "10 No records found."}},
        "/Query");
}

} // namespace
} // namespace rollcall::sim
