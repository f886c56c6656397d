// The rules that explanations quote: all there, in order, and true to the table of settings.
#include "rollcall/sync/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rollcall/sync/settings.hpp"

namespace rollcall::sync {
namespace {

using testing::EndsWith;
using testing::Not;

std::vector<std::string_view> settings_of(const rule& which) {
    std::vector<std::string_view> out;
    auto rest = which.settings;
    while (!rest.empty()) {
        const auto end = rest.find(", ");
        out.push_back(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 2);
    }
    return out;
}

TEST(Rules, AreCompleteAndInOrder) {
    const std::vector<std::pair<std::string, int>> chapters{
        {"G", 14}, {"LA", 50}, {"WT", 13}, {"T", 3}, {"B", 6}};
    std::vector<std::string> expected, found;
    for (const auto& [prefix, count] : chapters) {
        for (int i = 1; i <= count; ++i) expected.push_back(prefix + "-" + std::to_string(i));
    }
    for (const auto& each : all_rules()) found.emplace_back(each.id);
    EXPECT_EQ(found, expected);
}

TEST(Rules, AreFoundByTheirIds) {
    for (const auto& each : all_rules()) EXPECT_EQ(find_rule(each.id), &each);
    for (const auto* none : {"", "LA", "LA-0", "LA-51", "la-13", "S9", "manual", "undo"}) {
        EXPECT_EQ(find_rule(none), nullptr) << none;
    }
}

TEST(Rules, AreSentencesThatFitAnAnswer) {
    std::set<std::string_view> seen;
    for (const auto& each : all_rules()) {
        const std::string text(each.text);
        EXPECT_THAT(text, EndsWith(".")) << each.id;
        EXPECT_THAT(text, Not(testing::HasSubstr("  "))) << each.id;
        EXPECT_LE(text.size(), 280u) << each.id;
        EXPECT_TRUE(seen.insert(each.text).second) << each.id << " says what another says";
    }
}

TEST(Rules, NameSettingsThatThereAreAndNoneTwice) {
    std::set<std::string_view> known;
    for (const auto& row : setting_rows()) known.insert(row.name);
    for (const auto& each : all_rules()) {
        std::set<std::string_view> named;
        for (const auto name : settings_of(each)) {
            EXPECT_TRUE(known.contains(name)) << each.id << " names '" << name << "'";
            EXPECT_TRUE(named.insert(name).second) << each.id << " names '" << name << "' twice";
        }
    }
}

TEST(Rules, EverySettingBelongsToARule) {
    std::set<std::string_view> named;
    for (const auto& each : all_rules()) {
        for (const auto name : settings_of(each)) named.insert(name);
    }
    for (const auto& row : setting_rows()) {
        // From the field table of the behaviour page, which has no number.
        if (row.name == "known_as") continue;
        EXPECT_TRUE(named.contains(row.name)) << row.name;
    }
}

TEST(Rules, ThatASettingNamesInItsMeaningExist) {
    for (const auto& row : setting_rows()) {
        const auto open = row.meaning.rfind('(');
        if (open == std::string_view::npos || !row.meaning.ends_with(')')) continue;
        auto rest = row.meaning.substr(open + 1, row.meaning.size() - open - 2);
        while (!rest.empty()) {
            const auto end = rest.find(", ");
            EXPECT_NE(find_rule(rest.substr(0, end)), nullptr)
                << row.name << " names " << rest.substr(0, end);
            rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 2);
        }
    }
}

} // namespace
} // namespace rollcall::sync
