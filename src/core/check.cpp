#include "rollcall/core/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace rollcall {

void check_failed(const char* condition, const char* file, int line) noexcept {
    std::fprintf(stderr, "rollcall: check failed: %s (%s:%d)\n", condition, file, line);
    std::fflush(stderr);
    std::abort();
}

} // namespace rollcall
