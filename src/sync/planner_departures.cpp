#include "planner_departures.hpp"

#include "rollcall/core/text.hpp"

namespace rollcall::sync {

using directory::field;
using directory::owner;
using directory::user_role;
using directory::user_state;

departures::departures(draft& d) : draft_(d) {
    std::string scratch;
    for (const auto& each : d.settings.protected_users) {
        protected_.insert(each);
        protected_.insert(std::string(fold(each, scratch)));
    }
}

bool departures::deactivate(draft::person& who, reason why) {
    const auto& user = who.after;
    const auto& id = user.get(field::external_id);
    if (user.meta.state == user_state::inactive) return true;
    if (id.empty()) return false;
    const bool learnamp = draft_.settings.profile == profile::learnamp;
    const char* rule = why == reason::missing        ? "LA-44"
                       : why == reason::out_of_scope ? "LA-7"
                       : learnamp                    ? "LA-43"
                                                     : "WT-8";
    if (why == reason::left && draft_.settings.leavers == leavers::report) {
        draft_.report(issue_kind::leaver_reported, id, {}, "state", rule);
        return false;
    }
    if (is_protected(user)) {
        draft_.report(issue_kind::protected_user, id, {}, "state", "LA-45");
        return false;
    }
    if (is_last_owner(user)) {
        draft_.report(issue_kind::last_owner, id, {}, "state", "LA-45");
        return false;
    }
    if (user.meta.role == user_role::owner) --*owners_left_;
    draft_.set(who, step_kind::deactivate, attribute::state, "inactive", owner::ours, rule);
    return true;
}

bool departures::is_protected(const directory::user_data& user) const {
    if (protected_.empty()) return false;
    // PeopleHR ids are opaque: "pw1" is not "PW1", and neither is an e-mail.
    if (protected_.contains(user.get(field::external_id))) return true;
    std::string scratch;
    const auto email = fold(user.get(field::email), scratch);
    return !email.empty() && protected_.contains(absl::string_view(email.data(), email.size()));
}

bool departures::is_last_owner(const directory::user_data& user) {
    if (user.meta.role != user_role::owner) return false;
    if (!owners_left_) {
        owners_left_ = 0;
        draft_.of.users.for_each_brief([this](directory::user_ref, const auto& each) {
            if (each.role == user_role::owner && each.state == user_state::active) ++*owners_left_;
        });
    }
    return *owners_left_ <= 1;
}

} // namespace rollcall::sync
