// Assertions that stay on in release builds. They state what this program promises itself; what a
// peer, an operator or a disk controls is never checked this way, but answered with an errc.
#pragma once

namespace rollcall {

// Prints the condition and its place to stderr and aborts. Never returns.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

} // namespace rollcall

#define ROLLCALL_CHECK(condition)          \
    (static_cast<bool>(condition) ? void() \
                                  : ::rollcall::check_failed(#condition, __FILE__, __LINE__))
