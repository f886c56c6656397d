// The client's side of TLS over TCP as an io_stream.
#pragma once
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "socket_stream.hpp"

namespace rollcall::http {

class tls_stream final : public io_stream {
  public:
    using socket = socket_of<asio::ip::tcp>;

    tls_stream(socket connected, asio::ssl::context& context)
        : stream_(std::move(connected), context) {}

    // The name or address that the certificate must carry, sent as SNI if it is a name (RFC 9525,
    // RFC 6066). False if OpenSSL refuses it.
    [[nodiscard]] bool expect(const std::string& host);
    // Shakes hands; a failure is tls_failed, or connection_failed where the peer just went away.
    [[nodiscard]] task<result<void>> shake_hands(shard& owner, mono_time deadline);

    executor_type get_executor() override { return stream_.get_executor(); }
    void start_read(asio::mutable_buffer into, io_handler handler) override {
        stream_.async_read_some(into, std::move(handler));
    }
    // TLS takes one buffer at a time; what one call leaves, the next one sends.
    void start_write(std::span<const asio::const_buffer> from, io_handler handler) override {
        stream_.async_write_some(from.empty() ? asio::const_buffer{} : from.front(),
                                 std::move(handler));
    }
    void close() noexcept override {
        error_code ignored;
        stream_.next_layer().close(ignored);
    }
    [[nodiscard]] bool closed_by_peer() noexcept override {
        return speaks_or_ended(stream_.next_layer());
    }

  private:
    asio::ssl::stream<socket> stream_;
};

// A context that verifies, with TLS 1.2 or later. Throws std::runtime_error with the file's name.
[[nodiscard]] asio::ssl::context make_tls_context(const std::string& ca_file);

} // namespace rollcall::http
