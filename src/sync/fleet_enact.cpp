// From a plan to what is durable and visible: what is kept back, one transaction, then memory.
#include <algorithm>
#include <tuple>

#include "fleet_impl.hpp"
#include "identity.hpp"
#include "rollcall/core/date.hpp"
#include "rollcall/sync/row_pack.hpp"
#include "stored_rows.hpp"

namespace rollcall::sync {
namespace {

// The present hold after a read of one person, who is planned anew as a whole, or after what time
// alone brought, which plans single kinds anew: what is held besides stays.
std::vector<held_section> merged(const hold& old, std::vector<held_section> fresh,
                                 std::span<const step> planned, bool whole_people) {
    const auto whose = [whole_people](const step& s) {
        return std::tuple(subject_of(s.kind), s.subject, whole_people ? step_kind{} : s.kind);
    };
    absl::flat_hash_set<std::tuple<subject_kind, std::uint32_t, step_kind>> again;
    for (const auto& each : planned) again.insert(whose(each));
    for (const auto& section : fresh) {
        for (const auto& each : section.steps) again.insert(whose(each));
    }
    for (const auto& section : old.sections) {
        held_section kept{section.what, section.reason, {}};
        for (const auto& each : section.steps) {
            if (!again.contains(whose(each))) kept.steps.push_back(each);
        }
        if (kept.steps.empty()) continue;
        const auto same = std::find_if(fresh.begin(), fresh.end(),
                                       [&](const held_section& f) { return f.what == kept.what; });
        if (same == fresh.end()) {
            fresh.push_back(std::move(kept));
        } else {
            std::move(kept.steps.begin(), kept.steps.end(), std::back_inserter(same->steps));
        }
    }
    std::sort(fresh.begin(), fresh.end(),
              [](const held_section& a, const held_section& b) { return a.what < b.what; });
    return fresh;
}

std::string reasons_of(const std::vector<held_section>& sections) {
    std::string out;
    for (const auto& each : sections) {
        if (!out.empty()) out += "; ";
        out += each.reason;
    }
    return out;
}

std::uint32_t last_uid_in(std::span<const step> steps, std::uint32_t next) {
    for (const auto& each : steps) {
        if (each.kind == step_kind::create) next = std::max(next, each.subject + 1);
    }
    return next;
}

std::uint32_t last_team_in(std::span<const step> steps, std::uint32_t next) {
    for (const auto& each : steps) {
        if (each.kind == step_kind::create_team) next = std::max(next, each.subject + 1);
    }
    return next;
}

template <class Set>
std::vector<typename Set::value_type> sorted(const Set& from) {
    std::vector<typename Set::value_type> out(from.begin(), from.end());
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace

run_record fleet::impl::begin_record(const live_tenant& t, run_cause cause) {
    run_record record;
    record.id = ++last_run;
    record.tenant = t.record.key;
    record.cause = cause;
    record.started = home.wall_now();
    return record;
}

task<plan> fleet::impl::plan_for(const live_tenant& t, const snapshot* from,
                                 const tenant_settings& settings) {
    planner planning(t.books, from, settings, home.wall_now());
    while (!planning.advance(options.rows_per_slice)) co_await home.yield();
    co_return planning.take();
}

void fleet::impl::keep_back(const live_tenant& t, proposal& p, run_record& record) {
    auto kept = withhold(p.what, t.books, t.settings, home.wall_now(), p.whole);
    // Of what a person rejected, only that stays on record which is still planned. A rejected
    // rename is planned as what it is instead, which may itself be held for a while.
    p.rejected = t.books.rejected;
    if (p.whole && kept.sections.empty()) {
        p.rejected = {kept.still_rejected.begin(), kept.still_rejected.end()};
    }
    p.rejected_moved = p.rejected != t.books.rejected;
    if (!p.whole) {
        kept.sections = merged(t.books.held, std::move(kept.sections), p.what.steps,
                               record.cause != run_cause::timer);
    }
    sync::hold now;
    const bool first = t.books.held.empty();
    now.run = first ? record.id : t.books.held.run;
    now.since = first ? home.wall_now() : t.books.held.since;
    now.sections = std::move(kept.sections);
    seal(now);
    record.counts.held = static_cast<std::uint32_t>(now.steps());
    if (!now.empty()) record.detail = "waiting for a person: " + reasons_of(now.sections);
    if (now.digest != t.books.held.digest) p.held = std::move(now);
}

task<run_end> fleet::impl::enact(live_tenant& t, proposal p, run_record& record) {
    auto what = sync::carry_out(t.books, p.what.steps, p.what.seen);
    co_await home.yield();
    count_steps(what.done, record.counts);
    record.counts.dropped = static_cast<std::uint32_t>(what.dropped.size());
    record.issues = p.what.issues;
    record.finished = home.wall_now();
    if (p.whole && !t.stored_digest) {
        const auto stored = co_await storage.snapshot(t.record.key);
        t.stored_digest = stored ? stored->digest : 0;
    }

    const bool issues_moved = p.whole && p.what.issues != t.books.issues;
    const bool visible = !what.done.empty();
    const bool held_moved = p.held.has_value();
    record.result = visible                          ? run_outcome::applied
                    : held_moved && !p.held->empty() ? run_outcome::held
                                                     : run_outcome::unchanged;
    if (record.result == run_outcome::held) record.code = errc::held;
    if (record.result == run_outcome::unchanged && record.cause != run_cause::approval) {
        record.detail.clear();
    }
    // Somebody asked for a try of a stopped tenant, and it works again.
    const bool resumes = p.whole && p.trusted && t.record.stopped != errc::ok;
    const bool fresh_snapshot =
        !p.snapshot.rows.empty() && p.snapshot.digest != t.stored_digest.value_or(0);
    const bool first_import = p.whole && !t.books.imported;

    auto reached = t.progress;
    auto breakers = remember(t.books, what.done, record.cause, record.finished);
    if (p.trusted) reached.gate = p.trusted->to_text();
    const auto settle_gate = [&] {
        if (!p.trusted) return;
        t.books.gate = *p.trusted;
        t.progress.gate = reached.gate;
        t.held_because.clear();
    };
    // G-9: nothing to say, nothing written.
    if (what.empty() && !issues_moved && !held_moved && !resumes && !fresh_snapshot &&
        !p.rejected_moved && !p.live && !p.decided && !first_import && p.erased_marks.empty()) {
        settle_gate();
        co_return run_end::done;
    }
    if (const auto wrong = inconsistency(t.books, what); !wrong.empty()) {
        log.error("run.inconsistent", {{"tenant", t.record.name}, {"run", record.id}});
        record.result = run_outcome::failed;
        record.code = errc::bug;
        record.detail = "nothing was applied: " + wrong;
        co_return run_end::failed;
    }

    // What was decided and is done must not decide about something else one day.
    auto decided = p.decided ? *p.decided : t.books.decisions;
    for (const auto& each : std::vector(decided.all())) {
        if (!is_spent(t.books, each)) continue;
        (void)decided.erase(each.kind, each.external_id);
        p.decided = decided;
    }
    record.steps = what.done;
    auto updated = t.record;
    updated.next_uid = last_uid_in(what.done, updated.next_uid);
    updated.next_team = last_team_in(what.done, updated.next_team);
    if (p.held) {
        // What is held keeps its numbers, and nobody else gets them.
        for (const auto& section : p.held->sections) {
            updated.next_uid = last_uid_in(section.steps, updated.next_uid);
            updated.next_team = last_team_in(section.steps, updated.next_team);
        }
    }
    updated.imported = updated.imported || first_import;
    if (p.live) updated.live = *p.live;
    if (resumes) {
        updated.stopped = errc::ok;
        updated.stopped_detail.clear();
    }

    commit_batch batch;
    batch.tenant = t.record.key;
    if (updated.next_uid != t.record.next_uid || updated.next_team != t.record.next_team ||
        updated.imported != t.record.imported || updated.live != t.record.live || resumes) {
        batch.record = updated;
    }
    add_notices(t, what, record, batch.notices);
    batch.what = what;
    if (visible || issues_moved || held_moved) batch.run = record;
    if (issues_moved) batch.issues = p.what.issues;
    batch.held = p.held;
    if (p.rejected_moved) batch.rejected = sorted(p.rejected);
    if (p.decided) batch.decisions = p.decided->all();
    if (fresh_snapshot) batch.snapshot = std::move(p.snapshot);
    batch.forget = p.forget;
    batch.forget_external_ids = p.forget_external_ids;
    batch.erased_marks = p.erased_marks;
    // What measures the next run becomes durable with what it let through: after a crash the next
    // snapshot is held against this one, and the windows know of these steps.
    reached.breakers = breakers.to_text();
    if (p.trusted) reached.last_success = record.finished;
    if (p.trusted || !(breakers == t.books.breakers)) batch.progress = reached;
    const auto new_digest =
        batch.snapshot ? std::optional(batch.snapshot->digest) : t.stored_digest;
    const bool told = !batch.notices.empty();

    const auto done = co_await storage.commit(std::move(batch));
    if (!done) {
        record.result = run_outcome::failed;
        record.code = errc_of(done.error());
        record.detail = "nothing was applied: " + done.error().message();
        record.steps.clear();
        record.counts = {.rows = record.counts.rows, .in_scope = record.counts.in_scope};
        log.error("run.not_stored",
                  {{"tenant", t.record.name}, {"run", record.id}, {"code", record.code}});
        co_return run_end::failed;
    }
    // Durable: now it may be seen (statement 4 of the architecture).
    install(t.books, what);
    t.books.users.compact_if_worthwhile();
    t.record = std::move(updated);
    t.books.next_uid = t.record.next_uid;
    t.books.next_team = t.record.next_team;
    t.books.imported = t.record.imported;
    t.books.live = t.record.live;
    t.books.breakers = std::move(breakers);
    t.progress.breakers = reached.breakers;
    if (p.whole) t.books.issues = std::move(p.what.issues);
    if (p.held) t.books.held = std::move(*p.held);
    if (p.rejected_moved) t.books.rejected = std::move(p.rejected);
    if (p.decided) t.books.decisions = std::move(*p.decided);
    for (const auto& each : p.erased_marks) t.books.erased.insert(each);
    t.stored_digest = new_digest;
    settle_gate();
    set_timer(t);
    if (told) {
        ++notices_committed;
        notice_added.notify_all();
    }
    if (held_moved) publish_hold(t, record.id);
    if (held_moved && !t.books.held.empty()) {
        log.warn("hold.changed", {{"tenant", t.record.name},
                                  {"run", record.id},
                                  {"steps", t.books.held.steps()},
                                  {"digest", t.books.held.digest}});
    }
    co_return run_end::done;
}

task<std::unique_ptr<snapshot>> fleet::impl::replay(live_tenant& t,
                                                    const tenant_settings& settings) {
    const auto stored = co_await storage.snapshot(t.record.key);
    if (!stored) {
        if (errc_of(stored.error()) != errc::not_found) {
            log.error("snapshot.unreadable",
                      {{"tenant", t.record.name}, {"code", errc_of(stored.error())}});
        }
        co_return nullptr;
    }
    t.stored_digest = stored->digest;
    const auto extra_names = extra_names_of(settings);
    row_unpacker rows(stored->rows);
    rows.wanted(extra_names);
    snapshot_builder builder(t.books.users, settings,
                             local_date(home.wall_now(), zone_of(settings)), ++t.epoch, true,
                             options.text_bytes_max);
    source_row row;
    for (std::size_t i = 1; rows.next(row); ++i) {
        builder.on_row(row);
        if (i % options.rows_per_slice == 0) co_await home.yield();
    }
    if (rows.broken()) co_return nullptr;
    auto made = builder.finish();
    made->replay = true;
    co_return made;
}

bool fleet::impl::may_trust_what_is_stored(const live_tenant& t) const {
    const bool stale = home.wall_now() - t.progress.last_success > options.stale_after;
    return !stale && t.record.stopped == errc::ok && !t.damaged && t.held_because.empty() &&
           !t.books.gate.suspect;
}

task<run_end> fleet::impl::replan(live_tenant& t, run_record& record) {
    record.result = run_outcome::unchanged;
    record.finished = home.wall_now();
    // Nobody is deactivated or invited on knowledge that is too old or in doubt: the next sweep
    // does what is to be done.
    if (!may_trust_what_is_stored(t)) co_return run_end::done;
    const auto from = co_await replay(t, t.settings);
    if (!from || !from->company_matched) co_return run_end::done;
    proposal p;
    p.whole = true;
    p.what = co_await plan_for(t, from.get(), t.settings);
    if (p.what.stopped) co_return run_end::done;
    record.counts = p.what.counts;
    keep_back(t, p, record);
    co_return co_await enact(t, std::move(p), record);
}

} // namespace rollcall::sync
