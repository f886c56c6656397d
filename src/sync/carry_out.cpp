#include <algorithm>

#include "after_images.hpp"
#include "rollcall/core/text.hpp"
#include "step_text.hpp"

namespace rollcall::sync {

using directory::field;
using directory::user_data;
using directory::user_ref;

namespace {

// Finds who is in a circle of a graph in which everybody has one successor at most. What is known
// to end is walked over once.
class circle_finder {
  public:
    template <class Successor>
    bool is_in_a_circle(std::uint32_t from, Successor&& next) {
        walk_.clear();
        auto at = from;
        while (at != 0 && !open_ended_.contains(at) && walk_.insert(at).second) at = next(at);
        // Another circle, to which the walk only led, is the fault of those who are in it.
        if (at != 0 && walk_.contains(at)) return at == from;
        open_ended_.insert(walk_.begin(), walk_.end());
        return false;
    }

  private:
    absl::flat_hash_set<std::uint32_t> open_ended_;
    absl::flat_hash_set<std::uint32_t> walk_;
};

} // namespace

// ---- what two would have, or nobody is ----

// Those who had it already keep it; of those who are given it the first does.
template <class Key, class Writer, class Holder>
void after_images::find_shared(std::vector<std::size_t>& into, Key&& key_of, Writer&& by,
                               Holder&& holder_in_books) const {
    const auto writes = [&](const user_image& who) { return who.exists && by(who) != no_step; };
    if (std::ranges::none_of(users_, writes)) return;
    absl::flat_hash_set<std::string> taken;
    for (const bool writers : {false, true}) {
        for (const auto& who : users_) {
            if (!who.exists || writes(who) != writers) continue;
            const std::string_view key = key_of(who.after);
            if (key.empty()) continue;
            bool shared = !taken.emplace(key).second;
            if (const auto holder = holder_in_books(key); holder != user_ref::none) {
                shared = shared || !user_by_uid_.contains(of_.users.brief(holder).uid);
            }
            if (shared && writers) into.push_back(by(who));
        }
    }
}

void after_images::find_shared_ids_and_emails(std::vector<std::size_t>& into) const {
    find_shared(
        into, [](const user_data& who) { return std::string_view(who.get(field::external_id)); },
        [](const user_image& who) { return who.id_by; },
        [this](std::string_view id) { return of_.users.find_by_id(id); });
    std::string scratch;
    find_shared(
        into, [&](const user_data& who) { return fold(who.get(field::email), scratch); },
        [](const user_image& who) { return who.email_by; },
        [this](std::string_view folded) { return of_.users.find_by_email(folded); });
}

void after_images::find_shared_keys(std::vector<std::size_t>& into) const {
    const auto writes = [](const team_image& which) { return which.key_by != no_step; };
    absl::flat_hash_set<std::string> taken;
    for (const bool writers : {false, true}) {
        for (const auto& [id, which] : teams_) {
            if (!which.exists || writes(which) != writers || which.after.key.empty()) continue;
            bool shared = !taken.insert(which.after.key).second;
            if (const auto* holder = of_.teams.find_by_key(which.after.key); holder != nullptr) {
                shared = shared || !teams_.contains(holder->id);
            }
            if (shared && writers) into.push_back(which.key_by);
        }
    }
}

void after_images::find_lost_managers(std::vector<std::size_t>& into) const {
    // Somebody who is gone is let go of (let_go_of_the_gone); somebody who never was is a fault.
    const auto is_nobody = [this](std::uint32_t uid) {
        return uid != 0 && !has_user(uid) && of_.users.find_by_uid(uid) == user_ref::none;
    };
    const auto next = [this](std::uint32_t uid) { return manager_of(uid); };
    circle_finder circles;
    for (const auto& who : users_) {
        const auto& meta = who.after.meta;
        if (!who.exists || who.manager_by == no_step || meta.manager == 0) continue;
        if (is_nobody(meta.manager) || circles.is_in_a_circle(meta.uid, next)) {
            into.push_back(who.manager_by);
        }
    }
    for (const auto& [id, which] : teams_) {
        if (which.exists && which.manager_by != no_step && is_nobody(which.after.manager)) {
            into.push_back(which.manager_by);
        }
    }
}

void after_images::find_lost_parents(std::vector<std::size_t>& into) const {
    const auto next = [this](std::uint32_t id) { return parent_of(id); };
    circle_finder circles;
    for (const auto& [id, which] : teams_) {
        const auto parent = which.after.parent;
        if (!which.exists || which.parent_by == no_step || parent == 0) continue;
        const bool is_none = !has_team(parent) && of_.teams.find(parent) == nullptr;
        if (is_none || circles.is_in_a_circle(id, next)) into.push_back(which.parent_by);
    }
}

std::vector<std::size_t> after_images::clashes() const {
    std::vector<std::size_t> out;
    find_shared_ids_and_emails(out);
    find_shared_keys(out);
    find_lost_managers(out);
    find_lost_parents(out);
    std::ranges::sort(out);
    return out;
}

outcome_of_steps carry_out(const books& of, std::span<const step> steps,
                           std::span<const seen_mark> seen) {
    // A step that was right when it was planned may meet what others did since: an address that was
    // given away while the step was held (G-6). Each round refuses at least one more step.
    absl::flat_hash_set<std::size_t> refused;
    for (;;) {
        after_images images(of, steps, refused);
        const auto clashing = images.clashes();
        if (clashing.empty()) {
            images.let_go_of_the_gone();
            return images.take(seen);
        }
        refused.insert(clashing.begin(), clashing.end());
    }
}

} // namespace rollcall::sync
