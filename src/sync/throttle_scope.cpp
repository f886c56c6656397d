#include "rollcall/sync/throttle_scope.hpp"

#include <algorithm>
#include <cmath>

namespace rollcall::sync {
namespace {

constexpr double recovery = 1.05;      // for each quiet window
constexpr int remembered_windows = 10; // how long a throttle or an answer is evidence
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
    : window_(window),
      value_(std::max(1u, setting)),
      before_(value_),
      setting_(std::max(1u, setting)) {}

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
    if (!within(lowered_at_, window_ * remembered_windows, now)) before_ = value_;
    if (const auto taught = teaches(n, now)) {
        value_ = *taught;
    } else if (!within(lowered_at_, window_, now)) {
        value_ = std::max(1.0, value_ / 2);
    }
    lowered_at_ = quiet_since_ = now;
}

void learned_limit::take_back(mono_time now) noexcept {
    recover(now);
    if (!within(lowered_at_, window_ * remembered_windows, now)) return;
    value_ = std::clamp(before_, value_, static_cast<double>(setting_));
    lowered_at_ = mono_time::min();
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

void throttle_evidence::succeeded(std::uint32_t tenant, std::uint32_t address_used,
                                  mono_time now) noexcept {
    if (tenant == 0) return;
    for (auto& each : throttles_) {
        if (each.tenant != tenant) each.shown = std::max(each.shown, address_used);
    }
    const peak fresh{tenant, address_used, now};
    for (auto& each : peaks_) {
        if (!within(each.at, window_ * remembered_windows, now)) each = {};
    }
    if (peaks_[1].tenant == tenant) std::swap(peaks_[0], peaks_[1]);
    if (peaks_[0].tenant == tenant) {
        if (address_used >= peaks_[0].used) peaks_[0] = fresh;
    } else if (address_used >= peaks_[1].used) {
        peaks_[1] = fresh;
    }
    if (peaks_[1].used > peaks_[0].used) std::swap(peaks_[0], peaks_[1]);
}

std::optional<throttle_scope> throttle_evidence::by_use(const answer& what) const noexcept {
    if (!what.n || *what.n == 0 || *what.n > plausible_max) return {};
    const auto n = *what.n;
    const auto upper = n + n / 5 + 1;
    const bool tenant_near = what.tenant_used * 5 >= n * 4 && what.tenant_used <= upper;
    // All calls of an address are counted here, those of a company not, and a slot is held for
    // longer than PeopleHR counts it: what has not reached N here has not reached it there.
    const bool address_near = what.address_used >= n - 1 && what.address_used <= upper;
    const bool address_beyond = what.address_used > n + n / 2 + 1;
    const bool tenant_below = what.tenant_used * 2 < n;
    if (tenant_near && address_beyond) return throttle_scope::company;
    if (address_near && tenant_below) return throttle_scope::address;
    return {};
}

bool throttle_evidence::by_height(const answer& what, mono_time now) const noexcept {
    return std::ranges::any_of(peaks_, [&](const peak& each) {
        return each.tenant != 0 && each.tenant != what.tenant && each.used >= what.address_used &&
               within(each.at, window_ * remembered_windows, now);
    });
}

// Somebody else whose throttle goes together with this one.
throttle_evidence::sighting* throttle_evidence::accomplice(const answer& what,
                                                           mono_time now) noexcept {
    for (auto& each : throttles_) {
        if (each.tenant == 0 || !within(each.at, window_ * 2, now)) break;
        if (each.tenant == what.tenant || each.by == throttle_scope::company) continue;
        if (!each.refuted() && each.shown < what.address_used) return &each;
    }
    return nullptr;
}

throttle_evidence::sighting* throttle_evidence::find(std::uint32_t tenant, mono_time now) noexcept {
    const auto at = std::ranges::find(throttles_, tenant, &sighting::tenant);
    if (at == throttles_.end()) return nullptr;
    return within(at->at, window_ * remembered_windows, now) ? &*at : nullptr;
}

void throttle_evidence::remember(const sighting& newest) noexcept {
    auto place = std::ranges::find(throttles_, newest.tenant, &sighting::tenant);
    if (place == throttles_.end()) --place;
    std::shift_right(throttles_.begin(), place + 1, 1);
    throttles_[0] = newest;
}

bool throttle_evidence::blames(std::uint32_t tenant, mono_time now) const noexcept {
    return tenant != 0 && std::ranges::any_of(throttles_, [&](const sighting& each) {
               return each.tenant == tenant && each.by == throttle_scope::company &&
                      within(each.at, window_ * remembered_windows, now);
           });
}

// Unknown: there is no evidence.
throttle_scope throttle_evidence::judge(const answer& what, const sighting* last,
                                        mono_time now) noexcept {
    const bool found_before =
        what.blamed || (last != nullptr && last->by == throttle_scope::company);
    if (found_before || (last != nullptr && last->refuted())) return throttle_scope::company;
    if (const auto used = by_use(what)) return *used;
    if (what.tenant == 0) return throttle_scope::unknown;
    if (last != nullptr && by_height(what, now)) return throttle_scope::company;
    if (auto* const other = accomplice(what, now)) {
        other->by = throttle_scope::address;
        return throttle_scope::address;
    }
    return throttle_scope::unknown;
}

throttle_evidence::finding throttle_evidence::throttled(answer what, mono_time now) noexcept {
    what.address_used = std::max(what.address_used, 1u); // the throttled call itself
    const auto* const last = what.tenant != 0 ? find(what.tenant, now) : nullptr;
    sighting seen{.tenant = what.tenant, .at = now, .used = what.address_used};
    seen.by = judge(what, last, now);
    finding out;
    if (last != nullptr) {
        out.before = seen.before = last->before + 1;
        out.takes_back = seen.by == throttle_scope::company && last->by == throttle_scope::address;
    }
    if (seen.by != throttle_scope::unknown) {
        scope_ = seen.by;
        found_at_ = now;
    } else if (!within(found_at_, window_ * remembered_windows, now)) {
        scope_ = throttle_scope::unknown;
    }
    out.scope = scope_;
    if (what.tenant != 0) remember(seen);
    return out;
}

} // namespace rollcall::sync
