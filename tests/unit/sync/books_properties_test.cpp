// What holds for any steps over any books: nothing that is carried out breaks the directory, an
// undo restores it, and a plan that is held and approved ends where it would have without a hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "books_case.hpp"
#include "rollcall/sync/planner.hpp"

namespace rollcall::sync {
namespace {

constexpr std::array departments{"Sales", "Support", "Legal", "Trade", "Field"};

std::string lower(std::string text) {
    for (auto& c : text) c = static_cast<char>(c | 0x20);
    return text;
}

struct image {
    std::vector<user_data> users;
    std::vector<directory::team> teams;
    std::set<directory::team_member> members;
    std::vector<invitation> invitations;
    friend bool operator==(const image&, const image&) = default;
};

// Apart from fingerprints, which an undo leaves at 0.
image image_of(const books& of) {
    image out{all_users(of), of.teams.all(), of.teams.secondary(), of.invitations.all()};
    for (auto& each : out.users) each.meta.fingerprint = 0;
    return out;
}

class world {
  public:
    explicit world(std::uint64_t seed) : random_(seed) {
        of = company(static_cast<std::uint32_t>(random_.between(6, 24)));
        for (std::uint32_t uid = 1; uid < of.next_uid; ++uid) shape(uid);
        for (std::uint32_t id = 1; id <= 4; ++id) {
            const std::string name = departments[id - 1];
            of.teams.put({.id = id,
                          .name = name,
                          .key = random_.chance(0.8) ? lower(name) : "",
                          .owned = random_.chance(0.5)});
            of.next_team = id + 1;
        }
    }

    // One that a planner, a person or nobody in their right mind could write.
    step any_step() {
        const auto uid = some_uid();
        const auto user = user_of(of, uid);
        switch (random_.below(14)) {
            case 0: return creation(of.next_uid + some(6), some_email());
            case 1: return change_of(step_kind::relink, user, attribute::external_id, some_id());
            case 2: return change_of(step_kind::change_email, user, attribute::email, some_email());
            case 3:
                return change_of(step_kind::update, user, attribute::job_title, "T" + number(3));
            case 4: return change_of(step_kind::move, user, attribute::department, department());
            case 5: return manager_step(user);
            case 6: return state_step(user);
            case 7: return change_of(step_kind::blank, user, attribute::location, "");
            case 8: return team_creation();
            case 9: return team_edit();
            case 10: return team_removal();
            case 11: return member_step(uid);
            case 12: return invitation_step(uid);
            default: return start_step(user);
        }
    }
    std::vector<step> some_steps(std::size_t count) {
        std::vector<step> out;
        for (std::size_t i = 0; i < count; ++i) {
            auto each = any_step();
            if (!each.changes.empty()) out.push_back(std::move(each));
        }
        return out;
    }
    random_source& random() { return random_; }

    books of;

  private:
    std::uint32_t some(std::uint64_t below) {
        return static_cast<std::uint32_t>(random_.below(below));
    }
    std::string number(std::uint64_t below) { return std::to_string(random_.below(below)); }
    std::uint32_t some_uid() { return 1 + some(of.next_uid); }
    std::string some_id() { return random_.chance(0.1) ? "" : "PW" + number(of.next_uid + 4); }
    std::string some_email() {
        return (random_.chance(0.5) ? "p" : "P") + number(of.next_uid + 6) + "@example.com";
    }
    std::string department() {
        return random_.chance(0.1) ? "" : departments[random_.below(departments.size())];
    }

    void shape(std::uint32_t uid) {
        auto user = user_of(of, uid);
        directory::at(user, field::department) = departments[random_.below(3)];
        if (uid > 1 && random_.chance(0.7)) user.meta.manager = 1 + some(uid - 1);
        if (random_.chance(0.15)) user.meta.state = user_state::inactive;
        of.users.put(user);
        if (random_.chance(0.5)) of.invitations.put(scheduled(uid, noon, random_.chance(0.3)));
    }

    static step change_of(step_kind kind, const user_data& user, attribute what, std::string to) {
        if (user.meta.uid == 0 || text_of(user, what) == to) return {};
        const auto i = std::min(static_cast<std::size_t>(what), directory::field_count - 1);
        const auto before = static_cast<std::size_t>(what) < directory::field_count
                                ? user.meta.ownership[i]
                                : owner::never_set;
        return sync::of(kind, user.meta.uid,
                        {made(what, text_of(user, what), to, "LA-3", owner::ours, before)});
    }
    step manager_step(const user_data& user) {
        auto to = random_.chance(0.25) ? std::string() : std::to_string(some_uid());
        auto out = change_of(step_kind::set_manager, user, attribute::manager, std::move(to));
        if (out.changes.empty()) return out;
        if (out.changes[0].new_value.empty()) out.kind = step_kind::clear_manager;
        const auto place = static_cast<std::size_t>(field::manager_id);
        out.changes[0].old_owner = user.meta.ownership[place];
        return out;
    }
    static step state_step(const user_data& user) {
        const bool active = user.meta.state == user_state::active;
        auto out = change_of(active ? step_kind::deactivate : step_kind::reactivate, user,
                             attribute::state, active ? "inactive" : "active");
        if (!active && !out.changes.empty()) {
            out.changes[0].old_owner = user.meta.deactivated_by_us ? owner::ours : owner::manual;
        }
        return out;
    }
    step start_step(const user_data& user) {
        return change_of(step_kind::update, user, attribute::start_date,
                         "2026-0" + std::to_string(random_.between(1, 9)) + "-15");
    }
    step team_creation() {
        const auto id = of.next_team + some(3);
        const std::string name = departments[random_.below(departments.size())];
        return {step_kind::create_team,
                id,
                name,
                {made(attribute::team_name, "", name), made(attribute::team_key, "", lower(name)),
                 made(attribute::team_owned, "no", "yes")}};
    }
    step team_edit() {
        const auto* team = of.teams.find(1 + some(of.next_team));
        if (team == nullptr) return {};
        const auto what = random_.chance(0.5) ? attribute::team_parent : attribute::team_manager;
        const auto to = number(what == attribute::team_parent ? of.next_team : of.next_uid);
        const auto kind =
            what == attribute::team_parent ? step_kind::edit_team : step_kind::set_team_manager;
        return {
            kind, team->id, team->name, {made(what, text_of(*team, what), to == "0" ? "" : to)}};
    }
    step team_removal() {
        const auto* team = of.teams.find(1 + some(of.next_team));
        if (team == nullptr) return {};
        step out{step_kind::remove_team, team->id, team->name, {}};
        for (const auto what : {attribute::team_name, attribute::team_key, attribute::team_owned,
                                attribute::team_parent, attribute::team_manager}) {
            out.changes.push_back(
                made(what, text_of(*team, what), text_of(directory::team{}, what)));
        }
        return out;
    }
    step member_step(std::uint32_t uid) {
        const directory::team_member member{1 + some(of.next_team), uid};
        const bool is = of.teams.secondary().contains(member);
        const auto team = std::to_string(member.team);
        return sync::of(is ? step_kind::remove_member : step_kind::add_member, uid,
                        {made(attribute::member, is ? team : "", is ? "" : team)});
    }
    step invitation_step(std::uint32_t uid) {
        const auto* present = of.invitations.find(uid);
        if (present == nullptr || present->state != invitation_state::scheduled) return {};
        if (random_.chance(0.5)) return sending(uid);
        return sync::of(step_kind::cancel_invitation, uid,
                        {made(attribute::invitation, "scheduled", "cancelled")});
    }

    random_source random_;
};

// As text, so that a failure can be read.
std::string text_of(const std::vector<step>& steps) {
    std::string out;
    for (const auto& each : steps) {
        out += std::string(name_of(each.kind)) + " " + std::to_string(each.subject);
        for (const auto& c : each.changes) {
            out += " " + std::string(name_of(c.what)) + ":" + c.old_value + ">" + c.new_value;
        }
        out += "\n";
    }
    return out;
}

void in_order(std::vector<step>& steps) {
    std::sort(steps.begin(), steps.end(), [](const step& a, const step& b) {
        return std::tuple(a.kind, a.label, a.subject, a.changes[0].what) <
               std::tuple(b.kind, b.label, b.subject, b.changes[0].what);
    });
}

TEST(Books, NoStepsWhateverBreakTheDirectory) {
    for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
        SCOPED_TRACE(seed);
        world w(seed);
        for (int round = 0; round < 4; ++round) {
            const auto steps = w.some_steps(1 + w.random().below(15));
            const auto what = carry_out(w.of, steps, {});
            ASSERT_EQ(inconsistency(w.of, what), "");
            ASSERT_GE(what.done.size() + what.dropped.size(), steps.size());
            install(w.of, what);
            ASSERT_EQ(w.of.users.verify().value_or(""), "");
        }
    }
}

TEST(Undo, RestoresWhatWasBeforeAnySteps) {
    std::size_t undone = 0;
    for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
        SCOPED_TRACE(seed);
        world w(seed);
        auto steps = w.some_steps(1 + w.random().below(15));
        // What was sent stays sent.
        std::erase_if(steps, [](const step& s) { return s.kind == step_kind::send_invitation; });
        const auto before = image_of(w.of);
        const auto what = enact(w.of, steps);
        const auto back = inverse_of(what.done);
        const auto taken_back = enact(w.of, back.steps);
        ASSERT_EQ(text_of(taken_back.dropped), "") << text_of(what.done);
        ASSERT_EQ(image_of(w.of), before);
        undone += what.done.size();
        // And an undo of the undo does it again.
        const auto again = enact(w.of, inverse_of(taken_back.done).steps);
        ASSERT_EQ(text_of(again.dropped), "");
    }
    EXPECT_GT(undone, 8'000u);
}

// ---- plans ----

// Steps of which each touches attributes of its own, and which all can be done together.
plan sound_plan(world& w) {
    plan out;
    std::set<std::pair<int, std::uint64_t>> touched;
    std::set<std::uint32_t> leaving_teams;
    for (const auto& each : w.some_steps(20)) {
        const bool by_hand =
            each.kind == step_kind::add_member || each.kind == step_kind::remove_member ||
            each.kind == step_kind::edit_team || each.kind == step_kind::remove_team;
        if (by_hand) continue;
        bool fresh = true;
        for (const auto& c : each.changes) {
            const auto subject = std::uint64_t{each.subject} * 2 +
                                 (subject_of(each.kind) == subject_kind::team ? 1 : 0);
            fresh = touched.insert({static_cast<int>(c.what), subject}).second && fresh;
        }
        // Of those who are created nothing else is touched, so that one step says all of it.
        if (fresh) out.steps.push_back(each);
    }
    in_order(out.steps);
    for (;;) {
        const auto what = carry_out(w.of, out.steps, {});
        out.steps = what.done;
        if (what.dropped.empty()) break;
    }
    for (const auto& each : out.steps) {
        if (subject_of(each.kind) == subject_kind::user) out.seen.push_back({each.subject, 9});
    }
    return out;
}

tenant_settings random_limits(random_source& random) {
    tenant_settings out;
    for (auto& each : out.limits) {
        each = {.on = random.chance(0.4), .people = 0, .percent = 0, .max = 0, .week_percent = 0};
    }
    return out;
}

books copy_of(const books& from) {
    books out;
    for (const auto& each : all_users(from)) out.users.put(each);
    for (const auto& each : from.teams.all()) out.teams.put(each);
    for (const auto& each : from.teams.secondary()) out.teams.add_member(each);
    for (const auto& each : from.invitations.all()) out.invitations.put(each);
    out.rejected = from.rejected;
    out.breakers = from.breakers;
    out.next_uid = from.next_uid;
    out.next_team = from.next_team;
    out.imported = from.imported;
    out.live = from.live;
    return out;
}

TEST(G6, APlanThatIsHeldAndApprovedEndsWhereItWouldHaveWithoutAHold) {
    std::size_t held_steps = 0, waited = 0;
    for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
        SCOPED_TRACE(seed);
        world w(seed);
        auto made = sound_plan(w);
        auto free = copy_of(w.of);
        enact(free, made.steps);

        const auto settings = random_limits(w.random());
        hold held;
        held.sections = withhold(made, w.of, settings, noon).sections;
        held_steps += held.steps();
        for (const auto& section : held.sections) {
            for (const auto& each : section.steps) waited += guard_of(each) != section.what;
        }
        ASSERT_EQ(text_of(enact(w.of, made.steps).dropped), "");
        // Section by section, in any order.
        while (!held.empty()) {
            const std::vector chosen{held.sections[w.random().below(held.sections.size())].what};
            auto next = approve(held, chosen, w.of, settings);
            ASSERT_EQ(text_of(enact(w.of, next.steps).dropped), "");
            if (next.steps.empty()) { // two sections that need each other
                next = approve(held, {}, w.of, settings);
                ASSERT_EQ(text_of(enact(w.of, next.steps).dropped), "");
            }
            held.sections = next.rest;
        }
        ASSERT_EQ(image_of(w.of), image_of(free));
    }
    EXPECT_GT(held_steps, 5'000u);
    EXPECT_GT(waited, 200u);
}

TEST(G5, WhatIsWithheldDoesNotDependOnTheOrderOfTheSteps) {
    const auto all = [](const plan& of, const withheld& kept) {
        auto steps = of.steps;
        in_order(steps);
        auto out = text_of(steps);
        for (const auto& each : kept.sections) {
            steps = each.steps;
            in_order(steps);
            out += std::string(name_of(each.what)) + ": " + each.reason + "\n" + text_of(steps);
        }
        return out;
    };
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
        SCOPED_TRACE(seed);
        world w(seed);
        auto made = sound_plan(w);
        auto settings = random_limits(w.random());
        settings.seats = static_cast<std::uint32_t>(w.random().below(w.of.users.active() + 2));
        for (const auto& each : made.steps) {
            if (w.random().chance(0.1)) w.of.rejected.insert(digest_of(each));
        }
        auto shuffled = made;
        for (std::size_t i = shuffled.steps.size(); i > 1; --i) {
            std::swap(shuffled.steps[i - 1], shuffled.steps[w.random().below(i)]);
        }
        const auto kept = withhold(made, w.of, settings, noon);
        const auto kept_too = withhold(shuffled, w.of, settings, noon);
        ASSERT_EQ(all(made, kept), all(shuffled, kept_too));
        ASSERT_EQ(made.issues, shuffled.issues);
        ASSERT_EQ(made.seen, shuffled.seen);
        // What goes can go alone.
        ASSERT_EQ(text_of(enact(w.of, made.steps).dropped), "");
    }
}

TEST(Wt6, WithheldDeparturesNeverLeadBeyondTheSeats) {
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
        SCOPED_TRACE(seed);
        world w(seed);
        auto made = sound_plan(w);
        auto after = copy_of(w.of);
        enact(after, made.steps);
        auto settings = random_limits(w.random());
        // As the planner gives them out: as a whole the plan keeps to them.
        settings.seats = static_cast<std::uint32_t>(after.users.active());
        const auto before = w.of.users.active();
        (void)withhold(made, w.of, settings, noon);
        enact(w.of, made.steps);
        ASSERT_LE(w.of.users.active(), std::max<std::size_t>(before, settings.seats));
    }
}

} // namespace
} // namespace rollcall::sync
