#include "query.hpp"

#include <array>

#include "texts.hpp"

namespace rollcall::sim {
namespace {

constexpr std::array<query_column, 8> directory_columns{{
    {"Employee Id", &employee::employee_id, false},
    {"First Name", &employee::first_name, false},
    {"Last Name", &employee::last_name, false},
    {"Work Email", &employee::email, false},
    {"Department", &employee::department, false},
    {"Job Role", &employee::job_role, false},
    {"Start Date", &employee::start_date, true},
    {"Employment Status", &employee::status, false},
}};

void append_value(std::string& out, const std::string& text, bool is_date, query_dates dates) {
    if (text.empty()) {
        out += "null";
    } else if (const auto day = is_date ? parse_date(text) : std::nullopt; day) {
        out += '"';
        append_query_date(out, *day, dates == query_dates::year_first ? 'y' : 'd');
        out += '"';
    } else {
        append_json(out, text);
    }
}

} // namespace

std::optional<std::span<const query_column>> saved_query(std::string_view name) {
    const std::span<const query_column> all{directory_columns};
    if (name == "Directory") return all;
    if (name == "Ids") return all.first(1);
    if (name == "Empty") return all.first(0);
    return std::nullopt;
}

std::size_t append_query_rows(std::string& out, const company& firm,
                              std::span<const query_column> columns, query_dates dates) {
    std::size_t rows = 0;
    employee someone;
    out += '[';
    for (slot who = 0; who < firm.people.size() && !columns.empty(); ++who) {
        if (!firm.listed(who, false)) continue;
        firm.describe(who, someone);
        out += rows++ == 0 ? "{" : ",{";
        for (const query_column& column : columns) {
            append_json(out, column.heading);
            out += ':';
            append_value(out, someone.*column.text, column.is_date, dates);
            out += ',';
        }
        out.back() = '}';
    }
    out += ']';
    return rows;
}

} // namespace rollcall::sim
