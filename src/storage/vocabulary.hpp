// The words that stand for enumerators in the database. They are part of the disk format and are
// kept apart from what the program shows a person, which may be reworded. Add words; never change
// one.
#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rollcall/core/date.hpp"
#include "rollcall/core/error.hpp"
#include "rollcall/directory/user.hpp"
#include "rollcall/sync/run.hpp"

namespace rollcall::storage {

[[nodiscard]] std::string_view word_of(sync::run_cause value) noexcept;
[[nodiscard]] std::string_view word_of(sync::run_outcome value) noexcept;
[[nodiscard]] std::string_view word_of(sync::step_kind value) noexcept;
[[nodiscard]] std::string_view word_of(sync::issue_kind value) noexcept;
[[nodiscard]] std::string_view word_of(directory::user_state value) noexcept;
[[nodiscard]] std::string_view word_of(errc value) noexcept;

// False if the word stands for no enumerator.
[[nodiscard]] bool read_word(std::string_view word, sync::run_cause& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, sync::run_outcome& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, sync::step_kind& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, sync::issue_kind& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, directory::user_state& into) noexcept;
[[nodiscard]] bool read_word(std::string_view word, errc& into) noexcept;

// A letter for each field, in the order of directory::field. A shorter text, of a time with fewer
// fields, leaves the rest never set.
using ownership = std::array<directory::owner, directory::field_count>;
[[nodiscard]] std::string text_of(const ownership& owners);
[[nodiscard]] bool read_ownership(std::string_view text, ownership& into) noexcept;

// A stored date: 'yyyy-mm-dd' and nothing else, as to_string gives it.
[[nodiscard]] bool read_date(std::string_view text, date& into) noexcept;

} // namespace rollcall::storage
