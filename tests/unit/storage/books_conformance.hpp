// What every implementation of sync::store must do about a tenant's books beside its users, about
// snapshots and notices: goes on from conformance.hpp, over the same factories.
#pragma once
#include "conformance.hpp"

namespace rollcall::storage::testing {

template <class Factory>
class StoreBooksConformance : public StoreConformance<Factory> {};

TYPED_TEST_SUITE_P(StoreBooksConformance);

TYPED_TEST_P(StoreBooksConformance, ReplacesPresentSetsWhereTheyAreGivenAndKeepsThemElsewhere) {
    this->reopen(1);
    const auto first = full_batch(1);
    ASSERT_EQ(this->commit(first), errc::ok);
    sync::commit_batch other;
    other.tenant = 1;
    other.run = make_run(1, 90);
    ASSERT_EQ(this->commit(other), errc::ok); // prunes the first run
    {
        const auto sets = this->load().tenants.at(1).sets;
        EXPECT_EQ(sets.issues, *first.issues);
        EXPECT_TRUE(same_hold(sets.held, *first.held));
        EXPECT_EQ(sets.rejected, *first.rejected);
        EXPECT_EQ(sets.decisions, *first.decisions);
    }
    other = {};
    other.tenant = 1;
    other.issues = {make_issue(sync::issue_kind::no_seat, "PW8")};
    other.held = sync::hold{};
    other.rejected.emplace();
    other.decisions.emplace();
    other.erased_marks = {make_mark(1)};
    ASSERT_EQ(this->commit(other), errc::ok);
    const auto sets = this->load().tenants.at(1).sets;
    EXPECT_EQ(sets.issues, *other.issues);
    EXPECT_TRUE(sets.held.empty() && sets.held.digest.empty());
    EXPECT_TRUE(sets.rejected.empty());
    EXPECT_TRUE(sets.decisions.empty());
    EXPECT_EQ(sets.erased, (std::vector{make_mark(1), make_mark(8), make_mark(9)}));
}

TYPED_TEST_P(StoreBooksConformance, ErasesTeamsAndUsersWithWhatHangsOnThem) {
    ASSERT_EQ(this->commit(full_batch(1)), errc::ok);
    sync::commit_batch change;
    change.tenant = 1;
    change.what.users_erased = {4};
    change.what.members_added = {{1, 5}};
    ASSERT_EQ(this->commit(change), errc::ok);
    {
        const auto tenant = this->load().tenants.at(1);
        EXPECT_EQ(tenant.members, (std::vector<directory::team_member>{{1, 5}, {2, 1}}));
        ASSERT_EQ(tenant.invitations.size(), 1u);
        EXPECT_EQ(tenant.invitations.at(0).uid, 1u);
    }
    change = {};
    change.tenant = 1;
    change.what.teams_erased = {2};
    change.what.teams = {{1, "Sales & Co", "sales & co", true, 0, 1, 0}};
    change.what.members_removed = {{1, 5}};
    change.what.invitations = {{1, sync::invitation_state::cancelled, true, true, {}, {}}};
    ASSERT_EQ(this->commit(change), errc::ok);
    const auto tenant = this->load().tenants.at(1);
    EXPECT_EQ(tenant.teams, change.what.teams);
    EXPECT_TRUE(tenant.members.empty());
    EXPECT_EQ(tenant.invitations, change.what.invitations);
    EXPECT_TRUE(this->home.world.run(this->store->verify())->empty());
}

TYPED_TEST_P(StoreBooksConformance, KeepsTheLastSnapshotOfATenant) {
    ASSERT_EQ(this->commit(first_batch(1, 0)), errc::ok);
    EXPECT_EQ(this->home.world.run(this->store->snapshot(1)).error(), errc::not_found);
    for (const std::size_t size : {300'000u, 0u, 17u}) {
        sync::commit_batch batch;
        batch.tenant = 1;
        batch.snapshot = {from_unix_ms(static_cast<std::int64_t>(size)), ~size, {}};
        for (std::size_t i = 0; i < size; ++i) {
            batch.snapshot->rows += static_cast<char>((i * i) % 251);
        }
        ASSERT_EQ(this->commit(batch), errc::ok);
        this->reopen();
        const auto found = this->home.world.run(this->store->snapshot(1));
        ASSERT_TRUE(found);
        EXPECT_EQ(found->rows, batch.snapshot->rows);
        EXPECT_EQ(found->taken, batch.snapshot->taken);
        EXPECT_EQ(found->digest, batch.snapshot->digest);
    }
}

TYPED_TEST_P(StoreBooksConformance, KeepsNoticesUntilTheirReceiverHasThem) {
    EXPECT_EQ(*this->home.world.run(this->store->last_notice()), 0u);
    for (const sync::tenant_key key : {1u, 2u, 3u}) {
        ASSERT_EQ(this->commit(full_batch(key)), errc::ok);
    }
    this->reopen();
    const auto at_most = [this](std::size_t limit) {
        return *this->home.world.run(this->store->notices(limit));
    };
    const std::vector first{make_notice(1, 2), make_notice(1, 3, 2), make_notice(2, 4)};
    EXPECT_EQ(at_most(3), first);
    EXPECT_EQ(at_most(100).size(), 6u);
    EXPECT_TRUE(this->home.world.run(this->store->notices_delivered(4)));
    const std::vector rest{make_notice(2, 5, 2), make_notice(3, 6), make_notice(3, 7, 2)};
    EXPECT_EQ(at_most(100), rest);
    EXPECT_TRUE(this->home.world.run(this->store->notices_delivered(7)));
    this->reopen();
    EXPECT_TRUE(at_most(100).empty());
    EXPECT_EQ(*this->home.world.run(this->store->last_notice()), 7u);
}

REGISTER_TYPED_TEST_SUITE_P(StoreBooksConformance,
                            ReplacesPresentSetsWhereTheyAreGivenAndKeepsThemElsewhere,
                            ErasesTeamsAndUsersWithWhatHangsOnThem, KeepsTheLastSnapshotOfATenant,
                            KeepsNoticesUntilTheirReceiverHasThem);

} // namespace rollcall::storage::testing
