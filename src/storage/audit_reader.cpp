#include <algorithm>
#include <limits>

#include "audit_log.hpp"
#include "vocabulary.hpp"

namespace rollcall::storage {
namespace {

constexpr auto newest = std::numeric_limits<std::int64_t>::max();

std::int64_t number_or_newest(std::uint64_t value) noexcept {
    return value == 0 || value > static_cast<std::uint64_t>(newest)
               ? newest
               : static_cast<std::int64_t>(value);
}

audit_columns columns_of(const statement& row) noexcept {
    audit_columns columns;
    columns.tenant = row.integer(0);
    columns.number = row.integer(1);
    columns.run = row.integer(2);
    columns.cause = row.text(3);
    columns.at_ms = row.integer(4);
    columns.kind = row.text(5);
    columns.uid = row.integer(6);
    columns.team = row.integer(7);
    return columns;
}

audit_hash hash_in(const statement& row) noexcept {
    audit_hash hash{};
    const auto stored = row.blob(9);
    if (stored.size() == hash.size()) std::ranges::copy(stored, hash.begin());
    return hash;
}

void break_at(audit_walk& walk, std::uint64_t number, std::string why) {
    walk.found.broken = number;
    walk.found.detail = std::move(why);
    walk.ended = true;
}

// What the head's own row says against the last entry: a tail that was cut shows here.
void compare_with_head(connection& on, audit_walk& walk) {
    row_reader head(on, "audit_heads", "SELECT * FROM audit_heads WHERE tenant = ?");
    head.query().bind(1, walk.tenant);
    std::uint64_t number = 0;
    audit_hash hash{};
    bool sound = true;
    if (head.next()) {
        (void)head.integer();
        number = head.integer_as<std::uint64_t>();
        const auto stored = head.blob();
        if (stored.size() == hash.size()) std::ranges::copy(stored, hash.begin());
        sound = head.finish();
    }
    const auto entries = walk.found.entries;
    if (!sound) {
        break_at(walk, entries + 1, "the head of the chain does not match its checksum");
    } else if (number > entries) {
        break_at(walk, entries + 1,
                 "the entries " + std::to_string(entries + 1) + " to " + std::to_string(number) +
                     " are missing at the end");
    } else if (number < entries || (entries != 0 && hash != walk.last)) {
        break_at(walk, entries, "the head of the chain is not that of its last entry");
    }
    walk.ended = true;
}

} // namespace

std::string audit_sql(const sync::audit_query& what) {
    // Named, because SQLite thinks a range of the primary key that is closed at both ends cheaper
    // than these, and would walk the whole chain.
    std::string sql = "SELECT * FROM audit";
    if (what.uid) {
        sql += " INDEXED BY audit_of_person";
    } else if (what.run) {
        sql += " INDEXED BY audit_of_run";
    }
    sql += " WHERE tenant = ?1 AND number >= ?2 AND number < ?3";
    if (what.uid) sql += " AND uid = ?4";
    if (what.run) sql += " AND run = ?5";
    return sql + " ORDER BY number" + (what.from == 0 ? " DESC" : "") + " LIMIT ?6";
}

audit_reader::audit_reader(connection& on, sync::tenant_key tenant, const sync::audit_query& what)
    : tenant_(tenant), row_(on, audit_sql(what)), keys_(on) {
    row_.bind(1, tenant);
    row_.bind(2,
              static_cast<std::int64_t>(std::min(what.from, static_cast<std::uint64_t>(newest))));
    row_.bind(3, number_or_newest(what.before));
    if (what.uid) row_.bind(4, *what.uid);
    if (what.run) row_.bind(5, static_cast<std::int64_t>(*what.run));
    row_.bind(6, static_cast<std::int64_t>(std::min(what.limit, static_cast<std::size_t>(newest))));
}

bool audit_reader::next(sync::audit_entry& into) {
    if (!row_.step()) return false;
    const auto columns = columns_of(row_);
    into.number = static_cast<std::uint64_t>(columns.number);
    into.run = static_cast<std::uint64_t>(columns.run);
    into.at = from_unix_ms(columns.at_ms);
    into.hash = hex_of(hash_in(row_));
    into.step.subject = static_cast<std::uint32_t>(columns.uid != 0 ? columns.uid : columns.team);
    const bool known =
        read_word(columns.cause, into.cause) && read_word(columns.kind, into.step.kind);
    state_ = known ? open(columns, row_.blob(8), into.step) : entry_state::damaged;
    into.readable = state_ == entry_state::readable;
    if (!into.readable) {
        into.step.label = state_ == entry_state::erased ? "(erased)" : "(damaged)";
        into.step.changes.clear();
    }
    return true;
}

audit_reader::entry_state audit_reader::open(const audit_columns& columns, std::string_view sealed,
                                             sync::step& into) {
    person_key key;
    switch (keys_.find(tenant_, static_cast<std::uint32_t>(columns.uid), key)) {
        case key_reader::found::none: return entry_state::erased;
        case key_reader::found::damaged: return entry_state::damaged;
        case key_reader::found::key: break;
    }
    return chain_.open(key, columns, sealed, into) ? entry_state::readable : entry_state::damaged;
}

void walk_chain(connection& on, audit_walk& at, std::size_t entries_max) {
    statement row(on,
                  "SELECT * FROM audit WHERE tenant = ? AND number > ? ORDER BY number LIMIT ?");
    row.bind(1, at.tenant);
    // From the very beginning, so that an entry before the first shows as well.
    constexpr auto beginning = std::numeric_limits<std::int64_t>::min();
    row.bind(2, at.found.entries == 0 ? beginning : static_cast<std::int64_t>(at.found.entries));
    row.bind(3, static_cast<std::int64_t>(entries_max));
    audit_chain chain;
    std::size_t read = 0;
    for (; row.step(); ++read) {
        const auto columns = columns_of(row);
        const auto wanted = at.found.entries + 1;
        if (static_cast<std::uint64_t>(columns.number) != wanted) {
            return break_at(
                at, wanted,
                "entry " + std::to_string(wanted) + " is missing, or one is out of its place");
        }
        const auto hash = chain.hash_of(at.last, columns, row.blob(8));
        if (hash != hash_in(row)) {
            return break_at(at, wanted,
                            "entry " + std::to_string(wanted) +
                                " does not follow from the one before: one of the two was changed");
        }
        at.last = hash;
        at.found.entries = wanted;
    }
    if (read < entries_max) compare_with_head(on, at);
}

} // namespace rollcall::storage
