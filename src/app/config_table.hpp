// The rows behind rollcall::app::config_keys: how each key is read from TOML and written back.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>

#include <toml++/toml.h>

#include "rollcall/app/config.hpp"

namespace rollcall::app {

struct config_row {
    key_info info;
    // Stores the node's value. On a value that is of a wrong type or out of range it changes
    // nothing and says what is wrong with it, without the key's name: "is 99999".
    std::function<std::optional<std::string>(config&, const toml::node&)> read;
    std::function<std::string(const config&)> write;
    std::function<void(config& to, const config& from)> copy;
};

// In the order of the printed file; keys of one section stand together.
[[nodiscard]] std::span<const config_row> config_rows();

} // namespace rollcall::app
