// The routes for those who watch: the feed of events and the picture of now. Neither tells of a
// person.
#pragma once
#include <memory>

#include "route_base.hpp"

namespace rollcall::edge {

class live_routes : route_base {
  public:
    live_routes(sync::fleet& fleet, shard& home, const logger& log)
        : route_base(fleet, home, log) {}

    [[nodiscard]] task<http::response> events(http::request incoming);
    [[nodiscard]] task<http::response> top(http::request incoming);

  private:
    // Streams that have no end of their own. The control socket has a limited number of
    // connections, and watching must not use them up.
    std::shared_ptr<std::size_t> followers_ = std::make_shared<std::size_t>(0);
};

void add_live_routes(http::router& routes, sync::fleet& fleet, shard& home, const logger& log);

} // namespace rollcall::edge
