// What all verbs share: the session they run in and how they are added to the command line.
#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "client.hpp"
#include "exit_code.hpp"
#include "text_output.hpp"

namespace rollcall::cli {

// One run of one verb.
struct session {
    terminal& where;
    transport& daemon;
    bool json = false; // the daemon's answer on stdout, and nothing else there

    // Says on stderr (and with --json on stdout) what went wrong, and gives its exit code.
    exit_code fail(const call_failure& what);
    exit_code usage(const std::string& message);
    // Asks whether to do what was just shown. Nothing: go on. Otherwise the exit code of having
    // done nothing, which was said: the answer was no, or there is no terminal to ask on and no
    // --yes.
    [[nodiscard]] std::optional<exit_code> unless_agreed(bool yes, const std::string& question,
                                                         const std::string& instead = "add --yes");
    void print(const boost::json::value& value);
    // A call with its progress shown while the daemon is silent.
    [[nodiscard]] reply<boost::json::object> ask_patiently(call what, const std::string& doing);
};

using verb = std::function<exit_code(session&)>;

// Adds a verb that shares `options` with others of its group, and chooses it when it is named.
template <class Options>
CLI::App& add_verb(CLI::App& group, verb& chosen, const char* name, const char* what,
                   const std::shared_ptr<Options>& options,
                   exit_code (*action)(session&, const Options&)) {
    auto* sub = group.add_subcommand(name, what);
    sub->callback([&chosen, options, action] {
        chosen = [options, action](session& in) { return action(in, *options); };
    });
    return *sub;
}
// The same with the TENANT that it is about.
template <class Options>
CLI::App& add_tenant_verb(CLI::App& group, verb& chosen, const char* name, const char* what,
                          const std::shared_ptr<Options>& options,
                          exit_code (*action)(session&, const Options&)) {
    auto& sub = add_verb(group, chosen, name, what, options, action);
    sub.add_option("TENANT", options->tenant)->required();
    return sub;
}

// Each adds its verbs to the program and sets `chosen` when one of them was named.
void add_status(CLI::App& program, verb& chosen);
void add_top(CLI::App& program, verb& chosen);
void add_events(CLI::App& program, verb& chosen);
void add_tenant_verbs(CLI::App& program, verb& chosen);
void add_webhook_verbs(CLI::App& tenant, verb& chosen); // to the verbs of tenants
void add_apply(CLI::App& program, verb& chosen);
void add_sync(CLI::App& program, verb& chosen);
void add_user_verbs(CLI::App& program, verb& chosen);
void add_hold_verbs(CLI::App& program, verb& chosen);
void add_conflict_verbs(CLI::App& program, verb& chosen);
void add_team_verbs(CLI::App& program, verb& chosen);
void add_invite_verbs(CLI::App& program, verb& chosen);
void add_explain(CLI::App& program, verb& chosen);
void add_forecast(CLI::App& program, verb& chosen);
void add_what_if(CLI::App& program, verb& chosen);
void add_run_verbs(CLI::App& program, verb& chosen);
void add_diff(CLI::App& program, verb& chosen);
void add_undo(CLI::App& program, verb& chosen);
void add_audit_verbs(CLI::App& program, verb& chosen);
void add_erase(CLI::App& program, verb& chosen);
void add_capacity_verbs(CLI::App& program, verb& chosen);
void add_backup(CLI::App& program, verb& chosen);
void add_doctor(CLI::App& program, verb& chosen);

// ---- reading answers ----
// The value at "progress.last_success"; null where a part of the path is missing.
[[nodiscard]] const boost::json::value& at(const boost::json::object& from, std::string_view path);
// The same as a cell of a table: "-" for null, times without their fraction, lists by their length.
[[nodiscard]] std::string cell(const boost::json::object& from, std::string_view path);
// The list of that name; empty where there is none.
[[nodiscard]] const boost::json::array& list_at(const boost::json::object& from,
                                                std::string_view path);
[[nodiscard]] std::string path_of_tenant(std::string_view tenant);
// What `tenant webhook show` and `tenant show` print of a tenant's webhook.
void print_webhook(const boost::json::object& webhook, std::ostream& out);
// One for "1 step", another for "2 steps".
[[nodiscard]] std::string counted(std::size_t number, std::string_view what);

} // namespace rollcall::cli
