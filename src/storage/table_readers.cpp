#include "tables.hpp"
#include "vocabulary.hpp"

namespace rollcall::storage {
namespace {

wall_time read_time(row_reader& row) {
    return from_unix_ms(row.integer());
}

bool read_optional_date(row_reader& row, date& into) {
    const auto text = row.text_or_null();
    if (text) return read_date(*text, into);
    into = date{};
    return true;
}

} // namespace

// All columns are read even after one was found wrong, because the key of a corrupt row is
// reported; that is what the bitwise operators are for.

bool read_tenant(row_reader& row, sync::tenant_record& into) {
    into.key = row.integer_as<sync::tenant_key>();
    into.name = row.text();
    into.settings = row.text();
    const auto sealed = row.blob();
    into.sealed_api_key.assign(sealed.begin(), sealed.end());
    into.next_uid = row.integer_as<std::uint32_t>();
    into.next_team = row.integer_as<std::uint32_t>();
    into.imported = row.integer() != 0;
    into.live = row.integer() != 0;
    into.erasure_salt = row.blob();
    const bool known = read_word(row.text(), into.stopped);
    into.stopped_detail = row.text();
    into.created = read_time(row);
    return row.finish() && known;
}

bool read_progress(row_reader& row, sync::tenant_progress& into) {
    into.key = row.integer_as<sync::tenant_key>();
    into.last_success = read_time(row);
    into.last_attempt = read_time(row);
    into.failures = row.integer_as<std::uint32_t>();
    const bool known = read_word(row.text(), into.last_error);
    into.last_detail = row.text();
    into.sweeps = row.integer_as<std::uint64_t>();
    into.gate = row.text();
    into.breakers = row.text();
    return row.finish() && known;
}

bool read_user(row_reader& row, std::int64_t& tenant, std::int64_t& uid,
               directory::user_data& into) {
    tenant = row.integer();
    uid = row.integer();
    into.meta.uid = static_cast<std::uint32_t>(uid);
    for (auto& text : into.text) text = row.text();
    bool known = read_optional_date(row, into.start_date);
    known &= read_optional_date(row, into.leaving_date);
    known &= read_word(row.text(), into.meta.state);
    into.meta.created_by_us = row.integer() != 0;
    into.meta.deactivated_by_us = row.integer() != 0;
    into.meta.managed = row.integer() != 0;
    into.meta.missing = row.integer_as<std::uint8_t>();
    known &= read_word(row.text(), into.meta.role);
    into.meta.manager = row.integer_as<std::uint32_t>();
    known &= read_ownership(row.text(), into.meta.ownership);
    into.meta.fingerprint = row.integer_as<std::uint64_t>();
    return row.finish() && known;
}

bool read_run(row_reader& row, sync::run_record& into, audit_writer::range& entries) {
    into.tenant = row.integer_as<sync::tenant_key>();
    into.id = row.integer_as<std::uint64_t>();
    bool known = read_word(row.text(), into.cause);
    known &= read_word(row.text(), into.result);
    known &= read_word(row.text(), into.code);
    into.detail = row.text();
    into.employee_id = row.text();
    into.started = read_time(row);
    into.finished = read_time(row);
    auto& counts = into.counts;
    for (auto* count :
         {&counts.rows, &counts.in_scope, &counts.unchanged, &counts.created, &counts.updated,
          &counts.relinked, &counts.deactivated, &counts.reactivated, &counts.unmanaged,
          &counts.rejected, &counts.missing, &counts.left_before_first_seen, &counts.held,
          &counts.dropped, &counts.invited}) {
        *count = row.integer_as<std::uint32_t>();
    }
    entries.first = row.integer();
    entries.last = row.integer();
    return row.finish() && known;
}

bool read_issue(row_reader& row, row_key key, sync::issue& into) {
    for (auto& part : key) part = row.integer();
    const bool known = read_word(row.text(), into.kind);
    into.external_id = row.text();
    into.other_external_id = row.text();
    into.field = row.text();
    into.rule = row.text();
    return row.finish() && known;
}

} // namespace rollcall::storage
