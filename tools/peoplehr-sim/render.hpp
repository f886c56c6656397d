// An employee as PeopleHR writes it: 50 keys in wire order, five wrappers (sections 2.3 and 2.4 of
// the wire facts). The directory part comes from an employee; everything that a directory must not
// keep is filled with canaries derived from the person's salt.
#pragma once
#include <cstdint>
#include <string>

#include "company.hpp"

namespace rollcall::sim {

enum class blank_style {
    empty_text, // unset is "" (recordings of 2023)
    null,       // unset is null, inside wrappers and for bare fields (recordings of 2016)
};

// "CANARY-" and 8 hexadecimal digits, different for each person and purpose.
void append_canary(std::string& out, std::uint64_t salt, std::uint32_t purpose);

// Appends one row. Costs one pass of appends; allocates only when out has to grow.
void append_row(std::string& out, const employee& someone, std::uint64_t salt, blank_style blanks);

// About what one row takes; for reserving.
inline constexpr std::size_t row_bytes_expected = 4'600;

} // namespace rollcall::sim
