#include "listeners.hpp"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <charconv>

namespace rollcall::http {
namespace {

errc errc_of_bind(const error_code& error) {
    return error == asio::error::address_in_use ? errc::busy : errc::invalid_argument;
}

// Takes away a socket file that nobody listens to.
result<void> remove_stale(shard& owner, const std::string& path) {
    struct stat file{};
    if (lstat(path.c_str(), &file) != 0) {
        return errno == ENOENT ? result<void>{} : result<void>{errc::invalid_argument};
    }
    if (!S_ISSOCK(file.st_mode)) return errc::already_exists;
    socket_of<unix_stream> probe(owner.get_executor());
    error_code error;
    probe.open(unix_stream(), error);
    if (!error) probe.native_non_blocking(true, error);
    if (error) return errc::invalid_argument;
    probe.connect(unix_stream::endpoint(path), error);
    // Anything but a refusal, a full queue for one, means that somebody is there.
    if (error != asio::error::connection_refused) return errc::locked;
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return errc::invalid_argument;
    return {};
}

} // namespace

result<tcp::endpoint> parse_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return errc::invalid_argument;
    auto host = text.substr(0, colon);
    const auto digits = text.substr(colon + 1);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    error_code error;
    const auto address = asio::ip::make_address(std::string(host), error);
    if (error || address.is_v6() != bracketed) return errc::invalid_argument;
    std::uint16_t port = 0;
    const auto* const last = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), last, port);
    if (parsed.ec != std::errc{} || parsed.ptr != last) return errc::invalid_argument;
    return tcp::endpoint{address, port};
}

std::string text_of(const tcp::endpoint& address) {
    const auto host = address.address().to_string();
    const auto port = ':' + std::to_string(address.port());
    return address.address().is_v6() ? '[' + host + ']' + port : host + port;
}

result<acceptor_of<tcp>> listen_on(shard& owner, const tcp::endpoint& address) {
    acceptor_of<tcp> acceptor(owner.get_executor());
    error_code error;
    acceptor.open(address.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(address, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return errc_of_bind(error);
    return acceptor;
}

result<unix_listener> listen_on(shard& owner, const std::string& path, unsigned mode) {
    if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) {
        return errc::invalid_argument;
    }
    if (const auto free = remove_stale(owner, path); !free) return free.error();
    acceptor_of<unix_stream> acceptor(owner.get_executor());
    error_code error;
    acceptor.open(unix_stream(), error);
    if (!error) acceptor.bind(unix_stream::endpoint(path), error);
    if (error) return errc_of_bind(error);
    // Until listen() every connect is refused, so that the mode is never too late.
    struct stat file{};
    if (chmod(path.c_str(), mode) != 0 || lstat(path.c_str(), &file) != 0) {
        unlink(path.c_str());
        return errc::invalid_argument;
    }
    acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return errc_of_bind(error);
    return unix_listener{std::move(acceptor), path, file.st_dev, file.st_ino};
}

void unix_listener::close() noexcept {
    if (!acceptor.is_open()) return;
    error_code ignored;
    acceptor.close(ignored);
    // Only our own file: a successor may have put its socket there.
    struct stat file{};
    if (lstat(path.c_str(), &file) == 0 && file.st_dev == device && file.st_ino == inode) {
        unlink(path.c_str());
    }
}

} // namespace rollcall::http
