#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "data_dir.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/storage/key_vault.hpp"

namespace rollcall::storage {
namespace {

constexpr std::size_t key_size = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::array<unsigned char, 2> versions{1, 1}; // of the layout, of the key-encryption key
constexpr std::size_t header_size = versions.size() + nonce_size;

constexpr std::string_view purpose = "rollcall api key";
using bound_data = std::array<unsigned char, purpose.size() + versions.size() + 4>;

bound_data bound_to(sync::tenant_key tenant) noexcept {
    bound_data data{};
    auto at = std::ranges::copy(purpose, data.begin()).out;
    at = std::ranges::copy(versions, at).out;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        *at++ = static_cast<unsigned char>(tenant >> shift);
    }
    return data;
}

unsigned char* bytes_of(std::span<char> text) noexcept {
    return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}

failure key_failure(errc code, const std::string& path, const std::string& what) {
    return {code, "key file " + path + ": " + what};
}

// Writes a new key under a temporary name and links it to its own, so that no crash leaves half a
// key, and no race overwrites a whole one.
bool create_key(const std::string& path) {
    secret fresh(key_size);
    randombytes_buf(fresh.writable().data(), key_size);
    const std::string partial = path + ".partial";
    ::unlink(partial.c_str());
    {
        const descriptor file(
            ::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!file || ::write(file.get(), fresh.reveal().data(), key_size) != ssize_t{key_size} ||
            ::fsync(file.get()) != 0) {
            return false;
        }
    }
    const bool linked = ::link(partial.c_str(), path.c_str()) == 0;
    ::unlink(partial.c_str());
    const auto folder = std::filesystem::path(path).parent_path().string();
    return linked && sync_folder(folder.empty() ? "." : folder);
}

} // namespace

std::string file_key_vault::key_path(const std::string& configured) {
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    if (folder == nullptr) return configured;
    auto path = std::string(folder) + "/rollcall-key";
    return ::access(path.c_str(), F_OK) == 0 ? path : configured;
}

outcome<std::unique_ptr<file_key_vault>> file_key_vault::open(const std::string& path,
                                                              if_absent otherwise) {
    ROLLCALL_CHECK(sodium_init() >= 0);
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
        if (otherwise == if_absent::fail) {
            return key_failure(errc::not_found, path,
                               "missing; restore it, since the stored API keys open with it only");
        }
        if (!create_key(path)) {
            return key_failure(errc::storage_failed, path,
                               std::string("cannot be created: ") + std::strerror(errno));
        }
    }

    const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat about{};
    if (!file || ::fstat(file.get(), &about) != 0) {
        return key_failure(errc::invalid_argument, path,
                           std::string("cannot be read: ") + std::strerror(errno));
    }
    if (!S_ISREG(about.st_mode) || about.st_size != off_t{key_size}) {
        return key_failure(errc::invalid_argument, path, "is not a file of 32 bytes");
    }
    // systemd lets the service read its credentials through an ACL, whose mask shows as a group's
    // right.
    const mode_t refused = path == key_path({}) ? S_IWGRP | S_IRWXO : S_IRWXG | S_IRWXO;
    if ((about.st_mode & refused) != 0) {
        return key_failure(errc::invalid_argument, path,
                           "other users can read or write it: run chmod 600 on it, and consider "
                           "the key and the API keys known");
    }
    secret key(key_size);
    if (::read(file.get(), key.writable().data(), key_size) != ssize_t{key_size}) {
        return key_failure(errc::invalid_argument, path, "cannot be read whole");
    }
    return std::make_unique<file_key_vault>(std::move(key));
}

file_key_vault::file_key_vault(secret key_encryption_key) : key_(std::move(key_encryption_key)) {
    ROLLCALL_CHECK(sodium_init() >= 0);
    ROLLCALL_CHECK(key_.size() == key_size);
    static_assert(key_size == crypto_kdf_KEYBYTES);
    token_key_ = secret(crypto_generichash_KEYBYTES);
    crypto_kdf_derive_from_key(bytes_of(token_key_.writable()), token_key_.size(), 1, "rc-hooks",
                               bytes_of(key_.reveal()));
}

secret file_key_vault::make_token() {
    std::array<unsigned char, 32> random{};
    randombytes_buf(random.data(), random.size());
    constexpr auto variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::array<char, sodium_base64_ENCODED_LEN(random.size(), variant)> text{};
    static_assert(text.size() == sync::token_letters + 1);
    sodium_bin2base64(text.data(), text.size(), random.data(), random.size(), variant);
    secret token(std::string_view(text.data(), sync::token_letters));
    wipe(random.data(), random.size());
    wipe(text.data(), text.size());
    return token;
}

sync::token_mark file_key_vault::mark_token(std::string_view token) const {
    sync::token_mark mark{};
    crypto_generichash(mark.data(), mark.size(), bytes_of(token), token.size(),
                       bytes_of(token_key_.reveal()), token_key_.size());
    return mark;
}

std::vector<unsigned char> file_key_vault::seal(sync::tenant_key tenant, const secret& key) {
    std::vector<unsigned char> sealed(header_size + key.size() + tag_size);
    std::ranges::copy(versions, sealed.begin());
    auto* nonce = sealed.data() + versions.size();
    randombytes_buf(nonce, nonce_size);
    const auto bound = bound_to(tenant);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed.data() + header_size, nullptr, bytes_of(key.reveal()), key.size(), bound.data(),
        bound.size(), nullptr, nonce, bytes_of(key_.reveal()));
    return sealed;
}

result<secret> file_key_vault::open(sync::tenant_key tenant,
                                    std::span<const unsigned char> sealed) {
    if (sealed.size() < header_size + tag_size) return errc::corrupt;
    if (!std::ranges::equal(sealed.first(versions.size()), versions)) return errc::corrupt;
    const auto* nonce = sealed.data() + versions.size();
    const auto text = sealed.subspan(header_size);
    const auto bound = bound_to(tenant);
    secret key(text.size() - tag_size);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            bytes_of(key.writable()), nullptr, nullptr, text.data(), text.size(), bound.data(),
            bound.size(), nonce, bytes_of(key_.reveal())) != 0) {
        return errc::corrupt;
    }
    return key;
}

} // namespace rollcall::storage
