// Reads a description of a fleet, and finds what cannot be.
#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <cmath>
#include <map>

#include "rollcall/capacity/fleet.hpp"
#include "rollcall/core/ids.hpp"

namespace rollcall::capacity {
namespace {

constexpr double list_value_max = 10'000'000;

struct message {
    toml::source_position at;
    std::string text;
};

constexpr std::array<std::string_view, 3> other_keys{"name", "size.list", "day.shape"};
// What fleet-sim alone reads.
constexpr std::array<std::string_view, 3> passed_over{"simulation", "outage", "restart"};

std::string path_of(std::string_view table, std::string_view name) {
    return table.empty() ? std::string(name) : fmt::format("{}.{}", table, name);
}

std::string number(double value) {
    return fmt::format("{}", value);
}

class reader {
  public:
    explicit reader(std::string_view path) : path_(path) { out_.what.day = office_day(); }

    fleet_file read(std::string_view toml) {
        try {
            const auto root = toml::parse(toml, path_);
            for (const auto& [key, node] : root) {
                if (std::ranges::find(passed_over, key.str()) != passed_over.end()) continue;
                if (const auto* table = node.as_table()) {
                    read_table(key, *table);
                } else {
                    read_key("", key, node);
                }
            }
            complete(root);
            if (errors_.empty()) contradictions();
        } catch (const toml::parse_error& wrong) {
            error(wrong.source().begin, std::string(wrong.description()));
        }
        std::sort(errors_.begin(), errors_.end(), [](const message& a, const message& b) {
            return a.at < b.at || (a.at == b.at && a.text < b.text);
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

    [[nodiscard]] bool given(const std::string& key) const { return given_.contains(key); }

    // Of a contradiction between keys: where the last of those that are in the file stands.
    void against(std::initializer_list<const char*> keys, std::string text) {
        toml::source_position at{1, 1};
        for (const auto* key : keys) {
            if (const auto found = given_.find(key); found != given_.end()) {
                at = std::max(at, found->second);
            }
        }
        error(at, std::move(text));
    }

    void read_table(const toml::key& name, const toml::table& table) {
        const auto known = std::any_of(fleet_keys().begin(), fleet_keys().end(),
                                       [&](const auto& key) { return key.table == name.str(); });
        if (!known && name.str() != "day") return unknown(name, std::string(name.str()));
        for (const auto& [key, node] : table) read_key(name.str(), key, node);
    }

    void unknown(const toml::key& key, const std::string& path) {
        std::vector<std::string> known(other_keys.begin(), other_keys.end());
        for (const auto& each : fleet_keys()) {
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
        if (path == "size.list") return read_list(node);
        if (path == "day.shape") return read_shape(node);
        for (const auto& key : fleet_keys()) {
            if (key.table == table && key.name == name.str()) return read_value(path, key, node);
        }
        unknown(name, path);
    }

    void read_value(const std::string& path, const fleet_key& key, const toml::node& node) {
        if (const auto* flag = std::get_if<bool fleet::*>(&key.value)) {
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
                         fmt::format("{} takes {} from {} to {} ({})", path,
                                     key.whole ? "a whole number" : "a number", number(key.least),
                                     number(key.most), key.unit));
        }
        if (const auto* plain = std::get_if<double fleet::*>(&key.value)) {
            out_.what.** plain = *value;
        } else {
            out_.what.*std::get<std::optional<double> fleet::*>(key.value) = value;
        }
    }

    void read_list(const toml::node& node) {
        const auto* list = node.as_array();
        const auto wrong = [&](const toml::node& at) {
            error(at.source().begin,
                  "size.list takes pairs of tenants and their employees, as [[900, 40], [100, "
                  "600]]: whole numbers from 1 to 10000000");
        };
        if (list == nullptr || list->empty()) return wrong(node);
        for (const auto& each : *list) {
            const auto* pair = each.as_array();
            if (pair == nullptr || pair->size() != 2) return wrong(each);
            const auto tenants = pair->get(0)->value<double>();
            const auto employees = pair->get(1)->value<double>();
            // Written so that what is no number fits nowhere.
            const auto fits = [](std::optional<double> value) {
                return value && *value >= 1 && *value <= list_value_max &&
                       std::floor(*value) == *value;
            };
            if (!fits(tenants) || !fits(employees)) return wrong(each);
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

    // What may be left out only because something else says it.
    void complete(const toml::table& root) {
        auto& f = out_.what;
        double listed = 0;
        for (const auto& each : f.size_list) listed += each.tenants;
        if (f.tenants == 0 && listed == 0 && !given("tenants")) {
            error(root.source().begin, "tenants is missing: how many customers there will be");
        }
        if (f.tenants == 0) f.tenants = listed;
        if (f.webhook_tenants && !given("webhooks.share")) {
            f.webhook_share = std::min(1.0, *f.webhook_tenants / f.tenants);
        }
        // Defaults that would contradict what is given follow it.
        if (!given("size.p99")) f.size_p99 = std::max(f.size_p99, f.size_median);
        if (!given("size.p99") && given("size.max")) f.size_p99 = std::min(f.size_p99, f.size_max);
        if (!given("size.median")) f.size_median = std::min(f.size_median, f.size_p99);
        if (!given("size.max")) f.size_max = std::max(f.size_max, f.size_p99);
        if (!given("answers.latency_p99_ms")) {
            f.latency_p99_ms = std::max(f.latency_p99_ms, f.latency_median_ms);
        }
        if (!given("webhooks.delay_p99_s")) {
            f.webhook_delay_p99_s = std::max(f.webhook_delay_p99_s, f.webhook_delay_median_s);
        }
        if (!given("limits.calls_per_minute_theirs")) {
            f.calls_per_minute_theirs = std::max(f.calls_per_minute_theirs, f.calls_per_minute);
        }
        if (!given("required.truth_age_hours") && f.sweep_interval_minutes) {
            f.truth_age_hours = *f.sweep_interval_minutes / 60 * 25 / 24;
        }
    }

    void contradictions();
    void contradicting_sizes();
    void contradicting_webhooks();
    void contradicting_goals();

    std::string path_;
    fleet_file out_;
    std::vector<message> errors_;
    std::map<std::string, toml::source_position, std::less<>> given_;
};

void reader::contradictions() {
    const auto& f = out_.what;
    contradicting_sizes();
    contradicting_webhooks();
    contradicting_goals();
    if (f.calls_per_minute > f.calls_per_minute_theirs) {
        against({"limits.calls_per_minute", "limits.calls_per_minute_theirs"},
                fmt::format("limits.calls_per_minute is {}, more than PeopleHR's own "
                            "limits.calls_per_minute_theirs of {}",
                            number(f.calls_per_minute), number(f.calls_per_minute_theirs)));
    }
    if (f.addresses > addresses_max * f.machines) {
        against({"limits.addresses", "machine.count"},
                fmt::format("limits.addresses is {}: a daemon takes {} at most, so {} machines are "
                            "needed, and machine.count is {}",
                            number(f.addresses), number(addresses_max),
                            number(std::ceil(f.addresses / addresses_max)), number(f.machines)));
    }
    if (f.latency_p99_ms < f.latency_median_ms) {
        against({"answers.latency_median_ms", "answers.latency_p99_ms"},
                fmt::format("answers.latency_p99_ms is {}, less than answers.latency_median_ms, {}",
                            number(f.latency_p99_ms), number(f.latency_median_ms)));
    }
}

void reader::contradicting_sizes() {
    const auto& f = out_.what;
    if (!f.size_list.empty()) {
        for (const auto* key : {"size.median", "size.p99", "size.max"}) {
            if (!given(key)) continue;
            against({key}, fmt::format("{} and size.list both say how large tenants are", key));
        }
        double listed = 0;
        for (const auto& each : f.size_list) listed += each.tenants;
        if (listed != f.tenants) {
            against({"tenants", "size.list"},
                    fmt::format("size.list has {} tenants, and tenants is {}", number(listed),
                                number(f.tenants)));
        }
        return;
    }
    if (f.size_p99 < f.size_median) {
        against({"size.median", "size.p99"},
                fmt::format("size.p99 is {}, less than size.median, {}", number(f.size_p99),
                            number(f.size_median)));
    }
    if (f.size_max < f.size_p99) {
        against({"size.max", "size.p99"}, fmt::format("size.max is {}, less than size.p99, {}",
                                                      number(f.size_max), number(f.size_p99)));
    }
}

void reader::contradicting_webhooks() {
    const auto& f = out_.what;
    if (f.webhook_delay_p99_s < f.webhook_delay_median_s) {
        against({"webhooks.delay_median_s", "webhooks.delay_p99_s"},
                fmt::format("webhooks.delay_p99_s is {}, less than webhooks.delay_median_s, {}",
                            number(f.webhook_delay_p99_s), number(f.webhook_delay_median_s)));
    }
    if (f.webhooks_per_day && *f.webhooks_per_day > 0 && f.webhook_share == 0) {
        against({"webhooks.per_day", "webhooks.share"},
                fmt::format("webhooks.per_day is {}, and webhooks.share says that no tenant sends "
                            "any",
                            number(*f.webhooks_per_day)));
    }
    if (f.webhook_tenants && given("webhooks.share")) {
        against({"webhooks.share", "webhooks.tenants"},
                "webhooks.share and webhooks.tenants both say how many tenants send webhooks");
    }
    if (f.webhook_tenants && *f.webhook_tenants > f.tenants) {
        against({"tenants", "webhooks.tenants"},
                fmt::format("webhooks.tenants is {}, more than the {} tenants that there are",
                            number(*f.webhook_tenants), number(f.tenants)));
    }
    if (f.webhook_share > 0 && f.webhook_share * f.tenants < 0.5) {
        against({"tenants", "webhooks.share"},
                fmt::format("webhooks.share of {} is less than one of {} tenants",
                            number(f.webhook_share), number(f.tenants)));
    }
}

void reader::contradicting_goals() {
    const auto& f = out_.what;
    const double interval = f.interval_hours();
    if (f.truth_age_hours < 0.99 * interval) {
        against({"required.truth_age_hours", "settings.sweep_interval_minutes"},
                fmt::format("required.truth_age_hours is {}, and with "
                            "settings.sweep_interval_minutes of {} truth gets {} hours old before "
                            "anybody looks",
                            number(f.truth_age_hours), number(interval * 60), number(interval)));
    }
    const double announced = f.webhook_share * (1 - f.webhook_loss);
    if (f.change_lag_p50_minutes && announced < 0.5 &&
        *f.change_lag_p50_minutes < interval * 60 * (0.5 - announced) / (1 - announced)) {
        against({"required.change_lag_p50_minutes", "webhooks.share", "webhooks.loss"},
                fmt::format("required.change_lag_p50_minutes is {}, and webhooks announce only {} "
                            "of 100 changes: the others wait for a sweep, {} minutes apart",
                            number(*f.change_lag_p50_minutes), number(std::round(100 * announced)),
                            number(interval * 60)));
    }
    if (given("required.restart_s") && f.restart_s < f.quiet_after_restart_s) {
        against({"required.restart_s", "settings.quiet_after_restart_s"},
                fmt::format("required.restart_s is {}, and settings.quiet_after_restart_s forbids "
                            "calls for {} s after a start",
                            number(f.restart_s), number(f.quiet_after_restart_s)));
    }
    if (f.change_lag_p50_minutes && announced >= 0.5 &&
        *f.change_lag_p50_minutes * 60 < f.webhook_delay_median_s) {
        against({"required.change_lag_p50_minutes", "webhooks.delay_median_s"},
                fmt::format("required.change_lag_p50_minutes is {}, and webhooks alone take {} s",
                            number(*f.change_lag_p50_minutes), number(f.webhook_delay_median_s)));
    }
}

} // namespace

fleet_file read_fleet(std::string_view toml, std::string_view path) {
    return reader(path).read(toml);
}

} // namespace rollcall::capacity
