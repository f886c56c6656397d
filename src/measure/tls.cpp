// What TLS costs our side: shaking hands, with the certificate checked, and decrypting. Both ends
// are in memory; only the client's time counts.
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <vector>

#include "parts.hpp"
#include "passes.hpp"
#include "rollcall/core/check.hpp"

namespace rollcall::measure {
namespace {

template <auto Free>
struct deleter {
    void operator()(auto* of) const noexcept { Free(of); }
};
using context_ptr = std::unique_ptr<SSL_CTX, deleter<SSL_CTX_free>>;
using ssl_ptr = std::unique_ptr<SSL, deleter<SSL_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, deleter<X509_free>>;

// RSA of 2,048 bits, as web servers mostly have; signed by itself.
struct identity {
    key_ptr key{EVP_RSA_gen(2'048)};
    certificate_ptr certificate{X509_new()};

    identity() {
        X509_set_version(certificate.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3'600);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
        X509_set_pubkey(certificate.get(), key.get());
        auto* const name = X509_get_subject_name(certificate.get());
        static constexpr unsigned char common_name[] = "measured.example";
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0);
        X509_set_issuer_name(certificate.get(), name);
        ROLLCALL_CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0);
    }
};

struct ends {
    context_ptr client{SSL_CTX_new(TLS_client_method())};
    context_ptr server{SSL_CTX_new(TLS_server_method())};

    explicit ends(const identity& who) {
        ROLLCALL_CHECK(SSL_CTX_use_certificate(server.get(), who.certificate.get()) == 1);
        ROLLCALL_CHECK(SSL_CTX_use_PrivateKey(server.get(), who.key.get()) == 1);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(client.get()), who.certificate.get());
        SSL_CTX_set_verify(client.get(), SSL_VERIFY_PEER, nullptr);
    }
};

class connection {
  public:
    explicit connection(const ends& of)
        : client_(SSL_new(of.client.get())), server_(SSL_new(of.server.get())) {
        BIO* ours = nullptr;
        BIO* theirs = nullptr;
        constexpr std::size_t room = 1u << 20;
        ROLLCALL_CHECK(BIO_new_bio_pair(&ours, room, &theirs, room) == 1);
        SSL_set_bio(client_.get(), ours, ours);
        SSL_set_bio(server_.get(), theirs, theirs);
        SSL_set_connect_state(client_.get());
        SSL_set_accept_state(server_.get());
    }
    // The client's processor seconds.
    double shake_hands() {
        double spent = 0;
        for (int i = 0; i < 10; ++i) {
            const double begin = processor_seconds();
            const bool done = SSL_do_handshake(client_.get()) == 1;
            spent += processor_seconds() - begin;
            const bool served = SSL_do_handshake(server_.get()) == 1;
            if (done && served) return spent;
        }
        ROLLCALL_CHECK(false);
        return spent;
    }
    double receive(std::vector<char>& block) {
        ROLLCALL_CHECK(SSL_write(server_.get(), block.data(), static_cast<int>(block.size())) > 0);
        double spent = 0;
        std::size_t got = 0;
        while (got < block.size()) {
            const double begin = processor_seconds();
            const int some = SSL_read(client_.get(), block.data(), static_cast<int>(block.size()));
            spent += processor_seconds() - begin;
            ROLLCALL_CHECK(some > 0);
            got += static_cast<std::size_t>(some);
        }
        return spent;
    }

  private:
    ssl_ptr client_;
    ssl_ptr server_;
};

} // namespace

void measure_tls(capacity::machine& into, double seconds) {
    constexpr int handshakes = 10;
    constexpr int blocks = 16;
    const identity who;
    const ends both(who);
    into.handshakes_s = of_passes(seconds, [&] {
        double spent = 0;
        for (int i = 0; i < handshakes; ++i) spent += connection(both).shake_hands();
        return handshakes / spent;
    });
    connection one(both);
    (void)one.shake_hands();
    std::vector<char> block(512u << 10, 'x');
    into.tls_mib_s = of_passes(seconds, [&] {
        double spent = 0;
        for (int i = 0; i < blocks; ++i) spent += one.receive(block);
        return blocks * static_cast<double>(block.size()) / (1u << 20) / spent;
    });
}

} // namespace rollcall::measure
