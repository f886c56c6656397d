#include "desk_routes.hpp"

namespace rollcall::edge {

void add_desk_routes(http::router& routes, sync::fleet& fleet, shard& home, const logger& log) {
    const auto self = std::make_shared<desk_routes>(fleet, home, log);
    using route = task<http::response> (desk_routes::*)(http::request);
    // The router keeps the object alive; a handler's coroutine never outlives its dispatch.
    const auto add = [&](std::string method, const std::string& below, route what) {
        routes.add(std::move(method), "/v1/tenants/{tenant}" + below,
                   [self, what](http::request incoming) {
                       return (self.get()->*what)(std::move(incoming));
                   });
    };
    routes.add("GET", "/v1/holds",
               [self](http::request incoming) { return self->list_holds(std::move(incoming)); });
    add("POST", "/users", &desk_routes::add_user);
    add("PATCH", "/users/{user}", &desk_routes::edit_user);
    add("DELETE", "/users/{user}", &desk_routes::delete_user);
    add("POST", "/erase", &desk_routes::erase);
    add("GET", "/teams", &desk_routes::list_teams);
    add("POST", "/teams", &desk_routes::add_team);
    add("PATCH", "/teams/{team}", &desk_routes::edit_team);
    add("DELETE", "/teams/{team}", &desk_routes::delete_team);
    add("PUT", "/teams/{team}/members/{user}", &desk_routes::add_member);
    add("DELETE", "/teams/{team}/members/{user}", &desk_routes::remove_member);
    add("GET", "/hold", &desk_routes::show_hold);
    add("POST", "/hold/approve", &desk_routes::approve);
    add("POST", "/hold/reject", &desk_routes::reject);
    add("GET", "/conflicts", &desk_routes::list_conflicts);
    add("POST", "/conflicts/resolve", &desk_routes::resolve);
    add("POST", "/conflicts/reopen", &desk_routes::reopen);
    add("GET", "/invitations", &desk_routes::list_invitations);
    add("POST", "/invitations/send", &desk_routes::send_invitations);
    add("POST", "/invitations/cancel", &desk_routes::cancel_invitations);
    add("POST", "/invitations/confirm", &desk_routes::confirm_invitation);
    add("GET", "/go-live", &desk_routes::show_go_live);
    add("POST", "/go-live", &desk_routes::go_live);
    add("POST", "/what-if", &desk_routes::what_if);
    add("POST", "/runs/{run}/undo", &desk_routes::undo);
    add("GET", "/explain/{person}", &desk_routes::explain);
    add("GET", "/forecast", &desk_routes::forecast);
    add("GET", "/audit", &desk_routes::show_audit);
    add("GET", "/audit/export", &desk_routes::export_audit);
    add("POST", "/audit/verify", &desk_routes::verify_audit);
}

} // namespace rollcall::edge
