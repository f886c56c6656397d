// Every rule has a scenario, and every two rules that meet on the same people have one together.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

#include "rollcall/sync/rules.hpp"
#include "scenario.hpp"

namespace rollcall::test {
namespace {

// Proved where they live: at the wire, in the store, in the scheduler, by the whole program; or not
// to be proved here at all (tools/rule_table.py says which tests they have).
const std::set<std::string, std::less<>> elsewhere{"LA-1", "LA-2", "LA-4", "LA-47", "WT-12", "B-1",
                                                   "B-2",  "B-3",  "B-4",  "B-5",   "B-6"};

std::set<std::pair<std::string, std::string>> pairs_of(const std::vector<scenario>& all) {
    std::set<std::pair<std::string, std::string>> out;
    for (const auto& each : all) {
        for (const auto& a : each.rules) {
            for (const auto& b : each.rules) out.emplace(a, b);
        }
    }
    return out;
}

TEST(Coverage, EveryRuleHasAScenario) {
    std::set<std::string, std::less<>> covered;
    for (const auto& each : load_scenarios("scenarios")) {
        EXPECT_FALSE(each.rules.empty()) << each.path << ": " << each.name;
        for (const auto& rule : each.rules) {
            EXPECT_NE(sync::find_rule(rule), nullptr) << each.path << ": there is no rule " << rule;
            covered.insert(rule);
        }
    }
    for (const auto& rule : sync::all_rules()) {
        EXPECT_NE(covered.contains(rule.id), elsewhere.contains(rule.id))
            << rule.id << ": " << rule.text;
    }
}

TEST(Coverage, AllPairsOfIdentityRulesAndOfTrustMeet) {
    const auto pairs = pairs_of(load_scenarios("scenarios"));
    const auto expect_all = [&](const std::string& chapter, int first, int last) {
        for (int a = first; a <= last; ++a) {
            for (int b = a + 1; b <= last; ++b) {
                const auto one = chapter + std::to_string(a);
                const auto other = chapter + std::to_string(b);
                EXPECT_TRUE(pairs.contains({one, other})) << one << " and " << other;
            }
        }
    };
    expect_all("LA-", 8, 17);
    expect_all("G-", 1, 5);
}

TEST(Coverage, NamesOfScenariosAreTheirOwn) {
    std::set<std::string> names;
    for (const auto& each : load_scenarios("scenarios")) {
        EXPECT_TRUE(names.insert(each.name).second) << each.path << ": " << each.name;
    }
}

} // namespace
} // namespace rollcall::test
