#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "cli.hpp"

int main(int argc, char** argv) {
    rollcall::cli::terminal where{std::cin,
                                  std::cout,
                                  std::cerr,
                                  ::isatty(STDIN_FILENO) == 1,
                                  ::isatty(STDERR_FILENO) == 1,
                                  [](const std::string& name) -> std::optional<std::string> {
                                      const char* value = std::getenv(name.c_str());
                                      if (value == nullptr) return std::nullopt;
                                      return value;
                                  },
                                  ::isatty(STDOUT_FILENO) == 1};
    const int code =
        rollcall::cli::run({argv + 1, argv + argc}, where, rollcall::cli::connect_to_socket);
    if (!std::cout.flush() && code == 0) {
        std::cerr << "rollcall: the output could not be written\n";
        return 1;
    }
    return code;
}
