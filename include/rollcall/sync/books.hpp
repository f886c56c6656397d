// All that the decisions about one tenant depend on and alter, without I/O; and the one way in
// which it changes: steps, carried out whole or not at all.
//
//   plan or edit --> withhold (hold.hpp) --> carry_out --> commit to the store --> install
#pragma once
#include <absl/container/flat_hash_set.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/directory/team.hpp"
#include "rollcall/directory/tenant_directory.hpp"
#include "rollcall/sync/conflict.hpp"
#include "rollcall/sync/hold.hpp"
#include "rollcall/sync/invitation.hpp"
#include "rollcall/sync/run.hpp"
#include "rollcall/sync/snapshot_gate.hpp"

namespace rollcall::sync {

// What is remembered of somebody who is gone: a keyed hash of their id or e-mail (16 bytes of
// BLAKE2b under the tenant's salt, which dies with the tenant). Whoever was erased by request is
// not created again; whoever was invited and then deleted is created again, and not invited again
// by itself.
using person_mark = std::array<unsigned char, 16>;
using erased_mark = person_mark;

struct books {
    directory::tenant_directory users;
    directory::team_table teams;
    invitation_ledger invitations;
    sync::decisions decisions;
    std::vector<issue> issues; // the present set, sorted
    hold held;
    absl::flat_hash_set<step_digest> rejected; // steps that a person rejected, while still planned
    gate_memory gate;
    breaker_memory breakers;
    std::uint32_t next_uid = 1;
    std::uint32_t next_team = 1;
    bool imported = false; // a first snapshot was applied: later ones are not the first import
    bool live = false;     // `invite go-live` was said: the first import's invitations may go
    std::string erasure_salt;
    absl::flat_hash_set<erased_mark> erased;
    absl::flat_hash_set<person_mark> invited; // who was invited, and is no user any more

    [[nodiscard]] bool was_erased(std::string_view external_id,
                                  std::string_view folded_email) const;
    // Somebody with this id or this e-mail was, as a user who was deleted since (LA-26).
    [[nodiscard]] bool was_invited(std::string_view external_id,
                                   std::string_view folded_email) const;
};
[[nodiscard]] person_mark mark_of(std::string_view salt, std::string_view kind,
                                  std::string_view value); // kind: "id" or "email"

// The fingerprint that a user has once the plan is applied, with or without a step.
struct seen_mark {
    std::uint32_t uid = 0;
    std::uint64_t fingerprint = 0;

    friend bool operator==(const seen_mark&, const seen_mark&) = default;
};

// Everything that becomes different. Present sets (issues, hold, rejected, decisions) replace the
// old ones where they are given.
struct outcome_of_steps {
    std::vector<step> done;    // applied, in the order of G-8
    std::vector<step> dropped; // whose precondition had moved (G-6)
    std::vector<directory::user_data> users;
    std::vector<std::uint32_t> users_erased;
    std::vector<directory::team> teams;
    std::vector<std::uint32_t> teams_erased;
    std::vector<directory::team_member> members_added;
    std::vector<directory::team_member> members_removed;
    std::vector<invitation> invitations;
    std::vector<person_mark> invited; // of users_erased, those whose invitation was sent

    [[nodiscard]] bool empty() const noexcept;
};

// The after-images of the steps over the books, which stay as they are. A step all of whose
// preconditions (the old values) hold is done, another is dropped with those of the same subject
// that follow it; a step of an invitation takes only its like with it. Dropped, too, is what would
// give an id, an e-mail or a team's key to two, a manager or parent who does not exist, or a circle
// of them. A user whose step comes from a person or an undo gets the fingerprint 0, so that the
// next sweep looks at it.
//
// Whoever refers to a user or team that is removed loses that reference by a step of its own, which
// is added to `done` before the removal. Of a create, and of the delete_user that it takes back,
// the owner of `state` says who created the user (LA-25), and that of `managed`, where an inactive
// one comes back, who deactivated it (LA-16).
[[nodiscard]] outcome_of_steps carry_out(const books& of, std::span<const step> steps,
                                         std::span<const seen_mark> seen);
// After the commit.
void install(books& into, const outcome_of_steps& what);

// What would break the directory if it were installed: two users with one PeopleHR id or one
// e-mail, two teams with one key, a manager or team that does not exist. Empty if all is well.
[[nodiscard]] std::string inconsistency(const books& of, const outcome_of_steps& what);

// The steps that take back what `done` did, last first; each with the old value as the new one.
// What cannot come back is said in words: an invitation that was sent, a person who was erased.
struct inverse {
    std::vector<step> steps;
    std::vector<std::string> cannot;
};
[[nodiscard]] inverse inverse_of(std::span<const step> done);

// The text of an attribute as changes carry it; "" for one of another kind of record. An invitation
// without a uid stands for none.
[[nodiscard]] std::string text_of(const directory::user_data& user, attribute what);
[[nodiscard]] std::string text_of(const directory::team& team, attribute what);
[[nodiscard]] std::string text_of(const invitation& of, attribute what);

} // namespace rollcall::sync
