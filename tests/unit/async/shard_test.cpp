// Waiting on a shard: order, cancellation, events, deadlines and promised calls, on virtual time.
#include "rollcall/async/shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <memory>
#include <string>
#include <vector>

#include "rollcall/async/task_group.hpp"
#include "rollcall/async/virtual_time.hpp"

namespace {

using namespace rollcall;
using testing::ElementsAre;
using testing::IsEmpty;

struct sleeper_log {
    virtual_world world{1, wall_time{seconds{1'800'000'000}}};
    shard& home = world.home();
    mono_time begin = home.now();
    std::vector<std::string> said;

    void say(std::string what) { said.push_back(std::move(what)); }
    [[nodiscard]] nanoseconds passed() const { return home.now() - begin; }
};

task<> sleep_and_say(sleeper_log& log, nanoseconds how_long, std::string what) {
    co_await log.home.sleep_for(how_long);
    log.say(std::move(what));
}

task<> wait_and_say(sleeper_log& log, signal_event& event, std::string what) {
    co_await event.wait();
    log.say(std::move(what));
}

task<> wait_until_and_say(sleeper_log& log, signal_event& event, mono_time until,
                          std::string what) {
    const auto how = co_await event.wait_until(until);
    log.say(what + (how == wake::deadline ? " deadline" : " notified"));
}

TEST(Shard, SleepersWakeInOrderOfTheirDeadlinesAndThenOfTheirBeginning) {
    sleeper_log log;
    task_group group(log.home);
    group.spawn(sleep_and_say(log, seconds{3}, "three"));
    group.spawn(sleep_and_say(log, seconds{1}, "one"));
    group.spawn(sleep_and_say(log, seconds{2}, "two"));
    group.spawn(sleep_and_say(log, seconds{2}, "two again"));
    log.world.run(group.join());
    EXPECT_THAT(log.said, ElementsAre("one", "two", "two again", "three"));
    EXPECT_EQ(log.passed(), seconds{3});
    EXPECT_EQ(log.home.timers(), 0u);
}

TEST(Shard, ASleepUntilThePastStillSuspendsOnce) {
    sleeper_log log;
    task_group group(log.home);
    group.spawn(sleep_and_say(log, nanoseconds{-5}, "past"));
    group.spawn([](sleeper_log& l) -> task<> {
        l.say("other");
        co_return;
    }(log));
    log.world.run(group.join());
    EXPECT_THAT(log.said, ElementsAre("other", "past"));
}

TEST(Shard, YieldLetsTheOthersRunFirst) {
    sleeper_log log;
    task_group group(log.home);
    const auto two_steps = [](sleeper_log& l, std::string who) -> task<> {
        l.say(who + "1");
        co_await l.home.yield();
        l.say(who + "2");
    };
    group.spawn(two_steps(log, "a"));
    group.spawn(two_steps(log, "b"));
    log.world.run(group.join());
    EXPECT_THAT(log.said, ElementsAre("a1", "b1", "a2", "b2"));
    EXPECT_EQ(log.passed(), nanoseconds{0});
}

TEST(Shard, ACancelledSleepUnwindsAtOnceAndLeavesNoTimer) {
    sleeper_log log;
    task_group group(log.home);
    group.spawn(sleep_and_say(log, hours{1}, "never"));
    log.world.run_for(seconds{1});
    EXPECT_EQ(log.home.timers(), 1u);
    group.cancel();
    log.world.run(group.join());
    EXPECT_THAT(log.said, IsEmpty());
    EXPECT_EQ(log.passed(), seconds{1});
    EXPECT_EQ(log.home.timers(), 0u);
}

TEST(SignalEvent, WakesAllItsWaitersOnceInTheOrderOfTheirBeginning) {
    sleeper_log log;
    signal_event event(log.home);
    task_group group(log.home);
    for (const auto* who : {"a", "b", "c"}) group.spawn(wait_and_say(log, event, who));
    log.world.run_for(seconds{1});
    EXPECT_EQ(event.waiters(), 3u);
    event.notify_all();
    EXPECT_EQ(event.waiters(), 0u);
    EXPECT_THAT(log.said, IsEmpty()) << "waiters run after the caller has returned to the loop";
    event.notify_all(); // nobody waits any more: a second notify wakes nobody a second time
    log.world.run(group.join());
    EXPECT_THAT(log.said, ElementsAre("a", "b", "c"));
}

TEST(SignalEvent, ANotifyWithoutWaitersIsNotRemembered) {
    sleeper_log log;
    signal_event event(log.home);
    event.notify_all();
    task_group group(log.home);
    group.spawn(wait_until_and_say(log, event, log.begin + seconds{5}, "a"));
    log.world.run(group.join());
    EXPECT_THAT(log.said, ElementsAre("a deadline"));
}

TEST(SignalEvent, WhoWaitsAgainWaitsForTheNextNotify) {
    sleeper_log log;
    signal_event event(log.home);
    task_group group(log.home);
    group.spawn([](sleeper_log& l, signal_event& e) -> task<> {
        for (int i = 1; i <= 3; ++i) {
            co_await e.wait();
            l.say("woken " + std::to_string(i));
        }
    }(log, event));
    for (std::size_t i = 1; i <= 3; ++i) {
        log.world.run_for(seconds{1});
        EXPECT_EQ(log.said.size(), i - 1);
        event.notify_all();
    }
    log.world.run(group.join());
    EXPECT_EQ(log.said.size(), 3u);
}

TEST(SignalEvent, TheNotifyAndTheDeadlineOfOneInstantWakeAWaiterOnce) {
    for (const bool notify_first : {true, false}) {
        SCOPED_TRACE(notify_first);
        sleeper_log log;
        signal_event event(log.home);
        task_group group(log.home);
        const auto at = log.begin + seconds{1};
        if (notify_first) log.home.call_at(at, [&] { event.notify_all(); });
        group.spawn(wait_until_and_say(log, event, at, "a"));
        log.world.run_for(milliseconds{500});
        if (!notify_first) log.home.call_at(at, [&] { event.notify_all(); });
        log.world.run_for(hours{1});
        EXPECT_THAT(log.said, ElementsAre(notify_first ? "a notified" : "a deadline"));
        EXPECT_EQ(log.home.timers(), 0u);
        EXPECT_EQ(group.size(), 0u);
    }
}

TEST(SignalEvent, ACancelledWaiterLeavesTheListToTheOthers) {
    sleeper_log log;
    signal_event event(log.home);
    task_group kept(log.home);
    task_group cancelled(log.home);
    kept.spawn(wait_and_say(log, event, "first"));
    cancelled.spawn(wait_and_say(log, event, "cancelled"));
    kept.spawn(wait_and_say(log, event, "last"));
    log.world.run_for(seconds{1});
    cancelled.cancel();
    log.world.run(cancelled.join());
    EXPECT_EQ(event.waiters(), 2u);
    event.notify_all();
    log.world.run(kept.join());
    EXPECT_THAT(log.said, ElementsAre("first", "last"));
}

TEST(Shard, CallsAtTheInstantUnlessCancelled) {
    sleeper_log log;
    auto kept = log.home.call_at(log.begin + seconds{2},
                                 [&] { log.say(std::to_string(log.passed() / seconds{1})); });
    auto gone = log.home.call_at(log.begin + seconds{1}, [&] { log.say("cancelled"); });
    EXPECT_TRUE(log.home.cancel(gone));
    EXPECT_FALSE(log.home.cancel(gone)) << "a second time";
    log.world.run_for(seconds{10});
    EXPECT_THAT(log.said, ElementsAre("2"));
    EXPECT_FALSE(log.home.cancel(kept)) << "it ran already";
    EXPECT_EQ(log.home.timers(), 0u);
}

TEST(Shard, ACallMayPromiseTheNextAndCancelAnother) {
    sleeper_log log;
    auto later = log.home.call_at(log.begin + seconds{2}, [&] { log.say("later"); });
    log.home.call_at(log.begin + seconds{1}, [&] {
        log.say("first");
        EXPECT_TRUE(log.home.cancel(later));
        log.home.call_at(log.begin + seconds{3}, [&] { log.say("next"); });
    });
    log.world.run_for(seconds{10});
    EXPECT_THAT(log.said, ElementsAre("first", "next"));
}

TEST(DeadlineGuard, ActsAtTheDeadlineAndNotAfterItsDeath) {
    sleeper_log log;
    {
        const deadline_guard guard(log.home, log.begin + seconds{5}, [&] { log.say("early"); });
        log.world.run_for(seconds{4});
        EXPECT_FALSE(guard.expired());
    }
    log.world.run_for(seconds{10});
    EXPECT_THAT(log.said, IsEmpty());
    deadline_guard guard(log.home, log.home.now() + seconds{5}, [&] { log.say("expired"); });
    log.world.run_for(seconds{5});
    EXPECT_TRUE(guard.expired());
    guard.disarm(); // after the deed it means nothing
    EXPECT_THAT(log.said, ElementsAre("expired"));
}

TEST(DeadlineGuard, ADisarmedOneNeverActs) {
    sleeper_log log;
    deadline_guard guard(log.home, log.begin + seconds{5}, [&] { log.say("acted"); });
    guard.disarm();
    EXPECT_EQ(log.home.timers(), 0u);
    log.world.run_for(seconds{10});
    EXPECT_FALSE(guard.expired());
    EXPECT_THAT(log.said, IsEmpty());
}

// ---- the end of a world that was not joined: what ASan would see
// -------------------------------

task<> sleep_under_a_deadline(shard& home, std::shared_ptr<int> alive) {
    const deadline_guard guard(home, home.now() + hours{2}, [] {});
    co_await home.sleep_for(hours{1});
    *alive = 1;
}

TEST(ShardEnd, AParkedFrameDiesWithItsGuardWhileTheShardLives) {
    const auto alive = std::make_shared<int>(0);
    {
        virtual_world world(1, wall_time{});
        asio::co_spawn(world.home().get_executor(), sleep_under_a_deadline(world.home(), alive),
                       asio::detached);
        world.run_for(seconds{1});
        EXPECT_EQ(alive.use_count(), 2);
    }
    EXPECT_EQ(alive.use_count(), 1) << "the frame was destroyed";
    EXPECT_EQ(*alive, 0);
}

TEST(ShardEnd, AQueuedFrameDiesWithItsGuardWhileTheShardLives) {
    const auto alive = std::make_shared<int>(0);
    {
        virtual_world world(1, wall_time{});
        asio::co_spawn(world.home().get_executor(), sleep_under_a_deadline(world.home(), alive),
                       asio::detached);
        world.run_for(minutes{30});
        // Due, and so woken and queued in the io_context, but never run.
        world.clock().advance_to(world.clock().mono_now() + minutes{45});
        world.home().fire_due();
        EXPECT_EQ(alive.use_count(), 2);
    }
    EXPECT_EQ(alive.use_count(), 1);
    EXPECT_EQ(*alive, 0);
}

TEST(ShardEnd, AnEventOutlivesTheShardThatItsWaitersDiedWith) {
    asio::io_context context(1);
    const virtual_clock clock{wall_time{}};
    auto home = std::make_unique<shard>(context, clock, 1);
    auto event = std::make_unique<signal_event>(*home);
    asio::co_spawn(context.get_executor(), event->wait(), asio::detached);
    context.poll();
    EXPECT_EQ(event->waiters(), 1u);
    home.reset();
    EXPECT_EQ(event->waiters(), 0u);
    event.reset();
}

// A frame that waits on an old entry owns a guard that was made anew since: the guard's own entry
// is gone by the time that the frame dies.
TEST(ShardEnd, AGuardThatIsYoungerThanTheWaitOfItsOwner) {
    virtual_world world(1, wall_time{});
    struct connection {
        std::unique_ptr<deadline_guard> guard;
    };
    const auto hold = [](shard& home, std::shared_ptr<connection> owned) -> task<> {
        co_await home.sleep_for(hours{1});
        owned.reset();
    };
    std::weak_ptr<connection> seen;
    {
        auto owned = std::make_shared<connection>();
        seen = owned;
        asio::co_spawn(world.home().get_executor(), hold(world.home(), std::move(owned)),
                       asio::detached);
    }
    world.run_for(seconds{1});
    seen.lock()->guard =
        std::make_unique<deadline_guard>(world.home(), world.home().now() + hours{2}, [] {});
}

} // namespace
