// The handlers of tenants, users, runs and the fleet as a whole. One object, shared by its routes.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "apply.hpp"
#include "route_base.hpp"

namespace rollcall::edge {

class control_routes : route_base {
  public:
    control_routes(sync::fleet& fleet, shard& home, const logger& log)
        : route_base(fleet, home, log) {}

    [[nodiscard]] task<http::response> status(http::request incoming);
    [[nodiscard]] task<http::response> settings(http::request incoming);
    [[nodiscard]] task<http::response> list_tenants(http::request incoming);
    [[nodiscard]] task<http::response> add_tenant(http::request incoming);
    [[nodiscard]] task<http::response> show_tenant(http::request incoming);
    [[nodiscard]] task<http::response> change_tenant(http::request incoming);
    [[nodiscard]] task<http::response> remove_tenant(http::request incoming);
    [[nodiscard]] task<http::response> sync_tenant(http::request incoming);
    [[nodiscard]] task<http::response> list_users(http::request incoming);
    [[nodiscard]] task<http::response> show_user(http::request incoming);
    [[nodiscard]] task<http::response> list_runs(http::request incoming);
    [[nodiscard]] task<http::response> show_run(http::request incoming);
    [[nodiscard]] task<http::response> find_run(http::request incoming);
    [[nodiscard]] task<http::response> apply(http::request incoming);
    [[nodiscard]] task<http::response> backup(http::request incoming);
    [[nodiscard]] task<http::response> doctor(http::request incoming);

  private:
    // A page of users in the order of their uids, and whether there are more.
    struct user_page {
        std::vector<directory::user_ref> users;
        std::uint32_t last_uid = 0;
        bool more = false;
    };
    // Nothing if the tenant is gone. What it gives is valid until the caller suspends.
    [[nodiscard]] task<std::optional<user_page>> collect_page(const std::string& tenant,
                                                              std::uint32_t after,
                                                              std::size_t limit);
    [[nodiscard]] task<std::vector<failure>> carry_out(apply_request& request,
                                                       const std::vector<apply_step>& steps);
    // Nothing where the new settings may act: nobody's data would change, the client saw what
    // would (`digest`), or nothing can be said because no snapshot is stored yet. Otherwise the
    // refusal, with the plan.
    [[nodiscard]] task<std::optional<http::response>> gate_of_settings(
        std::string tenant, sync::tenant_settings settings, std::string digest);
};

} // namespace rollcall::edge
