#include "row_reader.hpp"

#include <algorithm>

#include "field_names.hpp"

namespace rollcall::peoplehr {
namespace {

enum class kind { text, unset, wrong };

// A string or null; anything else is skipped and is of the wrong type.
bool read_scalar(cursor& at, unsigned depth, std::string_view& out, kind& what) noexcept {
    switch (at.peek()) {
        case '"': what = kind::text; return at.string(out);
        case 'n': what = kind::unset; return at.skip_value(depth);
        default: what = kind::wrong; return at.skip_value(depth);
    }
}

// One of the wrappers W1 to W4: an object with DisplayValue among its members (section 2.3). An
// object without one is of a type that the API does not have: were the key renamed, all would look
// blank.
bool read_wrapper(cursor& at, unsigned depth, std::string_view& out, kind& what,
                  bool& twice) noexcept {
    what = kind::wrong;
    if (!at.take('{')) return false;
    if (at.take('}')) return true;
    bool seen = false;
    for (;;) {
        std::string_view key;
        if (!at.key(key)) return false;
        if (key == "DisplayValue") {
            if (seen) {
                twice = true;
                return false;
            }
            seen = true;
            if (!read_scalar(at, depth + 1, out, what)) return false;
        } else if (!at.skip_value(depth + 1)) {
            return false;
        }
        if (at.take(',')) continue;
        return at.take('}');
    }
}

// Wrapped, bare, or null.
bool read_field(cursor& at, unsigned depth, std::size_t field, read_row& out) noexcept {
    auto what = kind::unset;
    bool twice = false;
    auto& text = out.row.fields[field];
    const bool good = at.peek() == '{' ? read_wrapper(at, depth, text, what, twice)
                                       : read_scalar(at, depth, text, what);
    if (twice) out.fault = decode_fault::duplicate_key;
    if (what == kind::wrong) out.row.wrong_type |= 1u << field;
    return good;
}

bool is_blank(std::string_view text) noexcept {
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

} // namespace

bool read(cursor& at, unsigned depth, read_row& out) noexcept {
    out = {};
    if (!at.take('{')) {
        out.fault = decode_fault::row_type;
        return at.skip_value(depth);
    }
    std::uint32_t seen = 0;
    for (bool more = !at.take('}'); more;) {
        std::string_view key;
        if (!at.key(key)) return false;
        const row_key which = key_of(key);
        if (which == row_key::other) {
            if (!at.skip_value(depth + 1)) return false;
        } else {
            const auto field = static_cast<std::size_t>(which);
            if ((seen & 1u << field) != 0) {
                out.fault = decode_fault::duplicate_key;
                return false;
            }
            seen |= 1u << field;
            if (which == row_key::message) {
                auto what = kind::unset;
                if (!read_scalar(at, depth + 1, out.notice, what)) return false;
            } else if (!read_field(at, depth + 1, field, out)) {
                return false;
            }
        }
        more = at.take(',');
        if (!more && !at.take('}')) return false;
    }
    if (is_blank(out.row.get(sync::source_field::employee_id)))
        out.fault = decode_fault::row_without_id;
    return true;
}

} // namespace rollcall::peoplehr
