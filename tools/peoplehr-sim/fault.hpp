// Ways in which the simulated API breaks (section 10 of the wire facts), and where and how often.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rollcall/core/time.hpp"

namespace rollcall::sim {

// The parameters that a kind reads are named behind it; all others are ignored.
enum class fault_kind : std::uint8_t {
    // Refusals.
    throttle_status_5, // Status 5, isError true, the limit text (v4)
    throttle_silent,   // Status 0, isError false, an empty Result, the limit text
    throttle_http_429,
    status,        // amount: the Status, 1-14; text: the message, else the documented one
    key_gone,      // Status 5 "API key does not exists."
    no_grant,      // Status 5 "No access on employee schema."
    access_denied, // Status 5 "Access Denied."
    suspended,     // Status 5 "This company has been suspended."
    trial_expired, // Status 5 "Your trial has expired."
    html,          // amount: the HTTP status (default 503), with a web page
    // Answers with nothing, or the wrong thing, in them.
    empty_body,   // HTTP 200 and no byte
    null_result,  // Result null
    empty_list,   // Result []
    wrong_result, // text: raw JSON in place of Result (default {})
    pseudo_row,   // the one-row Result of a query in progress
    not_json,     // a web page with HTTP 200
    // The whole body.
    byte_order_mark,
    truncated, // amount: bytes kept; negative: bytes missing at the end; 0: half
    huge,      // amount: bytes to which blanks pad the body
    // Rows. row: which one (default 0), -1 for all.
    invalid_utf8,  // field (default FirstName)
    duplicate_id,  // the row comes twice
    duplicate_key, // field (default EmailId) comes twice, the second time with text
    wrong_type,    // field (default EmployeeId); text: raw JSON in place of its value (default 7)
    missing_key,   // field
    unknown_keys,  // members that no document knows
    deep_nesting,  // amount: depth (default 2000) of an unknown member
    shrunk,        // fraction of the rows that are missing
    stale,         // the company as it was when the fault was set
    // Pages.
    pages_move,    // rows change places between the calls of a paginated read
    total_moves,   // amount: by how much TotalRows is more (default 1)
    short_page,    // amount: rows of the page that are missing at its end (default 1), not in
                   // TotalRows
    repeated_page, // the page before this one comes again
    // Delivery.
    slow,  // delay, before the first byte
    stall, // amount: bytes sent before the answer stops for good (0: half)
    drip,  // one byte a second after amount bytes
    reset, // the connection is reset in place of an answer
    cut,   // amount: bytes sent before the connection ends (0: half)
};

struct fault {
    fault_kind kind = fault_kind::status;
    std::string tenant{};     // empty: all
    std::string action{};     // empty: all
    std::uint32_t page = 0;   // only this page of a paginated read, from 1; 0: all calls
    std::uint32_t calls = 0;  // how many calls it hits before it is over; 0: until cleared
    double probability = 1.0; // of hitting a call that it applies to, from the seed
    std::string field{};
    std::string text{};
    std::int64_t amount = 0;
    std::int64_t row = 0;
    double fraction = 0.5;
    milliseconds delay{5'000};
};

[[nodiscard]] std::string_view name_of(fault_kind kind) noexcept;
[[nodiscard]] std::optional<fault_kind> fault_kind_of(std::string_view name) noexcept;
[[nodiscard]] std::span<const std::string_view> fault_kind_names() noexcept;

// Applies a fault of the row group to the text of one rendered row.
void distort_row(std::string& row, const fault& what);

} // namespace rollcall::sim
