// A real fleet on virtual time over a scripted PeopleHR and a store in memory that survives
// restarts.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rollcall/async/task_group.hpp"
#include "rollcall/async/virtual_time.hpp"
#include "rollcall/core/hash.hpp"
#include "rollcall/sync/desk.hpp"
#include "rollcall/sync/fleet.hpp"
#include "support/memory_store.hpp"
#include "support/sync_case.hpp"

namespace rollcall::test {

// Answers with `people` to whoever has a good key, after `latency`, unless a fault is next.
class scripted_source final : public sync::people_source {
  public:
    explicit scripted_source(shard& home) : home_(home) {}

    std::vector<employee> people;
    std::set<std::string, std::less<>> good_keys{"good-1"};
    std::deque<errc> faults;  // the codes of the next answers; ok answers well
    std::string wrong_person; // reads by id are answered with this one
    nanoseconds latency = milliseconds{200};
    std::vector<std::string> asked; // the id of each call; empty: everybody; "@0": the page there
    std::vector<mono_time> sent;    // when each was
    std::set<std::string, std::less<>> dead_addresses; // no call leaves from these
    bool grants_pages = true;
    // Changes a page, by its number from 1, before it is passed on.
    std::function<void(std::uint32_t, std::vector<employee>&, sync::fetch_report&)> distort;

    task<sync::fetch_report> fetch(const sync::fetch_request& what, sync::row_sink& rows) override {
        if (dead_addresses.contains(what.source_address)) {
            sync::fetch_report unsent;
            unsent.code = errc::connection_failed;
            unsent.detail = "scripted: nothing leaves from " + std::string(what.source_address);
            unsent.egress_failed = true;
            co_return unsent;
        }
        if (what.page) co_return co_await fetch_page(what, *what.page, rows);
        asked.emplace_back(what.employee_id);
        sent.push_back(home_.now());
        const bool good = good_keys.contains(what.key->reveal());
        const std::string id(what.employee_id);
        co_await home_.sleep_for(latency);
        sync::fetch_report report;
        report.sent = true;
        report.answered_at = home_.now();
        report.code = good ? errc::ok : errc::key_refused;
        if (!faults.empty()) {
            report.code = faults.front();
            faults.pop_front();
        }
        if (report.code != errc::ok) {
            report.detail = std::string("scripted: ") + name_of(report.code);
            co_return report;
        }
        const auto& wanted = id.empty() || wrong_person.empty() ? id : wrong_person;
        for (const auto& each : people) {
            if (!wanted.empty() && each.id != wanted) continue;
            sync::source_row row;
            each.fill(row);
            rows.on_row(row);
            ++report.rows;
        }
        if (!id.empty() && report.rows == 0) report.code = errc::not_found;
        co_return report;
    }

  private:
    task<sync::fetch_report> fetch_page(sync::fetch_request what, sync::page_request page,
                                        sync::row_sink& rows) {
        asked.push_back("@" + std::to_string(page.offset));
        sent.push_back(home_.now());
        sync::fetch_report report;
        report.sent = true;
        report.code = good_keys.contains(what.key->reveal()) ? errc::ok : errc::key_refused;
        co_await home_.sleep_for(latency);
        report.answered_at = home_.now();
        if (!grants_pages) {
            report.code = errc::permission_missing;
            report.pages_refused = true;
        }
        std::vector<employee> some;
        for (std::size_t i = page.offset; i < people.size() && some.size() < page.rows_max; ++i) {
            some.push_back(people[i]);
        }
        report.rows_total = people.size();
        if (distort) distort(page.offset / page.rows_max + 1, some, report);
        if (report.code != errc::ok) {
            report.detail = std::string("scripted: ") + name_of(report.code);
            co_return report;
        }
        for (const auto& each : some) {
            sync::source_row row;
            each.fill(row);
            rows.on_row(row);
            ++report.rows;
        }
        co_return report;
    }

    shard& home_;
};

class plain_vault final : public sync::key_vault {
  public:
    std::vector<unsigned char> seal(sync::tenant_key, const secret& key) override {
        const auto text = key.reveal();
        return {text.begin(), text.end()};
    }
    result<secret> open(sync::tenant_key, std::span<const unsigned char> sealed) override {
        return secret{std::string_view(std::string(sealed.begin(), sealed.end()))};
    }
    // "token-1" and so on, filled up to a token's length.
    secret make_token() override {
        auto text = "token-" + std::to_string(++made_);
        text.resize(sync::token_letters, '_');
        return secret{text};
    }
    [[nodiscard]] sync::token_mark mark_token(std::string_view token) const override {
        sync::token_mark mark{};
        const auto hash = std::bit_cast<std::array<unsigned char, 8>>(hash64(token));
        std::copy(hash.begin(), hash.end(), mark.begin());
        return mark;
    }

  private:
    int made_ = 0;
};

class fleet_case : public testing::Test {
  protected:
    fleet_case() { start(); }
    ~fleet_case() override {
        if (fleet_) stop();
    }

    void start() {
        fleet_ = std::make_unique<sync::fleet>(home_, options_, source_, store_, vault_, notices_,
                                               log_, numbers_);
        const auto started = world_.run(fleet_->start());
        EXPECT_TRUE(started) << started.error().detail;
    }
    void stop(nanoseconds grace = nanoseconds{0}) {
        world_.run(fleet_->stop(grace));
        fleet_.reset();
    }
    void restart() {
        stop(seconds{5});
        start();
    }

    [[nodiscard]] sync::new_tenant tenant(std::string name, std::string_view key = "good-1") const {
        sync::new_tenant out;
        out.name = std::move(name);
        out.api_key = secret(key);
        return out;
    }
    // A tenant whose first load has ended.
    void add_loaded(const std::string& name) {
        const auto added = world_.run(fleet_->add_tenant(tenant(name)));
        ASSERT_TRUE(added) << added.error().detail;
        world_.run_for(minutes{5});
        ASSERT_NE(view(name).progress.last_success, wall_time{});
    }
    outcome<sync::tenant_view> change_key(const std::string& name, std::string_view key) {
        sync::tenant_change change;
        change.api_key = secret(key);
        return world_.run(fleet_->change_tenant(name, std::move(change)));
    }
    // Asks for a run and waits for its end.
    sync::run_record sync_now(const std::string& name, std::string_view id = {},
                              bool preview = false) {
        const auto ticket = fleet_->request_sync(name, id, preview);
        EXPECT_TRUE(ticket) << ticket.error().detail;
        if (!ticket) return {};
        const auto end = world_.run(fleet_->wait(*ticket, home_.now() + hours{1}));
        EXPECT_TRUE(end && end->done);
        return end ? end->run : sync::run_record{};
    }
    [[nodiscard]] sync::desk desk() { return sync::desk(*fleet_); }
    [[nodiscard]] const sync::books& books(const std::string& name) const {
        return *fleet_->books_of(name);
    }
    [[nodiscard]] sync::tenant_view view(const std::string& name) const {
        auto out = fleet_->tenant(name);
        EXPECT_TRUE(out) << name;
        return out.value_or(sync::tenant_view{});
    }
    [[nodiscard]] const directory::tenant_directory& users(const std::string& name) const {
        return *fleet_->users(name);
    }
    [[nodiscard]] std::string text(const std::string& name, std::string_view id,
                                   directory::field f) const {
        const auto user = users(name).find_by_id(id);
        return user == directory::user_ref::none ? "(nobody)"
                                                 : std::string(users(name).text(user, f));
    }
    void hire(int from, int to) {
        for (int i = from; i < to; ++i) source_.people.emplace_back("PW" + std::to_string(i));
    }

    virtual_world world_{1, wall_time{seconds{1'800'000'000}}};
    shard& home_ = world_.home();
    scripted_source source_{home_};
    memory_store store_{home_};
    plain_vault vault_;
    memory_notices notices_;
    std::shared_ptr<captured_lines> lines_ = std::make_shared<captured_lines>();
    logger log_ = logger::to_capture(lines_, world_.clock());
    metrics numbers_;
    sync::fleet_options options_;
    std::unique_ptr<sync::fleet> fleet_;
};

} // namespace rollcall::test
