// Small text helpers of the simulator: dates, decimal and hexadecimal numbers, GUIDs, hashes.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rollcall/core/random.hpp"

namespace rollcall::sim {

// Mixes values into one well-spread 64-bit number; the base of everything that is derived and not
// stored (canaries, GUIDs, sizes).
[[nodiscard]] std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept;

// Normal with mean 0 and variance 1 (Box and Muller).
[[nodiscard]] double standard_normal(random_source& random) noexcept;

// "2026-11-21".
void append_date(std::string& out, std::chrono::sys_days day);
// The same with another order and separator, for queries: 'y' gives 2026/11/21, 'd' 21/11/2026.
void append_query_date(std::string& out, std::chrono::sys_days day, char first);
// Accepts yyyy-MM-dd only; nothing for any other text, a day that does not exist included.
[[nodiscard]] std::optional<std::chrono::sys_days> parse_date(std::string_view text) noexcept;

void append_number(std::string& out, std::uint64_t value, unsigned digits_min = 1);
void append_hex8(std::string& out, std::uint32_t value);
// A version 4 GUID in lower case that is a function of its seed.
[[nodiscard]] std::string guid(std::uint64_t seed);

[[nodiscard]] char lower(char c) noexcept;
[[nodiscard]] bool same_ignoring_case(std::string_view a, std::string_view b) noexcept;

// Appends a JSON string literal with its quotes. Bytes from 0x80 pass as they are.
void append_json(std::string& out, std::string_view text);

} // namespace rollcall::sim
