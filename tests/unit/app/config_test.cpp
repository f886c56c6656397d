#include "rollcall/app/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace rollcall::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// Tests run in the folder tests/.
std::string shipped_file() {
    std::ifstream in("../config/rollcalld.toml");
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

TEST(Config, TakesAnEmptyFileAsAllDefaults) {
    const auto parsed = parse_config("", "f.toml");
    EXPECT_THAT(parsed.errors, IsEmpty());
    EXPECT_THAT(changes_between(config{}, parsed.value), IsEmpty());
}

TEST(Config, ReportsEveryFaultWithItsPlace) {
    const auto parsed = parse_config(
        "data_dir = 7\n"
        "[log]\n"
        "level = \"loud\"\n"
        "[sync]\n"
        "concurrent_runs_max = 0\n"
        "tenants_max = 3.5\n",
        "f.toml");
    EXPECT_THAT(
        parsed.errors,
        ElementsAre("f.toml:1:12: data_dir is an integer; allowed: an absolute path",
                    "f.toml:3:9: log.level is \"loud\"; allowed: \"debug\", \"info\", \"warn\" or "
                    "\"error\"",
                    "f.toml:5:23: sync.concurrent_runs_max is 0; allowed: an integer, 1 to 64",
                    "f.toml:6:15: sync.tenants_max is a float; allowed: an integer, 1 to 1000000"));
}

TEST(Config, NamesTheNearestKeyForAnUnknownOne) {
    const auto parsed = parse_config(
        "[peoplehr]\n"
        "total_second = 5\n"
        "concurrent_runs_max = 2\n"
        "[xyzzy]\n"
        "a = 1\n",
        "f.toml");
    ASSERT_EQ(parsed.errors.size(), 3u);
    EXPECT_THAT(parsed.errors[0],
                StartsWith("f.toml:2:1: unknown key peoplehr.total_second; did you mean "
                           "peoplehr.total_seconds?"));
    EXPECT_THAT(parsed.errors[1], HasSubstr("did you mean sync.concurrent_runs_max?"));
    EXPECT_THAT(parsed.errors[2],
                HasSubstr("unknown section [xyzzy]; known: [control] [observe] [log]"));
}

TEST(Config, ReportsAFaultOfTheGrammarWithItsPlace) {
    const auto parsed = parse_config("[log]\nlevel = info\n", "f.toml");
    ASSERT_EQ(parsed.errors.size(), 1u);
    EXPECT_THAT(parsed.errors[0], StartsWith("f.toml:2:"));
}

TEST(Config, RefusesASectionThatIsGivenAsAValue) {
    EXPECT_THAT(parse_config("log = \"info\"\n", "f.toml").errors,
                ElementsAre(HasSubstr("f.toml:1:1: log is a section")));
}

TEST(Config, RefusesPairsThatContradictEachOther) {
    EXPECT_THAT(parse_config("[peoplehr]\ntotal_seconds = 50\n", "f.toml").errors,
                ElementsAre(HasSubstr("f.toml:2:17: peoplehr.first_byte_seconds is 100 and "
                                      "peoplehr.total_seconds is 50")));
    EXPECT_THAT(
        parse_config("[peoplehr]\ntotal_seconds = 50\nfirst_byte_seconds = 50\n", "f").errors,
        IsEmpty());
}

TEST(Config, RefusesTextsThatAreNotOfTheirForm) {
    const std::pair<const char*, const char*> cases[] = {
        {"[observe]\nlisten = \"0.0.0.0:9464\"", "observe.listen"},
        {"[observe]\nlisten = \"127.0.0.1\"", "observe.listen"},
        {"[observe]\nlisten = \"127.0.0.1:70000\"", "observe.listen"},
        {"[control]\nmode = \"0666\"", "control.mode"},
        {"[control]\nmode = \"rw\"", "control.mode"},
        {"[control]\nsocket = \"relative\"", "control.socket"},
        {"[peoplehr]\nuser_agent = \"a\\nb\"", "peoplehr.user_agent"},
        {"[sync]\negress_addresses = []", "sync.egress_addresses"},
        {"[sync]\negress_addresses = [\"nowhere\"]", "sync.egress_addresses"},
        {"[sync]\negress_addresses = [\"::1\", \"::1\"]", "sync.egress_addresses"},
        {"[sync]\negress_addresses = [1]", "sync.egress_addresses"},
    };
    for (const auto& [text, key] : cases) {
        SCOPED_TRACE(text);
        EXPECT_THAT(parse_config(text, "f").errors, ElementsAre(HasSubstr(key)));
    }
}

TEST(Config, GivesEveryEgressAddressTheSameLimitInEitherOrder) {
    for (const char* text :
         {"[sync]\ncalls_per_minute = 7\negress_addresses = [\"192.0.2.1\", \"::1\"]",
          "[sync]\negress_addresses = [\"192.0.2.1\", \"::1\"]\ncalls_per_minute = 7"}) {
        const auto parsed = parse_config(text, "f");
        ASSERT_THAT(parsed.errors, IsEmpty());
        ASSERT_EQ(parsed.value.sync.egress.size(), 2u);
        EXPECT_EQ(parsed.value.sync.egress[0].calls_per_minute, 7u);
        EXPECT_EQ(parsed.value.sync.egress[1].calls_per_minute, 7u);
        EXPECT_EQ(parsed.value.sync.egress[1].address, "::1");
    }
}

TEST(Config, SaysWhyAFileCannotBeRead) {
    EXPECT_THAT(read_config("/nonexistent/f.toml").errors,
                ElementsAre("/nonexistent/f.toml: cannot be read: No such file or directory"));
    EXPECT_THAT(read_config("/").errors, ElementsAre(HasSubstr("cannot be read: Is a directory")));
}

TEST(Config, PutsNoticesBesideTheDatabaseUnlessAFileIsNamed) {
    EXPECT_EQ(parse_config("data_dir = \"/srv/rollcall\"\n", "f").value.notices_path(),
              "/srv/rollcall/notices.jsonl");
    EXPECT_EQ(parse_config("[notices]\nfile = \"/var/log/rollcall/notices.jsonl\"\n", "f")
                  .value.notices_path(),
              "/var/log/rollcall/notices.jsonl");
    EXPECT_THAT(parse_config("[notices]\nfile = \"notices.jsonl\"\n", "f").errors,
                ElementsAre(HasSubstr("notices.file is \"notices.jsonl\"")));
}

TEST(Config, TakesTheNumbersOfNoticesAndStaleTenants) {
    const auto parsed =
        parse_config("[sync]\nstale_after_hours = 72\n[notices]\nretry_seconds = 5\n", "f");
    ASSERT_THAT(parsed.errors, IsEmpty());
    EXPECT_EQ(parsed.value.sync.stale_after, hours{72});
    EXPECT_EQ(parsed.value.sync.notice_retry, seconds{5});
}

TEST(ConfigTable, DocumentsEveryKeyInTheShippedFileAndNothingElse) {
    EXPECT_EQ(shipped_file(), render_config(config{}, rendering::shipped))
        << "write it anew: rollcalld --print-default-config > config/rollcalld.toml";
}

TEST(ConfigTable, SaysOfEveryKeyWhatItMeansInOneSentence) {
    std::set<std::string_view> names;
    for (const auto& key : config_keys()) {
        SCOPED_TRACE(key.name);
        EXPECT_TRUE(names.insert(key.name).second);
        EXPECT_TRUE(key.meaning.ends_with('.'));
        EXPECT_FALSE(key.allowed.empty());
        EXPECT_EQ(key.allowed.starts_with("an integer"), !key.unit.empty());
    }
}

TEST(ConfigTable, ReadsBackWhatItPrints) {
    auto changed = parse_config(
                       "data_dir = \"/srv/\\\"x\\\"\"\n"
                       "[sync]\nsweep_interval_minutes = 90\negress_addresses = [\"192.0.2.1\"]\n"
                       "[peoplehr]\ngzip = false\nbytes_per_second_min = 1\n",
                       "f")
                       .value;
    for (const auto how : {rendering::effective, rendering::shipped}) {
        const auto again = parse_config(render_config(changed, how), "g");
        EXPECT_THAT(again.errors, IsEmpty());
        EXPECT_THAT(changes_between(changed, again.value), IsEmpty());
    }
    EXPECT_EQ(changes_between(config{}, changed).size(), 5u);
}

TEST(ConfigReload, TakesOnlyWhatMayChangeWhileTheDaemonRuns) {
    const config running;
    const auto wanted = parse_config(
                            "data_dir = \"/elsewhere\"\n"
                            "[log]\nlevel = \"debug\"\n"
                            "[sync]\ncalls_per_minute = 9\negress_addresses = [\"192.0.2.1\"]\n",
                            "f")
                            .value;
    const auto after = reloaded(running, wanted);
    EXPECT_EQ(after.log.level, "debug");
    EXPECT_EQ(after.data_dir, running.data_dir);
    ASSERT_EQ(after.sync.egress.size(), 1u);
    EXPECT_EQ(after.sync.egress[0].address, "");
    EXPECT_EQ(after.sync.egress[0].calls_per_minute, 9u);

    std::vector<std::string_view> waiting;
    for (const auto& each : changes_between(after, wanted)) {
        EXPECT_EQ(each.effect, takes_effect::at_restart);
        waiting.push_back(each.name);
    }
    EXPECT_THAT(waiting, ElementsAre("data_dir", "sync.egress_addresses"));
}

TEST(ConfigReload, CarriesEachReloadableKeyOverAlone) {
    // Each key that may change is carried over alone: a row that copies another row's member shows
    // here.
    for (const auto& key : config_keys()) {
        if (key.effect != takes_effect::at_reload || key.name == "log.level") continue;
        SCOPED_TRACE(key.name);
        const auto present = std::stoll(value_text(config{}, key.name));
        const auto dot = key.name.find('.');
        std::string text;
        if (dot != key.name.npos) text = "[" + std::string(key.name.substr(0, dot)) + "]\n";
        text += std::string(key.name.substr(dot == key.name.npos ? 0 : dot + 1)) + " = " +
                std::to_string(present == 1440 ? 60 : present + 1) + "\n";
        const auto wanted = parse_config(text, "f");
        ASSERT_THAT(wanted.errors, IsEmpty());
        const auto changes = changes_between(config{}, reloaded(config{}, wanted.value));
        ASSERT_EQ(changes.size(), 1u);
        EXPECT_EQ(changes[0].name, key.name);
    }
}

} // namespace
} // namespace rollcall::app
