// The exact call limiter: at most N calls in any sliding window of length W, as the server counts
// them (rules B-1 and B-2).
//
// The server counts a call when it arrives, at an instant between the sending and the answer that
// we cannot see. So a call holds its slot from before it is sent until W after its answer, and the
// limit holds however the latencies vary. Proof: had N + 1 calls arrived within one window, the one
// that took its slot last would have found a slot that another of them had freed, that is, W after
// that one's answer and so at least W after its arrival.
//
// A GCRA or token bucket with a burst allows up to twice the limit across two windows, and one
// without a burst wastes the window that an idle tenant has.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>

#include "rollcall/core/time.hpp"

namespace rollcall {

// 48 bytes, plus 8 for each call of the last window, which prune() gives back. Not thread-safe.
// `now` never goes back between calls.
class sliding_window {
  public:
    // A limit of 0 counts as 1: a limiter that never opens would only hide a wrong setting.
    sliding_window(std::uint32_t limit, nanoseconds window);

    // Takes a slot for a call that is about to be sent, and answers whether there was one. A slot
    // taken is either settled or refunded. O(1) amortised.
    [[nodiscard]] bool try_acquire(mono_time now);

    // The call of a slot ended at `now`, in an answer, an error or a cancellation: its slot is free
    // again exactly W later. To be called for every call of which a byte may have left.
    void settle(mono_time now);

    // The call was never sent: its slot is free at once.
    void refund();

    // When a slot will be free: `now` if one is, else the instant if it is known, or nothing while
    // it depends on when a call in flight ends. It does not go back unless a slot is refunded or
    // the limit is raised.
    [[nodiscard]] std::optional<mono_time> available_at(mono_time now) const;

    // Gives out no slot before `t` (a throttle answer, B-2). An earlier pause is never shortened.
    void pause_until(mono_time t);

    // The limit that was configured or learnt. A smaller one takes effect as slots get free.
    void set_limit(std::uint32_t limit);

    // Frees the memory of an idle limiter once all its slots are free.
    void prune(mono_time now);

    [[nodiscard]] std::uint32_t limit() const noexcept { return limit_; }
    [[nodiscard]] nanoseconds window() const noexcept { return window_; }
    [[nodiscard]] mono_time paused_until() const noexcept { return paused_until_; }
    [[nodiscard]] std::uint32_t in_flight() const noexcept { return in_flight_; }
    // The slots that are not free: calls in flight and calls of the last window.
    [[nodiscard]] std::uint32_t used(mono_time now) const noexcept;

  private:
    [[nodiscard]] mono_time settled(std::uint32_t i) const noexcept;
    void drop_expired(mono_time now) noexcept;
    void grow();

    nanoseconds window_;
    mono_time paused_until_ = mono_time::min();
    // The instants at which settled slots get free, oldest first: a ring whose size is a power of
    // two, made when first needed.
    std::unique_ptr<mono_time[]> ring_;
    std::uint32_t ring_size_ = 0;
    std::uint32_t head_ = 0;
    std::uint32_t settled_ = 0;
    std::uint32_t in_flight_ = 0;
    std::uint32_t limit_;
};

} // namespace rollcall
