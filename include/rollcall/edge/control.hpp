// The control socket's routes: what an operator, a script or `rollcall` asks of the daemon.
// src/edge/README.md is the table of the routes and what holds for all of them.
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
