#include "rollcall/sync/call_budget.hpp"

#include <algorithm>
#include <queue>
#include <utility>

#include "rollcall/core/check.hpp"

namespace rollcall::sync {
namespace {

// A busy address may run ahead of its step by this part of it: what was late is made up for.
constexpr int catch_up_part = 16;
// An address of which at most half is taken may run ahead by this part of its slots.
constexpr std::uint32_t burst_part = 5;
// How long an address is passed over from which no call can leave, and how often that doubles.
constexpr nanoseconds unusable_for = minutes{1};
constexpr std::uint32_t unusable_doublings_max = 3;
constexpr nanoseconds unusable_without_other = seconds{10};

std::optional<mono_time> earlier(std::optional<mono_time> a, std::optional<mono_time> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

} // namespace

call_budget::call_budget(std::span<const std::uint32_t> address_limits, nanoseconds window)
    : window_(window) {
    ROLLCALL_CHECK(!address_limits.empty());
    for (const auto limit : address_limits) {
        addresses_.emplace_back(limit, window);
        lanes_.emplace_back(limit, window);
    }
}

nanoseconds call_budget::step_of(std::size_t i) const noexcept {
    return window_ / addresses_[i].limit();
}

std::optional<mono_time> call_budget::below_at(std::size_t i, std::uint32_t most,
                                               mono_time now) const {
    const auto used = addresses_[i].used(now);
    most = std::max(most, 1u);
    if (used < most) return now;
    const auto& releases = lanes_[i].releases;
    const auto first = std::upper_bound(releases.begin(), releases.end(), now);
    const auto needed = used - most; // so many more have to get free before the one that counts
    if (needed >= static_cast<std::size_t>(releases.end() - first)) return {};
    return *(first + needed);
}

std::optional<mono_time> call_budget::open_at(std::size_t i, mono_time now, pace how) const {
    const auto& address = addresses_[i];
    const auto& l = lanes_[i];
    // One call at a time finds out whether an address is usable again.
    if (l.faults != 0 && address.in_flight() != 0) return {};
    auto slot = address.available_at(now);
    if (slot) slot = std::max(*slot, l.unusable_until);
    if (!slot || how == pace::any) return slot;
    const auto even = std::max(*slot, l.even);
    const auto limit = address.limit();
    if (how == pace::evenly) return even;
    if (how == pace::most) {
        const auto roomy = below_at(i, limit - limit / 4, now);
        return roomy ? std::max(*slot, std::min(even, *roomy)) : even;
    }
    const auto roomy = below_at(i, limit - limit / 5, now);
    return roomy ? std::optional(std::max(even, *roomy)) : std::nullopt;
}

std::optional<std::uint32_t> call_budget::try_acquire(sliding_window& tenant, mono_time now,
                                                      pace how) {
    // The address with the most room, so that several are used evenly.
    std::optional<std::uint32_t> best;
    std::uint32_t best_room = 0;
    for (std::uint32_t i = 0; i < addresses_.size(); ++i) {
        const auto& address = addresses_[i];
        const auto used = address.used(now);
        if (used >= address.limit() || open_at(i, now, how) != now) continue;
        if (const auto room = address.limit() - used; room > best_room) {
            best = i;
            best_room = room;
        }
    }
    if (!best || !tenant.try_acquire(now)) return {};
    moved(*best, now);
    ROLLCALL_CHECK(addresses_[*best].try_acquire(now));
    return best;
}

// Before the slot is taken.
void call_budget::moved(std::size_t i, mono_time now) {
    auto& l = lanes_[i];
    while (!l.releases.empty() && l.releases.front() <= now) l.releases.pop_front();
    const auto step = step_of(i);
    const auto limit = addresses_[i].limit();
    const bool idle = addresses_[i].used(now) * 2 <= limit;
    const auto ahead = idle ? step * (limit / burst_part) : step / catch_up_part;
    l.even = std::max(l.even, now - ahead) + step;
}

std::optional<mono_time> call_budget::available_at(mono_time now, pace how) const {
    std::optional<mono_time> first;
    for (std::size_t i = 0; i < addresses_.size(); ++i)
        first = earlier(first, open_at(i, now, how));
    return first;
}

std::optional<mono_time> call_budget::available_at(const sliding_window& tenant, mono_time now,
                                                   pace how) const {
    const auto any = available_at(now, how);
    const auto own = tenant.available_at(now);
    if (!any || !own) return {};
    return std::max(*any, *own);
}

void call_budget::settle(std::uint32_t address, sliding_window& tenant, mono_time now) {
    // Answers may be reported out of order; a limiter takes its instants in order, the later one
    // where they cross, which errs on the safe side.
    last_settled_ = std::max(last_settled_, now);
    addresses_[address].settle(last_settled_);
    lanes_[address].releases.push_back(last_settled_ + window_);
    tenant.settle(last_settled_);
}

void call_budget::refund(std::uint32_t address, sliding_window& tenant) {
    addresses_[address].refund();
    lanes_[address].even -= step_of(address);
    tenant.refund();
}

void call_budget::accepted(std::uint32_t address, std::uint32_t who, mono_time now) {
    // Those that have not ended may not have been counted yet.
    const auto& a = addresses_[address];
    lanes_[address].evidence.succeeded(who, a.used(now) - a.in_flight(), now);
}

throttle_scope call_budget::throttled(std::uint32_t address, sliding_window& tenant,
                                      std::uint32_t who, mono_time now,
                                      std::optional<std::uint32_t> learned, random_source& random,
                                      bool alone) {
    auto& l = lanes_[address];
    const bool blamed = std::ranges::any_of(
        lanes_, [&](const lane& each) { return &each != &l && each.evidence.blames(who, now); });
    const auto found = l.evidence.throttled(
        {who, tenant.used(now), addresses_[address].used(now), learned, blamed}, now);
    const auto jitter = nanoseconds{random.between(0, window_.count() / 10)};
    const auto until = now + window_ + jitter;
    if (found.scope == throttle_scope::company) {
        tenant.pause_until(until);
        if (found.takes_back) {
            l.limit.take_back(now);
            addresses_[address].set_limit(l.limit.at(now));
        }
        return found.scope;
    }
    addresses_[address].pause_until(until);
    // Others go first, so that their answers tell whose limit it was; the longer, the less is known
    // after so many.
    const auto head_start = window_ / 10 * (1 << std::min(found.before, 3u));
    tenant.pause_until(alone ? until : until + head_start);
    if (found.scope == throttle_scope::address) {
        l.limit.lower(learned, now);
        addresses_[address].set_limit(l.limit.at(now));
    }
    return found.scope;
}

mono_time call_budget::others_until() const noexcept {
    auto last = mono_time::min();
    for (const auto& address : addresses_) last = std::max(last, address.paused_until());
    return last == mono_time::min() ? last : last + window_ / 10;
}

void call_budget::pause_until(mono_time t) {
    for (auto& address : addresses_) address.pause_until(t);
}

void call_budget::set_limits(std::span<const std::uint32_t> address_limits) {
    for (std::size_t i = 0; i < std::min(addresses_.size(), address_limits.size()); ++i) {
        const auto before = lanes_[i].limit.setting();
        lanes_[i].limit.set_setting(address_limits[i]);
        // A lowered one comes back by itself; anything else follows the setting at once.
        if (addresses_[i].limit() == before || addresses_[i].limit() > address_limits[i]) {
            addresses_[i].set_limit(address_limits[i]);
        }
    }
}

void call_budget::recover(mono_time now) {
    for (std::size_t i = 0; i < addresses_.size(); ++i) {
        if (addresses_[i].limit() != lanes_[i].limit.setting()) {
            addresses_[i].set_limit(lanes_[i].limit.at(now));
        }
    }
}

mono_time call_budget::forecast(std::size_t any, std::size_t even, bool evenly, nanoseconds call,
                                mono_time now) const {
    // The slots of each address as they get free, and what has started in them.
    struct ahead {
        std::uint32_t free = 0;
        mono_time even{};
        mono_time paused{};
        nanoseconds step{};
        std::priority_queue<mono_time, std::vector<mono_time>, std::greater<>> releases{};
    };
    std::vector<ahead> all;
    const bool some = any_usable();
    for (std::size_t i = 0; i < addresses_.size(); ++i) {
        // What may never come back is not counted on.
        if (some && lanes_[i].faults != 0) continue;
        const auto& address = addresses_[i];
        const auto used = address.used(now);
        ahead a;
        a.free = address.limit() - std::min(used, address.limit());
        a.even = lanes_[i].even;
        a.paused = std::max(now, rests_until(static_cast<std::uint32_t>(i)));
        a.step = step_of(i);
        const auto& releases = lanes_[i].releases;
        // A limit that was lowered takes the first releases for itself.
        auto lost = used > address.limit() ? used - address.limit() : 0;
        for (auto at = std::upper_bound(releases.begin(), releases.end(), now);
             at != releases.end(); ++at) {
            if (lost != 0) {
                --lost;
            } else {
                a.releases.push(*at);
            }
        }
        for (std::uint32_t k = 0; k < address.in_flight(); ++k) {
            a.releases.push(now + call + window_);
        }
        all.push_back(std::move(a));
    }
    const auto total = any + even + 1;
    const auto round = std::size_t{limit()};
    // After two windows the pattern repeats.
    const auto looked = std::min(total, std::max<std::size_t>(2 * round, 64));
    std::vector<mono_time> starts;
    starts.reserve(looked);
    mono_time last = now;
    for (std::size_t k = 0; k < looked; ++k) {
        const bool step_by_step = k == total - 1 ? evenly : k >= any;
        ahead* best = nullptr;
        mono_time when = mono_time::max();
        for (auto& a : all) {
            auto at = a.free != 0 ? a.paused : std::max(a.paused, a.releases.top());
            if (step_by_step) at = std::max(at, a.even);
            if (at < when) {
                when = at;
                best = &a;
            }
        }
        last = std::max(last, when);
        if (best->free != 0) {
            --best->free;
        } else {
            best->releases.pop();
        }
        best->releases.push(last + call + window_);
        best->even = std::max(best->even, last - best->step / catch_up_part) + best->step;
        starts.push_back(last);
    }
    if (looked == total) return last;
    const auto rounds = (total - looked + round - 1) / round;
    const auto same = total - 1 - rounds * round; // an earlier start of the same phase
    return starts[same] + (window_ + call) * static_cast<std::int64_t>(rounds);
}

std::uint32_t call_budget::limit() const noexcept {
    const bool some = any_usable();
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < addresses_.size(); ++i) {
        if (!some || lanes_[i].faults == 0) sum += addresses_[i].limit();
    }
    return sum;
}

bool call_budget::unusable(std::uint32_t address, mono_time now) {
    auto& l = lanes_[address];
    // It had its slot before the first one failed.
    if (now < l.unusable_until) return false;
    const bool was_in_use = l.faults == 0;
    l.unusable_until = now + unusable_for * (1 << std::min(l.faults, unusable_doublings_max));
    ++l.faults;
    if (!any_usable()) {
        for (auto& each : lanes_) {
            each.unusable_until = std::min(each.unusable_until, now + unusable_without_other);
        }
    }
    return was_in_use;
}

bool call_budget::usable(std::uint32_t address) noexcept {
    auto& l = lanes_[address];
    l.unusable_until = mono_time::min();
    return std::exchange(l.faults, 0u) != 0;
}

bool call_budget::any_usable() const noexcept {
    return std::ranges::any_of(lanes_, [](const lane& l) { return l.faults == 0; });
}

mono_time call_budget::rests_until(std::uint32_t address) const noexcept {
    return std::max(addresses_[address].paused_until(), lanes_[address].unusable_until);
}

} // namespace rollcall::sync
