// A day of calls as a fluid: what waits, for how long, and how old truth gets by it. Pure.
//
// One corner of a range at a time: these are plain numbers.
#pragma once
#include <array>

#include "rollcall/capacity/fleet.hpp"

namespace rollcall::capacity {

struct day_demand {
    double reads = 0; // tenants that are swept
    double calls_per_read = 1;
    double interval_h = 24;
    double call_h = 0;                         // length of a call
    std::array<double, hours_of_day> urgent{}; // calls of webhooks and buttons
    double supply = 0;                         // calls an hour
    double sweep_supply = 0;                   // of them that sweeps can use: places, too
};

struct day_course {
    struct hour {
        double sweeps = 0; // calls started
        double gap_h = 0;  // between two reads of a tenant whose turn is in it
        double urgent_wait_h = 0;
    };
    std::array<hour, hours_of_day> hours;
    bool saturated = false; // sweeps come later and later: the interval is not kept
    double round_h = 0;     // one sweep of all at what is left for sweeps
};

[[nodiscard]] day_course course_of(const day_demand& demand);

// When so many calls that waited are done, from a day's course; in hours.
[[nodiscard]] double hours_to_recover(const day_demand& demand, double outage_h);

// The delay by which `share` of all changes are in the directory: some are announced by webhooks
// (lognormal by median and 99th percentile, and `wait_s`), the others wait for a sweep.
struct lag_mix {
    double announced = 0; // share
    double median_s = 0;
    double p99_s = 0;
    double wait_s = 0;
    double interval_s = 0; // of sweeps, and what they wait
};
[[nodiscard]] double lag_quantile(const lag_mix& mix, double share);

// How often all slots of a window are taken whose mean use is known (Poisson).
[[nodiscard]] double chance_all_taken(double slots, double use);
// The wait for a start that `share` of all keep: for a slot, as often as all are `taken`, and
// behind others of the same kind (M/D/1 with the load `own`).
[[nodiscard]] double start_wait(double share, double own, double taken, double step_s);

} // namespace rollcall::capacity
