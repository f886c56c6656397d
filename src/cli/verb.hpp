// What all verbs share: the session they run in and how they are added to the command line.
#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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
    void print(const boost::json::value& value);
    // A call with its progress shown while the daemon is silent.
    [[nodiscard]] reply<boost::json::object> ask_patiently(call what, const std::string& doing);
};

using verb = std::function<exit_code(session&)>;

// Each adds its verbs to the program and sets `chosen` when one of them was named.
void add_status(CLI::App& program, verb& chosen);
void add_tenant_verbs(CLI::App& program, verb& chosen);
void add_apply(CLI::App& program, verb& chosen);
void add_sync(CLI::App& program, verb& chosen);
void add_user_verbs(CLI::App& program, verb& chosen);
void add_run_verbs(CLI::App& program, verb& chosen);
void add_backup(CLI::App& program, verb& chosen);
void add_doctor(CLI::App& program, verb& chosen);

// ---- reading answers ----
// The value at "progress.last_success"; null where a part of the path is missing.
[[nodiscard]] const boost::json::value& at(const boost::json::object& from, std::string_view path);
// The same as a cell of a table: "-" for null, times without their fraction, lists by their length.
[[nodiscard]] std::string cell(const boost::json::object& from, std::string_view path);
[[nodiscard]] std::string path_of_tenant(std::string_view tenant);

} // namespace rollcall::cli
