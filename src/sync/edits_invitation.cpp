#include "edits.hpp"
#include "step_set.hpp"

namespace rollcall::sync {

using directory::user_data;
using directory::user_ref;
using directory::user_state;

namespace {

void add_invitation(step_set& set, step_kind kind, const books& of, const user_data& user,
                    invitation_state to, wall_time sent) {
    const auto* entry = of.invitations.find(user.meta.uid);
    const auto before = entry == nullptr ? invitation{} : *entry;
    const auto change = [&](attribute what, std::string from, std::string into) {
        set.add(kind, user.meta.uid, label_of(user), what, std::move(from), std::move(into));
    };
    change(attribute::invitation, text_of(before, attribute::invitation), std::string(name_of(to)));
    if (sent != wall_time{}) {
        change(attribute::invitation_sent, text_of(before, attribute::invitation_sent),
               instant_text(sent));
    }
}

} // namespace

steps_or_failure inviting(const books& of, std::span<const user_ref> people, wall_time now) {
    step_set set;
    for (const auto which : people) {
        const auto user = copy_of(of, which);
        // LA-16: inviting a deactivated user does nothing in the product.
        if (user.meta.state == user_state::inactive) {
            return failure{errc::invalid_argument,
                           "'" + label_of(user) +
                               "' is inactive, and an invitation would do nothing (LA-16); "
                               "reactivate the user first"};
        }
        const auto* entry = of.invitations.find(user.meta.uid);
        if (entry != nullptr && entry->state == invitation_state::confirmed) {
            return failure{errc::invalid_argument,
                           "'" + label_of(user) + "' has confirmed an invitation already"};
        }
        add_invitation(set, step_kind::send_invitation, of, user, invitation_state::sent, now);
    }
    return set.take();
}

steps_or_failure cancelling(const books& of, std::span<const user_ref> people) {
    step_set set;
    for (const auto which : people) {
        const auto user = copy_of(of, which);
        const auto* entry = of.invitations.find(user.meta.uid);
        if (entry == nullptr || entry->state != invitation_state::scheduled) {
            return failure{errc::invalid_argument,
                           "'" + label_of(user) + "' has no scheduled invitation: it is " +
                               (entry == nullptr ? std::string("not in the ledger")
                                                 : std::string(name_of(entry->state)))};
        }
        add_invitation(set, step_kind::cancel_invitation, of, user, invitation_state::cancelled,
                       {});
    }
    return set.take();
}

steps_or_failure confirming(const books& of, user_ref which) {
    const auto user = copy_of(of, which);
    const auto* entry = of.invitations.find(user.meta.uid);
    if (entry == nullptr ||
        (entry->state != invitation_state::sent && entry->state != invitation_state::confirmed)) {
        return failure{errc::invalid_argument,
                       "'" + label_of(user) + "' was not invited, so there is nothing to confirm"};
    }
    step_set set;
    add_invitation(set, step_kind::confirm_invitation, of, user, invitation_state::confirmed, {});
    return set.take();
}

} // namespace rollcall::sync
