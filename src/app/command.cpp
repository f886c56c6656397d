#include "rollcall/app/command.hpp"

#include <fmt/format.h>

#include <utility>

#include "rollcall/app/process.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::app {
namespace {

command_answer print_profile(std::string_view name) {
    command_answer out;
    sync::tenant_settings chosen;
    if (auto set = sync::set_setting(chosen, "profile", name); !set) {
        out.err = fmt::format("rollcalld: {}\n", set.error().detail);
        out.exit_code = exit_usage;
        return out;
    }
    out.out = sync::profile_as_toml(chosen.profile);
    out.exit_code = exit_ok;
    return out;
}

} // namespace

command_answer prepare(const command& asked) {
    command_answer out;
    if (asked.what == verb::print_default_config) {
        out.out = render_config({}, rendering::shipped);
        out.exit_code = exit_ok;
        return out;
    }
    if (asked.what == verb::print_profile) return print_profile(asked.profile);
    parsed_config parsed;
    if (!asked.config_path.empty()) parsed = read_config(asked.config_path);
    if (const auto count = parsed.errors.size(); count != 0) {
        for (const auto& each : parsed.errors) out.err += each + "\n";
        out.err += fmt::format("rollcalld: {} fault{} in the configuration\n", count,
                               count == 1 ? "" : "s");
        out.exit_code = exit_bad_configuration;
        return out;
    }
    out.chosen = std::move(parsed.value);
    if (asked.what == verb::print_config) {
        out.out = render_config(out.chosen, rendering::effective);
        out.exit_code = exit_ok;
    } else if (asked.what == verb::check_config) {
        out.out = asked.config_path.empty() ? "no file, all defaults: good\n"
                                            : fmt::format("{}: good\n", asked.config_path);
        out.exit_code = exit_ok;
    }
    return out;
}

} // namespace rollcall::app
