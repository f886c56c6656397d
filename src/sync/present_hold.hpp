// What becomes of a tenant's hold when something new is to wait, or some of it waits no longer.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "rollcall/sync/hold.hpp"

namespace rollcall::sync {

// Whether what is planned anew is all of a person, or single kinds of steps.
enum class planned_anew : std::uint8_t { people, kinds };
// The sections after a plan that was not about everybody: `fresh`, and of the old ones what was not
// planned anew.
[[nodiscard]] std::vector<held_section> merged(const hold& old, std::vector<held_section> fresh,
                                               std::span<const step> planned, planned_anew what);

// What stays held, with the number and the time that the whole had.
[[nodiscard]] hold rest_of(const hold& all, std::vector<held_section> sections);
// The hold without those of its steps that are `settled`.
[[nodiscard]] hold without(const hold& all,
                           const std::function<bool(guard section, const step&)>& settled);

[[nodiscard]] std::string reasons_of(std::span<const held_section> sections);

} // namespace rollcall::sync
