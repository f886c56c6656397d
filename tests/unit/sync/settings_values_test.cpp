// The settings that are more than one value: limits, lists of people, extra fields; and what does
// not go together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "rollcall/sync/settings.hpp"

namespace rollcall::sync {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const guard_limit& limit_of(const tenant_settings& in, guard which) {
    return in.limits[static_cast<std::size_t>(which)];
}

std::string fault_of(std::string_view name, std::string_view value) {
    auto s = defaults_of(profile::learnamp);
    const auto done = set_setting(s, name, value);
    return done ? std::string() : done.error().detail;
}

// ---- limits -------------------------------------------------------------------------------------

TEST(G5, TheDefaultLimitsAreThoseOfTheRule) {
    for (const auto which : {profile::learnamp, profile::wethrive}) {
        const auto s = defaults_of(which);
        EXPECT_EQ(setting_text(s, "limit_deactivation"),
                  "people=3 percent=10 max=500 week_percent=20");
        EXPECT_EQ(setting_text(s, "limit_email"), "people=10 percent=10");
        EXPECT_EQ(setting_text(s, "limit_id"), "people=5 percent=2");
        EXPECT_EQ(setting_text(s, "limit_clearing"), "people=5 percent=30");
        EXPECT_EQ(setting_text(s, "limit_invitation"), "people=20 percent=20");
        for (const auto& row : setting_rows()) {
            if (row.name.starts_with("limit_")) {
                EXPECT_NE(setting_text(s, row.name), "off") << row.name;
            }
        }
    }
}

TEST(SettingLimits, TakeTheirPartsInAnyOrderAndWriteOneNormalForm) {
    auto s = defaults_of(profile::learnamp);
    ASSERT_TRUE(set_setting(s, "limit_move", "  week_percent=20   percent=5 people=7 max=90 "));
    EXPECT_EQ(limit_of(s, guard::move), (guard_limit{true, 7, 5, 90, 20}));
    EXPECT_EQ(setting_text(s, "limit_move"), "people=7 percent=5 max=90 week_percent=20");
}

TEST(SettingLimits, WhatIsLeftOutHasNoEffect) {
    auto s = defaults_of(profile::learnamp);
    ASSERT_TRUE(set_setting(s, "limit_deactivation", "max=50"));
    EXPECT_EQ(limit_of(s, guard::deactivation), (guard_limit{true, 0, 100, 50, 0}))
        << "not what the default had";
    EXPECT_EQ(setting_text(s, "limit_deactivation"), "percent=100 max=50");
}

TEST(SettingLimits, OffIsNeverHeldAndZeroIsHeldAlways) {
    auto s = defaults_of(profile::learnamp);
    ASSERT_TRUE(set_setting(s, "limit_create", "off"));
    EXPECT_FALSE(limit_of(s, guard::create).on);
    ASSERT_TRUE(set_setting(s, "limit_create", "percent=0"));
    EXPECT_EQ(limit_of(s, guard::create), (guard_limit{true, 0, 0, 0, 0}));
    EXPECT_EQ(setting_text(s, "limit_create"), "percent=0");
}

TEST(SettingLimits, EachFaultIsSaidInItsOwnWords) {
    EXPECT_THAT(fault_of("limit_email", "peopel=3"), HasSubstr("'peopel=3' is none of its parts"));
    EXPECT_THAT(fault_of("limit_email", "3"), HasSubstr("'3' is none of its parts"));
    EXPECT_THAT(fault_of("limit_email", "percent=101"),
                HasSubstr("percent takes a whole number from 0 to 100"));
    EXPECT_THAT(fault_of("limit_email", "percent=ten"), HasSubstr("whole number"));
    EXPECT_THAT(fault_of("limit_email", "percent="), HasSubstr("whole number"));
    EXPECT_THAT(fault_of("limit_email", "max=1 max=1"), HasSubstr("max stands there twice"));
    EXPECT_THAT(fault_of("limit_email", "  "), HasSubstr("it is empty"));
    // The greater of the two counts: beside 100 percent, three people are no limit.
    EXPECT_THAT(fault_of("limit_email", "people=3"), HasSubstr("people alone holds nothing back"));
    EXPECT_THAT(fault_of("limit_email", "people=3 max=9"), HasSubstr("people alone"));
    EXPECT_THAT(fault_of("limit_email", "percent=x"),
                AllOf(HasSubstr("setting 'limit_email'"), HasSubstr("off, or any of people=N")));
}

TEST(SettingLimits, AProposedRenameHasNoLimitToSet) {
    EXPECT_THAT(fault_of("limit_team_rename", "off"), HasSubstr("there is no setting"));
}

// ---- lists --------------------------------------------------------------------------------------

TEST(SettingLists, ProtectedPeopleAreTrimmedNormalisedSortedAndEachThereOnce) {
    auto s = defaults_of(profile::learnamp);
    ASSERT_TRUE(set_setting(s, "protected_users",
                            " PW2 ,, PW10,PW2, Ceo@example.com, ceo@EXAMPLE.com , pw2, "));
    // The folded e-mail is one person (G-13); an id is opaque, so PW2 and pw2 are two.
    EXPECT_THAT(s.protected_users, ElementsAre("Ceo@example.com", "PW10", "PW2", "pw2"));
    EXPECT_EQ(setting_text(s, "protected_users"), "Ceo@example.com, PW10, PW2, pw2");
    ASSERT_TRUE(set_setting(s, "protected_users", ""));
    EXPECT_THAT(s.protected_users, IsEmpty());
    std::string many;
    for (int i = 0; i < 101; ++i) many += "PW" + std::to_string(i) + ",";
    EXPECT_THAT(fault_of("protected_users", many), HasSubstr("101 people; 100 at most"));
    EXPECT_THAT(fault_of("protected_users", std::string(255, 'x')), HasSubstr("254 bytes"));
    EXPECT_THAT(fault_of("protected_users", std::string(4097, ',')), HasSubstr("4096 bytes"));
}

TEST(SettingLists, ExtraFieldsAreSortedAndKeptAsPeopleHrSpellsThem) {
    auto s = defaults_of(profile::learnamp);
    ASSERT_TRUE(set_setting(s, "extra_fields", "grade = analysiscode1 , cost_centre=apicolumn5"));
    EXPECT_THAT(s.extra_fields, ElementsAre(extra_field{"cost_centre", "APIColumn5"},
                                            extra_field{"grade", "AnalysisCode1LabelText"}));
    EXPECT_EQ(setting_text(s, "extra_fields"),
              "cost_centre=APIColumn5, grade=AnalysisCode1LabelText");
    // One source may fill two attributes, but not the other way round.
    EXPECT_TRUE(set_setting(s, "extra_fields", "a=Title, b=Title"));
    EXPECT_THAT(fault_of("extra_fields", "a=Title, a=OtherName"),
                HasSubstr("attribute 'a' stands there twice"));
}

TEST(SettingLists, ExtraFieldsHaveNamesThatAProgramCanUse) {
    for (const auto* name : {"", "Cost", "1st", "_a", "cost centre", "kosten-stelle", "é"}) {
        EXPECT_THAT(fault_of("extra_fields", std::string(name) + "=Title"),
                    HasSubstr("the attribute '" + std::string(name) + "' has to begin with a-z"));
    }
    EXPECT_THAT(fault_of("extra_fields", "cost_centre"), HasSubstr("attribute=Source"));
    EXPECT_THAT(fault_of("extra_fields", std::string(40, 'a') + "=Title"), IsEmpty());
    EXPECT_THAT(fault_of("extra_fields", std::string(41, 'a') + "=Title"), HasSubstr("at most 40"));
    std::string many;
    for (int i = 0; i < 17; ++i) many += "a" + std::to_string(i) + "=Title, ";
    EXPECT_THAT(fault_of("extra_fields", many), HasSubstr("17 fields; 16 at most"));
}

TEST(G12, WhatIsPrivateIsNoExtraFieldAndTheReasonIsGiven) {
    for (const auto* key : {"BankDetail", "DateOfBirth", "NISNumber", "OtherContact", "RightToWork",
                            "BackgroundDetail", "ContactDetail", "EmploymentDetail", "Gender",
                            "gender", "Nationality", "ReasonForLeaving"}) {
        EXPECT_THAT(fault_of("extra_fields", std::string("a=") + key),
                    HasSubstr("never kept (G-12)"))
            << key;
    }
    for (const auto* key : {"EmployeeId", "EmailId", "JobRole", "LeavingDate", "ReportsTo"}) {
        EXPECT_THAT(fault_of("extra_fields", std::string("a=") + key),
                    HasSubstr("synced to a field of its own already"))
            << key;
    }
    EXPECT_THAT(fault_of("extra_fields", "a=Salary"), HasSubstr("no field 'Salary'"));
    EXPECT_THAT(fault_of("extra_fields", "a="), HasSubstr("no field ''"));
}

TEST(SettingLists, MayBeArraysInJson) {
    const auto parsed = boost::json::parse(R"({"protected_users": ["PW2", "PW1"],
        "extra_fields": ["b=APIColumn2", "a=APIColumn1"]})");
    const auto read = settings_from_json(parsed.get_object());
    EXPECT_THAT(read.failures, IsEmpty());
    EXPECT_THAT(read.settings.protected_users, ElementsAre("PW1", "PW2"));
    EXPECT_EQ(setting_text(read.settings, "extra_fields"), "a=APIColumn1, b=APIColumn2");

    const auto wrong = boost::json::parse(R"({"protected_users": [7], "company": ["Acme"],
        "extra_fields": ["a=Title,b=Title"], "limit_move": ["off"]})");
    EXPECT_THAT(settings_from_json(wrong.get_object()).failures, SizeIs(4));
}

// ---- what does not go together ------------------------------------------------------------------

using named_values = std::vector<std::pair<std::string_view, std::string_view>>;

std::vector<std::string> faults(profile which, const named_values& set) {
    auto s = defaults_of(which);
    for (const auto& [name, value] : set) EXPECT_TRUE(set_setting(s, name, value)) << name;
    std::vector<std::string> out;
    for (const auto& each : contradictions(s)) out.push_back(each.detail);
    return out;
}

TEST(Contradictions, NeitherProfileContradictsItself) {
    EXPECT_THAT(faults(profile::learnamp, {}), IsEmpty());
    EXPECT_THAT(faults(profile::wethrive, {}), IsEmpty());
}

TEST(Wt13, WethriveHasNoInvitationTeamOrOwnerOptions) {
    for (const auto& [name, value] : named_values{{"invite", "immediately"},
                                                  {"invite", "hire_date"},
                                                  {"remove_stale_teams", "true"},
                                                  {"owner_manages_new_teams", "true"},
                                                  {"team_owner", "PW1"},
                                                  {"clear_blank_department", "true"}}) {
        EXPECT_THAT(faults(profile::learnamp, {{name, value}}), IsEmpty()) << name;
        EXPECT_THAT(faults(profile::wethrive, {{name, value}}),
                    ElementsAre(AllOf(HasSubstr("setting '" + std::string(name) + "'"),
                                      HasSubstr("WT-13"))));
    }
    EXPECT_THAT(faults(profile::wethrive, {{"invite", "immediately"}, {"team_owner", "PW1"}}),
                SizeIs(2))
        << "all of them are reported";
}

TEST(Contradictions, WethriveMapsWhatItMapsAndNothingElse) {
    for (const auto& [name, value] : named_values{{"known_as", "true"},
                                                  {"team_from_department", "false"},
                                                  {"manager_from_reports_to", "false"},
                                                  {"extra_fields", "a=APIColumn1"}}) {
        EXPECT_THAT(faults(profile::learnamp, {{name, value}}), IsEmpty()) << name;
        EXPECT_THAT(faults(profile::wethrive, {{name, value}}), ElementsAre(HasSubstr("WT-2")));
    }
}

TEST(Contradictions, TheLiteralModeRunsOnlyWhenAsked) {
    EXPECT_THAT(faults(profile::wethrive, {{"link_key", "email"}}),
                ElementsAre(HasSubstr("set schedule to off")));
    EXPECT_THAT(faults(profile::wethrive, {{"link_key", "email"}, {"schedule", "off"}}), IsEmpty());
    EXPECT_THAT(faults(profile::learnamp, {{"link_key", "email"}}), ElementsAre(HasSubstr("LA-9")));
}

TEST(Contradictions, SeatsAreWethrives) {
    EXPECT_THAT(faults(profile::wethrive, {{"seats", "50"}}), IsEmpty());
    EXPECT_THAT(faults(profile::learnamp, {{"seats", "50"}}), ElementsAre(HasSubstr("WT-6")));
}

TEST(Contradictions, StaleTeamsAreRemovedOnlyWhereDepartmentsAreTeams) {
    EXPECT_THAT(faults(profile::learnamp,
                       {{"remove_stale_teams", "true"}, {"team_from_department", "false"}}),
                ElementsAre(HasSubstr("LA-28")));
}

TEST(Contradictions, WhatOnlyHasNoEffectYetIsNone) {
    EXPECT_THAT(faults(profile::learnamp, {{"invite_hour", "9"}}), IsEmpty());
    EXPECT_THAT(faults(profile::learnamp, {{"team_owner", "PW1"}}), IsEmpty());
    EXPECT_THAT(faults(profile::wethrive, {{"company", "Acme"}}), IsEmpty());
}

TEST(Profiles, DifferWhereTheBehaviourPageSaysSo) {
    const auto a = defaults_of(profile::learnamp);
    const auto b = defaults_of(profile::wethrive);
    std::vector<std::string> differ;
    for (const auto& row : setting_rows()) {
        if (setting_text(a, row.name) != setting_text(b, row.name)) differ.emplace_back(row.name);
    }
    EXPECT_THAT(differ, testing::UnorderedElementsAre("profile", "email_fallback", "silent_updates",
                                                      "history"));
}

// The shipped file of a profile; the tests run in tests/.
std::string shipped(profile which) {
    std::ifstream file("../config/profiles/" + std::string(name_of(which)) + ".toml");
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Profiles, TheShippedFilesAreWhatTheProgramPrints) {
    for (const auto which : {profile::learnamp, profile::wethrive}) {
        EXPECT_EQ(shipped(which), profile_as_toml(which))
            << "rollcalld --print-profile " << name_of(which) << " > config/profiles/"
            << name_of(which) << ".toml";
    }
}

TEST(Profiles, ReadBackAFileGivesTheDefaults) {
    for (const auto which : {profile::learnamp, profile::wethrive}) {
        // `name = value` with values that are JSON's as well: no TOML reader in this layer.
        boost::json::object read;
        std::istringstream lines(profile_as_toml(which));
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(line.size(), 104u) << line; // 100 columns, in bytes of UTF-8
            const auto equals = line.find(" = ");
            if (line.starts_with('#') || equals == std::string::npos) continue;
            read[line.substr(0, equals)] = boost::json::parse(line.substr(equals + 3));
        }
        EXPECT_THAT(read, SizeIs(setting_rows().size()));
        const auto back = settings_from_json(read);
        EXPECT_THAT(back.failures, IsEmpty());
        EXPECT_EQ(back.settings, defaults_of(which));
    }
}

} // namespace
} // namespace rollcall::sync
