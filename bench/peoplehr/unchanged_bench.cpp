// A sweep in which nobody changed, in one thread and without a network: what it costs beyond what
// simdjson needs to find the same fields in the same answer.
//
// Each pass reads one answer of N people in these ways, one right after the other, so that whatever
// else the machine does hits all of them:
//
//   raw      simdjson alone (raw_extraction.hpp)
//   decode   the decoder, with all its checks
//   map      decode, and the mapper: trimmed, normalised, dated, judged, with its fingerprint
//   path     decode into a snapshot_builder over a directory that holds these people: map, find by
//            id, compare, mark, count, and the finished snapshot
//   sweep    path, the gate's verdict and the empty plan
//
// Counters: *_ns are medians per employee in processor time; ratio_* is raw over that stage, of
// which the goals are 0.80 for map and 0.72 for path; allocations_* are calls of operator new in a
// whole pass, to be held against N.
#include <benchmark/benchmark.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "../../tests/support/people_json.hpp"
#include "../support/allocations.hpp"
#include "../support/cpu_clock.hpp"
#include "raw_extraction.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/peoplehr/decode.hpp"
#include "rollcall/sync/books.hpp"
#include "rollcall/sync/planner.hpp"
#include "rollcall/sync/snapshot_gate.hpp"

namespace rollcall::bench {
namespace {

constexpr unsigned history_level_max = 4;
constexpr std::size_t rows_per_slice = 256;
constexpr std::size_t text_bytes_max = 4096;
constexpr std::size_t padding = 64;

const date today = *date_from_civil(2026, 6, 15);
const wall_time now{std::chrono::seconds{std::int64_t{today.days} * 86'400 + 43'200}};

// An answer with everybody as of today, or of a time when nobody had left.
std::string answer_of(std::size_t people, bool before_anybody_left) {
    using sync::source_field;
    std::string rows = "[";
    for (std::size_t i = 0; i < people; ++i) {
        auto who = testing::make_person(i);
        const auto set = [&who](source_field f, std::string value) {
            who.fields[static_cast<std::size_t>(f)] = std::move(value);
        };
        if (before_anybody_left) {
            set(source_field::email, "person" + std::to_string(i) + "@example.com");
            set(source_field::status, "1");
            set(source_field::leaving_date, "");
        }
        const testing::employee_writer writer{static_cast<unsigned>(i % (history_level_max + 1))};
        if (i != 0) rows += ',';
        rows += testing::employee_writer::object(writer.members(who));
    }
    return testing::envelope(rows + "]");
}

struct padded_body {
    explicit padded_body(const std::string& text)
        : bytes(text.size() + padding), size(text.size()) {
        std::memcpy(bytes.data(), text.data(), size);
    }
    std::vector<char> bytes;
    std::size_t size;
};

struct length_sink final : sync::row_sink {
    std::size_t rows = 0;
    std::size_t bytes = 0;
    void on_row(const sync::source_row& row) override {
        ++rows;
        for (const auto text : row.fields) bytes += text.size();
        benchmark::DoNotOptimize(row.fields.data());
    }
};

struct mapping_sink final : sync::row_sink {
    sync::mapper mapper;
    std::size_t rows = 0;
    explicit mapping_sink(const sync::tenant_settings& settings)
        : mapper(settings, today, text_bytes_max) {}
    void on_row(const sync::source_row& row) override {
        ++rows;
        benchmark::DoNotOptimize(mapper.map(row).fingerprint);
    }
};

// A tenant between two sweeps.
class company {
  public:
    explicit company(std::size_t people) : people_(people) {
        apply(answer_of(people, true));
        apply(answer_of(people, false));
        ROLLCALL_CHECK(of_.users.size() == people);
    }

    void decode(padded_body& body, sync::row_sink& sink) {
        reader_.begin({body.bytes.data(), body.size}, peoplehr::question::everybody);
        while (reader_.advance(rows_per_slice, sink)) {
        }
        ROLLCALL_CHECK(reader_.outcome().complete && reader_.outcome().rows == people_);
    }

    [[nodiscard]] std::unique_ptr<sync::snapshot> read(padded_body& body) {
        sync::snapshot_builder builder(of_.users, settings_, today, ++epoch_, true, text_bytes_max);
        decode(body, builder);
        return builder.finish();
    }

    [[nodiscard]] sync::plan plan_of(const sync::snapshot& from) {
        auto verdict = sync::judge(of_.gate, from.stats, settings_);
        ROLLCALL_CHECK(verdict.pass);
        of_.gate = std::move(verdict.memory);
        sync::planner planning(of_, &from, settings_, now);
        while (!planning.advance(rows_per_slice)) {
        }
        return planning.take();
    }

    [[nodiscard]] const sync::tenant_settings& settings() const noexcept { return settings_; }

  private:
    void apply(const std::string& answer) {
        padded_body body{answer};
        of_.gate = {};
        const auto from = read(body);
        const auto made = plan_of(*from);
        sync::install(of_, sync::carry_out(of_, made.steps, made.seen));
        of_.next_uid = made.next_uid;
        of_.next_team = made.next_team;
        of_.users.compact_if_worthwhile();
    }

    std::size_t people_;
    sync::tenant_settings settings_ = sync::defaults_of(sync::profile::learnamp);
    sync::books of_;
    peoplehr::decoder reader_;
    std::uint32_t epoch_ = 0;
};

enum stage : std::size_t { raw, decode, map, path, sweep };
constexpr std::size_t stage_count = 5;
constexpr std::array<const char*, stage_count> stage_name{"raw", "decode", "map", "path", "sweep"};

class pass {
  public:
    explicit pass(std::size_t people)
        : people_(people), tenant_(people), body_(answer_of(people, false)) {}

    void run(stage which) {
        switch (which) {
            case stage::raw: {
                length_sink sink;
                ROLLCALL_CHECK(raw_.run(body_.bytes, body_.size, sink) && sink.rows == people_);
                break;
            }
            case stage::decode: {
                length_sink sink;
                tenant_.decode(body_, sink);
                break;
            }
            case stage::map: {
                mapping_sink sink{tenant_.settings()};
                tenant_.decode(body_, sink);
                break;
            }
            case stage::path: expect_unchanged(*tenant_.read(body_)); break;
            case stage::sweep: {
                const auto from = tenant_.read(body_);
                expect_unchanged(*from);
                ROLLCALL_CHECK(tenant_.plan_of(*from).steps.empty());
                break;
            }
        }
    }

    [[nodiscard]] std::size_t body_bytes() const noexcept { return body_.size; }

  private:
    void expect_unchanged(const sync::snapshot& from) const {
        ROLLCALL_CHECK(from.unchanged == people_ && from.changed.empty());
    }

    std::size_t people_;
    company tenant_;
    padded_body body_;
    raw_extraction raw_;
};

void unchanged(benchmark::State& state) {
    const auto people = static_cast<std::size_t>(state.range(0));
    pass one{people};
    std::array<std::vector<double>, stage_count> microseconds;
    std::array<std::uint64_t, stage_count> allocated{};
    for (std::size_t i = 0; i < stage_count; ++i) one.run(static_cast<stage>(i)); // grows buffers
    for (auto _ : state) {
        for (std::size_t i = 0; i < stage_count; ++i) {
            const auto before = allocations;
            const auto taken = microseconds_of([&] { one.run(static_cast<stage>(i)); });
            allocated[i] = allocations - before;
            microseconds[i].push_back(taken);
        }
        state.SetIterationTime(microseconds[stage::path].back() / 1e6);
    }
    std::array<double, stage_count> cost{};
    for (std::size_t i = 0; i < stage_count; ++i) {
        cost[i] = median(std::move(microseconds[i]));
        const std::string name = stage_name[i];
        state.counters[name + "_ns"] = cost[i] * 1e3 / static_cast<double>(people);
        if (i != stage::raw) state.counters["ratio_" + name] = cost[stage::raw] / cost[i];
        state.counters["allocations_" + name] = static_cast<double>(allocated[i]);
    }
    state.counters["allocations_per_employee"] =
        static_cast<double>(allocated[stage::path]) / static_cast<double>(people);
    state.counters["bytes_per_employee"] =
        static_cast<double>(one.body_bytes()) / static_cast<double>(people);
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(people));
}
BENCHMARK(unchanged)->Arg(50)->Arg(500)->Arg(5000)->UseManualTime();

} // namespace
} // namespace rollcall::bench

BENCHMARK_MAIN();
