// The one way in which the sync deactivates anybody, whatever the reason: a protected person, the
// last Owner and a user that is not linked to us stay as they are (LA-45).
#pragma once
#include <absl/container/flat_hash_set.h>

#include <cstdint>
#include <optional>
#include <string>

#include "draft.hpp"

namespace rollcall::sync {

class departures {
  public:
    explicit departures(draft& d);

    enum class reason : std::uint8_t {
        left,         // LA-43, WT-8: by status or leaving date
        out_of_scope, // LA-7
        missing,      // LA-44
    };
    // Deactivates, or reports why not. False: the person stays active against what the source says,
    // and is to be looked at again by the next sweep. Of several Owners who go in one plan, those
    // asked about first go.
    [[nodiscard]] bool deactivate(draft::person& who, reason why);

  private:
    [[nodiscard]] bool is_protected(const directory::user_data& user) const;
    [[nodiscard]] bool is_last_owner(const directory::user_data& user);

    draft& draft_;
    absl::flat_hash_set<std::string> protected_; // ids as they are, and all entries folded
    std::optional<std::uint32_t> owners_left_;   // active ones; counted when first needed
};

} // namespace rollcall::sync
