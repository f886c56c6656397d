// What a run of a tenant did: steps of changes, each with the rule that decided it and the value
// before it. The same steps are what a plan proposes, a hold keeps, a preview shows, the audit
// records and an undo turns round (G-5 to G-10).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/core/error.hpp"
#include "rollcall/core/time.hpp"
#include "rollcall/directory/user.hpp"

namespace rollcall::sync {

enum class run_cause : std::uint8_t {
    first_load,
    sweep,
    on_demand,
    confirm,
    retry,
    timer,    // an invitation fell due or a leaving date ended: without a call (LA-23, LA-43)
    approval, // a held plan was approved (G-6)
    manual,   // a person's edit
    undo,
    resolve, // a conflict was resolved, or settings changed: planned from the stored snapshot
    webhook, // PeopleHR told of a change (LA-47)
};
enum class run_outcome : std::uint8_t {
    unchanged, // a complete snapshot that changed nothing (G-9: no record is written for it)
    applied,   // at least one step was applied; others may be held
    held,      // implausible: nothing was applied (G-2); or every step was held (G-5)
    failed,    // no complete snapshot (G-1)
    previewed, // planned and shown, never stored (G-7)
};

// What a step does. The order is the order of application inside a run (G-8, LA-42).
enum class step_kind : std::uint8_t {
    // users
    create,
    relink, // the same person under a new PeopleHR id (LA-11)
    reactivate,
    manage, // in scope again
    update,
    blank, // fields that lose their value (LA-19)
    // teams
    create_team,
    link_team, // a manual team takes the members of a department (LA-30)
    rename_team,
    follow_rename, // a member's department, renamed with the team: held with it (LA-35)
    set_team_manager,
    edit_team, // by hand: name or parent
    // memberships
    move, // another primary team (LA-33)
    add_member,
    remove_member, // secondary ones, by hand
    // managers
    set_manager,
    clear_manager,
    // e-mail exchanges
    change_email, // LA-13
    // deactivations
    unmanage, // out of the company scope: kept, no longer synced (LA-7)
    deactivate,
    delete_user, // by hand, or the undoing of a create
    remove_team,
    // what is only counted
    note_missing, // absent from a complete snapshot (G-3)
    note_found,   // was missing, is back
    note_team,    // a team without members was seen again, or once more (LA-31)
    // invitations
    schedule_invitation,
    cancel_invitation,
    send_invitation,
    confirm_invitation,
};
inline constexpr std::size_t step_kind_count = 29;

// What a change is a change of. The first are those of directory::field, with the same numbers.
enum class attribute : std::uint8_t {
    external_id,
    email,
    first_name,
    last_name,
    job_title,
    location,
    department,
    company,
    manager_id,
    manager_name,
    avatar,
    attributes,
    start_date,
    leaving_date,
    state,   // "active", "inactive"; "" before a create. Owner: who put the user into it (LA-16)
    managed, // "yes", "no"
    missing, // a number
    role,    // "member", "owner"
    manager, // uid of the override manager; "" for none
    team_name,
    team_key,
    team_owned,            // "yes", "no"
    team_parent,           // team id; "" for none
    team_manager,          // uid; "" for none
    team_absent,           // a number
    member,                // of a secondary team: team id
    invitation,            // name_of(invitation_state); "" where there is none
    invitation_due,        // unix milliseconds; "" for none
    invitation_sent,       // unix milliseconds; "" for never
    invitation_automatic,  // "yes", "no": may be sent without being asked for (LA-25)
    invitation_first_load, // "yes", "no": waits until the tenant goes live (G-5)
};
inline constexpr std::size_t attribute_count = 31;
[[nodiscard]] constexpr attribute attribute_of(directory::field f) noexcept {
    return static_cast<attribute>(f);
}

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
    manual_deactivation,    // LA-16: an admin's deactivation stands
    id_reuse,               // S9: the id of somebody who left long ago, with nothing else in common
    blank_department,       // LA-34: the team is left
    manager_unknown,        // LA-39, WT-11: Reports To is nobody we have yet
    manager_ambiguous,      // LA-39: a name that several users have
    manager_self,           // LA-40
    manager_cycle,          // LA-40: the edge that would close it is left out
    manager_inactive,       // LA-41: kept
    no_seat,                // WT-6: waits for a licence
    hire_date_missing,      // LA-23: the invitation waits for it
    invitation_unconfirmed, // LA-17, LA-26: sent once, not confirmed; only a person sends it again
    protected_user,         // LA-45: would have been deactivated
    last_owner,             // LA-45
    team_in_use,            // LA-31: stale, but with sub-teams or members of others
    rename_proposed,        // LA-35
    no_owner,               // LA-32: nobody has the Owner role
    leaver_reported,        // setting leavers = report
    erased_person,          // was erased by request, and is still in PeopleHR
};
inline constexpr std::size_t issue_kind_count = 34;

[[nodiscard]] std::string_view name_of(run_cause v) noexcept;
[[nodiscard]] std::string_view name_of(run_outcome v) noexcept;
[[nodiscard]] std::string_view name_of(step_kind v) noexcept;
[[nodiscard]] std::string_view name_of(issue_kind v) noexcept;
[[nodiscard]] std::string_view name_of(attribute v) noexcept;
[[nodiscard]] std::optional<step_kind> read_step_kind(std::string_view name) noexcept;
[[nodiscard]] std::optional<attribute> read_attribute(std::string_view name) noexcept;

// One value of one subject that moves. Texts are mapped fields only (G-12).
struct change {
    attribute what = attribute::state;
    directory::owner old_owner = directory::owner::never_set;
    directory::owner new_owner = directory::owner::never_set;
    std::string old_value; // the pre-image, and the precondition (G-6)
    std::string new_value;
    std::string rule; // "LA-13"; "manual" for a person's edit, "undo" for an undo

    friend bool operator==(const change&, const change&) = default;
};

enum class subject_kind : std::uint8_t { user, team };
[[nodiscard]] subject_kind subject_of(step_kind kind) noexcept;

struct step {
    step_kind kind = step_kind::update;
    std::uint32_t subject = 0;   // uid, or the team's id: subject_of(kind)
    std::string label;           // the user's PeopleHR id, else e-mail; the team's name
    std::vector<change> changes; // at least one

    friend bool operator==(const step&, const step&) = default;
};

// Into the order of application (G-8); those of one kind stay in the order that they have.
void order_by_kind(std::vector<step>& steps);

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
    std::uint32_t held = 0;                   // steps that wait for a person (G-5)
    std::uint32_t dropped = 0;                // steps whose precondition had moved (G-6)
    std::uint32_t invited = 0;
};

struct run_record {
    std::uint64_t id = 0; // ascending over all tenants; 0 for a preview
    std::uint32_t tenant = 0;
    run_cause cause = run_cause::sweep;
    run_outcome result = run_outcome::failed;
    errc code = errc::ok;
    std::string detail;      // why it failed or is held
    std::string employee_id; // a run of one employee; empty for a snapshot
    wall_time started{};
    wall_time finished{};
    run_counts counts;
    std::vector<step> steps;   // applied, in order; of a preview: those that would be
    std::vector<issue> issues; // those of this run
};

} // namespace rollcall::sync
