#include "vocabulary.hpp"

#include "rollcall/core/check.hpp"

namespace rollcall::storage {
namespace {

// In the order of their enums.
constexpr std::array<std::string_view, 2> user_states{"active", "inactive"};
constexpr std::array<std::string_view, 2> user_roles{"member", "owner"};
constexpr std::string_view owner_letters = "nom";

// Looks the word up among the words of all enumerators up to `last`; few enough for a walk.
template <class Enum>
bool find(std::string_view word, Enum last, Enum& into) noexcept {
    for (unsigned i = 0; i <= static_cast<unsigned>(last); ++i) {
        const auto value = static_cast<Enum>(i);
        if (word != std::string_view(word_of(value))) continue;
        into = value;
        return true;
    }
    return false;
}

// The number in digits, or -1.
constexpr int number(std::string_view digits) noexcept {
    int value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

} // namespace

std::string_view word_of(directory::user_state value) noexcept {
    return user_states.at(static_cast<std::size_t>(value));
}
std::string_view word_of(directory::user_role value) noexcept {
    return user_roles.at(static_cast<std::size_t>(value));
}

bool read_word(std::string_view word, sync::run_cause& into) noexcept {
    return find(word, sync::run_cause::webhook, into);
}
bool read_word(std::string_view word, sync::run_outcome& into) noexcept {
    return find(word, sync::run_outcome::previewed, into);
}
bool read_word(std::string_view word, sync::step_kind& into) noexcept {
    return find(word, static_cast<sync::step_kind>(sync::step_kind_count - 1), into);
}
bool read_word(std::string_view word, sync::attribute& into) noexcept {
    return find(word, static_cast<sync::attribute>(sync::attribute_count - 1), into);
}
bool read_word(std::string_view word, sync::issue_kind& into) noexcept {
    return find(word, static_cast<sync::issue_kind>(sync::issue_kind_count - 1), into);
}
bool read_word(std::string_view word, sync::guard& into) noexcept {
    return find(word, static_cast<sync::guard>(sync::guard_count - 1), into);
}
bool read_word(std::string_view word, sync::invitation_state& into) noexcept {
    return find(word, sync::invitation_state::confirmed, into);
}
bool read_word(std::string_view word, sync::ruling_of_conflict& into) noexcept {
    return find(word, sync::ruling_of_conflict::ignore, into);
}
bool read_word(std::string_view word, sync::notice_kind& into) noexcept {
    return find(word, sync::notice_kind::update, into);
}
bool read_word(std::string_view word, directory::user_state& into) noexcept {
    return find(word, directory::user_state::inactive, into);
}
bool read_word(std::string_view word, directory::user_role& into) noexcept {
    return find(word, directory::user_role::owner, into);
}
bool read_word(std::string_view word, errc& into) noexcept {
    return find(word, errc::bug, into);
}

char letter_of(directory::owner value) noexcept {
    const auto index = static_cast<std::size_t>(value);
    ROLLCALL_CHECK(index < owner_letters.size());
    return owner_letters[index];
}

bool read_letter(char letter, directory::owner& into) noexcept {
    const auto index = owner_letters.find(letter);
    if (index == std::string_view::npos) return false;
    into = static_cast<directory::owner>(index);
    return true;
}

std::string text_of(const ownership& owners) {
    std::string text;
    text.reserve(owners.size());
    for (const auto owner : owners) text += letter_of(owner);
    return text;
}

bool read_ownership(std::string_view text, ownership& into) noexcept {
    if (text.size() > into.size()) return false;
    into.fill(directory::owner::never_set);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!read_letter(text[i], into[i])) return false;
    }
    return true;
}

bool read_date(std::string_view text, date& into) noexcept {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    const int year = number(text.substr(0, 4));
    const int month = number(text.substr(5, 2));
    const int day = number(text.substr(8, 2));
    if (month < 0 || day < 0) return false;
    const auto read =
        date_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
    if (!read) return false;
    into = *read;
    return true;
}

} // namespace rollcall::storage
