// capacity: how large a fleet may get, before there is one. Needs no daemon.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <ostream>
#include <sstream>

#include "rollcall/capacity/plan.hpp"
#include "rollcall/measure/measure.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

struct plan_options {
    std::string fleet;
    std::string compare;
    std::string machine;
    std::string simulated;
    std::string html;
    bool explain = false;
};

struct measure_options {
    std::string out;
    std::string data_dir = ".";
    bool quick = false;
};

std::optional<std::string> contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return std::nullopt;
    return text.str();
}

exit_code cannot_read(session& in, const std::string& path) {
    return in.usage(fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
}

// Where something is wrong, its exit code; it was said.
std::optional<exit_code> read_fleet_at(session& in, const std::string& path,
                                       capacity::fleet& into) {
    const auto text = contents(path);
    if (!text) return cannot_read(in, path);
    auto read = capacity::read_fleet(*text, path);
    if (read.errors.empty()) {
        into = std::move(read.what);
        return std::nullopt;
    }
    for (const auto& each : read.errors) in.where.err << escaped(each) << '\n';
    return in.usage(fmt::format("{} describes no fleet", path));
}

std::optional<exit_code> read_machine_at(session& in, const std::string& path,
                                         capacity::machine& into) {
    if (path.empty()) {
        into = capacity::shipped_machine();
        return std::nullopt;
    }
    const auto text = contents(path);
    if (!text) return cannot_read(in, path);
    auto read = capacity::read_machine(*text);
    if (!read) return in.usage(fmt::format("{}: {}", path, read.error().detail));
    into = std::move(*read);
    return std::nullopt;
}

std::optional<exit_code> read_simulation_at(session& in, const std::string& path,
                                            std::optional<capacity::simulation>& into) {
    if (path.empty()) return std::nullopt;
    const auto text = contents(path);
    if (!text) return cannot_read(in, path);
    auto read = capacity::read_simulation(*text);
    if (!read) return in.usage(fmt::format("{}: {}", path, read.error().detail));
    into = std::move(*read);
    return std::nullopt;
}

std::optional<exit_code> write_at(session& in, const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (file) return std::nullopt;
    return in.usage(fmt::format("{} cannot be written: {}", path, std::strerror(errno)));
}

exit_code plan(session& in, const plan_options& options) {
    capacity::fleet of;
    capacity::machine on;
    std::optional<capacity::simulation> simulated;
    if (const auto wrong = read_fleet_at(in, options.fleet, of)) return *wrong;
    if (const auto wrong = read_machine_at(in, options.machine, on)) return *wrong;
    if (const auto wrong = read_simulation_at(in, options.simulated, simulated)) return *wrong;
    if (simulated && simulated->tenants != of.tenants) {
        return in.usage(fmt::format("{} is of another fleet: it has {} tenants, and {} has {}",
                                    options.simulated, simulated->tenants, options.fleet,
                                    of.tenants));
    }
    const auto made = capacity::plan_of(of, on, std::move(simulated));
    std::optional<capacity::plan> other;
    if (!options.compare.empty()) {
        capacity::fleet second;
        if (const auto wrong = read_fleet_at(in, options.compare, second)) return *wrong;
        other = capacity::plan_of(second, on);
    }
    if (!options.html.empty()) {
        const auto page = other ? capacity::html_of(made, *other) : capacity::html_of(made);
        if (const auto wrong = write_at(in, options.html, page)) return *wrong;
    }
    if (in.json) {
        in.where.out << (other ? capacity::json_of(made, *other) : capacity::json_of(made));
    } else {
        in.where.out << (other ? capacity::text_of(made, *other)
                               : capacity::text_of(made, options.explain));
        if (!options.html.empty()) in.where.out << "\nthe report is " << options.html << '\n';
    }
    return made.meets() && (!other || other->meets()) ? exit_code::ok : exit_code::failed;
}

exit_code example(session& in, const plan_options&) {
    in.where.out << capacity::example_text();
    return exit_code::ok;
}

exit_code measure(session& in, const measure_options& options) {
    measure::measure_options what{options.data_dir, options.quick, {}};
    progress bar(in.where);
    what.on_step = [&](std::string_view step) {
        bar.show(std::nullopt, fmt::format("measuring {}", step));
    };
    const auto made = measure::measure_machine(what);
    if (!made) return in.usage(made.error().detail);
    if (options.out.empty()) {
        in.where.out << capacity::to_json(*made);
        return exit_code::ok;
    }
    if (const auto wrong = write_at(in, options.out, capacity::to_json(*made))) return *wrong;
    if (!in.json) in.where.out << "the profile is " << options.out << '\n';
    return exit_code::ok;
}

} // namespace

void add_capacity_verbs(CLI::App& program, verb& chosen) {
    auto* group = program.add_subcommand(
        "capacity", "Plan a fleet before it exists: freshness, calls, addresses, machines");
    group->require_subcommand(1);
    const auto options = std::make_shared<plan_options>();
    auto& sub = add_verb(*group, chosen, "plan",
                         "What a fleet comes to, and what ends first as it grows; exit code 1 if "
                         "something that is required is not met",
                         options, plan);
    sub.add_option("FLEET", options->fleet, "Its description, as `capacity example` prints one")
        ->required();
    sub.add_option("--machine", options->machine,
                   "Figures of `capacity measure`; otherwise those that Rollcall comes with");
    sub.add_option("--compare", options->compare, "A second description, beside the first");
    sub.add_option("--simulated", options->simulated,
                   "What `fleet-sim --json` printed, for what arithmetic cannot say");
    sub.add_option("--html", options->html, "Write a report with plots to this file as well");
    sub.add_flag("--explain", options->explain, "Say of each figure what it was made of");
    const auto measuring = std::make_shared<measure_options>();
    auto& measured = add_verb(*group, chosen, "measure",
                              "Measure this machine with Rollcall's own code, within a minute, and "
                              "print a profile",
                              measuring, measure);
    measured.add_option("--out", measuring->out, "Write the profile to this file");
    measured.add_option("--data-dir", measuring->data_dir,
                        "A folder on the disk that the daemon is to have; by default the current "
                        "one");
    measured.add_flag("--quick", measuring->quick, "Less of each, within 10 seconds");
    add_verb(*group, chosen, "example", "Print a description with every key", options, example);
}

} // namespace rollcall::cli
