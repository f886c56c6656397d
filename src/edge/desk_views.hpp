// What a person decides about and asks for, as JSON. Pure, like views.hpp.
#pragma once
#include <boost/json/object.hpp>

#include "rollcall/sync/desk.hpp"
#include "step_view.hpp"
#include "user_view.hpp"

namespace rollcall::edge {

[[nodiscard]] boost::json::object to_json(const sync::team_view& team);
[[nodiscard]] boost::json::object to_json(const sync::invitation_view& one, wall_time now);
[[nodiscard]] boost::json::object to_json(const sync::conflict_view& one);
[[nodiscard]] boost::json::object to_json(const sync::doubted_read& one);
[[nodiscard]] boost::json::object to_json(const sync::forecast_entry& one);
[[nodiscard]] boost::json::object to_json(const sync::audit_entry& one, const step_names& names);
[[nodiscard]] boost::json::object to_json(const sync::audit_finding& one);
// `viewer` null: without the user, whose tenant is gone.
[[nodiscard]] boost::json::object to_json(const sync::explanation& answer, user_viewer* viewer,
                                          const step_names& names);

} // namespace rollcall::edge
