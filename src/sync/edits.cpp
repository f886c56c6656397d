#include "edits.hpp"

#include <algorithm>
#include <map>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "rollcall/core/text.hpp"
#include "step_set.hpp"

namespace rollcall::sync {

using directory::field;
using directory::user_data;
using directory::user_ref;
using directory::user_state;

namespace {

constexpr std::size_t text_bytes_max = 4096;

std::optional<field> editable_field(std::string_view name) {
    for (std::size_t i = 0; i < directory::field_count; ++i) {
        const auto f = static_cast<field>(i);
        const bool derived = f == field::avatar || f == field::manager_id ||
                             f == field::manager_name || f == field::attributes;
        if (!derived && name == name_of(f)) return f;
    }
    return std::nullopt;
}

constexpr std::string_view editable =
    "external_id, email, first_name, last_name, job_title, location, department, company, "
    "start_date, leaving_date, manager, state, role, attributes.NAME";

step_kind kind_for(field f, bool blank, const tenant_settings& settings) {
    if (f == field::external_id) return step_kind::relink;
    if (f == field::email) return step_kind::change_email;
    if (blank) return step_kind::blank;
    if (f == field::department && settings.profile == profile::learnamp) return step_kind::move;
    return step_kind::update;
}

// Reads the edits of one user; what is wrong is gathered, so that a person mends it in one go.
class user_editor {
  public:
    user_editor(const books& of, const tenant_settings& settings, user_data before, bool creating)
        : of_(of), settings_(settings), before_(std::move(before)), creating_(creating) {}

    void edit_one(const edit& what) {
        const auto& [name, raw] = what;
        std::string scratch;
        const std::string value(normalise(raw, scratch));
        if (!valid_utf8(raw)) return wrong(name, "is not UTF-8");
        if (value.size() > text_bytes_max) return wrong(name, "is longer than 4096 bytes");
        if (name == "manager") return manager(value);
        if (name == "state") return state(value);
        if (name == "role") return role(value);
        if (name.starts_with("attributes.")) return extra(name.substr(11), value);
        const auto f = editable_field(name);
        if (!f) {
            return wrong(name,
                         "is not a field that can be set; there are: " + std::string(editable));
        }
        if (*f == field::start_date || *f == field::leaving_date) return day(*f, value);
        text(*f, value);
    }

    void text(field f, const std::string& value) {
        const bool required = f == field::email || f == field::first_name || f == field::last_name;
        if (required && value.empty()) {
            return wrong(std::string(name_of(f)), "must not be blank (LA-18)");
        }
        if (f == field::email) {
            if (!valid_email(value)) return wrong("email", "is not a valid address");
            std::string folded;
            const auto holder = of_.users.find_by_email(fold(value, folded));
            if (holder != user_ref::none && of_.users.meta(holder).uid != before_.meta.uid) {
                return wrong("email", "belongs to another user: " + label_of(copy_of(of_, holder)));
            }
        }
        if (f == field::external_id && !value.empty()) {
            const auto holder = of_.users.find_by_id(value);
            if (holder != user_ref::none && of_.users.meta(holder).uid != before_.meta.uid) {
                return wrong("external_id", "belongs to another user");
            }
        }
        put(kind_for(f, value.empty(), settings_), attribute_of(f), before_.get(f), value,
            owner_of(before_, attribute_of(f)));
    }

    [[nodiscard]] steps_or_failure take() {
        if (!faults_.empty()) return failure{errc::invalid_argument, std::move(faults_)};
        return set_.take();
    }
    void wrong(const std::string& name, const std::string& why) {
        if (!faults_.empty()) faults_ += "; ";
        faults_ += "'" + name + "' " + why;
    }
    void put(step_kind kind, attribute what, std::string old_value, std::string new_value,
             owner before) {
        set_.add(creating_ ? step_kind::create : kind, before_.meta.uid, label_of(before_), what,
                 std::move(old_value), std::move(new_value), before);
    }

  private:
    void day(field f, const std::string& value) {
        date parsed;
        if (!value.empty()) {
            const auto read = parse_date(value);
            if (!read) return wrong(std::string(name_of(f)), "is not a date (yyyy-mm-dd)");
            parsed = *read;
        }
        const auto old = f == field::start_date ? before_.start_date : before_.leaving_date;
        put(value.empty() ? step_kind::blank : step_kind::update, attribute_of(f), to_string(old),
            to_string(parsed), owner_of(before_, attribute_of(f)));
    }

    void manager(const std::string& value) {
        std::string uid;
        std::string id;
        if (!value.empty()) {
            const auto found = find_person(of_, value);
            if (!found) return wrong("manager", "is nobody here: " + found.error().detail);
            const auto boss = copy_of(of_, *found);
            if (boss.meta.uid == before_.meta.uid) {
                return wrong("manager", "is the user itself (LA-40)");
            }
            if (boss.meta.state == user_state::inactive) {
                return wrong("manager", "is inactive (LA-41)");
            }
            if (reports_to(boss, before_.meta.uid)) {
                return wrong("manager",
                             "reports to the user already: that would be a circle "
                             "(LA-40)");
            }
            uid = std::to_string(boss.meta.uid);
            id = boss.get(field::external_id);
        }
        const auto kind = value.empty() ? step_kind::clear_manager : step_kind::set_manager;
        const auto whose = owner_of(before_, attribute::manager);
        put(kind, attribute::manager_id, before_.get(field::manager_id), id, whose);
        put(kind, attribute::manager_name, before_.get(field::manager_name), "", whose);
        put(kind, attribute::manager,
            before_.meta.manager == 0 ? "" : std::to_string(before_.meta.manager), uid, whose);
    }

    // Along the chain of managers, which the planner keeps free of circles; bounded all the same.
    [[nodiscard]] bool reports_to(const user_data& who, std::uint32_t boss) const {
        auto at = who.meta.manager;
        for (std::size_t steps = 0; at != 0 && steps <= of_.users.size(); ++steps) {
            if (at == boss) return true;
            const auto ref = of_.users.find_by_uid(at);
            if (ref == user_ref::none) return false;
            at = of_.users.meta(ref).manager;
        }
        return false;
    }

    void state(const std::string& value) {
        if (value != "active" && value != "inactive") {
            return wrong("state", "takes active or inactive");
        }
        const auto whose = before_.meta.deactivated_by_us ? owner::ours : owner::manual;
        if (creating_) {
            if (value == "inactive") wrong("state", "of a new user is active");
            return;
        }
        const auto old = text_of(before_, attribute::state);
        put(value == "active" ? step_kind::reactivate : step_kind::deactivate, attribute::state,
            old, value, whose);
    }

    void role(const std::string& value) {
        if (value != "member" && value != "owner") return wrong("role", "takes member or owner");
        put(step_kind::update, attribute::role, text_of(before_, attribute::role), value,
            owner::manual);
    }

    void extra(const std::string& name, const std::string& value) {
        namespace json = boost::json;
        if (name.empty()) return wrong("attributes.", "needs a name");
        // All edits of one call go into one text.
        const auto& present = extras_ ? *extras_ : before_.get(field::attributes);
        boost::system::error_code error;
        auto parsed = present.empty() ? json::value(json::object()) : json::parse(present, error);
        if (error || !parsed.is_object()) parsed = json::object();
        std::map<std::string, std::string> sorted;
        for (const auto& [key, each] : parsed.get_object()) {
            if (each.is_string()) sorted[key] = std::string(each.get_string());
        }
        if (value.empty()) {
            sorted.erase(name);
        } else {
            sorted[name] = value;
        }
        json::object made;
        for (const auto& [key, each] : sorted) made[key] = each;
        extras_ = made.empty() ? std::string() : json::serialize(made);
    }

  public:
    void finish() {
        if (!extras_) return;
        put(extras_->empty() ? step_kind::blank : step_kind::update, attribute::attributes,
            before_.get(field::attributes), *extras_, owner_of(before_, attribute::attributes));
    }

  private:
    const books& of_;
    const tenant_settings& settings_;
    const user_data before_;
    const bool creating_;
    step_set set_;
    std::optional<std::string> extras_;
    std::string faults_;
};

} // namespace

user_data copy_of(const books& of, user_ref which) {
    return directory::own(of.users.values(which), of.users.meta(which));
}

outcome<user_ref> find_person(const books& of, std::string_view person) {
    person = trim(person);
    if (const auto uid = number_behind("uid:", person)) {
        if (const auto ref = of.users.find_by_uid(*uid); ref != user_ref::none) return ref;
        return failure{errc::not_found, "there is no user with the number " + std::to_string(*uid)};
    }
    if (const auto ref = of.users.find_by_id(person); ref != user_ref::none) return ref;
    std::string scratch;
    if (const auto ref = of.users.find_by_email(fold(person, scratch)); ref != user_ref::none) {
        return ref;
    }
    return failure{errc::not_found, "there is no user with the PeopleHR id or e-mail '" +
                                        std::string(person.substr(0, 254)) + "'"};
}

steps_or_failure adding_user(const books& of, const tenant_settings& settings,
                             std::span<const edit> fields) {
    user_data fresh;
    fresh.meta.uid = of.next_uid;
    std::vector<std::string> missing;
    for (const auto* needed : {"email", "first_name", "last_name"}) {
        const bool given = std::any_of(fields.begin(), fields.end(),
                                       [&](const edit& e) { return e.first == needed; });
        if (!given) missing.emplace_back(needed);
    }
    user_editor editor(of, settings, fresh, true);
    for (const auto& each : missing) editor.wrong(each, "is required");
    editor.put(step_kind::create, attribute::state, "", "active", owner::never_set);
    for (const auto& each : fields) editor.edit_one(each);
    editor.finish();
    auto steps = editor.take();
    if (!steps) return steps;
    // The label comes from what is set.
    for (auto& each : *steps) {
        for (const auto& c : each.changes) {
            if (c.what == attribute::external_id) each.label = c.new_value;
            if (c.what == attribute::email && each.label.empty()) each.label = c.new_value;
        }
    }
    return steps;
}

steps_or_failure editing_user(const books& of, const tenant_settings& settings, user_ref which,
                              std::span<const edit> fields) {
    user_editor editor(of, settings, copy_of(of, which), false);
    for (const auto& each : fields) editor.edit_one(each);
    editor.finish();
    return editor.take();
}

std::vector<step> deleting_user(const books& of, user_ref which) {
    const auto user = copy_of(of, which);
    const auto uid = user.meta.uid;
    const auto number = std::to_string(uid);
    step_set set;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(attribute::manager); ++i) {
        const auto what = static_cast<attribute>(i);
        auto whose = owner::manual;
        if (i < directory::field_count) whose = owner_of(user, what);
        if (what == attribute::manager) whose = owner_of(user, what);
        // What an undo of the deletion needs to know of who deactivated the user.
        if (what == attribute::managed) {
            whose = user.meta.deactivated_by_us ? owner::ours : owner::manual;
        }
        if (what == attribute::state) whose = user.meta.created_by_us ? owner::ours : owner::manual;
        set.add(step_kind::delete_user, uid, label_of(user), what, text_of(user, what), "", whose,
                owner::never_set);
    }
    // Nobody may point at a user that is gone.
    of.users.for_each([&](user_ref each) {
        if (of.users.meta(each).manager != uid) return;
        const auto report = copy_of(of, each);
        const auto whose = owner_of(report, attribute::manager);
        set.add(step_kind::clear_manager, report.meta.uid, label_of(report), attribute::manager,
                number, "", whose, whose);
    });
    for (const auto& team : of.teams.all()) {
        if (team.manager == uid) {
            set.add(step_kind::set_team_manager, team.id, team.name, attribute::team_manager,
                    number, "");
        }
    }
    for (const auto& member : of.teams.secondary()) {
        if (member.uid == uid) {
            set.add(step_kind::remove_member, uid, label_of(user), attribute::member,
                    std::to_string(member.team), "");
        }
    }
    return set.take();
}

} // namespace rollcall::sync
