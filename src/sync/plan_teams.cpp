#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "draft.hpp"
#include "step_text.hpp"

namespace rollcall::sync {

using directory::field;
using directory::owner;
using directory::user_brief;
using directory::user_ref;
using directory::user_state;

namespace {

using person = draft::person;

// A rename needs as many people as this, and this share of both departments (LA-35).
constexpr std::size_t rename_people = 3;
constexpr std::size_t rename_percent = 80;

// Who has a department once the plan is applied.
struct presence {
    std::string name;         // as the people have it; of several spellings the first by bytes
    std::uint32_t active = 0; // whoever they are
    bool employee = false;    // somebody of them has it from PeopleHR, in scope (LA-31)
};

// In the order of the folded names, so that teams get the same ids whatever the order of the rows.
using departments = std::map<std::string, presence, std::less<>>;

void count(departments& in, std::string_view name, std::uint32_t active, bool employee) {
    auto& at = in[folded(name)];
    if (at.name.empty() || name < at.name) at.name = name;
    at.active += active;
    at.employee = at.employee || employee;
}

bool is_active_after(const person& who) noexcept {
    return !who.withdrawn && who.after.meta.state == user_state::active;
}
bool was_active(const draft& d, const person& who) noexcept {
    return who.ref != user_ref::none && d.of.users.is_active(who.ref);
}

// A department that an admin gave, or that somebody has who is nobody of PeopleHR's, is used, but
// is no department of the source.
bool is_employee(bool managed, std::string_view external_id, owner of_department) noexcept {
    return managed && !external_id.empty() && of_department != owner::manual;
}

void count(departments& in, const person& who) {
    const auto& name = who.after.get(field::department);
    if (!is_active_after(who) || name.empty()) return;
    const auto& meta = who.after.meta;
    count(in, name, 1,
          is_employee(meta.managed, who.after.get(field::external_id),
                      meta.ownership[static_cast<std::size_t>(field::department)]));
}

// All users whom the plan leaves alone. Their departments are counted by number, and only a few
// records of each are looked at more closely.
void count_others(const draft& d, departments& into) {
    struct number {
        user_ref sample = user_ref::none;
        std::uint32_t active = 0;
        bool employee = false;
    };
    const auto& users = d.of.users;
    std::vector<number> numbers(users.dictionary_size());
    users.for_each_brief([&](user_ref which, const user_brief& brief) {
        if (brief.state != user_state::active || d.find(which) != nullptr) return;
        const auto department = users.department_number(which);
        if (department == 0) return;
        auto& at = numbers[department];
        at.sample = which;
        ++at.active;
        if (at.employee || !brief.managed) return;
        const auto meta = users.meta(which);
        at.employee = is_employee(true, users.text(which, field::external_id),
                                  meta.ownership[static_cast<std::size_t>(field::department)]);
    });
    for (const auto& each : numbers) {
        if (each.active == 0) continue;
        count(into, users.text(each.sample, field::department), each.active, each.employee);
    }
}

departments departments_after(const draft& d, bool complete) {
    departments all;
    for (const auto& who : d.people()) count(all, who);
    if (complete) count_others(d, all);
    return all;
}

// ---- owners ----

// LA-32: the configured one if that is an active Owner, else the one with the lowest uid; 0: none.
std::uint32_t active_owner(const draft& d) {
    const auto& users = d.of.users;
    const auto is_owner = [&](user_ref which, const user_brief& brief) {
        const auto* drafted = d.find(which);
        return brief.role == directory::user_role::owner &&
               (drafted == nullptr ? brief.state == user_state::active : is_active_after(*drafted));
    };
    if (const auto& wanted = d.settings.team_owner; !wanted.empty()) {
        auto which = users.find_by_id(wanted);
        if (which == user_ref::none) which = users.find_by_email(folded(wanted));
        if (which != user_ref::none && is_owner(which, users.brief(which))) {
            return users.brief(which).uid;
        }
    }
    std::uint32_t lowest = 0;
    users.for_each_brief([&](user_ref which, const user_brief& brief) {
        if (is_owner(which, brief) && (lowest == 0 || brief.uid < lowest)) lowest = brief.uid;
    });
    return lowest;
}

// The answer for the whole plan, found when it is first asked for.
class owner_of_teams {
  public:
    explicit owner_of_teams(const draft& d) : d_(d) {}
    [[nodiscard]] std::uint32_t uid() {
        if (!uid_) uid_ = active_owner(d_);
        return *uid_;
    }
    [[nodiscard]] std::string text() { return uid() == 0 ? std::string() : std::to_string(uid()); }

  private:
    const draft& d_;
    std::optional<std::uint32_t> uid_;
};

// G-8: a team does not stay with somebody who is being deactivated.
void hand_over_teams(draft& d, owner_of_teams& heir) {
    if (d.of.teams.all().empty()) return;
    absl::flat_hash_set<std::uint32_t> leaving;
    for (const auto& who : d.people()) {
        if (was_active(d, who) && !is_active_after(who)) leaving.insert(who.after.meta.uid);
    }
    if (leaving.empty()) return;
    for (const auto& each : d.of.teams.all()) {
        if (!leaving.contains(each.manager) || d.find_team(each.id) == nullptr) continue;
        d.set(d.edit_team(each.id), step_kind::set_team_manager, attribute::team_manager,
              heir.text(), "G-8");
    }
}

// ---- renames (LA-35) ----

step* move_of(person& who) {
    for (auto& each : who.steps) {
        if (each.kind == step_kind::move && !each.changes.empty()) return &each;
    }
    return nullptr;
}

// Members of one team who are active before and after, by the department in which they are then.
struct former_team {
    std::size_t members = 0;
    std::map<std::string, std::vector<person*>> moved_to; // folded
};

std::map<std::uint32_t, former_team> former_teams(draft& d) {
    std::map<std::uint32_t, former_team> all;
    for (auto& who : d.people()) {
        if (!was_active(d, who) || !is_active_after(who) || move_of(who) == nullptr) continue;
        const auto* left =
            d.of.teams.find_by_key(folded(d.of.users.text(who.ref, field::department)));
        if (left == nullptr) continue;
        auto& former = all[left->id];
        ++former.members;
        former.moved_to[folded(who.after.get(field::department))].push_back(&who);
    }
    return all;
}

// A team that an admin named otherwise than its department keeps that name.
step rename_step(const directory::team& which, const std::string& name, const std::string& key) {
    step made;
    made.kind = step_kind::rename_team;
    made.subject = which.id;
    made.label = which.name;
    const auto add = [&made](attribute what, const std::string& from, const std::string& to) {
        if (from != to) made.changes.push_back({what, {}, {}, from, to, "LA-35"});
    };
    if (folded(which.name) == which.key) add(attribute::team_name, which.name, name);
    add(attribute::team_key, which.key, key);
    return made;
}

void propose_rename(draft& d, const step& rename, std::span<person* const> members) {
    auto& team = d.edit_team(rename.subject);
    for (const auto& each : rename.changes) {
        d.set(team, step_kind::rename_team, each.what, each.new_value, each.rule);
    }
    for (auto* who : members) {
        auto* moving = move_of(*who);
        moving->kind = step_kind::follow_rename;
        for (auto& each : moving->changes) each.rule = "LA-35";
    }
}

// Nearly all members of a department that is gone appear in one that was not there.
void propose_renames(draft& d, const departments& present) {
    for (auto& [id, former] : former_teams(d)) {
        const auto& old_team = *d.of.teams.find(id);
        if (const auto at = present.find(old_team.key);
            at != present.end() && at->second.active > 0)
            continue;
        for (const auto& [key, members] : former.moved_to) {
            const auto at = present.find(key);
            const auto share = members.size() * 100;
            if (key.empty() || at == present.end() || members.size() < rename_people ||
                share < rename_percent * former.members ||
                share < rename_percent * at->second.active || d.team_by_key(key) != nullptr ||
                d.of.teams.find_unlinked(key) != nullptr) {
                continue;
            }
            const auto rename = rename_step(old_team, at->second.name, key);
            if (d.of.rejected.contains(digest_of(rename))) continue;
            d.report(issue_kind::rename_proposed, {}, at->second.name, old_team.name, "LA-35");
            propose_rename(d, rename, members);
        }
    }
}

// While a rename waits for its answer, a read of one of the people must not forestall it: they
// stay, and so does the question.
void await_renames(draft& d, departments& present) {
    for (const auto& section : d.of.held.sections) {
        for (const auto& each : section.steps) {
            if (each.kind != step_kind::rename_team) continue;
            for (const auto& change : each.changes) {
                if (change.what == attribute::team_key) present.erase(change.new_value);
            }
        }
    }
    for (auto& who : d.people()) {
        auto* moving = move_of(who);
        if (moving == nullptr || present.contains(folded(who.after.get(field::department)))) {
            continue;
        }
        if (!is_active_after(who) || who.after.get(field::department).empty()) continue;
        const auto before = moving->changes.front();
        d.set(who, step_kind::move, attribute::department, before.old_value, before.old_owner,
              "LA-35");
        who.after.meta.fingerprint = who.fingerprint_before;
    }
}

// ---- new and stale teams ----

void make_teams(draft& d, const departments& present, owner_of_teams& manager) {
    for (const auto& [key, at] : present) {
        if (!at.employee || d.team_by_key(key) != nullptr) continue;
        if (const auto* by_hand = d.of.teams.find_unlinked(key); by_hand != nullptr) {
            d.set(d.edit_team(by_hand->id), step_kind::link_team, attribute::team_key, key,
                  "LA-30");
            continue;
        }
        auto& made = d.create_team(at.name, key, "LA-28");
        if (!d.settings.owner_manages_new_teams) continue;
        if (manager.uid() == 0) {
            d.report(issue_kind::no_owner, {}, {}, at.name, "LA-32");
        } else {
            d.set(made, step_kind::create_team, attribute::team_manager, manager.text(), "LA-32");
        }
    }
}

bool has_secondary_members(const directory::team_table& teams, std::uint32_t id) {
    const auto at = teams.secondary().lower_bound({id, 0});
    return at != teams.secondary().end() && at->team == id;
}

void look_at_absence(draft& d, const directory::team& stored, const departments& present) {
    const auto* team = d.find_team(stored.id);
    if (team == nullptr || team->key.empty()) return;
    const auto at = present.find(team->key);
    const bool seen = at != present.end() && at->second.employee;
    const auto& s = d.settings;
    // A snapshot that is looked at again was counted when it was new.
    const int counted = d.from->replay ? 0 : 1;
    const int most = std::max(stored.absent, s.stale_team_after);
    const int absent = seen ? 0 : std::min(stored.absent + counted, most);
    if (!seen && absent >= s.stale_team_after && s.remove_stale_teams && stored.owned) {
        const bool in_use = at != present.end() || d.of.teams.has_children(stored.id) ||
                            has_secondary_members(d.of.teams, stored.id);
        if (!in_use) return d.remove_team(stored.id, "LA-31");
        d.report(issue_kind::team_in_use, {}, {}, stored.name, "LA-31");
    }
    if (absent == stored.absent) return;
    d.set(d.edit_team(stored.id), step_kind::note_team, attribute::team_absent,
          std::to_string(absent), "LA-31");
}

} // namespace

void plan_teams(draft& d) {
    if (d.settings.profile != profile::learnamp) return;
    owner_of_teams manager(d);
    if (d.settings.team_from_department) {
        const bool complete = d.from != nullptr && d.from->complete;
        auto present = departments_after(d, complete);
        if (complete) {
            propose_renames(d, present);
        } else {
            await_renames(d, present);
        }
        make_teams(d, present, manager);
        if (complete) {
            for (const auto& each : d.of.teams.all()) look_at_absence(d, each, present);
        }
    }
    hand_over_teams(d, manager);
}

} // namespace rollcall::sync
