// The fleet: all tenants of this daemon, their directories, and the runs that keep them in step.
//
// This is what the edges talk to. It lives on the home shard, every call included. It decides
// nothing itself: the scheduler says who is next, the call budget when, the gate and the planner
// what; the fleet's coroutines carry that out.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/async/shard.hpp"
#include "rollcall/core/backoff.hpp"
#include "rollcall/core/log.hpp"
#include "rollcall/core/metrics.hpp"
#include "rollcall/directory/tenant_directory.hpp"
#include "rollcall/sync/announcements.hpp"
#include "rollcall/sync/books.hpp"
#include "rollcall/sync/event_feed.hpp"
#include "rollcall/sync/fleet_top.hpp"
#include "rollcall/sync/freshness.hpp"
#include "rollcall/sync/notice.hpp"
#include "rollcall/sync/page_reading.hpp"
#include "rollcall/sync/people_source.hpp"
#include "rollcall/sync/settings.hpp"
#include "rollcall/sync/store.hpp"

namespace rollcall::sync {

struct egress_address {
    std::string address; // local address to bind; empty: the system's choice
    std::uint32_t calls_per_minute = 25;
};

struct fleet_options {
    std::vector<egress_address> egress{egress_address{}};
    std::size_t concurrent_runs_max = 4; // each holds a body buffer
    nanoseconds sweep_interval = hours{24};
    nanoseconds confirm_after = minutes{10}; // second read of an implausible snapshot (G-2)
    nanoseconds progress_flush = seconds{60};
    // No call for so long after a start with tenants: the process before this one may have used all
    // calls of its last minute (B-1). A minute keeps the limit over restarts; zero does not.
    nanoseconds quiet_after_restart = seconds{60};
    backoff_policy run_backoff{seconds{30}, minutes{60}};
    std::uint32_t refusals_until_stopped = 2; // a key must be refused so often in a row (B-6)
    std::size_t rows_per_slice = 256;
    std::size_t tenants_max = 20'000;
    std::size_t users_per_tenant_max = 200'000;
    // What is older than this is too old to invite or deactivate by the calendar alone.
    nanoseconds stale_after = hours{48};
    nanoseconds notice_retry = seconds{30}; // after a sink refused
    std::size_t text_bytes_max = 4096;      // of one mapped value
    // Employees of a tenant whose hints wait one by one; more are a read of everybody.
    std::size_t hints_per_tenant_max = 1000;
};

enum class tenant_state : std::uint8_t {
    waiting,
    queued,
    running,
    backing_off,
    quarantined, // keeps failing by itself: tried again after hours (B-6)
    held,
    stopped,
};
[[nodiscard]] std::string_view name_of(tenant_state v) noexcept;

// A tenant's webhook, without its token: nobody ever sees that again.
struct webhook_view {
    std::vector<webhook_token> tokens; // the live ones, the newest first
    std::uint64_t events = 0;          // related ones, ever
    wall_time last_event{};
    std::size_t waiting = 0; // employees who are still to be read
    announced_counts week;
    std::vector<announced_kind> missing; // subscriptions that probably are
    nanoseconds wanted_interval{0};      // between sweeps, for what webhooks lose
};

struct new_webhook {
    secret token; // shown once
    webhook_view view;
};

struct tenant_view {
    tenant_key key = 0;
    std::string name;
    tenant_settings settings;
    tenant_state state = tenant_state::waiting;
    errc stopped = errc::ok;
    std::string stopped_detail;
    tenant_progress progress;
    std::size_t users = 0;
    std::size_t active = 0;
    std::vector<issue> issues;
    std::size_t held_steps = 0;
    std::string held_digest; // empty: nothing waits for a person
    std::size_t conflicts = 0;
    bool imported = false;
    bool live = false;               // first import's invitations may go
    wall_time next_timer{};          // when time alone brings a step; zero: nothing is known
    wall_time next_sweep{};          // when its phase comes round (T-2), or its retry
    wall_time quarantined_until{};   // zero: it is not
    bool host_down = false;          // it waits because PeopleHR's host does not answer
    nanoseconds estimated_start{-1}; // of a queued run, from now (B-5); negative: nothing queued
    nanoseconds truth_age{-1};       // since the last complete read began; negative: never read
    std::optional<change_lag> last_change_lag; // of the last change that came, since the start
    wall_time created{};
    std::optional<webhook_view> webhook; // nothing: it has none
    page_memory paging;
};

struct new_tenant {
    std::string name;
    tenant_settings settings = defaults_of(profile::learnamp);
    secret api_key;
    bool verify =
        true; // make the test call first (LA-4, WT-1); otherwise the first load is the test
};

struct tenant_change {
    std::optional<tenant_settings> settings;
    std::optional<secret> api_key; // tested before it replaces a working one (LA-4)
    bool verify = true;
};

// A promise of a run. Several callers who ask while a run waits hold the same ticket (B-4).
struct sync_ticket {
    tenant_key tenant = 0;
    std::uint64_t number = 0;
    bool joined = false;            // a run was waiting already: this is that one
    bool preview = false;           // wait() gives what the run would do
    nanoseconds estimated_start{0}; // from now (B-5)
};

// What wait() tells while the run is on its way.
struct sync_progress {
    tenant_state state = tenant_state::queued;
    nanoseconds estimated_start{0};
    bool done = false;
    run_record run; // when done; changes included
};

struct fleet_status {
    std::size_t tenants = 0;
    std::size_t users = 0;
    std::size_t active_users = 0;
    std::map<std::string, std::size_t, std::less<>> tenants_by_state;
    std::size_t issues = 0;
    std::map<std::string, std::size_t, std::less<>> issues_by_kind;
    std::size_t never_synced = 0;
    std::size_t held_tenants = 0; // with steps that wait for a person
    std::size_t held_steps = 0;
    std::uint64_t invitations_sent = 0, notices_delivered = 0; // since start
    std::uint64_t runs_unchanged = 0, runs_applied = 0, runs_held = 0,
                  runs_failed = 0; // since start
    std::uint64_t rows_read = 0, users_created = 0, users_updated = 0, users_deactivated = 0;
    std::uint64_t calls_made = 0;
    std::uint64_t calls_throttled = 0;
    std::size_t directory_bytes = 0;
    std::size_t mapped_text_bytes = 0;
    nanoseconds uptime{0};
    nanoseconds sync_busy{0}; // time of this shard spent decoding, planning and applying
    struct egress {
        std::string address;
        std::uint32_t limit = 0;
        std::uint32_t used = 0; // of the present sliding minute
        bool paused = false;
        std::string_view scope; // whose limit its throttle answers were about (B-2)
        std::string fault;      // why no call leaves from it; empty where it is usable
    };
    std::vector<egress> addresses;
    std::array<std::uint64_t, webhook_result_count> webhooks{}; // since start, by result
    std::size_t hints_waiting = 0;
    std::size_t tenants_with_webhook = 0;
    truth_summary truth;
    struct host {
        std::string name;
        std::size_t tenants = 0;
        bool down = false;
        nanoseconds down_for{0};
        std::size_t waiting = 0; // tenants that wait for it
        double accepted = 1.0;   // share of its calls of the last two minutes
    };
    std::vector<host> hosts; // of PeopleHR, sorted by name
    struct queue {
        std::string_view name; // class of B-3
        std::size_t ready = 0;
        std::size_t running = 0;
        nanoseconds oldest_wait{0};
    };
    std::vector<queue> queues;
    store_health storage;
    bool draining = false;
};

class fleet {
  public:
    // All references outlive the fleet.
    fleet(shard& home, fleet_options options, people_source& source, store& storage,
          key_vault& vault, notice_sink& notices, logger log, metrics& metrics);
    ~fleet();
    fleet(const fleet&) = delete;
    fleet& operator=(const fleet&) = delete;

    // Loads everything from the store, then begins to schedule. A failure says why it cannot start.
    [[nodiscard]] task<outcome<void>> start();
    // Drains: starts nothing new, lets runs finish until `grace` has passed, cancels the rest, and
    // saves progress. Idempotent. A cancelled run has changed nothing.
    [[nodiscard]] task<> stop(nanoseconds grace);
    // New limits of a reloaded configuration (SIGHUP). Egress addresses can not change.
    void reload(const fleet_options& options);

    // ---- tenants ----
    // Failures: already_exists, invalid_argument, busy (tenants_max), storage_*, and those of the
    // test call (key_refused, permission_missing, …), after which nothing is stored. Waits for the
    // call budget. Once begun, the storing part is not cancelled.
    [[nodiscard]] task<outcome<tenant_view>> add_tenant(new_tenant what);
    [[nodiscard]] task<outcome<tenant_view>> change_tenant(std::string name, tenant_change what);
    [[nodiscard]] task<outcome<void>> remove_tenant(std::string name);
    [[nodiscard]] std::optional<tenant_view> tenant(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> tenant_names() const; // sorted
    // The known name that is nearest to a wrong one; empty if none is near.
    [[nodiscard]] std::string nearest_tenant(std::string_view name) const;

    // ---- users ----
    // Null for an unknown tenant. Valid until the next suspension of the caller.
    [[nodiscard]] const directory::tenant_directory* users(std::string_view tenant) const;
    // All that the decisions about a tenant depend on, users included, for views; likewise.
    [[nodiscard]] const books* books_of(std::string_view tenant) const;

    // ---- runs ----
    // Queues a run ahead of the sweep (B-3), of one employee where an id is given, and starts a
    // stopped tenant's next try. A preview is planned and shown, and changes and stores nothing
    // (G-7); it may share the call of a run that does. Failures: not_found, busy,
    // shutting_down, and the tenant's reason if stopped.
    [[nodiscard]] outcome<sync_ticket> request_sync(std::string_view tenant,
                                                    std::string_view employee_id = {},
                                                    bool preview = false);
    // Suspends until the ticket's run is done or `until` has come, whichever is first.
    [[nodiscard]] task<outcome<sync_progress>> wait(sync_ticket ticket, mono_time until);
    [[nodiscard]] task<outcome<std::vector<run_record>>> runs(std::string tenant,
                                                              std::uint64_t before,
                                                              std::size_t limit);
    [[nodiscard]] task<outcome<run_record>> run(std::string tenant, std::uint64_t id);

    // ---- webhooks (LA-1, LA-47) ----
    [[nodiscard]] token_mark mark_of(std::string_view token) const;
    // Keeps a related event as a hint and has the employee read. Returns when the hint is durable,
    // also to a sender whose token is unknown, who waits for a write of the same cost and cannot
    // tell. Taken while the fleet drains too: the next start serves it. Failures: busy, storage_*.
    [[nodiscard]] task<outcome<void>> webhook(token_mark mark, webhook_event event);
    // One was refused because there are too many of its token: everybody is read instead, once for
    // all of them, since nobody may send it again. After the answer, so that it takes no longer for
    // a known token.
    void passed_over(const token_mark& mark);
    // What was answered without asking the fleet.
    void count_webhook(webhook_result what);
    // Failures of all three: not_found, and storage_* where something is stored. A tenant without a
    // webhook has a view without tokens.
    [[nodiscard]] outcome<webhook_view> webhook_of(std::string_view tenant) const;
    // Makes a token; the present one stays good for `overlap`, one before it ends now.
    [[nodiscard]] task<outcome<new_webhook>> rotate_webhook(std::string tenant,
                                                            nanoseconds overlap);
    [[nodiscard]] task<outcome<webhook_view>> remove_webhook(std::string tenant);

    [[nodiscard]] task<outcome<void>> backup(std::string path);
    // What `rollcall doctor` prints: findings in words, empty if all is well. Checks the store and
    // every directory against its own indexes, in slices.
    [[nodiscard]] task<outcome<std::vector<std::string>>> doctor();
    [[nodiscard]] fleet_status status() const;

    // ---- watching ----
    // What happens right now; at most `rows` tenants in each list.
    [[nodiscard]] fleet_top top(std::size_t rows) const;
    [[nodiscard]] const event_feed& events() const noexcept;
    // Suspends until there is an event after number `after`, the fleet has stopped, or `until` has
    // come.
    [[nodiscard]] task<> wait_for_event(std::uint64_t after, mono_time until) const;
    // No event comes any more.
    [[nodiscard]] bool stopped() const noexcept;

    struct impl; // src/sync/fleet_impl.hpp

  private:
    friend class desk;
    std::unique_ptr<impl> impl_;
};

} // namespace rollcall::sync
