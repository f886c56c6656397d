// What every implementation of sync::store must do: tenants, users, runs, and how commits behave;
// books_conformance.hpp and audit_conformance.hpp go on. A suite over a factory: `Factory` has
//
//     std::unique_ptr<sync::store> open(virtual_home&, std::size_t runs_kept);
//
// which opens the same store again each time; the one before is closed by then.
#pragma once
#include "store_fixture.hpp"

namespace rollcall::storage::testing {

template <class Factory>
class StoreConformance : public ::testing::Test {
  protected:
    // Closes the store and opens it again.
    void reopen(std::size_t runs_kept = 100) {
        store.reset();
        store = factory.open(home, runs_kept);
        ASSERT_NE(store, nullptr);
    }
    void SetUp() override { reopen(); }
    errc commit(sync::commit_batch batch) { return commit_now(home, *store, std::move(batch)); }
    remembering_sink load() { return load_all(home, *store); }

    virtual_home home;
    Factory factory;
    std::unique_ptr<sync::store> store;
};

TYPED_TEST_SUITE_P(StoreConformance);

TYPED_TEST_P(StoreConformance, IsEmptyAtFirst) {
    const auto loaded = this->load();
    EXPECT_TRUE(loaded.order.empty());
    EXPECT_EQ(*this->home.world.run(this->store->last_run_id()), 0u);
    EXPECT_TRUE(this->home.world.run(this->store->runs(1, 0, 10))->empty());
}

TYPED_TEST_P(StoreConformance, GivesBackEveryFieldOfWhatWasCommitted) {
    const auto batch = full_batch(7);
    ASSERT_EQ(this->commit(batch), errc::ok);
    this->reopen();

    auto loaded = this->load();
    ASSERT_EQ(loaded.order, std::vector<sync::tenant_key>{7});
    const auto& tenant = loaded.tenants.at(7);
    const auto& record = *batch.record;
    EXPECT_EQ(tenant.record.name, "tenant-7");
    EXPECT_EQ(tenant.record.settings, record.settings);
    EXPECT_EQ(tenant.record.sealed_api_key, record.sealed_api_key);
    EXPECT_EQ(tenant.record.next_uid, 77u);
    EXPECT_EQ(tenant.record.next_team, 5u);
    EXPECT_TRUE(tenant.record.imported);
    EXPECT_TRUE(tenant.record.live);
    EXPECT_EQ(tenant.record.erasure_salt, record.erasure_salt);
    EXPECT_EQ(tenant.record.stopped, errc::key_refused);
    EXPECT_EQ(tenant.record.stopped_detail, record.stopped_detail);
    EXPECT_EQ(tenant.record.created, record.created);
    EXPECT_EQ(tenant.progress.last_success, batch.progress->last_success);
    EXPECT_EQ(tenant.progress.last_attempt, batch.progress->last_attempt);
    EXPECT_EQ(tenant.progress.failures, 3u);
    EXPECT_EQ(tenant.progress.last_error, errc::throttled);
    EXPECT_EQ(tenant.progress.last_detail, "wait a minute");
    EXPECT_EQ(tenant.progress.sweeps, 12u);
    EXPECT_EQ(tenant.progress.gate, "rows=10 departments=2");
    EXPECT_EQ(tenant.progress.breakers, batch.progress->breakers);
    EXPECT_EQ(tenant.progress.announced, batch.progress->announced);
    EXPECT_EQ(tenant.progress.paging, batch.progress->paging);
    EXPECT_EQ(tenant.sets.webhook_tokens, *batch.webhook_tokens);
    EXPECT_EQ(tenant.users, batch.what.users);
    EXPECT_EQ(tenant.teams, batch.what.teams);
    EXPECT_EQ(tenant.members, batch.what.members_added);
    EXPECT_EQ(tenant.invitations, batch.what.invitations);
    EXPECT_EQ(tenant.sets.issues, *batch.issues);
    EXPECT_TRUE(same_hold(tenant.sets.held, *batch.held));
    EXPECT_EQ(tenant.sets.rejected, *batch.rejected);
    EXPECT_EQ(tenant.sets.decisions, *batch.decisions);
    EXPECT_EQ(tenant.sets.erased, (std::vector{make_mark(8), make_mark(9)}));
    EXPECT_EQ(tenant.sets.invited, (std::vector{make_mark(6), make_mark(9)}));
    EXPECT_TRUE(loaded.corrupt.empty());
    EXPECT_TRUE(this->home.world.run(this->store->verify())->empty());
}

TYPED_TEST_P(StoreConformance, GivesBackEveryFieldOfARun) {
    auto batch = first_batch(7, 0);
    batch.run = make_run(7, 41);
    ASSERT_EQ(this->commit(batch), errc::ok);
    const auto run = this->home.world.run(this->store->run(7, 41));
    ASSERT_TRUE(run);
    const auto& wanted = *batch.run;
    EXPECT_EQ(run->id, 41u);
    EXPECT_EQ(run->tenant, 7u);
    EXPECT_EQ(run->cause, wanted.cause);
    EXPECT_EQ(run->result, wanted.result);
    EXPECT_EQ(run->code, wanted.code);
    EXPECT_EQ(run->detail, wanted.detail);
    EXPECT_EQ(run->employee_id, wanted.employee_id);
    EXPECT_EQ(run->started, wanted.started);
    EXPECT_EQ(run->finished, wanted.finished);
    EXPECT_EQ(run->steps, wanted.steps);
    EXPECT_EQ(run->issues, wanted.issues);
    const auto& counts = run->counts;
    EXPECT_EQ(
        (std::vector{counts.rows, counts.in_scope, counts.unchanged, counts.created, counts.updated,
                     counts.relinked, counts.deactivated, counts.reactivated, counts.unmanaged,
                     counts.rejected, counts.missing, counts.left_before_first_seen, counts.held,
                     counts.dropped, counts.invited}),
        (std::vector<std::uint32_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}));
    EXPECT_EQ(this->home.world.run(this->store->run(7, 40)).error(), errc::not_found);
    EXPECT_EQ(this->home.world.run(this->store->run(8, 41)).error(), errc::not_found);
}

TYPED_TEST_P(StoreConformance, ReplacesAndErasesUsersByUid) {
    ASSERT_EQ(this->commit(first_batch(1, 4)), errc::ok);
    sync::commit_batch change;
    change.tenant = 1;
    change.what.users = {make_user(2, "Chief"), make_user(9)};
    change.what.users_erased = {1, 3, 55};
    ASSERT_EQ(this->commit(change), errc::ok);
    this->reopen();
    const auto users = this->load().tenants.at(1).users;
    EXPECT_EQ(users, (std::vector{make_user(2, "Chief"), make_user(4), make_user(9)}));
}

TYPED_TEST_P(StoreConformance, ReplacesATenantsRecordAndKeepsWhatBelongsToIt) {
    ASSERT_EQ(this->commit(first_batch(1, 2)), errc::ok);
    sync::commit_batch change;
    change.tenant = 1;
    change.record = make_record(1, "renamed");
    change.record->next_uid = 78;
    ASSERT_EQ(this->commit(change), errc::ok);
    this->reopen();
    const auto loaded = this->load();
    EXPECT_EQ(loaded.tenants.at(1).record.name, "renamed");
    EXPECT_EQ(loaded.tenants.at(1).record.next_uid, 78u);
    EXPECT_EQ(loaded.tenants.at(1).users.size(), 2u);
}

TYPED_TEST_P(StoreConformance, RemovesATenantWithAllThatBelongsToItAndNothingElse) {
    for (const sync::tenant_key key : {1u, 2u}) {
        auto batch = full_batch(key);
        batch.run->id = key;
        ASSERT_EQ(this->commit(batch), errc::ok);
    }
    sync::commit_batch removal;
    removal.tenant = 2;
    removal.remove_tenant = true;
    ASSERT_EQ(this->commit(removal), errc::ok);
    this->reopen();
    const auto loaded = this->load();
    EXPECT_EQ(loaded.order, std::vector<sync::tenant_key>{1});
    EXPECT_EQ(loaded.tenants.at(1).users.size(), 5u);
    EXPECT_EQ(loaded.tenants.at(1).invitations.size(), 2u);
    EXPECT_EQ(this->home.world.run(this->store->run(2, 2)).error(), errc::not_found);
    EXPECT_EQ(this->home.world.run(this->store->snapshot(2)).error(), errc::not_found);
    EXPECT_TRUE(this->home.world.run(this->store->audit(2, {}))->empty());
    EXPECT_EQ(this->home.world.run(this->store->notices(10))->size(), 2u);
    EXPECT_TRUE(this->home.world.run(this->store->run(1, 1)));
    EXPECT_TRUE(this->home.world.run(this->store->verify())->empty());
    // A new tenant of the old name begins with nothing.
    auto again = first_batch(3, 0);
    again.record->name = "tenant-2";
    EXPECT_EQ(this->commit(again), errc::ok);
}

TYPED_TEST_P(StoreConformance, LoadsInTheOrderOfKeysWhateverTheOrderOfCommits) {
    for (const sync::tenant_key key : {300u, 2u, 70'000u, 1u}) {
        auto batch = first_batch(key, key == 2 ? 0 : 3);
        std::ranges::reverse(batch.what.users);
        ASSERT_EQ(this->commit(batch), errc::ok);
    }
    const auto loaded = this->load();
    EXPECT_EQ(loaded.order, (std::vector<sync::tenant_key>{1, 2, 300, 70'000}));
    EXPECT_TRUE(loaded.tenants.at(2).users.empty());
    EXPECT_EQ(loaded.tenants.at(300).users,
              (std::vector{make_user(1), make_user(2), make_user(3)}));
}

TYPED_TEST_P(StoreConformance, LoadsMorePeopleThanOnePieceHolds) {
    // Users and invitations of each tenant; some have none of the one or of the other.
    const std::vector<std::pair<std::uint32_t, std::uint32_t>> sizes{
        {1'500, 1'500}, {1, 1}, {0, 7}, {0, 0}, {1'024, 0}, {700, 3}, {0, 2'000}};
    const auto batch_of = [&sizes](std::size_t i) {
        auto batch = first_batch(static_cast<sync::tenant_key>(i + 1), sizes[i].first);
        for (std::uint32_t uid = 1; uid <= sizes[i].second; ++uid) {
            batch.what.invitations.push_back(
                {uid, sync::invitation_state::sent, true, false, {}, from_unix_ms(uid)});
        }
        return batch;
    };
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        ASSERT_EQ(this->commit(batch_of(i)), errc::ok);
    }
    this->reopen();
    const auto loaded = this->load();
    ASSERT_EQ(loaded.order.size(), sizes.size());
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const auto& tenant = loaded.tenants.at(static_cast<sync::tenant_key>(i + 1));
        EXPECT_EQ(tenant.users, batch_of(i).what.users);
        EXPECT_EQ(tenant.invitations, batch_of(i).what.invitations);
    }
}

TYPED_TEST_P(StoreConformance, ListsRunsNewestFirstAndOnlyTheNewestAreKept) {
    this->reopen(3);
    ASSERT_EQ(this->commit(first_batch(1, 0)), errc::ok);
    ASSERT_EQ(this->commit(first_batch(2, 0)), errc::ok);
    for (std::uint64_t id = 1; id <= 10; ++id) {
        sync::commit_batch batch;
        batch.tenant = 1 + static_cast<sync::tenant_key>(id % 2);
        batch.run = make_run(batch.tenant, id);
        ASSERT_EQ(this->commit(batch), errc::ok);
    }
    const auto ids = [this](std::uint64_t before, std::size_t limit) {
        std::vector<std::uint64_t> out;
        for (const auto& run : *this->home.world.run(this->store->runs(1, before, limit))) {
            EXPECT_TRUE(run.steps.empty() && run.issues.empty());
            out.push_back(run.id);
        }
        return out;
    };
    EXPECT_EQ(ids(0, 100), (std::vector<std::uint64_t>{10, 8, 6}));
    EXPECT_EQ(ids(10, 1), (std::vector<std::uint64_t>{8}));
    EXPECT_EQ(ids(0, 2), (std::vector<std::uint64_t>{10, 8}));
    EXPECT_EQ(this->home.world.run(this->store->run(1, 4)).error(), errc::not_found);
    EXPECT_TRUE(this->home.world.run(this->store->verify())->empty());
}

TYPED_TEST_P(StoreConformance, NeverForgetsTheLastRunNumber) {
    auto batch = first_batch(1, 0);
    batch.run = make_run(1, 9);
    ASSERT_EQ(this->commit(batch), errc::ok);
    sync::commit_batch removal;
    removal.tenant = 1;
    removal.remove_tenant = true;
    ASSERT_EQ(this->commit(removal), errc::ok);
    this->reopen();
    EXPECT_EQ(*this->home.world.run(this->store->last_run_id()), 9u);
}

TYPED_TEST_P(StoreConformance, SavesProgressAndPassesOverTenantsThatAreGone) {
    ASSERT_EQ(this->commit(first_batch(1, 0)), errc::ok);
    const auto saved = this->home.world.run(
        this->store->save_progress({make_progress(1, 99), make_progress(5, 1)}));
    EXPECT_TRUE(saved);
    this->reopen();
    const auto loaded = this->load();
    EXPECT_EQ(loaded.order, std::vector<sync::tenant_key>{1});
    EXPECT_EQ(loaded.tenants.at(1).progress.sweeps, 99u);
}

TYPED_TEST_P(StoreConformance, ATenantWithoutProgressHasNeverBeenTried) {
    ASSERT_EQ(this->commit(first_batch(1, 0)), errc::ok);
    const auto loaded = this->load();
    EXPECT_EQ(loaded.tenants.at(1).progress.key, 1u);
    EXPECT_EQ(loaded.tenants.at(1).progress.last_success, wall_time{});
}

TYPED_TEST_P(StoreConformance, RefusesBatchesThatContradictThemselves) {
    std::vector<sync::commit_batch> wrong(9, first_batch(1, 1));
    wrong[0].remove_tenant = true;
    wrong[1].record->key = 2;
    wrong[2].progress = make_progress(2);
    wrong[3].run = make_run(2, 1);
    wrong[4].tenant = 0;
    wrong[5].run = make_run(1, 0);
    wrong[6].run = make_run(1, 1);
    wrong[6].run->result = sync::run_outcome::previewed;
    wrong[7].notices = {make_notice(2, 1)};
    wrong[8] = {};
    wrong[8].tenant = 1;
    wrong[8].remove_tenant = true;
    wrong[8].what.teams_erased = {1};
    for (const auto& batch : wrong) EXPECT_EQ(this->commit(batch), errc::invalid_argument);
    EXPECT_TRUE(this->load().order.empty());
}

TYPED_TEST_P(StoreConformance, RefusesATakenNameATakenRunAndAnUnknownTenant) {
    auto batch = first_batch(1, 1);
    batch.run = make_run(1, 5);
    ASSERT_EQ(this->commit(batch), errc::ok);
    auto namesake = first_batch(2, 1);
    namesake.record->name = "tenant-1";
    EXPECT_EQ(this->commit(namesake), errc::already_exists);
    sync::commit_batch again;
    again.tenant = 1;
    again.what.users = {make_user(8)};
    again.run = make_run(1, 5);
    EXPECT_EQ(this->commit(again), errc::already_exists);
    sync::commit_batch nobodys;
    nobodys.tenant = 3;
    nobodys.what.users = {make_user(1)};
    EXPECT_EQ(this->commit(nobodys), errc::invalid_argument);
    const auto loaded = this->load();
    EXPECT_EQ(loaded.order, std::vector<sync::tenant_key>{1});
    EXPECT_EQ(loaded.tenants.at(1).users.size(), 1u);
}

TYPED_TEST_P(StoreConformance, BatchesThatWaitTogetherBecomeOneTransaction) {
    std::vector<sync::commit_batch> batches;
    for (sync::tenant_key key = 1; key <= 20; ++key) batches.push_back(first_batch(key, 2));
    const auto before = this->store->health();
    const auto outcomes = commit_together(this->home, *this->store, std::move(batches));
    EXPECT_EQ(outcomes, std::vector<errc>(20, errc::ok));
    const auto after = this->store->health();
    EXPECT_EQ(after.batches - before.batches, 20u);
    EXPECT_EQ(after.commits - before.commits, 1u);
    this->reopen();
    EXPECT_EQ(this->load().order.size(), 20u);
}

TYPED_TEST_P(StoreConformance, ABadBatchDoesNotHarmTheOthersOfItsTransaction) {
    std::vector<sync::commit_batch> batches;
    for (sync::tenant_key key = 1; key <= 5; ++key) batches.push_back(first_batch(key, 2));
    batches[2].record->name = "tenant-1";
    const auto outcomes = commit_together(this->home, *this->store, std::move(batches));
    EXPECT_EQ(outcomes,
              (std::vector{errc::ok, errc::ok, errc::already_exists, errc::ok, errc::ok}));
    EXPECT_EQ(this->load().order, (std::vector<sync::tenant_key>{1, 2, 4, 5}));
}

TYPED_TEST_P(StoreConformance, BatchesOfOneTenantApplyInTheOrderOfTheCalls) {
    std::vector<sync::commit_batch> batches{first_batch(1, 1)};
    for (int version = 0; version < 30; ++version) {
        sync::commit_batch batch;
        batch.tenant = 1;
        batch.what.users = {make_user(1, "v" + std::to_string(version))};
        batches.push_back(std::move(batch));
    }
    commit_together(this->home, *this->store, std::move(batches));
    EXPECT_EQ(this->load().tenants.at(1).users.at(0), make_user(1, "v29"));
}

TYPED_TEST_P(StoreConformance, ACancelledCommitIsStoredAllTheSame) {
    const auto one = [](sync::store& to, sync::commit_batch batch) -> task<> {
        (void)co_await to.commit(std::move(batch));
    };
    task_group group(this->home.world.home());
    group.spawn(one(*this->store, first_batch(1, 1)));
    // Let it queue, then cancel: the batch is on its way.
    this->home.world.run(this->home.world.home().yield());
    group.cancel();
    this->home.world.run(group.join());
    EXPECT_EQ(this->load().order.size(), 1u);
}

REGISTER_TYPED_TEST_SUITE_P(
    StoreConformance, IsEmptyAtFirst, GivesBackEveryFieldOfWhatWasCommitted,
    GivesBackEveryFieldOfARun, ReplacesAndErasesUsersByUid,
    ReplacesATenantsRecordAndKeepsWhatBelongsToIt,
    RemovesATenantWithAllThatBelongsToItAndNothingElse,
    LoadsInTheOrderOfKeysWhateverTheOrderOfCommits, LoadsMorePeopleThanOnePieceHolds,
    ListsRunsNewestFirstAndOnlyTheNewestAreKept, NeverForgetsTheLastRunNumber,
    SavesProgressAndPassesOverTenantsThatAreGone, ATenantWithoutProgressHasNeverBeenTried,
    RefusesBatchesThatContradictThemselves, RefusesATakenNameATakenRunAndAnUnknownTenant,
    BatchesThatWaitTogetherBecomeOneTransaction, ABadBatchDoesNotHarmTheOthersOfItsTransaction,
    BatchesOfOneTenantApplyInTheOrderOfTheCalls, ACancelledCommitIsStoredAllTheSame);

} // namespace rollcall::storage::testing
