// A byte stream of any kind: TCP, TLS, a UNIX socket, or a pipe in memory for the simulation.
//
// It satisfies Beast's AsyncStream, so that one HTTP client and one server serve all of them. The
// type is erased at the level of one read or write; that costs one virtual call and one handler
// allocation for each, which the kernel's part outweighs by far.
#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>

#include "rollcall/async/shard.hpp"
#include "rollcall/async/task.hpp"
#include "rollcall/core/error.hpp"

namespace rollcall::http {

using io_handler = asio::any_completion_handler<void(error_code, std::size_t)>;

class io_stream {
  public:
    using executor_type = executor;

    virtual ~io_stream() = default;
    [[nodiscard]] virtual executor_type get_executor() = 0;

    // One read and one write may be pending at a time. The handler is called on the shard, never
    // from inside the call.
    virtual void start_read(asio::mutable_buffer into, io_handler handler) = 0;
    virtual void start_write(std::span<const asio::const_buffer> from, io_handler handler) = 0;
    // Pending operations complete with an error. Idempotent; no TLS close_notify is sent.
    virtual void close() noexcept = 0;
    // Whether the other side has closed a stream on which nothing is expected, or has said
    // something there. Asked before an idle connection is used again; costs one system call.
    [[nodiscard]] virtual bool closed_by_peer() noexcept { return false; }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [this](auto handler, asio::mutable_buffer into) {
                start_read(into, io_handler(std::move(handler)));
            },
            token, first_of(buffers));
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [this](auto handler, Buffers from) {
                // A gather of eight covers a serialised header with its body.
                std::array<asio::const_buffer, 8> gather;
                std::size_t count = 0;
                for (auto it = asio::buffer_sequence_begin(from);
                     it != asio::buffer_sequence_end(from) && count < gather.size(); ++it) {
                    if (asio::const_buffer(*it).size() != 0) gather[count++] = *it;
                }
                start_write({gather.data(), count}, io_handler(std::move(handler)));
            },
            token, buffers);
    }

  private:
    template <class Buffers>
    static asio::mutable_buffer first_of(const Buffers& buffers) {
        for (auto it = asio::buffer_sequence_begin(buffers);
             it != asio::buffer_sequence_end(buffers); ++it) {
            if (asio::mutable_buffer(*it).size() != 0) return *it;
        }
        return {};
    }
};

// Where to connect.
struct endpoint {
    std::string host; // name or address literal; also the name that the certificate must carry
    std::string port;
    bool tls = true;
    std::string source_address; // local address to bind; empty: the system chooses

    friend bool operator==(const endpoint&, const endpoint&) = default;
};

// The network as a port.
class connector {
  public:
    virtual ~connector() = default;
    // Resolves, connects, and shakes hands where `to.tls`. Errors: deadline_exceeded,
    // connection_failed, tls_failed. Cancellation unwinds and closes what was opened.
    [[nodiscard]] virtual task<result<std::unique_ptr<io_stream>>> connect(const endpoint& to,
                                                                           mono_time deadline) = 0;
};

} // namespace rollcall::http
