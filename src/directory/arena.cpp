#include "arena.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#include "rollcall/core/check.hpp"

namespace rollcall::directory {

void arena::resize(std::size_t capacity) {
    // 32 GiB of one tenant: a body limit of 64 MiB keeps a company far below.
    ROLLCALL_CHECK(capacity <= std::numeric_limits<std::uint32_t>::max());
    if (capacity == 0) {
        memory_.reset();
    } else {
        void* moved = std::realloc(memory_.get(), capacity * word_bytes);
        if (moved == nullptr) throw std::bad_alloc();
        static_cast<void>(memory_.release());
        memory_.reset(static_cast<std::byte*>(moved));
    }
    capacity_ = capacity;
}

void arena::reserve(std::size_t words) {
    if (fits(words)) return;
    const std::size_t step = end_ == first ? 0 : capacity_ + capacity_ / 8;
    resize(std::max(end_ + words, step));
}

std::uint32_t arena::allocate(std::uint32_t words) {
    reserve(words);
    const std::uint32_t place = end_;
    end_ += words;
    return place;
}

void arena::release(std::uint32_t place, std::uint32_t words) noexcept {
    if (place + words == end_) {
        end_ = place;
    } else {
        const gap hole{.uid = 0, .words = words};
        std::memcpy(at(place), &hole, sizeof hole);
        garbage_ += words;
    }
    if (garbage_ == end_ - first) closed_gaps(first);
}

void arena::closed_gaps(std::uint32_t end) noexcept {
    end_ = end;
    garbage_ = 0;
}

void arena::shrink() {
    const std::size_t used = end_ == first ? 0 : end_;
    if (capacity_ - used > used / 8) resize(used);
}

} // namespace rollcall::directory
