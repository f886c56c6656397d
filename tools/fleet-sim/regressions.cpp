#include "regressions.hpp"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>

namespace rollcall::fleet_sim {

bool is_seed(double value) noexcept {
    return value >= 1 && value <= seed_max && std::floor(value) == value;
}

bool is_length(double days) noexcept {
    return days >= days_min && days <= days_max;
}

std::string to_line(const regression& what) {
    const auto name = what.fleet.substr(what.fleet.rfind('/') + 1);
    return fmt::format("{} {} {}", name, what.seed, what.days);
}

outcome<std::vector<regression>> parse_regressions(std::string_view text) {
    std::vector<regression> out;
    std::istringstream lines{std::string(text)};
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
        line.resize(std::min(line.size(), line.find('#')));
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        std::istringstream words(line);
        regression each;
        std::string rest;
        double seed = 0;
        const bool read = static_cast<bool>(words >> each.fleet >> seed >> each.days);
        if (!read || !is_seed(seed) || !is_length(each.days) || (words >> rest)) {
            return failure{errc::invalid_argument,
                           fmt::format("line {}: FLEET.toml SEED DAYS is wanted", number)};
        }
        each.seed = static_cast<std::uint64_t>(seed);
        out.push_back(std::move(each));
    }
    return out;
}

outcome<std::vector<regression>> read_regressions(const std::string& path) {
    std::ifstream in(path);
    if (!in) return failure{errc::not_found, path + ": can not be read"};
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto out = parse_regressions(text);
    if (!out) return failure{out.error().code, path + ", " + out.error().detail};
    return out;
}

void shorten(description& of, double days) {
    of.days = days;
    std::erase_if(of.outages,
                  [&](const outage& each) { return each.start + each.length > of.length(); });
    std::erase_if(of.restarts, [&](const restart& each) { return each.at > of.length(); });
}

} // namespace rollcall::fleet_sim
