// The tables as C++ records: how each is written and read. The columns are explained in schema.sql.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "database.hpp"
#include "row.hpp"

namespace rollcall::storage {

// All statements that write, prepared once.
class table_writers {
  public:
    explicit table_writers(connection& on);

    void put(const sync::tenant_record& record);
    void put(const sync::tenant_progress& progress);
    void put(sync::tenant_key tenant, const directory::user_data& user);
    void erase_user(sync::tenant_key tenant, std::uint32_t uid);
    // With all that belongs to it.
    void remove_tenant(sync::tenant_key tenant);
    // Adds the run with its changes and issues, and drops the tenant's oldest beyond `kept`.
    void add(const sync::run_record& run, std::size_t kept);
    void replace_issues(sync::tenant_key tenant, std::span<const sync::issue> issues);

  private:
    void raise_counter(std::string_view name, std::uint64_t value);

    row_writer tenants_;
    row_writer progress_;
    row_writer users_;
    row_writer runs_;
    row_writer changes_;
    row_writer run_issues_;
    row_writer issues_;
    statement erase_user_;
    statement remove_tenant_;
    statement prune_runs_;
    statement clear_issues_;
    statement raise_counter_;
};

// The users in the order of (tenant, uid), behind a row. Two statements where one with (tenant,
// uid) > (?, ?) would do: SQLite would compare that again in every row.
struct user_scan {
    explicit user_scan(connection& on)
        : rest_of_tenant(on, "users",
                         "SELECT * FROM users WHERE tenant = ? AND uid > ? ORDER BY uid"),
          later_tenants(on, "users", "SELECT * FROM users WHERE tenant > ? ORDER BY tenant, uid") {}
    row_reader rest_of_tenant;
    row_reader later_tenants;
};

// Each reads the row at hand of a `SELECT *`. False: the row is not what was written; the key
// columns are set all the same, as far as they can be believed.
[[nodiscard]] bool read_tenant(row_reader& row, sync::tenant_record& into);
[[nodiscard]] bool read_progress(row_reader& row, sync::tenant_progress& into);
[[nodiscard]] bool read_user(row_reader& row, std::int64_t& tenant, std::int64_t& uid,
                             directory::user_data& into);
[[nodiscard]] bool read_run(row_reader& row, sync::run_record& into);
[[nodiscard]] bool read_change(row_reader& row, sync::change& into);
// `key` takes the columns before `kind`: (tenant, position) or (tenant, run, position).
[[nodiscard]] bool read_issue(row_reader& row, std::span<std::int64_t> key, sync::issue& into);

} // namespace rollcall::storage
