#include "rollcall/sync/conflict.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace rollcall::sync {
namespace {

// In the order of the enumerators; part of the disk format.
constexpr std::array<std::string_view, 5> ruling_names{"link", "new_person", "same", "reactivate",
                                                       "ignore"};

using ruling = ruling_of_conflict;

constexpr std::array link_or_ignore{ruling::link, ruling::ignore};
constexpr std::array who_has_the_id{ruling::new_person, ruling::same, ruling::ignore};
constexpr std::array reactivate_or_ignore{ruling::reactivate, ruling::ignore};
constexpr std::array only_ignore{ruling::ignore};

auto place(issue_kind kind, std::string_view external_id) noexcept {
    return std::tuple(external_id, kind);
}
auto place(const decision& of) noexcept {
    return place(of.kind, of.external_id);
}
constexpr auto before = [](const decision& d, const auto& at) { return place(d) < at; };

} // namespace

std::string_view name_of(ruling_of_conflict v) noexcept {
    const auto i = static_cast<std::size_t>(v);
    return i < ruling_names.size() ? ruling_names[i] : std::string_view("unknown");
}

std::optional<ruling_of_conflict> read_ruling(std::string_view name) noexcept {
    const auto at = std::ranges::find(ruling_names, name);
    if (at == ruling_names.end()) return std::nullopt;
    return static_cast<ruling_of_conflict>(at - ruling_names.begin());
}

std::span<const ruling_of_conflict> rulings_for(issue_kind kind) noexcept {
    switch (kind) {
        case issue_kind::email_taken:
        case issue_kind::fallback_refused: return link_or_ignore;
        case issue_kind::id_reuse: return who_has_the_id;
        case issue_kind::manual_deactivation: return reactivate_or_ignore;
        case issue_kind::shared_email:
        case issue_kind::missing_person:
        case issue_kind::erased_person: return only_ignore;
        default: return {};
    }
}

const decision* decisions::find(issue_kind kind, std::string_view external_id) const noexcept {
    const auto wanted = place(kind, external_id);
    const auto at = std::lower_bound(all_.begin(), all_.end(), wanted, before);
    return at != all_.end() && place(*at) == wanted ? &*at : nullptr;
}

void decisions::put(decision value) {
    const auto at = std::lower_bound(all_.begin(), all_.end(), place(value), before);
    if (at != all_.end() && place(*at) == place(value)) {
        *at = std::move(value);
    } else {
        all_.insert(at, std::move(value));
    }
}

bool decisions::erase(issue_kind kind, std::string_view external_id) {
    const auto* present = find(kind, external_id);
    if (present == nullptr) return false;
    all_.erase(all_.begin() + (present - all_.data()));
    return true;
}

void decisions::set(std::vector<decision> all) {
    all_.clear();
    for (auto& each : all) put(std::move(each));
}

} // namespace rollcall::sync
