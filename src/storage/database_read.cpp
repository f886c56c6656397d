// What the database reads: everything at start, and single runs for a person who asks.
#include <array>
#include <limits>

#include "database.hpp"
#include "tables.hpp"

namespace rollcall::storage {

namespace {

constexpr std::string_view runs_sql =
    "SELECT * FROM runs WHERE tenant = ? AND run < ? ORDER BY run DESC LIMIT ?";

// Reads a table that has at most a few rows for each tenant beside the tenants, which are sorted.
class by_tenant {
  public:
    explicit by_tenant(std::vector<stored_tenant>& tenants) : tenants_(tenants) {}
    // The tenant of that key, for keys that never fall; null if there is none.
    stored_tenant* find(std::int64_t key) {
        while (at_ < tenants_.size() && tenants_[at_].record.key < key) ++at_;
        return at_ < tenants_.size() && tenants_[at_].record.key == key ? &tenants_[at_] : nullptr;
    }

  private:
    std::vector<stored_tenant>& tenants_;
    std::size_t at_ = 0;
};

// Appends users until the statement or the block's room ends.
void append_users(row_reader& row, user_block& into, user_position& from, std::size_t users_max) {
    while (into.used < users_max && row.next()) {
        std::int64_t tenant = 0;
        std::int64_t uid = 0;
        const bool intact = read_user(row, tenant, uid, into.users[into.used]);
        from = {static_cast<sync::tenant_key>(tenant), uid};
        if (!intact) {
            into.corrupt.push_back({from.tenant, "users", uid});
            continue;
        }
        if (into.slices.empty() || into.slices.back().tenant != from.tenant) {
            into.slices.push_back({from.tenant, into.used, into.used});
        }
        into.slices.back().end = ++into.used;
    }
    row.query().reset();
}

template <class Read, class Record>
bool read_all_of_run(row_reader& row, const sync::run_record& run, Read read,
                     std::vector<Record>& into) {
    row.query().bind(1, run.tenant);
    row.query().bind(2, static_cast<std::int64_t>(run.id));
    bool intact = true;
    while (row.next()) intact &= read(row, into.emplace_back());
    return intact;
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
    by_tenant owner_of_progress(into.tenants);
    while (progress.next()) {
        sync::tenant_progress one;
        const bool intact = read_progress(progress, one);
        auto* owner = owner_of_progress.find(one.key);
        if (!intact) {
            into.corrupt.push_back({one.key, "progress", one.key});
        } else if (owner != nullptr) {
            owner->progress = std::move(one);
        }
    }

    row_reader issue(connection_, "issues", "SELECT * FROM issues ORDER BY tenant, position");
    by_tenant owner_of_issue(into.tenants);
    while (issue.next()) {
        std::array<std::int64_t, 2> key{};
        sync::issue one;
        const bool intact = read_issue(issue, key, one);
        auto* owner = owner_of_issue.find(key[0]);
        if (!intact) {
            into.corrupt.push_back({static_cast<sync::tenant_key>(key[0]), "issues", key[1]});
        } else if (owner != nullptr) {
            owner->issues.push_back(std::move(one));
        }
    }
    health_.corrupt_rows = into.corrupt.size();
    const auto damaged = connection_.code() == errc::corrupt;
    const auto code = settle();
    return damaged ? errc::corrupt : code;
}

errc database::read_users(user_block& into, user_position& from, std::size_t users_max) {
    into.used = 0;
    into.slices.clear();
    into.corrupt.clear();
    if (into.users.size() < users_max) into.users.resize(users_max);

    // Begun anew for each piece, which costs one descent in the tree: nothing is in progress
    // between pieces, so commits and checkpoints may come between them.
    if (scan_ == nullptr) scan_ = std::make_unique<user_scan>(connection_);
    auto& rest = scan_->rest_of_tenant;
    rest.query().bind(1, from.tenant);
    rest.query().bind(2, from.uid);
    append_users(rest, into, from, users_max);
    auto& later = scan_->later_tenants;
    later.query().bind(1, from.tenant);
    append_users(later, into, from, users_max);
    into.last = into.used < users_max;
    if (into.last) scan_.reset();
    health_.corrupt_rows += into.corrupt.size();
    const auto damaged = connection_.code() == errc::corrupt;
    const auto code = settle();
    return damaged ? errc::corrupt : code;
}

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
        if (read_run(row, one)) {
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
    const bool exists = row.next();
    bool intact = exists && read_run(row, found);
    if (exists) {
        row_reader change(connection_, "changes",
                          "SELECT * FROM changes WHERE tenant = ? AND run = ? ORDER BY position");
        intact &= read_all_of_run(change, found, read_change, found.changes);
        row_reader issue(connection_, "run_issues",
                         "SELECT * FROM run_issues WHERE tenant = ? AND run = ? ORDER BY position");
        const auto read = [](row_reader& from, sync::issue& into) {
            std::array<std::int64_t, 3> key{};
            return read_issue(from, key, into);
        };
        intact &= read_all_of_run(issue, found, read, found.issues);
    }
    if (const auto code = settle(); code != errc::ok) return code;
    if (!exists) return errc::not_found;
    if (!intact) return errc::corrupt;
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
