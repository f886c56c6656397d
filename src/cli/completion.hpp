// Completion scripts, generated from the verbs and options that the program really has.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

namespace rollcall::cli {

// `shell` is bash, zsh or fish. Tenant names are completed by asking the daemon when Tab is
// pressed.
[[nodiscard]] std::string completion_script(const CLI::App& program, std::string_view shell);

} // namespace rollcall::cli
