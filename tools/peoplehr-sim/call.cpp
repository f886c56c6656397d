#include "call.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>

#include "texts.hpp"

namespace rollcall::sim {
namespace {

using std::string_view;

constexpr std::size_t request_bytes_max = 1u << 20;

struct known_action {
    string_view name;
    action what;
    resource where;
    std::uint32_t needs; // 0: no key of the simulator has the grant
    bool only_v4;
};
constexpr std::array<known_action, 13> known_actions{{
    {"GetAllEmployeeDetail", action::get_all_employee_detail, resource::employee, get_all, false},
    {"GetEmployeeDetailById", action::get_employee_detail_by_id, resource::employee, get_by_id,
     false},
    {"GetAllEmployeeDetailPaginated", action::get_all_employee_detail_paginated, resource::employee,
     get_paginated, true},
    {"GetAllLeavers", action::get_all_leavers, resource::employee, get_leavers, true},
    {"GetCompanyInformation", action::get_company_information, resource::employee, get_company,
     false},
    {"CheckAuthentication", action::check_authentication, resource::employee,
     grant::check_authentication, false},
    {"UpdateEmployeeId", action::update_employee_id, resource::employee, update_id, false},
    {"GetQueryResultByQueryName", action::get_query_result_by_query_name, resource::query,
     run_query, false},
    {"GetQueryResult", action::get_query_result, resource::query, run_query, false},
    {"CreateNewEmployee", action::not_simulated, resource::employee, 0, false},
    {"UpdateEmployeeDetail", action::not_simulated, resource::employee, 0, false},
    {"MarkAsLeaverById", action::not_simulated, resource::employee, 0, false},
    {"AddEmployeeImage", action::not_simulated, resource::employee, 0, false},
}};

constexpr std::array<string_view, 19> other_resources{
    "Salary",           "Holiday",    "HolidayEntitlements",
    "Absence",          "OtherEvent", "MaternityPaternity",
    "EmployeeDocument", "Timesheet",  "ProjectTimesheet",
    "Appraisal",        "Benefit",    "Qualification",
    "Training",         "Late",       "CustomScreen",
    "History",          "Vacancy",    "Applicant",
    "WorkPattern"};

bool is_blank(string_view text) {
    return text.find_first_not_of(" \t\r\n") == string_view::npos;
}

// Reads the JSON object of the body into out.
std::optional<refusal> read_fields(string_view body, boost::json::object& out) {
    if (body.empty()) return refusal{8, "Either empty or no Form Data."};
    if (is_blank(body)) return refusal{7, "No json data found."};
    boost::system::error_code error;
    boost::json::value parsed = body.size() > request_bytes_max
                                    ? nullptr
                                    : boost::json::parse({body.data(), body.size()}, error);
    if (error) return refusal{9, "Invalid json data."};
    if (!parsed.is_object()) return refusal{7, "No json data found."};
    out = std::move(parsed.get_object());
    return std::nullopt;
}

std::optional<refusal> check_key(world& here, call& current) {
    const auto* field = current.fields.if_contains("APIKey");
    if (field == nullptr || field->is_null() ||
        (field->is_string() && field->get_string().empty())) {
        return refusal{1, here.chosen.version == api_version::v4 ? "APIKey not supplied."
                                                                 : "API key is missing."};
    }
    if (!field->is_string()) return refusal{2, "Invalid API Key."};
    const auto key = normal_key({field->get_string().data(), field->get_string().size()});
    if (!key) return refusal{2, "Invalid API Key."};
    const auto found = here.by_key.find(*key);
    if (found == here.by_key.end()) return refusal{5, "API key does not exists."};
    current.tenant = &here.tenants[found->second.tenant];
    current.key = &current.tenant->keys[found->second.key];
    if (current.key->revoked) return refusal{5, "API Key does not exists."};
    return std::nullopt;
}

std::optional<refusal> check_action(const world& here, call& current, resource where) {
    const auto* field = current.fields.if_contains("Action");
    if (field == nullptr || field->is_null()) return refusal{3, "Action is missing."};
    if (field->is_string() && field->get_string().empty()) {
        return refusal{4, "Action cannot be empty."};
    }
    if (field->is_string()) current.action_name.assign(field->get_string());
    const bool v4 = here.chosen.version == api_version::v4;
    const auto known = std::ranges::find(known_actions, current.action_name, &known_action::name);
    if (known == known_actions.end() || known->where != where || (known->only_v4 && !v4)) {
        return v4 ? refusal{5, "Access Denied."} : refusal{4, "Invalid Action."};
    }
    current.what = known->what;
    if ((current.key->grants & known->needs) != 0) return std::nullopt;
    if (v4) return refusal{5, "Access Denied."};
    return where == resource::query ? refusal{5, "No access to Query Builder schema."}
                                    : refusal{5, "No access on employee schema."};
}

} // namespace

std::optional<std::string> normal_key(string_view text) {
    if (text.size() >= 2 && text.front() == '{' && text.back() == '}') {
        text = text.substr(1, text.size() - 2);
    }
    std::string digits;
    for (const char c : text) {
        const char small = lower(c);
        const bool hex = (small >= '0' && small <= '9') || (small >= 'a' && small <= 'f');
        if (!hex && c != '-') return std::nullopt;
        if (hex) digits += small;
    }
    if (digits.size() != 32) return std::nullopt;
    return digits;
}

resource resource_of(string_view target) {
    target = target.substr(0, target.find('?'));
    const auto begin = target.find_first_not_of('/');
    if (begin == string_view::npos) return resource::unknown;
    target.remove_prefix(begin);
    const string_view name = target.substr(0, target.find('/'));
    if (same_ignoring_case(name, "Employee")) return resource::employee;
    if (same_ignoring_case(name, "Query")) return resource::query;
    const bool other = std::ranges::any_of(
        other_resources, [&](string_view known) { return same_ignoring_case(known, name); });
    return other ? resource::other : resource::unknown;
}

call read_call(world& here, const wire_request& request, resource where) {
    call current;
    current.now = request.now;
    current.refused = read_fields(request.body, current.fields);
    if (!current.refused) current.refused = check_key(here, current);
    if (!current.refused) current.refused = check_action(here, current, where);
    return current;
}

std::string envelope(bool is_error, int status, string_view message, string_view result) {
    std::string body = is_error ? R"({"isError":true,"Status":)" : R"({"isError":false,"Status":)";
    append_number(body, static_cast<std::uint64_t>(status));
    body += R"(,"Message":)";
    append_json(body, message);
    body += R"(,"Result":)";
    body += result;
    body += '}';
    return body;
}

std::string refusal_body(const refusal& why) {
    // Whether Status 10 counts as an error is unknown; nothing was found, so nothing went wrong.
    return envelope(why.status != 10, why.status, why.message, "null");
}

std::string html_page(unsigned http_status) {
    std::string body = "<!DOCTYPE html>\r\n<html><head><title>";
    append_number(body, http_status);
    body += "</title></head><body><h1>Server Error in '/' Application.</h1></body></html>\r\n";
    return body;
}

std::string throttle_text(std::uint32_t calls_per_minute) {
    std::string text = "API calls will be limited to a ";
    append_number(text, calls_per_minute);
    text += " per minute";
    return text;
}

string_view default_message(int status) {
    constexpr std::array<string_view, 11> texts{success_text,
                                                "API key is missing.",
                                                "Invalid API Key.",
                                                "Action is missing.",
                                                "Invalid Action.",
                                                "Access Denied.",
                                                "Oops! Something went wrong.",
                                                "No json data found.",
                                                "Either empty or no Form Data.",
                                                "Invalid json data.",
                                                "No records found."};
    return status >= 0 && status <= 10 ? texts[static_cast<std::size_t>(status)]
                                       : "Unknown error occured.";
}

} // namespace rollcall::sim
