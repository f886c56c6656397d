#include "rollcall/app/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <tuple>

#include "config_table.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/core/ids.hpp"

namespace rollcall::app {
namespace {

const config_row* find_row(std::string_view name) {
    for (const auto& row : config_rows()) {
        if (row.info.name == name) return &row;
    }
    return nullptr;
}

// "peoplehr" of "peoplehr.gzip"; empty for a key of the top level.
std::string_view section_of(std::string_view name) {
    const auto dot = name.find('.');
    return dot == name.npos ? std::string_view{} : name.substr(0, dot);
}

std::string_view leaf_of(std::string_view name) {
    const auto dot = name.find('.');
    return dot == name.npos ? name : name.substr(dot + 1);
}

bool is_section(std::string_view name) {
    return std::ranges::any_of(config_rows(), [&](const config_row& row) {
        return !name.empty() && section_of(row.info.name) == name;
    });
}

std::string sections() {
    std::string out;
    std::string_view last;
    for (const auto& row : config_rows()) {
        const auto section = section_of(row.info.name);
        if (section == last) continue;
        last = section;
        out += fmt::format("{}[{}]", out.empty() ? "" : " ", section);
    }
    return out;
}

std::string nearest_key(std::string_view name) {
    std::vector<std::string_view> known;
    for (const auto& row : config_rows()) known.push_back(row.info.name);
    const auto whole = nearest_name(name, known);
    if (!whole.empty()) return std::string(whole);
    // A right name under a wrong section, as a key that was moved.
    for (const auto& row : config_rows()) {
        if (leaf_of(row.info.name) == leaf_of(name)) return std::string(row.info.name);
    }
    return {};
}

// The text as comment lines of at most 100 columns.
std::string comment(std::string_view text) {
    constexpr std::size_t columns = 98;
    std::string out;
    while (!text.empty()) {
        auto end = text.size();
        if (end > columns) end = std::min(text.rfind(' ', columns), end);
        out += fmt::format("# {}\n", text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

class reader {
  public:
    reader(std::string_view file, parsed_config& out) : file_(file), out_(out) {}

    void read(const toml::table& root) {
        for (const auto& [key, node] : root) {
            const std::string name(key.str());
            const auto* table = node.as_table();
            if (table != nullptr && is_section(name)) {
                for (const auto& [inner, value] : *table) {
                    read_key(name + "." + std::string(inner.str()), inner, value);
                }
            } else if (is_section(name)) {
                report(key.source(),
                       fmt::format("{0} is a section: write [{0}] and its keys below it", name));
            } else if (table != nullptr) {
                report(key.source(),
                       fmt::format("unknown section [{}]; known: {}", name, sections()));
            } else {
                read_key(name, key, node);
            }
        }
        check_together();
        std::ranges::sort(found_, {},
                          [](const fault& f) { return std::tie(f.line, f.column, f.text); });
        for (auto& each : found_) out_.errors.push_back(std::move(each.text));
    }

    void report(const toml::source_region& where, std::string_view what) {
        const auto at = where.begin;
        found_.push_back(
            {at.line, at.column, fmt::format("{}:{}:{}: {}", file_, at.line, at.column, what)});
    }

  private:
    struct fault {
        std::uint32_t line = 0;
        std::uint32_t column = 0;
        std::string text;
    };

    void read_key(const std::string& name, const toml::key& key, const toml::node& node) {
        const auto* row = find_row(name);
        if (row == nullptr) {
            const auto near = nearest_key(name);
            report(key.source(),
                   near.empty()
                       ? fmt::format("unknown key {}; rollcalld --print-config lists all", name)
                       : fmt::format("unknown key {}; did you mean {}?", name, near));
            return;
        }
        places_[name] = node.source();
        if (const auto wrong = row->read(out_.value, node)) {
            report(node.source(),
                   fmt::format("{} {}; allowed: {}", name, *wrong, row->info.allowed));
        }
    }

    // What no key can see alone. A pair is reported where the file names either of the two.
    void check_together() {
        const auto& c = out_.value;
        ordered("storage.wal_checkpoint_bytes", "storage.wal_truncate_bytes",
                c.storage.wal_checkpoint_bytes <= c.storage.wal_truncate_bytes);
        ordered("peoplehr.connect_seconds", "peoplehr.total_seconds",
                c.peoplehr.connect_max <= c.peoplehr.total_max);
        ordered("peoplehr.first_byte_seconds", "peoplehr.total_seconds",
                c.peoplehr.first_byte_max <= c.peoplehr.total_max);
        ordered("sync.backoff_base_seconds", "sync.backoff_max_seconds",
                c.sync.run_backoff.base <= c.sync.run_backoff.cap);
    }

    void ordered(const std::string& low, const std::string& high, bool holds) {
        if (holds) return;
        const auto place = places_.contains(low) ? places_.find(low) : places_.find(high);
        ROLLCALL_CHECK(place != places_.end()); // the defaults are in order
        report(place->second,
               fmt::format("{} is {} and {} is {}; the first must not be the greater", low,
                           value_text(out_.value, low), high, value_text(out_.value, high)));
    }

    std::string_view file_;
    parsed_config& out_;
    std::vector<fault> found_;
    std::map<std::string, toml::source_region, std::less<>> places_;
};

} // namespace

std::span<const key_info> config_keys() {
    static const std::vector<key_info> keys = [] {
        std::vector<key_info> all;
        for (const auto& row : config_rows()) all.push_back(row.info);
        return all;
    }();
    return keys;
}

std::string value_text(const config& in, std::string_view name) {
    const auto* row = find_row(name);
    ROLLCALL_CHECK(row != nullptr);
    return row->write(in);
}

parsed_config parse_config(std::string_view text, std::string_view file) {
    parsed_config out;
    try {
        reader(file, out).read(toml::parse(text));
    } catch (const toml::parse_error& error) {
        const auto at = error.source().begin;
        out.errors = {fmt::format("{}:{}:{}: {}", file, at.line, at.column, error.description())};
    }
    return out;
}

parsed_config read_config(const std::string& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                               &std::fclose);
    std::string text;
    std::array<char, 4096> part{};
    // A folder opens, and fails at the first read.
    while (file && std::ferror(file.get()) == 0 && std::feof(file.get()) == 0) {
        text.append(part.data(), std::fread(part.data(), 1, part.size(), file.get()));
    }
    if (!file || std::ferror(file.get()) != 0) {
        parsed_config out;
        out.errors = {fmt::format("{}: cannot be read: {}", path, std::strerror(errno))};
        return out;
    }
    return parse_config(text, path);
}

std::string render_config(const config& in, rendering how) {
    static const config defaults;
    std::string out =
        "# Configuration of rollcalld. Every key is here; one that is left out has its default.\n"
        "# `rollcalld --check-config` reports every fault of a file, with its line.\n";
    std::string_view section;
    for (const auto& row : config_rows()) {
        const auto& info = row.info;
        if (section_of(info.name) != section) {
            section = section_of(info.name);
            out += fmt::format("\n[{}]\n", section);
        }
        const auto present = row.write(in);
        const auto standard = row.write(defaults);
        out += "\n" + comment(info.meaning);
        out += comment(fmt::format(
            "{}Default: {}. Allowed: {}. {}",
            info.unit.empty() ? "" : fmt::format("Unit: {}. ", info.unit), standard, info.allowed,
            info.effect == takes_effect::at_reload ? "SIGHUP changes it." : "Needs a restart."));
        const bool commented = how == rendering::shipped && present == standard;
        out += fmt::format("{}{} = {}\n", commented ? "#" : "", leaf_of(info.name), present);
    }
    return out;
}

std::vector<config_change> changes_between(const config& before, const config& after) {
    std::vector<config_change> out;
    for (const auto& row : config_rows()) {
        auto was = row.write(before);
        auto is = row.write(after);
        if (was != is)
            out.push_back({row.info.name, std::move(was), std::move(is), row.info.effect});
    }
    return out;
}

config reloaded(const config& running, const config& wanted) {
    config out = running;
    for (const auto& row : config_rows()) {
        if (row.info.effect == takes_effect::at_reload) row.copy(out, wanted);
    }
    return out;
}

} // namespace rollcall::app
