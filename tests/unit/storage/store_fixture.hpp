// What the storage tests share: a folder of their own, a store on virtual time, a sink that
// remembers, and records in which every field has a value of its own.
#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rollcall/async/task_group.hpp"
#include "rollcall/async/virtual_time.hpp"
#include "rollcall/storage/sqlite_store.hpp"

namespace rollcall::directory {
// Found by GoogleTest, which would print the bytes of the object otherwise.
inline void PrintTo(const user_data& user, std::ostream* to) {
    *to << "user " << user.meta.uid << " (" << user.get(field::job_title) << ")";
}
} // namespace rollcall::directory

namespace rollcall::storage::testing {

// A folder that dies with its contents; in memory where the machine has such a place.
class temporary_folder {
  public:
    temporary_folder() {
        std::string name = ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
        name += "/rollcall-test-XXXXXX";
        path_ = ::mkdtemp(name.data()) != nullptr ? name : throw std::bad_alloc{};
    }
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string operator/(std::string_view name) const {
        return path_ + "/" + std::string(name);
    }

  private:
    std::string path_;
};

// A shard on virtual time and a worker that runs its jobs in later turns of it.
struct virtual_home {
    virtual_world world{1, from_unix_ms(1'700'000'000'000)};
    virtual_worker disk{world.home(), microseconds{100}, milliseconds{2}};
};

inline sqlite_options options_for(const std::string& folder) {
    sqlite_options options;
    options.data_dir = folder;
    options.ballast_bytes = 0;
    return options;
}

inline std::unique_ptr<sqlite_store> open_store(virtual_home& home, sqlite_options options) {
    auto opened = sqlite_store::open(home.world.home(), home.disk, std::move(options));
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().detail);
    return opened ? std::move(*opened) : nullptr;
}

struct loaded_tenant {
    sync::tenant_record record;
    sync::tenant_progress progress;
    std::vector<sync::issue> issues;
    std::vector<directory::user_data> users;
};

class remembering_sink final : public sync::load_sink {
  public:
    void on_tenant(sync::tenant_record record, sync::tenant_progress progress,
                   std::vector<sync::issue> issues) override {
        order.push_back(record.key);
        tenants[record.key] = {std::move(record), std::move(progress), std::move(issues), {}};
    }
    void on_users(sync::tenant_key tenant, std::span<const directory::user_data> users) override {
        ASSERT_FALSE(order.empty());
        EXPECT_EQ(order.back(), tenant) << "users without their tenant before them";
        auto& into = tenants[tenant].users;
        into.insert(into.end(), users.begin(), users.end());
    }
    void on_corrupt_row(sync::tenant_key tenant, std::string_view table,
                        std::int64_t row) override {
        corrupt.push_back(std::to_string(tenant) + " " + std::string(table) + " " +
                          std::to_string(row));
    }

    std::vector<sync::tenant_key> order;
    std::map<sync::tenant_key, loaded_tenant> tenants;
    std::vector<std::string> corrupt;
};

inline sync::tenant_record make_record(sync::tenant_key key, std::string name) {
    sync::tenant_record record;
    record.key = key;
    record.name = std::move(name);
    record.settings = R"({"profile":"learnamp"})";
    record.sealed_api_key = {0, 1, 0, 255, 128};
    record.next_uid = 77;
    record.stopped = errc::key_refused;
    record.stopped_detail = "PeopleHR answered: Invalid API Key";
    record.created = from_unix_ms(1'700'000'000'123);
    return record;
}

inline sync::tenant_progress make_progress(sync::tenant_key key, std::uint64_t sweeps = 12) {
    sync::tenant_progress progress;
    progress.key = key;
    progress.last_success = from_unix_ms(1'700'000'001'001);
    progress.last_attempt = from_unix_ms(1'700'000'002'002);
    progress.failures = 3;
    progress.last_error = errc::throttled;
    progress.last_detail = "wait a minute";
    progress.sweeps = sweeps;
    progress.gate = "rows=10 departments=2";
    return progress;
}

// Every field has a value of its own, some of them hard: a NUL, texts outside ASCII, none.
inline directory::user_data make_user(std::uint32_t uid, std::string_view job_title = "Engineer") {
    using directory::field;
    directory::user_data user;
    user.meta.uid = uid;
    const auto number = std::to_string(uid);
    for (std::size_t i = 0; i < directory::text_field_count; ++i) {
        user.text[i] = "field " + std::to_string(i) + " of " + number;
    }
    user.text[static_cast<std::size_t>(field::external_id)] = "PW" + number;
    user.text[static_cast<std::size_t>(field::first_name)] = "Zoë 佳 " + number;
    user.text[static_cast<std::size_t>(field::job_title)] = job_title;
    user.text[static_cast<std::size_t>(field::location)].clear();
    user.text[static_cast<std::size_t>(field::company)] = std::string("a\0b", 3);
    user.start_date.days = 19'000 + static_cast<std::int32_t>(uid);
    if (uid % 2 == 0) user.leaving_date.days = -3;
    user.meta.fingerprint = 0xfedc'ba98'7654'3210u ^ uid;
    user.meta.state =
        uid % 3 == 0 ? directory::user_state::inactive : directory::user_state::active;
    user.meta.created_by_us = uid % 2 == 0;
    user.meta.deactivated_by_us = uid % 3 == 0;
    user.meta.managed = uid % 5 != 0;
    user.meta.missing = static_cast<std::uint8_t>(uid);
    for (std::size_t i = 0; i < directory::field_count; ++i) {
        user.meta.ownership[i] = static_cast<directory::owner>((i + uid) % 3);
    }
    return user;
}

inline sync::issue make_issue(sync::issue_kind kind, std::string external_id) {
    return {kind, std::move(external_id), "PW9", "email", "LA-18"};
}

inline sync::run_record make_run(sync::tenant_key tenant, std::uint64_t id) {
    sync::run_record run;
    run.id = id;
    run.tenant = tenant;
    run.cause = sync::run_cause::on_demand;
    run.result = sync::run_outcome::applied;
    run.code = errc::held;
    run.detail = "a detail";
    run.employee_id = "PW1";
    run.started = from_unix_ms(1'700'000'003'003);
    run.finished = from_unix_ms(1'700'000'004'004);
    run.counts = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    run.changes = {
        {1, sync::step_kind::create, "PW1", "email", "", "a@b.example", "LA-9"},
        {2, sync::step_kind::note_found, "PW2", "missing", "1", "0", "G-3"},
    };
    run.issues = {make_issue(sync::issue_kind::shared_email, "PW3"),
                  make_issue(sync::issue_kind::manual_deactivation, "PW4")};
    return run;
}

// A tenant of its own with some users, as a first load commits it.
inline sync::commit_batch first_batch(sync::tenant_key key, std::uint32_t users) {
    sync::commit_batch batch;
    batch.tenant = key;
    batch.record = make_record(key, "tenant-" + std::to_string(key));
    for (std::uint32_t uid = 1; uid <= users; ++uid) batch.users.push_back(make_user(uid));
    return batch;
}

inline remembering_sink load_all(virtual_home& home, sync::store& from) {
    remembering_sink sink;
    const auto done = home.world.run(from.load(sink));
    EXPECT_TRUE(done) << (done ? "" : done.error().message());
    return sink;
}

inline errc commit_now(virtual_home& home, sync::store& to, sync::commit_batch batch) {
    const auto done = home.world.run(to.commit(std::move(batch)));
    return done ? errc::ok : errc_of(done.error());
}

// Commits all of them at the same time; the outcomes in the order of the batches.
inline std::vector<errc> commit_together(virtual_home& home, sync::store& to,
                                         std::vector<sync::commit_batch> batches) {
    std::vector<errc> outcomes(batches.size(), errc::bug);
    const auto one = [](sync::store& store, sync::commit_batch batch, errc& outcome) -> task<> {
        const auto done = co_await store.commit(std::move(batch));
        outcome = done ? errc::ok : errc_of(done.error());
    };
    task_group group(home.world.home());
    for (std::size_t i = 0; i < batches.size(); ++i) {
        group.spawn(one(to, std::move(batches[i]), outcomes[i]));
    }
    home.world.run(group.join());
    return outcomes;
}

} // namespace rollcall::storage::testing
