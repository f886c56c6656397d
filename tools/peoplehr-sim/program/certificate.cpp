#include "certificate.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace rollcall::sim {
namespace {

template <auto Free>
struct freed_by {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using x509_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;

void ensure(bool ok, const char* what) {
    if (!ok) throw std::runtime_error{std::string{"OpenSSL: "} + what + " failed"};
}

template <class Write>
std::string pem(Write write) {
    const bio_ptr memory{BIO_new(BIO_s_mem())};
    ensure(memory != nullptr && write(memory.get()) == 1, "writing PEM");
    char* data = nullptr;
    const auto size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
    return pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}
std::string pem_of(EVP_PKEY* key) {
    return pem([&](BIO* out) {
        return PEM_write_bio_PKCS8PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
}

void extend(X509* certificate, X509* issuer, int what, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const extension_ptr extension{X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str())};
    ensure(extension != nullptr, "making an extension");
    ensure(X509_add_ext(certificate, extension.get(), -1) == 1, "adding an extension");
}

// Everything that a CA and a server certificate have in common.
x509_ptr blank_certificate(EVP_PKEY* key, const char* name) {
    x509_ptr certificate{X509_new()};
    ensure(certificate != nullptr, "X509_new");
    constexpr long day = 24L * 3600;
    std::uint32_t serial = 0;
    ensure(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "RAND_bytes");
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), static_cast<long>(serial) + 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 365 * day);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    return certificate;
}

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    file << text;
    if (!file.flush()) throw std::runtime_error{"cannot write " + path.string()};
}

} // namespace

throw_away_certificates make_certificates(const std::string& names) {
    const key_ptr ca_key{EVP_EC_gen("P-256")};
    const key_ptr key{EVP_EC_gen("P-256")};
    ensure(ca_key != nullptr && key != nullptr, "making a key");

    const x509_ptr ca = blank_certificate(ca_key.get(), "peoplehr-sim throw-away CA");
    X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get()));
    extend(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE");
    extend(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    extend(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
    ensure(X509_sign(ca.get(), ca_key.get(), EVP_sha256()) > 0, "signing the CA");

    const x509_ptr server = blank_certificate(key.get(), "peoplehr-sim");
    X509_set_issuer_name(server.get(), X509_get_subject_name(ca.get()));
    extend(server.get(), ca.get(), NID_basic_constraints, "critical,CA:FALSE");
    extend(server.get(), ca.get(), NID_ext_key_usage, "serverAuth");
    extend(server.get(), ca.get(), NID_authority_key_identifier, "keyid");
    extend(server.get(), ca.get(), NID_subject_alt_name, names);
    ensure(X509_sign(server.get(), ca_key.get(), EVP_sha256()) > 0, "signing the certificate");
    return {pem_of(ca.get()), pem_of(server.get()), pem_of(key.get())};
}

void write_certificates(const std::filesystem::path& directory, const std::string& names) {
    const throw_away_certificates made = make_certificates(names);
    std::filesystem::create_directories(directory);
    write_file(directory / "ca.pem", made.ca);
    write_file(directory / "server.pem", made.certificate);
    write_file(directory / "server-key.pem", made.key);
}

} // namespace rollcall::sim
