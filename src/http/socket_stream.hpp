// An Asio socket, TCP or UNIX, as an io_stream.
#pragma once
#include <sys/socket.h>

#include <cerrno>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <utility>

#include "pending_io.hpp"

namespace rollcall::http {

template <class Protocol>
using socket_of = asio::basic_stream_socket<Protocol, executor>;

// A byte to read, or an end, on a connection that should be silent.
template <class Socket>
[[nodiscard]] bool speaks_or_ended(Socket& socket) noexcept {
    char byte = 0;
    const auto got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

template <class Protocol>
class socket_stream final : public io_stream {
  public:
    explicit socket_stream(socket_of<Protocol> connected) : socket_(std::move(connected)) {}

    executor_type get_executor() override { return socket_.get_executor(); }

    void start_read(asio::mutable_buffer into, io_handler handler) override {
        socket_.async_read_some(into, std::move(handler));
    }

    void start_write(std::span<const asio::const_buffer> from, io_handler handler) override {
        socket_.async_write_some(gather(from.begin(), from.end()), std::move(handler));
    }

    void close() noexcept override {
        error_code ignored;
        socket_.close(ignored);
    }
    [[nodiscard]] bool closed_by_peer() noexcept override { return speaks_or_ended(socket_); }

  private:
    socket_of<Protocol> socket_;
};

} // namespace rollcall::http
