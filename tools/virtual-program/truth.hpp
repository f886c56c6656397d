// What a directory must hold, worked out from the simulated PeopleHR's own record of its people,
// without the program's mapping and planner.
#pragma once
#include <functional>
#include <span>
#include <string>

#include "peoplehr-sim/company.hpp"
#include "rollcall/core/date.hpp"
#include "rollcall/directory/tenant_directory.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::sim {

// The date of that instant where the simulated companies are.
[[nodiscard]] date london_date(wall_time at);

// Tells of each difference. All that was changed in PeopleHR must have been read, and nothing of it
// be held back.
void compare_with_truth(std::string_view tenant, const directory::tenant_directory& users,
                        const sync::tenant_settings& settings, std::span<const employee> people,
                        date today, const std::function<void(std::string)>& differs);

} // namespace rollcall::sim
