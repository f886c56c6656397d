// The version of this build: what --version prints and the log says at start.
#pragma once
#include <string_view>

namespace rollcall::app {

// "0.1.0", as the top-level CMakeLists.txt has it.
[[nodiscard]] std::string_view version() noexcept;

} // namespace rollcall::app
