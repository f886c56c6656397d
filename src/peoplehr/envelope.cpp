#include "envelope.hpp"

#include <charconv>

#include "letters.hpp"

namespace rollcall::peoplehr {
namespace {

// A string or an atom, as its text; brackets are skipped and give an empty one.
bool read_plain(cursor& at, unsigned depth, std::string_view& text) noexcept {
    switch (at.peek()) {
        case '"': return at.string(text);
        case '{':
        case '[': return at.skip_value(depth);
        default: return at.atom(text);
    }
}

template <class Number>
std::optional<Number> number_of(std::string_view text) noexcept {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

member_read good_if(bool known) noexcept {
    return known ? member_read::good : member_read::unknown_type;
}

} // namespace

// A boolean on the wire, its name as a string in the documentation.
member_read read_is_error(cursor& at, answer& out) noexcept {
    std::string_view text;
    if (!read_plain(at, 1, text)) return member_read::not_json;
    out.is_error = same_letters(text, "true");
    return good_if(out.is_error || same_letters(text, "false") || text == "null");
}

member_read read_status(cursor& at, answer& out) noexcept {
    std::string_view text;
    if (!read_plain(at, 1, text)) return member_read::not_json;
    out.status = number_of<int>(text);
    return good_if(out.status.has_value());
}

// A message that is no text could hide that of a throttle.
member_read read_message(cursor& at, answer& out) noexcept {
    if (at.peek() == '"') return at.string(out.message) ? member_read::good : member_read::not_json;
    const bool null = at.peek() == 'n';
    return at.skip_value(1) ? good_if(null) : member_read::not_json;
}

member_read read_pagination(cursor& at, answer& out) noexcept {
    constexpr unsigned depth = 3; // envelope, Result, Pagination
    if (!at.take('{'))
        return at.skip_value(depth - 1) ? member_read::unknown_type : member_read::not_json;
    for (bool more = !at.take('}'); more;) {
        std::string_view key;
        if (!at.key(key)) return member_read::not_json;
        if (key == "TotalRows") {
            std::string_view text;
            if (!read_plain(at, depth, text)) return member_read::not_json;
            out.rows_total = number_of<std::uint64_t>(text);
        } else if (!at.skip_value(depth)) {
            return member_read::not_json;
        }
        more = at.take(',');
        if (!more && !at.take('}')) return member_read::not_json;
    }
    return member_read::good;
}

} // namespace rollcall::peoplehr
