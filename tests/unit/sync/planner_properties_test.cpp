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
        if (random.chance(0.03)) e.wrong_type = 1u << static_cast<unsigned>(source_field::company);
        if (random.chance(0.2)) e.left(random.chance(0.5) ? "2026-01-01" : "");
        if (e.others[static_cast<std::size_t>(source_field::company)].empty()) {
            e.with(source_field::company, "Acme");
        }
        people.push_back(e);
    }
    return people;
}

// In literal mode an address that comes free may be found, one sweep later, by a row that was
// refused it; and a leaver's address waits until no other leaver wants it, which a relink may bring
// about.
bool may_come_later(const sync_case& c, const sync::step& each) {
    return c.settings.link_key == sync::link_key::email ||
           each.kind == sync::step_kind::note_missing || each.kind == sync::step_kind::note_team ||
           each.kind == sync::step_kind::remove_team ||
           (each.kind == sync::step_kind::change_email &&
            !c.users.is_active(c.users.find_by_uid(each.subject)));
}

void choose_settings(random_source& random, std::uint64_t seed, sync_case& c) {
    c.settles = false;
    c.settings.email_fallback = random.chance(0.5);
    if (random.chance(0.5)) c.settings.company = "Acme";
    if (random.chance(0.3)) c.settings.out_of_scope = sync::out_of_scope::deactivate;
    if (random.chance(0.2)) c.settings.protected_users = {"PW3", "m4@x.org"};
    if (random.chance(0.2)) c.settings.clear_blank_department = true;
    if (seed % 5 == 0) c.settings.link_key = sync::link_key::email;
}

void expect_evidence(const sync_case& c, const sync::plan& made,
                     const std::vector<employee>& people) {
    for (const auto& step : made.steps) {
        if (step.kind != sync::step_kind::deactivate) continue;
        ASSERT_TRUE(std::any_of(people.begin(), people.end(), [&](const employee& e) {
            const auto& company = e.others[static_cast<std::size_t>(source_field::company)];
            return e.id == step.label &&
                   (e.status == "3" || (!c.settings.company.empty() && company == "Other"));
        })) << "nobody is deactivated without evidence";
        ASSERT_THAT(c.settings.protected_users, testing::Not(testing::Contains(step.label)));
    }
}

TEST(PlannerProperties, APlanOfAnAppliedPlanIsEmptyAndRowOrderDoesNotMatter) {
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
        SCOPED_TRACE(seed);
        random_source random(seed);
        sync_case a(seed % 2 == 0 ? sync::profile::learnamp : sync::profile::wethrive);
        choose_settings(random, seed, a);
        sync_case b(a.settings.profile);
        b.settings = a.settings;
        b.settles = false;
        for (int sweep = 0; sweep < 6; ++sweep) {
            auto people = random_company(random, 12);
            const auto made = a.sweep(people);
            std::shuffle(people.begin(), people.end(), random);
            const auto other = b.sweep(people);
            ASSERT_EQ(made.steps, other.steps);
            ASSERT_EQ(made.issues, other.issues);
            ASSERT_EQ(a.users.verify(), std::nullopt);
            for (const auto& each : a.plan_only(people).steps) {
                ASSERT_TRUE(may_come_later(a, each)) << words_of(each);
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
