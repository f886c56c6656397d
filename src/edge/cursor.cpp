#include "cursor.hpp"

#include <charconv>

namespace rollcall::edge {
namespace {
constexpr std::string_view mark = "u1-"; // kind and version of the cursor
}

std::string make_user_cursor(std::uint32_t last_uid) {
    return std::string(mark) + std::to_string(last_uid);
}

std::optional<std::uint32_t> read_user_cursor(std::string_view cursor) {
    if (!cursor.starts_with(mark)) return std::nullopt;
    cursor.remove_prefix(mark.size());
    std::uint32_t uid = 0;
    const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), uid);
    if (error != std::errc{} || end != cursor.data() + cursor.size()) return std::nullopt;
    return uid;
}

} // namespace rollcall::edge
