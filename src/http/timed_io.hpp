// Reads and writes with deadlines of the shard's clock, which virtual time moves.
//
// A deadline ends the operation and leaves the stream open, so that a server can still tell its
// peer why. Cancellation of the caller unwinds: nobody above has to test for operation_aborted.
#pragma once
#include <array>

#include "rollcall/http/stream.hpp"

namespace rollcall::http {

struct io_outcome {
    error_code error;
    std::size_t bytes = 0;
    bool expired = false; // ended by the deadline; `error` is set as well
};

[[nodiscard]] task<io_outcome> read_some_before(shard& owner, io_stream& stream,
                                                asio::mutable_buffer into, mono_time deadline);

// Writes all of both buffers. Each partial write has `progress_max`, and the whole has `deadline`.
[[nodiscard]] task<io_outcome> write_all_before(shard& owner, io_stream& stream,
                                                std::array<asio::const_buffer, 2> from,
                                                nanoseconds progress_max,
                                                mono_time deadline = mono_time::max());

} // namespace rollcall::http
