// The transport over the UNIX socket: plain descriptors and poll, so that every wait has an end,
// and Beast's parser for what comes back.
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <cstring>

#include "client.hpp"
#include "rollcall/core/secret.hpp"

namespace rollcall::cli {
namespace {

namespace http = boost::beast::http;
using std::chrono::milliseconds;

constexpr milliseconds turn{200}; // how often a waiting caller hears of its waiting

class descriptor {
  public:
    explicit descriptor(int fd) : fd_(fd) {}
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    [[nodiscard]] int get() const noexcept { return fd_; }

  private:
    int fd_;
};

call_failure unreachable(std::string message) {
    return {exit_code::unreachable, std::move(message), {}};
}

std::string group_of(const std::string& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return {};
    const auto* group = ::getgrgid(info.st_gid);
    return group != nullptr ? group->gr_name : std::to_string(info.st_gid);
}

call_failure why_not_connected(const std::string& path, int error) {
    switch (error) {
        case ENOENT:
            return unreachable(
                fmt::format("No daemon at {}: there is no such socket. Start rollcalld, or name "
                            "its socket with "
                            "--socket or $ROLLCALL_SOCKET",
                            path));
        case ECONNREFUSED:
            return unreachable(
                fmt::format("No daemon at {}: the socket is there but nobody listens. rollcalld is "
                            "not running; "
                            "its log says why (systemctl status rollcalld)",
                            path));
        case EACCES:
        case EPERM: {
            const auto group = group_of(path);
            return unreachable(fmt::format(
                "Permission denied at {}. Run as root{}", path,
                group.empty() ? std::string{} : ", or join the group \"" + group + "\""));
        }
        default:
            return unreachable(fmt::format("Cannot connect to {}: {}", path, std::strerror(error)));
    }
}

class socket_transport final : public transport {
  public:
    explicit socket_transport(std::string path) : path_(std::move(path)) {}

    reply<raw_answer> send(call what) override {
        const descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (socket.get() < 0) return why_not_connected(path_, errno);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path_.size() >= sizeof address.sun_path) {
            return call_failure{exit_code::usage,
                                fmt::format("The socket's path is longer than {} bytes: {}",
                                            sizeof address.sun_path - 1, path_),
                                {}};
        }
        std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
        if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
            0) {
            return why_not_connected(path_, errno);
        }
        const bool sent = write_request(socket.get(), what);
        wipe(what.body.data(), what.body.size());
        // A daemon that refuses early stops reading: its answer still comes.
        if (!sent && errno != EPIPE && errno != ECONNRESET) return lost(std::strerror(errno));
        return read_answer(socket.get(), what);
    }

  private:
    call_failure lost(std::string_view why) const {
        return unreachable(fmt::format("The connection to {} was lost: {}", path_, why));
    }

    static bool write_all(int fd, std::string_view data) {
        while (!data.empty()) {
            const auto n = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return false;
            data.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }

    static bool write_request(int fd, const call& what) {
        std::string head = fmt::format(
            "{} {} HTTP/1.1\r\nHost: rollcall\r\nConnection: close\r\nAccept: application/json\r\n",
            what.method, what.target);
        if (!what.last_event_id.empty()) {
            head += fmt::format("Last-Event-ID: {}\r\n", what.last_event_id);
        }
        if (!what.body.empty() || what.method != "GET") {
            head += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n",
                                what.body.size());
        }
        return write_all(fd, head + "\r\n") && write_all(fd, what.body);
    }

    // Waits for a byte, in turns, which a signal ends as well. Otherwise why there is none.
    std::optional<call_failure> wait_readable(int fd, const call& what) const {
        using clock = std::chrono::steady_clock;
        const auto begun = clock::now();
        for (;;) {
            if (what.keep_on && !what.keep_on()) return call_failure{exit_code::ok, "ended", {}};
            std::array<pollfd, 2> both{{{fd, POLLIN, 0}, {what.wake_on, POLLIN, 0}}};
            const int ready = ::poll(both.data(), both.size(), static_cast<int>(turn.count()));
            if (ready > 0 && both[0].revents != 0) return {};
            if (ready > 0) continue;
            const auto waited = std::chrono::duration_cast<milliseconds>(clock::now() - begun);
            if (what.on_wait) what.on_wait(waited);
            if (waited >= what.silence_max) break;
        }
        return call_failure{exit_code::try_later,
                            fmt::format("The daemon at {} has been silent for {} s", path_,
                                        what.silence_max.count()),
                            {}};
    }

    reply<raw_answer> read_answer(int fd, const call& what) const {
        http::response_parser<http::string_body> parser;
        parser.eager(true);
        parser.body_limit(boost::none);
        std::string unparsed;
        char chunk[64 * 1024];
        while (!parser.is_done()) {
            if (auto failed = wait_readable(fd, what)) return *std::move(failed);
            const auto n = ::recv(fd, chunk, sizeof chunk, 0);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return lost(std::strerror(errno));
            if (n == 0) break;
            unparsed.append(chunk, static_cast<std::size_t>(n));
            boost::system::error_code error;
            const auto used = parser.put(boost::asio::buffer(unparsed), error);
            unparsed.erase(0, used);
            if (error && error != http::error::need_more) {
                return call_failure{
                    exit_code::failed,
                    "What listens on the socket does not speak HTTP: " + error.message(),
                    {}};
            }
            if (parser.is_header_done() && what.on_line && parser.get().result_int() < 300) {
                give_lines(parser.get().body(), what);
            }
        }
        // Without a header there is no status: an empty answer must not pass for a good one.
        if (!parser.is_header_done()) return lost("it ended before it answered");
        boost::system::error_code error;
        if (!parser.is_done()) parser.put_eof(error);
        if (error || !parser.is_done()) return lost("it ended in the middle of the answer");
        return raw_answer{parser.get().result_int(), std::move(parser.get().body())};
    }

    static void give_lines(std::string& body, const call& what) {
        std::size_t begin = 0;
        for (auto end = body.find('\n'); end != std::string::npos; end = body.find('\n', begin)) {
            what.on_line(std::string_view(body).substr(begin, end - begin));
            begin = end + 1;
        }
        body.erase(0, begin);
    }

    std::string path_;
};

} // namespace

std::unique_ptr<transport> connect_to_socket(std::string path) {
    return std::make_unique<socket_transport>(std::move(path));
}

} // namespace rollcall::cli
