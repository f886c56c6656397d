// Reads the members of the envelope around the rows (section 2.1 of the wire facts).
#pragma once
#include "cursor.hpp"
#include "rollcall/peoplehr/decode.hpp"

namespace rollcall::peoplehr {

enum class member_read : unsigned char { good, unknown_type, not_json };

// Each reads the value at the cursor into the member of the answer that it is named after.
[[nodiscard]] member_read read_is_error(cursor& at, answer& out) noexcept;
[[nodiscard]] member_read read_status(cursor& at, answer& out) noexcept;
[[nodiscard]] member_read read_message(cursor& at, answer& out) noexcept;
// Pagination, in the Result that is a page: its TotalRows.
[[nodiscard]] member_read read_pagination(cursor& at, answer& out) noexcept;

} // namespace rollcall::peoplehr
