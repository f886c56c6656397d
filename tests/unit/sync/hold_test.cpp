#include "rollcall/sync/hold.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "books_case.hpp"

namespace rollcall::sync {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<guard> all_guards() {
    std::vector<guard> out;
    for (std::size_t i = 0; i < guard_count; ++i) out.push_back(static_cast<guard>(i));
    return out;
}

TEST(Guards, AreReadByTheNamesThatTheyHave) {
    for (const auto each : all_guards()) EXPECT_EQ(read_guard(name_of(each)), each);
    EXPECT_EQ(read_guard("unknown"), std::nullopt);
}

TEST(G5, EachKindOfChangeHasItsGuard) {
    EXPECT_EQ(guard_of(step_kind::create), guard::create);
    EXPECT_EQ(guard_of(step_kind::change_email), guard::email);
    EXPECT_EQ(guard_of(step_kind::relink), guard::id);
    EXPECT_EQ(guard_of(step_kind::set_manager), guard::manager);
    EXPECT_EQ(guard_of(step_kind::clear_manager), guard::clearing);
    EXPECT_EQ(guard_of(step_kind::deactivate), guard::deactivation);
    EXPECT_EQ(guard_of(step_kind::remove_team), guard::team_removal);
    EXPECT_EQ(guard_of(step_kind::blank), guard::blanking);
    EXPECT_EQ(guard_of(step_kind::send_invitation), guard::invitation);
    EXPECT_EQ(guard_of(step_kind::unmanage), guard::scope);
    EXPECT_EQ(guard_of(step_kind::rename_team), guard::team_rename);
    EXPECT_EQ(guard_of(step_kind::follow_rename), guard::team_rename);
    // Nobody is harmed by these, and a schedule can be cancelled.
    for (const auto each : {step_kind::update, step_kind::reactivate, step_kind::create_team,
                            step_kind::schedule_invitation, step_kind::note_missing}) {
        EXPECT_EQ(guard_of(each), guard::none);
    }
}

TEST(La34, WhoMovesToNoTeamAtAllIsCleared) {
    const auto to = [](std::string_view team) {
        return of(step_kind::move, 1, {made(attribute::department, "Sales", team)});
    };
    EXPECT_EQ(guard_of(to("Support")), guard::move);
    EXPECT_EQ(guard_of(to("")), guard::clearing);
}

// ---- digests ----

TEST(Digest, IsOfKindSubjectAndValues) {
    auto base = new_title(1);
    std::set<step_digest> seen{digest_of(base)};
    const auto differs = [&](auto&& spoil) {
        auto other = base;
        spoil(other);
        return seen.insert(digest_of(other)).second;
    };
    EXPECT_TRUE(differs([](step& s) { s.kind = step_kind::blank; }));
    EXPECT_TRUE(differs([](step& s) { s.subject = 2; }));
    EXPECT_TRUE(differs([](step& s) { s.changes[0].what = attribute::location; }));
    EXPECT_TRUE(differs([](step& s) { s.changes[0].old_value = "Clerk "; }));
    EXPECT_TRUE(differs([](step& s) { s.changes[0].new_value = ""; }));
    EXPECT_TRUE(differs([](step& s) { s.changes.push_back(made(attribute::location, "", "x")); }));
    // The same bytes, divided in another way.
    EXPECT_TRUE(differs([](step& s) {
        s.changes[0].old_value = "ClerkL";
        s.changes[0].new_value = "ead";
    }));
}

TEST(Digest, IsNotOfRuleOwnerOrTheOrderOfTheChanges) {
    auto a = new_title(1);
    a.changes.push_back(made(attribute::location, "", "York"));
    auto b = a;
    std::ranges::reverse(b.changes);
    b.changes[0].rule = "LA-19";
    b.changes[1].new_owner = owner::manual;
    EXPECT_EQ(digest_of(a), digest_of(b));
}

TEST(Digest, OfWhatIsCreatedIsTheSameUnderAnotherNumber) {
    auto later = creation(5);
    later.subject = 9;
    EXPECT_EQ(digest_of(creation(5)), digest_of(later));
    later.label = "PW9";
    EXPECT_NE(digest_of(creation(5)), digest_of(later));
}

TEST(Digest, OfAnInvitationIsTheSameWheneverItIsPlanned) {
    EXPECT_EQ(digest_of(sending(1, "1750000000000")), digest_of(sending(1, "1750000060000")));
}

TEST(Digest, IsStableOverVersions) {
    hold held;
    held.sections.push_back({guard::deactivation, "", {deactivation(1)}});
    seal(held);
    // Rejections and holds are stored: another value would forget them all.
    EXPECT_EQ(held.digest, "1806f0d66b3613ce62e56709efd2adf5");
}

// ---- holds ----

hold two_sections() {
    hold out;
    out.sections.push_back({guard::email, "e", {new_email(1, "a", "b"), new_email(2, "b", "a")}});
    out.sections.push_back({guard::deactivation, "d", {deactivation(3)}});
    seal(out);
    return out;
}

TEST(G6, AHoldIsNamedByItsStepsWhateverTheirOrder) {
    auto held = two_sections();
    const auto digest = held.digest;
    EXPECT_THAT(digest, SizeIs(32));
    EXPECT_EQ(held.steps(), 3u);
    std::ranges::reverse(held.sections);
    std::ranges::reverse(held.sections[1].steps);
    held.sections[0].reason = "in other words";
    seal(held);
    EXPECT_EQ(held.digest, digest);
    held.sections[0].steps.push_back(deactivation(4));
    seal(held);
    EXPECT_NE(held.digest, digest);
}

TEST(G6, AStepInAnotherSectionIsAnotherHold) {
    auto held = two_sections();
    const auto digest = held.digest;
    held.sections[0].steps.push_back(held.sections[1].steps[0]);
    held.sections.pop_back();
    seal(held);
    EXPECT_NE(held.digest, digest);
}

TEST(G6, NothingHeldHasNoDigest) {
    hold held = two_sections();
    held.sections.clear();
    seal(held);
    EXPECT_EQ(held.digest, "");
    EXPECT_TRUE(held.empty());
}

TEST(G6, ARejectionRemembersWhatTheGuardHeldAndNotWhatWaitedForIt) {
    const held_section section{guard::deactivation, "", {creation(9), deactivation(3)}};
    EXPECT_THAT(rejections_of(section), ElementsAre(digest_of(deactivation(3))));
}

// ---- the memory of the breakers ----

TEST(BreakerMemory, CountsWhatWasAppliedSinceAnInstant) {
    breaker_memory memory;
    memory.add(guard::deactivation, noon, 3);
    memory.add(guard::email, noon, 5);
    memory.add(guard::deactivation, noon + hours{1}, 2);
    memory.add(guard::deactivation, noon + hours{2}, 0);
    EXPECT_EQ(memory.count(guard::deactivation, noon), 5u);
    EXPECT_EQ(memory.count(guard::deactivation, noon + seconds{1}), 2u);
    EXPECT_THAT(memory.applied, SizeIs(3));
    memory.forget_before(noon + hours{1});
    EXPECT_EQ(memory.count(guard::email, noon), 0u);
    EXPECT_EQ(memory.count(guard::deactivation, noon), 2u);
}

TEST(T3, AClockThatWasSetBackLeavesNothingInTheFuture) {
    breaker_memory memory;
    memory.add(guard::create, noon + hours{24 * 365}, 4);
    memory.add(guard::create, noon, 1);
    EXPECT_EQ(memory.count(guard::create, noon + seconds{1}), 0u);
    EXPECT_EQ(memory.count(guard::create, noon), 5u);
    memory.forget_before(noon + hours{1});
    EXPECT_THAT(memory.applied, IsEmpty());
}

TEST(BreakerMemory, ComesBackFromItsText) {
    breaker_memory memory;
    memory.add(guard::deactivation, noon, 3);
    memory.add(guard::invitation, noon + seconds{1}, 41);
    EXPECT_EQ(memory.to_text(), "deactivation 1750000000000 3;invitation 1750000001000 41;");
    EXPECT_EQ(breaker_memory::from_text(memory.to_text()), memory);
    EXPECT_EQ(breaker_memory{}.to_text(), "");
}

TEST(BreakerMemory, IsEmptyFromAnythingElse) {
    for (const auto* text : {"x", ";", "create 1 1", "create 1 0;", "create 1 -1;", "create 1 1;;",
                             "creat 1 1;", "create 1 1; ", "create 99999999999999 1;",
                             "create 2 1;create 1 1;", "create  1;", "create 1 4294967296;"}) {
        EXPECT_EQ(breaker_memory::from_text(text), breaker_memory{}) << text;
    }
    breaker_memory memory;
    memory.add(guard::move, noon, 12);
    const auto text = memory.to_text();
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
        EXPECT_EQ(breaker_memory::from_text(text.substr(0, cut)), breaker_memory{}) << cut;
    }
}

TEST(G5, WhatAPersonWasAskedAboutIsNoRunaway) {
    const auto of = company(5);
    const std::vector steps{deactivation(1), deactivation(2), new_title(3)};
    const auto remembered = [&](run_cause cause) {
        return remember(of, steps, cause, noon).count(guard::deactivation, noon);
    };
    EXPECT_EQ(remembered(run_cause::sweep), 2u);
    EXPECT_EQ(remembered(run_cause::timer), 2u);
    EXPECT_EQ(remembered(run_cause::approval), 0u);
    EXPECT_EQ(remembered(run_cause::manual), 0u);
    EXPECT_EQ(remembered(run_cause::undo), 0u);
}

TEST(G5, AFirstImportIsNotRemembered) {
    auto of = company(0);
    of.imported = false;
    EXPECT_THAT(remember(of, std::vector{creation(1)}, run_cause::first_load, noon).applied,
                IsEmpty());
}

TEST(G5, WhatIsOlderThanAWeekIsForgotten) {
    auto of = company(5);
    of.breakers.add(guard::deactivation, noon - hours{24 * 7 + 1}, 9);
    EXPECT_THAT(remember(of, std::vector{deactivation(1)}, run_cause::sweep, noon).applied,
                SizeIs(1));
}

} // namespace
} // namespace rollcall::sync
