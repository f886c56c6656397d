// Where an API key comes from: a file, standard input, or the environment. Never an argument, which
// every user of the machine could read.
#pragma once
#include <string>

#include "rollcall/core/error.hpp"
#include "rollcall/core/secret.hpp"
#include "text_output.hpp"

namespace rollcall::cli {

struct read_key {
    secret key;
    std::string warning; // empty if all is well
};
// "-" is standard input. White space around the key is not part of it.
[[nodiscard]] outcome<read_key> key_from_file(const std::string& path, terminal& where);
[[nodiscard]] outcome<read_key> key_from_environment(const std::string& name, terminal& where);

} // namespace rollcall::cli
