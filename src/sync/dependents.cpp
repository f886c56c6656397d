#include "dependents.hpp"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "rollcall/core/text.hpp"
#include "step_text.hpp"

namespace rollcall::sync {

using directory::field;
using directory::user_ref;

namespace {

const change* find(const step& in, attribute what) noexcept {
    const auto at = std::ranges::find(in.changes, what, &change::what);
    return at == in.changes.end() ? nullptr : &*at;
}

// What a step would do to an attribute: "" where it does nothing to it.
std::string_view old_of(const step& in, attribute what) noexcept {
    const auto* made = find(in, what);
    return made == nullptr ? std::string_view() : std::string_view(made->old_value);
}
std::string_view new_of(const step& in, attribute what) noexcept {
    const auto* made = find(in, what);
    return made == nullptr ? std::string_view() : std::string_view(made->new_value);
}

// Of a step that needs several: never, if one of them never comes; else with the first section.
fate worse_of(const fate& a, const fate& b) noexcept {
    if (a.what != b.what) return a.what > b.what ? a : b;
    return b.section < a.section ? b : a;
}

class spreading {
  public:
    spreading(std::span<const step> steps, std::vector<fate>& fates, const books& of,
              const tenant_settings& settings)
        : steps_(steps), fates_(fates), of_(of), settings_(settings) {
        note_who_does_what();
        for (std::size_t i = 0; i < steps_.size(); ++i) add_needs(i);
    }

    void run() {
        do {
            while (follow_needs() || withhold_teams_without_members()) {
            }
        } while (withhold_for_seats() || withhold_circles());
    }

  private:
    using by_number = absl::flat_hash_map<std::uint32_t, std::size_t>;
    using by_text = absl::flat_hash_map<std::string, std::size_t>;

    void note_who_does_what();
    void note_departures();
    void add_needs(std::size_t i);
    void add_needs_of_invitation(std::size_t i);
    void add_needs_of_team(std::size_t i);

    template <class Map, class Key>
    void needs(std::size_t i, const Map& map, const Key& key) {
        const auto at = map.find(key);
        if (at != map.end() && at->second != i) needs_.emplace_back(i, at->second);
    }
    bool withhold(std::size_t i, const fate& because) {
        if (!fates_[i].goes() || because.goes()) return false;
        fates_[i] = because;
        // A count of absences is not worth anybody's look: it is made again.
        if (steps_[i].kind == step_kind::note_team) fates_[i].what = fate::way::left_out;
        return true;
    }

    bool follow_needs();
    bool withhold_teams_without_members();
    bool withhold_for_seats();
    bool withhold_circles();
    [[nodiscard]] fate of_those_who_stay() const;
    [[nodiscard]] std::vector<std::size_t> joiners() const;
    [[nodiscard]] date start_of(const step& joiner) const;
    [[nodiscard]] fate of_the_circle(std::uint32_t uid) const;
    [[nodiscard]] std::uint32_t manager_of(std::uint32_t uid) const;
    [[nodiscard]] bool has_member_in_books(const std::string& key);

    std::span<const step> steps_;
    std::vector<fate>& fates_;
    const books& of_;
    const tenant_settings& settings_;

    // Who needs whom, by number; the second is what the first needs.
    std::vector<std::pair<std::size_t, std::size_t>> needs_;
    by_number creates_, relinks_, reactivates_, deactivates_, unmanages_, changes_email_,
        schedules_, sets_manager_;
    by_text frees_id_, frees_email_, frees_key_;
    absl::flat_hash_map<std::uint32_t, date> starts_;
    std::vector<std::pair<std::string, std::size_t>> leaves_team_; // by key, sorted
    std::optional<absl::flat_hash_set<std::string>> departments_in_books_;
};

// ---- the needs ----

void spreading::note_who_does_what() {
    bool teams_are_counted = false;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        const auto& each = steps_[i];
        const auto subject = each.subject;
        switch (each.kind) {
            case step_kind::create: creates_[subject] = i; break;
            case step_kind::relink: relinks_[subject] = i; break;
            case step_kind::reactivate: reactivates_[subject] = i; break;
            case step_kind::deactivate: deactivates_[subject] = i; break;
            case step_kind::unmanage: unmanages_[subject] = i; break;
            case step_kind::schedule_invitation: schedules_[subject] = i; break;
            case step_kind::remove_team:
            case step_kind::note_team: teams_are_counted = true; break;
            default: break;
        }
        if (const auto key = old_of(each, attribute::team_key); !key.empty()) {
            frees_key_[std::string(key)] = i;
        }
        if (subject_of(each.kind) == subject_kind::team) continue;
        if (find(each, attribute::manager) != nullptr) sets_manager_[subject] = i;
        if (const auto* start = find(each, attribute::start_date); start != nullptr) {
            const auto day = parse_date(start->new_value);
            starts_[subject] = day ? *day : date{};
        }
        if (const auto id = old_of(each, attribute::external_id); !id.empty()) {
            frees_id_[std::string(id)] = i;
        }
        if (const auto email = old_of(each, attribute::email); !email.empty()) {
            frees_email_[folded(email)] = i;
            changes_email_[subject] = i;
        }
    }
    if (teams_are_counted) note_departures();
}

// Whose going would leave a team without the member that it still has in the books.
void spreading::note_departures() {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        const auto& each = steps_[i];
        const bool goes = each.kind == step_kind::deactivate || each.kind == step_kind::unmanage ||
                          each.kind == step_kind::delete_user;
        if (subject_of(each.kind) == subject_kind::team) continue;
        if (!goes && find(each, attribute::department) == nullptr) continue;
        const auto who = of_.users.find_by_uid(each.subject);
        if (who == user_ref::none) continue;
        leaves_team_.emplace_back(folded(of_.users.text(who, field::department)), i);
    }
    std::ranges::sort(leaves_team_);
}

void spreading::add_needs(std::size_t i) {
    const auto& each = steps_[i];
    if (subject_of(each.kind) == subject_kind::team) return add_needs_of_team(i);
    needs(i, creates_, each.subject);
    needs(i, relinks_, each.subject); // is it the same person at all?
    if (const auto id = new_of(each, attribute::external_id); !id.empty()) {
        needs(i, frees_id_, std::string(id));
    }
    if (const auto email = new_of(each, attribute::email); !email.empty()) {
        needs(i, frees_email_, folded(email));
    }
    if (const auto manager = read_number(new_of(each, attribute::manager)).value_or(0);
        manager != 0) {
        needs(i, creates_, manager);
        needs(i, reactivates_, manager); // LA-41
    }
    if (is_of_an_invitation(each.kind)) add_needs_of_invitation(i);
}

void spreading::add_needs_of_invitation(std::size_t i) {
    const auto& each = steps_[i];
    if (each.kind == step_kind::cancel_invitation) {
        needs(i, deactivates_, each.subject);
        needs(i, unmanages_, each.subject);
        return;
    }
    needs(i, reactivates_, each.subject);
    if (each.kind != step_kind::send_invitation) return;
    needs(i, schedules_, each.subject);
    needs(i, changes_email_, each.subject); // LA-26: once, and to the new address
}

void spreading::add_needs_of_team(std::size_t i) {
    const auto& each = steps_[i];
    if (const auto* manager = find(each, attribute::team_manager); manager != nullptr) {
        needs(i, creates_, read_number(manager->new_value).value_or(0));
        // The Owner takes over from a manager who goes (G-8), not from one who stays.
        needs(i, deactivates_, read_number(manager->old_value).value_or(0));
    }
    if (const auto key = new_of(each, attribute::team_key); !key.empty()) {
        needs(i, frees_key_, std::string(key));
    }
    if (each.kind != step_kind::remove_team && each.kind != step_kind::note_team) return;
    const auto* team = of_.teams.find(each.subject);
    if (team == nullptr || team->key.empty()) return;
    const auto [first, last] = std::ranges::equal_range(
        leaves_team_, team->key, {}, &std::pair<std::string, std::size_t>::first);
    for (auto at = first; at != last; ++at) needs_.emplace_back(i, at->second);
}

// ---- rounds ----

// All of a round are judged by the fates before it, so that their order does not matter.
bool spreading::follow_needs() {
    std::vector<std::pair<std::size_t, fate>> found;
    for (const auto& [needer, needed] : needs_) {
        if (fates_[needer].goes() && !fates_[needed].goes()) {
            found.emplace_back(needer, fates_[needed]);
        }
    }
    absl::flat_hash_map<std::size_t, fate> worst;
    for (const auto& [needer, because] : found) {
        auto& slot = worst[needer];
        slot = worse_of(slot, because);
    }
    bool moved = false;
    for (const auto& [needer, because] : worst) moved |= withhold(needer, because);
    return moved;
}

// A team is made for its members: with all of them withheld it would be an empty one.
bool spreading::withhold_teams_without_members() {
    struct membership {
        bool any = false, goes = false;
        fate worst, best;
    };
    absl::flat_hash_map<std::string, membership> by_key;
    for (const auto& each : steps_) {
        if (each.kind == step_kind::create_team) {
            by_key.try_emplace(std::string(new_of(each, attribute::team_key)));
        }
    }
    if (by_key.empty()) return false;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        if (subject_of(steps_[i].kind) == subject_kind::team) continue;
        const auto at = by_key.find(folded(new_of(steps_[i], attribute::department)));
        if (at == by_key.end()) continue;
        auto& of_key = at->second;
        of_key.goes = of_key.goes || fates_[i].goes();
        // It comes with the first of them that may still come.
        const bool held_first = fates_[i].what == fate::way::held;
        if (!of_key.any || (held_first && (of_key.best.what != fate::way::held ||
                                           fates_[i].section < of_key.best.section))) {
            of_key.best = fates_[i];
        }
        of_key.any = true;
    }
    bool moved = false;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        if (steps_[i].kind != step_kind::create_team) continue;
        const std::string key(new_of(steps_[i], attribute::team_key));
        const auto& of_key = by_key.at(key);
        if (!of_key.any || of_key.goes || has_member_in_books(key)) continue;
        moved |= withhold(i, of_key.best);
    }
    return moved;
}

bool spreading::has_member_in_books(const std::string& key) {
    if (!departments_in_books_) {
        departments_in_books_.emplace();
        absl::flat_hash_set<std::uint32_t> seen;
        of_.users.for_each_brief([&](user_ref who, const directory::user_brief& brief) {
            if (brief.state != directory::user_state::active || !brief.managed) return;
            if (!seen.insert(of_.users.department_number(who)).second) return;
            departments_in_books_->insert(folded(of_.users.text(who, field::department)));
        });
    }
    return departments_in_books_->contains(key);
}

// ---- seats (WT-6) ----

// Of the departures that are withheld: with one that is held whoever needs its seat may come yet.
fate spreading::of_those_who_stay() const {
    fate out;
    for (const auto& [uid, i] : deactivates_) {
        const auto& each = fates_[i];
        if (each.goes()) continue;
        const bool better =
            out.goes() || (each.what == fate::way::held &&
                           (out.what != fate::way::held || each.section < out.section));
        if (better) out = each;
    }
    out.for_a_seat = true;
    return out;
}

std::vector<std::size_t> spreading::joiners() const {
    std::vector<std::size_t> out;
    for (const auto& [uid, i] : reactivates_) {
        if (fates_[i].goes()) out.push_back(i);
    }
    for (const auto& [uid, i] : creates_) {
        if (fates_[i].goes() && new_of(steps_[i], attribute::state) != "inactive") {
            out.push_back(i);
        }
    }
    return out;
}

date spreading::start_of(const step& joiner) const {
    if (const auto at = starts_.find(joiner.subject); at != starts_.end()) return at->second;
    const auto who = of_.users.find_by_uid(joiner.subject);
    return who == user_ref::none ? date{} : of_.users.brief(who).start_date;
}

// The planner gave out the seats of those who leave. Where these stay, the last to join wait.
bool spreading::withhold_for_seats() {
    if (settings_.seats == 0) return false;
    const auto because = of_those_who_stay();
    if (because.goes()) return false;
    auto joining = joiners();
    const auto leaving = std::ranges::count_if(
        deactivates_, [&](const auto& each) { return fates_[each.second].goes(); });
    const auto over = static_cast<std::int64_t>(of_.users.active()) - leaving +
                      static_cast<std::int64_t>(joining.size()) -
                      static_cast<std::int64_t>(settings_.seats);
    if (over <= 0 || joining.empty()) return false;
    using rank = std::tuple<date, std::string_view, std::uint32_t, std::size_t>;
    std::vector<rank> in_order;
    in_order.reserve(joining.size());
    for (const auto i : joining) {
        in_order.emplace_back(start_of(steps_[i]), steps_[i].label, steps_[i].subject, i);
    }
    std::ranges::sort(in_order, std::greater<>());
    const auto count = std::min(static_cast<std::size_t>(over), in_order.size());
    for (std::size_t n = 0; n < count; ++n) withhold(std::get<3>(in_order[n]), because);
    return true;
}

// ---- managers (LA-40) ----

std::uint32_t spreading::manager_of(std::uint32_t uid) const {
    if (const auto at = sets_manager_.find(uid); at != sets_manager_.end()) {
        if (fates_[at->second].goes()) {
            return read_number(new_of(steps_[at->second], attribute::manager)).value_or(0);
        }
    }
    const auto who = of_.users.find_by_uid(uid);
    return who == user_ref::none ? 0 : of_.users.brief(who).manager;
}

// The plan as a whole has no circle. A part of it may: then a withheld step would have opened it.
fate spreading::of_the_circle(std::uint32_t uid) const {
    absl::flat_hash_set<std::uint32_t> walked;
    auto at = uid;
    while (at != 0 && walked.insert(at).second) at = manager_of(at);
    fate out;
    if (at != uid) return out;
    for (const auto each : walked) {
        const auto sets = sets_manager_.find(each);
        if (sets != sets_manager_.end()) out = worse_of(out, fates_[sets->second]);
    }
    return out;
}

bool spreading::withhold_circles() {
    const auto is_withheld = [&](const auto& each) { return !fates_[each.second].goes(); };
    if (std::ranges::none_of(sets_manager_, is_withheld)) return false;
    std::vector<std::pair<std::size_t, fate>> found;
    for (const auto& [uid, i] : sets_manager_) {
        if (!fates_[i].goes()) continue;
        const auto because = of_the_circle(uid);
        if (!because.goes()) found.emplace_back(i, because);
    }
    for (const auto& [i, because] : found) withhold(i, because);
    return !found.empty();
}

} // namespace

void spread(std::span<const step> steps, std::vector<fate>& fates, const books& of,
            const tenant_settings& settings) {
    if (std::ranges::all_of(fates, &fate::goes)) return;
    spreading(steps, fates, of, settings).run();
}

} // namespace rollcall::sync
