#include "directory/index.hpp"

#include <gtest/gtest.h>

#include <set>
#include <unordered_map>

#include "rollcall/core/random.hpp"

namespace rollcall::directory {
namespace {

// Hashes by number, so that collisions of chunk and of tag can be planned.
struct hashed_numbers {
    std::unordered_map<std::uint32_t, std::uint64_t> hashes;

    std::uint64_t operator()(std::uint32_t number) const { return hashes.at(number); }
};

std::uint32_t find(const index_table& table, std::uint64_t hash, std::uint32_t number) {
    return table.find(hash, [&](std::uint32_t each) { return each == number; });
}

TEST(IndexTable, FindsNothingWhenEmpty) {
    const index_table table;
    EXPECT_EQ(find(table, 1, 1), 0u);
    EXPECT_EQ(table.memory_bytes(), 0u);
}

TEST(IndexTable, HoldsAnyNumberOfEqualHashes) {
    index_table table;
    for (std::uint32_t number = 1; number <= 300; ++number) {
        table.insert(42, number, [](std::uint32_t) { return std::uint64_t{42}; });
    }
    for (std::uint32_t number = 1; number <= 300; ++number) {
        EXPECT_EQ(find(table, 42, number), number);
    }
    EXPECT_EQ(find(table, 42, 301), 0u);
    // Removing the first ones must not hide those that went on to later chunks.
    for (std::uint32_t number = 1; number <= 299; ++number) EXPECT_TRUE(table.erase(42, number));
    EXPECT_EQ(find(table, 42, 300), 300u);
    EXPECT_EQ(table.size(), 1u);
}

TEST(IndexTable, EndsASearchWhenEveryChunkWasPassed) {
    index_table table;
    const auto hash_of = [](std::uint32_t number) {
        return (std::uint64_t{number} << 63) | number; // two homes
    };
    for (std::uint32_t number = 1; number <= 21; ++number) {
        table.insert(hash_of(number), number, hash_of);
    }
    EXPECT_EQ(find(table, hash_of(99), 99), 0u);
    EXPECT_FALSE(table.erase(hash_of(99), 99));
}

TEST(IndexTable, NeverFindsAFreedReference) {
    for (std::uint64_t tag = 0; tag < 256; ++tag) {
        index_table table;
        const auto hash_of = [tag](std::uint32_t) { return tag; };
        for (std::uint32_t number = 1; number <= 12; ++number) table.insert(tag, number, hash_of);
        for (std::uint32_t number = 2; number <= 12; ++number) table.erase(tag, number);
        for (std::uint32_t number = 2; number <= 12; ++number) {
            ASSERT_EQ(find(table, tag, number), 0u) << tag;
        }
        ASSERT_EQ(find(table, tag, 1), 1u);
    }
}

TEST(IndexTable, RelocatesReferencesWithoutTheirHashes) {
    index_table table;
    const auto hash_of = [](std::uint32_t number) { return std::uint64_t{number} << 40; };
    for (std::uint32_t number = 1; number <= 100; ++number) {
        table.insert(hash_of(number), number, hash_of);
    }
    table.relocate([](std::uint32_t number) { return number + 5000; });
    EXPECT_EQ(find(table, hash_of(8), 5008), 5008u);
    EXPECT_EQ(find(table, hash_of(8), 8), 0u);
}

TEST(IndexTable, AgreesWithASetUnderChurnAndStaysSmall) {
    random_source random(1);
    hashed_numbers hashes;
    index_table table;
    std::set<std::uint32_t> model;
    for (std::uint32_t number = 1; number <= 2000; ++number) {
        // Half of the hashes share the home and the tag with another.
        hashes.hashes[number] = random.chance(0.5) ? random.below(50) << 56 : random.next();
    }
    for (int step = 0; step < 40000; ++step) {
        const auto number = static_cast<std::uint32_t>(1 + random.below(2000));
        if (model.contains(number)) {
            ASSERT_TRUE(table.erase(hashes(number), number));
            model.erase(number);
        } else {
            table.insert(hashes(number), number, hashes);
            model.insert(number);
        }
        if (step % 5000 == 0) table.shrink(hashes);
        const auto probe = static_cast<std::uint32_t>(1 + random.below(2000));
        ASSERT_EQ(find(table, hashes(probe), probe), model.contains(probe) ? probe : 0u);
        ASSERT_EQ(table.size(), model.size());
    }
    EXPECT_LT(table.memory_bytes(), 2000u * 64 / 12 * 2);
    for (const std::uint32_t number : model) EXPECT_TRUE(table.erase(hashes(number), number));
    table.shrink(hashes);
    EXPECT_EQ(table.memory_bytes(), 0u);
}

TEST(IndexTable, IsNearlyFullWhenReservedExactly) {
    random_source random(2);
    hashed_numbers hashes;
    for (std::uint32_t number = 1; number <= 1000; ++number) hashes.hashes[number] = random.next();
    index_table table;
    table.reserve(1000, hashes);
    const std::size_t reserved = table.memory_bytes();
    for (std::uint32_t number = 1; number <= 1000; ++number) {
        table.insert(hashes(number), number, hashes);
    }
    EXPECT_EQ(table.memory_bytes(), reserved);
    EXPECT_LE(reserved, 6200u);
}

} // namespace
} // namespace rollcall::directory
