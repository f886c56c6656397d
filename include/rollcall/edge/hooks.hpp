// The routes of the listener that PeopleHR's webhooks come in by (LA-1, LA-47).
//
//   POST /h/TOKEN   202 for whatever is well-formed, 400, 429 with Retry-After, 503 with
//   Retry-After
//
// A body is looked at before the token: what is malformed, or about something else than people, is
// answered without a look at tokens or disk. Then come the limits, which guard the disk, and then
// the hint, which is durable before the 202. An unknown token takes the same way, and waits for the
// same write.
#pragma once
#include <string>

#include "rollcall/async/shard.hpp"
#include "rollcall/core/log.hpp"
#include "rollcall/http/server.hpp"
#include "rollcall/sync/fleet.hpp"

namespace rollcall::edge {

// Of related events: the others cost nothing worth a limit.
struct hook_limits {
    std::uint32_t token_per_minute = 600;
    std::uint32_t token_burst = 1000;
    std::uint32_t address_per_minute = 6000;
    std::uint32_t address_burst = 5000;
    // A peer on this machine is a proxy: the last address of X-Forwarded-For sent the webhook.
    bool trust_local_proxy = true;
};

// `fleet` and `home` outlive every dispatch of `routes`.
void add_hook_routes(http::router& routes, sync::fleet& fleet, shard& home, hook_limits limits);

// What `rollcall tenant webhook` asks of the control socket.
struct hook_address {
    std::string public_url; // "https://hooks.example.com"; empty: only the path is known
    bool listening = false;
};
void add_webhook_routes(http::router& routes, sync::fleet& fleet, shard& home, const logger& log,
                        hook_address address);

} // namespace rollcall::edge
