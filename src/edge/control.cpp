// The table of the control routes, and the routes of the fleet as a whole.
#include "rollcall/edge/control.hpp"

#include "control_routes.hpp"
#include "desk_routes.hpp"
#include "live_routes.hpp"
#include "views.hpp"

namespace rollcall::edge {

namespace json = boost::json;

void add_control_routes(http::router& routes, sync::fleet& fleet, shard& home, const logger& log) {
    const auto self = std::make_shared<control_routes>(fleet, home, log);
    using route = task<http::response> (control_routes::*)(http::request);
    // The router keeps the object alive; a handler's coroutine never outlives its dispatch.
    const auto add = [&](std::string method, std::string pattern, route what) {
        routes.add(std::move(method), std::move(pattern), [self, what](http::request incoming) {
            return (self.get()->*what)(std::move(incoming));
        });
    };
    add("GET", "/v1/status", &control_routes::status);
    add("GET", "/v1/settings", &control_routes::settings);
    add("GET", "/v1/tenants", &control_routes::list_tenants);
    add("POST", "/v1/tenants", &control_routes::add_tenant);
    add("GET", "/v1/tenants/{tenant}", &control_routes::show_tenant);
    add("PATCH", "/v1/tenants/{tenant}", &control_routes::change_tenant);
    add("DELETE", "/v1/tenants/{tenant}", &control_routes::remove_tenant);
    add("POST", "/v1/tenants/{tenant}/sync", &control_routes::sync_tenant);
    add("GET", "/v1/tenants/{tenant}/users", &control_routes::list_users);
    add("GET", "/v1/tenants/{tenant}/users/{user}", &control_routes::show_user);
    add("GET", "/v1/tenants/{tenant}/runs", &control_routes::list_runs);
    add("GET", "/v1/tenants/{tenant}/runs/{run}", &control_routes::show_run);
    add("POST", "/v1/apply", &control_routes::apply);
    add("POST", "/v1/backup", &control_routes::backup);
    add("POST", "/v1/doctor", &control_routes::doctor);
    add("GET", "/v1/runs/{run}", &control_routes::find_run);
    add_desk_routes(routes, fleet, home, log);
    add_live_routes(routes, fleet, home, log);
}

task<http::response> control_routes::status(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    co_return http::json_response(to_json(fleet_.status()));
}

task<http::response> control_routes::settings(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    co_return http::json_response(settings_table());
}

task<http::response> control_routes::backup(http::request incoming) {
    auto body = read_object(incoming.body);
    if (!body) co_return http::problem(body.error());
    faults wrong;
    member_reader members(*body, "", wrong);
    const auto path = members.text("path", presence::required, 4096);
    members.refuse_others();
    if (path && (!path->starts_with('/') || path->find('\0') != std::string_view::npos)) {
        wrong.push_back({"path", "has to be absolute: the daemon has another working directory"});
    }
    if (!wrong.empty()) co_return faults_problem(wrong);
    std::string file(*path);
    note("control.backup", incoming, {});
    const auto done = co_await fleet_.backup(file);
    if (!done) co_return http::problem(done.error());
    co_return http::json_response(json::object{{"path", file}});
}

task<http::response> control_routes::doctor(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const auto found = co_await fleet_.doctor();
    if (!found) co_return http::problem(found.error());
    json::array findings;
    for (const auto& one : *found) findings.push_back(json::value(one));
    co_return http::json_response(
        json::object{{"ok", found->empty()}, {"findings", std::move(findings)}});
}

} // namespace rollcall::edge
