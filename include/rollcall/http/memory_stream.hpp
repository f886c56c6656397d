// A pair of connected streams in memory, for the simulation and for tests without sockets.
#pragma once
#include <memory>
#include <utility>

#include "rollcall/async/shard.hpp"
#include "rollcall/http/stream.hpp"

namespace rollcall::http {

struct pipe_options {
    nanoseconds latency{0};                       // of each write until the other side can read it
    std::size_t buffer_bytes = 256u << 10;        // unread bytes after which a write waits
    std::size_t read_bytes_max = ~std::size_t{0}; // what one read gives at most: slices the traffic
};

// Bytes written to one side are read from the other, in order, `latency` of the shard's clock
// later. close() of one side gives end_of_file to the other after what was written before; abort()
// gives it connection_reset at once.
class memory_stream : public io_stream {
  public:
    virtual void abort() noexcept = 0;
};
[[nodiscard]] std::pair<std::unique_ptr<memory_stream>, std::unique_ptr<memory_stream>> make_pipe(
    shard& owner, pipe_options options = {});

} // namespace rollcall::http
