#include "tenant_harness.hpp"

#include <algorithm>
#include <iterator>

#include "rollcall/core/date.hpp"
#include "rollcall/core/text.hpp"
#include "rollcall/sync/row_pack.hpp"
#include "sync/edits.hpp"

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

event_report refused(const failure& why) {
    event_report out;
    out.result = run_outcome::failed;
    out.code = why.code;
    out.detail = why.detail;
    return out;
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

// ---- reads
// ---------------------------------------------------------------------------------------

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
    return refused({code, std::move(detail)});
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

// ---- what is kept back, and what is done
// ---------------------------------------------------------

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

// ---- time
// ----------------------------------------------------------------------------------------

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

// ---- a person
// ------------------------------------------------------------------------------------

event_report tenant_harness::by_hand(run_cause cause, std::vector<step> steps, proposal p) {
    p.cause = cause;
    p.what.steps = std::move(steps);
    p.what.issues = books.issues;
    p.rejected = books.rejected;
    return enact(std::move(p));
}

event_report tenant_harness::edit(const steps_of& what) {
    auto steps = what(books);
    if (!steps) return refused(steps.error());
    return by_hand(run_cause::manual, std::move(*steps), {});
}

namespace {

// What stays held, with the number and the time that it had.
hold rest_of(const hold& all, std::vector<sync::held_section> sections) {
    hold rest;
    rest.run = all.run;
    rest.since = all.since;
    rest.sections = std::move(sections);
    sync::seal(rest);
    return rest;
}

std::optional<failure> undecidable(const hold& held, const std::optional<std::string>& digest) {
    if (held.empty()) return failure{errc::not_found, "nothing is held"};
    if (digest && *digest != held.digest) {
        return failure{errc::held, "what is held is no longer what was shown"};
    }
    return std::nullopt;
}

} // namespace

event_report tenant_harness::approve(std::vector<guard> guards, std::optional<std::string> digest) {
    if (const auto why = undecidable(books.held, digest)) return refused(*why);
    auto chosen = sync::approve(books.held, guards, books, settings);
    for (auto& each : chosen.steps) {
        if (each.kind != step_kind::send_invitation) continue;
        for (auto& c : each.changes) {
            if (c.what == sync::attribute::invitation_sent) {
                c.new_value = std::to_string(to_unix_ms(now_));
            }
        }
    }
    proposal p;
    p.held = rest_of(books.held, std::move(chosen.rest));
    auto out = by_hand(run_cause::approval, std::move(chosen.steps), std::move(p));
    append(out, replan());
    return out;
}

event_report tenant_harness::reject(std::vector<guard> guards, std::optional<std::string> digest) {
    if (const auto why = undecidable(books.held, digest)) return refused(*why);
    std::vector<sync::held_section> rest;
    for (const auto& section : books.held.sections) {
        if (!guards.empty() && std::ranges::find(guards, section.what) == guards.end()) {
            rest.push_back(section);
            continue;
        }
        for (const auto& each : sync::rejections_of(section)) books.rejected.insert(each);
    }
    books.held = rest_of(books.held, std::move(rest));
    return replan();
}

event_report tenant_harness::resolve(sync::issue_kind kind, std::string_view external_id,
                                     sync::ruling_of_conflict how) {
    const auto open = std::ranges::find_if(books.issues, [&](const sync::issue& each) {
        return each.kind == kind && each.external_id == external_id;
    });
    if (open == books.issues.end()) return refused({errc::not_found, "no such open conflict"});
    const auto choices = sync::rulings_for(kind);
    if (std::ranges::find(choices, how) == choices.end()) {
        return refused({errc::invalid_argument, "cannot be resolved like that"});
    }
    sync::decision made{kind, std::string(external_id), how, 0, now_};
    for (const auto& id : {open->other_external_id, std::string(external_id)}) {
        const auto ref = books.users.find_by_id(id);
        if (made.uid == 0 && !id.empty() && ref != directory::user_ref::none) {
            made.uid = books.users.meta(ref).uid;
        }
    }
    books.decisions.put(std::move(made));
    return replan();
}

event_report tenant_harness::change_settings(const sync::tenant_settings& to) {
    settings = to;
    return replan();
}

event_report tenant_harness::what_if(const sync::tenant_settings& with) {
    const auto from = replay(with);
    if (!from) return refused({errc::not_found, "no snapshot is stored yet"});
    event_report out;
    if (!from->company_matched) {
        out.result = run_outcome::held;
        out.code = errc::held;
        out.issues.push_back({sync::issue_kind::company_unknown, {}, {}, "company", "LA-6"});
        return out;
    }
    auto made = plan_for(from.get(), with);
    const auto kept = sync::withhold(made, books, with, now_);
    out.result = run_outcome::previewed;
    out.steps = std::move(made.steps);
    out.issues = std::move(made.issues);
    for (const auto& each : kept.sections) {
        out.detail += (out.detail.empty() ? "" : "; ") + each.reason;
    }
    return out;
}

event_report tenant_harness::go_live() {
    if (books.live) return refused({errc::already_exists, "the tenant is live already"});
    std::vector<step> sending;
    for (auto& each : plan_for(nullptr, settings).steps) {
        const auto* entry = books.invitations.find(each.subject);
        if (each.kind == step_kind::send_invitation && entry != nullptr && entry->first_load) {
            sending.push_back(std::move(each));
        }
    }
    books.live = true;
    proposal p;
    hold rest = books.held;
    for (auto& section : rest.sections) {
        if (section.what != guard::invitation) continue;
        std::erase_if(section.steps, [&](const step& s) {
            return std::ranges::find(sending, s.subject, &step::subject) != sending.end();
        });
    }
    std::erase_if(rest.sections, [](const auto& s) { return s.steps.empty(); });
    sync::seal(rest);
    p.held = std::move(rest);
    return by_hand(run_cause::approval, std::move(sending), std::move(p));
}

event_report tenant_harness::undo(std::size_t run) {
    if (run == 0) run = runs.size();
    if (run == 0 || run > runs.size()) return refused({errc::not_found, "there is no such run"});
    auto back = sync::inverse_of(runs[run - 1]);
    auto out = by_hand(run_cause::undo, std::move(back.steps), {});
    out.cannot = std::move(back.cannot);
    return out;
}

event_report tenant_harness::erase(directory::user_ref who) {
    const auto user = user_of(books, who);
    const auto& id = user.get(directory::field::external_id);
    std::string scratch;
    auto out = by_hand(run_cause::manual, sync::deleting_user(books, who), {});
    if (!id.empty()) books.erased.insert(sync::mark_of(books.erasure_salt, "id", id));
    books.erased.insert(sync::mark_of(books.erasure_salt, "email",
                                      fold(user.get(directory::field::email), scratch)));
    return out;
}

// ---- questions
// -----------------------------------------------------------------------------------

sync::explanation tenant_harness::explain(std::string_view person) const {
    sync::explain_input about{books, settings};
    about.asked = person;
    about.now = now_;
    about.snapshot_taken = last_success_;
    if (const auto who = sync::find_person(books, person)) about.user = *who;
    std::string id(person);
    std::vector<sync::audit_entry> history;
    if (about.user != directory::user_ref::none) {
        id = books.users.text(about.user, directory::field::external_id);
        const auto uid = books.users.meta(about.user).uid;
        for (const auto& each : audit) {
            if (sync::subject_of(each.step.kind) == sync::subject_kind::user &&
                each.step.subject == uid) {
                history.push_back(each);
            }
        }
        std::ranges::reverse(history);
        about.history = history;
    }
    std::vector<std::string> names;
    for (const auto& each : settings.extra_fields) names.push_back(each.source);
    sync::row_unpacker rows(stored_);
    rows.wanted(names);
    sync::source_row row;
    while (!stored_.empty() && rows.next(row)) {
        if (trim(row.get(sync::source_field::employee_id)) != id) continue;
        about.row = &row;
        break;
    }
    return sync::explain(about);
}

// ---- a restart
// -----------------------------------------------------------------------------------

void tenant_harness::restart() {
    sync::books fresh;
    std::vector<directory::user_data> users;
    books.users.for_each([&](directory::user_ref each) { users.push_back(user_of(books, each)); });
    std::ranges::sort(users, {}, [](const auto& each) { return each.meta.uid; });
    for (const auto& each : users) fresh.users.put(each);
    for (const auto& each : books.teams.all()) (void)fresh.teams.put(each);
    for (const auto& each : books.teams.secondary()) (void)fresh.teams.add_member(each);
    for (const auto& each : books.invitations.all()) fresh.invitations.put(each);
    fresh.decisions.set(books.decisions.all());
    fresh.issues = books.issues;
    fresh.held = books.held;
    fresh.rejected = books.rejected;
    fresh.gate = sync::gate_memory::from_text(books.gate.to_text());
    fresh.breakers = sync::breaker_memory::from_text(books.breakers.to_text());
    fresh.next_uid = books.next_uid;
    fresh.next_team = books.next_team;
    fresh.imported = books.imported;
    fresh.live = books.live;
    fresh.erasure_salt = books.erasure_salt;
    fresh.erased = books.erased;
    books = std::move(fresh);
    epoch_ = 0;
}

} // namespace rollcall::test
