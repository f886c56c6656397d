// The real network: TLS and TCP over the loopback.
#include "rollcall/http/network.hpp"

#include <gtest/gtest.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <fstream>

#include "certificate.hpp"
#include "real_loop.hpp"
#include "rollcall/http/client.hpp"
#include "rollcall/http/egress_fault.hpp"

namespace rollcall::http {
namespace {

using tcp = asio::ip::tcp;
using tcp_socket = asio::basic_stream_socket<tcp, executor>;

enum class manner { answer, say_nothing };

// Accepts on 127.0.0.1 and answers one request on each connection.
class tls_peer {
  public:
    tls_peer(real_loop& loop, const certificate& shown, manner how = manner::answer)
        : loop_(loop),
          how_(how),
          acceptor_(loop.home().get_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          group_(loop.home()) {
        tls.use_certificate_chain(asio::buffer(shown.pem));
        tls.use_private_key(asio::buffer(shown.key_pem), asio::ssl::context::pem);
        group_.spawn(accept());
    }
    ~tls_peer() {
        group_.cancel();
        loop_.run(group_.join());
    }
    tls_peer(const tls_peer&) = delete;
    tls_peer& operator=(const tls_peer&) = delete;

    asio::ssl::context tls{asio::ssl::context::tls_server};
    std::string seen_name; // SNI
    std::string seen_address;
    std::size_t accepted = 0;

    [[nodiscard]] endpoint at(std::string host) {
        return {std::move(host), std::to_string(acceptor_.local_endpoint().port()), true, ""};
    }

  private:
    task<> accept() {
        for (;;) {
            auto [error, socket] = co_await acceptor_.async_accept(use_tuple);
            if (error) co_return;
            ++accepted;
            seen_address = socket.remote_endpoint().address().to_string();
            group_.spawn(serve(std::move(socket)));
        }
    }
    task<> serve(tcp_socket socket) {
        if (how_ == manner::say_nothing) {
            char byte = 0;
            while (
                !std::get<0>(co_await socket.async_read_some(asio::buffer(&byte, 1), use_tuple))) {
            }
            co_return;
        }
        asio::ssl::stream<tcp_socket> stream(std::move(socket), tls);
        const auto [error] =
            co_await stream.async_handshake(asio::ssl::stream_base::server, use_tuple);
        if (error) co_return;
        const auto* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
        seen_name = name != nullptr ? name : "";
        std::array<char, 2000> request;
        static_cast<void>(co_await stream.async_read_some(asio::buffer(request), use_tuple));
        static constexpr std::string_view text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        static_cast<void>(co_await asio::async_write(stream, asio::buffer(text), use_tuple));
    }

    real_loop& loop_;
    manner how_;
    asio::basic_socket_acceptor<tcp, executor> acceptor_;
    task_group group_;
};

class SystemNetwork : public testing::Test {
  protected:
    real_loop loop;
    scratch_directory directory;
    const certificate by_name = make_certificate("rollcall test", "DNS:localhost");
    const certificate by_address = make_certificate("rollcall test", "IP:127.0.0.1");

    std::string trust(const certificate& what) {
        auto path = directory.file("ca.pem");
        std::ofstream(path) << what.pem;
        return path;
    }
    // What a whole request gives.
    result<client_answer> post(const endpoint& to, const std::string& ca_file) {
        system_network network(loop.home(), loop.resolver(), {ca_file});
        client http(loop.home(), network, {});
        bool sent = false;
        return loop.run(http.post(to, "/", "{}", body, sent));
    }
    body_buffer body;
};

TEST_F(SystemNetwork, SpeaksTlsWithAPeerOfTheRightName) {
    tls_peer peer(loop, by_name);
    const auto answer = post(peer.at("localhost"), trust(by_name));
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(body.view(), "ok");
    EXPECT_EQ(peer.seen_name, "localhost");
}

TEST_F(SystemNetwork, AcceptsAnAddressThatTheCertificateNames) {
    tls_peer peer(loop, by_address);
    EXPECT_TRUE(post(peer.at("127.0.0.1"), trust(by_address)));
    EXPECT_EQ(peer.seen_name, ""); // an address is no server name (RFC 6066, 3)
}

TEST_F(SystemNetwork, RefusesACertificateForAnotherName) {
    const auto tls_failed = make_error_code(errc::tls_failed);
    {
        tls_peer peer(loop, by_name);
        EXPECT_EQ(post(peer.at("127.0.0.1"), trust(by_name)).error(), tls_failed);
    }
    {
        tls_peer peer(loop, by_address);
        EXPECT_EQ(post(peer.at("localhost"), trust(by_address)).error(), tls_failed);
    }
    const auto common_name_only = make_certificate("localhost", "");
    tls_peer peer(loop, common_name_only);
    EXPECT_EQ(post(peer.at("localhost"), trust(common_name_only)).error(), tls_failed);
}

TEST_F(SystemNetwork, RefusesACertificateOfAnUnknownAuthority) {
    tls_peer peer(loop, by_name);
    const auto other = make_certificate("rollcall test", "DNS:localhost");
    EXPECT_EQ(post(peer.at("localhost"), trust(other)).error(), make_error_code(errc::tls_failed));
}

TEST_F(SystemNetwork, RefusesOldTls) {
    tls_peer peer(loop, by_name);
    SSL_CTX_set_security_level(peer.tls.native_handle(), 0);
    SSL_CTX_set_max_proto_version(peer.tls.native_handle(), TLS1_1_VERSION);
    EXPECT_EQ(post(peer.at("localhost"), trust(by_name)).error(),
              make_error_code(errc::tls_failed));
}

TEST_F(SystemNetwork, SaysAtOnceThatItsAuthoritiesCannotBeRead) {
    EXPECT_THROW(system_network(loop.home(), loop.resolver(), {directory.file("none")}),
                 std::runtime_error);
}

TEST_F(SystemNetwork, BindsTheSourceAddress) {
    tls_peer peer(loop, by_name);
    auto to = peer.at("localhost");
    to.source_address = "127.0.0.9";
    EXPECT_TRUE(post(to, trust(by_name)));
    EXPECT_EQ(peer.seen_address, "127.0.0.9");
    to.source_address = "not an address";
    EXPECT_EQ(post(to, trust(by_name)).error(), make_error_code(errc::invalid_argument));
}

TEST_F(SystemNetwork, TellsAFaultOfTheSourceAddressFromOneOfTheHost) {
    tls_peer peer(loop, by_name);
    auto to = peer.at("127.0.0.1");
    to.source_address = "203.0.113.7"; // nobody's (RFC 5737)
    EXPECT_EQ(egress_fault_of(post(to, trust(by_name)).error()), egress_fault::cannot_bind);
    EXPECT_NE(explain(egress_fault::cannot_bind, to).find("203.0.113.7"), std::string::npos);
    to.source_address = "::1";
    EXPECT_EQ(egress_fault_of(post(to, trust(by_name)).error()), egress_fault::wrong_family);
    EXPECT_EQ(egress_fault_of(make_error_code(errc::connection_failed)), std::nullopt);
}

TEST_F(SystemNetwork, FailsWhereNobodyListensAndForNamesThatDoNotExist) {
    std::uint16_t port = 0;
    {
        asio::basic_socket_acceptor<tcp, executor> gone(
            loop.home().get_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        port = gone.local_endpoint().port();
    }
    const auto failed = make_error_code(errc::connection_failed);
    EXPECT_EQ(post({"127.0.0.1", std::to_string(port), true, ""}, "").error(), failed);
    EXPECT_EQ(post({"no-such-host.invalid", "443", true, ""}, "").error(), failed);
    EXPECT_EQ(post({"localhost", "https", true, ""}, "").error(),
              make_error_code(errc::invalid_argument));
}

TEST_F(SystemNetwork, GivesUpOnASilentHandshakeAtTheDeadline) {
    tls_peer peer(loop, by_name, manner::say_nothing);
    system_network network(loop.home(), loop.resolver(), {trust(by_name)});
    const auto to = peer.at("127.0.0.1");
    const auto stream = loop.run(network.connect(to, loop.home().now() + milliseconds{20}));
    EXPECT_EQ(stream.error(), make_error_code(errc::deadline_exceeded));
}

TEST_F(SystemNetwork, LeavesNothingWhenCancelledDuringAHandshake) {
    tls_peer peer(loop, by_name, manner::say_nothing);
    system_network network(loop.home(), loop.resolver(), {trust(by_name)});
    const auto to = peer.at("127.0.0.1");
    bool returned = false;
    task_group group(loop.home());
    group.spawn([](system_network& in, const endpoint& where, bool& out) -> task<> {
        static_cast<void>(co_await in.connect(where, mono_time::max()));
        out = true;
    }(network, to, returned));
    loop.run_until([&] { return peer.accepted == 1; });
    group.cancel();
    loop.run(group.join());
    EXPECT_FALSE(returned);
    EXPECT_EQ(loop.home().timers(), 0u);
}

} // namespace
} // namespace rollcall::http
