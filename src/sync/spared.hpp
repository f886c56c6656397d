// Whom the sync does not deactivate, whatever the reason (LA-45): protected people and the last
// Owner.
#pragma once
#include <absl/container/flat_hash_set.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rollcall/directory/tenant_directory.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::sync {

class spared {
  public:
    // The users outlive it.
    spared(const directory::tenant_directory& users, const tenant_settings& settings);

    [[nodiscard]] bool is_protected(std::string_view external_id, std::string_view email) const;
    // Whether an active user with this role is the only Owner left.
    [[nodiscard]] bool is_last_owner(directory::user_role role);
    // Is deactivated after all: of several Owners who go together those asked about first go.
    void let_go(directory::user_role role);

  private:
    const directory::tenant_directory& users_;
    absl::flat_hash_set<std::string> ids_;     // opaque: "pw1" is not "PW1"
    absl::flat_hash_set<std::string> emails_;  // folded; the ids are among them
    std::optional<std::uint32_t> owners_left_; // active ones; counted when first needed
};

} // namespace rollcall::sync
