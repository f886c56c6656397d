// A company from a file: the API's own answer, the truth form of the admin address, or CSV.
#pragma once
#include <string>
#include <string_view>

#include "company.hpp"
#include "rollcall/core/error.hpp"

namespace rollcall::sim {

// A company, or what is wrong with the file, in a sentence that names the row.
struct loaded_company {
    company firm;
    std::string problem; // empty when it loaded
};

// The format shows in the first character: '{' or '[' is JSON, everything else CSV.
// JSON: a bare array of employee objects or the API's whole envelope (wrappers of every shape), or
// {"people":[...]} / an array with the members of truth. CSV (RFC 4180): a header row that names
// members of truth in any order. Only the directory members are taken; the rest is generated.
[[nodiscard]] loaded_company load_company(std::string_view tenant, std::string_view text);

} // namespace rollcall::sim
