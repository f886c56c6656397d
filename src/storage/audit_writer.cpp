#include <algorithm>

#include "audit_log.hpp"
#include "vocabulary.hpp"

namespace rollcall::storage {
namespace {

std::span<const unsigned char> bytes_of(std::string_view text) noexcept {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

bool read_bytes(std::string_view blob, std::span<unsigned char> into) noexcept {
    if (blob.size() != into.size()) return false;
    std::ranges::copy(bytes_of(blob), into.begin());
    return true;
}

} // namespace

key_reader::found key_reader::find(sync::tenant_key tenant, std::uint32_t uid, person_key& into) {
    row_.query().bind(1, tenant);
    row_.query().bind(2, uid);
    auto what = found::none;
    if (row_.next()) {
        (void)row_.integer();
        (void)row_.integer();
        const bool whole = read_bytes(row_.blob(), into);
        what = row_.finish() && whole ? found::key : found::damaged;
    }
    row_.query().reset();
    return what;
}

// An entry that is in the way of the next one was not written by this program: the chain goes over
// it. A damaged audit must not keep the tenant from being synced; verify_audit tells of it.
audit_writer::audit_writer(connection& on)
    : put_entry_(on, "INSERT OR REPLACE INTO audit VALUES (?,?,?,?,?,?,?,?,?,?)"),
      last_entry_(on,
                  "SELECT number, hash FROM audit WHERE tenant = ? ORDER BY number DESC LIMIT 1"),
      read_head_(on, "audit_heads", "SELECT * FROM audit_heads WHERE tenant = ?"),
      put_head_(on, "audit_heads", "INSERT OR REPLACE INTO audit_heads VALUES (?,?,?,?)"),
      keys_(on),
      put_key_(on, "person_keys", "INSERT OR REPLACE INTO person_keys VALUES (?,?,?,?)"),
      drop_key_(on, "DELETE FROM person_keys WHERE tenant = ? AND uid = ?") {}

audit_writer::range audit_writer::append(const sync::run_record& run) {
    if (run.steps.empty()) return {};
    auto at = head_of(run.tenant);
    const auto first = at.number + 1;
    for (const auto& what : run.steps) append(at, run, what);
    put_head_.begin().integer(run.tenant).integer(at.number).blob(at.hash).finish();
    return {first, at.number};
}

// The head's own row; where that is missing or damaged, the last entry.
audit_writer::head audit_writer::head_of(sync::tenant_key tenant) {
    head found;
    read_head_.query().bind(1, tenant);
    bool sound = false;
    if (read_head_.next()) {
        (void)read_head_.integer();
        found.number = read_head_.integer();
        const bool whole = read_bytes(read_head_.blob(), found.hash);
        sound = read_head_.finish() && whole;
    }
    read_head_.query().reset();
    if (sound) return found;

    found = {};
    last_entry_.bind(1, tenant);
    if (last_entry_.step()) {
        found.number = last_entry_.integer(0);
        if (!read_bytes(last_entry_.blob(1), found.hash)) found.hash = {};
    }
    last_entry_.reset();
    return found;
}

void audit_writer::append(head& after, const sync::run_record& run, const sync::step& what) {
    const bool of_user = sync::subject_of(what.kind) == sync::subject_kind::user;
    audit_columns columns;
    columns.tenant = run.tenant;
    columns.number = after.number + 1;
    columns.run = static_cast<std::int64_t>(run.id);
    columns.cause = word_of(run.cause);
    columns.at_ms = to_unix_ms(run.finished);
    columns.kind = word_of(what.kind);
    columns.uid = of_user ? what.subject : 0;
    columns.team = of_user ? 0 : what.subject;
    const auto key = key_of(run.tenant, of_user ? what.subject : 0);
    const auto sealed = chain_.seal(key, columns, what);
    const auto hash = chain_.hash_of(after.hash, columns, sealed);

    put_entry_.bind(1, columns.tenant);
    put_entry_.bind(2, columns.number);
    put_entry_.bind(3, columns.run);
    put_entry_.bind(4, columns.cause);
    put_entry_.bind(5, columns.at_ms);
    put_entry_.bind(6, columns.kind);
    put_entry_.bind(7, columns.uid);
    put_entry_.bind(8, columns.team);
    put_entry_.bind_blob(9, bytes_of(sealed));
    put_entry_.bind_blob(10, hash);
    put_entry_.run();
    after = {columns.number, hash};
}

// A damaged key opens nothing any more, so a new one may take its place.
person_key audit_writer::key_of(sync::tenant_key tenant, std::uint32_t uid) {
    person_key key;
    if (keys_.find(tenant, uid, key) == key_reader::found::key) return key;
    key = new_person_key();
    put_key_.begin().integer(tenant).integer(uid).blob(key).finish();
    return key;
}

void audit_writer::destroy_key(sync::tenant_key tenant, std::uint32_t uid) {
    drop_key_.bind(1, tenant);
    drop_key_.bind(2, uid);
    drop_key_.run();
}

} // namespace rollcall::storage
