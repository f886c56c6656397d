#include "spared.hpp"

#include "rollcall/core/text.hpp"

namespace rollcall::sync {

using directory::user_role;
using directory::user_state;

spared::spared(const directory::tenant_directory& users, const tenant_settings& settings)
    : users_(users), ids_(settings.protected_users.begin(), settings.protected_users.end()) {
    std::string scratch;
    for (const auto& each : settings.protected_users) {
        emails_.insert(std::string(fold(each, scratch)));
    }
}

bool spared::is_protected(std::string_view external_id, std::string_view email) const {
    if (ids_.empty()) return false;
    if (ids_.contains(absl::string_view(external_id.data(), external_id.size()))) return true;
    std::string scratch;
    const auto folded = fold(email, scratch);
    return !folded.empty() && emails_.contains(absl::string_view(folded.data(), folded.size()));
}

bool spared::is_last_owner(user_role role) {
    if (role != user_role::owner) return false;
    if (!owners_left_) {
        owners_left_ = 0;
        users_.for_each_brief([this](directory::user_ref, const auto& each) {
            if (each.role == user_role::owner && each.state == user_state::active) ++*owners_left_;
        });
    }
    return *owners_left_ <= 1;
}

void spared::let_go(user_role role) {
    if (role == user_role::owner && owners_left_) --*owners_left_;
}

} // namespace rollcall::sync
