// The parts of a request that a person's decisions have in common.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "request_reader.hpp"
#include "rollcall/core/time.hpp"
#include "rollcall/sync/desk.hpp"

namespace rollcall::edge {

inline constexpr std::size_t person_bytes_max = 512;
inline constexpr std::size_t value_bytes_max = 4096;
inline constexpr std::size_t people_max = 10'000;
inline constexpr std::size_t digest_bytes_max = 128;

// The member `fields`: an object of texts; null clears where `may_clear`. In the order of the
// request.
[[nodiscard]] std::vector<sync::edit> read_fields(member_reader& from, bool may_clear, faults& out);
// The member `kinds`: names of guards. Missing: none, which stands for all.
[[nodiscard]] std::vector<sync::guard> read_guards(member_reader& from, faults& out);
// The member `people`: texts, at least one.
[[nodiscard]] std::vector<std::string> read_people(member_reader& from, faults& out);
// A required text member; empty after a fault.
[[nodiscard]] std::string read_text(member_reader& from, std::string_view name,
                                    std::size_t bytes_max);
// RFC 3339 ("2026-11-21T18:46:05Z"), or a day, which is its first instant in the zone.
inline constexpr std::string_view time_help =
    "has to be a time like 2026-11-21T18:46:05Z, or a day like 2026-11-21, which stands for its "
    "beginning in the tenant's time zone";
[[nodiscard]] std::optional<wall_time> read_time(std::string_view text,
                                                 const std::string& time_zone);
[[nodiscard]] std::optional<sync::issue_kind> read_issue_kind(std::string_view name) noexcept;

} // namespace rollcall::edge
