// From a snapshot and the books of a tenant to a plan: who is created, changed, moved between teams
// and managers, deactivated, invited.
//
// Pure: (books, snapshot, settings, now) in, steps out, and the same steps whatever the order of
// the rows. Absence alone never deactivates (G-3). Without a snapshot it plans what time alone
// brings: invitations that fell due and leaving dates that have ended (T-1, LA-23, LA-43). The work
// is done in slices, so that a large tenant does not hold the shard:
//
//   planner p(...); while (!p.advance(256)) co_await shard.yield(); auto plan = p.take();
//
// The books must not change between the slices, which the tenant's run sees to.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/sync/books.hpp"
#include "rollcall/sync/run.hpp"
#include "rollcall/sync/settings.hpp"
#include "rollcall/sync/snapshot.hpp"

namespace rollcall::sync {

struct plan {
    std::vector<step> steps;     // in the order of G-8; within a kind by label, then subject
    std::vector<seen_mark> seen; // by uid
    std::vector<issue> issues;   // sorted, each once
    run_counts counts;
    std::uint32_t next_uid = 1;
    std::uint32_t next_team = 1;
    bool stopped = false; // WT-3 strict: a bad or shared e-mail stops the run; no step is applied
};

// Counts of the steps, written over those of `into` that count steps; what is left of a plan after
// some were withheld or dropped.
void count_steps(std::span<const step> steps, run_counts& into) noexcept;

class planner {
  public:
    // All references outlive the planner. `from` may be null: what time alone brings.
    planner(const books& of, const snapshot* from, const tenant_settings& settings, wall_time now);
    ~planner();

    // Does about `people` people's worth of work; true once the plan is complete.
    [[nodiscard]] bool advance(std::size_t people);
    [[nodiscard]] plan take();

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

// The next instant at which planning without a snapshot could give a step: an invitation falls due,
// or an active user's leaving date ends. None: nothing is known to come.
[[nodiscard]] std::optional<wall_time> next_timer(const books& of, const tenant_settings& settings,
                                                  wall_time now);

} // namespace rollcall::sync
