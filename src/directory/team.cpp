#include "rollcall/directory/team.hpp"

#include <absl/strings/string_view.h>

#include <algorithm>

#include "rollcall/core/text.hpp"

namespace rollcall::directory {

namespace {

absl::string_view as_key(std::string_view text) noexcept {
    return {text.data(), text.size()};
}

} // namespace

const team* team_table::find(std::uint32_t id) const noexcept {
    const auto at = std::ranges::lower_bound(teams_, id, {}, &team::id);
    return at != teams_.end() && at->id == id ? &*at : nullptr;
}

const team* team_table::find_by_key(std::string_view folded) const noexcept {
    if (folded.empty()) return nullptr;
    const auto at = id_by_key_.find(as_key(folded));
    return at == id_by_key_.end() ? nullptr : find(at->second);
}

const team* team_table::find_unlinked(std::string_view folded_name) const {
    if (folded_name.empty()) return nullptr;
    std::string scratch;
    const auto at = std::ranges::find_if(teams_, [&](const team& each) {
        return each.key.empty() && fold(each.name, scratch) == folded_name;
    });
    return at == teams_.end() ? nullptr : &*at;
}

bool team_table::has_children(std::uint32_t id) const noexcept {
    return id != 0 && std::ranges::find(teams_, id, &team::parent) != teams_.end();
}

bool team_table::put(team value) {
    if (value.id == 0) return false;
    if (!value.key.empty()) {
        const auto [at, added] = id_by_key_.try_emplace(value.key, value.id);
        if (!added && at->second != value.id) return false;
    }
    const auto at = std::ranges::lower_bound(teams_, value.id, {}, &team::id);
    if (at == teams_.end() || at->id != value.id) {
        teams_.insert(at, std::move(value));
        return true;
    }
    if (!at->key.empty() && at->key != value.key) id_by_key_.erase(as_key(at->key));
    *at = std::move(value);
    return true;
}

bool team_table::erase(std::uint32_t id) {
    const auto at = std::ranges::lower_bound(teams_, id, {}, &team::id);
    if (at == teams_.end() || at->id != id) return false;
    if (!at->key.empty()) id_by_key_.erase(as_key(at->key));
    teams_.erase(at);
    for (team& each : teams_) {
        if (each.parent == id) each.parent = 0;
    }
    std::erase_if(secondary_, [id](const team_member& each) { return each.team == id; });
    return true;
}

bool team_table::add_member(team_member member) {
    return find(member.team) != nullptr && secondary_.insert(member).second;
}

bool team_table::remove_member(team_member member) {
    return secondary_.erase(member) != 0;
}

void team_table::forget_user(std::uint32_t uid) {
    for (team& each : teams_) {
        if (each.manager == uid) each.manager = 0;
    }
    std::erase_if(secondary_, [uid](const team_member& each) { return each.uid == uid; });
}

// What the containers hold, texts and nodes included, as near as they let themselves be asked.
std::size_t team_table::memory_bytes() const noexcept {
    const auto of_text = [](const std::string& text) {
        return text.capacity() > std::string().capacity() ? text.capacity() + 1 : 0;
    };
    constexpr std::size_t node_links = 4 * sizeof(void*); // of a red-black tree
    std::size_t bytes =
        teams_.capacity() * sizeof(team) + secondary_.size() * (sizeof(team_member) + node_links);
    for (const team& each : teams_) bytes += of_text(each.name) + of_text(each.key);
    bytes += id_by_key_.capacity() * (sizeof(decltype(id_by_key_)::value_type) + 1);
    for (const auto& [key, id] : id_by_key_) bytes += of_text(key);
    return bytes;
}

} // namespace rollcall::directory
