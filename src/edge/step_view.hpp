// Steps as JSON. Values are what they are in the books; where that is a number or an instant that
// nobody can read, a label stands beside it.
#pragma once
#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <span>
#include <string>

#include <boost/json/object.hpp>

#include "rollcall/sync/books.hpp"
#include "rollcall/sync/run.hpp"

namespace rollcall::edge {

// Whom steps speak of, as the directory calls them now. Who is not there any more has no name.
struct step_names {
    absl::flat_hash_map<std::uint32_t, std::string> users; // "Ann Lee"
    absl::flat_hash_map<std::uint32_t, std::string> teams;
};
// One walk over the directory at most, however many steps there are.
void add_names(step_names& into, const sync::books& of, std::span<const sync::step> steps);

[[nodiscard]] std::string_view owner_name(directory::owner who) noexcept;
[[nodiscard]] std::string full_name(const directory::user_values& values);
[[nodiscard]] boost::json::object to_json(const sync::step& step, const step_names& names);
// Each change of the step as an object of its own, comma separated: a list without nesting.
[[nodiscard]] std::string flat_changes(const sync::step& step, const step_names& names);

} // namespace rollcall::edge
