// The breakers: whether a kind of change is over its limit, and that in words (G-5).
#pragma once
#include <cstdint>
#include <string>

#include "rollcall/sync/books.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::sync {

// Why `count` steps of a guard are to be held, beside what the window before holds already; empty:
// they may go.
[[nodiscard]] std::string over_the_limit(guard what, std::uint32_t count, const books& of,
                                         const guard_limit& limit, wall_time now);
[[nodiscard]] std::string first_import_reason(std::uint32_t invitations);
// Of the steps that only wait with those of a section; empty for none.
[[nodiscard]] std::string waiting_reason(std::size_t steps);

} // namespace rollcall::sync
