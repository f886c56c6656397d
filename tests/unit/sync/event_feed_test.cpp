#include "rollcall/sync/event_feed.hpp"

#include <gtest/gtest.h>

namespace rollcall::sync {
namespace {

event_feed feed_of(std::size_t capacity, int events) {
    event_feed feed(capacity, 7);
    for (int i = 1; i <= events; ++i) {
        feed.publish(wall_time{seconds{i}}, event_kind::run_started, "t" + std::to_string(i));
    }
    return feed;
}

TEST(EventFeed, GivesWhatCameAfterANumberInOrder) {
    const auto feed = feed_of(10, 5);
    const auto got = feed.read(2, 10);
    EXPECT_EQ(got.missed, 0u);
    ASSERT_EQ(got.events.size(), 3u);
    EXPECT_EQ(got.events[0]->id, 3u);
    EXPECT_EQ(got.events[0]->tenant, "t3");
    EXPECT_EQ(got.events[2]->id, 5u);
    EXPECT_EQ(feed.last_id(), 5u);
}

TEST(EventFeed, SaysHowManyWereLostAndGoesOnWithTheOldestOnThatIsKept) {
    const auto feed = feed_of(4, 10);
    EXPECT_EQ(feed.size(), 4u);
    const auto got = feed.read(2, 10);
    EXPECT_EQ(got.missed, 4u); // 3 to 6
    ASSERT_EQ(got.events.size(), 4u);
    EXPECT_EQ(got.events.front()->id, 7u);
    EXPECT_EQ(feed.read(6, 10).missed, 0u);
    EXPECT_EQ(feed.read(6, 10).events.size(), 4u);
    EXPECT_EQ(feed.read(5, 10).missed, 1u);
}

TEST(EventFeed, GivesNoMoreThanWasAskedFor) {
    const auto feed = feed_of(10, 10);
    const auto got = feed.read(0, 3);
    ASSERT_EQ(got.events.size(), 3u);
    EXPECT_EQ(got.events.back()->id, 3u);
}

TEST(EventFeed, IsEmptyForWhoHasSeenAllAndForNumbersToCome) {
    const auto feed = feed_of(4, 6);
    EXPECT_TRUE(feed.read(6, 10).events.empty());
    EXPECT_TRUE(feed.read(~std::uint64_t{0}, 10).events.empty());
    EXPECT_EQ(feed.read(~std::uint64_t{0}, 10).missed, 0u);
    EXPECT_TRUE(event_feed(3, 1).read(0, 10).events.empty());
}

TEST(EventFeed, NamesPlacesSoThatAReaderCanGoOn) {
    const event_place place{1'795'000'000'123, 42};
    EXPECT_EQ(to_text(place), "1795000000123-42");
    EXPECT_EQ(read_event_place("1795000000123-42"), place);
    for (const auto* wrong : {"", "-", "1-", "-1", "1-x", "x-1", "1", "1-2-3",
                              "99999999999999999999-1", " 1-2", "1-2 "}) {
        EXPECT_FALSE(read_event_place(wrong)) << wrong;
    }
}

TEST(EventFeed, EveryKindHasANameOfItsOwn) {
    for (std::size_t i = 0; i < event_kind_count; ++i) {
        const auto kind = static_cast<event_kind>(i);
        EXPECT_EQ(read_event_kind(name_of(kind)), kind);
    }
    EXPECT_FALSE(read_event_kind("run"));
}

} // namespace
} // namespace rollcall::sync
