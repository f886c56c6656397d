// What is read of a webhook's body. Pure.
//
// PeopleHR documents neither type nor encoding of it (peoplehr-api.md, section 5): a JSON object,
// a form, or lines of "Key:Value" are taken, whatever the content type says. ActionId or Action,
// and EmployeeId are read; their names in any case, their values as text or number. The rest is
// forgeable and not looked at.
#pragma once
#include <optional>
#include <string_view>

#include "rollcall/sync/webhook.hpp"

namespace rollcall::edge {

struct hook_reading {
    std::string_view fault;                   // a sentence without a value of the body; empty: none
    std::optional<sync::webhook_event> event; // nothing, without a fault: an unrelated event
};
[[nodiscard]] hook_reading read_hook_body(std::string_view body);

} // namespace rollcall::edge
