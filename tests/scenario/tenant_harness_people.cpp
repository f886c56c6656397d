// What people do to the harness's tenant: edits, decisions about holds and conflicts, settings,
// undo, questions; and the restart.
#include <algorithm>
#include <iterator>

#include "rollcall/core/text.hpp"
#include "rollcall/sync/row_pack.hpp"
#include "sync/edits.hpp"
#include "tenant_harness.hpp"

namespace rollcall::test {

using sync::guard;
using sync::hold;
using sync::run_cause;
using sync::run_outcome;
using sync::step;
using sync::step_kind;

namespace {

event_report refused(const failure& why) {
    event_report out;
    out.result = run_outcome::failed;
    out.code = why.code;
    out.detail = why.detail;
    return out;
}

} // namespace

// ---- a person ----

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
        if (each.kind == step_kind::send_invitation) sending.push_back(std::move(each));
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

namespace {

// Whoever was invited keeps the account, inactive, and so the memory of the invitation (LA-26).
void keep_the_invited(const sync::books& of, sync::inverse& back) {
    for (auto& each : back.steps) {
        if (each.kind != step_kind::delete_user) continue;
        const auto* entry = of.invitations.find(each.subject);
        if (entry == nullptr || entry->sent == wall_time{}) continue;
        each.kind = step_kind::deactivate;
        each.changes = {{sync::attribute::state, directory::owner::ours, directory::owner::ours,
                         "active", "inactive", "undo"}};
        back.cannot.push_back("'" + each.label + "' was invited: the account becomes inactive");
    }
}

} // namespace

event_report tenant_harness::undo(std::size_t run) {
    if (run == 0) run = runs.size();
    if (run == 0 || run > runs.size()) return refused({errc::not_found, "there is no such run"});
    auto back = sync::inverse_of(runs[run - 1]);
    keep_the_invited(books, back);
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

// ---- questions ----

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

// ---- a restart ----

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
    fresh.invited = books.invited;
    books = std::move(fresh);
    epoch_ = 0;
}

} // namespace rollcall::test
