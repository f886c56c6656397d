#include "rollcall/sync/event_feed.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "rollcall/core/check.hpp"

namespace rollcall::sync {
namespace {

constexpr std::array<std::string_view, event_kind_count> names{
    "fleet.started",  "fleet.draining", "run.started",    "run.finished",
    "hold.changed",   "tenant.added",   "tenant.changed", "tenant.removed",
    "tenant.stopped", "tenant.state",   "throttled",      "notice.sent"};

std::optional<std::uint64_t> number(std::string_view text) noexcept {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    return value;
}

} // namespace

std::string_view name_of(event_kind v) noexcept {
    return names[static_cast<std::size_t>(v)];
}

std::optional<event_kind> read_event_kind(std::string_view name) noexcept {
    const auto place = std::find(names.begin(), names.end(), name);
    if (place == names.end()) return {};
    return static_cast<event_kind>(place - names.begin());
}

event_feed::event_feed(std::size_t capacity, std::uint64_t epoch)
    : capacity_(capacity), epoch_(epoch) {
    ROLLCALL_CHECK(capacity > 0);
}

void event_feed::publish(wall_time at, event_kind kind, std::string_view tenant,
                         std::vector<event_field> fields) {
    if (ring_.size() == capacity_) ring_.pop_front();
    ring_.push_back({++last_, at, kind, std::string(tenant), std::move(fields)});
}

event_feed::slice event_feed::read(std::uint64_t after, std::size_t max) const {
    slice out;
    if (after >= last_) return out;
    const auto first = ring_.front().id;
    if (after + 1 < first) out.missed = first - after - 1;
    const auto skip = out.missed != 0 ? 0 : after + 1 - first;
    for (auto i = static_cast<std::size_t>(skip); i < ring_.size() && out.events.size() < max;
         ++i) {
        out.events.push_back(&ring_[i]);
    }
    return out;
}

std::string to_text(event_place where) {
    return std::to_string(where.epoch) + "-" + std::to_string(where.id);
}

std::optional<event_place> read_event_place(std::string_view text) noexcept {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return {};
    const auto epoch = number(text.substr(0, dash));
    const auto id = number(text.substr(dash + 1));
    if (!epoch || !id) return {};
    return event_place{*epoch, *id};
}

} // namespace rollcall::sync
