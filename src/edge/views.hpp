// What the control socket shows, as JSON. Pure: values in, JSON out.
//
// Times are RFC 3339 in UTC, durations are seconds, and what is unset is null (G-12). No view has a
// member for an API key, and the gate's memory stays inside.
#pragma once
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "rollcall/sync/fleet.hpp"

namespace rollcall::edge {

enum class detail { brief, full };

[[nodiscard]] boost::json::value text_or_null(std::string_view text);
// "2026-11-21T18:46:05.123Z"; null for the zero time, which stands for never.
[[nodiscard]] boost::json::value time_json(wall_time t);
// Seconds; null for a negative duration, which stands for unknown.
[[nodiscard]] boost::json::value seconds_json(nanoseconds d);

[[nodiscard]] boost::json::object to_json(const sync::fleet_status& status);
// Brief: the number of issues in place of the issues.
[[nodiscard]] boost::json::object to_json(const sync::tenant_view& tenant, detail how);
// Of a tenant's webhook; the marks of its tokens stay inside.
[[nodiscard]] boost::json::object to_json(const sync::webhook_view& webhook);
[[nodiscard]] boost::json::object to_json(const sync::run_counts& counts);
// Without steps and issues, which documents.hpp adds.
[[nodiscard]] boost::json::object to_json(const sync::run_record& run);
[[nodiscard]] boost::json::object to_json(const sync::issue& issue);
[[nodiscard]] boost::json::object to_json(const sync::sync_ticket& ticket);
// A finished run is brief: its steps may be many, and `rollcall run show` has them.
[[nodiscard]] boost::json::object to_json(const sync::sync_progress& progress);
// The table of settings with the defaults of both profiles.
[[nodiscard]] boost::json::object settings_table();

} // namespace rollcall::edge
