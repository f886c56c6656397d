#include "top_layout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <fstream>
#include <sstream>

#include "text_output.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string file(const std::string& name) {
    std::ifstream in("golden/" + name);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

json::object busy_fleet() {
    return json::parse(file("top_busy_fleet.json")).as_object();
}

std::string text_of(const std::vector<top_line>& lines) {
    std::string out;
    for (const auto& line : lines) {
        auto text = line.text;
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + '\n';
    }
    return out;
}

// To take a new picture on purpose: write what the failure shows into the file.
TEST(TopLayout, DrawsABusyFleetAsItWasApproved) {
    top_view slowest;
    slowest.sort = top_sort::slowest;
    EXPECT_EQ(text_of(top_layout(busy_fleet(), {80, 24}, {})), file("top_80x24.txt"));
    EXPECT_EQ(text_of(top_layout(busy_fleet(), {200, 60}, slowest)), file("top_200x60.txt"));
    top_view printed;
    printed.keys = false;
    EXPECT_EQ(text_of(top_layout(busy_fleet(), {80, 0}, printed)), file("top_once.txt"));
}

TEST(TopLayout, FillsTheScreenAndNeverOverflowsIt) {
    const auto document = busy_fleet();
    for (std::size_t width = 1; width <= 210; ++width) {
        for (const std::size_t height : {1u, 2u, 5u, 8u, 13u, 24u, 60u}) {
            for (const auto* notice : {"", "NO DAEMON for 3 s"}) {
                top_view view;
                view.notice = notice;
                const auto lines = top_layout(document, {width, height}, view);
                ASSERT_EQ(lines.size(), height) << width;
                for (const auto& line : lines) {
                    ASSERT_EQ(display_width(line.text), width) << line.text;
                }
            }
        }
    }
}

TEST(TopLayout, CutsWideAndCombiningNamesAtColumnsNotAtBytes) {
    auto document = busy_fleet();
    auto& running = document["running"].as_array();
    for (auto* name : {"株式会社日本語テナント名前長いもの",
                       "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301-combining-marks-here",
                       "bell\x07\x1b[2J-escape", "\xff\xfe-not-utf8"}) {
        running.push_back({{"tenant", name}, {"cause", "sweep"}, {"seconds", 3.0}});
    }
    for (std::size_t width = 20; width <= 130; ++width) {
        for (const auto& line : top_layout(document, {width, 60}, {})) {
            ASSERT_EQ(display_width(line.text), width) << line.text;
            ASSERT_THAT(line.text, Not(HasSubstr("\x1b")));
        }
    }
}

TEST(TopLayout, SaysOnTheLastLineThatThePictureIsOld) {
    top_view view;
    view.notice = "NO DAEMON for 12 s, this is the last picture: why";
    const auto lines = top_layout(busy_fleet(), {80, 24}, view);
    EXPECT_THAT(lines.back().text, StartsWith(view.notice));
    EXPECT_EQ(lines.back().how, top_line::style::warning);
    view = {};
    view.paused = true;
    const auto paused = top_layout(busy_fleet(), {80, 24}, view);
    EXPECT_THAT(paused.front().text, HasSubstr("PAUSED"));
    EXPECT_THAT(paused.back().text, HasSubstr("p go on"));
}

TEST(TopLayout, DrawsWhateverIsMissing) {
    const auto lines = top_layout({}, {80, 24}, {});
    EXPECT_EQ(lines.size(), 24u);
    EXPECT_THAT(text_of(lines), HasSubstr("none"));
    const auto wrong =
        json::parse(R"({"running":[7,"x",{}],"addresses":{},"queues":null,"freshness":3})");
    EXPECT_EQ(top_layout(wrong.as_object(), {80, 24}, {}).size(), 24u);
}

TEST(TopFrame, WritesOverTheScreenWithoutClearingItFirst) {
    const auto frame =
        top_frame({{"abc", top_line::style::plain}, {"late", top_line::style::warning}}, true);
    EXPECT_EQ(frame, "\x1b[Habc\x1b[K\r\n\x1b[1;31mlate\x1b[0m\x1b[K\x1b[J");
}

TEST(TopFrame, HasNoColourWhereNoneIsWanted) {
    const auto frame = top_frame(top_layout(busy_fleet(), {80, 24}, {}), false);
    EXPECT_THAT(frame, Not(HasSubstr("\x1b[1;31m")));
    EXPECT_THAT(frame, Not(HasSubstr("\x1b[3")));
}

TEST(Text, IsFittedByColumns) {
    EXPECT_EQ(fitted("abc", 5), "abc  ");
    EXPECT_EQ(fitted("abcdef", 6), "abcdef");
    EXPECT_EQ(fitted("abcdef", 4), "abc…");
    EXPECT_EQ(fitted("日本語", 6), "日本語");
    EXPECT_EQ(fitted("日本語", 5), "日本…");
    EXPECT_EQ(fitted("日本語", 4), "日… ");
    EXPECT_EQ(fitted("abc", 0), "");
    EXPECT_EQ(fitted("abc", 1), "…");
}

TEST(Text, TellsADurationInTwoDigitsOrThree) {
    EXPECT_EQ(short_duration(0), "0.0 s");
    EXPECT_EQ(short_duration(9.96), "10 s");
    EXPECT_EQ(short_duration(99), "99 s");
    EXPECT_EQ(short_duration(150), "2 min");
    EXPECT_EQ(short_duration(7200), "2.0 h");
    EXPECT_EQ(short_duration(86'400), "24.0 h");
    EXPECT_EQ(short_duration(864'000), "10.0 d");
}

} // namespace
} // namespace rollcall::cli
