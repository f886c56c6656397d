// One connection of a server: requests in, answers out, until one side has had enough.
#pragma once
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "rollcall/http/server.hpp"
#include "timed_io.hpp"

namespace rollcall::http {

namespace beast = boost::beast;

class connection {
  public:
    // The references must outlive it.
    connection(shard& owner, io_stream& stream, const router& routes, const server_limits& limits,
               peer from, const logger& log);
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    // As serve_connection.
    [[nodiscard]] task<> serve();
    // Ends serve() after the answer in progress, or at once if none is.
    void drain() noexcept;

  private:
    using parser = beast::http::request_parser<beast::http::string_body>;

    struct received {
        request what;
        std::optional<response> refusal; // in place of what a handler would answer
        bool keep_alive = false;
        bool is_head = false;
        bool may_chunk = false;
    };
    enum class outcome { ok, refused, gone };

    [[nodiscard]] task<std::optional<received>> receive();
    [[nodiscard]] task<outcome> await_first_byte();
    [[nodiscard]] task<outcome> read_header(parser& into);
    [[nodiscard]] task<outcome> read_body(parser& into);
    // Reads once and parses what came; `phase` names what was too slow.
    [[nodiscard]] task<outcome> read_more(mono_time deadline, std::string_view phase);
    [[nodiscard]] outcome parse(parser& into);
    [[nodiscard]] outcome check_header(const parser& into);
    [[nodiscard]] outcome refuse(unsigned status, std::string_view code, std::string_view detail);

    [[nodiscard]] task<response> handle(request incoming);
    [[nodiscard]] task<bool> answer(const received& to, response out);
    [[nodiscard]] task<bool> send(std::string_view head, std::string_view body);
    [[nodiscard]] task<bool> send_stream(const response& out, bool chunked);
    [[nodiscard]] task<> produce(const response& out, bool chunked, bool& complete);
    [[nodiscard]] task<> watch_peer();
    [[nodiscard]] task<> linger();
    void log_failure(const std::exception_ptr& error) const;

    shard& owner_;
    io_stream& stream_;
    const router& routes_;
    const server_limits& limits_;
    peer from_;
    const logger& log_;
    beast::flat_buffer input_;
    std::optional<response> refusal_;
    bool first_ = true;    // no request has been answered yet
    bool waiting_ = false; // for the first byte of a request
    bool draining_ = false;
};

// The status line and the header of a response; `body_bytes` is nothing for a stream.
[[nodiscard]] std::string head_of(const response& out, wall_time now,
                                  std::optional<std::size_t> body_bytes, bool chunked,
                                  bool keep_alive);

} // namespace rollcall::http
