// The table of settings: every one is read, written, checked and explained.
#include "rollcall/sync/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <map>
#include <set>
#include <string>

namespace {

using namespace rollcall;
using namespace rollcall::sync;
using testing::HasSubstr;
using testing::IsEmpty;

// For each setting a value that no profile has by default, and one that is not allowed.
struct sample {
    std::string other, wrong;
};
const std::map<std::string, sample, std::less<>> samples{
    {"profile", {"wethrive", "bamboo"}},
    {"base_url", {"https://sandbox.example.com", "http://api.peoplehr.net"}},
    {"company", {"Acme Ltd", "\xff"}},
    {"time_zone", {"Australia/Melbourne", "Mars/Olympus"}},
    {"known_as", {"true", "yes"}},
    {"email_fallback", {"true", "1"}},
    {"team_from_department", {"false", "FALSE"}},
    {"manager_from_reports_to", {"false", ""}},
    {"link_key", {"email", "name"}},
    {"bad_email", {"stop", "ignore"}},
    {"out_of_scope", {"deactivate", "delete"}},
    {"reactivation", {"hr_wins", "all"}},
    {"missing_policy", {"deactivate", "erase"}},
    {"schedule", {"off", "hourly"}},
    {"missing_after", {"30", "31"}},
    {"gate_headcount_percent", {"1", "0"}},
    {"gate_blank_percent", {"100", "101"}},
    {"gate_distinct_percent", {"99", "-1"}},
    {"gate_floor_people", {"0", "10001"}},
    {"calls_per_minute", {"60000", "12 calls"}},
};

// Every setting away from its default.
tenant_settings all_others() {
    tenant_settings s;
    for (const auto& row : setting_rows()) {
        EXPECT_TRUE(set_setting(s, row.name, samples.at(std::string(row.name)).other)) << row.name;
    }
    return s;
}

TEST(Settings, EveryRowHasAMeaningAndASampleInThisTest) {
    std::set<std::string_view> seen;
    for (const auto& row : setting_rows()) {
        EXPECT_TRUE(seen.insert(row.name).second) << row.name << " stands twice";
        EXPECT_THAT(std::string(row.meaning), Not(IsEmpty()));
        EXPECT_THAT(std::string(row.allowed), Not(IsEmpty()));
        EXPECT_TRUE(samples.contains(row.name)) << row.name << " has no sample";
    }
    EXPECT_EQ(seen.size(), samples.size());
}

TEST(Settings, TheTableIsComplete) {
    // A member that the table forgets keeps its default in both directions; so a struct whose every
    // row differs from the default must differ in every member. The names are those of the struct.
    const auto s = all_others();
    const tenant_settings plain;
    EXPECT_NE(s.profile, plain.profile);
    EXPECT_NE(s.base_url, plain.base_url);
    EXPECT_NE(s.company, plain.company);
    EXPECT_NE(s.time_zone, plain.time_zone);
    EXPECT_NE(s.known_as, plain.known_as);
    EXPECT_NE(s.email_fallback, plain.email_fallback);
    EXPECT_NE(s.team_from_department, plain.team_from_department);
    EXPECT_NE(s.manager_from_reports_to, plain.manager_from_reports_to);
    EXPECT_NE(s.link_key, plain.link_key);
    EXPECT_NE(s.bad_email, plain.bad_email);
    EXPECT_NE(s.out_of_scope, plain.out_of_scope);
    EXPECT_NE(s.reactivation, plain.reactivation);
    EXPECT_NE(s.missing_policy, plain.missing_policy);
    EXPECT_NE(s.schedule, plain.schedule);
    EXPECT_NE(s.missing_after, plain.missing_after);
    EXPECT_NE(s.gate_headcount_percent, plain.gate_headcount_percent);
    EXPECT_NE(s.gate_blank_percent, plain.gate_blank_percent);
    EXPECT_NE(s.gate_distinct_percent, plain.gate_distinct_percent);
    EXPECT_NE(s.gate_floor_people, plain.gate_floor_people);
    EXPECT_NE(s.calls_per_minute, plain.calls_per_minute);
}

TEST(Settings, EachOneSurvivesTextAndJsonAlone) {
    for (const auto& row : setting_rows()) {
        SCOPED_TRACE(row.name);
        tenant_settings s;
        const auto& value = samples.at(std::string(row.name)).other;
        ASSERT_NE(setting_text(s, row.name), value);
        ASSERT_TRUE(set_setting(s, row.name, value));
        EXPECT_EQ(setting_text(s, row.name), value);
        const auto back = settings_from_json(to_json(s));
        EXPECT_THAT(back.failures, IsEmpty());
        EXPECT_EQ(setting_text(back.settings, row.name), value);
        EXPECT_EQ(back.settings, s);
    }
}

TEST(Settings, AllTogetherSurviveJson) {
    const auto s = all_others();
    const auto json = to_json(s);
    EXPECT_EQ(json.size(), setting_rows().size());
    const auto back = settings_from_json(json);
    EXPECT_THAT(back.failures, IsEmpty());
    EXPECT_EQ(back.settings, s);
}

TEST(Settings, EachWrongValueIsNamedWithItsSettingAndLeavesItAsItWas) {
    for (const auto& row : setting_rows()) {
        SCOPED_TRACE(row.name);
        tenant_settings s;
        const auto& wrong = samples.at(std::string(row.name)).wrong;
        const auto done = set_setting(s, row.name, wrong);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, errc::invalid_argument);
        EXPECT_THAT(done.error().detail, HasSubstr("'" + std::string(row.name) + "'"));
        if (wrong != "\xff") {
            EXPECT_THAT(done.error().detail, HasSubstr("'" + wrong + "'"));
        }
        EXPECT_EQ(s, tenant_settings{});
    }
}

TEST(Settings, AnUnknownNameIsAnsweredWithTheNearestKnownOne) {
    tenant_settings s;
    EXPECT_THAT(set_setting(s, "emial_fallback", "true").error().detail,
                HasSubstr("did you mean 'email_fallback'?"));
    EXPECT_THAT(set_setting(s, "calls-per-minute", "3").error().detail,
                HasSubstr("did you mean 'calls_per_minute'?"));
    EXPECT_THAT(set_setting(s, "zzzz", "3").error().detail, Not(HasSubstr("did you mean")));
}

TEST(Settings, EveryFailureOfAnObjectIsReportedNotOnlyTheFirst) {
    const auto parsed = boost::json::parse(R"({"comapny": "x", "missing_after": 99,
        "known_as": "perhaps", "schedule": null, "profile": "wethrive", "company": "Acme",
        "gate_floor_people": 1.5, "calls_per_minute": 18446744073709551615})");
    const auto read = settings_from_json(parsed.get_object());
    std::string all;
    for (const auto& each : read.failures) all += each.detail + "\n";
    EXPECT_EQ(read.failures.size(), 6u) << all;
    for (const auto* name : {"comapny", "missing_after", "known_as", "schedule",
                             "gate_floor_people", "calls_per_minute"}) {
        EXPECT_THAT(all, HasSubstr(name));
    }
    EXPECT_EQ(read.settings.company, "Acme") << "what is good is taken";
}

TEST(Settings, TheProfileDecidesWhatTheOthersStartFromWhereverItStands) {
    EXPECT_FALSE(defaults_of(profile::learnamp).email_fallback);
    EXPECT_TRUE(defaults_of(profile::wethrive).email_fallback) << "WT-3, WT-4";
    const auto last = boost::json::parse(R"({"company": "Acme", "profile": "wethrive"})");
    EXPECT_TRUE(settings_from_json(last.get_object()).settings.email_fallback);
    const auto own = boost::json::parse(R"({"email_fallback": false, "profile": "wethrive"})");
    EXPECT_FALSE(settings_from_json(own.get_object()).settings.email_fallback);
}

TEST(Settings, PlainHttpIsForThisMachineOnly) {
    tenant_settings s;
    for (const auto* good : {"http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:80"}) {
        EXPECT_TRUE(set_setting(s, "base_url", good)) << good;
    }
    for (const auto* bad :
         {"http://example.com", "https://", "ftp://127.0.0.1", "", "http://localhost.evil.example",
          "http://127.evil.example", "http://127.0.0.1:x@evil.example", "http://[::1].example"}) {
        EXPECT_FALSE(set_setting(s, "base_url", bad)) << bad;
    }
}

TEST(Settings, TextsAreTrimmedNormalisedAndBounded) {
    tenant_settings s;
    ASSERT_TRUE(set_setting(s, "company", "  Cafe\u0301  "));
    EXPECT_EQ(s.company, "Caf\u00e9");
    EXPECT_FALSE(set_setting(s, "company", std::string(201, 'a')));
    EXPECT_TRUE(set_setting(s, "company", ""));
    EXPECT_EQ(s.company, "");
}

TEST(Settings, TheMappingFingerprintMovesWithWhatTheMappingDependsOn) {
    const std::set<std::string_view> no_part_of_it{"base_url",
                                                   "time_zone",
                                                   "bad_email",
                                                   "missing_policy",
                                                   "schedule",
                                                   "missing_after",
                                                   "gate_headcount_percent",
                                                   "gate_blank_percent",
                                                   "gate_distinct_percent",
                                                   "gate_floor_people",
                                                   "calls_per_minute"};
    std::set<std::uint64_t> seen{mapping_fingerprint(tenant_settings{})};
    for (const auto& row : setting_rows()) {
        tenant_settings s;
        ASSERT_TRUE(set_setting(s, row.name, samples.at(std::string(row.name)).other));
        const bool fresh = seen.insert(mapping_fingerprint(s)).second;
        EXPECT_EQ(fresh, !no_part_of_it.contains(row.name)) << row.name;
    }
}

} // namespace
