// The configuration of the daemon: one struct that everything is composed from, and one table that
// says of each key what it is called, what it means, what it may be, and whether SIGHUP may change
// it.
//
// Parser, validation, `--print-config`, the shipped config/rollcalld.toml and the reload all read
// the table, so a key cannot exist in one of them only. Key and default are never written twice: a
// key's default is the member initialiser below.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/edge/hooks.hpp"
#include "rollcall/http/client.hpp"
#include "rollcall/http/server.hpp"
#include "rollcall/sync/fleet.hpp"

namespace rollcall::app {

struct control_options {
    std::string socket = "/run/rollcall/control.sock";
    std::string mode = "0660"; // octal
    std::string group;         // empty: the group of the process
    http::server_limits limits;

    [[nodiscard]] unsigned mode_bits() const;
};

struct observe_options {
    std::string listen = "127.0.0.1:9464"; // empty: no listener
};

// The listener that PeopleHR's webhooks come in by. Plain HTTP: TLS is a proxy's job.
struct hooks_options {
    std::string listen;     // empty: no listener
    std::string public_url; // what tenants enter in PeopleHR, without /h/TOKEN
    http::server_limits limits{.connections_max = 1024,
                               .header_bytes_max = 8u << 10,
                               .body_bytes_max = 64u << 10,
                               .header_max = seconds{10},
                               .body_max = seconds{10},
                               .idle_max = seconds{30},
                               .write_max = seconds{10}};
    edge::hook_limits events;
};

struct log_options {
    std::string level = "info";
    std::string file; // empty: stderr
};

struct storage_options {
    std::uint64_t wal_checkpoint_bytes = 16u << 20; // reliability.md 2.2, rule 4
    std::uint64_t wal_truncate_bytes = 64u << 20;
    std::uint64_t ballast_bytes = 64u << 20; // rule 5
    std::uint32_t runs_kept = 100;           // of each tenant
    std::size_t queue_max = 1024;
};

struct config {
    std::string data_dir = "/var/lib/rollcall";
    std::string key_file; // empty: the systemd credential rollcall-key, else DATA_DIR/rollcall.key
    nanoseconds stop_grace = seconds{20};
    control_options control;
    observe_options observe;
    hooks_options hooks;
    log_options log;
    http::client_options peoplehr;
    std::string ca_file; // [peoplehr]; empty: the system's roots
    sync::fleet_options sync;
    std::string notices_file; // [notices]; empty: in data_dir
    storage_options storage;

    [[nodiscard]] std::string notices_path() const;
};

// When a changed value takes effect.
enum class takes_effect : std::uint8_t { at_reload, at_restart };

// What the documentation of one key says.
struct key_info {
    std::string_view name;    // "peoplehr.total_seconds"
    std::string_view unit;    // "seconds"; empty where the value has none
    std::string_view allowed; // "1 to 3600"
    std::string_view meaning; // one sentence
    takes_effect effect = takes_effect::at_restart;
};
[[nodiscard]] std::span<const key_info> config_keys();

// The present value of a key as TOML writes it: `"info"`, `20`, `["192.0.2.7"]`. The name must be
// known.
[[nodiscard]] std::string value_text(const config& in, std::string_view name);

struct parsed_config {
    config value;
    // Every fault, in the order of the file: "FILE:LINE:COL: what is wrong; what is allowed". After
    // a fault of TOML's grammar there is just that one, because the rest cannot be read.
    std::vector<std::string> errors;
};

// Keys that the text does not name keep their defaults. `file` only names the source in errors.
[[nodiscard]] parsed_config parse_config(std::string_view text, std::string_view file);
// The same from a file; a file that cannot be read is one error that says why.
[[nodiscard]] parsed_config read_config(const std::string& path);

// Documented TOML that parse_config takes back to the same configuration.
enum class rendering : std::uint8_t {
    effective, // every key with its value: --print-config
    shipped,   // keys at their default stand as comments: config/rollcalld.toml
};
[[nodiscard]] std::string render_config(const config& in, rendering how);

struct config_change {
    std::string_view name;
    std::string before; // as value_text gives it
    std::string after;
    takes_effect effect = takes_effect::at_restart;
};
// The keys whose values differ, in the table's order.
[[nodiscard]] std::vector<config_change> changes_between(const config& before, const config& after);
// `running` with those values of `wanted` that may change while the daemon runs.
[[nodiscard]] config reloaded(const config& running, const config& wanted);

} // namespace rollcall::app
