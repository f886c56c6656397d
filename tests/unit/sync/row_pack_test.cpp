// The packed rows of a snapshot: the way there and back, and what is not such a text.
#include "rollcall/sync/row_pack.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "rollcall/core/random.hpp"

namespace {

using namespace rollcall;
using sync::row_packer;
using sync::row_unpacker;
using sync::source_field;
using sync::source_row;

const std::vector<std::string> names{"APIColumn1", "APIColumn2", "AnalysisCode1"};

// A row with texts of its own.
struct kept_row {
    std::array<std::string, sync::source_field_count> fields;
    std::vector<std::string> extra;
    std::uint32_t wrong_type = 0;

    kept_row() = default;
    explicit kept_row(const source_row& row)
        : extra(row.extra.begin(), row.extra.end()), wrong_type(row.wrong_type) {
        std::copy(row.fields.begin(), row.fields.end(), fields.begin());
    }
    void pack(row_packer& into) const {
        source_row row;
        std::copy(fields.begin(), fields.end(), row.fields.begin());
        const std::vector<std::string_view> views(extra.begin(), extra.end());
        row.extra = views;
        row.wrong_type = wrong_type;
        into.add(row);
    }
    friend bool operator==(const kept_row&, const kept_row&) = default;
};

std::vector<kept_row> random_rows(random_source& random, std::size_t count) {
    const auto text = [&random] {
        // Lengths of one and of two bytes, and every byte that a text may have.
        std::string out(random.chance(0.4)   ? 0
                        : random.chance(0.9) ? random.below(40)
                                             : random.below(400),
                        ' ');
        for (char& c : out) c = static_cast<char>(random.below(256));
        return out;
    };
    std::vector<kept_row> rows(count);
    for (auto& row : rows) {
        for (auto& each : row.fields) each = text();
        row.extra.resize(names.size());
        for (auto& each : row.extra) each = text();
        row.wrong_type = static_cast<std::uint32_t>(random.below(1u << sync::source_field_count));
    }
    return rows;
}

row_packer packed(const std::vector<kept_row>& rows) {
    row_packer packer(names);
    for (const auto& each : rows) each.pack(packer);
    return packer;
}

std::vector<kept_row> unpacked(row_unpacker& from) {
    std::vector<kept_row> rows;
    source_row row;
    while (from.next(row)) rows.emplace_back(row);
    return rows;
}

TEST(RowPack, GivesBackEveryByteOfEveryRow) {
    random_source random(1);
    for (const std::size_t count : {0u, 1u, 2u, 300u}) {
        const auto rows = random_rows(random, count);
        auto packer = packed(rows);
        EXPECT_EQ(packer.rows(), count);
        const auto text = std::move(packer).take();
        row_unpacker unpacker(text);
        EXPECT_EQ(unpacked(unpacker), rows);
        EXPECT_FALSE(unpacker.broken());
    }
}

TEST(RowPack, OnlyTheWantedExtrasInTheirOrderAndBlanksForOthers) {
    random_source random(2);
    const auto rows = random_rows(random, 3);
    const auto text = packed(rows).take();
    row_unpacker unpacker(text);
    const std::vector<std::string> wanted{"AnalysisCode1", "APIColumn5", "APIColumn1"};
    unpacker.wanted(wanted);
    const auto got = unpacked(unpacker);
    ASSERT_EQ(got.size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(got[i].extra, (std::vector<std::string>{rows[i].extra[2], "", rows[i].extra[0]}));
        EXPECT_EQ(got[i].fields, rows[i].fields);
    }
}

TEST(RowPack, ARowWithFewerExtrasHasBlanks) {
    row_packer packer(names);
    source_row row;
    row.fields[0] = "PW1";
    packer.add(row);
    const auto text = std::move(packer).take();
    row_unpacker unpacker(text);
    const auto got = unpacked(unpacker);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].extra, std::vector<std::string>(names.size()));
}

TEST(RowPack, TheImageIsReplacedWhereSaid) {
    row_packer packer({});
    source_row row;
    row.fields[static_cast<std::size_t>(source_field::image)] = "a picture";
    packer.add(row, "its hash");
    const auto text = std::move(packer).take();
    EXPECT_EQ(text.find("a picture"), std::string::npos);
    row_unpacker unpacker(text);
    source_row got;
    ASSERT_TRUE(unpacker.next(got));
    EXPECT_EQ(got.get(source_field::image), "its hash");
}

TEST(RowPack, TheDigestIsThatOfTheRowsWhateverTheirOrder) {
    random_source random(3);
    auto rows = random_rows(random, 50);
    const auto digest = packed(rows).digest();
    std::shuffle(rows.begin(), rows.end(), random);
    EXPECT_EQ(packed(rows).digest(), digest);
    rows[7].fields[3] += "x";
    EXPECT_NE(packed(rows).digest(), digest);
    rows[7].fields[3].pop_back();
    std::swap(rows[7].fields[3], rows[7].fields[4]);
    EXPECT_NE(packed(rows).digest(), digest);
}

TEST(RowPack, EveryPrefixEndsCleanlyBetweenTwoRowsAndIsBrokenElsewhere) {
    random_source random(4);
    const auto rows = random_rows(random, 5);
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i <= rows.size(); ++i) {
        const auto part = std::vector(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(i));
        ends.push_back(packed(part).take().size());
    }
    const auto text = packed(rows).take();
    for (std::size_t size = 0; size <= text.size(); ++size) {
        SCOPED_TRACE(size);
        const std::string prefix = text.substr(0, size); // bytes behind its end would be found
        row_unpacker unpacker(prefix);
        const auto got = unpacked(unpacker);
        const auto whole = std::find(ends.begin(), ends.end(), size);
        EXPECT_EQ(unpacker.broken(), whole == ends.end());
        ASSERT_TRUE(std::equal(got.begin(), got.end(), rows.begin()));
    }
}

TEST(RowPack, GarbageIsNeverReadBehindItsEnd) {
    random_source random(5);
    const auto good = packed(random_rows(random, 3)).take();
    for (int i = 0; i < 20'000; ++i) {
        std::string bad = good;
        for (int n = 0; n < 3; ++n) {
            bad[random.below(random.chance(0.5) ? 60 : bad.size())] =
                static_cast<char>(random.below(256));
        }
        row_unpacker unpacker(bad);
        source_row row;
        std::size_t bytes = 0;
        while (unpacker.next(row)) {
            for (const auto text : row.fields) bytes += text.size();
        }
        ASSERT_LE(bytes, bad.size());
    }
    row_unpacker empty("");
    EXPECT_TRUE(empty.broken());
}

} // namespace
