#include "server.hpp"

#include <algorithm>
#include <array>
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>

#include "../admin.hpp"
#include "../texts.hpp"

namespace rollcall::sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::use_awaitable;
using asio::ip::tcp;
using tls_stream = asio::ssl::stream<tcp::socket>;
using request = http::request<http::string_body>;
using std::string_view;

constexpr auto as_result = asio::as_tuple(use_awaitable);
constexpr std::size_t api_request_bytes_max = 1u << 20;
constexpr std::size_t admin_request_bytes_max = 256u << 20; // a company may be loaded
constexpr std::size_t chunk_bytes = 16u << 10;

mono_time now() {
    return system_time{}.mono_now();
}

tcp::socket& socket_of(tcp::socket& stream) {
    return stream;
}
tcp::socket& socket_of(tls_stream& stream) {
    return stream.next_layer();
}

// Reads one request; nothing when the peer is done or does not speak HTTP.
template <class Stream>
asio::awaitable<std::optional<request>> read_request(Stream& stream, beast::flat_buffer& buffer,
                                                     std::size_t body_bytes_max) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(body_bytes_max);
    const auto [error, bytes] = co_await http::async_read(stream, buffer, parser, as_result);
    if (error) co_return std::nullopt;
    co_return parser.release();
}

std::string head_of(const wire_answer& answer, framing frame) {
    std::string head = "HTTP/1.1 ";
    append_number(head, answer.http_status);
    head += ' ';
    const auto reason = http::obsolete_reason(http::int_to_status(answer.http_status));
    head.append(reason.data(), reason.size());
    head += "\r\nCache-Control: private\r\nContent-Type: ";
    head += answer.content_type;
    head +=
        "\r\nServer: Microsoft-IIS/10.0\r\nX-AspNet-Version: 4.0.30319\r\n"
        "X-Powered-By: ASP.NET\r\nAccess-Control-Allow-Origin: *\r\n";
    if (answer.gzip) head += "Content-Encoding: gzip\r\n";
    if (frame == framing::chunked) {
        head += "Transfer-Encoding: chunked\r\n\r\n";
    } else {
        head += "Content-Length: ";
        append_number(head, answer.body.size());
        head += "\r\n\r\n";
    }
    return head;
}

// Writes the buffers whole; false when the peer went away.
template <class Stream, class Buffers>
asio::awaitable<bool> write_all(Stream& stream, const Buffers& buffers) {
    const auto [error, bytes] = co_await asio::async_write(stream, buffers, as_result);
    co_return !error;
}

template <class Stream>
asio::awaitable<bool> write_chunked(Stream& stream, string_view head, string_view body) {
    if (!co_await write_all(stream, asio::buffer(head))) co_return false;
    while (!body.empty()) {
        const auto piece = asio::buffer(body.data(), std::min(body.size(), chunk_bytes));
        body.remove_prefix(piece.size());
        if (!co_await write_all(stream, http::make_chunk(piece))) co_return false;
    }
    co_return co_await write_all(stream, http::make_chunk_last());
}

// Waits until the peer gives up: nothing more is sent.
template <class Stream>
asio::awaitable<void> outwait(Stream& stream) {
    std::array<char, 512> ignored;
    while (true) {
        const auto [error, bytes] =
            co_await stream.async_read_some(asio::buffer(ignored), as_result);
        if (error) co_return;
    }
}

template <class Stream>
asio::awaitable<bool> drip(Stream& stream, string_view rest) {
    asio::steady_timer timer{co_await asio::this_coro::executor};
    for (; !rest.empty(); rest.remove_prefix(1)) {
        timer.expires_after(seconds{1});
        co_await timer.async_wait(use_awaitable);
        if (!co_await write_all(stream, asio::buffer(rest.data(), 1))) co_return false;
    }
    co_return true;
}

// Sends the answer in its way; false when the connection is over.
template <class Stream>
asio::awaitable<bool> deliver(Stream& stream, const wire_answer& answer, framing frame) {
    tcp::socket& socket = socket_of(stream);
    if (answer.how == delivery::reset_before_answer) {
        socket.set_option(asio::socket_base::linger{true, 0}); // close then sends RST
        socket.close();
        co_return false;
    }
    if (answer.how == delivery::whole && frame == framing::chunked) {
        co_return co_await write_chunked(stream, head_of(answer, frame), answer.body);
    }
    // A fault in the middle needs a promised length to fall short of.
    const std::string head = head_of(answer, framing::content_length);
    const string_view body = answer.body;
    const string_view sent =
        answer.how == delivery::whole ? body : body.substr(0, answer.delivered_bytes);
    const std::array<asio::const_buffer, 2> parts{asio::buffer(head), asio::buffer(sent)};
    if (!co_await write_all(stream, parts)) co_return false;
    switch (answer.how) {
        case delivery::stall: co_await outwait(stream); co_return false;
        case delivery::drip: co_return co_await drip(stream, body.substr(sent.size()));
        case delivery::cut: socket.close(); co_return false;
        case delivery::whole:
        case delivery::reset_before_answer: break;
    }
    co_return true;
}

wire_answer answer_of(service& sim, const request& asked, string_view client_address) {
    const auto text = [](beast::string_view view) { return string_view{view.data(), view.size()}; };
    const bool accepts_gzip =
        text(asked[http::field::accept_encoding]).find("gzip") != string_view::npos;
    return sim.handle({.method = text(asked.method_string()),
                       .target = text(asked.target()),
                       .body = asked.body(),
                       .client_address = client_address,
                       .user_agent = text(asked[http::field::user_agent]),
                       .accepts_gzip = accepts_gzip,
                       .now = now()});
}

template <class Stream>
asio::awaitable<void> serve_api(Stream stream, service& sim, framing frame) {
    boost::system::error_code gone;
    const std::string client = socket_of(stream).remote_endpoint(gone).address().to_string();
    beast::flat_buffer buffer;
    asio::steady_timer timer{co_await asio::this_coro::executor};
    while (true) {
        const auto asked = co_await read_request(stream, buffer, api_request_bytes_max);
        if (!asked) co_return;
        const mono_time arrived = now();
        const wire_answer answer = answer_of(sim, *asked, client);
        if (answer.latency > milliseconds{0}) {
            timer.expires_at(arrived + answer.latency);
            co_await timer.async_wait(use_awaitable);
        }
        if (!co_await deliver(stream, answer, frame) || !asked->keep_alive()) co_return;
    }
}

asio::awaitable<void> serve_tls(tcp::socket socket, service& sim, framing frame,
                                asio::ssl::context& tls) {
    tls_stream stream{std::move(socket), tls};
    const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::server, as_result);
    if (!error) co_await serve_api(std::move(stream), sim, frame);
}

// Posts one webhook when its time has come, and asks nothing: PeopleHR does not say that it repeats
// one that failed.
asio::awaitable<void> post_webhook(webhook_post what) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer{executor, what.after};
    co_await timer.async_wait(use_awaitable);
    string_view rest = string_view{what.url}.substr(string_view{"http://"}.size());
    const auto slash = std::min(rest.find('/'), rest.size());
    const auto authority = std::string{rest.substr(0, slash)};
    const auto path = std::string{slash == rest.size() ? "/" : rest.substr(slash)};
    const auto colon = authority.rfind(':');
    const auto host = authority.substr(0, colon);
    const auto port = colon == std::string::npos ? "80" : authority.substr(colon + 1);
    tcp::resolver resolver{executor};
    const auto places = co_await resolver.async_resolve(host, port, use_awaitable);
    tcp::socket socket{executor};
    co_await asio::async_connect(socket, places, use_awaitable);
    http::request<http::string_body> message{http::verb::post, path, 11};
    message.set(http::field::host, authority);
    message.set(http::field::content_type,
                beast::string_view{what.content_type.data(), what.content_type.size()});
    message.set(http::field::connection, "close");
    message.body() = std::move(what.body);
    message.prepare_payload();
    co_await http::async_write(socket, message, use_awaitable);
    beast::flat_buffer buffer;
    http::response<http::string_body> answer;
    co_await http::async_read(socket, buffer, answer, use_awaitable);
}

// A peer that breaks off is its own business: what a connection throws ends that connection.
void forget(const std::exception_ptr&) {}

asio::awaitable<void> serve_admin(tcp::socket stream, service& sim) {
    beast::flat_buffer buffer;
    while (true) {
        const auto asked = co_await read_request(stream, buffer, admin_request_bytes_max);
        if (!asked) co_return;
        const auto method = asked->method_string();
        const auto target = asked->target();
        const admin_answer done = administer(sim, {method.data(), method.size()},
                                             {target.data(), target.size()}, asked->body());
        for (auto& each : sim.take_webhooks()) {
            asio::co_spawn(stream.get_executor(), post_webhook(std::move(each)), forget);
        }
        std::string head = "HTTP/1.1 ";
        append_number(head, done.http_status);
        head += " -\r\nContent-Type: application/json\r\nContent-Length: ";
        append_number(head, done.body.size());
        head += "\r\n\r\n";
        const std::array<asio::const_buffer, 2> parts{asio::buffer(head), asio::buffer(done.body)};
        if (!co_await write_all(stream, parts) || !asked->keep_alive()) co_return;
    }
}

template <class Serve>
asio::awaitable<void> accept_loop(tcp::acceptor acceptor, Serve serve) {
    const auto executor = co_await asio::this_coro::executor;
    while (true) {
        auto [error, socket] = co_await acceptor.async_accept(as_result);
        if (error == asio::error::operation_aborted) co_return;
        if (error) { // out of descriptors, most likely: let others close first
            asio::steady_timer pause{executor, milliseconds{20}};
            co_await pause.async_wait(use_awaitable);
            continue;
        }
        socket.set_option(tcp::no_delay{true}, error);
        asio::co_spawn(executor, serve(std::move(socket)), forget);
    }
}

template <class Serve>
tcp::endpoint listen(asio::io_context& io, const tcp::endpoint& at, Serve serve) {
    tcp::acceptor acceptor{io, at};
    const tcp::endpoint bound = acceptor.local_endpoint();
    asio::co_spawn(io, accept_loop(std::move(acceptor), std::move(serve)), asio::detached);
    return bound;
}

} // namespace

server::server(asio::io_context& io, service& sim, framing answers)
    : io_(io), sim_(sim), answers_(answers) {}

tcp::endpoint server::listen_http(const tcp::endpoint& at) {
    return listen(io_, at, [this](tcp::socket socket) {
        return serve_api(std::move(socket), sim_, answers_);
    });
}

tcp::endpoint server::listen_https(const tcp::endpoint& at, asio::ssl::context& tls) {
    return listen(io_, at, [this, &tls](tcp::socket socket) {
        return serve_tls(std::move(socket), sim_, answers_, tls);
    });
}

tcp::endpoint server::listen_admin(const tcp::endpoint& at) {
    return listen(io_, at,
                  [this](tcp::socket socket) { return serve_admin(std::move(socket), sim_); });
}

} // namespace rollcall::sim
