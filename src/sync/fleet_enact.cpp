// From a proposal to what is durable and visible: one transaction, then memory. What is written is
// decided in enactment.cpp.
#include <algorithm>
#include <tuple>

#include "fleet_impl.hpp"
#include "rollcall/core/date.hpp"
#include "rollcall/sync/row_pack.hpp"
#include "stored_rows.hpp"

namespace rollcall::sync {
namespace {

// Nothing where it stays what it is.
std::optional<tenant_record> changed_record(const tenant_record& now, const enactment& made,
                                            bool resumes) {
    auto next = now;
    next.next_uid = made.next_uid;
    next.next_team = made.next_team;
    next.imported = made.imported;
    next.live = made.live;
    if (resumes) {
        next.stopped = errc::ok;
        next.stopped_detail.clear();
    }
    const auto facts = [](const tenant_record& of) {
        return std::tie(of.next_uid, of.next_team, of.imported, of.live);
    };
    if (facts(next) == facts(now) && !resumes) return std::nullopt;
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

// The stored snapshot is not written again.
task<> fleet::impl::leave_out_the_stored(live_tenant& t, proposal& p) {
    if (!p.snapshot) co_return;
    if (!t.stored_digest) {
        const auto stored = co_await storage.snapshot(t.record.key);
        t.stored_digest = stored ? stored->digest : 0;
    }
    if (p.snapshot->rows.empty() || p.snapshot->digest == *t.stored_digest) p.snapshot.reset();
}

commit_batch fleet::impl::batch_of(const live_tenant& t, enactment& made, const run_record& record,
                                   bool resumes) {
    commit_batch batch;
    batch.tenant = t.record.key;
    batch.record = changed_record(t.record, made, resumes);
    batch.what = made.what;
    if (made.visible()) batch.run = record;
    batch.issues = made.issues;
    batch.held = made.held;
    if (made.rejected) batch.rejected = sorted(*made.rejected);
    if (made.decided) batch.decisions = made.decided->all();
    batch.snapshot = std::move(made.snapshot);
    batch.forget = made.forget;
    batch.forget_external_ids = made.forget_external_ids;
    batch.erased_marks = made.erased_marks;
    batch.notices = std::move(made.notices);
    for (auto& each : batch.notices) {
        each.number = ++last_notice;
        each.tenant = t.record.key;
        each.tenant_name = t.record.name;
    }
    // What measures the next run becomes durable with what it let through: after a crash the next
    // snapshot is held against this one, and the windows know of these steps.
    if (made.gate || !(made.breakers == t.books.breakers)) {
        auto& reached = batch.progress.emplace(t.progress);
        reached.breakers = made.breakers.to_text();
        if (made.gate) {
            reached.gate = made.gate->to_text();
            reached.last_success = record.finished;
        }
    }
    return batch;
}

void fleet::impl::show(live_tenant& t, enactment made) {
    t.progress.breakers = made.breakers.to_text();
    if (made.gate) {
        t.progress.gate = made.gate->to_text();
        t.held_because.clear();
    }
    apply(t.books, std::move(made));
}

task<run_end> fleet::impl::enact(live_tenant& t, proposal p, run_record& record) {
    auto done = sync::carry_out(t.books, p.what.steps, p.what.seen);
    co_await home.yield();
    record.finished = home.wall_now();
    co_await leave_out_the_stored(t, p);
    // Somebody asked for a try of a stopped tenant, and it works again.
    const bool resumes = p.whole && p.trusted && t.record.stopped != errc::ok;
    auto made = sync::enact(t.books, t.settings, std::move(p), std::move(done), record);
    if (made.silent && !resumes) {
        show(t, std::move(made));
        co_return run_end::done;
    }
    if (!made.inconsistent.empty()) {
        log.error("run.inconsistent", {{"tenant", t.record.name}, {"run", record.id}});
        co_return run_end::failed;
    }
    auto batch = batch_of(t, made, record, resumes);
    auto updated = batch.record.value_or(t.record);
    const auto stored_digest =
        batch.snapshot ? std::optional(batch.snapshot->digest) : t.stored_digest;
    const bool told = !batch.notices.empty();
    const bool holds = made.held && !made.held->empty();
    if (const auto stored = co_await storage.commit(std::move(batch)); !stored) {
        record.result = run_outcome::failed;
        record.code = errc_of(stored.error());
        record.detail = "nothing was applied: " + stored.error().message();
        record.steps.clear();
        record.counts = {.rows = record.counts.rows, .in_scope = record.counts.in_scope};
        log.error("run.not_stored",
                  {{"tenant", t.record.name}, {"run", record.id}, {"code", record.code}});
        co_return run_end::failed;
    }
    // Durable: now it may be seen (statement 4 of the architecture).
    t.record = std::move(updated);
    t.stored_digest = stored_digest;
    show(t, std::move(made));
    set_timer(t);
    if (told) {
        ++notices_committed;
        notice_added.notify_all();
    }
    if (holds) {
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

task<run_record> fleet::impl::replan(live_tenant& t) {
    auto record = begin_record(t, run_cause::resolve);
    record.result = run_outcome::unchanged;
    record.finished = home.wall_now();
    co_await replan_and_enact(t, record);
    count(record);
    co_return record;
}

task<> fleet::impl::replan_and_enact(live_tenant& t, run_record& record) {
    // Nobody is deactivated or invited on knowledge that is too old or in doubt: the next sweep
    // does what is to be done.
    if (!may_trust_what_is_stored(t)) co_return;
    const auto from = co_await replay(t, t.settings);
    if (!from || !from->company_matched) co_return;
    proposal p;
    p.whole = true;
    p.what = co_await plan_for(t, from.get(), t.settings);
    if (p.what.stopped) co_return;
    record.counts = p.what.counts;
    keep_back(p, t.books, t.settings, home.wall_now(), record);
    (void)co_await enact(t, std::move(p), record);
}

} // namespace rollcall::sync
