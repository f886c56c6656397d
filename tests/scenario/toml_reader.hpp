// Reads tables of a scenario strictly: every key must be one that somebody asked for, and whatever
// is wrong is told with its file and line.
#pragma once
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

namespace rollcall::test {

struct scenario_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

[[nodiscard]] inline std::string place_of(const toml::node& node) {
    const auto& source = node.source();
    const auto path = source.path ? std::string(*source.path) : std::string("?");
    return path + ":" + std::to_string(source.begin.line);
}

[[noreturn]] inline void fail_at(const toml::node& node, std::string_view why) {
    throw scenario_error(place_of(node) + ": " + std::string(why));
}

[[nodiscard]] inline std::string text_at(const toml::node& node) {
    if (const auto text = node.value<std::string>(); text && node.is_string()) return *text;
    if (node.is_integer()) return std::to_string(*node.value<std::int64_t>());
    if (node.is_boolean()) return *node.value<bool>() ? "true" : "false";
    fail_at(node, "a text is expected here");
}

[[nodiscard]] inline std::vector<std::string> texts_at(const toml::node& node) {
    const auto* list = node.as_array();
    if (list == nullptr) return {text_at(node)};
    std::vector<std::string> out;
    for (const auto& each : *list) out.push_back(text_at(each));
    return out;
}

[[nodiscard]] inline const toml::table& table_at(const toml::node& node) {
    if (const auto* table = node.as_table()) return *table;
    fail_at(node, "a table is expected here");
}

class table_reader {
  public:
    explicit table_reader(const toml::table& of) : of_(of) {}

    // Null where there is no such key.
    [[nodiscard]] const toml::node* find(std::string_view key) {
        asked_.emplace(key);
        return of_.get(key);
    }
    [[nodiscard]] const toml::node& need(std::string_view key) {
        const auto* found = find(key);
        if (found == nullptr) fail_at(of_, "'" + std::string(key) + "' is missing");
        return *found;
    }
    [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise) {
        const auto* found = find(key);
        return found == nullptr ? std::string(otherwise) : text_at(*found);
    }
    // Every key must have been asked for by now.
    void finish() const {
        for (const auto& [key, value] : of_) {
            if (!asked_.contains(std::string(key.str()))) {
                fail_at(value, "'" + std::string(key.str()) + "' is not known here");
            }
        }
    }
    [[nodiscard]] const toml::table& table() const { return of_; }

  private:
    const toml::table& of_;
    std::set<std::string> asked_;
};

} // namespace rollcall::test
