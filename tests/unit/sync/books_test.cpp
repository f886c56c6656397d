#include "rollcall/sync/books.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "books_case.hpp"

namespace rollcall::sync {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// ---- carrying out ----

TEST(CarryOut, GivesAfterImagesAndLeavesTheBooksAsTheyAre) {
    const auto of = company(3);
    const auto what = carry_out(of, std::vector{new_title(2)}, {});
    ASSERT_THAT(what.users, SizeIs(1));
    EXPECT_EQ(what.users[0].get(field::job_title), "Lead");
    EXPECT_EQ(user_of(of, 2), person(2));
    EXPECT_THAT(what.done, ElementsAre(new_title(2)));
}

TEST(G6, AStepWhosePreimageMovedIsDroppedWithThoseOfItsSubjectThatFollow) {
    auto books = company(2);
    auto moved = new_title(1);
    moved.changes[0].old_value = "Porter";
    const auto what = enact(books, std::vector{moved, deactivation(1), new_title(2)});
    EXPECT_THAT(what.dropped, ElementsAre(moved, deactivation(1)));
    EXPECT_THAT(what.done, ElementsAre(new_title(2)));
    EXPECT_EQ(user_of(books, 1).meta.state, user_state::active);
}

TEST(G6, OneMovedPreimageDropsTheWholeStep) {
    auto books = company(1);
    auto both = new_title(1);
    both.changes.push_back(made(attribute::location, "Leeds", "York"));
    EXPECT_THAT(enact(books, std::vector{both}).done, IsEmpty());
    EXPECT_EQ(user_of(books, 1).get(field::job_title), "Clerk");
}

TEST(G6, WhoeverHadAStepDroppedIsLookedAtByTheNextSweep) {
    auto books = company(1);
    auto moved = new_title(1);
    moved.changes[0].old_value = "Porter";
    const std::vector<seen_mark> seen{{1, 77}};
    enact(books, std::vector{moved}, seen);
    EXPECT_EQ(user_of(books, 1).meta.fingerprint, 0u);
}

TEST(G6, AnAddressGivenAwayMeanwhileDropsTheStepThatWantedIt) {
    auto books = company(2);
    const auto what = enact(books, std::vector{creation(3, "P1@Example.com"), new_title(2)});
    EXPECT_THAT(what.dropped, ElementsAre(creation(3, "P1@Example.com")));
    EXPECT_THAT(what.done, ElementsAre(new_title(2)));
    EXPECT_EQ(books.users.size(), 2u);
}

TEST(G6, ADroppedChangeOfAddressDropsWhoeverWasToHaveTheOldOne) {
    auto books = company(2);
    auto moved = new_email(1, "elsewhere@example.com", "new@example.com");
    const auto what = enact(books, std::vector{creation(3, "p1@example.com"), moved});
    EXPECT_THAT(what.done, IsEmpty());
    EXPECT_THAT(what.dropped, SizeIs(2));
}

TEST(La13, AnyNumberOfPeopleExchangeTheirAddresses) {
    auto books = company(3);
    const auto what = enact(books, std::vector{new_email(1, "p1@example.com", "p2@example.com"),
                                               new_email(2, "p2@example.com", "p3@example.com"),
                                               new_email(3, "p3@example.com", "p1@example.com")});
    EXPECT_THAT(what.dropped, IsEmpty());
    EXPECT_EQ(user_of(books, 1).get(field::email), "p2@example.com");
    EXPECT_EQ(user_of(books, 3).get(field::email), "p1@example.com");
}

TEST(CarryOut, OfTwoWhoAreGivenOneIdTheFirstHasIt) {
    auto books = company(1);
    auto second = creation(3);
    second.changes[0].new_value = "PW2";
    const auto what = enact(books, std::vector{creation(2), second});
    EXPECT_THAT(what.done, ElementsAre(creation(2)));
    EXPECT_THAT(what.dropped, ElementsAre(second));
}

TEST(CarryOut, AUserIsCreatedOnceAndOnlyWhereThereIsNone) {
    auto books = company(1);
    EXPECT_THAT(enact(books, std::vector{creation(1)}).done, IsEmpty());
    EXPECT_THAT(enact(books, std::vector{creation(2), creation(2)}).done, SizeIs(1));
    EXPECT_EQ(books.next_uid, 3u);
}

TEST(CarryOut, AnUnknownSubjectAndATextThatIsNoValueAreDropped) {
    auto books = company(1);
    const auto bad_date =
        of(step_kind::update, 1, {made(attribute::start_date, "", "31st of May")});
    const auto bad_number = of(step_kind::set_manager, 1, {made(attribute::manager, "", "boss")});
    for (const auto& each : {new_title(9), of(step_kind::update, 1, {}), bad_date, bad_number,
                             of(step_kind::edit_team, 5, {made(attribute::team_name, "", "X")})}) {
        const auto what = carry_out(books, std::vector{each}, {});
        EXPECT_THAT(what.dropped, ElementsAre(each));
        EXPECT_THAT(what.done, IsEmpty());
    }
}

TEST(La25, WhoMadeAUserIsToldByTheOwnerOfItsState) {
    auto books = company(0);
    auto by_hand = creation(2);
    by_hand.changes.back().new_owner = owner::manual;
    enact(books, std::vector{creation(1), by_hand});
    EXPECT_TRUE(user_of(books, 1).meta.created_by_us);
    EXPECT_FALSE(user_of(books, 2).meta.created_by_us);
}

TEST(La16, WhoDeactivatedAUserIsToldByTheOwnerOfItsState) {
    auto books = company(2);
    auto by_hand = deactivation(2);
    by_hand.changes[0].new_owner = owner::manual;
    enact(books, std::vector{deactivation(1), by_hand});
    EXPECT_TRUE(user_of(books, 1).meta.deactivated_by_us);
    EXPECT_FALSE(user_of(books, 2).meta.deactivated_by_us);
}

TEST(La19, AnEditSetsWhoseTheFieldIs) {
    auto books = company(1);
    enact(books, std::vector{of(step_kind::update, 1,
                                {made(attribute::location, "", "York", "manual", owner::manual)})});
    const auto user = user_of(books, 1);
    EXPECT_EQ(user.meta.ownership[static_cast<std::size_t>(field::location)], owner::manual);
    EXPECT_EQ(user.get(field::location), "York");
}

TEST(La36, WhoseTheManagerIsIsKeptWithItsId) {
    auto books = company(2);
    enact(books, std::vector{of(step_kind::set_manager, 1,
                                {made(attribute::manager, "", "2", "manual", owner::manual)})});
    const auto meta = user_of(books, 1).meta;
    EXPECT_EQ(meta.manager, 2u);
    EXPECT_EQ(meta.ownership[static_cast<std::size_t>(field::manager_id)], owner::manual);
}

TEST(La40, AManagerWhoWouldCloseACircleIsDropped) {
    auto books = company(3);
    enact(books, std::vector{new_manager(1, "", "2"), new_manager(2, "", "3")});
    const auto what = enact(books, std::vector{new_manager(3, "", "1")});
    EXPECT_THAT(what.dropped, SizeIs(1));
    EXPECT_EQ(user_of(books, 3).meta.manager, 0u);
}

TEST(La39, AManagerWhoDoesNotExistIsDropped) {
    auto books = company(1);
    EXPECT_THAT(enact(books, std::vector{new_manager(1, "", "9")}).dropped, SizeIs(1));
}

TEST(CarryOut, SeenPeopleGetTheirFingerprintWithAndWithoutAStep) {
    auto books = company(2);
    const std::vector<seen_mark> seen{{1, 71}, {2, 72}, {9, 79}};
    const auto what = enact(books, std::vector{new_title(2)}, seen);
    EXPECT_EQ(user_of(books, 1).meta.fingerprint, 71u);
    EXPECT_EQ(user_of(books, 2).meta.fingerprint, 72u);
    EXPECT_THAT(what.users, SizeIs(2));
    // Seen as they are: nothing to write (G-9).
    EXPECT_TRUE(carry_out(books, {}, seen).empty());
}

TEST(CarryOut, APersonsEditIsLookedAtByTheNextSweep) {
    auto books = company(2);
    auto edit = new_title(1);
    edit.changes[0].rule = "manual";
    auto undo = new_title(2);
    undo.changes[0].rule = "undo";
    enact(books, std::vector{edit, undo});
    EXPECT_EQ(user_of(books, 1).meta.fingerprint, 0u);
    EXPECT_EQ(user_of(books, 2).meta.fingerprint, 0u);
}

TEST(CarryOut, WritesTheLedger) {
    auto books = company(1);
    const auto due = std::to_string(to_unix_ms(noon));
    enact(books, std::vector{of(step_kind::schedule_invitation, 1,
                                {made(attribute::invitation, "", "scheduled"),
                                 made(attribute::invitation_due, "", due),
                                 made(attribute::invitation_automatic, "no", "yes")})});
    ASSERT_NE(books.invitations.find(1), nullptr);
    EXPECT_EQ(*books.invitations.find(1), scheduled(1, noon));
    enact(books, std::vector{sending(1, due)});
    EXPECT_EQ(books.invitations.find(1)->state, invitation_state::sent);
    EXPECT_EQ(books.invitations.find(1)->sent, noon);
}

TEST(La26, AnInvitationThatWasSentIsNotSentAgainByAStaleStep) {
    auto books = company(1);
    books.invitations.put(scheduled(1, noon));
    EXPECT_THAT(enact(books, std::vector{sending(1), sending(1)}).done, SizeIs(1));
    EXPECT_THAT(enact(books, std::vector{sending(1)}).dropped, SizeIs(1));
}

TEST(CarryOut, AnInvitationThatMovedOnKeepsNothingElseOfTheUserBack) {
    auto books = company(1);
    EXPECT_THAT(enact(books, std::vector{sending(1), deactivation(1)}).done,
                ElementsAre(deactivation(1)));
}

// ---- teams ----

step team_step(step_kind kind, std::uint32_t id, std::initializer_list<change> changes) {
    auto out = of(kind, id, changes);
    out.label = "Team" + std::to_string(id);
    return out;
}
step new_team(std::uint32_t id, std::string_view key) {
    return team_step(step_kind::create_team, id,
                     {made(attribute::team_name, "", "Team" + std::to_string(id), "LA-28"),
                      made(attribute::team_key, "", key, "LA-28"),
                      made(attribute::team_owned, "no", "yes", "LA-28")});
}
step joining(std::uint32_t uid, std::uint32_t team) {
    return of(step_kind::add_member, uid, {made(attribute::member, "", std::to_string(team))});
}

TEST(CarryOut, TeamsAndTheirMembersComeAndGo) {
    auto books = company(2);
    enact(books, std::vector{new_team(1, "sales"), joining(2, 1)});
    EXPECT_TRUE(books.teams.find(1)->owned);
    EXPECT_THAT(books.teams.secondary(), ElementsAre(directory::team_member{1, 2}));
    EXPECT_EQ(books.next_team, 2u);
    // There already, and of a team that is not.
    EXPECT_THAT(enact(books, std::vector{joining(2, 1), joining(1, 7)}).done, IsEmpty());
    enact(books, std::vector{of(step_kind::remove_member, 2, {made(attribute::member, "1", "")})});
    EXPECT_THAT(books.teams.secondary(), IsEmpty());
}

TEST(CarryOut, TwoTeamsExchangeTheirKeysAndNoTwoHaveOne) {
    auto books = company(1);
    enact(books, std::vector{new_team(1, "a"), new_team(2, "b")});
    const auto key = [](std::uint32_t id, std::string_view from, std::string_view to) {
        return team_step(step_kind::rename_team, id,
                         {made(attribute::team_key, from, to, "LA-35")});
    };
    enact(books, std::vector{key(1, "a", "b"), key(2, "b", "a")});
    EXPECT_EQ(books.teams.find_by_key("a")->id, 2u);
    EXPECT_THAT(enact(books, std::vector{key(1, "b", "a")}).dropped, SizeIs(1));
}

TEST(CarryOut, ATeamIsNotItsOwnForefather) {
    auto books = company(1);
    enact(books, std::vector{new_team(1, "a"), new_team(2, "b")});
    const auto under = [](std::uint32_t id, std::string_view parent) {
        return team_step(step_kind::edit_team, id, {made(attribute::team_parent, "", parent)});
    };
    EXPECT_THAT(enact(books, std::vector{under(1, "2")}).done, SizeIs(1));
    EXPECT_THAT(enact(books, std::vector{under(2, "1")}).dropped, SizeIs(1));
    EXPECT_THAT(enact(books, std::vector{under(2, "5")}).dropped, SizeIs(1));
}

// ---- what refers to the gone ----

step deletion(const user_data& user) {
    std::vector<change> changes;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(attribute::manager); ++i) {
        const auto what = static_cast<attribute>(i);
        if (text_of(user, what).empty()) continue;
        auto each = made(what, text_of(user, what), "", "manual", owner::never_set);
        if (what == attribute::managed) {
            each.old_owner = user.meta.deactivated_by_us ? owner::ours : owner::manual;
        }
        if (i < directory::field_count) each.old_owner = user.meta.ownership[i];
        changes.push_back(each);
    }
    return {step_kind::delete_user, user.meta.uid, user.get(field::external_id), changes};
}

TEST(CarryOut, WhoeverRefersToADeletedUserLetsGoByAStepOfItsOwn) {
    auto books = company(3);
    enact(books, std::vector{new_team(1, "a"), joining(1, 1), new_manager(2, "", "1"),
                             team_step(step_kind::set_team_manager, 1,
                                       {made(attribute::team_manager, "", "1")})});
    const auto before = all_users(books);
    const auto teams = books.teams.all();
    const auto what = enact(books, std::vector{deletion(user_of(books, 1))});
    std::vector<step_kind> kinds;
    for (const auto& each : what.done) kinds.push_back(each.kind);
    EXPECT_THAT(kinds, ElementsAre(step_kind::set_team_manager, step_kind::remove_member,
                                   step_kind::clear_manager, step_kind::delete_user));
    EXPECT_EQ(user_of(books, 2).meta.manager, 0u);
    EXPECT_EQ(books.teams.find(1)->manager, 0u);
    EXPECT_THAT(books.teams.secondary(), IsEmpty());

    const auto back = inverse_of(what.done);
    EXPECT_THAT(enact(books, back.steps).dropped, IsEmpty());
    EXPECT_EQ(user_of(books, 2).meta.manager, 1u);
    EXPECT_EQ(books.teams.all(), teams);
    EXPECT_THAT(books.teams.secondary(), SizeIs(1));
    auto again = all_users(books);
    for (std::size_t i = 0; i < again.size(); ++i) {
        again[i].meta.fingerprint = before[i].meta.fingerprint;
    }
    EXPECT_EQ(again, before);
}

TEST(CarryOut, ChildrenOfARemovedTeamLoseTheirParentByAStep) {
    auto books = company(1);
    enact(books, std::vector{new_team(1, "a"), new_team(2, "b")});
    enact(books,
          std::vector{team_step(step_kind::edit_team, 2, {made(attribute::team_parent, "", "1")})});
    const auto removal =
        team_step(step_kind::remove_team, 1,
                  {made(attribute::team_name, "Team1", ""), made(attribute::team_key, "a", ""),
                   made(attribute::team_owned, "yes", "no")});
    const auto what = enact(books, std::vector{removal});
    EXPECT_THAT(what.done, SizeIs(2));
    EXPECT_EQ(books.teams.find(2)->parent, 0u);
    enact(books, inverse_of(what.done).steps);
    EXPECT_EQ(books.teams.find(2)->parent, 1u);
    EXPECT_EQ(books.teams.find(1)->key, "a");
}

TEST(La15, ADeletedUserLeavesTheLedger) {
    auto books = company(1);
    books.invitations.put(scheduled(1, noon));
    enact(books, std::vector{deletion(user_of(books, 1))});
    EXPECT_EQ(books.invitations.find(1), nullptr);
    EXPECT_EQ(books.users.size(), 0u);
}

// ---- undo ----

TEST(Undo, ADeletedUserComesBackAsItWas) {
    auto books = company(1);
    auto gone = person(2);
    gone.meta.state = user_state::inactive;
    gone.meta.deactivated_by_us = true;
    gone.meta.missing = 2;
    gone.meta.managed = false;
    gone.start_date = *parse_date("2020-02-29");
    gone.meta.ownership[static_cast<std::size_t>(field::start_date)] = owner::manual;
    put(books, gone);
    auto removal = deletion(gone);
    for (auto& each : removal.changes) {
        if (each.what == attribute::state) each.old_owner = owner::ours; // it was created by us
    }
    const auto what = enact(books, std::vector{removal});
    enact(books, inverse_of(what.done).steps);
    auto back = user_of(books, 2);
    back.meta.fingerprint = gone.meta.fingerprint;
    EXPECT_EQ(back, gone);
}

TEST(Undo, SaysThatASentInvitationStaysSentAndLeavesItsLedgerAlone) {
    auto books = company(0);
    const auto schedule = of(step_kind::schedule_invitation, 1,
                             {made(attribute::invitation, "", "scheduled"),
                              made(attribute::invitation_automatic, "", "yes")});
    const auto what = enact(books, std::vector{creation(1), schedule, sending(1)});
    const auto back = inverse_of(what.done);
    EXPECT_THAT(back.cannot, ElementsAre(HasSubstr("the invitation of PW1")));
    EXPECT_THAT(enact(books, back.steps).dropped, IsEmpty());
    EXPECT_EQ(books.users.size(), 0u);
}

TEST(Undo, SaysThatOfAnErasedPersonNothingIsKept) {
    const auto back = inverse_of(std::vector{of(step_kind::update, 1, {})});
    EXPECT_THAT(back.steps, IsEmpty());
    EXPECT_THAT(back.cannot, ElementsAre(HasSubstr("erased")));
}

TEST(Undo, CountsOfAbsencesAreNotTakenBack) {
    const auto noted = of(step_kind::note_missing, 1, {made(attribute::missing, "0", "1")});
    EXPECT_THAT(inverse_of(std::vector{noted}).steps, IsEmpty());
}

// ---- the net ----

TEST(Inconsistency, SeesWhatWouldBreakTheDirectory) {
    const auto books = company(2);
    const auto shared = [&](auto&& spoil) {
        outcome_of_steps what;
        what.users.push_back(person(3));
        spoil(what);
        return inconsistency(books, what);
    };
    EXPECT_EQ(shared([](auto&) {}), "");
    EXPECT_THAT(shared([](auto& w) { directory::at(w.users[0], field::external_id) = "PW1"; }),
                HasSubstr("PeopleHR id"));
    EXPECT_THAT(shared([](auto& w) { directory::at(w.users[0], field::email) = "P1@example.com"; }),
                HasSubstr("e-mail"));
    EXPECT_THAT(shared([](auto& w) { w.users[0].meta.manager = 8; }), HasSubstr("manager"));
    EXPECT_THAT(shared([](auto& w) { w.users.push_back(w.users[0]); }), HasSubstr("share"));
    EXPECT_THAT(shared([](auto& w) { w.users_erased.push_back(3); }), HasSubstr("is and is not"));
    EXPECT_THAT(
        shared([](auto& w) { w.teams.push_back({.id = 1, .name = "A", .key = "a", .parent = 4}); }),
        HasSubstr("parent"));
    EXPECT_THAT(shared([](auto& w) { w.members_added.push_back({1, 1}); }), HasSubstr("member"));
    // The holder of the address gives it up in the same outcome.
    EXPECT_EQ(shared([](auto& w) {
                  directory::at(w.users[0], field::email) = "p1@example.com";
                  w.users_erased.push_back(1);
              }),
              "");
}

// ---- erased people ----

TEST(Erased, AreKnownByIdOrAddressUnderTheTenantsSaltOnly) {
    auto books = company(0);
    books.erasure_salt = "salt of a tenant";
    books.erased = {mark_of(books.erasure_salt, "id", "PW1"),
                    mark_of(books.erasure_salt, "email", "a@example.com")};
    EXPECT_TRUE(books.was_erased("PW1", "other@example.com"));
    EXPECT_TRUE(books.was_erased("PW2", "a@example.com"));
    EXPECT_FALSE(books.was_erased("PW2", "other@example.com"));
    EXPECT_FALSE(books.was_erased("", ""));
    EXPECT_FALSE(books.was_erased("a@example.com", "PW1"));
    books.erasure_salt = "another";
    EXPECT_FALSE(books.was_erased("PW1", "a@example.com"));
}

} // namespace
} // namespace rollcall::sync
