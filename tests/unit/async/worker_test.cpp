// Blocking work: run_on's promises over any worker, and the real thread. Also run under TSan.
#include "rollcall/async/worker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <latch>
#include <vector>

#include "rollcall/async/task_group.hpp"
#include "rollcall/async/virtual_time.hpp"

namespace {

using namespace rollcall;

class full_worker final : public worker {
  public:
    [[nodiscard]] bool submit(std::function<void()>) override { return false; }
};

// A shard on real time; blocking threads end before it.
struct real_shard {
    asio::io_context context{1};
    system_time time;
    shard home{context, time, 1};
    real_timer_driver driver{home};
};

TEST(RunOn, GivesTheValueOfTheFunction) {
    virtual_world world(1, wall_time{});
    virtual_worker disk(world.home(), milliseconds{5}, milliseconds{5});
    const auto begin = world.home().now();
    const auto got = world.run(run_on(disk, world.home(), [] { return 42; }));
    ASSERT_TRUE(got);
    EXPECT_EQ(*got, 42);
    EXPECT_EQ(world.home().now() - begin, milliseconds{5});
}

TEST(RunOn, SaysBusyWhereTheQueueIsFull) {
    virtual_world world(1, wall_time{});
    full_worker disk;
    bool ran = false;
    const auto got = world.run(run_on(disk, world.home(), [&] { return ran = true; }));
    ASSERT_FALSE(got);
    EXPECT_EQ(errc_of(got.error()), errc::busy);
    EXPECT_FALSE(ran);
}

TEST(RunOn, ACancellationWaitsForTheWorkThatHasBegun) {
    virtual_world world(1, wall_time{});
    virtual_worker disk(world.home(), seconds{5}, seconds{5});
    task_group group(world.home());
    int ran = 0;
    int went_on = 0;
    group.spawn([](virtual_world& w, worker& where, int& did, int& on) -> task<> {
        const auto got = co_await run_on(where, w.home(), [&did] { return ++did; });
        on = *got;
    }(world, disk, ran, went_on));
    world.run_for(seconds{1});
    group.cancel();
    world.run(group.join());
    EXPECT_EQ(ran, 1);
    EXPECT_EQ(went_on, 1) << "the caller hears what was done";
}

TEST(VirtualWorker, KeepsTheOrderOfSubmissionWhateverTheLatencies) {
    virtual_world world(7, wall_time{});
    virtual_worker disk(world.home(), microseconds{1}, seconds{10});
    std::vector<int> order;
    std::vector<int> expected;
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(disk.submit([&order, i] { order.push_back(i); }));
        expected.push_back(i);
    }
    world.run_for(hours{1});
    EXPECT_EQ(order, expected);
}

TEST(BlockingThread, RunsTheJobsOnAnotherThreadInTheOrderOfSubmission) {
    std::vector<int> order;
    std::vector<int> expected;
    std::atomic<bool> same_thread{false};
    {
        blocking_thread thread("test-worker-with-a-long-name", 1000);
        for (int i = 0; i < 1000; ++i) {
            ASSERT_TRUE(thread.submit([&, i, caller = std::this_thread::get_id()] {
                same_thread = same_thread || caller == std::this_thread::get_id();
                order.push_back(i);
            }));
            expected.push_back(i);
        }
    } // its destructor runs what is queued
    EXPECT_EQ(order, expected);
    EXPECT_FALSE(same_thread);
}

TEST(BlockingThread, RefusesWhatIsBeyondItsQueueAndTakesMoreOnceThereIsRoom) {
    std::latch begun(1);
    std::latch go_on(1);
    std::latch empty(1);
    std::atomic<int> ran{0};
    {
        blocking_thread thread("test-worker", 2);
        ASSERT_TRUE(thread.submit([&] {
            begun.count_down();
            go_on.wait();
        }));
        begun.wait(); // the first job is out of the queue from here on
        EXPECT_TRUE(thread.submit([&] { ++ran; }));
        EXPECT_TRUE(thread.submit([&] {
            ++ran;
            empty.count_down();
        }));
        EXPECT_EQ(thread.queued(), 2u);
        EXPECT_FALSE(thread.submit([&] { ran += 100; }));
        go_on.count_down();
        empty.wait();
        EXPECT_TRUE(thread.submit([&] { ++ran; }));
    }
    EXPECT_EQ(ran, 3);
}

// What the coroutines of the next test share; touched on the shard only, which TSan would object to
// otherwise. The thread is held until the first refusal, so that there is one.
struct crowd {
    real_shard real;
    std::latch go_on{1};
    std::uint64_t sum = 0;
    std::uint64_t refused = 0;
};

task<> add_twice(crowd& c, worker& where, std::uint64_t n) {
    for (;;) {
        const auto got = co_await run_on(where, c.real.home, [n] { return n * 2; });
        if (got) {
            c.sum += *got;
            co_return;
        }
        if (++c.refused == 1) c.go_on.count_down();
        co_await c.real.home.yield();
    }
}

TEST(BlockingThread, RunOnResumesOnTheShardWithManyInFlight) {
    crowd c;
    blocking_thread thread("test-worker", 64);
    ASSERT_TRUE(thread.submit([&c] { c.go_on.wait(); }));
    task_group group(c.real.home);
    for (std::uint64_t i = 1; i <= 500; ++i) group.spawn(add_twice(c, thread, i));
    asio::co_spawn(
        c.real.context.get_executor(),
        [](task_group& all, real_timer_driver& driver) -> task<> {
            co_await all.join();
            driver.stop();
        }(group, c.real.driver),
        asio::detached);
    c.real.context.run();
    EXPECT_EQ(c.sum, 500u * 501u);
    EXPECT_GT(c.refused, 0u) << "the queue of 64 has refused some of 500";
}

TEST(RealTimerDriver, FiresTheWheelInOrderAndLetsTheLoopEnd) {
    real_shard real;
    std::vector<int> order;
    real.home.call_at(real.home.now() + milliseconds{6}, [&] {
        order.push_back(2);
        real.driver.stop();
    });
    real.home.call_at(real.home.now() + milliseconds{2}, [&] { order.push_back(1); });
    real.context.run();
    EXPECT_THAT(order, testing::ElementsAre(1, 2));
}

} // namespace
