// Reads a description of a fleet, and finds what cannot be.
#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>

#include "description.hpp"
#include "rollcall/core/ids.hpp"

namespace rollcall::fleet_sim {
namespace {

struct message {
    toml::source_position at;
    std::string text;
};

constexpr std::array<std::string_view, 6> other_keys{
    "name", "size.list", "day.shape", "simulation.store", "outage", "restart"};
// What `rollcall capacity plan` reads of the same file, and a simulation does not.
constexpr std::array<std::string_view, 9> keys_of_the_planner{"years",
                                                              "limits.failing",
                                                              "limits.headroom",
                                                              "answers.page_rows",
                                                              "answers.tls",
                                                              "settings.tenants_max",
                                                              "settings.runs_kept",
                                                              "settings.body_mib_max",
                                                              "required.truth_age_hours"};
constexpr std::array<std::string_view, 2> tables_of_the_planner{"required", "machine"};

std::string path_of(std::string_view table, std::string_view name) {
    return table.empty() ? std::string(name) : fmt::format("{}.{}", table, name);
}

bool is_one_of(std::span<const std::string_view> all, std::string_view what) {
    return std::ranges::find(all, what) != all.end();
}

// The hours of an office: nearly all between 8 and 18.
std::array<double, hours_of_day> office_day() {
    std::array<double, hours_of_day> out{};
    double all = 0;
    for (std::size_t h = 0; h < hours_of_day; ++h) all += out[h] = h >= 8 && h < 18 ? 9.5 : 0.35;
    for (auto& share : out) share /= all;
    return out;
}

class reader {
  public:
    explicit reader(std::string_view path) : path_(path) { out_.what.day = office_day(); }

    description_file read(std::string_view text) {
        try {
            const auto root = toml::parse(text, path_);
            for (const auto& [key, node] : root) read_top(key, node);
            complete(root);
            if (errors_.empty()) contradictions();
        } catch (const toml::parse_error& wrong) {
            error(wrong.source().begin, std::string(wrong.description()));
        }
        std::ranges::sort(errors_, [](const message& a, const message& b) {
            return a.at != b.at ? a.at < b.at : a.text < b.text;
        });
        for (const auto& one : errors_) {
            out_.errors.push_back(
                fmt::format("{}:{}:{}: {}", path_, one.at.line, one.at.column, one.text));
        }
        return std::move(out_);
    }

  private:
    void error(toml::source_position at, std::string text) {
        errors_.push_back({at, std::move(text)});
    }

    // Of a contradiction between keys: where the last of those that are in the file stands.
    void against(std::initializer_list<std::string_view> keys, std::string text) {
        toml::source_position at{1, 1};
        for (const auto key : keys) {
            if (const auto found = given_.find(key); found != given_.end()) {
                at = std::max(at, found->second);
            }
        }
        error(at, std::move(text));
    }

    [[nodiscard]] bool given(std::string_view key) const { return given_.contains(key); }

    // ---- keys ----
    void read_top(const toml::key& key, const toml::node& node) {
        const auto name = key.str();
        if (name == "outage" || name == "restart") return read_events(key, node);
        if (const auto* table = node.as_table()) return read_table(key, *table);
        read_key("", key, node);
    }

    void read_table(const toml::key& name, const toml::table& table) {
        if (is_one_of(tables_of_the_planner, name.str())) return;
        const auto known = std::ranges::any_of(
            description_keys(), [&](const auto& key) { return key.table == name.str(); });
        if (!known && name.str() != "day") return unknown(name, std::string(name.str()));
        for (const auto& [key, node] : table) read_key(name.str(), key, node);
    }

    void unknown(const toml::key& key, const std::string& path) {
        std::vector<std::string> known(other_keys.begin(), other_keys.end());
        for (const auto& each : description_keys()) {
            known.push_back(path_of(each.table, each.name));
            known.emplace_back(each.table);
        }
        const std::vector<std::string_view> views(known.begin(), known.end());
        const auto near = nearest_name(path, views);
        error(key.source().begin,
              near.empty() ? fmt::format("there is no key {}", path)
                           : fmt::format("there is no key {}; did you mean {}?", path, near));
    }

    void read_key(std::string_view table, const toml::key& name, const toml::node& node) {
        const auto path = path_of(table, name.str());
        given_[path] = name.source().begin;
        if (path == "name") {
            const auto text = node.value_exact<std::string>();
            if (!text || text->empty()) return error(node.source().begin, "name takes a text");
            out_.what.name = *text;
            return;
        }
        if (path == "size.list") return read_sizes(node);
        if (path == "day.shape") return read_shape(node);
        if (path == "simulation.store") return read_store(node);
        for (const auto& key : description_keys()) {
            if (key.table == table && key.name == name.str()) return read_value(path, key, node);
        }
        if (!is_one_of(keys_of_the_planner, path)) unknown(name, path);
    }

    void read_value(const std::string& path, const description_key& key, const toml::node& node) {
        if (const auto* flag = std::get_if<bool description::*>(&key.value)) {
            const auto value = node.value_exact<bool>();
            if (!value) return error(node.source().begin, path + " takes true or false");
            out_.what.** flag = *value;
            return;
        }
        const auto value = node.is_number() ? node.value<double>() : std::nullopt;
        const bool fits = value && *value >= key.least && *value <= key.most &&
                          (!key.whole || std::floor(*value) == *value);
        if (!fits) {
            return error(node.source().begin,
                         fmt::format("{} takes {} from {} to {}{}", path,
                                     key.whole ? "a whole number" : "a number", key.least, key.most,
                                     key.unit.empty() ? "" : fmt::format(" ({})", key.unit)));
        }
        out_.what.*std::get<double description::*>(key.value) = *value;
    }

    void read_sizes(const toml::node& node) {
        const auto wrong = [&](const toml::node& at) {
            error(at.source().begin,
                  "size.list takes pairs of tenants and their employees, as [[900, 40], [100, "
                  "600]]");
        };
        const auto* list = node.as_array();
        if (list == nullptr || list->empty()) return wrong(node);
        for (const auto& each : *list) {
            const auto* pair = each.as_array();
            if (pair == nullptr || pair->size() != 2) return wrong(each);
            const auto tenants = pair->get(0)->value<double>();
            const auto employees = pair->get(1)->value<double>();
            const auto good = [](const std::optional<double>& n) {
                return n && *n >= 1 && *n <= 200'000 && std::floor(*n) == *n;
            };
            if (!good(tenants) || !good(employees)) return wrong(each);
            out_.what.size_list.push_back({*tenants, *employees});
        }
    }

    void read_shape(const toml::node& node) {
        const auto* list = node.as_array();
        double all = 0;
        std::array<double, hours_of_day> shape{};
        bool good = list != nullptr && list->size() == hours_of_day;
        for (std::size_t i = 0; good && i < hours_of_day; ++i) {
            const auto value = list->get(i)->value<double>();
            good = value && *value >= 0 && std::isfinite(*value);
            if (good) all += shape[i] = *value;
        }
        if (!good || all <= 0) {
            return error(node.source().begin,
                         "day.shape takes 24 weights of at least 0, not all of them 0: how changes "
                         "and buttons are spread from hour 0 to hour 23");
        }
        for (std::size_t i = 0; i < hours_of_day; ++i) out_.what.day[i] = shape[i] / all;
    }

    void read_store(const toml::node& node) {
        const auto text = node.value_exact<std::string>();
        if (text == "sqlite" || text == "memory") {
            out_.what.store = *text == "memory" ? store_kind::memory : store_kind::sqlite;
        } else {
            error(node.source().begin, R"(simulation.store takes "sqlite" or "memory")");
        }
    }

    // ---- [[outage]] and [[restart]] ----
    void read_events(const toml::key& name, const toml::node& node) {
        const auto* list = node.as_array();
        const bool tables = list != nullptr && list->is_homogeneous(toml::node_type::table);
        if (!tables) {
            return error(key_at(name), fmt::format("write [[{0}]] for each {0}", name.str()));
        }
        for (const auto& each : *list) {
            if (name.str() == "outage") {
                read_outage(*each.as_table());
            } else {
                read_restart(*each.as_table());
            }
        }
    }

    static toml::source_position key_at(const toml::key& key) { return key.source().begin; }

    std::optional<nanoseconds> hours_in(const toml::table& table, std::string_view where,
                                        std::string_view key, bool above_zero) {
        const auto* node = table.get(key);
        if (node == nullptr) {
            error(table.source().begin, fmt::format("{}.{} is missing", where, key));
            return {};
        }
        const auto value = node->is_number() ? node->value<double>() : std::nullopt;
        // Written so that what is no number does not fit.
        const bool fits = value && *value >= 0 && *value <= 10'000 && (!above_zero || *value != 0);
        if (!fits) {
            error(node->source().begin, fmt::format("{}.{} takes hours{}, at most 10000", where,
                                                    key, above_zero ? " above 0" : ""));
            return {};
        }
        return nanoseconds{std::llround(*value * 3.6e12)};
    }

    // The value's place among the words; the first where it is left out.
    std::size_t word_in(const toml::table& table, std::string_view where,
                        std::span<const std::string_view> words) {
        const auto* node = table.get("how");
        if (node == nullptr) return 0;
        const auto text = node->value_exact<std::string>();
        const auto found = text ? std::ranges::find(words, *text) : words.end();
        if (found == words.end()) {
            error(node->source().begin,
                  fmt::format("{}.how takes \"{}\" or \"{}\"", where, words[0], words[1]));
            return 0;
        }
        return static_cast<std::size_t>(found - words.begin());
    }

    void only(const toml::table& table, std::string_view where,
              std::initializer_list<std::string_view> names) {
        for (const auto& [key, node] : table) {
            if (std::ranges::find(names, key.str()) != names.end()) continue;
            error(key.source().begin, fmt::format("there is no key {}.{}", where, key.str()));
        }
    }

    void read_outage(const toml::table& table) {
        static constexpr std::array<std::string_view, 2> words{"refused", "http_503"};
        only(table, "outage", {"start_h", "length_h", "how"});
        const auto start = hours_in(table, "outage", "start_h", false);
        const auto length = hours_in(table, "outage", "length_h", true);
        const auto how = static_cast<outage_kind>(word_in(table, "outage", words));
        if (!start || !length) return;
        out_.what.outages.push_back({*start, *length, how});
        outage_at_.push_back(table.source().begin);
    }

    void read_restart(const toml::table& table) {
        static constexpr std::array<std::string_view, 2> words{"stop", "kill"};
        only(table, "restart", {"at_h", "how"});
        const auto at = hours_in(table, "restart", "at_h", false);
        const auto how = static_cast<restart_kind>(word_in(table, "restart", words));
        if (!at) return;
        out_.what.restarts.push_back({*at, how});
        restart_at_.push_back(table.source().begin);
    }

    // What may be left out only because something else says it.
    void complete(const toml::table& root) {
        auto& f = out_.what;
        double listed = 0;
        for (const auto& each : f.size_list) listed += each.tenants;
        if (f.tenants == 0 && listed == 0 && !given("tenants")) {
            error(root.source().begin, "tenants is missing: how many customers there are");
        }
        if (f.tenants == 0) f.tenants = listed;
        // What is required says how often everybody is read, as for `rollcall capacity plan`.
        const auto wanted_age = root["required"]["truth_age_hours"].value<double>();
        if (!given("settings.sweep_interval_minutes") && wanted_age && *wanted_age > 0) {
            f.sweep_interval_minutes = std::min(1'440.0, std::floor(*wanted_age * 60 * 24 / 25));
            f.sweep_interval_minutes = std::max(1.0, f.sweep_interval_minutes);
        }
        // Defaults that would contradict what is given follow it.
        if (!given("size.p99")) f.size_p99 = std::max(f.size_p99, f.size_median);
        if (!given("size.p99") && given("size.max")) f.size_p99 = std::min(f.size_p99, f.size_max);
        if (!given("size.median")) f.size_median = std::min(f.size_median, f.size_p99);
        if (!given("size.max")) f.size_max = std::max(f.size_max, f.size_p99);
        if (!given("answers.latency_p99_ms")) {
            f.latency_p99_ms = std::max(f.latency_p99_ms, f.latency_median_ms);
        }
        if (!given("answers.latency_median_ms")) {
            f.latency_median_ms = std::min(f.latency_p99_ms, f.latency_median_ms);
        }
        if (!given("webhooks.delay_p99_s")) {
            f.webhook_delay_p99_s = std::max(f.webhook_delay_p99_s, f.webhook_delay_median_s);
        }
        if (!given("limits.calls_per_minute_theirs")) {
            f.calls_per_minute_theirs = std::max(f.calls_per_minute_theirs, f.calls_per_minute);
        }
    }

    // ---- contradictions ----
    void contradictions() {
        contradicting_sizes();
        contradicting_webhooks();
        contradicting_limits();
        contradicting_events();
    }

    void not_below(std::string_view low, double low_is, std::string_view high, double high_is) {
        if (high_is >= low_is) return;
        against({low, high}, fmt::format("{} is {}, less than {}, {}", high, high_is, low, low_is));
    }

    void contradicting_sizes() {
        const auto& f = out_.what;
        if (f.size_list.empty()) {
            not_below("size.median", f.size_median, "size.p99", f.size_p99);
            not_below("size.p99", f.size_p99, "size.max", f.size_max);
            return;
        }
        for (const auto* key : {"size.median", "size.p99", "size.max"}) {
            if (!given(key)) continue;
            against({key}, fmt::format("{} and size.list both say how large tenants are", key));
        }
        double listed = 0;
        for (const auto& each : f.size_list) listed += each.tenants;
        if (listed != f.tenants) {
            against({"tenants", "size.list"},
                    fmt::format("size.list has {} tenants, and tenants is {}", listed, f.tenants));
        }
    }

    void contradicting_webhooks() {
        const auto& f = out_.what;
        not_below("webhooks.delay_median_s", f.webhook_delay_median_s, "webhooks.delay_p99_s",
                  f.webhook_delay_p99_s);
        if (given("webhooks.share") && given("webhooks.tenants")) {
            against({"webhooks.share", "webhooks.tenants"},
                    "webhooks.share and webhooks.tenants both say how many tenants have webhooks");
        }
        if (f.webhook_tenants > f.tenants) {
            against(
                {"webhooks.tenants", "tenants"},
                fmt::format("webhooks.tenants is {}: webhooks for more tenants than there are, {}",
                            f.webhook_tenants, f.tenants));
        }
        if (f.tenants_with_webhook() != 0) return;
        for (const auto* key : {"webhooks.per_day", "webhooks.loss", "webhooks.duplicates",
                                "webhooks.delay_median_s", "webhooks.delay_p99_s"}) {
            if (!given(key)) continue;
            against({key},
                    fmt::format("{} is given, and no tenant has webhooks (webhooks.share)", key));
        }
    }

    void contradicting_limits() {
        const auto& f = out_.what;
        not_below("limits.calls_per_minute", f.calls_per_minute, "limits.calls_per_minute_theirs",
                  f.calls_per_minute_theirs);
        not_below("answers.latency_median_ms", f.latency_median_ms, "answers.latency_p99_ms",
                  f.latency_p99_ms);
        const auto needed = f.sweeps_per_day() + f.buttons_per_day + f.webhooks_per_day;
        if (needed > f.calls_per_day()) {
            against({"tenants", "size.list", "limits.calls_per_minute", "limits.addresses",
                     "settings.sweep_interval_minutes", "buttons.per_day", "webhooks.per_day"},
                    fmt::format("{} sweeps, {} buttons and {} webhooks a day are more than the {} "
                                "calls that limits.calls_per_minute and limits.addresses allow",
                                f.sweeps_per_day(), f.buttons_per_day, f.webhooks_per_day,
                                f.calls_per_day()));
        }
        if (given("simulation.truth_age_hours_max") && f.truth_age_max() < f.interval()) {
            against(
                {"simulation.truth_age_hours_max", "settings.sweep_interval_minutes"},
                fmt::format("simulation.truth_age_hours_max is {}, and tenants are swept each {} "
                            "hours (settings.sweep_interval_minutes)",
                            f.truth_age_hours_max, f.sweep_interval_minutes / 60));
        }
    }

    void contradicting_events() {
        auto& f = out_.what;
        const auto end = f.length();
        const auto hours_of = [](nanoseconds n) { return static_cast<double>(n.count()) / 3.6e12; };
        for (std::size_t i = 0; i < f.outages.size(); ++i) {
            const auto& each = f.outages[i];
            if (each.start + each.length > end) {
                error(outage_at_[i],
                      fmt::format("the outage ends at hour {}, and simulation.days end at hour {}",
                                  hours_of(each.start + each.length), hours_of(end)));
            }
            for (std::size_t other = 0; other < i; ++other) {
                const auto& before = f.outages[other];
                if (each.start < before.start + before.length &&
                    before.start < each.start + each.length) {
                    error(outage_at_[i],
                          fmt::format("the outage of hour {} overlaps that of hour {}",
                                      hours_of(each.start), hours_of(before.start)));
                }
            }
        }
        for (std::size_t i = 0; i < f.restarts.size(); ++i) {
            if (f.restarts[i].at <= end) continue;
            error(restart_at_[i],
                  fmt::format("the restart is at hour {}, and simulation.days end at hour {}",
                              hours_of(f.restarts[i].at), hours_of(end)));
        }
        std::ranges::sort(f.outages, {}, &outage::start);
        std::ranges::sort(f.restarts, {}, &restart::at);
    }

    std::string path_;
    description_file out_;
    std::vector<message> errors_;
    std::map<std::string, toml::source_position, std::less<>> given_;
    std::vector<toml::source_position> outage_at_, restart_at_;
};

} // namespace

description_file parse_description(std::string_view toml, std::string_view path) {
    return reader(path).read(toml);
}

description_file read_description(const std::string& path) {
    std::ifstream in(path);
    if (!in) return {{}, {path + ": can not be read"}};
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return parse_description(text, path);
}

} // namespace rollcall::fleet_sim
