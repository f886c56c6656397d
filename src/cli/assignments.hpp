// KEY=VALUE arguments as the members of a request.
#pragma once
#include <map>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "rollcall/core/error.hpp"

namespace rollcall::cli {

// Fields of a user or a team: texts; "KEY=" becomes null, which clears.
[[nodiscard]] outcome<boost::json::object> fields_of(const std::vector<std::string>& assignments);

// Settings with the JSON types of the table, checked here so that a mistake costs no call. `given`
// are those that were options of their own; a reset one becomes null.
[[nodiscard]] outcome<boost::json::object> settings_of(
    std::map<std::string, std::string, std::less<>> given,
    const std::vector<std::string>& assignments, const std::vector<std::string>& resets);

} // namespace rollcall::cli
