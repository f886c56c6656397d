#include "tables.hpp"
#include "vocabulary.hpp"

namespace rollcall::storage {
namespace {

// Not a REPLACE, which would delete the row first, and with it the tenant's users.
constexpr std::string_view put_tenant_sql =
    "INSERT INTO tenants VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (tenant) DO UPDATE SET "
    "name = excluded.name, settings = excluded.settings, "
    "sealed_api_key = excluded.sealed_api_key, next_uid = excluded.next_uid, "
    "next_team = excluded.next_team, imported = excluded.imported, live = excluded.live, "
    "erasure_salt = excluded.erasure_salt, stopped = excluded.stopped, "
    "stopped_detail = excluded.stopped_detail, created_ms = excluded.created_ms, "
    "checksum = excluded.checksum";

// Progress is written late and may come after its tenant is gone.
constexpr std::string_view put_progress_sql =
    "INSERT OR REPLACE INTO progress SELECT ?1,?2,?3,?4,?5,?6,?7,?8,?9,?10 "
    "WHERE EXISTS (SELECT 1 FROM tenants WHERE tenant = ?1)";

constexpr std::string_view prune_runs_sql =
    "DELETE FROM runs WHERE tenant = ?1 AND run <= "
    "(SELECT run FROM runs WHERE tenant = ?1 ORDER BY run DESC LIMIT 1 OFFSET ?2)";

void put_issue(row_writer& row, const sync::issue& issue) {
    row.text(word_of(issue.kind)).text(issue.external_id).text(issue.other_external_id);
    row.text(issue.field).text(issue.rule).finish();
}

} // namespace

std::string insert_into(std::string_view verb, std::string_view table, int columns) {
    std::string sql(verb);
    sql.append(" INTO ").append(table).append(" VALUES (?");
    for (int i = 1; i < columns; ++i) sql += ",?";
    return sql += ')';
}

run_writer::run_writer(connection& on, mode what)
    : runs_(on, "runs",
            insert_into("INSERT", "runs", 27) + (what == mode::add
                                                     ? ""
                                                     : " ON CONFLICT (tenant, run) DO UPDATE SET "
                                                       "employee_id = excluded.employee_id, "
                                                       "checksum = excluded.checksum")) {}

void run_writer::put(const sync::run_record& run, audit_writer::range entries) {
    const auto& counts = run.counts;
    runs_.begin().integer(run.tenant).integer(static_cast<std::int64_t>(run.id));
    runs_.text(word_of(run.cause)).text(word_of(run.result));
    runs_.text(word_of(run.code)).text(run.detail).text(run.employee_id);
    runs_.integer(to_unix_ms(run.started)).integer(to_unix_ms(run.finished));
    for (const auto count :
         {counts.rows, counts.in_scope, counts.unchanged, counts.created, counts.updated,
          counts.relinked, counts.deactivated, counts.reactivated, counts.unmanaged,
          counts.rejected, counts.missing, counts.left_before_first_seen, counts.held,
          counts.dropped, counts.invited}) {
        runs_.integer(count);
    }
    runs_.integer(entries.first).integer(entries.last).finish();
}

table_writers::table_writers(connection& on)
    : tenants_(on, "tenants", put_tenant_sql),
      progress_(on, "progress", put_progress_sql),
      users_(on, "users", insert_into("INSERT OR REPLACE", "users", 26)),
      runs_(on, run_writer::mode::add),
      run_issues_(on, "run_issues", insert_into("INSERT", "run_issues", 9)),
      issues_(on, "issues", insert_into("INSERT", "issues", 8)),
      erase_user_(on, "DELETE FROM users WHERE tenant = ? AND uid = ?"),
      erase_invitation_(on, "DELETE FROM invitations WHERE tenant = ? AND uid = ?"),
      erase_memberships_(on, "DELETE FROM team_members WHERE tenant = ? AND uid = ?"),
      remove_tenant_(on, "DELETE FROM tenants WHERE tenant = ?"),
      prune_runs_(on, prune_runs_sql),
      clear_issues_(on, "DELETE FROM issues WHERE tenant = ?"),
      raise_counter_(on, "UPDATE counters SET value = ?2 WHERE name = ?1 AND value < ?2") {}

void table_writers::put(const sync::tenant_record& record) {
    tenants_.begin().integer(record.key).text(record.name).text(record.settings);
    tenants_.blob(record.sealed_api_key).integer(record.next_uid).integer(record.next_team);
    tenants_.integer(record.imported).integer(record.live).blob(record.erasure_salt);
    tenants_.text(word_of(record.stopped)).text(record.stopped_detail);
    tenants_.integer(to_unix_ms(record.created)).finish();
    raise_counter("tenant", record.key);
}

void table_writers::put(const sync::tenant_progress& progress) {
    progress_.begin().integer(progress.key).integer(to_unix_ms(progress.last_success));
    progress_.integer(to_unix_ms(progress.last_attempt)).integer(progress.failures);
    progress_.text(word_of(progress.last_error)).text(progress.last_detail);
    progress_.integer(static_cast<std::int64_t>(progress.sweeps)).text(progress.gate);
    progress_.text(progress.breakers).finish();
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
    users_.integer(meta.managed).integer(meta.missing).text(word_of(meta.role));
    users_.integer(meta.manager).text(owners);
    users_.integer(static_cast<std::int64_t>(meta.fingerprint)).finish();
}

void table_writers::erase_user(sync::tenant_key tenant, std::uint32_t uid) {
    for (auto* each : {&erase_user_, &erase_invitation_, &erase_memberships_}) {
        each->bind(1, tenant);
        each->bind(2, uid);
        each->run();
    }
}

void table_writers::remove_tenant(sync::tenant_key tenant) {
    remove_tenant_.bind(1, tenant);
    remove_tenant_.run();
}

void table_writers::add(const sync::run_record& run, audit_writer::range entries,
                        std::size_t kept) {
    const auto tenant = run.tenant;
    const auto id = static_cast<std::int64_t>(run.id);
    runs_.put(run, entries);
    std::int64_t position = 0;
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
