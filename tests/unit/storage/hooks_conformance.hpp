// What every implementation of sync::store must do about webhooks: goes on from conformance.hpp,
// over the same factories.
#pragma once
#include "conformance.hpp"

namespace rollcall::storage::testing {

template <class Factory>
class StoreHooksConformance : public StoreConformance<Factory> {
  protected:
    errc save(sync::hint_batch what) { return save_now(this->home, *this->store, std::move(what)); }
    std::vector<sync::hint> hints_of(sync::tenant_key key) {
        return this->load().tenants.at(key).sets.hints;
    }
};

TYPED_TEST_SUITE_P(StoreHooksConformance);

TYPED_TEST_P(StoreHooksConformance, KeepsTheNewestHintOfEachEmployee) {
    ASSERT_EQ(this->commit(full_batch(1)), errc::ok);
    ASSERT_EQ(this->commit(full_batch(2)), errc::ok);
    ASSERT_EQ(this->save({{make_hint(1, "PW1", 1), make_hint(2, "PW1", 2)}, {}, 0}), errc::ok);
    ASSERT_EQ(this->save({{make_hint(1, "", 3), make_hint(1, "PW1", 4)}, {}, 0}), errc::ok);
    this->reopen();
    EXPECT_EQ(this->hints_of(1), (std::vector{make_hint(1, "", 3), make_hint(1, "PW1", 4)}));
    EXPECT_EQ(this->hints_of(2), (std::vector{make_hint(2, "PW1", 2)}));
    EXPECT_TRUE(this->home.world.run(this->store->verify())->empty());
}

TYPED_TEST_P(StoreHooksConformance, RemovesAHintUnlessANewerOneCame) {
    ASSERT_EQ(this->commit(full_batch(1)), errc::ok);
    ASSERT_EQ(this->save({{make_hint(1, "PW1", 5), make_hint(1, "PW2", 6)}, {}, 0}), errc::ok);
    ASSERT_EQ(this->save({{}, {{1, "PW1", 4}, {1, "PW2", 6}, {1, "PW3", 9}, {7, "PW1", 9}}, 0}),
              errc::ok);
    this->reopen();
    EXPECT_EQ(this->hints_of(1), (std::vector{make_hint(1, "PW1", 5)}));
}

TYPED_TEST_P(StoreHooksConformance, PassesOverHintsOfTenantsThatAreGone) {
    ASSERT_EQ(this->commit(full_batch(1)), errc::ok);
    ASSERT_EQ(this->save({{make_hint(9, "PW1", 1), make_hint(1, "PW1", 2)}, {}, 1}), errc::ok);
    EXPECT_EQ(this->hints_of(1).size(), 1u);
    sync::commit_batch removal;
    removal.tenant = 1;
    removal.remove_tenant = true;
    ASSERT_EQ(this->commit(removal), errc::ok);
    ASSERT_EQ(this->save({{make_hint(1, "PW2", 3)}, {}, 0}), errc::ok);
    this->reopen();
    EXPECT_TRUE(this->load().order.empty());
    EXPECT_TRUE(this->home.world.run(this->store->verify())->empty());
}

TYPED_TEST_P(StoreHooksConformance, ReplacesTokensAndLeavesNothingWithoutOne) {
    ASSERT_EQ(this->commit(full_batch(1)), errc::ok);
    ASSERT_EQ(this->save({{make_hint(1, "PW1", 1)}, {}, 0}), errc::ok);
    sync::commit_batch change;
    change.tenant = 1;
    change.webhook_tokens = {make_token(1, 3)};
    ASSERT_EQ(this->commit(change), errc::ok);
    {
        const auto tenant = this->load().tenants.at(1);
        EXPECT_EQ(tenant.sets.webhook_tokens, *change.webhook_tokens);
        EXPECT_EQ(tenant.sets.hints.size(), 1u);
        EXPECT_FALSE(tenant.progress.announced.empty());
    }
    change.webhook_tokens.emplace();
    ASSERT_EQ(this->commit(change), errc::ok);
    this->reopen();
    const auto tenant = this->load().tenants.at(1);
    EXPECT_TRUE(tenant.sets.webhook_tokens.empty());
    EXPECT_TRUE(tenant.sets.hints.empty());
    EXPECT_TRUE(tenant.progress.announced.empty());
}

TYPED_TEST_P(StoreHooksConformance, AnErasedPersonsHintGoesToo) {
    ASSERT_EQ(this->commit(full_batch(1)), errc::ok);
    ASSERT_EQ(this->save({{make_hint(1, "PW1", 1), make_hint(1, "PW2", 2)}, {}, 0}), errc::ok);
    sync::commit_batch erasure;
    erasure.tenant = 1;
    erasure.forget = {1};
    erasure.forget_external_ids = {"PW1"};
    ASSERT_EQ(this->commit(erasure), errc::ok);
    EXPECT_EQ(this->hints_of(1), (std::vector{make_hint(1, "PW2", 2)}));
}

REGISTER_TYPED_TEST_SUITE_P(StoreHooksConformance, KeepsTheNewestHintOfEachEmployee,
                            RemovesAHintUnlessANewerOneCame, PassesOverHintsOfTenantsThatAreGone,
                            ReplacesTokensAndLeavesNothingWithoutOne, AnErasedPersonsHintGoesToo);

} // namespace rollcall::storage::testing
