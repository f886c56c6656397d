// The audit's cryptography, without a database: how an entry is sealed and how entries hang
// together. Part of the disk format.
//
// What a step says about a person is sealed with XChaCha20-Poly1305 (libsodium) under 32 random
// bytes that belong to the person, bound to the columns that stay in the clear. Its form is that of
// an API key (key_vault.hpp) with one version in front:
//
//     1 byte    version of this layout, 1
//     24 bytes  nonce, random
//     n bytes   ciphertext of pack_body (step_pack.hpp)
//     16 bytes  tag
//
// The hash of an entry is BLAKE2b-256 over the hash before it, which is all zeros for the first,
// and the canonical bytes of all its other columns, the sealed ones as they are: so the chain
// verifies without any key, and goes on to verify when a key is destroyed.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "canonical.hpp"
#include "rollcall/sync/run.hpp"

namespace rollcall::storage {

using audit_hash = std::array<unsigned char, 32>;
using person_key = std::array<unsigned char, 32>;

// The columns of an entry that stay in the clear, as they are in the row.
struct audit_columns {
    std::int64_t tenant = 0;
    std::int64_t number = 0;
    std::int64_t run = 0;
    std::string_view cause; // a word
    std::int64_t at_ms = 0;
    std::string_view kind; // a word
    std::int64_t uid = 0;  // 0: a step of a team
    std::int64_t team = 0; // 0: a step of a user
};

[[nodiscard]] person_key new_person_key();

class audit_chain {
  public:
    audit_chain();

    [[nodiscard]] std::string seal(const person_key& key, const audit_columns& columns,
                                   const sync::step& what);
    // Sets label and changes. False: another key, another row, or not what was sealed.
    [[nodiscard]] bool open(const person_key& key, const audit_columns& columns,
                            std::string_view sealed, sync::step& into);
    [[nodiscard]] audit_hash hash_of(const audit_hash& previous, const audit_columns& columns,
                                     std::string_view sealed);

  private:
    void put(const audit_columns& columns);
    canonical_bytes bytes_; // kept for its room
};

[[nodiscard]] std::string hex_of(const audit_hash& hash);

} // namespace rollcall::storage
