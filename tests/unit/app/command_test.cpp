#include "rollcall/app/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "rollcall/app/process.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::app {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class Command : public testing::Test {
  protected:
    // One file of its own for each test, so that tests can run beside each other.
    const std::string path_ = testing::TempDir() + "rollcall_command_" +
                              testing::UnitTest::GetInstance()->current_test_info()->name() +
                              ".toml";

    void write(const char* text) { std::ofstream(path_) << text; }
    void TearDown() override { std::filesystem::remove(path_); }
};

TEST_F(Command, RunsTheDaemonWithWhatTheFileSays) {
    write("[log]\nlevel = \"debug\"\n");
    const auto answer = prepare({verb::run, path_, {}});
    EXPECT_EQ(answer.exit_code, std::nullopt);
    EXPECT_EQ(answer.chosen.log.level, "debug");
    EXPECT_THAT(answer.out + answer.err, IsEmpty());
}

TEST_F(Command, NamesEveryFaultAndEndsWithTheCodeForAWrongConfiguration) {
    write("data_dir = 1\n[log]\nlevl = 2\n[sync]\ntenants_max = 0\n");
    for (const auto what : {verb::run, verb::check_config, verb::print_config}) {
        const auto answer = prepare({what, path_, {}});
        EXPECT_EQ(answer.exit_code, exit_bad_configuration);
        EXPECT_THAT(answer.err, HasSubstr(path_ + ":1:12: data_dir"));
        EXPECT_THAT(answer.err,
                    HasSubstr(path_ + ":3:1: unknown key log.levl; did you mean log.level?"));
        EXPECT_THAT(answer.err, HasSubstr(path_ + ":5:15: sync.tenants_max"));
        EXPECT_THAT(answer.err, HasSubstr("rollcalld: 3 faults in the configuration\n"));
        EXPECT_THAT(answer.out, IsEmpty());
    }
}

TEST_F(Command, ChecksAGoodFileWithoutRunningAnything) {
    write("");
    const auto answer = prepare({verb::check_config, path_, {}});
    EXPECT_EQ(answer.exit_code, exit_ok);
    EXPECT_EQ(answer.out, path_ + ": good\n");
}

TEST_F(Command, RefusesAFileThatIsNotThere) {
    const auto answer = prepare({verb::run, path_, {}});
    EXPECT_EQ(answer.exit_code, exit_bad_configuration);
    EXPECT_THAT(answer.err, HasSubstr("cannot be read"));
}

TEST_F(Command, PrintsTheConfigurationInEffectAsAFileThatGivesItAgain) {
    write("[sync]\ncalls_per_minute = 7\n");
    const auto answer = prepare({verb::print_config, path_, {}});
    EXPECT_EQ(answer.exit_code, exit_ok);
    EXPECT_THAT(answer.out, HasSubstr("\ncalls_per_minute = 7\n"));
    EXPECT_THAT(changes_between(answer.chosen, parse_config(answer.out, "printed").value),
                IsEmpty());
}

TEST_F(Command, PrintsTheShippedFileWithoutReadingAny) {
    const auto answer = prepare({verb::print_default_config, "/nonexistent", {}});
    EXPECT_EQ(answer.exit_code, exit_ok);
    EXPECT_EQ(answer.out, render_config(config{}, rendering::shipped));
}

TEST_F(Command, PrintsAProfileAndRefusesOneThatThereIsNot) {
    const auto answer = prepare({verb::print_profile, "/nonexistent", "wethrive"});
    EXPECT_EQ(answer.exit_code, exit_ok);
    EXPECT_EQ(answer.out, sync::profile_as_toml(sync::profile::wethrive));
    const auto wrong = prepare({verb::print_profile, "", "bamboo"});
    EXPECT_EQ(wrong.exit_code, exit_usage);
    EXPECT_THAT(wrong.err, HasSubstr("it takes learnamp, wethrive"));
    EXPECT_THAT(wrong.out, IsEmpty());
}

} // namespace
} // namespace rollcall::app
