// The Query Builder's saved queries: flat rows under the headings that an admin chose.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "company.hpp"

namespace rollcall::sim {

struct query_column {
    std::string_view heading;
    std::string employee::* text;
    bool is_date;
};

// Every tenant has "Directory" (the usual columns), "Ids" (one column) and "Empty" (no rows: no
// columns); nothing for another name. The name must match exactly.
[[nodiscard]] std::optional<std::span<const query_column>> saved_query(std::string_view name);

enum class query_dates { year_first, day_first };

// Appends the array of current staff and returns the number of rows.
std::size_t append_query_rows(std::string& out, const company& firm,
                              std::span<const query_column> columns, query_dates dates);

} // namespace rollcall::sim
