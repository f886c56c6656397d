#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "draft.hpp"
#include "rollcall/core/text.hpp"

namespace rollcall::sync {

using directory::field;
using directory::user_ref;
using directory::user_state;

namespace {

using person = draft::person;
using state = invitation_state;

class invitation_pass final : public pass {
  public:
    explicit invitation_pass(draft& d)
        : d_(d), zone_(zone_of(d.settings)), touched_(d.people().size()) {
        if (d.settings.profile != profile::learnamp) at_ = stage::done; // WT-13
    }

    [[nodiscard]] bool advance(std::size_t people) override;

  private:
    enum class stage : std::uint8_t { touched, scheduled, waiting, done };

    // What of a user decides about the invitation.
    struct facts {
        std::string_view external_id;
        date start{};
        std::uint8_t missing = 0;
        bool in_place = false;  // active and in scope, and not missing for too long
        bool came_back = false; // was not in place before this plan
        bool was_reactivated = false;
        bool has_new_email = false;
    };
    [[nodiscard]] facts facts_of(const person& who) const;
    [[nodiscard]] facts facts_of(user_ref which) const;
    [[nodiscard]] bool is_in_place(user_state s, bool managed,
                                   std::uint8_t missing) const noexcept {
        return s == user_state::active && managed && missing < d_.settings.missing_after;
    }

    void welcome(person& who);
    // What becomes of an invitation, and the rule; no rule: it stays.
    struct verdict {
        invitation next;
        step_kind kind = step_kind::schedule_invitation;
        const char* rule = nullptr;
    };
    [[nodiscard]] verdict judge(const invitation& present, const facts& of);
    [[nodiscard]] verdict judge_scheduled(const invitation& present, const facts& of);
    [[nodiscard]] bool may_send(const invitation& present, const facts& of) const noexcept {
        return present.state == state::scheduled && present.due <= d_.now && of.in_place &&
               of.missing == 0;
    }
    void send(person& who, invitation present);
    void settle(person& who);
    void settle(const invitation& present);
    void await_hire_date(const directory::user_brief& brief);
    [[nodiscard]] bool awaits_hire_dates() const noexcept {
        return d_.from != nullptr && d_.from->complete && d_.settings.invite == invite::hire_date;
    }

    [[nodiscard]] verdict scheduled_anew(invitation present, const facts& of, const char* rule);
    [[nodiscard]] wall_time due_of(date start) const;

    draft& d_;
    const absl::TimeZone zone_;
    const std::size_t touched_; // of the draft's people: by the passes before
    std::vector<invitation> scheduled_;
    stage at_ = stage::touched;
    sliced_loop loop_;
};

invitation_pass::facts invitation_pass::facts_of(const person& who) const {
    const auto& after = who.after;
    const auto& meta = after.meta;
    facts out{.external_id = after.get(field::external_id),
              .start = after.start_date,
              .missing = meta.missing,
              .in_place = is_in_place(meta.state, meta.managed, meta.missing)};
    if (who.ref == user_ref::none) return out;
    const auto before = d_.of.users.brief(who.ref);
    out.came_back = out.in_place && !is_in_place(before.state, before.managed, before.missing);
    out.was_reactivated = out.in_place && before.state != user_state::active;
    out.has_new_email = d_.of.users.text(who.ref, field::email) != after.get(field::email);
    return out;
}

invitation_pass::facts invitation_pass::facts_of(user_ref which) const {
    const auto brief = d_.of.users.brief(which);
    return {.external_id = d_.of.users.text(which, field::external_id),
            .start = brief.start_date,
            .missing = brief.missing,
            .in_place = is_in_place(brief.state, brief.managed, brief.missing)};
}

// LA-23: at once for a day that is here or past, else when the tenant's hour of that day has come.
wall_time invitation_pass::due_of(date start) const {
    return std::max(local_instant(start, d_.settings.invite_hour, zone_), d_.now);
}

invitation_pass::verdict invitation_pass::scheduled_anew(invitation present, const facts& of,
                                                         const char* rule) {
    const bool on_hire_date = d_.settings.invite == invite::hire_date;
    if (on_hire_date && !of.start.is_set()) {
        d_.report(issue_kind::hire_date_missing, of.external_id, {}, "start_date", "LA-23");
        if (present.state == state::not_invited) return {present, {}, nullptr};
        present.state = state::not_invited;
        present.due = {};
        return {present, step_kind::schedule_invitation, "LA-23"};
    }
    present.state = state::scheduled;
    present.due = on_hire_date ? due_of(of.start) : d_.now;
    return {present, step_kind::schedule_invitation, rule};
}

// LA-25: only whom this plan creates gets an entry; whoever is matched never does.
void invitation_pass::welcome(person& who) {
    if (!who.after.meta.created_by_us) return;
    invitation fresh;
    fresh.uid = who.after.meta.uid;
    fresh.automatic = d_.settings.invite != invite::never;
    fresh.first_load = !d_.of.imported;
    if (!fresh.automatic) return d_.set(who, step_kind::schedule_invitation, fresh, "LA-21");
    const auto about = facts_of(who);
    std::string scratch;
    if (d_.of.was_invited(about.external_id, fold(who.after.get(field::email), scratch))) {
        // Whoever was deleted by hand is somebody new to the directory, and no new person.
        fresh.automatic = false;
        return d_.set(who, step_kind::schedule_invitation, fresh, "LA-26");
    }
    const auto first =
        scheduled_anew(fresh, about, d_.settings.invite == invite::hire_date ? "LA-23" : "LA-21");
    d_.set(who, step_kind::schedule_invitation, first.next,
           first.rule == nullptr ? "LA-23" : first.rule);
    if (may_send(first.next, about)) send(who, first.next);
}

invitation_pass::verdict invitation_pass::judge_scheduled(const invitation& present,
                                                          const facts& of) {
    auto next = present;
    if (!of.in_place) {
        next.state = state::cancelled;
        return {next, step_kind::cancel_invitation, "LA-24"};
    }
    if (!present.automatic) return {present, {}, nullptr}; // a person asked for it
    if (d_.settings.invite == invite::never) {
        next.state = state::cancelled;
        next.automatic = false;
        return {next, step_kind::cancel_invitation, "LA-21"};
    }
    if (d_.settings.invite != invite::hire_date) return {present, {}, nullptr};
    if (!of.start.is_set()) return scheduled_anew(present, of, "LA-23");
    next.due = due_of(of.start);
    // What was due already stays due, at its own time.
    if (next.due == present.due || (next.due == d_.now && present.due <= d_.now)) {
        return {present, {}, nullptr};
    }
    return {next, step_kind::schedule_invitation, "LA-24"};
}

invitation_pass::verdict invitation_pass::judge(const invitation& present, const facts& of) {
    const verdict stays{present, {}, nullptr};
    const bool may_schedule =
        present.automatic && of.in_place && d_.settings.invite != invite::never;
    switch (present.state) {
        case state::scheduled:
        case state::due: return judge_scheduled(present, of);
        case state::not_invited:
            // It waits for a hire date, and for nothing else.
            if (!may_schedule || d_.settings.invite != invite::hire_date) return stays;
            return scheduled_anew(present, of, "LA-23");
        case state::cancelled:
            if (!may_schedule || !of.came_back || present.sent != wall_time{}) return stays;
            return scheduled_anew(present, of, "LA-17");
        case state::sent:
            // LA-26: never twice by itself.
            if (of.was_reactivated || (of.in_place && of.has_new_email)) {
                d_.report(issue_kind::invitation_unconfirmed, of.external_id, {},
                          of.has_new_email ? "email" : "state",
                          of.has_new_email ? "LA-26" : "LA-17");
            }
            return stays;
        case state::confirmed: return stays;
    }
    return stays;
}

void invitation_pass::send(person& who, invitation present) {
    present.state = state::sent;
    present.sent = d_.now;
    d_.set(who, step_kind::send_invitation, present,
           d_.settings.invite == invite::hire_date ? "LA-23" : "LA-21");
}

void invitation_pass::settle(person& who) {
    if (who.withdrawn) return;
    if (who.ref == user_ref::none) return welcome(who);
    const auto of = facts_of(who);
    const auto* present = d_.find_invitation(who.after.meta.uid);
    if (present == nullptr) return;
    const auto made = judge(*present, of);
    if (made.rule != nullptr) d_.set(who, made.kind, made.next, made.rule);
    if (may_send(made.next, of)) send(who, made.next);
}

// Of somebody whom the plan has not touched so far: time or a setting alone can move it.
void invitation_pass::settle(const invitation& present) {
    const auto which = d_.of.users.find_by_uid(present.uid);
    if (which == user_ref::none || d_.find(which) != nullptr) return;
    const auto about = facts_of(which);
    const auto made = judge(present, about);
    if (made.rule == nullptr && !may_send(made.next, about)) return;
    auto& who = d_.edit(which);
    if (made.rule != nullptr) d_.set(who, made.kind, made.next, made.rule);
    if (may_send(made.next, about)) send(who, made.next);
}

// Whoever still waits for a hire date is reported by each complete snapshot (LA-23).
void invitation_pass::await_hire_date(const directory::user_brief& brief) {
    if (!brief.created_by_us || brief.start_date.is_set()) return;
    const auto* present = d_.of.invitations.find(brief.uid);
    if (present != nullptr && present->state == state::not_invited) settle(*present);
}

bool invitation_pass::advance(std::size_t people) {
    switch (at_) {
        case stage::touched: {
            const auto each = [this](std::size_t i) { settle(d_.people()[i]); };
            if (!loop_.over(touched_, people, each)) return false;
            scheduled_ = d_.of.invitations.scheduled();
            at_ = stage::scheduled;
            return false;
        }
        case stage::scheduled: {
            const auto each = [this](std::size_t i) { settle(scheduled_[i]); };
            if (!loop_.over(scheduled_.size(), people, each)) return false;
            at_ = awaits_hire_dates() ? stage::waiting : stage::done;
            return at_ == stage::done;
        }
        case stage::waiting: {
            const auto each = [this](user_ref, const directory::user_brief& brief) {
                await_hire_date(brief);
            };
            if (!loop_.over(d_.of.users, people * sliced_loop::looks_per_person, each)) {
                return false;
            }
            at_ = stage::done;
            return true;
        }
        case stage::done: return true;
    }
    return true;
}

} // namespace

std::unique_ptr<pass> plan_invitations(draft& d) {
    return std::make_unique<invitation_pass>(d);
}

} // namespace rollcall::sync
