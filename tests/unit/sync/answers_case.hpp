// A tenant whose runs are kept as the audit keeps them, and questions about its people.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/sync/answers.hpp"
#include "rollcall/sync/rules.hpp"
#include "support/sync_case.hpp"

namespace rollcall::test {

class answers_case : public sync_case {
  public:
    using sync_case::sync_case;

    // A sweep whose steps go to the audit, as a run of its own.
    void run(const std::vector<employee>& people) {
        people_ = people;
        record(sweep(people).steps);
    }
    void record(const std::vector<sync::step>& steps) {
        ++run_;
        for (const auto& each : steps) {
            sync::audit_entry entry;
            entry.number = audit_.size() + 1;
            entry.run = run_;
            entry.at = now();
            entry.step = each;
            audit_.insert(audit_.begin(), std::move(entry)); // newest first
        }
    }
    // Steps by a person's hand.
    void by_hand(sync::step what) {
        const auto changed = sync::carry_out(of, {&what, 1}, {});
        ASSERT_EQ(changed.done.size(), 1u) << words_of(what);
        sync::install(of, changed);
        record({what});
    }
    [[nodiscard]] static sync::change set(sync::attribute what, std::string from, std::string to,
                                          std::string rule = "manual") {
        sync::change out;
        out.what = what;
        out.old_value = std::move(from);
        out.new_value = std::move(to);
        out.old_owner = directory::owner::ours;
        out.new_owner = directory::owner::manual;
        out.rule = std::move(rule);
        return out;
    }
    [[nodiscard]] sync::step step_of(sync::step_kind kind, std::string_view id,
                                     std::vector<sync::change> changes) const {
        sync::step out;
        out.kind = kind;
        out.subject = has(id) ? get(id).meta.uid : of.next_uid;
        out.label = id;
        out.changes = std::move(changes);
        return out;
    }
    void hold(sync::guard guard, std::vector<sync::step> steps) {
        of.held.since = now();
        of.held.sections.push_back({guard, "3 of 10 are more than may be changed at once", steps});
        sync::seal(of.held);
    }

    // `asked` is the PeopleHR id of somebody in the last list, or of a user, or of nobody.
    [[nodiscard]] sync::explanation explain(std::string_view asked,
                                            std::optional<wall_time> at = {}) const {
        const auto user = of.users.find_by_id(asked);
        const auto found =
            std::ranges::find(people_, asked, [](const employee& e) { return e.id; });
        sync::source_row row;
        if (found != people_.end()) found->fill(row);
        std::vector<sync::audit_entry> history;
        std::ranges::copy_if(audit_, std::back_inserter(history), [&](const auto& entry) {
            return entry.step.label == asked &&
                   subject_of(entry.step.kind) == sync::subject_kind::user;
        });
        return sync::explain({.of = of,
                              .settings = settings,
                              .user = user,
                              .row = found == people_.end() ? nullptr : &row,
                              .asked = asked,
                              .history = history,
                              .now = now(),
                              .at = at,
                              .snapshot_taken = run_ == 0 ? wall_time{} : now()});
    }
    [[nodiscard]] sync::explained_value value(std::string_view id, std::string_view what) const {
        for (const auto& each : explain(id).values) {
            if (each.what == what) return each;
        }
        return {};
    }
    [[nodiscard]] std::optional<sync::not_done> stopped(std::string_view id,
                                                        std::string_view rule) const {
        for (const auto& each : explain(id).stopped) {
            if (each.rule == rule) return each;
        }
        return {};
    }
    [[nodiscard]] std::vector<std::string> rules_of_stopped(std::string_view id) const {
        std::vector<std::string> out;
        for (const auto& each : explain(id).stopped) out.push_back(each.what + " " + each.rule);
        return out;
    }

    std::vector<employee> people_; // of the last list

  private:
    std::vector<sync::audit_entry> audit_; // newest first
    std::uint64_t run_ = 0;
};

} // namespace rollcall::test
