#include "enactment.hpp"

#include <algorithm>
#include <utility>

#include "identity.hpp"
#include "present_hold.hpp"

namespace rollcall::sync {
namespace {

// What the numbers of users (or teams) go on from, once these steps have theirs.
std::uint32_t next_after(std::span<const step> steps, step_kind creation, std::uint32_t next) {
    for (const auto& each : steps) {
        if (each.kind == creation) next = std::max(next, each.subject + 1);
    }
    return next;
}

void number(enactment& made, const books& of) {
    made.next_uid = next_after(made.what.done, step_kind::create, of.next_uid);
    made.next_team = next_after(made.what.done, step_kind::create_team, of.next_team);
    if (!made.held) return;
    // What is held keeps its numbers, and nobody else gets them.
    for (const auto& section : made.held->sections) {
        made.next_uid = next_after(section.steps, step_kind::create, made.next_uid);
        made.next_team = next_after(section.steps, step_kind::create_team, made.next_team);
    }
}

// What was decided and is done must not decide about something else one day.
void drop_spent_decisions(enactment& made, const books& of) {
    const auto& present = made.decided ? *made.decided : of.decisions;
    auto left = present.all();
    if (std::erase_if(left, [&](const decision& each) { return is_spent(of, each); }) == 0) return;
    made.decided.emplace().set(std::move(left));
}

void say(run_record& record, const enactment& made) {
    const bool holds = made.held && !made.held->empty();
    record.result = !made.what.done.empty() ? run_outcome::applied
                    : holds                 ? run_outcome::held
                                            : run_outcome::unchanged;
    if (record.result == run_outcome::held) record.code = errc::held;
    if (record.result == run_outcome::unchanged && record.cause != run_cause::approval) {
        record.detail.clear();
    }
}

} // namespace

void keep_back(proposal& p, const books& of, const tenant_settings& settings, wall_time now,
               run_record& record) {
    auto kept = withhold(p.what, of, settings, now, p.whole);
    // Of what a person rejected, only that stays on record which is still planned. A rejected
    // rename is planned as what it is instead, which may itself be held for a while.
    if (p.whole && kept.sections.empty()) {
        p.rejected.emplace(kept.still_rejected.begin(), kept.still_rejected.end());
        if (*p.rejected == of.rejected) p.rejected.reset();
    }
    if (!p.whole) {
        const bool calendar = record.cause == run_cause::timer;
        kept.sections = merged(of.held, std::move(kept.sections), p.what.steps,
                               calendar ? planned_anew::kinds : planned_anew::people);
    }
    sync::hold next;
    const bool first = of.held.empty();
    next.run = first ? record.id : of.held.run;
    next.since = first ? now : of.held.since;
    next.sections = std::move(kept.sections);
    seal(next);
    record.counts.held = static_cast<std::uint32_t>(next.steps());
    if (!next.empty()) record.detail = "waiting for a person: " + reasons_of(next.sections);
    if (next.digest != of.held.digest) p.held = std::move(next);
}

enactment enact(const books& of, const tenant_settings& settings, proposal p, outcome_of_steps done,
                run_record& record) {
    enactment made;
    made.what = std::move(done);
    made.imported = of.imported || p.whole;
    made.live = p.live.value_or(of.live);
    made.breakers = remember(of, made.what.done, record.cause, record.finished);
    made.gate = p.trusted;
    made.held = std::move(p.held);
    made.rejected = std::move(p.rejected);
    made.decided = std::move(p.decided);
    made.snapshot = std::move(p.snapshot);
    made.forget = std::move(p.forget);
    made.forget_external_ids = std::move(p.forget_external_ids);
    made.erased_marks = std::move(p.erased_marks);
    number(made, of);

    count_steps(made.what.done, record.counts);
    record.counts.dropped = static_cast<std::uint32_t>(made.what.dropped.size());
    record.issues = p.what.issues;
    if (p.whole && p.what.issues != of.issues) made.issues = std::move(p.what.issues);
    say(record, made);
    made.silent = made.what.empty() && !made.visible() && !made.snapshot && !made.rejected &&
                  !p.live && !made.decided && made.imported == of.imported &&
                  made.erased_marks.empty();
    if (made.silent) return made;
    made.inconsistent = inconsistency(of, made.what);
    if (!made.inconsistent.empty()) {
        record.result = run_outcome::failed;
        record.code = errc::bug;
        record.detail = "nothing was applied: " + made.inconsistent;
        return made;
    }
    drop_spent_decisions(made, of);
    record.steps = made.what.done;
    made.notices = notices_of(of, settings, made.what, record);
    return made;
}

void apply(books& into, enactment made) {
    if (!made.what.empty()) install(into, made.what);
    into.next_uid = made.next_uid;
    into.next_team = made.next_team;
    into.imported = made.imported;
    into.live = made.live;
    into.breakers = std::move(made.breakers);
    if (made.gate) into.gate = *made.gate;
    if (made.issues) into.issues = std::move(*made.issues);
    if (made.held) into.held = std::move(*made.held);
    if (made.rejected) into.rejected = std::move(*made.rejected);
    if (made.decided) into.decisions = std::move(*made.decided);
    into.erased.insert(made.erased_marks.begin(), made.erased_marks.end());
    for (const auto& id : made.forget_external_ids) {
        std::erase_if(into.issues, [&](const issue& each) {
            return each.external_id == id || each.other_external_id == id;
        });
    }
}

} // namespace rollcall::sync
