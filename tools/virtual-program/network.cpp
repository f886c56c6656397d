#include "virtual-program/network.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace rollcall::sim {

namespace beast_http = boost::beast::http;

network::network(shard& home, service& peoplehr, call_observer on_call)
    : home_(home), peoplehr_(peoplehr), on_call_(std::move(on_call)), servers_(home) {}

task<result<std::unique_ptr<http::io_stream>>> network::connect(const http::endpoint& to,
                                                                mono_time deadline) {
    auto& random = home_.random();
    const auto delay = random.chance(faults_.slow) ? milliseconds{random.between(1'000, 15'000)}
                                                   : milliseconds{random.between(5, 40)};
    if (home_.now() + delay > deadline) {
        co_await home_.sleep_until(deadline);
        co_return errc::deadline_exceeded;
    }
    co_await home_.sleep_for(delay);
    if (cut_ || random.chance(faults_.refuse)) {
        ++refused_;
        co_return errc::connection_failed;
    }
    http::pipe_options options;
    options.latency = milliseconds{random.between(1, 20)};
    options.read_bytes_max =
        read_bytes_ != 0 ? read_bytes_ : static_cast<std::size_t>(random.between(500, 70'000));
    auto [ours, theirs] = http::make_pipe(home_, options);
    open_.push_back(theirs.get());
    servers_.spawn(serve(std::move(theirs), to.source_address));
    co_return std::unique_ptr<http::io_stream>(std::move(ours));
}

void network::cut() {
    cut_ = true;
    for (auto* each : open_) each->abort();
}

task<> network::stop() {
    for (auto* each : open_) each->abort();
    servers_.cancel();
    co_await servers_.join();
}

task<> network::serve(std::unique_ptr<http::memory_stream> stream, std::string source_address) {
    struct forget {
        std::vector<http::memory_stream*>& all;
        http::memory_stream* which;
        ~forget() { std::erase(all, which); }
    } const at_end{open_, stream.get()};
    boost::beast::flat_buffer buffer;
    for (;;) {
        beast_http::request<beast_http::string_body> request;
        const auto [read_error, read] =
            co_await beast_http::async_read(*stream, buffer, request, use_tuple);
        if (read_error) co_return;
        wire_request wire;
        wire.target = request.target();
        wire.body = request.body();
        const auto agent = request[beast_http::field::user_agent];
        wire.user_agent = {agent.data(), agent.size()};
        wire.accepts_gzip =
            request[beast_http::field::accept_encoding].find("gzip") != boost::string_view::npos;
        wire.now = home_.now();
        if (!source_address.empty()) wire.client_address = source_address;
        auto answer = peoplehr_.handle(wire);
        on_call_(wire, answer);
        co_await home_.sleep_for(answer.latency);
        if (answer.how == delivery::reset_before_answer) {
            stream->abort();
            co_return;
        }
        std::string head = "HTTP/1.1 " + std::to_string(answer.http_status) +
                           " X\r\nContent-Type: " + std::string(answer.content_type) +
                           "\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n" +
                           (answer.gzip ? "Content-Encoding: gzip\r\n" : "") + "\r\n";
        const bool whole = answer.how == delivery::whole;
        const auto first =
            whole ? answer.body.size() : std::min(answer.delivered_bytes, answer.body.size());
        head.append(answer.body, 0, first);
        const auto [write_error, written] =
            co_await asio::async_write(*stream, asio::buffer(head), use_tuple);
        if (write_error) co_return;
        if (answer.how == delivery::cut) {
            stream->close();
            co_return;
        }
        if (answer.how == delivery::stall) {
            char nothing = 0; // until the other side gives up
            co_await stream->async_read_some(asio::buffer(&nothing, 1), use_tuple);
            co_return;
        }
        for (auto at = first; at < answer.body.size(); ++at) {
            co_await home_.sleep_for(seconds{1});
            const auto [drip_error, one] =
                co_await asio::async_write(*stream, asio::buffer(&answer.body[at], 1), use_tuple);
            if (drip_error) co_return;
        }
    }
}

} // namespace rollcall::sim
