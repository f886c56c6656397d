// The listening server, over real sockets.
#include "rollcall/http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "real_loop.hpp"
#include "rollcall/http/client.hpp"
#include "rollcall/http/network.hpp"

namespace rollcall::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

task<response> hello(request r) {
    response out;
    out.body = r.from.address + " says hello";
    co_return out;
}

class HttpServer : public testing::Test {
  protected:
    real_loop loop;
    scratch_directory directory;
    std::shared_ptr<captured_lines> log = std::make_shared<captured_lines>();
    router routes;
    server_limits limits;
    std::optional<server> served;
    signal_event released{loop.home()};
    int waiting = 0;

    void SetUp() override {
        routes.add("GET", "/hello", hello);
        routes.add("GET", "/wait", [this](request r) { return wait(std::move(r)); });
    }
    void TearDown() override {
        if (served) loop.run(served->stop(seconds{0}));
    }
    server& make() { return served.emplace(loop.home(), routes, limits, logger_of()); }
    logger logger_of() { return logger::to_capture(log, loop.time()); }
    task<response> wait(request r) {
        ++waiting;
        co_await released.wait();
        co_return co_await hello(std::move(r));
    }

    std::unique_ptr<io_stream> dial(const std::string& path) {
        auto stream = connect_unix(loop.home(), path);
        EXPECT_TRUE(stream);
        return std::move(*stream);
    }
    void write(io_stream& to, std::string_view text) {
        loop.run([](io_stream& stream, std::string_view bytes) -> task<> {
            static_cast<void>(co_await asio::async_write(stream, asio::buffer(bytes), use_tuple));
        }(to, text));
    }
    // All that comes until the server closes.
    std::string read(io_stream& from) {
        return loop.run([](io_stream& stream) -> task<std::string> {
            std::string out;
            for (;;) {
                std::array<char, 1000> piece;
                const auto [error, count] =
                    co_await stream.async_read_some(asio::buffer(piece), use_tuple);
                out.append(piece.data(), count);
                if (error) co_return out;
            }
        }(from));
    }
    static constexpr std::string_view say_hello =
        "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    static constexpr std::string_view say_wait = "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n";
};

TEST_F(HttpServer, ServesAUnixSocketWithItsMode) {
    const auto path = directory.file("control.sock");
    ASSERT_TRUE(make().listen_unix(path, 0660));
    served->start();
    struct stat file{};
    ASSERT_EQ(lstat(path.c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777u, 0660u);
    auto peer = dial(path);
    write(*peer, say_hello);
    EXPECT_THAT(read(*peer), HasSubstr("unix says hello"));
    EXPECT_TRUE(log->contains({"control.connected", "\"uid\":" + std::to_string(getuid()),
                               "\"pid\":" + std::to_string(getpid())}));
    loop.run(served->stop());
    EXPECT_NE(lstat(path.c_str(), &file), 0);
}

TEST_F(HttpServer, ReplacesAStaleSocketAndNoOtherFile) {
    const auto path = directory.file("control.sock");
    {
        asio::basic_socket_acceptor<asio::local::stream_protocol, executor> dead(
            loop.home().get_executor(), asio::local::stream_protocol::endpoint(path));
    }
    ASSERT_TRUE(make().listen_unix(path, 0600));
    served->start();
    server second(loop.home(), routes, limits, logger_of());
    EXPECT_EQ(second.listen_unix(path, 0600).error(), make_error_code(errc::locked));
    const auto plain = directory.file("plain");
    std::ofstream(plain) << "precious";
    EXPECT_EQ(second.listen_unix(plain, 0600).error(), make_error_code(errc::already_exists));
    EXPECT_EQ(second.listen_unix(directory.file(std::string(200, 'x')), 0600).error(),
              make_error_code(errc::invalid_argument));
    auto peer = dial(path);
    write(*peer, say_hello);
    EXPECT_THAT(read(*peer), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServer, ServesTcpOnAPortOfTheSystemsChoice) {
    ASSERT_TRUE(make().listen_tcp("127.0.0.1:0"));
    served->start();
    const auto address = served->bound_address();
    EXPECT_THAT(address, StartsWith("127.0.0.1:"));
    server second(loop.home(), routes, limits, logger_of());
    EXPECT_EQ(second.listen_tcp(address).error(), make_error_code(errc::busy));
    for (const auto* bad : {"", "127.0.0.1", "localhost:1", "[127.0.0.1]:1", "::1:1", "127.0.0.1:x",
                            "127.0.0.1:70000"}) {
        EXPECT_EQ(second.listen_tcp(bad).error(), make_error_code(errc::invalid_argument)) << bad;
    }
    system_network network(loop.home(), loop.resolver(), {});
    const endpoint to{"127.0.0.1", address.substr(address.find(':') + 1), false, ""};
    auto peer = loop.run(network.connect(to, mono_time::max()));
    ASSERT_TRUE(peer);
    write(**peer, say_hello);
    EXPECT_THAT(read(**peer), HasSubstr("127.0.0.1:"));
}

TEST_F(HttpServer, TurnsTheNewestAwayOverItsLimit) {
    limits.connections_max = 1;
    const auto path = directory.file("s");
    ASSERT_TRUE(make().listen_unix(path, 0600));
    served->start();
    auto first = dial(path);
    write(*first, say_wait);
    loop.run_until([this] { return waiting == 1; });
    auto second = dial(path);
    const auto answer = read(*second);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(answer, HasSubstr("application/problem+json"));
    EXPECT_EQ(served->connections(), 1u);
    first.reset();
    released.notify_all();
    loop.run_until([this] { return served->connections() == 0; });
    auto third = dial(path);
    write(*third, say_hello);
    EXPECT_THAT(read(*third), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServer, LetsAnswersInProgressFinishWhenItStops) {
    const auto path = directory.file("s");
    ASSERT_TRUE(make().listen_unix(path, 0600));
    served->start();
    auto busy = dial(path);
    write(*busy, say_wait);
    auto idle = dial(path);
    loop.run_until([this] { return waiting == 1 && served->connections() == 2; });
    bool stopped = false;
    task_group group(loop.home());
    group.spawn([](server& what, bool& done) -> task<> {
        co_await what.stop(hours{1});
        done = true;
    }(*served, stopped));
    EXPECT_EQ(read(*idle), "");
    EXPECT_FALSE(connect_unix(loop.home(), path));
    EXPECT_FALSE(stopped);
    released.notify_all();
    EXPECT_THAT(read(*busy), HasSubstr("unix says hello"));
    loop.run(group.join());
    EXPECT_TRUE(stopped);
    loop.run(served->stop());
}

TEST_F(HttpServer, CancelsWhatOutlastsItsGrace) {
    const auto path = directory.file("s");
    ASSERT_TRUE(make().listen_unix(path, 0600));
    served->start();
    auto busy = dial(path);
    write(*busy, say_wait);
    loop.run_until([this] { return waiting == 1; });
    loop.run(served->stop(milliseconds{1}));
    EXPECT_EQ(served->connections(), 0u);
    EXPECT_EQ(released.waiters(), 0u);
    EXPECT_EQ(read(*busy), "");
}

} // namespace
} // namespace rollcall::http
