#include "draft.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>
#include <utility>

#include "rollcall/core/check.hpp"
#include "step_text.hpp"

namespace rollcall::sync {

using directory::owner;
using directory::user_ref;

namespace {

// LA-3, LA-19: what the source says too is no longer the admin's alone.
bool is_claimed(attribute what, std::string_view value, owner before, owner after) noexcept {
    return static_cast<std::size_t>(what) < directory::field_count && !value.empty() &&
           after == owner::ours && before != owner::ours;
}

constexpr std::array invitation_attributes{
    attribute::invitation, attribute::invitation_due, attribute::invitation_sent,
    attribute::invitation_automatic, attribute::invitation_first_load};

step& step_of(std::vector<step>& steps, step_kind kind, std::uint32_t subject) {
    for (auto& each : steps) {
        if (each.kind == kind) return each;
    }
    auto& fresh = steps.emplace_back();
    fresh.kind = kind;
    fresh.subject = subject;
    return fresh;
}

// A value that is set twice in one step keeps the first pre-image; one that is set back is gone.
void record(step& in, change made) {
    const auto at = std::find_if(in.changes.begin(), in.changes.end(),
                                 [&](const change& c) { return c.what == made.what; });
    if (at == in.changes.end()) {
        in.changes.push_back(std::move(made));
    } else if (at->old_value == made.new_value && at->old_owner == made.new_owner) {
        in.changes.erase(at);
    } else {
        at->new_value = std::move(made.new_value);
        at->new_owner = made.new_owner;
        at->rule = std::move(made.rule);
    }
}

void move_steps(std::vector<step>& from, const std::string& label, std::vector<step>& into) {
    for (auto& each : from) {
        if (each.changes.empty()) continue;
        each.label = label;
        into.push_back(std::move(each));
    }
}

// G-8. Steps are moved once, into their places: they are larger than what orders them.
std::vector<step> in_order(std::vector<step>&& steps) {
    std::vector<std::uint32_t> order(steps.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        const auto& x = steps[a];
        const auto& y = steps[b];
        return std::tie(x.kind, x.label, x.subject) < std::tie(y.kind, y.label, y.subject);
    });
    std::vector<step> out;
    out.reserve(steps.size());
    for (const auto i : order) out.push_back(std::move(steps[i]));
    return out;
}

} // namespace

draft::draft(const books& all, const snapshot* read, const tenant_settings& chosen, wall_time at)
    : of(all),
      from(read),
      settings(chosen),
      now(at),
      today(local_date(at, zone_of(chosen))),
      next_uid_(all.next_uid),
      next_team_(all.next_team) {
    for (const auto& section : of.held.sections) {
        for (const auto& each : section.steps) {
            if (each.kind == step_kind::create) held_users_.emplace(each.label, each.subject);
            if (each.kind == step_kind::create_team) held_teams_.emplace(each.label, each.subject);
        }
    }
}

// ---- users ----

draft::person& draft::edit(user_ref which) {
    const auto uid = of.users.brief(which).uid;
    if (edited_.size() <= uid)
        edited_.resize(std::max<std::size_t>(of.next_uid, std::size_t{uid} + 1));
    auto*& slot = edited_[uid];
    if (slot == nullptr) {
        slot = &people_.emplace_back(of.users, which);
        slot->fingerprint_before = slot->after.meta.fingerprint;
    }
    return *slot;
}

const draft::person* draft::find(user_ref which) const noexcept {
    if (edited_.empty()) return nullptr;
    const auto uid = of.users.brief(which).uid;
    return uid < edited_.size() ? edited_[uid] : nullptr;
}

draft::person& draft::create(std::string_view external_id) {
    auto& fresh = people_.emplace_back();
    const auto held = held_users_.find(external_id);
    fresh.after.meta.uid = held == held_users_.end() ? next_uid_++ : held->second;
    return fresh;
}

void draft::set(person& who, step_kind kind, attribute what, std::string_view value,
                directory::owner whose, std::string_view rule) {
    // Before its create a user has no state; every other value begins blank.
    const bool born = kind == step_kind::create && what == attribute::state;
    auto old_value = born ? std::string() : text_of(who.after, what);
    const auto old_owner = born ? owner::never_set : owner_of(who.after, what);
    if (old_value == value && !is_claimed(what, value, old_owner, whose)) return;
    write(who.after, what, value, whose);
    if (born) who.after.meta.created_by_us = whose == owner::ours;
    record(step_of(who.steps, kind, who.after.meta.uid),
           {what, old_owner, whose, std::move(old_value), std::string(value), std::string(rule)});
}

// ---- teams ----

draft::team_draft& draft::edit_team(std::uint32_t id) {
    auto& slot = team_by_id_[id];
    if (slot != nullptr) return *slot;
    const auto* present = of.teams.find(id);
    ROLLCALL_CHECK(present != nullptr);
    auto& fresh = teams_.emplace_back();
    fresh.after = *present;
    slot = &fresh;
    return fresh;
}

draft::team_draft& draft::create_team(std::string_view name, std::string_view key,
                                      std::string_view rule) {
    auto& fresh = teams_.emplace_back();
    fresh.created = true;
    const auto held = held_teams_.find(name);
    fresh.after.id = held == held_teams_.end() ? next_team_++ : held->second;
    team_by_id_[fresh.after.id] = &fresh;
    set(fresh, step_kind::create_team, attribute::team_name, name, rule);
    set(fresh, step_kind::create_team, attribute::team_key, key, rule);
    set(fresh, step_kind::create_team, attribute::team_owned, "yes", rule);
    return fresh;
}

void draft::remove_team(std::uint32_t id, std::string_view rule) {
    auto& which = edit_team(id);
    ROLLCALL_CHECK(!which.created && !which.removed);
    // All its values are in the step, so that an undo can bring it back as it was.
    const auto before = which.after;
    for (const auto what :
         {attribute::team_name, attribute::team_key, attribute::team_owned, attribute::team_parent,
          attribute::team_manager, attribute::team_absent}) {
        set(which, step_kind::remove_team, what, text_of(directory::team{}, what), rule);
    }
    which.after = before;
    which.removed = true;
}

void draft::set(team_draft& which, step_kind kind, attribute what, std::string_view value,
                std::string_view rule) {
    auto old_value = text_of(which.after, what);
    if (old_value == value) return;
    write(which.after, what, value);
    if (what == attribute::team_key && !value.empty()) {
        team_by_key_[std::string(value)] = which.after.id;
    }
    record(step_of(which.steps, kind, which.after.id),
           {what, owner::never_set, owner::never_set, std::move(old_value), std::string(value),
            std::string(rule)});
}

const directory::team* draft::find_team(std::uint32_t id) const {
    const auto at = team_by_id_.find(id);
    if (at == team_by_id_.end()) return of.teams.find(id);
    return at->second->removed ? nullptr : &at->second->after;
}

const directory::team* draft::team_by_key(std::string_view folded) const {
    if (const auto at = team_by_key_.find(absl::string_view(folded.data(), folded.size()));
        at != team_by_key_.end()) {
        const auto* drafted = find_team(at->second);
        if (drafted != nullptr && drafted->key == folded) return drafted;
    }
    const auto* stored = of.teams.find_by_key(folded);
    const auto* present = stored == nullptr ? nullptr : find_team(stored->id);
    return present != nullptr && present->key == folded ? present : nullptr;
}

// ---- invitations ----

const invitation* draft::find_invitation(std::uint32_t uid) const noexcept {
    const auto at = invitations_.find(uid);
    return at == invitations_.end() ? of.invitations.find(uid) : &at->second;
}

invitation draft::invitation_of(std::uint32_t uid) const {
    if (const auto* present = find_invitation(uid); present != nullptr) return *present;
    invitation none;
    none.uid = uid;
    return none;
}

void draft::set(person& who, step_kind kind, const invitation& value, std::string_view rule) {
    const auto uid = who.after.meta.uid;
    ROLLCALL_CHECK(value.uid == uid && value.state != invitation_state::due);
    const auto* present = find_invitation(uid);
    const auto before = present == nullptr ? invitation{} : *present;
    for (const auto what : invitation_attributes) {
        auto old_value = text_of(before, what);
        auto new_value = text_of(value, what);
        if (old_value == new_value) continue;
        record(step_of(who.steps, kind, uid),
               {what, owner::never_set, owner::never_set, std::move(old_value),
                std::move(new_value), std::string(rule)});
    }
    invitations_[uid] = value;
}

// ---- the end ----

void draft::report(issue_kind kind, std::string_view external_id, std::string_view other,
                   std::string_view which_field, std::string_view rule) {
    issues.push_back({kind, std::string(external_id), std::string(other), std::string(which_field),
                      std::string(rule)});
}

plan draft::take() {
    plan out;
    std::vector<step> steps;
    steps.reserve(people_.size() + teams_.size());
    out.next_uid = of.next_uid;
    out.next_team = of.next_team;
    for (auto& each : people_) {
        if (each.withdrawn) continue;
        const auto& meta = each.after.meta;
        if (each.ref == user_ref::none) out.next_uid = std::max(out.next_uid, meta.uid + 1);
        move_steps(each.steps, label_of(each.after), steps);
        if (meta.fingerprint != each.fingerprint_before) {
            out.seen.push_back({meta.uid, meta.fingerprint});
        }
    }
    for (auto& each : teams_) {
        if (each.created) out.next_team = std::max(out.next_team, each.after.id + 1);
        const auto* before = of.teams.find(each.after.id);
        move_steps(each.steps, before == nullptr ? each.after.name : before->name, steps);
    }
    out.steps = in_order(std::move(steps));
    std::sort(out.seen.begin(), out.seen.end(),
              [](const seen_mark& a, const seen_mark& b) { return a.uid < b.uid; });
    std::sort(issues.begin(), issues.end());
    issues.erase(std::unique(issues.begin(), issues.end()), issues.end());
    out.issues = std::move(issues);
    out.counts = counts;
    return out;
}

} // namespace rollcall::sync
