#include "rollcall/http/client.hpp"

#include <boost/asio/ip/address.hpp>
#include <charconv>

#include "exchange.hpp"

namespace rollcall::http {
namespace {

// Requests up to this size are sent as one piece: one packet and one TLS record.
constexpr std::size_t joined_bytes_max = 16u << 10;

bool is_clean(std::string_view text) {
    return !text.empty() && std::ranges::none_of(text, [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
    });
}

void append_number(body_buffer& to, std::size_t number) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    to.append({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void append_host(body_buffer& head, const endpoint& to) {
    const bool is_v6 = to.host.find(':') != std::string::npos;
    if (is_v6) head.append("[");
    head.append(to.host);
    if (is_v6) head.append("]");
    if (to.port == (to.tls ? "443" : "80")) return;
    head.append(":");
    head.append(to.port);
}

void write_head(body_buffer& head, const endpoint& to, std::string_view target,
                std::size_t body_bytes, const client_options& options) {
    head.append("POST ");
    head.append(target);
    head.append(" HTTP/1.1\r\nHost: ");
    append_host(head, to);
    head.append("\r\nUser-Agent: ");
    head.append(options.user_agent);
    head.append("\r\nAccept: application/json\r\n");
    if (options.gzip) head.append("Accept-Encoding: gzip\r\n");
    head.append("Content-Type: application/json\r\nContent-Length: ");
    append_number(head, body_bytes);
    head.append("\r\n\r\n");
}

} // namespace

struct client::impl {
    // A list in order of last use, oldest first. It is short: what a few endpoints keep for
    // idle_max.
    struct idle_connection {
        endpoint to;
        std::unique_ptr<io_stream> stream;
        mono_time expires;
    };

    impl(shard& o, connector& n, client_options c) : owner(o), network(n), options(std::move(c)) {}
    ~impl() { owner.cancel(expiry); }
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;

    // The one used last, because it is the least likely to have been closed meanwhile.
    std::unique_ptr<io_stream> take(const endpoint& to) {
        for (auto it = idle.rbegin(); it != idle.rend(); ++it) {
            if (it->to != to) continue;
            auto stream = std::move(it->stream);
            idle.erase(std::next(it).base());
            if (!stream->closed_by_peer()) return stream;
            // The others are older, so they are closed as well.
            forget(to);
            break;
        }
        return nullptr;
    }

    void keep(const endpoint& to, std::unique_ptr<io_stream> stream) {
        const auto same = [&to](const idle_connection& each) { return each.to == to; };
        if (std::ranges::count_if(idle, same) >=
            static_cast<std::ptrdiff_t>(options.idle_connections_max)) {
            return;
        }
        idle.push_back({to, std::move(stream), owner.now() + options.idle_max});
        arm();
    }

    void forget(const endpoint& to) {
        std::erase_if(idle, [&to](const idle_connection& each) { return each.to == to; });
    }

    void arm() {
        if (expiry.entry != nullptr || idle.empty()) return;
        expiry = owner.call_at(idle.front().expires, [this] {
            expiry = {};
            while (!idle.empty() && idle.front().expires <= owner.now()) idle.pop_front();
            arm();
        });
    }

    shard& owner;
    connector& network;
    client_options options;
    std::list<idle_connection> idle;
    pending_call expiry;
};

client::client(shard& owner, connector& network, client_options options)
    : impl_(std::make_unique<impl>(owner, network, std::move(options))) {}

client::~client() = default;

void client::close_idle() noexcept {
    impl_->idle.clear();
}

task<result<client_answer>> client::post(const endpoint& to, std::string_view target,
                                         std::string_view request_body, body_buffer& into,
                                         bool& sent) {
    auto& self = *impl_;
    if (!is_clean(target) || target.front() != '/' || !is_clean(to.host)) {
        co_return errc::invalid_argument;
    }
    const auto deadline = self.owner.now() + self.options.total_max;
    into.resize(0);
    body_buffer head; // wiped when it dies: it may hold the body, and so the API key
    write_head(head, to, target, request_body.size(), self.options);
    if (head.size() + request_body.size() <= joined_bytes_max) {
        head.append(request_body);
        request_body = {};
    }
    auto stream = self.take(to);
    const bool reused = stream != nullptr;
    if (!reused) {
        const auto connect_by = std::min(deadline, self.owner.now() + self.options.connect_max);
        auto connected = co_await self.network.connect(to, connect_by);
        if (!connected) co_return connected.error();
        stream = std::move(*connected);
    }
    exchange one(self.owner, *stream, self.options, into, deadline);
    auto answer = co_await one.run(head.view(), request_body, sent);
    if (answer) {
        answer->reused_connection = reused;
        if (one.reusable()) self.keep(to, std::move(stream));
    } else if (reused) {
        // Not sent again: the peer may have counted the call, and two would be in one slot of the
        // call budget. Whoever asked backs off and asks anew.
        self.forget(to);
    }
    co_return answer;
}

} // namespace rollcall::http
