// The cost of one decision of the call limiter. Goal: at most 100 ns.
#include <benchmark/benchmark.h>

#include <vector>

#include "rollcall/core/random.hpp"
#include "rollcall/core/sliding_window.hpp"

namespace {

using namespace rollcall;

// A decision and its settling, over the limiters of ten thousand tenants in random order.
void acquire_and_settle(benchmark::State& state) {
    std::vector<sliding_window> tenants;
    for (int i = 0; i < 10'000; ++i) tenants.emplace_back(25, seconds{60});
    random_source random{3};
    mono_time now{};
    for (auto _ : state) {
        now += microseconds{200};
        sliding_window& calls = tenants[random.below(tenants.size())];
        if (calls.try_acquire(now)) calls.settle(now);
    }
}

// The address bucket at its limit: most decisions are refusals.
void refuse(benchmark::State& state) {
    sliding_window calls{25, seconds{60}};
    mono_time now{};
    for (auto _ : state) {
        now += milliseconds{1};
        if (calls.try_acquire(now)) calls.settle(now);
        benchmark::DoNotOptimize(calls.available_at(now));
    }
}

BENCHMARK(acquire_and_settle);
BENCHMARK(refuse);

} // namespace

BENCHMARK_MAIN();
