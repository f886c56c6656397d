#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "breaker.hpp"
#include "dependents.hpp"
#include "rollcall/sync/books.hpp"
#include "rollcall/sync/planner.hpp"
#include "spared.hpp"
#include "step_text.hpp"

namespace rollcall::sync {
namespace {

using uid_set = absl::flat_hash_set<std::uint32_t>;
using fates = std::vector<fate>;

constexpr auto week = hours{7 * 24};

// A team is made for its members, and is made or not as they come or not; a count is made again.
bool can_be_rejected(step_kind kind) noexcept {
    return kind != step_kind::create_team && kind != step_kind::note_team;
}

// What an invitation does, no row of the source asked for: it is planned from the ledger.
bool comes_from_a_row(const step& what) noexcept {
    return subject_of(what.kind) == subject_kind::user && !is_of_an_invitation(what.kind);
}

bool only_counts(step_kind kind) noexcept {
    return kind == step_kind::note_missing || kind == step_kind::note_found;
}

// A rejection holds until PeopleHR says something else of the person: where the record changes in
// another way too, the question is asked anew.
void leave_out_the_rejected(const plan& made, const books& of, fates& ways, withheld& out) {
    if (of.rejected.empty()) return;
    std::vector<step_digest> digests(made.steps.size());
    uid_set otherwise;
    for (std::size_t i = 0; i < made.steps.size(); ++i) {
        const auto& each = made.steps[i];
        digests[i] = digest_of(each);
        const bool was_rejected = can_be_rejected(each.kind) && of.rejected.contains(digests[i]);
        if (!was_rejected && comes_from_a_row(each) && !only_counts(each.kind)) {
            otherwise.insert(each.subject);
        }
    }
    for (std::size_t i = 0; i < made.steps.size(); ++i) {
        const auto& each = made.steps[i];
        if (!can_be_rejected(each.kind) || !of.rejected.contains(digests[i])) continue;
        if (comes_from_a_row(each) && otherwise.contains(each.subject)) continue;
        ways[i].what = fate::way::left_out;
        ++out.rejected;
        out.still_rejected.push_back(digests[i]);
    }
    std::ranges::sort(out.still_rejected);
}

// How many people or teams the steps of each guard concern, the withheld ones apart.
std::array<std::uint32_t, guard_count> count_by_guard(std::span<const step> steps,
                                                      const fates& ways) {
    std::array<uid_set, guard_count> subjects;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (!ways[i].goes()) continue;
        subjects[static_cast<std::size_t>(guard_of(steps[i]))].insert(steps[i].subject);
    }
    std::array<std::uint32_t, guard_count> out{};
    for (std::size_t g = 1; g < guard_count; ++g) {
        out[g] = static_cast<std::uint32_t>(subjects[g].size());
    }
    return out;
}

using reasons = std::map<guard, std::string>;

// Until a person says that invitations may go, nobody is invited but by hand (LA-25, G-5).
void hold_first_invitations(const plan& made, const books& of, fates& ways, reasons& why) {
    if (of.live) return;
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < made.steps.size(); ++i) {
        if (!ways[i].goes() || made.steps[i].kind != step_kind::send_invitation) continue;
        ways[i] = {fate::way::held, guard::invitation};
        ++count;
    }
    if (count != 0) why[guard::invitation] = first_import_reason(count);
}

// A read of one person, or what time alone brings, is no way round a hold: what waits there for a
// person still waits (G-5).
void hold_what_is_held_already(const plan& made, const books& of, fates& ways, reasons& why) {
    for (const auto& section : of.held.sections) {
        uid_set waiting;
        for (const auto& each : section.steps) {
            if (guard_of(each) == section.what) waiting.insert(each.subject);
        }
        for (std::size_t i = 0; i < made.steps.size(); ++i) {
            const auto& each = made.steps[i];
            // Nobody is invited whose departure or new address waits.
            const bool invites = each.kind == step_kind::send_invitation &&
                                 (section.what == guard::deactivation ||
                                  section.what == guard::scope || section.what == guard::email);
            if (!ways[i].goes() || !waiting.contains(each.subject) ||
                (guard_of(each) != section.what && !invites)) {
                continue;
            }
            ways[i] = {fate::way::held, section.what};
            why.emplace(section.what, section.reason);
        }
    }
}

void hold_whatever_is_over_its_limit(const plan& made, const books& of,
                                     const tenant_settings& settings, wall_time now, fates& ways,
                                     reasons& why) {
    const auto counts = count_by_guard(made.steps, ways);
    std::array<bool, guard_count> tripped{};
    for (std::size_t g = 1; g < guard_count; ++g) {
        const auto what = static_cast<guard>(g);
        auto reason = over_the_limit(what, counts[g], of, settings.limits[g], now);
        if (reason.empty()) continue;
        tripped[g] = true;
        auto& slot = why[what];
        slot += slot.empty() ? reason : " " + reason;
    }
    for (std::size_t i = 0; i < made.steps.size(); ++i) {
        const auto what = guard_of(made.steps[i]);
        if (ways[i].goes() && tripped[static_cast<std::size_t>(what)]) {
            ways[i] = {fate::way::held, what};
        }
    }
}

// Of somebody whose record is applied in part the directory agrees with no record: the next sweep
// has to look, also if the record becomes what it was. Where nothing of it is applied, it still
// agrees with the one before.
void forget_marks(plan& made, const fates& ways) {
    uid_set affected;
    uid_set applied;
    for (std::size_t i = 0; i < made.steps.size(); ++i) {
        if (!comes_from_a_row(made.steps[i])) continue;
        (ways[i].goes() ? applied : affected).insert(made.steps[i].subject);
    }
    if (affected.empty()) return;
    std::erase_if(made.seen, [&](const seen_mark& each) { return affected.contains(each.uid); });
    for (const auto uid : affected) {
        if (applied.contains(uid)) made.seen.push_back({uid, 0});
    }
    std::ranges::sort(made.seen, {}, &seen_mark::uid);
}

// Who finds no seat because a departure was rejected waits as anybody does who finds none (WT-6).
void report_lost_seats(plan& made, const fates& ways) {
    for (std::size_t i = 0; i < made.steps.size(); ++i) {
        const auto& each = made.steps[i];
        const bool joins = each.kind == step_kind::create || each.kind == step_kind::reactivate;
        if (!joins || ways[i].what != fate::way::left_out || !ways[i].for_a_seat) continue;
        made.issues.push_back({issue_kind::no_seat, each.label, {}, {}, "WT-6"});
    }
    std::ranges::sort(made.issues);
    const auto twice = std::ranges::unique(made.issues);
    made.issues.erase(twice.begin(), twice.end());
}

// The steps apart: those that go stay in `steps`.
std::vector<held_section> take_held(std::vector<step>& steps, const fates& ways,
                                    const reasons& why) {
    std::map<guard, held_section> sections;
    std::map<guard, std::size_t> waiting;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (ways[i].what == fate::way::held) {
            if (guard_of(steps[i]) != ways[i].section) ++waiting[ways[i].section];
            sections[ways[i].section].steps.push_back(std::move(steps[i]));
        } else if (ways[i].goes()) {
            if (kept != i) steps[kept] = std::move(steps[i]);
            ++kept;
        }
    }
    steps.resize(kept);
    std::vector<held_section> out;
    for (auto& [what, section] : sections) {
        section.what = what;
        if (const auto at = why.find(what); at != why.end()) section.reason = at->second;
        section.reason += waiting_reason(waiting[what]);
        out.push_back(std::move(section));
    }
    return out;
}

// G-8.
void put_in_order(std::vector<step>& steps) {
    std::vector<std::uint32_t> order(steps.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
        return std::tie(steps[a].kind, steps[a].label, steps[a].subject, a) <
               std::tie(steps[b].kind, steps[b].label, steps[b].subject, b);
    });
    std::vector<step> out;
    out.reserve(steps.size());
    for (const auto i : order) out.push_back(std::move(steps[i]));
    steps = std::move(out);
}

// What was right when it was planned may have become wrong: the last Owner and protected people
// stay (LA-45), and no more come than there are seats (WT-6). What is left out is planned again.
void obey_the_rules_of_now(const books& of, const tenant_settings& settings,
                           std::vector<step>& steps) {
    spared stays(of.users, settings);
    std::size_t active = of.users.active();
    std::erase_if(steps, [&](const step& each) {
        if (each.kind != step_kind::deactivate) return false;
        const auto which = of.users.find_by_uid(each.subject);
        if (which == directory::user_ref::none || !of.users.is_active(which)) return false;
        const auto role = of.users.meta(which).role;
        if (stays.is_protected(of.users.text(which, directory::field::external_id),
                               of.users.text(which, directory::field::email)) ||
            stays.is_last_owner(role)) {
            return true;
        }
        stays.let_go(role);
        --active;
        return false;
    });
    if (settings.seats == 0) return;
    std::erase_if(steps, [&](const step& each) {
        if (each.kind != step_kind::create && each.kind != step_kind::reactivate) return false;
        if (active >= settings.seats) return true;
        ++active;
        return false;
    });
}

} // namespace

withheld withhold(plan& made, const books& of, const tenant_settings& settings, wall_time now,
                  bool whole) {
    withheld out;
    fates ways(made.steps.size());
    reasons why;
    leave_out_the_rejected(made, of, ways, out);
    if (!whole) hold_what_is_held_already(made, of, ways, why);
    hold_first_invitations(made, of, ways, why);
    hold_whatever_is_over_its_limit(made, of, settings, now, ways, why);
    if (std::ranges::all_of(ways, &fate::goes)) return out;
    spread(made.steps, ways, of, settings);
    forget_marks(made, ways);
    report_lost_seats(made, ways);
    out.sections = take_held(made.steps, ways, why);
    made.counts.held = 0;
    for (const auto& each : out.sections) {
        made.counts.held += static_cast<std::uint32_t>(each.steps.size());
    }
    return out;
}

approval approve(const hold& which, std::span<const guard> guards, const books& of,
                 const tenant_settings& settings) {
    approval out;
    fates ways;
    reasons why;
    for (const auto& section : which.sections) {
        const bool chosen =
            guards.empty() || std::ranges::find(guards, section.what) != guards.end();
        const fate way = chosen ? fate{} : fate{fate::way::held, section.what};
        out.steps.insert(out.steps.end(), section.steps.begin(), section.steps.end());
        ways.insert(ways.end(), section.steps.size(), way);
    }
    spread(out.steps, ways, of, settings);
    out.rest = take_held(out.steps, ways, why);
    for (auto& each : out.rest) {
        const auto was = std::ranges::find(which.sections, each.what, &held_section::what);
        if (was != which.sections.end()) each.reason = was->reason;
        put_in_order(each.steps);
    }
    put_in_order(out.steps);
    obey_the_rules_of_now(of, settings, out.steps);
    return out;
}

breaker_memory remember(const books& of, std::span<const step> done, run_cause cause,
                        wall_time at) {
    auto out = of.breakers;
    const bool asked =
        cause == run_cause::approval || cause == run_cause::manual || cause == run_cause::undo;
    if (!asked && of.imported) {
        const auto counts = count_by_guard(done, fates(done.size()));
        for (std::size_t g = 1; g < guard_count; ++g) out.add(static_cast<guard>(g), at, counts[g]);
    }
    out.forget_before(at - week);
    return out;
}

} // namespace rollcall::sync
