// The real network: TCP and TLS over the system's sockets.
#pragma once
#include <string>

#include "rollcall/async/worker.hpp"
#include "rollcall/http/stream.hpp"

namespace rollcall::http {

struct tls_options {
    std::string ca_file; // PEM; empty: the system's roots
};

// Verifies the peer's certificate and its name (RFC 9525: subject alternative names), TLS 1.2 or
// later. Names are resolved on `resolver`, because getaddrinfo blocks. Throws std::runtime_error at
// construction if the CA file cannot be read.
class system_network final : public connector {
  public:
    system_network(shard& owner, worker& resolver, const tls_options& options);
    ~system_network() override;
    [[nodiscard]] task<result<std::unique_ptr<io_stream>>> connect(const endpoint& to,
                                                                   mono_time deadline) override;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

// A stream around a connected UNIX-socket descriptor; used by the command line's client.
[[nodiscard]] result<std::unique_ptr<io_stream>> connect_unix(shard& owner,
                                                              const std::string& path);

} // namespace rollcall::http
