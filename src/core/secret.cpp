#include "rollcall/core/secret.hpp"

#include <sodium.h>

#include <cstring>
#include <new>

#include "rollcall/core/check.hpp"

namespace rollcall {
namespace {

char* allocate(std::size_t size) {
    // Idempotent and thread-safe; it seeds the guards that sodium_malloc puts around the pages.
    ROLLCALL_CHECK(sodium_init() >= 0);
    if (size == 0) return nullptr;
    auto* data = static_cast<char*>(sodium_malloc(size));
    if (data == nullptr) throw std::bad_alloc{};
    return data;
}

} // namespace

secret::secret(std::string_view bytes) : data_(allocate(bytes.size())), size_(bytes.size()) {
    if (size_ != 0) std::memcpy(data_, bytes.data(), size_);
}

secret::secret(std::size_t size) : data_(allocate(size)), size_(size) {}

secret::~secret() {
    if (data_ != nullptr) sodium_free(data_);
}

bool secret::equals(const secret& other) const noexcept {
    return size_ == other.size_ && (size_ == 0 || sodium_memcmp(data_, other.data_, size_) == 0);
}

void wipe(void* data, std::size_t size) noexcept {
    sodium_memzero(data, size);
}

} // namespace rollcall
