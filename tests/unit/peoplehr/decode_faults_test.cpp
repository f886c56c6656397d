// What the decoder must never take for a whole and true answer (rule G-1, Q25 of the wire facts).
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <sstream>

#include "reading.hpp"

namespace rollcall::testing {
namespace {

using peoplehr::decode_fault;
using peoplehr::question;
using peoplehr::result_kind;

std::string file(const char* path) {
    std::ifstream in{path};
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

void expect_every_prefix_fails(std::string text, question asked) {
    while (!text.empty() && text.back() != '}') text.pop_back();
    ASSERT_EQ(read(text, asked).verdict.code, errc::ok);
    peoplehr::decoder decoder;
    peoplehr::decoder windowed{300};
    for (std::size_t size = 0; size < text.size(); ++size) {
        for (auto* reader : {&decoder, &windowed}) {
            const auto got = read_with(*reader, std::string_view{text}.substr(0, size), asked);
            ASSERT_EQ(got.verdict.code, errc::bad_response) << "cut at byte " << size;
            ASSERT_FALSE(got.answer.complete);
        }
    }
}

TEST(DecodeFaults, AnAnswerCutAtAnyByteIsABadResponse) {
    expect_every_prefix_fails(file("golden/peoplehr_everybody.json"), question::everybody);
    expect_every_prefix_fails(file("golden/peoplehr_by_id.json"), question::one_employee);
    expect_every_prefix_fails(everybody(1, 1), question::everybody);
}

TEST(DecodeFaults, DamageInAPartThatNobodyReadsIsABadResponse) {
    for (const char* skipped : {"[}",
                                "[1,]",
                                "[,1]",
                                "[1 2]",
                                "{\"a\"}",
                                "{\"a\":}",
                                "{\"a\":1,}",
                                "{,}",
                                "{\"a\" 1}",
                                "{1:2}",
                                "{\"a\":1 \"b\":2}",
                                "[1}",
                                "{\"a\":1]",
                                "tru",
                                "nul",
                                "NaN",
                                "Infinity",
                                "01",
                                "1.",
                                ".5",
                                "1e",
                                "+1",
                                "-",
                                "0x1",
                                "1_0",
                                "truefalse",
                                "tru\"e\"",
                                "\"a\"b",
                                "\"a\"\"b\"",
                                "[\"a\"b]",
                                "'a'",
                                "undefined",
                                ""}) {
        SCOPED_TRACE(skipped);
        for (const char* where :
             {R"([{"EmployeeId":"1","Nationality":@}])",
              R"([{"EmployeeId":"1","Company":{"DisplayValue":"x","FieldHistory":@}}])",
              R"([{"EmployeeId":"1","Nationality":{"a":{"b":[@]}}}])"}) {
            std::string result = where;
            result.replace(result.find('@'), 1, skipped);
            // An empty array is fine where the third place has nothing in it.
            if (*skipped == '\0' && result.find("[]") != std::string::npos) continue;
            EXPECT_EQ(read(envelope(result)).verdict.code, errc::bad_response) << result;
        }
    }
}

TEST(DecodeFaults, SkippedPartsMayHoldAnyJson) {
    for (const char* skipped :
         {"0", "-0", "10", "-1.5", "1e5", "1E+5", "2.50e-3", "true", "false", "null", "\"\"", "{}",
          "[]", "[[],{}]", "{\"a\":[1,\"}\",{\"b\":\"]\"}]}", "\"\\\"]}\""}) {
        const auto got =
            read(envelope(R"([{"EmployeeId":"1","New":)" + std::string{skipped} + "}]"));
        EXPECT_EQ(got.verdict.code, errc::ok) << skipped << ": " << got.verdict.detail;
        EXPECT_EQ(got.rows.size(), 1u);
    }
}

TEST(DecodeFaults, TextBehindTheAnswerIsABadResponse) {
    for (const char* tail : {"}", "x", "{}", ",", "null", "\"\"", "]"}) {
        EXPECT_EQ(read(everybody(1) + tail).verdict.code, errc::bad_response) << tail;
    }
    EXPECT_EQ(read(everybody(1) + " \r\n").verdict.code, errc::ok);
}

TEST(DecodeFaults, SomethingElseThanAnObjectIsABadResponse) {
    for (const char* text :
         {"", " ", "null", "[]", "1", "\"x\"", "true", "{", "}", "nonsense", "\xEF\xBB\xBF"}) {
        EXPECT_EQ(read(text).verdict.code, errc::bad_response) << text;
    }
}

TEST(DecodeFaults, AByteOrderMarkIsToleratedAtTheStartOnly) {
    const auto got = read("\xEF\xBB\xBF" + everybody(2));
    EXPECT_EQ(got.verdict.code, errc::ok);
    EXPECT_EQ(got.rows.size(), 2u);
    EXPECT_EQ(read(everybody(2) + "\xEF\xBB\xBF").verdict.code, errc::bad_response);
    EXPECT_EQ(read("\xEF\xBB\xBF\xEF\xBB\xBF" + everybody(2)).verdict.code, errc::bad_response);
}

TEST(DecodeFaults, InvalidUtf8AnywhereIsABadResponse) {
    const auto text = everybody(1);
    for (const char* bad :
         {"\xFF", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\x80"}) {
        for (std::size_t at = text.find("Result") + 9; at < text.size(); at += 97) {
            auto broken = text;
            broken.insert(at, bad);
            const auto got = read(broken);
            ASSERT_EQ(got.verdict.code, errc::bad_response);
            ASSERT_EQ(got.answer.fault, decode_fault::not_utf8);
            ASSERT_TRUE(got.rows.empty());
        }
    }
}

TEST(DecodeFaults, ABareControlCharacterInAStringIsABadResponse) {
    EXPECT_EQ(read(envelope("[{\"EmployeeId\":\"a\nb\"}]")).verdict.code, errc::bad_response);
    EXPECT_EQ(read(envelope(std::string("[{\"EmployeeId\":\"a\0b\"}]", 22))).verdict.code,
              errc::bad_response);
}

TEST(DecodeFaults, NestingIsLimited) {
    // The envelope, the array and the row are three levels.
    const auto nested = [](std::size_t depth, char open, char close) {
        std::string value;
        for (std::size_t i = 3; i < depth; ++i) {
            value += open;
            if (open == '{' && i + 1 < depth) value += "\"a\":";
        }
        value.append(depth - 3, close);
        return read(envelope(R"([{"EmployeeId":"1","Deep":)" + value + "}]"));
    };
    for (const auto& [open, close] : {std::pair{'[', ']'}, {'{', '}'}}) {
        EXPECT_EQ(nested(64, open, close).verdict.code, errc::ok);
        EXPECT_EQ(nested(65, open, close).answer.fault, decode_fault::too_deep);
        const auto got = nested(100'000, open, close);
        EXPECT_EQ(got.verdict.code, errc::bad_response);
        EXPECT_EQ(got.answer.fault, decode_fault::too_deep);
        EXPECT_EQ(got.answer.fault_row, 1u);
    }
}

TEST(DecodeFaults, TheMembersOfTheEnvelopeComeInAnyOrder) {
    std::vector<std::string> members{R"("isError":false)", R"("Status":0)", R"("Message":"fine")",
                                     R"("Result":[{"EmployeeId":"1"}])", R"("More":{"a":[]})"};
    std::sort(members.begin(), members.end());
    do {
        std::string text = "{";
        for (const auto& member : members) text += (text.size() > 1 ? "," : "") + member;
        const auto got = read(text + "}");
        ASSERT_EQ(got.verdict.code, errc::ok) << text;
        ASSERT_EQ(got.rows.size(), 1u);
        ASSERT_EQ(got.message, "fine");
    } while (std::next_permutation(members.begin(), members.end()));
}

TEST(DecodeFaults, TheEnvelopeIsReadInItsKnownRenderings) {
    const std::pair<const char*, errc> cases[] = {
        {R"({"IsError":"false","Status":"0","Message":null,"Result":[]})", errc::ok},
        {R"({"iserror":"False","STATUS":0,"result":[]})", errc::ok},
        {R"({"Status":0,"Result":[]})", errc::ok},
        {R"({"isError":null,"Status":0,"Result":[]})", errc::ok},
        {R"({"isError":true,"Status":0,"Result":[]})", errc::bad_response},
        {R"({"isError":"TRUE","Status":0,"Result":[]})", errc::bad_response},
        {R"({"isError":0,"Status":0,"Result":[]})", errc::bad_response},
        {R"({"isError":{},"Status":0,"Result":[]})", errc::bad_response},
        {R"({"isError":false,"Result":[]})", errc::bad_response},
        {R"({"isError":false,"Status":null,"Result":[]})", errc::bad_response},
        {R"({"isError":false,"Status":"","Result":[]})", errc::bad_response},
        {R"({"isError":false,"Status":0.5,"Result":[]})", errc::bad_response},
        {R"({"isError":false,"Status":[0],"Result":[]})", errc::bad_response},
        {R"({"isError":false,"Status":99999999999,"Result":[]})", errc::bad_response},
        {R"({"isError":false,"Status":0,"Message":{},"Result":[]})", errc::bad_response},
        {R"({"isError":false,"Status":0,"Message":7,"Result":[]})", errc::bad_response},
        {R"({"isError":false,"isError":false,"Status":0,"Result":[]})", errc::bad_response},
        {R"({"isError":false,"IsError":true,"Status":0,"Result":[]})", errc::bad_response},
        {R"({"isError":false,"Status":0,"Status":0,"Result":[]})", errc::bad_response},
        {R"({"Result":[],"Status":0,"Result":[]})", errc::bad_response},
        {R"({"Message":"","Status":0,"Message":"","Result":[]})", errc::bad_response},
        {"{}", errc::bad_response},
    };
    for (const auto& [text, code] : cases) {
        const auto got = read(text);
        EXPECT_EQ(got.verdict.code, code) << text << ": " << got.verdict.detail;
    }
}

TEST(DecodeFaults, RowsBeforeAFaultArePassedButTheAnswerIsNotOk) {
    auto text = everybody(3);
    text.insert(text.rfind("\"UniqueKey\""), "!");
    const auto got = read(text);
    EXPECT_EQ(got.rows.size(), 2u);
    EXPECT_EQ(got.verdict.code, errc::bad_response);
    EXPECT_EQ(got.answer.fault_row, 3u);
    EXPECT_NE(got.verdict.detail.find("row 3, byte "), std::string::npos) << got.verdict.detail;
}

TEST(DecodeFaults, APageCountsOnlyIfItHoldsAllRows) {
    const auto page = [](std::string_view total, std::string_view rows) {
        return read(envelope(R"({"Pagination":{"Limit":50,"TotalRows":)" + std::string{total} +
                             R"(},"Result":)" + std::string{rows} + "}"));
    };
    const auto two = R"([{"EmployeeId":"1"},{"EmployeeId":"2"}])";
    EXPECT_EQ(page("2", two).verdict.code, errc::ok);
    EXPECT_EQ(page("2", two).answer.kind, result_kind::page);
    EXPECT_EQ(page("\"2\"", two).rows.size(), 2u);
    EXPECT_EQ(page("0", "[]").verdict.code, errc::ok);
    EXPECT_EQ(page("3", two).verdict.code, errc::bad_response);
    EXPECT_EQ(page("1", two).verdict.code, errc::bad_response);
    EXPECT_EQ(page("null", two).verdict.code, errc::bad_response);
    EXPECT_EQ(page("2", "null").verdict.code, errc::bad_response);
    EXPECT_EQ(read(envelope(R"({"Result":[]})")).verdict.code, errc::bad_response);
    EXPECT_EQ(read(envelope(R"({"Result":[],"Result":[]})")).answer.fault,
              decode_fault::duplicate_key);
}

TEST(DecodeFaults, APageOfSeveralSaysHowManyRowsThereAreInAll) {
    const auto page = [](std::string_view result) {
        return read(envelope(result), peoplehr::question::page);
    };
    const auto part = page(R"({"Result":[{"EmployeeId":"1"}],"Pagination":{"TotalRows":7}})");
    EXPECT_EQ(part.verdict.code, errc::ok) << part.verdict.detail;
    EXPECT_EQ(part.rows.size(), 1u);
    EXPECT_EQ(part.answer.rows_total, 7u);
    for (const auto* wrong : {
             R"({"Result":[{"EmployeeId":"1"}]})",
             R"({"Result":[{"EmployeeId":"1"}],"Pagination":{"Rows":7}})",
             R"({"Result":[{"EmployeeId":"1"}],"Pagination":{"TotalRows":"many"}})",
             R"({"Result":null,"Pagination":{"TotalRows":7}})",
             R"({"Pagination":{"TotalRows":7}})",
             R"([{"EmployeeId":"1"}])",
             R"({"Result":[{"EmployeeId":""}],"Pagination":{"TotalRows":7}})",
             R"({"Result":[{"Message":"x"}],"Pagination":{"TotalRows":7}})",
         }) {
        EXPECT_EQ(page(wrong).verdict.code, errc::bad_response) << wrong;
    }
}

// Not a fuzzer, but it finds what a careless index does: run under ASan.
TEST(DecodeFaults, RandomDamageNeverCrashesAndNeverAddsEmployees) {
    const auto original = everybody(3, 2);
    const std::string_view alphabet = "{}[]:,\"\\u0 \n\xC3\xFF\x00tfn-1e.";
    std::mt19937_64 random{20'261'121};
    const auto below = [&random](std::size_t bound) {
        return static_cast<std::size_t>(random() % bound);
    };
    peoplehr::decoder decoder{2'000};
    int survivors = 0;
    for (int round = 0; round < 6'000; ++round) {
        auto text = original;
        for (std::size_t edits = 1 + below(3); edits != 0 && !text.empty(); --edits) {
            const auto at = below(text.size());
            switch (below(4)) {
                case 0: text[at] = alphabet[below(alphabet.size())]; break;
                case 1: text.insert(at, 1, alphabet[below(alphabet.size())]); break;
                case 2: text.erase(at, 1 + below(40)); break;
                default: text.insert(at, text.substr(below(text.size()), below(60))); break;
            }
        }
        const auto asked = below(4) == 0 ? question::one_employee : question::everybody;
        const auto got = read_with(decoder, text, asked, 1 + below(3));
        // Windows change nothing of what is found but for the name of the first fault.
        const auto whole = read(text, asked);
        ASSERT_EQ(got.verdict.code, whole.verdict.code);
        if (whole.answer.complete) ASSERT_EQ(got.rows, whole.rows);
        if (got.verdict.code == errc::ok) {
            ++survivors;
            EXPECT_TRUE(got.answer.complete);
            EXPECT_LE(got.rows.size(), 3u);
        }
    }
    // Damage inside a string stays valid JSON: a decoder that refuses everything would not be
    // tested.
    EXPECT_GT(survivors, 100);
}

} // namespace
} // namespace rollcall::testing
