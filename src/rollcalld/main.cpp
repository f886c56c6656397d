// rollcalld: the daemon. Everything it does is in app/daemon.hpp; this is its command line.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include "rollcall/app/command.hpp"
#include "rollcall/app/daemon.hpp"
#include "rollcall/app/process.hpp"
#include "rollcall/app/version.hpp"

namespace {

namespace app = rollcall::app;

constexpr const char* usual_config = "/etc/rollcall/rollcalld.toml";

void declare(CLI::App& line, app::command& into) {
    line.description("Rollcall's daemon: keeps user directories in step with PeopleHR.");
    line.footer(fmt::format(
        "Without --config it reads {}, or takes the defaults if there is no such file.\n"
        "Exit codes: 0 ended by a signal, 1 could not start, 2 wrong use, 70 the storage failed,\n"
        "78 the configuration is wrong.",
        usual_config));
    line.set_version_flag("--version", std::string(app::version()));
    line.add_option("--config", into.config_path, "Configuration file")->type_name("FILE");

    auto* const verbs = line.add_option_group("instead of running");
    verbs->require_option(0, 1);
    const auto add = [&](const char* name, app::verb what, const char* meaning) {
        verbs->add_flag_callback(name, [&into, what] { into.what = what; }, meaning);
    };
    add("--check-config", app::verb::check_config, "Report every fault of the configuration");
    add("--print-config", app::verb::print_config, "Print the configuration in effect, documented");
    add("--print-default-config", app::verb::print_default_config,
        "Print the file that is shipped: every key, with its default as a comment");
    verbs
        ->add_option_function<std::string>(
            "--print-profile",
            [&into](const std::string& name) {
                into.what = app::verb::print_profile;
                into.profile = name;
            },
            "Print a profile of tenants, learnamp or wethrive: every setting, documented")
        ->type_name("NAME");
}

int start(app::command asked) {
    if (asked.config_path.empty() && ::access(usual_config, F_OK) == 0) {
        asked.config_path = usual_config;
    }
    auto answer = app::prepare(asked);
    fmt::print("{}", answer.out);
    fmt::print(stderr, "{}", answer.err);
    if (answer.exit_code) return *answer.exit_code;
    return app::run_daemon(std::move(answer.chosen), std::move(asked.config_path));
}

} // namespace

int main(int argc, char** argv) {
    try {
        CLI::App line;
        app::command asked;
        declare(line, asked);
        try {
            line.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            return line.exit(error) == 0 ? app::exit_ok : app::exit_usage;
        }
        return start(std::move(asked));
    } catch (const std::exception& error) {
        // Expected failures are values: whatever arrives here is a bug or a lack of memory.
        fmt::print(stderr, "rollcalld: {}\n", error.what());
        return app::exit_failed_to_start;
    }
}
