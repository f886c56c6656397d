#include "planner_departures.hpp"

namespace rollcall::sync {

using directory::field;
using directory::owner;
using directory::user_state;

departures::departures(draft& d) : draft_(d), spared_(d.of.users, d.settings) {}

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
    if (spared_.is_protected(id, user.get(field::email))) {
        draft_.report(issue_kind::protected_user, id, {}, "state", "LA-45");
        return false;
    }
    if (spared_.is_last_owner(user.meta.role)) {
        draft_.report(issue_kind::last_owner, id, {}, "state", "LA-45");
        return false;
    }
    spared_.let_go(user.meta.role);
    draft_.set(who, step_kind::deactivate, attribute::state, "inactive", owner::ours, rule);
    return true;
}

} // namespace rollcall::sync
