// A secret in memory: an API key or an encryption key.
//
// The bytes live in pages of their own (libsodium's sodium_malloc: locked, left out of core dumps,
// guarded on both sides) and are wiped when the secret dies. There is no stream operator, no
// formatter and no conversion to a string: the only way to the bytes is reveal(), so that a search
// for that word finds every use.
#pragma once
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

namespace rollcall {

class secret {
  public:
    secret() = default;
    // Copies the bytes; the caller still has to wipe its own copy. Throws std::bad_alloc.
    explicit secret(std::string_view bytes);
    // An uninitialised secret of that size, to be filled through writable().
    explicit secret(std::size_t size);
    ~secret();
    secret(secret&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    secret& operator=(secret&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    secret(const secret&) = delete;
    secret& operator=(const secret&) = delete;

    [[nodiscard]] secret clone() const { return secret{reveal()}; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    // Valid as long as this secret. Never store, log or format it.
    [[nodiscard]] std::string_view reveal() const noexcept { return {data_, size_}; }
    [[nodiscard]] std::span<char> writable() noexcept { return {data_, size_}; }

    // Constant in time over equal lengths.
    [[nodiscard]] bool equals(const secret& other) const noexcept;

  private:
    char* data_ = nullptr;
    std::size_t size_ = 0;
};

// Overwrites bytes in a way that the compiler does not remove. For buffers that held HR data or a
// key.
void wipe(void* data, std::size_t size) noexcept;

} // namespace rollcall
