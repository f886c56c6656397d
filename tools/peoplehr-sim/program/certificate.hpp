// Throw-away certificates, so that TLS with verification works on loopback without a PKI.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace rollcall::sim {

struct throw_away_certificates {
    std::string ca;          // PEM; what a client trusts
    std::string certificate; // PEM; for the names asked for, signed by ca
    std::string key;         // PEM, of the certificate
};

// names is OpenSSL's text of a subjectAltName: "DNS:localhost,IP:127.0.0.1". Valid from a day ago
// for a year. The key of the CA is forgotten. Throws std::runtime_error when OpenSSL refuses.
[[nodiscard]] throw_away_certificates make_certificates(const std::string& names);

inline constexpr std::string_view loopback_names = "DNS:localhost,IP:127.0.0.1,IP:::1";

// Writes ca.pem, server.pem and server-key.pem (0600) into the directory, made when missing.
// Throws std::runtime_error or std::filesystem::filesystem_error.
void write_certificates(const std::filesystem::path& directory, const std::string& names);

} // namespace rollcall::sim
