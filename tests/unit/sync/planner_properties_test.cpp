// What holds of every plan, over random companies and their histories.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "rollcall/core/random.hpp"
#include "support/sync_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::test;
using directory::field;
using sync::issue_kind;
using sync::source_field;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<employee> random_company(random_source& random, int size) {
    std::vector<employee> people;
    for (int i = 0; i < size; ++i) {
        auto e =
            employee("PW" + std::to_string(random.below(static_cast<std::uint64_t>(size) * 2)));
        e.email =
            random.chance(0.1)
                ? ""
                : "m" + std::to_string(random.below(static_cast<std::uint64_t>(size))) + "@x.org";
        e.department = "D" + std::to_string(random.below(4));
        if (random.chance(0.3)) e.with(source_field::company, "Other");
        if (random.chance(0.1)) e.department.clear();
        if (random.chance(0.6)) {
            const auto boss = std::to_string(random.below(static_cast<std::uint64_t>(size) * 2));
            random.chance(0.8) ? e.reports_to("PW" + boss)
                               : e.with(source_field::reports_to, "Ann Of PW" + boss);
        }
        if (random.chance(0.7)) {
            static constexpr const char* starts[] = {"2020-01-01", "2026-06-15", "2026-07-01"};
            e.starts(starts[random.below(std::size(starts))]);
        }
        if (random.chance(0.03)) e.wrong_type = 1u << static_cast<unsigned>(source_field::company);
        if (random.chance(0.2)) e.left(random.chance(0.5) ? "2026-01-01" : "");
        if (e.others[static_cast<std::size_t>(source_field::company)].empty()) {
            e.with(source_field::company, "Acme");
        }
        people.push_back(e);
    }
    return people;
}

// Of a plan of an applied plan, what is as it should be. A missing person is missing once more, and
// an empty team is empty once more, with what follows. In literal mode an address that comes free
// may be found, one sweep later, by a row that was refused it. And an Owner who stayed as the last
// one may go once another is back.
bool may_come_later(const sync_case& c, const sync::plan& made, const sync::plan& again,
                    const sync::step& each) {
    const auto missing_once_more = [&](std::uint32_t uid) {
        return std::any_of(again.steps.begin(), again.steps.end(), [uid](const sync::step& s) {
            return s.kind == sync::step_kind::note_missing && s.subject == uid;
        });
    };
    switch (each.kind) {
        case sync::step_kind::note_team:
        case sync::step_kind::remove_team: return true;
        default: break;
    }
    if (c.settings.link_key == sync::link_key::email) return true;
    if (has_issue(made, issue_kind::last_owner, each.label)) return true;
    return sync::subject_of(each.kind) == sync::subject_kind::user &&
           missing_once_more(each.subject);
}

void choose_settings(random_source& random, std::uint64_t seed, sync_case& c) {
    c.settles = false;
    c.settings.email_fallback = random.chance(0.5);
    if (random.chance(0.5)) c.settings.company = "Acme";
    if (random.chance(0.3)) c.settings.out_of_scope = sync::out_of_scope::deactivate;
    if (random.chance(0.2)) c.settings.protected_users = {"PW3", "m4@x.org"};
    if (random.chance(0.2)) c.settings.clear_blank_department = true;
    if (c.settings.profile == sync::profile::learnamp) {
        c.settings.invite = static_cast<sync::invite>(random.below(3));
        c.settings.remove_stale_teams = random.chance(0.5);
        c.settings.owner_manages_new_teams = random.chance(0.5);
    } else if (random.chance(0.5)) {
        c.settings.seats = 6;
    }
    if (random.chance(0.2)) c.settings.leavers = sync::leavers::report;
    if (random.chance(0.3)) c.settings.missing_policy = sync::missing_policy::deactivate;
    if (seed % 5 == 0) c.settings.link_key = sync::link_key::email;
}

void expect_evidence(const sync_case& c, const sync::plan& made,
                     const std::vector<employee>& people) {
    for (const auto& step : made.steps) {
        if (step.kind != sync::step_kind::deactivate) continue;
        ASSERT_THAT(c.settings.protected_users, testing::Not(testing::Contains(step.label)));
        if (step.changes[0].rule == "LA-44") continue;
        ASSERT_TRUE(std::any_of(people.begin(), people.end(), [&](const employee& e) {
            const auto& company = e.others[static_cast<std::size_t>(source_field::company)];
            return e.id == step.label &&
                   (e.status == "3" || (!c.settings.company.empty() && company == "Other"));
        })) << "nobody is deactivated without evidence";
    }
}

// What admins do between two sweeps, to both tenants alike.
void edit_by_hand(random_source& random, sync_case& a, sync_case& b) {
    const auto id = "PW" + std::to_string(random.below(24));
    if (!a.has(id)) return;
    const auto what = random.below(4);
    for (auto* c : {&a, &b}) {
        switch (what) {
            case 0: c->admin_deactivates(id); break;
            case 1: c->make_owner(id); break;
            case 2: c->manual(id, field::department, "By hand"); break;
            default: c->manual(id, field::manager_id, "PW1"); break;
        }
    }
}

TEST(PlannerProperties, APlanOfAnAppliedPlanIsEmptyAndRowOrderDoesNotMatter) {
    for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
        SCOPED_TRACE(seed);
        random_source random(seed);
        sync_case a(seed % 2 == 0 ? sync::profile::learnamp : sync::profile::wethrive);
        choose_settings(random, seed, a);
        sync_case b(a.settings.profile);
        b.settings = a.settings;
        b.settles = false;
        for (int sweep = 0; sweep < 6; ++sweep) {
            auto people = random_company(random, 12);
            edit_by_hand(random, a, b);
            const auto made = a.sweep(people);
            std::shuffle(people.begin(), people.end(), random);
            const auto other = b.sweep(people);
            ASSERT_EQ(made.steps, other.steps);
            ASSERT_EQ(made.issues, other.issues);
            ASSERT_EQ(a.users.verify(), std::nullopt);
            // Whoever is missing for the last time leaves a seat to somebody.
            const auto policy = a.settings.missing_policy;
            a.settings.missing_policy = sync::missing_policy::report;
            const auto again = a.plan_only(people);
            a.settings.missing_policy = policy;
            for (const auto& each : again.steps) {
                ASSERT_TRUE(may_come_later(a, made, again, each)) << words_of(each);
            }
            expect_evidence(a, made, people);
            ASSERT_FALSE(testing::Test::HasFailure());
        }
    }
}

// G-7: what-if and explain read the packed rows in the place of an answer.
TEST(PlannerProperties, PackedRowsGiveThePlanThatTheRowsGave) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE(seed);
        random_source random(seed);
        sync_case c(seed % 2 == 0 ? sync::profile::learnamp : sync::profile::wethrive);
        choose_settings(random, seed, c);
        c.settings.extra_fields = {{"code", "APIColumn1"}, {"grade", "APIColumn2"}};
        for (int sweep = 0; sweep < 3; ++sweep) {
            auto people = random_company(random, 12);
            for (auto& each : people) {
                if (random.chance(0.5))
                    each.with(source_field::image, random.chance(0.5) ? "a" : "b");
                if (random.chance(0.5)) each.extra({"7", random.chance(0.5) ? "" : "B"});
            }
            const auto from_rows = c.plan_only(people);
            const auto packed = c.last->packed;
            const auto digest = c.last->packed_digest;
            const auto from_pack = c.plan_packed(packed);
            ASSERT_EQ(from_rows.steps, from_pack.steps);
            ASSERT_EQ(from_rows.issues, from_pack.issues);
            ASSERT_EQ(c.last->packed_digest, digest) << "and is packed into the same again";
            c.apply(from_rows);
            ASSERT_FALSE(testing::Test::HasFailure());
        }
    }
}

} // namespace
