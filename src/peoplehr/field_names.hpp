// Which key of an employee object is which field.
#pragma once
#include <array>
#include <string_view>

#include "rollcall/sync/people_source.hpp"

namespace rollcall::peoplehr {

// Indexed by source_field.
inline constexpr std::array<std::string_view, sync::source_field_count> field_names{
    "EmployeeId",     "FirstName",   "LastName",     "KnownAs",
    "EmailId",        "StartDate",   "JobRole",      "Company",
    "Location",       "Department",  "ReportsTo",    "ReportsToEmployeeId",
    "EmployeeStatus", "LeavingDate", "EmployeeImage"};

enum class row_key : unsigned char { message = sync::source_field_count, other };

// The field of a key as a row_key: its number, `message`, or `other`. A switch on the length leaves
// at most four candidates, so that no order of the keys is better than another.
[[nodiscard]] inline row_key key_of(std::string_view key) noexcept {
    using enum sync::source_field;
    const auto is = [key](sync::source_field field) {
        return key == field_names[static_cast<std::size_t>(field)];
    };
    const auto found = [](sync::source_field field) { return static_cast<row_key>(field); };
    switch (key.size()) {
        case 7:
            if (is(known_as)) return found(known_as);
            if (is(email)) return found(email);
            if (is(job_role)) return found(job_role);
            if (is(company)) return found(company);
            if (key == "Message") return row_key::message;
            break;
        case 8:
            if (is(last_name)) return found(last_name);
            if (is(location)) return found(location);
            break;
        case 9:
            if (is(first_name)) return found(first_name);
            if (is(start_date)) return found(start_date);
            if (is(reports_to)) return found(reports_to);
            break;
        case 10:
            if (is(employee_id)) return found(employee_id);
            if (is(department)) return found(department);
            break;
        case 11:
            if (is(leaving_date)) return found(leaving_date);
            break;
        case 13:
            if (is(image)) return found(image);
            break;
        case 14:
            if (is(status)) return found(status);
            break;
        case 19:
            if (is(reports_to_id)) return found(reports_to_id);
            break;
        default: break;
    }
    return row_key::other;
}

} // namespace rollcall::peoplehr
