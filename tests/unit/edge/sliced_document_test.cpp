#include "edge/sliced_document.hpp"

#include <gtest/gtest.h>

namespace rollcall::edge {
namespace {

std::string whole(sliced_document& from, std::size_t* slices = nullptr) {
    std::string out;
    for (;;) {
        const auto slice = from.next();
        if (slice.empty()) return out;
        out += slice;
        if (slices != nullptr) ++*slices;
    }
}

TEST(SlicedDocument, PutsCommasBetweenElementsOfAListOnly) {
    sliced_document document;
    document.text("{\"a\":[");
    document.list(3, [](std::size_t i) { return std::to_string(i); });
    document.text("],\"b\":[");
    document.list(0, [](std::size_t) { return std::string("never"); });
    document.text("],\"c\":[");
    document.list(1, [](std::size_t) { return std::string("7"); });
    document.text("]}");
    EXPECT_EQ(whole(document), R"({"a":[0,1,2],"b":[],"c":[7]})");
}

TEST(SlicedDocument, CutsALongListAndEndsOnlyOnce) {
    sliced_document document;
    document.text("[");
    document.list(10'000, [](std::size_t) { return std::string("1"); });
    document.text("]");
    std::size_t slices = 0;
    EXPECT_EQ(whole(document, &slices).size(), 20'001u);
    EXPECT_GT(slices, 10u);
    EXPECT_EQ(document.next(), "");
}

TEST(SlicedDocument, IsNotEndedByElementsThatAreNothing) {
    sliced_document document;
    document.list(1000, [](std::size_t i) { return i < 999 ? std::string() : std::string("x"); });
    EXPECT_EQ(whole(document), "x");
}

} // namespace
} // namespace rollcall::edge
