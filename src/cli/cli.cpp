#include "cli.hpp"

#include <algorithm>
#include <ostream>

#include "completion.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

constexpr const char* default_socket = "/run/rollcall/control.sock";

void add_verbs(CLI::App& program, verb& chosen) {
    add_status(program, chosen);
    add_tenant_verbs(program, chosen);
    add_apply(program, chosen);
    add_sync(program, chosen);
    add_user_verbs(program, chosen);
    add_run_verbs(program, chosen);
    add_backup(program, chosen);
    add_doctor(program, chosen);
}

// The completion verb needs no daemon, only the other verbs.
void add_completion(CLI::App& program, terminal& where, bool& done) {
    auto* sub = program.add_subcommand("completion", "Print a completion script for a shell");
    const auto shell = std::make_shared<std::string>();
    sub->add_option("SHELL", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    sub->callback([&program, &where, &done, shell] {
        where.out << completion_script(program, *shell);
        done = true;
    });
}

} // namespace

int run(std::vector<std::string> arguments, terminal& where, const make_transport& connect) {
    CLI::App program("Asks a running rollcalld: tenants, users, runs, and syncs on demand.",
                     "rollcall");
    program.fallthrough();
    program.require_subcommand(1);
    program.set_help_all_flag("--help-all", "Help of all verbs");
    program.set_version_flag("--version", std::string("rollcall ") + ROLLCALL_VERSION);
    program.footer(std::string(exit_code_help));

    std::string socket = where.environment("ROLLCALL_SOCKET").value_or(default_socket);
    bool as_json = false;
    program.add_option("--socket", socket, "Control socket of the daemon ($ROLLCALL_SOCKET)");
    program.add_flag("--json", as_json, "Print the daemon's answer as JSON");
    verb chosen;
    bool done = false;
    add_verbs(program, chosen);
    add_completion(program, where, done);

    try {
        std::reverse(arguments.begin(), arguments.end());
        program.parse(arguments);
    } catch (const CLI::ParseError& error) {
        const bool asked_for = error.get_exit_code() == 0;
        (void)program.exit(error, where.out, where.err);
        return static_cast<int>(asked_for ? exit_code::ok : exit_code::usage);
    }
    if (done) return static_cast<int>(exit_code::ok);
    const auto daemon = connect(socket);
    session running{where, *daemon, as_json};
    const auto code = chosen(running);
    where.out.flush();
    return static_cast<int>(code);
}

} // namespace rollcall::cli
