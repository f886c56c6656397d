// The port to durable storage. storage::sqlite_store implements it; another engine would implement
// the same port and pass the same conformance suite (tests/unit/storage/conformance.hpp).
//
// Nothing is acknowledged before it is durable: a commit that returned ok is on disk, whole. A
// commit that returned an error may or may not be (the disk failed in between): after
// errc::storage_failed nothing may be acknowledged any more, and the process ends and recovers.
// errc::storage_full refuses the commit cleanly: nothing of it is stored, and reads go on.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rollcall/async/task.hpp"
#include "rollcall/core/error.hpp"
#include "rollcall/core/secret.hpp"
#include "rollcall/core/time.hpp"
#include "rollcall/directory/user.hpp"
#include "rollcall/sync/books.hpp"
#include "rollcall/sync/notice.hpp"
#include "rollcall/sync/run.hpp"
#include "rollcall/sync/webhook.hpp"

namespace rollcall::sync {

using tenant_key = std::uint32_t; // ours, from 1, never used again

// What a tenant is: changes only by an operator's verb, or by a run that stops it.
struct tenant_record {
    tenant_key key = 0;
    std::string name;
    std::string settings; // to_json(tenant_settings), serialised
    std::vector<unsigned char> sealed_api_key;
    std::uint32_t next_uid = 1;
    std::uint32_t next_team = 1;
    bool imported = false; // books::imported, books::live
    bool live = false;
    std::string erasure_salt;
    errc stopped = errc::ok; // key_refused and its kind: no sync until a person acts
    std::string stopped_detail;
    wall_time created{};
};

// How far the tenant's sync is. Written lazily in batches: losing the last minute of it costs a
// repeated sweep, nothing else, and an unchanged sweep writes no record of its own (G-9).
struct tenant_progress {
    tenant_key key = 0;
    wall_time last_success{}; // zero: never
    wall_time last_attempt{};
    std::uint32_t failures = 0; // in a row
    errc last_error = errc::ok;
    std::string last_detail;
    std::uint64_t sweeps = 0;
    // The gate's memory (G-2): statistics of the last trusted snapshot and of a suspect one.
    std::string gate;     // opaque text of snapshot_gate
    std::string breakers; // opaque text of breaker_memory
    // Opaque text of announcements; empty: nothing is known of webhooks, and nothing is written.
    std::string announced;
    // Opaque text of page_memory; empty: nothing is known of pages, and nothing is written.
    std::string paging;
};

// The last complete snapshot that was applied, as the source wrote it (mapped fields only): what
// what-if and explain read, and what is planned from without a call. Compressed by the store.
struct stored_snapshot {
    wall_time taken{};
    std::uint64_t digest =
        0;            // of the rows, whatever their order; the same rows are not stored again
    std::string rows; // packed_rows (row_pack.hpp)
};

// Present sets that are part of a tenant's books, beside users, teams and invitations.
struct tenant_state_sets {
    std::vector<issue> issues;
    hold held;
    std::vector<step_digest> rejected;
    std::vector<decision> decisions;
    std::vector<erased_mark> erased;
    std::vector<person_mark> invited;
    std::vector<webhook_token> webhook_tokens;
    std::vector<hint> hints; // by employee
};

// One transaction. Everything in it becomes durable together, or nothing of it. Present sets
// replace the stored ones where they are given.
struct commit_batch {
    tenant_key tenant = 0;
    std::optional<tenant_record> record;     // insert or replace
    std::optional<tenant_progress> progress; // insert or replace
    bool remove_tenant = false;              // with all that belongs to it
    outcome_of_steps what;         // users, teams, invitations, marks; its steps are not stored
    std::optional<run_record> run; // its steps go to the audit chain; the rest to the runs
    std::optional<std::vector<issue>> issues;
    std::optional<hold> held; // an empty one: nothing is held any more
    std::optional<std::vector<step_digest>> rejected;
    std::optional<std::vector<decision>> decisions;
    std::optional<stored_snapshot> snapshot;
    std::optional<std::vector<webhook_token>> webhook_tokens; // without any: its hints go too
    std::vector<notice> notices; // their numbers are given by the fleet
    // Erases people (rollcall erase): the keys under which the audit keeps them are destroyed,
    // their external ids vanish from runs and issues, their rows from the stored snapshot by way of
    // `snapshot`, their notices too; the marks are added.
    std::vector<std::uint32_t> forget;
    std::vector<std::string> forget_external_ids;
    std::vector<erased_mark> erased_marks;
};

// Receives what the store holds at start, on the shard, tenant by tenant in the order of their
// keys: the tenant, then its users, then its invitations.
class load_sink {
  public:
    virtual ~load_sink() = default;
    virtual void on_tenant(tenant_record record, tenant_progress progress, tenant_state_sets sets,
                           std::vector<directory::team> teams,
                           std::vector<directory::team_member> members) = 0;
    // Of one tenant, whose on_tenant came before; in batches, in the order of their uids.
    virtual void on_users(tenant_key tenant, std::span<const directory::user_data> users) = 0;
    virtual void on_invitations(tenant_key tenant, std::span<const invitation> invitations) = 0;
    // A row that does not match its checksum; it is left out and left in place.
    virtual void on_corrupt_row(tenant_key tenant, std::string_view table, std::int64_t row) = 0;
};

// One step that was applied, as the audit keeps it (G-10). The entries of a tenant are a hash
// chain: hash(n) = BLAKE2b-256 over hash(n-1) and the canonical bytes of entry n, whose changes are
// sealed under a key of the person. Destroying the key makes them unreadable; the chain still
// verifies.
struct audit_entry {
    std::uint64_t number = 0; // per tenant, from 1, without gaps
    std::uint64_t run = 0;
    run_cause cause = run_cause::sweep;
    wall_time at{};
    bool readable = true; // false: the person was erased; only kind, subject and time are left
    sync::step step;
    std::string hash; // hex
};

struct audit_query {
    std::optional<std::uint32_t> uid{}; // of one user
    std::optional<std::uint64_t> run{}; // of one run
    std::uint64_t before = 0;           // newest first, below this number; 0: from the newest
    std::uint64_t from = 0;             // where not 0: oldest first, from this number on
    std::size_t limit = 100;
};

struct audit_finding {
    std::uint64_t entries = 0;
    std::string head;         // hash of the last entry: note it elsewhere, and a cut tail shows too
    std::uint64_t broken = 0; // the first entry that does not follow from the one before; 0: none
    std::string detail;
};

struct store_health {
    bool failed = false; // an I/O error: acknowledges nothing any more
    bool full = false;
    std::uint64_t commits = 0; // transactions
    std::uint64_t batches = 0; // commit_batches in them
    std::uint64_t wal_bytes = 0;
    std::uint64_t database_bytes = 0;
    std::uint64_t corrupt_rows = 0;
};

class store {
  public:
    virtual ~store() = default;
    [[nodiscard]] virtual task<result<void>> load(load_sink& into) = 0;
    // Waits until the batch is durable. Batches of one tenant become durable in the order of the
    // calls. Cancellation is ignored once the batch is queued.
    [[nodiscard]] virtual task<result<void>> commit(commit_batch batch) = 0;
    [[nodiscard]] virtual task<result<void>> save_progress(std::vector<tenant_progress> all) = 0;
    // Waits until all of it is durable, as commit() does. A hint replaces the one of its employee.
    [[nodiscard]] virtual task<result<void>> save_hints(hint_batch what) = 0;
    // Newest first, without changes and issues; `before` 0 begins at the newest. At most `limit`.
    [[nodiscard]] virtual task<result<std::vector<run_record>>> runs(tenant_key tenant,
                                                                     std::uint64_t before,
                                                                     std::size_t limit) = 0;
    // Whole, its steps from the audit; errc::not_found.
    [[nodiscard]] virtual task<result<run_record>> run(tenant_key tenant, std::uint64_t id) = 0;
    [[nodiscard]] virtual task<result<std::vector<audit_entry>>> audit(tenant_key tenant,
                                                                       audit_query what) = 0;
    // Recomputes the tenant's whole chain.
    [[nodiscard]] virtual task<result<audit_finding>> verify_audit(tenant_key tenant) = 0;
    // errc::not_found where there is none yet.
    [[nodiscard]] virtual task<result<stored_snapshot>> snapshot(tenant_key tenant) = 0;
    // Notices that no sink has confirmed, oldest first, of all tenants.
    [[nodiscard]] virtual task<result<std::vector<notice>>> notices(std::size_t limit) = 0;
    // Those up to `number` are with the receiver and are dropped.
    [[nodiscard]] virtual task<result<void>> notices_delivered(std::uint64_t number) = 0;
    // The highest ones ever committed, also if what they named is gone: neither is used again.
    [[nodiscard]] virtual task<result<std::uint64_t>> last_run_id() = 0;
    [[nodiscard]] virtual task<result<tenant_key>> last_tenant_key() = 0;
    [[nodiscard]] virtual task<result<std::uint64_t>> last_notice() = 0;
    // A consistent copy at `path`, made while syncing goes on: temporary name, fsync, rename, fsync
    // of the folder. errc::already_exists if the file is there.
    [[nodiscard]] virtual task<result<void>> backup(std::string path) = 0;
    // integrity_check and checksums of all rows; gives what is wrong in words, empty if nothing.
    [[nodiscard]] virtual task<result<std::vector<std::string>>> verify() = 0;
    [[nodiscard]] virtual store_health health() const = 0;
};

// Seals and opens API keys, and marks the tokens of webhooks. The implementation holds the
// key-encryption key.
class key_vault {
  public:
    virtual ~key_vault() = default;
    // The sealed form is bound to the tenant: it opens for no other.
    [[nodiscard]] virtual std::vector<unsigned char> seal(tenant_key tenant, const secret& key) = 0;
    // errc::corrupt if it was changed, or sealed under another key-encryption key.
    [[nodiscard]] virtual result<secret> open(tenant_key tenant,
                                              std::span<const unsigned char> sealed) = 0;
    // A new token of a webhook: 256 random bits as token_letters letters of base64url.
    [[nodiscard]] virtual secret make_token() = 0;
    // What is kept of a token, whatever the text is; the same for as long as the node's key is.
    [[nodiscard]] virtual token_mark mark_token(std::string_view token) const = 0;
};

} // namespace rollcall::sync
