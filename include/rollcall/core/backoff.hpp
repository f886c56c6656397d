// Capped exponential back-off with full jitter (rule B-6): the delay before attempt n + 1 is
// uniform between zero and min(cap, base * 2^n). Full jitter spreads clients that failed together
// better than a fixed delay with noise.
//
// Source: Marc Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
#pragma once
#include <algorithm>

#include "rollcall/core/random.hpp"
#include "rollcall/core/time.hpp"

namespace rollcall {

struct backoff_policy {
    nanoseconds base = seconds{1};
    nanoseconds cap = minutes{5};

    // The longest delay after `failures` failures before this one: 0 after the first failure.
    [[nodiscard]] constexpr nanoseconds delay_max(unsigned failures) const noexcept {
        if (base <= nanoseconds::zero()) return nanoseconds::zero();
        // Compared before shifting, so that no number of failures overflows.
        if (failures >= 63 || base.count() > (cap.count() >> failures)) return cap;
        return std::min(cap, nanoseconds{base.count() << failures});
    }

    [[nodiscard]] constexpr nanoseconds delay(unsigned failures,
                                              random_source& random) const noexcept {
        const nanoseconds longest = std::max(delay_max(failures), nanoseconds::zero());
        return nanoseconds{random.between(0, longest.count())};
    }
};

} // namespace rollcall
