#pragma once
#include <string>
#include <string_view>

namespace rollcall::sim {

// The text as a gzip member (RFC 1952) at zlib's level (1 is the fastest). Throws std::bad_alloc.
[[nodiscard]] std::string gzip(std::string_view text, int level);
// The reverse, for tests. Empty when the input is not one whole gzip member.
[[nodiscard]] std::string gunzip(std::string_view packed);

} // namespace rollcall::sim
