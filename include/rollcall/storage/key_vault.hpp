// API keys at rest: sealed with XChaCha20-Poly1305 (libsodium; draft-irtf-cfrg-xchacha-03) under
// one key-encryption key of the node, which never touches the database.
//
// A sealed key is
//
//     1 byte    version of this layout, 1
//     1 byte    version of the key-encryption key, 1
//     24 bytes  nonce, random, which its length makes safe to draw without a counter
//     n bytes   ciphertext
//     16 bytes  tag
//
// The tag also covers the purpose ("rollcall api key"), both versions and the tenant's number, so
// that a sealed key that is copied to another tenant's row does not open there.
//
// Tokens of webhooks are kept as their BLAKE2b-256 under a key that libsodium derives from the same
// key-encryption key (crypto_kdf, subkey 1, context "rc-hooks").
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "rollcall/core/error.hpp"
#include "rollcall/core/secret.hpp"
#include "rollcall/sync/store.hpp"

namespace rollcall::storage {

enum class if_absent { fail, create };

class file_key_vault final : public sync::key_vault {
  public:
    // Reads the key-encryption key: 32 raw bytes in a file that only its owner can read. With
    // if_absent::create a missing file is made, durably and whole, from the system's random source;
    // do not allow that where the database has tenants already, whose keys it could not open.
    // errc::not_found if it is missing, invalid_argument if it is not such a file.
    [[nodiscard]] static outcome<std::unique_ptr<file_key_vault>> open(const std::string& path,
                                                                       if_absent otherwise);

    // The file that a systemd service is given: $CREDENTIALS_DIRECTORY/rollcall-key, where
    // LoadCredential or LoadCredentialEncrypted put one; `configured` where there is none.
    [[nodiscard]] static std::string key_path(const std::string& configured);

    explicit file_key_vault(secret key_encryption_key);

    [[nodiscard]] std::vector<unsigned char> seal(sync::tenant_key tenant,
                                                  const secret& key) override;
    [[nodiscard]] result<secret> open(sync::tenant_key tenant,
                                      std::span<const unsigned char> sealed) override;
    [[nodiscard]] secret make_token() override;
    [[nodiscard]] sync::token_mark mark_token(std::string_view token) const override;

  private:
    secret key_;
    secret token_key_; // derived from the other
};

} // namespace rollcall::storage
