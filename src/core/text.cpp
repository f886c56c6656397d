#include "rollcall/core/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

namespace rollcall {
namespace {

constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;

bool is_continuation(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The length of the white space character at the start of `text`, or 0. By bytes, because the
// property has few members: U+0009-000D, 0020, 0085, 00A0, 1680, 2000-200A, 2028, 2029, 202F,
// 205F and 3000.
std::size_t white_space_at(std::string_view text) noexcept {
    if (text.empty()) return 0;
    const char first = text[0];
    if (first == ' ' || (first >= '\t' && first <= '\r')) return 1;
    if (static_cast<signed char>(first) >= 0) return 0;
    if (text.starts_with("\xc2\x85") || text.starts_with("\xc2\xa0")) return 2;
    if (text.size() < 3) return 0;
    const auto third = static_cast<unsigned char>(text[2]);
    if (text.starts_with("\xe2\x80")) {
        const bool space = third <= 0x8a || third == 0xa8 || third == 0xa9 || third == 0xaf;
        return third >= 0x80 && space ? 3 : 0;
    }
    const std::string_view character = text.substr(0, 3);
    const bool space =
        character == "\xe1\x9a\x80" || character == "\xe2\x81\x9f" || character == "\xe3\x80\x80";
    return space ? 3 : 0;
}

// The first bytes of which every character is in NFC by itself and combines with none before it
// (NFC_Quick_Check=Yes and combining class 0 in the Unicode Character Database; a test asks
// utf8proc): all below U+0300, the end of Greek, most of Cyrillic, Han, and Hangul but its ends.
// Names in these need no decomposition to be found clean.
constexpr bool is_plainly_nfc(unsigned char first) noexcept {
    return first < 0xcc || first == 0xcf || first == 0xd0 || first == 0xd1 || first == 0xd3 ||
           (first >= 0xe4 && first <= 0xe9) || first == 0xeb || first == 0xec;
}

constexpr auto plainly_nfc = [] {
    std::array<bool, 256> out{};
    for (unsigned i = 0; i < out.size(); ++i) {
        out[i] = is_plainly_nfc(static_cast<unsigned char>(i)); // inner bytes are below 0xC0
    }
    return out;
}();

bool is_plainly_nfc(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return plainly_nfc[static_cast<unsigned char>(c)]; });
}

// Begins and ends with a visible ASCII character: nothing to trim. Most text is so.
bool is_plainly_trimmed(std::string_view text) noexcept {
    return !text.empty() && static_cast<signed char>(text.front()) > ' ' &&
           static_cast<signed char>(text.back()) > ' ';
}

// Decomposes and composes again. False, with `out` unspecified, for text that is not valid.
bool map_unicode(std::string_view in, std::string& out, bool fold_case) {
    const int options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | (fold_case ? UTF8PROC_CASEFOLD : 0);
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(in.data());
    const auto size = static_cast<utf8proc_ssize_t>(in.size());
    // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): utf8proc's flags are an enum
    const auto option = static_cast<utf8proc_option_t>(options);

    std::array<utf8proc_int32_t, 256> small;
    std::vector<utf8proc_int32_t> large;
    utf8proc_int32_t* buffer = small.data();
    utf8proc_ssize_t count = utf8proc_decompose(
        bytes, size, buffer, static_cast<utf8proc_ssize_t>(small.size()), option);
    if (count > static_cast<utf8proc_ssize_t>(small.size())) {
        large.resize(static_cast<std::size_t>(count));
        buffer = large.data();
        count = utf8proc_decompose(bytes, size, buffer, count, option);
    }
    if (count < 0) return false;
    count = utf8proc_normalize_utf32(buffer, count, option);
    if (count < 0) return false;

    out.clear();
    for (utf8proc_ssize_t i = 0; i < count; ++i) {
        std::array<utf8proc_uint8_t, 4> encoded;
        const auto length = utf8proc_encode_char(buffer[i], encoded.data());
        out.append(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length));
    }
    return true;
}

// ASCII: controls, the blank, and what betrays a display name or a list.
constexpr auto in_no_email = [] {
    std::array<bool, 128> out{};
    for (unsigned i = 0; i <= 0x20; ++i) out[i] = true;
    out[0x7f] = true;
    for (const char c : std::string_view{"()<>[]:;,\\\""})
        out[static_cast<unsigned char>(c)] = true;
    return out;
}();

bool valid_domain(std::string_view domain) noexcept {
    while (true) {
        const std::size_t dot = domain.find('.');
        const std::string_view label = domain.substr(0, dot);
        if (label.empty() || label.size() > 63) return false;
        if (label.front() == '-' || label.back() == '-') return false;
        if (dot == std::string_view::npos) return true;
        domain.remove_prefix(dot + 1);
    }
}

} // namespace

bool is_ascii(std::string_view text) noexcept {
    const auto word_at = [&text](std::size_t i) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + i, sizeof word);
        return word;
    };
    std::uint64_t seen = 0;
    if (text.size() < sizeof seen) {
        for (const char c : text) seen |= static_cast<unsigned char>(c);
        return (seen & high_bits) == 0;
    }
    // The last word overlaps the one before it, which saves a loop over the bytes of the end.
    const std::size_t last = text.size() - sizeof seen;
    for (std::size_t i = 0; i < last; i += sizeof seen) seen |= word_at(i);
    return ((seen | word_at(last)) & high_bits) == 0;
}

bool valid_utf8(std::string_view text) noexcept {
    if (is_ascii(text)) return true;
    const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    auto left = static_cast<utf8proc_ssize_t>(text.size());
    while (left > 0) {
        utf8proc_int32_t character = 0;
        const utf8proc_ssize_t length = utf8proc_iterate(at, left, &character);
        if (length <= 0) return false;
        at += length;
        left -= length;
    }
    return true;
}

std::string_view trim(std::string_view text) noexcept {
    if (is_plainly_trimmed(text)) return text;
    while (const std::size_t length = white_space_at(text)) text.remove_prefix(length);
    while (!text.empty()) {
        std::size_t last = text.size() - 1;
        while (last > 0 && text.size() - last < 3 && is_continuation(text[last])) --last;
        if (white_space_at(text.substr(last)) != text.size() - last) break;
        text.remove_suffix(text.size() - last);
    }
    return text;
}

std::string_view normalise(std::string_view in, std::string& scratch) {
    const std::string_view text = trim(in);
    if (is_ascii(text) || is_plainly_nfc(text)) return text;
    if (!map_unicode(text, scratch, false)) return text;
    return scratch == text ? text : std::string_view{scratch};
}

std::string_view fold(std::string_view in, std::string& scratch) {
    const std::string_view text = trim(in);
    if (!is_ascii(text)) return map_unicode(text, scratch, true) ? std::string_view{scratch} : text;
    const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (std::none_of(text.begin(), text.end(), is_upper)) return text;
    scratch.assign(text);
    for (char& c : scratch) {
        if (is_upper(c)) c = static_cast<char>(c + ('a' - 'A'));
    }
    return scratch;
}

bool valid_email(std::string_view email) noexcept {
    if (email.size() > 254 || !valid_utf8(email)) return false;
    std::size_t at = std::string_view::npos;
    for (std::size_t i = 0; i < email.size(); ++i) {
        const auto c = static_cast<unsigned char>(email[i]);
        if (c >= 0x80) {
            // U+0080 to U+009F are control characters too.
            const bool c1 = c == 0xc2 && static_cast<unsigned char>(email[i + 1]) < 0xa0;
            if (c1 || white_space_at(email.substr(i)) != 0) return false;
        } else if (in_no_email[c]) {
            return false;
        } else if (c == '@') {
            if (at != std::string_view::npos) return false;
            at = i;
        }
    }
    if (at == std::string_view::npos || at == 0 || at > 64) return false;
    return valid_domain(email.substr(at + 1));
}

} // namespace rollcall
