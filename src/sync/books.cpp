#include "rollcall/sync/books.hpp"

#include <sodium.h>

#include <algorithm>
#include <limits>

#include "rollcall/core/check.hpp"

namespace rollcall::sync {
namespace {

void append(std::string& to, std::string_view part) {
    to += std::to_string(part.size());
    to += ':';
    to += part;
}

// Keys of teams may be exchanged among them, which one put after another could not do: those that
// change give theirs up first.
void put_teams(directory::team_table& into, const std::vector<directory::team>& teams) {
    for (const auto& each : teams) {
        const auto* present = into.find(each.id);
        if (present == nullptr || present->key == each.key || present->key.empty()) continue;
        auto without = *present;
        without.key.clear();
        ROLLCALL_CHECK(into.put(std::move(without)));
    }
    for (const auto& each : teams) ROLLCALL_CHECK(into.put(each));
}

} // namespace

person_mark mark_of(std::string_view salt, std::string_view kind, std::string_view value) {
    // The salt is hashed to a key first, so that any length of it will do.
    std::array<unsigned char, crypto_generichash_KEYBYTES> key{};
    crypto_generichash(key.data(), key.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                       salt.size(), nullptr, 0);
    std::string text;
    append(text, kind);
    append(text, value);
    person_mark out{};
    crypto_generichash(out.data(), out.size(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size(), key.data(), key.size());
    sodium_memzero(text.data(), text.size());
    return out;
}

namespace {

bool has_mark(const absl::flat_hash_set<person_mark>& marks, std::string_view salt,
              std::string_view external_id, std::string_view folded_email) {
    if (marks.empty()) return false;
    const auto is_marked = [&](std::string_view kind, std::string_view value) {
        return !value.empty() && marks.contains(mark_of(salt, kind, value));
    };
    return is_marked("id", external_id) || is_marked("email", folded_email);
}

} // namespace

bool books::was_erased(std::string_view external_id, std::string_view folded_email) const {
    return has_mark(erased, erasure_salt, external_id, folded_email);
}

bool books::was_invited(std::string_view external_id, std::string_view folded_email) const {
    return has_mark(invited, erasure_salt, external_id, folded_email);
}

bool outcome_of_steps::empty() const noexcept {
    return done.empty() && users.empty() && users_erased.empty() && teams.empty() &&
           teams_erased.empty() && members_added.empty() && members_removed.empty() &&
           invitations.empty() && invited.empty();
}

void install(books& into, const outcome_of_steps& what) {
    for (const auto& each : what.members_removed) into.teams.remove_member(each);
    for (const auto id : what.teams_erased) into.teams.erase(id);
    for (const auto uid : what.users_erased) {
        into.users.erase(uid);
        into.invitations.erase(uid);
        into.teams.forget_user(uid);
    }
    into.users.put_all(what.users);
    put_teams(into.teams, what.teams);
    for (const auto& each : what.members_added) into.teams.add_member(each);
    for (const auto& each : what.invitations) into.invitations.put(each);
    into.invited.insert(what.invited.begin(), what.invited.end());
    for (const auto& each : what.users) into.next_uid = std::max(into.next_uid, each.meta.uid + 1);
    for (const auto& each : what.teams) into.next_team = std::max(into.next_team, each.id + 1);
    into.users.compact_if_worthwhile();
}

} // namespace rollcall::sync
