#include <algorithm>
#include <tuple>
#include <vector>

#include "draft.hpp"

namespace rollcall::sync {

using directory::field;
using directory::owner;
using directory::user_ref;
using directory::user_state;

namespace {

using person = draft::person;

// Whoever has no start date comes last: a day that nobody knows is not the earliest one.
auto turn_of(const person* who) {
    const auto& after = who->after;
    return std::tuple(!after.start_date.is_set(), after.start_date,
                      std::string_view(after.get(field::external_id)), after.meta.uid);
}

// The record is looked at again by each sweep, until there is a seat.
void refuse(draft& d, person& who) {
    d.report(issue_kind::no_seat, who.after.get(field::external_id), {}, {}, "WT-6");
    ++d.counts.rejected;
    if (who.ref == user_ref::none) {
        who.withdrawn = true;
        return;
    }
    const bool by_us = d.of.users.meta(who.ref).deactivated_by_us;
    d.set(who, step_kind::reactivate, attribute::state, "inactive",
          by_us ? owner::ours : owner::manual, "WT-6");
    who.after.meta.fingerprint = who.fingerprint_before;
}

} // namespace

void plan_seats(draft& d) {
    if (d.settings.seats == 0) return;
    std::size_t taken = d.of.users.active();
    std::vector<person*> waiting;
    for (auto& who : d.people()) {
        const bool is_active = !who.withdrawn && who.after.meta.state == user_state::active;
        const bool was_active = who.ref != user_ref::none && d.of.users.is_active(who.ref);
        if (was_active && !is_active) --taken;
        if (!was_active && is_active) waiting.push_back(&who);
    }
    const std::size_t seats = d.settings.seats;
    const std::size_t free = seats - std::min(seats, taken);
    if (waiting.size() <= free) return;
    std::sort(waiting.begin(), waiting.end(),
              [](const person* a, const person* b) { return turn_of(a) < turn_of(b); });
    for (auto i = free; i < waiting.size(); ++i) refuse(d, *waiting[i]);
}

} // namespace rollcall::sync
