#include "rollcall/sync/throttle_scope.hpp"

#include <algorithm>
#include <cmath>

namespace rollcall::sync {
namespace {

constexpr double recovery = 1.05;      // for each quiet window
constexpr int remembered_windows = 10; // how long a tenant's last throttle counts as the one before
// Beyond this an N is no limit but a mistake.
constexpr std::uint32_t plausible_max = 100'000;

bool within(mono_time at, nanoseconds span, mono_time now) noexcept {
    return at != mono_time::min() && now - at <= span;
}

} // namespace

std::string_view name_of(throttle_scope v) noexcept {
    switch (v) {
        case throttle_scope::unknown: return "unknown";
        case throttle_scope::address: return "address";
        case throttle_scope::company: return "company";
    }
    return "unknown";
}

learned_limit::learned_limit(std::uint32_t setting, nanoseconds window)
    : window_(window), value_(std::max(1u, setting)), setting_(std::max(1u, setting)) {}

void learned_limit::set_setting(std::uint32_t setting) noexcept {
    setting = std::max(1u, setting);
    // What was not lowered follows the setting up.
    if (value_ >= setting_) value_ = setting;
    setting_ = setting;
    value_ = std::min(value_, static_cast<double>(setting_));
}

std::optional<std::uint32_t> learned_limit::teaches(std::optional<std::uint32_t> n,
                                                    mono_time now) noexcept {
    if (!n || *n == 0) return {};
    const auto margin = std::max<std::uint64_t>(1, std::uint64_t{*n} * 5 / 6);
    if (margin >= at(now)) return {};
    return static_cast<std::uint32_t>(margin);
}

void learned_limit::lower(std::optional<std::uint32_t> n, mono_time now) noexcept {
    recover(now);
    if (const auto taught = teaches(n, now)) {
        value_ = *taught;
    } else if (!within(lowered_at_, window_, now)) {
        value_ = std::max(1.0, value_ / 2);
    }
    lowered_at_ = quiet_since_ = now;
}

void learned_limit::recover(mono_time now) noexcept {
    if (quiet_since_ == mono_time::min() || value_ >= setting_) return;
    const auto quiet = (now - quiet_since_) / window_;
    if (quiet <= 0) return;
    quiet_since_ += window_ * quiet;
    value_ = std::min<double>(
        setting_,
        value_ * std::pow(recovery, std::min<double>(static_cast<double>(quiet), 10'000.0)));
}

std::uint32_t learned_limit::at(mono_time now) noexcept {
    recover(now);
    return std::max(1u, static_cast<std::uint32_t>(value_));
}

void throttle_evidence::succeeded(std::uint32_t tenant, mono_time now) noexcept {
    if (tenant == 0) return;
    if (successes_[0].tenant != tenant) successes_[1] = successes_[0];
    successes_[0] = {tenant, now};
}

std::optional<throttle_scope> throttle_evidence::by_use(const answer& what) const noexcept {
    if (!what.n || *what.n == 0 || *what.n > plausible_max) return {};
    const auto n = *what.n;
    const auto near = [n](std::uint32_t used) {
        return used * 5 >= n * 4 && used <= n + n / 5 + 1;
    };
    const bool address_beyond = what.address_used > n + n / 2 + 1;
    const bool tenant_below = what.tenant_used * 2 < n;
    if (near(what.tenant_used) && address_beyond) return throttle_scope::company;
    if (near(what.address_used) && tenant_below) return throttle_scope::address;
    return {};
}

std::optional<throttle_scope> throttle_evidence::by_sequence(const answer& what,
                                                             mono_time now) const noexcept {
    if (what.tenant == 0) return {};
    for (const auto& before : throttles_) {
        if (before.tenant == 0) break;
        if (before.tenant != what.tenant) {
            if (within(before.at, window_ * 2, now)) return throttle_scope::address;
            continue;
        }
        if (!within(before.at, window_ * remembered_windows, now)) break;
        for (const auto& good : successes_) {
            if (good.tenant != 0 && good.tenant != what.tenant && good.at > before.at) {
                return throttle_scope::company;
            }
        }
    }
    return {};
}

throttle_scope throttle_evidence::throttled(const answer& what, mono_time now) noexcept {
    if (const auto used = by_use(what)) {
        scope_ = *used;
    } else if (const auto seen = by_sequence(what, now)) {
        scope_ = *seen;
    }
    if (what.tenant != 0) {
        std::shift_right(throttles_.begin(), throttles_.end(), 1);
        throttles_[0] = {what.tenant, now};
    }
    return scope_;
}

} // namespace rollcall::sync
