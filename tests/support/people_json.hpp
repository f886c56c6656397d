// Writes PeopleHR answers: the 50 keys of an employee in wire order, in the shapes of section 2 of
// the wire facts. For tests and benches of the decoder; the simulator has a writer of its own.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rollcall/sync/people_source.hpp"

namespace rollcall::testing {

// The values of one employee's mapped fields, by source_field, as they should be read.
struct person {
    std::array<std::string, sync::source_field_count> fields;
};

// A member of the employee object: its key and its JSON.
using member = std::pair<std::string, std::string>;

[[nodiscard]] inline std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out += '"';
}

// The wrappers of section 2.3. `level` entries are in each history array.
class employee_writer {
  public:
    explicit employee_writer(unsigned level = 0) : level_(level) {}

    [[nodiscard]] std::vector<member> members(const person& who) const {
        using enum sync::source_field;
        const auto of = [&who](sync::source_field f) -> const std::string& {
            return who.fields[static_cast<std::size_t>(f)];
        };
        std::vector<member> out;
        const auto add = [&out](std::string key, std::string json) {
            out.emplace_back(std::move(key), std::move(json));
        };
        add("EmployeeId", plain(of(employee_id)));
        add("Title", plain("Ms"));
        add("FirstName", plain(of(first_name)));
        add("LastName", plain(of(last_name)));
        add("OtherName", plain(""));
        add("KnownAs", plain(of(known_as)));
        add("EmailId", plain(of(email)));
        add("StartDate", plain(of(start_date)));
        add("DateOfBirth", plain("1990-02-28"));
        add("JobRole", history(of(job_role), "FieldHistoryForJobRole", "JobRole"));
        for (const auto& [key, value] : {std::pair{"Company", of(company)},
                                         {"Location", of(location)},
                                         {"Department", of(department)}}) {
            add(key, dated(value));
            add(std::string{key} + "EffectiveDate", bare_wrapper("2021-04-01"));
        }
        add("JobRoleChangeDate", bare_wrapper("2021-04-01"));
        add("ReportsTo", dated(of(reports_to)));
        add("ReportsToEffectiveDate", bare_wrapper("2021-04-01"));
        add("ReportsToEmployeeId", bare_wrapper(of(reports_to_id)));
        add("ReportsToEmailAddress", bare_wrapper("boss@example.com"));
        add("NISNumber", plain("QQ123456C"));
        add("Nationality", plain("British"));
        add("EmploymentType", dated("Full Time"));
        add("EmploymentTypeEffectiveDate", bare_wrapper("2021-04-01"));
        add("EmployeeStatus", bare_wrapper(of(status)));
        add("HolidayAllowanceDays", bare_wrapper("30.00"));
        add("HolidayAllowanceMins", bare_wrapper("13500"));
        for (const auto* key : {"NoticePeriod", "ProbationEndDate", "Gender",
                                "AnalysisCode1LabelText", "AnalysisCode2LabelText"}) {
            add(key, plain(""));
        }
        add("ContactDetail",
            object({{"Address", plain("1 Road<br /><br />Leeds<br /><br />UK<br />LS1 1AA")},
                    {"WorkPhoneNumber", plain("")},
                    {"PersonalPhoneNumber", plain("")},
                    {"PersonalEmail", plain("me@example.org")},
                    {"Mobile", plain("")}}));
        add("OtherContact", level_ == 0
                                ? "[]"
                                : "[" +
                                      object({{"OtherContactName", bare_wrapper("A. Friend")},
                                              {"Relationship", bare_wrapper("Friend")},
                                              {"Comments", bare_wrapper("")}}) +
                                      "]");
        add("RightToWork", "[]");
        add("BackgroundDetail", "[]");
        add("BankDetail", object({{"BankName", plain("")},
                                  {"BankAddress", plain("")},
                                  {"BankCode", plain("")},
                                  {"AccountNumber", plain("12345678")},
                                  {"AccountName", plain("")}}));
        add("EmploymentDetail", object({{"PayrollCompany", plain("")},
                                        {"PayrollID", plain("")},
                                        {"TimeAndAttendanceID", plain("")},
                                        {"RotaID", plain("")},
                                        {"CRMID", plain("")},
                                        {"ATSID", plain("")},
                                        {"PerformanceID", plain("")},
                                        {"BenefitsID", plain("")},
                                        {"System1ID", plain("")},
                                        {"System2ID", plain("")},
                                        {"System3ID", plain("")},
                                        {"MethodOfRecruitment", plain("")}}));
        add("LeavingDate", json_text(of(leaving_date)));
        add("ReasonForLeaving", json_text(""));
        add("EmployeeImage", json_text(of(image)));
        for (int i = 1; i <= 5; ++i) add("APIColumn" + std::to_string(i), json_text(""));
        add("AdditionalreportsTo", "[]");
        add("UniqueKey", json_text("00000000-0000-4000-8000-" + of(employee_id)));
        add("lstFieldHistoryJobrole", "null");
        return out;
    }

    [[nodiscard]] static std::string object(const std::vector<member>& members) {
        std::string out = "{";
        for (const auto& [key, json] : members) {
            if (out.size() > 1) out += ',';
            out += json_text(key) + ":" + json;
        }
        return out += '}';
    }

    [[nodiscard]] std::string plain(std::string_view value) const {
        return history(value, "FieldHistory", "NewValue");
    }
    [[nodiscard]] std::string dated(std::string_view value) const {
        return history(value, "FieldHistoryForEffectiveDate", "FieldData");
    }
    [[nodiscard]] static std::string bare_wrapper(std::string_view value) {
        return object({{"DisplayValue", json_text(value)}});
    }

  private:
    // Every third wrapper has a history, as far as the level says.
    [[nodiscard]] std::string history(std::string_view value, const char* name,
                                      const char* what) const {
        std::string entries;
        for (unsigned i = 0; i < level_ && !value.empty(); ++i) {
            if (i != 0) entries += ',';
            entries += object({{what, json_text("earlier value")},
                               {"EffectiveDate", json_text("2020-01-01")},
                               {"ChangedOn", json_text("2020-01-02")},
                               {"ReasonForChange", json_text("New Starter")}});
        }
        return object({{"DisplayValue", json_text(value)}, {name, "[" + entries + "]"}});
    }

    unsigned level_;
};

[[nodiscard]] inline person make_person(std::size_t number) {
    const auto n = std::to_string(number);
    const bool left = number % 5 == 4;
    return {{"PW" + n, "Zo\xC3\xAB" + n, "O'Neill-" + n, number % 3 == 0 ? "Zo" : "",
             left ? "" : "person" + n + "@example.com", "2019-05-07",
             "Engineer " + std::to_string(number % 17), "Example Ltd",
             number % 2 == 0 ? "Leeds" : "York", "Department " + std::to_string(number % 11),
             "Ada Boss", "PW" + std::to_string(number / 8), left ? "3" : "1",
             left ? "2024-01-31" : "", ""}};
}

[[nodiscard]] inline std::string envelope(
    std::string_view result, int status = 0,
    std::string_view message = "The request processed successfully.", bool is_error = false) {
    return std::string{"{\"isError\":"} + (is_error ? "true" : "false") +
           ",\"Status\":" + std::to_string(status) + ",\"Message\":" + json_text(message) +
           ",\"Result\":" + std::string{result} + "}";
}

// A whole answer of `count` people whose histories have 0 to `level_max` entries.
[[nodiscard]] inline std::string everybody(std::size_t count, unsigned level_max = 0) {
    std::string rows = "[";
    for (std::size_t i = 0; i < count; ++i) {
        if (i != 0) rows += ',';
        const employee_writer writer{static_cast<unsigned>(i % (level_max + 1))};
        rows += employee_writer::object(writer.members(make_person(i)));
    }
    return envelope(rows + "]");
}

} // namespace rollcall::testing
