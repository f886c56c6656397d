#include "rollcall/app/version.hpp"

namespace rollcall::app {

std::string_view version() noexcept {
    return ROLLCALL_VERSION;
}

} // namespace rollcall::app
