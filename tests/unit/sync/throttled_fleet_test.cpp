// B-2 on virtual time: a scheduler against a PeopleHR that refuses some companies, or everybody
// beyond a limit of its own. How soon it is found out whose limit it is, and what that costs those
// who have nothing to do with it.
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <queue>

#include "unit/sync/scheduler_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::sync;

constexpr tenant_key tenants = 8;

class throttled_fleet : public test::scheduler_case {
  public:
    // All of them are new, so that a fleet begins with a burst.
    throttled_fleet(std::size_t running_max, nanoseconds pressed_each)
        : scheduler_case(25, running_max), pressed_each_(pressed_each) {
        for (tenant_key key = 1; key <= tenants; ++key) add(key);
    }

    // Whether PeopleHR refuses the call of a tenant, and the N of its text.
    std::function<bool(tenant_key)> refuses = [](tenant_key) { return false; };
    std::optional<std::uint32_t> n;

    void run(nanoseconds time) {
        const auto until = now + time;
        while (now < until) {
            for (auto& each : start_all()) call(std::move(each));
            const auto at = s.wake_at(now);
            auto next = std::min(until, next_press_);
            if (at && *at > now) next = std::min(next, *at);
            if (!ends_.empty()) next = std::min(next, ends_.top().at);
            now = next;
            while (!ends_.empty() && ends_.top().at <= now) end();
            if (now >= next_press_) press();
        }
    }

    // PeopleHR's own count of the address in any sliding minute; refused calls are not in it.
    [[nodiscard]] bool beyond(std::size_t limit) {
        while (!counted_.empty() && counted_.front() <= now - minutes{1}) counted_.pop_front();
        return counted_.size() >= limit;
    }
    void forget() {
        answered = refused = pauses = 0;
        longest_wait = nanoseconds{0};
    }

    int answered = 0;
    int refused = 0;
    int pauses = 0;              // of the address
    nanoseconds longest_wait{0}; // of a button of a tenant that is not refused

  private:
    struct ending {
        mono_time at;
        std::uint64_t number;
        run_start run;
        bool refused;
        bool operator>(const ending& o) const {
            return std::pair(at, number) > std::pair(o.at, o.number);
        }
    };

    void call(run_start run) {
        const bool no = refuses(run.tenant);
        if (!no) counted_.push_back(now);
        if (const auto it = pressed_.find(run.ticket); it != pressed_.end()) {
            if (!no) longest_wait = std::max(longest_wait, now - it->second);
            pressed_.erase(it);
        }
        const auto took = milliseconds{random.between(100, 400)};
        ends_.push({now + took, ++number_, std::move(run), no});
    }
    void end() {
        const auto e = ends_.top();
        ends_.pop();
        ++(e.refused ? refused : answered);
        s.answered(e.run, true, now);
        const auto before = budget.addresses()[0].paused_until();
        if (e.refused) s.throttled(e.run, n, now);
        // Answers to calls under way together make one pause.
        if (before <= now && budget.addresses()[0].paused_until() > now) ++pauses;
        s.finished(e.run, e.refused ? run_end::throttled : run_end::done, now, now);
    }
    void press() {
        const auto key = static_cast<tenant_key>(presses_++ % tenants + 1);
        const auto asked = s.request(key, "", now);
        if (!asked.joined) pressed_[asked.ticket] = now;
        next_press_ = now + pressed_each_;
    }

    nanoseconds pressed_each_;
    mono_time next_press_ = now;
    std::uint64_t number_ = 0;
    std::size_t presses_ = 0;
    std::priority_queue<ending, std::vector<ending>, std::greater<>> ends_;
    std::map<std::uint64_t, mono_time> pressed_;
    std::deque<mono_time> counted_;
};

struct variant {
    std::size_t running_max;
    std::optional<std::uint32_t> n;
};
const std::vector<variant> variants{{1, 30},           {1, std::nullopt}, {4, 30},
                                    {4, std::nullopt}, {8, 10},           {8, std::nullopt}};

TEST(ThrottledFleet, B2TwoCompaniesWithLimitsOfTheirOwnLeaveTheAddressToTheOthers) {
    for (const auto& v : variants) {
        SCOPED_TRACE(testing::Message() << v.running_max << " at once, N " << v.n.value_or(0));
        throttled_fleet f(v.running_max, seconds{1}); // more than there are slots
        f.n = v.n;
        f.refuses = [](tenant_key key) { return key <= 2; };
        f.run(minutes{4});
        EXPECT_LE(f.pauses, 2);
        EXPECT_EQ(f.budget.scope(0), throttle_scope::company);
        f.forget();
        f.run(minutes{10});
        EXPECT_EQ(f.pauses, 0);
        EXPECT_GE(f.answered, 25 * 10 * 8 / 10);
        EXPECT_EQ(f.budget.addresses()[0].limit(), 25u) << "what was lowered by mistake is back";
    }
}

TEST(ThrottledFleet, B2NobodysButtonWaitsForTwoCompaniesWithLimitsOfTheirOwn) {
    for (const auto& v : variants) {
        SCOPED_TRACE(testing::Message() << v.running_max << " at once, N " << v.n.value_or(0));
        throttled_fleet f(v.running_max, seconds{5});
        f.n = v.n;
        f.refuses = [](tenant_key key) { return key <= 2; };
        f.run(minutes{4});
        f.forget();
        f.run(minutes{10});
        EXPECT_LE(f.longest_wait, seconds{3});
    }
}

TEST(ThrottledFleet, B2OneCompanyWithALimitOfItsOwnPausesTheAddressOnce) {
    for (const auto& v : variants) {
        for (const auto pressed_each : {seconds{1}, seconds{5}, seconds{20}}) {
            SCOPED_TRACE(testing::Message() << v.running_max << " at once, N " << v.n.value_or(0)
                                            << ", pressed each " << pressed_each.count() << " s");
            throttled_fleet f(v.running_max, pressed_each);
            f.n = v.n;
            f.refuses = [](tenant_key key) { return key == 1; };
            f.run(minutes{30});
            // With few calls a second throttle may come where the first did: that is no evidence.
            EXPECT_LE(f.pauses, pressed_each < seconds{20} ? 1 : 2);
            EXPECT_GE(f.refused, 2);
            EXPECT_EQ(f.budget.scope(0), throttle_scope::company);
            EXPECT_EQ(f.budget.addresses()[0].limit(), 25u);
        }
    }
}

TEST(ThrottledFleet, B2WhereEverybodyIsRefusedItIsTheAddress) {
    for (const auto& v : variants) {
        SCOPED_TRACE(testing::Message() << v.running_max << " at once, N " << v.n.value_or(0));
        throttled_fleet f(v.running_max, seconds{1});
        f.n = v.n;
        f.refuses = [](tenant_key) { return true; };
        f.run(minutes{3});
        EXPECT_EQ(f.budget.scope(0), throttle_scope::address);
        EXPECT_LE(f.budget.addresses()[0].limit(), 12u);
        f.forget();
        f.run(minutes{20});
        EXPECT_EQ(f.budget.scope(0), throttle_scope::address);
        EXPECT_LE(f.refused, 20 * static_cast<int>(v.running_max)) << "a probe after each pause";
    }
}

// The limit of the address is lower than the setting says: it is met with answers in between, which
// must not be taken for evidence against it.
TEST(ThrottledFleet, B2ALowerLimitOfTheAddressIsFoundAndKept) {
    for (const auto& v : {variant{1, 10}, variant{1, std::nullopt}, variant{4, 10},
                          variant{4, std::nullopt}, variant{4, 30}, variant{8, std::nullopt}}) {
        SCOPED_TRACE(testing::Message() << v.running_max << " at once, N " << v.n.value_or(0));
        throttled_fleet f(v.running_max, seconds{1});
        f.n = v.n;
        f.refuses = [&](tenant_key) { return f.beyond(10); };
        f.run(minutes{6});
        EXPECT_EQ(f.budget.scope(0), throttle_scope::address);
        f.forget();
        f.run(minutes{60});
        EXPECT_EQ(f.budget.scope(0), throttle_scope::address);
        EXPECT_LE(f.refused, f.answered / 10);
        EXPECT_GE(f.answered, 60 * 10 / 2);
    }
}

TEST(ThrottledFleet, B2AfterThePauseSomebodyElseGoesFirst) {
    test::scheduler_case c;
    c.add(1);
    c.add(2);
    const auto run = c.s.next(c.now);
    ASSERT_TRUE(run);
    c.s.throttled(*run, std::nullopt, c.now);
    c.s.finished(*run, run_end::throttled, c.now, c.now);
    const auto other = c.next_run();
    ASSERT_TRUE(other);
    EXPECT_NE(other->tenant, run->tenant);
    EXPECT_EQ(c.now, c.budget.addresses()[0].paused_until());
    const auto again = c.next_run();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->tenant, run->tenant);
    EXPECT_GT(c.now, c.budget.addresses()[0].paused_until());
}

TEST(ThrottledFleet, B2TheOnlyTenantWaitsForNobody) {
    test::scheduler_case c;
    c.add(1);
    const auto run = c.s.next(c.now);
    ASSERT_TRUE(run);
    c.s.throttled(*run, std::nullopt, c.now);
    c.s.finished(*run, run_end::throttled, c.now, c.now);
    ASSERT_TRUE(c.next_run());
    EXPECT_EQ(c.now, c.budget.addresses()[0].paused_until());
}

} // namespace
