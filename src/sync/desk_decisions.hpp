// What a person's decisions come to: the proposals of an approval, a rejection, a go-live, an undo,
// an erasure. Pure; the desk enacts them.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "enactment.hpp"
#include "rollcall/sync/desk.hpp"

namespace rollcall::sync {

// The digest of steps that are shown; empty where there are none.
[[nodiscard]] std::string digest_of_steps(std::span<const step> steps);
[[nodiscard]] failure not_as_shown(std::string_view what);

// ---- holds (G-5, G-6); `guards` empty: all sections ----

[[nodiscard]] std::optional<failure> cannot_decide(const hold& held, std::string_view digest,
                                                   std::span<const guard> guards);
[[nodiscard]] proposal approving(const books& of, const tenant_settings& settings,
                                 std::span<const guard> guards, wall_time now);
[[nodiscard]] proposal rejecting(const books& of, std::span<const guard> guards);

// ---- conflicts ----

// Whether the holder of the address that the record wants is whom it is about.
[[nodiscard]] bool is_about_an_address(issue_kind kind) noexcept;
// `row` is the record as it is stored: needed where it is about an address.
[[nodiscard]] outcome<decision> deciding(const books& of, issue_kind kind,
                                         const std::string& external_id, ruling_of_conflict how,
                                         const source_row* row, wall_time now);

// ---- invitations of the first import (G-5) ----

// Those that would go now, of a plan of what time alone brings.
[[nodiscard]] shown_plan going_live(plan made);
[[nodiscard]] proposal go_live_with(const books& of, shown_plan shown, wall_time now);

// ---- undo ----

// A failure where the directory would not hold together any more.
[[nodiscard]] outcome<shown_plan> undoing(const books& of, std::span<const step> done);

// ---- erasure ----

// Of the directory, or only of what is remembered.
struct person_to_erase {
    std::uint32_t uid = 0; // 0: nobody of the directory
    std::string external_id;
    std::string folded_email;
};
[[nodiscard]] person_to_erase whom_to_erase(const books& of, std::string_view person);
// `numbers`: all that the person ever had, as far as known.
[[nodiscard]] proposal erasing(const books& of, const person_to_erase& whom,
                               std::vector<std::uint32_t> numbers);

} // namespace rollcall::sync
