// A network of pipes for tests of the client: the other end of each connection follows a script.
#pragma once
#include <deque>
#include <string>
#include <vector>

#include "rollcall/async/task_group.hpp"
#include "rollcall/async/virtual_time.hpp"
#include "rollcall/http/client.hpp"
#include "rollcall/http/memory_stream.hpp"

namespace rollcall::http {

// What the peer does once it has read a whole request.
struct reply {
    std::string bytes;
    enum class then { stay, close, abort } after = then::stay;
    std::size_t drip_bytes = 0; // this many at a time, one a second; 0: all at once
};

class scripted_network final : public connector {
  public:
    scripted_network(shard& owner, std::deque<std::vector<reply>> connections)
        : scripts_(std::move(connections)), shard_(owner), group_(owner) {}

    pipe_options options;
    std::vector<std::string> requests;
    std::size_t connections = 0;
    std::size_t ended = 0; // scripts that saw their connection close
    errc refusal = errc::ok;

    task<result<std::unique_ptr<io_stream>>> connect(const endpoint&, mono_time) override {
        ++connections;
        if (refusal != errc::ok) co_return refusal;
        auto [near, far] = make_pipe(shard_, options);
        std::vector<reply> script;
        if (!scripts_.empty()) {
            script = std::move(scripts_.front());
            scripts_.pop_front();
        }
        group_.spawn(play(std::move(far), std::move(script)));
        co_return std::unique_ptr<io_stream>(std::move(near));
    }

    task<> stop() {
        group_.cancel();
        co_await group_.join();
    }

  private:
    task<> play(std::unique_ptr<memory_stream> stream, std::vector<reply> script) {
        for (const auto& each : script) {
            if (!co_await read_request(*stream)) {
                ++ended;
                co_return;
            }
            const auto step = each.drip_bytes == 0 ? each.bytes.size() : each.drip_bytes;
            for (std::size_t sent = 0; sent < each.bytes.size();) {
                const auto part = std::string_view(each.bytes).substr(sent, step);
                const auto [error, count] =
                    co_await stream->async_write_some(asio::buffer(part), use_tuple);
                if (error) {
                    ++ended;
                    co_return;
                }
                sent += count;
                if (each.drip_bytes != 0) co_await shard_.sleep_for(seconds{1});
            }
            if (each.after == reply::then::close) co_return;
            if (each.after == reply::then::abort) co_return stream->abort();
        }
        co_await read_request(*stream);
        ++ended;
    }

    // Reads up to the end of a body of Content-Length; false at the end of the connection.
    task<bool> read_request(memory_stream& stream) {
        std::string text;
        for (;;) {
            const auto header = text.find("\r\n\r\n");
            if (header != std::string::npos) {
                const auto at = text.find("Content-Length: ");
                const auto length = std::stoul(text.substr(at + 16));
                if (text.size() >= header + 4 + length) break;
            }
            std::array<char, 4096> piece;
            const auto [error, count] =
                co_await stream.async_read_some(asio::buffer(piece), use_tuple);
            if (error) co_return false;
            text.append(piece.data(), count);
        }
        requests.push_back(std::move(text));
        co_return true;
    }

    std::deque<std::vector<reply>> scripts_;
    shard& shard_;
    task_group group_;
};

} // namespace rollcall::http
