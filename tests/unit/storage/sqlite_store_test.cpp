// What is particular to SQLite: the files, the lock, backups, checkpoints and the thread.
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>
#include <sstream>

#include "fault_vfs.hpp"
#include "file_fixture.hpp"
#include "rollcall/storage/key_vault.hpp"

namespace rollcall::storage::testing {
namespace {

mode_t mode_of(const std::string& path) {
    struct stat about{};
    EXPECT_EQ(::stat(path.c_str(), &about), 0) << path;
    return about.st_mode & 0777;
}

TEST(SqliteStore, KeepsItsFilesToItself) {
    const temporary_folder folder;
    const auto data = folder / "data";
    virtual_home home;
    auto options = options_for(data);
    options.ballast_bytes = 4096;
    const auto store = open_store(home, options);
    ASSERT_EQ(commit_now(home, *store, first_batch(1, 1)), errc::ok);
    EXPECT_EQ(mode_of(data), 0700u);
    for (const auto& file : std::filesystem::directory_iterator(data)) {
        EXPECT_EQ(mode_of(file.path()), 0600u) << file.path();
    }
    // No -shm: nobody else is to map the WAL's index.
    EXPECT_FALSE(std::filesystem::exists(data + "/rollcall.db-shm"));
    EXPECT_TRUE(std::filesystem::exists(data + "/rollcall.db-wal"));
}

TEST(SqliteStore, RefusesADirectoryThatOthersCanWrite) {
    const temporary_folder folder;
    ASSERT_EQ(::chmod(folder.path().c_str(), 0777), 0);
    virtual_home home;
    EXPECT_EQ(open_fails(home, folder.path()).code, errc::invalid_argument);
}

TEST(SqliteStore, RefusesASecondDaemonAndNamesTheFirst) {
    const temporary_folder folder;
    virtual_home home;
    {
        const auto first = open_store(home, options_for(folder.path()));
        const auto refused = open_fails(home, folder.path());
        EXPECT_EQ(refused.code, errc::locked);
        EXPECT_NE(refused.detail.find("process " + std::to_string(::getpid())), std::string::npos)
            << refused.detail;
    }
    EXPECT_NE(open_store(home, options_for(folder.path())), nullptr);
}

TEST(SqliteStore, RefusesAFileThatAnotherProgramHasOpen) {
    const temporary_folder folder;
    fill(folder.path());
    // POSIX locks are between processes: the other program has to be one. It tells by the pipe that
    // it holds the lock, and ends when the pipe to it closes.
    int to_child[2];
    int to_us[2];
    ASSERT_EQ(::pipe(to_child), 0);
    ASSERT_EQ(::pipe(to_us), 0);
    const auto child = ::fork();
    if (child == 0) {
        ::close(to_child[1]);
        sqlite3* raw = nullptr;
        sqlite3_open((folder / "rollcall.db").c_str(), &raw);
        sqlite3_exec(raw, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
        char byte = 'x';
        (void)!::write(to_us[1], &byte, 1);
        (void)!::read(to_child[0], &byte, 1);
        ::_exit(0);
    }
    char byte = 0;
    ASSERT_EQ(::read(to_us[0], &byte, 1), 1);
    virtual_home home;
    EXPECT_EQ(open_fails(home, folder.path()).code, errc::locked);
    for (const int end : {to_child[0], to_child[1], to_us[0], to_us[1]}) ::close(end);
    ::waitpid(child, nullptr, 0);
}

TEST(SqliteStore, BackupIsAStoreOfItsOwn) {
    const temporary_folder folder;
    const temporary_folder restored;
    fill(folder.path());
    virtual_home home;
    const auto store = open_store(home, options_for(folder.path()));
    const auto copy = folder / "copy.db";
    ASSERT_TRUE(home.world.run(store->backup(copy)));
    EXPECT_EQ(mode_of(copy), 0600u);
    EXPECT_FALSE(std::filesystem::exists(copy + ".partial"));
    EXPECT_EQ(home.world.run(store->backup(copy)).error(), errc::already_exists);
    EXPECT_EQ(home.world.run(store->backup(folder / "no/such/place")).error(),
              errc::invalid_argument);
    EXPECT_FALSE(store->health().failed);
    // What comes after a backup is not in it.
    ASSERT_EQ(commit_now(home, *store, first_batch(3, 1)), errc::ok);

    std::filesystem::rename(copy, restored / "rollcall.db");
    virtual_home other;
    const auto second = open_store(other, options_for(restored.path()));
    ASSERT_NE(second, nullptr);
    const auto loaded = load_all(other, *second);
    EXPECT_EQ(loaded.order, (std::vector<sync::tenant_key>{1, 2}));
    EXPECT_EQ(loaded.tenants.at(2).users, first_batch(2, 5).what.users);
    EXPECT_TRUE(other.world.run(second->verify())->empty());
}

TEST(SqliteStore, TheDocumentedQueryTellsWhoWasChangedWhenAndByWhat) {
    const temporary_folder folder;
    fill(folder.path());
    std::ifstream readme("../src/storage/README.md");
    ASSERT_TRUE(readme) << "run from the folder tests";
    std::stringstream text;
    text << readme.rdbuf();
    const auto begin = text.str().find("```sql\n");
    ASSERT_NE(begin, std::string::npos);
    const auto sql = text.str().substr(begin + 7, text.str().find("```", begin + 7) - begin - 7);
    const auto rows = query(folder / "rollcall.db", sql);
    ASSERT_EQ(rows.size(), 6u);
    const auto& newest = rows.at(0);
    EXPECT_EQ(newest,
              (std::vector<std::string>{"2023-11-14 22:13:24", "tenant-2", "3", "2", "on_demand",
                                        "update", "Zoë 佳 2 field 3 of 2", "PW2"}));
    EXPECT_EQ(rows.at(1).at(5), "create_team");
}

TEST(SqliteStore, AnApiKeyNeverReachesTheDisk) {
    const temporary_folder folder;
    fault_vfs vfs;
    const std::string key = "c0ffee00-canary-4711-8a9b-apikey000001";
    file_key_vault vault(secret(std::string_view("0123456789abcdef0123456789abcdef")));
    {
        virtual_home home;
        auto options = options_for(folder.path());
        options.vfs = "fault";
        const auto store = open_store(home, options);
        auto batch = first_batch(1, 1);
        batch.record->sealed_api_key = vault.seal(1, secret(std::string_view(key)));
        ASSERT_EQ(commit_now(home, *store, std::move(batch)), errc::ok);
        const auto loaded = load_all(home, *store);
        const auto opened = vault.open(1, loaded.tenants.at(1).record.sealed_api_key);
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened->reveal(), key);
    }
    ASSERT_FALSE(vfs.trace().empty());
    bool tenant_seen = false;
    for (const auto& operation : vfs.trace()) {
        EXPECT_EQ(operation.bytes.find(key), std::string::npos);
        EXPECT_EQ(operation.bytes.find("canary"), std::string::npos);
        tenant_seen |= operation.bytes.find("tenant-1") != std::string::npos;
    }
    EXPECT_TRUE(tenant_seen) << "the search would find what is there";
}

TEST(SqliteStore, CheckpointsKeepTheWalShort) {
    const temporary_folder folder;
    virtual_home home;
    auto options = options_for(folder.path());
    options.wal_passive_bytes = 200'000;
    options.wal_truncate_bytes = 800'000;
    const auto store = open_store(home, options);
    ASSERT_EQ(commit_now(home, *store, first_batch(1, 1)), errc::ok);
    std::uint64_t highest = 0;
    for (std::uint32_t i = 0; i < 60; ++i) {
        sync::commit_batch batch;
        batch.tenant = 1;
        for (std::uint32_t uid = 0; uid < 100; ++uid)
            batch.what.users.push_back(make_user(i * 100 + uid));
        ASSERT_EQ(commit_now(home, *store, std::move(batch)), errc::ok);
        highest = std::max(highest, store->health().wal_bytes);
    }
    EXPECT_GT(highest, 50'000u);
    EXPECT_LT(highest, 500'000u);
    EXPECT_GT(store->health().database_bytes, 1'000'000u);
}

TEST(SqliteStore, LargeBatchesGoAloneAndSmallOnesShare) {
    const temporary_folder folder;
    virtual_home home;
    auto options = options_for(folder.path());
    options.group_rows_max = 50;
    const auto store = open_store(home, options);
    std::vector<sync::commit_batch> batches;
    for (sync::tenant_key key = 1; key <= 4; ++key) batches.push_back(first_batch(key, 100));
    for (sync::tenant_key key = 5; key <= 14; ++key) batches.push_back(first_batch(key, 4));
    commit_together(home, *store, std::move(batches));
    EXPECT_EQ(store->health().commits, 5u);
    EXPECT_EQ(store->health().batches, 14u);
}

TEST(SqliteStore, NeverGivesATenantsNumberTwice) {
    const temporary_folder folder;
    virtual_home home;
    const auto store = open_store(home, options_for(folder.path()));
    ASSERT_EQ(commit_now(home, *store, first_batch(8, 1)), errc::ok);
    sync::commit_batch removal;
    removal.tenant = 8;
    removal.remove_tenant = true;
    ASSERT_EQ(commit_now(home, *store, std::move(removal)), errc::ok);
    EXPECT_EQ(*home.world.run(store->last_tenant_key()), 8u);
}

// A worker whose queue is full.
struct refusing_worker final : worker {
    bool submit(std::function<void()>) override { return false; }
};

TEST(SqliteStore, SaysBusyWhenTheWorkerTakesNoMore) {
    const temporary_folder folder;
    virtual_home home;
    refusing_worker disk;
    auto opened = sqlite_store::open(home.world.home(), disk, options_for(folder.path()));
    ASSERT_TRUE(opened);
    EXPECT_EQ(commit_now(home, **opened, first_batch(1, 1)), errc::busy);
    EXPECT_EQ(home.world.run((*opened)->last_run_id()).error(), errc::busy);
    remembering_sink sink;
    EXPECT_EQ(home.world.run((*opened)->load(sink)).error(), errc::busy);
}

TEST(SqliteStore, WorksOnAThreadOfItsOwn) {
    const temporary_folder folder;
    asio::io_context context(1);
    const system_time time;
    shard home(context, time, 1);
    real_timer_driver driver(home);
    std::size_t acknowledged = 0;
    remembering_sink sink;
    {
        blocking_thread disk("storage", 64);
        auto opened = sqlite_store::open(home, disk, options_for(folder.path()));
        ASSERT_TRUE(opened);
        const auto writer = [](sync::store& to, sync::tenant_key key,
                               std::size_t& count) -> task<> {
            const auto first = co_await to.commit(first_batch(key, 20));
            for (std::uint32_t i = 0; i < 20 && first; ++i) {
                sync::commit_batch batch;
                batch.tenant = key;
                batch.what.users = {make_user(i + 1, "later")};
                const auto done = co_await to.commit(std::move(batch));
                if (done) ++count;
            }
        };
        const auto all = [](sqlite_store& store, shard& on, std::size_t& count,
                            remembering_sink& into, auto one) -> task<> {
            task_group group(on);
            for (sync::tenant_key key = 1; key <= 30; ++key) group.spawn(one(store, key, count));
            co_await group.join();
            const auto loaded = co_await store.load(into);
            EXPECT_TRUE(loaded);
        };
        asio::co_spawn(context, all(**opened, home, acknowledged, sink, writer),
                       [&driver](std::exception_ptr error) {
                           EXPECT_FALSE(error);
                           driver.stop();
                       });
        context.run();
        EXPECT_LT((*opened)->health().commits, (*opened)->health().batches) << "none shared";
    }
    EXPECT_EQ(acknowledged, 600u);
    ASSERT_EQ(sink.order.size(), 30u);
    for (const auto& [key, tenant] : sink.tenants) {
        ASSERT_EQ(tenant.users.size(), 20u);
        for (const auto& user : tenant.users) EXPECT_EQ(user, make_user(user.meta.uid, "later"));
    }
}

} // namespace
} // namespace rollcall::storage::testing
