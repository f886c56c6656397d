// The call budget: two limits at once, per egress address and per tenant (B-1), and what a throttle
// answer does to them (B-2). Pure; built on the exact limiter of core/sliding_window.hpp.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "rollcall/core/random.hpp"
#include "rollcall/core/sliding_window.hpp"
#include "rollcall/core/time.hpp"

namespace rollcall::sync {

class call_budget {
  public:
    // One limit per egress address, in calls per `window`.
    call_budget(std::span<const std::uint32_t> address_limits, nanoseconds window);

    // A slot of some address and one of the tenant, or neither. The number of the address.
    [[nodiscard]] std::optional<std::uint32_t> try_acquire(sliding_window& tenant, mono_time now);
    // When try_acquire may succeed; nothing while that depends on calls in flight.
    [[nodiscard]] std::optional<mono_time> available_at(const sliding_window& tenant,
                                                        mono_time now) const;
    // The same for any tenant whose own limit is not reached.
    [[nodiscard]] std::optional<mono_time> available_at(mono_time now) const;

    // The call ended at `now` (its answer came, or it was given up after bytes were sent), which
    // may be earlier than an instant that was given before.
    void settle(std::uint32_t address, sliding_window& tenant, mono_time now);
    // The call was never sent.
    void refund(std::uint32_t address, sliding_window& tenant);
    // B-2: the answer was a throttle. Pauses the tenant's and the address's bucket for a window
    // plus up to a tenth of it. N of the text is learnt for the tenant, with the margin that 25
    // keeps below 30; not for the address, whose scope it need not be.
    void throttled(std::uint32_t address, sliding_window& tenant, mono_time now,
                   std::optional<std::uint32_t> learned, random_source& random);

    // No slot of any address before `t`.
    void pause_until(mono_time t);
    void set_limits(std::span<const std::uint32_t> address_limits);
    [[nodiscard]] std::span<const sliding_window> addresses() const noexcept { return addresses_; }
    [[nodiscard]] nanoseconds window() const noexcept { return window_; }
    // Calls a window allows over all addresses.
    [[nodiscard]] std::uint32_t limit() const noexcept;

  private:
    std::vector<sliding_window> addresses_;
    nanoseconds window_;
    mono_time last_settled_ = mono_time::min();
};

} // namespace rollcall::sync
