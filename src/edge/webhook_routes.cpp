// The control socket's routes of a tenant's webhook: its state, a new token, its end (LA-1).
#include "rollcall/edge/hooks.hpp"
#include "route_base.hpp"
#include "views.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;

constexpr std::uint64_t overlap_hours = 72, overlap_hours_max = std::uint64_t{24} * 90;

class webhook_routes : route_base {
  public:
    webhook_routes(sync::fleet& fleet, shard& home, const logger& log, hook_address address)
        : route_base(fleet, home, log), address_(std::move(address)) {}

    [[nodiscard]] task<http::response> show(http::request incoming);
    [[nodiscard]] task<http::response> rotate(http::request incoming);
    [[nodiscard]] task<http::response> remove(http::request incoming);

  private:
    [[nodiscard]] json::object with_address(const sync::webhook_view& view) const {
        auto out = to_json(view);
        out["listening"] = address_.listening;
        return out;
    }

    hook_address address_;
};

task<http::response> webhook_routes::show(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const auto& name = incoming.parameters.at("tenant");
    const auto found = fleet_.webhook_of(name);
    if (!found) co_return problem_of(found.error(), name);
    co_return http::json_response(with_address(*found));
}

// The only answer that ever holds the token.
task<http::response> webhook_routes::rotate(http::request incoming) {
    auto body = read_object(incoming.body);
    if (!body) co_return http::problem(body.error());
    faults wrong;
    member_reader members(*body, "", wrong);
    const auto overlap = members.number("overlap_hours", 0, overlap_hours_max);
    members.refuse_others();
    if (!wrong.empty()) co_return faults_problem(wrong);
    const std::string name = incoming.parameters.at("tenant");
    const auto made = co_await fleet_.rotate_webhook(
        name, hours{static_cast<std::int64_t>(overlap.value_or(overlap_hours))});
    if (!made) co_return problem_of(made.error(), name);
    note("control.webhook_rotated", incoming, name);
    auto answer = with_address(made->view);
    const auto path = "/h/" + std::string(made->token.reveal());
    answer["path"] = path;
    answer["url"] = text_or_null(address_.public_url.empty() ? "" : address_.public_url + path);
    co_return http::json_response(answer, 201);
}

task<http::response> webhook_routes::remove(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const std::string name = incoming.parameters.at("tenant");
    const auto left = co_await fleet_.remove_webhook(name);
    if (!left) co_return problem_of(left.error(), name);
    note("control.webhook_removed", incoming, name);
    co_return http::json_response(with_address(*left));
}

} // namespace

void add_webhook_routes(http::router& routes, sync::fleet& fleet, shard& home, const logger& log,
                        hook_address address) {
    const auto self = std::make_shared<webhook_routes>(fleet, home, log, std::move(address));
    const auto add = [&](std::string method, std::string pattern,
                         task<http::response> (webhook_routes::*what)(http::request)) {
        routes.add(std::move(method), std::move(pattern), [self, what](http::request incoming) {
            return (self.get()->*what)(std::move(incoming));
        });
    };
    add("GET", "/v1/tenants/{tenant}/webhook", &webhook_routes::show);
    add("DELETE", "/v1/tenants/{tenant}/webhook", &webhook_routes::remove);
    add("POST", "/v1/tenants/{tenant}/webhook/rotate", &webhook_routes::rotate);
}

} // namespace rollcall::edge
