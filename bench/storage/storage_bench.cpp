// The store at the size of a fleet: 1,000,000 users of 10,000 tenants.
//
//   bare_scan          SELECT * FROM users, every column of every row taken: the floor of any load
//   load               sqlite_store::load of the same file to a sink that looks at every user;
//                      read `ratio_to_scan` against the bare scan, which runs beside it
//   durable_changes/N  commits of one user each from N writers at a time, every one of them synced
//
// The file is made once, in $TMPDIR or /tmp, and removed at the end.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>

#include "../support/fleet_store.hpp"

namespace rollcall::bench {
namespace {

struct temporary_folder {
    std::string path;
    explicit temporary_folder() {
        const char* place = ::getenv("TMPDIR");
        path = std::string(place != nullptr ? place : "/tmp") + "/rollcall-bench-XXXXXX";
        ROLLCALL_CHECK(::mkdtemp(path.data()) != nullptr);
    }
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

const std::string& filled_folder() {
    static const temporary_folder folder;
    static const bool filled = [] {
        node at(folder.path);
        at.run(fill(at));
        return true;
    }();
    (void)filled;
    return folder.path;
}

class counting_sink final : public sync::load_sink {
  public:
    void on_tenant(sync::tenant_record, sync::tenant_progress, sync::tenant_state_sets,
                   std::vector<directory::team>, std::vector<directory::team_member>) override {
        ++tenants_seen;
    }
    void on_users(sync::tenant_key, std::span<const directory::user_data> users) override {
        users_seen += users.size();
        for (const auto& user : users) bytes += user.get(directory::field::email).size();
    }
    void on_invitations(sync::tenant_key, std::span<const sync::invitation>) override {}
    void on_corrupt_row(sync::tenant_key, std::string_view, std::int64_t) override { ++corrupt; }

    std::size_t tenants_seen = 0;
    std::size_t users_seen = 0;
    std::size_t bytes = 0;
    std::size_t corrupt = 0;
};

task<> load(node& at, counting_sink& into) {
    const auto done = co_await at.store->load(into);
    ROLLCALL_CHECK(done);
}

void bare_scan(benchmark::State& state) {
    const auto& folder = filled_folder();
    std::size_t rows = bare_scan_once(folder);
    for (auto _ : state) rows = bare_scan_once(folder);
    state.counters["rows"] = static_cast<double>(rows);
}
BENCHMARK(bare_scan)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);

void load(benchmark::State& state) {
    const auto& folder = filled_folder();
    counting_sink sink;
    double scan = 0;
    double loads = 0;
    for (auto _ : state) {
        state.PauseTiming();
        scan += seconds_of([&] { bare_scan_once(folder); });
        state.ResumeTiming();
        loads += seconds_of([&] {
            node at(folder);
            sink = {};
            at.run(load(at, sink));
        });
    }
    ROLLCALL_CHECK(sink.tenants_seen == tenants && sink.corrupt == 0);
    state.counters["users"] = static_cast<double>(sink.users_seen);
    state.counters["ratio_to_scan"] = loads / scan;
}
BENCHMARK(load)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);

task<> write_changes(node& at, std::uint32_t seed, int count) {
    random_source random(seed);
    for (int i = 0; i < count; ++i) {
        sync::commit_batch batch;
        batch.tenant = 1 + static_cast<sync::tenant_key>(random.below(tenants));
        const auto uid = 1 + static_cast<std::uint32_t>(random.below(users_per_tenant));
        batch.what.users.push_back(make_user(batch.tenant, uid, random));
        co_await commit_one(*at.store, std::move(batch));
    }
}

task<> write_at_once(node& at, std::uint32_t writers, int each) {
    task_group group(at.home);
    for (std::uint32_t i = 0; i < writers; ++i) group.spawn(write_changes(at, i + 1, each));
    co_await group.join();
}

void durable_changes(benchmark::State& state) {
    node at(filled_folder());
    const auto writers = static_cast<std::uint32_t>(state.range(0));
    const int each = std::max(20, static_cast<int>(8'000 / writers));
    const auto before = at.store->health();
    for (auto _ : state) at.run(write_at_once(at, writers, each));
    const auto after = at.store->health();
    const auto changes = static_cast<double>(after.batches - before.batches);
    state.counters["changes/s"] = benchmark::Counter(changes, benchmark::Counter::kIsRate);
    state.counters["changes_per_sync"] =
        changes / static_cast<double>(after.commits - before.commits);
}
BENCHMARK(durable_changes)
    ->Arg(1)
    ->Arg(50)
    ->Arg(500)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(3);

} // namespace
} // namespace rollcall::bench

BENCHMARK_MAIN();
