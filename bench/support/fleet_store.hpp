// A store at the size of a fleet, 1,000,000 users of 10,000 tenants, and a bare scan of its file.
#pragma once
#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "rollcall/async/task_group.hpp"
#include "rollcall/async/worker.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/core/random.hpp"
#include "rollcall/storage/sqlite_store.hpp"

namespace rollcall::bench {

constexpr std::uint32_t tenants = 10'000;
constexpr std::uint32_t users_per_tenant = 100;

// A shard with a real disk thread.
struct node {
    asio::io_context context{1};
    system_time time;
    shard home{context, time, 1};
    blocking_thread disk{"storage", 64};
    std::unique_ptr<storage::sqlite_store> store;

    explicit node(const std::string& folder) {
        storage::sqlite_options options;
        options.data_dir = folder;
        options.ballast_bytes = 0;
        auto opened = storage::sqlite_store::open(home, disk, options);
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
inline directory::user_data make_user(std::uint32_t tenant, std::uint32_t uid,
                                      random_source& random) {
    using directory::field;
    struct first_name {
        const char* text;
        const char* in_email; // which is ASCII, as nearly all addresses of companies are
    };
    static constexpr std::array<first_name, 8> names{{{"Olivia", "Olivia"},
                                                      {"Mohammed", "Mohammed"},
                                                      {"Zoë", "Zoe"},
                                                      {"Siobhán", "Siobhan"},
                                                      {"Jürgen", "Juergen"},
                                                      {"Grace", "Grace"},
                                                      {"Noah", "Noah"},
                                                      {"Aleksandra", "Aleksandra"}}};
    static constexpr std::array<const char*, 4> titles{"Senior Software Engineer",
                                                       "Customer Success Manager",
                                                       "Warehouse Operative", "Consultant"};
    directory::user_data user;
    const auto set = [&user](field f, std::string value) {
        user.text[static_cast<std::size_t>(f)] = std::move(value);
    };
    const auto& first = names[random.below(names.size())];
    const auto number = std::to_string(tenant) + "." + std::to_string(uid);
    user.meta.uid = uid;
    user.meta.fingerprint = random.next();
    user.meta.ownership.fill(directory::owner::ours);
    set(field::external_id, "PW" + std::to_string(uid));
    set(field::email, std::string(first.in_email) + "." + number + "@tenant" +
                          std::to_string(tenant) + ".example.com");
    set(field::first_name, first.text);
    set(field::last_name, "Featherstonehaugh-" + std::to_string(random.below(1000)));
    set(field::job_title, titles[random.below(titles.size())]);
    set(field::location, "Location " + std::to_string(random.below(10)));
    set(field::department, "Department of Affairs " + std::to_string(random.below(20)));
    set(field::company, "Company Holdings Limited");
    set(field::manager_id, "PW" + std::to_string(random.below(users_per_tenant)));
    user.start_date.days = 15'000 + static_cast<std::int32_t>(random.below(4'000));
    return user;
}

inline sync::commit_batch first_load(std::uint32_t tenant, random_source& random) {
    sync::commit_batch batch;
    batch.tenant = tenant;
    batch.record.emplace();
    batch.record->key = tenant;
    batch.record->name = "tenant-" + std::to_string(tenant);
    // Not due for a sweep, and nowhere to go if it were.
    batch.record->settings =
        R"({"profile":"learnamp","schedule":"off","base_url":"http://127.0.0.1:9"})";
    batch.record->sealed_api_key.assign(80, 7);
    batch.record->next_uid = users_per_tenant + 1;
    batch.progress.emplace();
    batch.progress->key = tenant;
    batch.progress->sweeps = 1;
    batch.progress->last_success = batch.progress->last_attempt = system_time{}.wall_now();
    for (std::uint32_t uid = 1; uid <= users_per_tenant; ++uid) {
        batch.what.users.push_back(make_user(tenant, uid, random));
    }
    return batch;
}

inline task<> commit_one(sync::store& to, sync::commit_batch batch) {
    const auto done = co_await to.commit(std::move(batch));
    ROLLCALL_CHECK(done);
}

inline task<> fill(node& at) {
    random_source random(1);
    for (std::uint32_t tenant = 1; tenant <= tenants;) {
        task_group group(at.home);
        for (int i = 0; i < 40 && tenant <= tenants; ++i, ++tenant) {
            group.spawn(commit_one(*at.store, first_load(tenant, random)));
        }
        co_await group.join();
    }
}

// Takes every column of every user; the floor of any load. The file must not be open otherwise.
inline std::size_t bare_scan_once(const std::string& folder) {
    sqlite3* raw = nullptr;
    const auto path = folder + "/rollcall.db";
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    ROLLCALL_CHECK(sqlite3_open_v2(path.c_str(), &raw, flags, nullptr) == SQLITE_OK);
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

[[nodiscard]] double seconds_of(auto&& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

} // namespace rollcall::bench
