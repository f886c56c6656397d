// Undoes the escapes of a JSON string where it stands.
#pragma once
#include <optional>
#include <string_view>

namespace rollcall::peoplehr {

// Rewrites [first, last), the inside of a JSON string, and gives the text as it reads; nothing if
// an escape is not one of RFC 8259 section 7. The text never grows, so it needs no other memory,
// and no copy of it is left to wipe. Half of a surrogate pair becomes U+FFFD: one damaged name must
// not cost a tenant its sweep.
[[nodiscard]] std::optional<std::string_view> unescape(char* first, char* last) noexcept;

} // namespace rollcall::peoplehr
