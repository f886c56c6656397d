#include "rollcall/core/text.hpp"

#include <gtest/gtest.h>
#include <utf8proc.h>

#include <array>
#include <cstdlib>
#include <memory>

namespace rollcall {
namespace {

std::string normalised(std::string_view in) {
    std::string scratch;
    return std::string{normalise(in, scratch)};
}
std::string folded(std::string_view in) {
    std::string scratch;
    return std::string{fold(in, scratch)};
}
bool is_view_of(std::string_view view, std::string_view whole) {
    return view.data() >= whole.data() && view.data() + view.size() <= whole.data() + whole.size();
}

TEST(Text, TrimsEveryUnicodeWhiteSpaceAndNothingElse) {
    for (const char* space :
         {"\t", "\n", "\v", "\f", "\r", " ", "\u0085", "\u00a0", "\u1680", "\u2000", "\u200a",
          "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"}) {
        const std::string s{space};
        EXPECT_EQ(trim(s + s + "a" + s + "b" + s), "a" + s + "b");
        EXPECT_TRUE(is_unset(s + s));
    }
    // U+200B, U+FEFF and U+180E are not white space; a cut character is no space either.
    for (const char* other : {"\u200b", "\ufeff", "\u180e", "\u2010", "\xe2\x80", "\x80", "\xa0"}) {
        EXPECT_EQ(trim(other), other);
        EXPECT_EQ(trim(std::string{"a"} + other), std::string{"a"} + other);
    }
    EXPECT_EQ(trim(""), "");
    EXPECT_TRUE(is_unset(""));
    EXPECT_FALSE(is_unset(" - "));
}

TEST(Text, TellsAsciiAtEveryLengthAndPlace) {
    for (std::size_t size = 0; size < 40; ++size) {
        std::string text(size, 'x');
        EXPECT_TRUE(is_ascii(text));
        for (std::size_t i = 0; i < size; ++i) {
            text[i] = '\x80';
            EXPECT_FALSE(is_ascii(text));
            text[i] = 'x';
        }
    }
}

TEST(Text, RefusesWhatIsNotUtf8) {
    EXPECT_TRUE(valid_utf8("Zoë Łukasiewicz 山田 😀"));
    EXPECT_TRUE(valid_utf8("\xf4\x8f\xbf\xbf"));
    for (const char* bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                            "\xf4\x90\x80\x80", "\xff", "abc\xe5\xb1"}) {
        EXPECT_FALSE(valid_utf8(bad)) << testing::PrintToString(std::string_view{bad});
    }
}

TEST(Text, ComposesToNfc) {
    EXPECT_EQ(normalised(" Zoe\u0308 "), "Zoë");
    EXPECT_EQ(normalised("\u1100\u1161"), "가");
    EXPECT_EQ(normalised("\u212b"), "\u00c5"); // the angstrom sign is a letter
    EXPECT_EQ(normalised("\ufb01"), "\ufb01"); // a ligature stays: NFC, not NFKC
    EXPECT_EQ(normalised("q\u0307\u0323"), "q\u0323\u0307");
}

// Every character that there is, behind a letter that most accents combine with: clean text, which
// is recognised without utf8proc, must be what utf8proc would make of it.
TEST(Text, AgreesWithUtf8procAboutEveryCharacter) {
    std::string scratch;
    for (utf8proc_int32_t character = 1; character <= 0x10ffff; ++character) {
        if (character >= 0xd800 && character < 0xe000) continue;
        std::array<utf8proc_uint8_t, 4> encoded;
        const auto length = utf8proc_encode_char(character, encoded.data());
        for (const char* before : {"e", "\xea\xb0\x80", "\xe1\x84\x80"}) {
            std::string text = before;
            text.append(reinterpret_cast<const char*>(encoded.data()),
                        static_cast<std::size_t>(length));
            text += 'x'; // or the character might be trimmed
            const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> composed{
                utf8proc_NFC(reinterpret_cast<const utf8proc_uint8_t*>(text.c_str())), &std::free};
            ASSERT_EQ(normalise(text, scratch), reinterpret_cast<const char*>(composed.get()))
                << "U+" << std::hex << character;
        }
    }
}

TEST(Text, AnswersCleanTextAsAViewOfItself) {
    std::string scratch;
    for (const std::string_view clean : {"Ann Lee", "Zoë Müller", "Łukasz", "山田太郎", "Ольга"}) {
        EXPECT_EQ(normalise(clean, scratch).data(), clean.data());
    }
    const std::string_view padded = "\u00a0 ann@x.com\t";
    EXPECT_TRUE(is_view_of(normalise(padded, scratch), padded));
    EXPECT_TRUE(is_view_of(fold(padded, scratch), padded));
}

TEST(Text, DoesNotAllocateForAscii) {
    std::string scratch;
    EXPECT_EQ(normalise("  A very long job title that no small string could ever hold  ", scratch),
              "A very long job title that no small string could ever hold");
    EXPECT_EQ(scratch.capacity(), std::string{}.capacity());
    scratch.reserve(100);
    const char* data = scratch.data();
    EXPECT_EQ(fold("ANN.LEE@EXAMPLE.COM", scratch), "ann.lee@example.com");
    EXPECT_EQ(scratch.data(), data);
}

TEST(Text, LeavesInvalidBytesAsTheyAre) {
    EXPECT_EQ(normalised(" \xff\xfe "), "\xff\xfe");
    EXPECT_EQ(folded(" A\xff "), "A\xff");
}

TEST(Text, FoldsCaseOfAllScripts) {
    EXPECT_EQ(folded(" Ann.Lee@Example.COM "), "ann.lee@example.com");
    EXPECT_EQ(folded("ZOE\u0308@X.COM"), folded("zoë@x.com"));
    EXPECT_EQ(folded("STRASSE"), folded("straße"));
    EXPECT_EQ(folded("ΣΊΣΥΦΟΣ"), folded("σίσυφος"));
    EXPECT_EQ(folded("ОЛЬГА"), "ольга");
    EXPECT_NE(folded("ann"), folded("anne"));
}

TEST(Text, MapsTextLongerThanItsOwnBuffer) {
    std::string in;
    std::string expected;
    for (int i = 0; i < 1000; ++i) {
        in += "E\u0301";
        expected += "\u00e9";
    }
    EXPECT_EQ(folded(in), expected);
}

TEST(Text, AcceptsTheEmailsPeopleHave) {
    for (const char* good : {"ann@example.com", "a@b", "o'neil+hr@sub.example.co.uk", "x_y-z@1.2",
                             "zoë@münchen.de", "a.b.@x.com"}) {
        EXPECT_TRUE(valid_email(good)) << good;
    }
    EXPECT_TRUE(valid_email(std::string(64, 'a') + "@" + std::string(63, 'b') + ".com"));
}

TEST(Text, RefusesWhatIsNoEmail) {
    for (const char* bad : {"",
                            "@",
                            "ann",
                            "ann@",
                            "@example.com",
                            "a@b@c",
                            "a b@c.com",
                            "ann@exa mple.com",
                            "ann@example..com",
                            "ann@.com",
                            "ann@example.",
                            "ann@-x.com",
                            "ann@x-.com",
                            "ann@x.com\n",
                            "an\tn@x.com",
                            "an\x7fn@x.com",
                            "an\u0085n@x.com",
                            "an\u009fn@x.com",
                            "ann\u00a0@x.com",
                            "<ann@x.com>",
                            "ann@x.com;",
                            "ann@x.com,b",
                            "\"ann\"@x.com",
                            "ann@[1.2.3.4]",
                            "ann\xff@x.com",
                            "ann@x.com\xc2"}) {
        EXPECT_FALSE(valid_email(bad)) << testing::PrintToString(std::string_view{bad});
    }
    EXPECT_FALSE(valid_email(std::string(65, 'a') + "@b.com"));
    EXPECT_FALSE(valid_email("a@" + std::string(64, 'b') + ".com"));
    std::string domain = "b";
    for (int i = 0; i < 130; ++i) domain += ".b";
    EXPECT_FALSE(valid_email("a@" + domain));
}

} // namespace
} // namespace rollcall
