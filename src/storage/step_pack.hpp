// Steps as bytes: what a hold's section keeps, and what the audit seals. Part of the disk format.
//
//     body   label, number of changes, then for each: attribute's word, two letters for the old and
//            the new owner, old value, new value, rule
//     steps  number of steps, then for each: kind's word, subject, body
//
// A number is LEB128, a text its length as one and the bytes.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/sync/run.hpp"

namespace rollcall::storage {

// Label and changes: what a step says about a person beyond that it was.
[[nodiscard]] std::string pack_body(const sync::step& from);
// False unless pack_body wrote it; `into` may then hold a part.
[[nodiscard]] bool unpack_body(std::string_view packed, sync::step& into);

[[nodiscard]] std::string pack_steps(std::span<const sync::step> steps);
[[nodiscard]] bool unpack_steps(std::string_view packed, std::vector<sync::step>& into);

} // namespace rollcall::storage
