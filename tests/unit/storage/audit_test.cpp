// The audit against somebody with the file in their hands: every change of a chain shows, and what
// was erased is not in the bytes.
#include <fstream>
#include <set>
#include <sstream>

#include "audit_conformance.hpp"
#include "file_fixture.hpp"
#include "storage/audit_log.hpp"

namespace rollcall::storage::testing {
namespace {

constexpr std::uint64_t entry_count = 12;

// A tenant with a chain of runs of 3 steps each, closed; gives the head.
std::string fill_chain(const std::string& folder) {
    virtual_home home;
    const auto store = open_store(home, options_for(folder));
    EXPECT_EQ(commit_now(home, *store, first_batch(1, 0)), errc::ok);
    for (std::uint64_t id = 1; id <= entry_count / 3; ++id) {
        sync::commit_batch batch;
        batch.tenant = 1;
        batch.run = make_updates(1, id, {1, 2, 3});
        EXPECT_EQ(commit_now(home, *store, std::move(batch)), errc::ok);
    }
    return home.world.run(store->verify_audit(1))->head;
}

sync::audit_finding verify_chain(const std::string& folder, std::size_t entries_max = 20'000) {
    virtual_home home;
    auto options = options_for(folder);
    options.audit_entries_max = entries_max;
    const auto store = open_store(home, options);
    const auto found = home.world.run(store->verify_audit(1));
    EXPECT_TRUE(found);
    const auto findings = home.world.run(store->verify());
    EXPECT_EQ(findings->empty(), found->broken == 0) << "verify() and verify_audit() agree";
    return found ? *found : sync::audit_finding{};
}

struct tampering {
    const char* name;
    const char* sql;
    std::uint64_t broken; // the entry that is named
};

TEST(Audit, EveryChangeOfAChainShows) {
    const std::vector<tampering> all{
        {"run", "UPDATE audit SET run = 9 WHERE number = 5", 5},
        {"cause", "UPDATE audit SET cause = 'manual' WHERE number = 5", 5},
        {"time", "UPDATE audit SET at_ms = at_ms + 1 WHERE number = 12", 12},
        {"kind", "UPDATE audit SET kind = 'deactivate' WHERE number = 1", 1},
        {"person", "UPDATE audit SET uid = 2 WHERE number = 4", 4},
        {"team", "UPDATE audit SET team = 1 WHERE number = 4", 4},
        {"content", "UPDATE audit SET sealed = zeroblob(100) WHERE number = 5", 5},
        {"hash", "UPDATE audit SET hash = zeroblob(32) WHERE number = 5", 5},
        {"short hash", "UPDATE audit SET hash = x'00' WHERE number = 12", 12},
        {"deleted", "DELETE FROM audit WHERE number = 5", 5},
        {"first deleted", "DELETE FROM audit WHERE number = 1", 1},
        {"deleted, gap closed",
         "DELETE FROM audit WHERE number = 5;"
         "UPDATE audit SET number = number - 1 WHERE number > 5;",
         5},
        {"swapped",
         "UPDATE audit SET number = 100 WHERE number = 5;"
         "UPDATE audit SET number = 5 WHERE number = 6;"
         "UPDATE audit SET number = 6 WHERE number = 100;",
         5},
        {"before the first",
         "INSERT INTO audit SELECT tenant, 0, run, cause, at_ms, kind, uid, "
         "team, sealed, hash FROM audit WHERE number = 1",
         1},
        {"after the last",
         "INSERT INTO audit SELECT tenant, 13, run, cause, at_ms, kind, uid, "
         "team, sealed, hash FROM audit WHERE number = 12",
         13},
        {"cut tail", "DELETE FROM audit WHERE number > 10", 11},
        {"all gone", "DELETE FROM audit", 1},
        {"no head", "DELETE FROM audit_heads", 12},
        {"other head", "UPDATE audit_heads SET number = 11", 13},
    };
    for (const auto& one : all) {
        for (const std::size_t entries_max : {1u, 4u, 12u, 20'000u}) {
            SCOPED_TRACE(std::string(one.name) + " in pieces of " + std::to_string(entries_max));
            const temporary_folder folder;
            fill_chain(folder.path());
            edit(folder.path(), one.sql);
            const auto found = verify_chain(folder.path(), entries_max);
            EXPECT_EQ(found.broken, one.broken);
            EXPECT_NE(found.detail, "");
        }
    }
}

// Whoever can cut the tail and mend the head leaves what an earlier copy of the file is: a sound,
// shorter chain. Only the noted head tells.
TEST(Audit, ATailThatWasCutWithItsHeadShowsAgainstANotedHead) {
    const temporary_folder folder;
    const temporary_folder shorter;
    fill_chain(folder.path());
    virtual_home home;
    const auto store = open_store(home, options_for(folder.path()));
    ASSERT_TRUE(home.world.run(store->backup(shorter / "rollcall.db")));
    sync::commit_batch batch;
    batch.tenant = 1;
    batch.run = make_updates(1, 90, {1});
    ASSERT_EQ(commit_now(home, *store, std::move(batch)), errc::ok);
    const auto noted = home.world.run(store->verify_audit(1));
    ASSERT_TRUE(noted && noted->broken == 0);

    const auto cut = verify_chain(shorter.path());
    EXPECT_EQ(cut.broken, 0u);
    EXPECT_EQ(cut.entries, noted->entries - 1);
    EXPECT_NE(cut.head, noted->head);
}

TEST(Audit, ADamagedAuditDoesNotKeepTheTenantFromBeingSynced) {
    for (const char* damage :
         {"UPDATE audit_heads SET hash = zeroblob(32)", "DELETE FROM audit_heads",
          "UPDATE audit SET hash = x'00' WHERE number = 12",
          "UPDATE person_keys SET key = x'00' WHERE uid = 1",
          "UPDATE person_keys SET key = zeroblob(32) WHERE uid = 1",
          "INSERT INTO audit SELECT tenant, 13, run, cause, at_ms, kind, uid, team, sealed, hash "
          "FROM audit WHERE number = 12"}) {
        SCOPED_TRACE(damage);
        const temporary_folder folder;
        fill_chain(folder.path());
        edit(folder.path(), damage);
        virtual_home home;
        const auto store = open_store(home, options_for(folder.path()));
        EXPECT_TRUE(load_all(home, *store).corrupt.empty());
        sync::commit_batch batch;
        batch.tenant = 1;
        batch.run = make_updates(1, 50, {1, 4});
        ASSERT_EQ(commit_now(home, *store, batch), errc::ok);
        const auto entries = home.world.run(store->audit(1, {.limit = 2}));
        ASSERT_EQ(entries->size(), 2u);
        EXPECT_EQ(entries->at(0).number, 14u);
        EXPECT_EQ(entries->at(1).step, batch.run->steps.at(0));
    }
}

TEST(Audit, AnEntryThatDoesNotOpenIsShownAsDamagedAndItsRunAsCorrupt) {
    const temporary_folder folder;
    fill_chain(folder.path());
    edit(folder.path(),
         "UPDATE audit SET sealed = zeroblob(100) WHERE number = 4;"
         "UPDATE audit SET kind = 'juggle' WHERE number = 5;");
    virtual_home home;
    const auto store = open_store(home, options_for(folder.path()));
    const auto entries = home.world.run(store->audit(1, {.run = 2, .from = 1}));
    ASSERT_EQ(entries->size(), 3u);
    for (const std::size_t damaged : {0u, 1u}) {
        EXPECT_FALSE(entries->at(damaged).readable);
        EXPECT_EQ(entries->at(damaged).step.label, "(damaged)");
    }
    EXPECT_TRUE(entries->at(2).readable);
    EXPECT_EQ(home.world.run(store->run(1, 2)).error(), errc::corrupt);
    EXPECT_TRUE(home.world.run(store->run(1, 3)));
}

TEST(Audit, QueriesSeekInsteadOfWalking) {
    const temporary_folder folder;
    fill_chain(folder.path());
    const auto plan_of = [&folder](const sync::audit_query& what) {
        std::string plan;
        for (const auto& row :
             query(folder / "rollcall.db", "EXPLAIN QUERY PLAN " + audit_sql(what))) {
            plan += row.at(3) + "\n";
        }
        return plan;
    };
    const std::string of_person =
        "SEARCH audit USING INDEX audit_of_person (tenant=? AND uid=? AND number>? AND "
        "number<?)\n";
    const std::string of_run =
        "SEARCH audit USING INDEX audit_of_run (tenant=? AND run=? AND number>? AND number<?)\n";
    EXPECT_EQ(plan_of({.uid = 1}), of_person);
    EXPECT_EQ(plan_of({.uid = 1, .from = 3}), of_person);
    EXPECT_EQ(plan_of({.uid = 1, .run = 2}), of_person);
    EXPECT_EQ(plan_of({.run = 1}), of_run);
    EXPECT_EQ(plan_of({}), "SEARCH audit USING PRIMARY KEY (tenant=? AND number>? AND number<?)\n");
}

// All bytes that the store has on disk.
std::string bytes_in(const std::string& folder) {
    std::string all;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        std::ifstream in(file.path(), std::ios::binary);
        std::stringstream text;
        text << in.rdbuf();
        all += text.str();
    }
    return all;
}

// The name, address and id of one person, in texts that occur nowhere else.
sync::commit_batch canary_batch() {
    using directory::field;
    auto batch = full_batch(1);
    auto& user = batch.what.users.at(0);
    user.text[static_cast<std::size_t>(field::external_id)] = "PWCANARY";
    user.text[static_cast<std::size_t>(field::email)] = "canary-mail@b.example";
    user.text[static_cast<std::size_t>(field::last_name)] = "Canary-Name";
    batch.run->employee_id = "PWCANARY";
    batch.run->issues.at(0).other_external_id = "PWCANARY";
    batch.run->steps.at(0).label = "PWCANARY";
    batch.run->steps.at(0).changes.at(0).new_value = "canary-mail@b.example";
    batch.issues->at(0).external_id = "PWCANARY";
    batch.held->sections.at(0).steps = batch.run->steps;
    batch.decisions->at(0).external_id = "PWCANARY";
    batch.notices.at(0).email = "canary-mail@b.example";
    batch.notices.at(0).name = "Canary-Name";
    batch.snapshot->rows = "PWCANARY canary-mail@b.example Canary-Name";
    return batch;
}

TEST(Erasing, LeavesNothingOfThePersonInTheFiles) {
    const temporary_folder folder;
    virtual_home home;
    const auto store = open_store(home, options_for(folder.path()));
    ASSERT_EQ(commit_now(home, *store, canary_batch()), errc::ok);
    const std::vector<std::string> canaries{"PWCANARY", "canary-mail@b.example", "Canary-Name"};
    for (const auto& text : canaries) {
        EXPECT_NE(bytes_in(folder.path()).find(text), std::string::npos) << "it would be found";
    }
    sync::commit_batch erasing;
    erasing.tenant = 1;
    erasing.what.users_erased = {1};
    erasing.held = sync::hold{};
    erasing.snapshot = sync::stored_snapshot{.taken = {}, .digest = 2, .rows = "others"};
    erasing.forget = {1};
    erasing.forget_external_ids = {"PWCANARY"};
    ASSERT_EQ(commit_now(home, *store, erasing), errc::ok);
    // At once, not only after a close: the WAL is emptied before the answer.
    for (const auto& text : canaries) {
        EXPECT_EQ(bytes_in(folder.path()).find(text), std::string::npos) << text;
    }
    EXPECT_TRUE(home.world.run(store->verify())->empty());
}

TEST(Erasing, DestroysTheKeysInTheFilesThemselves) {
    const temporary_folder folder;
    constexpr std::uint32_t people = 3'000;
    std::vector<std::uint32_t> uids(people);
    for (std::uint32_t i = 0; i < people; ++i) uids[i] = i + 1;
    random_source random(3);
    std::vector<std::uint32_t> forgotten;
    const auto store_in = [&folder](virtual_home& home) {
        return open_store(home, options_for(folder.path()));
    };
    {
        // Keys that come in any order split the pages of the table in every way.
        virtual_home home;
        const auto store = store_in(home);
        ASSERT_EQ(commit_now(home, *store, first_batch(1, 0)), errc::ok);
        for (std::size_t i = people; i > 1; --i) std::swap(uids[i - 1], uids[random.below(i)]);
        for (std::uint32_t begin = 0; begin < people; begin += 100) {
            sync::commit_batch batch;
            batch.tenant = 1;
            batch.run =
                make_updates(1, begin + 1, {uids.begin() + begin, uids.begin() + begin + 100});
            ASSERT_EQ(commit_now(home, *store, std::move(batch)), errc::ok);
        }
    }
    std::vector<std::string> keys;
    for (const auto& row :
         query(folder / "rollcall.db",
               "SELECT hex(key) FROM person_keys WHERE uid % 2 = 1 AND uid > 0")) {
        keys.push_back(row.at(0));
    }
    ASSERT_EQ(keys.size(), people / 2);
    for (const auto uid : uids) {
        if (uid % 2 == 1) forgotten.push_back(uid);
    }
    virtual_home home;
    const auto store = store_in(home);
    for (std::size_t begin = 0; begin < forgotten.size(); begin += 50) {
        sync::commit_batch batch;
        batch.tenant = 1;
        const auto from = forgotten.begin() + static_cast<std::ptrdiff_t>(begin);
        batch.forget = {from, from + 50};
        ASSERT_EQ(commit_now(home, *store, std::move(batch)), errc::ok);
    }
    // Every window of 32 bytes that is a key.
    std::set<std::string> wanted;
    for (const auto& hex : keys) {
        std::string key;
        for (std::size_t i = 0; i < hex.size(); i += 2) {
            key += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
        }
        wanted.insert(key.substr(0, 8));
    }
    const auto bytes = bytes_in(folder.path());
    std::size_t found = 0;
    for (std::size_t i = 0; i + 8 <= bytes.size(); ++i) {
        found += wanted.contains(bytes.substr(i, 8)) ? 1 : 0;
    }
    EXPECT_EQ(found, 0u) << "pieces of destroyed keys";
    const auto entries = home.world.run(store->audit(1, {.limit = people}));
    for (const auto& entry : *entries) EXPECT_EQ(entry.readable, entry.step.subject % 2 == 0);
}

} // namespace
} // namespace rollcall::storage::testing
