// What the database reads at start: everything that the tenants decide by.
#include <array>
#include <limits>

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
    read_into<sync::person_mark, 1>(
        on, "erased_marks", into, read_mark,
        [](stored_tenant& of, sync::person_mark one) { of.sets.erased.push_back(one); });
    read_into<sync::person_mark, 1>(
        on, "invited_marks", into, read_mark,
        [](stored_tenant& of, sync::person_mark one) { of.sets.invited.push_back(one); });
}

// A damaged row of these costs a read, a count or a token, but never the tenant: nobody is changed
// by what it says. It is reported by verify(); gives how many there are.
[[nodiscard]] std::size_t read_hooks(connection& on, tenant_block& into) {
    const auto reported = into.corrupt.size();
    read_into<sync::webhook_token, 1>(
        on, "webhook_tokens", into, read_webhook_token,
        [](stored_tenant& of, sync::webhook_token one) { of.sets.webhook_tokens.push_back(one); });
    read_into<sync::hint, 1>(on, "hints", into, read_hint, [](stored_tenant& of, sync::hint one) {
        of.sets.hints.push_back(std::move(one));
    });
    read_into<std::string, 1>(
        on, "announcements", into, read_tenant_text,
        [](stored_tenant& of, std::string one) { of.progress.announced = std::move(one); });
    read_into<std::string, 1>(
        on, "page_memory", into, read_tenant_text,
        [](stored_tenant& of, std::string one) { of.progress.paging = std::move(one); });
    const auto damaged = into.corrupt.size() - reported;
    into.corrupt.resize(reported);
    return damaged;
}

void extend(std::vector<person_block::slice>& slices, sync::tenant_key tenant, std::size_t row) {
    if (slices.empty() || slices.back().tenant != tenant) slices.push_back({tenant, row, row});
    slices.back().end = row + 1;
}

// Appends users until the statement or the block's room ends.
void append_users(row_reader& row, person_block& into, person_position& from,
                  std::size_t users_max) {
    while (into.used < users_max && row.next()) {
        std::int64_t tenant = 0;
        const bool intact = read_user(row, tenant, from.uid, into.users[into.used]);
        from.tenant = static_cast<sync::tenant_key>(tenant);
        if (intact) {
            extend(into.user_slices, from.tenant, into.used++);
        } else {
            into.corrupt.push_back({from.tenant, "users", from.uid});
        }
    }
    row.query().reset();
}

// Those of the tenants from `from` to before `to`: as many as these have users, about.
void read_invitations(row_reader& row, person_block& into, std::int64_t from, std::int64_t to) {
    row.query().bind(1, from);
    row.query().bind(2, to);
    while (row.next()) {
        std::int64_t tenant = 0;
        std::int64_t uid = 0;
        sync::invitation one;
        const bool intact = read_invitation(row, tenant, uid, one);
        const auto key = static_cast<sync::tenant_key>(tenant);
        if (intact) {
            extend(into.invitation_slices, key, into.invitations.size());
            into.invitations.push_back(one);
        } else {
            into.corrupt.push_back({key, "invitations", uid});
        }
    }
    row.query().reset();
}

} // namespace

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
    const auto damaged_hooks = read_hooks(connection_, into);
    health_.corrupt_rows = into.corrupt.size() + damaged_hooks;
    const auto damaged = connection_.code() == errc::corrupt;
    const auto code = settle();
    return damaged ? errc::corrupt : code;
}

errc database::read_people(person_block& into, person_position& from, std::size_t users_max) {
    into.used = 0;
    into.user_slices.clear();
    into.invitations.clear();
    into.invitation_slices.clear();
    into.corrupt.clear();
    if (into.users.size() < users_max) into.users.resize(users_max);

    // Begun anew for each piece, which costs one descent in the tree: nothing is in progress
    // between pieces, so commits and checkpoints may come between them.
    if (scan_ == nullptr) scan_ = std::make_unique<person_scan>(connection_);
    auto& rest = scan_->rest_of_tenant;
    rest.query().bind(1, from.tenant);
    rest.query().bind(2, from.uid);
    append_users(rest, into, from, users_max);
    auto& later = scan_->later_tenants;
    later.query().bind(1, from.tenant);
    append_users(later, into, from, users_max);
    into.last = into.used < users_max;

    constexpr auto all = std::numeric_limits<std::int64_t>::max();
    const std::int64_t complete = into.last ? all : from.tenant;
    read_invitations(scan_->invitations, into, from.invitations_from, complete);
    from.invitations_from = complete;

    if (into.last) scan_.reset();
    health_.corrupt_rows += into.corrupt.size();
    const auto damaged = connection_.code() == errc::corrupt;
    const auto code = settle();
    return damaged ? errc::corrupt : code;
}

} // namespace rollcall::storage
