// Several passes of one figure, within a share of the time.
#pragma once
#include <functional>
#include <vector>

#include "rollcall/capacity/range.hpp"

namespace rollcall::measure {

// Of the calling thread's processor, and on the wall; in seconds.
[[nodiscard]] double processor_seconds();
[[nodiscard]] double wall_seconds();

// Least, median and greatest of what the passes give. At least three, and more while the time on
// the wall lasts.
[[nodiscard]] capacity::range of_passes(double seconds, const std::function<double()>& pass);
[[nodiscard]] capacity::range of_values(std::vector<double> values);

// A pass in processor time: how many a second.
template <class Work>
[[nodiscard]] double rate_of(double count, Work&& work) {
    const double begin = processor_seconds();
    work();
    const double spent = processor_seconds() - begin;
    return count / (spent > 1e-9 ? spent : 1e-9);
}

} // namespace rollcall::measure
