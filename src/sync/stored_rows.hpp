// Work on the rows of the stored snapshot, which is the source's last word on each person.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/sync/row_pack.hpp"
#include "rollcall/sync/settings.hpp"
#include "rollcall/sync/store.hpp"

namespace rollcall::sync {

[[nodiscard]] std::vector<std::string> extra_names_of(const tenant_settings& settings);

// The next row of this PeopleHR id, if there is one.
[[nodiscard]] bool find_record(std::string_view external_id, row_unpacker& rows, source_row& into);

// The same snapshot with the rows that `keep` wants, and those of `more` (packed rows) behind them.
[[nodiscard]] stored_snapshot repacked(const stored_snapshot& all, const tenant_settings& settings,
                                       const std::function<bool(const source_row&)>& keep,
                                       std::string_view more = {});

} // namespace rollcall::sync
