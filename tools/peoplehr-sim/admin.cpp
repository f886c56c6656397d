#include "admin.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <limits>
#include <optional>

#include "load.hpp"
#include "texts.hpp"

namespace rollcall::sim {
namespace {

using std::string_view;
namespace json = boost::json;

// Thrown by the readers of arguments and caught in administer: an argument is wrong.
struct bad_argument {
    std::string detail;
};

struct arguments {
    json::object fields;

    [[nodiscard]] const json::value* find(string_view name) const {
        return fields.if_contains(name);
    }
    [[nodiscard]] std::string text(string_view name, string_view fallback) const {
        const auto* value = find(name);
        if (value == nullptr || value->is_null()) return std::string{fallback};
        if (!value->is_string()) throw bad_argument{std::string{name} + " has to be a string"};
        return {value->get_string().data(), value->get_string().size()};
    }
    [[nodiscard]] std::string text(string_view name) const {
        if (find(name) == nullptr) throw bad_argument{std::string{name} + " is missing"};
        return text(name, "");
    }
    [[nodiscard]] double number(string_view name, double fallback) const {
        const auto* value = find(name);
        if (value == nullptr) return fallback;
        boost::system::error_code error;
        const auto got = value->to_number<double>(error);
        if (error) throw bad_argument{std::string{name} + " has to be a number"};
        return got;
    }
    [[nodiscard]] std::int64_t integer(string_view name, std::int64_t fallback, std::int64_t low,
                                       std::int64_t high) const {
        const auto* value = find(name);
        if (value == nullptr) return fallback;
        boost::system::error_code error;
        const auto got = value->to_number<std::int64_t>(error);
        if (error || got < low || got > high) {
            throw bad_argument{std::string{name} + " has to be an integer from " +
                               std::to_string(low) + " to " + std::to_string(high)};
        }
        return got;
    }
    [[nodiscard]] bool flag(string_view name) const {
        const auto* value = find(name);
        if (value == nullptr) return false;
        if (!value->is_bool()) throw bad_argument{std::string{name} + " has to be true or false"};
        return value->get_bool();
    }
    [[nodiscard]] std::chrono::sys_days date(string_view name,
                                             std::chrono::sys_days fallback) const {
        if (find(name) == nullptr) return fallback;
        const auto day = parse_date(text(name));
        if (!day) throw bad_argument{std::string{name} + " has to be a date, yyyy-MM-dd"};
        return *day;
    }
    [[nodiscard]] const json::object& object(string_view name) const {
        const auto* value = find(name);
        if (value == nullptr || !value->is_object()) {
            throw bad_argument{std::string{name} + " has to be an object"};
        }
        return value->get_object();
    }
};

constexpr std::int64_t integer_max = std::numeric_limits<std::int32_t>::max();

admin_answer error_answer(unsigned http_status, string_view name, string_view detail) {
    admin_answer answer{http_status, R"({"error":)"};
    append_json(answer.body, name);
    answer.body += R"(,"detail":)";
    append_json(answer.body, detail);
    answer.body += "}\n";
    return answer;
}

admin_answer answer_of(boost::system::error_code error) {
    switch (errc_of(error)) {
        case errc::not_found:
            return error_answer(404, "not_found", "no tenant, person or value of that name");
        case errc::already_exists:
            return error_answer(409, "already_exists", "something of that name exists");
        default: return error_answer(400, "invalid_argument", "an argument has no valid value");
    }
}

admin_answer answer_of(const json::value& value) {
    return {200, json::serialize(value) + "\n"};
}

admin_answer done(const result<void>& ended) {
    if (!ended) return answer_of(ended.error());
    return answer_of(json::object{{"ok", true}});
}

std::string date_text(std::chrono::sys_days day) {
    std::string text;
    append_date(text, day);
    return text;
}

// ---- reads ----

json::value tenants_of(const service& sim) {
    json::array all;
    for (std::size_t i = 0; i < sim.tenant_count(); ++i) {
        const tenant_info info = sim.tenant_at(i);
        all.push_back({{"tenant", info.name},
                       {"api_key", info.api_key},
                       {"company_id", info.company_id},
                       {"company_name", info.company_name},
                       {"current", info.current},
                       {"left", info.left}});
    }
    return {{"today", date_text(sim.today())}, {"tenants", std::move(all)}};
}

json::value counters_of(const service& sim) {
    const call_counters counters = sim.counters();
    return {{"calls", counters.calls},
            {"throttled", counters.throttled},
            {"rows", counters.rows},
            {"faults", counters.faults},
            {"busiest_minute_of_an_address", counters.busiest_minute_of_an_address},
            {"busiest_minute_of_a_tenant", counters.busiest_minute_of_a_tenant}};
}

constexpr std::array<string_view, 4> scopes{"none", "address", "tenant", "both"};
constexpr std::array<string_view, 3> styles{"status_5", "silent", "http_429"};

json::value limits_of(const service& sim) {
    const call_limits& limits = sim.limits();
    return {{"scope", scopes[static_cast<std::size_t>(limits.scope)]},
            {"calls_per_minute", limits.calls_per_minute},
            {"style", styles[static_cast<std::size_t>(limits.style)]}};
}

json::value webhooks_of(const service& sim) {
    const webhook_counters counters = sim.webhooks();
    return {{"events", counters.events},
            {"not_subscribed", counters.not_subscribed},
            {"lost", counters.lost},
            {"posts", counters.posts}};
}

json::value faults_of(const service& sim) {
    json::array all;
    for (const fault& one : sim.faults()) {
        all.push_back({{"kind", name_of(one.kind)},
                       {"tenant", one.tenant},
                       {"action", one.action},
                       {"page", one.page},
                       {"calls", one.calls},
                       {"probability", one.probability}});
    }
    return all;
}

admin_answer truth_of(const service& sim, string_view tenant) {
    auto truth = sim.truth_json(tenant);
    if (!truth) return answer_of(truth.error());
    return {200, *std::move(truth) + "\n"};
}

admin_answer read(const service& sim, string_view path) {
    if (path == "/health") return answer_of(json::object{{"ok", true}});
    if (path == "/tenants") return answer_of(tenants_of(sim));
    if (path == "/counters") return answer_of(counters_of(sim));
    if (path == "/limits") return answer_of(limits_of(sim));
    if (path == "/webhooks") return answer_of(webhooks_of(sim));
    if (path == "/faults") return answer_of(faults_of(sim));
    if (path == "/fault-kinds") {
        json::array names;
        for (const string_view name : fault_kind_names()) names.emplace_back(name);
        return answer_of(names);
    }
    if (path.starts_with("/truth/")) return truth_of(sim, path.substr(7));
    return error_answer(404, "not_found", "no such thing to read");
}

// ---- writes ----

admin_answer hire(service& sim, const arguments& given) {
    employee starter;
    for (const auto& [name, value] : given.object("employee")) {
        const auto members = employee_members();
        const auto known = std::ranges::find(members, string_view{name}, &employee_member::name);
        if (known == members.end() || !value.is_string()) {
            throw bad_argument{"employee: " + std::string{name} + " is unknown or not a string"};
        }
        starter.*known->text = std::string{value.get_string()};
    }
    const auto id = sim.hire(given.text("tenant"), starter);
    if (!id) return answer_of(id.error());
    return answer_of(json::object{{"ok", true}, {"id", *id}});
}

admin_answer change(service& sim, const arguments& given) {
    std::vector<field_change> changes;
    for (const auto& [name, value] : given.object("set")) {
        if (!value.is_string()) throw bad_argument{"set: every value has to be a string"};
        changes.push_back({std::string{name}, std::string{value.get_string()}});
    }
    return done(sim.change(given.text("tenant"), given.text("id"), changes));
}

admin_answer leave(service& sim, const arguments& given) {
    return done(sim.leave(
        given.text("tenant"), given.text("id"), given.date("date", sim.today()),
        given.flag("immediately") ? service::leaving::immediately : service::leaving::on_the_day,
        given.flag("clear_email") ? service::leaver_email::cleared : service::leaver_email::kept));
}

// One tenant, or every tenant when none is named: then only the number of changes is told.
admin_answer churn(service& sim, const arguments& given) {
    const auto count = static_cast<std::size_t>(given.integer("count", 1, 0, 1'000'000));
    const auto seed = static_cast<std::uint64_t>(given.integer("seed", 1, 0, integer_max));
    if (given.find("tenant") != nullptr) {
        const auto changes = sim.churn(given.text("tenant"), count, seed);
        if (!changes) return answer_of(changes.error());
        return answer_of(json::object{{"ok", true}, {"changes", json::value_from(*changes)}});
    }
    std::size_t total = 0;
    for (std::size_t i = 0; i < sim.tenant_count(); ++i) {
        total += sim.churn(sim.tenant_at(i).name, count, seed)->size();
    }
    return answer_of(json::object{{"ok", true}, {"changed", total}});
}

admin_answer set_limits(service& sim, const arguments& given) {
    call_limits limits = sim.limits();
    limits.calls_per_minute = static_cast<std::uint32_t>(
        given.integer("calls_per_minute", limits.calls_per_minute, 1, integer_max));
    const auto scope = std::ranges::find(
        scopes, given.text("scope", scopes[static_cast<std::size_t>(limits.scope)]));
    const auto style = std::ranges::find(
        styles, given.text("style", styles[static_cast<std::size_t>(limits.style)]));
    if (scope == scopes.end()) throw bad_argument{"scope is none, address, tenant or both"};
    if (style == styles.end()) throw bad_argument{"style is status_5, silent or http_429"};
    limits.scope = static_cast<limit_scope>(scope - scopes.begin());
    limits.style = static_cast<throttle_style>(style - styles.begin());
    sim.set_limits(limits);
    return answer_of(limits_of(sim));
}

admin_answer add_fault(service& sim, const arguments& given) {
    const auto kind = fault_kind_of(given.text("kind"));
    if (!kind) throw bad_argument{"kind is one of GET /fault-kinds"};
    fault what;
    what.kind = *kind;
    what.tenant = given.text("tenant", "");
    what.action = given.text("action", "");
    what.page = static_cast<std::uint32_t>(given.integer("page", 0, 0, integer_max));
    what.calls = static_cast<std::uint32_t>(given.integer("calls", 0, 0, integer_max));
    what.probability = given.number("probability", 1.0);
    what.field = given.text("field", "");
    what.text = given.text("text", "");
    what.amount = given.integer("amount", 0, -integer_max, integer_max);
    what.row = given.integer("row", 0, -1, integer_max);
    what.fraction = given.number("fraction", 0.5);
    what.delay = milliseconds{given.integer("delay_ms", 5'000, 0, integer_max)};
    return done(sim.add_fault(std::move(what)));
}

std::uint32_t grants_of(const arguments& given) {
    return static_cast<std::uint32_t>(given.integer("grants", all_grants, 0, all_grants));
}

admin_answer add_key(service& sim, const arguments& given) {
    const auto key = sim.add_key(given.text("tenant"), grants_of(given));
    if (!key) return answer_of(key.error());
    return answer_of(json::object{{"ok", true}, {"api_key", *key}});
}

constexpr std::array<string_view, 3> formats{"json", "form", "lines"};

double share(const arguments& given, string_view name) {
    const double value = given.number(name, 0);
    if (value < 0 || value > 1) throw bad_argument{std::string{name} + " is a share, 0 to 1"};
    return value;
}

admin_answer set_webhook(service& sim, const arguments& given) {
    webhook_settings how;
    how.url = given.text("url", "");
    if (!how.url.empty() && !how.url.starts_with("http://")) {
        throw bad_argument{"url begins with http://"};
    }
    const auto format = std::ranges::find(formats, given.text("format", formats[0]));
    if (format == formats.end()) throw bad_argument{"format is json, form or lines"};
    how.format = static_cast<webhook_format>(format - formats.begin());
    how.delay = milliseconds{given.integer("delay_ms", 0, 0, integer_max)};
    how.jitter = milliseconds{given.integer("jitter_ms", 0, 0, integer_max)};
    how.loss = share(given, "loss");
    how.duplicates = share(given, "duplicates");
    how.unrelated = share(given, "unrelated");
    if (const auto* list = given.find("actions"); list != nullptr) {
        if (!list->is_array()) throw bad_argument{"actions is a list of action ids"};
        how.actions = 0;
        for (const auto& each : list->get_array()) {
            if (!each.is_int64() || each.get_int64() < 0 || each.get_int64() > 31) {
                throw bad_argument{"actions holds action ids, 0 to 31"};
            }
            how.actions |= 1u << each.get_int64();
        }
    }
    return done(sim.set_webhook(given.text("tenant"), std::move(how)));
}

admin_answer send_webhook(service& sim, const arguments& given) {
    const auto action = static_cast<std::uint32_t>(given.integer("action_id", 4, 0, 1000));
    const auto times = given.integer("times", 1, 1, 100'000);
    for (std::int64_t i = 0; i < times; ++i) {
        const auto sent = sim.send_webhook(given.text("tenant"), action, given.text("id", "PW1"));
        if (!sent) return answer_of(sent.error());
    }
    return done({});
}

// {"tenant":NAME,"people":[...]}: the whole body is the document that is loaded.
admin_answer add_company(service& sim, const arguments& given) {
    loaded_company loaded = load_company(given.text("tenant"), json::serialize(given.fields));
    if (!loaded.problem.empty()) throw bad_argument{loaded.problem};
    return done(sim.add_company(std::move(loaded.firm)));
}

struct verb {
    string_view path;
    admin_answer (*run)(service&, const arguments&);
};
constexpr std::array<verb, 19> verbs{{
    {"/hire", hire},
    {"/change", change},
    {"/swap-emails",
     [](service& sim, const arguments& given) {
         return done(sim.swap_emails(given.text("tenant"), given.text("id"), given.text("other")));
     }},
    {"/leave", leave},
    {"/rehire",
     [](service& sim, const arguments& given) {
         return done(
             sim.rehire(given.text("tenant"), given.text("id"), given.date("date", sim.today())));
     }},
    {"/delete",
     [](service& sim, const arguments& given) {
         return done(sim.remove(given.text("tenant"), given.text("id")));
     }},
    {"/change-id",
     [](service& sim, const arguments& given) {
         return done(sim.change_id(given.text("tenant"), given.text("id"), given.text("new_id")));
     }},
    {"/rename-value",
     [](service& sim, const arguments& given) {
         return done(sim.rename_value(given.text("tenant"), given.text("list"), given.text("from"),
                                      given.text("to")));
     }},
    {"/churn", churn},
    {"/date",
     [](service& sim, const arguments& given) {
         const std::chrono::days ahead{given.integer("days", 1, 0, 100'000)};
         return done(sim.set_today(given.date("date", sim.today() + ahead)));
     }},
    {"/break", add_fault},
    {"/clear",
     [](service& sim, const arguments& given) {
         sim.clear_faults(given.text("tenant", ""));
         return done({});
     }},
    {"/limits", set_limits},
    {"/revoke-key",
     [](service& sim, const arguments& given) {
         return done(sim.revoke_keys(given.text("tenant")));
     }},
    {"/restore-key",
     [](service& sim, const arguments& given) {
         return done(sim.restore_keys(given.text("tenant")));
     }},
    {"/grants",
     [](service& sim, const arguments& given) {
         return done(sim.set_grants(given.text("tenant"), grants_of(given)));
     }},
    {"/add-key", add_key},
    {"/webhook", set_webhook},
    {"/send-webhook", send_webhook},
}};

admin_answer write(service& sim, string_view path, string_view body) {
    boost::system::error_code error;
    const json::value parsed = json::parse(body.empty() ? string_view{"{}"} : body, error);
    if (error) throw bad_argument{"the body is not JSON: " + error.message()};
    if (!parsed.is_object()) throw bad_argument{"the body has to be a JSON object"};
    const arguments given{parsed.get_object()};
    if (path == "/company") return add_company(sim, given);
    const auto known = std::ranges::find(verbs, path, &verb::path);
    if (known == verbs.end()) return error_answer(404, "not_found", "no such verb");
    return known->run(sim, given);
}

} // namespace

admin_answer administer(service& sim, string_view method, string_view target, string_view body) {
    const string_view path = target.substr(0, target.find('?'));
    try {
        if (method == "GET") return read(sim, path);
        if (method == "POST") return write(sim, path, body);
    } catch (const bad_argument& wrong) {
        return error_answer(400, "invalid_argument", wrong.detail);
    }
    return error_answer(405, "invalid_argument", "GET reads, POST changes");
}

} // namespace rollcall::sim
