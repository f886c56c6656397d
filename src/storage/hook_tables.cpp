// The tables of webhooks: tokens, hints, and counts of what was announced; and that of pages.
#include <algorithm>

#include "tables.hpp"

namespace rollcall::storage {
namespace {

// They may come after their tenant is gone.
constexpr std::string_view put_hint_sql =
    "INSERT OR REPLACE INTO hints SELECT ?1,?2,?3,?4,?5,?6 "
    "WHERE EXISTS (SELECT 1 FROM tenants WHERE tenant = ?1)";
constexpr std::string_view put_announcements_sql =
    "INSERT OR REPLACE INTO announcements SELECT ?1,?2,?3 "
    "WHERE EXISTS (SELECT 1 FROM tenants WHERE tenant = ?1)";
constexpr std::string_view put_page_memory_sql =
    "INSERT OR REPLACE INTO page_memory SELECT ?1,?2,?3 "
    "WHERE EXISTS (SELECT 1 FROM tenants WHERE tenant = ?1)";

void run_for(statement& what, sync::tenant_key tenant) {
    what.bind(1, tenant);
    what.run();
}

} // namespace

hook_writers::hook_writers(connection& on)
    : tokens_(on, "webhook_tokens", insert_into("INSERT", "webhook_tokens", 5)),
      hints_(on, "hints", put_hint_sql),
      announcements_(on, "announcements", put_announcements_sql),
      drop_hint_(on, "DELETE FROM hints WHERE tenant = ? AND employee_id = ? AND number <= ?"),
      count_strangers_(on, "UPDATE counters SET value = value + ? WHERE name = 'stranger'"),
      clear_tokens_(on, "DELETE FROM webhook_tokens WHERE tenant = ?"),
      clear_hints_(on, "DELETE FROM hints WHERE tenant = ?"),
      clear_announcements_(on, "DELETE FROM announcements WHERE tenant = ?") {}

void hook_writers::put(const sync::hint_batch& what) {
    for (const auto& one : what.add) {
        hints_.begin().integer(one.tenant).text(one.employee_id);
        hints_.integer(static_cast<std::int64_t>(one.number)).integer(to_unix_ms(one.at));
        hints_.integer(static_cast<std::int64_t>(one.action)).finish();
    }
    for (const auto& one : what.done) {
        drop_hint_.bind(1, one.tenant);
        drop_hint_.bind(2, one.employee_id);
        drop_hint_.bind(3, static_cast<std::int64_t>(one.number));
        drop_hint_.run();
    }
    if (what.strangers == 0) return;
    count_strangers_.bind(1, static_cast<std::int64_t>(what.strangers));
    count_strangers_.run();
}

void hook_writers::put_announcements(sync::tenant_key tenant, std::string_view counts) {
    announcements_.begin().integer(tenant).text(counts).finish();
}

void hook_writers::replace(sync::tenant_key tenant, std::span<const sync::webhook_token> tokens) {
    run_for(clear_tokens_, tenant);
    for (const auto& one : tokens) {
        tokens_.begin().integer(tenant).blob(one.mark);
        tokens_.integer(to_unix_ms(one.since)).integer(to_unix_ms(one.until)).finish();
    }
    if (!tokens.empty()) return;
    run_for(clear_hints_, tenant);
    run_for(clear_announcements_, tenant);
}

page_memory_writer::page_memory_writer(connection& on)
    : memories_(on, "page_memory", put_page_memory_sql),
      forget_(on, "DELETE FROM page_memory WHERE tenant = ?") {}

void page_memory_writer::put(sync::tenant_key tenant, std::string_view memory) {
    if (memory.empty()) return run_for(forget_, tenant);
    memories_.begin().integer(tenant).text(memory).finish();
}

// As in table_readers.cpp, all columns are read even after one was found wrong.

bool read_webhook_token(row_reader& row, row_key key, sync::webhook_token& into) {
    key[0] = row.integer();
    const auto mark = row.blob();
    const bool whole = mark.size() == into.mark.size();
    if (whole) std::ranges::copy(mark, into.mark.begin());
    into.since = from_unix_ms(row.integer());
    into.until = from_unix_ms(row.integer());
    return row.finish() && whole;
}

bool read_hint(row_reader& row, row_key key, sync::hint& into) {
    key[0] = row.integer();
    into.tenant = static_cast<sync::tenant_key>(key[0]);
    into.employee_id = row.text();
    into.number = row.integer_as<std::uint64_t>();
    into.at = from_unix_ms(row.integer());
    const auto action = sync::read_webhook_action(row.integer());
    if (action) into.action = *action;
    return row.finish() && action;
}

bool read_tenant_text(row_reader& row, row_key key, std::string& into) {
    key[0] = row.integer();
    into = row.text();
    return row.finish();
}

} // namespace rollcall::storage
