// A store that can die: what a simulation puts between the fleet and its store.
//
// It adds a latency to each commit, refuses with a full disk, fails for good as a broken disk does,
// and, once killed, lets nothing through: what was not durable at that instant never will be. It
// remembers the batch that was under way, because a crash may fall before or after it became
// durable.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "rollcall/async/shard.hpp"
#include "rollcall/sync/store.hpp"

namespace rollcall::sim {

struct store_faults {
    double full = 0;        // a commit is refused
    double fail_before = 0; // an I/O error, nothing durable
    double fail_after = 0;  // an I/O error after it was durable: the answer is lost

    // Bugs that the checkers of the simulation must find; no real run of it has them.
    enum class planted {
        none,
        lies,  // acknowledges what never becomes durable
        tears, // half a batch becomes durable, then the disk breaks
    };
    planted bug = planted::none;
};

class crash_store final : public sync::store {
  public:
    crash_store(shard& home, std::shared_ptr<sync::store> inner)
        : home_(home), inner_(std::move(inner)) {}

    void set_faults(store_faults faults) { faults_ = faults; }
    void kill() { dead_ = true; }
    [[nodiscard]] bool broken() const { return failed_; }
    // Users of batches that were begun and never answered: durable or not, nobody knows.
    using batches = std::map<sync::tenant_key, std::vector<directory::user_data>>;
    [[nodiscard]] const batches& under_way() const { return under_way_; }

    task<result<void>> load(sync::load_sink& into) override {
        co_return co_await inner_->load(into);
    }

    task<result<void>> commit(sync::commit_batch batch) override {
        co_await latency();
        if (dead_ || failed_) co_return errc::storage_failed;
        auto& random = home_.random();
        if (random.chance(faults_.full)) co_return errc::storage_full;
        if (random.chance(faults_.fail_before)) co_return fail();
        const auto tenant = batch.tenant;
        if (faults_.bug == store_faults::planted::lies) co_return result<void>{};
        under_way_[tenant] = batch.what.users;
        if (faults_.bug == store_faults::planted::tears) {
            batch.what.users.resize(batch.what.users.size() / 2);
            (void)co_await inner_->commit(std::move(batch));
            co_return fail();
        }
        const bool lost = random.chance(faults_.fail_after);
        const auto done = co_await inner_->commit(std::move(batch));
        if (lost) co_return fail();
        // Durable, but the process died before it heard of it.
        if (dead_) co_return errc::storage_failed;
        under_way_.erase(tenant);
        co_return done;
    }
    task<result<void>> save_progress(std::vector<sync::tenant_progress> all) override {
        co_await latency();
        if (dead_ || failed_) co_return errc::storage_failed;
        co_return co_await inner_->save_progress(std::move(all));
    }
    task<result<void>> save_hints(sync::hint_batch what) override {
        co_await latency();
        if (dead_ || failed_) co_return errc::storage_failed;
        const auto done = co_await inner_->save_hints(std::move(what));
        // Durable, but the process died before it heard of it.
        if (dead_) co_return errc::storage_failed;
        co_return done;
    }
    task<result<std::vector<sync::run_record>>> runs(sync::tenant_key tenant, std::uint64_t before,
                                                     std::size_t limit) override {
        co_return co_await inner_->runs(tenant, before, limit);
    }
    task<result<sync::run_record>> run(sync::tenant_key tenant, std::uint64_t id) override {
        co_return co_await inner_->run(tenant, id);
    }
    task<result<std::vector<sync::audit_entry>>> audit(sync::tenant_key tenant,
                                                       sync::audit_query what) override {
        co_return co_await inner_->audit(tenant, what);
    }
    task<result<sync::audit_finding>> verify_audit(sync::tenant_key tenant) override {
        co_return co_await inner_->verify_audit(tenant);
    }
    task<result<sync::stored_snapshot>> snapshot(sync::tenant_key tenant) override {
        co_return co_await inner_->snapshot(tenant);
    }
    task<result<std::vector<sync::notice>>> notices(std::size_t limit) override {
        if (dead_ || failed_) co_return errc::storage_failed;
        co_return co_await inner_->notices(limit);
    }
    task<result<void>> notices_delivered(std::uint64_t number) override {
        co_await latency();
        if (dead_ || failed_) co_return errc::storage_failed;
        co_return co_await inner_->notices_delivered(number);
    }
    task<result<std::uint64_t>> last_notice() override { co_return co_await inner_->last_notice(); }
    task<result<std::uint64_t>> last_run_id() override { co_return co_await inner_->last_run_id(); }
    task<result<sync::tenant_key>> last_tenant_key() override {
        co_return co_await inner_->last_tenant_key();
    }
    task<result<void>> backup(std::string path) override {
        co_return co_await inner_->backup(path);
    }
    task<result<std::vector<std::string>>> verify() override {
        co_return co_await inner_->verify();
    }
    [[nodiscard]] sync::store_health health() const override {
        auto h = inner_->health();
        h.failed = h.failed || failed_ || dead_;
        return h;
    }

  private:
    task<> latency() { co_await home_.sleep_for(milliseconds{home_.random().between(0, 30)}); }
    errc fail() {
        failed_ = true;
        return errc::storage_failed;
    }

    shard& home_;
    std::shared_ptr<sync::store> inner_;
    store_faults faults_;
    bool dead_ = false;
    bool failed_ = false;
    batches under_way_;
};

} // namespace rollcall::sim
