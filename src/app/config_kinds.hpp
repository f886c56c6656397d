// The kinds of value that a configuration key can have: makers of rows for config_table.cpp.
#pragma once
#include <fmt/format.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "config_table.hpp"

namespace rollcall::app {

// A TOML basic string.
inline std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    return out + "\"";
}

// What a TOML node is, in the words of the TOML specification.
inline std::string_view type_name(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::table: return "a table";
        case toml::node_type::array: return "an array";
        case toml::node_type::string: return "a string";
        case toml::node_type::integer: return "an integer";
        case toml::node_type::floating_point: return "a float";
        case toml::node_type::boolean: return "a boolean";
        case toml::node_type::date:
        case toml::node_type::time:
        case toml::node_type::date_time: return "a date or time";
        default: return "nothing";
    }
}

inline std::string wrong_type(const toml::node& node) {
    return fmt::format("is {}", type_name(node));
}

// The text of `allowed` lives as long as the table, which lives as long as the program.
inline std::string_view keep(std::string text) {
    static std::vector<std::unique_ptr<const std::string>> kept;
    kept.push_back(std::make_unique<const std::string>(std::move(text)));
    return *kept.back();
}

// The row of a member that `get` gives. `parse` turns a node into its value or says what is wrong
// with it; `print` is its reverse.
template <class Get, class Parse, class Print>
config_row row_of(key_info info, Get get, Parse parse, Print print) {
    config_row row;
    row.info = info;
    row.read = [=](config& in, const toml::node& node) -> std::optional<std::string> {
        std::string wrong;
        auto value = parse(node, wrong);
        if (!value) return wrong;
        get(in) = std::move(*value);
        return std::nullopt;
    };
    row.write = [=](const config& in) { return print(get(in)); };
    row.copy = [=](config& to, const config& from) { get(to) = get(from); };
    return row;
}

inline std::optional<std::int64_t> whole_number(const toml::node& node, std::int64_t low,
                                                std::int64_t high, std::string& wrong) {
    const auto number = node.value_exact<std::int64_t>();
    if (number && *number >= low && *number <= high) return number;
    wrong = number ? fmt::format("is {}", *number) : wrong_type(node);
    return std::nullopt;
}

template <class Get>
config_row integer(std::string_view name, std::string_view unit, std::int64_t low,
                   std::int64_t high, takes_effect effect, std::string_view meaning, Get get) {
    using value = std::remove_cvref_t<std::invoke_result_t<Get, config&>>;
    return row_of(
        {name, unit, keep(fmt::format("an integer, {} to {}", low, high)), meaning, effect}, get,
        [=](const toml::node& node, std::string& wrong) -> std::optional<value> {
            const auto number = whole_number(node, low, high, wrong);
            if (!number) return std::nullopt;
            return static_cast<value>(*number);
        },
        [](value present) { return fmt::format("{}", present); });
}

template <class Unit, class Get>
config_row duration(std::string_view name, std::int64_t low, std::int64_t high, takes_effect effect,
                    std::string_view meaning, Get get) {
    const std::string_view unit = std::is_same_v<Unit, hours>     ? "hours"
                                  : std::is_same_v<Unit, minutes> ? "minutes"
                                                                  : "seconds";
    return row_of(
        {name, unit, keep(fmt::format("an integer, {} to {}", low, high)), meaning, effect}, get,
        [=](const toml::node& node, std::string& wrong) -> std::optional<nanoseconds> {
            const auto number = whole_number(node, low, high, wrong);
            if (!number) return std::nullopt;
            return Unit{*number};
        },
        [](nanoseconds present) {
            return fmt::format("{}", std::chrono::duration_cast<Unit>(present).count());
        });
}

template <class Get>
config_row boolean(std::string_view name, takes_effect effect, std::string_view meaning, Get get) {
    return row_of(
        {name, "", "true or false", meaning, effect}, get,
        [](const toml::node& node, std::string& wrong) {
            wrong = wrong_type(node);
            return node.value_exact<bool>();
        },
        [](bool present) { return std::string(present ? "true" : "false"); });
}

// A string for which `fits` holds; `allowed` says in words what that is.
template <class Get>
config_row text(std::string_view name, std::string_view allowed, bool (*fits)(std::string_view),
                takes_effect effect, std::string_view meaning, Get get) {
    return row_of(
        {name, "", allowed, meaning, effect}, get,
        [=](const toml::node& node, std::string& wrong) -> std::optional<std::string> {
            auto value = node.value_exact<std::string>();
            if (value && fits(*value)) return value;
            wrong = value ? fmt::format("is {}", quoted(*value)) : wrong_type(node);
            return std::nullopt;
        },
        [](const std::string& present) { return quoted(present); });
}

} // namespace rollcall::app
