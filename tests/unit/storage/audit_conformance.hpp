// What every implementation of sync::store must do about the audit and about erasing people: goes
// on from conformance.hpp, over the same factories.
#pragma once
#include "conformance.hpp"

namespace rollcall::storage::testing {

// A run of one update of the last name for each uid, in this order.
inline sync::run_record make_updates(sync::tenant_key tenant, std::uint64_t id,
                                     const std::vector<std::uint32_t>& uids) {
    using directory::owner;
    auto run = make_run(tenant, id);
    run.employee_id.clear();
    run.issues.clear();
    run.steps.clear();
    for (const auto uid : uids) {
        run.steps.push_back(
            {sync::step_kind::update,
             uid,
             "PW" + std::to_string(uid),
             {{sync::attribute::last_name, owner::ours, owner::ours, "Canary-old",
               "Canary-" + std::to_string(uid) + "-" + std::to_string(id), "LA-3"}}});
    }
    return run;
}

template <class Factory>
class StoreAuditConformance : public StoreConformance<Factory> {
  protected:
    void add_run(sync::tenant_key tenant, std::uint64_t id,
                 const std::vector<std::uint32_t>& uids) {
        sync::commit_batch batch;
        batch.tenant = tenant;
        batch.run = make_updates(tenant, id, uids);
        ASSERT_EQ(this->commit(std::move(batch)), errc::ok);
    }
    std::vector<sync::audit_entry> audit(sync::tenant_key tenant, sync::audit_query what = {}) {
        return *this->home.world.run(this->store->audit(tenant, what));
    }
    std::vector<std::uint64_t> numbers(sync::tenant_key tenant, sync::audit_query what = {}) {
        std::vector<std::uint64_t> found;
        for (const auto& one : audit(tenant, what)) found.push_back(one.number);
        return found;
    }
    sync::audit_finding verify_audit(sync::tenant_key tenant) {
        return *this->home.world.run(this->store->verify_audit(tenant));
    }
};

TYPED_TEST_SUITE_P(StoreAuditConformance);

TYPED_TEST_P(StoreAuditConformance, AnswersEveryQueryInItsOrder) {
    for (const sync::tenant_key key : {1u, 2u}) {
        ASSERT_EQ(this->commit(first_batch(key, 0)), errc::ok);
    }
    this->add_run(1, 1, {5, 6, 7}); // entries 1 to 3
    this->add_run(2, 2, {5});
    this->add_run(1, 3, {6});    // 4
    this->add_run(1, 4, {7, 6}); // 5 and 6
    this->reopen();
    using list = std::vector<std::uint64_t>;
    EXPECT_EQ(this->numbers(1), (list{6, 5, 4, 3, 2, 1}));
    EXPECT_EQ(this->numbers(2), (list{1}));
    EXPECT_EQ(this->numbers(3), list{});
    EXPECT_EQ(this->numbers(1, {.uid = 6}), (list{6, 4, 2}));
    EXPECT_EQ(this->numbers(1, {.uid = 6, .limit = 2}), (list{6, 4}));
    EXPECT_EQ(this->numbers(1, {.uid = 6, .before = 4}), (list{2}));
    EXPECT_EQ(this->numbers(1, {.uid = 6, .from = 3}), (list{4, 6}));
    EXPECT_EQ(this->numbers(1, {.run = 1}), (list{3, 2, 1}));
    EXPECT_EQ(this->numbers(1, {.run = 4, .from = 1}), (list{5, 6}));
    EXPECT_EQ(this->numbers(1, {.uid = 6, .run = 4}), (list{6}));
    EXPECT_EQ(this->numbers(1, {.from = 2, .limit = 3}), (list{2, 3, 4}));
    EXPECT_EQ(this->numbers(1, {.before = 5, .from = 2}), (list{2, 3, 4}));
    EXPECT_EQ(this->numbers(1, {.from = ~std::uint64_t{0}}), list{});
    EXPECT_EQ(this->numbers(1, {.limit = 0}), list{});
}

TYPED_TEST_P(StoreAuditConformance, GivesBackEveryFieldOfAnEntry) {
    ASSERT_EQ(this->commit(full_batch(1)), errc::ok);
    this->reopen();
    const auto run = make_run(1, 41);
    const auto entries = this->audit(1, {.from = 1});
    ASSERT_EQ(entries.size(), run.steps.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto& entry = entries[i];
        EXPECT_EQ(entry.number, i + 1);
        EXPECT_EQ(entry.run, 41u);
        EXPECT_EQ(entry.cause, run.cause);
        EXPECT_EQ(entry.at, run.finished);
        EXPECT_TRUE(entry.readable);
        EXPECT_EQ(entry.step, run.steps[i]);
        EXPECT_EQ(entry.hash.size(), 64u);
    }
    const auto found = this->verify_audit(1);
    EXPECT_EQ(found.broken, 0u) << found.detail;
    EXPECT_EQ(found.entries, entries.size());
    EXPECT_EQ(found.head, entries.back().hash);
}

TYPED_TEST_P(StoreAuditConformance, OutlivesTheRunsThatArePruned) {
    this->reopen(2);
    ASSERT_EQ(this->commit(first_batch(1, 0)), errc::ok);
    for (std::uint64_t id = 1; id <= 5; ++id) this->add_run(1, id, {1, 2});
    EXPECT_EQ(this->home.world.run(this->store->run(1, 1)).error(), errc::not_found);
    EXPECT_EQ(this->numbers(1, {.run = 1}), (std::vector<std::uint64_t>{2, 1}));
    EXPECT_EQ(this->audit(1).size(), 10u);
    EXPECT_EQ(this->verify_audit(1).entries, 10u);
}

TYPED_TEST_P(StoreAuditConformance, ARunWithoutStepsLeavesNoEntry) {
    ASSERT_EQ(this->commit(first_batch(1, 0)), errc::ok);
    this->add_run(1, 1, {});
    EXPECT_TRUE(this->audit(1).empty());
    const auto found = this->verify_audit(1);
    EXPECT_EQ(found.entries + found.broken, 0u);
    EXPECT_EQ(found.head, "");
    EXPECT_TRUE(this->home.world.run(this->store->run(1, 1))->steps.empty());
}

TYPED_TEST_P(StoreAuditConformance, TheStepsOfARefusedBatchLeaveNoTrace) {
    auto batch = full_batch(1);
    ASSERT_EQ(this->commit(batch), errc::ok);
    const auto head = this->verify_audit(1).head;
    sync::commit_batch again;
    again.tenant = 1;
    again.run = batch.run; // its number is taken
    EXPECT_EQ(this->commit(again), errc::already_exists);
    EXPECT_EQ(this->verify_audit(1).head, head);
    this->add_run(1, 99, {1});
    EXPECT_EQ(this->audit(1).size(), 4u);
    EXPECT_EQ(this->verify_audit(1).broken, 0u);
}

TYPED_TEST_P(StoreAuditConformance, APersonWhoIsErasedIsUnreadableAndTheChainStillVerifies) {
    auto batch = full_batch(1);
    batch.issues->push_back({sync::issue_kind::shared_email, "PW5", "PW1", "email", "LA-12"});
    ASSERT_EQ(this->commit(std::move(batch)), errc::ok);
    this->add_run(1, 50, {1, 2});
    const auto before = this->verify_audit(1);

    sync::commit_batch erasing;
    erasing.tenant = 1;
    erasing.forget = {1};
    erasing.forget_external_ids = {"PW1"};
    erasing.what.users_erased = {1};
    erasing.erased_marks = {make_mark(77)};
    erasing.run = make_updates(1, 51, {1});
    erasing.run->employee_id = "PW1";
    ASSERT_EQ(this->commit(erasing), errc::ok);
    this->reopen();

    const auto after = this->verify_audit(1);
    EXPECT_EQ(after.broken, 0u) << after.detail;
    EXPECT_EQ(after.entries, before.entries + 1);
    for (const auto& entry : this->audit(1)) {
        const bool of_the_person =
            entry.step.subject == 1 && entry.step.kind != sync::step_kind::create_team;
        EXPECT_EQ(entry.readable, !of_the_person) << entry.number;
        if (!of_the_person) continue;
        EXPECT_EQ(entry.step.label, "(erased)");
        EXPECT_TRUE(entry.step.changes.empty());
    }
    const auto run = this->home.world.run(this->store->run(1, 41));
    ASSERT_TRUE(run);
    EXPECT_EQ(run->employee_id, "");
    EXPECT_EQ(run->steps.at(0).label, "(erased)");
    EXPECT_TRUE(run->steps.at(0).changes.empty());
    EXPECT_EQ(run->steps.at(2), make_steps().at(2));
    EXPECT_EQ(this->home.world.run(this->store->run(1, 51))->employee_id, "");

    const auto tenant = this->load().tenants.at(1);
    EXPECT_EQ(tenant.sets.issues.at(2).other_external_id, "");
    EXPECT_EQ(tenant.sets.issues.at(2).external_id, "PW5");
    ASSERT_EQ(tenant.invitations.size(), 1u);
    EXPECT_EQ(tenant.invitations.at(0).uid, 4u);
    EXPECT_EQ(tenant.sets.erased.size(), 3u);
    const auto notices = *this->home.world.run(this->store->notices(10));
    ASSERT_EQ(notices.size(), 1u);
    EXPECT_EQ(notices.at(0).uid, 2u);
    EXPECT_TRUE(this->home.world.run(this->store->verify())->empty());
}

TYPED_TEST_P(StoreAuditConformance, ErasingReachesOneTenantOnly) {
    for (const sync::tenant_key key : {1u, 2u}) {
        ASSERT_EQ(this->commit(full_batch(key)), errc::ok);
    }
    sync::commit_batch erasing;
    erasing.tenant = 1;
    erasing.forget = {1, 2};
    erasing.forget_external_ids = {"PW1", "PW3"};
    ASSERT_EQ(this->commit(erasing), errc::ok);
    for (const auto& entry : this->audit(2)) EXPECT_TRUE(entry.readable);
    EXPECT_EQ(this->home.world.run(this->store->run(2, 42))->employee_id, "PW1");
    const auto loaded = this->load();
    EXPECT_EQ(loaded.tenants.at(2).sets.issues.at(0).external_id, "PW3");
    EXPECT_EQ(loaded.tenants.at(1).sets.issues.at(0).external_id, "");
    EXPECT_EQ(loaded.tenants.at(2).sets.decisions.size(), 2u);
    EXPECT_EQ(loaded.tenants.at(1).sets.decisions.size(), 1u);
    EXPECT_EQ(this->home.world.run(this->store->notices(10))->size(), 2u);
}

REGISTER_TYPED_TEST_SUITE_P(StoreAuditConformance, AnswersEveryQueryInItsOrder,
                            GivesBackEveryFieldOfAnEntry, OutlivesTheRunsThatArePruned,
                            ARunWithoutStepsLeavesNoEntry, TheStepsOfARefusedBatchLeaveNoTrace,
                            APersonWhoIsErasedIsUnreadableAndTheChainStillVerifies,
                            ErasingReachesOneTenantOnly);

} // namespace rollcall::storage::testing
