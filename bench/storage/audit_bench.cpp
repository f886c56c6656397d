// The audit at its size: what `explain` waits for, and what a first load writes.
//
//   audit_of_person/rows:N      the newest 100 entries of a person at random among N entries of
//                               1,000 people each; p50 and p99 of single questions, in ms, first
//                               without the file in the kernel's cache (cold), then with it
//   verify_audit/rows:N         the whole chain of one tenant of that file, in entries a second
//   store_created/people:5000   the commit of a first load: users, audit entries and their keys
//
// The file is made once for each N, in $TMPDIR or /tmp, and removed at the end: 4 GB for
// 10,000,000.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "../support/fleet_store.hpp"

namespace rollcall::bench {
namespace {

constexpr std::uint32_t people = 1'000; // of a tenant
constexpr std::uint32_t entries_each = 10;
constexpr std::uint32_t entries_of_tenant = people * entries_each;

struct temporary_folder {
    std::string path;
    temporary_folder() {
        const char* place = ::getenv("TMPDIR");
        path = std::string(place != nullptr ? place : "/tmp") + "/rollcall-bench-XXXXXX";
        ROLLCALL_CHECK(::mkdtemp(path.data()) != nullptr);
    }
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

// A change of two fields for everybody.
sync::commit_batch run_of_everybody(std::uint32_t tenant, std::uint64_t id) {
    using directory::owner;
    sync::commit_batch batch;
    batch.tenant = tenant;
    batch.run.emplace();
    batch.run->id = id;
    batch.run->tenant = tenant;
    batch.run->result = sync::run_outcome::applied;
    batch.run->finished = from_unix_ms(1'700'000'000'000 + static_cast<std::int64_t>(id));
    for (std::uint32_t uid = 1; uid <= people; ++uid) {
        const auto number = std::to_string(uid);
        batch.run->steps.push_back(
            {sync::step_kind::update,
             uid,
             "PW" + number,
             {{sync::attribute::job_title, owner::ours, owner::ours, "Senior Software Engineer",
               "Staff Software Engineer " + number, "LA-3"},
              {sync::attribute::location, owner::ours, owner::ours, "London, United Kingdom",
               "Location " + number, "LA-3"}}});
    }
    return batch;
}

task<> fill_audit(node& at, std::uint32_t tenant_count) {
    std::uint64_t run = 0;
    for (std::uint32_t tenant = 1; tenant <= tenant_count; ++tenant) {
        sync::commit_batch made;
        made.tenant = tenant;
        made.record.emplace();
        made.record->key = tenant;
        made.record->name = "tenant-" + std::to_string(tenant);
        co_await commit_one(*at.store, std::move(made));
        for (std::uint32_t i = 0; i < entries_each; ++i) {
            co_await commit_one(*at.store, run_of_everybody(tenant, ++run));
        }
    }
}

const std::string& filled_folder(std::uint32_t rows) {
    static std::map<std::uint32_t, temporary_folder> folders;
    const auto [found, fresh] = folders.try_emplace(rows);
    if (fresh) {
        node at(found->second.path);
        at.run(fill_audit(at, rows / entries_of_tenant));
    }
    return found->second.path;
}

// The file must not be open.
void drop_from_cache(const std::string& folder) {
    const int file = ::open((folder + "/rollcall.db").c_str(), O_RDONLY | O_CLOEXEC);
    ROLLCALL_CHECK(file >= 0);
    ROLLCALL_CHECK(::fsync(file) == 0 && ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0);
    ::close(file);
}

task<> ask(node& at, std::uint32_t tenant_count, int questions, std::vector<double>& times) {
    random_source random(5);
    for (int i = 0; i < questions; ++i) {
        const auto tenant = 1 + static_cast<sync::tenant_key>(random.below(tenant_count));
        sync::audit_query what;
        what.uid = 1 + static_cast<std::uint32_t>(random.below(people));
        const auto begin = std::chrono::steady_clock::now();
        const auto found = co_await at.store->audit(tenant, what);
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - begin;
        ROLLCALL_CHECK(found && found->size() == entries_each && found->front().readable);
        times.push_back(took.count());
    }
}

double quantile(std::vector<double>& times, double share) {
    const auto at =
        times.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(times.size() - 1));
    std::ranges::nth_element(times, at);
    return *at;
}

void audit_of_person(benchmark::State& state) {
    const auto rows = static_cast<std::uint32_t>(state.range(0));
    const auto tenant_count = rows / entries_of_tenant;
    const auto& folder = filled_folder(rows);
    drop_from_cache(folder);
    node at(folder);
    std::vector<double> cold;
    std::vector<double> warm;
    for (auto _ : state) {
        at.run(ask(at, tenant_count, 2'000, cold));
        at.run(ask(at, tenant_count, 2'000, warm)); // the same questions
    }
    state.counters["cold_p50_ms"] = quantile(cold, 0.5);
    state.counters["cold_p99_ms"] = quantile(cold, 0.99);
    state.counters["warm_p50_ms"] = quantile(warm, 0.5);
    state.counters["warm_p99_ms"] = quantile(warm, 0.99);
}
BENCHMARK(audit_of_person)
    ->ArgName("rows")
    ->Arg(1'000'000)
    ->Arg(10'000'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1);

task<> verify_one(node& at, std::uint32_t tenant) {
    const auto found = co_await at.store->verify_audit(tenant);
    ROLLCALL_CHECK(found && found->broken == 0 && found->entries == entries_of_tenant);
}

void verify_audit(benchmark::State& state) {
    const auto rows = static_cast<std::uint32_t>(state.range(0));
    node at(filled_folder(rows));
    std::uint32_t tenant = 0;
    for (auto _ : state) at.run(verify_one(at, tenant++ % (rows / entries_of_tenant) + 1));
    state.counters["entries/s"] =
        benchmark::Counter(entries_of_tenant, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(verify_audit)
    ->ArgName("rows")
    ->Arg(1'000'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// A create step of each user, with every value that it has.
sync::commit_batch created(std::uint32_t tenant, std::uint32_t count) {
    using directory::owner;
    random_source random(tenant);
    auto batch = first_load(tenant, random);
    batch.what.users.clear();
    batch.run.emplace();
    batch.run->id = tenant;
    batch.run->tenant = tenant;
    batch.run->result = sync::run_outcome::applied;
    for (std::uint32_t uid = 1; uid <= count; ++uid) {
        auto user = make_user(tenant, uid, random);
        auto& step = batch.run->steps.emplace_back();
        step = {sync::step_kind::create, uid, user.get(directory::field::external_id), {}};
        for (std::size_t i = 0; i < directory::text_field_count; ++i) {
            if (user.text[i].empty()) continue;
            step.changes.push_back({static_cast<sync::attribute>(i), owner::never_set, owner::ours,
                                    "", user.text[i], "LA-9"});
        }
        batch.what.users.push_back(std::move(user));
    }
    return batch;
}

void store_created(benchmark::State& state) {
    const temporary_folder folder;
    node at(folder.path);
    std::uint32_t tenant = 0;
    for (auto _ : state) {
        state.PauseTiming();
        auto batch = created(++tenant, static_cast<std::uint32_t>(state.range(0)));
        state.ResumeTiming();
        at.run(commit_one(*at.store, std::move(batch)));
    }
    state.counters["people/s"] = benchmark::Counter(static_cast<double>(state.range(0)),
                                                    benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(store_created)
    ->ArgName("people")
    ->Arg(5'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

} // namespace
} // namespace rollcall::bench

BENCHMARK_MAIN();
