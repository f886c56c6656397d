// The scheduler with 5,000 tenants: a decision of the limiter, the next start of a full queue, an
// estimate, and a whole simulated day of a fleet.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "rollcall/sync/scheduler.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::sync;

struct fleet {
    explicit fleet(std::uint32_t limit, nanoseconds since) : budget(std::array{limit}, minutes{1}) {
        names.resize(tenants + 1);
        for (tenant_key key = 1; key <= tenants; ++key) {
            names[key] = "tenant-" + std::to_string(key);
            scheduler::tenant_facts f;
            f.name = names[key];
            f.last_success = wall - since - seconds{key};
            f.calls_per_minute = limit;
            f.host = "api.peoplehr.net";
            f.rows = 300;
            s.add(key, f, now);
        }
    }
    static constexpr tenant_key tenants = 5'000;
    mono_time now{hours{1'000}};
    const wall_time wall{hours{24 * 365 * 56}};
    random_source random{1};
    std::vector<std::string> names;
    call_budget budget;
    scheduler s{{}, budget, random, now, wall};
};

// At the limit, as it is most of the time: yes, answered, no, and a step of time.
void limiter_decision(benchmark::State& state) {
    call_budget budget(std::array{25u}, minutes{1});
    sliding_window tenant(1'000'000, minutes{1});
    mono_time now{hours{1}};
    const auto how = static_cast<pace>(state.range(0));
    for (auto _ : state) {
        if (const auto address = budget.try_acquire(tenant, now, how)) {
            budget.settle(*address, tenant, now);
        }
        now += milliseconds{1'200};
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(limiter_decision)->ArgName("pace")->DenseRange(0, 3);

// A start and its end with everybody ready; each tenant that was read is overdue again.
void next_of_full_queue(benchmark::State& state) {
    fleet f(1'000'000'000, hours{25});
    for (auto _ : state) {
        auto run = f.s.next(f.now);
        if (!run) {
            state.SkipWithError("nobody is ready");
            break;
        }
        f.s.answered(*run, true, f.now);
        f.s.finished(*run, run_end::cancelled, std::nullopt, f.now);
        f.now += seconds{1};
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(next_of_full_queue);

// The usual answer: no slot.
void next_without_a_slot(benchmark::State& state) {
    fleet f(25, hours{25});
    std::vector<run_start> running;
    for (int i = 0; i < 25 * 3; ++i) {
        f.now += seconds{1};
        while (auto run = f.s.next(f.now)) f.s.finished(*run, run_end::done, f.now, f.now);
    }
    for (auto _ : state) benchmark::DoNotOptimize(f.s.next(f.now));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(next_without_a_slot);

void estimate(benchmark::State& state) {
    fleet f(25, hours{25});
    const auto tenant = static_cast<tenant_key>(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(f.s.estimated_start(tenant, f.now));
}
BENCHMARK(estimate)->ArgName("place_from_the_end")->Arg(1)->Arg(2'500)->Arg(5'000);

void press_and_run(benchmark::State& state) {
    fleet f(1'000'000'000, hours{25});
    tenant_key key = 1;
    for (auto _ : state) {
        benchmark::DoNotOptimize(f.s.request(key, "PW1", f.now));
        auto run = f.s.next(f.now);
        f.s.finished(*run, run_end::done, std::nullopt, f.now);
        key = key % fleet::tenants + 1;
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(press_and_run);

// 24 hours of 5,000 tenants that are well: their sweeps, wakes and ends.
void a_day(benchmark::State& state) {
    for (auto _ : state) {
        state.PauseTiming();
        fleet f(25, nanoseconds{0});
        const auto end = f.now + hours{24};
        state.ResumeTiming();
        std::size_t runs = 0;
        while (f.now < end) {
            while (auto run = f.s.next(f.now)) {
                f.s.answered(*run, true, f.now);
                f.s.finished(*run, run_end::done, f.now, f.now);
                ++runs;
            }
            const auto at = f.s.wake_at(f.now);
            if (!at) break;
            f.now = *at > f.now ? *at : f.now + milliseconds{1};
        }
        state.counters["runs"] = static_cast<double>(runs);
    }
    state.counters["tenant_days_per_second"] = benchmark::Counter(
        static_cast<double>(fleet::tenants) * static_cast<double>(state.iterations()),
        benchmark::Counter::kIsRate);
}
BENCHMARK(a_day)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
