// What rollcalld's command line asks for, as a value: everything but running the daemon itself.
#pragma once
#include <optional>
#include <string>

#include "rollcall/app/config.hpp"

namespace rollcall::app {

enum class verb : std::uint8_t {
    run,
    check_config,
    print_config,
    print_default_config,
    print_profile,
};

struct command {
    verb what = verb::run;
    std::string config_path; // empty: no file, all defaults
    std::string profile;     // of print_profile
};

struct command_answer {
    std::string out;              // for stdout
    std::string err;              // for stderr
    std::optional<int> exit_code; // process.hpp; nothing: run the daemon with `chosen`
    config chosen;
};

// Reads the configuration and answers all verbs but run. A configuration with faults ends all of
// them, each fault named on stderr, with exit_bad_configuration.
[[nodiscard]] command_answer prepare(const command& asked);

} // namespace rollcall::app
