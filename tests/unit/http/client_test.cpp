#include "rollcall/http/client.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "scripted_network.hpp"

namespace rollcall::http {
namespace {

using then = reply::then;

const endpoint home{"api.peoplehr.net", "443", true, ""};

std::string gzip(std::string_view text) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string answer_of(std::string_view body, std::string_view fields = "") {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + std::string(fields) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string chunked(std::string_view body, std::size_t size, std::string_view fields = "") {
    std::string out =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + std::string(fields) + "\r\n";
    for (; !body.empty(); body.remove_prefix(std::min(size, body.size()))) {
        const auto part = body.substr(0, size);
        std::array<char, 20> digits;
        const auto count = std::snprintf(digits.data(), digits.size(), "%zx\r\n", part.size());
        out.append(digits.data(), static_cast<std::size_t>(count)).append(part).append("\r\n");
    }
    return out + "0\r\n\r\n";
}

class HttpClient : public testing::Test {
  protected:
    virtual_world world{7, wall_time{}};
    std::optional<scripted_network> network;
    std::optional<client> http;
    client_options options;
    body_buffer body;
    bool sent = false;

    void peer_does(std::deque<std::vector<reply>> connections) {
        network.emplace(world.home(), std::move(connections));
        http.emplace(world.home(), *network, options);
    }
    void TearDown() override {
        http.reset();
        if (network) world.run(network->stop());
    }
    result<client_answer> post(std::string_view text = "{}") {
        sent = false;
        return world.run(http->post(home, "/Employee", text, body, sent));
    }
    // The only answer of the only connection.
    result<client_answer> post_to(reply what) {
        peer_does({{std::move(what)}});
        return post();
    }
};

TEST_F(HttpClient, PostsTheBodyAndReadsTheAnswer) {
    const auto answer = post_to({answer_of(R"({"Status":0})")});
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200u);
    EXPECT_EQ(answer->content_type, "application/json");
    EXPECT_EQ(body.view(), R"({"Status":0})");
    EXPECT_TRUE(sent);
    EXPECT_EQ(network->requests.at(0),
              "POST /Employee HTTP/1.1\r\nHost: api.peoplehr.net\r\n"
              "User-Agent: rollcall/0.1 (+directory-sync)\r\nAccept: application/json\r\n"
              "Accept-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
              "\r\n{}");
}

TEST_F(HttpClient, SendsALargeBodyWhole) {
    peer_does({{{answer_of("ok")}}});
    const std::string large(3u << 20, 'x');
    ASSERT_TRUE(post(large));
    EXPECT_TRUE(network->requests.at(0).ends_with("\r\n\r\n" + large));
}

TEST_F(HttpClient, KeepsAConnectionForTheNextRequest) {
    peer_does({{{answer_of("one")}, {answer_of("two")}}});
    ASSERT_TRUE(post());
    const auto second = post();
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->reused_connection);
    EXPECT_EQ(body.view(), "two");
    EXPECT_EQ(network->connections, 1u);
}

TEST_F(HttpClient, DoesNotKeepAConnectionThatThePeerWillClose) {
    peer_does({{{answer_of("one", "Connection: close\r\n")}}, {{answer_of("two")}}});
    ASSERT_TRUE(post());
    ASSERT_TRUE(post());
    EXPECT_EQ(network->connections, 2u);
}

TEST_F(HttpClient, DoesNotKeepAConnectionWithBytesBehindTheAnswer) {
    peer_does({{{answer_of("one") + "HTTP/1.1 200 OK\r\n"}}, {{answer_of("two")}}});
    ASSERT_TRUE(post());
    ASSERT_TRUE(post());
    EXPECT_EQ(network->connections, 2u);
}

TEST_F(HttpClient, ClosesAnIdleConnectionInTime) {
    peer_does({{{answer_of("one")}}, {{answer_of("two")}}});
    ASSERT_TRUE(post());
    world.run_for(options.idle_max - milliseconds{2});
    EXPECT_EQ(network->ended, 0u);
    world.run_for(milliseconds{4});
    EXPECT_EQ(network->ended, 1u);
    EXPECT_EQ(world.home().timers(), 0u);
}

TEST_F(HttpClient, ReplacesAStaleConnectionOnce) {
    peer_does({{{answer_of("one"), then::close}}, {{answer_of("two")}}});
    ASSERT_TRUE(post());
    const auto second = post();
    ASSERT_TRUE(second);
    EXPECT_FALSE(second->reused_connection);
    EXPECT_EQ(body.view(), "two");
    EXPECT_EQ(network->connections, 2u);
}

TEST_F(HttpClient, ReplacesAConnectionThatWasReset) {
    peer_does({{{answer_of("one"), then::abort}}, {{answer_of("two")}}});
    ASSERT_TRUE(post());
    ASSERT_TRUE(post());
    EXPECT_EQ(network->connections, 2u);
}

TEST_F(HttpClient, DoesNotReplaceAFreshConnectionThatFails) {
    const auto answer = post_to({"", then::close});
    EXPECT_EQ(answer.error(), make_error_code(errc::connection_failed));
    EXPECT_EQ(network->connections, 1u);
    EXPECT_TRUE(sent);
}

TEST_F(HttpClient, TellsThatNothingWasSentWhenItCannotConnect) {
    peer_does({});
    network->refusal = errc::tls_failed;
    EXPECT_EQ(post().error(), make_error_code(errc::tls_failed));
    EXPECT_FALSE(sent);
}

TEST_F(HttpClient, RefusesATargetThatWouldBreakTheRequestLine) {
    peer_does({});
    for (const auto* target : {"", "x", "/a b", "/a\r\nX: y"}) {
        EXPECT_EQ(world.run(http->post(home, target, "{}", body, sent)).error(),
                  make_error_code(errc::invalid_argument));
    }
    EXPECT_EQ(network->connections, 0u);
}

TEST_F(HttpClient, ReadsEveryKindOfBodyInSlicesOfAnySize) {
    const std::string text = R"({"Status":0,"Result":[1,2,3]})";
    const auto packed = gzip(text);
    const std::vector<reply> kinds = {
        {answer_of(text)},
        {chunked(text, 7)},
        {"HTTP/1.1 200 OK\r\n\r\n" + text, then::close},
        {answer_of(packed, "Content-Encoding: gzip\r\n")},
        {chunked(packed, 5, "Content-Encoding: x-gzip\r\n")},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + packed, then::close},
        {answer_of(gzip(text.substr(0, 9)) + gzip(text.substr(9)), "Content-Encoding: gzip\r\n")},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + answer_of(text)},
    };
    for (const auto& kind : kinds) {
        for (const std::size_t slice : {1u, 2u, 3u, 64u, 1u << 20}) {
            SCOPED_TRACE(kind.bytes.substr(0, 60) + " in slices of " + std::to_string(slice));
            peer_does({{kind}});
            network->options.read_bytes_max = slice;
            ASSERT_TRUE(post());
            EXPECT_EQ(body.view(), text);
            TearDown();
        }
    }
}

TEST_F(HttpClient, TakesAnAnswerCutAtAnyByteAsALostConnection) {
    const std::string text = "{\"Status\":0}";
    const auto packed = gzip(text);
    for (const auto& whole :
         {answer_of(text), chunked(text, 5), answer_of(packed, "Content-Encoding: gzip\r\n"),
          chunked(packed, 9, "Content-Encoding: gzip\r\n")}) {
        for (std::size_t cut = 0; cut < whole.size(); ++cut) {
            SCOPED_TRACE(cut);
            const auto answer = post_to({whole.substr(0, cut), then::close});
            EXPECT_EQ(answer.error(), make_error_code(errc::connection_failed));
            TearDown();
        }
    }
}

TEST_F(HttpClient, TakesAGzipTextThatIsCutOrDamagedAsABadResponse) {
    auto packed = gzip("some text that is long enough to be packed");
    const auto cut = packed.substr(0, packed.size() - 1);
    EXPECT_EQ(post_to({answer_of(cut, "Content-Encoding: gzip\r\n")}).error(),
              make_error_code(errc::bad_response));
    TearDown();
    packed[packed.size() - 6] = static_cast<char>(packed[packed.size() - 6] ^ 1); // the checksum
    EXPECT_EQ(post_to({answer_of(packed, "Content-Encoding: gzip\r\n")}).error(),
              make_error_code(errc::bad_response));
}

TEST_F(HttpClient, RefusesWhatIsNotHttpOrAnEncodingThatItDidNotOffer) {
    for (const std::string text :
         {"<html>\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: a\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
        SCOPED_TRACE(text);
        EXPECT_EQ(post_to({text}).error(), make_error_code(errc::bad_response));
        TearDown();
    }
    const std::string endless = "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x');
    EXPECT_EQ(post_to({endless}).error(), make_error_code(errc::bad_response));
}

TEST_F(HttpClient, GivesAnyStatusAsAnAnswer) {
    for (const unsigned status : {204u, 304u, 403u, 429u, 503u}) {
        const auto answer =
            post_to({"HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 0\r\n\r\n"});
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, status);
        EXPECT_EQ(body.size(), 0u);
        TearDown();
    }
}

TEST_F(HttpClient, TakesAnEmptyBodyThatClaimsToBeGzip) {
    ASSERT_TRUE(post_to({answer_of("", "Content-Encoding: gzip\r\n")}));
    EXPECT_EQ(body.size(), 0u);
}

TEST_F(HttpClient, HoldsTheLimitForEveryKindOfBody) {
    options.body_bytes_max = 1000;
    const std::string fits(1000, 'a');
    const std::string over(1001, 'a');
    const std::string bomb(50'000'000, 'a');
    const auto packed_as = [](std::string_view text) {
        return answer_of(gzip(text), "Content-Encoding: gzip\r\n");
    };
    for (const auto& good : {answer_of(fits), chunked(fits, 300), packed_as(fits)}) {
        EXPECT_TRUE(post_to({good}));
        EXPECT_EQ(body.view(), fits);
        TearDown();
    }
    for (const auto& bad : {answer_of(over), chunked(over, 300), packed_as(over), packed_as(bomb),
                            "HTTP/1.1 200 OK\r\n\r\n" + over}) {
        EXPECT_EQ(post_to({bad, then::close}).error(), make_error_code(errc::response_too_large));
        EXPECT_LE(body.size(), 1001u);
        TearDown();
    }
    EXPECT_LT(body.capacity(), 1u << 20);
}

TEST_F(HttpClient, LetsOtherWorkRunWhileItUnpacksAGiant) {
    const std::string giant(20u << 20, 'a');
    peer_does({{{answer_of(gzip(giant), "Content-Encoding: gzip\r\n")}}});

    std::size_t yields = 0;
    bool done = false;
    task_group others(world.home());
    others.spawn([](shard& owner, std::size_t& count, const bool& stop) -> task<> {
        while (!stop) {
            co_await owner.yield();
            ++count;
        }
    }(world.home(), yields, done));
    world.run([](client& http_, body_buffer& into, bool& sent_, bool& done_) -> task<> {
        EXPECT_TRUE(co_await http_.post(home, "/", "", into, sent_));
        done_ = true;
    }(*http, body, sent, done));
    world.run(others.join());
    EXPECT_EQ(body.view(), giant);
    EXPECT_GE(yields, giant.size() / (256u << 10));
}

TEST_F(HttpClient, WaitsForTheFirstByteNoLongerThanAllowed) {
    peer_does({{{""}}});
    const auto start = world.home().now();
    EXPECT_EQ(post().error(), make_error_code(errc::deadline_exceeded));
    EXPECT_GE(world.home().now() - start, options.first_byte_max);
    EXPECT_LE(world.home().now() - start, options.first_byte_max + milliseconds{2});
}

TEST_F(HttpClient, DropsAPeerThatDripsSlowerThanTheLeastRate) {
    const std::string text(100'000, 'x');
    const auto start = world.home().now();
    const auto slow = post_to({answer_of(text), then::stay, 100});
    EXPECT_EQ(slow.error(), make_error_code(errc::deadline_exceeded));
    EXPECT_LE(world.home().now() - start, seconds{61});
    TearDown();
    const auto enough = post_to({answer_of(text), then::stay, 1000});
    EXPECT_TRUE(enough);
}

TEST_F(HttpClient, DropsAPeerThatDripsItsHeader) {
    const auto slow = post_to({answer_of("x"), then::stay, 1});
    EXPECT_EQ(slow.error(), make_error_code(errc::deadline_exceeded));
}

TEST_F(HttpClient, EndsAnAnswerThatIsSteadyButEndlessAtTheTotalLimit) {
    options.total_max = seconds{90};
    const auto start = world.home().now();
    const auto endless = post_to({answer_of(std::string(1'000'000, 'x')), then::stay, 1000});
    EXPECT_EQ(endless.error(), make_error_code(errc::deadline_exceeded));
    EXPECT_LE(world.home().now() - start, seconds{91});
}

TEST_F(HttpClient, LeavesNothingBehindWhenItIsCancelledAtAnyInstant) {
    const auto bytes = answer_of(std::string(5000, 'x'));
    for (int instant = 0; instant < 8; ++instant) {
        SCOPED_TRACE(instant);
        peer_does({{{bytes, then::stay, 1000}}});
        bool returned = false;
        task_group group(world.home());
        group.spawn([](client& http_, body_buffer& into, bool& sent_, bool& out) -> task<> {
            static_cast<void>(co_await http_.post(home, "/", "", into, sent_));
            out = true;
        }(*http, body, sent, returned));
        world.run_for(seconds{instant} + milliseconds{500});
        group.cancel();
        world.run(group.join());
        // The answer is whole after six pieces with a second between them, and the connection then
        // is idle.
        EXPECT_EQ(returned, instant >= 5);
        http->close_idle();
        world.run_for(seconds{10});
        EXPECT_EQ(network->ended, 1u);
        TearDown();
        EXPECT_EQ(world.home().timers(), 0u);
    }
}

TEST(BodyBuffer, KeepsItsBytesWhenItGrowsAndForgetsThemWhenWiped) {
    body_buffer buffer;
    EXPECT_EQ(buffer.view(), "");
    std::string expected;
    for (int i = 0; i < 2000; ++i) {
        const auto piece = std::to_string(i);
        buffer.append(piece);
        expected += piece;
    }
    EXPECT_EQ(buffer.view(), expected);
    buffer.reserve(50u << 20);
    EXPECT_EQ(buffer.view(), expected);
    const auto used = buffer.size();
    buffer.resize(10);
    buffer.wipe();
    EXPECT_EQ(buffer.size(), 0u);
    EXPECT_EQ(std::string_view(buffer.data(), used), std::string(used, '\0'));
    buffer.shrink(1000);
    EXPECT_LT(buffer.capacity(), 5000u);
    EXPECT_GE(buffer.capacity(), 1000u);
    auto other = std::move(buffer);
    other.append("x");
    EXPECT_EQ(other.view(), "x");
    // A parser may read the padding.
    for (std::size_t i = 0; i < body_buffer::padding; ++i) {
        EXPECT_EQ(other.data()[other.capacity() + i], '\0');
    }
}

} // namespace
} // namespace rollcall::http
