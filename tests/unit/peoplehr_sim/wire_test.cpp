// The answer's form: sections 2.1 to 2.5 of the wire facts.
#include <cstdlib>
#include <set>

#include "peoplehr-sim/render.hpp"
#include "unit/peoplehr_sim/asking.hpp"

namespace rollcall::sim {
namespace {

constexpr std::string_view one_person_csv =
    "employee_id,first_name,last_name,known_as,email,job_role,company,location,department,"
    "status,start_date,leaving_date,unique_key\n"
    "PW7,Zoë,\"O'Neill \"\"Z\"\"\",,,Fitter,Acme Ltd, Leeds ,Works,2,2020-02-29,2026-12-31,"
    "00000000-0000-4000-8000-000000000007\n";

// Key and shape of each member, in wire order. Shapes: W1-W4, B bare, O object, A array, N null.
struct shape {
    std::string_view key;
    char kind;
};
constexpr std::array<shape, 50> wire_order{{{"EmployeeId", '1'},
                                            {"Title", '1'},
                                            {"FirstName", '1'},
                                            {"LastName", '1'},
                                            {"OtherName", '1'},
                                            {"KnownAs", '1'},
                                            {"EmailId", '1'},
                                            {"StartDate", '1'},
                                            {"DateOfBirth", '1'},
                                            {"JobRole", '2'},
                                            {"Company", '3'},
                                            {"CompanyEffectiveDate", '4'},
                                            {"Location", '3'},
                                            {"LocationEffectiveDate", '4'},
                                            {"Department", '3'},
                                            {"DepartmentEffectiveDate", '4'},
                                            {"JobRoleChangeDate", '4'},
                                            {"ReportsTo", '3'},
                                            {"ReportsToEffectiveDate", '4'},
                                            {"ReportsToEmployeeId", '4'},
                                            {"ReportsToEmailAddress", '4'},
                                            {"NISNumber", '1'},
                                            {"Nationality", '1'},
                                            {"EmploymentType", '3'},
                                            {"EmploymentTypeEffectiveDate", '4'},
                                            {"EmployeeStatus", '4'},
                                            {"HolidayAllowanceDays", '4'},
                                            {"HolidayAllowanceMins", '4'},
                                            {"NoticePeriod", '1'},
                                            {"ProbationEndDate", '1'},
                                            {"Gender", '1'},
                                            {"AnalysisCode1LabelText", '1'},
                                            {"AnalysisCode2LabelText", '1'},
                                            {"ContactDetail", 'O'},
                                            {"OtherContact", 'A'},
                                            {"RightToWork", 'A'},
                                            {"BackgroundDetail", 'A'},
                                            {"BankDetail", 'O'},
                                            {"EmploymentDetail", 'O'},
                                            {"LeavingDate", 'B'},
                                            {"ReasonForLeaving", 'B'},
                                            {"EmployeeImage", 'B'},
                                            {"APIColumn1", 'B'},
                                            {"APIColumn2", 'B'},
                                            {"APIColumn3", 'B'},
                                            {"APIColumn4", 'B'},
                                            {"APIColumn5", 'B'},
                                            {"AdditionalreportsTo", 'A'},
                                            {"UniqueKey", 'B'},
                                            {"lstFieldHistoryJobrole", 'N'}}};

std::vector<std::string> keys_of(const json::value& value) {
    std::vector<std::string> keys;
    for (const auto& [key, ignored] : value.as_object()) keys.emplace_back(key);
    return keys;
}

char kind_of(const json::value& value) {
    if (value.is_null()) return 'N';
    if (value.is_string()) return 'B';
    if (value.is_array()) return 'A';
    const auto keys = keys_of(value);
    if (keys.empty() || keys.front() != "DisplayValue") return 'O';
    if (keys.size() == 1) return '4';
    if (keys.size() == 2 && value.as_object().at(keys[1]).as_array().empty()) {
        if (keys[1] == "FieldHistory") return '1';
        if (keys[1] == "FieldHistoryForJobRole") return '2';
        if (keys[1] == "FieldHistoryForEffectiveDate") return '3';
    }
    return '?';
}

std::string wire_text(const json::object& row, std::string_view key) {
    const json::value& value = row.at(key);
    return std::string{value.is_object() ? value.as_object().at("DisplayValue").as_string()
                                         : value.as_string()};
}

TEST(PeoplehrWire, WritesOnePersonAsTheRecordedGoldenAnswer) {
    service sim = world_of_csv(one_person_csv);
    const std::string path = "golden/peoplehr_one_person.json";
    const std::string body = post(sim, call_body(sim, "GetAllEmployeeDetail")).body + "\n";
    if (std::getenv("ROLLCALL_UPDATE_GOLDEN") != nullptr) std::ofstream{path} << body;
    EXPECT_EQ(body, file_text(path));
}

TEST(PeoplehrWire, WritesFiftyKeysInWireOrderWithTheirWrappers) {
    service sim = small_world();
    const json::object answer = ask(sim, "GetAllEmployeeDetail", R"(,"IncludeLeavers":true)");
    ASSERT_FALSE(answer.at("Result").as_array().empty());
    for (const json::value& row : answer.at("Result").as_array()) {
        const auto keys = keys_of(row);
        ASSERT_EQ(keys.size(), wire_order.size());
        for (std::size_t i = 0; i < keys.size(); ++i) {
            ASSERT_EQ(keys[i], wire_order[i].key);
            ASSERT_EQ(kind_of(row.as_object().at(keys[i])), wire_order[i].kind) << keys[i];
        }
    }
}

TEST(PeoplehrWire, KeepsTheMisspeltKeysOfNestedObjects) {
    service sim = small_world();
    const std::string body = post(sim, call_body(sim, "GetAllEmployeeDetail")).body;
    for (const std::string_view part :
         {R"("OtheContactAddress":{"DisplayValue":)", R"("AdditionalreportsTo":[])", "<br />",
          R"("RightToWorkComments":)", R"("BackgroundDetailComments":)",
          R"("MethodOfRecruitment":)", R"({"isError":false,"Status":0,"Message":")"}) {
        EXPECT_NE(body.find(part), std::string::npos) << part;
    }
}

TEST(PeoplehrWire, StatesTheTruthThatItsAnswersCarry) {
    service sim = small_world();
    ASSERT_TRUE(sim.churn("t00001", 200, 11));
    const auto truth = sim.truth("t00001");
    ASSERT_TRUE(truth);
    const json::object answer = ask(sim, "GetAllEmployeeDetail", R"(,"IncludeLeavers":"true")");
    const json::array& rows = answer.at("Result").as_array();
    ASSERT_EQ(rows.size(), truth->size());
    constexpr std::array<std::string_view, 25> keys{"EmployeeId",
                                                    "FirstName",
                                                    "LastName",
                                                    "KnownAs",
                                                    "OtherName",
                                                    "EmailId",
                                                    "JobRole",
                                                    "Company",
                                                    "Location",
                                                    "Department",
                                                    "ReportsToEmployeeId",
                                                    "ReportsTo",
                                                    "ReportsToEmailAddress",
                                                    "EmployeeStatus",
                                                    "StartDate",
                                                    "LeavingDate",
                                                    "EmployeeImage",
                                                    "UniqueKey",
                                                    "AnalysisCode1LabelText",
                                                    "AnalysisCode2LabelText",
                                                    "APIColumn1",
                                                    "APIColumn2",
                                                    "APIColumn3",
                                                    "APIColumn4",
                                                    "APIColumn5"};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        employee read;
        for (std::size_t member = 0; member < keys.size(); ++member) {
            read.*employee_members()[member].text = wire_text(rows[i].as_object(), keys[member]);
        }
        // Where nothing was typed in, these two carry a canary, which is not the company's.
        for (auto* slot : {&read.analysis_code_1, &read.api_column_1}) {
            if (slot->starts_with("CANARY-")) slot->clear();
        }
        ASSERT_EQ(read, (*truth)[i]) << i;
    }
}

TEST(PeoplehrWire, FreeSlotsAreTypedInChangedAndCarried) {
    service sim = world_of_csv(one_person_csv);
    const employee starter{.first_name = "Ada", .api_column_4 = "late", .api_column_5 = "x"};
    const auto id = sim.hire("acme", starter);
    ASSERT_TRUE(id);
    const std::vector<field_change> set{{"api_column_1", "CC-7"},
                                        {"analysis_code_1", "Union"},
                                        {"analysis_code_2", "Grade 4"},
                                        {"api_column_2", ""},
                                        {"api_column_5", ""}};
    ASSERT_TRUE(sim.change("acme", *id, set));
    const json::object answer =
        ask(sim, "GetEmployeeDetailById", R"(,"EmployeeId":")" + *id + "\"");
    const json::object& row = answer.at("Result").as_object();
    EXPECT_EQ(wire_text(row, "APIColumn1"), "CC-7");
    EXPECT_EQ(wire_text(row, "APIColumn2"), "");
    EXPECT_EQ(wire_text(row, "APIColumn4"), "late");
    EXPECT_EQ(wire_text(row, "APIColumn5"), "");
    EXPECT_EQ(wire_text(row, "AnalysisCode1LabelText"), "Union");
    EXPECT_EQ(wire_text(row, "AnalysisCode2LabelText"), "Grade 4");
    const employee known = sim.truth("acme")->at(1);
    EXPECT_EQ(known.api_column_1, "CC-7");
    EXPECT_EQ(known.api_column_4, "late");
}

TEST(PeoplehrWire, SomeCompaniesFillTheFreeSlots) {
    service sim{{.seed = 7, .tenants = 12, .employees_mean = 20}};
    std::size_t filled = 0;
    for (std::size_t i = 0; i < sim.tenant_count(); ++i) {
        const auto people = *sim.truth(sim.tenant_at(i).name);
        const bool fills = people.at(0).analysis_code_2.starts_with("Grade ");
        filled += fills ? 1 : 0;
        for (const employee& one : people) {
            EXPECT_EQ(one.analysis_code_2.starts_with("Grade "), fills);
            EXPECT_EQ(one.api_column_3.starts_with("badge "), fills);
            EXPECT_TRUE(one.api_column_2.starts_with("cost centre "));
            EXPECT_EQ(one.api_column_1, "");
        }
    }
    EXPECT_GT(filled, 0u);
    EXPECT_LT(filled, sim.tenant_count());
}

TEST(PeoplehrWire, WritesUnsetValuesAsNullInTheOldStyle) {
    options chosen{.tenants = 0, .blanks = blank_style::null};
    service sim = world_of_csv(one_person_csv, chosen);
    const json::object answer = ask(sim, "GetAllEmployeeDetail");
    const json::object& row = answer.at("Result").as_array().at(0).as_object();
    EXPECT_TRUE(row.at("EmailId").as_object().at("DisplayValue").is_null());
    EXPECT_TRUE(row.at("EmployeeImage").is_null());
    EXPECT_EQ(wire_text(row, "FirstName"), "Zoë");
}

TEST(PeoplehrWire, FillsEverySensitiveFieldWithACanaryOfItsOwn) {
    service sim = small_world();
    const std::string body = post(sim, call_body(sim, "GetAllEmployeeDetail")).body;
    const std::size_t rows = sim.tenant_at(0).current;
    std::set<std::string> seen;
    std::size_t count = 0;
    for (auto at = body.find("CANARY-"); at != std::string::npos;
         at = body.find("CANARY-", at + 1)) {
        seen.insert(body.substr(at, 15));
        ++count;
    }
    EXPECT_GE(count, rows * 19);
    EXPECT_EQ(seen.size(), count); // so that a leak names its person and field
    // No field of the directory carries one.
    const std::string truth = *sim.truth_json("t00001");
    EXPECT_EQ(truth.find("CANARY-"), std::string::npos);
    // A birth date is recognised by its years, which no date of the directory has.
    for (const std::string_view years : {"\"193", "\"194"}) {
        EXPECT_NE(body.find(years), std::string::npos);
        EXPECT_EQ(truth.find(years), std::string::npos);
    }
}

TEST(PeoplehrWire, PacksAnAnswerForAClientThatAcceptsGzip) {
    service sim = small_world();
    const std::string body = call_body(sim, "GetAllEmployeeDetail");
    const wire_answer plain = post(sim, body);
    const wire_answer packed =
        sim.handle({.body = body, .user_agent = "rollcall", .accepts_gzip = true});
    EXPECT_FALSE(plain.gzip);
    ASSERT_TRUE(packed.gzip);
    EXPECT_LT(packed.body.size() * 4, plain.body.size());
    EXPECT_EQ(gunzip(packed.body), plain.body);
}

TEST(GzipCache, PacksATextOnceAndForgetsAllWhenItIsFull) {
    const std::string text(10'000, 'x');
    const std::string packed = gzip(text, 1);
    gzip_cache cache{packed.size() + 1};
    EXPECT_EQ(cache.pack(text, 1), packed);
    EXPECT_EQ(cache.pack(text, 1), packed);
    EXPECT_EQ(cache.hits(), 1u);
    EXPECT_EQ(gunzip(cache.pack(text + "y", 1)), text + "y"); // too much for both: text is dropped
    EXPECT_EQ(cache.pack(text, 1), packed);
    EXPECT_EQ(cache.hits(), 1u);
}

} // namespace
} // namespace rollcall::sim
