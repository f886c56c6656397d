// Whose limit a throttle answer was about (B-2): PeopleHR counts by source address, by company and
// by key, and its answer does not say which. Pure state, built on evidence; and the limit that such
// an answer teaches.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "rollcall/core/time.hpp"

namespace rollcall::sync {

enum class throttle_scope : std::uint8_t { unknown, address, company };
[[nodiscard]] std::string_view name_of(throttle_scope v) noexcept;

// A limit that a throttle answer lowers, and that comes back by a twentieth for each minute without
// another one, up to the setting. Whatever the answer claims it stays between 1 and the setting.
class learned_limit {
  public:
    learned_limit(std::uint32_t setting, nanoseconds window);

    void set_setting(std::uint32_t setting) noexcept;
    // `n` is the N of the answer; where it is missing or says nothing (0, or not below what was
    // allowed already) the limit is halved. Answers to calls that were under way together lower it
    // once.
    void lower(std::optional<std::uint32_t> n, mono_time now) noexcept;
    [[nodiscard]] std::uint32_t at(mono_time now) noexcept;
    [[nodiscard]] std::uint32_t setting() const noexcept { return setting_; }
    // N with the margin that 25 keeps below 30, if that would lower the limit.
    [[nodiscard]] std::optional<std::uint32_t> teaches(std::optional<std::uint32_t> n,
                                                       mono_time now) noexcept;

  private:
    void recover(mono_time now) noexcept;

    nanoseconds window_;
    mono_time quiet_since_ = mono_time::min();
    mono_time lowered_at_ = mono_time::min();
    double value_;
    std::uint32_t setting_;
};

// What an address has seen. Two kinds of evidence, of which the newest counts:
//
//   use       the answer names N; the tenant has made about N calls and the address many more:
//             company. The address has made about N and the tenant far fewer: address.
//   sequence  two tenants are throttled within two windows (the first answer pauses the address
//             for one of them): address. One tenant is throttled again, others having had
//             answers from the same address meanwhile: company.
class throttle_evidence {
  public:
    explicit throttle_evidence(nanoseconds window) : window_(window) {}

    struct answer {
        std::uint32_t tenant = 0; // 0: nobody's yet (a test call); no evidence by sequence
        std::uint32_t tenant_used = 0;
        std::uint32_t address_used = 0;
        std::optional<std::uint32_t> n;
    };
    void succeeded(std::uint32_t tenant, mono_time now) noexcept;
    throttle_scope throttled(const answer& what, mono_time now) noexcept;
    [[nodiscard]] throttle_scope scope() const noexcept { return scope_; }

  private:
    struct sighting {
        std::uint32_t tenant = 0;
        mono_time at = mono_time::min();
    };
    [[nodiscard]] std::optional<throttle_scope> by_use(const answer& what) const noexcept;
    [[nodiscard]] std::optional<throttle_scope> by_sequence(const answer& what,
                                                            mono_time now) const noexcept;

    nanoseconds window_;
    throttle_scope scope_ = throttle_scope::unknown;
    std::array<sighting, 4> throttles_{}; // the newest first
    std::array<sighting, 2> successes_{}; // the newest of two tenants
};

} // namespace rollcall::sync
