#include "timed_io.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

namespace rollcall::http {
namespace {

// Runs `start(token)`, one read or write, until the deadline. The operation listens to a signal of
// its own, which both the deadline and the coroutine's cancellation set off.
template <class Start>
task<io_outcome> run_before(shard& owner, mono_time deadline, Start start) {
    auto state = co_await asio::this_coro::cancellation_state;
    asio::cancellation_signal stop;
    deadline_guard guard(owner, deadline,
                         [&stop] { stop.emit(asio::cancellation_type::terminal); });
    auto outer = state.slot();
    if (outer.is_connected()) {
        outer.assign([&stop](asio::cancellation_type type) { stop.emit(type); });
    }
    const auto [error, bytes] =
        co_await start(asio::bind_cancellation_slot(stop.slot(), asio::as_tuple(use_task)));
    if (outer.is_connected()) outer.clear();
    if (state.cancelled() != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    // Bytes that came in the same turn as the deadline still count.
    co_return io_outcome{error, bytes, guard.expired() && error.failed()};
}

} // namespace

task<io_outcome> read_some_before(shard& owner, io_stream& stream, asio::mutable_buffer into,
                                  mono_time deadline) {
    return run_before(owner, deadline, [&stream, into](auto token) {
        return stream.async_read_some(into, std::move(token));
    });
}

task<io_outcome> write_all_before(shard& owner, io_stream& stream,
                                  std::array<asio::const_buffer, 2> from, nanoseconds progress_max,
                                  mono_time deadline) {
    std::size_t written = 0;
    while (asio::buffer_size(from) != 0) {
        const auto until = std::min(deadline, owner.now() + progress_max);
        auto outcome = co_await run_before(owner, until, [&stream, from](auto token) {
            return stream.async_write_some(from, std::move(token));
        });
        written += outcome.bytes;
        if (outcome.error) co_return io_outcome{outcome.error, written, outcome.expired};
        for (auto& part : from) {
            const auto done = std::min(part.size(), outcome.bytes);
            part += done;
            outcome.bytes -= done;
        }
    }
    co_return io_outcome{{}, written, false};
}

} // namespace rollcall::http
