// Every way in which the simulated API breaks: section 10 of the wire facts.
#include "unit/peoplehr_sim/asking.hpp"

namespace rollcall::sim {
namespace {

using namespace std::chrono_literals;

// Sets the fault in a fresh world and gives the answer to a bulk read.
wire_answer answer_under(fault what) {
    service sim = small_world();
    EXPECT_TRUE(sim.add_fault(std::move(what)));
    return post(sim, call_body(sim, "GetAllEmployeeDetail"));
}

json::array rows_under(fault what) {
    return parsed(answer_under(std::move(what))).at("Result").as_array();
}

std::string normal_body() {
    service sim = small_world();
    return post(sim, call_body(sim, "GetAllEmployeeDetail")).body;
}

TEST(PeoplehrFaults, HaveANameEach) {
    for (const std::string_view name : fault_kind_names()) {
        const auto kind = fault_kind_of(name);
        ASSERT_TRUE(kind);
        EXPECT_EQ(name_of(*kind), name);
    }
    EXPECT_FALSE(fault_kind_of("nonsense"));
}

TEST(PeoplehrFaults, RefuseWithTheTextsOfTheWire) {
    struct row {
        fault what;
        std::string_view verdict;
    };
    for (const auto& [what, wanted] : {
             row{{.kind = fault_kind::key_gone}, "5 API key does not exists."},
             row{{.kind = fault_kind::no_grant}, "5 No access on employee schema."},
             row{{.kind = fault_kind::access_denied}, "5 Access Denied."},
             row{{.kind = fault_kind::suspended}, "5 This company has been suspended."},
             row{{.kind = fault_kind::trial_expired}, "5 Your trial has expired."},
             row{{.kind = fault_kind::throttle_status_5},
                 "5 API calls will be limited to a 30 per minute"},
             row{{.kind = fault_kind::throttle_silent},
                 "0 API calls will be limited to a 30 per minute"},
             row{{.kind = fault_kind::status, .amount = 1}, "1 API key is missing."},
             row{{.kind = fault_kind::status, .amount = 2}, "2 Invalid API Key."},
             row{{.kind = fault_kind::status, .amount = 3}, "3 Action is missing."},
             row{{.kind = fault_kind::status, .amount = 4}, "4 Invalid Action."},
             row{{.kind = fault_kind::status, .amount = 5}, "5 Access Denied."},
             row{{.kind = fault_kind::status, .amount = 6}, "6 Oops! Something went wrong."},
             row{{.kind = fault_kind::status, .amount = 7}, "7 No json data found."},
             row{{.kind = fault_kind::status, .amount = 8}, "8 Either empty or no Form Data."},
             row{{.kind = fault_kind::status, .amount = 9}, "9 Invalid json data."},
             row{{.kind = fault_kind::status, .amount = 10}, "10 No records found."},
             row{{.kind = fault_kind::status, .amount = 13}, "13 Unknown error occured."},
             row{{.kind = fault_kind::status, .text = "Odd.", .amount = 6}, "6 Odd."},
         }) {
        EXPECT_EQ(verdict(answer_under(what)), wanted);
    }
    EXPECT_EQ(answer_under({.kind = fault_kind::throttle_http_429}).http_status, 429u);
    EXPECT_EQ(answer_under({.kind = fault_kind::html}).http_status, 503u);
    EXPECT_EQ(answer_under({.kind = fault_kind::html, .amount = 404}).http_status, 404u);
}

TEST(PeoplehrFaults, AnswerWithNothingOrTheWrongThing) {
    EXPECT_EQ(answer_under({.kind = fault_kind::empty_body}).body, "");
    EXPECT_TRUE(parsed(answer_under({.kind = fault_kind::null_result})).at("Result").is_null());
    EXPECT_TRUE(rows_under({.kind = fault_kind::empty_list}).empty());
    EXPECT_TRUE(parsed(answer_under({.kind = fault_kind::wrong_result})).at("Result").is_object());
    const wire_answer page = answer_under({.kind = fault_kind::not_json});
    EXPECT_EQ(page.http_status, 200u);
    EXPECT_EQ(page.body.front(), '<');
    const json::array pseudo = rows_under({.kind = fault_kind::pseudo_row});
    ASSERT_EQ(pseudo.size(), 1u);
    EXPECT_EQ(pseudo[0].as_object().at("Message"),
              "Please try after some time, query execution is already in progress");
}

TEST(PeoplehrFaults, SpoilTheBodyAsAWhole) {
    const std::string whole = normal_body();
    EXPECT_EQ(answer_under({.kind = fault_kind::byte_order_mark}).body, "\xEF\xBB\xBF" + whole);
    EXPECT_EQ(answer_under({.kind = fault_kind::truncated, .amount = 100}).body,
              whole.substr(0, 100));
    EXPECT_EQ(answer_under({.kind = fault_kind::truncated, .amount = -1}).body,
              whole.substr(0, whole.size() - 1));
    EXPECT_EQ(answer_under({.kind = fault_kind::truncated}).body.size(), whole.size() / 2);
    const wire_answer huge = answer_under({.kind = fault_kind::huge, .amount = 1'000'000});
    EXPECT_EQ(huge.body.size(), 1'000'000u);
    EXPECT_EQ(status_of(parsed(huge)), 0);
}

TEST(PeoplehrFaults, SpoilRows) {
    const json::array good = json::parse(normal_body()).as_object().at("Result").as_array();
    const json::array twice = rows_under({.kind = fault_kind::duplicate_id, .row = 1});
    EXPECT_EQ(twice.size(), good.size() + 1);
    EXPECT_EQ(twice[1], twice[2]);

    EXPECT_EQ(rows_under({.kind = fault_kind::wrong_type})[0].as_object().at("EmployeeId"), 7);
    const json::array list = rows_under(
        {.kind = fault_kind::wrong_type, .field = "LeavingDate", .text = "[{}]", .row = -1});
    for (const json::value& row : list) EXPECT_TRUE(row.as_object().at("LeavingDate").is_array());

    for (const std::string_view key : {"EmployeeId", "UniqueKey", "lstFieldHistoryJobrole"}) {
        const json::array rows =
            rows_under({.kind = fault_kind::missing_key, .field = std::string{key}});
        EXPECT_EQ(rows[0].as_object().size(), 49u) << key;
        EXPECT_FALSE(rows[0].as_object().contains(key));
        EXPECT_EQ(rows[1].as_object().size(), 50u);
    }
    EXPECT_GT(rows_under({.kind = fault_kind::unknown_keys})[0].as_object().size(), 50u);
    // Boost.JSON keeps the last of two.
    EXPECT_EQ(rows_under({.kind = fault_kind::duplicate_key})[0].as_object().at("EmailId").at(
                  "DisplayValue"),
              "twice@example.com");
    EXPECT_NE(answer_under({.kind = fault_kind::deep_nesting, .amount = 500})
                  .body.find(std::string(500, '[')),
              std::string::npos);
}

TEST(PeoplehrFaults, WriteInvalidUtf8IntoAValueOnly) {
    for (const std::string_view field : {"FirstName", "LastName", "UniqueKey"}) {
        const std::string body =
            answer_under({.kind = fault_kind::invalid_utf8, .field = std::string{field}}).body;
        boost::system::error_code error;
        (void)json::parse(body, error);
        EXPECT_TRUE(error) << field;
        std::string repaired = body;
        const auto at = repaired.find("\xC3\x28\xFF");
        ASSERT_NE(at, std::string::npos);
        EXPECT_EQ(repaired.erase(at, 3), normal_body());
    }
}

TEST(PeoplehrFaults, ShrinkTheListToTheSamePeopleEachTime) {
    service sim = small_world();
    const std::size_t whole = sim.tenant_at(0).current;
    ASSERT_TRUE(sim.add_fault({.kind = fault_kind::shrunk, .fraction = 0.5}));
    const std::string first = post(sim, call_body(sim, "GetAllEmployeeDetail")).body;
    EXPECT_EQ(first, post(sim, call_body(sim, "GetAllEmployeeDetail")).body);
    const std::size_t rows = json::parse(first).at("Result").as_array().size();
    EXPECT_LT(rows, whole);
    EXPECT_GT(rows, 0u);
}

TEST(PeoplehrFaults, AnswerFromThePast) {
    service sim = small_world();
    const std::string before = post(sim, call_body(sim, "GetAllEmployeeDetail")).body;
    ASSERT_TRUE(sim.add_fault({.kind = fault_kind::stale, .tenant = "t00001"}));
    ASSERT_TRUE(sim.churn("t00001", 50, 1));
    EXPECT_EQ(post(sim, call_body(sim, "GetAllEmployeeDetail")).body, before);
    sim.clear_faults("t00001");
    EXPECT_NE(post(sim, call_body(sim, "GetAllEmployeeDetail")).body, before);
}

TEST(PeoplehrFaults, MoveRowsBetweenPages) {
    service sim = small_world();
    const std::string page = call_body(sim, "GetAllEmployeeDetailPaginated", R"(,"Limit":5)");
    const std::string first = post(sim, page).body;
    EXPECT_EQ(post(sim, page).body, first);
    ASSERT_TRUE(sim.add_fault({.kind = fault_kind::pages_move}));
    (void)post(sim, page);
    EXPECT_NE(post(sim, page).body, first);
}

TEST(PeoplehrFaults, OfOnePageHitThatPageOnly) {
    service sim = small_world();
    const auto page = [&](int number) {
        const auto answer =
            parsed(post(sim, call_body(sim, "GetAllEmployeeDetailPaginated",
                                       R"(,"IncludeLeavers":true,"Limit":5,"Offset":)" +
                                           std::to_string(5 * (number - 1)))));
        return answer.at("Result").is_object() ? answer.at("Result").as_object() : json::object{};
    };
    const auto rows = [&](int number) { return page(number).at("Result").as_array(); };
    const auto total = [&](int number) {
        return page(number).at("Pagination").at("TotalRows").to_number<int>();
    };
    const auto whole = total(1);
    const auto first = rows(1);
    const auto second = rows(2);
    ASSERT_TRUE(sim.add_fault({.kind = fault_kind::total_moves, .page = 2}));
    EXPECT_EQ(total(1), whole);
    EXPECT_EQ(total(2), whole + 1);
    sim.clear_faults("");
    ASSERT_TRUE(sim.add_fault({.kind = fault_kind::short_page, .page = 2, .amount = 2}));
    EXPECT_EQ(rows(1).size(), 5u);
    EXPECT_EQ(rows(2).size(), 3u);
    EXPECT_EQ(total(2), whole);
    sim.clear_faults("");
    ASSERT_TRUE(sim.add_fault({.kind = fault_kind::repeated_page, .page = 2}));
    EXPECT_EQ(rows(2), first);
    EXPECT_EQ(rows(1), first);
    sim.clear_faults("");
    ASSERT_TRUE(sim.add_fault({.kind = fault_kind::throttle_silent, .page = 2, .calls = 1}));
    EXPECT_EQ(rows(1), first);
    EXPECT_TRUE(page(2).empty());
    EXPECT_EQ(rows(2), second);
    ASSERT_TRUE(sim.add_fault({.kind = fault_kind::access_denied, .page = 3}));
    EXPECT_NE(ask(sim, "GetAllEmployeeDetail").at("Result").as_array().size(), 0u)
        << "it is no page";
}

TEST(PeoplehrFaults, DeliverSlowlyPartlyOrNotAtAll) {
    const std::size_t whole = normal_body().size();
    EXPECT_EQ(answer_under({.kind = fault_kind::slow, .delay = 90'000ms}).latency, 90s);
    EXPECT_EQ(answer_under({.kind = fault_kind::reset}).how, delivery::reset_before_answer);
    const wire_answer cut = answer_under({.kind = fault_kind::cut, .amount = 33});
    EXPECT_EQ(cut.how, delivery::cut);
    EXPECT_EQ(cut.delivered_bytes, 33u);
    EXPECT_EQ(cut.body.size(), whole);
    EXPECT_EQ(answer_under({.kind = fault_kind::stall}).delivered_bytes, whole / 2);
    EXPECT_EQ(answer_under({.kind = fault_kind::drip}).how, delivery::drip);
}

TEST(PeoplehrFaults, HitTheirTenantActionAndNumberOfCallsOnly) {
    service sim = small_world();
    ASSERT_TRUE(sim.add_fault({.kind = fault_kind::suspended,
                               .tenant = "t00002",
                               .action = "GetCompanyInformation",
                               .calls = 2}));
    EXPECT_FALSE(sim.add_fault({.tenant = "nobody"}));
    const auto status = [&](std::string_view action, std::size_t tenant) {
        return status_of(parsed(post(sim, call_body(sim, action, "", tenant))));
    };
    EXPECT_EQ(status("GetCompanyInformation", 0), 0);
    EXPECT_EQ(status("GetAllEmployeeDetail", 1), 0);
    EXPECT_EQ(status("GetCompanyInformation", 1), 5);
    EXPECT_EQ(status("GetCompanyInformation", 1), 5);
    EXPECT_EQ(status("GetCompanyInformation", 1), 0);
    EXPECT_TRUE(sim.faults().empty());
    EXPECT_EQ(sim.counters().faults, 2u);
}

TEST(PeoplehrFaults, HitByChanceAndTheSameCallsForTheSameSeed) {
    const auto hits = [] {
        service sim = small_world();
        EXPECT_TRUE(sim.add_fault({.kind = fault_kind::key_gone, .probability = 0.3}));
        std::string pattern;
        for (int i = 0; i < 200; ++i) {
            const auto answer = post(sim, call_body(sim, "GetCompanyInformation"));
            pattern += answer.body.find("does not exists") == std::string::npos ? '.' : 'x';
        }
        return pattern;
    };
    const std::string pattern = hits();
    EXPECT_EQ(pattern, hits());
    EXPECT_GT(std::ranges::count(pattern, 'x'), 30);
    EXPECT_LT(std::ranges::count(pattern, 'x'), 90);
}

} // namespace
} // namespace rollcall::sim
