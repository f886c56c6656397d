// What crashes and failing disks leave behind. One small workload of tenants whose users all carry
// the version of the last batch: after a restart each tenant must be at one version, in its users,
// its record, its run and its issues alike, and that version must be one that the caller was told
// about, or the one that was on its way.
#include <fstream>

#include "fault_vfs.hpp"
#include "store_fixture.hpp"

namespace rollcall::storage::testing {
namespace {

constexpr sync::tenant_key tenants = 3;
constexpr std::uint32_t versions = 6;
constexpr std::uint32_t users_per_tenant = 4;

sync::commit_batch batch_of(sync::tenant_key tenant, std::uint32_t version) {
    auto batch = first_batch(tenant, 0);
    batch.record->next_uid = version;
    for (std::uint32_t uid = 1; uid <= users_per_tenant; ++uid) {
        batch.what.users.push_back(make_user(uid, "v" + std::to_string(version)));
    }
    // A user of each version alone: what is erased must go with the rest. Earlier versions may have
    // been refused, so all of theirs are named.
    batch.what.users.push_back(make_user(100 + version, "v" + std::to_string(version)));
    for (std::uint32_t earlier = 1; earlier < version; ++earlier) {
        batch.what.users_erased.push_back(100 + earlier);
    }
    batch.run = make_run(tenant, version * 10 + tenant);
    const auto word = "v" + std::to_string(version);
    batch.run->issues.resize(1);
    batch.run->issues[0].external_id = word;
    batch.issues = batch.run->issues;
    batch.what.teams = {{1, word, word, true, 0, 0, 0}};
    batch.held = make_hold();
    batch.held->digest = word;
    auto notice = make_notice(tenant, version * 10 + tenant);
    notice.name = word;
    batch.notices = {notice};
    return batch;
}

struct history {
    std::map<sync::tenant_key, std::uint32_t> acknowledged; // the newest version
    std::map<sync::tenant_key, std::uint32_t> attempted;    // the newest that may be stored
    std::vector<std::map<sync::tenant_key, std::uint32_t>> acknowledged_after; // n operations
};

sqlite_options crash_options(const std::string& folder) {
    auto options = options_for(folder);
    options.vfs = "fault";
    options.runs_kept = 2;
    options.wal_passive_bytes = 100'000; // so that checkpoints fall into the workload
    options.wal_truncate_bytes = 200'000;
    options.cache_bytes = 65'536;
    return options;
}

// How many operations it took until the commits that began at `begin` were told: up to the last
// sync of the WAL before the checkpoint, if there was one, touched the database file.
std::size_t end_of_commit(const std::vector<file_operation>& trace, std::size_t begin) {
    std::size_t end = begin + 1;
    for (std::size_t i = begin; i < trace.size() && trace[i].file != "rollcall.db"; ++i) {
        if (trace[i].what == file_operation::kind::sync) end = i + 1;
    }
    return end;
}

// Runs the workload and closes the store. Every outcome but ok, storage_failed and storage_full is
// a failure of the test.
history run_workload(fault_vfs& vfs, const std::string& folder) {
    history told;
    virtual_home home;
    auto opened = sqlite_store::open(home.world.home(), home.disk, crash_options(folder));
    if (!opened) {
        EXPECT_TRUE(opened.error().code == errc::storage_failed ||
                    opened.error().code == errc::storage_full)
            << opened.error().detail;
        return told;
    }
    for (std::uint32_t version = 1; version <= versions; ++version) {
        std::vector<sync::commit_batch> batches;
        for (sync::tenant_key key = 1; key <= tenants; ++key) {
            batches.push_back(batch_of(key, version));
        }
        const bool failed_before = (*opened)->health().failed;
        const auto begin = vfs.trace().size();
        told.acknowledged_after.resize(begin + 1, told.acknowledged);
        const auto outcomes = commit_together(home, **opened, std::move(batches));
        for (sync::tenant_key key = 1; key <= tenants; ++key) {
            const auto code = outcomes[key - 1];
            if (code == errc::ok) {
                EXPECT_FALSE(failed_before) << "acknowledged after a failure";
                told.acknowledged[key] = version;
            }
            if (code == errc::ok || code == errc::storage_failed) told.attempted[key] = version;
            EXPECT_TRUE(code == errc::ok || code == errc::storage_failed ||
                        code == errc::storage_full)
                << name_of(code);
        }
        const auto synced = end_of_commit(vfs.trace(), begin);
        told.acknowledged_after.resize(synced, told.acknowledged_after.back());
        told.acknowledged_after.resize(vfs.trace().size() + 1, told.acknowledged);
    }
    return told;
}

// Opens what is in the folder with the plain VFS; gives each tenant's version and checks that the
// tenant is whole.
std::map<sync::tenant_key, std::uint32_t> recover(const std::string& folder) {
    std::map<sync::tenant_key, std::uint32_t> found;
    virtual_home home;
    const auto store = open_store(home, options_for(folder));
    if (store == nullptr) return found;
    const auto findings = home.world.run(store->verify());
    EXPECT_TRUE(findings && findings->empty());
    const auto loaded = load_all(home, *store);
    EXPECT_TRUE(loaded.corrupt.empty());
    std::uint64_t newest_notice = 0;
    for (const auto& [key, tenant] : loaded.tenants) {
        const auto version = tenant.record.next_uid;
        const auto wanted = batch_of(key, version);
        EXPECT_EQ(tenant.users, wanted.what.users);
        EXPECT_EQ(tenant.sets.issues, wanted.run->issues);
        EXPECT_EQ(tenant.teams, wanted.what.teams);
        EXPECT_TRUE(same_hold(tenant.sets.held, *wanted.held));
        const auto run = home.world.run(store->run(key, version * 10 + key));
        EXPECT_TRUE(run && run->issues == wanted.run->issues && run->steps == wanted.run->steps);
        EXPECT_EQ(home.world.run(store->runs(key, 0, 1))->at(0).id, version * 10 + key);
        newest_notice = std::max<std::uint64_t>(newest_notice, version * 10 + key);
        found[key] = version;
    }
    EXPECT_EQ(*home.world.run(store->last_notice()), newest_notice);
    // And it goes on from there.
    auto next = batch_of(1, 90);
    EXPECT_EQ(commit_now(home, *store, std::move(next)), errc::ok);
    return found;
}

std::uint32_t version_in(const std::map<sync::tenant_key, std::uint32_t>& all,
                         sync::tenant_key key) {
    const auto found = all.find(key);
    return found == all.end() ? 0 : found->second;
}

void write_image(const disk_image& image, const std::string& folder) {
    for (const auto& [name, bytes] : image) {
        if (!name.starts_with("rollcall.db")) continue; // temporary files die with the process
        std::ofstream out(folder + "/" + name, std::ios::binary);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
}

struct fault_case {
    const char* name;
    fault how;
    fault_lasts lasts;
};

TEST(Crash, AnyFailingOperationLosesNothingThatWasAcknowledged) {
    for (const auto& one :
         {fault_case{"I/O error once", fault::io_error, fault_lasts::once},
          fault_case{"I/O error for ever", fault::io_error, fault_lasts::for_ever},
          fault_case{"full once", fault::disk_full, fault_lasts::once},
          fault_case{"full for ever", fault::disk_full, fault_lasts::for_ever}}) {
        std::size_t n = 1;
        for (;; ++n) {
            SCOPED_TRACE(std::string(one.name) + " at operation " + std::to_string(n));
            const temporary_folder folder;
            fault_vfs vfs;
            vfs.fail_at(n, one.how, one.lasts);
            const auto told = run_workload(vfs, folder.path());
            const bool hit = vfs.hits() != 0;
            const auto found = recover(folder.path());
            for (sync::tenant_key key = 1; key <= tenants; ++key) {
                const auto version = version_in(found, key);
                EXPECT_GE(version, version_in(told.acknowledged, key));
                EXPECT_LE(version, version_in(told.attempted, key)) << "refused, yet stored";
            }
            if (!hit) break;
            if (::testing::Test::HasFailure()) return;
        }
        EXPECT_GT(n, 20u) << "the workload did not reach the disk";
    }
}

TEST(Crash, AKillAtAnyOperationLeavesWholeTenants) {
    const temporary_folder folder;
    fault_vfs vfs;
    const auto told = run_workload(vfs, folder.path());
    const auto& trace = vfs.trace();
    ASSERT_GT(trace.size(), 50u);
    for (std::size_t count = 0; count <= trace.size(); ++count) {
        SCOPED_TRACE("killed after operation " + std::to_string(count));
        const temporary_folder after;
        write_image(image_after_kill(trace, count), after.path());
        const auto found = recover(after.path());
        const auto at = std::min(count, told.acknowledged_after.size() - 1);
        for (sync::tenant_key key = 1; key <= tenants; ++key) {
            EXPECT_GE(version_in(found, key), version_in(told.acknowledged_after[at], key));
        }
        if (::testing::Test::HasFailure()) return;
    }
    // The end of the trace is the close, which empties the WAL.
    EXPECT_EQ(told.acknowledged_after.back().at(tenants), versions);
}

TEST(Crash, APowerCutAtAnyOperationLeavesWholeTenants) {
    const temporary_folder folder;
    fault_vfs vfs;
    const auto told = run_workload(vfs, folder.path());
    const auto& trace = vfs.trace();
    random_source random(7);
    for (std::size_t count = 0; count <= trace.size(); ++count) {
        for (int repeat = 0; repeat < 3; ++repeat) {
            SCOPED_TRACE("cut after operation " + std::to_string(count) + ", image " +
                         std::to_string(repeat));
            const temporary_folder after;
            write_image(image_after_power_cut(trace, count, random), after.path());
            const auto found = recover(after.path());
            const auto at = std::min(count, told.acknowledged_after.size() - 1);
            for (sync::tenant_key key = 1; key <= tenants; ++key) {
                EXPECT_GE(version_in(found, key), version_in(told.acknowledged_after[at], key));
            }
            if (::testing::Test::HasFailure()) return;
        }
    }
}

// What acknowledged_after is for commits: how many hints were acknowledged after n operations.
std::vector<std::size_t> save_hints_one_by_one(fault_vfs& vfs, const std::string& folder) {
    virtual_home home;
    const auto store = open_store(home, crash_options(folder));
    EXPECT_EQ(commit_now(home, *store, batch_of(1, 1)), errc::ok);
    std::vector<std::size_t> acknowledged;
    for (std::uint64_t number = 1; number <= 10; ++number) {
        const auto begin = vfs.trace().size();
        acknowledged.resize(begin + 1, number - 1);
        const auto id = "PW" + std::to_string(number);
        EXPECT_EQ(save_now(home, *store, {{make_hint(1, id, number)}, {}, 0}), errc::ok);
        acknowledged.resize(end_of_commit(vfs.trace(), begin), number - 1);
        acknowledged.resize(vfs.trace().size() + 1, number);
    }
    return acknowledged;
}

std::size_t hints_in(const std::string& folder) {
    virtual_home home;
    const auto store = open_store(home, options_for(folder));
    if (store == nullptr) return 0;
    const auto loaded = load_all(home, *store);
    EXPECT_TRUE(loaded.corrupt.empty());
    if (!loaded.tenants.contains(1)) return 0;
    const auto& hints = loaded.tenants.at(1).sets.hints;
    std::uint64_t newest = 0;
    for (const auto& each : hints) newest = std::max(newest, each.number);
    EXPECT_EQ(hints.size(), newest) << "one is missing between others";
    return hints.size();
}

TEST(Crash, La47AnAcknowledgedHintSurvivesAKillAndAPowerCut) {
    const temporary_folder folder;
    fault_vfs vfs;
    const auto acknowledged = save_hints_one_by_one(vfs, folder.path());
    const auto& trace = vfs.trace();
    ASSERT_EQ(acknowledged.back(), 10u);
    random_source random(9);
    for (std::size_t count = 0; count <= trace.size(); ++count) {
        SCOPED_TRACE("after operation " + std::to_string(count));
        const auto wanted = acknowledged[std::min(count, acknowledged.size() - 1)];
        const temporary_folder killed;
        write_image(image_after_kill(trace, count), killed.path());
        EXPECT_GE(hints_in(killed.path()), wanted);
        const temporary_folder cut;
        write_image(image_after_power_cut(trace, count, random), cut.path());
        EXPECT_GE(hints_in(cut.path()), wanted);
        if (::testing::Test::HasFailure()) return;
    }
}

TEST(Crash, AnIoErrorIsFinal) {
    const temporary_folder folder;
    fault_vfs vfs;
    virtual_home home;
    const auto store = open_store(home, crash_options(folder.path()));
    ASSERT_EQ(commit_now(home, *store, batch_of(1, 1)), errc::ok);
    vfs.fail_at(1, fault::io_error, fault_lasts::once);
    EXPECT_EQ(commit_now(home, *store, batch_of(1, 2)), errc::storage_failed);
    EXPECT_EQ(vfs.hits(), 1u);
    // The disk works again, but what it has kept is not known.
    EXPECT_EQ(commit_now(home, *store, batch_of(2, 1)), errc::storage_failed);
    EXPECT_FALSE(home.world.run(store->save_progress({make_progress(1)})));
    EXPECT_EQ(home.world.run(store->backup(folder / "copy")).error(), errc::storage_failed);
    EXPECT_TRUE(store->health().failed);
    EXPECT_EQ(load_all(home, *store).order.size(), 1u) << "reads go on";
}

TEST(Crash, AFullDiskRefusesCleanlyAndRecovers) {
    const temporary_folder folder;
    fault_vfs vfs;
    virtual_home home;
    auto options = crash_options(folder.path());
    options.ballast_bytes = 1 << 20;
    const auto store = open_store(home, options);
    const auto ballast = folder / "ballast";
    EXPECT_EQ(std::filesystem::file_size(ballast), 1u << 20);
    ASSERT_EQ(commit_now(home, *store, batch_of(1, 1)), errc::ok);

    vfs.fail_at(1, fault::disk_full, fault_lasts::for_ever);
    EXPECT_EQ(commit_now(home, *store, batch_of(1, 2)), errc::storage_full);
    EXPECT_TRUE(store->health().full);
    EXPECT_FALSE(store->health().failed);
    EXPECT_FALSE(std::filesystem::exists(ballast)) << "the drain's last room";
    EXPECT_EQ(load_all(home, *store).tenants.at(1).record.next_uid, 1u) << "reads go on";

    vfs.heal();
    EXPECT_EQ(commit_now(home, *store, batch_of(1, 3)), errc::ok);
    EXPECT_FALSE(store->health().full);
    EXPECT_EQ(std::filesystem::file_size(ballast), 1u << 20);
    EXPECT_EQ(load_all(home, *store).tenants.at(1).record.next_uid, 3u);
}

TEST(Crash, AFullDiskRefusesCommitsButTakesProgressUntilTheBallastIsBack) {
    const temporary_folder folder;
    fault_vfs vfs;
    virtual_home home;
    auto options = crash_options(folder.path());
    options.ballast_bytes = 1 << 20;
    const auto store = open_store(home, options);
    ASSERT_EQ(commit_now(home, *store, batch_of(1, 1)), errc::ok);
    vfs.fail_at(1, fault::disk_full, fault_lasts::for_ever);
    EXPECT_EQ(commit_now(home, *store, batch_of(1, 2)), errc::storage_full);
    vfs.heal();
    // A folder in its place stands for a disk that has no room for the ballast yet.
    std::filesystem::create_directory(folder / "ballast");
    EXPECT_EQ(commit_now(home, *store, batch_of(1, 2)), errc::storage_full);
    EXPECT_TRUE(home.world.run(store->save_progress({make_progress(1, 55)})));
    EXPECT_EQ(load_all(home, *store).tenants.at(1).progress.sweeps, 55u);
    EXPECT_TRUE(store->health().full) << "room for progress is not room for work";
    std::filesystem::remove(folder / "ballast");
    EXPECT_EQ(commit_now(home, *store, batch_of(1, 2)), errc::ok);
}

} // namespace
} // namespace rollcall::storage::testing
