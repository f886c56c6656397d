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
    // It was not this limit: what the throttles of the last minutes lowered is put back.
    void take_back(mono_time now) noexcept;
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
    double before_; // what the throttles of the last minutes found
    std::uint32_t setting_;
};

// What an address has seen. What refutes that a throttle was the address's is an answer to somebody
// else at no lower use of the address; that time has passed refutes nothing, since a pause empties
// the address. Evidence, the strongest first:
//
//   refuted   one tenant is throttled again, and its throttle before was refuted, or found to be
//   its
//             company's: company.
//   use       the answer names N; the tenant has made about N calls and the address many more:
//             company. The address has made N and the tenant far fewer: address.
//   height    one tenant is throttled again, where somebody else had an answer at no lower use of
//             the address within the last windows: company.
//   sequence  two tenants are throttled within two windows, neither's throttle refuted: address.
//
// Otherwise the last finding stands, for as long as evidence counts.
class throttle_evidence {
  public:
    explicit throttle_evidence(nanoseconds window) : window_(window) {}

    struct answer {
        std::uint32_t tenant = 0; // 0: nobody's yet (a test call); no evidence but by use
        std::uint32_t tenant_used = 0;
        std::uint32_t address_used = 0;
        std::optional<std::uint32_t> n;
        bool blamed = false; // found on another address: it is the tenant's company
    };
    struct finding {
        throttle_scope scope = throttle_scope::unknown;
        // How many throttles of the tenant came before this one in the last windows.
        std::uint32_t before = 0;
        // What was taken for the address's, because of this tenant too, was its company's.
        bool takes_back = false;
    };
    // `address_used`: the calls of the last window that have ended, this one with them.
    void succeeded(std::uint32_t tenant, std::uint32_t address_used, mono_time now) noexcept;
    finding throttled(answer what, mono_time now) noexcept;
    [[nodiscard]] throttle_scope scope() const noexcept { return scope_; }
    // Whether the tenant's last throttle here was found to be its company's.
    [[nodiscard]] bool blames(std::uint32_t tenant, mono_time now) const noexcept;

  private:
    // A tenant's newest throttle.
    struct sighting {
        std::uint32_t tenant = 0;
        mono_time at = mono_time::min();
        std::uint32_t used = 0;   // of the address
        std::uint32_t shown = 0;  // the highest use at which somebody else had an answer since
        std::uint32_t before = 0; // throttles of this tenant before it
        throttle_scope by = throttle_scope::unknown; // what it was evidence of by itself

        [[nodiscard]] bool refuted() const noexcept { return shown >= used; }
    };
    // The highest use at which a tenant had an answer.
    struct peak {
        std::uint32_t tenant = 0;
        std::uint32_t used = 0;
        mono_time at = mono_time::min();
    };
    [[nodiscard]] std::optional<throttle_scope> by_use(const answer& what) const noexcept;
    [[nodiscard]] bool by_height(const answer& what, mono_time now) const noexcept;
    [[nodiscard]] sighting* accomplice(const answer& what, mono_time now) noexcept;
    [[nodiscard]] throttle_scope judge(const answer& what, const sighting* last,
                                       mono_time now) noexcept;
    [[nodiscard]] sighting* find(std::uint32_t tenant, mono_time now) noexcept;
    void remember(const sighting& newest) noexcept;

    nanoseconds window_;
    throttle_scope scope_ = throttle_scope::unknown;
    mono_time found_at_ = mono_time::min();
    std::array<sighting, 16> throttles_{}; // the newest first, one of a tenant
    std::array<peak, 2> peaks_{};          // the highest of two tenants
};

} // namespace rollcall::sync
