// What scripts can rely on: the exit codes of `rollcall`, as --help states them.
#pragma once
#include <string_view>

namespace rollcall::cli {

enum class exit_code : int {
    ok = 0,
    failed = 1,      // it ran, and the answer is no: a run failed, doctor found something
    usage = 2,       // wrong arguments, a wrong file, a request that the daemon calls invalid
    unreachable = 3, // no daemon behind the socket
    not_found = 4,   // no such tenant, user or run
    refused = 5,     // held by a rule, refused by PeopleHR, or there already
    try_later = 6,   // busy, throttled, disk full, shutting down
};

// The exit code for the code of a problem ("key_refused") and its HTTP status.
[[nodiscard]] exit_code exit_code_of(std::string_view problem_code, unsigned http_status) noexcept;

inline constexpr std::string_view exit_code_help =
    "Exit codes:\n"
    "  0  done\n"
    "  1  it ran and the answer is no: a run failed, doctor found something\n"
    "  2  wrong arguments or bad input\n"
    "  3  the daemon cannot be reached\n"
    "  4  no such tenant, user or run\n"
    "  5  refused or held: by a rule, by PeopleHR, or because it exists already\n"
    "  6  try later: busy, throttled, disk full, shutting down";

} // namespace rollcall::cli
