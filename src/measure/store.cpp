// What the database takes, and how fast this disk makes things durable: the real store in a folder
// of its own.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <filesystem>

#include "company.hpp"
#include "parts.hpp"
#include "passes.hpp"
#include "rollcall/async/task_group.hpp"
#include "rollcall/async/worker.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/storage/sqlite_store.hpp"

namespace rollcall::measure {
namespace {

// The store as a daemon has it: a shard, and a thread for the disk.
struct node {
    asio::io_context context{1};
    system_time time;
    shard home{context, time, 1};
    blocking_thread disk{"storage", 1024};
    std::unique_ptr<storage::sqlite_store> store;

    outcome<void> open(const std::string& folder) {
        storage::sqlite_options options;
        options.data_dir = folder;
        options.ballast_bytes = 0;
        auto opened = storage::sqlite_store::open(home, disk, options);
        if (!opened) return opened.error();
        store = std::move(*opened);
        return {};
    }
    void run(task<> work) {
        asio::co_spawn(context, std::move(work), [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        });
        context.restart();
        context.run();
    }
};

task<> commit_one(sync::store& to, sync::commit_batch batch, bool& good) {
    if (!co_await to.commit(std::move(batch))) good = false;
}

task<> commit_times(sync::store& to, sync::tenant_key key, directory::user_data user, int times,
                    bool& good) {
    for (int i = 0; i < times && good; ++i) {
        sync::commit_batch batch;
        batch.tenant = key;
        batch.what.users.push_back(user);
        co_await commit_one(to, std::move(batch), good);
    }
}

task<> commit_at_once(node& at, directory::user_data user, int writers, int each, int tenants,
                      bool& good) {
    task_group group(at.home);
    for (int i = 0; i < writers; ++i) {
        group.spawn(commit_times(*at.store, static_cast<sync::tenant_key>(i % tenants + 1), user,
                                 each, good));
    }
    co_await group.join();
}

task<> commit_all(node& at, std::vector<sync::commit_batch> batches, bool& good) {
    task_group group(at.home);
    for (auto& each : batches) group.spawn(commit_one(*at.store, std::move(each), good));
    co_await group.join();
}

class counting_sink final : public sync::load_sink {
  public:
    void on_tenant(sync::tenant_record, sync::tenant_progress, sync::tenant_state_sets,
                   std::vector<directory::team>, std::vector<directory::team_member>) override {
        directory_ = std::make_unique<directory::tenant_directory>();
    }
    void on_users(sync::tenant_key, std::span<const directory::user_data> users) override {
        users_seen += users.size();
        directory_->put_all(users);
    }
    void on_invitations(sync::tenant_key, std::span<const sync::invitation>) override {}
    void on_corrupt_row(sync::tenant_key, std::string_view, std::int64_t) override {}

    std::size_t users_seen = 0;

  private:
    std::unique_ptr<directory::tenant_directory> directory_; // of the tenant that is being loaded
};

task<> load(sync::store& from, counting_sink& into, bool& good) {
    if (!co_await from.load(into)) good = false;
}

double bytes_in(const std::string& folder) {
    double all = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        if (file.is_regular_file()) all += static_cast<double>(file.file_size());
    }
    return all;
}

// The run that did it, whose steps go to the audit.
void set_run(sync::commit_batch& batch, std::uint64_t id) {
    batch.run.emplace();
    batch.run->id = id;
    batch.run->tenant = batch.tenant;
    batch.run->result = sync::run_outcome::applied;
    batch.run->steps = batch.what.done;
}

sync::commit_batch first_load(tenant& of, sync::tenant_key key, std::size_t people) {
    body answer(answer_json(key, people, "Engineer"));
    const auto from = of.read(answer);
    const auto made = of.plan_of(*from);
    sync::commit_batch batch;
    batch.tenant = key;
    batch.record.emplace();
    batch.record->key = key;
    batch.record->name = fmt::format("tenant-{}", key);
    batch.record->settings = R"({"profile":"learnamp","base_url":"https://api.peoplehr.net"})";
    batch.record->sealed_api_key.assign(80, 7);
    batch.record->next_uid = made.next_uid;
    batch.progress.emplace();
    batch.progress->key = key;
    batch.snapshot = sync::stored_snapshot{wall_time{}, from->packed_digest, from->packed};
    batch.what = of.carry_out(made);
    of.install(made, batch.what);
    set_run(batch, key);
    return batch;
}

// A run in which everybody has another job.
sync::commit_batch changed(tenant& of, sync::tenant_key key, std::size_t people,
                           std::string_view job, std::uint64_t run) {
    body answer(answer_json(key, people, job));
    const auto from = of.read(answer);
    const auto made = of.plan_of(*from);
    sync::commit_batch batch;
    batch.tenant = key;
    batch.what = of.carry_out(made);
    of.install(made, batch.what);
    set_run(batch, run);
    return batch;
}

struct sizes {
    double user = 0;
    double step = 0;
    double loaded_users_s = 0;
};

// Of one file with tenants of one size, and its use once it is filled.
class filled_store {
  public:
    filled_store(std::string folder, std::size_t tenants, std::size_t people)
        : folder_(std::move(folder)), people_(people), tenants_(tenants) {}

    outcome<sizes> measure() {
        sizes out;
        if (auto made = reopen(); !made) return made.error();
        const double empty = close();
        if (auto made = reopen(); !made) return made.error();
        std::size_t users = 0;
        std::vector<sync::commit_batch> batches;
        for (std::size_t i = 0; i < tenants_.size(); ++i) {
            users +=
                batches.emplace_back(first_load(tenants_[i], key(i), people_)).what.users.size();
        }
        commit(std::exchange(batches, {}));
        const double loaded = close();
        out.user = (loaded - empty) / static_cast<double>(users);
        if (auto made = reopen(); !made) return made.error();
        std::size_t steps = 0;
        std::uint64_t run = tenants_.size(); // the first loads have the numbers below
        for (const auto* job : {"Designer", "Engineer", "Analyst"}) {
            for (std::size_t i = 0; i < tenants_.size(); ++i) {
                steps += batches.emplace_back(changed(tenants_[i], key(i), people_, job, ++run))
                             .run->steps.size();
            }
            commit(std::exchange(batches, {}));
        }
        const double audited = close();
        if (!good_ || steps == 0) return wrong();
        out.step = (audited - loaded) / static_cast<double>(steps);
        if (auto made = reopen(); !made) return made.error();
        counting_sink sink;
        const double begin = wall_seconds();
        node_->run(load(*node_->store, sink, good_));
        out.loaded_users_s = static_cast<double>(sink.users_seen) / (wall_seconds() - begin);
        if (!good_ || sink.users_seen != users) return wrong();
        return out;
    }

    // After measure().
    [[nodiscard]] double commits_a_second(int writers, int each) {
        const auto& users = tenants_[0].books().users;
        const auto first = users.find_by_uid(1);
        const auto user = directory::own(users.values(first), users.meta(first));
        const double begin = wall_seconds();
        node_->run(
            commit_at_once(*node_, user, writers, each, static_cast<int>(tenants_.size()), good_));
        return writers * each / (wall_seconds() - begin);
    }
    [[nodiscard]] bool good() const noexcept { return good_; }

  private:
    [[nodiscard]] static sync::tenant_key key(std::size_t i) {
        return static_cast<sync::tenant_key>(i + 1);
    }
    [[nodiscard]] failure wrong() const {
        return {errc::storage_failed,
                "the database in " + folder_ + " did not take what was written"};
    }
    outcome<void> reopen() {
        node_ = std::make_unique<node>();
        return node_->open(folder_);
    }
    // Closing copies the log back, so that the size of the files is that of the data.
    double close() {
        node_.reset();
        return bytes_in(folder_);
    }
    void commit(std::vector<sync::commit_batch> batches) {
        node_->run(commit_all(*node_, std::move(batches), good_));
    }

    std::string folder_;
    std::size_t people_;
    std::vector<tenant> tenants_;
    std::unique_ptr<node> node_;
    bool good_ = true;
};

} // namespace

outcome<void> measure_store(capacity::machine& into, const std::string& folder, double seconds,
                            bool quick) {
    std::vector<double> users;
    std::vector<double> steps;
    std::vector<double> loads;
    std::unique_ptr<filled_store> last;
    for (const std::size_t people : {25u, 100u, 500u}) {
        last = std::make_unique<filled_store>(fmt::format("{}/{}", folder, people),
                                              (quick ? 1'500 : 10'000) / people, people);
        const auto one = last->measure();
        if (!one) return one.error();
        users.push_back(one->user);
        steps.push_back(one->step);
        loads.push_back(one->loaded_users_s);
    }
    into.database_bytes_user = of_values(users);
    into.database_bytes_step = of_values(steps);
    into.loaded_users_s = of_values(loads);
    into.commits_s = of_passes(seconds, [&] { return last->commits_a_second(1, 20); });
    into.commits_s_many = of_passes(seconds, [&] { return last->commits_a_second(50, 5); });
    if (!last->good()) return failure{errc::storage_failed, "the database refused a commit"};
    return {};
}

} // namespace rollcall::measure
