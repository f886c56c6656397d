#include "audit_chain.hpp"

#include <sodium.h>

#include "rollcall/core/check.hpp"
#include "step_pack.hpp"

namespace rollcall::storage {
namespace {

constexpr char layout_version = 1;
constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t header_size = 1 + nonce_size;

static_assert(std::tuple_size_v<person_key> == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) noexcept {
    return reinterpret_cast<unsigned char*>(text.data());
}

} // namespace

person_key new_person_key() {
    person_key key;
    randombytes_buf(key.data(), key.size());
    return key;
}

audit_chain::audit_chain() {
    ROLLCALL_CHECK(sodium_init() >= 0);
}

void audit_chain::put(const audit_columns& columns) {
    bytes_.integer(columns.tenant);
    bytes_.integer(columns.number);
    bytes_.integer(columns.run);
    bytes_.text(columns.cause);
    bytes_.integer(columns.at_ms);
    bytes_.text(columns.kind);
    bytes_.integer(columns.uid);
    bytes_.integer(columns.team);
}

std::string audit_chain::seal(const person_key& key, const audit_columns& columns,
                              const sync::step& what) {
    bytes_.cut(0);
    put(columns);
    const auto body = pack_body(what);
    std::string sealed(header_size + body.size() + tag_size, layout_version);
    auto* nonce = bytes_of(sealed) + 1;
    randombytes_buf(nonce, nonce_size);
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(sealed) + header_size, nullptr,
                                               bytes_of(body), body.size(), bytes_of(bytes_.view()),
                                               bytes_.size(), nullptr, nonce, key.data());
    return sealed;
}

bool audit_chain::open(const person_key& key, const audit_columns& columns, std::string_view sealed,
                       sync::step& into) {
    if (sealed.size() < header_size + tag_size || sealed.front() != layout_version) return false;
    bytes_.cut(0);
    put(columns);
    const auto* nonce = bytes_of(sealed) + 1;
    const auto secret_part = sealed.substr(header_size);
    std::string body(secret_part.size() - tag_size, '\0');
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            bytes_of(body), nullptr, nullptr, bytes_of(secret_part), secret_part.size(),
            bytes_of(bytes_.view()), bytes_.size(), nonce, key.data()) != 0) {
        return false;
    }
    return unpack_body(body, into);
}

audit_hash audit_chain::hash_of(const audit_hash& previous, const audit_columns& columns,
                                std::string_view sealed) {
    bytes_.cut(0);
    bytes_.raw({reinterpret_cast<const char*>(previous.data()), previous.size()});
    put(columns);
    bytes_.blob(sealed);
    audit_hash hash;
    crypto_generichash(hash.data(), hash.size(), bytes_of(bytes_.view()), bytes_.size(), nullptr,
                       0);
    return hash;
}

std::string hex_of(const audit_hash& hash) {
    std::string text(2 * hash.size() + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
    text.pop_back();
    return text;
}

} // namespace rollcall::storage
