// The erasing of a person on request, outside the directory's own rows. What is taken out must be
// gone also where a row is damaged: such a row goes whole.
#include "tables.hpp"
#include "vocabulary.hpp"

namespace rollcall::storage {
namespace {

void run_with(connection& on, std::string_view sql, sync::tenant_key tenant, std::uint32_t uid) {
    statement what(on, sql);
    what.bind(1, tenant);
    what.bind(2, uid);
    what.run();
}

struct found_issue {
    std::array<std::int64_t, 3> key{}; // (tenant, position) or (tenant, run, position)
    sync::issue value;
    bool intact = false;
};

// Blanks the id in the rows of `table`, whose key has `key_size` columns.
void blank_in_issues(connection& on, std::string_view table, std::size_t key_size,
                     sync::tenant_key tenant, std::string_view id) {
    std::vector<found_issue> found;
    row_reader row(on, table,
                   "SELECT * FROM " + std::string(table) +
                       " WHERE tenant = ?1 AND ?2 IN (external_id, other_external_id)");
    row.query().bind(1, tenant);
    row.query().bind(2, id);
    while (row.next()) {
        auto& one = found.emplace_back();
        one.intact = read_issue(row, std::span(one.key).first(key_size), one.value);
    }
    row_writer put(on, table,
                   insert_into("INSERT OR REPLACE", table, static_cast<int>(key_size) + 6));
    statement drop(on, "DELETE FROM " + std::string(table) + " WHERE tenant = ? AND " +
                           (key_size == 3 ? "run = ? AND " : "") + "position = ?");
    for (auto& [key, issue, intact] : found) {
        if (!intact) {
            for (std::size_t i = 0; i < key_size; ++i) drop.bind(static_cast<int>(i) + 1, key[i]);
            drop.run();
            continue;
        }
        for (auto* text : {&issue.external_id, &issue.other_external_id}) {
            if (*text == id) text->clear();
        }
        put.begin();
        for (std::size_t i = 0; i < key_size; ++i) put.integer(key[i]);
        put.text(word_of(issue.kind)).text(issue.external_id).text(issue.other_external_id);
        put.text(issue.field).text(issue.rule).finish();
    }
}

void blank_in_runs(connection& on, sync::tenant_key tenant, std::string_view id) {
    struct found_run {
        sync::run_record value;
        audit_writer::range entries;
        bool intact = false;
    };
    std::vector<found_run> found;
    row_reader row(on, "runs", "SELECT * FROM runs WHERE tenant = ? AND employee_id = ?");
    row.query().bind(1, tenant);
    row.query().bind(2, id);
    while (row.next()) {
        auto& one = found.emplace_back();
        one.intact = read_run(row, one.value, one.entries);
    }
    run_writer put(on, run_writer::mode::blank_employee);
    statement drop(on, "DELETE FROM runs WHERE tenant = ? AND run = ?");
    for (auto& [run, entries, intact] : found) {
        if (intact) {
            run.employee_id.clear();
            put.put(run, entries);
            continue;
        }
        drop.bind(1, tenant);
        drop.bind(2, static_cast<std::int64_t>(run.id));
        drop.run();
    }
}

} // namespace

void forget_person(connection& on, sync::tenant_key tenant, std::uint32_t uid) {
    run_with(on, "DELETE FROM invitations WHERE tenant = ? AND uid = ?", tenant, uid);
    run_with(on, "DELETE FROM notices WHERE tenant = ? AND uid = ?", tenant, uid);
    run_with(on, "DELETE FROM decisions WHERE tenant = ? AND uid = ?", tenant, uid);
}

void forget_external_id(connection& on, sync::tenant_key tenant, std::string_view id) {
    if (id.empty()) return;
    blank_in_runs(on, tenant, id);
    blank_in_issues(on, "run_issues", 3, tenant, id);
    blank_in_issues(on, "issues", 2, tenant, id);
    statement decisions(on, "DELETE FROM decisions WHERE tenant = ? AND external_id = ?");
    decisions.bind(1, tenant);
    decisions.bind(2, id);
    decisions.run();
    statement notices(on, "DELETE FROM notices WHERE tenant = ? AND external_id = ?");
    notices.bind(1, tenant);
    notices.bind(2, id);
    notices.run();
    statement hints(on, "DELETE FROM hints WHERE tenant = ? AND employee_id = ?");
    hints.bind(1, tenant);
    hints.bind(2, id);
    hints.run();
}

} // namespace rollcall::storage
