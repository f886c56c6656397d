#include "rollcall/edge/observe.hpp"

#include <boost/json/array.hpp>
#include <memory>

namespace rollcall::edge {
namespace {

namespace json = boost::json;

struct observe_routes {
    const sync::fleet& fleet;
    metrics& numbers;
    std::function<bool()> started;

    [[nodiscard]] json::array reasons() const {
        const auto status = fleet.status();
        json::array out;
        if (status.storage.failed) {
            out.push_back(
                "storage failed: the database reported an I/O error, and the daemon ends");
        }
        if (status.storage.full) {
            out.push_back("storage full: reads go on, new work is refused; free some space");
        }
        if (status.draining) out.push_back("draining: the daemon was asked to stop");
        return out;
    }
    [[nodiscard]] static http::response health(json::array reasons) {
        const bool well = reasons.empty();
        return http::json_response(
            json::object{{"status", well ? "ok" : "unavailable"}, {"reasons", std::move(reasons)}},
            well ? 200 : 503);
    }

    [[nodiscard]] task<http::response> show_metrics(http::request) {
        http::response answer;
        answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
        answer.body = numbers.render();
        co_return answer;
    }
    [[nodiscard]] task<http::response> healthz(http::request) { co_return health(reasons()); }
    [[nodiscard]] task<http::response> readyz(http::request) {
        auto why_not = reasons();
        if (!started()) why_not.push_back("starting: the directory is being loaded");
        co_return health(std::move(why_not));
    }
};

} // namespace

void add_observe_routes(http::router& routes, const sync::fleet& fleet, metrics& numbers,
                        std::function<bool()> started) {
    const auto self =
        std::make_shared<observe_routes>(observe_routes{fleet, numbers, std::move(started)});
    routes.add("GET", "/metrics",
               [self](http::request r) { return self->show_metrics(std::move(r)); });
    routes.add("GET", "/healthz", [self](http::request r) { return self->healthz(std::move(r)); });
    routes.add("GET", "/readyz", [self](http::request r) { return self->readyz(std::move(r)); });
}

} // namespace rollcall::edge
