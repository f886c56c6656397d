// Whether the pages of a read go together, and what is remembered of them.
#include "rollcall/sync/page_reading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sync_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::sync;
using rollcall::test::employee;
using testing::HasSubstr;
using testing::IsEmpty;

class ids_of final : public row_sink {
  public:
    void on_row(const source_row& row) override {
        ids.emplace_back(row.get(source_field::employee_id));
    }
    std::vector<std::string> ids;
};

// Pages of three rows, from texts such as "a b c"; a letter behind an id is another department.
struct pages_case {
    ids_of rows;
    page_assembly pages{rows, 3};

    pages_case& page(const std::vector<std::string>& ids, std::uint64_t total) {
        for (const auto& id : ids) {
            employee someone(id.substr(0, 2));
            if (id.size() > 2) someone.dept(id.substr(2));
            source_row row;
            someone.fill(row);
            pages.on_row(row);
        }
        pages.end_page(total);
        return *this;
    }
};

std::vector<std::string> list(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

TEST(PageReading, PagesThatBringAsManyAsTheyCountAreOneAnswer) {
    pages_case c;
    EXPECT_EQ(c.pages.next().offset, 0u);
    EXPECT_EQ(c.pages.next().rows_max, 3u);
    c.page(list("p1 p2 p3"), 7);
    EXPECT_FALSE(c.pages.complete());
    EXPECT_EQ(c.pages.next().offset, 3u);
    c.page(list("p4 p5 p6"), 7);
    c.page(list("p7"), 7);
    EXPECT_TRUE(c.pages.complete());
    EXPECT_THAT(c.pages.doubt(), IsEmpty());
    EXPECT_EQ(c.rows.ids, list("p1 p2 p3 p4 p5 p6 p7"));
    EXPECT_EQ(c.pages.pages(), 3u);
}

TEST(PageReading, AnEmptyCompanyIsOneEmptyPage) {
    pages_case c;
    c.page({}, 0);
    EXPECT_TRUE(c.pages.complete());
    EXPECT_THAT(c.pages.doubt(), IsEmpty()) << "whether to believe it is the gate's question (G-2)";
}

TEST(PageReading, AServerThatGivesFewerRowsThanAskedForIsFollowed) {
    pages_case c;
    for (const auto& two : {"p1 p2", "p3 p4", "p5"}) c.page(list(two), 5);
    EXPECT_TRUE(c.pages.complete());
    EXPECT_THAT(c.pages.doubt(), IsEmpty());
}

TEST(PageReading, ALastPageThatOverlapsIsPassedOnOnce) {
    pages_case c;
    c.page(list("p1 p2 p3"), 4).page(list("p2 p3 p4"), 4);
    EXPECT_TRUE(c.pages.complete());
    EXPECT_THAT(c.pages.doubt(), IsEmpty());
    EXPECT_EQ(c.rows.ids, list("p1 p2 p3 p4"));
}

TEST(PageReading, G4AnIdThatIsTwiceOnOnePageIsLeftToTheSnapshot) {
    pages_case c;
    c.page(list("p1 p1x p2"), 4).page(list("p3"), 4);
    EXPECT_THAT(c.pages.doubt(), IsEmpty());
    EXPECT_EQ(c.rows.ids, list("p1 p1 p2 p3"));
}

TEST(PageReading, G2WhatDoesNotGoTogetherIsDoubted) {
    struct row {
        std::vector<std::pair<std::string_view, std::uint64_t>> pages;
        std::string_view why;
    };
    for (const auto& [pages, why] : {
             row{{{"p1 p2 p3", 6}, {"p4 p5 p6", 7}},
                 "page 1 counts 6 employees in all, page 2 counts 7"},
             row{{{"p1 p2 p3", 6}, {"p4 p5", 5}}, "page 2 counts 5"},
             row{{{"p1 p2 p3", 6}, {"", 0}}, "page 2 counts 0"},
             row{{{"p1 p2 p3", 6}, {"", 6}}, "page 2 is empty after 3 of 6 employees"},
             row{{{"p1 p2 p3 p4", 6}}, "page 1 has 4 employees, 3 were asked for at most"},
             row{{{"p1 p2 p3", 2}}, "after page 1 there are 3 of 2 employees"},
             row{{{"p1 p2 p3", 6}, {"p1 p2 p3", 6}}, "3 of them twice"},
             row{{{"p1 p2 p3", 6}, {"p3 p4 p5", 6}}, "1 of them twice"},
             row{{{"p1 p2 p3", 9}, {"p3 p4 p5", 9}}, "after page 2 there are 6 of 9 employees, 1"},
             row{{{"p1 p2 p3", 6}, {"p3x p4 p5", 6}},
                 "page 2 has an employee of page 1 with other values"},
         }) {
        SCOPED_TRACE(why);
        pages_case c;
        for (const auto& [ids, total] : pages) c.page(list(ids), total);
        EXPECT_THAT(c.pages.doubt(), HasSubstr(std::string(why)));
        EXPECT_THAT(c.pages.doubt(), testing::Not(HasSubstr("p3"))) << "no employee is named";
    }
}

TEST(PageReading, AMemoryIsKeptAsText) {
    EXPECT_EQ(page_memory{}.to_text(), "");
    EXPECT_EQ(page_memory::from_text(""), page_memory{});
    page_memory known;
    known.refused = wall_time{seconds{1'800'000'000}};
    known.doubts = 2;
    known.doubted = wall_time{seconds{1'800'000'060}};
    known.at_once = wall_time{seconds{1'799'999'000}};
    known.doubt = "page 1 counts 6 employees in all, page 2 counts 7";
    EXPECT_EQ(page_memory::from_text(known.to_text()), known);
    for (const auto* wrong : {"2 0 1 0 0 x", "1 0 1", "1 x", "nonsense"}) {
        EXPECT_EQ(page_memory::from_text(wrong), page_memory{}) << wrong;
    }
}

TEST(PageReading, PagesAreAskedForUntilTheyAreRefusedOrDoubtedTooOften) {
    tenant_settings settings;
    page_memory known;
    EXPECT_FALSE(reads_pages(settings, known)) << "off by default";
    EXPECT_EQ(calls_of_read(settings, known, 1200), 1u);
    settings.paged_reading = true;
    EXPECT_TRUE(reads_pages(settings, known));
    EXPECT_EQ(calls_of_read(settings, known, 1200), 3u);
    EXPECT_EQ(calls_of_read(settings, known, 0), 1u);
    known.doubts = page_memory::doubts_max;
    EXPECT_FALSE(reads_pages(settings, known));
    known = {};
    known.refused = wall_time{seconds{1}};
    EXPECT_FALSE(reads_pages(settings, known));
    EXPECT_EQ(calls_of_read(settings, known, 1200), 1u);
    auto other = settings;
    EXPECT_FALSE(other_pages(settings, other));
    other.page_rows = 100;
    EXPECT_TRUE(other_pages(settings, other));
}

} // namespace
