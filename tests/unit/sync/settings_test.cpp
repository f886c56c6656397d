// The table of settings: every one is read, written, checked and explained.
#include "rollcall/sync/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
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
    {"paged_reading", {"true", "on"}},
    {"page_rows", {"100", "501"}},
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
    {"invite", {"hire_date", "later"}},
    {"invite_hour", {"23", "24"}},
    {"remove_stale_teams", {"true", "0"}},
    {"stale_team_after", {"30", "0"}},
    {"owner_manages_new_teams", {"true", "on"}},
    {"team_owner", {"owner@example.com", "\xff"}},
    {"clear_blank_department", {"true", "True"}},
    {"silent_updates", {"true", "silent"}},
    {"seats", {"1000000", "-1"}},
    {"leavers", {"report", "delete"}},
    {"history", {"versioned", "all"}},
    {"protected_users", {"PW1, ceo@example.com", "\xff"}},
    {"extra_fields", {"cost_centre=APIColumn1, title=Title", "pay=BankDetail"}},
    {"id_reuse_days", {"0", "3651"}},
    {"limit_create", {"off", "on"}},
    {"limit_email", {"people=1 percent=2 max=3 week_percent=4", "people=3"}},
    {"limit_id", {"percent=0", "percent=101"}},
    {"limit_manager", {"percent=100 max=7", "max=7 max=8"}},
    {"limit_clearing", {"people=7 percent=50", "people=7, percent=50"}},
    {"limit_blanking", {"percent=99", "percent"}},
    {"limit_move", {"percent=5 week_percent=20", "percent=5 week=20"}},
    {"limit_deactivation", {"off", ""}},
    {"limit_scope", {"percent=1", "percent=-1"}},
    {"limit_team_removal", {"percent=3", "off percent=3"}},
    {"limit_invitation", {"percent=100", "percent=1e1"}},
};

// A proposed rename of a team is always held, and needs none.
constexpr std::array guards_with_a_limit{guard::create,       guard::email,        guard::id,
                                         guard::manager,      guard::clearing,     guard::blanking,
                                         guard::move,         guard::deactivation, guard::scope,
                                         guard::team_removal, guard::invitation};

tenant_settings plain_settings() {
    return defaults_of(profile::learnamp);
}

// Every setting away from its default.
tenant_settings all_others() {
    auto s = plain_settings();
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
    const auto plain = plain_settings();
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
    EXPECT_NE(s.paged_reading, plain.paged_reading);
    EXPECT_NE(s.page_rows, plain.page_rows);
    EXPECT_NE(s.invite, plain.invite);
    EXPECT_NE(s.invite_hour, plain.invite_hour);
    EXPECT_NE(s.remove_stale_teams, plain.remove_stale_teams);
    EXPECT_NE(s.stale_team_after, plain.stale_team_after);
    EXPECT_NE(s.owner_manages_new_teams, plain.owner_manages_new_teams);
    EXPECT_NE(s.team_owner, plain.team_owner);
    EXPECT_NE(s.clear_blank_department, plain.clear_blank_department);
    EXPECT_NE(s.silent_updates, plain.silent_updates);
    EXPECT_NE(s.seats, plain.seats);
    EXPECT_NE(s.leavers, plain.leavers);
    EXPECT_NE(s.history, plain.history);
    EXPECT_NE(s.protected_users, plain.protected_users);
    EXPECT_NE(s.extra_fields, plain.extra_fields);
    EXPECT_NE(s.id_reuse_days, plain.id_reuse_days);
    const auto untouched = defaults_of(profile::learnamp).limits;
    for (const auto which : guards_with_a_limit) {
        EXPECT_NE(s.limits[static_cast<std::size_t>(which)],
                  untouched[static_cast<std::size_t>(which)]);
    }
}

TEST(Settings, EachOneSurvivesTextAndJsonAlone) {
    for (const auto& row : setting_rows()) {
        SCOPED_TRACE(row.name);
        auto s = plain_settings();
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
        auto s = plain_settings();
        const auto& wrong = samples.at(std::string(row.name)).wrong;
        const auto done = set_setting(s, row.name, wrong);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, errc::invalid_argument);
        EXPECT_THAT(done.error().detail, HasSubstr("'" + std::string(row.name) + "'"));
        if (wrong != "\xff") {
            EXPECT_THAT(done.error().detail, HasSubstr("'" + wrong + "'"));
        }
        EXPECT_EQ(s, plain_settings());
    }
}

TEST(Settings, AnUnknownNameIsAnsweredWithTheNearestKnownOne) {
    auto s = plain_settings();
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
    auto s = plain_settings();
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
    auto s = plain_settings();
    ASSERT_TRUE(set_setting(s, "company", "  Cafe\u0301  "));
    EXPECT_EQ(s.company, "Caf\u00e9");
    EXPECT_FALSE(set_setting(s, "company", std::string(201, 'a')));
    EXPECT_TRUE(set_setting(s, "company", ""));
    EXPECT_EQ(s.company, "");
}

TEST(Settings, TheMappingFingerprintMovesWithWhatAnUnchangedPersonDependsOn) {
    const std::set<std::string_view> bear_on_people{"profile",
                                                    "company",
                                                    "out_of_scope",
                                                    "email_fallback",
                                                    "link_key",
                                                    "id_reuse_days",
                                                    "known_as",
                                                    "extra_fields",
                                                    "team_from_department",
                                                    "clear_blank_department",
                                                    "manager_from_reports_to",
                                                    "leavers",
                                                    "protected_users",
                                                    "reactivation"};
    std::set<std::uint64_t> seen{mapping_fingerprint(plain_settings())};
    for (const auto& row : setting_rows()) {
        auto s = plain_settings();
        ASSERT_TRUE(set_setting(s, row.name, samples.at(std::string(row.name)).other));
        const bool fresh = seen.insert(mapping_fingerprint(s)).second;
        EXPECT_EQ(fresh, bear_on_people.contains(row.name)) << row.name;
    }
}

} // namespace
