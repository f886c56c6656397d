#include "tenant_file.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <boost/json/value.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "key_file.hpp"
#include "rollcall/core/ids.hpp"

namespace rollcall::cli {
namespace {

constexpr int syntax_errors_max = 50;

struct message {
    toml::source_position at;
    std::string text;
};

// Blanks the line of a syntax error, so that the rest of the file is read and its errors are found
// as well. A broken header of a tenant stays a header: otherwise what follows it would be taken for
// the tenant above. The lines keep their numbers.
void blank_line(std::string& text, toml::source_index line) {
    std::size_t begin = 0;
    for (toml::source_index i = 1; i < line && begin != std::string::npos; ++i) {
        begin = text.find('\n', begin);
        if (begin != std::string::npos) ++begin;
    }
    if (begin == std::string::npos || begin >= text.size()) return;
    const auto end = std::min(text.find('\n', begin), text.size());
    const auto first = text.find_first_not_of(" \t", begin);
    const bool header = first < end && text[first] == '[';
    constexpr std::string_view tenant_header = "[[tenant]]";
    const bool blanked_before = text.compare(begin, end - begin, tenant_header) == 0;
    text.replace(begin, end - begin, header && !blanked_before ? tenant_header : "");
}

class reader {
  public:
    reader(const std::string& path, terminal& where) : path_(path), terminal_(where) {}

    tenant_file read(std::string text) {
        if (const auto root = parse(std::move(text))) read_root(*root);
        std::sort(errors_.begin(), errors_.end(), [](const message& a, const message& b) {
            return a.at < b.at || (a.at == b.at && a.text < b.text);
        });
        for (const auto& one : errors_) out_.errors.push_back(prefixed(one));
        for (const auto& one : warnings_) out_.warnings.push_back(prefixed(one));
        return std::move(out_);
    }

  private:
    using values = std::map<std::string, std::string, std::less<>>;

    std::string prefixed(const message& one) const {
        return fmt::format("{}:{}:{}: {}", path_, one.at.line, one.at.column, one.text);
    }
    void error(toml::source_position at, std::string text) {
        errors_.push_back({at, std::move(text)});
    }
    void error(const toml::node& at, std::string text) {
        error(at.source().begin, std::move(text));
    }

    std::optional<toml::table> parse(std::string text) {
        toml::source_index last_line = 0;
        for (int attempt = 0; attempt < syntax_errors_max; ++attempt) {
            try {
                return toml::parse(text, path_);
            } catch (const toml::parse_error& wrong) {
                const auto at = wrong.source().begin;
                // The same line again would go on for ever: then its first message says enough.
                if (at.line != last_line) error(at, std::string(wrong.description()));
                last_line = at.line;
                blank_line(text, at.line);
            }
        }
        return std::nullopt;
    }

    void read_root(const toml::table& root) {
        static constexpr std::array<std::string_view, 2> known{"defaults", "tenant"};
        values defaults;
        for (const auto& [key, node] : root) {
            if (key.str() == "defaults") {
                if (const auto* table = node.as_table()) {
                    read_settings(*table, {}, defaults);
                } else {
                    error(node, "defaults has to be a table: [defaults]");
                }
            } else if (key.str() != "tenant") {
                const auto near = nearest_name(key.str(), known);
                error(key.source().begin,
                      fmt::format("\"{}\" is not known here; {}", key.str(),
                                  near.empty() ? "allowed are [defaults] and [[tenant]]"
                                               : fmt::format("did you mean \"{}\"?", near)));
            }
        }
        const auto* node = root.get("tenant");
        if (node == nullptr) return;
        const auto* list = node->as_array();
        if (list == nullptr || !list->is_homogeneous(toml::node_type::table)) {
            error(*node, "tenant has to be a list of tables: [[tenant]]");
            return;
        }
        for (const auto& one : *list) read_tenant(*one.as_table(), defaults);
    }

    // Collects the settings of a table as texts, each checked for its type; `other` are the keys
    // that the caller reads itself.
    void read_settings(const toml::table& table, std::span<const std::string_view> other,
                       values& into) {
        static const auto sample = sync::to_json(sync::tenant_settings{});
        for (const auto& [key, node] : table) {
            const std::string_view name = key.str();
            if (std::find(other.begin(), other.end(), name) != other.end()) continue;
            const auto* kind = sample.if_contains(name);
            if (kind == nullptr) {
                unknown(key, other);
                continue;
            }
            const auto text = text_of(node, *kind);
            if (!text) {
                error(node, fmt::format("{} takes {}; this is {}", name, wanted(name, *kind),
                                        kind_of(node)));
                continue;
            }
            sync::tenant_settings scratch;
            if (auto set = sync::set_setting(scratch, name, *text); !set) {
                error(node, set.error().detail);
                continue;
            }
            into[std::string(name)] = *text;
        }
    }

    void unknown(const toml::key& key, std::span<const std::string_view> other) {
        std::vector<std::string_view> known(other.begin(), other.end());
        for (const auto& row : sync::setting_rows()) known.push_back(row.name);
        const auto near = nearest_name(key.str(), known);
        error(key.source().begin,
              fmt::format("\"{}\" is not a setting; {}", key.str(),
                          near.empty() ? std::string("`rollcall tenant add --help` lists them")
                                       : fmt::format("did you mean \"{}\"?", near)));
    }

    static std::optional<std::string> text_of(const toml::node& node,
                                              const boost::json::value& kind) {
        if (kind.is_bool() && node.is_boolean()) return node.as_boolean()->get() ? "true" : "false";
        if (kind.is_number() && node.is_integer()) return std::to_string(node.as_integer()->get());
        if (kind.is_string() && node.is_string()) return node.as_string()->get();
        return std::nullopt;
    }
    static std::string kind_of(const toml::node& node) {
        std::ostringstream out;
        out << node.type();
        return out.str();
    }
    static std::string wanted(std::string_view name, const boost::json::value& kind) {
        std::string out = kind.is_bool()     ? "a boolean"
                          : kind.is_number() ? "a whole number"
                                             : "a string";
        for (const auto& row : sync::setting_rows()) {
            if (row.name == name) out += fmt::format(" ({})", row.allowed);
        }
        return out;
    }

    void read_tenant(const toml::table& table, const values& defaults) {
        static constexpr std::array<std::string_view, 3> own{"name", "api_key_file", "api_key_env"};
        file_tenant tenant;
        tenant.name = read_name(table);
        values given;
        read_settings(table, own, given);
        values all = given;
        all.insert(defaults.begin(), defaults.end());
        // The profile first: the other settings are over its defaults.
        auto profile = sync::profile::learnamp;
        if (const auto found = all.find("profile"); found != all.end()) {
            sync::tenant_settings scratch;
            if (sync::set_setting(scratch, "profile", found->second)) profile = scratch.profile;
        }
        tenant.settings = sync::defaults_of(profile);
        for (const auto& [name, text] : all) {
            // Each was checked where it stands; this cannot fail any more.
            (void)sync::set_setting(tenant.settings, name, text);
        }
        tenant.api_key = read_key_of(table);
        out_.tenants.push_back(std::move(tenant));
    }

    std::string read_name(const toml::table& table) {
        const auto* node = table.get("name");
        if (node == nullptr) {
            error(table, "This tenant has no name: name = \"…\"");
            return {};
        }
        const auto* text = node->as_string();
        if (text == nullptr || !valid_tenant_name(text->get())) {
            error(*node,
                  "name has to begin with a-z or 0-9 and to consist of up to 63 of a-z, 0-9, "
                  "'.', '_' and '-'");
            return {};
        }
        const auto [first, fresh] = lines_.emplace(text->get(), node->source().begin.line);
        if (!fresh) {
            error(*node,
                  fmt::format("\"{}\" is there already, in line {}", text->get(), first->second));
        }
        return text->get();
    }

    std::optional<std::string> text_member(const toml::table& table, std::string_view name) {
        const auto* node = table.get(name);
        if (node == nullptr) return std::nullopt;
        if (node->is_string() && !node->as_string()->get().empty()) return node->as_string()->get();
        error(*node, fmt::format("{} takes a string that is not empty", name));
        return std::nullopt;
    }

    secret read_key_of(const toml::table& table) {
        const auto file = text_member(table, "api_key_file");
        const auto variable = text_member(table, "api_key_env");
        if (!file && !variable) return {};
        const auto& at = *table.get(file ? "api_key_file" : "api_key_env");
        if (file && variable) {
            error(at, "api_key_file and api_key_env are both given; one is allowed");
            return {};
        }
        auto key = file ? key_from_file(beside(*file), terminal_)
                        : key_from_environment(*variable, terminal_);
        if (!key) {
            error(at, key.error().detail);
            return {};
        }
        if (!key->warning.empty()) warnings_.push_back({at.source().begin, key->warning});
        return std::move(key->key);
    }

    std::string beside(const std::string& file) const {
        return (std::filesystem::path(path_).parent_path() / file).string();
    }

    const std::string& path_;
    terminal& terminal_;
    tenant_file out_;
    std::vector<message> errors_;
    std::vector<message> warnings_;
    std::map<std::string, toml::source_index, std::less<>> lines_; // of each name
};

} // namespace

tenant_file parse_tenant_file(std::string text, const std::string& path, terminal& where) {
    return reader(path, where).read(std::move(text));
}

tenant_file read_tenant_file(const std::string& path, terminal& where) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file) text << file.rdbuf();
    if (!file || !text) {
        tenant_file out;
        out.errors.push_back(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
        return out;
    }
    return parse_tenant_file(std::move(text).str(), path, where);
}

} // namespace rollcall::cli
