// The call budget: two limits at once, per egress address and per tenant (B-1), what a throttle
// answer does to them (B-2), and who may take the slots how fast. Pure; built on the exact limiter
// of core/sliding_window.hpp.
//
// A window whose slots are all taken in its first seconds has none for a minute, and whoever then
// presses a button waits for it. So the slots of an address are meant to come back evenly, one each
// window / limit: what nobody waits for starts in that step, and what somebody waits for takes any
// slot that is free. The step is kept by a theoretical time of arrival as in GCRA: every start,
// whoever makes it, moves it on by a step, so that pacing costs no slot. An address that is half
// empty may run ahead of the step by a fifth of its slots.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "rollcall/core/random.hpp"
#include "rollcall/core/sliding_window.hpp"
#include "rollcall/core/time.hpp"
#include "rollcall/sync/throttle_scope.hpp"

namespace rollcall::sync {

// How a start may take its slot.
enum class pace : std::uint8_t {
    any,    // any free slot
    most,   // likewise while a quarter of the address is free; then evenly
    evenly, // in the step of the address
    spare,  // evenly, and only while a fifth of the address is free
};

class call_budget {
  public:
    // One limit per egress address, in calls per `window`.
    call_budget(std::span<const std::uint32_t> address_limits, nanoseconds window);

    // A slot of some address and one of the tenant, or neither. The number of the address.
    [[nodiscard]] std::optional<std::uint32_t> try_acquire(sliding_window& tenant, mono_time now,
                                                           pace how = pace::any);
    // When try_acquire may succeed; nothing while that depends on calls in flight.
    [[nodiscard]] std::optional<mono_time> available_at(const sliding_window& tenant, mono_time now,
                                                        pace how = pace::any) const;
    // The same for any tenant whose own limit is not reached.
    [[nodiscard]] std::optional<mono_time> available_at(mono_time now, pace how = pace::any) const;

    // The call ended at `now` (its answer came, or it was given up after bytes were sent), which
    // may be earlier than an instant that was given before.
    void settle(std::uint32_t address, sliding_window& tenant, mono_time now);
    // The call was never sent.
    void refund(std::uint32_t address, sliding_window& tenant);
    // PeopleHR had no objection to the number of calls: evidence for B-2. After settle().
    void accepted(std::uint32_t address, std::uint32_t who, mono_time now);
    // B-2: the answer was a throttle. Pauses the tenant for a window plus up to a tenth of it, and
    // the address as well unless it is known to be the company's limit; then the tenant waits a
    // little longer than the address, unless it is `alone`. Lowers the address's limit where it is
    // that, and puts it back where that was a mistake. Answers the scope: where it is not the
    // address, the tenant's own limit is the caller's to lower. `who`: 0 where there is no tenant
    // yet. To be called before settle() and accepted().
    throttle_scope throttled(std::uint32_t address, sliding_window& tenant, std::uint32_t who,
                             mono_time now, std::optional<std::uint32_t> learned,
                             random_source& random, bool alone = false);

    // No call can leave from the address: it is passed over for a minute, for twice as long each
    // time up to eight minutes, and then one call finds out whether that has changed. Where no
    // other is left that is after ten seconds: nobody is better served by waiting. Answers whether
    // it was in use until now. Its slot is the caller's to refund.
    bool unusable(std::uint32_t address, mono_time now);
    // A call has left from it. Answers whether it was unusable until now.
    bool usable(std::uint32_t address) noexcept;
    [[nodiscard]] bool is_usable(std::uint32_t address) const noexcept {
        return lanes_[address].faults == 0;
    }
    [[nodiscard]] bool any_usable() const noexcept;
    // When the address has a slot again at the earliest, for a throttle or because it is unusable.
    [[nodiscard]] mono_time rests_until(std::uint32_t address) const noexcept;

    // After a pause of an address nobody should start before that who was throttled himself and of
    // whom it is open whether that was his own limit: the answers of others decide it.
    [[nodiscard]] mono_time others_until() const noexcept;

    // No slot of any address before `t`.
    void pause_until(mono_time t);
    void set_limits(std::span<const std::uint32_t> address_limits);
    // Limits that a throttle lowered come back with time; to be called now and then.
    void recover(mono_time now);

    // When the start after so many others would be, were nobody else to come: `any` of them take
    // any slot, and then `even` of them start evenly, as the one asked for does where `evenly`. A
    // call takes `call` on average.
    [[nodiscard]] mono_time forecast(std::size_t any, std::size_t even, bool evenly,
                                     nanoseconds call, mono_time now) const;

    [[nodiscard]] std::span<const sliding_window> addresses() const noexcept { return addresses_; }
    [[nodiscard]] throttle_scope scope(std::uint32_t address) const noexcept {
        return lanes_[address].evidence.scope();
    }
    [[nodiscard]] nanoseconds window() const noexcept { return window_; }
    // Calls a window allows over all addresses that are usable, or over all where none is.
    [[nodiscard]] std::uint32_t limit() const noexcept;
    // The step of a single address that had all of them.
    [[nodiscard]] nanoseconds step() const noexcept { return window_ / limit(); }

  private:
    // What an address has beside its limiter.
    struct lane {
        lane(std::uint32_t limit, nanoseconds window) : limit(limit, window), evidence(window) {}
        learned_limit limit;
        throttle_evidence evidence;
        mono_time even = mono_time::min(); // when the step allows the next start
        std::deque<mono_time> releases;    // when the settled slots get free, in order
        std::uint32_t faults = 0;          // how often in a row it was unusable
        mono_time unusable_until = mono_time::min();
    };
    [[nodiscard]] nanoseconds step_of(std::size_t i) const noexcept;
    [[nodiscard]] std::optional<mono_time> open_at(std::size_t i, mono_time now, pace how) const;
    // When fewer than `most` slots are taken.
    [[nodiscard]] std::optional<mono_time> below_at(std::size_t i, std::uint32_t most,
                                                    mono_time now) const;
    void moved(std::size_t i, mono_time now);

    std::vector<sliding_window> addresses_;
    std::vector<lane> lanes_;
    nanoseconds window_;
    mono_time last_settled_ = mono_time::min();
};

} // namespace rollcall::sync
