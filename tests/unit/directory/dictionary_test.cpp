#include "directory/dictionary.hpp"

#include <gtest/gtest.h>

#include <map>

#include "rollcall/core/random.hpp"

namespace rollcall::directory {
namespace {

TEST(Dictionary, GivesBlankTheNumberZeroWithoutKeepingIt) {
    dictionary words;
    EXPECT_EQ(words.acquire(""), 0u);
    EXPECT_EQ(words.text(0), "");
    words.release(0);
    EXPECT_EQ(words.size(), 1u);
    EXPECT_EQ(words.memory_bytes(), 0u);
}

TEST(Dictionary, GivesEqualTextsOneNumberAndTellsLettersApart) {
    dictionary words;
    const std::uint32_t sales = words.acquire("Sales");
    EXPECT_EQ(words.acquire("Sales"), sales);
    EXPECT_NE(words.acquire("sales"), sales);
    EXPECT_EQ(words.references(sales), 2u);
    EXPECT_EQ(words.text(sales), "Sales");
    EXPECT_EQ(words.find("SALES"), 0u);
}

TEST(Dictionary, UsesTheLowestFreeNumberAgain) {
    dictionary words;
    const std::uint32_t a = words.acquire("a");
    const std::uint32_t b = words.acquire("b");
    const std::uint32_t c = words.acquire("c");
    words.release(b);
    words.release(a);
    EXPECT_EQ(words.find("a"), 0u);
    EXPECT_EQ(words.acquire("d"), a);
    EXPECT_EQ(words.acquire("e"), b);
    EXPECT_EQ(words.text(c), "c");
    EXPECT_EQ(words.verify(), std::nullopt);
    words.release(words.find("c"));
    EXPECT_EQ(words.size(), 3u) << "the highest number goes when its text goes";
}

TEST(Dictionary, GivesItsMemoryBackWhenEmptied) {
    dictionary words;
    std::vector<std::uint32_t> numbers;
    for (int i = 0; i < 1000; ++i) numbers.push_back(words.acquire("word " + std::to_string(i)));
    for (const std::uint32_t number : numbers) words.release(number);
    words.compact_if_worthwhile();
    EXPECT_EQ(words.memory_bytes(), 0u);
    EXPECT_EQ(words.size(), 1u);
}

TEST(Dictionary, AgreesWithAMapOfCountsUnderChurn) {
    random_source random(3);
    dictionary words;
    std::map<std::string, std::pair<std::uint32_t, std::uint32_t>> model; // number, references
    for (int step = 0; step < 20000; ++step) {
        const std::string text(1 + random.below(40), static_cast<char>('a' + random.below(26)));
        auto& [number, references] = model[text];
        if (references > 0 && random.chance(0.55)) {
            words.release(number);
            --references;
        } else {
            const std::uint32_t got = words.acquire(text);
            if (references > 0) ASSERT_EQ(got, number);
            number = got;
            ++references;
        }
        if (step % 1000 == 0) words.compact_if_worthwhile();
        ASSERT_EQ(words.find(text), references > 0 ? number : 0u);
    }
    ASSERT_EQ(words.verify(), std::nullopt);
    for (const auto& [text, entry] : model) {
        if (entry.second == 0) continue;
        EXPECT_EQ(words.text(entry.first), text);
        EXPECT_EQ(words.references(entry.first), entry.second);
    }
}

} // namespace
} // namespace rollcall::directory
