#include "rollcall/sync/call_budget.hpp"

#include <algorithm>

#include "rollcall/core/check.hpp"

namespace rollcall::sync {
namespace {

std::optional<mono_time> earlier(std::optional<mono_time> a, std::optional<mono_time> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

} // namespace

call_budget::call_budget(std::span<const std::uint32_t> address_limits, nanoseconds window)
    : window_(window) {
    ROLLCALL_CHECK(!address_limits.empty());
    for (const auto limit : address_limits) addresses_.emplace_back(limit, window);
}

std::optional<std::uint32_t> call_budget::try_acquire(sliding_window& tenant, mono_time now) {
    // The address with the most room, so that several are used evenly.
    std::optional<std::uint32_t> best;
    std::uint32_t best_room = 0;
    for (std::uint32_t i = 0; i < addresses_.size(); ++i) {
        const auto& address = addresses_[i];
        const auto used = address.used(now);
        if (address.available_at(now) != now || used >= address.limit()) continue;
        if (const auto room = address.limit() - used; room > best_room) {
            best = i;
            best_room = room;
        }
    }
    if (!best || !tenant.try_acquire(now)) return {};
    ROLLCALL_CHECK(addresses_[*best].try_acquire(now));
    return best;
}

std::optional<mono_time> call_budget::available_at(mono_time now) const {
    std::optional<mono_time> first;
    for (const auto& address : addresses_) first = earlier(first, address.available_at(now));
    return first;
}

std::optional<mono_time> call_budget::available_at(const sliding_window& tenant,
                                                   mono_time now) const {
    const auto any = available_at(now);
    const auto own = tenant.available_at(now);
    if (!any || !own) return {};
    return std::max(*any, *own);
}

void call_budget::settle(std::uint32_t address, sliding_window& tenant, mono_time now) {
    // Answers may be reported out of order; a limiter takes its instants in order, the later one
    // where they cross, which errs on the safe side.
    last_settled_ = std::max(last_settled_, now);
    addresses_[address].settle(last_settled_);
    tenant.settle(last_settled_);
}

void call_budget::refund(std::uint32_t address, sliding_window& tenant) {
    addresses_[address].refund();
    tenant.refund();
}

void call_budget::throttled(std::uint32_t address, sliding_window& tenant, mono_time now,
                            std::optional<std::uint32_t> learned, random_source& random) {
    const auto jitter = nanoseconds{random.between(0, window_.count() / 10)};
    const auto until = now + window_ + jitter;
    addresses_[address].pause_until(until);
    tenant.pause_until(until);
    if (learned) tenant.set_limit(std::min(tenant.limit(), std::max(1u, *learned * 5 / 6)));
}

void call_budget::pause_until(mono_time t) {
    for (auto& address : addresses_) address.pause_until(t);
}

void call_budget::set_limits(std::span<const std::uint32_t> address_limits) {
    for (std::size_t i = 0; i < std::min(addresses_.size(), address_limits.size()); ++i) {
        addresses_[i].set_limit(address_limits[i]);
    }
}

std::uint32_t call_budget::limit() const noexcept {
    std::uint32_t sum = 0;
    for (const auto& address : addresses_) sum += address.limit();
    return sum;
}

} // namespace rollcall::sync
