#include "step_words.hpp"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <algorithm>
#include <stdexcept>

#include "tenant_harness.hpp"

namespace rollcall::test {

using sync::attribute;

namespace {

constexpr std::string_view arrow = "-> ";

// Takes a rule in brackets off the end.
std::string_view take_rule(std::string_view& text) {
    if (!text.ends_with(')')) return {};
    const auto open = text.rfind(" (");
    if (open == std::string_view::npos) return {};
    auto rule = text.substr(open + 2);
    rule.remove_suffix(1);
    text = text.substr(0, open);
    return rule;
}

// "attribute old -> new" or "attribute -> new"
struct wanted_change {
    std::string_view what, before, after;
    bool any_before = true;
};
wanted_change read_change(std::string_view text) {
    wanted_change out;
    const auto space = text.find(' ');
    out.what = text.substr(0, space);
    if (space == std::string_view::npos) return out;
    text = text.substr(space + 1);
    if (text.starts_with(arrow)) {
        out.after = text.substr(arrow.size());
    } else if (const auto at = text.find(" -> "); at != std::string_view::npos) {
        out.any_before = false;
        out.before = text.substr(0, at);
        out.after = text.substr(at + 4);
    }
    return out;
}

wall_time to_wall(absl::Time t) {
    return from_unix_ms(absl::ToUnixMillis(t));
}

} // namespace

std::string words::person(std::uint32_t uid) const {
    const auto ref = of_.users.find_by_uid(uid);
    if (ref == directory::user_ref::none) return "#" + std::to_string(uid);
    const auto id = of_.users.text(ref, directory::field::external_id);
    return std::string(id.empty() ? of_.users.text(ref, directory::field::email) : id);
}

std::string words::team(std::uint32_t id) const {
    const auto* found = of_.teams.find(id);
    return found == nullptr ? "#" + std::to_string(id) : found->name;
}

std::string words::instant(wall_time at) const {
    return absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixMillis(to_unix_ms(at)), zone_);
}

wall_time words::read_instant(const std::string& text) const {
    absl::Time out;
    std::string error;
    const auto* form = text.size() <= 10   ? "%Y-%m-%d"
                       : text.size() <= 16 ? "%Y-%m-%d %H:%M"
                                           : "%Y-%m-%d %H:%M:%S";
    if (!absl::ParseTime(form, text, zone_, &out, &error)) {
        throw std::runtime_error("'" + text + "' is no instant: " + error);
    }
    return to_wall(out);
}

std::string words::value(attribute what, const std::string& raw) const {
    if (raw.empty()) return "nothing";
    switch (what) {
        case attribute::manager:
        case attribute::team_manager: return person(static_cast<std::uint32_t>(std::stoul(raw)));
        case attribute::team_parent:
        case attribute::member: return team(static_cast<std::uint32_t>(std::stoul(raw)));
        case attribute::invitation_due:
        case attribute::invitation_sent: return instant(from_unix_ms(std::stoll(raw)));
        default: return raw;
    }
}

std::string words::step(const sync::step& what) const {
    std::string out = std::string(name_of(what.kind)) + " " + what.label;
    for (std::size_t i = 0; i < what.changes.size(); ++i) {
        const auto& each = what.changes[i];
        out += (i == 0 ? ": " : "; ") + std::string(name_of(each.what)) + " " +
               value(each.what, each.old_value) + " -> " + value(each.what, each.new_value);
    }
    std::vector<std::string> rules;
    for (const auto& each : what.changes) {
        if (std::ranges::find(rules, each.rule) == rules.end()) rules.push_back(each.rule);
    }
    for (const auto& each : rules) out += " (" + each + ")";
    return out;
}

bool words::is(const sync::step& what, std::string_view expected) const {
    const auto rule = take_rule(expected);
    const auto head = std::string(name_of(what.kind)) + " " + what.label;
    std::string_view changes;
    if (expected != head) {
        if (!expected.starts_with(head + ": ")) return false;
        changes = expected.substr(head.size() + 2);
    }
    const auto has = [&](auto&& predicate) { return std::ranges::any_of(what.changes, predicate); };
    if (!rule.empty() && !has([&](const sync::change& c) { return c.rule == rule; })) return false;
    while (!changes.empty()) {
        const auto end = changes.find("; ");
        const auto wanted = read_change(changes.substr(0, end));
        changes = end == std::string_view::npos ? std::string_view() : changes.substr(end + 2);
        const bool found = has([&](const sync::change& c) {
            return name_of(c.what) == wanted.what && value(c.what, c.new_value) == wanted.after &&
                   (wanted.any_before || value(c.what, c.old_value) == wanted.before);
        });
        if (!found) return false;
    }
    return true;
}

std::string words::issue(const sync::issue& what) const {
    std::string out(name_of(what.kind));
    if (!what.external_id.empty()) out += " " + what.external_id;
    if (!what.other_external_id.empty()) out += " / " + what.other_external_id;
    if (!what.field.empty()) out += " in " + what.field;
    return out + " (" + what.rule + ")";
}

// An expectation may leave out, from the end, the rule, the field and the other record.
bool words::is(const sync::issue& what, std::string_view expected) const {
    const auto rule = take_rule(expected);
    if (!rule.empty() && what.rule != rule) return false;
    std::string text(name_of(what.kind));
    if (!what.external_id.empty()) text += " " + what.external_id;
    if (expected == text) return true;
    if (!what.other_external_id.empty()) text += " / " + what.other_external_id;
    if (expected == text) return true;
    return expected == text + " in " + what.field;
}

std::string words::invitation(std::uint32_t uid) const {
    const auto* entry = of_.invitations.find(uid);
    if (entry == nullptr) return "none";
    std::string out(sync::name_of(entry->state));
    if (entry->state == sync::invitation_state::scheduled) out += " " + instant(entry->due);
    return out;
}

} // namespace rollcall::test
