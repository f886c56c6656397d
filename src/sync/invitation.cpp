#include "rollcall/sync/invitation.hpp"

#include <absl/time/civil_time.h>

#include <algorithm>
#include <array>

namespace rollcall::sync {
namespace {

// In the order of the enumerators; part of the disk format.
constexpr std::array<std::string_view, 6> state_names{"not_invited", "scheduled", "due",
                                                      "sent",        "cancelled", "confirmed"};

bool is_scheduled(const invitation& v) noexcept {
    return v.state == invitation_state::scheduled;
}

absl::CivilDay civil(date day) noexcept {
    return absl::CivilDay(1970, 1, 1) + day.days;
}

// A wall_time ends in the year 2262, a hire date need not: it then lies as far away as can be said.
wall_time instant(absl::Time t) noexcept {
    constexpr std::int64_t most = 9'000'000'000;
    return wall_time{seconds{std::clamp(absl::ToUnixSeconds(t), -most, most)}};
}

} // namespace

std::string_view name_of(invitation_state v) noexcept {
    const auto i = static_cast<std::size_t>(v);
    return i < state_names.size() ? state_names[i] : std::string_view("unknown");
}

std::optional<invitation_state> read_invitation_state(std::string_view name) noexcept {
    const auto at = std::ranges::find(state_names, name);
    if (at == state_names.end()) return std::nullopt;
    return static_cast<invitation_state>(at - state_names.begin());
}

// ---- the ledger ----

const invitation* invitation_ledger::find(std::uint32_t uid) const noexcept {
    const auto at = by_uid_.find(uid);
    return at == by_uid_.end() ? nullptr : &at->second;
}

void invitation_ledger::put(const invitation& value) {
    auto& slot = by_uid_[value.uid];
    if (is_scheduled(slot)) scheduled_.erase({slot.due, slot.uid});
    slot = value;
    if (is_scheduled(slot)) scheduled_.insert({slot.due, slot.uid});
}

bool invitation_ledger::erase(std::uint32_t uid) {
    const auto at = by_uid_.find(uid);
    if (at == by_uid_.end()) return false;
    if (is_scheduled(at->second)) scheduled_.erase({at->second.due, uid});
    by_uid_.erase(at);
    return true;
}

std::optional<wall_time> invitation_ledger::next_due(wall_time after) const noexcept {
    const auto at = scheduled_.upper_bound({after, ~std::uint32_t{0}});
    if (at == scheduled_.end()) return std::nullopt;
    return at->first;
}

std::vector<invitation> invitation_ledger::all() const {
    std::vector<invitation> out;
    out.reserve(by_uid_.size());
    for (const auto& [uid, each] : by_uid_) out.push_back(each);
    std::ranges::sort(out, {}, &invitation::uid);
    return out;
}

std::vector<invitation> invitation_ledger::scheduled() const {
    std::vector<invitation> out;
    out.reserve(scheduled_.size());
    for (const auto& [due, uid] : scheduled_) out.push_back(by_uid_.find(uid)->second);
    return out;
}

// ---- local instants ----

wall_time local_instant(date day, int hour, const absl::TimeZone& zone) {
    const auto at = zone.At(absl::CivilSecond(absl::CivilHour(civil(day)) + hour));
    if (at.kind != absl::TimeZone::TimeInfo::SKIPPED) return instant(at.pre);
    // The clock goes from `last` to `trans`, past the hour that is asked for.
    const auto last = at.trans - absl::Seconds(1);
    const bool day_exists = absl::ToCivilDay(last, zone) == civil(day);
    const bool ends_in_the_gap = absl::ToCivilDay(at.trans, zone) > civil(day);
    return instant(day_exists && ends_in_the_gap ? last : at.trans);
}

wall_time day_ended(date day, const absl::TimeZone& zone) {
    const auto at = zone.At(absl::CivilSecond(civil(day) + 1));
    switch (at.kind) {
        case absl::TimeZone::TimeInfo::SKIPPED: return instant(at.trans);
        case absl::TimeZone::TimeInfo::REPEATED: return instant(at.post);
        default: return instant(at.pre);
    }
}

absl::TimeZone zone_of(const tenant_settings& settings) {
    absl::TimeZone zone;
    const auto& name = settings.time_zone;
    return absl::LoadTimeZone({name.data(), name.size()}, &zone) ? zone : absl::UTCTimeZone();
}

} // namespace rollcall::sync
