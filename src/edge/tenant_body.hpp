// The parts of a request that describe a tenant, read the same way by every route that takes one.
#pragma once
#include <string>

#include "request_reader.hpp"
#include "rollcall/core/secret.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::edge {

// PeopleHR keys are UUIDs; the room is for a vendor who changes its mind.
inline constexpr std::size_t api_key_bytes_max = 512;
inline constexpr std::size_t tenant_name_bytes_max = 63;

// `path` is that of the reader's object. Empty after a fault.
[[nodiscard]] std::string read_name(member_reader& from, const std::string& path, faults& out);
// The `settings` member over its profile's defaults.
[[nodiscard]] sync::tenant_settings read_settings(member_reader& from, const std::string& path,
                                                  faults& out);
// The `settings` member over `present`; null gives a setting back its profile's default.
[[nodiscard]] sync::tenant_settings read_settings_over(const sync::tenant_settings& present,
                                                       const boost::json::object& given,
                                                       faults& out);
[[nodiscard]] secret read_api_key(member_reader& from, presence p);

} // namespace rollcall::edge
