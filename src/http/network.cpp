#include "rollcall/http/network.hpp"

#include <sys/un.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/system/system_error.hpp>

#include "resolve.hpp"
#include "rollcall/http/egress_fault.hpp"
#include "tls_stream.hpp"

namespace rollcall::http {
namespace {

using tcp = asio::ip::tcp;
using tcp_socket = socket_of<tcp>;

// A socket of the address's family, bound to the source address if there is one.
result<tcp_socket> open_socket(shard& owner, const tcp::endpoint& to, const std::string& source) {
    tcp_socket socket(owner.get_executor());
    error_code error;
    socket.open(to.protocol(), error);
    if (error) return errc::connection_failed;
    if (!source.empty()) {
        const auto local = asio::ip::make_address(source, error);
        if (error) return errc::invalid_argument;
        socket.bind({local, 0}, error);
        if (error) return egress_fault::cannot_bind;
    }
    socket.set_option(tcp::no_delay(true), error);
    return socket;
}

// What a failed connection from `source` means. The address of another interface can be bound, but
// may lead nowhere (a loopback address, to the outside), or may have no port left.
error_code connect_error(const error_code& error, const std::string& source) {
    const bool ours = error == asio::error::invalid_argument ||
                      error == boost::system::errc::address_not_available;
    if (!source.empty() && ours) return egress_fault::cannot_leave;
    return errc::connection_failed;
}

task<result<tcp_socket>> connect_one(shard& owner, tcp::endpoint to, const std::string& source,
                                     mono_time deadline) {
    auto socket = open_socket(owner, to, source);
    if (!socket) co_return socket.error();
    deadline_guard guard(owner, deadline, [&socket] {
        error_code ignored;
        socket->close(ignored);
    });
    const auto [error] = co_await socket->async_connect(to, use_tuple);
    if ((co_await asio::this_coro::cancellation_state).cancelled() !=
        asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (guard.expired()) co_return errc::deadline_exceeded;
    if (error) co_return connect_error(error, source);
    guard.disarm();
    co_return std::move(socket);
}

// One after the other; an address that does not answer gets no more than its share of the time
// left.
task<result<tcp_socket>> connect_any(shard& owner, std::vector<tcp::endpoint> addresses,
                                     const std::string& source, mono_time deadline) {
    if (!source.empty()) {
        const bool is_v6 = source.find(':') != std::string::npos;
        std::erase_if(addresses,
                      [is_v6](const auto& each) { return each.address().is_v6() != is_v6; });
        if (addresses.empty()) co_return egress_fault::wrong_family;
    }
    error_code last = errc::connection_failed;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const auto now = owner.now();
        const auto share = (deadline - now) / static_cast<std::int64_t>(addresses.size() - i);
        auto socket = co_await connect_one(owner, addresses[i], source, now + share);
        if (socket) co_return socket;
        last = socket.error();
        if (owner.now() >= deadline) co_return errc::deadline_exceeded;
    }
    co_return last;
}

} // namespace

struct system_network::impl {
    shard& owner;
    worker& resolver;
    asio::ssl::context tls;
};

system_network::system_network(shard& owner, worker& resolver, const tls_options& options)
    : impl_(std::make_unique<impl>(impl{owner, resolver, make_tls_context(options.ca_file)})) {}

system_network::~system_network() = default;

task<result<std::unique_ptr<io_stream>>> system_network::connect(const endpoint& to,
                                                                 mono_time deadline) {
    auto& owner = impl_->owner;
    auto addresses = co_await resolve(owner, impl_->resolver, to.host, to.port, deadline);
    if (!addresses) co_return addresses.error();
    auto socket = co_await connect_any(owner, std::move(*addresses), to.source_address, deadline);
    if (!socket) co_return socket.error();
    if (!to.tls) co_return std::make_unique<socket_stream<tcp>>(std::move(*socket));
    auto stream = std::make_unique<tls_stream>(std::move(*socket), impl_->tls);
    if (!stream->expect(to.host)) co_return errc::invalid_argument;
    if (const auto shaken = co_await stream->shake_hands(owner, deadline); !shaken) {
        co_return shaken.error();
    }
    co_return std::move(stream);
}

result<std::unique_ptr<io_stream>> connect_unix(shard& owner, const std::string& path) {
    using local = asio::local::stream_protocol;
    if (path.size() >= sizeof(sockaddr_un::sun_path)) return errc::invalid_argument;
    socket_of<local> socket(owner.get_executor());
    error_code error;
    socket.connect(local::endpoint(path), error);
    if (error) return errc::connection_failed;
    return std::make_unique<socket_stream<local>>(std::move(socket));
}

} // namespace rollcall::http
