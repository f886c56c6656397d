// Everything that could be expected of this person and did not happen, with what stopped it.
#include <fmt/format.h>

#include <algorithm>

#include "answers_parts.hpp"
#include "rollcall/core/text.hpp"

namespace rollcall::sync {

using directory::field;
using directory::user_state;
using fmt::format;

namespace {

// "job_title 'Fitter' -> 'Chief', location '' -> 'Leeds'"
std::string changes_of(const step& of) {
    std::string out;
    for (const auto& each : of.changes) {
        if (each.what == attribute::invitation_sent) continue; // when, which nobody decides
        out += format("{}{} {} -> {}", out.empty() ? "" : ", ", name_of(each.what),
                      quoted(each.old_value), quoted(each.new_value));
    }
    return out;
}

class list {
  public:
    explicit list(const inquiry& about) : q_(about) {}

    void look() {
        if (q_.past) return then_unknown();
        doubt();
        absent_altogether();
        recorded_issues();
        held_steps();
        rejected_steps();
        decisions();
        not_created();
        switched_off();
        state();
        invitation();
    }

    std::vector<not_done> take() { return std::move(out_); }

  private:
    void add(std::string what, std::string_view rule, std::string because, std::string then) {
        out_.push_back({std::move(what), std::string(rule), std::move(because), std::move(then)});
    }
    [[nodiscard]] bool said(std::string_view what) const {
        return std::any_of(out_.begin(), out_.end(),
                           [what](const not_done& each) { return each.what == what; });
    }
    [[nodiscard]] std::string set(std::string_view name, std::string_view value) const {
        return format("`rollcall tenant set TENANT {}={}`", name, value);
    }
    void then_unknown();
    void doubt();
    void absent_altogether();
    void recorded_issues();
    void other_side(const issue& of);
    void held_steps();
    void rejected_steps();
    void decisions();
    void not_created();
    void switched_off();
    void state();
    void invitation();
    void unsent(const sync::invitation& entry);

    const inquiry& q_;
    std::vector<not_done> out_;
};

void list::then_unknown() {
    if (q_.known) return;
    add("create", "LA-9",
        format("at {} the directory did not have this person", q_.instant_text(*q_.in.at)),
        "Ask without a time for how it is now.");
}

// What PeopleHR says of anybody since the read before is not known here.
void list::doubt() {
    if (!q_.in.doubted) return;
    const auto& read = *q_.in.doubted;
    const auto last = q_.in.snapshot_taken == wall_time{}
                          ? std::string("none was believed before")
                          : format("what PeopleHR says here is of the read of {}",
                                   q_.instant_text(q_.in.snapshot_taken));
    add("read", read.rule,
        format("the read of {} is not believed, so nothing of it was done, and {}: {}",
               q_.instant_text(read.at), last, read.because),
        read.then);
}

void list::absent_altogether() {
    if (was_erased(q_)) {
        add("create", "LA-15", "this person was erased by request, and is not taken over again",
            "Delete the record in PeopleHR too, if it is still there.");
    } else if (!q_.known && q_.source == nullptr && q_.in.snapshot_taken == wall_time{}) {
        add("create", "LA-9", "no complete read of this tenant is stored yet",
            "Read now: `rollcall sync TENANT`.");
    } else if (!q_.known && q_.source == nullptr) {
        add("create", "LA-9",
            format("neither the directory nor the complete read of {} knows {}",
                   q_.instant_text(q_.in.snapshot_taken), quoted(q_.in.asked)),
            "Check the id or e-mail in PeopleHR, then read again: `rollcall sync TENANT`.");
    } else if (q_.source == nullptr && q_.user.get(field::external_id).empty()) {
        add("update", "LA-45",
            "the user is not linked to an employee of PeopleHR, so no sync touches it",
            format("Link it by its e-mail: {}.", set("email_fallback", "true")));
    } else if (q_.source == nullptr && q_.user.meta.missing < q_.settings.missing_after) {
        add("deactivate", "G-3",
            format("{} of {} complete reads were without this person, and absence alone is no "
                   "proof of leaving",
                   q_.user.meta.missing, q_.settings.missing_after),
            "Enter the leaving date in PeopleHR.");
    }
}

void list::recorded_issues() {
    const auto* team = q_.known ? q_.primary_team() : nullptr;
    for (const auto& each : q_.of.issues) {
        const bool everybody =
            each.kind == issue_kind::company_unknown || each.kind == issue_kind::missing_id;
        const bool near = each.kind == issue_kind::company_near_miss && q_.source != nullptr &&
                          !q_.source->in_scope;
        const bool of_team =
            team != nullptr && each.kind == issue_kind::rename_proposed && each.field == team->name;
        const bool own = !q_.id.empty() && each.external_id == q_.id;
        if (own || everybody || near || of_team) {
            out_.push_back(explain_issue(q_, each));
        } else if (!q_.id.empty() && each.other_external_id == q_.id) {
            other_side(each);
        }
    }
}

// This person is what stands in the way of another record.
void list::other_side(const issue& of) {
    switch (of.kind) {
        case issue_kind::shared_email:
        case issue_kind::email_taken:
        case issue_kind::fallback_refused:
        case issue_kind::id_reuse: break;
        default: return;
    }
    add("conflict", of.rule,
        format("the record {} is in conflict with this person ({})", q_.id_words(of.external_id),
               name_of(of.kind)),
        format("Ask about that one: `rollcall explain TENANT {}`.", of.external_id));
}

void list::held_steps() {
    for (const auto& section : q_.of.held.sections) {
        for (const auto& each : section.steps) {
            if (!q_.concerns(each)) continue;
            add(std::string(name_of(each.kind)),
                each.changes.empty() ? std::string_view("G-5") : each.changes.front().rule,
                format("held since {}: {} ({})", q_.instant_text(q_.of.held.since), section.reason,
                       changes_of(each)),
                format("Look at it with `rollcall hold show TENANT`, then `rollcall hold approve` "
                       "or `reject`, {} alone if you like.",
                       name_of(section.what)));
        }
    }
}

void list::rejected_steps() {
    for (const auto& each : q_.planned) {
        if (!each.rejected) continue;
        add(std::string(name_of(each.what.kind)), "G-6",
            format("a person rejected just this step ({}), which holds until PeopleHR says "
                   "something else",
                   changes_of(each.what)),
            "Change the value in PeopleHR, or by hand: `rollcall user set`.");
    }
}

void list::decisions() {
    for (const auto& each : q_.of.decisions.all()) {
        if (q_.id.empty() || each.external_id != q_.id) continue;
        if (each.what != ruling_of_conflict::ignore) continue;
        add(q_.known ? "update" : "create", "LA-10",
            format("on {} a person decided to leave this record out ({})", q_.instant_text(each.at),
                   name_of(each.kind)),
            format("Take the decision back: `rollcall conflict reopen TENANT {} {}`.",
                   name_of(each.kind), each.external_id));
    }
}

// In PeopleHR, and no user of the directory.
void list::not_created() {
    if (q_.known || q_.source == nullptr) return;
    const auto& row = *q_.source;
    if (row.left) {
        add("create", "LA-8",
            format("the person had left (status {}, leaving date {}) before being seen for the "
                   "first time",
                   quoted(q_.raw(source_field::status)), q_.day_text(row.values.leaving_date)),
            "Nothing, unless PeopleHR is wrong: leavers are not created.");
    }
    if (!row.in_scope) {
        add("create", "LA-5",
            format("the Company is {}, and only that of the setting company, {}, is taken",
                   quoted(q_.raw(source_field::company)), quoted(q_.settings.company)),
            "Correct Company in PeopleHR, or the setting: " + set("company", "NAME") + ".");
    }
    if (row.rejected && !said("create")) {
        for (std::uint8_t i = 0; i < row.issue_count; ++i) {
            const auto& found = row.issues[i];
            out_.push_back(explain_issue(
                q_,
                {found.kind, q_.id, {}, std::string(directory::name_of(found.field)), "LA-18"}));
        }
    }
    if (!said("create")) {
        add("create", "LA-9", "nothing stands in the way: the person is new since the last run",
            "Wait for the next sync, or read now: `rollcall sync TENANT`.");
    }
}

// What PeopleHR has and a setting leaves alone.
void list::switched_off() {
    if (q_.source == nullptr || !q_.learnamp()) return;
    const auto department = q_.raw(source_field::department);
    if (!q_.settings.team_from_department && !department.empty()) {
        add("team", "LA-28",
            format("Department is {}, and team_from_department is false", quoted(department)),
            "To sync teams: " + set("team_from_department", "true") + ".");
    }
    auto manager = q_.raw(source_field::reports_to_id);
    if (manager.empty()) manager = q_.raw(source_field::reports_to);
    if (!q_.settings.manager_from_reports_to && !manager.empty()) {
        add("manager", "LA-36",
            format("Reports To is {}, and manager_from_reports_to is false, so the manager is the "
                   "team's",
                   quoted(manager)),
            "To sync managers: " + set("manager_from_reports_to", "true") + ".");
    }
    const auto known_as = q_.raw(source_field::known_as);
    if (!q_.settings.known_as && !known_as.empty() &&
        known_as != q_.raw(source_field::first_name)) {
        add("first_name", "LA-3", format("Known As is {}, and known_as is false", quoted(known_as)),
            "To use it as the first name: " + set("known_as", "true") + ".");
    }
}

void list::state() {
    if (!q_.known) return;
    const auto& meta = q_.user.meta;
    const bool active = meta.state == user_state::active;
    if (!meta.managed && !said("update")) {
        add("update", "LA-7",
            format("the user is out of the company scope ({}), and is kept without being synced",
                   quoted(q_.settings.company)),
            "Correct Company in PeopleHR, or the setting company.");
    }
    if (q_.source == nullptr) return;
    const auto leaving = q_.source->values.leaving_date;
    if (active && leaving.is_set() && leaving >= q_.today && !q_.source->left) {
        add("deactivate", q_.learnamp() ? "LA-43" : "WT-8",
            format("the leaving date {} has not ended in {} yet", to_string(leaving),
                   q_.settings.time_zone),
            "Nothing: it happens on the day after.");
    }
    if (active && q_.source->left && !said("deactivate")) {
        add("deactivate", q_.learnamp() ? "LA-43" : "WT-8",
            "PeopleHR has the person as left since the last run",
            "Wait for the next sync, or read now: `rollcall sync TENANT`.");
    }
    if (!active && !q_.source->left && !said("reactivate") && !meta.deactivated_by_us &&
        q_.settings.reactivation == reactivation::ours) {
        add("reactivate", "LA-16",
            "the user was deactivated by hand, and the sync brings back only whom it deactivated "
            "itself (reactivation=ours)",
            format("Bring the user back by hand: `rollcall user set TENANT {} state=active`.",
                   q_.person));
    }
}

void list::invitation() {
    if (!q_.known || !q_.learnamp() || said("invitation")) return;
    if (said(name_of(step_kind::send_invitation))) return;
    const auto send = format("Invite by hand: `rollcall invite send TENANT {}`.", q_.person);
    const auto* entry = q_.of.invitations.find(q_.user.meta.uid);
    if (entry != nullptr) return unsent(*entry);
    if (!q_.user.meta.created_by_us) {
        add("invitation", "LA-25",
            "the user was there before this integration, which invites only whom it created", send);
    } else {
        add("invitation", "LA-21",
            format("the setting invite was never when the user was created; it is {} now",
                   setting_text(q_.settings, "invite")),
            send);
    }
}

// As a user who was deleted by hand since.
bool was_invited_before(const inquiry& q) {
    std::string scratch;
    const auto& user = q.user;
    return q.of.was_invited(user.get(field::external_id), fold(user.get(field::email), scratch));
}

void list::unsent(const sync::invitation& entry) {
    const auto send = format("Invite now by hand: `rollcall invite send TENANT {}`.", q_.person);
    switch (entry.state) {
        case invitation_state::not_invited:
            if (!entry.automatic && was_invited_before(q_)) {
                return add("invitation", "LA-26",
                           "somebody with this PeopleHR id or e-mail was invited before, as a user "
                           "who was deleted since, and nobody is invited twice by itself",
                           send);
            }
            return add("invitation", "LA-21",
                       entry.automatic ? "the invitation waits for a hire date"
                                       : "the setting invite was never when the user was created",
                       send);
        case invitation_state::cancelled:
            return add("invitation", "LA-24",
                       "it was cancelled before it was sent, because the person left or vanished, "
                       "or somebody cancelled it",
                       send);
        case invitation_state::scheduled:
        case invitation_state::due: break;
        case invitation_state::sent:
        case invitation_state::confirmed: return;
    }
    if (entry.first_load && !q_.of.live) {
        return add("invitation", "G-5",
                   "invitations of a tenant's first import wait until somebody says go",
                   "Say it: `rollcall invite go-live TENANT`.");
    }
    if (entry.due > q_.in.now) {
        return add(
            "invitation", "LA-23",
            format("it is due at {} ({})", q_.instant_text(entry.due), q_.settings.time_zone),
            send);
    }
    add("invitation", "LA-24",
        q_.user.meta.missing != 0
            ? "it is due, and waits because the last complete read was without this person"
            : "it is due, and goes with the next run",
        send);
}

} // namespace

bool was_erased(const inquiry& q) {
    if (q.known) return false;
    std::string scratch;
    const auto email = q.source == nullptr ? fold(q.in.asked, scratch) : q.source->folded_email;
    return q.of.was_erased(q.id.empty() ? q.in.asked : std::string_view(q.id), email);
}

std::vector<not_done> explain_stopped(const inquiry& q) {
    list found(q);
    found.look();
    return found.take();
}

} // namespace rollcall::sync
