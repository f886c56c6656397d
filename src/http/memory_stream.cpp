#include "rollcall/http/memory_stream.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>

#include "pending_io.hpp"

namespace rollcall::http {
namespace {

const error_code aborted = asio::error::operation_aborted;

// One direction of a pipe. Both ends hold it, so that what was written outlives the writer.
class channel {
  public:
    channel(shard& owner, const pipe_options& options)
        : shard_(owner),
          options_(options),
          reader_(owner.get_executor()),
          writer_(owner.get_executor()) {}
    ~channel() { shard_.cancel(wake_); }
    channel(const channel&) = delete;
    channel& operator=(const channel&) = delete;

    void read(asio::mutable_buffer into, io_handler handler) {
        into_ = into;
        reader_.begin(std::move(handler));
        if (into_.size() == 0) return reader_.complete({}, 0);
        pump();
    }

    void write(std::span<const asio::const_buffer> from, io_handler handler) {
        from_.assign(from.begin(), from.end());
        writer_.begin(std::move(handler));
        if (reader_gone_) return writer_.complete(lost(), 0);
        pump();
    }

    void close_writer() {
        writer_.complete(aborted, 0);
        if (!end_) end_ = shard_.now() + options_.latency;
        pump();
    }

    void close_reader() {
        reader_.complete(aborted, 0);
        reader_gone_ = true;
        drop();
        writer_.complete(lost(), 0);
    }

    // What is under way is lost, in both senses of the word.
    void abort() {
        broken_ = true;
        drop();
        reader_.complete(asio::error::connection_reset, 0);
        writer_.complete(asio::error::connection_reset, 0);
    }

    // The end has travelled, and nothing is before it.
    [[nodiscard]] bool is_over() const noexcept {
        return broken_ || (end_ && *end_ <= shard_.now()) || !segments_.empty();
    }

  private:
    struct segment {
        mono_time due;
        std::string bytes;
        std::size_t taken = 0;
    };

    [[nodiscard]] error_code lost() const {
        if (broken_) return asio::error::connection_reset;
        return asio::error::broken_pipe;
    }

    void drop() {
        segments_.clear();
        unread_ = 0;
        shard_.cancel(wake_);
    }

    void pump() {
        accept();
        deliver();
        accept();
    }

    void accept() {
        if (!writer_.active()) return;
        if (broken_) return writer_.complete(asio::error::connection_reset, 0);
        const auto wanted = asio::buffer_size(from_);
        const auto room = options_.buffer_bytes - std::min(options_.buffer_bytes, unread_);
        const auto count = std::min(wanted, room);
        if (count == 0 && wanted != 0) return;
        std::string bytes(count, '\0');
        asio::buffer_copy(asio::buffer(bytes), from_);
        unread_ += count;
        segments_.push_back({shard_.now() + options_.latency, std::move(bytes)});
        writer_.complete({}, count);
    }

    void deliver() {
        if (!reader_.active()) return;
        if (broken_) return reader_.complete(asio::error::connection_reset, 0);
        const auto now = shard_.now();
        if (const auto count = take(now); count != 0) return reader_.complete({}, count);
        if (segments_.empty() && end_ && *end_ <= now) {
            return reader_.complete(asio::error::eof, 0);
        }
        arm();
    }

    // Copies what is due and fits.
    std::size_t take(mono_time now) {
        auto* to = static_cast<char*>(into_.data());
        const auto most = std::min(into_.size(), options_.read_bytes_max);
        std::size_t count = 0;
        while (count < most && !segments_.empty() && segments_.front().due <= now) {
            auto& from = segments_.front();
            const auto part = std::min(most - count, from.bytes.size() - from.taken);
            std::memcpy(to + count, from.bytes.data() + from.taken, part);
            from.taken += part;
            count += part;
            if (from.taken == from.bytes.size()) segments_.pop_front();
        }
        unread_ -= count;
        return count;
    }

    // Wakes the waiting reader when the next bytes, or the end, have travelled.
    void arm() {
        if (segments_.empty() && !end_) return;
        shard_.cancel(wake_);
        wake_ = shard_.call_at(segments_.empty() ? *end_ : segments_.front().due, [this] {
            wake_ = {};
            pump();
        });
    }

    shard& shard_;
    pipe_options options_;
    std::deque<segment> segments_;
    std::size_t unread_ = 0;
    std::optional<mono_time> end_;
    bool broken_ = false;
    bool reader_gone_ = false;
    asio::mutable_buffer into_;
    gather from_;
    pending_io reader_;
    pending_io writer_;
    pending_call wake_;
};

class pipe_end final : public memory_stream {
  public:
    pipe_end(shard& owner, std::shared_ptr<channel> in, std::shared_ptr<channel> out)
        : executor_(owner.get_executor()), in_(std::move(in)), out_(std::move(out)) {}
    ~pipe_end() override { pipe_end::close(); }
    pipe_end(const pipe_end&) = delete;
    pipe_end& operator=(const pipe_end&) = delete;

    executor_type get_executor() override { return executor_; }

    void start_read(asio::mutable_buffer into, io_handler handler) override {
        if (closed_) return refuse(std::move(handler));
        in_->read(into, std::move(handler));
    }

    void start_write(std::span<const asio::const_buffer> from, io_handler handler) override {
        if (closed_) return refuse(std::move(handler));
        out_->write(from, std::move(handler));
    }

    void close() noexcept override {
        if (std::exchange(closed_, true)) return;
        in_->close_reader();
        out_->close_writer();
    }

    [[nodiscard]] bool closed_by_peer() noexcept override { return closed_ || in_->is_over(); }

    void abort() noexcept override {
        if (closed_) return;
        out_->abort();
        in_->abort();
        close();
    }

  private:
    void refuse(io_handler handler) {
        asio::post(executor_,
                   asio::append(std::move(handler), error_code(asio::error::bad_descriptor), 0u));
    }

    executor executor_;
    std::shared_ptr<channel> in_;
    std::shared_ptr<channel> out_;
    bool closed_ = false;
};

} // namespace

std::pair<std::unique_ptr<memory_stream>, std::unique_ptr<memory_stream>> make_pipe(
    shard& owner, pipe_options options) {
    auto there = std::make_shared<channel>(owner, options);
    auto back = std::make_shared<channel>(owner, options);
    return {std::make_unique<pipe_end>(owner, back, there),
            std::make_unique<pipe_end>(owner, there, back)};
}

} // namespace rollcall::http
