// What the database reads for a person who asks: runs, the audit, snapshots; and the outbox.
#include <algorithm>
#include <array>
#include <limits>

#include "database.hpp"
#include "tables.hpp"

namespace rollcall::storage {
namespace {

constexpr std::string_view runs_sql =
    "SELECT * FROM runs WHERE tenant = ? AND run < ? ORDER BY run DESC LIMIT ?";

bool read_issues_of(connection& on, sync::run_record& run) {
    row_reader row(on, "run_issues",
                   "SELECT * FROM run_issues WHERE tenant = ? AND run = ? ORDER BY position");
    row.query().bind(1, run.tenant);
    row.query().bind(2, static_cast<std::int64_t>(run.id));
    bool intact = true;
    std::array<std::int64_t, 3> key{};
    while (row.next()) intact &= read_issue(row, key, run.issues.emplace_back());
    return intact;
}

// The steps of erased people are there, without what they did. False if an entry is damaged or is
// not there.
bool read_steps(connection& on, sync::run_record& run, audit_writer::range entries) {
    if (entries.first == 0) return true;
    sync::audit_query what;
    what.from = static_cast<std::uint64_t>(entries.first);
    what.before = static_cast<std::uint64_t>(entries.last) + 1;
    what.limit = static_cast<std::size_t>(entries.last - entries.first + 1);
    audit_reader row(on, run.tenant, what);
    sync::audit_entry entry;
    while (row.next(entry)) {
        if (row.state() == audit_reader::entry_state::damaged || entry.run != run.id) return false;
        run.steps.push_back(std::move(entry.step));
    }
    return run.steps.size() == what.limit;
}

} // namespace

result<std::vector<sync::run_record>> database::runs(sync::tenant_key tenant, std::uint64_t before,
                                                     std::size_t limit) {
    row_reader row(connection_, "runs", runs_sql);
    constexpr auto newest = std::numeric_limits<std::int64_t>::max();
    row.query().bind(1, tenant);
    row.query().bind(2, before == 0 ? newest : static_cast<std::int64_t>(before));
    row.query().bind(3, static_cast<std::int64_t>(limit));
    std::vector<sync::run_record> found;
    while (row.next()) {
        sync::run_record one;
        audit_writer::range entries;
        if (read_run(row, one, entries)) {
            found.push_back(std::move(one));
        } else {
            ++health_.corrupt_rows;
        }
    }
    if (const auto code = settle(); code != errc::ok) return code;
    return found;
}

result<sync::run_record> database::run(sync::tenant_key tenant, std::uint64_t id) {
    row_reader row(connection_, "runs", "SELECT * FROM runs WHERE tenant = ? AND run = ?");
    row.query().bind(1, tenant);
    row.query().bind(2, static_cast<std::int64_t>(id));
    sync::run_record found;
    audit_writer::range entries;
    const bool exists = row.next();
    bool intact = exists && read_run(row, found, entries);
    if (intact) {
        intact = read_steps(connection_, found, entries);
        intact &= read_issues_of(connection_, found);
    }
    if (const auto code = settle(); code != errc::ok) return code;
    if (!exists) return errc::not_found;
    if (!intact) return errc::corrupt;
    return found;
}

result<std::vector<sync::audit_entry>> database::audit(sync::tenant_key tenant,
                                                       const sync::audit_query& what) {
    std::vector<sync::audit_entry> found;
    {
        audit_reader row(connection_, tenant, what);
        sync::audit_entry one;
        while (row.next(one)) {
            if (row.state() == audit_reader::entry_state::damaged) ++health_.corrupt_rows;
            found.push_back(std::move(one));
        }
    }
    if (const auto code = settle(); code != errc::ok) return code;
    return found;
}

errc database::walk(audit_walk& at, std::size_t entries_max) {
    walk_chain(connection_, at, entries_max);
    if (at.ended && at.found.entries != 0) at.found.head = hex_of(at.last);
    if (at.ended && at.found.broken == 0) {
        // The runs know how long the chain was: one that was cut, or emptied, is not whole.
        statement longest(connection_, "SELECT MAX(last_entry) FROM runs WHERE tenant = ?");
        longest.bind(1, at.tenant);
        const auto known =
            longest.step()
                ? static_cast<std::uint64_t>(std::max<std::int64_t>(0, longest.integer(0)))
                : 0;
        longest.reset();
        if (known > at.found.entries) {
            at.found.broken = at.found.entries + 1;
            at.found.detail =
                "the chain ends before entries that the runs on record have: its end "
                "was cut off";
        }
    }
    return settle();
}

result<sync::stored_snapshot> database::snapshot(sync::tenant_key tenant) {
    row_reader row(connection_, "snapshots", "SELECT * FROM snapshots WHERE tenant = ?");
    row.query().bind(1, tenant);
    sync::stored_snapshot found;
    const bool exists = row.next();
    const bool intact = exists && read_snapshot(row, found);
    row.query().reset();
    if (const auto code = settle(); code != errc::ok) return code;
    if (!exists) return errc::not_found;
    if (!intact) return errc::corrupt;
    return found;
}

result<std::vector<sync::notice>> database::notices(std::size_t limit) {
    std::vector<sync::notice> found;
    {
        row_reader row(connection_, "notices", "SELECT * FROM notices ORDER BY number");
        while (found.size() < limit && row.next()) {
            sync::notice one;
            if (read_notice(row, one)) {
                found.push_back(std::move(one));
            } else {
                ++health_.corrupt_rows;
            }
        }
    }
    if (const auto code = settle(); code != errc::ok) return code;
    return found;
}

result<std::int64_t> database::counter(std::string_view name) {
    statement query(connection_, "SELECT value FROM counters WHERE name = ?");
    query.bind(1, name);
    const std::int64_t value = query.step() ? query.integer(0) : 0;
    query.reset();
    if (const auto code = settle(); code != errc::ok) return code;
    return value;
}

} // namespace rollcall::storage
