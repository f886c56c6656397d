// A real fleet behind the control routes, over a source and a store in memory, on virtual time.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <boost/json/parse.hpp>
#include <memory>
#include <string>
#include <vector>

#include "rollcall/async/virtual_time.hpp"
#include "rollcall/core/hash.hpp"
#include "rollcall/edge/control.hpp"
#include "rollcall/edge/observe.hpp"
#include "support/memory_store.hpp"

namespace rollcall::edge {

struct test_employee {
    std::string id, first, last, email, job = "Engineer", department = "Sales", manager{}, left{};
};

// Answers everybody, or one employee, to whoever has the key "good-key…".
class memory_source final : public sync::people_source {
  public:
    std::vector<test_employee> people;
    std::vector<std::string> asked; // for whom, empty: everybody

    task<sync::fetch_report> fetch(const sync::fetch_request& what, sync::row_sink& rows) override {
        asked.emplace_back(what.employee_id);
        sync::fetch_report report;
        report.code = errc::ok;
        report.sent = true;
        if (!what.key->reveal().starts_with("good-key")) {
            report.code = errc::key_refused;
            report.detail = "PeopleHR does not know this API key";
            co_return report;
        }
        for (const auto& one : people) {
            if (!what.employee_id.empty() && one.id != what.employee_id) continue;
            sync::source_row row;
            const auto set = [&](sync::source_field f, std::string_view value) {
                row.fields[static_cast<std::size_t>(f)] = value;
            };
            set(sync::source_field::employee_id, one.id);
            set(sync::source_field::first_name, one.first);
            set(sync::source_field::last_name, one.last);
            set(sync::source_field::email, one.email);
            set(sync::source_field::job_role, one.job);
            set(sync::source_field::department, one.department);
            set(sync::source_field::reports_to_id, one.manager);
            set(sync::source_field::leaving_date, one.left);
            set(sync::source_field::status, one.left.empty() ? "1" : "3");
            rows.on_row(row);
            ++report.rows;
        }
        if (!what.employee_id.empty() && report.rows == 0) report.code = errc::not_found;
        co_return report;
    }
};

class plain_vault final : public sync::key_vault {
  public:
    std::vector<unsigned char> seal(sync::tenant_key, const secret& key) override {
        const auto text = key.reveal();
        return {text.begin(), text.end()};
    }
    result<secret> open(sync::tenant_key, std::span<const unsigned char> sealed) override {
        return secret{std::string(sealed.begin(), sealed.end())};
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

struct answer {
    unsigned status = 0;
    std::string text; // the body, or all chunks of a stream
    boost::json::value body;
    std::size_t chunks = 0;
};

class fleet_fixture : public ::testing::Test {
  protected:
    fleet_fixture()
        : log_(logger::to_capture(lines_, world_.clock())),
          fleet_(world_.home(), options(), source_, store_, vault_, notices_, log_, numbers_) {
        add_control_routes(routes_, fleet_, world_.home(), log_);
        add_observe_routes(routes_, fleet_, numbers_, [this] { return started_; });
        started_ = world_.run(fleet_.start()).has_value();
    }
    ~fleet_fixture() override { world_.run(fleet_.stop(nanoseconds{0})); }

    answer ask(std::string method, std::string target, std::string body = {}) {
        http::request request;
        request.method = std::move(method);
        const auto question = target.find('?');
        request.path = target.substr(0, question);
        for (auto rest = question == std::string::npos ? "" : target.substr(question + 1);
             !rest.empty();) {
            const auto pair = rest.substr(0, rest.find('&'));
            rest.erase(0, pair.size() + 1);
            request.query[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
        }
        request.body = std::move(body);
        auto response = world_.run(routes_.dispatch(std::move(request)));
        answer out{response.status, response.body, {}, 0};
        while (response.next) {
            const auto chunk = world_.run(response.next());
            if (chunk.empty()) break;
            out.text += chunk;
            ++out.chunks;
        }
        boost::system::error_code ignored;
        out.body = boost::json::parse(out.text, ignored);
        seen_ += out.text;
        return out;
    }

    // A tenant whose first load has ended.
    void add_loaded_tenant(const std::string& name) {
        const auto added =
            ask("POST", "/v1/tenants", R"({"name":")" + name + R"(","api_key":"good-key-1"})");
        ASSERT_EQ(added.status, 201u) << added.text;
        const auto synced = ask("POST", "/v1/tenants/" + name + "/sync", R"({"wait":true})");
        ASSERT_EQ(synced.status, 200u) << synced.text;
    }
    // Syncs now, and gives the finished run.
    boost::json::value sync_now(const std::string& name) {
        const auto synced = ask("POST", "/v1/tenants/" + name + "/sync", R"({"wait":true})");
        const auto begin = synced.text.rfind('\n', synced.text.size() - 2) + 1;
        return boost::json::parse(synced.text.substr(begin)).at("run");
    }
    void leave(int from, int to) {
        for (int i = from; i < to; ++i) {
            source_.people.at(static_cast<std::size_t>(i)).left = "2026-01-01";
        }
    }
    void hire(int from, int to, const std::string& job = "Engineer") {
        for (int i = from; i < to; ++i) {
            const auto n = std::to_string(i);
            source_.people.push_back(
                {"PW" + n, "First" + n, "Last" + n, "p" + n + "@example.com", job});
        }
    }

    static sync::fleet_options options() {
        sync::fleet_options out;
        out.egress.front().calls_per_minute = 1000;
        return out;
    }

    virtual_world world_{1, wall_time{seconds{1'800'000'000}}};
    std::shared_ptr<captured_lines> lines_ = std::make_shared<captured_lines>();
    logger log_;
    metrics numbers_;
    memory_source source_;
    test::memory_store store_{world_.home()};
    test::memory_notices notices_;
    plain_vault vault_;
    sync::fleet fleet_;
    http::router routes_;
    bool started_ = false;
    std::string seen_; // everything that was ever answered
};

} // namespace rollcall::edge
