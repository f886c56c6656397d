// Opaque cursors of paged answers. A client sends back what it was given and nothing else.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall::edge {

// Names the last user of a page by its uid. A uid never changes and is never used again, so a walk
// in its order skips nobody who is there throughout, whatever else changes between two pages.
[[nodiscard]] std::string make_user_cursor(std::uint32_t last_uid);
// Nothing for a text that make_user_cursor does not make.
[[nodiscard]] std::optional<std::uint32_t> read_user_cursor(std::string_view cursor);

} // namespace rollcall::edge
