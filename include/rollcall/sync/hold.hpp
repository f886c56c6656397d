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
// The same for a step: who moves to no team at all is cleared, not moved (LA-34).
[[nodiscard]] guard guard_of(const step& what) noexcept;
[[nodiscard]] std::string_view name_of(guard v) noexcept; // "deactivation"
[[nodiscard]] std::optional<guard> read_guard(std::string_view name) noexcept;

// A number that stands for a step's content: kind, subject, old and new values. The same step
// planned again has the same one (BLAKE2b, 128 bits, as 32 hex digits): of what it creates it takes
// the label for the subject, and of an invitation not the instant of sending.
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

// The memory after these steps were applied at `at`: what counts is what nobody was asked about.
// What a person approved, did or undid is no runaway, and a first import has nothing to be measured
// against. `of` is from before.
[[nodiscard]] breaker_memory remember(const books& of, std::span<const step> done, run_cause cause,
                                      wall_time at);

struct withheld {
    std::vector<held_section> sections;      // to be held; empty: nothing trips
    std::uint32_t rejected = 0;              // steps left out because a person rejected just them
    std::vector<step_digest> still_rejected; // theirs, sorted: the other rejections are over
};
// Takes out of the plan what may not be applied: steps that a person rejected, all steps of every
// guard over its limit, and then, until nothing moves, every step that needs one of those: whose id
// or address is still taken, whose seat is not free (WT-6), whose user would not be created. People
// of whom a step was taken out lose their fingerprint in plan.seen, so that the next sweep looks at
// them again. The head count against which shares are measured is that before the run plus what was
// deactivated in the window. A plan that is not of everybody (`whole` false) passes no hold by:
// what waits there for a person goes on waiting.
[[nodiscard]] withheld withhold(plan& made, const books& of, const tenant_settings& settings,
                                wall_time now, bool whole = true);

// What an approval of these sections does (`guards` empty: of all): their steps in the order of
// G-8, but for those that need a step of another section, which stay held with it.
struct approval {
    std::vector<step> steps;        // without what LA-45 or WT-6 forbids by now
    std::vector<held_section> rest; // stays held
};
[[nodiscard]] approval approve(const hold& which, std::span<const guard> guards, const books& of,
                               const tenant_settings& settings);
// What is to be remembered when a section is rejected: the steps that its own guard held. Those
// that only waited for them are planned anew, and left out as long as they need a rejected one.
[[nodiscard]] std::vector<step_digest> rejections_of(const held_section& which);

} // namespace rollcall::sync
