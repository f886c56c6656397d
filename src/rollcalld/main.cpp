// rollcalld: the daemon. Everything it does is in app/daemon.hpp; this is its command line.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>

#include "rollcall/app/config.hpp"
#include "rollcall/app/daemon.hpp"
#include "rollcall/app/process.hpp"
#include "rollcall/app/version.hpp"

namespace {

using namespace rollcall; // NOLINT(google-build-using-namespace): a program, not a header

constexpr const char* usual_config = "/etc/rollcall/rollcalld.toml";

struct arguments {
    std::string config_path;
    bool check_config = false;
    bool print_config = false;
    bool print_default_config = false;
};

void declare(CLI::App& app, arguments& into) {
    app.description("Rollcall's daemon: keeps user directories in step with PeopleHR.");
    app.footer(fmt::format(
        "Without --config it reads {}, or takes the defaults if there is no such file.\n"
        "Exit codes: 0 ended by a signal, 1 could not start, 70 the storage failed, 78 the "
        "configuration is "
        "wrong.",
        usual_config));
    app.add_option("--config", into.config_path, "Configuration file")->type_name("FILE");
    app.add_flag("--check-config", into.check_config,
                 "Report every fault of the configuration, and end");
    app.add_flag("--print-config", into.print_config,
                 "Print the configuration in effect, documented, and end");
    app.add_flag("--print-default-config", into.print_default_config,
                 "Print the file that is shipped: every key, with its default as a comment");
    app.set_version_flag("--version", std::string(app::version));
}

int start(arguments given) {
    if (given.print_default_config) {
        fmt::print("{}", app::render_config({}, app::rendering::shipped));
        return app::exit_ok;
    }
    if (given.config_path.empty() && ::access(usual_config, F_OK) == 0)
        given.config_path = usual_config;
    app::parsed_config parsed;
    if (!given.config_path.empty()) parsed = app::read_config(given.config_path);

    for (const auto& each : parsed.errors) fmt::print(stderr, "{}\n", each);
    if (!parsed.errors.empty()) {
        fmt::print(stderr, "rollcalld: {} fault{} in the configuration\n", parsed.errors.size(),
                   parsed.errors.size() == 1 ? "" : "s");
        return app::exit_bad_configuration;
    }
    if (given.print_config) {
        fmt::print("{}", app::render_config(parsed.value, app::rendering::effective));
        return app::exit_ok;
    }
    if (given.check_config) {
        fmt::print("{}: good\n",
                   given.config_path.empty() ? "no file, all defaults" : given.config_path);
        return app::exit_ok;
    }
    return app::run_daemon(std::move(parsed.value), std::move(given.config_path));
}

} // namespace

int main(int argc, char** argv) {
    try {
        arguments given;
        CLI::App app;
        declare(app, given);
        CLI11_PARSE(app, argc, argv);
        return start(std::move(given));
    } catch (const std::exception& error) {
        // Expected failures are values: whatever arrives here is a bug or a lack of memory.
        fmt::print(stderr, "rollcalld: {}\n", error.what());
        return rollcall::app::exit_failed_to_start;
    }
}
