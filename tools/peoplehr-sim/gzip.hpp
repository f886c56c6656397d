// Packing of answers (RFC 1952), which costs several times what rendering them does.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace rollcall::sim {

// The text as a gzip member (RFC 1952) at zlib's level (1 is the fastest). Throws std::bad_alloc.
[[nodiscard]] std::string gzip(std::string_view text, int level);
// The reverse, for tests. Empty when the input is not one whole gzip member.
[[nodiscard]] std::string gunzip(std::string_view packed);

// Remembers packed texts by the 128-bit hash of what was packed: a company that did not change
// since its last read is rendered again but not packed again. Nobody has to tell it of changes.
class gzip_cache {
  public:
    explicit gzip_cache(std::size_t bytes_max) : bytes_max_(bytes_max) {}
    // As gzip(). When the packed texts outgrow bytes_max, all are forgotten.
    [[nodiscard]] std::string pack(std::string_view text, int level);
    [[nodiscard]] std::size_t hits() const noexcept { return hits_; }

  private:
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> packed_;
    std::size_t bytes_ = 0;
    std::size_t bytes_max_;
    std::size_t hits_ = 0;
};

} // namespace rollcall::sim
