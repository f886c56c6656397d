#include "desk_decisions.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "edits.hpp"
#include "present_hold.hpp"
#include "rollcall/core/text.hpp"

namespace rollcall::sync {

using directory::owner;
using directory::user_ref;

std::string digest_of_steps(std::span<const step> steps) {
    if (steps.empty()) return {};
    hold all;
    all.sections.push_back({guard::none, {}, {steps.begin(), steps.end()}});
    seal(all);
    return all.digest;
}

failure not_as_shown(std::string_view what) {
    return {errc::held,
            std::string(what) + " is no longer what was shown; look again, and use the new digest"};
}

// ---- holds ----

std::optional<failure> cannot_decide(const hold& held, std::string_view digest,
                                     std::span<const guard> guards) {
    if (held.empty()) return failure{errc::not_found, "nothing is held at this tenant"};
    if (digest != held.digest) return not_as_shown("what is held");
    for (const auto each : guards) {
        if (std::ranges::find(held.sections, each, &held_section::what) == held.sections.end()) {
            return failure{errc::invalid_argument,
                           "no steps of the kind '" + std::string(name_of(each)) + "' are held"};
        }
    }
    return std::nullopt;
}

proposal approving(const books& of, const tenant_settings& settings, std::span<const guard> guards,
                   wall_time now) {
    auto chosen = approve(of.held, guards, of, settings);
    // The instant of an invitation is that of its sending, not of its planning.
    const auto instant = instant_text(now);
    for (auto& each : chosen.steps) {
        if (each.kind != step_kind::send_invitation) continue;
        for (auto& c : each.changes) {
            if (c.what == attribute::invitation_sent) c.new_value = instant;
        }
    }
    proposal p;
    p.what.steps = std::move(chosen.steps);
    p.held = rest_of(of.held, std::move(chosen.rest));
    return p;
}

proposal rejecting(const books& of, std::span<const guard> guards) {
    proposal p;
    auto& rejected = p.rejected.emplace(of.rejected);
    std::vector<held_section> rest;
    for (const auto& section : of.held.sections) {
        if (!guards.empty() && std::ranges::find(guards, section.what) == guards.end()) {
            rest.push_back(section);
            continue;
        }
        for (const auto& each : rejections_of(section)) rejected.insert(each);
    }
    p.held = rest_of(of.held, std::move(rest));
    return p;
}

// ---- conflicts ----

namespace {

std::uint32_t uid_of(const books& of, user_ref which) {
    return which == user_ref::none ? 0 : of.users.meta(which).uid;
}

// About whom it is decided: the holder of the address that the record wants, who may have no
// PeopleHR id, or the holder of an id.
std::uint32_t whom_it_is_about(const books& of, const issue& open, const source_row* row) {
    if (is_about_an_address(open.kind) && row != nullptr) {
        std::string scratch;
        const auto email = fold(trim(row->get(source_field::email)), scratch);
        if (const auto uid = uid_of(of, of.users.find_by_email(email)); uid != 0) return uid;
    }
    for (const auto* id : {&open.other_external_id, &open.external_id}) {
        if (id->empty()) continue;
        if (const auto uid = uid_of(of, of.users.find_by_id(*id)); uid != 0) return uid;
    }
    return 0;
}

} // namespace

bool is_about_an_address(issue_kind kind) noexcept {
    return kind == issue_kind::email_taken || kind == issue_kind::fallback_refused;
}

outcome<decision> deciding(const books& of, issue_kind kind, const std::string& external_id,
                           ruling_of_conflict how, const source_row* row, wall_time now) {
    const auto open = std::ranges::find_if(of.issues, [&](const issue& each) {
        return each.kind == kind && each.external_id == external_id;
    });
    if (open == of.issues.end()) {
        return failure{errc::not_found, "'" + external_id + "' has no open conflict of the kind " +
                                            std::string(name_of(kind))};
    }
    const auto choices = rulings_for(kind);
    if (std::ranges::find(choices, how) == choices.end()) {
        std::string detail = std::string(name_of(kind)) + " can not be resolved as '" +
                             std::string(name_of(how)) + "'";
        for (const auto each : choices) {
            detail += each == choices.front() ? "; it takes " : ", ";
            detail += name_of(each);
        }
        return failure{errc::invalid_argument, std::move(detail)};
    }
    decision made{kind, external_id, how, whom_it_is_about(of, *open, row), now};
    if (made.uid == 0 && how != ruling_of_conflict::ignore) {
        return failure{errc::held,
                       "nobody was found whom this is about; sync the tenant, then "
                       "look at its conflicts again"};
    }
    return made;
}

// ---- invitations of the first import ----

shown_plan going_live(plan made) {
    shown_plan out;
    for (auto& each : made.steps) {
        if (each.kind != step_kind::send_invitation) continue;
        // The instant is that of the sending, not of the showing.
        std::erase_if(each.changes,
                      [](const change& c) { return c.what == attribute::invitation_sent; });
        out.steps.push_back(std::move(each));
    }
    out.digest = digest_of_steps(out.steps);
    // Also nothing to send now is something to agree to: later ones go when they fall due.
    if (out.digest.empty()) out.digest = "nothing-due";
    count_steps(out.steps, out.counts);
    return out;
}

proposal go_live_with(const books& of, shown_plan shown, wall_time now) {
    proposal p;
    p.live = true;
    for (auto& each : shown.steps) {
        const auto* entry = of.invitations.find(each.subject);
        auto before = entry == nullptr ? std::string() : instant_text(entry->sent);
        each.changes.push_back({attribute::invitation_sent, owner::ours, owner::ours,
                                std::move(before), instant_text(now), "G-5"});
    }
    // The held section of just these people is settled with it.
    auto rest = without(of.held, [&](guard section, const step& waiting) {
        return section == guard::invitation &&
               std::ranges::find(shown.steps, waiting.subject, &step::subject) != shown.steps.end();
    });
    if (rest.digest != of.held.digest) p.held = std::move(rest);
    p.what.steps = std::move(shown.steps);
    return p;
}

// ---- undo ----

namespace {

// LA-26: whoever was invited keeps the account, inactive, and so the memory of the invitation. Made
// anew by the next sweep they would be invited again.
void keep_the_invited(const books& of, inverse& back) {
    std::erase_if(back.steps, [&](const step& each) {
        if (each.kind != step_kind::delete_user) return false;
        const auto which = of.users.find_by_uid(each.subject);
        if (which == user_ref::none) return false;
        const auto owners = of.users.meta(which).ownership;
        const bool edited = std::ranges::find(owners, owner::manual) != owners.end();
        if (edited) {
            back.cannot.push_back("'" + each.label + "' was edited by hand since, and stays");
        }
        return edited;
    });
    for (auto& each : back.steps) {
        if (each.kind != step_kind::delete_user) continue;
        const auto* entry = of.invitations.find(each.subject);
        if (entry == nullptr || entry->sent == wall_time{}) continue;
        each.kind = step_kind::deactivate;
        each.changes = {{attribute::state, owner::ours, owner::ours, "active", "inactive", "undo"}};
        back.cannot.push_back("'" + each.label +
                              "' was invited: the account becomes inactive and is not removed");
    }
}

} // namespace

outcome<shown_plan> undoing(const books& of, std::span<const step> done) {
    auto back = inverse_of(done);
    keep_the_invited(of, back);
    shown_plan out;
    out.cannot = std::move(back.cannot);
    // Of what was changed again since, the newer value stays.
    auto tried = carry_out(of, back.steps, {});
    for (const auto& each : tried.dropped) {
        out.cannot.push_back(std::string(name_of(each.kind)) + " of '" + each.label +
                             "': it was changed again since");
    }
    if (const auto wrong = inconsistency(of, tried); !wrong.empty()) {
        return failure{errc::held, "the run can not be undone as a whole: " + wrong};
    }
    out.steps = std::move(tried.done);
    out.digest = digest_of_steps(out.steps);
    count_steps(out.steps, out.counts);
    return out;
}

// ---- erasure ----

person_to_erase whom_to_erase(const books& of, std::string_view person) {
    person_to_erase out;
    std::string scratch;
    if (const auto who = find_person(of, person)) {
        out.uid = of.users.meta(*who).uid;
        out.external_id = of.users.text(*who, directory::field::external_id);
        out.folded_email = fold(of.users.text(*who, directory::field::email), scratch);
    } else {
        out.external_id = trim(person);
        out.folded_email = fold(trim(person), scratch);
    }
    return out;
}

proposal erasing(const books& of, const person_to_erase& whom, std::vector<std::uint32_t> numbers) {
    proposal p;
    const bool here = whom.uid != 0;
    if (here) {
        p.what.steps = deleting_user(of, of.users.find_by_uid(whom.uid));
        if (std::ranges::find(numbers, whom.uid) == numbers.end()) numbers.push_back(whom.uid);
    }
    // Another person of today may have had the address once.
    std::erase_if(numbers, [&](std::uint32_t uid) {
        return of.users.find_by_uid(uid) != user_ref::none && (!here || uid != whom.uid);
    });
    p.forget = std::move(numbers);
    const auto& id = whom.external_id;
    if (!id.empty()) {
        p.forget_external_ids.push_back(id);
        p.erased_marks.push_back(mark_of(of.erasure_salt, "id", id));
    }
    if (whom.folded_email.find('@') != std::string::npos) {
        p.erased_marks.push_back(mark_of(of.erasure_salt, "email", whom.folded_email));
    }
    auto decided = of.decisions.all();
    std::erase_if(decided, [&](const decision& each) { return each.external_id == id; });
    p.decided.emplace().set(std::move(decided));
    // What is held of the person goes with them; the next sweep plans the rest anew.
    auto rest = without(of.held, [&](guard, const step& waiting) {
        return here && subject_of(waiting.kind) == subject_kind::user &&
               waiting.subject == whom.uid;
    });
    if (rest.digest != of.held.digest) p.held = std::move(rest);
    return p;
}

} // namespace rollcall::sync
