#include "rollcall/directory/team.hpp"

#include <gtest/gtest.h>

#include <map>

#include "rollcall/core/random.hpp"

namespace rollcall::directory {
namespace {

team by_hand(std::uint32_t id, std::string name) {
    team made;
    made.id = id;
    made.name = std::move(name);
    return made;
}
team department(std::uint32_t id, std::string name, std::string key) {
    team made = by_hand(id, std::move(name));
    made.key = std::move(key);
    made.owned = true;
    return made;
}
std::uint32_t id_of(const team* found) {
    return found == nullptr ? 0 : found->id;
}

TEST(TeamTable, FindsNothingWhenEmpty) {
    team_table teams;
    EXPECT_EQ(teams.find(1), nullptr);
    EXPECT_EQ(teams.find_by_key("sales"), nullptr);
    EXPECT_EQ(teams.find_unlinked("sales"), nullptr);
    EXPECT_FALSE(teams.has_children(0));
    EXPECT_FALSE(teams.erase(1));
    EXPECT_FALSE(teams.add_member({.team = 1, .uid = 1}));
    EXPECT_EQ(teams.memory_bytes(), 0u);
}

TEST(TeamTable, KeepsTeamsById) {
    team_table teams;
    for (const std::uint32_t id : {3u, 1u, 2u}) {
        EXPECT_TRUE(teams.put(department(id, "T" + std::to_string(id), std::to_string(id))));
    }
    ASSERT_EQ(teams.all().size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(teams.all()[i].id, i + 1);
    EXPECT_EQ(teams.find(2)->name, "T2");
    EXPECT_EQ(teams.find(4), nullptr);
    EXPECT_FALSE(teams.put(by_hand(0, "No number")));
}

TEST(TeamTable, ReplacesATeamAndItsKey) {
    team_table teams;
    teams.put(department(1, "Sales", "sales"));
    ASSERT_TRUE(teams.put(department(1, "Sales & Marketing", "sales & marketing")));
    EXPECT_EQ(teams.all().size(), 1u);
    EXPECT_EQ(teams.find_by_key("sales"), nullptr) << "the old key is free";
    EXPECT_EQ(id_of(teams.find_by_key("sales & marketing")), 1u);
    ASSERT_TRUE(teams.put(by_hand(1, "Sales")));
    EXPECT_EQ(teams.find_by_key("sales & marketing"), nullptr);
    EXPECT_TRUE(teams.put(department(2, "Sales", "sales")));
}

TEST(TeamTable, RefusesTheKeyOfAnotherTeamAndChangesNothing) {
    team_table teams;
    teams.put(department(1, "Sales", "sales"));
    teams.put(department(2, "Legal", "legal"));
    EXPECT_FALSE(teams.put(department(2, "Other", "sales")));
    EXPECT_FALSE(teams.put(department(3, "Other", "sales")));
    EXPECT_EQ(teams.all().size(), 2u);
    EXPECT_EQ(id_of(teams.find_by_key("sales")), 1u);
    EXPECT_EQ(id_of(teams.find_by_key("legal")), 2u);
    EXPECT_EQ(teams.find(2)->name, "Legal");
}

TEST(TeamTable, FindsNoTeamByABlankKey) {
    team_table teams;
    teams.put(by_hand(1, "Choir"));
    teams.put(by_hand(2, ""));
    EXPECT_EQ(teams.find_by_key(""), nullptr);
    EXPECT_EQ(teams.find_unlinked(""), nullptr);
}

TEST(La30, AManualTeamIsFoundByItsFoldedName) {
    team_table teams;
    teams.put(department(1, "Sales", "sales"));
    teams.put(by_hand(4, "straße"));
    teams.put(by_hand(3, " STRASSE "));
    EXPECT_EQ(teams.find_unlinked("sales"), nullptr) << "it stands for a department already";
    EXPECT_EQ(id_of(teams.find_unlinked("strasse")), 3u) << "the lowest of several";
    EXPECT_EQ(teams.find_unlinked("STRASSE"), nullptr) << "what is asked for must be folded";
}

TEST(TeamTable, ErasesATeamWithItsMembershipsAndFreesItsChildrenAndKey) {
    team_table teams;
    teams.put(department(1, "Sales", "sales"));
    team child = by_hand(2, "Inside sales");
    child.parent = 1;
    teams.put(child);
    EXPECT_TRUE(teams.add_member({.team = 1, .uid = 7}));
    EXPECT_TRUE(teams.add_member({.team = 2, .uid = 7}));
    EXPECT_TRUE(teams.has_children(1));
    EXPECT_FALSE(teams.has_children(2));
    EXPECT_TRUE(teams.erase(1));
    EXPECT_EQ(teams.find_by_key("sales"), nullptr);
    EXPECT_EQ(teams.find(2)->parent, 0u);
    EXPECT_EQ(teams.secondary(), (std::set<team_member>{{.team = 2, .uid = 7}}));
    EXPECT_FALSE(teams.erase(1));
}

TEST(TeamTable, CountsAMembershipOnce) {
    team_table teams;
    teams.put(by_hand(1, "Choir"));
    EXPECT_TRUE(teams.add_member({.team = 1, .uid = 7}));
    EXPECT_FALSE(teams.add_member({.team = 1, .uid = 7}));
    EXPECT_FALSE(teams.add_member({.team = 2, .uid = 7})) << "there is no such team";
    EXPECT_TRUE(teams.remove_member({.team = 1, .uid = 7}));
    EXPECT_FALSE(teams.remove_member({.team = 1, .uid = 7}));
}

TEST(TeamTable, ForgetsAnErasedUser) {
    team_table teams;
    for (const std::uint32_t id : {1u, 2u, 3u}) {
        team each = by_hand(id, "T");
        each.manager = id == 3 ? 8 : 7;
        teams.put(each);
        teams.add_member({.team = id, .uid = 7});
        teams.add_member({.team = id, .uid = 8});
    }
    teams.forget_user(7);
    EXPECT_EQ(teams.find(1)->manager, 0u);
    EXPECT_EQ(teams.find(2)->manager, 0u);
    EXPECT_EQ(teams.find(3)->manager, 8u);
    EXPECT_EQ(teams.secondary().size(), 3u);
    for (const team_member& each : teams.secondary()) EXPECT_EQ(each.uid, 8u);
}

// The key map against the plainest model, under changes that take keys from each other.
TEST(TeamTable, AgreesWithAMapUnderRandomChanges) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        random_source random(seed);
        team_table teams;
        std::map<std::uint32_t, team> expected;
        for (int step = 0; step < 400; ++step) {
            const auto id = static_cast<std::uint32_t>(1 + random.below(12));
            if (random.chance(0.2)) {
                const bool known = expected.erase(id) != 0;
                EXPECT_EQ(teams.erase(id), known);
                for (auto& [other, each] : expected) {
                    if (known && each.parent == id) each.parent = 0;
                }
            } else {
                team value = department(id, "Team", std::to_string(random.below(15)));
                if (random.chance(0.3)) value.key.clear();
                value.parent = static_cast<std::uint32_t>(random.below(13));
                const bool taken = std::ranges::any_of(expected, [&](const auto& other) {
                    return other.first != id && !value.key.empty() && other.second.key == value.key;
                });
                EXPECT_EQ(teams.put(value), !taken);
                if (!taken) expected[id] = value;
            }
            ASSERT_EQ(teams.all().size(), expected.size());
            for (const auto& [other, each] : expected) {
                ASSERT_EQ(*teams.find(other), each);
                ASSERT_TRUE(each.key.empty() || teams.find_by_key(each.key)->id == other);
            }
        }
        for (std::uint32_t key = 0; key < 15; ++key) {
            const team* found = teams.find_by_key(std::to_string(key));
            EXPECT_TRUE(found == nullptr || found->key == std::to_string(key)) << "a stale key";
        }
    }
}

} // namespace
} // namespace rollcall::directory
