#include "assignments.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rollcall/core/ids.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

outcome<std::pair<std::string, std::string>> split(const std::string& assignment) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
        return failure{errc::invalid_argument,
                       fmt::format("\"{}\" is not of the form KEY=VALUE", assignment)};
    }
    return std::pair{assignment.substr(0, equals), assignment.substr(equals + 1)};
}

std::string setting_name(std::string name) {
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

outcome<void> check_setting_name(const std::string& name) {
    std::vector<std::string_view> known;
    for (const auto& row : sync::setting_rows()) known.push_back(row.name);
    if (std::find(known.begin(), known.end(), name) != known.end()) return outcome<void>{};
    const auto near = nearest_name(name, known);
    return failure{errc::invalid_argument,
                   fmt::format("\"{}\" is not a setting; {}", name,
                               near.empty() ? std::string("`rollcall tenant set --help` lists them")
                                            : fmt::format("did you mean \"{}\"?", near))};
}

} // namespace

outcome<json::object> fields_of(const std::vector<std::string>& assignments) {
    json::object out;
    for (const auto& one : assignments) {
        auto pair = split(one);
        if (!pair) return pair.error();
        if (pair->second.empty()) {
            out[pair->first] = nullptr;
        } else {
            out[pair->first] = pair->second;
        }
    }
    return out;
}

outcome<json::object> settings_of(std::map<std::string, std::string, std::less<>> given,
                                  const std::vector<std::string>& assignments,
                                  const std::vector<std::string>& resets) {
    for (const auto& one : assignments) {
        auto pair = split(one);
        if (!pair) return pair.error();
        given[setting_name(pair->first)] = std::move(pair->second);
    }
    json::object out;
    sync::tenant_settings scratch;
    for (const auto& [name, value] : given) {
        if (auto set = sync::set_setting(scratch, name, value); !set) return set.error();
        out[name] = sync::to_json(scratch).at(name);
    }
    for (const auto& one : resets) {
        const auto name = setting_name(one);
        if (auto known = check_setting_name(name); !known) return known.error();
        out[name] = nullptr;
    }
    return out;
}

} // namespace rollcall::cli
