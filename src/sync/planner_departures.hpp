// The one way in which the sync deactivates anybody, whatever the reason: a protected person, the
// last Owner and a user that is not linked to us stay as they are (LA-45).
#pragma once
#include <cstdint>

#include "draft.hpp"
#include "spared.hpp"

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
    draft& draft_;
    spared spared_;
};

} // namespace rollcall::sync
