// How much of the speed of simdjson's on-demand front end the decoder keeps.
//
// raw: the fastest extraction of the same 15 fields that we could write by hand on simdjson
// on-demand. It relies on the order of the keys, believes everything it skips, and knows one
// wrapper shape. decode: what the program does. Both read into views and hand them to a sink that
// adds up lengths; the body is copied back before neither, because neither changes a body without
// escapes.
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "../../tests/support/people_json.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/peoplehr/decode.hpp"

namespace {

using namespace rollcall;
namespace ondemand = simdjson::ondemand;

constexpr unsigned history_level_max = 4;

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

struct raw_extraction {
    ondemand::parser parser;

    static bool wrapped(ondemand::object& row, std::string_view key, std::string_view& out) {
        return row.find_field(key).find_field("DisplayValue").get_string().get(out) ==
               simdjson::SUCCESS;
    }
    static bool bare(ondemand::object& row, std::string_view key, std::string_view& out) {
        return row.find_field(key).get_string().get(out) == simdjson::SUCCESS;
    }

    bool extract(ondemand::object& row, sync::source_row& out) {
        using enum sync::source_field;
        const auto at = [&out](sync::source_field f) -> std::string_view& {
            return out.fields[static_cast<std::size_t>(f)];
        };
        return wrapped(row, "EmployeeId", at(employee_id)) &&
               wrapped(row, "FirstName", at(first_name)) &&
               wrapped(row, "LastName", at(last_name)) && wrapped(row, "KnownAs", at(known_as)) &&
               wrapped(row, "EmailId", at(email)) && wrapped(row, "StartDate", at(start_date)) &&
               wrapped(row, "JobRole", at(job_role)) && wrapped(row, "Company", at(company)) &&
               wrapped(row, "Location", at(location)) &&
               wrapped(row, "Department", at(department)) &&
               wrapped(row, "ReportsTo", at(reports_to)) &&
               wrapped(row, "ReportsToEmployeeId", at(reports_to_id)) &&
               wrapped(row, "EmployeeStatus", at(status)) &&
               bare(row, "LeavingDate", at(leaving_date)) && bare(row, "EmployeeImage", at(image));
    }

    bool run(simdjson::padded_string_view body, sync::row_sink& sink) {
        ondemand::document document;
        ondemand::array rows;
        if (parser.iterate(body).get(document) ||
            document.find_field("Result").get_array().get(rows)) {
            return false;
        }
        sync::source_row out;
        for (auto element : rows) {
            ondemand::object row;
            if (element.get_object().get(row) || !extract(row, out)) return false;
            sink.on_row(out);
        }
        return true;
    }
};

struct padded_body {
    explicit padded_body(const std::string& text)
        : bytes(text.size() + simdjson::SIMDJSON_PADDING), size(text.size()) {
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
    raw_extraction reader;
    for (auto _ : state) {
        length_sink sink;
        const bool good = reader.run(
            simdjson::padded_string_view{body.bytes.data(), body.size, body.bytes.size()}, sink);
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

double thread_microseconds() {
    timespec now{};
    ROLLCALL_CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
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
