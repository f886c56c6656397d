// A scenario of tests/scenarios/*.toml: what happens to one tenant, and what is expected of it.
// tests/scenarios/README.md says how they are written.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <toml++/toml.h>

namespace rollcall::test {

struct scenario {
    std::shared_ptr<const toml::table> file; // keeps the table below alive
    const toml::table* table = nullptr;
    std::string path; // of the file
    std::string name;
    std::vector<std::string> rules; // "LA-13"
};

// All scenarios of all files, in the order of the files' names. Throws scenario_error.
[[nodiscard]] std::vector<scenario> load_scenarios(const std::string& folder);

// Plays it; what is not as expected becomes failures of the running test.
void play(const scenario& which);

} // namespace rollcall::test
