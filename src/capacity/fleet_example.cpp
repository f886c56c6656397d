// The example of a description, from the table of keys.
#include <fmt/format.h>

#include "rollcall/capacity/fleet.hpp"

namespace rollcall::capacity {
namespace {

constexpr std::size_t columns = 100;

std::string comment(std::string_view text) {
    std::string out = "#";
    std::size_t used = 1;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (used + 1 + end > columns) {
            out += "\n#";
            used = 1;
        }
        out += fmt::format(" {}", text.substr(0, end));
        used += 1 + end;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out + '\n';
}

std::string number(double value) {
    // TOML has no "1e+06", and nobody reads it.
    return value >= 1e5 ? fmt::format("{:.0f}", value) : fmt::format("{}", value);
}

// What a value may be, and what it is when it is left out.
std::string terms_of(const fleet_key& key, const fleet& defaults) {
    const auto* flag = std::get_if<bool fleet::*>(&key.value);
    if (flag != nullptr) {
        return fmt::format("Default: {}. Allowed: true or false.", defaults.**flag);
    }
    std::string otherwise = "";
    if (const auto* plain = std::get_if<double fleet::*>(&key.value);
        plain != nullptr && defaults.**plain != 0) {
        otherwise = fmt::format(" Default: {}.", number(defaults.**plain));
    } else if (plain != nullptr && key.least == 0) {
        otherwise = " Default: 0.";
    }
    return fmt::format("Unit: {}.{} Allowed: {}, {} to {}.", key.unit, otherwise,
                       key.whole ? "a whole number" : "a number", number(key.least),
                       number(key.most));
}

std::string value_of(const fleet_key& key, const fleet& of, const fleet& defaults) {
    if (const auto* plain = std::get_if<double fleet::*>(&key.value)) {
        const bool plainly = of.**plain != defaults.**plain;
        return fmt::format("{}{} = {}\n", plainly ? "" : "#", key.name, number(of.**plain));
    }
    if (const auto* flag = std::get_if<bool fleet::*>(&key.value)) {
        return fmt::format("#{} = {}\n", key.name, of.**flag);
    }
    const auto& maybe = of.*std::get<std::optional<double> fleet::*>(key.value);
    return fmt::format("#{} = {}\n", key.name, number(maybe.value_or(key.least)));
}

} // namespace

std::string example_text() {
    const fleet defaults;
    fleet example;
    example.tenants = 1'000;
    example.size_max = 6'000;
    example.webhook_share = 0.5;
    example.buttons_per_day = 200;
    // Shown and commented out.
    example.webhook_tenants = 500;
    example.webhooks_per_day = 1'000;
    example.change_lag_p50_minutes = 720;
    example.sweep_interval_minutes = 1'440;

    std::string out =
        "# A fleet that is to be, for `rollcall capacity plan`. Every key is here; one that is "
        "left out "
        "has\n# its default, and only tenants has none. Every fault and every contradiction of a "
        "file is "
        "named with\n# its key and its line.\n\n"
        "# What the plan is called.\nname = \"example\"\n";
    std::string_view table;
    for (const auto& key : fleet_keys()) {
        if (key.table != table) {
            if (table == "size") {
                out +=
                    "\n# In place of the three quantiles: how many tenants of how many employees.\n"
                    "#list = [[900, 40], [100, 600]]\n";
            }
            table = key.table;
            out += fmt::format("\n[{}]\n", table);
        }
        out += '\n' + comment(key.meaning) + comment(terms_of(key, defaults)) +
               value_of(key, example, defaults);
    }
    out += "\n[day]\n\n" +
           comment(
               "How changes and buttons are spread over the hours of the day, from "
               "midnight on: 24 weights of at least 0. Default: those of an office, "
               "nearly all between 8 and 18.") +
           "#shape = [";
    for (std::size_t h = 0; h < hours_of_day; ++h) out += h < 8 || h > 17 ? "0, " : "1, ";
    out.resize(out.size() - 2);
    return out + "]\n";
}

} // namespace rollcall::capacity
