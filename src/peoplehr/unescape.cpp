#include "unescape.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace rollcall::peoplehr {
namespace {

constexpr std::uint32_t replacement = 0xFFFD;

// The four digits at `at`; nothing if they are not there.
std::optional<std::uint32_t> four_digits(const char* at, const char* last) noexcept {
    if (last - at < 4) return std::nullopt;
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
        const char c = at[i];
        std::uint32_t digit = 0;
        if (c >= '0' && c <= '9') {
            digit = static_cast<std::uint32_t>(c - '0');
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            digit = static_cast<std::uint32_t>((c | 0x20) - 'a' + 10);
        } else {
            return std::nullopt;
        }
        value = value << 4 | digit;
    }
    return value;
}

bool is_high(std::uint32_t unit) noexcept {
    return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low(std::uint32_t unit) noexcept {
    return unit >= 0xDC00 && unit < 0xE000;
}

char* put_utf8(char* out, std::uint32_t code) noexcept {
    const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | code >> 6);
        put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        put(0xE0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3F));
        put(0x80 | (code & 0x3F));
    } else {
        put(0xF0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3F));
        put(0x80 | (code >> 6 & 0x3F));
        put(0x80 | (code & 0x3F));
    }
    return out;
}

// `at` is behind "\u" and moves behind what was read.
std::optional<std::uint32_t> code_point(const char*& at, const char* last) noexcept {
    const auto unit = four_digits(at, last);
    if (!unit) return std::nullopt;
    at += 4;
    if (is_low(*unit)) return replacement;
    if (!is_high(*unit)) return unit;
    if (last - at < 6 || at[0] != '\\' || at[1] != 'u') return replacement;
    const auto second = four_digits(at + 2, last);
    // What follows the lone half is an escape of its own and read in its turn.
    if (!second || !is_low(*second)) return replacement;
    at += 6;
    return 0x10000 + ((*unit - 0xD800) << 10) + (*second - 0xDC00);
}

// The character that a one-letter escape stands for; 0 for none.
char simple_escape(char letter) noexcept {
    switch (letter) {
        case '"': return '"';
        case '\\': return '\\';
        case '/': return '/';
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        default: return 0;
    }
}

} // namespace

std::optional<std::string_view> unescape(char* first, char* last) noexcept {
    const char* in = std::find(first, last, '\\');
    char* out = first + (in - first);
    while (in != last) {
        // `in` is at a backslash here.
        if (last - in < 2) return std::nullopt;
        const char letter = in[1];
        in += 2;
        if (letter == 'u') {
            const auto code = code_point(in, last);
            if (!code) return std::nullopt;
            out = put_utf8(out, *code);
        } else if (const char plain = simple_escape(letter)) {
            *out++ = plain;
        } else {
            return std::nullopt;
        }
        const char* next = std::find(in, static_cast<const char*>(last), '\\');
        std::memmove(out, in, static_cast<std::size_t>(next - in));
        out += next - in;
        in = next;
    }
    return std::string_view{first, static_cast<std::size_t>(out - first)};
}

} // namespace rollcall::peoplehr
