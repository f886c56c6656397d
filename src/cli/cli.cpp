#include "cli.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ostream>

#include "completion.hpp"
#include "rollcall/core/ids.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

constexpr const char* default_socket = "/run/rollcall/control.sock";

void add_verbs(CLI::App& program, verb& chosen) {
    add_status(program, chosen);
    add_top(program, chosen);
    add_events(program, chosen);
    add_tenant_verbs(program, chosen);
    add_apply(program, chosen);
    add_sync(program, chosen);
    add_user_verbs(program, chosen);
    add_team_verbs(program, chosen);
    add_hold_verbs(program, chosen);
    add_conflict_verbs(program, chosen);
    add_invite_verbs(program, chosen);
    add_explain(program, chosen);
    add_forecast(program, chosen);
    add_what_if(program, chosen);
    add_run_verbs(program, chosen);
    add_diff(program, chosen);
    add_undo(program, chosen);
    add_audit_verbs(program, chosen);
    add_erase(program, chosen);
    add_capacity_verbs(program, chosen);
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

// What was meant by a verb that does not exist; empty where all verbs do.
std::string nearest_verb(const CLI::App& program, const std::vector<std::string>& arguments) {
    const auto* level = &program;
    for (const auto& word : arguments) {
        if (word.starts_with('-')) return {};
        const auto subs = level->get_subcommands(nullptr);
        if (subs.empty()) return {};
        std::vector<std::string> names;
        names.reserve(subs.size());
        for (const auto* sub : subs) names.push_back(sub->get_name());
        const auto found = std::find(names.begin(), names.end(), word);
        if (found == names.end()) {
            const std::vector<std::string_view> known(names.begin(), names.end());
            const auto near = nearest_name(word, known);
            return fmt::format("there is no verb \"{}\"; {}", escaped(word),
                               near.empty() ? fmt::format("known are {}", fmt::join(known, ", "))
                                            : fmt::format("did you mean \"{}\"?", near));
        }
        level = subs[static_cast<std::size_t>(found - names.begin())];
    }
    return {};
}

} // namespace

int run(std::vector<std::string> arguments, terminal& where, const make_transport& connect) {
    CLI::App program(
        "Asks a running rollcalld: what it keeps in step, why it did what it did, what "
        "waits for a decision.",
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
    std::vector<std::string> given;
    add_verbs(program, chosen);
    add_completion(program, where, done);

    try {
        given = arguments;
        std::reverse(arguments.begin(), arguments.end());
        program.parse(arguments);
    } catch (const CLI::ParseError& error) {
        const bool asked_for = error.get_exit_code() == 0;
        if (const auto near = nearest_verb(program, given); !near.empty()) {
            where.err << "rollcall: " << near << '\n';
            return static_cast<int>(exit_code::usage);
        }
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
