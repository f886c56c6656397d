// The version of this build: what --version prints and the log says at start.
#pragma once
#include <string_view>

namespace rollcall::app {

inline constexpr std::string_view version = "0.1.0";

} // namespace rollcall::app
