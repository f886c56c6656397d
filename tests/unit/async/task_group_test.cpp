// The owner of coroutines: joining, cancelling, and what becomes of exceptions.
#include "rollcall/async/task_group.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "rollcall/async/virtual_time.hpp"

namespace {

using namespace rollcall;

struct fixture {
    virtual_world world{1, wall_time{}};
    shard& home = world.home();
    task_group group{home};
    mono_time begin = home.now();
    int ended = 0;
    int unwound = 0;
};

// Counts how it ended: by itself, or by being unwound.
task<> sleep_for(fixture& f, nanoseconds how_long) {
    struct counter {
        fixture& f;
        bool by_itself = false;
        ~counter() { ++(by_itself ? f.ended : f.unwound); }
    } count{f};
    co_await f.home.sleep_for(how_long);
    count.by_itself = true;
}

task<> fail_after(shard& home, nanoseconds how_long, std::string why) {
    co_await home.sleep_for(how_long);
    throw std::runtime_error(why);
}

TEST(TaskGroup, JoinWaitsForTheLastChild) {
    fixture f;
    for (int i = 1; i <= 100; ++i) f.group.spawn(sleep_for(f, seconds{i}));
    EXPECT_EQ(f.group.size(), 100u);
    f.world.run(f.group.join());
    EXPECT_EQ(f.home.now() - f.begin, seconds{100});
    EXPECT_EQ(f.ended, 100);
    EXPECT_EQ(f.group.size(), 0u);
}

TEST(TaskGroup, JoiningAnEmptyGroupReturns) {
    fixture f;
    f.world.run(f.group.join());
    EXPECT_EQ(f.home.now(), f.begin);
}

TEST(TaskGroup, AChildMayBeSpawnedWhileSomebodyJoins) {
    fixture f;
    f.group.spawn([](fixture& in) -> task<> {
        co_await in.home.sleep_for(seconds{1});
        in.group.spawn(sleep_for(in, seconds{5}));
    }(f));
    f.world.run(f.group.join());
    EXPECT_EQ(f.home.now() - f.begin, seconds{6});
    EXPECT_EQ(f.ended, 1);
}

TEST(TaskGroup, CancelUnwindsEveryChildAndDropsWhatIsSpawnedLater) {
    fixture f;
    for (int i = 0; i < 100; ++i) f.group.spawn(sleep_for(f, hours{1}));
    f.world.run_for(seconds{1});
    f.group.cancel();
    f.group.spawn(sleep_for(f, seconds{1}));
    EXPECT_TRUE(f.group.cancelled());
    f.world.run(f.group.join());
    EXPECT_EQ(f.unwound, 100);
    EXPECT_EQ(f.ended, 0);
    EXPECT_EQ(f.home.now() - f.begin, seconds{1});
    EXPECT_EQ(f.home.timers(), 0u);
}

TEST(TaskGroup, AChildMayCancelItsOwnGroup) {
    fixture f;
    f.group.spawn(sleep_for(f, hours{1}));
    f.group.spawn([](fixture& in) -> task<> {
        co_await in.home.sleep_for(seconds{1});
        in.group.cancel();
    }(f));
    f.world.run(f.group.join());
    EXPECT_EQ(f.unwound, 1);
    EXPECT_EQ(f.home.now() - f.begin, seconds{1});
}

// The wheel is fired outside the loop, where a signal may not touch a child at once.
TEST(TaskGroup, ACancelFromOutsideTheLoopMayComeAtTheInstantWhenAChildEnds) {
    fixture f;
    f.group.spawn(sleep_for(f, seconds{1}));
    f.group.spawn(sleep_for(f, hours{1}));
    f.home.call_at(f.begin + seconds{1}, [&] { f.group.cancel(); });
    f.world.run(f.group.join());
    EXPECT_EQ(f.ended + f.unwound, 2);
    EXPECT_EQ(f.home.now() - f.begin, seconds{1});
}

TEST(TaskGroup, TheFirstExceptionCancelsTheSiblingsAndIsThrownByJoin) {
    fixture f;
    f.group.spawn(sleep_for(f, hours{1}));
    f.group.spawn(fail_after(f.home, seconds{2}, "second"));
    f.group.spawn(fail_after(f.home, seconds{1}, "first"));
    try {
        f.world.run(f.group.join());
        FAIL() << "join has thrown nothing";
    } catch (const std::runtime_error& e) {
        EXPECT_STREQ(e.what(), "first");
    }
    EXPECT_EQ(f.unwound, 1);
    EXPECT_EQ(f.home.now() - f.begin, seconds{1});
    EXPECT_NO_THROW(f.world.run(f.group.join())) << "it is told once";
}

TEST(TaskGroup, JoinIsNotCancelledAndPassesTheCancellationOnAfterwards) {
    fixture f;
    task_group outer(f.home);
    f.group.spawn(sleep_for(f, seconds{10}));
    bool joined = false;
    bool went_on = false;
    outer.spawn([](fixture& in, bool& was_joined, bool& was_on) -> task<> {
        co_await in.group.join();
        was_joined = true;
        co_await in.home.sleep_for(hours{1});
        was_on = true;
    }(f, joined, went_on));
    f.world.run_for(seconds{1});
    outer.cancel();
    f.world.run(outer.join());
    EXPECT_TRUE(joined);
    EXPECT_FALSE(went_on) << "the cancellation is not forgotten";
    EXPECT_EQ(f.ended, 1);
    EXPECT_EQ(f.home.now() - f.begin, seconds{10});
}

TEST(TaskGroupDeathTest, AGroupThatIsNotJoinedIsABug) {
    EXPECT_DEATH(
        {
            virtual_world world(1, wall_time{});
            task_group group(world.home());
            group.spawn(world.home().sleep_for(hours{1}));
        },
        "");
}

} // namespace
