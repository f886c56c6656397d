// The handlers behind the control socket. One object, shared by its routes; lives on the home
// shard.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "apply.hpp"
#include "request_reader.hpp"
#include "rollcall/async/shard.hpp"
#include "rollcall/core/log.hpp"
#include "rollcall/http/server.hpp"
#include "rollcall/sync/fleet.hpp"

namespace rollcall::edge {

class control_routes {
  public:
    control_routes(sync::fleet& fleet, shard& home, const logger& log)
        : fleet_(fleet), home_(home), log_(log) {}

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
    [[nodiscard]] http::response found_user(const std::string& tenant,
                                            directory::user_ref which) const;

    // 404 with the nearest known name.
    [[nodiscard]] http::response unknown_tenant(std::string_view name) const;
    [[nodiscard]] http::response problem_of(const failure& what, std::string_view tenant) const;
    // One line for each verb that changes something, with the peer's credentials.
    void note(std::string_view event, const http::request& by, std::string_view tenant) const;
    [[nodiscard]] static std::optional<http::response> refuse_parameters(
        const http::request& incoming);

    sync::fleet& fleet_;
    shard& home_;
    logger log_;
};

} // namespace rollcall::edge
