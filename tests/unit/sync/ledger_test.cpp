#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "books_case.hpp"

namespace rollcall::sync {
namespace {

using testing::ElementsAre;

TEST(Ledger, StatesAreReadByTheNamesThatTheyHave) {
    for (const auto each :
         {invitation_state::not_invited, invitation_state::scheduled, invitation_state::due,
          invitation_state::sent, invitation_state::cancelled, invitation_state::confirmed}) {
        EXPECT_EQ(read_invitation_state(name_of(each)), each);
    }
    EXPECT_EQ(read_invitation_state("invited"), std::nullopt);
}

TEST(Ledger, FindsReplacesAndErases) {
    invitation_ledger ledger;
    EXPECT_EQ(ledger.find(1), nullptr);
    ledger.put(scheduled(2, noon));
    ledger.put(scheduled(1, noon));
    ledger.put({.uid = 2, .state = invitation_state::sent, .sent = noon});
    EXPECT_THAT(ledger.all(),
                ElementsAre(scheduled(1, noon),
                            invitation{.uid = 2, .state = invitation_state::sent, .sent = noon}));
    EXPECT_TRUE(ledger.erase(1));
    EXPECT_FALSE(ledger.erase(1));
    EXPECT_EQ(ledger.size(), 1u);
}

TEST(La23, NextDueIsTheEarliestScheduledAfterAnInstant) {
    invitation_ledger ledger;
    EXPECT_EQ(ledger.next_due({}), std::nullopt);
    ledger.put(scheduled(1, noon + hours{2}));
    ledger.put(scheduled(2, noon + hours{1}));
    ledger.put({.uid = 3, .state = invitation_state::cancelled, .due = noon});
    EXPECT_EQ(ledger.next_due(noon), noon + hours{1});
    // What is due at that instant is no longer to come.
    EXPECT_EQ(ledger.next_due(noon + hours{1}), noon + hours{2});
    EXPECT_EQ(ledger.next_due(noon + hours{2}), std::nullopt);
}

TEST(La24, ARescheduledInvitationIsDueAtItsNewInstantOnly) {
    invitation_ledger ledger;
    ledger.put(scheduled(1, noon + hours{1}));
    ledger.put(scheduled(1, noon + hours{5}));
    EXPECT_EQ(ledger.next_due(noon), noon + hours{5});
    ledger.put({.uid = 1, .state = invitation_state::cancelled});
    EXPECT_EQ(ledger.next_due(noon), std::nullopt);
}

TEST(Ledger, AgreesWithAPlainMapOverRandomHistories) {
    random_source random(7);
    invitation_ledger ledger;
    std::map<std::uint32_t, invitation> model;
    for (int i = 0; i < 20'000; ++i) {
        const auto uid = static_cast<std::uint32_t>(random.below(40));
        if (random.chance(0.2)) {
            EXPECT_EQ(ledger.erase(uid), model.erase(uid) != 0);
        } else {
            auto value = scheduled(uid, noon + minutes{random.between(0, 50)});
            if (random.chance(0.4)) value.state = invitation_state::sent;
            ledger.put(value);
            model[uid] = value;
        }
        const auto after = noon + minutes{random.between(-1, 51)};
        std::optional<wall_time> expected;
        for (const auto& [key, each] : model) {
            if (each.state != invitation_state::scheduled || each.due <= after) continue;
            if (!expected || each.due < *expected) expected = each.due;
        }
        ASSERT_EQ(ledger.next_due(after), expected);
        ASSERT_EQ(ledger.size(), model.size());
    }
}

} // namespace
} // namespace rollcall::sync
