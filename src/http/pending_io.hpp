// One pending read or write of a stream that is not Asio's own: its handler and its cancellation.
#pragma once
#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/container/static_vector.hpp>
#include <optional>
#include <utility>

#include "rollcall/http/stream.hpp"

namespace rollcall::http {

// The buffers of one write, copied, because the caller's span ends with the call.
using gather = boost::container::static_vector<asio::const_buffer, 8>;

class pending_io {
  public:
    explicit pending_io(executor where) : executor_(where) {}
    pending_io(const pending_io&) = delete;
    pending_io& operator=(const pending_io&) = delete;

    [[nodiscard]] bool active() const noexcept { return handler_.has_value(); }

    // Cancellation completes it with operation_aborted.
    void begin(io_handler handler) {
        slot_ = asio::get_associated_cancellation_slot(handler);
        handler_.emplace(std::move(handler));
        if (slot_.is_connected()) {
            slot_.assign(
                [this](asio::cancellation_type) { complete(asio::error::operation_aborted, 0); });
        }
    }

    // Nothing if none is pending. The handler is posted, never called from inside.
    void complete(error_code error, std::size_t bytes) {
        if (!handler_) return;
        io_handler resume = std::move(*handler_);
        handler_.reset();
        auto slot = std::exchange(slot_, {});
        // May destroy the very function object that called us, which is why it holds only `this`.
        if (slot.is_connected()) slot.clear();
        asio::post(executor_, asio::append(std::move(resume), error, bytes));
    }

  private:
    executor executor_;
    std::optional<io_handler> handler_;
    asio::cancellation_slot slot_;
};

} // namespace rollcall::http
