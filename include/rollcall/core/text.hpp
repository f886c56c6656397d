// Text as it comes from PeopleHR, made comparable (rules G-12 and G-13): trimmed of white space,
// in Unicode normalisation form C, and case-folded where letters' case does not count.
//
// Most text is ASCII and already clean. Such text is answered as a view of the input, without a
// copy and without an allocation; other text goes through `scratch`, whose capacity is reused.
//
// Source: Unicode Standard Annex #15 (normalisation) and section 3.13 (caseless matching);
// utf8proc does the work.
#pragma once
#include <string>
#include <string_view>

namespace rollcall {

[[nodiscard]] bool is_ascii(std::string_view text) noexcept;

// Well-formed by Unicode table 3-7: no surrogates, no overlong forms, nothing above U+10FFFF.
[[nodiscard]] bool valid_utf8(std::string_view text) noexcept;

// Without leading and trailing characters of the Unicode property White_Space.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

// G-12: a value of white space only is as good as none.
[[nodiscard]] inline bool is_unset(std::string_view text) noexcept {
    return trim(text).empty();
}

// Trimmed and in NFC. The answer is a view into `in` or `scratch`; `in` must not be a view into
// `scratch`. Text that is not valid UTF-8 is trimmed and otherwise left as it is.
[[nodiscard]] std::string_view normalise(std::string_view in, std::string& scratch);

// As normalise(), with the full case folding of Unicode (not of any language): two e-mails or names
// are the same if their folds are the same bytes. Never shown to anyone.
[[nodiscard]] std::string_view fold(std::string_view in, std::string& scratch);

// Whether a target could send to it: one @, a local part of 1 to 64 bytes, a domain of labels of
// 1 to 63 bytes, 254 bytes in all (RFC 5321, 4.5.3.1), no white space or control character, and
// none of ()<>[]:;,\" anywhere, which betray a display name or a list. Quoted local parts are
// refused with them; non-ASCII letters are allowed (RFC 6531). Expects trimmed text.
[[nodiscard]] bool valid_email(std::string_view email) noexcept;

} // namespace rollcall
