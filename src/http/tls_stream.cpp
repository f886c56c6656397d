#include "tls_stream.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <stdexcept>

namespace rollcall::http {

bool tls_stream::expect(const std::string& host) {
    auto* const ssl = stream_.native_handle();
    auto* const wanted = SSL_get0_param(ssl);
    error_code not_literal;
    asio::ip::make_address(host, not_literal);
    if (!not_literal) return X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
    // Only subject alternative names count, and a wildcard only for a whole label (RFC 9525, 6.3).
    X509_VERIFY_PARAM_set_hostflags(
        wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (X509_VERIFY_PARAM_set1_host(wanted, host.data(), host.size()) != 1) return false;
    // SSL_set_tlsext_host_name without its old-style cast.
    return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    const_cast<char*>(host.c_str())) == 1;
}

task<result<void>> tls_stream::shake_hands(shard& owner, mono_time deadline) {
    deadline_guard guard(owner, deadline, [this] { close(); });
    const auto [error] =
        co_await stream_.async_handshake(asio::ssl::stream_base::client, use_tuple);
    if (!error) co_return result<void>{};
    if ((co_await asio::this_coro::cancellation_state).cancelled() !=
        asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (guard.expired()) co_return errc::deadline_exceeded;
    co_return error.category() == asio::error::get_ssl_category() ? errc::tls_failed
                                                                  : errc::connection_failed;
}

asio::ssl::context make_tls_context(const std::string& ca_file) {
    asio::ssl::context context(asio::ssl::context::tls_client);
    auto* const native = context.native_handle();
    context.set_verify_mode(asio::ssl::verify_peer);
    // Plaintext does not stay in OpenSSL's buffers, and idle connections keep none (G-12).
    SSL_CTX_set_options(native,
                        SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_ctrl(native, SSL_CTRL_MODE, SSL_MODE_RELEASE_BUFFERS, nullptr);
    SSL_CTX_ctrl(native, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, nullptr);
    // The one protocol that is spoken here, so that no front end chooses HTTP/2 for us.
    static constexpr unsigned char protocols[] = "\x08http/1.1";
    SSL_CTX_set_alpn_protos(native, protocols, sizeof protocols - 1);
    error_code error;
    if (ca_file.empty()) {
        context.set_default_verify_paths(error);
    } else {
        context.load_verify_file(ca_file, error);
    }
    if (error) {
        throw std::runtime_error("the certificates of trusted authorities cannot be read from " +
                                 (ca_file.empty() ? std::string("the system's store") : ca_file) +
                                 ": " + error.message());
    }
    return context;
}

} // namespace rollcall::http
