#include "vocabulary.hpp"

#include <algorithm>
#include <span>

#include "rollcall/core/check.hpp"

namespace rollcall::storage {
namespace {

using words = std::span<const std::string_view>;

// Each list is in the order of its enum.
constexpr std::array<std::string_view, 5> run_causes{"first_load", "sweep", "on_demand", "confirm",
                                                     "retry"};
constexpr std::array<std::string_view, 4> run_outcomes{"unchanged", "applied", "held", "failed"};
constexpr std::array<std::string_view, 9> step_kinds{"create",     "update",       "relink",
                                                     "deactivate", "reactivate",   "unmanage",
                                                     "manage",     "note_missing", "note_found"};
constexpr std::array<std::string_view, 17> issue_kinds{
    "duplicate_id",       "missing_id",   "required_blank",      "invalid_email",
    "shared_email",       "email_taken",  "fallback_refused",    "invalid_date",
    "wrong_type",         "too_long",     "missing_person",      "company_unknown",
    "company_near_miss",  "out_of_scope", "leaver_without_date", "unknown_status",
    "manual_deactivation"};
constexpr std::array<std::string_view, 2> user_states{"active", "inactive"};
constexpr std::string_view owner_letters = "nom";

static_assert(run_causes.size() == static_cast<std::size_t>(sync::run_cause::retry) + 1);
static_assert(run_outcomes.size() == static_cast<std::size_t>(sync::run_outcome::failed) + 1);
static_assert(step_kinds.size() == static_cast<std::size_t>(sync::step_kind::note_found) + 1);
static_assert(issue_kinds.size() ==
              static_cast<std::size_t>(sync::issue_kind::manual_deactivation) + 1);

template <class Enum>
std::string_view word_in(words list, Enum value) noexcept {
    const auto index = static_cast<std::size_t>(value);
    ROLLCALL_CHECK(index < list.size());
    return list[index];
}

template <class Enum>
bool find_in(words list, std::string_view word, Enum& into) noexcept {
    const auto found = std::ranges::find(list, word);
    if (found == list.end()) return false;
    into = static_cast<Enum>(found - list.begin());
    return true;
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

std::string_view word_of(sync::run_cause value) noexcept {
    return word_in(run_causes, value);
}
std::string_view word_of(sync::run_outcome value) noexcept {
    return word_in(run_outcomes, value);
}
std::string_view word_of(sync::step_kind value) noexcept {
    return word_in(step_kinds, value);
}
std::string_view word_of(sync::issue_kind value) noexcept {
    return word_in(issue_kinds, value);
}
std::string_view word_of(directory::user_state value) noexcept {
    return word_in(user_states, value);
}
// The names of errors are fixed already: they stand in logs, metrics and JSON.
std::string_view word_of(errc value) noexcept {
    return name_of(value);
}

bool read_word(std::string_view word, sync::run_cause& into) noexcept {
    return find_in(run_causes, word, into);
}
bool read_word(std::string_view word, sync::run_outcome& into) noexcept {
    return find_in(run_outcomes, word, into);
}
bool read_word(std::string_view word, sync::step_kind& into) noexcept {
    return find_in(step_kinds, word, into);
}
bool read_word(std::string_view word, sync::issue_kind& into) noexcept {
    return find_in(issue_kinds, word, into);
}
bool read_word(std::string_view word, directory::user_state& into) noexcept {
    return find_in(user_states, word, into);
}
bool read_word(std::string_view word, errc& into) noexcept {
    for (int code = 0; code <= static_cast<int>(errc::bug); ++code) {
        if (word != name_of(static_cast<errc>(code))) continue;
        into = static_cast<errc>(code);
        return true;
    }
    return false;
}

std::string text_of(const ownership& owners) {
    std::string text;
    text.reserve(owners.size());
    for (const auto owner : owners) text += owner_letters[static_cast<std::size_t>(owner)];
    return text;
}

bool read_ownership(std::string_view text, ownership& into) noexcept {
    if (text.size() > into.size()) return false;
    into.fill(directory::owner::never_set);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto letter = owner_letters.find(text[i]);
        if (letter == std::string_view::npos) return false;
        into[i] = static_cast<directory::owner>(letter);
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
