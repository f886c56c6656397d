// The control socket's routes: what an operator, a script or `rollcall` asks of the daemon.
//
//   GET    /v1/status                                 the fleet at a glance
//   GET    /v1/settings                               the table of settings with both profiles'
//   defaults GET    /v1/tenants              ?after&limit&prefix&view=full|names POST   /v1/tenants
//   {name, api_key, settings?, verify?} GET    /v1/tenants/T            PATCH {settings?, api_key?,
//   verify?}   DELETE POST   /v1/tenants/T/sync       {employee_id?, wait?}   wait: one JSON object
//   a line until done GET    /v1/tenants/T/users      ?after&limit | ?id | ?email GET
//   /v1/tenants/T/users/ID GET    /v1/tenants/T/runs       ?before&limit GET /v1/tenants/T/runs/RUN
//   POST   /v1/apply                {tenants: [{name, settings?, api_key?}], dry_run?, prune?,
//   replace_keys?} POST   /v1/backup               {path} POST   /v1/doctor
//
// Errors are problem+json (RFC 9457) whose detail says what to do. Requests are read strictly: an
// unknown member or query parameter is refused by its name, because a misspelt one would otherwise
// be ignored. An API key only ever enters: no answer holds one, and the request's copies are wiped
// after use.
#pragma once
#include "rollcall/async/shard.hpp"
#include "rollcall/core/log.hpp"
#include "rollcall/http/server.hpp"
#include "rollcall/sync/fleet.hpp"

namespace rollcall::edge {

// `fleet` and `home` (the fleet's shard, on which the handlers run) outlive every dispatch of
// `routes`.
void add_control_routes(http::router& routes, sync::fleet& fleet, shard& home, const logger& log);

} // namespace rollcall::edge
