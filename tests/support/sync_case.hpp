// A tenant without I/O: snapshots in, plans out, applied to a directory. The scenarios of the rules
// are written with it.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rollcall/core/check.hpp"
#include "rollcall/core/date.hpp"
#include "rollcall/core/text.hpp"
#include "rollcall/directory/tenant_directory.hpp"
#include "rollcall/sync/planner.hpp"
#include "rollcall/sync/settings.hpp"
#include "rollcall/sync/snapshot.hpp"

namespace rollcall::test {

// An employee as the source has them. Made with the defaults of somebody ordinary.
struct employee {
    explicit employee(std::string employee_id) : id(std::move(employee_id)) {
        email = id + "@example.com";
        last_name = "Of " + id;
    }
    employee& with(sync::source_field f, std::string value) {
        others[static_cast<std::size_t>(f)] = std::move(value);
        return *this;
    }
    employee& mail(std::string v) { return email = std::move(v), *this; }
    employee& dept(std::string v) { return department = std::move(v), *this; }
    employee& left(std::string on = {}) { return status = "3", leaving = std::move(on), *this; }

    std::string id, first_name = "Ann", last_name, email, department = "Works", status = "1",
                    leaving;
    std::array<std::string, sync::source_field_count> others{};
    std::uint32_t wrong_type = 0;

    void fill(sync::source_row& row) const {
        using f = sync::source_field;
        for (std::size_t i = 0; i < others.size(); ++i) row.fields[i] = others[i];
        const auto set = [&](f which, const std::string& v) {
            auto& slot = row.fields[static_cast<std::size_t>(which)];
            if (slot.empty()) slot = v;
        };
        set(f::employee_id, id);
        set(f::first_name, first_name);
        set(f::last_name, last_name);
        set(f::email, email);
        set(f::department, department);
        set(f::status, status);
        set(f::leaving_date, leaving);
        row.wrong_type = wrong_type;
    }
};

class sync_case {
  public:
    explicit sync_case(sync::profile p = sync::profile::learnamp)
        : settings(sync::defaults_of(p)) {}

    // One complete snapshot: planned, applied, and planned again, which must find nothing more to
    // do.
    sync::plan sweep(const std::vector<employee>& people) { return read(people, true); }
    sync::plan read_one(const employee& person) { return read({person}, false); }

    sync::plan plan_only(const std::vector<employee>& people, bool complete = true) {
        sync::snapshot_builder builder(users, settings, today, ++epoch, complete, 4096);
        for (const auto& each : people) {
            sync::source_row row;
            each.fill(row);
            builder.on_row(row);
        }
        last = builder.finish();
        sync::planner planning(users, *last, settings, next_uid);
        while (!planning.advance(3)) {
        }
        return planning.take();
    }

    void apply(const sync::plan& made) {
        std::vector<directory::user_data> changed;
        for (const auto& each : made.steps) changed.push_back(each.after);
        users.put_all(changed);
        users.compact_if_worthwhile();
        next_uid = made.next_uid;
    }

    // An admin's edit: the field is theirs from now on, and the next sweep looks at the user again.
    void manual(std::string_view id, directory::field f, std::string value) {
        auto user = get(id);
        user.text[static_cast<std::size_t>(f)] = std::move(value);
        user.meta.ownership[static_cast<std::size_t>(f)] = directory::owner::manual;
        user.meta.fingerprint = 0;
        users.put(user);
    }
    void admin_deactivates(std::string_view id) {
        auto user = get(id);
        user.meta.state = directory::user_state::inactive;
        user.meta.deactivated_by_us = false;
        users.put(user);
    }

    [[nodiscard]] bool has(std::string_view id) const {
        return users.find_by_id(id) != directory::user_ref::none;
    }
    [[nodiscard]] directory::user_data get(std::string_view id) const {
        const auto ref = users.find_by_id(id);
        ROLLCALL_CHECK(ref != directory::user_ref::none);
        return directory::own(users.values(ref), users.meta(ref));
    }
    [[nodiscard]] std::string text(std::string_view id, directory::field f) const {
        return get(id).get(f);
    }
    [[nodiscard]] bool active(std::string_view id) const {
        return get(id).meta.state == directory::user_state::active;
    }

    sync::tenant_settings settings;
    directory::tenant_directory users;
    date today = *date_from_civil(2026, 6, 15);
    std::uint32_t next_uid = 1;
    std::uint32_t epoch = 0;
    std::unique_ptr<sync::snapshot> last;

  private:
    sync::plan read(const std::vector<employee>& people, bool complete) {
        auto made = plan_only(people, complete);
        apply(made);
        return made;
    }
};

[[nodiscard]] inline bool has_issue(const sync::plan& made, sync::issue_kind kind,
                                    std::string_view id, std::string_view rule = {}) {
    for (const auto& each : made.issues) {
        if (each.kind == kind && each.external_id == id && (rule.empty() || each.rule == rule))
            return true;
    }
    return false;
}

[[nodiscard]] inline std::vector<std::string> kinds_of(const sync::plan& made) {
    std::vector<std::string> out;
    for (const auto& each : made.steps) {
        if (each.changes.empty()) continue;
        out.push_back(std::string(name_of(each.kind)) + " " +
                      each.after.get(directory::field::external_id));
    }
    return out;
}

} // namespace rollcall::test
