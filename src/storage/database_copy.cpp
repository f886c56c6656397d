// Backup and verification: what walks the whole database.
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "audit_log.hpp"
#include "database.hpp"

namespace rollcall::storage {
namespace {

// All but counters and the audit, whose entries verify_audit checks by their hashes.
constexpr std::array<std::string_view, 23> checksummed_tables{
    "tenants",     "progress",       "users",     "teams",          "team_members", "invitations",
    "holds",       "hold_sections",  "decisions", "rejected_steps", "erased_marks", "invited_marks",
    "snapshots",   "notices",        "runs",      "run_issues",     "issues",       "audit_heads",
    "person_keys", "webhook_tokens", "hints",     "announcements",  "page_memory"};

// How many findings of one kind are listed; more would not tell a person more.
constexpr std::size_t findings_max = 100;
constexpr std::size_t entries_at_once = 1 << 20;

errc errc_of_errno() noexcept {
    switch (errno) {
        case EEXIST: return errc::already_exists;
        case ENOSPC:
        case EDQUOT: return errc::storage_full;
        case EIO: return errc::storage_failed;
        default: return errc::invalid_argument; // the path: no such folder, no permission, …
    }
}

// Makes the finished copy at `from` durable under its name, which must be free.
errc publish(const std::string& from, const std::string& to) {
    {
        const descriptor copy(::open(from.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
        if (!copy || ::fsync(copy.get()) != 0) return errc::storage_failed;
    }
    // Unlike rename(), link() refuses a name that is taken.
    if (::link(from.c_str(), to.c_str()) != 0) return errc_of_errno();
    ::unlink(from.c_str());
    const auto folder = std::filesystem::path(to).parent_path().string();
    return sync_folder(folder.empty() ? "." : folder) ? errc::ok : errc::storage_failed;
}

void verify_table(connection& on, std::string_view table, std::vector<std::string>& findings) {
    statement row(on, "SELECT * FROM " + std::string(table));
    row_checksum sum(table);
    std::size_t wrong = 0;
    while (row.step()) {
        sum.begin();
        const int last = row.columns() - 1;
        for (int column = 0; column < last; ++column) {
            switch (row.type(column)) {
                case SQLITE_INTEGER: sum.integer(row.integer(column)); break;
                case SQLITE_TEXT: sum.text(row.text(column)); break;
                case SQLITE_NULL: sum.null(); break;
                default: sum.blob(row.blob(column)); break;
            }
        }
        if (sum.value() == row.integer(last) || ++wrong > findings_max) continue;
        // The first column is the tenant, and in most tables the second tells its rows apart.
        const bool numbered = row.type(1) == SQLITE_INTEGER;
        findings.push_back(std::string(table) + ": the row of tenant " +
                           std::to_string(row.integer(0)) +
                           (numbered ? ", " + std::to_string(row.integer(1)) + "," : "") +
                           " does not match its checksum");
    }
    if (wrong > findings_max) {
        findings.push_back(std::string(table) + ": " + std::to_string(wrong - findings_max) +
                           " more rows do not match their checksums");
    }
}

void verify_chains(connection& on, std::vector<std::string>& findings) {
    statement tenant(on, "SELECT tenant FROM tenants ORDER BY tenant");
    while (tenant.step()) {
        audit_walk walk;
        walk.tenant = static_cast<sync::tenant_key>(tenant.integer(0));
        while (!walk.ended && on.ok()) walk_chain(on, walk, entries_at_once);
        if (walk.found.broken == 0) continue;
        findings.push_back("audit of tenant " + std::to_string(walk.tenant) + ": " +
                           walk.found.detail);
    }
}

} // namespace

errc database::backup(const std::string& path) {
    if (health_.failed) return errc::storage_failed;
    struct stat about{};
    if (::lstat(path.c_str(), &about) == 0) return errc::already_exists;

    // VACUUM INTO takes an empty file, which lets us choose its mode.
    const std::string partial = path + ".partial";
    ::unlink(partial.c_str()); // of a backup that a crash cut short
    {
        const descriptor file(
            ::open(partial.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!file) return errc_of_errno();
    }
    {
        statement copy(connection_, "VACUUM INTO ?");
        copy.bind(1, partial);
        copy.run();
    }
    errc code = connection_.code();
    connection_.clear();
    if (code == errc::ok) code = publish(partial, path);
    if (code != errc::ok) ::unlink(partial.c_str());
    return code;
}

result<std::vector<std::string>> database::verify() {
    std::vector<std::string> findings;
    {
        statement check(connection_, "PRAGMA integrity_check(100)");
        while (check.step()) {
            if (check.text(0) != "ok") findings.emplace_back(check.text(0));
        }
        statement orphans(connection_, "PRAGMA foreign_key_check");
        std::size_t count = 0;
        while (orphans.step()) ++count;
        if (count != 0) {
            findings.push_back(std::to_string(count) +
                               " rows belong to a tenant or run that is gone");
        }
    }
    for (const auto table : checksummed_tables) verify_table(connection_, table, findings);
    verify_chains(connection_, findings);
    // Damage is a finding here, and does not keep the store from going on as before.
    if (connection_.code() == errc::corrupt) {
        findings.push_back("the walk ended early: " + connection_.text());
        connection_.clear();
    }
    if (const auto code = settle(); code != errc::ok) return code;
    return findings;
}

} // namespace rollcall::storage
