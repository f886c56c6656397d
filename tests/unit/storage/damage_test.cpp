// Files of other versions, of other programs, and damaged ones.
#include <fstream>

#include "file_fixture.hpp"

namespace rollcall::storage::testing {
namespace {

TEST(SqliteStore, RefusesANewerSchemaAndLeavesItAlone) {
    const temporary_folder folder;
    fill(folder.path());
    edit(folder.path(), "PRAGMA user_version = 7");
    virtual_home home;
    const auto refused = open_fails(home, folder.path());
    EXPECT_EQ(refused.code, errc::newer_schema);
    EXPECT_NE(refused.detail.find("version 7"), std::string::npos) << refused.detail;
    EXPECT_NE(refused.detail.find("up to 5"), std::string::npos) << refused.detail;
    EXPECT_EQ(query(folder / "rollcall.db", "PRAGMA user_version").at(0).at(0), "7");
    EXPECT_EQ(query(folder / "rollcall.db", "SELECT count(*) FROM users").at(0).at(0), "10");
}

TEST(SqliteStore, MigratesFromEveryEarlierVersion) {
    // Version 0 is a file without our tables: of no bytes, or made by an SQLite shell.
    for (const bool has_header : {false, true}) {
        const temporary_folder folder;
        std::ofstream(folder / "rollcall.db").close();
        if (has_header) edit(folder.path(), "CREATE TABLE t(x); DROP TABLE t;");
        virtual_home home;
        {
            const auto store = open_store(home, options_for(folder.path()));
            ASSERT_NE(store, nullptr);
            EXPECT_EQ(commit_now(home, *store, first_batch(1, 3)), errc::ok);
        }
        EXPECT_EQ(query(folder / "rollcall.db", "PRAGMA user_version").at(0).at(0), "5");
        const auto again = open_store(home, options_for(folder.path()));
        EXPECT_EQ(load_all(home, *again).tenants.at(1).users.size(), 3u);
    }
}

// What each version brought is taken out again: the file is one of the version before it.
constexpr const char* to_version_4 = "DROP TABLE page_memory; PRAGMA user_version = 4;";
constexpr const char* to_version_3 =
    "DROP TABLE webhook_tokens; DROP TABLE hints; DROP TABLE announcements;"
    "DELETE FROM counters WHERE name = 'stranger'; PRAGMA user_version = 3;";
constexpr const char* to_version_2 = "DROP TABLE invited_marks; PRAGMA user_version = 2;";

TEST(SqliteStore, BringsVersion2UpToDateAndKeepsWhatItHas) {
    const temporary_folder folder;
    fill(folder.path());
    edit(folder.path(), to_version_4);
    edit(folder.path(), to_version_3);
    edit(folder.path(), to_version_2);
    virtual_home home;
    const auto store = open_store(home, options_for(folder.path()));
    ASSERT_NE(store, nullptr);
    EXPECT_EQ(load_all(home, *store).tenants.at(1).users.size(), 5u);
    sync::commit_batch batch;
    batch.tenant = 1;
    batch.what.invited = {make_mark(3)};
    ASSERT_EQ(commit_now(home, *store, batch), errc::ok);
    EXPECT_EQ(load_all(home, *store).tenants.at(1).sets.invited, (std::vector{make_mark(3)}));
}

TEST(SqliteStore, BringsVersion3UpToDateAndKeepsWhatItHas) {
    const temporary_folder folder;
    fill(folder.path());
    edit(folder.path(), to_version_4);
    edit(folder.path(), to_version_3);
    virtual_home home;
    const auto store = open_store(home, options_for(folder.path()));
    ASSERT_NE(store, nullptr);
    EXPECT_EQ(load_all(home, *store).tenants.at(1).users.size(), 5u);
    EXPECT_EQ(save_now(home, *store, {{make_hint(1, "PW1", 1)}, {}, 1}), errc::ok);
    EXPECT_EQ(load_all(home, *store).tenants.at(1).sets.hints.size(), 1u);
}

TEST(SqliteStore, BringsVersion4UpToDateAndKeepsWhatItHas) {
    const temporary_folder folder;
    fill(folder.path());
    edit(folder.path(), to_version_4);
    virtual_home home;
    const auto store = open_store(home, options_for(folder.path()));
    ASSERT_NE(store, nullptr);
    EXPECT_EQ(load_all(home, *store).tenants.at(1).users.size(), 5u);
    EXPECT_EQ(load_all(home, *store).tenants.at(1).progress.paging, "");
    ASSERT_TRUE(home.world.run(store->save_progress({make_progress(1)})));
    EXPECT_EQ(load_all(home, *store).tenants.at(1).progress.paging, make_progress(1).paging);
}

TEST(SqliteStore, WhatIsForgottenOfPagesIsForgottenOnTheDisk) {
    const temporary_folder folder;
    fill(folder.path());
    virtual_home home;
    const auto store = open_store(home, options_for(folder.path()));
    auto progress = make_progress(1);
    ASSERT_TRUE(home.world.run(store->save_progress({progress})));
    progress.paging.clear();
    ASSERT_TRUE(home.world.run(store->save_progress({progress})));
    EXPECT_EQ(load_all(home, *store).tenants.at(1).progress.paging, "");
}

TEST(SqliteStore, ADamagedHintOrTokenCostsThatOneAndNotTheTenant) {
    const temporary_folder folder;
    fill(folder.path());
    {
        virtual_home home;
        const auto store = open_store(home, options_for(folder.path()));
        ASSERT_EQ(save_now(home, *store, {{make_hint(1, "PW1", 1), make_hint(1, "PW2", 2)}, {}, 0}),
                  errc::ok);
    }
    edit(folder.path(),
         "UPDATE hints SET number = 99 WHERE employee_id = 'PW1';"
         "UPDATE webhook_tokens SET until_ms = 0 WHERE tenant = 1 AND until_ms != 0;"
         "UPDATE announcements SET counts = '1 1 1' WHERE tenant = 1;"
         "UPDATE page_memory SET memory = '1 2 3' WHERE tenant = 1;");
    virtual_home home;
    const auto store = open_store(home, options_for(folder.path()));
    const auto loaded = load_all(home, *store);
    EXPECT_TRUE(loaded.corrupt.empty());
    EXPECT_EQ(loaded.tenants.at(1).sets.hints.size(), 1u);
    EXPECT_EQ(loaded.tenants.at(1).sets.webhook_tokens.size(), 1u);
    EXPECT_EQ(loaded.tenants.at(1).progress.announced, "");
    EXPECT_EQ(loaded.tenants.at(1).progress.paging, "");
    EXPECT_EQ(store->health().corrupt_rows, 4u);
    EXPECT_EQ(home.world.run(store->verify())->size(), 4u);
}

TEST(SqliteStore, RefusesASchemaFromBeforeTheFirstReleaseAndSaysWhatToDo) {
    const temporary_folder folder;
    fill(folder.path());
    edit(folder.path(), "PRAGMA user_version = 1");
    virtual_home home;
    const auto refused = open_fails(home, folder.path());
    EXPECT_EQ(refused.code, errc::invalid_argument);
    EXPECT_NE(refused.detail.find("version 1"), std::string::npos) << refused.detail;
    EXPECT_NE(refused.detail.find("empty data directory"), std::string::npos) << refused.detail;
    EXPECT_EQ(query(folder / "rollcall.db", "SELECT count(*) FROM users").at(0).at(0), "10");
}

TEST(SqliteStore, RefusesWhatIsNotItsDatabase) {
    const temporary_folder folder;
    virtual_home home;
    edit(folder.path(), "CREATE TABLE somebody_elses(x)");
    EXPECT_EQ(open_fails(home, folder.path()).code, errc::invalid_argument);
    std::ofstream(folder / "rollcall.db") << std::string(5000, 'x');
    EXPECT_EQ(open_fails(home, folder.path()).code, errc::corrupt);
}

TEST(SqliteStore, LeavesCorruptRowsOutAndInPlaceAndLoadsTheRest) {
    const temporary_folder folder;
    fill(folder.path());
    edit(folder.path(),
         "UPDATE users SET email = 'forged@example.org' WHERE tenant = 1 AND uid = 3;"
         "UPDATE users SET uid = 40 WHERE tenant = 2 AND uid = 4;"
         "UPDATE users SET state = 'asleep', checksum = checksum WHERE tenant = 2 AND uid = 1;"
         "UPDATE progress SET sweeps = 1000 WHERE tenant = 1;"
         "UPDATE issues SET external_id = 'PW0' WHERE tenant = 2 AND position = 0;"
         "UPDATE teams SET owned = 0 WHERE tenant = 1 AND team = 1;"
         "UPDATE team_members SET uid = 3 WHERE tenant = 1 AND uid = 4;"
         "UPDATE invitations SET state = 'not_invited' WHERE tenant = 1 AND uid = 4;"
         "UPDATE holds SET digest = 'ff' WHERE tenant = 2;"
         "UPDATE hold_sections SET steps = x'0102' WHERE tenant = 2 AND position = 1;"
         "UPDATE rejected_steps SET digest = x'00' WHERE tenant = 2 AND position = 1;"
         "UPDATE decisions SET uid = 1 WHERE tenant = 2 AND position = 0;"
         "UPDATE erased_marks SET mark = x'00' WHERE tenant = 2 AND mark = "
         "(SELECT min(mark) FROM erased_marks WHERE tenant = 2);"
         "UPDATE snapshots SET digest = 1 WHERE tenant = 2;"
         "UPDATE notices SET email = 'forged@example.org' WHERE number = 4;"
         "UPDATE run_issues SET rule = '' WHERE tenant = 2 AND position = 0;");
    virtual_home home;
    const auto store = open_store(home, options_for(folder.path()));
    auto loaded = load_all(home, *store);
    std::ranges::sort(loaded.corrupt);
    EXPECT_EQ(loaded.corrupt,
              (std::vector<std::string>{
                  "1 invitations 4", "1 progress 1", "1 team_members 2", "1 teams 1", "1 users 3",
                  "2 decisions 0", "2 erased_marks 2", "2 hold_sections 1", "2 holds 2",
                  "2 issues 0", "2 rejected_steps 1", "2 users 1", "2 users 40"}));
    EXPECT_EQ(loaded.tenants.at(1).users.size(), 4u);
    EXPECT_EQ(loaded.tenants.at(1).progress.sweeps, 0u);
    EXPECT_EQ(loaded.tenants.at(1).teams.size(), 1u);
    EXPECT_EQ(loaded.tenants.at(1).members.size(), 1u);
    EXPECT_EQ(loaded.tenants.at(1).invitations.size(), 1u);
    EXPECT_EQ(loaded.tenants.at(2).users.size(), 3u);
    EXPECT_EQ(loaded.tenants.at(2).sets.issues.size(), 1u);
    EXPECT_EQ(loaded.tenants.at(2).sets.decisions.size(), 1u);
    EXPECT_EQ(loaded.tenants.at(2).sets.erased.size(), 1u);
    EXPECT_EQ(store->health().corrupt_rows, 13u);
    EXPECT_EQ(home.world.run(store->run(2, 2)).error(), errc::corrupt);
    EXPECT_TRUE(home.world.run(store->run(1, 1)));
    EXPECT_EQ(home.world.run(store->snapshot(2)).error(), errc::corrupt);
    EXPECT_EQ(home.world.run(store->verify())->size(), 16u);
    // Left in place: a second load says the same.
    EXPECT_EQ(load_all(home, *store).corrupt.size(), 13u);
}

TEST(SqliteStore, ACorruptNoticeIsLeftOutAndStays) {
    const temporary_folder folder;
    fill(folder.path());
    edit(folder.path(), "UPDATE notices SET email = 'forged@example.org' WHERE number = 2");
    virtual_home home;
    const auto store = open_store(home, options_for(folder.path()));
    EXPECT_EQ(home.world.run(store->notices(1))->at(0).number, 3u);
    EXPECT_TRUE(home.world.run(store->notices_delivered(5)));
    EXPECT_TRUE(home.world.run(store->notices(10))->empty());
    EXPECT_EQ(home.world.run(store->verify())->size(), 1u) << "nobody was told, so it is kept";
}

TEST(SqliteStore, ATenantWhoseRowIsCorruptIsLeftOutWithItsUsers) {
    const temporary_folder folder;
    fill(folder.path());
    edit(folder.path(), "UPDATE tenants SET settings = '{}' WHERE tenant = 1");
    virtual_home home;
    const auto store = open_store(home, options_for(folder.path()));
    const auto loaded = load_all(home, *store);
    EXPECT_EQ(loaded.corrupt, std::vector<std::string>{"1 tenants 1"});
    EXPECT_EQ(loaded.order, std::vector<sync::tenant_key>{2});
    EXPECT_EQ(loaded.tenants.at(2).users.size(), 5u);
}

TEST(SqliteStore, AFileWhoseStructureIsDamagedIsSaidToBeCorrupt) {
    const temporary_folder folder;
    {
        virtual_home home;
        const auto store = open_store(home, options_for(folder.path()));
        ASSERT_EQ(commit_now(home, *store, first_batch(1, 2'000)), errc::ok);
    }
    const auto root =
        query(folder / "rollcall.db", "SELECT rootpage FROM sqlite_schema WHERE name = 'users'");
    {
        std::fstream file(folder / "rollcall.db", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp((std::stol(root.at(0).at(0)) - 1) * 4096);
        file << std::string(4096, '\xff');
    }
    virtual_home home;
    const auto store = open_store(home, options_for(folder.path()));
    remembering_sink sink;
    EXPECT_EQ(home.world.run(store->load(sink)).error(), errc::corrupt);
}

} // namespace
} // namespace rollcall::storage::testing
