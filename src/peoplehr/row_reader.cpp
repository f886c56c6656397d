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
bool read_value(cursor& at, unsigned depth, std::string_view& text, kind& what,
                read_row& out) noexcept {
    bool twice = false;
    what = kind::unset;
    const bool good = at.peek() == '{' ? read_wrapper(at, depth, text, what, twice)
                                       : read_scalar(at, depth, text, what);
    if (twice) out.fault = decode_fault::duplicate_key;
    return good;
}

bool read_field(cursor& at, unsigned depth, std::size_t field, read_row& out) noexcept {
    auto what = kind::unset;
    const bool good = read_value(at, depth, out.row.fields[field], what, out);
    if (what == kind::wrong) out.row.wrong_type |= 1u << field;
    return good;
}

// A value that some tenants want and others do not. Of a wrong type it is blank, and nothing hangs
// on it.
bool read_other(cursor& at, unsigned depth, std::string_view key, extra_values& extra,
                read_row& out) noexcept {
    const auto place = extra.any() ? extra.find(key) : extra_values::none;
    if (place == extra_values::none) return at.skip_value(depth);
    if (!extra.see(place)) {
        out.fault = decode_fault::duplicate_key;
        return false;
    }
    auto what = kind::unset;
    return read_value(at, depth, extra.at(place), what, out);
}

bool is_blank(std::string_view text) noexcept {
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

} // namespace

extra_values::extra_values(std::span<const std::string> names) noexcept
    : names_(names.first(std::min(names.size(), extra_names_max))) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
        const auto same = std::find(names_.begin(), names_.end(), names_[i]) - names_.begin();
        const auto field = std::find(field_names.begin(), field_names.end(), names_[i]);
        from_[i] = static_cast<unsigned char>(
            field == field_names.end()
                ? static_cast<std::size_t>(same)
                : extra_names_max + static_cast<std::size_t>(field - field_names.begin()));
    }
}

std::size_t extra_values::find(std::string_view key) const noexcept {
    for (std::size_t i = 0; i < names_.size(); ++i) {
        if (names_[i] == key) return i;
    }
    return none;
}

void extra_values::clear() noexcept {
    values_.fill({});
    seen_.reset();
}

bool extra_values::see(std::size_t place) noexcept {
    if (seen_[place]) return false;
    seen_[place] = true;
    return true;
}

void extra_values::finish(sync::source_row& row) noexcept {
    for (std::size_t i = 0; i < names_.size(); ++i) {
        values_[i] =
            from_[i] < extra_names_max ? values_[from_[i]] : row.fields[from_[i] - extra_names_max];
    }
    row.extra = std::span{values_}.first(names_.size());
}

bool read(cursor& at, unsigned depth, extra_values& extra, read_row& out) noexcept {
    out = {};
    if (extra.any()) extra.clear();
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
            if (!read_other(at, depth + 1, key, extra, out)) return false;
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
    if (extra.any()) extra.finish(out.row);
    return true;
}

} // namespace rollcall::peoplehr
