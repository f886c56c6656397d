// What planning costs, without reading, gate and store: the plan of a snapshot in which nobody
// changed, of one in which everybody has another job title, and of one in which everybody is new;
// all passes and take() included. And the snapshot before it, from rows that are already decoded.
//
// Counter: people_s, people per second of this thread's processor time (goals: unchanged 2,000,000,
// changed 300,000).
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "../support/cpu_clock.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/sync/books.hpp"
#include "rollcall/sync/planner.hpp"
#include "rollcall/sync/snapshot.hpp"

namespace rollcall::bench {
namespace {

using sync::source_field;

constexpr std::size_t people_per_slice = 256;
constexpr std::size_t text_bytes_max = 4096;

const date today = *date_from_civil(2026, 6, 15);
const wall_time now{std::chrono::seconds{std::int64_t{today.days} * 86'400 + 43'200}};

struct person {
    std::array<std::string, sync::source_field_count> fields;

    [[nodiscard]] sync::source_row row() const {
        sync::source_row out;
        for (std::size_t i = 0; i < fields.size(); ++i) out.fields[i] = fields[i];
        return out;
    }
};

// Thirty departments, and a chain of command of ten reports each.
std::vector<person> company(std::size_t people, std::string_view title) {
    std::vector<person> out(people);
    for (std::size_t i = 0; i < people; ++i) {
        const auto set = [&](source_field f, std::string value) {
            out[i].fields[static_cast<std::size_t>(f)] = std::move(value);
        };
        const auto number = std::to_string(100'000 + i);
        set(source_field::employee_id, "PW" + number);
        set(source_field::first_name, "Alexandra");
        set(source_field::last_name, "Worker-" + number);
        set(source_field::email, "alexandra.worker" + number + "@example.com");
        set(source_field::start_date, "2019-03-04");
        set(source_field::job_role, std::string(title) + " " + std::to_string(i % 200));
        set(source_field::company, "Example Industries Ltd");
        set(source_field::location, "Site " + std::to_string(i % 12));
        set(source_field::department, "Department " + std::to_string(i % 30));
        if (i != 0) set(source_field::reports_to_id, "PW" + std::to_string(100'000 + i / 10));
        set(source_field::status, "1");
    }
    return out;
}

class tenant {
  public:
    [[nodiscard]] std::unique_ptr<sync::snapshot> read(const std::vector<person>& people) {
        sync::snapshot_builder builder(of_.users, settings_, today, ++epoch_, true, text_bytes_max);
        for (const auto& each : people) builder.on_row(each.row());
        return builder.finish();
    }
    [[nodiscard]] sync::plan plan_of(const sync::snapshot& from) const {
        sync::planner planning(of_, &from, settings_, now);
        while (!planning.advance(people_per_slice)) {
        }
        return planning.take();
    }
    void apply(const sync::plan& made) {
        const auto changed = sync::carry_out(of_, made.steps, made.seen);
        ROLLCALL_CHECK(sync::inconsistency(of_, changed).empty());
        sync::install(of_, changed);
        of_.next_uid = made.next_uid;
        of_.next_team = made.next_team;
        of_.imported = true;
        of_.users.compact_if_worthwhile();
    }

  private:
    sync::books of_;
    sync::tenant_settings settings_ = sync::defaults_of(sync::profile::learnamp);
    std::uint32_t epoch_ = 0;
};

enum class what : std::uint8_t { unchanged, changed, created };

// The median of the passes, per person.
void count(benchmark::State& state, std::vector<double> microseconds) {
    const auto people = static_cast<double>(state.range(0));
    state.counters["people_s"] = people / (median(std::move(microseconds)) * 1e-6);
}

template <what Which>
void plan(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    tenant of;
    if (Which != what::created) of.apply(of.plan_of(*of.read(company(size, "Fitter"))));
    const auto from = of.read(company(size, Which == what::changed ? "Welder" : "Fitter"));
    ROLLCALL_CHECK(from->changed.size() == (Which == what::unchanged ? 0 : size));
    std::vector<double> passes;
    for (auto _ : state) {
        sync::plan made;
        passes.push_back(microseconds_of([&] { made = of.plan_of(*from); }));
        ROLLCALL_CHECK(made.steps.size() >= (Which == what::unchanged ? 0 : size));
        ROLLCALL_CHECK(Which != what::unchanged || made.steps.empty());
    }
    count(state, std::move(passes));
}
BENCHMARK(plan<what::unchanged>)->Arg(500)->Arg(5'000)->Arg(50'000);
BENCHMARK(plan<what::changed>)->Arg(500)->Arg(5'000)->Arg(50'000);
BENCHMARK(plan<what::created>)->Arg(5'000);

void snapshot_of_unchanged(benchmark::State& state) {
    const auto people = company(static_cast<std::size_t>(state.range(0)), "Fitter");
    tenant of;
    of.apply(of.plan_of(*of.read(people)));
    std::vector<double> passes;
    for (auto _ : state) {
        std::unique_ptr<sync::snapshot> from;
        passes.push_back(microseconds_of([&] { from = of.read(people); }));
        ROLLCALL_CHECK(from->changed.empty());
    }
    count(state, std::move(passes));
}
BENCHMARK(snapshot_of_unchanged)->Arg(500)->Arg(5'000);

} // namespace
} // namespace rollcall::bench

BENCHMARK_MAIN();
