#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <thread>

#include "client.hpp"

namespace rollcall::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A socket that answers one connection with given bytes, whatever is asked.
class SocketTransport : public ::testing::Test {
  protected:
    void SetUp() override {
        path_ = ::testing::TempDir() + "rc-" + std::to_string(::getpid()) + ".sock";
        std::filesystem::remove(path_);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
        listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ASSERT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address),
                  0);
    }
    void TearDown() override {
        if (peer_.joinable()) peer_.join();
        if (listener_ >= 0) ::close(listener_);
        std::filesystem::remove(path_);
    }
    void answer_with(std::vector<std::string> pieces) {
        ASSERT_EQ(::listen(listener_, 1), 0);
        peer_ = std::thread([this, pieces = std::move(pieces)] {
            const int fd = ::accept(listener_, nullptr, nullptr);
            char buffer[4096];
            while (request_.find("\r\n\r\n") == std::string::npos) {
                const auto n = ::recv(fd, buffer, sizeof buffer, 0);
                if (n <= 0) break;
                request_.append(buffer, static_cast<std::size_t>(n));
            }
            for (const auto& piece : pieces) {
                (void)::send(fd, piece.data(), piece.size(), MSG_NOSIGNAL);
            }
            ::close(fd);
        });
    }

    std::string path_;
    int listener_ = -1;
    std::thread peer_;
    std::string request_;
};

TEST_F(SocketTransport, GivesTheLinesOfAStreamAsTheyCome) {
    answer_with({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n",
                 "6\r\ntwo\nth\r\n4\r\nree\n\r\n0\r\n\r\n"});
    std::vector<std::string> lines;
    call what{.method = "POST", .target = "/x"};
    what.on_line = [&](std::string_view line) { lines.emplace_back(line); };
    const auto answer = connect_to_socket(path_)->send(std::move(what));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_THAT(lines, ElementsAre("one", "two", "three"));
    peer_.join();
    EXPECT_THAT(request_, HasSubstr("POST /x HTTP/1.1\r\n"));
}

TEST_F(SocketTransport, EndsACallThatNobodyWantsAnyMore) {
    answer_with(
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n"
         "4\r\ntwo\n\r\n"});
    std::vector<std::string> lines;
    call what{.method = "GET", .target = "/x"};
    what.last_event_id = "7-3";
    what.on_line = [&](std::string_view line) { lines.emplace_back(line); };
    what.keep_on = [&] { return lines.empty(); };
    const auto answer = connect_to_socket(path_)->send(std::move(what));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, exit_code::ok);
    EXPECT_FALSE(lines.empty());
    peer_.join();
    EXPECT_THAT(request_, HasSubstr("Last-Event-ID: 7-3\r\n"));
}

TEST_F(SocketTransport, KeepsAProblemWholeWhereLinesWereExpected) {
    answer_with({"HTTP/1.1 404 Not Found\r\nContent-Length: 14\r\n\r\n{\"detail\":\"n\"}"});
    call what{.method = "POST", .target = "/x"};
    what.on_line = [](std::string_view) { ADD_FAILURE() << "a problem is no line"; };
    const auto answer = ask(*connect_to_socket(path_), std::move(what));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, exit_code::not_found);
}

TEST_F(SocketTransport, SaysSoWhenTheAnswerIsCut) {
    answer_with({"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":"});
    const auto answer = connect_to_socket(path_)->send({.method = "GET", .target = "/"});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, exit_code::unreachable);
}

TEST_F(SocketTransport, TellsAMissingSocketFromOneWithoutADaemon) {
    const auto refused = connect_to_socket(path_)->send({.method = "GET", .target = "/"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, exit_code::unreachable);
    EXPECT_THAT(refused.error().message, HasSubstr("nobody listens"));
    const auto missing = connect_to_socket(path_ + "x")->send({.method = "GET", .target = "/"});
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message, HasSubstr("no such socket"));
    const auto too_long =
        connect_to_socket(std::string(200, 'x'))->send({.method = "GET", .target = "/"});
    ASSERT_FALSE(too_long);
    EXPECT_EQ(too_long.error().code, exit_code::usage);
}

TEST_F(SocketTransport, RefusesWhatDoesNotSpeakHttp) {
    answer_with({"220 mail.example.com ESMTP\r\n"});
    const auto answer = connect_to_socket(path_)->send({.method = "GET", .target = "/"});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, exit_code::failed);
}

} // namespace
} // namespace rollcall::cli
