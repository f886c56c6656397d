// The one order in which steps become what is written and then seen:
//
//   keep_back --> carry_out --> enact --> (commit to the store) --> apply
//
// Pure but for the commit, which is the fleet's (fleet_enact.cpp): the tests of the rules go the
// same way without a store.
#pragma once
#include <absl/container/flat_hash_set.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rollcall/sync/books.hpp"
#include "rollcall/sync/notice.hpp"
#include "rollcall/sync/planner.hpp"
#include "rollcall/sync/store.hpp"

namespace rollcall::sync {

// What is to be carried out, and what of the books changes with it. The present sets replace the
// old ones where they are given.
struct proposal {
    plan what;
    bool whole = false; // of everybody: its issues are the present set
    std::optional<gate_memory> trusted;
    std::optional<stored_snapshot> snapshot; // unless it is the one that is stored
    std::optional<hold> held;
    std::optional<bool> live; // invitations of the first import may go, or not
    std::optional<sync::decisions> decided;
    std::optional<absl::flat_hash_set<step_digest>> rejected;
    // Of a person who is erased.
    std::vector<std::uint32_t> forget;
    std::vector<std::string> forget_external_ids;
    std::vector<erased_mark> erased_marks;
};

// Keeps back what needs a person, and says what the hold is afterwards. A plan that is not of
// everybody replaces only what it is about in the hold: all of a person, or what time alone brings.
void keep_back(proposal& p, const books& of, const tenant_settings& settings, wall_time now,
               run_record& record);

// All that is written in one transaction and then seen in the books.
struct enactment {
    // G-9: nothing to say, so that nothing is written; only the gate may have learned something.
    bool silent = false;
    std::string inconsistent; // not empty: nothing may be written
    outcome_of_steps what;
    std::vector<notice> notices; // without the tenant, and without their numbers
    std::uint32_t next_uid = 1;
    std::uint32_t next_team = 1;
    bool imported = false;
    bool live = false;
    breaker_memory breakers;
    // Where they move.
    std::optional<gate_memory> gate;
    std::optional<std::vector<issue>> issues;
    std::optional<hold> held;
    std::optional<absl::flat_hash_set<step_digest>> rejected;
    std::optional<sync::decisions> decided;
    std::optional<stored_snapshot> snapshot;
    std::vector<std::uint32_t> forget;
    std::vector<std::string> forget_external_ids;
    std::vector<erased_mark> erased_marks;

    // Whether the run is recorded.
    [[nodiscard]] bool visible() const noexcept { return !what.done.empty() || issues || held; }
};

// `done` is what carry_out() made of the proposal's steps over the same books. The record, with its
// id, cause and end, hears what came of it.
[[nodiscard]] enactment enact(const books& of, const tenant_settings& settings, proposal p,
                              outcome_of_steps done, run_record& record);
// After the commit, or at once where nothing is written.
void apply(books& into, enactment made);

// What the steps tell people outside, in the order of the steps (LA-25 to LA-27).
[[nodiscard]] std::vector<notice> notices_of(const books& of, const tenant_settings& settings,
                                             const outcome_of_steps& what,
                                             const run_record& record);

} // namespace rollcall::sync
