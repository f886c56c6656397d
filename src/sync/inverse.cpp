#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "rollcall/sync/books.hpp"
#include "step_text.hpp"

namespace rollcall::sync {
namespace {

bool loses_all(const step& turned) noexcept {
    return std::ranges::all_of(turned.changes, [](const change& c) { return c.new_value.empty(); });
}

const change* find(const step& in, attribute what) noexcept {
    const auto at = std::ranges::find(in.changes, what, &change::what);
    return at == in.changes.end() ? nullptr : &*at;
}

// The kind of the step that takes back one of `kind`; `turned` has its values exchanged already.
// None: there is nothing to take back.
std::optional<step_kind> inverse_kind(step_kind kind, const step& turned) {
    switch (kind) {
        case step_kind::create: return step_kind::delete_user;
        case step_kind::delete_user: return step_kind::create;
        case step_kind::reactivate: return step_kind::deactivate;
        case step_kind::deactivate: return step_kind::reactivate;
        case step_kind::manage: return step_kind::unmanage;
        case step_kind::unmanage: return step_kind::manage;
        case step_kind::update:
        case step_kind::blank: return loses_all(turned) ? step_kind::blank : step_kind::update;
        case step_kind::create_team: return step_kind::remove_team;
        case step_kind::remove_team: return step_kind::create_team;
        case step_kind::add_member: return step_kind::remove_member;
        case step_kind::remove_member: return step_kind::add_member;
        case step_kind::set_manager:
        case step_kind::clear_manager:
            return loses_all(turned) ? step_kind::clear_manager : step_kind::set_manager;
        case step_kind::note_missing:
        case step_kind::note_found:
        case step_kind::note_team:
        case step_kind::send_invitation: return std::nullopt;
        case step_kind::schedule_invitation:
        case step_kind::cancel_invitation: {
            const auto* state = find(turned, attribute::invitation);
            const bool waits = state == nullptr || state->new_value == "scheduled";
            return waits ? step_kind::schedule_invitation : step_kind::cancel_invitation;
        }
        case step_kind::relink:
        case step_kind::link_team:
        case step_kind::rename_team:
        case step_kind::follow_rename:
        case step_kind::set_team_manager:
        case step_kind::edit_team:
        case step_kind::move:
        case step_kind::change_email:
        case step_kind::confirm_invitation: return kind;
    }
    return std::nullopt;
}

step turned_round(const step& what) {
    step out = what;
    for (auto& each : out.changes) {
        std::swap(each.old_value, each.new_value);
        std::swap(each.old_owner, each.new_owner);
        each.rule = "undo";
    }
    std::ranges::reverse(out.changes);
    return out;
}

} // namespace

inverse inverse_of(std::span<const step> done) {
    inverse out;
    absl::flat_hash_set<std::uint32_t> invited;
    for (auto at = done.rbegin(); at != done.rend(); ++at) {
        if (at->changes.empty()) {
            out.cannot.push_back(fmt::format(
                "a person who was erased ({}): nothing is kept of the change", name_of(at->kind)));
            continue;
        }
        if (at->kind == step_kind::send_invitation) {
            invited.insert(at->subject);
            out.cannot.push_back(
                fmt::format("the invitation of {}: it was sent and stays sent", at->label));
        }
        // What led to an invitation that stays sent stays too.
        if (is_of_an_invitation(at->kind) && invited.contains(at->subject)) continue;
        auto turned = turned_round(*at);
        if (const auto kind = inverse_kind(at->kind, turned)) {
            turned.kind = *kind;
            out.steps.push_back(std::move(turned));
        }
    }
    return out;
}

} // namespace rollcall::sync
