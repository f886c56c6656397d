#include "exit_code.hpp"

#include <algorithm>
#include <array>

namespace rollcall::cli {

exit_code exit_code_of(std::string_view problem_code, unsigned http_status) noexcept {
    struct row {
        std::string_view problem;
        exit_code code;
    };
    static constexpr std::array table{
        row{"not_found", exit_code::not_found},
        row{"invalid_argument", exit_code::usage},
        row{"already_exists", exit_code::refused},
        row{"held", exit_code::refused},
        row{"key_refused", exit_code::refused},
        row{"permission_missing", exit_code::refused},
        row{"account_closed", exit_code::refused},
        row{"busy", exit_code::try_later},
        row{"throttled", exit_code::try_later},
        row{"storage_full", exit_code::try_later},
        row{"shutting_down", exit_code::try_later},
        row{"deadline_exceeded", exit_code::try_later},
        row{"connection_failed", exit_code::try_later},
        row{"upstream_failed", exit_code::try_later},
    };
    const auto* found = std::find_if(table.begin(), table.end(),
                                     [&](const row& r) { return r.problem == problem_code; });
    if (found != table.end()) return found->code;
    switch (http_status) {
        case 404: return exit_code::not_found;
        case 409: return exit_code::refused;
        case 429:
        case 503: return exit_code::try_later;
        default: break;
    }
    return http_status >= 400 && http_status < 500 ? exit_code::usage : exit_code::failed;
}

} // namespace rollcall::cli
