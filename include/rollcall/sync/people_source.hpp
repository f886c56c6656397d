// The port through which a sync reads employees. peoplehr::source implements it over HTTP; the
// simulation's tests implement it in other ways.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rollcall/async/task.hpp"
#include "rollcall/core/error.hpp"
#include "rollcall/core/secret.hpp"
#include "rollcall/core/time.hpp"

namespace rollcall::sync {

// The source fields that some mapping needs; every other field of an employee is never materialised
// (G-12).
enum class source_field : std::uint8_t {
    employee_id,
    first_name,
    last_name,
    known_as,
    email,
    start_date,
    job_role,
    company,
    location,
    department,
    reports_to,    // the manager's display name
    reports_to_id, // the manager's EmployeeId
    status,        // EmployeeStatus: "1" active, "2" marked as leaver, "3" left, "4" deleted
    leaving_date,
    image,
};
inline constexpr std::size_t source_field_count = 15;

// One employee as the source wrote it: unescaped, not trimmed, not normalised. Unset in any of its
// renderings (missing, null, "") is an empty view. `wrong_type` has a bit for each field whose
// value was of a JSON type that no wrapper of the API has. The views live as long as the call that
// passes the row.
struct source_row {
    std::array<std::string_view, source_field_count> fields{};
    std::uint32_t wrong_type = 0;
    // The values of fetch_request::extra_names, in their order (G-14). Empty where none were asked
    // for.
    std::span<const std::string_view> extra{};

    [[nodiscard]] std::string_view get(source_field f) const noexcept {
        return fields[static_cast<std::size_t>(f)];
    }
};

class row_sink {
  public:
    virtual ~row_sink() = default;
    // Called for each row in the order of the answer. Rows may come before a fault further back in
    // the answer is found: nothing may be acted on before fetch() has returned errc::ok.
    virtual void on_row(const source_row& row) = 0;
};

// A part of everybody, in the source's own order.
struct page_request {
    std::uint32_t offset = 0; // rows before it
    std::uint32_t rows_max = 0;
};

struct fetch_request {
    std::string_view tenant;         // for logs
    std::string_view base_url;       // "https://api.peoplehr.net"
    const secret* key = nullptr;     // the API key in clear; the caller's, alive during the call
    std::string_view employee_id;    // empty: everybody, leavers included
    std::string_view source_address; // egress address to bind; empty: any
    // Keys of an employee that the tenant maps onto attributes besides (G-14): "APIColumn1". At
    // most 16; the caller's, alive during the call.
    std::span<const std::string> extra_names{};
    std::optional<page_request> page{}; // of everybody; nothing: all in one answer
};

// How a fetch ended (G-1, and sections 2.2, 3 and 9 of the wire facts).
struct fetch_report {
    errc code = errc::bug; // ok: every row was passed and the answer was complete and true
    std::string
        detail; // in words for the operator: where, what, what to do; no employee data, no body
    std::optional<std::uint32_t> learned_limit; // N of a throttle text "limited to a N per minute"
    bool sent = false;       // a byte may have left: the call counts against the limits
    mono_time answered_at{}; // when the answer's header had come; zero: it never did
    std::size_t rows = 0;
    std::size_t body_bytes = 0; // inflated
    // The call could not leave from its source address, which `detail` names: nothing was sent, and
    // it says nothing of the host or the tenant.
    bool egress_failed = false;
    // Of a page: how many rows there are on all of them.
    std::optional<std::uint64_t> rows_total{};
    // PeopleHR does not know the action of a page, or does not grant it to this key. Everybody in
    // one answer may be granted all the same.
    bool pages_refused = false;
};

class people_source {
  public:
    virtual ~people_source() = default;
    // Reads everybody, a page of them, or one employee by id (errc::not_found when there is no such
    // employee). An empty list is errc::ok with no rows: whether to believe it is the gate's
    // question (G-2), and whether pages go together that of page_assembly.
    // Cancellation unwinds, closes the connection and wipes the body.
    [[nodiscard]] virtual task<fetch_report> fetch(const fetch_request& what, row_sink& rows) = 0;
};

} // namespace rollcall::sync
