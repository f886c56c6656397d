#include "cursor.hpp"

namespace rollcall::peoplehr {
namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

// Takes one or more digits off the front.
bool digits(std::string_view& text) noexcept {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    text.remove_prefix(count);
    return count != 0;
}

bool take(std::string_view& text, char c) noexcept {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

// RFC 8259 section 6.
bool is_number(std::string_view text) noexcept {
    static_cast<void>(take(text, '-'));
    if (!take(text, '0') && !digits(text)) return false;
    if (take(text, '.') && !digits(text)) return false;
    if (take(text, 'e') || take(text, 'E')) {
        if (!take(text, '+')) static_cast<void>(take(text, '-'));
        if (!digits(text)) return false;
    }
    return text.empty();
}

} // namespace

// Two thirds of an answer's tokens pass through here, so the state is in registers: the place, and
// a stack with one bit for each bracket that is open, 1 for an object. The labels are the states of
// a JSON parser, as in simdjson's own stage 2.
bool cursor::skip_brackets(unsigned depth) noexcept {
    const char* const text = text_;
    const std::uint32_t* at = at_;
    std::uint64_t stack = 0;
    const unsigned open_max = nesting_max_ > depth ? nesting_max_ - depth : 0;
    unsigned open = 0;
    const auto token = [&at, text] { return text[*at]; };

value:
    switch (token()) {
        case '"': ++at; goto after_value;
        case '{':
            ++at;
            if (open == open_max) goto deep;
            ++open;
            stack = stack << 1 | 1;
            if (token() != '}') goto member;
            ++at;
            goto closed;
        case '[':
            ++at;
            if (open == open_max) goto deep;
            ++open;
            stack <<= 1;
            if (token() != ']') goto value;
            ++at;
            goto closed;
        default:
            at_ = at;
            if (!is_atom(scalar())) return false;
            at = at_;
            goto after_value;
    }

member:
    if (token() != '"') goto broken;
    ++at;
    if (token() != ':') goto broken;
    ++at;
    goto value;

after_value:
    if ((stack & 1) != 0) {
        if (token() == ',') {
            ++at;
            goto member;
        }
        if (token() != '}') goto broken;
    } else {
        if (token() == ',') {
            ++at;
            goto value;
        }
        if (token() != ']') goto broken;
    }
    ++at;

closed:
    stack >>= 1;
    if (--open != 0) goto after_value;
    at_ = at;
    return true;

deep:
    too_deep_ = true;
broken:
    at_ = at;
    return false;
}

bool cursor::is_atom(std::string_view text) noexcept {
    return text == "null" || text == "true" || text == "false" || is_number(text);
}

} // namespace rollcall::peoplehr
