#include "apply.hpp"

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "rollcall/core/ids.hpp"
#include "tenant_body.hpp"

namespace rollcall::edge {

namespace json = boost::json;

std::string_view name_of(apply_action action) noexcept {
    switch (action) {
        case apply_action::unchanged: return "unchanged";
        case apply_action::create: return "create";
        case apply_action::change: return "change";
        case apply_action::not_in_file: return "not_in_file";
    }
    return "unchanged";
}

apply_request read_apply(const json::object& body, faults& out) {
    apply_request request;
    member_reader top(body, "", out);
    request.dry_run = top.flag("dry_run").value_or(false);
    request.prune = top.flag("prune").value_or(false);
    request.replace_keys = top.flag("replace_keys").value_or(false);
    const auto* list = top.array("tenants", presence::required);
    top.refuse_others();
    if (list == nullptr) return request;

    absl::flat_hash_set<std::string> seen;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const std::string path = "tenants[" + std::to_string(i) + "]";
        const auto* object = (*list)[i].if_object();
        if (object == nullptr) {
            out.push_back({path, "has to be an object"});
            continue;
        }
        wanted_tenant wanted;
        member_reader one(*object, path, out);
        wanted.name = read_name(one, path, out);
        wanted.settings = read_settings(one, path, out);
        wanted.api_key = read_api_key(one, presence::optional);
        one.refuse_others();
        if (!wanted.name.empty() && !seen.insert(wanted.name).second) {
            out.push_back({path + ".name", "is there twice: \"" + wanted.name + "\""});
        }
        request.tenants.push_back(std::move(wanted));
    }
    return request;
}

std::vector<setting_difference> differences(const sync::tenant_settings& from,
                                            const sync::tenant_settings& to) {
    std::vector<setting_difference> out;
    for (const auto& row : sync::setting_rows()) {
        auto old_value = sync::setting_text(from, row.name);
        auto new_value = sync::setting_text(to, row.name);
        if (old_value != new_value) {
            out.push_back({std::string(row.name), std::move(old_value), std::move(new_value)});
        }
    }
    return out;
}

std::vector<apply_step> plan_apply(const apply_request& request,
                                   const std::vector<std::string>& names, const find_tenant& find,
                                   faults& out) {
    std::vector<apply_step> steps;
    absl::flat_hash_set<std::string_view> named;
    for (std::size_t i = 0; i < request.tenants.size(); ++i) {
        const auto& wanted = request.tenants[i];
        named.insert(wanted.name);
        apply_step step{.name = wanted.name, .wanted = i};
        if (const auto known = find(wanted.name)) {
            step.changes = differences(known->settings, wanted.settings);
            step.takes_key =
                !wanted.api_key.empty() && (request.replace_keys || known->key_was_refused);
            if (!step.changes.empty() || step.takes_key) step.action = apply_action::change;
        } else {
            step.action = apply_action::create;
            step.changes = differences(sync::defaults_of(wanted.settings.profile), wanted.settings);
            step.takes_key = true;
            if (wanted.api_key.empty()) {
                out.push_back(
                    {"tenants[" + std::to_string(i) + "].api_key",
                     "is missing: \"" + wanted.name +
                         "\" is a new tenant, and a new tenant needs its PeopleHR API key"});
            }
        }
        steps.push_back(std::move(step));
    }
    for (const auto& name : names) {
        if (!named.contains(name)) {
            steps.push_back({.name = name, .action = apply_action::not_in_file});
        }
    }
    return steps;
}

json::object to_json(const std::vector<setting_difference>& changes) {
    json::object out;
    for (const auto& one : changes) out[one.name] = json::array{one.old_value, one.new_value};
    return out;
}

json::object to_json(const apply_step& step) {
    json::object out{{"name", step.name}, {"action", name_of(step.action)}};
    if (step.action != apply_action::create && step.action != apply_action::change) return out;
    out["changes"] = to_json(step.changes);
    out["api_key"] = step.takes_key ? "stored" : "kept";
    return out;
}

} // namespace rollcall::edge
