// What becomes of the steps of a plan when some of them are withheld: whatever needs a withheld
// step waits with it, in its section, so that approving the section brings all (G-5, G-6).
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "rollcall/sync/books.hpp"
#include "rollcall/sync/hold.hpp"
#include "rollcall/sync/run.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::sync {

struct fate {
    enum class way : std::uint8_t { goes, held, left_out };

    way what = way::goes;
    guard section = guard::none; // of a held one
    bool for_a_seat = false;     // withheld because nobody left (WT-6)

    [[nodiscard]] bool goes() const noexcept { return what == way::goes; }
    friend bool operator==(const fate&, const fate&) = default;
};

// Withholds, beside those steps that `fates` withholds already, all that need one of them, until
// nothing moves. The same whatever the order of the steps.
void spread(std::span<const step> steps, std::vector<fate>& fates, const books& of,
            const tenant_settings& settings);

} // namespace rollcall::sync
