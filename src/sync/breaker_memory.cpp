#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "rollcall/sync/hold.hpp"

namespace rollcall::sync {
namespace {

// The text up to `end`, which is taken off with it; nothing where there is no `end`.
std::optional<std::string_view> take_until(std::string_view& text, char end) noexcept {
    const auto at = text.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    const auto part = text.substr(0, at);
    text.remove_prefix(at + 1);
    return part;
}

template <class Int>
std::optional<Int> whole_number(std::string_view text) noexcept {
    Int v{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return v;
}

// "deactivation 1700000000000 14;"
std::optional<breaker_memory::entry> take_entry(std::string_view& text) noexcept {
    const auto name = take_until(text, ' ');
    const auto at = name ? take_until(text, ' ') : std::nullopt;
    const auto count = at ? take_until(text, ';') : std::nullopt;
    if (!count) return std::nullopt;
    const auto what = read_guard(*name);
    const auto ms = whole_number<std::int64_t>(*at);
    const auto number = whole_number<std::uint32_t>(*count);
    constexpr std::int64_t most = 9'000'000'000'000; // beyond it a wall_time would overflow
    if (!what || !ms || *ms < -most || *ms > most || !number || *number == 0) return std::nullopt;
    return breaker_memory::entry{*what, from_unix_ms(*ms), *number};
}

} // namespace

void breaker_memory::add(guard what, wall_time at, std::uint32_t number) {
    if (number == 0) return;
    at = from_unix_ms(to_unix_ms(at)); // as it is stored
    // A clock that was set back would keep entries of its future for ever (T-3): they are of now.
    for (auto& each : applied) each.at = std::min(each.at, at);
    const auto same = std::ranges::find_if(
        applied, [&](const entry& each) { return each.what == what && each.at == at; });
    if (same != applied.end()) {
        same->count += number;
    } else {
        applied.push_back({what, at, number});
    }
}

void breaker_memory::forget_before(wall_time when) {
    std::erase_if(applied, [when](const entry& each) { return each.at < when; });
}

std::uint32_t breaker_memory::count(guard what, wall_time since) const noexcept {
    std::uint32_t sum = 0;
    for (const auto& each : applied) {
        if (each.what == what && each.at >= since) sum += each.count;
    }
    return sum;
}

std::string breaker_memory::to_text() const {
    std::string out;
    for (const auto& each : applied) {
        out += fmt::format("{} {} {};", name_of(each.what), to_unix_ms(each.at), each.count);
    }
    return out;
}

breaker_memory breaker_memory::from_text(std::string_view text) {
    breaker_memory out;
    while (!text.empty()) {
        const auto next = take_entry(text);
        const bool in_order = next && (out.applied.empty() || out.applied.back().at <= next->at);
        if (!in_order) return {};
        out.applied.push_back(*next);
    }
    return out;
}

} // namespace rollcall::sync
