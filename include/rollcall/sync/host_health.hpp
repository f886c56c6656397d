// How a PeopleHR host is (B-6), told from the calls of all its tenants: whether it is down, how
// much of what would be sent to a struggling one is held back, and how many retries it may get.
// Pure.
//
//   throttling  A start is held back with p = max(0, (requests - 2 * accepts) / (requests + 1)),
//               counted over two minutes and before sending, those held back included: a host that
//               answers half of the calls gets all of them, a dead one one each 10 s.
//   down        Several tenants failed and none had an answer since. Then one probe goes out each
//               10 s, each 30 s after a quarter of an hour, and every answer ends the outage. A
//               host with one tenant is never down: its own back-off is enough.
//   retries     At most a tenth of the calls of two minutes, and never fewer than a few.
//
// Source: Site Reliability Engineering, O'Reilly 2016, chapter 21, "Client-Side Throttling".
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "rollcall/core/random.hpp"
#include "rollcall/core/time.hpp"

namespace rollcall::sync {

class host_health {
  public:
    static constexpr nanoseconds window = minutes{2};
    static constexpr std::uint32_t retries_min = 10; // in a window

    // How many tenants are read there.
    void set_tenants(std::size_t n) noexcept { tenants_ = n; }
    [[nodiscard]] std::size_t tenants() const noexcept { return tenants_; }

    // Whether a start is held back. Counts it as asked for.
    [[nodiscard]] bool holds_back(random_source& random, mono_time now) noexcept;
    [[nodiscard]] double refusal(mono_time now) noexcept;
    // A call goes out. One that holds_back() let through was counted there already.
    void sent(bool retry, bool counted, mono_time now) noexcept;
    [[nodiscard]] bool may_retry(mono_time now) noexcept;

    // The call of a tenant ended: the host answered, whatever it said, or it did not. Answers
    // whether an outage ended with it.
    bool answered(std::uint32_t tenant, bool accepted, mono_time now);

    [[nodiscard]] bool down() const noexcept { return down_since_ != mono_time::min(); }
    // The last time that it answered anybody.
    [[nodiscard]] mono_time answered_at() const noexcept { return answered_at_; }
    [[nodiscard]] mono_time down_since() const noexcept { return down_since_; }
    // When the next probe may go, and that one goes.
    [[nodiscard]] mono_time probe_at() const noexcept { return probe_at_; }
    void probed(random_source& random, mono_time now) noexcept;
    // Accepted calls of those that were sent in the window; 1 if there was none.
    [[nodiscard]] double accepted_share(mono_time now) noexcept;

  private:
    static constexpr std::size_t slices = 12;
    struct counts {
        std::uint32_t requests = 0; // asked for, held back ones included
        std::uint32_t calls = 0;
        std::uint32_t accepts = 0;
        std::uint32_t failures = 0;
        std::uint32_t retries = 0;
    };
    void advance(mono_time now) noexcept;
    [[nodiscard]] counts sum(mono_time now) noexcept;

    std::array<counts, slices> slices_{};
    std::int64_t slice_ = 0; // number of the newest
    std::size_t tenants_ = 0;
    std::vector<std::uint32_t> failing_; // tenants that failed since the last answer
    mono_time answered_at_ = mono_time::min();
    mono_time last_sent_ = mono_time::min();
    mono_time down_since_ = mono_time::min();
    mono_time probe_at_ = mono_time::min();
};

} // namespace rollcall::sync
