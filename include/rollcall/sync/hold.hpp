// Steps that wait for a person (G-5, G-6), and the limits that make them wait.
//
// Each kind of change has a guard. Over its limit, all steps of that guard are kept together as a
// section of the tenant's hold; the other kinds go on. A hold is approved or rejected by its
// digest, whole or section by section.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/core/time.hpp"
#include "rollcall/sync/run.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::sync {

struct plan;
struct books;

// `none` for what is never held. Rename proposals are always held (LA-35).
[[nodiscard]] guard guard_of(step_kind kind) noexcept;
[[nodiscard]] std::string_view name_of(guard v) noexcept; // "deactivation"
[[nodiscard]] std::optional<guard> read_guard(std::string_view name) noexcept;

// A number that stands for a step's content: kind, subject, old and new values. The same step
// planned again has the same one (BLAKE2b, 128 bits, as 32 hex digits).
using step_digest = std::array<unsigned char, 16>;
[[nodiscard]] step_digest digest_of(const step& what);

struct held_section {
    guard what = guard::none;
    std::string reason; // in words with the figures and the rule: "14 of 40 active people …"
    std::vector<step> steps;
};

// What waits for a person at one tenant; there is at most one.
struct hold {
    std::string digest;    // of all sections, hex; empty: nothing is held
    std::uint64_t run = 0; // that planned it first
    wall_time since{};
    std::vector<held_section> sections; // by guard

    [[nodiscard]] bool empty() const noexcept { return sections.empty(); }
    [[nodiscard]] std::size_t steps() const noexcept;
};
// Sets the digest from the sections.
void seal(hold& which);

// What was applied of each guard and when: the rolling windows of a day and a week (G-5).
struct breaker_memory {
    struct entry {
        guard what = guard::none;
        wall_time at{};
        std::uint32_t count = 0;
        friend bool operator==(const entry&, const entry&) = default;
    };
    std::vector<entry> applied; // oldest first; none older than a week

    void add(guard what, wall_time at, std::uint32_t count);
    void forget_before(wall_time when);
    [[nodiscard]] std::uint32_t count(guard what, wall_time since) const noexcept;
    [[nodiscard]] std::string to_text() const;
    // Anything that to_text did not write gives an empty memory.
    [[nodiscard]] static breaker_memory from_text(std::string_view text);
    friend bool operator==(const breaker_memory&, const breaker_memory&) = default;
};

struct withheld {
    std::vector<held_section> sections; // to be held; empty: nothing trips
    std::uint32_t rejected = 0;         // steps left out because a person rejected just them
};
// Takes out of the plan what may not be applied: steps that a person rejected, all steps of every
// guard over its limit, and then, until nothing moves, every step that needs one of those: whose id
// or address is still taken, whose seat is not free (WT-6), whose user would not be created. People
// of whom a step was taken out lose their fingerprint in plan.seen, so that the next sweep looks at
// them again. The head count against which shares are measured is that before the run plus what was
// deactivated in the window.
[[nodiscard]] withheld withhold(plan& made, const books& of, const tenant_settings& settings,
                                wall_time now);

} // namespace rollcall::sync
