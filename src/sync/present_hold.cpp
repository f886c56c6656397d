#include "present_hold.hpp"

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace rollcall::sync {

std::vector<held_section> merged(const hold& old, std::vector<held_section> fresh,
                                 std::span<const step> planned, planned_anew what) {
    const auto whose = [what](const step& s) {
        const auto kind = what == planned_anew::people ? step_kind{} : s.kind;
        return std::tuple(subject_of(s.kind), s.subject, kind);
    };
    absl::flat_hash_set<std::tuple<subject_kind, std::uint32_t, step_kind>> again;
    for (const auto& each : planned) again.insert(whose(each));
    for (const auto& section : fresh) {
        for (const auto& each : section.steps) again.insert(whose(each));
    }
    const auto rest =
        without(old, [&](guard, const step& each) { return again.contains(whose(each)); });
    for (const auto& section : rest.sections) {
        const auto same = std::ranges::find(fresh, section.what, &held_section::what);
        if (same == fresh.end()) {
            fresh.push_back(section);
        } else {
            std::ranges::copy(section.steps, std::back_inserter(same->steps));
        }
    }
    std::ranges::sort(fresh, {}, &held_section::what);
    return fresh;
}

hold rest_of(const hold& all, std::vector<held_section> sections) {
    hold rest;
    rest.run = all.run;
    rest.since = all.since;
    rest.sections = std::move(sections);
    seal(rest);
    return rest;
}

hold without(const hold& all, const std::function<bool(guard section, const step&)>& settled) {
    auto sections = all.sections;
    for (auto& section : sections) {
        std::erase_if(section.steps, [&](const step& each) { return settled(section.what, each); });
    }
    std::erase_if(sections, [](const held_section& each) { return each.steps.empty(); });
    return rest_of(all, std::move(sections));
}

std::string reasons_of(std::span<const held_section> sections) {
    std::string out;
    for (const auto& each : sections) {
        if (!out.empty()) out += "; ";
        out += each.reason;
    }
    return out;
}

} // namespace rollcall::sync
