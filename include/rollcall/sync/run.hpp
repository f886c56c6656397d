// What a run of a tenant did: the record that is stored, shown by `rollcall run show`, and from
// which "why is this person like this" is answered (G-10).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/core/error.hpp"
#include "rollcall/core/time.hpp"

namespace rollcall::sync {

enum class run_cause : std::uint8_t { first_load, sweep, on_demand, confirm, retry };
enum class run_outcome : std::uint8_t {
    unchanged, // a complete snapshot that changed nothing (G-9: no record is written for it)
    applied,   // at least one step was applied
    held,      // implausible: nothing was applied (G-2)
    failed,    // no complete snapshot (G-1)
};

enum class step_kind : std::uint8_t {
    create,
    update,
    relink, // the same person under a new PeopleHR id (LA-11)
    deactivate,
    reactivate,
    unmanage,     // out of the company scope: kept, no longer synced (LA-7)
    manage,       // in scope again
    note_missing, // absent from a complete snapshot: counted, not acted on (G-3)
    note_found,   // was missing, is back
};

// Why a record was not applied. Issues are kept as the tenant's present set, not as a log: they are
// found anew by each sweep, and written only when the set changes.
enum class issue_kind : std::uint8_t {
    duplicate_id,        // G-4, LA-14
    missing_id,          // a row without an EmployeeId: the snapshot does not count (G-1)
    required_blank,      // LA-18: `field` says which
    invalid_email,       // LA-18, WT-3
    shared_email,        // two source records, one address (LA-12, WT-3)
    email_taken,         // LA-10: another user has the address
    fallback_refused,    // LA-12
    invalid_date,        // the field is treated as unset
    wrong_type,          // the field is treated as unset
    too_long,            // a text over the limit
    missing_person,      // G-3: absent from N complete snapshots
    company_unknown,     // LA-6: the filter matches nobody
    company_near_miss,   // LA-6
    out_of_scope,        // LA-7
    leaver_without_date, // status 2 without a date: kept active
    unknown_status,
    manual_deactivation, // LA-16: an admin's deactivation stands
};

[[nodiscard]] std::string_view name_of(run_cause v) noexcept;
[[nodiscard]] std::string_view name_of(run_outcome v) noexcept;
[[nodiscard]] std::string_view name_of(step_kind v) noexcept;
[[nodiscard]] std::string_view name_of(issue_kind v) noexcept;

// One changed field of one user. Texts are mapped fields only (G-12).
struct change {
    std::uint32_t uid = 0;
    step_kind kind = step_kind::update;
    std::string external_id;
    std::string field; // name_of(directory::field), or "state", "managed", "missing"
    std::string old_value;
    std::string new_value;
    std::string rule; // "LA-13"

    friend bool operator==(const change&, const change&) = default;
};

struct issue {
    issue_kind kind = issue_kind::duplicate_id;
    std::string external_id;
    std::string other_external_id; // the second record of a conflict
    std::string field;
    std::string rule;
    friend auto operator<=>(const issue&, const issue&) = default;
};

struct run_counts {
    std::uint32_t rows = 0;
    std::uint32_t in_scope = 0;
    std::uint32_t unchanged = 0;
    std::uint32_t created = 0;
    std::uint32_t updated = 0;
    std::uint32_t relinked = 0;
    std::uint32_t deactivated = 0;
    std::uint32_t reactivated = 0;
    std::uint32_t unmanaged = 0;
    std::uint32_t rejected = 0; // rows with an issue that kept them from being applied
    std::uint32_t missing = 0;
    std::uint32_t left_before_first_seen = 0; // LA-8
};

struct run_record {
    std::uint64_t id = 0; // ascending over all tenants
    std::uint32_t tenant = 0;
    run_cause cause = run_cause::sweep;
    run_outcome result = run_outcome::failed;
    errc code = errc::ok;
    std::string detail;      // why it failed or is held
    std::string employee_id; // a run of one employee; empty for a snapshot
    wall_time started{};
    wall_time finished{};
    run_counts counts;
    std::vector<change> changes;
    std::vector<issue> issues; // those of this run
};

} // namespace rollcall::sync
