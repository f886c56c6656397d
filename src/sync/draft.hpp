// A plan in the making: an overlay of the books in which the planner's passes write, one after the
// other, what is to change. Everything that changes goes through set(), so that no change is
// without its rule and its pre-image.
//
// Passes, in this order: users (planner.cpp, identity.cpp), seats, teams, managers, invitations.
// Within one plan an attribute of a subject is changed by one kind of step only.
#pragma once
#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/sync/books.hpp"
#include "rollcall/sync/planner.hpp"
#include "rollcall/sync/settings.hpp"
#include "rollcall/sync/snapshot.hpp"
#include "slices.hpp"

namespace rollcall::sync {

class draft {
  public:
    // `read` may be null. All references outlive the draft.
    draft(const books& all, const snapshot* read, const tenant_settings& chosen, wall_time at);

    const books& of;
    const snapshot* const from;
    const tenant_settings& settings;
    const wall_time now;
    const date today; // the tenant's

    // ---- users ----
    struct person {
        person() = default;
        person(const directory::tenant_directory& users, directory::user_ref which)
            : ref(which), after(directory::own(users.values(which), users.meta(which))) {}

        directory::user_ref ref = directory::user_ref::none; // none: created by this plan
        directory::user_data after;                          // with all steps applied
        std::vector<step> steps;                             // one of each kind
        std::uint64_t fingerprint_before = 0;
        bool withdrawn = false; // by a pass that refuses the person (no seat): leaves no step
    };
    // The person as the plan has them so far; begins with what the directory has. Stays where it
    // is.
    person& edit(directory::user_ref which);
    [[nodiscard]] const person* find(directory::user_ref which) const noexcept; // null: untouched
    // With the next uid; with its own where the creation of this PeopleHR id waits in the hold, so
    // that what is planned again is what is held (G-6).
    person& create(std::string_view external_id = {});
    // All that were edited or created, in that order.
    [[nodiscard]] std::deque<person>& people() noexcept { return people_; }
    [[nodiscard]] const std::deque<person>& people() const noexcept { return people_; }

    // Changes one value, if it differs. `owner` is whose the value is afterwards (LA-19). A field
    // that somebody else filled with the very value that is ours now becomes ours: a change of its
    // owner alone.
    void set(person& who, step_kind kind, attribute what, std::string_view value,
             directory::owner owner, std::string_view rule);

    // ---- teams ----
    struct team_draft {
        directory::team after; // of a removed one: as it was
        std::vector<step> steps;
        bool created = false, removed = false;
    };
    team_draft& edit_team(std::uint32_t id);
    team_draft& create_team(std::string_view name, std::string_view key, std::string_view rule);
    void remove_team(std::uint32_t id, std::string_view rule);
    void set(team_draft& which, step_kind kind, attribute what, std::string_view value,
             std::string_view rule);
    // With the plan so far: null if there is none (any more).
    [[nodiscard]] const directory::team* find_team(std::uint32_t id) const;
    [[nodiscard]] const directory::team* team_by_key(std::string_view folded) const;

    // ---- invitations ----
    // With the plan so far: null if there is none; or one that says so.
    [[nodiscard]] const invitation* find_invitation(std::uint32_t uid) const noexcept;
    [[nodiscard]] invitation invitation_of(std::uint32_t uid) const;
    void set(person& who, step_kind kind, const invitation& value, std::string_view rule);

    void report(issue_kind kind, std::string_view external_id, std::string_view other,
                std::string_view field, std::string_view rule);

    run_counts counts;
    std::vector<issue> issues;

    // The plan: steps in the order of G-8, issues sorted, marks of all people edited. Of the counts
    // those that the passes wrote; count_steps adds what the steps say.
    [[nodiscard]] plan take();

  private:
    std::deque<person> people_;
    // Those edited, by uid. Uids are dense and passes go over users much in their order, so that
    // this stays in the cache where a hash table would not.
    std::vector<person*> edited_;
    std::deque<team_draft> teams_;
    absl::flat_hash_map<std::uint32_t, team_draft*> team_by_id_;
    absl::flat_hash_map<std::string, std::uint32_t> team_by_key_; // keys that this plan gave
    absl::flat_hash_map<std::uint32_t, invitation> invitations_;
    absl::flat_hash_map<std::string_view, std::uint32_t> held_users_; // uid by PeopleHR id
    absl::flat_hash_map<std::string_view, std::uint32_t> held_teams_; // id by name
    std::uint32_t next_uid_;
    std::uint32_t next_team_;
};

// ---- the passes after the users (each in a file of its name) ----

// WT-6: leavers have freed their seats; who is new or returns takes one, by start date, then id,
// and who finds none is withdrawn and reported.
void plan_seats(draft& d);
// LA-28 to LA-35: teams for departments, links, owners, stale teams, rename proposals.
void plan_teams(draft& d);
// LA-36 to LA-41, WT-11: override managers resolved, healed, kept free of cycles. In slices, as the
// invitations are: nothing else changes the draft meanwhile.
[[nodiscard]] std::unique_ptr<pass> plan_managers(draft& d);
// LA-21 to LA-27: scheduled, due, cancelled.
[[nodiscard]] std::unique_ptr<pass> plan_invitations(draft& d);

} // namespace rollcall::sync
