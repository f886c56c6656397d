#include <absl/container/flat_hash_map.h>

#include <string>

#include "rollcall/sync/hold.hpp"
#include "rollcall/sync/planner.hpp"

namespace rollcall::sync {
namespace {

using numbers = absl::flat_hash_map<std::uint32_t, std::uint32_t>; // planned -> held

numbers matches(const plan& made, const hold& held, step_kind creating) {
    absl::flat_hash_map<std::string, std::uint32_t> waiting;
    for (const auto& section : held.sections) {
        for (const auto& each : section.steps) {
            if (each.kind == creating) waiting.emplace(each.label, each.subject);
        }
    }
    numbers out;
    if (waiting.empty()) return out;
    for (const auto& each : made.steps) {
        if (each.kind != creating) continue;
        if (const auto place = waiting.find(each.label); place != waiting.end()) {
            out.emplace(each.subject, place->second);
        }
    }
    return out;
}

void renumber(std::string& text, const numbers& by) {
    for (const auto& [from, to] : by) {
        if (text == std::to_string(from)) {
            text = std::to_string(to);
            return;
        }
    }
}

} // namespace

void keep_numbers(plan& made, const hold& held) {
    const auto users = matches(made, held, step_kind::create);
    const auto teams = matches(made, held, step_kind::create_team);
    if (users.empty() && teams.empty()) return;
    for (auto& each : made.steps) {
        const auto& by = subject_of(each.kind) == subject_kind::user ? users : teams;
        if (const auto place = by.find(each.subject); place != by.end()) {
            each.subject = place->second;
        }
        for (auto& c : each.changes) {
            if (c.what == attribute::manager || c.what == attribute::team_manager) {
                renumber(c.new_value, users);
            }
        }
    }
    for (auto& each : made.seen) {
        if (const auto place = users.find(each.uid); place != users.end()) each.uid = place->second;
    }
}

} // namespace rollcall::sync
