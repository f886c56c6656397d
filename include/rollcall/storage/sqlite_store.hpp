// The store on SQLite: one file for all tenants of a node, one connection, group commit.
//
// The rules and their reasons are those of src/storage/README.md. In short: WAL with
// synchronous=FULL, so that an acknowledged commit survives a power cut; exclusive locking and a
// single connection, which also keeps clear of the WAL-reset bug of SQLite 3.7.0 to 3.51.2 (it
// needs two); commits that wait at the same time become one transaction, whoever their tenants are;
// checkpoints run between transactions, after the waiters were told.
//
// An I/O error is final: nothing is acknowledged any more, not even after a retry that seems to
// succeed, because after a failed fsync the kernel may have dropped the very pages that it then
// reports clean. The process is to end and to recover from the WAL at its next start.
//
// A full disk is not: the commit is rolled back whole and refused with errc::storage_full. The
// store then gives up its ballast file, and refuses commits until there is room for it again;
// progress is still written, and reads go on.
//
// Lives on the shard given to open(); every blocking call runs on the worker, one at a time.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "rollcall/async/shard.hpp"
#include "rollcall/async/worker.hpp"
#include "rollcall/sync/store.hpp"

namespace rollcall::storage {

struct sqlite_options {
    std::string data_dir;                       // created with mode 0700 if missing
    std::size_t runs_kept = 100;                // of each tenant; older ones go with the next run
    std::size_t group_rows_max = 2048;          // of one transaction; a larger batch goes alone
    std::size_t wal_passive_bytes = 16u << 20;  // checkpoint from here on if nobody waits
    std::size_t wal_truncate_bytes = 64u << 20; // checkpoint and cut the WAL whoever waits
    std::size_t ballast_bytes = 64u << 20;      // 0: none
    std::size_t cache_bytes = 16u << 20;        // SQLite's page cache
    std::size_t load_users_max = 1024;          // of one call of on_users
    std::size_t audit_entries_max = 20'000;     // verified in one turn of the worker
    std::string vfs; // of SQLite; blank is the default. Tests inject faults.
};

class sqlite_store final : public sync::store {
  public:
    // Opens or creates the database, recovers from a crash and brings the schema up to date.
    // Blocks: call it at start-up. Fails with locked (a second daemon, or a shell has the file
    // open), newer_schema, corrupt, storage_full, storage_failed, or invalid_argument for a
    // directory that cannot be used; the text says what to do. `home` and `disk` must outlive the
    // store.
    [[nodiscard]] static outcome<std::unique_ptr<sqlite_store>> open(shard& home, worker& disk,
                                                                     sqlite_options options);
    // Blocks for the last checkpoint (up to some 100 ms). All calls must have returned; what the
    // worker still runs keeps the database open until it has ended.
    ~sqlite_store() override;

    // "3.40.1", for the log at start.
    [[nodiscard]] static std::string_view library_version() noexcept;

    // Cancellation is ignored by all of these: the work on the worker is waited for.

    // Rows reach the sink in the order of (tenant, uid), while the worker reads ahead. What belongs
    // to a tenant whose own row is corrupt is left out with it. errc::corrupt if the file's
    // structure is damaged.
    [[nodiscard]] task<result<void>> load(sync::load_sink& into) override;
    // errc::already_exists for a tenant's name or run number that is taken, invalid_argument for a
    // tenant that does not exist or a batch that contradicts itself (a removal together with
    // anything else, a run that is a preview, keys that disagree), busy if the worker's queue is
    // full; each leaves nothing of the batch, and other batches of the transaction untouched.
    [[nodiscard]] task<result<void>> commit(sync::commit_batch batch) override;
    // Progress of tenants that are gone is passed over.
    [[nodiscard]] task<result<void>> save_progress(std::vector<sync::tenant_progress> all) override;
    // errc::storage_full as commit(), unless there is nothing to add.
    [[nodiscard]] task<result<void>> save_hints(sync::hint_batch what) override;
    // A run whose row is corrupt is left out.
    [[nodiscard]] task<result<std::vector<sync::run_record>>> runs(sync::tenant_key tenant,
                                                                   std::uint64_t before,
                                                                   std::size_t limit) override;
    // errc::corrupt if any row of it is. The steps of erased people have the label "(erased)" and
    // no changes.
    [[nodiscard]] task<result<sync::run_record>> run(sync::tenant_key tenant,
                                                     std::uint64_t id) override;
    // Also the entries of runs that were pruned. An entry that does not open with its person's key
    // has the label "(damaged)".
    [[nodiscard]] task<result<std::vector<sync::audit_entry>>> audit(
        sync::tenant_key tenant, sync::audit_query what) override;
    // In pieces: commits come between them. Ends at the first broken entry.
    [[nodiscard]] task<result<sync::audit_finding>> verify_audit(sync::tenant_key tenant) override;
    [[nodiscard]] task<result<sync::stored_snapshot>> snapshot(sync::tenant_key tenant) override;
    // A notice whose row is corrupt is left out, and stays until a person has looked at it.
    [[nodiscard]] task<result<std::vector<sync::notice>>> notices(std::size_t limit) override;
    [[nodiscard]] task<result<void>> notices_delivered(std::uint64_t number) override;
    // The highest number ever committed, also if its run or tenant is gone; 0 if none was.
    [[nodiscard]] task<result<std::uint64_t>> last_run_id() override;
    [[nodiscard]] task<result<std::uint64_t>> last_notice() override;
    [[nodiscard]] task<result<sync::tenant_key>> last_tenant_key() override;
    // Commits wait meanwhile. An error leaves no file behind, and does not fail the store: the
    // destination may be another disk.
    [[nodiscard]] task<result<void>> backup(std::string path) override;
    [[nodiscard]] task<result<std::vector<std::string>>> verify() override;
    [[nodiscard]] sync::store_health health() const override;

  private:
    struct engine;
    struct load_state;
    sqlite_store(shard& home, worker& disk, std::shared_ptr<engine> shared);

    [[nodiscard]] bool begin_piece(const std::shared_ptr<load_state>& state, std::size_t which);
    // A write_work of database.hpp.
    template <class Work>
    [[nodiscard]] task<errc> write(Work work);
    template <class Function>
    [[nodiscard]] auto on_worker(Function function)
        -> task<std::invoke_result_t<Function, engine&>>;

    shard& home_;
    worker& disk_;
    std::shared_ptr<engine> engine_; // shared with the jobs on the worker
};

} // namespace rollcall::storage
