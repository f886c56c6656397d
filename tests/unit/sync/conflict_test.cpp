#include "rollcall/sync/conflict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rollcall/sync/notice.hpp"

namespace rollcall::sync {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

decision on(issue_kind kind, std::string id, ruling_of_conflict what) {
    return {.kind = kind, .external_id = std::move(id), .what = what};
}

TEST(Conflicts, RulingsAreReadByTheNamesThatTheyHave) {
    for (const auto each :
         {ruling_of_conflict::link, ruling_of_conflict::new_person, ruling_of_conflict::same,
          ruling_of_conflict::reactivate, ruling_of_conflict::ignore}) {
        EXPECT_EQ(read_ruling(name_of(each)), each);
    }
    EXPECT_EQ(read_ruling("unknown"), std::nullopt);
    EXPECT_EQ(read_ruling(""), std::nullopt);
}

TEST(La10, AnAddressThatIsTakenIsLinkedOrIgnored) {
    EXPECT_THAT(rulings_for(issue_kind::email_taken),
                ElementsAre(ruling_of_conflict::link, ruling_of_conflict::ignore));
}

TEST(La12, ARefusedFallbackIsLinkedOrIgnored) {
    EXPECT_THAT(rulings_for(issue_kind::fallback_refused),
                ElementsAre(ruling_of_conflict::link, ruling_of_conflict::ignore));
}

TEST(La16, AManualDeactivationIsOverruledOrIgnored) {
    EXPECT_THAT(rulings_for(issue_kind::manual_deactivation),
                ElementsAre(ruling_of_conflict::reactivate, ruling_of_conflict::ignore));
}

TEST(Conflicts, AReusedIdIsSomebodyNewOrTheSame) {
    EXPECT_THAT(rulings_for(issue_kind::id_reuse),
                ElementsAre(ruling_of_conflict::new_person, ruling_of_conflict::same,
                            ruling_of_conflict::ignore));
}

TEST(Conflicts, WhatOnlyTheSourceCanMendHasNoRuling) {
    for (const auto each : {issue_kind::duplicate_id, issue_kind::required_blank,
                            issue_kind::invalid_email, issue_kind::manager_unknown}) {
        EXPECT_THAT(rulings_for(each), IsEmpty());
    }
}

TEST(Decisions, AreKeptByIdThenKindAndEachOnce) {
    decisions all;
    all.put(on(issue_kind::id_reuse, "2", ruling_of_conflict::same));
    all.put(on(issue_kind::email_taken, "2", ruling_of_conflict::link));
    all.put(on(issue_kind::email_taken, "10", ruling_of_conflict::link));
    all.put(on(issue_kind::email_taken, "2", ruling_of_conflict::ignore));
    EXPECT_THAT(all.all(), ElementsAre(on(issue_kind::email_taken, "10", ruling_of_conflict::link),
                                       on(issue_kind::email_taken, "2", ruling_of_conflict::ignore),
                                       on(issue_kind::id_reuse, "2", ruling_of_conflict::same)));
    ASSERT_NE(all.find(issue_kind::id_reuse, "2"), nullptr);
    EXPECT_EQ(all.find(issue_kind::id_reuse, "10"), nullptr);
    EXPECT_TRUE(all.erase(issue_kind::email_taken, "2"));
    EXPECT_FALSE(all.erase(issue_kind::email_taken, "2"));
    EXPECT_EQ(all.all().size(), 2u);
}

TEST(Decisions, SetTakesThemInAnyOrder) {
    decisions all;
    all.set({on(issue_kind::id_reuse, "9", ruling_of_conflict::same),
             on(issue_kind::id_reuse, "1", ruling_of_conflict::same)});
    EXPECT_EQ(all.all().front().external_id, "1");
    EXPECT_NE(all.find(issue_kind::id_reuse, "9"), nullptr);
}

TEST(Notices, HaveNames) {
    EXPECT_EQ(name_of(notice_kind::invitation), "invitation");
    EXPECT_EQ(name_of(notice_kind::update), "update");
}

} // namespace
} // namespace rollcall::sync
