#include "tables.hpp"
#include "vocabulary.hpp"

namespace rollcall::storage {
namespace {

// Every '?' of a row_writer's statement is a column, in the order of the table.
std::string insert_into(std::string_view verb, std::string_view table, int columns) {
    std::string sql(verb);
    sql.append(" INTO ").append(table).append(" VALUES (?");
    for (int i = 1; i < columns; ++i) sql += ",?";
    return sql += ')';
}

// Not a REPLACE, which would delete the row first, and with it the tenant's users.
constexpr std::string_view put_tenant_sql =
    "INSERT INTO tenants VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (tenant) DO UPDATE SET "
    "name = excluded.name, settings = excluded.settings, "
    "sealed_api_key = excluded.sealed_api_key, next_uid = excluded.next_uid, "
    "stopped = excluded.stopped, stopped_detail = excluded.stopped_detail, "
    "created_ms = excluded.created_ms, checksum = excluded.checksum";

// Progress is written late and may come after its tenant is gone.
constexpr std::string_view put_progress_sql =
    "INSERT OR REPLACE INTO progress SELECT ?1,?2,?3,?4,?5,?6,?7,?8,?9 "
    "WHERE EXISTS (SELECT 1 FROM tenants WHERE tenant = ?1)";

constexpr std::string_view prune_runs_sql =
    "DELETE FROM runs WHERE tenant = ?1 AND run <= "
    "(SELECT run FROM runs WHERE tenant = ?1 ORDER BY run DESC LIMIT 1 OFFSET ?2)";

void put_issue(row_writer& row, const sync::issue& issue) {
    row.text(word_of(issue.kind)).text(issue.external_id).text(issue.other_external_id);
    row.text(issue.field).text(issue.rule).finish();
}

} // namespace

table_writers::table_writers(connection& on)
    : tenants_(on, "tenants", put_tenant_sql),
      progress_(on, "progress", put_progress_sql),
      users_(on, "users", insert_into("INSERT OR REPLACE", "users", 22)),
      runs_(on, "runs", insert_into("INSERT", "runs", 22)),
      changes_(on, "changes", insert_into("INSERT", "changes", 11)),
      run_issues_(on, "run_issues", insert_into("INSERT", "run_issues", 9)),
      issues_(on, "issues", insert_into("INSERT", "issues", 8)),
      erase_user_(on, "DELETE FROM users WHERE tenant = ? AND uid = ?"),
      remove_tenant_(on, "DELETE FROM tenants WHERE tenant = ?"),
      prune_runs_(on, prune_runs_sql),
      clear_issues_(on, "DELETE FROM issues WHERE tenant = ?"),
      raise_counter_(on, "UPDATE counters SET value = ?2 WHERE name = ?1 AND value < ?2") {}

void table_writers::put(const sync::tenant_record& record) {
    tenants_.begin().integer(record.key).text(record.name).text(record.settings);
    tenants_.blob(record.sealed_api_key).integer(record.next_uid).text(word_of(record.stopped));
    tenants_.text(record.stopped_detail).integer(to_unix_ms(record.created)).finish();
    raise_counter("tenant", record.key);
}

void table_writers::put(const sync::tenant_progress& progress) {
    progress_.begin().integer(progress.key).integer(to_unix_ms(progress.last_success));
    progress_.integer(to_unix_ms(progress.last_attempt)).integer(progress.failures);
    progress_.text(word_of(progress.last_error)).text(progress.last_detail);
    progress_.integer(static_cast<std::int64_t>(progress.sweeps)).text(progress.gate).finish();
}

void table_writers::put(sync::tenant_key tenant, const directory::user_data& user) {
    const auto& meta = user.meta;
    users_.begin().integer(tenant).integer(meta.uid);
    for (const auto& text : user.text) users_.text(text);
    // The parameters borrow their texts until finish().
    const auto start = to_string(user.start_date);
    const auto leaving = to_string(user.leaving_date);
    for (const auto* day : {&start, &leaving}) {
        if (day->empty()) {
            users_.null();
        } else {
            users_.text(*day);
        }
    }
    const auto owners = text_of(meta.ownership);
    users_.text(word_of(meta.state)).integer(meta.created_by_us).integer(meta.deactivated_by_us);
    users_.integer(meta.managed).integer(meta.missing).text(owners);
    users_.integer(static_cast<std::int64_t>(meta.fingerprint)).finish();
}

void table_writers::erase_user(sync::tenant_key tenant, std::uint32_t uid) {
    erase_user_.bind(1, tenant);
    erase_user_.bind(2, uid);
    erase_user_.run();
}

void table_writers::remove_tenant(sync::tenant_key tenant) {
    remove_tenant_.bind(1, tenant);
    remove_tenant_.run();
}

void table_writers::add(const sync::run_record& run, std::size_t kept) {
    const auto tenant = run.tenant;
    const auto id = static_cast<std::int64_t>(run.id);
    const auto& counts = run.counts;
    runs_.begin().integer(tenant).integer(id).text(word_of(run.cause)).text(word_of(run.result));
    runs_.text(word_of(run.code)).text(run.detail).text(run.employee_id);
    runs_.integer(to_unix_ms(run.started)).integer(to_unix_ms(run.finished));
    for (const auto count :
         {counts.rows, counts.in_scope, counts.unchanged, counts.created, counts.updated,
          counts.relinked, counts.deactivated, counts.reactivated, counts.unmanaged,
          counts.rejected, counts.missing, counts.left_before_first_seen}) {
        runs_.integer(count);
    }
    runs_.finish();

    std::int64_t position = 0;
    for (const auto& change : run.changes) {
        changes_.begin().integer(tenant).integer(id).integer(position++).integer(change.uid);
        changes_.text(word_of(change.kind)).text(change.external_id).text(change.field);
        changes_.text(change.old_value).text(change.new_value).text(change.rule).finish();
    }
    position = 0;
    for (const auto& issue : run.issues) {
        put_issue(run_issues_.begin().integer(tenant).integer(id).integer(position++), issue);
    }

    raise_counter("run", run.id);
    prune_runs_.bind(1, tenant);
    prune_runs_.bind(2, static_cast<std::int64_t>(kept));
    prune_runs_.run();
}

void table_writers::replace_issues(sync::tenant_key tenant, std::span<const sync::issue> issues) {
    clear_issues_.bind(1, tenant);
    clear_issues_.run();
    std::int64_t position = 0;
    for (const auto& issue : issues) {
        put_issue(issues_.begin().integer(tenant).integer(position++), issue);
    }
}

void table_writers::raise_counter(std::string_view name, std::uint64_t value) {
    raise_counter_.bind(1, name);
    raise_counter_.bind(2, static_cast<std::int64_t>(value));
    raise_counter_.run();
}

} // namespace rollcall::storage
