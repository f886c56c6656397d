// All of the program that touches neither a socket, a file, a thread nor a system clock: the client
// of PeopleHR, the fleet on it, and the routes that the edges offer. The daemon gives it the real
// ports, the simulation gives it memory streams and a virtual clock; both run the same objects.
#pragma once
#include "rollcall/app/config.hpp"
#include "rollcall/async/shard.hpp"
#include "rollcall/core/log.hpp"
#include "rollcall/core/metrics.hpp"
#include "rollcall/http/server.hpp"
#include "rollcall/http/stream.hpp"
#include "rollcall/peoplehr/source.hpp"
#include "rollcall/sync/fleet.hpp"
#include "rollcall/sync/notice.hpp"
#include "rollcall/sync/store.hpp"

namespace rollcall::app {

// What the engine is given. All of it outlives the engine.
struct engine_ports {
    shard& home;
    http::connector& network;
    sync::store& storage;
    sync::key_vault& vault;
    sync::notice_sink& notices;
    logger log;
    metrics& numbers;
};

class engine {
  public:
    engine(const engine_ports& ports, const config& chosen);
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    // Loads what the store holds and begins to schedule; see fleet::start.
    [[nodiscard]] task<outcome<void>> start();
    // Drains as fleet::stop does, then closes idle connections. Idempotent.
    [[nodiscard]] task<> stop(nanoseconds grace);
    // Takes the values of `chosen` that may change while it runs; the caller has left out the
    // others.
    void reload(const config& chosen);

    [[nodiscard]] sync::fleet& fleet() noexcept { return fleet_; }
    // Serve these on as many listeners as wanted; the listeners must be stopped before the engine
    // dies.
    [[nodiscard]] const http::router& control_routes() const noexcept { return control_; }
    [[nodiscard]] const http::router& observe_routes() const noexcept { return observe_; }
    [[nodiscard]] const http::router& hook_routes() const noexcept { return hooks_; }

  private:
    peoplehr::source source_;
    sync::fleet fleet_;
    http::router control_;
    http::router observe_;
    http::router hooks_;
    bool started_ = false;
};

} // namespace rollcall::app
