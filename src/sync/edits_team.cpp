#include "edits.hpp"
#include "rollcall/core/ids.hpp"
#include "rollcall/core/text.hpp"
#include "step_set.hpp"

namespace rollcall::sync {

using directory::user_ref;

outcome<std::uint32_t> find_team(const books& of, std::string_view name) {
    name = trim(name);
    if (const auto id = number_behind("id:", name)) {
        if (of.teams.find(*id) != nullptr) return *id;
    } else {
        std::string scratch;
        std::string other;
        const std::string folded(fold(normalise(name, scratch), other));
        std::vector<std::uint32_t> found;
        for (const auto& each : of.teams.all()) {
            if (std::string(fold(each.name, other)) == folded) found.push_back(each.id);
        }
        if (found.size() == 1) return found.front();
        if (found.size() > 1) {
            return failure{errc::invalid_argument,
                           "several teams are called '" + std::string(name) +
                               "'; name one by id:" + std::to_string(found.front())};
        }
    }
    std::vector<std::string_view> known;
    for (const auto& each : of.teams.all()) known.push_back(each.name);
    auto detail = "there is no team '" + std::string(name.substr(0, 200)) + "'";
    if (const auto near = nearest_name(name, known); !near.empty()) {
        detail += "; did you mean '" + std::string(near) + "'?";
    }
    return failure{errc::not_found, std::move(detail)};
}

namespace {

class team_editor {
  public:
    team_editor(const books& of, directory::team before, bool creating)
        : of_(of), before_(std::move(before)), creating_(creating) {}

    void edit_one(const edit& what) {
        const auto& [name, raw] = what;
        std::string scratch;
        const std::string value(normalise(raw, scratch));
        if (!valid_utf8(raw)) return wrong(name, "is not UTF-8");
        if (value.size() > 400) return wrong(name, "is longer than 400 bytes");
        if (name == "name") {
            if (value.empty()) return wrong(name, "must not be blank");
            put(step_kind::edit_team, attribute::team_name, before_.name, value);
        } else if (name == "parent") {
            parent(value);
        } else if (name == "manager") {
            manager(value);
        } else {
            wrong(name, "is not a field of a team; there are: name, parent, manager");
        }
    }
    void put(step_kind kind, attribute what, std::string old_value, std::string new_value) {
        set_.add(creating_ ? step_kind::create_team : kind, before_.id, before_.name, what,
                 std::move(old_value), std::move(new_value));
    }
    void wrong(const std::string& name, const std::string& why) {
        if (!faults_.empty()) faults_ += "; ";
        faults_ += "'" + name + "' " + why;
    }
    [[nodiscard]] steps_or_failure take() {
        if (!faults_.empty()) return failure{errc::invalid_argument, std::move(faults_)};
        return set_.take();
    }

  private:
    static std::string text(std::uint32_t id) { return id == 0 ? "" : std::to_string(id); }

    void parent(const std::string& value) {
        std::uint32_t id = 0;
        if (!value.empty()) {
            const auto found = find_team(of_, value);
            if (!found) return wrong("parent", "is wrong: " + found.error().detail);
            id = *found;
            // A circle of parents would hide all of its teams.
            const auto* at = of_.teams.find(id);
            for (std::size_t i = 0; at != nullptr && i <= of_.teams.all().size(); ++i) {
                if (at->id == before_.id) {
                    return wrong("parent", "is below the team already: that would be a circle");
                }
                at = of_.teams.find(at->parent);
            }
        }
        put(step_kind::edit_team, attribute::team_parent, text(before_.parent), text(id));
    }

    void manager(const std::string& value) {
        std::uint32_t uid = 0;
        if (!value.empty()) {
            const auto found = find_person(of_, value);
            if (!found) return wrong("manager", "is nobody here: " + found.error().detail);
            if (!of_.users.is_active(*found)) return wrong("manager", "is inactive (LA-41)");
            uid = of_.users.meta(*found).uid;
        }
        put(step_kind::set_team_manager, attribute::team_manager, text(before_.manager), text(uid));
    }

    const books& of_;
    const directory::team before_;
    const bool creating_;
    step_set set_;
    std::string faults_;
};

} // namespace

steps_or_failure adding_team(const books& of, std::span<const edit> fields) {
    directory::team fresh;
    fresh.id = of.next_team;
    team_editor editor(of, fresh, true);
    if (std::none_of(fields.begin(), fields.end(),
                     [](const edit& e) { return e.first == "name"; })) {
        editor.wrong("name", "is required");
    }
    editor.put(step_kind::create_team, attribute::team_owned, "", "no");
    for (const auto& each : fields) editor.edit_one(each);
    auto steps = editor.take();
    if (!steps) return steps;
    for (auto& each : *steps) {
        for (const auto& c : each.changes) {
            if (c.what == attribute::team_name) each.label = c.new_value;
        }
    }
    return steps;
}

steps_or_failure editing_team(const books& of, std::uint32_t team, std::span<const edit> fields) {
    team_editor editor(of, *of.teams.find(team), false);
    for (const auto& each : fields) editor.edit_one(each);
    return editor.take();
}

std::vector<step> deleting_team(const books& of, std::uint32_t id) {
    const auto& team = *of.teams.find(id);
    const auto text = [](std::uint32_t n) { return n == 0 ? std::string() : std::to_string(n); };
    step_set set;
    const auto remove = [&](attribute what, std::string old_value) {
        set.add(step_kind::remove_team, id, team.name, what, std::move(old_value), "");
    };
    remove(attribute::team_name, team.name);
    remove(attribute::team_key, team.key);
    remove(attribute::team_owned, team.owned ? "yes" : "no");
    remove(attribute::team_parent, text(team.parent));
    remove(attribute::team_manager, text(team.manager));
    for (const auto& each : of.teams.all()) {
        if (each.parent == id) {
            set.add(step_kind::edit_team, each.id, each.name, attribute::team_parent, text(id), "");
        }
    }
    for (const auto& member : of.teams.secondary()) {
        if (member.team != id) continue;
        const auto ref = of.users.find_by_uid(member.uid);
        if (ref == user_ref::none) continue;
        set.add(step_kind::remove_member, member.uid, label_of(copy_of(of, ref)), attribute::member,
                text(id), "");
    }
    return set.take();
}

std::vector<step> setting_member(const books& of, std::uint32_t team, user_ref which, bool member) {
    const auto user = copy_of(of, which);
    const directory::team_member pair{team, user.meta.uid};
    step_set set;
    if (of.teams.secondary().contains(pair) != member) {
        const auto text = std::to_string(team);
        set.add(member ? step_kind::add_member : step_kind::remove_member, user.meta.uid,
                label_of(user), attribute::member, member ? "" : text, member ? text : "");
    }
    return set.take();
}

} // namespace rollcall::sync
