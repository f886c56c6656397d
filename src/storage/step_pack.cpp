#include "step_pack.hpp"

#include "vocabulary.hpp"

namespace rollcall::storage {
namespace {

void put_number(std::string& to, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) to += static_cast<char>(0x80 | (value & 0x7f));
    to += static_cast<char>(value);
}
void put_text(std::string& to, std::string_view value) {
    put_number(to, value.size());
    to += value;
}

// Reads from the front of `rest`; all say whether it was there.
bool take_number(std::string_view& rest, std::uint64_t& into) noexcept {
    into = 0;
    for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(rest.front());
        rest.remove_prefix(1);
        into |= std::uint64_t{byte & 0x7fu} << shift;
        if ((byte & 0x80) == 0) return true;
    }
    return false;
}
bool take_text(std::string_view& rest, std::string_view& into) noexcept {
    std::uint64_t size = 0;
    if (!take_number(rest, size) || size > rest.size()) return false;
    into = rest.substr(0, size);
    rest.remove_prefix(size);
    return true;
}
bool take_text(std::string_view& rest, std::string& into) {
    std::string_view text;
    if (!take_text(rest, text)) return false;
    into = text;
    return true;
}
template <class Enum>
bool take_word(std::string_view& rest, Enum& into) noexcept {
    std::string_view word;
    return take_text(rest, word) && read_word(word, into);
}
bool take_owner(std::string_view& rest, directory::owner& into) noexcept {
    if (rest.empty() || !read_letter(rest.front(), into)) return false;
    rest.remove_prefix(1);
    return true;
}

void put_body(std::string& to, const sync::step& from) {
    put_text(to, from.label);
    put_number(to, from.changes.size());
    for (const auto& each : from.changes) {
        put_text(to, word_of(each.what));
        to += letter_of(each.old_owner);
        to += letter_of(each.new_owner);
        put_text(to, each.old_value);
        put_text(to, each.new_value);
        put_text(to, each.rule);
    }
}

bool take_body(std::string_view& rest, sync::step& into) {
    std::uint64_t count = 0;
    if (!take_text(rest, into.label) || !take_number(rest, count)) return false;
    into.changes.clear();
    for (; count != 0; --count) {
        auto& each = into.changes.emplace_back();
        if (!take_word(rest, each.what) || !take_owner(rest, each.old_owner) ||
            !take_owner(rest, each.new_owner) || !take_text(rest, each.old_value) ||
            !take_text(rest, each.new_value) || !take_text(rest, each.rule)) {
            return false;
        }
    }
    return true;
}

} // namespace

std::string pack_body(const sync::step& from) {
    std::string packed;
    put_body(packed, from);
    return packed;
}

bool unpack_body(std::string_view packed, sync::step& into) {
    return take_body(packed, into) && packed.empty();
}

std::string pack_steps(std::span<const sync::step> steps) {
    std::string packed;
    put_number(packed, steps.size());
    for (const auto& each : steps) {
        put_text(packed, word_of(each.kind));
        put_number(packed, each.subject);
        put_body(packed, each);
    }
    return packed;
}

bool unpack_steps(std::string_view packed, std::vector<sync::step>& into) {
    std::uint64_t count = 0;
    if (!take_number(packed, count)) return false;
    for (; count != 0; --count) {
        auto& each = into.emplace_back();
        std::uint64_t subject = 0;
        if (!take_word(packed, each.kind) || !take_number(packed, subject)) return false;
        each.subject = static_cast<std::uint32_t>(subject);
        if (!take_body(packed, each)) return false;
    }
    return packed.empty();
}

} // namespace rollcall::storage
