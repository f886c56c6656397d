// PeopleHR as a scenario tells it: who is in it, and what changes there.
#pragma once
#include <string>
#include <vector>

#include "employee.hpp"
#include "toml_reader.hpp"

namespace rollcall::test {

// The employees of a `read`: each a table of which all but the id has a default. `crowd = [1, 40]`
// makes forty of them, in whose texts % stands for the number.
[[nodiscard]] std::vector<employee> employees_at(const toml::node& list);

// `change = { 2 = { email = "b@example.com" }, "c1..c20" = "gone", 9 = { first = "New" } }`
void change_employees(std::vector<employee>& people, const toml::node& changes);

} // namespace rollcall::test
