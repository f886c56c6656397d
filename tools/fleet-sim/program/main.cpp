// fleet-sim: simulates a fleet that a file describes. See ../README.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>

#include "../description.hpp"
#include "../figures.hpp"
#include "../regressions.hpp"
#include "../simulation.hpp"

namespace rollcall::fleet_sim {
namespace {

constexpr int exit_violated = 1;
constexpr int exit_usage = 2;

struct settings {
    std::string file;
    std::optional<double> seed;
    std::optional<double> days;
    std::string store;
    std::string plant_wanted;
    std::string trace;
    std::string replay;
    std::string keep;
    std::uint64_t seeds = 1;
    bool json = false;
    bool twice = false;
    bool check_only = false;
    bool keys = false;
};

std::string plant_help() {
    std::string out = "Plant a bug, which a check must find:";
    for (const auto& each : plants) out += fmt::format("\n  {}: {}", each.name, each.meaning);
    return out;
}

void declare(CLI::App& app, settings& given) {
    app.add_option("FLEET.toml", given.file, "The fleet's description");
    app.add_option("--seed", given.seed, "Seed of all chance, in place of simulation.seed");
    app.add_option("--seeds", given.seeds, "Run so many seeds, one after the other")
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--days", given.days, "In place of simulation.days");
    app.add_option("--store", given.store, "sqlite or memory, in place of simulation.store")
        ->check(CLI::IsMember({"sqlite", "memory"}));
    app.add_flag("--json", given.json, "Figures as JSON, for rollcall capacity plan --simulated");
    app.add_option("--trace", given.trace, "Write each call and event into this file");
    app.add_flag("--twice", given.twice, "Run each seed twice and compare the traces");
    app.add_option("--plant", given.plant_wanted, plant_help());
    app.add_option("--replay", given.replay,
                   "Run the lines of this file (tests/sim/regressions.txt); descriptions are "
                   "looked for in the folder FLEET.toml");
    app.add_option("--keep", given.keep, "Append a failing seed to this file");
    app.add_flag("--check", given.check_only, "Only read the description");
    app.add_flag("--keys", given.keys, "List the keys of a description, with their defaults");
    app.footer("Exit code: 0 all has held, 1 something has not, 2 wrong usage or description.");
}

// The one command that runs it again.
std::string command_for(const settings& given, const description& of) {
    std::string out =
        fmt::format("fleet-sim {} --seed {:.0f} --days {}", given.file, of.seed, of.days);
    if (!given.store.empty()) out += " --store " + given.store;
    if (!given.plant_wanted.empty()) out += " --plant " + given.plant_wanted;
    if (given.twice) out += " --twice";
    return out;
}

// Whether all that was to be written is.
bool written(std::ostream& out, std::string_view what) {
    out.flush();
    if (out) return true;
    std::cerr << what << ": could not be written\n";
    return false;
}

bool run_one(const settings& given, const description& of, simulation_options options) {
    std::ofstream trace;
    if (!given.trace.empty()) {
        trace.open(given.trace);
        options.on_trace = [&trace](std::string_view line) { trace << line << '\n'; };
    }
    auto first = simulate(of, options);
    if (given.twice) {
        options.on_trace = {};
        const auto again = simulate(of, options);
        if (again.measured.trace != first.measured.trace) {
            first.violations.push_back(fmt::format("the seed's traces differ: {:016x} and {:016x}",
                                                   first.measured.trace, again.measured.trace));
        }
    }
    std::cout << (given.json ? as_json(of, first.measured) : as_text(of, first.measured));
    bool good = written(std::cout, "the figures");
    if (!given.trace.empty()) good = written(trace, given.trace) && good;
    for (const auto& each : first.violations) std::cerr << "violated: " << each << '\n';
    if (first.good()) return good;
    std::cerr << "repeat with: " << command_for(given, of) << '\n';
    // What was planted is no failure to remember.
    if (!given.keep.empty() && given.plant_wanted.empty()) {
        std::ofstream keep(given.keep, std::ios::app);
        keep << to_line({given.file, static_cast<std::uint64_t>(of.seed), of.days}) << '\n';
        (void)written(keep, given.keep);
    }
    return false;
}

std::optional<description> description_of(const settings& given, const std::string& path) {
    auto read = read_description(path);
    for (const auto& each : read.errors) std::cerr << each << '\n';
    if (!read.errors.empty()) return {};
    if (given.seed) read.what.seed = *given.seed;
    if (given.days) shorten(read.what, *given.days);
    if (!given.store.empty()) {
        read.what.store = given.store == "memory" ? store_kind::memory : store_kind::sqlite;
    }
    return std::move(read.what);
}

int run_all(const settings& given, const simulation_options& options) {
    auto of = description_of(given, given.file);
    if (!of) return exit_usage;
    if (given.check_only) return 0;
    bool good = true;
    for (std::uint64_t i = 0; i < given.seeds; ++i) {
        good = run_one(given, *of, options) && good;
        of->seed += 1;
    }
    return good ? 0 : exit_violated;
}

int replay(const settings& given, const simulation_options& options) {
    const auto lines = read_regressions(given.replay);
    if (!lines) {
        std::cerr << lines.error().detail << '\n';
        return exit_usage;
    }
    bool good = true;
    for (const auto& each : *lines) {
        auto one = given;
        one.file = given.file.empty() ? each.fleet : given.file + "/" + each.fleet;
        one.seed = static_cast<double>(each.seed);
        one.days = each.days;
        const auto of = description_of(one, one.file);
        if (!of) return exit_usage;
        good = run_one(one, *of, options) && good;
    }
    return good ? 0 : exit_violated;
}

int run(int argc, char** argv) {
    CLI::App app{"Simulates a fleet of Rollcall on virtual time"};
    settings given;
    declare(app, given);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        const auto code = app.exit(wrong);
        return code == 0 ? 0 : exit_usage;
    }
    if (given.seed && !is_seed(*given.seed)) {
        std::cerr << fmt::format("--seed takes a whole number from 1 to {}\n", seed_max);
        return exit_usage;
    }
    if (given.days && !is_length(*given.days)) {
        std::cerr << fmt::format("--days takes a number from {} to {}\n", days_min, days_max);
        return exit_usage;
    }
    simulation_options options;
    if (!given.plant_wanted.empty()) {
        const auto found = read_plant(given.plant_wanted);
        if (!found) {
            std::cerr << "--plant: there is no bug " << given.plant_wanted << "; see --help\n";
            return exit_usage;
        }
        options.bug = *found;
    }
    if (given.keys) {
        std::cout << description_keys_as_table();
        return 0;
    }
    if (!given.replay.empty()) return replay(given, options);
    if (given.file.empty()) {
        std::cerr << "FLEET.toml is missing; see --help\n";
        return exit_usage;
    }
    return run_all(given, options);
}

} // namespace
} // namespace rollcall::fleet_sim

int main(int argc, char** argv) {
    try {
        return rollcall::fleet_sim::run(argc, argv);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "fleet-sim: %s\n", e.what());
        return 2;
    }
}
