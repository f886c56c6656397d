// The routes of the loopback listener, for Prometheus and for what restarts or balances the daemon.
//
//   GET /metrics   Prometheus text format
//   GET /healthz   200, or 503 with the reasons: storage failed, storage full, draining
//   GET /readyz    the same, and 503 until the fleet has started
#pragma once
#include <functional>

#include "rollcall/core/metrics.hpp"
#include "rollcall/http/server.hpp"
#include "rollcall/sync/fleet.hpp"

namespace rollcall::edge {

// The references outlive every dispatch of `routes`. `started` says whether fleet::start() has
// ended well.
void add_observe_routes(http::router& routes, const sync::fleet& fleet, metrics& numbers,
                        std::function<bool()> started);

} // namespace rollcall::edge
