#include "config_table.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>
#include <cstdlib>
#include <limits>

#include "config_kinds.hpp"
#include "rollcall/core/check.hpp"

namespace rollcall::app {
namespace {

using enum takes_effect;

// ---- what texts may be --------------------------------------------------------------------------

bool is_path(std::string_view text) {
    return text.size() > 1 && text.front() == '/' && text.find('\0') == text.npos;
}
bool is_path_or_empty(std::string_view text) {
    return text.empty() || is_path(text);
}

// sun_path holds 108 bytes with its terminator, and binding needs room for a temporary name.
bool is_socket_path(std::string_view text) {
    return is_path(text) && text.size() <= 100;
}

bool is_mode(std::string_view text) {
    if (text.size() < 3 || text.size() > 4 || text.find_first_not_of("01234567") != text.npos) {
        return false;
    }
    return (text[text.size() - 1] - '0') == 0;
}

bool is_group(std::string_view text) {
    return text.size() <= 32 &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == text.npos;
}

bool is_level(std::string_view text) {
    return text == "debug" || text == "info" || text == "warn" || text == "error";
}

bool is_port(std::string_view text) {
    if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != text.npos) {
        return false;
    }
    unsigned port = 0;
    for (const char c : text) port = port * 10 + static_cast<unsigned>(c - '0');
    return port <= std::numeric_limits<std::uint16_t>::max();
}

// Metrics and health have no authentication: they stay on this machine.
bool is_loopback_listener(std::string_view text) {
    if (text.empty()) return true;
    const auto colon = text.rfind(':');
    if (colon == text.npos || !is_port(text.substr(colon + 1))) return false;
    const auto host = text.substr(0, colon);
    boost::system::error_code error;
    if (host == "[::1]") return true;
    const auto address = asio::ip::make_address_v4(std::string(host), error);
    return !error && address.is_loopback();
}

// "192.0.2.7:8088", "[::]:8088"; or empty.
bool is_listener(std::string_view text) {
    if (text.empty()) return true;
    const auto colon = text.rfind(':');
    if (colon == text.npos || !is_port(text.substr(colon + 1))) return false;
    auto host = text.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    boost::system::error_code error;
    const auto address = asio::ip::make_address(std::string(host), error);
    return !error && address.is_v6() == bracketed;
}

bool is_public_url(std::string_view text) {
    if (text.empty()) return true;
    if (text.size() > 200 || text.ends_with('/')) return false;
    for (const auto scheme : {std::string_view("https://"), std::string_view("http://")}) {
        if (text.starts_with(scheme) && text.size() > scheme.size()) {
            return text.find_first_of(" ?#\"\\") == text.npos;
        }
    }
    return false;
}

bool is_user_agent(std::string_view text) {
    if (text.empty() || text.size() > 200) return false;
    for (const char c : text) {
        if (c < ' ' || c > '~') return false;
    }
    return true;
}

// ---- egress addresses ---------------------------------------------------------------------------

constexpr std::size_t egress_addresses_max = 64;

std::optional<std::string> read_egress(config& in, const toml::node& node) {
    const auto* array = node.as_array();
    if (array == nullptr) return wrong_type(node);
    if (array->empty() || array->size() > egress_addresses_max) {
        return fmt::format("has {} members", array->size());
    }
    std::vector<sync::egress_address> addresses;
    for (const auto& each : *array) {
        const auto value = each.value_exact<std::string>();
        if (!value) return fmt::format("has a member that is {}", type_name(each));
        boost::system::error_code error;
        if (!value->empty()) asio::ip::make_address(*value, error);
        if (error) return fmt::format("has the member {}", quoted(*value));
        for (const auto& other : addresses) {
            if (other.address == *value) return fmt::format("has {} twice", quoted(*value));
        }
        addresses.push_back({*value, in.sync.egress.front().calls_per_minute});
    }
    in.sync.egress = std::move(addresses);
    return std::nullopt;
}

std::string write_egress(const config& in) {
    std::string out = "[";
    for (const auto& each : in.sync.egress) {
        if (out.size() > 1) out += ", ";
        out += quoted(each.address);
    }
    return out + "]";
}

config_row egress_addresses() {
    config_row row;
    row.info = {
        "sync.egress_addresses", "",
        "an array of 1 to 64 different IP addresses of this machine; \"\" lets the system choose",
        "Local addresses that calls are made from; PeopleHR limits the calls of each one.",
        at_restart};
    row.read = read_egress;
    row.write = write_egress;
    row.copy = [](config& to, const config& from) { to.sync.egress = from.sync.egress; };
    return row;
}

// One number for all addresses. The order of the two keys in the file must not matter.
config_row calls_per_minute() {
    auto row =
        integer("sync.calls_per_minute", "calls in any sliding minute", 1, 1'000'000, at_reload,
                "Calls that leave from one egress address; PeopleHR's own limit is 30, so more is "
                "for tests only "
                "(B-1).",
                [](auto& c) -> auto& { return c.sync.egress.front().calls_per_minute; });
    const auto spread = [](config& in) {
        for (auto& each : in.sync.egress) {
            each.calls_per_minute = in.sync.egress.front().calls_per_minute;
        }
    };
    row.read = [read = std::move(row.read), spread](config& in, const toml::node& node) {
        auto wrong = read(in, node);
        spread(in);
        return wrong;
    };
    row.copy = [copy = std::move(row.copy), spread](config& to, const config& from) {
        copy(to, from);
        spread(to);
    };
    return row;
}

// ---- the table ----------------------------------------------------------------------------------

void add_process_keys(std::vector<config_row>& rows) {
    rows.push_back(text("data_dir", "an absolute path", is_path, at_restart,
                        "Folder of the database and its lock file; made with mode 0700 if absent.",
                        [](auto& c) -> auto& { return c.data_dir; }));
    rows.push_back(
        text("key_file", "an absolute path, or empty", is_path_or_empty, at_restart,
             "File with the 32-byte key that seals API keys; empty takes the systemd credential "
             "rollcall-key, else DATA_DIR/rollcall.key, which the first start makes.",
             [](auto& c) -> auto& { return c.key_file; }));
    rows.push_back(duration<seconds>("stop_grace_seconds", 0, 600, at_reload,
                                     "Time that runs in progress get to finish after SIGTERM.",
                                     [](auto& c) -> auto& { return c.stop_grace; }));
    rows.push_back(text("control.socket", "an absolute path of at most 100 bytes", is_socket_path,
                        at_restart, "UNIX socket that the command line talks to.",
                        [](auto& c) -> auto& { return c.control.socket; }));
    rows.push_back(text("control.mode", "octal, nothing for others: \"0600\", \"0660\"", is_mode,
                        at_restart, "File mode of the control socket.",
                        [](auto& c) -> auto& { return c.control.mode; }));
    rows.push_back(text("control.group", "a group name, or empty", is_group, at_restart,
                        "Group of the control socket; empty keeps that of the process.",
                        [](auto& c) -> auto& { return c.control.group; }));
    rows.push_back(integer("control.connections_max", "connections", 1, 4096, at_restart,
                           "Open connections of the control socket; the next one is refused.",
                           [](auto& c) -> auto& { return c.control.limits.connections_max; }));
    rows.push_back(integer("control.body_bytes_max", "bytes", 64 << 10, 64 << 20, at_restart,
                           "Longest request body that the control socket takes.",
                           [](auto& c) -> auto& { return c.control.limits.body_bytes_max; }));
    rows.push_back(duration<seconds>("control.idle_seconds", 1, 3600, at_restart,
                                     "Time after which a connection without a request is closed.",
                                     [](auto& c) -> auto& { return c.control.limits.idle_max; }));
    rows.push_back(text("observe.listen",
                        "a loopback address with port, as 127.0.0.1:9464; empty: none",
                        is_loopback_listener, at_restart,
                        "Where /metrics, /healthz and /readyz are served over HTTP.",
                        [](auto& c) -> auto& { return c.observe.listen; }));
    rows.push_back(text("log.level", "\"debug\", \"info\", \"warn\" or \"error\"", is_level,
                        at_reload, "Lowest level that is written.",
                        [](auto& c) -> auto& { return c.log.level; }));
    rows.push_back(
        text("log.file", "an absolute path, or empty", is_path_or_empty, at_restart,
             "File that JSON lines are appended to, opened again at SIGHUP; empty: stderr.",
             [](auto& c) -> auto& { return c.log.file; }));
}

void add_hook_keys(std::vector<config_row>& rows) {
    rows.push_back(text("hooks.listen", "an address with port, as 0.0.0.0:8088; empty: none",
                        is_listener, at_restart,
                        "Where webhooks from PeopleHR are taken, over plain HTTP: put a proxy that "
                        "speaks TLS before it.",
                        [](auto& c) -> auto& { return c.hooks.listen; }));
    rows.push_back(text("hooks.public_url",
                        "http:// or https:// with a host, without a slash at the end; or empty",
                        is_public_url, at_restart,
                        "What the addresses of webhooks begin with as PeopleHR sees them; only "
                        "printed, by 'rollcall tenant webhook rotate'.",
                        [](auto& c) -> auto& { return c.hooks.public_url; }));
    rows.push_back(integer("hooks.connections_max", "connections", 1, 65'536, at_restart,
                           "Open connections of the webhook listener; the next one is refused.",
                           [](auto& c) -> auto& { return c.hooks.limits.connections_max; }));
    rows.push_back(integer("hooks.body_bytes_max", "bytes", 1 << 10, 1 << 20, at_restart,
                           "Longest webhook that is taken.",
                           [](auto& c) -> auto& { return c.hooks.limits.body_bytes_max; }));
    rows.push_back(duration<seconds>("hooks.header_seconds", 1, 600, at_restart,
                                     "Time that a webhook's header may take.",
                                     [](auto& c) -> auto& { return c.hooks.limits.header_max; }));
    rows.push_back(duration<seconds>("hooks.body_seconds", 1, 600, at_restart,
                                     "Time that a webhook's body may take.",
                                     [](auto& c) -> auto& { return c.hooks.limits.body_max; }));
    rows.push_back(duration<seconds>("hooks.idle_seconds", 1, 3600, at_restart,
                                     "Time after which a connection without a webhook is closed.",
                                     [](auto& c) -> auto& { return c.hooks.limits.idle_max; }));
    rows.push_back(
        integer("hooks.token_events_per_minute", "events a minute", 1, 1'000'000, at_restart,
                "Events about people that are taken for one tenant's address in the long run.",
                [](auto& c) -> auto& { return c.hooks.events.token_per_minute; }));
    rows.push_back(integer("hooks.token_burst", "events", 1, 1'000'000, at_restart,
                           "Events about people that one tenant's address takes at once.",
                           [](auto& c) -> auto& { return c.hooks.events.token_burst; }));
    rows.push_back(
        integer("hooks.sender_events_per_minute", "events a minute", 1, 10'000'000, at_restart,
                "The same for one sender, by IPv4 address or IPv6 network of 64 bits; PeopleHR "
                "sends the webhooks of all tenants.",
                [](auto& c) -> auto& { return c.hooks.events.address_per_minute; }));
    rows.push_back(integer("hooks.sender_burst", "events", 1, 10'000'000, at_restart,
                           "Events about people that are taken of one sender at once.",
                           [](auto& c) -> auto& { return c.hooks.events.address_burst; }));
    rows.push_back(boolean("hooks.trust_local_proxy", at_restart,
                           "Whether a peer on this machine is a proxy, whose last X-Forwarded-For "
                           "address is the sender.",
                           [](auto& c) -> auto& { return c.hooks.events.trust_local_proxy; }));
}

void add_peoplehr_keys(std::vector<config_row>& rows) {
    rows.push_back(
        text("peoplehr.ca_file", "an absolute path, or empty", is_path_or_empty, at_restart,
             "PEM file of the authorities that PeopleHR's certificate may come from; empty: the "
             "system's.",
             [](auto& c) -> auto& { return c.ca_file; }));
    rows.push_back(text("peoplehr.user_agent", "1 to 200 printable ASCII characters", is_user_agent,
                        at_restart,
                        "User-Agent of every call; the firewall of PeopleHR refuses an empty one.",
                        [](auto& c) -> auto& { return c.peoplehr.user_agent; }));
    rows.push_back(integer("peoplehr.body_bytes_max", "bytes", 1 << 20, 1 << 30, at_restart,
                           "Longest answer, after decompression; 5,000 employees take about 38 MB.",
                           [](auto& c) -> auto& { return c.peoplehr.body_bytes_max; }));
    rows.push_back(duration<seconds>("peoplehr.connect_seconds", 1, 300, at_restart,
                                     "Time for name look-up, connection and TLS handshake.",
                                     [](auto& c) -> auto& { return c.peoplehr.connect_max; }));
    rows.push_back(duration<seconds>("peoplehr.first_byte_seconds", 1, 3600, at_restart,
                                     "Time from the request to the first byte of its answer.",
                                     [](auto& c) -> auto& { return c.peoplehr.first_byte_max; }));
    rows.push_back(duration<seconds>("peoplehr.total_seconds", 1, 3600, at_restart,
                                     "Time for a whole call.",
                                     [](auto& c) -> auto& { return c.peoplehr.total_max; }));
    rows.push_back(integer("peoplehr.bytes_per_second_min", "bytes per second", 0, 1 << 20,
                           at_restart, "A body that comes slower than this over 30 s is given up.",
                           [](auto& c) -> auto& { return c.peoplehr.bytes_per_second_min; }));
    rows.push_back(integer("peoplehr.idle_connections_max", "connections", 0, 256, at_restart,
                           "Idle connections that are kept for each server and egress address.",
                           [](auto& c) -> auto& { return c.peoplehr.idle_connections_max; }));
    rows.push_back(duration<seconds>("peoplehr.idle_seconds", 1, 3600, at_restart,
                                     "Time after which an idle connection is closed.",
                                     [](auto& c) -> auto& { return c.peoplehr.idle_max; }));
    rows.push_back(boolean("peoplehr.gzip", at_restart, "Whether answers may come compressed.",
                           [](auto& c) -> auto& { return c.peoplehr.gzip; }));
}

void add_sync_keys(std::vector<config_row>& rows) {
    rows.push_back(egress_addresses());
    rows.push_back(calls_per_minute());
    rows.push_back(integer("sync.concurrent_runs_max", "runs", 1, 64, at_restart,
                           "Runs at one time; each holds a buffer for one answer.",
                           [](auto& c) -> auto& { return c.sync.concurrent_runs_max; }));
    rows.push_back(
        duration<minutes>("sync.sweep_interval_minutes", 1, 1440, at_restart,
                          "Time between two sweeps of a tenant; at most a day (LA-46, T-2).",
                          [](auto& c) -> auto& { return c.sync.sweep_interval; }));
    rows.push_back(
        duration<minutes>("sync.confirm_after_minutes", 1, 1440, at_reload,
                          "Time until an implausible snapshot is read a second time (G-2).",
                          [](auto& c) -> auto& { return c.sync.confirm_after; }));
    rows.push_back(duration<hours>(
        "sync.stale_after_hours", 1, 8760, at_reload,
        "Age of a tenant's last good sweep beyond which dates alone neither invite nor deactivate.",
        [](auto& c) -> auto& { return c.sync.stale_after; }));
    rows.push_back(
        duration<seconds>("sync.quiet_after_restart_seconds", 0, 600, at_restart,
                          "Time without a call after a start with tenants, because the process "
                          "before may have used all calls of its last minute (B-1).",
                          [](auto& c) -> auto& { return c.sync.quiet_after_restart; }));
    rows.push_back(
        duration<seconds>("sync.progress_flush_seconds", 1, 3600, at_reload,
                          "How often the progress of unchanged tenants is saved; a crash repeats "
                          "the sweeps since.",
                          [](auto& c) -> auto& { return c.sync.progress_flush; }));
    rows.push_back(
        duration<seconds>("sync.backoff_base_seconds", 1, 3600, at_reload,
                          "Longest wait after a tenant's first failure; doubles with each (B-6).",
                          [](auto& c) -> auto& { return c.sync.run_backoff.base; }));
    rows.push_back(duration<seconds>("sync.backoff_max_seconds", 1, 86'400, at_reload,
                                     "Cap of that wait.",
                                     [](auto& c) -> auto& { return c.sync.run_backoff.cap; }));
    rows.push_back(
        integer("sync.refusals_until_stopped", "refusals in a row", 1, 100, at_reload,
                "Refusals of its key after which a tenant is stopped until a person acts (B-6).",
                [](auto& c) -> auto& { return c.sync.refusals_until_stopped; }));
    rows.push_back(integer("sync.rows_per_slice", "employees", 1, 100'000, at_restart,
                           "Employees handled before other work gets its turn.",
                           [](auto& c) -> auto& { return c.sync.rows_per_slice; }));
    rows.push_back(integer("sync.tenants_max", "tenants", 1, 1'000'000, at_reload,
                           "Tenants of this daemon; more are refused.",
                           [](auto& c) -> auto& { return c.sync.tenants_max; }));
    rows.push_back(integer("sync.users_per_tenant_max", "users", 1, 10'000'000, at_reload,
                           "Users of one tenant; a longer answer is refused.",
                           [](auto& c) -> auto& { return c.sync.users_per_tenant_max; }));
    rows.push_back(integer("sync.text_bytes_max", "bytes", 256, 60'000, at_reload,
                           "Longest value of one field; an employee with a longer one is rejected.",
                           [](auto& c) -> auto& { return c.sync.text_bytes_max; }));
}

void add_notice_keys(std::vector<config_row>& rows) {
    rows.push_back(
        text("notices.file", "an absolute path, or empty", is_path_or_empty, at_restart,
             "File that invitations and update notices are appended to, one JSON object a line; "
             "empty: DATA_DIR/notices.jsonl.",
             [](auto& c) -> auto& { return c.notices_file; }));
    rows.push_back(
        duration<seconds>("notices.retry_seconds", 1, 3600, at_reload,
                          "Time until notices that the file did not take are tried again.",
                          [](auto& c) -> auto& { return c.sync.notice_retry; }));
}

void add_storage_keys(std::vector<config_row>& rows) {
    rows.push_back(integer("storage.wal_checkpoint_bytes", "bytes", 1 << 20, std::int64_t{1} << 34,
                           at_restart,
                           "Write-ahead log beyond which it is copied back between batches.",
                           [](auto& c) -> auto& { return c.storage.wal_checkpoint_bytes; }));
    rows.push_back(integer("storage.wal_truncate_bytes", "bytes", 1 << 20, std::int64_t{1} << 34,
                           at_restart,
                           "Write-ahead log beyond which commits wait until it is emptied.",
                           [](auto& c) -> auto& { return c.storage.wal_truncate_bytes; }));
    rows.push_back(
        integer("storage.ballast_bytes", "bytes", 0, std::int64_t{1} << 34, at_restart,
                "Space held in reserve, given up when the disk is full so that the daemon can go "
                "on reading.",
                [](auto& c) -> auto& { return c.storage.ballast_bytes; }));
    rows.push_back(integer("storage.runs_kept", "runs", 1, 100'000, at_restart,
                           "Run records that are kept of each tenant.",
                           [](auto& c) -> auto& { return c.storage.runs_kept; }));
    rows.push_back(integer("storage.queue_max", "jobs", 16, 65'536, at_restart,
                           "Jobs that may wait for the storage thread; more are refused as busy.",
                           [](auto& c) -> auto& { return c.storage.queue_max; }));
}

std::vector<config_row> make_rows() {
    std::vector<config_row> rows;
    add_process_keys(rows);
    add_hook_keys(rows);
    add_peoplehr_keys(rows);
    add_sync_keys(rows);
    add_notice_keys(rows);
    add_storage_keys(rows);
    return rows;
}

} // namespace

std::span<const config_row> config_rows() {
    static const std::vector<config_row> rows = make_rows();
    return rows;
}

std::string config::notices_path() const {
    return notices_file.empty() ? data_dir + "/notices.jsonl" : notices_file;
}

unsigned control_options::mode_bits() const {
    ROLLCALL_CHECK(is_mode(mode));
    return static_cast<unsigned>(std::strtoul(mode.c_str(), nullptr, 8));
}

} // namespace rollcall::app
