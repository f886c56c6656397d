#include "texts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>

namespace rollcall::sim {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

std::optional<unsigned> digits(std::string_view text) noexcept {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

void append_hex(std::string& out, std::uint64_t value, unsigned digit_count) {
    for (unsigned i = digit_count; i-- > 0;) out += hex_digits[(value >> (4 * i)) & 15];
}

bool needs_escape(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

} // namespace

std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
    std::uint64_t state = a ^ (b * 0x9fb21c651e98df25u);
    return splitmix64(state);
}

double standard_normal(random_source& random) noexcept {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - random.unit()));
    return radius * std::cos(2.0 * std::numbers::pi * random.unit());
}

void append_number(std::string& out, std::uint64_t value, unsigned digits_min) {
    std::array<char, 20> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    const auto size = static_cast<std::size_t>(end - text.data());
    if (size < digits_min) out.append(digits_min - size, '0');
    out.append(text.data(), size);
}

void append_date(std::string& out, std::chrono::sys_days day) {
    const std::chrono::year_month_day date{day};
    append_number(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    out += '-';
    append_number(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_number(out, static_cast<unsigned>(date.day()), 2);
}

void append_query_date(std::string& out, std::chrono::sys_days day, char first) {
    const std::chrono::year_month_day date{day};
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    const auto month = static_cast<unsigned>(date.month());
    const auto day_of_month = static_cast<unsigned>(date.day());
    const bool year_first = first == 'y';
    append_number(out, year_first ? year : day_of_month, year_first ? 4 : 2);
    out += '/';
    append_number(out, month, 2);
    out += '/';
    append_number(out, year_first ? day_of_month : year, year_first ? 2 : 4);
}

std::optional<std::chrono::sys_days> parse_date(std::string_view text) noexcept {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = digits(text.substr(0, 4));
    const auto month = digits(text.substr(5, 2));
    const auto day = digits(text.substr(8, 2));
    if (!year || !month || !day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                           std::chrono::month{*month}, std::chrono::day{*day}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date};
}

void append_hex8(std::string& out, std::uint32_t value) {
    append_hex(out, value, 8);
}

std::string guid(std::uint64_t seed) {
    const std::uint64_t high = mix(seed, 1);
    const std::uint64_t low = mix(seed, 2);
    std::string out;
    out.reserve(36);
    append_hex(out, high >> 32, 8);
    out += '-';
    append_hex(out, high >> 16, 4);
    out += "-4"; // the version
    append_hex(out, high, 3);
    out += '-';
    out += hex_digits[8 | ((low >> 60) & 3)]; // the variant
    append_hex(out, low >> 48, 3);
    out += '-';
    append_hex(out, low, 12);
    return out;
}

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, {}, lower, lower);
}

void append_json(std::string& out, std::string_view text) {
    out += '"';
    while (true) {
        const auto stop = std::ranges::find_if(text, needs_escape);
        const auto plain = static_cast<std::size_t>(stop - text.begin());
        out.append(text.data(), plain);
        if (stop == text.end()) break;
        if (*stop == '"' || *stop == '\\') {
            out += '\\';
            out += *stop;
        } else {
            out += "\\u";
            append_hex(out, static_cast<unsigned char>(*stop), 4);
        }
        text.remove_prefix(plain + 1);
    }
    out += '"';
}

} // namespace rollcall::sim
