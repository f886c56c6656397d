// Name look-up, which blocks, on the worker; with a deadline and cancellation, which getaddrinfo
// lacks.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <vector>

#include "rollcall/async/worker.hpp"

namespace rollcall::http {

// Address literals need no worker. Errors: deadline_exceeded, connection_failed (the name does not
// resolve), busy. A look-up that nobody waits for any more runs to its end on the worker.
[[nodiscard]] task<result<std::vector<asio::ip::tcp::endpoint>>> resolve(
    shard& owner, worker& where, std::string host, std::string port, mono_time deadline);

} // namespace rollcall::http
