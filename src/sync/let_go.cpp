// Whoever refers to a user or team that steps remove.
#include <algorithm>
#include <tuple>

#include "after_images.hpp"
#include "step_text.hpp"

namespace rollcall::sync {

using directory::owner;
using directory::user_ref;

// The steps of those who refer to what is gone, each with the number in done_ of the removal that
// it is to precede.
after_images::let_go_steps after_images::references_to_the_gone() {
    absl::flat_hash_map<std::uint32_t, std::size_t> users_gone, teams_gone;
    for (std::size_t i = 0; i < done_.size(); ++i) {
        if (done_[i].kind == step_kind::delete_user) users_gone[done_[i].subject] = i;
        if (done_[i].kind == step_kind::remove_team) teams_gone[done_[i].subject] = i;
    }
    const auto removal_in = [](const auto& gone, std::uint32_t number, bool exists) {
        const auto at = gone.find(number);
        return exists || at == gone.end() ? no_step : at->second;
    };
    const auto removal_of_user = [&](std::uint32_t uid) {
        return removal_in(users_gone, uid, has_user(uid));
    };
    const auto removal_of_team = [&](std::uint32_t id) {
        return removal_in(teams_gone, id, has_team(id));
    };
    let_go_steps out;
    const auto let_go = [&](std::size_t removal, step what) {
        if (removal == no_step) return;
        what.changes[0].rule = done_[removal].changes[0].rule;
        out.emplace_back(removal, std::move(what));
    };
    std::vector<std::uint32_t> reports;
    of_.users.for_each_brief([&](user_ref, const directory::user_brief& each) {
        if (users_gone.contains(each.manager)) reports.push_back(each.uid);
    });
    for (const auto uid : reports) user(uid);
    for (const auto& who : users_) {
        const auto& meta = who.after.meta;
        if (!who.exists || meta.manager == 0) continue;
        const auto whose = owner_of(who.after, attribute::manager);
        let_go(removal_of_user(meta.manager),
               {step_kind::clear_manager,
                meta.uid,
                label_of(who.after),
                {{attribute::manager, whose, whose, std::to_string(meta.manager), "", ""}}});
    }
    for (const auto& each : of_.teams.all()) team(each.id);
    constexpr auto nobody = owner::never_set;
    for (const auto& [id, which] : teams_) {
        const auto& after = which.after;
        if (!which.exists) continue;
        let_go(
            removal_of_user(after.manager),
            {step_kind::set_team_manager,
             id,
             after.name,
             {{attribute::team_manager, nobody, nobody, std::to_string(after.manager), "", ""}}});
        let_go(removal_of_team(after.parent),
               {step_kind::edit_team,
                id,
                after.name,
                {{attribute::team_parent, nobody, nobody, std::to_string(after.parent), "", ""}}});
    }
    auto members = of_.teams.secondary();
    for (const auto& [member, is] : members_) {
        is ? void(members.insert(member)) : void(members.erase(member));
    }
    for (const auto& each : members) {
        const auto removal = std::min(removal_of_user(each.uid), removal_of_team(each.team));
        if (removal == no_step) continue;
        let_go(removal, {step_kind::remove_member,
                         each.uid,
                         label_of(user(each.uid).after),
                         {{attribute::member, nobody, nobody, std::to_string(each.team), "", ""}}});
    }
    std::ranges::sort(out, [](const auto& a, const auto& b) {
        const auto& [before_a, x] = a;
        const auto& [before_b, y] = b;
        return std::tie(before_a, x.kind, x.label, x.subject, x.changes[0].old_value) <
               std::tie(before_b, y.kind, y.label, y.subject, y.changes[0].old_value);
    });
    return out;
}

void after_images::let_go(const step& what) {
    const auto& made = what.changes[0];
    if (subject_of(what.kind) == subject_kind::team) {
        auto& which = team(what.subject);
        sync::write(which.after, made.what, made.new_value);
        which.changed = true;
        return;
    }
    auto& who = user(what.subject);
    write(who, made, no_step);
    who.by_hand = who.by_hand || is_by_hand(what);
}

void after_images::let_go_of_the_gone() {
    if (!something_is_gone_) return;
    auto steps = references_to_the_gone();
    if (steps.empty()) return;
    std::vector<step> merged;
    merged.reserve(done_.size() + steps.size());
    auto next = steps.begin();
    for (std::size_t i = 0; i < done_.size(); ++i) {
        for (; next != steps.end() && next->first == i; ++next) {
            let_go(next->second);
            merged.push_back(std::move(next->second));
        }
        merged.push_back(std::move(done_[i]));
    }
    done_ = std::move(merged);
}

} // namespace rollcall::sync
