// The command line `rollcall` as a function, so that tests call it as a shell would.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client.hpp"
#include "text_output.hpp"

namespace rollcall::cli {

using make_transport = std::function<std::unique_ptr<transport>(const std::string& socket_path)>;

// `arguments` without the program's name. Gives the exit code.
[[nodiscard]] int run(std::vector<std::string> arguments, terminal& where,
                      const make_transport& connect);

} // namespace rollcall::cli
