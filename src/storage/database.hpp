// The database of a node, blocking: what sqlite_store runs on its worker. One connection, whose
// calls never overlap; open() and the destructor run while the worker has no job.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "data_dir.hpp"
#include "rollcall/storage/sqlite_store.hpp"
#include "rollcall/sync/store.hpp"
#include "sqlite.hpp"

namespace rollcall::storage {

struct writers;
struct person_scan;
struct audit_walk;

struct corrupt_row {
    sync::tenant_key tenant = 0;
    std::string_view table; // a literal
    std::int64_t row = 0;
};

struct stored_tenant {
    sync::tenant_record record;
    sync::tenant_progress progress;
    sync::tenant_state_sets sets;
    std::vector<directory::team> teams;
    std::vector<directory::team_member> members;
};

// Everything that load() reads before the users, in the order of the tenants' keys.
struct tenant_block {
    std::vector<stored_tenant> tenants;
    std::vector<corrupt_row> corrupt;
};

// A piece of the users, in the order of (tenant, uid), and the invitations of all tenants whose
// last user is in it or before it. Its objects and their texts are used again for the next piece,
// so that a load of a million users allocates for a few thousand.
struct person_block {
    struct slice {
        sync::tenant_key tenant = 0;
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    std::vector<directory::user_data> users; // the first `used` count
    std::size_t used = 0;
    std::vector<slice> user_slices;
    std::vector<sync::invitation> invitations;
    std::vector<slice> invitation_slices;
    std::vector<corrupt_row> corrupt;
    bool last = false;
};

// Where the next piece begins: behind this user, and with the invitations of this tenant.
struct person_position {
    sync::tenant_key tenant = 0;
    std::int64_t uid = -1;
    std::int64_t invitations_from = 0;
};

// The receiver has the notices up to this number.
struct delivered_notices {
    std::uint64_t number = 0;
};

// One caller's write; progress of tenants that are gone is passed over.
using write_work = std::variant<sync::commit_batch, std::vector<sync::tenant_progress>,
                                delivered_notices, sync::hint_batch>;

// How many rows a write touches, about: what group commit is measured in.
[[nodiscard]] std::size_t rows_of(const write_work& work) noexcept;

struct group_write {
    const write_work* work = nullptr;
    errc code = errc::ok;
};

class database {
  public:
    [[nodiscard]] static outcome<std::unique_ptr<database>> open(const sqlite_options& options);
    // Empties the WAL into the file, unless an I/O error has left its state unknown.
    ~database();
    database(const database&) = delete;
    database& operator=(const database&) = delete;

    // One transaction for all; where one of them is to blame for a failure, one for each.
    void write(std::span<group_write> group);
    // Moves the WAL into the file if it has grown enough. `idle`: nobody waits for a write.
    void checkpoint_if_due(bool idle);

    [[nodiscard]] errc read_tenants(tenant_block& into);
    // Fills `into` with up to `users_max` users behind `from`, and moves `from`.
    [[nodiscard]] errc read_people(person_block& into, person_position& from,
                                   std::size_t users_max);
    [[nodiscard]] result<std::vector<sync::run_record>> runs(sync::tenant_key tenant,
                                                             std::uint64_t before,
                                                             std::size_t limit);
    [[nodiscard]] result<sync::run_record> run(sync::tenant_key tenant, std::uint64_t id);
    [[nodiscard]] result<std::vector<sync::audit_entry>> audit(sync::tenant_key tenant,
                                                               const sync::audit_query& what);
    // Goes on with a walk along a tenant's chain.
    [[nodiscard]] errc walk(audit_walk& at, std::size_t entries_max);
    [[nodiscard]] result<sync::stored_snapshot> snapshot(sync::tenant_key tenant);
    [[nodiscard]] result<std::vector<sync::notice>> notices(std::size_t limit);
    // The highest number ever given; `name` as in the table counters.
    [[nodiscard]] result<std::int64_t> counter(std::string_view name);

    [[nodiscard]] errc backup(const std::string& path);
    [[nodiscard]] result<std::vector<std::string>> verify();
    [[nodiscard]] const sync::store_health& health() const noexcept { return health_; }

  private:
    database(const sqlite_options& options, data_dir place);
    [[nodiscard]] std::optional<failure> prepare();
    [[nodiscard]] std::optional<failure> migrate();
    [[nodiscard]] failure open_failure() const;
    [[nodiscard]] errc transact(std::span<const group_write> group);
    void apply(const write_work& work);
    void apply(const sync::commit_batch& batch);
    void apply(sync::tenant_key tenant, const sync::outcome_of_steps& what);
    void forget(const sync::commit_batch& batch);
    void checkpoint(int mode);
    // Ends a piece of work: what its error means for the store as a whole, and the code for the
    // caller.
    [[nodiscard]] errc settle();
    void note_full();
    void measure();

    const sqlite_options options_;
    data_dir place_; // before the connection: the lock is given up last
    ballast ballast_;
    connection connection_;
    std::unique_ptr<writers> writers_;
    std::unique_ptr<person_scan> scan_; // while they are read
    std::size_t wal_pages_ = 0;
    sync::store_health health_;
};

} // namespace rollcall::storage
