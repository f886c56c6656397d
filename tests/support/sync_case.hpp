// A tenant without I/O: snapshots in, plans out, carried out on its books. The scenarios of the
// rules are written with it.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rollcall/core/check.hpp"
#include "rollcall/core/date.hpp"
#include "rollcall/core/text.hpp"
#include "rollcall/directory/tenant_directory.hpp"
#include "rollcall/sync/books.hpp"
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
    employee& reports_to(std::string manager) {
        return with(sync::source_field::reports_to_id, std::move(manager));
    }
    employee& starts(std::string on) { return with(sync::source_field::start_date, std::move(on)); }
    // The values of the tenant's extra fields, in the order of the settings.
    employee& extra(std::vector<std::string> values) { return extras = std::move(values), *this; }
    employee& left(std::string on = {}) { return status = "3", leaving = std::move(on), *this; }

    std::string id, first_name = "Ann", last_name, email, department = "Works", status = "1",
                    leaving;
    std::array<std::string, sync::source_field_count> others{};
    std::vector<std::string> extras;
    std::uint32_t wrong_type = 0;

    // The row's views live as long as this employee, and until it is filled into a row again.
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
        extra_views_.assign(extras.begin(), extras.end());
        row.extra = extra_views_;
    }

  private:
    mutable std::vector<std::string_view> extra_views_;
};

[[nodiscard]] inline std::string words_of(const sync::step& each) {
    std::string out = std::string(name_of(each.kind)) + " " + each.label + ":";
    for (const auto& change : each.changes) {
        out += " " + std::string(name_of(change.what)) + " '" + change.old_value + "' -> '" +
               change.new_value + "' (" + change.rule + ")";
    }
    return out;
}

class sync_case {
  public:
    explicit sync_case(sync::profile p = sync::profile::learnamp) : settings(sync::defaults_of(p)) {
        of.live = true;
    }
    sync_case(const sync_case&) = delete;

    // One complete snapshot: planned and applied. The same snapshot planned again finds nothing
    // more to do, unless `settles` says that this case is one of the exceptions.
    sync::plan sweep(const std::vector<employee>& people) {
        auto made = plan_only(people);
        apply(made);
        if (made.stopped) return made;
        of.imported = true;
        if (settles) expect_nothing_more(plan_only(people));
        return made;
    }
    sync::plan read_one(const employee& person) {
        auto made = plan_only({person}, false);
        apply(made);
        return made;
    }
    // What time alone brings.
    sync::plan timer() {
        auto made = plan_of(nullptr);
        apply(made);
        return made;
    }

    sync::plan plan_only(const std::vector<employee>& people, bool complete = true) {
        sync::snapshot_builder builder(users, settings, today, ++epoch, complete, 4096);
        for (const auto& each : people) {
            sync::source_row row;
            each.fill(row);
            builder.on_row(row);
        }
        last = builder.finish();
        return plan_of(last.get());
    }
    // The same from the packed rows of a snapshot.
    sync::plan plan_packed(std::string_view packed) {
        sync::snapshot_builder builder(users, settings, today, ++epoch, true, 4096);
        std::vector<std::string> sources;
        for (const auto& each : settings.extra_fields) sources.push_back(each.source);
        sync::row_unpacker unpacker(packed);
        unpacker.wanted(sources);
        sync::source_row row;
        while (unpacker.next(row)) builder.on_row(row);
        EXPECT_FALSE(unpacker.broken());
        last = builder.finish();
        return plan_of(last.get());
    }

    // Whole, and in a state that the directory may have.
    void apply(const sync::plan& made) {
        const auto changed = sync::carry_out(of, made.steps, made.seen);
        for (const auto& each : changed.dropped) ADD_FAILURE() << "dropped: " << words_of(each);
        EXPECT_EQ(sync::inconsistency(of, changed), "");
        sync::install(of, changed);
        of.next_uid = made.next_uid;
        of.next_team = made.next_team;
        of.issues = made.issues;
        users.compact_if_worthwhile();
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
    void make_owner(std::string_view id) {
        auto user = get(id);
        user.meta.role = directory::user_role::owner;
        users.put(user);
    }
    void decide(sync::issue_kind kind, std::string id, sync::ruling_of_conflict what,
                std::uint32_t uid = 0) {
        of.decisions.put({kind, std::move(id), what, uid, now()});
    }

    [[nodiscard]] wall_time now() const {
        return sync::local_instant(today, hour, sync::zone_of(settings));
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
    sync::books of;
    directory::tenant_directory& users = of.users;
    date today = *date_from_civil(2026, 6, 15);
    int hour = 12; // of that day, in the tenant's zone
    std::uint32_t epoch = 0;
    bool settles = true;
    std::unique_ptr<sync::snapshot> last;

  private:
    sync::plan plan_of(const sync::snapshot* from) {
        sync::planner planning(of, from, settings, now());
        while (!planning.advance(3)) {
        }
        return planning.take();
    }
    // But for what counts sweeps: absent people and empty teams.
    static void expect_nothing_more(const sync::plan& again) {
        for (const auto& each : again.steps) {
            const bool counts =
                each.kind == sync::step_kind::note_missing ||
                each.kind == sync::step_kind::note_team ||
                each.kind == sync::step_kind::remove_team ||
                (each.kind == sync::step_kind::deactivate && each.changes[0].rule == "LA-44");
            if (!counts) ADD_FAILURE() << "planned again: " << words_of(each);
        }
    }
};

[[nodiscard]] inline bool has_issue(const sync::plan& made, sync::issue_kind kind,
                                    std::string_view id, std::string_view rule = {}) {
    return std::any_of(made.issues.begin(), made.issues.end(), [&](const sync::issue& each) {
        return each.kind == kind && each.external_id == id && (rule.empty() || each.rule == rule);
    });
}

// "update PW1", in the order of the plan.
[[nodiscard]] inline std::vector<std::string> all_kinds_of(const sync::plan& made) {
    std::vector<std::string> out;
    for (const auto& each : made.steps)
        out.push_back(std::string(name_of(each.kind)) + " " + each.label);
    return out;
}
// Of users only, without teams and invitations, which follow from them.
[[nodiscard]] inline std::vector<std::string> kinds_of(const sync::plan& made) {
    std::vector<std::string> out;
    for (const auto& each : made.steps) {
        const bool follows = sync::subject_of(each.kind) == sync::subject_kind::team ||
                             each.kind >= sync::step_kind::schedule_invitation;
        if (!follows) out.push_back(std::string(name_of(each.kind)) + " " + each.label);
    }
    return out;
}

// The first step of a kind about somebody; null: there is none.
[[nodiscard]] inline const sync::step* find_step(const sync::plan& made, sync::step_kind kind,
                                                 std::string_view label) {
    const auto at = std::find_if(made.steps.begin(), made.steps.end(), [&](const auto& each) {
        return each.kind == kind && each.label == label;
    });
    return at == made.steps.end() ? nullptr : &*at;
}

} // namespace rollcall::test
