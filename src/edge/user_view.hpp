// A user as JSON.
#pragma once
#include <absl/container/flat_hash_map.h>

#include <optional>

#include <boost/json/object.hpp>

#include "rollcall/sync/books.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::edge {

// Views of users of one tenant, made without a suspension in between. Managers are nearly always
// found by their PeopleHR id; for the others the directory is walked once, not once for each.
class user_viewer {
  public:
    user_viewer(const sync::books& of, const sync::tenant_settings& settings, wall_time now)
        : books_(of), settings_(settings), now_(now) {}

    // Under the neutral names, and in `fields` under those of the tenant's profile as its settings
    // map them.
    [[nodiscard]] boost::json::object view(directory::user_ref which);
    // A user as it was at another time; manager and team are named as they are called now.
    [[nodiscard]] boost::json::object view(const directory::user_meta& meta,
                                           const directory::user_values& values);

  private:
    [[nodiscard]] directory::user_ref manager_of(const directory::user_meta& meta,
                                                 const directory::user_values& values);
    [[nodiscard]] directory::user_ref find(std::uint32_t uid);
    [[nodiscard]] boost::json::value manager_json(directory::user_ref manager) const;
    [[nodiscard]] boost::json::value team_json(const directory::user_values& values) const;
    [[nodiscard]] boost::json::value invitation_json(std::uint32_t uid) const;
    [[nodiscard]] boost::json::object fields_json(const directory::user_values& values,
                                                  directory::user_ref manager) const;

    const sync::books& books_;
    const sync::tenant_settings& settings_;
    wall_time now_;
    std::optional<absl::flat_hash_map<std::uint32_t, directory::user_ref>> by_uid_;
};

// The state that is shown: one that is scheduled and whose instant has come is due.
[[nodiscard]] sync::invitation_state shown_state(const sync::invitation& what, wall_time now);

} // namespace rollcall::edge
