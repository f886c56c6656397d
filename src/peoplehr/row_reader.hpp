// Reads one element of a Result: an employee, or the pseudo row that says that a query is running.
#pragma once
#include <string_view>

#include "cursor.hpp"
#include "rollcall/peoplehr/decode.hpp"

namespace rollcall::peoplehr {

struct read_row {
    sync::source_row row;
    std::string_view notice;                 // the text of a member Message
    decode_fault fault = decode_fault::none; // duplicate_key, row_type or row_without_id
};

// False if the text is not JSON there or has a key twice (`fault` then says so); the cursor is then
// somewhere inside the row. The other faults leave it behind the row. `depth`: of the brackets
// around.
[[nodiscard]] bool read(cursor& at, unsigned depth, read_row& out) noexcept;

} // namespace rollcall::peoplehr
