// The virtual-time driver: the clock jumps, nothing is early, and a seed repeats itself.
#include "rollcall/async/virtual_time.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>

#include "rollcall/async/task_group.hpp"

namespace {

using namespace rollcall;

TEST(VirtualWorld, YearsPassAtOnceAndTheWallClockGoesWithThem) {
    const wall_time start{seconds{1'800'000'000}};
    virtual_world world(1, start);
    const auto begin = world.home().now();
    world.run(world.home().sleep_for(hours{24 * 360}));
    EXPECT_EQ(world.home().now() - begin, hours{24 * 360});
    EXPECT_EQ(world.home().wall_now() - start, hours{24 * 360});
}

TEST(VirtualWorld, T3AStepOfTheWallClockMovesNoDeadline) {
    virtual_world world(1, wall_time{seconds{1'800'000'000}});
    const auto begin = world.home().now();
    bool called = false;
    world.home().call_at(begin + hours{1}, [&] { called = true; });
    world.clock().step_wall(hours{48});
    world.run_until(begin + hours{1} - milliseconds{1});
    EXPECT_FALSE(called);
    world.run_until(begin + hours{1});
    EXPECT_TRUE(called);
}

TEST(VirtualWorld, RunUntilIncludesItsInstantAndLeavesTheClockThere) {
    virtual_world world(1, wall_time{});
    const auto begin = world.home().now();
    int called = 0;
    world.home().call_at(begin + seconds{10}, [&] { ++called; });
    world.home().call_at(begin + seconds{11}, [&] { ++called; });
    world.run_until(begin + seconds{10});
    EXPECT_EQ(called, 1);
    world.run_until(begin + seconds{10} + milliseconds{1});
    EXPECT_EQ(world.home().now() - begin, seconds{10} + milliseconds{1});
    EXPECT_EQ(called, 1);
}

TEST(VirtualWorld, RunWhileEndsAtTheConditionTheLimitOrWhenNothingIsLeft) {
    virtual_world world(1, wall_time{});
    const auto begin = world.home().now();
    bool reached = false;
    world.home().call_at(begin + seconds{5}, [&] { reached = true; });
    EXPECT_FALSE(world.run_while([&] { return !reached; }, begin + seconds{4}));
    EXPECT_TRUE(world.run_while([&] { return !reached; }, begin + seconds{6}));
    EXPECT_EQ(world.home().now() - begin, seconds{5});
    EXPECT_FALSE(world.run_while([] { return true; }, begin + hours{1}));
}

TEST(VirtualWorld, RunPassesValuesAndExceptionsOn) {
    virtual_world world(1, wall_time{});
    const auto value = world.run([](shard& home) -> task<std::string> {
        co_await home.sleep_for(seconds{1});
        co_return "value";
    }(world.home()));
    EXPECT_EQ(value, "value");
    const auto fail = [](shard& home) -> task<> {
        co_await home.yield();
        throw std::runtime_error("out");
    };
    EXPECT_THROW(world.run(fail(world.home())), std::runtime_error);
}

TEST(VirtualWorld, TheInvariantIsCheckedAfterEachTurn) {
    virtual_world world(1, wall_time{});
    int balance = 0;
    int checked = 0;
    world.after_each_turn([&] {
        ++checked;
        EXPECT_EQ(balance, 0) << "seen within a turn";
    });
    const auto move = [](shard& home, int& in) -> task<> {
        for (int i = 0; i < 10; ++i) {
            ++in;
            --in;
            co_await home.sleep_for(seconds{1});
        }
    };
    world.run(move(world.home(), balance));
    EXPECT_GE(checked, 10);
}

// Some hundred coroutines that sleep, wake each other and draw numbers.
std::uint64_t trace_of(std::uint64_t seed) {
    virtual_world world(seed, wall_time{seconds{1'800'000'000}});
    signal_event event(world.home());
    virtual_worker worker(world.home(), microseconds{10}, milliseconds{9});
    task_group group(world.home());
    const auto walk = [](virtual_world& w, signal_event& e, virtual_worker& where,
                         int who) -> task<> {
        auto& random = w.home().random();
        for (int i = 0; i < 30; ++i) {
            w.trace(std::to_string(who));
            switch (random.below(4)) {
                case 0: co_await w.home().sleep_for(milliseconds{random.between(0, 5000)}); break;
                case 1: co_await w.home().yield(); break;
                case 2: (void)co_await run_on(where, w.home(), [who] { return who; }); break;
                default:
                    e.notify_all();
                    co_await e.wait_until(w.home().now() + milliseconds{random.between(1, 900)});
            }
        }
    };
    for (int who = 0; who < 100; ++who) group.spawn(walk(world, event, worker, who));
    world.run(group.join());
    return world.trace_hash();
}

TEST(VirtualWorld, TheSameSeedLeavesTheSameTraceAndAnotherSeedAnother) {
    std::set<std::uint64_t> traces;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const auto trace = trace_of(seed);
        EXPECT_EQ(trace, trace_of(seed)) << "seed " << seed;
        traces.insert(trace);
    }
    EXPECT_EQ(traces.size(), 10u);
}

} // namespace
