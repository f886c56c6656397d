// Fields that a tenant maps onto attributes of its own (G-14): read as the others are, and only
// when they are asked for.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>

#include "peoplehr/field_names.hpp"
#include "reading.hpp"

namespace rollcall::testing {
namespace {

using peoplehr::decode_fault;
using peoplehr::question;
using names = std::vector<std::string>;
using texts = std::vector<std::string>;

reading read_extra(std::string_view text, const names& wanted,
                   question asked = question::everybody) {
    peoplehr::decoder decoder;
    return read_with(decoder, text, asked, 256, wanted);
}

std::string with_members(std::string_view json) {
    return envelope(R"([{"EmployeeId":{"DisplayValue":"PW1"},)" + std::string{json} + "}]");
}

std::string file(const char* path) {
    std::ifstream in{path};
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

TEST(G14, ExtraValuesComeInTheOrderInWhichTheyWereAskedFor) {
    const auto text = with_members(R"("APIColumn1":"one",
        "AnalysisCode1LabelText":{"DisplayValue":"A1","FieldHistory":[]},
        "APIColumn2":"t\u0077o","Title":{"DisplayValue":"Dr"})");
    const auto got =
        read_extra(text, {"Title", "APIColumn2", "AnalysisCode1LabelText", "APIColumn1"});
    ASSERT_EQ(got.verdict.code, errc::ok) << got.verdict.detail;
    EXPECT_EQ(got.rows.at(0).extra, (texts{"Dr", "two", "A1", "one"}));
    EXPECT_EQ(got.rows.at(0).get(sync::source_field::employee_id), "PW1");
}

TEST(G14, NothingIsReadThatWasNotAskedFor) {
    const auto got = read(with_members(R"("APIColumn1":"one")"));
    EXPECT_TRUE(got.rows.at(0).extra.empty());
    EXPECT_EQ(read_extra(with_members(R"("APIColumn1":"one")"), {"APIColumn2"}).rows.at(0).extra,
              texts{""});
}

TEST(G14, EveryShapeOfAnExtraFieldGivesItsText) {
    const std::pair<const char*, const char*> shapes[] = {
        {R"({"DisplayValue":"x","FieldHistory":[{"OldValue":null,"NewValue":"y"}]})", "x"},
        {R"({"FieldHistoryForEffectiveDate":[{"FieldData":"y"}],"DisplayValue":"x"})", "x"},
        {R"({"DisplayValue":" x "})", " x "},
        {R"({"DisplayValue":null,"FieldHistory":null})", ""},
        {R"("x")", "x"},
        {R"("")", ""},
        {"null", ""},
    };
    for (const auto& [json, text] : shapes) {
        SCOPED_TRACE(json);
        const auto got = read_extra(with_members(R"("APIColumn3":)" + std::string{json}),
                                    {"APIColumn4", "APIColumn3"});
        ASSERT_EQ(got.verdict.code, errc::ok) << got.verdict.detail;
        EXPECT_EQ(got.rows.at(0).extra, (texts{"", text}));
    }
}

TEST(G14, AnExtraValueOfAWrongTypeIsBlankAndIsNoFaultOfTheRow) {
    for (const char* json : {"1", "true", "[]", R"(["x"])", "{}", R"({"FieldHistory":[]})",
                             R"({"DisplayValue":1})", R"({"DisplayValue":{}})"}) {
        SCOPED_TRACE(json);
        const auto got =
            read_extra(with_members(R"("APIColumn1":)" + std::string{json} + R"(,"Title":"Dr")"),
                       {"APIColumn1", "Title"});
        ASSERT_EQ(got.verdict.code, errc::ok) << got.verdict.detail;
        EXPECT_EQ(got.rows.at(0).extra, (texts{"", "Dr"}));
        EXPECT_EQ(got.rows.at(0).wrong_type, 0u);
    }
}

TEST(G14, AMappedFieldMayBeAnExtraOneToo) {
    const auto got = read_extra(with_members(R"("Location":{"DisplayValue":"Leeds"},"Company":7)"),
                                {"Company", "Location", "EmployeeId"});
    ASSERT_EQ(got.verdict.code, errc::ok);
    EXPECT_EQ(got.rows.at(0).extra, (texts{"", "Leeds", "PW1"}));
    EXPECT_EQ(got.rows.at(0).get(sync::source_field::location), "Leeds");
}

TEST(G14, TwoAttributesMayWantOneKey) {
    const auto got =
        read_extra(with_members(R"("APIColumn5":"x")"), {"APIColumn5", "APIColumn4", "APIColumn5"});
    ASSERT_EQ(got.verdict.code, errc::ok);
    EXPECT_EQ(got.rows.at(0).extra, (texts{"x", "", "x"}));
}

TEST(G14, AValueIsOfItsRowOnly) {
    const auto got = read_extra(envelope(R"([{"EmployeeId":"1","APIColumn1":"x"},{"EmployeeId":"2"},
                                             {"EmployeeId":"3","APIColumn1":"z"}])"),
                                {"APIColumn1"});
    ASSERT_EQ(got.rows.size(), 3u);
    EXPECT_EQ(got.rows[0].extra, texts{"x"});
    EXPECT_EQ(got.rows[1].extra, texts{""});
    EXPECT_EQ(got.rows[2].extra, texts{"z"});
}

TEST(G14, ADecoderForgetsWhatTheAnswerBeforeWasAskedFor) {
    peoplehr::decoder decoder;
    const auto text = with_members(R"("APIColumn1":"x")");
    const names wanted{"APIColumn1"};
    EXPECT_EQ(read_with(decoder, text, question::everybody, 1, wanted).rows.at(0).extra,
              texts{"x"});
    EXPECT_TRUE(read_with(decoder, text).rows.at(0).extra.empty());
}

TEST(G14, OneEmployeeIsReadWithExtraFieldsToo) {
    const auto got = read_extra(envelope(R"({"EmployeeId":"1","APIColumn1":"x"})"), {"APIColumn1"},
                                question::one_employee);
    ASSERT_EQ(got.verdict.code, errc::ok) << got.verdict.detail;
    EXPECT_EQ(got.rows.at(0).extra, texts{"x"});
}

TEST(G14, AnExtraKeyTwiceInARowSpoilsTheAnswer) {
    const auto twice = with_members(R"("APIColumn1":"x","APIColumn1":"y")");
    EXPECT_EQ(read(twice).verdict.code, errc::ok); // nobody looks at it
    for (const auto& text :
         {twice, with_members(R"("APIColumn1":{"DisplayValue":"x","DisplayValue":"y"})")}) {
        const auto got = read_extra(text, {"APIColumn1"});
        EXPECT_EQ(got.verdict.code, errc::bad_response);
        EXPECT_EQ(got.answer.fault, decode_fault::duplicate_key);
        EXPECT_TRUE(got.rows.empty());
    }
}

TEST(G14, DamageInsideAnExtraValueIsABadResponse) {
    for (const char* json :
         {"tru", "\"x", "{\"DisplayValue\":}", "{\"DisplayValue\":\"x\"", "\"\\x\"", "[1,]", ""}) {
        const auto got =
            read_extra(with_members(R"("APIColumn1":)" + std::string{json}), {"APIColumn1"});
        EXPECT_EQ(got.verdict.code, errc::bad_response) << json;
    }
}

TEST(G14, AnAnswerCutAtAnyByteIsABadResponseWithExtraFieldsToo) {
    auto text = file("golden/peoplehr_everybody.json");
    while (!text.empty() && text.back() != '}') text.pop_back();
    const names wanted{"APIColumn1", "AnalysisCode1LabelText", "UniqueKey"};
    ASSERT_EQ(read_extra(text, wanted).verdict.code, errc::ok);
    peoplehr::decoder decoder{300};
    for (std::size_t size = 0; size < text.size(); ++size) {
        const auto got = read_with(decoder, std::string_view{text}.substr(0, size),
                                   question::everybody, 256, wanted);
        ASSERT_EQ(got.verdict.code, errc::bad_response) << "cut at byte " << size;
    }
}

TEST(G14, TheOrderOfTheKeysDoesNotMatter) {
    std::mt19937_64 random{14};
    auto members = employee_writer{2}.members(make_person(3));
    const names wanted{"UniqueKey", "Title", "APIColumn1"};
    for (int round = 0; round < 100; ++round) {
        std::shuffle(members.begin(), members.end(), random);
        const auto got = read_extra(envelope("[" + employee_writer::object(members) + "]"), wanted);
        ASSERT_EQ(got.verdict.code, errc::ok) << got.verdict.detail;
        ASSERT_EQ(got.rows.at(0).extra, (texts{"00000000-0000-4000-8000-PW3", "Ms", ""}));
    }
}

} // namespace
} // namespace rollcall::testing
