#include "rollcall/core/hash.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace rollcall {
namespace {

TEST(Hash, IsTheXxh3ThatOtherProgramsCompute) {
    // A stored hash must mean the same in the next version: the empty text's is published.
    EXPECT_EQ(hash64(""), 0x2d06800538d394c2u);
    EXPECT_EQ(hash64(std::string_view{}), 0x2d06800538d394c2u);
    EXPECT_EQ(hash64("acme"), hash64(std::string{"acme"}));
}

TEST(Hash, DependsOnEveryByteAndOnTheSeed) {
    std::set<std::uint64_t> seen;
    for (std::size_t size = 0; size < 300; ++size) {
        std::string text(size, 'a');
        EXPECT_TRUE(seen.insert(hash64(text)).second);
        EXPECT_TRUE(seen.insert(hash64(text, 1)).second);
        if (size == 0) continue;
        text[size / 2] = 'b';
        EXPECT_TRUE(seen.insert(hash64(text)).second);
    }
}

TEST(Hash, CombinesInOrder) {
    EXPECT_NE(combine(1, 2), combine(2, 1));
    std::set<std::uint64_t> seen;
    for (std::uint64_t a = 0; a < 100; ++a) {
        for (std::uint64_t b = 0; b < 100; ++b) EXPECT_TRUE(seen.insert(combine(a, b)).second);
    }
}

} // namespace
} // namespace rollcall
