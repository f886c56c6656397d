// The tables as C++ records: how each is written and read. The columns are explained in schema.sql,
// the audit is in audit_log.hpp.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "audit_log.hpp"
#include "database.hpp"
#include "row.hpp"

namespace rollcall::storage {

// Every '?' of a row_writer's statement is a column, in the order of the table.
[[nodiscard]] std::string insert_into(std::string_view verb, std::string_view table, int columns);

class run_writer {
  public:
    // The second changes the employee's id of a row that is there, and leaves its issues alone.
    enum class mode { add, blank_employee };
    run_writer(connection& on, mode what);
    void put(const sync::run_record& run, audit_writer::range entries);

  private:
    row_writer runs_;
};

// Tenants, how far they are, their users and their runs: all statements that write, prepared once.
class table_writers {
  public:
    explicit table_writers(connection& on);

    void put(const sync::tenant_record& record);
    void put(const sync::tenant_progress& progress);
    void put(sync::tenant_key tenant, const directory::user_data& user);
    // With the invitation and the secondary memberships.
    void erase_user(sync::tenant_key tenant, std::uint32_t uid);
    // With all that belongs to it.
    void remove_tenant(sync::tenant_key tenant);
    // Adds the run with its issues, and drops the tenant's oldest beyond `kept`.
    void add(const sync::run_record& run, audit_writer::range entries, std::size_t kept);
    void replace_issues(sync::tenant_key tenant, std::span<const sync::issue> issues);
    void raise_counter(std::string_view name, std::uint64_t value);

  private:
    row_writer tenants_;
    row_writer progress_;
    row_writer users_;
    run_writer runs_;
    row_writer run_issues_;
    row_writer issues_;
    statement erase_user_;
    statement erase_invitation_;
    statement erase_memberships_;
    statement remove_tenant_;
    statement prune_runs_;
    statement clear_issues_;
    statement raise_counter_;
};

// What else is part of a tenant's books.
class book_writers {
  public:
    explicit book_writers(connection& on);

    void put(sync::tenant_key tenant, const directory::team& team);
    // With its secondary memberships.
    void erase_team(sync::tenant_key tenant, std::uint32_t team);
    void add(sync::tenant_key tenant, directory::team_member member);
    void remove(sync::tenant_key tenant, directory::team_member member);
    void put(sync::tenant_key tenant, const sync::invitation& invitation);
    // Each replaces what is stored; an empty hold is none.
    void replace(sync::tenant_key tenant, const sync::hold& held);
    void replace(sync::tenant_key tenant, std::span<const sync::step_digest> rejected);
    void replace(sync::tenant_key tenant, std::span<const sync::decision> decisions);
    void add_erased(sync::tenant_key tenant, const sync::person_mark& mark);
    void add_invited(sync::tenant_key tenant, const sync::person_mark& mark);

  private:
    row_writer teams_;
    row_writer members_;
    row_writer invitations_;
    row_writer holds_;
    row_writer sections_;
    row_writer rejected_;
    row_writer decisions_;
    row_writer erased_;
    row_writer invited_;
    statement erase_team_;
    statement erase_members_;
    statement erase_member_;
    statement clear_hold_;
    statement clear_rejected_;
    statement clear_decisions_;
};

// Snapshots and notices.
class parcel_writers {
  public:
    explicit parcel_writers(connection& on);

    void put(sync::tenant_key tenant, const sync::stored_snapshot& snapshot);
    void add(const sync::notice& notice);
    // A notice whose row is corrupt stays, and is reported by verify().
    void drop_notices_up_to(std::uint64_t number);

  private:
    row_writer snapshots_;
    row_writer notices_;
    row_reader delivered_;
    statement drop_notice_;
};

// Webhooks: tokens, hints, and what is known of what they announce.
class hook_writers {
  public:
    explicit hook_writers(connection& on);

    // Hints of tenants that are gone are passed over.
    void put(const sync::hint_batch& what);
    void put_announcements(sync::tenant_key tenant, std::string_view counts);
    // Without any token, what belongs to them goes too.
    void replace(sync::tenant_key tenant, std::span<const sync::webhook_token> tokens);

  private:
    row_writer tokens_;
    row_writer hints_;
    row_writer announcements_;
    statement drop_hint_;
    statement count_strangers_;
    statement clear_tokens_;
    statement clear_hints_;
    statement clear_announcements_;
};

// What is known of how a tenant's pages go.
class page_memory_writer {
  public:
    explicit page_memory_writer(connection& on);
    // An empty one is none. Passed over where the tenant is gone.
    void put(sync::tenant_key tenant, std::string_view memory);

  private:
    row_writer memories_;
    statement forget_;
};

// All that write, prepared once for the life of the database.
struct writers {
    explicit writers(connection& on)
        : tables(on), books(on), parcels(on), hooks(on), pages(on), audit(on) {}
    void put(const sync::tenant_progress& progress) {
        tables.put(progress);
        if (!progress.announced.empty()) hooks.put_announcements(progress.key, progress.announced);
        pages.put(progress.key, progress.paging);
    }
    table_writers tables;
    book_writers books;
    parcel_writers parcels;
    hook_writers hooks;
    page_memory_writer pages;
    audit_writer audit;
};

// Takes a person out of all that is kept beside the directory and the audit's own rows.
void forget_person(connection& on, sync::tenant_key tenant, std::uint32_t uid);
void forget_external_id(connection& on, sync::tenant_key tenant, std::string_view id);

// The users in the order of (tenant, uid), behind a row, and the invitations of a range of tenants.
// Two statements for the users where one with (tenant, uid) > (?, ?) would do: SQLite would compare
// that again in every row.
struct person_scan {
    explicit person_scan(connection& on)
        : rest_of_tenant(on, "users",
                         "SELECT * FROM users WHERE tenant = ? AND uid > ? ORDER BY uid"),
          later_tenants(on, "users", "SELECT * FROM users WHERE tenant > ? ORDER BY tenant, uid"),
          invitations(on, "invitations",
                      "SELECT * FROM invitations WHERE tenant >= ? AND tenant < ? "
                      "ORDER BY tenant, uid") {}
    row_reader rest_of_tenant;
    row_reader later_tenants;
    row_reader invitations;
};

// Each reads the row at hand of a `SELECT *`. False: the row is not what was written; the key
// columns are set all the same, as far as they can be believed.
[[nodiscard]] bool read_tenant(row_reader& row, sync::tenant_record& into);
[[nodiscard]] bool read_progress(row_reader& row, sync::tenant_progress& into);
[[nodiscard]] bool read_user(row_reader& row, std::int64_t& tenant, std::int64_t& uid,
                             directory::user_data& into);
[[nodiscard]] bool read_invitation(row_reader& row, std::int64_t& tenant, std::int64_t& uid,
                                   sync::invitation& into);
[[nodiscard]] bool read_run(row_reader& row, sync::run_record& into, audit_writer::range& entries);
[[nodiscard]] bool read_snapshot(row_reader& row, sync::stored_snapshot& into);
[[nodiscard]] bool read_notice(row_reader& row, sync::notice& into);
// `key` takes the columns before the first of the record: (tenant, position) or (tenant, run,
// position); of the others, tenant and what tells the rows of a tenant apart.
using row_key = std::span<std::int64_t>;
[[nodiscard]] bool read_issue(row_reader& row, row_key key, sync::issue& into);
[[nodiscard]] bool read_team(row_reader& row, row_key key, directory::team& into);
[[nodiscard]] bool read_member(row_reader& row, row_key key, directory::team_member& into);
[[nodiscard]] bool read_hold(row_reader& row, row_key key, sync::hold& into);
[[nodiscard]] bool read_section(row_reader& row, row_key key, sync::held_section& into);
[[nodiscard]] bool read_rejected(row_reader& row, row_key key, sync::step_digest& into);
[[nodiscard]] bool read_decision(row_reader& row, row_key key, sync::decision& into);
[[nodiscard]] bool read_mark(row_reader& row, row_key key, sync::person_mark& into);
[[nodiscard]] bool read_webhook_token(row_reader& row, row_key key, sync::webhook_token& into);
[[nodiscard]] bool read_hint(row_reader& row, row_key key, sync::hint& into);
// Of announcements and of page_memory: a text beside its tenant.
[[nodiscard]] bool read_tenant_text(row_reader& row, row_key key, std::string& into);

} // namespace rollcall::storage
