// Override managers: LA-36 to LA-41, WT-11.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "rollcall/core/random.hpp"
#include "support/sync_case.hpp"
#include "sync/manager_graph.hpp"

namespace rollcall::test {
namespace {

using directory::field;
using sync::issue_kind;
using sync::step_kind;
using testing::ElementsAre;
using testing::IsEmpty;

employee under(std::string id, std::string manager) {
    return employee(std::move(id)).reports_to(std::move(manager));
}
employee under_name(std::string id, std::string manager) {
    return employee(std::move(id)).with(sync::source_field::reports_to, std::move(manager));
}

struct with_managers : sync_case {
    using sync_case::sync_case;
    // The PeopleHR id of the override manager; blank: none.
    [[nodiscard]] std::string manager_of(std::string_view id) const {
        const auto uid = get(id).meta.manager;
        if (uid == 0) return {};
        return std::string(users.text(users.find_by_uid(uid), field::external_id));
    }
    void choose_by_hand(std::string_view id, std::string_view manager) {
        auto user = get(id);
        user.meta.manager = get(manager).meta.uid;
        user.meta.ownership[static_cast<std::size_t>(field::manager_id)] = directory::owner::manual;
        user.meta.fingerprint = 0;
        users.put(user);
    }
};

std::string rule_of(const sync::plan& made, step_kind kind, std::string_view id) {
    const auto* found = find_step(made, kind, id);
    if (found == nullptr) return "no step";
    const auto at =
        std::ranges::find(found->changes, sync::attribute::manager, &sync::change::what);
    return at == found->changes.end() ? "no change" : at->rule;
}

TEST(La36, ReportsToIsTheOverrideManagerInWhicheverOrder) {
    for (const bool manager_first : {false, true}) {
        with_managers c;
        std::vector people{under("PW1", "PW2"), employee("PW2")};
        if (manager_first) std::ranges::reverse(people);
        const auto made = c.sweep(people);
        EXPECT_EQ(c.manager_of("PW1"), "PW2");
        EXPECT_EQ(rule_of(made, step_kind::set_manager, "PW1"), "LA-36");
    }
}

TEST(La36, TheIdIsExact) {
    with_managers c;
    const auto made = c.sweep({under("PW1", "pw2"), employee("PW2")});
    EXPECT_EQ(c.manager_of("PW1"), "");
    EXPECT_TRUE(has_issue(made, issue_kind::manager_unknown, "PW1"));
}

TEST(La36, WithTheOptionOffOursAreClearedAndManualOnesKept) {
    with_managers c;
    const std::vector people{under("PW1", "PW3"), employee("PW2"), employee("PW3")};
    c.sweep(people);
    c.choose_by_hand("PW2", "PW3");
    c.settings.manager_from_reports_to = false;
    const auto made = c.sweep(people);
    EXPECT_EQ(c.manager_of("PW1"), "");
    EXPECT_EQ(rule_of(made, step_kind::clear_manager, "PW1"), "LA-36");
    EXPECT_EQ(c.manager_of("PW2"), "PW3");
}

TEST(La36, AManualManagerStaysUntilTheSourceNamesOne) {
    with_managers c;
    c.sweep({employee("PW1"), employee("PW2"), employee("PW3")});
    c.choose_by_hand("PW1", "PW2");
    c.sweep({employee("PW1"), employee("PW2"), employee("PW3")});
    EXPECT_EQ(c.manager_of("PW1"), "PW2");
    c.sweep({under("PW1", "PW3"), employee("PW2"), employee("PW3")});
    EXPECT_EQ(c.manager_of("PW1"), "PW3");
}

TEST(La3, AManualManagerIsOverwrittenWhereTheSourceNamesTheSameOneAsBefore) {
    with_managers c;
    const std::vector people{under("PW1", "PW3"), employee("PW2"), employee("PW3")};
    c.sweep(people);
    c.choose_by_hand("PW1", "PW2");
    c.sweep(people);
    EXPECT_EQ(c.manager_of("PW1"), "PW3");
}

TEST(La38, ABlankReportsToClearsOurOverride) {
    with_managers c;
    c.sweep({under("PW1", "PW2"), employee("PW2")});
    const auto made = c.sweep({employee("PW1"), employee("PW2")});
    EXPECT_EQ(c.manager_of("PW1"), "");
    EXPECT_EQ(rule_of(made, step_kind::clear_manager, "PW1"), "LA-38");
}

// ---- LA-39: who it is ----

TEST(La39, AManagerWhoIsNotThereYetIsReportedAndHealsUnread) {
    with_managers c;
    EXPECT_TRUE(
        has_issue(c.sweep({under("PW1", "PW2")}), issue_kind::manager_unknown, "PW1", "LA-39"));
    EXPECT_EQ(c.manager_of("PW1"), "");
    // Only the manager's row is read, and it is the other user who heals.
    const auto made = c.read_one(employee("PW2"));
    EXPECT_EQ(c.manager_of("PW1"), "PW2");
    EXPECT_EQ(rule_of(made, step_kind::set_manager, "PW1"), "LA-39");
}

TEST(La39, HealingIsHealingWhateverElseOfThePersonChanges) {
    with_managers c;
    c.sweep({under("PW1", "PW2")});
    const auto made = c.sweep({under("PW1", "PW2").dept("Sales"), employee("PW2")});
    EXPECT_EQ(rule_of(made, step_kind::set_manager, "PW1"), "LA-39");
}

TEST(La39, AnUnknownManagerIsReportedByEachSweep) {
    with_managers c;
    c.sweep({under("PW1", "PW2")});
    const auto again = c.sweep({under("PW1", "PW2")});
    EXPECT_THAT(again.steps, IsEmpty());
    EXPECT_TRUE(has_issue(again, issue_kind::manager_unknown, "PW1"));
}

TEST(La39, WhoeverCameByHandHealsInARunOfAnyCause) {
    with_managers c;
    c.sweep({under("PW1", "PW2")});
    directory::user_data by_hand;
    by_hand.meta.uid = c.of.next_uid++;
    by_hand.text[static_cast<std::size_t>(field::external_id)] = "PW2";
    by_hand.text[static_cast<std::size_t>(field::email)] = "two@example.com";
    c.users.put(by_hand);
    c.timer();
    EXPECT_EQ(c.manager_of("PW1"), "PW2");
}

TEST(La39, AnOverrideOfOursWhoseWantedManagerIsUnknownIsCleared) {
    with_managers c;
    c.sweep({under("PW1", "PW2"), employee("PW2")});
    c.sweep({under("PW1", "PW9"), employee("PW2")});
    EXPECT_EQ(c.manager_of("PW1"), "");
}

TEST(La39, AManagerUnderANewIdIsNoLongerTheOneWhoIsWanted) {
    with_managers c;
    c.settings.email_fallback = true;
    c.sweep({under("PW1", "PW2"), employee("PW2")});
    const auto made = c.sweep({under("PW1", "PW2"), employee("PW9").mail("PW2@example.com")});
    EXPECT_TRUE(has_issue(made, issue_kind::manager_unknown, "PW1"));
    EXPECT_EQ(c.manager_of("PW1"), "");
    c.sweep({under("PW1", "PW9"), employee("PW9").mail("PW2@example.com")});
    EXPECT_EQ(c.manager_of("PW1"), "PW9");
}

TEST(La39, ANameIsEnoughWhereOneActiveUserHasIt) {
    with_managers c;
    const auto made = c.sweep({under_name("PW1", "ann of pw2"), employee("PW2"), employee("PW3")});
    EXPECT_EQ(c.manager_of("PW1"), "PW2");
    EXPECT_EQ(rule_of(made, step_kind::set_manager, "PW1"), "LA-39");
}

employee named(std::string id, std::string last_name) {
    employee out(std::move(id));
    out.last_name = std::move(last_name);
    return out;
}

TEST(La39, ANameThatSeveralHaveIsNobodys) {
    with_managers c;
    const std::vector people{under_name("PW1", "Ann Lee"), named("PW2", "Lee"),
                             named("PW3", "Lee")};
    EXPECT_TRUE(has_issue(c.sweep(people), issue_kind::manager_ambiguous, "PW1", "LA-39"));
    EXPECT_EQ(c.manager_of("PW1"), "");
    c.sweep({people[0], people[1], named("PW3", "Lee").left()});
    EXPECT_EQ(c.manager_of("PW1"), "PW2");
}

TEST(La39, ANamesakeWhoJoinsLaterTakesNobodysReports) {
    with_managers c;
    c.sweep({under_name("PW1", "Ann Lee"), named("PW2", "Lee")});
    c.sweep({under_name("PW1", "Ann Lee"), named("PW2", "Lee"), named("PW3", "Lee")});
    EXPECT_EQ(c.manager_of("PW1"), "PW2");
}

TEST(La39, AManagerOutOfScopeButPresentIsSet) {
    with_managers c;
    const auto of_company = [](employee who, std::string name) {
        return who.with(sync::source_field::company, std::move(name));
    };
    c.sweep({of_company(employee("PW1"), "North"), of_company(employee("PW2"), "South")});
    c.settings.company = "North";
    c.sweep({of_company(under("PW1", "PW2"), "North"), of_company(employee("PW2"), "South")});
    EXPECT_FALSE(c.get("PW2").meta.managed);
    EXPECT_EQ(c.manager_of("PW1"), "PW2");
}

TEST(La7, NothingOfSomebodyOutOfScopeMovesNotEvenTheManager) {
    with_managers c;
    c.settings.company = "North";
    const auto north = [](employee who) { return who.with(sync::source_field::company, "North"); };
    c.sweep({north(under("PW1", "PW9")), north(employee("PW2"))});
    c.sweep(
        {under("PW1", "PW9").with(sync::source_field::company, "South"), north(employee("PW2"))});
    c.sweep({under("PW1", "PW9").with(sync::source_field::company, "South"), north(employee("PW2")),
             north(employee("PW9"))});
    EXPECT_EQ(c.manager_of("PW1"), "");
}

// ---- LA-40: self and cycles ----

TEST(La40, NobodyIsTheirOwnManager) {
    with_managers c;
    c.sweep({under("PW1", "PW2"), employee("PW2")});
    const auto made = c.sweep({under("PW1", "PW1"), employee("PW2")});
    EXPECT_EQ(c.manager_of("PW1"), "");
    EXPECT_TRUE(has_issue(made, issue_kind::manager_self, "PW1", "LA-40"));
}

TEST(La40, OfACycleAllButOneEdgeAreApplied) {
    std::vector people{under("PW1", "PW2"), under("PW2", "PW3"), under("PW3", "PW1")};
    do {
        with_managers c;
        const auto made = c.sweep(people);
        EXPECT_EQ(c.manager_of("PW1"), "PW2");
        EXPECT_EQ(c.manager_of("PW2"), "PW3");
        EXPECT_EQ(c.manager_of("PW3"), "");
        EXPECT_TRUE(has_issue(made, issue_kind::manager_cycle, "PW3", "LA-40"));
    } while (std::ranges::next_permutation(people, {}, &employee::id).found);
}

TEST(La40, AnEdgeThatIsThereGoesBeforeANewOne) {
    with_managers c;
    c.sweep({employee("PW1"), under("PW2", "PW1")});
    const auto made = c.sweep({under("PW1", "PW2"), under("PW2", "PW1")});
    EXPECT_EQ(c.manager_of("PW2"), "PW1");
    EXPECT_EQ(c.manager_of("PW1"), "");
    EXPECT_TRUE(has_issue(made, issue_kind::manager_cycle, "PW1"));
}

TEST(La40, TheEdgeThatWasLeftOutIsAppliedOnceTheCycleIsGone) {
    with_managers c;
    c.sweep({under("PW1", "PW2"), under("PW2", "PW1")});
    EXPECT_EQ(c.manager_of("PW2"), "");
    c.sweep({employee("PW1"), under("PW2", "PW1")});
    EXPECT_EQ(c.manager_of("PW2"), "PW1");
}

TEST(La40, TwoWhoExchangeRolesAreNoCycle) {
    with_managers c;
    c.sweep({under("PW1", "PW2"), employee("PW2")});
    c.sweep({employee("PW1"), under("PW2", "PW1")});
    EXPECT_EQ(c.manager_of("PW1"), "");
    EXPECT_EQ(c.manager_of("PW2"), "PW1");
}

// ---- LA-41: inactive managers ----

TEST(La41, AManagerWhoIsDeactivatedStaysAndIsReported) {
    with_managers c;
    c.sweep({under("PW1", "PW2"), employee("PW2")});
    const std::vector people{under("PW1", "PW2"), employee("PW2").left()};
    EXPECT_TRUE(has_issue(c.sweep(people), issue_kind::manager_inactive, "PW1", "LA-41"));
    EXPECT_EQ(c.manager_of("PW1"), "PW2");
    EXPECT_TRUE(has_issue(c.sweep(people), issue_kind::manager_inactive, "PW1"));
}

TEST(La41, ANewInactiveManagerIsNotSetAndHealsOnReturn) {
    with_managers c;
    c.sweep({under("PW1", "PW3"), employee("PW2"), employee("PW3")});
    c.sweep({under("PW1", "PW2"), employee("PW2").left(), employee("PW3")});
    EXPECT_EQ(c.manager_of("PW1"), "PW3");
    c.read_one(employee("PW2"));
    EXPECT_EQ(c.manager_of("PW1"), "PW2");
}

TEST(La41, TheNewManagerWins) {
    with_managers c;
    c.sweep({under("PW1", "PW2"), employee("PW2"), employee("PW3")});
    c.sweep({under("PW1", "PW3"), employee("PW2").left(), employee("PW3")});
    EXPECT_EQ(c.manager_of("PW1"), "PW3");
}

TEST(Wt11, TheManagerIsThePersonOfReportsToAndHeals) {
    with_managers c(sync::profile::wethrive);
    EXPECT_TRUE(
        has_issue(c.sweep({under("PW1", "PW2")}), issue_kind::manager_unknown, "PW1", "WT-11"));
    const auto made = c.sweep({under("PW1", "PW2"), employee("PW2")});
    EXPECT_EQ(c.manager_of("PW1"), "PW2");
    EXPECT_EQ(rule_of(made, step_kind::set_manager, "PW1"), "WT-11");
}

TEST(Wt11, SomebodyWithoutASeatIsNobodysManager) {
    with_managers c(sync::profile::wethrive);
    c.settings.seats = 1;
    const auto made =
        c.sweep({under("PW1", "PW2").starts("2026-01-01"), employee("PW2").starts("2026-02-01")});
    EXPECT_EQ(c.manager_of("PW1"), "");
    EXPECT_TRUE(has_issue(made, issue_kind::manager_unknown, "PW1"));
}

// ---- properties of the graph ----

struct random_company {
    explicit random_company(std::uint64_t seed, std::uint32_t people) {
        random_source from(seed);
        for (std::uint32_t uid = 1; uid <= people; ++uid) {
            keys.push_back("PW" + std::to_string(from.below(1'000'000)) + "-" +
                           std::to_string(uid));
        }
        for (std::uint32_t uid = 1; uid <= people; ++uid) {
            const auto manager = static_cast<std::uint32_t>(from.below(people + 1));
            if (manager == uid) continue;
            // Edges from a greater to a smaller number are there already: they make no cycle.
            if (manager < uid && from.below(3) == 0) {
                present[uid] = manager;
            } else if (manager != 0) {
                wished[uid] = manager;
            }
        }
    }
    [[nodiscard]] sync::manager_graph graph() const {
        sync::manager_graph out;
        for (const auto& [uid, manager] : present) out.set(uid, manager);
        for (const auto& [uid, manager] : wished) out.set(uid, manager);
        return out;
    }
    [[nodiscard]] std::vector<sync::manager_graph::added> edges() const {
        std::vector<sync::manager_graph::added> out;
        for (const auto& [uid, manager] : wished) out.push_back({uid, keys[uid - 1]});
        return out;
    }
    std::vector<std::string> keys;
    std::map<std::uint32_t, std::uint32_t> present, wished;
};

bool reaches_itself(const sync::manager_graph& in, std::uint32_t uid, std::size_t people) {
    auto at = in.manager_of(uid);
    for (std::size_t i = 0; i < people && at != 0 && at != uid; ++i) at = in.manager_of(at);
    return at == uid;
}

TEST(ManagerGraph, IsFreeOfCyclesAndLosesOnlyEdgesThatCloseOne) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        const std::uint32_t people = 2 + static_cast<std::uint32_t>(seed % 40);
        const random_company company(seed, people);
        const auto edges = company.edges();
        auto graph = company.graph();
        const auto lost = graph.break_cycles(edges);
        for (std::uint32_t uid = 1; uid <= people; ++uid) {
            EXPECT_FALSE(reaches_itself(graph, uid, people)) << "seed " << seed;
        }
        for (const auto& [uid, manager] : company.present)
            EXPECT_EQ(graph.manager_of(uid), manager);
        std::size_t kept = 0;
        for (const auto& [uid, manager] : company.wished) {
            kept += graph.manager_of(uid) == manager ? 1u : 0u;
        }
        EXPECT_EQ(kept + lost.size(), company.wished.size());
        for (const auto place : lost) {
            const auto uid = edges[place].uid;
            EXPECT_EQ(graph.manager_of(uid), 0u);
            auto with_it = graph;
            with_it.set(uid, company.wished.at(uid));
            EXPECT_TRUE(reaches_itself(with_it, uid, people)) << "seed " << seed;
        }
    }
}

TEST(ManagerGraph, TheChoiceDoesNotDependOnTheOrder) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const random_company company(seed, 30);
        auto edges = company.edges();
        const auto uids_lost = [&] {
            auto graph = company.graph();
            std::vector<std::uint32_t> out;
            for (const auto place : graph.break_cycles(edges)) out.push_back(edges[place].uid);
            std::ranges::sort(out);
            return out;
        };
        const auto expected = uids_lost();
        random_source shuffle(seed);
        for (int round = 0; round < 5; ++round) {
            for (std::size_t i = edges.size(); i > 1; --i) {
                std::swap(edges[i - 1], edges[shuffle.below(i)]);
            }
            EXPECT_EQ(uids_lost(), expected) << "seed " << seed;
        }
    }
}

TEST(ManagerGraph, OfACycleTheGreatestKeyLoses) {
    sync::manager_graph graph;
    graph.set(1, 2);
    graph.set(2, 3);
    graph.set(3, 1);
    const std::vector<sync::manager_graph::added> edges{{1, "A"}, {2, "C"}, {3, "B"}};
    EXPECT_THAT(graph.break_cycles(edges), ElementsAre(1u));
    EXPECT_EQ(graph.manager_of(2), 0u);
    EXPECT_EQ(graph.manager_of(1), 2u);
}

TEST(ManagerGraph, ACycleThatWasThereIsNoBusinessOfNewEdges) {
    sync::manager_graph graph;
    graph.set(1, 2);
    graph.set(2, 1);
    graph.set(3, 1);
    const std::vector<sync::manager_graph::added> edges{{3, "C"}};
    EXPECT_THAT(graph.break_cycles(edges), IsEmpty());
    EXPECT_EQ(graph.manager_of(3), 1u);
}

// Rows in any order, managers by random: the directory that comes of it is the same.
TEST(La40, ACompanyOfCyclesIsTheSameWhateverTheOrderOfTheRows) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        random_source from(seed);
        std::vector<employee> people;
        for (int i = 0; i < 25; ++i) {
            people.push_back(
                under("PW" + std::to_string(100 + i), "PW" + std::to_string(100 + from.below(26))));
        }
        const auto managers_after = [&] {
            with_managers c;
            c.sweep(people);
            std::map<std::string, std::string> out;
            for (const auto& each : people) out[each.id] = c.manager_of(each.id);
            return out;
        };
        const auto expected = managers_after();
        for (std::size_t i = people.size(); i > 1; --i) {
            std::swap(people[i - 1], people[from.below(i)]);
        }
        EXPECT_EQ(managers_after(), expected) << "seed " << seed;
    }
}

} // namespace
} // namespace rollcall::test
