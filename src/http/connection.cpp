// The answering half of a connection, and its course.
#include "connection.hpp"

#include <absl/time/time.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/core/demangle.hpp>
#include <boost/system/system_error.hpp>
#include <charconv>

namespace rollcall::http {
namespace {

constexpr std::size_t linger_bytes_max = 1u << 20;
constexpr seconds linger_max{1};

bool is_token_safe(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
}

std::string date_of(wall_time now) {
    return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::FromChrono(now),
                            absl::UTCTimeZone());
}

void add_field(std::string& head, std::string_view name, std::string_view value) {
    // A value with a line break would let a peer's text write fields of its own.
    if (!is_token_safe(name) || !is_token_safe(value)) return;
    head.append(name).append(": ").append(value).append("\r\n");
}

std::string chunk_of(std::string_view text) {
    std::array<char, 18> size;
    auto* const end = std::to_chars(size.data(), size.data() + 16, text.size(), 16).ptr;
    std::string out;
    out.reserve(text.size() + 20);
    return out.append(size.data(), end).append("\r\n").append(text).append("\r\n");
}

} // namespace

std::string head_of(const response& out, wall_time now, std::optional<std::size_t> body_bytes,
                    bool chunked, bool keep_alive) {
    const auto reason = beast::http::obsolete_reason(beast::http::int_to_status(out.status));
    std::string head = "HTTP/1.1 " + std::to_string(out.status) + ' ';
    head.append(reason.data(), reason.size()).append("\r\n");
    add_field(head, "Date", date_of(now));
    const bool bodiless = out.status == 204 || out.status == 304;
    if (!bodiless) add_field(head, "Content-Type", out.content_type);
    bool caches = false;
    for (const auto& [name, value] : out.headers) {
        caches = caches || beast::iequals(name, "Cache-Control");
        add_field(head, name, value);
    }
    // Answers tell of people: no cache on the way keeps them unless a handler says so.
    if (!caches) add_field(head, "Cache-Control", "no-store");
    add_field(head, "X-Content-Type-Options", "nosniff");
    if (chunked) add_field(head, "Transfer-Encoding", "chunked");
    if (body_bytes && !bodiless) add_field(head, "Content-Length", std::to_string(*body_bytes));
    add_field(head, "Connection", keep_alive ? "keep-alive" : "close");
    return head.append("\r\n");
}

connection::connection(shard& owner, io_stream& stream, const router& routes,
                       const server_limits& limits, peer from, const logger& log)
    : owner_(owner),
      stream_(stream),
      routes_(routes),
      limits_(limits),
      from_(std::move(from)),
      log_(log) {}

task<> connection::serve() {
    if (from_.uid >= 0) {
        log_.info("control.connected",
                  {{"pid", from_.pid}, {"uid", from_.uid}, {"gid", from_.gid}});
    } else {
        log_.debug("http.connected", {{"peer", from_.address}});
    }
    for (bool more = true; more && !draining_;) {
        auto got = co_await receive();
        if (!got) break;
        const bool refused = got->refusal.has_value() && !got->keep_alive;
        auto out = got->refusal ? std::move(*got->refusal) : co_await handle(std::move(got->what));
        more = co_await answer(*got, std::move(out));
        if (refused) co_await linger();
    }
    stream_.close();
}

void connection::drain() noexcept {
    draining_ = true;
    if (waiting_) stream_.close();
}

task<response> connection::handle(request incoming) {
    std::exception_ptr error;
    try {
        co_return co_await routes_.dispatch(std::move(incoming));
    } catch (...) {
        error = std::current_exception();
    }
    if ((co_await asio::this_coro::cancellation_state).cancelled() !=
        asio::cancellation_type::none) {
        std::rethrow_exception(error);
    }
    log_failure(error);
    co_return problem({errc::bug, "The request failed inside the server; its log says more."});
}

// An exception's text may quote what it choked on, and that may be about a person: only its type is
// told.
void connection::log_failure(const std::exception_ptr& error) const {
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
        log_.error("http.handler_failed", {{"error", e.code().message()}});
    } catch (const std::exception& e) {
        log_.error("http.handler_failed", {{"error", boost::core::demangle(typeid(e).name())}});
    } catch (...) {
        log_.error("http.handler_failed", {{"error", "not a std::exception"}});
    }
}

// False if the connection cannot go on.
task<bool> connection::answer(const received& to, response out) {
    const bool keep = to.keep_alive && !draining_;
    if (out.next) {
        const bool chunked = to.may_chunk;
        const bool goes_on = keep && chunked;
        const auto head = head_of(out, owner_.wall_now(), std::nullopt, chunked, goes_on);
        if (!co_await send(head, {})) co_return false;
        if (to.is_head) co_return goes_on;
        co_return co_await send_stream(out, chunked) && goes_on;
    }
    const auto head = head_of(out, owner_.wall_now(), out.body.size(), false, keep);
    const bool bodiless = to.is_head || out.status == 204 || out.status == 304;
    co_return co_await send(head, bodiless ? std::string_view{} : out.body) && keep;
}

task<bool> connection::send(std::string_view head, std::string_view body) {
    const auto written = co_await write_all_before(
        owner_, stream_, {asio::buffer(head), asio::buffer(body)}, limits_.write_max);
    co_return !written.error;
}

// Writes chunks until the end, or until the peer goes: a handler may wait for its next chunk for
// hours.
task<bool> connection::send_stream(const response& out, bool chunked) {
    using namespace asio::experimental::awaitable_operators;
    bool complete = false;
    try {
        co_await (produce(out, chunked, complete) || watch_peer());
    } catch (const asio::multiple_exceptions&) {
        // Both were cancelled, with us.
    }
    if ((co_await asio::this_coro::cancellation_state).cancelled() !=
        asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    co_return complete;
}

task<> connection::produce(const response& out, bool chunked, bool& complete) {
    std::exception_ptr error;
    try {
        for (;;) {
            const auto text = co_await out.next();
            if (text.empty()) break;
            if (!co_await send(chunked ? chunk_of(text) : text, {})) co_return;
        }
        complete = !chunked || co_await send("0\r\n\r\n", {});
        co_return;
    } catch (...) {
        error = std::current_exception();
    }
    if ((co_await asio::this_coro::cancellation_state).cancelled() !=
        asio::cancellation_type::none) {
        std::rethrow_exception(error);
    }
    // The stream ends without its last chunk, which is how the peer sees that it is not whole.
    log_failure(error);
}

// Ends when the peer has closed its side. What it sends meanwhile is the next request.
task<> connection::watch_peer() {
    while (input_.size() < limits_.header_bytes_max) {
        const auto got = co_await read_some_before(owner_, stream_, input_.prepare(1024),
                                                   owner_.now() + hours{24});
        input_.commit(got.bytes);
        if (got.error && !got.expired) co_return;
    }
    for (;;) co_await owner_.sleep_for(hours{24});
}

// Takes in what a refused peer still sends: closing with bytes unread may reset the connection
// before the peer has read why (RFC 9112, 9.6).
task<> connection::linger() {
    const auto deadline = owner_.now() + linger_max;
    std::size_t taken = 0;
    while (taken < linger_bytes_max) {
        input_.clear();
        const auto got =
            co_await read_some_before(owner_, stream_, input_.prepare(16u << 10), deadline);
        if (got.error) co_return;
        taken += got.bytes;
    }
}

task<> serve_connection(shard& owner, io_stream& stream, const router& routes,
                        const server_limits& limits, peer from, const logger& log) {
    connection one(owner, stream, routes, limits, std::move(from), log);
    co_await one.serve();
}

} // namespace rollcall::http
