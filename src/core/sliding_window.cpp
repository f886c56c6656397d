#include "rollcall/core/sliding_window.hpp"

#include <algorithm>

#include "rollcall/core/check.hpp"

namespace rollcall {

static_assert(sizeof(sliding_window) <= 48, "ten thousand tenants have one each");

sliding_window::sliding_window(std::uint32_t limit, nanoseconds window)
    : window_(window), limit_(std::max(limit, 1u)) {
    ROLLCALL_CHECK(window >= nanoseconds::zero());
}

bool sliding_window::try_acquire(mono_time now) {
    drop_expired(now);
    if (now < paused_until_ || in_flight_ + settled_ >= limit_) return false;
    ++in_flight_;
    return true;
}

void sliding_window::settle(mono_time now) {
    ROLLCALL_CHECK(in_flight_ > 0);
    drop_expired(now);
    if (settled_ == ring_size_) grow();
    --in_flight_;
    ring_[(head_ + settled_) & (ring_size_ - 1)] = now + window_;
    ++settled_;
}

void sliding_window::refund() {
    ROLLCALL_CHECK(in_flight_ > 0);
    --in_flight_;
}

std::optional<mono_time> sliding_window::available_at(mono_time now) const {
    const mono_time earliest = std::max(now, paused_until_);
    const std::uint32_t taken = in_flight_ + settled_;
    if (taken < limit_) return earliest;
    // So many of the settled slots have to get free, oldest first.
    const std::uint32_t needed = taken - limit_ + 1;
    if (needed > settled_) return std::nullopt;
    return std::max(earliest, settled(needed - 1));
}

void sliding_window::pause_until(mono_time t) {
    paused_until_ = std::max(paused_until_, t);
}

void sliding_window::set_limit(std::uint32_t limit) {
    limit_ = std::max(limit, 1u);
}

void sliding_window::prune(mono_time now) {
    drop_expired(now);
    if (settled_ != 0) return;
    ring_.reset();
    ring_size_ = 0;
    head_ = 0;
}

std::uint32_t sliding_window::used(mono_time now) const noexcept {
    std::uint32_t expired = 0;
    while (expired < settled_ && settled(expired) <= now) ++expired;
    return in_flight_ + settled_ - expired;
}

mono_time sliding_window::settled(std::uint32_t i) const noexcept {
    return ring_[(head_ + i) & (ring_size_ - 1)];
}

void sliding_window::drop_expired(mono_time now) noexcept {
    while (settled_ != 0 && ring_[head_] <= now) {
        head_ = (head_ + 1) & (ring_size_ - 1);
        --settled_;
    }
}

void sliding_window::grow() {
    const std::uint32_t size = std::max(2u, ring_size_ * 2);
    auto ring = std::make_unique<mono_time[]>(size);
    for (std::uint32_t i = 0; i < settled_; ++i) ring[i] = settled(i);
    ring_ = std::move(ring);
    ring_size_ = size;
    head_ = 0;
}

} // namespace rollcall
