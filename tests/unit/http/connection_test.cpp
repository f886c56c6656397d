// One connection of the server, over a pipe on virtual time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <stdexcept>

#include "rollcall/async/virtual_time.hpp"
#include "rollcall/http/memory_stream.hpp"
#include "rollcall/http/server.hpp"

namespace rollcall::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

task<response> echo(request r) {
    response out;
    out.content_type = "text/plain";
    out.body = r.method + ' ' + r.path;
    for (const auto& [name, value] : r.parameters) out.body += " {" + name + '=' + value + '}';
    for (const auto& [name, value] : r.query) out.body += " ?" + name + '=' + value;
    if (!r.body.empty()) out.body += " body=" + r.body;
    co_return out;
}

task<response> explode(request) {
    throw std::runtime_error("jane.doe@example.com");
}

class HttpConnection : public testing::Test {
  protected:
    virtual_world world{7, wall_time{}};
    router routes;
    server_limits limits;
    std::shared_ptr<captured_lines> log = std::make_shared<captured_lines>();
    std::unique_ptr<memory_stream> near;
    bool over = false; // serve_connection has returned
    signal_event next_chunk{world.home()};
    std::vector<std::string> chunks;
    bool chunks_end = false;
    bool chunk_wait_unwound = false;
    task_group group{world.home()};

    void SetUp() override {
        routes.add("GET", "/v1/health", echo);
        routes.add("GET", "/v1/tenants/{tenant}", echo);
        routes.add("PUT", "/v1/tenants/{tenant}", echo);
        routes.add("POST", "/v1/tenants/{tenant}/users/{id}", echo);
        routes.add("GET", "/v1/explode", explode);
        routes.add("GET", "/v1/progress", [this](request) { return progress(); });
    }
    void TearDown() override {
        group.cancel();
        world.run(group.join());
    }

    task<response> progress() {
        response out;
        out.content_type = "application/x-ndjson";
        out.next = [this] { return take_chunk(); };
        co_return out;
    }
    task<std::string> take_chunk() {
        struct unwound {
            bool& flag;
            ~unwound() { flag = true; }
        };
        while (chunks.empty() && !chunks_end) {
            const unwound mark{chunk_wait_unwound};
            co_await next_chunk.wait();
        }
        if (chunks.empty()) co_return std::string{};
        auto out = std::move(chunks.front());
        chunks.erase(chunks.begin());
        if (out == "explode") throw std::runtime_error("jane.doe@example.com");
        co_return out;
    }

    void connect(pipe_options options = {}) {
        if (near) {
            near.reset();
            world.run_for(seconds{2});
        }
        auto [mine, theirs] = make_pipe(world.home(), options);
        near = std::move(mine);
        over = false;
        group.spawn(serve(std::move(theirs)));
    }
    task<> serve(std::unique_ptr<memory_stream> far) {
        peer from;
        from.address = "unix";
        from.pid = 11;
        from.uid = 22;
        from.gid = 33;
        co_await serve_connection(world.home(), *far, routes, limits, from,
                                  logger::to_capture(log, world.clock()));
        over = true;
    }
    task<> write(std::string_view text) {
        co_await asio::async_write(*near, asio::buffer(text), use_tuple);
    }
    // What comes until the server closes, or nothing has come for a while.
    std::string read(nanoseconds patience = seconds{1}) {
        std::string out;
        group.spawn(read_into(out));
        world.run_for(patience);
        return out;
    }
    task<> read_into(std::string& out) {
        for (;;) {
            std::array<char, 1000> piece;
            asio::cancellation_signal stop;
            auto wait = world.home().call_at(world.home().now() + milliseconds{500}, [&stop] {
                stop.emit(asio::cancellation_type::terminal);
            });
            const auto [error, count] = co_await near->async_read_some(
                asio::buffer(piece), asio::bind_cancellation_slot(stop.slot(), use_tuple));
            world.home().cancel(wait);
            out.append(piece.data(), count);
            if (error) co_return;
        }
    }
    std::string ask(std::string_view text) {
        world.run(write(text));
        return read();
    }
    std::string ask_new(std::string_view text) {
        connect();
        return ask(text);
    }
};

std::string get(std::string_view target, std::string_view fields = "") {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n";
}

std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

TEST_F(HttpConnection, AnswersARequest) {
    EXPECT_EQ(ask_new(get("/v1/health")),
              "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
              "Content-Type: text/plain\r\nCache-Control: no-store\r\n"
              "X-Content-Type-Options: nosniff\r\nContent-Length: 14\r\n"
              "Connection: keep-alive\r\n\r\nGET /v1/health");
    EXPECT_FALSE(over);
    EXPECT_TRUE(log->contains({"control.connected", "\"pid\":11", "\"uid\":22", "\"gid\":33"}));
}

TEST_F(HttpConnection, DecodesPathParametersAndQuery) {
    EXPECT_EQ(body_of(ask_new(get("/v1/tenants/a%20b%2Fc?q=x%26y+z&empty&=n&q2=%c3%a9"))),
              "GET /v1/tenants/a b/c {tenant=a b/c} ?=n ?empty= ?q=x&y z ?q2=\u00e9");
    EXPECT_EQ(body_of(ask_new(get("http://host:1/v1/health?"))), "GET /v1/health");
    for (const auto* bad : {"/v1/%", "/v1/%4", "/v1/%zz", "/v1/%00", "/?a=%+1", "*", "v1"}) {
        EXPECT_THAT(ask_new(get(bad)), StartsWith("HTTP/1.1 400 ")) << bad;
    }
}

TEST_F(HttpConnection, ServesSeveralRequestsOnOneConnectionEvenAllAtOnce) {
    connect();
    const auto both = ask(get("/v1/health") + get("/v1/tenants/a"));
    EXPECT_THAT(both, HasSubstr("GET /v1/healthHTTP/1.1 200 OK"));
    EXPECT_THAT(both, EndsWith("{tenant=a}"));
    EXPECT_EQ(body_of(ask("POST /v1/tenants/a/users/7 HTTP/1.1\r\nHost: x\r\n"
                          "Content-Length: 2\r\n\r\nhi")),
              "POST /v1/tenants/a/users/7 {id=7} {tenant=a} body=hi");
    EXPECT_EQ(body_of(ask("PUT /v1/tenants/b HTTP/1.1\r\nHost: x\r\n"
                          "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n")),
              "PUT /v1/tenants/b {tenant=b} body=hi!");
    EXPECT_FALSE(over);
}

TEST_F(HttpConnection, ReadsRequestsThatComeByteByByte) {
    connect({.read_bytes_max = 1});
    EXPECT_EQ(body_of(ask("POST /v1/tenants/a/users/7 HTTP/1.1\r\nHost: x\r\n"
                          "Content-Length: 2\r\n\r\nhi")),
              "POST /v1/tenants/a/users/7 {id=7} {tenant=a} body=hi");
}

TEST_F(HttpConnection, ClosesWhenThePeerAsksForIt) {
    EXPECT_THAT(ask_new(get("/v1/health", "Connection: close\r\n")),
                HasSubstr("Connection: close\r\n"));
    EXPECT_TRUE(over);
    EXPECT_THAT(ask_new("GET /v1/health HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
    EXPECT_TRUE(over);
}

TEST_F(HttpConnection, AnswersHeadLikeGetWithoutTheBody) {
    const auto answer = ask_new("HEAD /v1/health HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("Content-Length: 15\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
    EXPECT_THAT(ask("HEAD /v1/progress HTTP/1.1\r\nHost: x\r\n\r\n"), EndsWith("\r\n\r\n"));
}

TEST_F(HttpConnection, GivesProblemsInTheirStandardShape) {
    const auto answer = ask_new(get("/v1/nothing"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 404 Not Found\r\n"));
    EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json\r\n"));
    const auto body = boost::json::parse(body_of(answer)).as_object();
    EXPECT_EQ(body.at("type"), "urn:rollcall:problem:not_found");
    EXPECT_EQ(body.at("status"), 404);
    EXPECT_TRUE(body.at("title").is_string());
    EXPECT_TRUE(body.at("detail").is_string());
    for (const auto* missing : {"/v1/tenants/", "/v1/tenants", "/v1/health/", "//v1/health"}) {
        EXPECT_THAT(ask_new(get(missing)), StartsWith("HTTP/1.1 404 ")) << missing;
    }
}

TEST_F(HttpConnection, NamesTheMethodsOfAnAddress) {
    const auto answer = ask_new("DELETE /v1/tenants/a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 "));
    EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD, PUT\r\n"));
    EXPECT_FALSE(over);
}

TEST_F(HttpConnection, ShowsNothingOfAHandlersException) {
    const auto answer = ask_new(get("/v1/explode"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
    EXPECT_THAT(answer, testing::Not(HasSubstr("jane")));
    EXPECT_TRUE(log->contains({"http.handler_failed", "runtime_error"}));
    EXPECT_FALSE(log->contains({"jane"}));
    EXPECT_THAT(ask(get("/v1/health")), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpConnection, RefusesWhatItDoesNotUnderstand) {
    struct row {
        std::string text;
        const char* status;
    };
    for (
        const auto& [text, status] : std::vector<row>{
            {"\x16\x03\x01\x02 hello\r\n\r\n", "400"},
            {"GET / HTTP/1.1\r\nHost x\r\n\r\n", "400"},
            {"GET / HTTP/1.1\r\n\r\n", "400"},
            {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
            {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505"},
            {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", "400"},
            {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
             "400"},
            {"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
            {"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "501"},
            {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
             "415"},
            {"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
        }) {
        SCOPED_TRACE(text);
        const auto answer = ask_new(text);
        EXPECT_THAT(answer, StartsWith(std::string("HTTP/1.1 ") + status));
        EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
        world.run_for(seconds{2});
        EXPECT_TRUE(over);
    }
}

TEST_F(HttpConnection, RefusesWhatIsTooLarge) {
    limits.body_bytes_max = 100;
    limits.header_bytes_max = 1000;
    EXPECT_THAT(ask_new("PUT /v1/tenants/a HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n" +
                        std::string(100, 'x')),
                StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(ask_new("PUT /v1/tenants/a HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n" +
                        std::string(101, 'x')),
                StartsWith("HTTP/1.1 413 "));
    EXPECT_THAT(
        ask_new("PUT /v1/tenants/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                "60\r\n" +
                std::string(96, 'x') + "\r\n60\r\n"),
        StartsWith("HTTP/1.1 413 "));
    EXPECT_THAT(ask_new(get("/v1/health", "X: " + std::string(2000, 'x') + "\r\n")),
                StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpConnection, SaysWhenToSendABodyToThoseWhoWaitForThat) {
    connect();
    EXPECT_EQ(ask("PUT /v1/tenants/a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                  "Expect: 100-continue\r\n\r\n"),
              "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(body_of(ask("hi")), "PUT /v1/tenants/a {tenant=a} body=hi");
}

TEST_F(HttpConnection, LosesPatienceWithSlowPeers) {
    connect();
    EXPECT_EQ(ask("GET /v1/health HTTP/1.1\r\n"), "");
    world.run_for(limits.header_max);
    EXPECT_THAT(read(), StartsWith("HTTP/1.1 408 "));

    connect();
    EXPECT_EQ(ask("PUT /v1/tenants/a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nh"), "");
    world.run_for(limits.body_max);
    EXPECT_THAT(read(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(HttpConnection, LeavesASilentPeerWithoutAWord) {
    connect();
    world.run_for(limits.header_max + milliseconds{5});
    EXPECT_TRUE(over);
    EXPECT_EQ(read(), "");

    connect();
    EXPECT_THAT(ask(get("/v1/health")), StartsWith("HTTP/1.1 200 "));
    world.run_for(limits.idle_max - seconds{2});
    EXPECT_FALSE(over);
    world.run_for(seconds{3});
    EXPECT_TRUE(over);
}

TEST_F(HttpConnection, DropsAPeerThatDoesNotRead) {
    connect({.buffer_bytes = 100});
    world.run(write(get("/v1/health") + get("/v1/health")));
    world.run_for(limits.write_max + seconds{1});
    EXPECT_TRUE(over);
}

TEST_F(HttpConnection, StreamsChunksAsTheyCome) {
    connect();
    EXPECT_THAT(ask(get("/v1/progress")), EndsWith("Connection: keep-alive\r\n\r\n"));
    chunks = {"one\n"};
    next_chunk.notify_all();
    EXPECT_EQ(read(), "4\r\none\n\r\n");
    world.run_for(hours{30});
    chunks = {"two\n", "a line of 20 bytes.\n"};
    chunks_end = true;
    next_chunk.notify_all();
    EXPECT_EQ(read(), "4\r\ntwo\n\r\n14\r\na line of 20 bytes.\n\r\n0\r\n\r\n");
    EXPECT_THAT(ask(get("/v1/health")), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpConnection, KeepsARequestThatCameDuringAStream) {
    connect();
    EXPECT_THAT(ask(get("/v1/progress")), StartsWith("HTTP/1.1 200 "));
    EXPECT_EQ(ask(get("/v1/health")), "");
    chunks_end = true;
    next_chunk.notify_all();
    EXPECT_THAT(read(), EndsWith("GET /v1/health"));
}

TEST_F(HttpConnection, StopsAskingForChunksWhenThePeerGoes) {
    connect();
    EXPECT_THAT(ask(get("/v1/progress")), StartsWith("HTTP/1.1 200 "));
    near->close();
    world.run_for(milliseconds{10});
    EXPECT_TRUE(over);
    EXPECT_TRUE(chunk_wait_unwound);
    EXPECT_EQ(next_chunk.waiters(), 0u);
}

TEST_F(HttpConnection, EndsAStreamWithoutItsLastChunkWhenItFails) {
    connect();
    chunks = {"one\n", "explode"};
    EXPECT_THAT(ask(get("/v1/progress")), EndsWith("\r\n\r\n4\r\none\n\r\n"));
    EXPECT_TRUE(over);
    EXPECT_FALSE(log->contains({"jane"}));
}

TEST_F(HttpConnection, UnwindsWhenCancelledDuringAStream) {
    connect();
    EXPECT_THAT(ask(get("/v1/progress")), StartsWith("HTTP/1.1 200 "));
    group.cancel();
    world.run(group.join());
    EXPECT_FALSE(over);
    EXPECT_EQ(next_chunk.waiters(), 0u);
    EXPECT_EQ(world.home().timers(), 0u);
}

TEST_F(HttpConnection, UnwindsWhenCancelledWhileItReads) {
    connect();
    EXPECT_EQ(ask("GET /v1/hea"), "");
    group.cancel();
    world.run(group.join());
    EXPECT_EQ(world.home().timers(), 0u);
}

TEST(HttpProblem, GivesEachErrorItsStatus) {
    EXPECT_EQ(problem({errc::not_found, ""}).status, 404u);
    EXPECT_EQ(problem({errc::busy, ""}).status, 503u);
    EXPECT_EQ(problem({errc::held, ""}).status, 409u);
    EXPECT_EQ(problem({errc::key_refused, ""}).status, 422u);
    for (auto code = 1; code <= static_cast<int>(errc::bug); ++code) {
        EXPECT_GE(problem({static_cast<errc>(code), ""}).status, 400u);
    }
    const auto extended = problem(409, "held", "t", "d", {{"run", 7}});
    EXPECT_EQ(
        extended.body,
        R"({"type":"urn:rollcall:problem:held","title":"t","status":409,"detail":"d","run":7})");
}

} // namespace
} // namespace rollcall::http
