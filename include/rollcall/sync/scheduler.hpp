// Who is synced next, and when: a state machine without I/O.
//
//   waiting --phase or retry is due--> ready --budget and a place--> running --finished--> waiting
//      ^                                 ^                              |                     |
//      |                                 +---- a request came meanwhile-+                     |
//      +------------------------------------------------------------------ or stopped <-------+
//
// Idle tenants are entries of a wheel with a tick of one second, not coroutines. Each tenant has a
// fixed phase within the interval, a hash of its name (T-2); phases are fixed to the monotonic
// clock at start, so that a wall clock that jumps does not change how often anybody is swept (T-3).
// After a downtime the overdue are ready at once, the stalest first, and the call budget spreads
// them.
//
// Places kept open: more classes between a button and a first load (webhooks, hire dates due, B-3),
// fair shares within a class, quarantine (B-6).
#pragma once
#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rollcall/core/backoff.hpp"
#include "rollcall/core/timer_wheel.hpp"
#include "rollcall/sync/call_budget.hpp"
#include "rollcall/sync/run.hpp"
#include "rollcall/sync/store.hpp"

namespace rollcall::sync {

struct scheduler_options {
    nanoseconds interval = hours{24};
    nanoseconds confirm_after = minutes{10};
    backoff_policy backoff{seconds{30}, minutes{60}};
    std::size_t running_max = 4;
};

// What the scheduler tells its owner to start. The call's slots are taken: settle or refund them
// through finished().
struct run_start {
    tenant_key tenant = 0;
    run_cause cause = run_cause::sweep;
    std::string employee_id;  // empty: everybody
    std::uint64_t ticket = 0; // of the request that it serves; 0: none
    std::uint32_t address = 0;
};

enum class run_end : std::uint8_t {
    done,      // applied or unchanged
    held,      // a second read is to confirm (G-2)
    failed,    // transient: back off (B-6)
    throttled, // try again when the budget allows (B-2)
    stopped,   // a person has to act
    cancelled, // the daemon drains
    previewed, // only looked at: whatever was due is still due (G-7)
};

class scheduler {
  public:
    struct tenant_facts {
        std::string_view name;    // its hash is the phase
        wall_time last_success{}; // zero: never
        bool daily = true;        // false: only on request (WT-5)
        bool stopped = false;
        bool held = false; // a second read is to confirm what the last one said (G-2)
        std::uint32_t failures = 0;
        std::uint32_t calls_per_minute = 25;
    };
    struct request_answer {
        std::uint64_t ticket = 0;
        bool joined = false;
    };

    scheduler(scheduler_options options, call_budget& budget, random_source& random, mono_time now,
              wall_time wall_now);

    void add(tenant_key tenant, const tenant_facts& facts, mono_time now);
    // The tenant must not be running.
    void remove(tenant_key tenant);
    // Settings changed, or a stopped tenant may go on.
    void change(tenant_key tenant, const tenant_facts& facts, mono_time now);
    void set_options(const scheduler_options& options) { options_ = options; }

    // Somebody waits. Joins the request that waits already, if there is one; one for another
    // employee than the waiting one's makes it a read of everybody, which is cheaper than two calls
    // (B-4).
    [[nodiscard]] request_answer request(tenant_key tenant, std::string_view employee_id,
                                         mono_time now);

    // The next run to start now, if any may.
    [[nodiscard]] std::optional<run_start> next(mono_time now);
    // When next() may have something; nothing while only an end of a run or a request can change
    // that.
    [[nodiscard]] std::optional<mono_time> wake_at(mono_time now);
    // A run that next() started has ended. `settled_at`: when its answer came; nothing: it was not
    // sent.
    void finished(const run_start& run, run_end how, std::optional<mono_time> settled_at,
                  mono_time now);
    // The throttle's effect on the buckets; before finished().
    void throttled(const run_start& run, std::optional<std::uint32_t> learned, mono_time now);

    // ---- views ----
    [[nodiscard]] bool running(tenant_key tenant) const;
    [[nodiscard]] bool queued(tenant_key tenant) const;
    [[nodiscard]] std::size_t running_count() const noexcept { return running_; }
    [[nodiscard]] std::size_t ready_count() const noexcept;
    [[nodiscard]] bool request_waits() const noexcept { return !ready_[0].empty(); }
    // When the tenant's next sweep, retry or confirmation is due, if it waits for one.
    [[nodiscard]] std::optional<mono_time> due_at(tenant_key tenant) const;
    // How long from now until a ready tenant probably starts (B-5).
    [[nodiscard]] std::optional<nanoseconds> estimated_start(tenant_key tenant,
                                                             mono_time now) const;
    // Each class in the order of precedence (B-3). Linear in the tenants that are ready.
    struct queue_view {
        std::string_view name;
        std::size_t ready = 0;
        std::size_t running = 0;
        nanoseconds oldest_wait{0};
    };
    [[nodiscard]] std::vector<queue_view> queues(mono_time now) const;
    [[nodiscard]] std::size_t memory_bytes() const noexcept;

  private:
    // In order of precedence (B-3).
    enum class rank : std::uint8_t { request, first_load, sweep, none };
    static constexpr std::size_t ranks = 3;
    struct entry {
        explicit entry(std::uint32_t limit, nanoseconds window) : window(limit, window) {}
        sliding_window window;
        nanoseconds phase{0};
        mono_time due{}; // of the wheel entry
        timer_id timer{};
        std::uint64_t ticket = 0; // of the waiting request
        std::string employee_id;  // of the waiting request
        std::int64_t order = 0;   // within the ready class
        mono_time ready_since{};
        std::uint32_t failures = 0;
        std::uint32_t holds = 0;
        rank ready = rank::none;
        rank started_as = rank::none;
        run_cause cause = run_cause::sweep;
        bool running = false;
        bool owed = false; // a request came before its own turn: that is still to come
        bool daily = true;
        bool stopped = false;
        bool ever_synced = false;
    };

    [[nodiscard]] mono_time next_phase(const entry& e, mono_time after) const;
    void wait_until(tenant_key tenant, entry& e, mono_time due, run_cause cause);
    void stop_waiting(entry& e);
    void make_ready(tenant_key tenant, entry& e, rank as, std::int64_t order, mono_time now);
    void unready(tenant_key tenant, entry& e);
    void fall_due(mono_time now);
    [[nodiscard]] std::optional<run_start> start_from(rank from, mono_time now);

    scheduler_options options_;
    call_budget& budget_;
    random_source& random_;
    const mono_time anchor_;
    const wall_time anchor_wall_;
    timer_wheel wheel_;
    absl::flat_hash_map<tenant_key, std::unique_ptr<entry>> tenants_;
    std::array<std::set<std::pair<std::int64_t, tenant_key>>, ranks> ready_;
    std::uint64_t last_ticket_ = 0;
    std::size_t running_ = 0;
    std::array<std::size_t, ranks> running_of_{};
    unsigned requests_in_a_row_ = 0;
    unsigned loads_in_a_row_ = 0;
};

} // namespace rollcall::sync
