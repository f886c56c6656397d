// What the actions of /Employee answer once a call has passed every check.
#include <algorithm>
#include <boost/json/value.hpp>

#include "call.hpp"
#include "query.hpp"
#include "texts.hpp"

namespace rollcall::sim {
namespace {

using std::string_view;

constexpr std::int64_t page_rows_default = 50;
constexpr std::int64_t page_rows_max = 500;

// A text argument: present, not empty, not longer than bytes_max. The refusals name the field.
struct text_argument {
    string_view text;
    std::optional<refusal> refused;
};
text_argument text_of(const call& current, string_view field, std::size_t bytes_max) {
    const std::string name{field};
    const auto* value = current.fields.if_contains(field);
    if (value == nullptr || value->is_null()) return {{}, refusal{5, name + " is missing."}};
    if (!value->is_string()) return {{}, refusal{5, name + " contains invalid data."}};
    const string_view text{value->get_string().data(), value->get_string().size()};
    if (text.empty()) return {{}, refusal{5, name + " cannot be empty."}};
    if (text.size() > bytes_max) {
        return {
            {},
            refusal{5, name + " contains more than " + std::to_string(bytes_max) + " characters."}};
    }
    return {text, std::nullopt};
}

struct leavers_argument {
    bool included = false;
    std::optional<refusal> refused;
};
leavers_argument leavers_of(const call& current) {
    const auto* value = current.fields.if_contains("IncludeLeavers");
    if (value == nullptr || value->is_null()) return {};
    if (value->is_bool()) return {value->get_bool(), std::nullopt};
    if (value->is_string()) {
        const string_view text{value->get_string().data(), value->get_string().size()};
        if (text.empty()) return {false, refusal{5, "IncludeLeavers cannot be empty."}};
        if (same_ignoring_case(text, "true")) return {true, std::nullopt};
        if (same_ignoring_case(text, "false")) return {};
    }
    return {false, refusal{5, "IncludeLeavers contains invalid data."}};
}

// An integer, which clients also write as a string; missing gives the default.
std::optional<std::int64_t> integer_of(const call& current, string_view field,
                                       std::int64_t fallback) {
    const auto* value = current.fields.if_contains(field);
    if (value == nullptr || value->is_null()) return fallback;
    if (value->is_int64()) return value->get_int64();
    if (!value->is_string() || value->get_string().size() > 9) return std::nullopt;
    std::int64_t number = 0;
    for (const char c : value->get_string()) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + (c - '0');
    }
    return value->get_string().empty() ? std::nullopt : std::optional{number};
}

reply refuse(const refusal& why) {
    return {refusal_body(why), 0};
}

std::string open_envelope() {
    std::string body = R"({"isError":false,"Status":0,"Message":)";
    append_json(body, success_text);
    body += R"(,"Result":)";
    return body;
}

// True if a shrunk list lost this person. Depends on the person only, so that two reads agree.
bool lost(const company& firm, slot who, const fault* active) {
    if (active == nullptr || active->kind != fault_kind::shrunk) return false;
    return static_cast<double>(mix(firm.salt(who), 0x6c6f7374) >> 11) * 0x1.0p-53 <
           active->fraction;
}

void append_rows(std::string& out, const company& firm, std::span<const slot> rows,
                 blank_style blanks, const fault* active) {
    employee someone;
    out += '[';
    std::int64_t number = 0;
    for (const slot who : rows) {
        if (number != 0) out += ',';
        firm.describe(who, someone);
        const std::size_t begin = out.size();
        append_row(out, someone, firm.salt(who), blanks);
        if (active != nullptr && (active->row == number || active->row == -1)) {
            std::string row = out.substr(begin);
            distort_row(row, *active);
            out.replace(begin, std::string::npos, row);
        }
        ++number;
    }
    out += ']';
}

std::vector<slot> listed_slots(const company& firm, bool with_leavers, const fault* active) {
    std::vector<slot> rows;
    rows.reserve(firm.people.size());
    for (slot who = 0; who < firm.people.size(); ++who) {
        if (firm.listed(who, with_leavers) && !lost(firm, who, active)) rows.push_back(who);
    }
    return rows;
}

// The company that a read sees: an old one under a stale fault.
const company& read_from(const call& current, const fault* active) {
    const bool stale = active != nullptr && active->kind == fault_kind::stale;
    return stale && current.tenant->stale ? *current.tenant->stale : current.tenant->firm;
}

reply list_of(std::span<const slot> rows, const world& here, const call& current,
              const fault* active) {
    std::string body;
    body.reserve(256 + rows.size() * row_bytes_expected);
    body += open_envelope();
    append_rows(body, read_from(current, active), rows, here.chosen.blanks, active);
    body += '}';
    return {std::move(body), rows.size()};
}

reply all_employees(const world& here, const call& current, const fault* active) {
    const auto leavers = leavers_of(current);
    if (leavers.refused) return refuse(*leavers.refused);
    return list_of(listed_slots(read_from(current, active), leavers.included, active), here,
                   current, active);
}

reply all_leavers(const world& here, const call& current, const fault* active) {
    const company& firm = read_from(current, active);
    auto rows = listed_slots(firm, true, active);
    std::erase_if(rows, [&](slot who) { return firm.people[who].status != employment::left; });
    if (rows.empty()) return refuse({10, "No records found."});
    return list_of(rows, here, current, active);
}

struct page_arguments {
    std::size_t begin = 0;
    std::size_t rows = 0;
    std::optional<refusal> refused;
};
page_arguments page_arguments_of(const call& current) {
    const auto limit = integer_of(current, "Limit", page_rows_default);
    const auto offset = integer_of(current, "Offset", 0);
    if (!limit || *limit < 1 || *limit > page_rows_max) {
        return {0, 0, refusal{5, "Limit contains invalid data."}};
    }
    if (!offset || *offset < 0) return {0, 0, refusal{5, "Offset contains invalid data."}};
    return {static_cast<std::size_t>(*offset), static_cast<std::size_t>(*limit), std::nullopt};
}

// What a fault makes of the rows and the total of a page.
void distort_page(const fault& what, std::size_t rows_max, std::size_t& begin, std::size_t& count,
                  std::size_t& total) {
    const auto amount = static_cast<std::size_t>(std::max<std::int64_t>(what.amount, 1));
    switch (what.kind) {
        case fault_kind::total_moves: total += amount; break;
        case fault_kind::short_page: count -= std::min(amount, count); break;
        case fault_kind::repeated_page:
            begin -= std::min(rows_max, begin);
            count = std::min(rows_max, total - begin);
            break;
        default: break;
    }
}

reply page_of_employees(const world& here, const call& current, const fault* active) {
    const auto leavers = leavers_of(current);
    if (leavers.refused) return refuse(*leavers.refused);
    const auto asked = page_arguments_of(current);
    if (asked.refused) return refuse(*asked.refused);
    const company& firm = read_from(current, active);
    auto rows = listed_slots(firm, leavers.included, active);
    const std::uint64_t served = current.tenant->pages_served++;
    if (active != nullptr && active->kind == fault_kind::pages_move && !rows.empty()) {
        std::ranges::rotate(rows,
                            rows.begin() + static_cast<std::ptrdiff_t>(served * 7 % rows.size()));
    }
    std::size_t begin = std::min(asked.begin, rows.size());
    std::size_t count = std::min(asked.rows, rows.size() - begin);
    std::size_t total = rows.size();
    if (active != nullptr) distort_page(*active, asked.rows, begin, count, total);
    std::string body;
    body.reserve(256 + count * row_bytes_expected);
    body += open_envelope();
    body += R"({"Result":)";
    append_rows(body, firm, std::span{rows}.subspan(begin, count), here.chosen.blanks, active);
    body += R"(,"Pagination":{"TotalRows":)";
    append_number(body, total);
    body += "}}}";
    return {std::move(body), count};
}

reply one_employee(const world& here, const call& current, const fault* active) {
    const auto id = text_of(current, "EmployeeId", 15);
    if (id.refused) return refuse(*id.refused);
    const company& firm = read_from(current, active);
    const auto who = firm.find(id.text);
    if (!who) return refuse({5, "EmployeeId does not exists."});
    employee someone;
    firm.describe(*who, someone);
    std::string row;
    append_row(row, someone, firm.salt(*who), here.chosen.blanks);
    if (active != nullptr) distort_row(row, *active);
    return {envelope(false, 0, "The requested processed successfully.", row), 1};
}

reply company_information(const call& current) {
    const company& firm = current.tenant->firm;
    std::string result = R"({"CompanyId":)";
    append_number(result, firm.company_id);
    result += R"(,"SubDomain":)";
    append_json(result, firm.tenant);
    result += R"(,"CompanyName":)";
    append_json(result, firm.title);
    result += '}';
    return {envelope(false, 0, success_text, result), 0};
}

reply authentication(const call& current) {
    const auto email = text_of(current, "EmailAddress", 320);
    if (email.refused) return refuse(*email.refused);
    const auto password = text_of(current, "Password", 88);
    if (password.refused) return refuse(*password.refused);
    const company& firm = current.tenant->firm;
    std::string text;
    for (slot who = 0; who < firm.people.size(); ++who) {
        if (!firm.listed(who, false)) continue;
        text.clear();
        firm.append_email(text, who);
        // Everybody's password is the same word: nobody signs in to a simulator.
        if (!same_ignoring_case(text, email.text) || password.text != "password") continue;
        std::string id;
        firm.append_id(id, who);
        std::string result = R"({"EmployeeId":)";
        append_json(result, id);
        result += '}';
        return {envelope(false, 0, success_text, result), 0};
    }
    return refuse({10, "No detail has been found."});
}

reply id_update(call& current) {
    const auto old_id = text_of(current, "OldEmployeeId", 15);
    if (old_id.refused) return refuse(*old_id.refused);
    const auto new_id = text_of(current, "NewEmployeeId", 15);
    if (new_id.refused) return refuse(*new_id.refused);
    const auto reason = text_of(current, "ReasonForChange", 256);
    if (reason.refused) return refuse(*reason.refused);
    company& firm = current.tenant->firm;
    const auto who = firm.find(old_id.text);
    if (!who) return refuse({5, "OldEmployeeId does not exists."});
    if (old_id.text == new_id.text) {
        return refuse({5, "OldEmployeeId and NewEmployeeId should not be same."});
    }
    if (!firm.change_id(*who, new_id.text)) {
        return refuse({5, "NewEmployeeID is already in use. Please enter a unique NewEmployeeID."});
    }
    return {envelope(false, 0, success_text, "null"), 0};
}

reply query(world& here, call& current, query_dates dates) {
    tenant_record& tenant = *current.tenant;
    if (tenant.query_ends && current.now < *tenant.query_ends) {
        if (here.chosen.query_busy == query_busy_style::status_5) {
            return refuse({5, std::string{query_busy_text}});
        }
        return {envelope(false, 0, success_text, pseudo_row_result), 1};
    }
    const auto* field = current.fields.if_contains("QueryName");
    if (field == nullptr || !field->is_string() || field->get_string().empty()) {
        return refuse({5, "QueryName is missing."});
    }
    const auto columns = saved_query({field->get_string().data(), field->get_string().size()});
    if (!columns) return refuse({5, "Invalid query name."});
    reply done;
    done.body = open_envelope();
    done.rows = append_query_rows(done.body, tenant.firm, *columns, dates);
    done.body += '}';
    if (done.rows == 0) done = refuse({10, "No records found."});
    done.ran_query = true;
    return done;
}

} // namespace

std::uint32_t page_of(const call& current) {
    if (current.what != action::get_all_employee_detail_paginated) return 0;
    const auto asked = page_arguments_of(current);
    return asked.refused ? 0 : static_cast<std::uint32_t>(asked.begin / asked.rows + 1);
}

reply perform(world& here, call& current, const fault* active) {
    switch (current.what) {
        case action::get_all_employee_detail: return all_employees(here, current, active);
        case action::get_employee_detail_by_id: return one_employee(here, current, active);
        case action::get_all_employee_detail_paginated:
            return page_of_employees(here, current, active);
        case action::get_all_leavers: return all_leavers(here, current, active);
        case action::get_company_information: return company_information(current);
        case action::check_authentication: return authentication(current);
        case action::update_employee_id: return id_update(current);
        case action::get_query_result_by_query_name:
            return query(here, current, query_dates::year_first);
        case action::get_query_result: return query(here, current, query_dates::day_first);
        case action::not_simulated: break;
    }
    return refuse({5, "Access Denied."});
}

} // namespace rollcall::sim
