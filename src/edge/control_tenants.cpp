// Routes of tenants: list, add, show, change, remove.
#include <algorithm>

#include "control_routes.hpp"
#include "desk_body.hpp"
#include "documents.hpp"
#include "tenant_body.hpp"
#include "views.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;

constexpr std::uint64_t tenants_page = 100, tenants_page_max = 1000, names_page_max = 20'000;

} // namespace

task<http::response> control_routes::list_tenants(http::request incoming) {
    faults wrong;
    query_reader query(incoming.query, wrong);
    const std::string after(query.text("after").value_or(""));
    const std::string prefix(query.text("prefix").value_or(""));
    const auto view = query.text("view").value_or("full");
    const bool names_only = view == "names";
    if (!names_only && view != "full") wrong.push_back({"view", "has to be full or names"});
    const auto limit = query.number("limit", names_only ? names_page_max : tenants_page, 1,
                                    names_only ? names_page_max : tenants_page_max);
    query.refuse_others();
    if (!wrong.empty()) co_return faults_problem(wrong);

    const auto names = fleet_.tenant_names();
    auto at = std::upper_bound(names.begin(), names.end(), after);
    if (prefix > after) at = std::lower_bound(names.begin(), names.end(), prefix);
    json::array page;
    std::string last;
    for (; at != names.end() && at->starts_with(prefix) && page.size() < limit; ++at) {
        last = *at;
        if (names_only) {
            page.push_back(json::value(*at));
        } else if (const auto tenant = fleet_.tenant(*at)) {
            page.push_back(to_json(*tenant, detail::brief));
        }
    }
    const bool more = at != names.end() && at->starts_with(prefix);
    co_return http::json_response(json::object{{names_only ? "names" : "tenants", std::move(page)},
                                               {"next", text_or_null(more ? last : "")},
                                               {"total", names.size()}});
}

task<http::response> control_routes::add_tenant(http::request incoming) {
    auto body = read_object(incoming.body);
    if (!body) co_return http::problem(body.error());
    faults wrong;
    member_reader members(*body, "", wrong);
    sync::new_tenant what;
    what.name = read_name(members, "", wrong);
    what.settings = read_settings(members, "", wrong);
    what.api_key = read_api_key(members, presence::required);
    what.verify = members.flag("verify").value_or(true);
    members.refuse_others();
    if (!wrong.empty()) co_return faults_problem(wrong);
    // The test call may wait for its turn: the clear text does not.
    body->clear();

    const std::string name = what.name;
    const auto added = co_await fleet_.add_tenant(std::move(what));
    if (!added) co_return http::problem(added.error());
    note("control.tenant_added", incoming, name);
    auto answer = http::json_response(to_json(*added, detail::full), 201);
    answer.headers.emplace_back("Location", "/v1/tenants/" + name);
    co_return answer;
}

task<http::response> control_routes::show_tenant(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const auto& name = incoming.parameters.at("tenant");
    const auto tenant = fleet_.tenant(name);
    if (!tenant) co_return unknown_tenant(name);
    co_return http::json_response(to_json(*tenant, detail::full));
}

task<std::optional<http::response>> control_routes::gate_of_settings(std::string tenant,
                                                                     sync::tenant_settings settings,
                                                                     std::string digest) {
    const auto plan = co_await desk_.what_if(tenant, std::move(settings));
    if (!plan) {
        const bool nothing_stored = plan.error().code == errc::not_found && fleet_.tenant(tenant);
        if (nothing_stored) co_return std::nullopt;
        co_return problem_of(plan.error(), tenant);
    }
    if (plan->digest.empty() || plan->digest == digest) co_return std::nullopt;
    co_return http::problem(
        409, name_of(errc::held), "The settings would change people",
        digest.empty() ? "These settings would change what is there; look at `plan`, and repeat "
                         "the request with its digest to go ahead"
                       : "What these settings would change is no longer what you saw; look at "
                         "`plan` again, and repeat the request with its digest",
        {{"plan", brief_plan(*plan, fleet_.books_of(tenant))}});
}

task<http::response> control_routes::change_tenant(http::request incoming) {
    const std::string name = incoming.parameters.at("tenant");
    auto body = read_object(incoming.body);
    if (!body) co_return http::problem(body.error());
    const auto present = fleet_.tenant(name);
    if (!present) co_return unknown_tenant(name);

    faults wrong;
    member_reader members(*body, "", wrong);
    sync::tenant_change what;
    if (const auto* given = members.object("settings")) {
        what.settings = read_settings_over(present->settings, *given, wrong);
    }
    if (auto key = read_api_key(members, presence::optional); !key.empty()) {
        what.api_key = std::move(key);
    }
    what.verify = members.flag("verify").value_or(true);
    const bool force = members.flag("force").value_or(false);
    const std::string digest(
        members.text("digest", presence::optional, digest_bytes_max).value_or(""));
    members.refuse_others();
    if (wrong.empty() && !what.settings && !what.api_key) {
        wrong.push_back({"", "Nothing to change: give settings, api_key or both"});
    }
    if (!wrong.empty()) co_return faults_problem(wrong);
    body->clear();

    if (what.settings && !force && *what.settings != present->settings) {
        if (auto refused = co_await gate_of_settings(name, *what.settings, digest)) {
            co_return std::move(*refused);
        }
    }
    const auto changed = co_await fleet_.change_tenant(name, std::move(what));
    if (!changed) co_return problem_of(changed.error(), name);
    note("control.tenant_changed", incoming, name);
    auto answer = to_json(*changed, detail::full);
    answer["changes"] = to_json(differences(present->settings, changed->settings));
    co_return http::json_response(answer);
}

task<http::response> control_routes::remove_tenant(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const std::string name = incoming.parameters.at("tenant");
    const auto removed = co_await fleet_.remove_tenant(name);
    if (!removed) co_return problem_of(removed.error(), name);
    note("control.tenant_removed", incoming, name);
    http::response answer;
    answer.status = 204;
    co_return answer;
}

} // namespace rollcall::edge
