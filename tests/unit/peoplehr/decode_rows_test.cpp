// What a row may look like (sections 2.3 to 2.5 of the wire facts), and what makes it unusable.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>

#include "peoplehr/field_names.hpp"
#include "reading.hpp"

namespace rollcall::testing {
namespace {

using enum sync::source_field;
using peoplehr::decode_fault;
using peoplehr::question;

// An answer of one employee, PW1, with one more member.
std::string with_member(std::string_view key, std::string_view json) {
    return envelope(R"([{"EmployeeId":{"DisplayValue":"PW1"},)" + json_text(key) + ":" +
                    std::string{json} + "}]");
}

std::string file(const char* path) {
    std::ifstream in{path};
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

TEST(DecodeRows, ReadsEveryMappedFieldOfEveryEmployee) {
    const auto got = read(everybody(7, 3));
    ASSERT_EQ(got.verdict.code, errc::ok) << got.verdict.detail;
    ASSERT_EQ(got.rows.size(), 7u);
    for (std::size_t i = 0; i < 7; ++i) {
        EXPECT_EQ(got.rows[i].fields, make_person(i).fields);
        EXPECT_EQ(got.rows[i].wrong_type, 0u);
    }
}

TEST(DecodeRows, ReadsARecordedAnswerOfEverybody) {
    const auto got = read(file("golden/peoplehr_everybody.json"));
    ASSERT_EQ(got.verdict.code, errc::ok) << got.verdict.detail;
    ASSERT_EQ(got.rows.size(), 3u);
    EXPECT_EQ(got.rows[0].get(employee_id), "PW7");
    EXPECT_EQ(got.rows[0].get(first_name), "Zo\xC3\xAB");
    EXPECT_EQ(got.rows[0].get(department), "Works");
    EXPECT_EQ(got.rows[0].get(reports_to_id), "PW1");
    EXPECT_EQ(got.rows[1].get(employee_id), "0072");
    EXPECT_EQ(got.rows[1].get(email), "");
    EXPECT_EQ(got.rows[1].get(leaving_date), "2024-03-31");
    EXPECT_EQ(got.rows[2].get(last_name), "\xC5\xA0\xC3\xADp, \"Jr\"");
    EXPECT_EQ(got.rows[2].get(status), "2");
}

TEST(DecodeRows, ReadsARecordedAnswerOfOneEmployee) {
    const auto got = read(file("golden/peoplehr_by_id.json"), question::one_employee);
    ASSERT_EQ(got.verdict.code, errc::ok) << got.verdict.detail;
    ASSERT_EQ(got.rows.size(), 1u);
    EXPECT_EQ(got.rows[0].get(job_role), "Chief Fitter");
    EXPECT_EQ(got.rows[0].get(company), "Example Ltd");
}

TEST(DecodeRows, TheOrderOfTheKeysDoesNotMatter) {
    std::mt19937_64 random{7};
    const auto who = make_person(3);
    auto members = employee_writer{2}.members(who);
    for (int round = 0; round < 500; ++round) {
        std::shuffle(members.begin(), members.end(), random);
        const auto got = read(envelope("[" + employee_writer::object(members) + "]"));
        ASSERT_EQ(got.verdict.code, errc::ok) << got.verdict.detail;
        ASSERT_EQ(got.rows.size(), 1u);
        ASSERT_EQ(got.rows[0].fields, who.fields);
    }
}

TEST(DecodeRows, EveryShapeOfAFieldGivesItsText) {
    const std::pair<const char*, const char*> shapes[] = {
        {R"({"DisplayValue":"x","FieldHistory":[]})", "x"},
        {R"({"DisplayValue":"x","FieldHistory":[{"OldValue":null,"NewValue":"y"}]})", "x"},
        {R"({"FieldHistory":[],"DisplayValue":"x"})", "x"},
        {R"({"DisplayValue":"x","FieldHistoryForJobRole":[]})", "x"},
        {R"({"DisplayValue":"x","FieldHistoryForEffectiveDate":[{"FieldData":"y"}]})", "x"},
        {R"({"DisplayValue":"x"})", "x"},
        {R"({"DisplayValue":null,"FieldHistory":null})", ""},
        {R"({"DisplayValue":"","FieldHistory":[]})", ""},
        {R"({"DisplayValue":" x ","DisplayValue2":1,"Nested":{"DisplayValue":"no"}})", " x "},
        {R"("x")", "x"},
        {R"("")", ""},
        {"null", ""},
    };
    for (std::size_t field = 1; field < sync::source_field_count; ++field) {
        for (const auto& [json, text] : shapes) {
            SCOPED_TRACE(std::string{peoplehr::field_names[field]} + " " + json);
            const auto got = read(with_member(peoplehr::field_names[field], json));
            ASSERT_EQ(got.verdict.code, errc::ok) << got.verdict.detail;
            EXPECT_EQ(got.rows.at(0).fields[field], text);
            EXPECT_EQ(got.rows.at(0).wrong_type, 0u);
        }
    }
}

TEST(DecodeRows, AWrongTypeCountsAsUnsetAndIsMarkedInEveryField) {
    for (std::size_t field = 1; field < sync::source_field_count; ++field) {
        for (const char* json :
             {"1", "-1.5e3", "true", "false", "[]", R"(["x"])", "{}", R"({"FieldHistory":[]})",
              R"({"displayValue":"x"})", R"({"DisplayValue":1})", R"({"DisplayValue":true})",
              R"({"DisplayValue":{}})", R"({"DisplayValue":["x"]})"}) {
            SCOPED_TRACE(std::string{peoplehr::field_names[field]} + " " + json);
            const auto got = read(with_member(peoplehr::field_names[field], json));
            ASSERT_EQ(got.verdict.code, errc::ok) << got.verdict.detail;
            EXPECT_EQ(got.rows.at(0).fields[field], "");
            EXPECT_EQ(got.rows.at(0).wrong_type, 1u << field);
            EXPECT_EQ(got.rows.at(0).get(employee_id), "PW1");
        }
    }
}

TEST(DecodeRows, OnlyTheEmployeeIdIsRequired) {
    const auto got = read(envelope(R"([{"EmployeeId":"1"}])"));
    ASSERT_EQ(got.verdict.code, errc::ok);
    ASSERT_EQ(got.rows.size(), 1u);
    EXPECT_EQ(got.rows[0].get(employee_id), "1");
    EXPECT_EQ(got.rows[0].get(status), "");
}

TEST(DecodeRows, ARowWithoutEmployeeIdSpoilsTheAnswerAndIsNamed) {
    for (const char* row :
         {R"({"FirstName":{"DisplayValue":"A"}})", "{}", R"({"EmployeeId":null})",
          R"({"EmployeeId":{"DisplayValue":""}})", R"({"EmployeeId":{"DisplayValue":" \t"}})",
          R"({"EmployeeId":7})", R"({"EmployeeId":{"DisplayValue":7}})",
          R"({"employeeid":{"DisplayValue":"7"}})"}) {
        SCOPED_TRACE(row);
        const auto got = read(
            envelope(R"([{"EmployeeId":"1"},)" + std::string{row} + R"(,{"EmployeeId":"3"}])"));
        EXPECT_EQ(got.verdict.code, errc::bad_response);
        EXPECT_EQ(got.answer.fault, decode_fault::row_without_id);
        EXPECT_EQ(got.verdict.detail, "row 2 of Result has no EmployeeId");
        EXPECT_EQ(got.rows.size(), 1u);
    }
}

TEST(DecodeRows, ARowThatIsNoObjectSpoilsTheAnswer) {
    for (const char* row : {"null", "1", "\"x\"", "[]", "[{\"EmployeeId\":\"1\"}]", "true"}) {
        SCOPED_TRACE(row);
        const auto got = read(envelope("[" + std::string{row} + "]"));
        EXPECT_EQ(got.verdict.code, errc::bad_response);
        EXPECT_EQ(got.verdict.detail, "row 1 of Result is not an object");
        EXPECT_TRUE(got.rows.empty());
    }
}

TEST(DecodeRows, AMappedKeyTwiceInARowSpoilsTheAnswer) {
    for (const auto name : peoplehr::field_names) {
        SCOPED_TRACE(name);
        const auto member = json_text(name) + R"(:{"DisplayValue":"x"})";
        const auto got = read(envelope(R"([{"EmployeeId":"1"},{)" + member + "," + member + "}]"));
        EXPECT_EQ(got.verdict.code, errc::bad_response);
        EXPECT_EQ(got.answer.fault, decode_fault::duplicate_key);
        EXPECT_EQ(got.answer.fault_row, 2u);
    }
    const auto got = read(with_member("Company", R"({"DisplayValue":"a","DisplayValue":"b"})"));
    EXPECT_EQ(got.answer.fault, decode_fault::duplicate_key);
    EXPECT_EQ(got.verdict.code, errc::bad_response);
}

TEST(DecodeRows, EqualIdsAreBothPassedOnBecauseTheGateReportsThem) {
    const auto got = read(envelope(R"([{"EmployeeId":"1"},{"EmployeeId":"1"}])"));
    EXPECT_EQ(got.verdict.code, errc::ok);
    EXPECT_EQ(got.rows.size(), 2u);
}

TEST(DecodeRows, EscapesAreUndone) {
    const std::pair<const char*, std::string> cases[] = {
        {R"(\"\\\/\b\f\n\r\t)", "\"\\/\b\f\n\r\t"},
        {R"(Zo\u00eb)", "Zo\xC3\xAB"},
        {R"(\u0041\u00e9\u20AC)", "A\xC3\xA9\xE2\x82\xAC"},
        {R"(\ud83d\uDE00!)", "\xF0\x9F\x98\x80!"},
        {R"(a\u0000b)", std::string("a\0b", 3)},
        {R"(\ud83d)", "\xEF\xBF\xBD"},
        {R"(\ud83dx)", "\xEF\xBF\xBDx"},
        {R"(\ud83d\u0041)",
         "\xEF\xBF\xBD"
         "A"},
        {R"(\ude00)", "\xEF\xBF\xBD"},
        {R"(\ud83d\ud83d\ude00)", "\xEF\xBF\xBD\xF0\x9F\x98\x80"},
        {R"(\\)", "\\"},
        {R"(\\\\u0041\\)", "\\\\u0041\\"},
    };
    for (const auto& [json, text] : cases) {
        SCOPED_TRACE(json);
        for (const char* shape : {R"({"FieldHistory":[],"DisplayValue":"@"})", R"("@")",
                                  R"( { "DisplayValue" : "@" } )"}) {
            std::string value = shape;
            value.replace(value.find('@'), 1, json);
            const auto got = read(with_member("LastName", value));
            ASSERT_EQ(got.verdict.code, errc::ok) << got.verdict.detail;
            EXPECT_EQ(got.rows.at(0).get(last_name), text);
        }
    }
}

TEST(DecodeRows, AnEscapeThatJsonDoesNotHaveIsABadResponse) {
    for (const char* json :
         {R"(\x)", R"(\u12)", R"(\u12g4)", R"(\U0041)", R"(\ )", R"(\0)", R"(\ud83d\u12)"}) {
        SCOPED_TRACE(json);
        EXPECT_EQ(read(with_member("LastName", json_text("").insert(1, json))).verdict.code,
                  errc::bad_response);
    }
}

TEST(DecodeRows, HugeStringsPass) {
    const std::string huge(3u << 20, 'x');
    const auto got =
        read(with_member("JobRole", R"({"DisplayValue":")" + huge + R"(","FieldHistory":[]})"));
    ASSERT_EQ(got.verdict.code, errc::ok);
    EXPECT_EQ(got.rows.at(0).get(job_role), huge);
}

TEST(DecodeRows, WhiteSpaceBetweenTokensPasses) {
    std::string text;
    bool in_string = false;
    for (const char c : everybody(2, 2)) {
        if (c == '"') in_string = !in_string;
        const bool token =
            !in_string && std::string_view{"{}[]:,"}.find(c) != std::string_view::npos;
        if (token) text += "\r\n \t";
        text += c;
        if (token) text += " \n";
    }
    const auto got = read(text);
    ASSERT_EQ(got.verdict.code, errc::ok) << got.verdict.detail;
    ASSERT_EQ(got.rows.size(), 2u);
    EXPECT_EQ(got.rows[1].fields, make_person(1).fields);
}

TEST(DecodeRows, SlicesGiveTheSameRowsAsOneGo) {
    const auto text = everybody(50, 2);
    const auto whole = read(text, question::everybody, 1'000'000);
    ASSERT_EQ(whole.rows.size(), 50u);
    for (const std::size_t slice : {1u, 2u, 7u, 49u, 50u, 51u}) {
        const auto got = read(text, question::everybody, slice);
        EXPECT_EQ(got.verdict.code, errc::ok);
        EXPECT_EQ(got.rows, whole.rows);
    }
}

TEST(DecodeRows, OneSliceHoldsNoMoreThanItsRows) {
    auto text = everybody(10);
    text.append(64, ' ');
    peoplehr::decoder decoder;
    row_keeper keeper;
    decoder.begin({text.data(), text.size() - 64}, question::everybody);
    EXPECT_TRUE(decoder.advance(4, keeper));
    EXPECT_EQ(keeper.rows.size(), 4u);
    EXPECT_TRUE(decoder.advance(4, keeper));
    EXPECT_EQ(keeper.rows.size(), 8u);
    EXPECT_FALSE(decoder.advance(4, keeper));
    EXPECT_EQ(keeper.rows.size(), 10u);
}

TEST(DecodeRows, WindowsOfTheIndexGiveTheSameRowsAsOne) {
    // Text in which "}," is also inside strings, so that some guesses of a window's end are wrong.
    auto text = everybody(40, 2);
    for (std::size_t at = 0; (at = text.find("earlier value", at)) != std::string::npos; ++at) {
        text.replace(at, 13, "},{\\\"},},},");
    }
    const auto whole = read(text);
    ASSERT_EQ(whole.verdict.code, errc::ok) << whole.verdict.detail;
    ASSERT_EQ(whole.rows.size(), 40u);
    for (const std::size_t window : {1u, 16u, 100u, 999u, 5'000u, 100'000u}) {
        peoplehr::decoder decoder{window};
        for (int round = 0; round < 2; ++round) {
            const auto got = read_with(decoder, text);
            ASSERT_EQ(got.verdict.code, errc::ok) << window << got.verdict.detail;
            ASSERT_EQ(got.rows, whole.rows) << window;
        }
        EXPECT_EQ(read_with(decoder, text + " \n").verdict.code, errc::ok);
        EXPECT_EQ(read_with(decoder, text.substr(0, text.size() - 1)).verdict.code,
                  errc::bad_response);
        EXPECT_EQ(read_with(decoder, "").verdict.code, errc::bad_response);
        EXPECT_EQ(read_with(decoder, envelope(R"([{"EmployeeId":"1"},)") + "      ").verdict.code,
                  errc::bad_response);
        auto broken = text;
        broken.insert(broken.find("O'Neill-20"), "\xFF");
        EXPECT_EQ(read_with(decoder, broken).answer.fault, peoplehr::decode_fault::not_utf8);
    }
}

TEST(DecodeRows, ADecoderReadsAnswerAfterAnswer) {
    peoplehr::decoder decoder;
    const auto big = everybody(400, 4); // more than what is kept
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(read_with(decoder, big).rows.size(), 400u);
        EXPECT_EQ(read_with(decoder, big.substr(0, big.size() / 2)).verdict.code,
                  errc::bad_response);
        const auto small = read_with(decoder, everybody(1));
        EXPECT_EQ(small.verdict.code, errc::ok);
        EXPECT_EQ(small.rows.size(), 1u);
    }
}

} // namespace
} // namespace rollcall::testing
