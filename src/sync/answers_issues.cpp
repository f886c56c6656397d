// Each kind of issue in words: which clause stopped it, at which values it looked, and what a
// person can do about it.
#include <fmt/format.h>

#include "answers_parts.hpp"
#include "rollcall/core/text.hpp"
#include "rollcall/sync/conflict.hpp"

namespace rollcall::sync {

using directory::field;
using directory::user_ref;
using fmt::format;

namespace {

struct words {
    std::string what;    // did not happen
    std::string because; // the clause with its values
    std::string then;    // what a person can do
};

std::string_view meaning_of(ruling_of_conflict v) noexcept {
    switch (v) {
        case ruling_of_conflict::link: return "the record is the user who has its e-mail";
        case ruling_of_conflict::new_person:
            return "the id was given to somebody else; the user of before keeps its history";
        case ruling_of_conflict::same: return "it is the same person after all";
        case ruling_of_conflict::reactivate: return "PeopleHR wins for this person";
        case ruling_of_conflict::ignore: return "leave it as it is and report it no more";
    }
    return {};
}

// The decisions that end the conflict, or nothing where only the source can mend it.
std::string choices(const issue& of) {
    std::string out;
    for (const auto each : rulings_for(of.kind)) {
        out += format("{}{} ({})", out.empty() ? "" : ", ", name_of(each), meaning_of(each));
    }
    if (out.empty()) return out;
    return format(" Or decide with `rollcall conflict resolve TENANT {} {}`: {}.", name_of(of.kind),
                  of.external_id, out);
}

std::string setting(std::string_view name, std::string_view value) {
    return format("`rollcall tenant set TENANT {}={}`", name, value);
}

// What stays as it is for somebody who is not taken over whole.
std::string_view consequence(const inquiry& q) {
    return q.known ? "the user stays as it is" : "no user was created";
}

std::string other_of(const inquiry& q, const issue& of) {
    if (of.other_external_id.empty()) return "another user";
    const bool asked = of.other_external_id == q.id && of.external_id != q.id;
    return q.id_words(asked ? of.external_id : of.other_external_id);
}

// The text that PeopleHR has in the field of the issue.
std::string value_of(const inquiry& q, const issue& of) {
    for (const auto& each : field_table()) {
        if (directory::name_of(each.field) == of.field) return quoted(q.raw(each.source));
    }
    return "the value";
}

std::string stored_value(const inquiry& q, const issue& of) {
    const auto which = read_attribute(of.field);
    if (!q.known || !which || static_cast<std::size_t>(*which) >= directory::field_count) {
        return "nothing was stored";
    }
    const auto value = text_of(q.user, *which);
    return value.empty() ? "it stays blank" : format("{} stays", quoted(value));
}

std::string email_holder(const inquiry& q, const issue& of) {
    if (!of.other_external_id.empty()) return other_of(q, of);
    if (q.source == nullptr) return "another user";
    const auto which = q.of.users.find_by_email(q.source->folded_email);
    return which == user_ref::none ? "another user" : q.user_words(q.of.users.meta(which).uid);
}

std::string reports_to(const inquiry& q) {
    const auto id = q.raw(source_field::reports_to_id);
    return quoted(id.empty() ? q.raw(source_field::reports_to) : id);
}

words email_words(const inquiry& q, const issue& of) {
    const auto email = quoted(q.raw(source_field::email));
    const std::string what = q.known ? "email" : "create";
    switch (of.kind) {
        case issue_kind::invalid_email:
            return {what,
                    format("{} is no e-mail address that mail could be sent to, so {}", email,
                           consequence(q)),
                    "Correct Email in PeopleHR."};
        case issue_kind::shared_email:
            return {what,
                    format("{} has the e-mail {} in PeopleHR too, and an e-mail belongs to one "
                           "user; so {}",
                           other_of(q, of), email, q.known ? "it was not changed" : consequence(q)),
                    "Give each of the two an address of their own in PeopleHR."};
        case issue_kind::email_taken:
            return {what,
                    format("the e-mail {} belongs to the user {}, and email_fallback is {}; so {}",
                           email, email_holder(q, of), q.settings.email_fallback ? "on" : "off",
                           q.known ? "it was not changed" : consequence(q)),
                    q.known ? "Correct Email in PeopleHR, of this person or of the other."
                            : "If both are the same person, turn the fallback on: " +
                                  setting("email_fallback", "true") +
                                  ". If not, correct Email in PeopleHR."};
        default:
            return {what,
                    format("the user with the e-mail {} is {}, who is still employed in the same "
                           "read: they cannot be one person, so {}",
                           email, email_holder(q, of), consequence(q)),
                    "Correct Email in PeopleHR, or end the older of the two records there."};
    }
}

words record_words(const inquiry& q, const issue& of) {
    const auto label = label_of(of.field);
    switch (of.kind) {
        case issue_kind::duplicate_id:
            return {q.known ? "update" : "create",
                    format("the PeopleHR id {} stands in two records of one read, and neither of "
                           "them was applied",
                           quoted(of.external_id)),
                    "Give one of the two another id in PeopleHR."};
        case issue_kind::missing_id:
            return {"read",
                    "an employee in the last answer has no EmployeeId, so nothing of that answer "
                    "was applied",
                    "Give every employee an id in PeopleHR, then `rollcall sync TENANT`."};
        case issue_kind::required_blank:
            return {q.known ? "update" : "create",
                    format("{} is blank in PeopleHR and is required, so {}", label, consequence(q)),
                    format("Fill in {} in PeopleHR.", label)};
        case issue_kind::invalid_date:
            return {of.field,
                    format("{} is {} in PeopleHR, which is no date; {}", label, value_of(q, of),
                           stored_value(q, of)),
                    format("Correct {} in PeopleHR.", label)};
        case issue_kind::wrong_type:
            return {of.field,
                    format("PeopleHR sent {} in a form that is no text, which is not the same as "
                           "blank; {}",
                           label, stored_value(q, of)),
                    "Nothing if the next read is good; else ask PeopleHR's support."};
        case issue_kind::too_long:
            return {of.field,
                    format("{} is longer in PeopleHR than this directory takes; {}", label,
                           stored_value(q, of)),
                    format("Shorten {} in PeopleHR.", label)};
        case issue_kind::id_reuse:
            return {"update",
                    format("the id {} belongs to {}, who left on {}, and name, e-mail and start "
                           "date are all others now: it may be somebody else's id by now",
                           quoted(of.external_id), q.id_words(of.external_id),
                           q.day_text(q.user.leaving_date)),
                    "Say whose record it is."};
        default:
            return {"create",
                    "this person was erased by request, and is not taken over again although "
                    "PeopleHR still has the record",
                    "Delete the record in PeopleHR too."};
    }
}

words scope_words(const inquiry& q, const issue& of) {
    const auto company = quoted(q.raw(source_field::company));
    const auto filter = quoted(q.settings.company);
    switch (of.kind) {
        case issue_kind::company_unknown:
            return {"sync",
                    format("no employee at all has the Company {}, which can only be a mistake in "
                           "the setting; nothing was changed",
                           filter),
                    "Correct it: " + setting("company", "NAME") + "."};
        case issue_kind::company_near_miss:
            return {"sync",
                    format("some employees have a Company that is nearly, but not, {}; this "
                           "person's is {}",
                           filter, company),
                    "Use one spelling in PeopleHR and in " + setting("company", "NAME") + "."};
        default:
            return {
                "update",
                format("the Company is {} and not {}, so the user is kept and no longer synced "
                       "(out_of_scope=keep)",
                       company, filter),
                "Correct Company in PeopleHR or the setting company; to deactivate such users: " +
                    setting("out_of_scope", "deactivate") + "."};
    }
}

words state_words(const inquiry& q, const issue& of) {
    const auto set_inactive = format("`rollcall user set TENANT {} state=inactive`", q.person);
    switch (of.kind) {
        case issue_kind::missing_person:
            return {
                "deactivate",
                format("{} complete reads in a row were without this person; absence alone is "
                       "no proof of leaving, and missing_policy is report",
                       q.known ? q.user.meta.missing : q.settings.missing_after),
                "Enter the leaving date in PeopleHR, or deactivate by hand: " + set_inactive + "."};
        case issue_kind::leaver_without_date:
            return {"deactivate",
                    "PeopleHR marks the person as a leaver (status 2) but has no Leaving Date, so "
                    "the user stays active",
                    "Enter the Leaving Date in PeopleHR."};
        case issue_kind::unknown_status:
            return {"state",
                    format("the status {} in PeopleHR is none that is known, so it is no evidence "
                           "of leaving or of return",
                           quoted(q.raw(source_field::status))),
                    "Correct the status in PeopleHR, or ask its support."};
        case issue_kind::manual_deactivation:
            return {"reactivate",
                    "the user was deactivated by hand, and the sync brings back only whom it "
                    "deactivated itself (reactivation=ours)",
                    format("Bring the user back by hand: `rollcall user set TENANT {} "
                           "state=active`.",
                           q.person)};
        case issue_kind::protected_user:
            return {"deactivate", "the setting protected_users names this person",
                    "Take them off the list, or deactivate by hand: " + set_inactive + "."};
        case issue_kind::last_owner:
            return {"deactivate",
                    "this is the last active Owner, and a company is never left without one",
                    "Give somebody else the role first: `rollcall user set TENANT PERSON "
                    "role=owner`."};
        case issue_kind::no_seat:
            return {q.known ? "reactivate" : "create",
                    format("{} licences are taken; who waits is taken in by start date, then id, "
                           "as seats come free",
                           seats_words(q)),
                    "Free a seat by a deactivation, or raise the number: " + setting("seats", "N") +
                        "."};
        default:
            return {"deactivate",
                    format("the leaving date {} has ended, and the setting leavers is report",
                           q.day_text(q.user.leaving_date)),
                    "Deactivate by hand: " + set_inactive +
                        ", or all leavers: " + setting("leavers", "deactivate") + "."};
    }
}

words manager_words(const inquiry& q, const issue& of) {
    const auto wanted = reports_to(q);
    switch (of.kind) {
        case issue_kind::manager_unknown:
            return {"manager",
                    format("Reports To is {}, and the directory has no such user yet", wanted),
                    "Nothing if that person is still to come: it heals by itself. Else correct "
                    "Reports To in PeopleHR."};
        case issue_kind::manager_ambiguous:
            return {"manager",
                    format("Reports To is the name {} without an id, and several users have it",
                           wanted),
                    "Choose the manager anew in PeopleHR, so that the record has the id."};
        case issue_kind::manager_self:
            return {"manager", "Reports To is the person's own record, which is left out",
                    "Correct Reports To in PeopleHR."};
        case issue_kind::manager_cycle:
            return {"manager",
                    format("with {} as manager the line of reports would come back to this person, "
                           "so this one link is left out",
                           wanted),
                    "Correct Reports To of one of the people in the circle."};
        default:
            return {"manager",
                    format("Reports To is {}, who is not active; what was there stays", wanted),
                    "Give the person another manager in PeopleHR."};
    }
}

words team_words(const inquiry& q, const issue& of) {
    const auto team = quoted(of.field);
    switch (of.kind) {
        case issue_kind::blank_department:
            return {"team",
                    format("Department is blank in PeopleHR, and nobody loses the team over a "
                           "blank; {}",
                           stored_value(q, of)),
                    "Fill in Department in PeopleHR, or let blanks clear the team: " +
                        setting("clear_blank_department", "true") + "."};
        case issue_kind::team_in_use:
            return {"remove_team",
                    format("no active employee has the department of team {} any more, but the "
                           "team has sub-teams or members whom the sync did not put there",
                           team),
                    "Move those away, or remove the team by hand: `rollcall team delete`."};
        case issue_kind::rename_proposed:
            return {"rename_team",
                    format("nearly all of team {} are in {} now, so renaming the team is proposed "
                           "and waits for approval; until then they stay where they are",
                           team, quoted(of.other_external_id)),
                    "Look at it with `rollcall hold show TENANT`, then approve or reject it: "
                    "rejected, the people move to a new team."};
        default:
            return {"set_team_manager",
                    format("team {} was to get the Owner as its manager, and no active user has "
                           "that role",
                           team),
                    "Give somebody the role: `rollcall user set TENANT PERSON role=owner`."};
    }
}

words invitation_words(const inquiry& q, const issue& of) {
    if (of.kind == issue_kind::hire_date_missing) {
        return {"invitation", "the invitation goes on the hire date, and Start Date is blank",
                format("Fill in Start Date in PeopleHR, or invite now: `rollcall invite send "
                       "TENANT {}`.",
                       q.person)};
    }
    const auto* entry = q.of.invitations.find(q.user.meta.uid);
    return {"invitation",
            format("an invitation was sent{} and never confirmed, and nobody is invited twice "
                   "without being asked for",
                   entry == nullptr ? "" : " on " + q.instant_text(entry->sent)),
            format("Send it again: `rollcall invite send TENANT {}`.", q.person)};
}

// A switch without default, so that a new kind of issue does not compile without words.
words words_for(const inquiry& q, const issue& of) {
    switch (of.kind) {
        case issue_kind::invalid_email:
        case issue_kind::shared_email:
        case issue_kind::email_taken:
        case issue_kind::fallback_refused: return email_words(q, of);
        case issue_kind::duplicate_id:
        case issue_kind::missing_id:
        case issue_kind::required_blank:
        case issue_kind::invalid_date:
        case issue_kind::wrong_type:
        case issue_kind::too_long:
        case issue_kind::id_reuse:
        case issue_kind::erased_person: return record_words(q, of);
        case issue_kind::company_unknown:
        case issue_kind::company_near_miss:
        case issue_kind::out_of_scope: return scope_words(q, of);
        case issue_kind::missing_person:
        case issue_kind::leaver_without_date:
        case issue_kind::unknown_status:
        case issue_kind::manual_deactivation:
        case issue_kind::protected_user:
        case issue_kind::last_owner:
        case issue_kind::no_seat:
        case issue_kind::leaver_reported: return state_words(q, of);
        case issue_kind::manager_unknown:
        case issue_kind::manager_ambiguous:
        case issue_kind::manager_self:
        case issue_kind::manager_cycle:
        case issue_kind::manager_inactive: return manager_words(q, of);
        case issue_kind::blank_department:
        case issue_kind::team_in_use:
        case issue_kind::rename_proposed:
        case issue_kind::no_owner: return team_words(q, of);
        case issue_kind::hire_date_missing:
        case issue_kind::invitation_unconfirmed: return invitation_words(q, of);
    }
    return {};
}

} // namespace

not_done explain_issue(const inquiry& q, const issue& what) {
    auto said = words_for(q, what);
    return {std::move(said.what), what.rule, std::move(said.because),
            std::move(said.then) + choices(what)};
}

} // namespace rollcall::sync
