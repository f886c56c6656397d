// What the fleet keeps for whoever watches it. Nothing here decides anything, and all of it is lost
// at the end of the process.
#pragma once
#include <map>

#include "minute_meter.hpp"
#include "rollcall/async/shard.hpp"
#include "rollcall/sync/event_feed.hpp"
#include "rollcall/sync/run.hpp"
#include "rollcall/sync/store.hpp"

namespace rollcall::sync {

struct active_run {
    run_cause cause = run_cause::sweep;
    bool one_person = false;
    mono_time since{};
};

struct fleet_watch {
    // Some hours of a quiet fleet, minutes of one that is loaded; a megabyte.
    static constexpr std::size_t events_kept = 4096;

    explicit fleet_watch(shard& home)
        : feed(events_kept, static_cast<std::uint64_t>(to_unix_ms(home.wall_now()))), added(home) {}

    event_feed feed;
    signal_event added; // an event, or the fleet has stopped
    minute_meter calls, runs, rows;
    std::map<tenant_key, active_run> active;
};

} // namespace rollcall::sync
