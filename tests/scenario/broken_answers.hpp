// What PeopleHR may answer in the place of the truth, read as the program reads it (G-1).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "employee.hpp"
#include "rollcall/core/error.hpp"

namespace rollcall::test {

struct read_answer {
    errc code = errc::ok;
    std::string detail;
    std::vector<employee> people; // where the code is ok
};

// `how`: "nothing" (a good answer), "cut", "throttled", "key refused", "permission missing",
// "query running", "no id", "doubled key", "not json", "no result". Throws for any other.
[[nodiscard]] read_answer answer_of(const std::vector<employee>& people, std::string_view how);

} // namespace rollcall::test
