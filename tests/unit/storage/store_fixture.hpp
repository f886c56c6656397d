// What the storage tests share: a folder of their own, a store on virtual time, a sink that
// remembers, and records in which every field has a value of its own.
#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
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
    sync::tenant_state_sets sets;
    std::vector<directory::team> teams;
    std::vector<directory::team_member> members;
    std::vector<directory::user_data> users;
    std::vector<sync::invitation> invitations;
};

class remembering_sink final : public sync::load_sink {
  public:
    void on_tenant(sync::tenant_record record, sync::tenant_progress progress,
                   sync::tenant_state_sets sets, std::vector<directory::team> teams,
                   std::vector<directory::team_member> members) override {
        const auto key = record.key;
        order.push_back(key);
        tenants[key] = {.record = std::move(record),
                        .progress = std::move(progress),
                        .sets = std::move(sets),
                        .teams = std::move(teams),
                        .members = std::move(members),
                        .users = {},
                        .invitations = {}};
    }
    void on_users(sync::tenant_key tenant, std::span<const directory::user_data> users) override {
        ASSERT_FALSE(order.empty());
        EXPECT_EQ(order.back(), tenant) << "users without their tenant before them";
        EXPECT_TRUE(tenants[tenant].invitations.empty()) << "users after invitations";
        auto& into = tenants[tenant].users;
        into.insert(into.end(), users.begin(), users.end());
    }
    void on_invitations(sync::tenant_key tenant,
                        std::span<const sync::invitation> invitations) override {
        ASSERT_FALSE(order.empty());
        EXPECT_EQ(order.back(), tenant) << "invitations without their tenant before them";
        auto& into = tenants[tenant].invitations;
        into.insert(into.end(), invitations.begin(), invitations.end());
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
    record.next_team = 5;
    record.imported = true;
    record.live = key % 2 == 1;
    record.erasure_salt = std::string("a\0salt", 6);
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
    progress.breakers = "deactivation 1700000000000 3";
    progress.announced = "1 7 1700000000000 0 0 0";
    progress.paging = "1 1700000000 0 0 0 ";
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
    user.meta.role = uid % 7 == 0 ? directory::user_role::owner : directory::user_role::member;
    user.meta.manager = uid % 4 == 0 ? 0 : uid + 1;
    for (std::size_t i = 0; i < directory::field_count; ++i) {
        user.meta.ownership[i] = static_cast<directory::owner>((i + uid) % 3);
    }
    return user;
}

inline sync::issue make_issue(sync::issue_kind kind, std::string external_id) {
    return {kind, std::move(external_id), "PW9", "email", "LA-18"};
}

// Of users 1 and 2 and of team 3.
inline std::vector<sync::step> make_steps() {
    using enum sync::attribute;
    using directory::owner;
    return {
        {sync::step_kind::create,
         1,
         "PW1",
         {{email, owner::never_set, owner::ours, "", "ada@b.example", "LA-9"},
          {state, owner::never_set, owner::ours, "", "active", "LA-9"}}},
        {sync::step_kind::create_team,
         3,
         "Sales",
         {{team_name, owner::never_set, owner::ours, "", std::string("Sa\0les", 6), "LA-28"}}},
        {sync::step_kind::update,
         2,
         "PW2",
         {{last_name, owner::manual, owner::ours, "Müller", "Lovelace", "LA-3"}}},
    };
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
    run.counts = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    run.steps = make_steps();
    run.issues = {make_issue(sync::issue_kind::shared_email, "PW3"),
                  make_issue(sync::issue_kind::manual_deactivation, "PW4")};
    return run;
}

// A tenant of its own with some users, as a first load commits it.
inline sync::commit_batch first_batch(sync::tenant_key key, std::uint32_t users) {
    sync::commit_batch batch;
    batch.tenant = key;
    batch.record = make_record(key, "tenant-" + std::to_string(key));
    for (std::uint32_t uid = 1; uid <= users; ++uid) batch.what.users.push_back(make_user(uid));
    return batch;
}

inline sync::hold make_hold() {
    sync::hold held;
    held.digest = "00ff";
    held.run = 41;
    held.since = from_unix_ms(1'700'000'005'005);
    held.sections = {{sync::guard::create, "3 of 4", make_steps()},
                     {sync::guard::deactivation, "14 of 40 active people", {}}};
    return held;
}

inline bool same_hold(const sync::hold& a, const sync::hold& b) {
    return a.digest == b.digest && a.run == b.run && a.since == b.since &&
           std::ranges::equal(a.sections, b.sections, [](const auto& x, const auto& y) {
               return x.what == y.what && x.reason == y.reason && x.steps == y.steps;
           });
}

inline sync::notice make_notice(sync::tenant_key tenant, std::uint64_t number,
                                std::uint32_t uid = 1) {
    sync::notice one;
    one.number = number;
    one.tenant = tenant;
    one.kind = number % 2 == 0 ? sync::notice_kind::update : sync::notice_kind::invitation;
    one.uid = uid;
    one.run = 41;
    one.at = from_unix_ms(1'700'000'006'006);
    one.tenant_name = "tenant-" + std::to_string(tenant);
    one.external_id = "PW" + std::to_string(uid);
    one.email = "user" + std::to_string(uid) + "@b.example";
    one.name = "Zoë \"Z\" Müller " + std::to_string(uid);
    one.fields = number % 2 == 0 ? "location, job_title" : "";
    return one;
}

inline sync::erased_mark make_mark(unsigned char first) {
    sync::erased_mark mark{};
    mark.fill(7);
    mark.front() = first;
    return mark;
}

inline sync::webhook_token make_token(sync::tenant_key key, unsigned char which) {
    sync::webhook_token out;
    out.mark.fill(which);
    out.mark.front() = static_cast<unsigned char>(key);
    out.since = from_unix_ms(1'700'000'010'000 + which);
    if (which != 1) out.until = from_unix_ms(1'700'000'011'011);
    return out;
}

inline sync::hint make_hint(sync::tenant_key key, std::string id, std::uint64_t number) {
    return {key, std::move(id), number, from_unix_ms(1'700'000'012'012),
            sync::webhook_action::marked_leaver};
}

// A batch with something for every table but the hints.
inline sync::commit_batch full_batch(sync::tenant_key key) {
    auto batch = first_batch(key, 5);
    batch.progress = make_progress(key);
    batch.run = make_run(key, 40 + key);
    batch.issues = batch.run->issues;
    batch.held = make_hold();
    batch.rejected = {make_mark(2), make_mark(1)};
    batch.decisions = {{sync::issue_kind::email_taken, "PW3", sync::ruling_of_conflict::link, 2,
                        from_unix_ms(1'700'000'007'007)},
                       {sync::issue_kind::id_reuse, "PW4", sync::ruling_of_conflict::ignore, 0,
                        from_unix_ms(1'700'000'008'008)}};
    batch.snapshot = {from_unix_ms(1'700'000'009'009), 0xfeed'beef'dead'f00du,
                      std::string(10'000, 'r') + "PW1 ada@b.example"};
    batch.notices = {make_notice(key, 2 * key), make_notice(key, 2 * key + 1, 2)};
    batch.erased_marks = {make_mark(9), make_mark(8)};
    batch.webhook_tokens = {make_token(key, 1), make_token(key, 2)};
    auto& what = batch.what;
    what.teams = {{1, "Sales", "sales", true, 2, 1, 3}, {2, "All", "", false, 0, 0, 0}};
    what.members_added = {{2, 1}, {2, 4}};
    what.invitations = {
        {1, sync::invitation_state::scheduled, true, true, from_unix_ms(1'700'000'000'001), {}},
        {4, sync::invitation_state::sent, false, false, {}, from_unix_ms(1'700'000'000'002)}};
    what.invited = {make_mark(6), make_mark(9)};
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

inline errc save_now(virtual_home& home, sync::store& to, sync::hint_batch what) {
    const auto done = home.world.run(to.save_hints(std::move(what)));
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
