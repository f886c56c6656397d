// What the database reads at start: everything that the tenants decide by.
#include <array>

#include "database.hpp"
#include "tables.hpp"

namespace rollcall::storage {
namespace {

// Reads a table that belongs to the tenants into them, row by row, in the order of their keys.
// `take(tenant, record)` is told of the intact ones.
template <class Record, std::size_t KeySize = 2>
void read_into(connection& on, std::string_view table, tenant_block& into,
               bool (*read)(row_reader&, row_key, Record&), auto take) {
    row_reader row(on, table, "SELECT * FROM " + std::string(table) + " ORDER BY tenant, 2");
    auto owner = into.tenants.begin();
    while (row.next()) {
        std::array<std::int64_t, KeySize> key{};
        Record one;
        const bool intact = read(row, key, one);
        const auto tenant = static_cast<sync::tenant_key>(key[0]);
        if (!intact) {
            into.corrupt.push_back({tenant, table, key.back()});
            continue;
        }
        while (owner != into.tenants.end() && owner->record.key < tenant) ++owner;
        // The rows of a tenant whose own row is corrupt are left out with it.
        const bool known = owner != into.tenants.end() && owner->record.key == tenant;
        if (known) take(*owner, std::move(one));
    }
}

void read_books(connection& on, tenant_block& into) {
    read_into<sync::issue>(on, "issues", into, read_issue, [](stored_tenant& of, sync::issue one) {
        of.sets.issues.push_back(std::move(one));
    });
    read_into<directory::team>(
        on, "teams", into, read_team,
        [](stored_tenant& of, directory::team one) { of.teams.push_back(std::move(one)); });
    read_into<directory::team_member>(
        on, "team_members", into, read_member,
        [](stored_tenant& of, directory::team_member one) { of.members.push_back(one); });
    read_into<sync::hold, 1>(on, "holds", into, read_hold, [](stored_tenant& of, sync::hold one) {
        of.sets.held = std::move(one);
    });
    read_into<sync::held_section>(on, "hold_sections", into, read_section,
                                  [](stored_tenant& of, sync::held_section one) {
                                      of.sets.held.sections.push_back(std::move(one));
                                  });
    read_into<sync::step_digest>(
        on, "rejected_steps", into, read_rejected,
        [](stored_tenant& of, sync::step_digest one) { of.sets.rejected.push_back(one); });
    read_into<sync::decision>(
        on, "decisions", into, read_decision,
        [](stored_tenant& of, sync::decision one) { of.sets.decisions.push_back(std::move(one)); });
    read_into<sync::erased_mark, 1>(
        on, "erased_marks", into, read_mark,
        [](stored_tenant& of, sync::erased_mark one) { of.sets.erased.push_back(one); });
}

// Appends rows to `records` until the statement or the block's room ends.
template <class Record>
void append_rows(row_reader& row, std::string_view table, std::vector<Record>& records,
                 bool (*read)(row_reader&, std::int64_t&, std::int64_t&, Record&),
                 person_block& into, person_position& from) {
    while (into.used < records.size() && row.next()) {
        std::int64_t tenant = 0;
        std::int64_t uid = 0;
        const bool intact = read(row, tenant, uid, records[into.used]);
        from.tenant = static_cast<sync::tenant_key>(tenant);
        from.uid = uid;
        if (!intact) {
            into.corrupt.push_back({from.tenant, table, uid});
            continue;
        }
        if (into.slices.empty() || into.slices.back().tenant != from.tenant) {
            into.slices.push_back({from.tenant, into.used, into.used});
        }
        into.slices.back().end = ++into.used;
    }
    row.query().reset();
}

// Begun anew for each piece, which costs one descent in the tree: nothing is in progress between
// pieces, so commits and checkpoints may come between them.
template <class Record>
void fill_block(person_scan& scan, std::string_view table, std::vector<Record>& records,
                bool (*read)(row_reader&, std::int64_t&, std::int64_t&, Record&),
                person_block& into, person_position& from) {
    auto& rest = scan.rest_of_tenant;
    rest.query().bind(1, from.tenant);
    rest.query().bind(2, from.uid);
    append_rows(rest, table, records, read, into, from);
    auto& later = scan.later_tenants;
    later.query().bind(1, from.tenant);
    append_rows(later, table, records, read, into, from);
}

} // namespace

person_scan::person_scan(connection& on, std::string_view table)
    : rest_of_tenant(
          on, table,
          "SELECT * FROM " + std::string(table) + " WHERE tenant = ? AND uid > ? ORDER BY uid"),
      later_tenants(
          on, table,
          "SELECT * FROM " + std::string(table) + " WHERE tenant > ? ORDER BY tenant, uid") {}

errc database::read_tenants(tenant_block& into) {
    row_reader tenant(connection_, "tenants", "SELECT * FROM tenants ORDER BY tenant");
    while (tenant.next()) {
        stored_tenant one;
        if (read_tenant(tenant, one.record)) {
            one.progress.key = one.record.key;
            into.tenants.push_back(std::move(one));
        } else {
            into.corrupt.push_back({one.record.key, "tenants", one.record.key});
        }
    }

    row_reader progress(connection_, "progress", "SELECT * FROM progress ORDER BY tenant");
    auto owner = into.tenants.begin();
    while (progress.next()) {
        sync::tenant_progress one;
        if (!read_progress(progress, one)) {
            into.corrupt.push_back({one.key, "progress", one.key});
            continue;
        }
        while (owner != into.tenants.end() && owner->record.key < one.key) ++owner;
        const bool known = owner != into.tenants.end() && owner->record.key == one.key;
        if (known) owner->progress = std::move(one);
    }

    read_books(connection_, into);
    health_.corrupt_rows = into.corrupt.size();
    const auto damaged = connection_.code() == errc::corrupt;
    const auto code = settle();
    return damaged ? errc::corrupt : code;
}

errc database::read_people(person_block& into, person_position& from, std::size_t rows_max) {
    into.used = 0;
    into.slices.clear();
    into.corrupt.clear();
    into.of_users = from.of_users;
    const std::string_view table = from.of_users ? "users" : "invitations";
    if (scan_ == nullptr) scan_ = std::make_unique<person_scan>(connection_, table);
    if (from.of_users) {
        if (into.users.size() < rows_max) into.users.resize(rows_max);
        fill_block(*scan_, table, into.users, read_user, into, from);
    } else {
        if (into.invitations.size() < rows_max) into.invitations.resize(rows_max);
        fill_block(*scan_, table, into.invitations, read_invitation, into, from);
    }
    const bool last_of_kind = into.used < rows_max;
    into.last = last_of_kind && !from.of_users;
    if (last_of_kind) {
        scan_.reset();
        if (from.of_users) from = {.of_users = false, .tenant = 0, .uid = -1};
    }
    health_.corrupt_rows += into.corrupt.size();
    const auto damaged = connection_.code() == errc::corrupt;
    const auto code = settle();
    return damaged ? errc::corrupt : code;
}

} // namespace rollcall::storage
