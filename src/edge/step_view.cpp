#include "step_view.hpp"

#include <absl/container/flat_hash_set.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "views.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;
using sync::attribute;

template <class Number>
std::optional<Number> read_number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool names_user(attribute what) {
    return what == attribute::manager || what == attribute::team_manager;
}
bool names_team(attribute what) {
    return what == attribute::team_parent || what == attribute::member;
}

json::value found(const absl::flat_hash_map<std::uint32_t, std::string>& names,
                  std::string_view number) {
    const auto id = read_number<std::uint32_t>(number);
    const auto at = id ? names.find(*id) : names.end();
    return at == names.end() ? json::value(nullptr) : text_or_null(at->second);
}

json::value label_of(attribute what, std::string_view value, const step_names& names) {
    if (names_user(what)) return found(names.users, value);
    if (names_team(what)) return found(names.teams, value);
    if (what == attribute::invitation_due || what == attribute::invitation_sent) {
        const auto ms = read_number<std::int64_t>(value);
        return ms ? time_json(from_unix_ms(*ms)) : json::value(nullptr);
    }
    return nullptr;
}

json::object to_json(const sync::change& change, const step_names& names) {
    json::object out{{"field", name_of(change.what)},
                     {"old", text_or_null(change.old_value)},
                     {"new", text_or_null(change.new_value)}};
    auto old_label = label_of(change.what, change.old_value, names);
    auto new_label = label_of(change.what, change.new_value, names);
    if (!old_label.is_null()) out["old_label"] = std::move(old_label);
    if (!new_label.is_null()) out["new_label"] = std::move(new_label);
    out["rule"] = text_or_null(change.rule);
    out["owner"] = owner_name(change.new_owner);
    return out;
}

// The members that say who or what a step is about.
json::object head_of(const sync::step& step, const step_names& names) {
    const bool of_team = subject_of(step.kind) == sync::subject_kind::team;
    json::object out{{"kind", name_of(step.kind)},
                     {of_team ? "team" : "uid", step.subject},
                     {"id", text_or_null(step.label)}};
    if (!of_team) {
        const auto at = names.users.find(step.subject);
        out["name"] = at == names.users.end() ? json::value(nullptr) : text_or_null(at->second);
    }
    return out;
}

} // namespace

std::string_view owner_name(directory::owner who) noexcept {
    switch (who) {
        case directory::owner::never_set: return "never_set";
        case directory::owner::ours: return "ours";
        case directory::owner::manual: return "manual";
    }
    return "never_set";
}

std::string full_name(const directory::user_values& values) {
    std::string name(values.get(directory::field::first_name));
    const auto last = values.get(directory::field::last_name);
    if (!name.empty() && !last.empty()) name += ' ';
    return name.append(last);
}

void add_names(step_names& into, const sync::books& of, std::span<const sync::step> steps) {
    absl::flat_hash_set<std::uint32_t> wanted;
    for (const auto& step : steps) {
        if (subject_of(step.kind) == sync::subject_kind::user) wanted.insert(step.subject);
        for (const auto& change : step.changes) {
            if (!names_user(change.what)) continue;
            for (const auto& text : {change.old_value, change.new_value}) {
                if (const auto uid = read_number<std::uint32_t>(text)) wanted.insert(*uid);
            }
        }
    }
    for (const auto& team : of.teams.all()) into.teams.insert_or_assign(team.id, team.name);
    if (wanted.empty()) return;
    of.users.for_each([&](directory::user_ref which) {
        const auto uid = of.users.meta(which).uid;
        if (wanted.contains(uid))
            into.users.insert_or_assign(uid, full_name(of.users.values(which)));
    });
}

json::object to_json(const sync::step& step, const step_names& names) {
    auto out = head_of(step, names);
    json::array changes;
    changes.reserve(step.changes.size());
    for (const auto& one : step.changes) changes.push_back(to_json(one, names));
    out["changes"] = std::move(changes);
    return out;
}

std::string flat_changes(const sync::step& step, const step_names& names) {
    std::string out;
    for (const auto& one : step.changes) {
        auto entry = head_of(step, names);
        for (auto& member : to_json(one, names)) entry.insert(std::move(member));
        if (!out.empty()) out += ',';
        out += json::serialize(entry);
    }
    return out;
}

} // namespace rollcall::edge
