// One call on its way through the service: who calls, what for, and the answer as it grows.
#pragma once
#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "world.hpp"

namespace rollcall::sim {

enum class resource { employee, query, other, unknown };
// By the first segment of the path: case does not matter, slashes may be doubled, and a trailing
// action segment is tolerated.
[[nodiscard]] resource resource_of(std::string_view target);

enum class action {
    get_all_employee_detail,
    get_employee_detail_by_id,
    get_all_employee_detail_paginated,
    get_all_leavers,
    get_company_information,
    check_authentication,
    update_employee_id,
    get_query_result_by_query_name,
    get_query_result,
    not_simulated, // real actions that a directory never needs: never granted
};

// A Status other than 0, with its text.
struct refusal {
    int status;
    std::string message;
};

struct call {
    mono_time now{};
    boost::json::object fields;
    tenant_record* tenant = nullptr; // null until the key is known
    const api_key* key = nullptr;
    std::string action_name;
    action what = action::not_simulated;
    std::optional<refusal> refused; // set by the first check that fails
};

// Reads the body and makes the checks in the API's order: JSON, key, action, grant (section 10).
// The tenant is set whenever the key names one, refused or not.
[[nodiscard]] call read_call(world& here, const wire_request& request, resource where);

// ---- bodies ----
[[nodiscard]] std::string envelope(bool is_error, int status, std::string_view message,
                                   std::string_view result);
[[nodiscard]] std::string refusal_body(const refusal& why);
[[nodiscard]] std::string html_page(unsigned http_status);
[[nodiscard]] std::string throttle_text(std::uint32_t calls_per_minute);
[[nodiscard]] std::string_view default_message(int status);
inline constexpr std::string_view query_busy_text =
    "Please try after some time, query execution is already in progress";
inline constexpr std::string_view success_text = "The request processed successfully.";
inline constexpr std::string_view pseudo_row_result =
    R"([{"Message":"Please try after some time, query execution is already in progress"}])";

struct reply {
    std::string body;
    std::size_t rows = 0;
    bool ran_query = false; // the tenant's one query runs until the answer is there
};
// Which page of a paginated read the call asks for, from 1; 0: it asks for none.
[[nodiscard]] std::uint32_t page_of(const call& current);
// Carries out an accepted call. active is a fault of the row group, or null.
[[nodiscard]] reply perform(world& here, call& current, const fault* active);

} // namespace rollcall::sim
