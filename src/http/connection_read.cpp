// The reading half of a connection: a request, or the problem that stands in its place.
#include <boost/beast/http/error.hpp>

#include "connection.hpp"
#include "target.hpp"

namespace rollcall::http {
namespace {

namespace http = beast::http;

constexpr std::size_t read_bytes = 16u << 10;

std::string_view view(beast::string_view text) {
    return {text.data(), text.size()};
}

} // namespace

auto connection::refuse(unsigned status, std::string_view code, std::string_view detail)
    -> outcome {
    refusal_ =
        problem(status, code, view(http::obsolete_reason(http::int_to_status(status))), detail);
    return outcome::refused;
}

task<std::optional<connection::received>> connection::receive() {
    parser incoming;
    incoming.eager(true);
    incoming.header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
    incoming.body_limit(limits_.body_bytes_max);
    refusal_.reset();
    auto progress = co_await await_first_byte();
    if (progress == outcome::ok) progress = co_await read_header(incoming);
    if (progress == outcome::ok) progress = co_await read_body(incoming);
    first_ = false;
    if (progress == outcome::gone) co_return std::nullopt;

    received out;
    out.refusal = std::move(refusal_);
    out.is_head = incoming.is_header_done() && incoming.get().method() == http::verb::head;
    if (out.refusal) co_return out;
    auto message = incoming.release();
    auto parts = split_target(view(message.target()));
    out.keep_alive = message.keep_alive();
    out.may_chunk = message.version() >= 11;
    if (!parts) {
        out.refusal = problem(400, "bad_request", "Bad Request", "The address is malformed.");
        co_return out;
    }
    out.what.method = std::string(message.method_string());
    out.what.path = std::move(parts->path);
    out.what.raw_path = std::move(parts->raw_path);
    out.what.query = std::move(parts->query);
    out.what.content_type = std::string(message[http::field::content_type]);
    out.what.last_event_id = std::string(message["Last-Event-ID"]);
    out.what.body = std::move(message.body());
    out.what.forwarded_for = std::string(message["X-Forwarded-For"]);
    out.what.from = from_;
    co_return out;
}

// Nothing is owed to a peer that is silent between requests: it is left without a word.
task<connection::outcome> connection::await_first_byte() {
    if (first_ || input_.size() != 0) co_return outcome::ok;
    const auto deadline = owner_.now() + limits_.idle_max;
    waiting_ = true;
    const auto got =
        co_await read_some_before(owner_, stream_, input_.prepare(read_bytes), deadline);
    waiting_ = false;
    input_.commit(got.bytes);
    co_return got.error ? outcome::gone : outcome::ok;
}

task<connection::outcome> connection::read_header(parser& into) {
    const auto deadline = owner_.now() + limits_.header_max;
    while (!into.is_header_done()) {
        if (const auto parsed = parse(into); parsed != outcome::ok) co_return parsed;
        if (into.is_header_done()) break;
        waiting_ = input_.size() == 0 && !into.got_some();
        const auto got = co_await read_more(deadline, "header");
        waiting_ = false;
        if (got != outcome::ok) co_return got;
    }
    co_return check_header(into);
}

task<connection::outcome> connection::read_body(parser& into) {
    if (into.is_done()) co_return outcome::ok;
    if (beast::iequals(into.get()[http::field::expect], "100-continue") && input_.size() == 0) {
        if (!co_await send("HTTP/1.1 100 Continue\r\n\r\n", {})) co_return outcome::gone;
    }
    const auto deadline = owner_.now() + limits_.body_max;
    // What frames the chunks, extensions and trailers included, is bounded with them.
    const auto wire_bytes_max = 2 * limits_.body_bytes_max + (std::size_t{64} << 10);
    std::size_t wire_bytes = 0;
    while (!into.is_done()) {
        if (const auto got = co_await read_more(deadline, "body"); got != outcome::ok) {
            co_return got;
        }
        wire_bytes += input_.size();
        if (wire_bytes > wire_bytes_max) {
            co_return refuse(413, "request_too_large",
                             "The chunks of the body are framed by too much.");
        }
        if (const auto parsed = parse(into); parsed != outcome::ok) co_return parsed;
    }
    co_return outcome::ok;
}

task<connection::outcome> connection::read_more(mono_time deadline, std::string_view phase) {
    const auto got =
        co_await read_some_before(owner_, stream_, input_.prepare(read_bytes), deadline);
    input_.commit(got.bytes);
    if (got.expired) {
        if (waiting_) co_return outcome::gone;
        co_return refuse(408, "request_timeout",
                         "The request's " + std::string(phase) + " took too long.");
    }
    co_return got.error ? outcome::gone : outcome::ok;
}

connection::outcome connection::parse(parser& into) {
    if (input_.size() == 0) return outcome::ok;
    error_code error;
    input_.consume(into.put(input_.data(), error));
    if (!error || error == http::error::need_more) return outcome::ok;
    if (error == http::error::body_limit) {
        return refuse(
            413, "request_too_large",
            "The body is longer than " + std::to_string(limits_.body_bytes_max) + " bytes.");
    }
    if (error == http::error::header_limit) {
        return refuse(
            431, "header_too_large",
            "The header is longer than " + std::to_string(limits_.header_bytes_max) + " bytes.");
    }
    if (error == http::error::bad_version) {
        return refuse(505, "version_not_supported", "This server speaks HTTP/1.1.");
    }
    return refuse(400, "bad_request", "The request is not HTTP.");
}

// What the parser lets pass and this server does not do.
connection::outcome connection::check_header(const parser& into) {
    const auto& header = into.get();
    const auto encoding = header[http::field::transfer_encoding];
    if (!encoding.empty() && !beast::iequals(encoding, "chunked")) {
        return refuse(501, "not_implemented", "The only transfer encoding here is chunked.");
    }
    if (!header[http::field::content_encoding].empty()) {
        return refuse(415, "unsupported_encoding", "Bodies are taken without content encoding.");
    }
    // Exactly one Host, or it is not clear who was meant (RFC 9112, 3.2).
    if (header.count(http::field::host) != 1 && header.version() >= 11) {
        return refuse(400, "bad_request", "A request has one Host field.");
    }
    return outcome::ok;
}

} // namespace rollcall::http
