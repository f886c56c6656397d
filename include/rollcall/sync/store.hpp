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
#include "rollcall/sync/run.hpp"

namespace rollcall::sync {

using tenant_key = std::uint32_t; // ours, from 1, never used again

// What a tenant is: changes only by an operator's verb, or by a run that stops it.
struct tenant_record {
    tenant_key key = 0;
    std::string name;
    std::string settings; // to_json(tenant_settings), serialised
    std::vector<unsigned char> sealed_api_key;
    std::uint32_t next_uid = 1;
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
    std::string gate; // opaque text of snapshot_gate
};

// One transaction. Everything in it becomes durable together, or nothing of it.
struct commit_batch {
    tenant_key tenant = 0;
    std::optional<tenant_record> record;     // insert or replace
    std::optional<tenant_progress> progress; // insert or replace
    bool remove_tenant = false;              // with all that belongs to it
    std::vector<directory::user_data> users; // insert or replace, by uid
    std::vector<std::uint32_t> erased;       // uids
    std::optional<run_record> run;
    bool replace_issues = false; // the tenant's present set becomes run->issues
};

// Receives what the store holds at start, on the shard, tenant by tenant in the order of their
// keys.
class load_sink {
  public:
    virtual ~load_sink() = default;
    virtual void on_tenant(tenant_record record, tenant_progress progress,
                           std::vector<issue> issues) = 0;
    // Users of one tenant, whose on_tenant came before; in batches, in the order of their uids.
    virtual void on_users(tenant_key tenant, std::span<const directory::user_data> users) = 0;
    // A row that does not match its checksum; it is left out and left in place.
    virtual void on_corrupt_row(tenant_key tenant, std::string_view table, std::int64_t row) = 0;
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
    // Newest first, without changes and issues; `before` 0 begins at the newest. At most `limit`.
    [[nodiscard]] virtual task<result<std::vector<run_record>>> runs(tenant_key tenant,
                                                                     std::uint64_t before,
                                                                     std::size_t limit) = 0;
    // Whole; errc::not_found.
    [[nodiscard]] virtual task<result<run_record>> run(tenant_key tenant, std::uint64_t id) = 0;
    // The highest ones ever committed, also if what they named is gone: neither is used again.
    [[nodiscard]] virtual task<result<std::uint64_t>> last_run_id() = 0;
    [[nodiscard]] virtual task<result<tenant_key>> last_tenant_key() = 0;
    // A consistent copy at `path`, made while syncing goes on: temporary name, fsync, rename, fsync
    // of the folder. errc::already_exists if the file is there.
    [[nodiscard]] virtual task<result<void>> backup(std::string path) = 0;
    // integrity_check and checksums of all rows; gives what is wrong in words, empty if nothing.
    [[nodiscard]] virtual task<result<std::vector<std::string>>> verify() = 0;
    [[nodiscard]] virtual store_health health() const = 0;
};

// Seals and opens API keys. The implementation holds the key-encryption key.
class key_vault {
  public:
    virtual ~key_vault() = default;
    // The sealed form is bound to the tenant: it opens for no other.
    [[nodiscard]] virtual std::vector<unsigned char> seal(tenant_key tenant, const secret& key) = 0;
    // errc::corrupt if it was changed, or sealed under another key-encryption key.
    [[nodiscard]] virtual result<secret> open(tenant_key tenant,
                                              std::span<const unsigned char> sealed) = 0;
};

} // namespace rollcall::sync
