// The managers of a company of 100,000 people, of whom everybody reports to somebody at random, so
// that there are cycles of all lengths: found and set for the first time (goal: at most 100 ms),
// and looked at again by a sweep that changes nothing. Under `graph` the breaking of cycles alone.
// Processor time of this thread.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "../../src/sync/draft.hpp"
#include "../../src/sync/manager_graph.hpp"
#include "../support/cpu_clock.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/core/random.hpp"

namespace rollcall::bench {
namespace {

using directory::field;

constexpr std::uint32_t people = 100'000;

std::string id_of(std::uint32_t uid) {
    return "PW" + std::to_string(uid);
}

sync::books company() {
    random_source random(42);
    sync::books out;
    std::vector<directory::user_data> all(people);
    for (std::uint32_t uid = 1; uid <= people; ++uid) {
        auto& who = all[uid - 1];
        const auto set = [&who](field f, std::string value) {
            who.text[static_cast<std::size_t>(f)] = std::move(value);
            who.meta.ownership[static_cast<std::size_t>(f)] = directory::owner::ours;
        };
        who.meta.uid = uid;
        who.meta.fingerprint = uid;
        set(field::external_id, id_of(uid));
        set(field::email, id_of(uid) + "@example.com");
        set(field::first_name, "Ann");
        set(field::last_name, "Of " + id_of(uid));
        set(field::job_title, "Clerk");
        set(field::department, "Works");
        set(field::manager_id, id_of(1 + static_cast<std::uint32_t>(random.below(people))));
    }
    out.users.put_all(all);
    out.next_uid = people + 1;
    return out;
}

void set_managers(sync::draft& into) {
    constexpr std::size_t people_per_slice = 256;
    const auto pass = sync::plan_managers(into);
    while (!pass->advance(people_per_slice)) {
    }
}

struct sweep_case {
    sweep_case() { seen.complete = true; }
    [[nodiscard]] sync::plan plan() const {
        sync::draft made(of, &seen, settings, from_unix_ms(1'780'000'000'000));
        set_managers(made);
        return made.take();
    }
    sync::books of = company();
    sync::snapshot seen;
    sync::tenant_settings settings = sync::defaults_of(sync::profile::learnamp);
};

void first_time(benchmark::State& state) {
    const sweep_case at;
    std::size_t steps = 0;
    std::size_t issues = 0;
    for (auto _ : state) {
        sync::draft made(at.of, &at.seen, at.settings, from_unix_ms(1'780'000'000'000));
        state.SetIterationTime(microseconds_of([&] { set_managers(made); }) / 1e6);
        const auto plan = made.take();
        steps = plan.steps.size();
        issues = plan.issues.size(); // people in a cycle who lost their edge
    }
    state.counters["steps"] = static_cast<double>(steps);
    state.counters["issues"] = static_cast<double>(issues);
}
BENCHMARK(first_time)->Unit(benchmark::kMillisecond)->UseManualTime();

void unchanged(benchmark::State& state) {
    sweep_case at;
    const auto first = at.plan();
    sync::install(at.of, sync::carry_out(at.of, first.steps, first.seen));
    for (auto _ : state) {
        sync::draft made(at.of, &at.seen, at.settings, from_unix_ms(1'780'000'000'000));
        state.SetIterationTime(microseconds_of([&] { set_managers(made); }) / 1e6);
        ROLLCALL_CHECK(made.take().steps.empty());
    }
}
BENCHMARK(unchanged)->Unit(benchmark::kMillisecond)->UseManualTime();

void graph(benchmark::State& state) {
    random_source random(42);
    std::vector<std::string> keys;
    std::vector<sync::manager_graph::added> edges;
    sync::manager_graph whole;
    for (std::uint32_t uid = 1; uid <= people; ++uid) keys.push_back(id_of(uid));
    for (std::uint32_t uid = 1; uid <= people; ++uid) {
        whole.set(uid, 1 + static_cast<std::uint32_t>(random.below(people)));
        edges.push_back({uid, keys[uid - 1]});
    }
    for (auto _ : state) {
        auto in = whole;
        state.SetIterationTime(
            microseconds_of([&] { benchmark::DoNotOptimize(in.break_cycles(edges)); }) / 1e6);
    }
}
BENCHMARK(graph)->Unit(benchmark::kMillisecond)->UseManualTime();

} // namespace
} // namespace rollcall::bench

BENCHMARK_MAIN();
