// The fleet's insides: its state, and the coroutines that carry out what the pure parts decide.
#pragma once
#include <absl/container/flat_hash_map.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "enactment.hpp"
#include "fleet_watch.hpp"
#include "rollcall/async/task_group.hpp"
#include "rollcall/sync/books.hpp"
#include "rollcall/sync/call_budget.hpp"
#include "rollcall/sync/fleet.hpp"
#include "rollcall/sync/page_reading.hpp"
#include "rollcall/sync/planner.hpp"
#include "rollcall/sync/scheduler.hpp"
#include "rollcall/sync/snapshot_gate.hpp"

namespace rollcall::sync {

// One tenant in memory. Whoever reads or writes it across a suspension holds its lock.
struct live_tenant {
    tenant_record record;
    tenant_settings settings;
    tenant_progress progress;
    sync::books books;
    std::uint32_t epoch = 0;
    // Digest of the stored snapshot; nothing until it was asked for, 0 where none is stored.
    std::optional<std::uint64_t> stored_digest;
    wall_time next_timer{}; // when time alone brings a step; zero: nothing is known to come
    bool locked = false;
    bool hidden = false; // being added or removed, which is not durable yet: not seen
    bool progress_unsaved = false;
    // A stored row was left out: acting on the rest would make second users of those who are
    // missing.
    bool damaged = false;
    bool settings_unreadable = false;
    std::string held_because; // of the last whole run, if it is not believed (G-2, LA-6, WT-3)
    std::string held_rule;
    bool first_failure_noted = false;
    std::uint32_t refusals = 0; // in a row, of a kind that only a person can mend
    std::vector<webhook_token> webhook_tokens;
    std::map<std::string, hint, std::less<>> hints; // by employee; not served yet
    announcements announced;
    bool hint_of_all_comes = false; // it is being stored
    // The key may read everybody, but was refused a read of one: hints are served by sweeps.
    mono_time reads_one_from = mono_time::min();
    page_memory paging;
    // The address of the slot that its run has asked for and got.
    std::optional<std::uint32_t> further_call;
    // For those who watch, see fleet_watch.cpp.
    std::optional<mono_time> truth_at; // when the last complete and trusted read began
    mono_time read_began{};            // the read of everybody that is under way, or the last one
    nanoseconds last_read_took{-1};    // from the call to the commit; negative: none yet
    std::uint32_t last_read_rows = 0;
    std::optional<change_lag> last_lag;
    tenant_state told_state = tenant_state::waiting; // in the feed of events
};

// What two kinds of callers wait for: a run that does something, and one that only shows it (G-7).
// They may share one call.
struct ticket_state {
    tenant_key tenant = 0;
    bool apply = false;
    bool preview = false;
    std::shared_ptr<const run_record> done;
    std::shared_ptr<const run_record> previewed;
};

// What a run has read.
struct reading {
    fetch_report report;            // of the last call
    std::unique_ptr<snapshot> from; // where the report is ok and there is no doubt
    std::string doubt;              // why the pages are not believed (G-2)
};

struct fleet_metrics;
class tenant_lock;

struct fleet::impl final {
    impl(shard& home, fleet_options options, people_source& source, store& storage,
         key_vault& vault, notice_sink& notices, logger log, metrics& metrics);
    ~impl();

    // ---- fleet_tenants.cpp ----
    task<outcome<tenant_view>> add(new_tenant what);
    task<outcome<tenant_view>> change(std::string name, tenant_change what);
    task<outcome<void>> remove(std::string name);
    task<outcome<void>> test_call(std::string_view name, const tenant_settings& settings,
                                  const secret& key);
    task<fetch_report> test_call_once(std::string_view name, const tenant_settings& settings,
                                      const secret& key, sliding_window& own);
    [[nodiscard]] tenant_view view(const live_tenant& t) const;
    [[nodiscard]] tenant_state state_of(const live_tenant& t) const;
    [[nodiscard]] scheduler::tenant_facts facts(const live_tenant& t) const;
    [[nodiscard]] std::string no_such_tenant(std::string_view name) const;
    [[nodiscard]] std::string nearest(std::string_view name) const;

    // ---- fleet_run.cpp ----
    task<> pump();
    [[nodiscard]] bool may_start();
    task<> run(run_start start);
    task<run_end> carry_out(run_start& start, live_tenant& t, run_record& record,
                            std::optional<mono_time>& settled_at);
    task<run_end> judge_and_plan(const run_start& start, live_tenant& t,
                                 std::unique_ptr<snapshot> from, run_record& record);
    run_end fail(const run_start& start, live_tenant& t, const fetch_report& report,
                 run_record& record);
    run_end hold_back(live_tenant& t, const char* rule, std::string why, run_record& record,
                      bool quietly);
    // The end to act on: a tenant is not stopped before that is durable.
    task<run_end> record_failure(const run_start& start, live_tenant& t, run_end how,
                                 run_record& record);
    void note_success(live_tenant& t);
    void finish_ticket(std::uint64_t ticket, const run_record& record);
    void count(const run_record& record);
    void log_end(live_tenant& t, const run_record& record);
    [[nodiscard]] ticket_state wanted_of(const run_start& start) const;

    // ---- fleet_read.cpp ----
    // Everybody, at once or page by page, or one employee. `settled_at` is what the run's last slot
    // is settled with, all along; `start` has its address.
    task<reading> read(run_start& start, live_tenant& t, std::optional<mono_time>& settled_at);
    task<reading> read_pages(run_start& start, live_tenant& t, fetch_request what,
                             std::optional<mono_time>& settled_at);
    task<reading> read_at_once(run_start& start, live_tenant& t, fetch_request what,
                               std::optional<mono_time>& settled_at);
    // From another egress address where no call can leave from that of `start`.
    task<fetch_report> call(run_start& start, live_tenant& t, fetch_request what, row_sink& rows,
                            std::optional<mono_time>& settled_at);
    task<fetch_report> call_once(const run_start& start, live_tenant& t, fetch_request what,
                                 row_sink& rows, std::optional<mono_time>& settled_at);
    // What the end of a call says of the address that it was to leave from.
    void note_egress(std::uint32_t address, const fetch_report& report);
    // Whether the call is to be made again, from another address; `tries` were made. Says in the
    // report where there is none.
    [[nodiscard]] bool has_other_egress(std::size_t tries, fetch_report& report) const;
    // Waits for a slot for the run's next call, at the run's own priority. Ends the run where the
    // daemon begins to stop.
    task<> await_call(run_start& start, live_tenant& t, bool accepted,
                      std::optional<mono_time>& settled_at);
    // `pages`: in a run that tried them first.
    void read_at_once_after(live_tenant& t, page_memory known, bool pages);
    void remember(live_tenant& t, const page_memory& now);
    [[nodiscard]] fetch_report too_many(std::uint64_t rows) const;
    [[nodiscard]] snapshot_builder begin_snapshot(live_tenant& t, bool whole) const;

    // ---- fleet_enact.cpp ----
    // Plans over the tenant's books, in slices. `from` may be null: what time alone brings.
    task<plan> plan_for(const live_tenant& t, const snapshot* from,
                        const tenant_settings& settings);
    // One transaction, then memory. The lock is held.
    task<run_end> enact(live_tenant& t, proposal p, run_record& record);
    task<> leave_out_the_stored(live_tenant& t, proposal& p);
    // Takes out of `made` what only the store needs.
    [[nodiscard]] commit_batch batch_of(const live_tenant& t, enactment& made,
                                        const run_record& record, bool resumes);
    static void show(live_tenant& t, enactment made);
    // Plans anew without a call, from the stored snapshot, and enacts that. Nothing is done where
    // none is stored.
    task<run_record> replan(live_tenant& t);
    task<> replan_and_enact(live_tenant& t, run_record& record);
    [[nodiscard]] bool may_trust_what_is_stored(const live_tenant& t) const;
    // The stored snapshot as if it had just been read; null where none is stored.
    task<std::unique_ptr<snapshot>> replay(live_tenant& t, const tenant_settings& settings);
    [[nodiscard]] run_record begin_record(const live_tenant& t, run_cause cause);

    // ---- fleet_watch.cpp ----
    void publish(event_kind kind, std::string_view tenant, std::vector<event_field> fields = {});
    void publish_end(live_tenant& t, const run_record& record);
    void publish_hold(const live_tenant& t, std::uint64_t run);
    // What the last complete read said, or how its pages went, is to be confirmed (G-2).
    [[nodiscard]] static bool awaits_second_read(const live_tenant& t) noexcept {
        const bool doubted = t.paging.doubts != 0 && !t.held_because.empty();
        return doubted || t.books.gate.suspect.has_value();
    }
    // What it is between its runs, and the event where that has changed.
    [[nodiscard]] tenant_state settled_state(const live_tenant& t) const;
    void tell_state(live_tenant& t);
    void begin_to_watch(live_tenant& t); // after it was loaded
    [[nodiscard]] std::optional<nanoseconds> truth_age(const live_tenant& t) const;
    [[nodiscard]] truth_summary truth() const;
    // `read_before`: when the read before this run's began.
    void observe_lag(live_tenant& t, const run_record& record,
                     std::optional<mono_time> read_before);
    void set_truth_gauges();
    [[nodiscard]] fleet_top top(std::size_t rows) const;
    [[nodiscard]] fleet_top::line line_of(const live_tenant& t, tenant_state state) const;
    void list_tenants(fleet_top& into, std::size_t rows) const;

    // ---- fleet_timers.cpp ----
    task<> timer_loop();
    task<> timer_run(tenant_key key);
    void set_timer(live_tenant& t, wall_time not_before = {});

    // ---- fleet_notices.cpp ----
    task<> notice_loop();
    task<bool> hand_over(const std::vector<notice>& waiting);

    // ---- fleet_hooks.cpp ----
    task<outcome<void>> webhook(token_mark mark, webhook_event event);
    task<> take_hint(hint what);
    void passed_over(const token_mark& mark);
    task<> keep_hint_of_all(token_mark mark);
    [[nodiscard]] live_tenant* tenant_of(const token_mark& mark, wall_time now);
    // Has the tenant's hints served, unless a person has to act first; then they stay.
    [[nodiscard]] bool serves_hints(const live_tenant& t) const;
    void offer_hint(const live_tenant& t, std::string_view employee_id);
    void offer_hints(const live_tenant& t);
    void offer_all_hints();
    // The hints up to `number`, which came before the run's call, may be served by it.
    void settle_hints(live_tenant& t, const run_record& record, run_end how, std::uint64_t number);
    task<> flush_hints();
    void load_webhook(live_tenant& t, std::vector<webhook_token> tokens, std::vector<hint> hints);
    void forget_webhook(const live_tenant& t);
    task<outcome<new_webhook>> rotate_webhook(std::string name, nanoseconds overlap);
    task<outcome<webhook_view>> remove_webhook(std::string name);
    task<outcome<void>> store_tokens(live_tenant& t, std::vector<webhook_token> tokens);
    [[nodiscard]] webhook_view view_webhook(const live_tenant& t) const;
    void count_webhook(webhook_result what);

    // ---- fleet.cpp ----
    task<outcome<void>> start();
    task<> stop(nanoseconds grace);
    task<> flush_loop();
    task<> flush_progress();
    void set_gauges();
    [[nodiscard]] outcome<sync_ticket> request(std::string_view name, std::string_view employee_id,
                                               bool preview);
    task<outcome<sync_progress>> wait(sync_ticket ticket, mono_time until);
    task<outcome<std::vector<std::string>>> doctor();
    [[nodiscard]] fleet_status status() const;
    [[nodiscard]] live_tenant* find(std::string_view name) const;

    // Waits for the tenant's lock and takes it; null if there is no such tenant (any more). The
    // lock is what makes a run, a change of settings and a removal come one after the other.
    task<live_tenant*> lock(tenant_key key);
    // The same for somebody who waits: errc::busy where a run holds it for longer than a person
    // likes to wait, not_found where the tenant is gone.
    task<outcome<tenant_lock>> lock_for_desk(std::string name);
    void unlock(live_tenant& t);

    shard& home;
    fleet_options options;
    people_source& source;
    store& storage;
    key_vault& vault;
    notice_sink& notices;
    logger log;
    std::unique_ptr<fleet_metrics> counters;

    call_budget budget;
    std::map<std::uint32_t, std::string> egress_faults; // by address, while it is unusable
    scheduler plan_of_day;
    absl::flat_hash_map<tenant_key, std::unique_ptr<live_tenant>> tenants;
    std::map<std::string, live_tenant*, std::less<>> by_name;
    tenant_key next_key = 1;
    std::uint64_t last_run = 0;
    std::uint64_t last_notice = 0;
    std::uint64_t notices_committed = 0; // commits that brought some, since the start
    std::set<std::pair<wall_time, tenant_key>> timers;
    std::deque<tenant_key> timers_to_find; // tenants loaded at start whose timer is not known yet
    std::map<std::uint64_t, ticket_state> tickets; // waiting and lately finished
    std::deque<std::uint64_t> finished_tickets;
    mono_time started{};
    mono_time next_try_when_full{};
    bool running = false;
    bool draining = false;
    fleet_status totals; // the counters since start
    struct token_place {
        tenant_key tenant = 0;
        wall_time until{}; // zero: no end
    };
    absl::flat_hash_map<token_mark, token_place> webhook_tokens;
    std::uint64_t last_hint = 0;
    std::vector<hint_mark> hints_served; // the store does not know yet
    std::size_t adding = 0;
    fleet_watch watch;

    signal_event wake;     // the pump has something to look at
    signal_event progress; // a run ended, or a lock was let go
    signal_event timer_moved;
    signal_event notice_added;
    task_group runs;
    task_group loops; // last: dies first
};

// Lets a tenant's lock go when the scope ends, by whatever way.
class tenant_lock {
  public:
    tenant_lock(fleet::impl& f, live_tenant& t) : fleet_(&f), tenant_(&t) {}
    ~tenant_lock() { release(); }
    tenant_lock(tenant_lock&& from) noexcept
        : fleet_(from.fleet_), tenant_(std::exchange(from.tenant_, nullptr)) {}
    tenant_lock(const tenant_lock&) = delete;
    tenant_lock& operator=(const tenant_lock&) = delete;
    tenant_lock& operator=(tenant_lock&&) = delete;
    [[nodiscard]] live_tenant& tenant() const noexcept { return *tenant_; }
    void release() {
        if (tenant_ != nullptr) fleet_->unlock(*std::exchange(tenant_, nullptr));
    }
    // The tenant is gone: there is nothing to let go.
    void forget() noexcept { tenant_ = nullptr; }

  private:
    fleet::impl* fleet_;
    live_tenant* tenant_;
};

} // namespace rollcall::sync
