// A whole fetch, over pipes in memory and on virtual time.
#include "rollcall/peoplehr/source.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "reading.hpp"
#include "rollcall/async/task_group.hpp"
#include "rollcall/async/virtual_time.hpp"
#include "rollcall/http/memory_stream.hpp"

namespace rollcall::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view key_text = "0d5a1f4e-\"\\-secret-key";

std::string http_answer(std::string_view body, std::string_view status = "200 OK",
                        std::string_view type = "application/json") {
    return "HTTP/1.1 " + std::string{status} + "\r\nContent-Type: " + std::string{type} +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

// Answers each request with the next text of a list, and keeps the requests.
class canned_network final : public http::connector {
  public:
    explicit canned_network(shard& owner) : owner_(owner), servers_(owner) {}

    std::deque<std::string> answers;
    std::vector<std::string> requests;
    std::vector<http::endpoint> connections;
    errc refuse = errc::ok;
    nanoseconds delay{0};

    task<result<std::unique_ptr<http::io_stream>>> connect(const http::endpoint& to,
                                                           mono_time) override {
        connections.push_back(to);
        if (refuse != errc::ok) co_return refuse;
        auto [ours, theirs] = http::make_pipe(owner_);
        servers_.spawn(serve(std::move(theirs)));
        std::unique_ptr<http::io_stream> stream = std::move(ours);
        co_return stream;
    }

    task<> stop() {
        servers_.cancel();
        co_await servers_.join();
    }

  private:
    task<> serve(std::unique_ptr<http::memory_stream> stream) {
        std::string request;
        for (;;) {
            std::array<char, 4096> buffer;
            const auto [error, size] =
                co_await stream->async_read_some(asio::buffer(buffer), use_tuple);
            if (error || size == 0) co_return;
            request.append(buffer.data(), size);
            if (!is_whole(request)) continue;
            requests.push_back(std::exchange(request, {}));
            if (answers.empty()) co_return;
            const auto answer = std::move(answers.front());
            answers.pop_front();
            if (delay != 0ns) co_await owner_.sleep_for(delay);
            co_await asio::async_write(*stream, asio::buffer(answer), use_tuple);
        }
    }

    static bool is_whole(const std::string& request) {
        const auto head = request.find("\r\n\r\n");
        const auto length = request.find("Content-Length: ");
        if (head == std::string::npos || length == std::string::npos) return false;
        return request.size() - head - 4 >= std::stoul(request.substr(length + 16));
    }

    shard& owner_;
    task_group servers_;
};

struct fixture : ::testing::Test {
    virtual_world world{1, wall_time{}};
    canned_network network{world.home()};
    secret key{key_text};
    peoplehr::source_options options;

    sync::fetch_request everybody_of(std::string_view base_url = "https://api.peoplehr.net") const {
        sync::fetch_request out;
        out.tenant = "acme";
        out.base_url = base_url;
        out.key = &key;
        return out;
    }

    sync::fetch_report fetch(const sync::fetch_request& what) {
        peoplehr::source source{world.home(), network, options};
        auto report = world.run(source.fetch(what, keeper));
        source.close_idle();
        world.run(network.stop());
        return report;
    }

    row_keeper keeper;
};

using PeoplehrSource = fixture;

TEST_F(PeoplehrSource, AsksForEverybodyAndPassesTheRows) {
    network.answers.push_back(http_answer(everybody(600, 1)));
    auto what = everybody_of("https://api.peoplehr.net/proxy/");
    what.source_address = "192.0.2.7";
    const auto report = fetch(what);
    EXPECT_EQ(report.code, errc::ok) << report.detail;
    EXPECT_EQ(report.detail, "");
    EXPECT_TRUE(report.sent);
    EXPECT_EQ(report.rows, 600u);
    EXPECT_EQ(report.body_bytes, everybody(600, 1).size());
    ASSERT_EQ(keeper.rows.size(), 600u);
    EXPECT_EQ(keeper.rows[599].fields, make_person(599).fields);

    ASSERT_EQ(network.connections.size(), 1u);
    EXPECT_EQ(network.connections[0],
              (http::endpoint{"api.peoplehr.net", "443", true, "192.0.2.7"}));
    ASSERT_EQ(network.requests.size(), 1u);
    const auto& request = network.requests[0];
    EXPECT_TRUE(request.starts_with("POST /proxy/Employee HTTP/1.1\r\n")) << request;
    EXPECT_NE(request.find("Content-Type: application/json"), std::string::npos);
    EXPECT_TRUE(request.ends_with(
        R"({"APIKey":"0d5a1f4e-\"\\-secret-key","Action":"GetAllEmployeeDetail","IncludeLeavers":"true"})"));
}

TEST_F(PeoplehrSource, PassesTheExtraFieldsThatWereAskedFor) {
    network.answers.push_back(
        http_answer(envelope(R"([{"EmployeeId":"1","APIColumn2":"cost centre 4711"}])")));
    const std::vector<std::string> names{"APIColumn1", "APIColumn2"};
    auto what = everybody_of();
    what.extra_names = names;
    const auto report = fetch(what);
    ASSERT_EQ(report.code, errc::ok) << report.detail;
    EXPECT_EQ(keeper.rows.at(0).extra, (std::vector<std::string>{"", "cost centre 4711"}));
}

TEST_F(PeoplehrSource, MoreExtraFieldsThanCanBeReadAreRefusedBeforeACall) {
    const std::vector<std::string> names(peoplehr::extra_names_max + 1, "APIColumn1");
    auto what = everybody_of();
    what.extra_names = names;
    const auto report = fetch(what);
    EXPECT_EQ(report.code, errc::invalid_argument);
    EXPECT_FALSE(report.sent);
}

TEST_F(PeoplehrSource, AsksForOneEmployeeById) {
    network.answers.push_back(http_answer(envelope(R"({"EmployeeId":{"DisplayValue":"PW\"1"}})")));
    auto what = everybody_of();
    what.employee_id = "PW\"1\n";
    const auto report = fetch(what);
    EXPECT_EQ(report.code, errc::ok) << report.detail;
    ASSERT_EQ(keeper.rows.size(), 1u);
    EXPECT_EQ(keeper.rows[0].get(sync::source_field::employee_id), "PW\"1");
    EXPECT_TRUE(network.requests.at(0).ends_with(
        R"(,"Action":"GetEmployeeDetailById","EmployeeId":"PW\"1\u000a"})"));
}

TEST_F(PeoplehrSource, AsksForAPageAndTellsHowManyRowsThereAre) {
    network.answers.push_back(http_answer(
        envelope(R"({"Result":[{"EmployeeId":"9"}],"Pagination":{"TotalRows":1001}})")));
    auto what = everybody_of();
    what.page = sync::page_request{1000, 500};
    const auto report = fetch(what);
    EXPECT_EQ(report.code, errc::ok) << report.detail;
    EXPECT_EQ(report.rows, 1u);
    EXPECT_EQ(report.rows_total, 1001u);
    EXPECT_TRUE(network.requests.at(0).ends_with(
        R"(,"Action":"GetAllEmployeeDetailPaginated","IncludeLeavers":"true","Limit":500,"Offset":1000})"));
}

TEST_F(PeoplehrSource, APageBehindTheEndAndARefusedOneSaySo) {
    auto what = everybody_of();
    what.page = sync::page_request{500, 500};
    network.answers = {http_answer(envelope("null", 10, "No records found.")),
                       http_answer(envelope("null", 5, "Access Denied.", true))};
    peoplehr::source source{world.home(), network, options};
    const auto nobody = world.run(source.fetch(what, keeper));
    EXPECT_EQ(nobody.code, errc::ok);
    EXPECT_EQ(nobody.rows_total, 0u);
    const auto refused = world.run(source.fetch(what, keeper));
    EXPECT_EQ(refused.code, errc::permission_missing);
    EXPECT_TRUE(refused.pages_refused);
    source.close_idle();
    world.run(network.stop());
}

TEST_F(PeoplehrSource, ClassifiesWhatComesBack) {
    struct row {
        std::string answer;
        errc code;
    };
    for (const auto& [answer, code] : {
             row{http_answer(envelope("[]")), errc::ok},
             row{http_answer(envelope("null", 2, "Invalid API Key.", true)), errc::key_refused},
             row{http_answer(envelope("[]", 0, "API calls will be limited to a 50 per minute")),
                 errc::throttled},
             row{http_answer("", "429 Too Many Requests"), errc::throttled},
             row{http_answer("<html>", "404 Not Found", "text/html"), errc::wrong_address},
             row{http_answer("<html>", "403 Forbidden", "text/html"), errc::wrong_address},
             row{http_answer("<html>", "502 Bad Gateway", "text/html"), errc::upstream_failed},
             row{http_answer("<html>", "200 OK", "text/html"), errc::bad_response},
             row{http_answer(""), errc::bad_response},
             row{http_answer(everybody(2).substr(0, 5000)), errc::bad_response},
             row{"not HTTP at all\r\n\r\n", errc::bad_response},
         }) {
        network.answers = {answer};
        peoplehr::source source{world.home(), network, options};
        const auto report = world.run(source.fetch(everybody_of(), keeper));
        EXPECT_EQ(report.code, code) << answer << "\n" << report.detail;
        EXPECT_TRUE(report.sent);
        if (code == errc::throttled && answer.find("50 per") != std::string::npos) {
            EXPECT_EQ(report.learned_limit, 50u);
        }
        EXPECT_EQ(report.detail.find("secret-key"), std::string::npos);
    }
    world.run(network.stop());
}

TEST_F(PeoplehrSource, ARequestThatNeverLeftSaysSo) {
    network.refuse = errc::tls_failed;
    const auto report = fetch(everybody_of());
    EXPECT_EQ(report.code, errc::tls_failed);
    EXPECT_FALSE(report.sent);
    EXPECT_NE(report.detail.find("api.peoplehr.net:443"), std::string::npos);

    const auto bad_url = fetch(everybody_of("http://api.peoplehr.net"));
    EXPECT_EQ(bad_url.code, errc::invalid_argument);
    EXPECT_FALSE(bad_url.sent);

    auto keyless = everybody_of();
    keyless.key = nullptr;
    EXPECT_EQ(fetch(keyless).code, errc::invalid_argument);
    EXPECT_EQ(network.connections.size(), 1u);
}

TEST_F(PeoplehrSource, APeerThatDoesNotAnswerIsADeadline) {
    network.delay = 1h;
    network.answers.push_back(http_answer(everybody(1)));
    const auto report = fetch(everybody_of());
    EXPECT_EQ(report.code, errc::deadline_exceeded) << report.detail;
    EXPECT_TRUE(report.sent);
}

task<> fetch_into(peoplehr::source& source, sync::fetch_request what, row_keeper& rows,
                  std::vector<errc>& ended) {
    ended.push_back((co_await source.fetch(what, rows)).code);
}

TEST_F(PeoplehrSource, FetchesBeyondTheLimitWaitForAReader) {
    options.concurrent_max = 2;
    network.delay = 1s;
    for (int i = 0; i < 5; ++i) network.answers.push_back(http_answer(everybody(3)));
    peoplehr::source source{world.home(), network, options};
    std::vector<errc> ended;
    task_group fetches{world.home()};
    for (int i = 0; i < 5; ++i) fetches.spawn(fetch_into(source, everybody_of(), keeper, ended));
    world.run_for(1500ms);
    EXPECT_EQ(ended.size(), 2u);
    EXPECT_EQ(network.requests.size(), 4u);
    world.run(fetches.join());
    EXPECT_EQ(ended, std::vector<errc>(5, errc::ok));
    EXPECT_EQ(keeper.rows.size(), 15u);
    source.close_idle();
    world.run(network.stop());
}

TEST_F(PeoplehrSource, ACancelledFetchGivesItsReaderBack) {
    options.concurrent_max = 1;
    network.delay = 10s;
    network.answers.push_back(http_answer(everybody(3)));
    network.answers.push_back(http_answer(everybody(3)));
    peoplehr::source source{world.home(), network, options};
    std::vector<errc> ended;
    {
        task_group fetches{world.home()};
        fetches.spawn(fetch_into(source, everybody_of(), keeper, ended));
        fetches.spawn(fetch_into(source, everybody_of(), keeper, ended));
        world.run_for(5s);
        fetches.cancel();
        world.run(fetches.join());
    }
    EXPECT_TRUE(ended.empty());
    EXPECT_TRUE(keeper.rows.empty());
    network.delay = 0s;
    EXPECT_EQ(world.run(source.fetch(everybody_of(), keeper)).code, errc::ok);
    EXPECT_EQ(keeper.rows.size(), 3u);
    source.close_idle();
    world.run(network.stop());
}

// Finds the longest run of rows during which nothing else of the shard had its turn.
class turn_watcher final : public sync::row_sink {
  public:
    explicit turn_watcher(shard& owner) : owner_(owner) {}
    void on_row(const sync::source_row&) override {
        if (run_ == 0) asio::post(owner_.context(), [this] { run_ = 0; });
        longest = std::max(longest, ++run_);
    }
    std::size_t longest = 0;

  private:
    shard& owner_;
    std::size_t run_ = 0;
};

TEST_F(PeoplehrSource, OthersOnTheShardGetTheirTurnBetweenSlices) {
    options.rows_per_slice = 10;
    network.answers.push_back(http_answer(everybody(100)));
    peoplehr::source source{world.home(), network, options};
    turn_watcher watcher{world.home()};
    EXPECT_EQ(world.run(source.fetch(everybody_of(), watcher)).rows, 100u);
    EXPECT_EQ(watcher.longest, 10u);
    source.close_idle();
    world.run(network.stop());
}

TEST_F(PeoplehrSource, AReaderGivesTheMemoryOfALongAnswerBackAndReadsOn) {
    options.kept_bytes = 4096;
    peoplehr::source source{world.home(), network, options};
    for (const std::size_t people : {2'000u, 1u, 900u}) {
        network.answers.push_back(http_answer(everybody(people)));
        const auto report = world.run(source.fetch(everybody_of(), keeper));
        EXPECT_EQ(report.code, errc::ok) << report.detail;
        EXPECT_EQ(report.rows, people);
    }
    source.close_idle();
    world.run(network.stop());
}

// Remembers where a row's text was.
class text_watcher final : public sync::row_sink {
  public:
    void on_row(const sync::source_row& row) override {
        seen = row.get(sync::source_field::first_name);
    }
    std::string_view seen;
};

TEST_F(PeoplehrSource, TheBodyIsOverwrittenAfterTheFetch) {
    const auto text = everybody(3);
    network.answers.push_back(http_answer(text));
    network.answers.push_back(http_answer(text.substr(0, text.size() - 1)));
    peoplehr::source source{world.home(), network, options};
    for (const auto code : {errc::ok, errc::bad_response}) {
        text_watcher watcher;
        EXPECT_EQ(world.run(source.fetch(everybody_of(), watcher)).code, code);
        ASSERT_FALSE(watcher.seen.empty());
        // The reader keeps its buffer for the next fetch, so the place may still be read.
        EXPECT_EQ(watcher.seen, std::string(watcher.seen.size(), '\0'));
    }
    source.close_idle();
    world.run(network.stop());
}

} // namespace
} // namespace rollcall::testing
