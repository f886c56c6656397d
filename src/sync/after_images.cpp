#include "after_images.hpp"

#include <algorithm>

#include "rollcall/core/text.hpp"
#include "step_text.hpp"

namespace rollcall::sync {

using directory::owner;
using directory::team_member;
using directory::user_ref;

after_images::after_images(const books& of, std::span<const step> steps,
                           const absl::flat_hash_set<std::size_t>& refused)
    : of_(of) {
    done_.reserve(steps.size());
    user_by_uid_.reserve(steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i) {
        apply(steps[i], i, !refused.empty() && refused.contains(i));
    }
}

// ---- what is looked at ----

after_images::user_image& after_images::user(std::uint32_t uid) {
    auto& slot = user_by_uid_[uid];
    if (slot != nullptr) return *slot;
    auto& fresh = users_.emplace_back();
    fresh.before = of_.users.find_by_uid(uid);
    fresh.exists = fresh.before != user_ref::none;
    if (fresh.exists) {
        fresh.after = directory::own(of_.users.values(fresh.before), of_.users.meta(fresh.before));
    }
    fresh.after.meta.uid = uid;
    slot = &fresh;
    return fresh;
}

after_images::team_image& after_images::team(std::uint32_t id) {
    const auto [at, fresh] = teams_.try_emplace(id);
    if (fresh) {
        if (const auto* present = of_.teams.find(id); present != nullptr) {
            at->second = {.after = *present, .existed = true, .exists = true};
        }
        at->second.after.id = id;
    }
    return at->second;
}

after_images::invitation_image& after_images::invitation_of(std::uint32_t uid) {
    const auto [at, fresh] = invitations_.try_emplace(uid);
    if (fresh) {
        if (const auto* present = of_.invitations.find(uid); present != nullptr) {
            at->second.after = *present;
        }
    }
    return at->second;
}

bool after_images::is_member(team_member member) const {
    const auto at = members_.find(member);
    return at != members_.end() ? at->second : of_.teams.secondary().contains(member);
}

bool after_images::has_user(std::uint32_t uid) const {
    const auto at = user_by_uid_.find(uid);
    if (at != user_by_uid_.end()) return at->second->exists;
    return of_.users.find_by_uid(uid) != user_ref::none;
}

bool after_images::has_team(std::uint32_t id) const {
    const auto at = teams_.find(id);
    return at != teams_.end() ? at->second.exists : of_.teams.find(id) != nullptr;
}

bool after_images::is_gone_user(std::uint32_t uid) const {
    const auto at = user_by_uid_.find(uid);
    return at != user_by_uid_.end() && !at->second->exists && at->second->before != user_ref::none;
}

bool after_images::is_gone_team(std::uint32_t id) const {
    const auto at = teams_.find(id);
    return at != teams_.end() && !at->second.exists && at->second.existed;
}

std::uint32_t after_images::manager_of(std::uint32_t uid) const {
    if (const auto at = user_by_uid_.find(uid); at != user_by_uid_.end()) {
        return at->second->exists ? at->second->after.meta.manager : 0;
    }
    const auto which = of_.users.find_by_uid(uid);
    return which == user_ref::none ? 0 : of_.users.brief(which).manager;
}

std::uint32_t after_images::parent_of(std::uint32_t id) const {
    if (const auto at = teams_.find(id); at != teams_.end()) {
        return at->second.exists ? at->second.after.parent : 0;
    }
    const auto* present = of_.teams.find(id);
    return present == nullptr ? 0 : present->parent;
}

// ---- one step ----

void after_images::apply(const step& what, std::size_t number, bool refused) {
    bool is_done = false;
    if (subject_of(what.kind) == subject_kind::team) {
        auto& which = team(what.subject);
        is_done = !refused && !which.stopped && apply_to_team(which, what, number);
        which.stopped = !is_done;
    } else {
        auto& who = user(what.subject);
        // An invitation has moved on without its user: that keeps back no more than the invitation.
        const bool invites = is_of_an_invitation(what.kind);
        // LA-16: whoever was deactivated since it was planned is not invited.
        const bool unwelcome = what.kind == step_kind::send_invitation &&
                               who.after.meta.state == directory::user_state::inactive;
        const bool stopped = who.stopped || (invites && who.invitation_stopped) || unwelcome;
        is_done = !refused && !stopped && apply_to_user(who, what, number);
        (invites ? who.invitation_stopped : who.stopped) |= !is_done;
        who.by_hand = who.by_hand || is_by_hand(what);
    }
    (is_done ? done_ : dropped_).push_back(what);
}

bool after_images::holds(const user_image& who, const change& each) {
    switch (holder_of(each.what)) {
        case holder::user: return has_value(who.after, each.what, each.old_value);
        case holder::invitation:
            return same_value(each.what,
                              text_of(invitation_of(who.after.meta.uid).after, each.what),
                              each.old_value);
        case holder::membership: {
            const auto left = read_number(each.old_value);
            const auto joined = read_number(each.new_value);
            if (!left || !joined) return false;
            const auto uid = who.after.meta.uid;
            return (*left == 0 || is_member({*left, uid})) &&
                   (*joined == 0 || !is_member({*joined, uid}));
        }
        case holder::team: return false;
    }
    return false;
}

bool after_images::may_write(const user_image& who, const change& each) {
    if (!is_value(each.what, each.new_value)) return false;
    if (each.what == attribute::manager) return !is_gone_user(*read_number(each.new_value));
    if (each.what != attribute::member) return holder_of(each.what) != holder::team;
    const auto joined = read_number(each.new_value);
    return who.exists && joined && (*joined == 0 || has_team(*joined));
}

void after_images::write(user_image& who, const change& each, std::size_t number) {
    const auto uid = who.after.meta.uid;
    switch (holder_of(each.what)) {
        case holder::invitation: {
            auto& image = invitation_of(uid);
            image.after.uid = uid;
            image.changed = true;
            sync::write(image.after, each.what, each.new_value);
            return;
        }
        case holder::membership:
            if (const auto left = *read_number(each.old_value); left != 0) {
                members_[{left, uid}] = false;
            }
            if (const auto joined = *read_number(each.new_value); joined != 0) {
                members_[{joined, uid}] = true;
            }
            return;
        default: break;
    }
    sync::write(who.after, each.what, each.new_value, each.new_owner);
    who.changed = true;
    if (each.what == attribute::external_id) who.id_by = number;
    if (each.what == attribute::email) who.email_by = number;
    if (each.what == attribute::manager) who.manager_by = number;
}

bool after_images::apply_to_user(user_image& who, const step& what, std::size_t number) {
    const bool creates = what.kind == step_kind::create;
    if (what.changes.empty() || who.exists == creates) return false;
    for (const auto& each : what.changes) {
        // What does not exist yet has no values to be held against.
        if (!creates && !holds(who, each)) return false;
        if (what.kind != step_kind::delete_user && !may_write(who, each)) return false;
    }
    if (what.kind == step_kind::delete_user) {
        who.exists = false;
        something_is_gone_ = true;
        return true;
    }
    if (creates) {
        const auto uid = who.after.meta.uid;
        who.after = {};
        who.after.meta.uid = uid;
        who.exists = who.changed = true;
    }
    bool deactivated_by_us = false;
    for (const auto& each : what.changes) {
        write(who, each, number);
        if (!creates) continue;
        // Of a create the state's owner says who made the user (LA-25), and that of `managed` who
        // deactivated one that is brought back inactive.
        const bool ours = each.new_owner == owner::ours;
        if (each.what == attribute::state) {
            who.after.meta.created_by_us = ours;
            who.after.meta.deactivated_by_us = false;
        }
        if (each.what == attribute::managed) deactivated_by_us = ours;
    }
    if (creates && who.after.meta.state == directory::user_state::inactive) {
        who.after.meta.deactivated_by_us = deactivated_by_us;
    }
    return true;
}

bool after_images::apply_to_team(team_image& which, const step& what, std::size_t position) {
    const bool creates = what.kind == step_kind::create_team;
    if (what.changes.empty() || which.exists == creates) return false;
    for (const auto& each : what.changes) {
        if (holder_of(each.what) != holder::team || !is_value(each.what, each.new_value)) {
            return false;
        }
        if (!creates && !same_value(each.what, text_of(which.after, each.what), each.old_value)) {
            return false;
        }
        const auto number = read_number(each.new_value).value_or(0);
        if (each.what == attribute::team_manager && is_gone_user(number)) return false;
        if (each.what == attribute::team_parent && is_gone_team(number)) return false;
    }
    if (what.kind == step_kind::remove_team) {
        which.exists = false;
        something_is_gone_ = true;
        return true;
    }
    if (creates) which.after = {.id = what.subject, .name = {}, .key = {}};
    which.exists = which.changed = true;
    for (const auto& each : what.changes) {
        sync::write(which.after, each.what, each.new_value);
        if (each.what == attribute::team_key) which.key_by = position;
        if (each.what == attribute::team_parent) which.parent_by = position;
        if (each.what == attribute::team_manager) which.manager_by = position;
    }
    return true;
}

// ---- the end ----

// LA-26: the ledger's entry goes with the user. Made anew by the next sweep, the person would be
// invited anew too.
void after_images::mark_if_invited(user_ref gone, outcome_of_steps& into) const {
    const auto* entry = of_.invitations.find(of_.users.brief(gone).uid);
    if (entry == nullptr) return;
    if (entry->sent == wall_time{} && entry->state != invitation_state::confirmed) return;
    std::string scratch;
    const auto mark = [&](std::string_view kind, std::string_view value) {
        if (!value.empty()) into.invited.push_back(mark_of(of_.erasure_salt, kind, value));
    };
    mark("id", of_.users.text(gone, directory::field::external_id));
    mark("email", fold(of_.users.text(gone, directory::field::email), scratch));
}

void after_images::take_users(std::span<const seen_mark> seen, outcome_of_steps& into) {
    absl::flat_hash_map<std::uint32_t, std::uint64_t> marks;
    marks.reserve(seen.size());
    for (const auto& each : seen) {
        marks[each.uid] = each.fingerprint;
        user(each.uid);
    }
    std::vector<user_image*> order;
    order.reserve(users_.size());
    for (auto& each : users_) order.push_back(&each);
    std::ranges::sort(order, {}, [](const user_image* each) { return each->after.meta.uid; });
    into.users.reserve(order.size());
    for (auto* each : order) {
        auto& meta = each->after.meta;
        if (!each->exists) {
            if (each->before == user_ref::none) continue;
            into.users_erased.push_back(meta.uid);
            mark_if_invited(each->before, into);
            continue;
        }
        const auto before = meta.fingerprint;
        if (const auto at = marks.find(meta.uid); at != marks.end()) meta.fingerprint = at->second;
        // The next sweep is to look at whoever is not as a row was seen to be.
        if (each->stopped || each->by_hand) meta.fingerprint = 0;
        if (each->changed || meta.fingerprint != before) {
            into.users.push_back(std::move(each->after));
        }
    }
}

void after_images::take_teams(outcome_of_steps& into) const {
    for (const auto& [id, each] : teams_) {
        if (each.exists && each.changed) into.teams.push_back(each.after);
        if (!each.exists && each.existed) into.teams_erased.push_back(id);
    }
}

void after_images::take_members(outcome_of_steps& into) const {
    for (const auto& [member, is] : members_) {
        if (is == of_.teams.secondary().contains(member)) continue;
        (is ? into.members_added : into.members_removed).push_back(member);
    }
}

void after_images::take_invitations(outcome_of_steps& into) const {
    for (const auto& [uid, each] : invitations_) {
        if (each.changed && has_user(uid)) into.invitations.push_back(each.after);
    }
}

outcome_of_steps after_images::take(std::span<const seen_mark> seen) {
    outcome_of_steps out;
    take_teams(out);
    take_members(out);
    take_invitations(out);
    take_users(seen, out);
    out.done = std::move(done_);
    out.dropped = std::move(dropped_);
    return out;
}

} // namespace rollcall::sync
