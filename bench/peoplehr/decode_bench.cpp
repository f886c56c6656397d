// How much of the speed of simdjson's on-demand front end the decoder keeps.
//
// raw: the fastest extraction of the same 15 fields that we could write by hand on simdjson
// on-demand (raw_extraction.hpp). decode: what the program does. Both read into views and hand them
// to a sink that adds up lengths; the body is copied back before neither, because neither changes a
// body without escapes.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "../../tests/support/people_json.hpp"
#include "../support/cpu_clock.hpp"
#include "raw_extraction.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/peoplehr/decode.hpp"

namespace {

using namespace rollcall;
using bench::thread_microseconds;

constexpr unsigned history_level_max = 4;
constexpr std::size_t padding = 64;

struct length_sink final : sync::row_sink {
    std::size_t rows = 0;
    std::size_t bytes = 0;
    void on_row(const sync::source_row& row) override {
        ++rows;
        for (const auto text : row.fields) bytes += text.size();
        benchmark::DoNotOptimize(row.fields.data());
    }
};

const std::string& body_of(std::size_t people) {
    static std::vector<std::pair<std::size_t, std::string>> made;
    for (const auto& [count, text] : made) {
        if (count == people) return text;
    }
    return made.emplace_back(people, testing::everybody(people, history_level_max)).second;
}

struct padded_body {
    explicit padded_body(const std::string& text)
        : bytes(text.size() + padding), size(text.size()) {
        std::memcpy(bytes.data(), text.data(), size);
    }
    std::vector<char> bytes;
    std::size_t size;
};

void report(benchmark::State& state, std::size_t people, std::size_t bytes) {
    const auto passes = static_cast<std::int64_t>(state.iterations());
    state.SetItemsProcessed(passes * static_cast<std::int64_t>(people));
    state.SetBytesProcessed(passes * static_cast<std::int64_t>(bytes));
    state.counters["bytes_per_employee"] = static_cast<double>(bytes) / static_cast<double>(people);
}

void raw(benchmark::State& state) {
    const auto people = static_cast<std::size_t>(state.range(0));
    padded_body body{body_of(people)};
    bench::raw_extraction reader;
    for (auto _ : state) {
        length_sink sink;
        const bool good = reader.run(body.bytes, body.size, sink);
        ROLLCALL_CHECK(good && sink.rows == people);
        benchmark::DoNotOptimize(sink.bytes);
    }
    report(state, people, body.size);
}

void decode(benchmark::State& state) {
    const auto people = static_cast<std::size_t>(state.range(0));
    padded_body body{body_of(people)};
    peoplehr::decoder reader;
    for (auto _ : state) {
        length_sink sink;
        reader.begin({body.bytes.data(), body.size}, peoplehr::question::everybody);
        while (reader.advance(256, sink)) {
        }
        ROLLCALL_CHECK(reader.outcome().complete && sink.rows == people);
        benchmark::DoNotOptimize(sink.bytes);
    }
    report(state, people, body.size);
}

// How long decode holds its thread at most: the longest slice of each pass in CPU time, averaged
// over the passes.
void longest_slice(benchmark::State& state) {
    const auto people = static_cast<std::size_t>(state.range(0));
    padded_body body{body_of(people)};
    peoplehr::decoder reader;
    double longest_sum = 0;
    for (auto _ : state) {
        length_sink sink;
        double longest = 0;
        reader.begin({body.bytes.data(), body.size}, peoplehr::question::everybody);
        for (bool more = true; more;) {
            const double start = thread_microseconds();
            more = reader.advance(256, sink);
            longest = std::max(longest, thread_microseconds() - start);
        }
        longest_sum += longest;
    }
    report(state, people, body.size);
    state.counters["longest_slice_us"] = longest_sum / static_cast<double>(state.iterations());
}

BENCHMARK(raw)->Arg(50)->Arg(500)->Arg(5000);
BENCHMARK(decode)->Arg(50)->Arg(500)->Arg(5000);
BENCHMARK(longest_slice)->Arg(50)->Arg(500)->Arg(5000);

} // namespace

BENCHMARK_MAIN();
