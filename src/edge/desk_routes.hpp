// The handlers of what a person decides and asks: edits, holds, conflicts, invitations, teams,
// plans, answers, audit. One object, shared by its routes.
#pragma once
#include <string>
#include <vector>

#include "route_base.hpp"

namespace rollcall::edge {

class desk_routes : route_base {
  public:
    desk_routes(sync::fleet& fleet, shard& home, const logger& log)
        : route_base(fleet, home, log) {}

    // ---- desk_people.cpp ----
    [[nodiscard]] task<http::response> add_user(http::request incoming);
    [[nodiscard]] task<http::response> edit_user(http::request incoming);
    [[nodiscard]] task<http::response> delete_user(http::request incoming);
    [[nodiscard]] task<http::response> erase(http::request incoming);
    [[nodiscard]] task<http::response> list_teams(http::request incoming);
    [[nodiscard]] task<http::response> add_team(http::request incoming);
    [[nodiscard]] task<http::response> edit_team(http::request incoming);
    [[nodiscard]] task<http::response> delete_team(http::request incoming);
    [[nodiscard]] task<http::response> add_member(http::request incoming);
    [[nodiscard]] task<http::response> remove_member(http::request incoming);

    // ---- desk_holds.cpp ----
    [[nodiscard]] task<http::response> list_holds(http::request incoming);
    [[nodiscard]] task<http::response> show_hold(http::request incoming);
    [[nodiscard]] task<http::response> approve(http::request incoming);
    [[nodiscard]] task<http::response> reject(http::request incoming);
    [[nodiscard]] task<http::response> list_conflicts(http::request incoming);
    [[nodiscard]] task<http::response> resolve(http::request incoming);
    [[nodiscard]] task<http::response> reopen(http::request incoming);

    // ---- desk_invitations.cpp ----
    [[nodiscard]] task<http::response> list_invitations(http::request incoming);
    [[nodiscard]] task<http::response> send_invitations(http::request incoming);
    [[nodiscard]] task<http::response> cancel_invitations(http::request incoming);
    [[nodiscard]] task<http::response> confirm_invitation(http::request incoming);
    [[nodiscard]] task<http::response> show_go_live(http::request incoming);
    [[nodiscard]] task<http::response> go_live(http::request incoming);

    // ---- desk_plans.cpp ----
    [[nodiscard]] task<http::response> what_if(http::request incoming);
    [[nodiscard]] task<http::response> undo(http::request incoming);

    // ---- desk_answers.cpp ----
    [[nodiscard]] task<http::response> explain(http::request incoming);
    [[nodiscard]] task<http::response> forecast(http::request incoming);
    [[nodiscard]] task<http::response> show_audit(http::request incoming);
    [[nodiscard]] task<http::response> export_audit(http::request incoming);
    [[nodiscard]] task<http::response> verify_audit(http::request incoming);

  private:
    [[nodiscard]] task<http::response> set_member(http::request incoming, bool member);
};

void add_desk_routes(http::router& routes, sync::fleet& fleet, shard& home, const logger& log);

} // namespace rollcall::edge
