// The HTTP/1.1 server of every listener: control socket, metrics, later webhooks and console.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "rollcall/async/task_group.hpp"
#include "rollcall/core/log.hpp"
#include "rollcall/http/stream.hpp"

namespace rollcall::http {

// Who is at the other end.
struct peer {
    std::string address; // "127.0.0.1:1234", or "unix"
    int pid = -1;        // SO_PEERCRED of a UNIX socket, -1 otherwise
    int uid = -1;
    int gid = -1;
};

struct request {
    std::string method;
    std::string path;     // decoded, without the query
    std::string raw_path; // as sent: the router splits this one, so that %2F stays inside a segment
    std::map<std::string, std::string> query;      // decoded
    std::map<std::string, std::string> parameters; // of the route: "/v1/tenants/{tenant}"
    std::string content_type;
    std::string last_event_id; // of a reader of server-sent events that comes back
    std::string body;
    std::string forwarded_for; // X-Forwarded-For as sent: anybody can write it
    peer from;
};

// A response is whole, or a stream of chunks (newline-separated JSON of a progress) where `next` is
// set.
struct response {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    // Gives the next chunk, and an empty one at the end. Awaited until then or until the peer goes.
    std::function<task<std::string>()> next;
};

[[nodiscard]] response json_response(const boost::json::value& value, unsigned status = 200);

// RFC 9457 problem+json: {"type":"urn:rollcall:problem:CODE","title":…,"status":…,"detail":…} and
// `extra` members. `code` is a name_of(errc) or a more special word.
[[nodiscard]] response problem(unsigned status, std::string_view code, std::string_view title,
                               std::string_view detail, boost::json::object extra = {});
// The problem that an errc means to a client, with the usual status for it.
[[nodiscard]] response problem(const failure& what);

using handler = std::function<task<response>(request)>;

// Finds the handler of a request: a table of method and path pattern, searched in order. A path
// that no pattern matches is a 404 problem; one that matches with another method is a 405 with
// Allow.
class router {
  public:
    // Pattern segments in braces bind to one non-empty segment: "/v1/tenants/{tenant}/users".
    void add(std::string method, std::string pattern, handler what);
    [[nodiscard]] task<response> dispatch(request incoming) const;
    struct route {
        std::string method;
        std::string pattern;
        handler what;
    };
    [[nodiscard]] const std::vector<route>& routes() const noexcept { return routes_; }

  private:
    std::vector<route> routes_;
};

struct server_limits {
    std::size_t connections_max = 64;
    std::size_t header_bytes_max = 8u << 10;
    std::size_t body_bytes_max = 1u << 20;
    nanoseconds header_max =
        seconds{10}; // from connect or the last answer's next byte to a whole header
    nanoseconds body_max = seconds{30};
    nanoseconds idle_max = seconds{60};
    nanoseconds write_max = seconds{60}; // without progress
};

// Serves one connection until it closes, breaks a limit, or is cancelled. Malformed, huge and slow
// requests get a problem+json answer where the connection still allows one. An exception of a
// handler is a 500 problem, logged and counted, and nothing of it is shown.
[[nodiscard]] task<> serve_connection(shard& owner, io_stream& stream, const router& routes,
                                      const server_limits& limits, peer from, const logger& log);

// A listener: accepts, and serves each connection in a task_group of its own.
class server {
  public:
    server(shard& owner, const router& routes, server_limits limits, logger log);
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    // Binds and listens. The UNIX socket gets `mode`; a stale socket file is replaced, a live one
    // is not.
    [[nodiscard]] result<void> listen_unix(const std::string& path, unsigned mode);
    // `address` is "127.0.0.1:9464" or "[::1]:9464"; port 0 picks one, which bound_address() then
    // tells.
    [[nodiscard]] result<void> listen_tcp(const std::string& address);
    [[nodiscard]] std::string bound_address() const;
    // Starts to accept. Over connections_max the newest connection is closed with a 503 problem.
    void start();
    // Stops accepting, lets answers in progress finish until `grace` has passed, then cancels.
    // Idempotent.
    [[nodiscard]] task<> stop(nanoseconds grace = seconds{5});
    [[nodiscard]] std::size_t connections() const noexcept;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace rollcall::http
