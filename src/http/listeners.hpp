// Sockets that listen: their addresses, modes and names in the file system.
#pragma once
#include <sys/types.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <string>

#include "socket_stream.hpp"

namespace rollcall::http {

template <class Protocol>
using acceptor_of = asio::basic_socket_acceptor<Protocol, executor>;
using tcp = asio::ip::tcp;
using unix_stream = asio::local::stream_protocol;

// "127.0.0.1:9464" or "[::1]:9464". Errors: invalid_argument.
[[nodiscard]] result<tcp::endpoint> parse_address(std::string_view text);
[[nodiscard]] std::string text_of(const tcp::endpoint& address);

// Errors: busy (the address is in use), invalid_argument (not ours, or not allowed).
[[nodiscard]] result<acceptor_of<tcp>> listen_on(shard& owner, const tcp::endpoint& address);

// A UNIX socket that listens, and its file, which it takes away when it is closed.
struct unix_listener {
    acceptor_of<unix_stream> acceptor;
    std::string path;
    dev_t device = 0;
    ino_t inode = 0;

    void close() noexcept;
};

// The file has `mode` before anyone can connect. Errors: locked (somebody listens there),
// already_exists (a file that is no socket), invalid_argument (the path is too long, or not
// usable).
[[nodiscard]] result<unix_listener> listen_on(shard& owner, const std::string& path, unsigned mode);

} // namespace rollcall::http
