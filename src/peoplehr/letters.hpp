// ASCII letters without their case: the wire's own words are ASCII.
#pragma once
#include <algorithm>
#include <string_view>

namespace rollcall::peoplehr {

[[nodiscard]] constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

[[nodiscard]] inline bool same_letters(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

// Where `part` begins in `text`; npos if it does not occur.
[[nodiscard]] inline std::size_t find_letters(std::string_view text,
                                              std::string_view part) noexcept {
    const auto at = std::search(text.begin(), text.end(), part.begin(), part.end(),
                                [](char x, char y) { return lower(x) == lower(y); });
    return at == text.end() ? std::string_view::npos : static_cast<std::size_t>(at - text.begin());
}

[[nodiscard]] inline bool has_letters(std::string_view text, std::string_view part) noexcept {
    return find_letters(text, part) != std::string_view::npos;
}

} // namespace rollcall::peoplehr
