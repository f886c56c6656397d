// A plan as JSON: stable keys, base units, figures that are infinite as null.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>

#include "rollcall/capacity/plan.hpp"

namespace rollcall::capacity {
namespace {

namespace json = boost::json;

json::value of(double value) {
    if (!std::isfinite(value)) return nullptr;
    return value;
}

json::object of(const range& value) {
    return {{"low", of(value.low)}, {"likely", of(value.likely)}, {"high", of(value.high)}};
}

json::array words(std::string_view text) {
    json::array out;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

json::object fleet_of(const fleet& f) {
    json::object out{{"name", f.name}};
    for (const auto& key : fleet_keys()) {
        auto* into = &out;
        if (!key.table.empty()) {
            auto& table = out[key.table];
            if (!table.is_object()) table = json::object{};
            into = &table.get_object();
        }
        if (const auto* plain = std::get_if<double fleet::*>(&key.value)) {
            (*into)[key.name] = f.**plain;
        } else if (const auto* maybe = std::get_if<std::optional<double> fleet::*>(&key.value)) {
            (*into)[key.name] = (f.**maybe) ? json::value(*(f.**maybe)) : json::value(nullptr);
        } else {
            (*into)[key.name] = f.*std::get<bool fleet::*>(key.value);
        }
    }
    json::array list;
    for (const auto& each : f.size_list) list.push_back(json::array{each.tenants, each.employees});
    out["size"].get_object()["list"] = std::move(list);
    json::array shape;
    for (const double each : f.day) shape.push_back(each);
    out["day"] = json::object{{"shape", std::move(shape)}};
    return out;
}

json::object figures_of(const estimate& e) {
    json::object out;
    for (const auto& each : figures()) {
        auto one = of(e.*each.value);
        one["unit"] = each.unit;
        one["formula"] = each.formula;
        one["inputs"] = words(each.inputs);
        out[each.key] = std::move(one);
    }
    return out;
}

json::array day_of(const estimate& e) {
    json::array out;
    for (std::size_t h = 0; h < hours_of_day; ++h) {
        const auto& at = e.day[h];
        out.push_back(json::object{{"hour", h},
                                   {"sweep_calls", of(at.sweep_calls)},
                                   {"webhook_calls", of(at.webhook_calls)},
                                   {"button_calls", of(at.button_calls)},
                                   {"supply", of(at.supply)},
                                   {"age_p50_s", of(at.age_p50_s)},
                                   {"age_p99_s", of(at.age_p99_s)},
                                   {"age_max_s", of(at.age_max_s)}});
    }
    return out;
}

json::array uses_of(const plan& p) {
    json::array out;
    for (const auto& each : p.uses) {
        const auto& text = words_of(each.which);
        out.push_back(json::object{{"resource", text.key},
                                   {"use", of(each.use)},
                                   {"of", text.unit_of_use},
                                   {"ends_at_factor", of(each.ends_at)},
                                   {"more", text.more}});
    }
    return out;
}

json::array growth_of(const plan& p) {
    json::array out;
    for (const auto& each : p.growth) {
        json::object uses;
        for (std::size_t i = 0; i < resources; ++i) {
            uses[words_of(static_cast<resource>(i)).key] = of(each.use[i]);
        }
        out.push_back(json::object{{"factor", each.factor},
                                   {"age_p99_s", of(each.age_p99_s)},
                                   {"addresses_needed", of(each.addresses_needed)},
                                   {"use", std::move(uses)}});
    }
    return out;
}

json::object object_of(const plan& p) {
    json::array findings;
    for (const auto& each : p.findings) {
        findings.push_back(json::object{{"wrong", each.wrong}, {"text", each.text}});
    }
    json::value simulated = nullptr;
    if (p.simulated) {
        const auto& s = *p.simulated;
        json::array hours;
        for (const auto& each : s.freshness) {
            hours.push_back(json::object{{"hour", each.hour},
                                         {"p50_s", each.p50_s},
                                         {"p99_s", each.p99_s},
                                         {"max_s", each.max_s}});
        }
        simulated = json::object{{"freshness", std::move(hours)}};
        if (s.on_demand_p99_s) simulated.get_object()["on_demand_p99_s"] = *s.on_demand_p99_s;
    }
    return {{"version", 1},
            {"fleet", fleet_of(p.of)},
            {"profile", json::parse(to_json(p.on))},
            {"profile_is_shipped", p.on.name == "shipped"},
            {"figures", figures_of(p.now)},
            {"day", day_of(p.now)},
            {"uses", uses_of(p)},
            {"ends_first", words_of(p.uses.front().which).key},
            {"growth", growth_of(p)},
            {"simulated", std::move(simulated)},
            {"meets", p.meets()},
            {"findings", std::move(findings)}};
}

} // namespace

std::string json_of(const plan& what) {
    return json::serialize(object_of(what)) + '\n';
}

std::string json_of(const plan& a, const plan& b) {
    return json::serialize(json::object{{"a", object_of(a)}, {"b", object_of(b)}}) + '\n';
}

} // namespace rollcall::capacity
