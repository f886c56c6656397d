// Who is synced next, and when: a state machine without I/O.
//
//   waiting --a turn, a request or a hint--> ready --budget and a place--> running --finished--+
//      ^                                       ^                                               |
//      |                                       +---- something came meanwhile -----------------+
//      +------------------------------------------------------------------ or stopped <--------+
//
// Idle tenants are entries of a wheel with a tick of one second, not coroutines. Each tenant has a
// fixed phase within the interval, a hash of its name (T-2); phases are fixed to the monotonic
// clock at start, so that a wall clock that jumps does not change how often anybody is swept (T-3).
// After a downtime the overdue are ready at once, the stalest first, and the call budget spreads
// them.
//
// What a ready tenant wants says its class (B-3), in order of precedence:
//
//   request     a person waits. Takes any free slot.
//   webhook     PeopleHR told of a change. Any free slot while a quarter of the address is free;
//               then in the even step of the address, as all below (call_budget.hpp).
//   due         a date is due today, and what is known is too old to act on
//   first_load  a tenant that was never read
//   sweep       the daily read, and tries after a failure
//   extra       a read that came early because webhooks get lost: only while no other class is
//               ready, and a fifth of the address free
//
// A class starts before all below it, except that each class has a reserved share: of any forty
// starts in a row during which it had somebody ready, at least 16, 8, 8, 4 and 4 are those of the
// five classes (one less where it only just became ready); whatever a class leaves goes to the
// first that has use for it. A share that is due takes any free slot.
// A sweep that is later than its interval and two hours comes after every second webhook.
//
// Within a class: requests and webhooks go by start-time fair queueing, deficit round robin's
// bound with a finer grain: each start moves the tenant behind those who used fewer calls since
// it had nothing waiting, so that a tenant with a hundred times the load has its place among the
// others once, not a hundred times. A run of several calls is charged at its end with all of
// them. The other classes start the stalest first: a tenant is there once in its interval, so all
// get the same, one read, whatever it costs.
//
// A run of several calls has one slot at a time: it gives it back when its answer has come and
// waits for the next one in its class, with its place among the runs and its turn among the tenants
// kept. Runs that wait so need no further place, so that they go on when all places are taken;
// among those who wait to start they go by the same order, but before all of them after a window.
// What began as an extra read goes on as a sweep: it must not wait for everybody with its tenant
// locked.
//
// Source: Goyal, Vin and Cheng, "Start-time Fair Queueing", SIGCOMM 1996.
#pragma once
#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <map>
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
#include "rollcall/sync/host_health.hpp"
#include "rollcall/sync/run.hpp"
#include "rollcall/sync/store.hpp"

namespace rollcall::sync {

struct scheduler_options {
    nanoseconds interval = hours{24};
    nanoseconds confirm_after = minutes{10};
    backoff_policy backoff{seconds{30}, minutes{60}};
    std::size_t running_max = 4;
    nanoseconds sweep_late = hours{2};   // beyond the interval: rises to the webhooks
    std::uint32_t quarantine_after = 8;  // failures in a row of a tenant by itself (B-6)
    std::size_t hints_per_tenant = 64;   // more of them are a read of everybody
    std::uint32_t rows_per_call = 2'000; // the rows whose transfer costs as much as a call
};

// What the scheduler tells its owner to start. The call's slots are taken: settle or refund them
// through finished().
struct run_start {
    tenant_key tenant = 0;
    run_cause cause = run_cause::sweep;
    std::string employee_id;  // empty: everybody
    std::uint64_t ticket = 0; // of the request that it serves; 0: none
    std::uint32_t address = 0;
    // It serves the tenant's hints: that of employee_id, or all that had come.
    bool hinted = false;
    // A slot for the next call of the tenant's run, which has asked for it; of the rest only the
    // address counts.
    bool further = false;
};

enum class run_end : std::uint8_t {
    done,      // applied or unchanged
    held,      // a second read is to confirm (G-2)
    failed,    // transient: back off (B-6)
    unable,    // likewise, but our own side's fault: no step towards a quarantine
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
        std::string_view host{};  // authority of its base URL
        wall_time last_attempt{}; // zero: never
        std::size_t rows = 0;     // employees that a read of everybody gives, if known
        nanoseconds interval{0};  // its own, where shorter than that of all; zero: that of all
        std::uint32_t calls = 1;  // that a read of everybody takes
        bool failed = false;      // its last try, and nothing has worked since
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
    // (B-4). Ends a quarantine.
    [[nodiscard]] request_answer request(tenant_key tenant, std::string_view employee_id,
                                         mono_time now);
    // PeopleHR told of a change of an employee, or of somebody where the id is empty (LA-47). Hints
    // of a tenant are a set; they become reads of those employees, or one of everybody as soon as
    // that is cheaper (B-4). A read of everybody serves all that came before it started; one that
    // fails leaves them.
    void hint(tenant_key tenant, std::string_view employee_id, mono_time now);
    // A date of the tenant is due today, and what is known of it is too old to act on (B-3).
    void date_due(tenant_key tenant, mono_time now);
    // How many employees a read of everybody gives, and in how many calls, for the cost of one.
    void set_rows(tenant_key tenant, std::size_t rows, std::uint32_t calls = 1);
    // As tenant_facts::interval; holds from the end of the run that is under way.
    void set_interval(tenant_key tenant, nanoseconds interval);

    // The next run to start now, if any may.
    [[nodiscard]] std::optional<run_start> next(mono_time now);
    // When next() may have something; nothing while only an end of a run or a request can change
    // that.
    [[nodiscard]] std::optional<mono_time> wake_at(mono_time now);
    // The call of a run ended: the host answered it, whatever it said, or did not. Before
    // finished(); a call that was never made is not told.
    void answered(const run_start& run, bool accepted, mono_time now);
    // The throttle's effect on the buckets; before finished().
    void throttled(const run_start& run, std::optional<std::uint32_t> learned, mono_time now);
    // The run needs another call. The slot of its last one is given back, settled at `settled_at`
    // or, where that is nothing, because it was not sent; `accepted`: PeopleHR had no objection to
    // the number of calls. next() gives the new slot (run_start::further), perhaps of another
    // address; until then the run has none, and may end as at any other time.
    void call_again(const run_start& run, std::optional<mono_time> settled_at, bool accepted,
                    mono_time now);
    // A run that next() started has ended. `settled_at`: when its answer came; nothing: it was not
    // sent. `calls`: what it cost.
    void finished(const run_start& run, run_end how, std::optional<mono_time> settled_at,
                  mono_time now, std::uint32_t calls = 1);

    // ---- views ----
    [[nodiscard]] bool running(tenant_key tenant) const;
    [[nodiscard]] bool queued(tenant_key tenant) const;
    [[nodiscard]] std::size_t running_count() const noexcept { return running_; }
    [[nodiscard]] std::size_t ready_count() const noexcept;
    [[nodiscard]] bool request_waits() const noexcept { return !ready_[0].empty(); }
    // When the tenant's next sweep, retry or confirmation is due, if it waits for one.
    [[nodiscard]] std::optional<mono_time> due_at(tenant_key tenant) const;
    // How long from now until a ready tenant, or the request behind its present run, probably
    // starts (B-5).
    [[nodiscard]] std::optional<nanoseconds> estimated_start(tenant_key tenant,
                                                             mono_time now) const;
    // It keeps failing by itself, and rests until then (B-6).
    [[nodiscard]] std::optional<mono_time> quarantined_until(tenant_key tenant) const;
    // It waits because its host is down.
    [[nodiscard]] bool waits_for_host(tenant_key tenant) const;
    [[nodiscard]] bool host_is_down(tenant_key tenant) const;
    // Whether the tenant's call that just had no answer says nothing of the tenant itself: its host
    // is down, or has answered none of the others since the tenant's last failure.
    [[nodiscard]] bool host_is_to_blame(tenant_key tenant) const;
    // It waits for its next try after a failure.
    [[nodiscard]] bool backs_off(tenant_key tenant) const;
    [[nodiscard]] std::size_t hints_waiting(tenant_key tenant) const;

    struct queue_view {
        std::string_view name;
        std::size_t ready = 0;
        std::size_t running = 0;
        nanoseconds oldest_wait{0};
    };
    // By class, in their order; besides them what waits for a host that is down.
    [[nodiscard]] std::vector<queue_view> queues(mono_time now) const;
    struct host_view {
        std::string_view name;
        std::size_t tenants = 0;
        bool down = false;
        nanoseconds down_for{0};
        std::size_t waiting = 0; // tenants that wait because it is down
        double accepted = 1.0;   // share of the calls of the last two minutes
    };
    [[nodiscard]] std::vector<host_view> hosts(mono_time now) const; // sorted by name
    [[nodiscard]] std::size_t memory_bytes() const noexcept;

  private:
    enum class rank : std::uint8_t { request, webhook, due, first_load, sweep, extra, none };
    static constexpr std::size_t ranks = 6;

    struct pending_hints {
        std::vector<std::string> ids; // in the order in which they came
        bool whole = false;
    };
    struct place {
        std::int64_t order = 0;
        std::uint64_t number = 0; // first come among equals
        tenant_key tenant = 0;
        friend auto operator<=>(const place&, const place&) = default;
    };
    struct host {
        std::string name;
        host_health health;
        std::set<place> parked;   // ready, but for the host; the stalest first
        mono_time closed_until{}; // nobody is let through before
        tenant_key probing = 0;   // was taken from the parked to find out
        std::size_t tenants = 0;
    };
    struct entry {
        entry(std::uint32_t calls, nanoseconds window)
            : window(calls, window), limit(calls, window) {}
        sliding_window window;
        learned_limit limit;
        nanoseconds phase{0};
        nanoseconds interval{0}; // zero: that of all
        mono_time due{};         // of the wheel entry
        mono_time read_at = mono_time::min();
        mono_time ready_since{};
        mono_time started_at{};
        mono_time called_at{}; // when its run got its last slot
        mono_time quarantined_until = mono_time::min();
        mono_time failed_at = mono_time::min();
        timer_id timer{};
        std::uint64_t ticket = 0; // of the waiting request
        std::string employee_id;  // of the waiting request
        std::unique_ptr<pending_hints> hints;
        std::array<std::int64_t, 2> used{}; // virtual time up to which it was served, by class
        host* at = nullptr;
        place where{};
        std::uint32_t rows = 0;
        std::uint32_t bulk_calls = 1; // of a read of everybody
        std::uint32_t failures = 0;
        std::uint32_t holds = 0;
        std::uint32_t blameless = 0; // failures in a row that were not its own
        rank ready = rank::none;
        rank ran_as = rank::none;
        run_cause cause = run_cause::sweep;
        bool running = false;
        bool holds_slot = false; // its run does
        bool wants_call = false; // its run waits for its next slot
        bool turn = false;       // its own turn has come
        bool parked = false;
        bool retrying = false; // its next start is a try after a failure
        bool daily = true;
        bool stopped = false;
        bool ever_synced = false;
        bool read_seen = false; // read_at was seen here, not told
        bool date_due = false;
        bool early = false;       // its turn is one of a shorter interval
        bool host_failed = false; // its last call had no answer
        bool suspect = false;     // was throttled, and it is open whether for its own limit (B-2)
    };

    // ---- scheduler.cpp: what a tenant waits for ----
    [[nodiscard]] mono_time next_phase(const entry& e, mono_time after) const;
    void wait_until(tenant_key tenant, entry& e, mono_time due, run_cause cause);
    void stop_waiting(entry& e);
    void turn_has_come(tenant_key tenant, entry& e, mono_time now, run_cause cause);
    void fall_due(mono_time now);
    void next_turn(tenant_key tenant, entry& e, mono_time now);
    void go_on_failing(tenant_key tenant, entry& e, nanoseconds since, mono_time now);
    void note_failure(tenant_key tenant, entry& e, bool ours, mono_time now);
    void give_hints_back(entry& e, const run_start& run);
    void give_slot_back(entry& e, std::uint32_t address, std::optional<mono_time> settled_at);
    void call_accepted(const run_start& run, entry& e, mono_time at);
    [[nodiscard]] bool bulk_is_cheaper(const entry& e) const;

    // ---- scheduler_queues.cpp: who is next ----
    [[nodiscard]] rank rank_of(const entry& e) const;
    [[nodiscard]] std::int64_t order_of(const entry& e, rank as) const;
    // Puts the tenant where it now belongs.
    void place_anew(tenant_key tenant, entry& e, mono_time now);
    void take_out(tenant_key tenant, entry& e);
    [[nodiscard]] pace pace_of(rank r) const;
    [[nodiscard]] bool place_free_for(rank r) const;
    [[nodiscard]] bool nobody_in(std::size_t i) const {
        return ready_[i].empty() && going_on_[i].empty();
    }
    [[nodiscard]] bool somebody_goes_on() const;
    [[nodiscard]] bool sweep_is_late(mono_time now) const;
    [[nodiscard]] std::optional<run_start> choose(mono_time now);
    [[nodiscard]] std::optional<run_start> start_from(rank from, pace how, mono_time now);
    // A slot for a run that waits for one: of those before `first`, or of any.
    [[nodiscard]] std::optional<run_start> go_on(rank from, pace how, std::optional<place> first,
                                                 mono_time now);
    void take_turn(entry& e, rank from);
    [[nodiscard]] bool host_lets(tenant_key tenant, entry& e, mono_time now);
    [[nodiscard]] run_start start(tenant_key tenant, entry& e, std::uint32_t address,
                                  mono_time now);
    void charge(entry& e, std::uint32_t calls);
    void count_start(rank of, bool own_turn, mono_time now);
    // How long a wait becomes by those who come meanwhile and start before it.
    [[nodiscard]] nanoseconds stretched(nanoseconds wait, rank r, mono_time now) const;

    // ---- scheduler_hosts.cpp ----
    void join_host(entry& e, std::string_view name);
    void leave_host(tenant_key tenant, entry& e);
    void send_probes(mono_time now);
    void host_went_down(host& h, mono_time now);
    void host_came_back(host& h, mono_time now);

    scheduler_options options_;
    call_budget& budget_;
    random_source& random_;
    const mono_time anchor_;
    const wall_time anchor_wall_;
    timer_wheel wheel_;
    absl::flat_hash_map<tenant_key, std::unique_ptr<entry>> tenants_;
    std::map<std::string, std::unique_ptr<host>, std::less<>> hosts_;
    std::array<std::set<place>, ranks> ready_;
    std::array<std::set<place>, ranks> going_on_; // runs that wait for their next slot
    std::array<std::uint32_t, ranks> owed_{};     // of its share, by class
    std::array<std::size_t, ranks> running_as_{};
    std::array<double, ranks> rate_{}; // starts a second, by class
    double taken_out_ = 0;             // those of the first two that did a waiting turn
    std::array<std::int64_t, 2> virtual_time_{};
    mono_time rated_at_;
    mono_time rated_since_;
    nanoseconds mean_run_ = seconds{1};
    nanoseconds mean_call_{0};
    std::uint64_t last_ticket_ = 0;
    std::uint64_t last_number_ = 0;
    std::size_t running_ = 0;
    bool webhook_was_last_ = false;
};

} // namespace rollcall::sync
