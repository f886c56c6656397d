// The bytes by which checksums and the audit's hashes know values:
//
//     integer  'i' and 8 bytes, little-endian two's complement
//     text     't', 4 bytes of length, the bytes
//     blob     'b', 4 bytes of length, the bytes
//     NULL     'n'
//
// They are part of the disk format: changing them is a migration.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace rollcall::storage {

static_assert(std::endian::native == std::endian::little, "canonical bytes are little-endian");

// Appends values to a buffer that keeps its room from one row to the next.
class canonical_bytes {
  public:
    void integer(std::int64_t value) {
        char* at = room(1 + sizeof value);
        *at = 'i';
        std::memcpy(at + 1, &value, sizeof value);
    }
    void text(std::string_view value) { bytes('t', value); }
    void blob(std::string_view value) { bytes('b', value); }
    void null() { *room(1) = 'n'; }
    void raw(std::string_view value) {
        std::memcpy(room(value.size()), value.data(), value.size());
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    // Back to an earlier size.
    void cut(std::size_t size) noexcept { size_ = size; }
    // Lives until the next value.
    [[nodiscard]] std::string_view view() const noexcept { return {buffer_.data(), size_}; }

  private:
    void bytes(char tag, std::string_view value) {
        const auto length = static_cast<std::uint32_t>(value.size());
        char* at = room(1 + sizeof length + value.size());
        *at = tag;
        std::memcpy(at + 1, &length, sizeof length);
        if (!value.empty()) std::memcpy(at + 1 + sizeof length, value.data(), value.size());
    }
    char* room(std::size_t more) {
        if (buffer_.size() < size_ + more) buffer_.resize(2 * (size_ + more));
        char* at = buffer_.data() + size_;
        size_ += more;
        return at;
    }

    std::size_t size_ = 0;
    std::vector<char> buffer_;
};

} // namespace rollcall::storage
