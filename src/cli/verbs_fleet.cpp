// status, backup, doctor: the verbs about the daemon as a whole.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <filesystem>
#include <ostream>

#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds long_patience = std::chrono::hours{1};

std::string pairs(const json::value& counts) {
    std::string out;
    if (!counts.is_object()) return out;
    for (const auto& [name, count] : counts.get_object()) {
        if (count == json::value(0u)) continue;
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", json::serialize(count),
                           std::string_view(name));
    }
    return out;
}

std::string behind(const json::value& counts) {
    const auto text = pairs(counts);
    return text.empty() ? text : " (" + text + ")";
}

std::string duration(double seconds) {
    const auto whole = static_cast<std::uint64_t>(seconds);
    if (whole >= 86400) return fmt::format("{} d {} h", whole / 86400, whole % 86400 / 3600);
    if (whole >= 3600) return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
    if (whole >= 60) return fmt::format("{} min {} s", whole / 60, whole % 60);
    return fmt::format("{:.1f} s", seconds);
}

double number(const json::value& value) {
    return value.is_number() ? value.to_number<double>() : 0.0;
}

// "p50 6.1 h, p99 23.8 h, max 25.1 h; 3 tenants older than 26.4 h"
std::string freshness(const json::object& s) {
    const auto age = [&](std::string_view path) { return short_duration(number(at(s, path))); };
    if (!at(s, "freshness.p50_seconds").is_number()) return "nobody was read yet";
    auto out = fmt::format("p50 {}, p99 {}, max {}", age("freshness.p50_seconds"),
                           age("freshness.p99_seconds"), age("freshness.max_seconds"));
    const auto late = at(s, "freshness.late");
    if (number(late) > 0) {
        out += fmt::format("; {} older than {}: rollcall top --once",
                           counted(late.to_number<std::size_t>(), "tenant"),
                           age("freshness.bound_seconds"));
    }
    return out;
}

void print_status(const json::object& s, std::ostream& out) {
    const auto line = [&](std::string_view title, const std::string& text) {
        out << fmt::format("{:<12} {}\n", title, text);
    };
    line("tenants", cell(s, "tenants.total") + behind(at(s, "tenants.by_state")));
    if (number(at(s, "tenants.never_synced")) > 0)
        line("", cell(s, "tenants.never_synced") + " never synced");
    if (at(s, "freshness").is_object()) line("freshness", freshness(s));
    line("users",
         fmt::format("{}, {} of them active", cell(s, "users.total"), cell(s, "users.active")));
    line("issues", cell(s, "issues.total") + behind(at(s, "issues.by_kind")));
    if (number(at(s, "held.tenants")) > 0) {
        const auto part = [&](std::string_view path, std::string_view what) {
            return counted(at(s, path).to_number<std::size_t>(), what);
        };
        line("held", fmt::format("{} at {} to be approved: rollcall hold list",
                                 part("held.steps", "step"), part("held.tenants", "tenant")));
    }
    if (number(at(s, "webhooks.tenants")) > 0) {
        const auto received = pairs(at(s, "webhooks.received"));
        line("webhooks",
             fmt::format("at {}: {}; {} still to be read",
                         counted(at(s, "webhooks.tenants").to_number<std::size_t>(), "tenant"),
                         received.empty() ? "none since the start" : received,
                         counted(at(s, "webhooks.waiting").to_number<std::size_t>(), "employee")));
    }
    const auto runs = pairs(at(s, "runs"));
    line("runs", runs.empty() ? "none since the start" : runs);
    line("calls",
         fmt::format("{} made, {} throttled", cell(s, "calls.made"), cell(s, "calls.throttled")));
    for (const auto& one : at(s, "calls.addresses").is_array()
                               ? at(s, "calls.addresses").get_array()
                               : json::array{}) {
        if (!one.is_object()) continue;
        const auto& address = one.get_object();
        line("", fmt::format("{}: {} of {} in this minute{}",
                             at(address, "address").is_null() ? "default address"
                                                              : cell(address, "address"),
                             cell(address, "used"), cell(address, "calls_per_minute"),
                             at(address, "paused") == json::value(true) ? ", paused" : ""));
        if (at(address, "fault").is_string()) line("", cell(address, "fault"));
    }
    for (const auto& one :
         at(s, "calls.hosts").is_array() ? at(s, "calls.hosts").get_array() : json::array{}) {
        if (!one.is_object() || cell(one.get_object(), "state") != "down") continue;
        const auto& host = one.get_object();
        line("", fmt::format("{} does not answer for {}; {} wait for it", cell(host, "name"),
                             duration(number(at(host, "down_seconds"))),
                             counted(at(host, "waiting").to_number<std::size_t>(), "tenant")));
    }
    const double users = number(at(s, "users.total"));
    line("memory", users > 0 ? fmt::format("{:.1f} MB for users, {:.0f} bytes each",
                                           number(at(s, "directory_bytes")) / 1e6,
                                           number(at(s, "directory_bytes")) / users)
                             : "no users yet");
    line("storage",
         fmt::format("{:.1f} MB, {} commits{}{}", number(at(s, "storage.database_bytes")) / 1e6,
                     cell(s, "storage.commits"),
                     at(s, "storage.failed") == json::value(true) ? ", FAILED" : "",
                     at(s, "storage.full") == json::value(true) ? ", FULL" : ""));
    line("up", duration(number(at(s, "uptime_seconds"))) +
                   (at(s, "draining") == json::value(true) ? ", draining" : ""));
}

exit_code status(session& in) {
    const auto answer = ask(in.daemon, {.method = "GET", .target = "/v1/status"});
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
    } else {
        print_status(*answer, in.where.out);
    }
    return at(*answer, "storage.failed") == json::value(true) ? exit_code::failed : exit_code::ok;
}

exit_code backup(session& in, const std::string& file) {
    if (file.empty()) {
        return in.fail({exit_code::usage, "the backup needs the name of a file", {}});
    }
    // The daemon has another working directory than this shell.
    std::error_code no_folder;
    const auto path = std::filesystem::absolute(file, no_folder).lexically_normal().string();
    const auto answer = in.ask_patiently({.method = "POST",
                                          .target = "/v1/backup",
                                          .body = json::serialize(json::object{{"path", path}}),
                                          .silence_max = long_patience},
                                         "writing " + path);
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
    } else {
        in.where.out << "backup written to " << escaped(cell(*answer, "path"))
                     << "; API keys in it open only with the daemon's key file\n";
    }
    return exit_code::ok;
}

exit_code doctor(session& in) {
    const auto answer =
        in.ask_patiently({.method = "POST", .target = "/v1/doctor", .silence_max = long_patience},
                         "checking the database and every directory");
    if (!answer) return in.fail(answer.error());
    const bool well = at(*answer, "ok") == json::value(true);
    if (in.json) {
        in.print(*answer);
    } else if (well) {
        in.where.out << "all is well\n";
    } else if (const auto& findings = at(*answer, "findings"); findings.is_array()) {
        for (const auto& one : findings.get_array()) {
            if (one.is_string()) in.where.out << "- " << escaped(one.get_string()) << '\n';
        }
    }
    return well ? exit_code::ok : exit_code::failed;
}

} // namespace

void add_status(CLI::App& program, verb& chosen) {
    program.add_subcommand("status", "The fleet at a glance")->callback([&chosen] {
        chosen = status;
    });
}

void add_backup(CLI::App& program, verb& chosen) {
    auto* sub =
        program.add_subcommand("backup", "Write a consistent copy of the database to a file");
    const auto file = std::make_shared<std::string>();
    sub->add_option("FILE", *file, "A file that is not there yet; the daemon writes it")
        ->required();
    sub->callback([&chosen, file] { chosen = [file](session& in) { return backup(in, *file); }; });
}

void add_doctor(CLI::App& program, verb& chosen) {
    program
        .add_subcommand("doctor",
                        "Check the database and every directory; exit code 1 if anything is wrong")
        ->callback([&chosen] { chosen = doctor; });
}

} // namespace rollcall::cli
