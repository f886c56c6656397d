// The store at the size of a fleet: 1,000,000 users of 10,000 tenants.
//
//   bare_scan          SELECT * FROM users, every column of every row taken: the floor of any load
//   load               sqlite_store::load of the same file to a sink that looks at every user;
//                      read `ratio_to_scan` against the bare scan, which runs beside it
//   durable_changes/N  commits of one user each from N writers at a time, every one of them synced
//
// The file is made once, in $TMPDIR or /tmp, and removed at the end.
#include <benchmark/benchmark.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <filesystem>

#include "rollcall/async/task_group.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/core/random.hpp"
#include "rollcall/storage/sqlite_store.hpp"

namespace rollcall::storage {
namespace {

constexpr std::uint32_t tenants = 10'000;
constexpr std::uint32_t users_per_tenant = 100;

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

// A shard with a real disk thread.
struct node {
    asio::io_context context{1};
    system_time time;
    shard home{context, time, 1};
    blocking_thread disk{"storage", 64};
    std::unique_ptr<sqlite_store> store;

    explicit node(const std::string& folder) {
        sqlite_options options;
        options.data_dir = folder;
        options.ballast_bytes = 0;
        auto opened = sqlite_store::open(home, disk, options);
        ROLLCALL_CHECK(opened);
        store = std::move(*opened);
    }
    void run(task<> work) {
        asio::co_spawn(context, std::move(work), [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        });
        context.restart();
        context.run();
    }
};

// About 180 bytes of mapped text, as HR data has it.
directory::user_data make_user(std::uint32_t tenant, std::uint32_t uid, random_source& random) {
    using directory::field;
    static constexpr std::array<const char*, 8> names{"Olivia", "Mohammed", "Zoë",  "Siobhán",
                                                      "Jürgen", "Grace",    "Noah", "Aleksandra"};
    static constexpr std::array<const char*, 4> titles{"Senior Software Engineer",
                                                       "Customer Success Manager",
                                                       "Warehouse Operative", "Consultant"};
    directory::user_data user;
    const auto set = [&user](field f, std::string value) {
        user.text[static_cast<std::size_t>(f)] = std::move(value);
    };
    const std::string first = names[random.below(names.size())];
    const auto number = std::to_string(tenant) + "." + std::to_string(uid);
    user.meta.uid = uid;
    user.meta.fingerprint = random.next();
    user.meta.ownership.fill(directory::owner::ours);
    set(field::external_id, "PW" + std::to_string(uid));
    set(field::email, first + "." + number + "@tenant" + std::to_string(tenant) + ".example.com");
    set(field::first_name, first);
    set(field::last_name, "Featherstonehaugh-" + std::to_string(random.below(1000)));
    set(field::job_title, titles[random.below(titles.size())]);
    set(field::location, "Location " + std::to_string(random.below(10)));
    set(field::department, "Department of Affairs " + std::to_string(random.below(20)));
    set(field::company, "Company Holdings Limited");
    set(field::manager_id, "PW" + std::to_string(random.below(users_per_tenant)));
    user.start_date.days = 15'000 + static_cast<std::int32_t>(random.below(4'000));
    return user;
}

sync::commit_batch first_load(std::uint32_t tenant, random_source& random) {
    sync::commit_batch batch;
    batch.tenant = tenant;
    batch.record.emplace();
    batch.record->key = tenant;
    batch.record->name = "tenant-" + std::to_string(tenant);
    batch.record->settings = R"({"profile":"learnamp"})";
    batch.record->sealed_api_key.assign(80, 7);
    for (std::uint32_t uid = 1; uid <= users_per_tenant; ++uid) {
        batch.users.push_back(make_user(tenant, uid, random));
    }
    return batch;
}

task<> commit_one(sync::store& to, sync::commit_batch batch) {
    const auto done = co_await to.commit(std::move(batch));
    ROLLCALL_CHECK(done);
}

task<> fill(node& at) {
    random_source random(1);
    for (std::uint32_t tenant = 1; tenant <= tenants;) {
        task_group group(at.home);
        for (int i = 0; i < 40 && tenant <= tenants; ++i, ++tenant) {
            group.spawn(commit_one(*at.store, first_load(tenant, random)));
        }
        co_await group.join();
    }
}

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

// Its file must not be open otherwise.
std::size_t bare_scan_once(const std::string& folder) {
    sqlite3* raw = nullptr;
    const auto path = folder + "/rollcall.db";
    ROLLCALL_CHECK(sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                                   nullptr) == SQLITE_OK);
    sqlite3_exec(raw, "PRAGMA locking_mode = EXCLUSIVE", nullptr, nullptr, nullptr);
    sqlite3_stmt* rows = nullptr;
    sqlite3_prepare_v2(raw, "SELECT * FROM users", -1, &rows, nullptr);
    const int columns = sqlite3_column_count(rows);
    std::size_t bytes = 0;
    std::size_t count = 0;
    for (; sqlite3_step(rows) == SQLITE_ROW; ++count) {
        for (int i = 0; i < columns; ++i) {
            if (sqlite3_column_type(rows, i) == SQLITE_INTEGER) {
                bytes += static_cast<std::size_t>(sqlite3_column_int64(rows, i) & 1);
            } else {
                benchmark::DoNotOptimize(sqlite3_column_text(rows, i));
                bytes += static_cast<std::size_t>(sqlite3_column_bytes(rows, i));
            }
        }
    }
    benchmark::DoNotOptimize(bytes);
    sqlite3_finalize(rows);
    sqlite3_close(raw);
    return count;
}

class counting_sink final : public sync::load_sink {
  public:
    void on_tenant(sync::tenant_record, sync::tenant_progress, std::vector<sync::issue>) override {
        ++tenants_seen;
    }
    void on_users(sync::tenant_key, std::span<const directory::user_data> users) override {
        users_seen += users.size();
        for (const auto& user : users) bytes += user.get(directory::field::email).size();
    }
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

double seconds_of(auto&& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
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
        batch.users.push_back(make_user(batch.tenant, uid, random));
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
} // namespace rollcall::storage

BENCHMARK_MAIN();
