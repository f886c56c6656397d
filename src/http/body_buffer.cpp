#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "rollcall/core/check.hpp"
#include "rollcall/http/client.hpp"

// The memory comes from mmap and grows by mremap: growth moves page tables instead of bytes, so
// that a body of 64 MiB neither holds the shard for a copy nor leaves a copy behind (G-12), and
// pages that nobody wrote are not backed by memory.
namespace rollcall::http {
namespace {

constexpr std::size_t page = 4096;

std::size_t mapped_for(std::size_t capacity) {
    if (capacity > ~std::size_t{0} / 4) throw std::bad_alloc{};
    return (capacity + body_buffer::padding + page - 1) / page * page;
}

char* map(char* old, std::size_t old_bytes, std::size_t new_bytes) {
    void* data = old == nullptr ? mmap(nullptr, new_bytes, PROT_READ | PROT_WRITE,
                                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                                : mremap(old, old_bytes, new_bytes, MREMAP_MAYMOVE);
    if (data == MAP_FAILED) throw std::bad_alloc{};
    // HR data does not belong in a core dump. A kernel that refuses this changes nothing else.
    static_cast<void>(madvise(data, new_bytes, MADV_DONTDUMP));
    return static_cast<char*>(data);
}

} // namespace

body_buffer::~body_buffer() {
    if (data_ == nullptr) return;
    wipe();
    munmap(data_, mapped_for(capacity_));
}

body_buffer::body_buffer(body_buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)),
      used_(std::exchange(other.used_, 0)) {}

body_buffer& body_buffer::operator=(body_buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    std::swap(used_, other.used_);
    return *this;
}

char* body_buffer::data() noexcept {
    return data_;
}
std::size_t body_buffer::size() const noexcept {
    return size_;
}
std::size_t body_buffer::capacity() const noexcept {
    return capacity_;
}
std::string_view body_buffer::view() const noexcept {
    return {data_, size_};
}

void body_buffer::reserve(std::size_t size) {
    if (data_ != nullptr && size <= capacity_) return;
    const auto bytes = mapped_for(size);
    data_ = map(data_, data_ == nullptr ? 0 : mapped_for(capacity_), bytes);
    capacity_ = bytes - padding;
}

void body_buffer::resize(std::size_t size) {
    if (size > capacity_ || data_ == nullptr) reserve(std::max(size, 2 * capacity_));
    size_ = size;
    used_ = std::max(used_, size);
}

void body_buffer::append(std::string_view bytes) {
    if (bytes.empty()) return;
    const auto before = size_;
    resize(before + bytes.size());
    std::memcpy(data_ + before, bytes.data(), bytes.size());
}

void body_buffer::wipe() noexcept {
    if (used_ != 0) rollcall::wipe(data_, used_);
    size_ = used_ = 0;
}

void body_buffer::shrink(std::size_t keep) {
    const auto bytes = mapped_for(std::max(keep, size_));
    if (data_ == nullptr || bytes >= mapped_for(capacity_)) return;
    // The kernel takes the pages beyond and clears them before anyone else sees them.
    data_ = map(data_, mapped_for(capacity_), bytes);
    capacity_ = bytes - padding;
    used_ = std::min(used_, capacity_);
}

} // namespace rollcall::http
