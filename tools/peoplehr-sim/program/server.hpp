// Serves a simulated PeopleHR and its admin address over real sockets: HTTP/1.1 with keep-alive,
// plain and TLS, with the delivery faults done for real. One thread: the io_context's.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "../service.hpp"

namespace rollcall::sim {

enum class framing { content_length, chunked };

class server {
  public:
    // Keeps references: io, sim and the TLS context have to outlive the run of io.
    server(boost::asio::io_context& io, service& sim, framing answers);

    // Each starts to listen and returns the address it got (port 0 picks one). Throws
    // boost::system::system_error when the address cannot be bound.
    boost::asio::ip::tcp::endpoint listen_http(const boost::asio::ip::tcp::endpoint& at);
    boost::asio::ip::tcp::endpoint listen_https(const boost::asio::ip::tcp::endpoint& at,
                                                boost::asio::ssl::context& tls);
    boost::asio::ip::tcp::endpoint listen_admin(const boost::asio::ip::tcp::endpoint& at);

  private:
    boost::asio::io_context& io_;
    service& sim_;
    framing answers_;
};

} // namespace rollcall::sim
