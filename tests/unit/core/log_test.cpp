#include "rollcall/core/log.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace rollcall {
namespace {

class fixed_time final : public time_source {
  public:
    mono_time mono_now() const noexcept override { return mono_time{}; }
    wall_time wall_now() const noexcept override { return now; }
    wall_time now = from_unix_ms(1'795'372'563'007); // 2026-11-22T18:36:03.007Z
};

class LogTest : public testing::Test {
  protected:
    fixed_time time_;
    std::shared_ptr<captured_lines> captured_ = std::make_shared<captured_lines>();
    logger log_ = logger::to_capture(captured_, time_);

    std::string last() const {
        const auto lines = captured_->lines();
        return lines.empty() ? "" : lines.back();
    }
};

TEST_F(LogTest, WritesOneJsonObjectForEachLine) {
    const std::string tenant = "acme";
    log_.info("sync.finished", {{"tenant", tenant},
                                {"users", 12},
                                {"calls", std::size_t{3}},
                                {"share", 0.5},
                                {"whole", true},
                                {"error", errc::throttled}});
    EXPECT_EQ(last(),
              R"({"time":"2026-11-22T18:36:03.007Z","level":"info","event":"sync.finished",)"
              R"("tenant":"acme","users":12,"calls":3,"share":0.5,"whole":true,)"
              R"("error":"throttled"})");
}

TEST_F(LogTest, KeepsTheWholeRangeOfIntegers) {
    log_.warn("range", {{"least", std::numeric_limits<std::int64_t>::min()},
                        {"most", std::numeric_limits<std::uint64_t>::max()},
                        {"small", std::uint8_t{200}},
                        {"unsigned", 7u}});
    EXPECT_TRUE(
        captured_->contains({R"("least":-9223372036854775808)", R"("most":18446744073709551615)",
                             R"("small":200)", R"("unsigned":7)"}));
}

TEST_F(LogTest, LetsNoValueForgeALineOrBreakTheJson) {
    log_.error("bad\n", {{"text", "a\"b\\c\r\n\x1b\x7f\t"}, {"name", std::string_view{"a\0b", 3}}});
    EXPECT_TRUE(captured_->contains(
        {R"("event":"bad\u000a")", R"("a\"b\\c\u000d\u000a\u001b\u007f\u0009")", R"("a\u0000b")"}));
    log_.error("bytes", {{"text", "é\xff"}});
    EXPECT_TRUE(captured_->contains({R"("text":"\ufffd\ufffd\ufffd")"}));
    log_.error("utf8", {{"text", "山田"}});
    EXPECT_TRUE(captured_->contains({R"("text":"山田")"}));
    log_.error("number", {{"ratio", std::nan("")}, {"most", HUGE_VAL}});
    EXPECT_TRUE(captured_->contains({R"("ratio":null,"most":null)"}));
}

TEST_F(LogTest, WritesAFormatStringAsItIs) {
    log_.info("{} %s", {{"text", "{0} %v"}});
    EXPECT_TRUE(captured_->contains({R"("event":"{} %s","text":"{0} %v")"}));
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevelWhichMayChange) {
    log_.set_level(log_level::warn);
    const logger copy = log_;
    EXPECT_FALSE(copy.enabled(log_level::info));
    copy.info("quiet");
    copy.warn("loud");
    log_.set_level(log_level::debug);
    copy.debug("verbose");
    ASSERT_EQ(captured_->lines().size(), 2u);
    EXPECT_FALSE(captured_->contains({"quiet"}));
}

TEST_F(LogTest, BindsFieldsToADerivedLogger) {
    const logger shard = log_.with({{"shard", 3}});
    shard.with({{"tenant", "acme"}}).info("sync.started", {{"reason", "sweep"}});
    EXPECT_TRUE(captured_->contains(
        {R"("event":"sync.started","shard":3,"tenant":"acme","reason":"sweep"})"}));
    log_.info("plain");
    EXPECT_EQ(last().find("shard"), std::string::npos);
}

TEST_F(LogTest, SaysNothingByDefault) {
    const logger silent;
    silent.error("lost", {{"n", 1}});
    silent.set_level(log_level::debug);
    EXPECT_FALSE(silent.enabled(log_level::error));
    EXPECT_TRUE(silent.reopen());
}

TEST(LogLevel, HasNamesThatAreReadBack) {
    for (const auto level :
         {log_level::debug, log_level::info, log_level::warn, log_level::error}) {
        EXPECT_EQ(parse_log_level(name_of(level)), level);
    }
    EXPECT_EQ(parse_log_level("loud"), std::nullopt);
}

std::string content_of(const std::string& path) {
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
}

TEST(LogFile, IsOpenedAgainAfterARotation) {
    std::string directory =
        (std::filesystem::temp_directory_path() / "rollcall-log-XXXXXX").string();
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    const std::string path = directory + "/rollcalld.log";
    const fixed_time time;
    {
        const auto log = logger::to_file(path, time);
        ASSERT_TRUE(log);
        log->info("one");
        std::filesystem::rename(path, path + ".1");
        log->info("two");
        EXPECT_TRUE(log->reopen());
        log->info("three");
    }
    const std::string rotated = content_of(path + ".1");
    EXPECT_NE(rotated.find("\"one\"}\n"), std::string::npos);
    EXPECT_NE(rotated.find("\"two\"}\n"), std::string::npos);
    EXPECT_EQ(content_of(path),
              "{\"time\":\"2026-11-22T18:36:03.007Z\",\"level\":\"info\",\"event\":\"three\"}\n");
    const auto refused = logger::to_file(directory + "/none/x.log", time);
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(errc_of(refused.error()), errc::storage_failed);
    std::filesystem::remove_all(directory);
}

} // namespace
} // namespace rollcall
