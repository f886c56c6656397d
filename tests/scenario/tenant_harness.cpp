#include "tenant_harness.hpp"

#include <algorithm>
#include <iterator>

#include "rollcall/core/date.hpp"
#include "rollcall/sync/row_pack.hpp"
#include "sync/present_hold.hpp"
#include "sync/stored_rows.hpp"

namespace rollcall::test {

using sync::run_cause;
using sync::run_outcome;
using sync::step;

namespace {

constexpr std::size_t text_bytes_max = 4096;
// As the configuration has them by default.
constexpr auto stale_after = hours{48};

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
    if (stored_.rows.empty()) return nullptr;
    const auto names = sync::extra_names_of(with);
    sync::row_unpacker rows(stored_.rows);
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
    auto record = begin_record(run_cause::sweep);
    sync::proposal p;
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
        if (!from->company_matched) {
            out.issues.push_back({sync::issue_kind::company_unknown, {}, {}, "company", "LA-6"});
            auto why = "no employee has the Company '" + settings.company + "'";
            if (!from->company_near_miss.empty()) {
                why += "; did you mean '" + from->company_near_miss + "'?";
            }
            return hold_back(std::move(why));
        }
        auto verdict = sync::judge(books.gate, from->stats, settings);
        if (!verdict.pass) {
            if (apply) books.gate = verdict.memory;
            return hold_back(std::move(verdict.reason));
        }
        p.trusted = verdict.memory;
        p.snapshot = sync::stored_snapshot{now_, from->packed_digest, std::move(from->packed)};
    }
    p.what = plan_for(from.get(), settings);
    record.counts = p.what.counts;
    if (p.what.stopped) {
        out.issues = p.what.issues;
        return hold_back("a blank, invalid or shared e-mail stops the run");
    }
    sync::keep_back(p, books, settings, now_, record);
    if (!apply) {
        out.result = run_outcome::previewed;
        out.steps = std::move(p.what.steps);
        out.issues = std::move(p.what.issues);
        if (p.held) out.detail = sync::reasons_of(p.held->sections);
        return out;
    }
    if (p.whole) {
        suspended_ = false;
        last_success_ = now_;
    }
    return enact(std::move(p), std::move(record));
}

std::optional<sync::proposal> tenant_harness::planned_anew(sync::run_record& record) {
    const auto from = replay(settings);
    if (!from || !from->company_matched) return std::nullopt;
    sync::proposal p;
    p.whole = true;
    p.what = plan_for(from.get(), settings);
    if (p.what.stopped) return std::nullopt;
    record.counts = p.what.counts;
    sync::keep_back(p, books, settings, now_, record);
    return p;
}

event_report tenant_harness::replan() {
    auto record = begin_record(run_cause::resolve);
    auto p = planned_anew(record);
    if (!p) return {};
    return enact(std::move(*p), std::move(record));
}

std::vector<step> tenant_harness::steps_left() {
    auto record = begin_record(run_cause::resolve);
    auto p = planned_anew(record);
    if (!p) return {};
    auto left = std::move(p->what.steps);
    if (p->held) {
        for (const auto& section : p->held->sections) {
            left.insert(left.end(), section.steps.begin(), section.steps.end());
        }
    }
    return left;
}

// ---- what is done ----

sync::run_record tenant_harness::begin_record(run_cause cause) const {
    sync::run_record record;
    record.id = runs.size() + 1;
    record.cause = cause;
    record.started = record.finished = now_;
    return record;
}

// What the fleet does, with this object for a store.
event_report tenant_harness::enact(sync::proposal p, sync::run_record record) {
    event_report out;
    if (p.snapshot && p.snapshot->digest == stored_.digest) p.snapshot.reset();
    auto done = sync::carry_out(books, p.what.steps, p.what.seen);
    auto made = sync::enact(books, settings, std::move(p), std::move(done), record);
    out.result = record.result;
    out.code = record.code;
    out.counts = record.counts;
    out.steps = record.steps;
    out.issues = std::move(record.issues);
    out.dropped = made.what.dropped;
    out.inconsistent = made.inconsistent;
    if (!made.inconsistent.empty()) return out;
    out.notices = std::move(made.notices);
    for (auto& each : out.notices) {
        each.number = notices.size() + 1;
        notices.push_back(each);
    }
    for (const auto& each : record.steps) {
        audit.push_back({audit.size() + 1, record.id, record.cause, now_, true, each, {}});
    }
    if (!record.steps.empty()) runs.push_back(std::move(record.steps));
    if (made.snapshot) stored_ = std::move(*made.snapshot);
    sync::apply(books, std::move(made));
    if (!books.held.empty()) out.detail = sync::reasons_of(books.held.sections);
    return out;
}

// ---- time ----

event_report tenant_harness::timer_run() {
    if (suspended_ || now_ - last_success_ > stale_after) return {};
    auto record = begin_record(run_cause::timer);
    sync::proposal p;
    p.what = plan_for(nullptr, settings);
    if (p.what.steps.empty()) return {};
    record.counts = p.what.counts;
    sync::keep_back(p, books, settings, now_, record);
    auto out = enact(std::move(p), std::move(record));
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
