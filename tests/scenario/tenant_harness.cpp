#include "tenant_harness.hpp"

#include <algorithm>
#include <iterator>

#include "rollcall/core/date.hpp"
#include "rollcall/sync/row_pack.hpp"

namespace rollcall::test {

using sync::guard;
using sync::hold;
using sync::run_cause;
using sync::run_outcome;
using sync::step;
using sync::step_kind;

namespace {

constexpr std::size_t text_bytes_max = 4096;
// As the configuration has them by default.
constexpr auto stale_after = hours{48};

using subject = std::pair<sync::subject_kind, std::uint32_t>;
subject subject_of_step(const step& s) {
    return {sync::subject_of(s.kind), s.subject};
}

// The hold after a plan that was not about everybody: what is held of others stays.
std::vector<sync::held_section> merged(const hold& old, std::vector<sync::held_section> fresh,
                                       std::span<const step> planned) {
    absl::flat_hash_set<subject> again;
    for (const auto& each : planned) again.insert(subject_of_step(each));
    for (const auto& section : fresh) {
        for (const auto& each : section.steps) again.insert(subject_of_step(each));
    }
    for (const auto& section : old.sections) {
        sync::held_section kept{section.what, section.reason, {}};
        for (const auto& each : section.steps) {
            if (!again.contains(subject_of_step(each))) kept.steps.push_back(each);
        }
        if (kept.steps.empty()) continue;
        const auto same = std::ranges::find(fresh, kept.what, &sync::held_section::what);
        if (same == fresh.end()) {
            fresh.push_back(std::move(kept));
        } else {
            std::ranges::move(kept.steps, std::back_inserter(same->steps));
        }
    }
    std::ranges::sort(fresh, {}, &sync::held_section::what);
    return fresh;
}

// What the numbers of users (or teams) go on from, once these steps have theirs.
std::uint32_t next_after(std::span<const step> steps, step_kind creation, std::uint32_t next) {
    for (const auto& each : steps) {
        if (each.kind == creation) next = std::max(next, each.subject + 1);
    }
    return next;
}

std::string reasons_of(const hold& of) {
    std::string out;
    for (const auto& each : of.sections) out += (out.empty() ? "" : "; ") + each.reason;
    return out;
}

bool hears_of_updates(const sync::books& of, const directory::user_data& user) {
    if (user.meta.state != directory::user_state::active) return false;
    const auto* entry = of.invitations.find(user.meta.uid);
    if (entry == nullptr) return !user.meta.created_by_us;
    return entry->state == sync::invitation_state::sent ||
           entry->state == sync::invitation_state::confirmed;
}

bool is_update(step_kind kind) {
    return kind == step_kind::update || kind == step_kind::blank || kind == step_kind::move ||
           kind == step_kind::change_email;
}

} // namespace

directory::user_data user_of(const sync::books& of, directory::user_ref which) {
    return directory::own(of.users.values(which), of.users.meta(which));
}

void append(event_report& to, event_report more) {
    if (more.result == run_outcome::applied) to.result = run_outcome::applied;
    if (to.detail.empty()) to.detail = std::move(more.detail);
    if (to.inconsistent.empty()) to.inconsistent = std::move(more.inconsistent);
    std::ranges::move(more.steps, std::back_inserter(to.steps));
    std::ranges::move(more.dropped, std::back_inserter(to.dropped));
    std::ranges::move(more.notices, std::back_inserter(to.notices));
    to.issues = std::move(more.issues);
}

tenant_harness::tenant_harness(sync::tenant_settings s, wall_time now)
    : settings(std::move(s)), now_(now) {
    books.erasure_salt = "of a test";
}

// ---- reads ----

std::unique_ptr<sync::snapshot> tenant_harness::snapshot_of(std::span<const employee> people,
                                                            bool complete) {
    sync::snapshot_builder builder(books.users, settings, local_date(now_, sync::zone_of(settings)),
                                   ++epoch_, complete, text_bytes_max);
    employee_rows rows(settings);
    for (const auto& each : people) rows.pass(each, builder);
    return builder.finish();
}

std::unique_ptr<sync::snapshot> tenant_harness::replay(const sync::tenant_settings& with) {
    if (stored_.empty()) return nullptr;
    std::vector<std::string> names;
    for (const auto& each : with.extra_fields) names.push_back(each.source);
    sync::row_unpacker rows(stored_);
    rows.wanted(names);
    sync::snapshot_builder builder(books.users, with, local_date(now_, sync::zone_of(with)),
                                   ++epoch_, true, text_bytes_max);
    sync::source_row row;
    while (rows.next(row)) builder.on_row(row);
    auto made = builder.finish();
    made->replay = true;
    return made;
}

sync::plan tenant_harness::plan_for(const sync::snapshot* from,
                                    const sync::tenant_settings& with) const {
    sync::planner planning(books, from, with, now_);
    while (!planning.advance(64)) {
    }
    return planning.take();
}

event_report tenant_harness::read(std::span<const employee> everybody) {
    return run(snapshot_of(everybody, true), true);
}

event_report tenant_harness::read_one(const employee& person) {
    return run(snapshot_of({&person, 1}, false), true);
}

event_report tenant_harness::preview(std::span<const employee> everybody) {
    return run(snapshot_of(everybody, true), false);
}

event_report tenant_harness::failed_read(errc code, std::string detail) {
    event_report out;
    out.result = run_outcome::failed;
    out.code = code;
    out.detail = std::move(detail);
    return out;
}

sync::plan tenant_harness::plan_of(std::span<const employee> everybody) {
    const auto from = snapshot_of(everybody, true);
    return plan_for(from.get(), settings);
}

event_report tenant_harness::run(std::unique_ptr<sync::snapshot> from, bool apply) {
    proposal p;
    p.whole = from->complete;
    event_report out;
    const auto hold_back = [&](std::string why) {
        out.result = run_outcome::held;
        out.code = errc::held;
        out.detail = std::move(why);
        if (apply) suspended_ = true;
        return out;
    };
    if (p.whole) {
        auto verdict = sync::judge(books.gate, from->stats, settings);
        if (!verdict.pass) {
            if (apply) books.gate = verdict.memory;
            return hold_back(std::move(verdict.reason));
        }
        if (!from->company_matched) {
            out.issues.push_back({sync::issue_kind::company_unknown, {}, {}, "company", "LA-6"});
            auto why = "no employee has the Company '" + settings.company + "'";
            if (!from->company_near_miss.empty()) {
                why += "; did you mean '" + from->company_near_miss + "'?";
            }
            return hold_back(std::move(why));
        }
        p.trusted = verdict.memory;
        p.snapshot = std::move(from->packed);
    }
    p.what = plan_for(from.get(), settings);
    if (p.what.stopped) {
        out.issues = p.what.issues;
        return hold_back("a blank, invalid or shared e-mail stops the run");
    }
    keep_back(p);
    if (!apply) {
        out.result = run_outcome::previewed;
        out.steps = std::move(p.what.steps);
        out.issues = std::move(p.what.issues);
        if (p.held) out.detail = reasons_of(*p.held);
        return out;
    }
    if (p.whole) {
        suspended_ = false;
        last_success_ = now_;
    }
    return enact(std::move(p));
}

event_report tenant_harness::replan() {
    const auto from = replay(settings);
    if (!from || !from->company_matched) return {};
    proposal p;
    p.whole = true;
    p.cause = run_cause::resolve;
    p.what = plan_for(from.get(), settings);
    if (p.what.stopped) return {};
    keep_back(p);
    return enact(std::move(p));
}

std::vector<step> tenant_harness::steps_left() {
    const auto from = replay(settings);
    if (!from || !from->company_matched) return {};
    proposal p;
    p.whole = true;
    p.what = plan_for(from.get(), settings);
    keep_back(p);
    auto left = std::move(p.what.steps);
    if (p.held && !p.what.stopped) {
        for (const auto& section : p.held->sections) {
            left.insert(left.end(), section.steps.begin(), section.steps.end());
        }
    }
    return left;
}

// ---- what is kept back, and what is done ----

void tenant_harness::keep_back(proposal& p) const {
    auto kept = sync::withhold(p.what, books, settings, now_, p.whole);
    p.rejected = books.rejected;
    if (p.whole && kept.sections.empty()) {
        p.rejected = {kept.still_rejected.begin(), kept.still_rejected.end()};
    }
    if (!p.whole) kept.sections = merged(books.held, std::move(kept.sections), p.what.steps);
    hold now;
    now.run = runs.size() + 1;
    now.since = now_;
    now.sections = std::move(kept.sections);
    sync::seal(now);
    if (now.digest != books.held.digest) p.held = std::move(now);
}

event_report tenant_harness::enact(proposal p) {
    event_report out;
    auto what = sync::carry_out(books, p.what.steps, p.what.seen);
    out.counts = p.what.counts;
    sync::count_steps(what.done, out.counts);
    out.steps = what.done;
    out.dropped = what.dropped;
    out.issues = p.what.issues;
    out.inconsistent = sync::inconsistency(books, what);
    if (!out.inconsistent.empty()) {
        out.result = run_outcome::failed;
        out.code = errc::bug;
        out.steps.clear();
        return out;
    }
    tell(what, p.cause, out.notices);
    auto breakers = sync::remember(books, what.done, p.cause, now_);
    sync::install(books, what);
    books.breakers = std::move(breakers);
    books.users.compact_if_worthwhile();
    books.next_uid = next_after(what.done, step_kind::create, books.next_uid);
    books.next_team = next_after(what.done, step_kind::create_team, books.next_team);
    if (p.held) {
        for (const auto& section : p.held->sections) {
            books.next_uid = next_after(section.steps, step_kind::create, books.next_uid);
            books.next_team = next_after(section.steps, step_kind::create_team, books.next_team);
        }
    }
    out.result = !what.done.empty()           ? run_outcome::applied
                 : p.held && !p.held->empty() ? run_outcome::held
                                              : run_outcome::unchanged;
    if (p.whole) {
        books.imported = true;
        books.issues = p.what.issues;
    }
    if (!p.snapshot.empty()) stored_ = std::move(p.snapshot);
    if (p.trusted) books.gate = *p.trusted;
    if (p.held) books.held = std::move(*p.held);
    if (!books.held.empty()) out.detail = reasons_of(books.held);
    books.rejected = std::move(p.rejected);
    if (p.decided) books.decisions = std::move(*p.decided);
    out.counts.held = static_cast<std::uint32_t>(books.held.steps());
    for (const auto& each : what.done) {
        audit.push_back({audit.size() + 1, runs.size() + 1, p.cause, now_, true, each, {}});
    }
    if (!what.done.empty()) runs.push_back(std::move(what.done));
    notices.insert(notices.end(), out.notices.begin(), out.notices.end());
    return out;
}

void tenant_harness::tell(const sync::outcome_of_steps& what, run_cause cause,
                          std::vector<sync::notice>& into) const {
    const bool by_hand = cause == run_cause::manual || cause == run_cause::undo;
    const auto user_after = [&](std::uint32_t uid) -> std::optional<directory::user_data> {
        for (const auto& each : what.users) {
            if (each.meta.uid == uid) return each;
        }
        const auto ref = books.users.find_by_uid(uid);
        if (ref == directory::user_ref::none) return std::nullopt;
        return user_of(books, ref);
    };
    const auto add = [&](sync::notice_kind kind, const directory::user_data& user) {
        sync::notice made;
        made.number = notices.size() + into.size() + 1;
        made.kind = kind;
        made.uid = user.meta.uid;
        made.at = now_;
        made.external_id = user.get(directory::field::external_id);
        made.email = user.get(directory::field::email);
        into.push_back(std::move(made));
    };
    std::vector<std::uint32_t> updated;
    for (const auto& each : what.done) {
        if (each.kind == step_kind::send_invitation) {
            if (const auto user = user_after(each.subject)) {
                add(sync::notice_kind::invitation, *user);
            }
        } else if (is_update(each.kind) && !settings.silent_updates && !by_hand &&
                   std::ranges::find(updated, each.subject) == updated.end()) {
            updated.push_back(each.subject);
        }
    }
    std::ranges::sort(updated);
    for (const auto uid : updated) {
        const auto user = user_after(uid);
        if (user && hears_of_updates(books, *user)) add(sync::notice_kind::update, *user);
    }
}

// ---- time ----

event_report tenant_harness::timer_run() {
    if (suspended_ || now_ - last_success_ > stale_after) return {};
    proposal p;
    p.cause = run_cause::timer;
    p.what = plan_for(nullptr, settings);
    if (p.what.steps.empty()) return {};
    keep_back(p);
    auto out = enact(std::move(p));
    out.issues = books.issues;
    return out;
}

event_report tenant_harness::advance(wall_time to) {
    event_report all;
    all.issues = books.issues;
    for (;;) {
        const auto next = sync::next_timer(books, settings, now_);
        if (!next || *next > to) break;
        // Due already, and not done when it was: it waits for a person or for a fresh read.
        now_ = std::max(*next, now_ + milliseconds{1});
        append(all, timer_run());
    }
    now_ = to;
    append(all, timer_run());
    return all;
}

event_report tenant_harness::jump(wall_time to) {
    now_ = to;
    event_report all;
    all.issues = books.issues;
    append(all, timer_run());
    return all;
}

} // namespace rollcall::test
