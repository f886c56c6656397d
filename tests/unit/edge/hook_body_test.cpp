// What is read of a webhook's body, and what is refused (LA-47).
#include "edge/hook_body.hpp"

#include <gtest/gtest.h>

#include "rollcall/core/random.hpp"

namespace rollcall::edge {
namespace {

using sync::webhook_action;

struct body_case {
    const char* name;
    std::string body;
};
void PrintTo(const body_case& what, std::ostream* to) {
    *to << what.name;
}

class La47Related : public testing::TestWithParam<body_case> {};
class La47Unrelated : public testing::TestWithParam<body_case> {};
class La47Malformed : public testing::TestWithParam<body_case> {};

TEST_P(La47Related, TellsWhoIsToBeRead) {
    const auto read = read_hook_body(GetParam().body);
    EXPECT_EQ(read.fault, "");
    ASSERT_TRUE(read.event);
    EXPECT_EQ(read.event->action, webhook_action::detail_updated);
    EXPECT_EQ(read.event->employee_id, "PW 12");
}
INSTANTIATE_TEST_SUITE_P(
    Bodies, La47Related,
    testing::Values(
        body_case{"Json",
                  R"({"ActionId":2,"Action":"Employee Detail Updated","EmployeeId":"PW 12"})"},
        body_case{"JsonTextNumber", R"({"ActionId":" 2 ","EmployeeId":"  PW 12 "})"},
        body_case{"JsonFloatNumber", R"({"ActionId":2.0,"EmployeeId":"PW 12"})"},
        body_case{"JsonWithMark", "\xef\xbb\xbf  {\"ActionId\":2,\"EmployeeId\":\"PW 12\"}\r\n"},
        body_case{"JsonOtherCase", R"({"actionid":2,"EMPLOYEEID":"PW 12"})"},
        body_case{"JsonActionOnly", R"({"Action":"employee detail updated","EmployeeId":"PW 12"})"},
        body_case{"JsonBlankActionId",
                  R"({"ActionId":"","Action":"Employee Detail Updated","EmployeeId":"PW 12"})"},
        body_case{
            "JsonMore",
            R"({"ActionId":2,"EmployeeId":"PW 12","FieldName":"Salary","NewValue":{"a":[1]}})"},
        body_case{"Form", "ActionId=2&Action=Employee+Detail+Updated&EmployeeId=PW%2012"},
        body_case{"FormPlus", "EmployeeId=PW+12&ActionId=2&"},
        body_case{"Lines",
                  "ActionId:2\r\nAction:Employee Detail Updated\r\n\r\nEmployeeId: PW 12\r\n"},
        body_case{
            "LinesOfAnAddress",
            "ActionId:2\nOldValue:12 High St\nLeeds\n\nEmployeeId:PW 12\nNewValue:3 Low St\nYork"},
        body_case{"LinesWithAnEqualsSign", "ActionId:2\nNewValue:a=b\nEmployeeId:PW 12"}),
    [](const auto& each) { return each.param.name; });

TEST_P(La47Unrelated, IsNeitherAnEventNorAFault) {
    const auto read = read_hook_body(GetParam().body);
    EXPECT_EQ(read.fault, "");
    EXPECT_FALSE(read.event);
}
INSTANTIATE_TEST_SUITE_P(
    Bodies, La47Unrelated,
    testing::Values(body_case{"Holiday", R"({"ActionId":4,"EmployeeId":"PW1"})"},
                    body_case{"WithoutAnId", R"({"ActionId":31})"},
                    body_case{"Unlisted", R"({"ActionId":-7})"},
                    body_case{"Unknown", R"({"ActionId":9223372036854775807})"},
                    body_case{"OtherName", "Action=Sick+Added&EmployeeId=PW1"}),
    [](const auto& each) { return each.param.name; });

TEST_P(La47Malformed, IsRefusedWithoutRepeatingIt) {
    const auto read = read_hook_body(GetParam().body);
    EXPECT_NE(read.fault, "");
    EXPECT_FALSE(read.event);
    EXPECT_EQ(read.fault.find("secret"), std::string_view::npos);
}
INSTANTIATE_TEST_SUITE_P(
    Bodies, La47Malformed,
    testing::Values(
        body_case{"Empty", ""}, body_case{"Blank", " \r\n "}, body_case{"Word", "secret"},
        body_case{"CutJson", R"({"ActionId":2,"EmployeeId":"PW1")"},
        body_case{"TwoJsons", R"({"ActionId":2,"EmployeeId":"PW1"}{})"},
        body_case{"Array", R"([{"ActionId":2,"EmployeeId":"PW1"}])"},
        body_case{"JsonText", R"("ActionId")"}, body_case{"Null", "null"},
        body_case{"Deep", R"({"ActionId":2,"EmployeeId":"PW1","a":)" + std::string(40, '[') +
                              std::string(40, ']') + "}"},
        body_case{"NoAction", R"({"EmployeeId":"PW1"})"}, body_case{"NoId", R"({"ActionId":2})"},
        body_case{"BlankId", R"({"ActionId":2,"EmployeeId":" "})"},
        body_case{"NullId", R"({"ActionId":2,"EmployeeId":null})"},
        body_case{"ObjectId", R"({"ActionId":2,"EmployeeId":{"a":"secret"}})"},
        body_case{"LongId", R"({"ActionId":2,"EmployeeId":")" + std::string(65, 'x') + "\"}"},
        body_case{"LineInId", R"({"ActionId":2,"EmployeeId":"PW1\nsecret"})"},
        body_case{"ZeroInId", R"({"ActionId":2,"EmployeeId":"PW1\u0000x"})"},
        body_case{"BadUtf8", "ActionId=2&EmployeeId=%ff%fe"},
        body_case{"WordAction", R"({"ActionId":"two","EmployeeId":"PW1"})"},
        body_case{"HalfAction", R"({"ActionId":2.5,"EmployeeId":"PW1"})"},
        body_case{"Twice", R"({"ActionId":2,"actionid":3,"EmployeeId":"PW1"})"},
        body_case{"TwoIds", "ActionId=2&EmployeeId=PW1&EmployeeId=PW2"},
        body_case{"BadEscape", "ActionId=2&EmployeeId=PW%1"},
        body_case{"BadHex", "ActionId=2&EmployeeId=PW%zz"},
        body_case{"FormWithoutSign", "ActionId=2&EmployeeId"}),
    [](const auto& each) { return each.param.name; });

TEST(La47, KnowsTheFourEventsByNumberAndByName) {
    for (const auto& [number, name] : {std::pair{1, "New Starter Added"},
                                       {2, "Employee Detail Updated"},
                                       {3, "Marked Leaver"},
                                       {18, "Employee Deleted"}}) {
        const auto by_number =
            read_hook_body("ActionId=" + std::to_string(number) + "&EmployeeId=7");
        const auto by_name = read_hook_body(std::string("Action=") + name + "&EmployeeId=7");
        ASSERT_TRUE(by_number.event && by_name.event) << name;
        EXPECT_EQ(static_cast<int>(by_number.event->action), number);
        EXPECT_EQ(by_name.event->action, by_number.event->action);
    }
    EXPECT_EQ(read_hook_body(R"({"ActionId":1,"EmployeeId":1234})").event->employee_id, "1234");
}

// Any bytes are an answer, and what comes out of them is an id.
TEST(La47, SurvivesAnyBytes) {
    random_source random(7);
    const std::string alphabet = "{}[]\":,=&%+ \r\n\\u0012AactionIdEmployeeId\xff\xc3";
    const std::string good = R"({"ActionId":2,"EmployeeId":"PW1"})";
    for (int i = 0; i < 20'000; ++i) {
        std::string body = i % 2 == 0 ? good : std::string{};
        const auto edits = 1 + random.below(30);
        for (std::uint64_t e = 0; e < edits; ++e) {
            const auto at = random.below(body.size() + 1);
            body.insert(at, 1, alphabet[random.below(alphabet.size())]);
        }
        const auto read = read_hook_body(body);
        if (!read.event) continue;
        EXPECT_EQ(read.fault, "");
        EXPECT_FALSE(read.event->employee_id.empty());
        EXPECT_LE(read.event->employee_id.size(), sync::hinted_id_bytes_max);
    }
}

} // namespace
} // namespace rollcall::edge
