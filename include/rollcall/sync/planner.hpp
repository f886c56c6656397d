// From a snapshot and a directory to a plan: who is created, changed, linked anew, deactivated.
//
// Pure: (directory, snapshot, settings) in, steps out, and the same steps whatever the order of the
// rows. Absence alone never deactivates (G-3): a person who is missing is counted and reported.
// The work is done in slices, so that a large tenant does not hold the shard:
//
//   planner p(...); while (!p.advance(256)) co_await shard.yield(); auto plan = p.take();
//
// The directory must not change between the slices, which the tenant's run sees to.
//
// Places kept open: breakers judge a plan's steps by kind before they are applied (G-5); team, seat
// and invitation steps join step_kind and are derived from the same rows.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/directory/tenant_directory.hpp"
#include "rollcall/sync/run.hpp"
#include "rollcall/sync/settings.hpp"
#include "rollcall/sync/snapshot.hpp"

namespace rollcall::sync {

// One user's part of a plan.
struct step {
    step_kind kind = step_kind::update; // the weightiest of its changes
    directory::user_data after;         // the user once it is applied
    std::vector<change> changes;        // per field, with the pre-image and the rule; empty if only
                                        // the fingerprint moved
};

struct plan {
    std::vector<step> steps;   // ordered by PeopleHR id
    std::vector<issue> issues; // sorted, each once
    run_counts counts;
    std::uint32_t next_uid = 1;
    bool stopped = false; // WT-3 strict: a bad or shared e-mail stops the run; no step is applied
    // Whether anybody would notice: steps that only refresh a fingerprint are not a change (G-9).
    [[nodiscard]] bool changes_anything() const noexcept;
};

// What would break the directory if the plan were applied: two users with one PeopleHR id or one
// e-mail. Empty if all is well. The planner promises it; it is asked before each commit all the
// same, because a mistake there would outlive the process.
[[nodiscard]] std::string inconsistency(const directory::tenant_directory& users, const plan& made);

class planner {
  public:
    // All references outlive the planner; `next_uid` is the first free one of the tenant.
    planner(const directory::tenant_directory& users, const snapshot& from,
            const tenant_settings& settings, std::uint32_t next_uid);
    ~planner();

    // Does about `people` people's worth of work; true once the plan is complete.
    [[nodiscard]] bool advance(std::size_t people);
    [[nodiscard]] plan take();

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace rollcall::sync
