// The words that stand for enumerators in the database: for the enums of sync their names there
// (sync/run.cpp and its kind), which logs, answers and JSON use as well and which are therefore
// never reworded; for the others the lists in vocabulary.cpp. Add words; never change one.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "rollcall/core/date.hpp"
#include "rollcall/core/error.hpp"
#include "rollcall/directory/user.hpp"
#include "rollcall/sync/conflict.hpp"
#include "rollcall/sync/hold.hpp"
#include "rollcall/sync/invitation.hpp"
#include "rollcall/sync/notice.hpp"
#include "rollcall/sync/run.hpp"

namespace rollcall::storage {

template <class Enum>
[[nodiscard]] std::string_view word_of(Enum value) noexcept {
    return name_of(value);
}
[[nodiscard]] std::string_view word_of(directory::user_state value) noexcept;
[[nodiscard]] std::string_view word_of(directory::user_role value) noexcept;

// False if the word stands for no enumerator.
[[nodiscard]] bool read_word(std::string_view word, sync::run_cause& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, sync::run_outcome& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, sync::step_kind& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, sync::attribute& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, sync::issue_kind& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, sync::guard& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, sync::invitation_state& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, sync::ruling_of_conflict& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, sync::notice_kind& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, directory::user_state& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, directory::user_role& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, errc& into) noexcept;

// A letter for an owner: n never set, o ours, m by hand.
[[nodiscard]] char letter_of(directory::owner value) noexcept;
[[nodiscard]] bool read_letter(char letter, directory::owner& into) noexcept;
// A letter for each field, in the order of directory::field. A shorter text, of a time with fewer
// fields, leaves the rest never set.
using ownership = std::array<directory::owner, directory::field_count>;
[[nodiscard]] std::string text_of(const ownership& owners);
[[nodiscard]] bool read_ownership(std::string_view text, ownership& into) noexcept;

// A stored date: 'yyyy-mm-dd' and nothing else, as to_string gives it.
[[nodiscard]] bool read_date(std::string_view text, date& into) noexcept;

} // namespace rollcall::storage
