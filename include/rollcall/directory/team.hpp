// The teams of one tenant (LA-28 to LA-35): a flat list as far as the sync is concerned, with the
// parents that admins gave them.
//
// A user's primary team is the one whose key is the folded department of the user. Secondary
// membership is the admins' alone (LA-33).
#pragma once
#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::directory {

struct team {
    std::uint32_t id = 0;     // ours, per tenant, from 1, never used again
    std::string name;         // as shown
    std::string key;          // folded name of the department it stands for; blank: of none (LA-30)
    bool owned = false;       // added by this integration: only then may it be removed (LA-31)
    std::uint32_t parent = 0; // another team; set by hand only (LA-29)
    std::uint32_t manager = 0; // uid
    std::uint8_t absent = 0;   // complete snapshots in a row without an active member in scope

    friend bool operator==(const team&, const team&) = default;
};

struct team_member {
    std::uint32_t team = 0;
    std::uint32_t uid = 0;
    friend auto operator<=>(const team_member&, const team_member&) = default;
};

// Few and small: a company has tens of departments, not thousands. Pointers live until the next
// non-const call.
class team_table {
  public:
    [[nodiscard]] const team* find(std::uint32_t id) const noexcept;
    // `folded` is fold() of a normalised department or name. Blank finds none.
    [[nodiscard]] const team* find_by_key(std::string_view folded) const noexcept;
    // A team without a key whose own folded name it is: a manual one that may be linked (LA-30).
    // The lowest id of several.
    [[nodiscard]] const team* find_unlinked(std::string_view folded_name) const;
    [[nodiscard]] const std::vector<team>& all() const noexcept { return teams_; } // by id
    [[nodiscard]] bool has_children(std::uint32_t id) const noexcept;

    // Insert or replace by id. The key must not belong to another team: false, and nothing changed.
    bool put(team value);
    // Removes it with its secondary memberships; its children lose their parent. False if there is
    // none.
    bool erase(std::uint32_t id);

    [[nodiscard]] const std::set<team_member>& secondary() const noexcept { return secondary_; }
    bool add_member(team_member member);    // false if it is there, or there is no such team
    bool remove_member(team_member member); // false if it is not
    void forget_user(std::uint32_t uid);    // an erased user is member and manager of nothing
    [[nodiscard]] std::size_t memory_bytes() const noexcept;

  private:
    std::vector<team> teams_; // sorted by id
    absl::flat_hash_map<std::string, std::uint32_t> id_by_key_;
    std::set<team_member> secondary_;
};

} // namespace rollcall::directory
