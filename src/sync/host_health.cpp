#include "rollcall/sync/host_health.hpp"

#include <algorithm>

namespace rollcall::sync {
namespace {

constexpr double multiplier = 2.0; // K: how many times the accepted calls may be asked for
// So many different tenants in a row without an answer are an outage and no bad luck.
constexpr std::size_t failing_for_down = 3;
constexpr nanoseconds probe_gap_min = seconds{10};
constexpr nanoseconds probe_gap_max = seconds{30};
// The gap is this part of how long the outage lasts, within its bounds.
constexpr int probe_part = 30;

} // namespace

void host_health::advance(mono_time now) noexcept {
    const auto width = window.count() / static_cast<std::int64_t>(slices);
    const auto number = now.time_since_epoch().count() / width;
    const auto steps = std::min<std::int64_t>(number - slice_, slices);
    for (std::int64_t i = 1; i <= steps; ++i) {
        slices_[static_cast<std::size_t>((number - steps + i) %
                                         static_cast<std::int64_t>(slices))] = {};
    }
    slice_ = std::max(slice_, number);
}

host_health::counts host_health::sum(mono_time now) noexcept {
    advance(now);
    counts all;
    for (const auto& each : slices_) {
        all.requests += each.requests;
        all.calls += each.calls;
        all.accepts += each.accepts;
        all.failures += each.failures;
        all.retries += each.retries;
    }
    return all;
}

double host_health::refusal(mono_time now) noexcept {
    const auto all = sum(now);
    const double requests = all.requests;
    return std::max(0.0, (requests - multiplier * all.accepts) / (requests + 1));
}

bool host_health::holds_back(random_source& random, mono_time now) noexcept {
    const auto all = sum(now);
    // What is not known to fail is not held back: calls under way have no answer yet.
    // Now and then one goes out to see.
    const bool overdue = last_sent_ == mono_time::min() || now - last_sent_ >= probe_gap_min;
    const bool refused = all.failures != 0 && !overdue && random.unit() < refusal(now);
    ++slices_[static_cast<std::size_t>(slice_) % slices].requests;
    return refused;
}

void host_health::sent(bool retry, bool counted, mono_time now) noexcept {
    advance(now);
    last_sent_ = now;
    auto& present = slices_[static_cast<std::size_t>(slice_) % slices];
    ++present.calls;
    present.requests += counted ? 0 : 1;
    present.retries += retry ? 1 : 0;
}

bool host_health::may_retry(mono_time now) noexcept {
    const auto all = sum(now);
    return all.retries < std::max(retries_min, all.calls / 10);
}

bool host_health::answered(std::uint32_t tenant, bool accepted, mono_time now) {
    advance(now);
    auto& present = slices_[static_cast<std::size_t>(slice_) % slices];
    if (accepted) {
        ++present.accepts;
        answered_at_ = now;
        failing_.clear();
        const bool was_down = down();
        down_since_ = mono_time::min();
        if (was_down) {
            // The outage says nothing of the host that is back.
            slices_ = {};
        }
        return was_down;
    }
    ++present.failures;
    if (down()) return false;
    if (std::find(failing_.begin(), failing_.end(), tenant) == failing_.end()) {
        failing_.push_back(tenant);
    }
    if (failing_.size() >= std::max<std::size_t>(2, std::min(failing_for_down, tenants_))) {
        down_since_ = now;
        probe_at_ = now + probe_gap_min;
        failing_.clear();
    }
    return false;
}

void host_health::probed(random_source& random, mono_time now) noexcept {
    const auto gap =
        std::clamp<nanoseconds>((now - down_since_) / probe_part, probe_gap_min, probe_gap_max);
    // Full gap less up to a fifth: several daemons that met one outage do not ask in step.
    probe_at_ = now + gap - nanoseconds{random.between(0, gap.count() / 5)};
}

double host_health::accepted_share(mono_time now) noexcept {
    const auto all = sum(now);
    const auto ended = all.accepts + all.failures;
    return ended == 0 ? 1.0 : static_cast<double>(all.accepts) / ended;
}

} // namespace rollcall::sync
