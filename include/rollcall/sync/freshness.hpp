// How fresh the directories are: the age of what is known of each tenant, and how long a change at
// the source took to arrive. Pure.
//
// The age of truth is counted from the start of the last complete and trusted read: what that read
// said is true as of its beginning, not of its end. The process forgets starts; after a restart the
// stored end of the last read stands for it, too young by the length of one read at most.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "rollcall/core/time.hpp"
#include "rollcall/sync/run.hpp"

namespace rollcall::sync {

// Upper bounds of the fleet's histogram of ages, ascending; beyond the last is infinity.
inline constexpr std::array<seconds, 9> truth_age_bounds{minutes{15}, hours{1},  hours{4},
                                                         hours{12},   hours{24}, hours{27},
                                                         hours{36},   hours{48}, hours{168}};

// Of the tenants that are swept by themselves; those that are read on request only are counted and
// no more, because nobody promised them anything.
struct truth_summary {
    std::size_t tenants = 0;    // with an age
    std::size_t never = 0;      // not yet read
    std::size_t on_request = 0; // not swept by themselves
    std::size_t late = 0;       // older than `bound`, or for so long not yet read
    nanoseconds bound{0};       // the interval and a tenth of it
    nanoseconds p50{-1};        // negative: nobody has an age
    nanoseconds p99{-1};
    nanoseconds max{-1};
    // How many are at most as old as the bound of the same place; the last has all.
    std::array<std::size_t, truth_age_bounds.size() + 1> at_most{};
};

class truth_census {
  public:
    explicit truth_census(nanoseconds sweep_interval) : interval_(sweep_interval) {}

    // `age`: nothing, not yet read. `known_for`: since the tenant was added.
    void add(std::optional<nanoseconds> age, nanoseconds known_for, bool swept);
    [[nodiscard]] truth_summary summary();

  private:
    [[nodiscard]] nanoseconds bound() const noexcept { return interval_ + interval_ / 10; }

    nanoseconds interval_;
    truth_summary counts_;
    std::vector<nanoseconds> ages_;
};

// How long the changes of a run took from the source to the directory.
struct change_lag {
    nanoseconds at_most{0};
    // A webhook says when. A read that finds a change only knows that it came after the read
    // before.
    bool exact = false;
};

// The causes of runs that bring changes from the source: the series of the lag's histogram.
inline constexpr std::array lag_causes{run_cause::sweep, run_cause::on_demand, run_cause::confirm,
                                       run_cause::retry, run_cause::webhook};
[[nodiscard]] std::optional<std::size_t> lag_series(run_cause cause) noexcept;
// Whether a step carries what the source said, and does not follow from dates, teams or
// invitations.
[[nodiscard]] bool comes_from_source(step_kind kind) noexcept;

} // namespace rollcall::sync
