#include "rollcall/http/memory_stream.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "rollcall/async/task_group.hpp"
#include "rollcall/async/virtual_time.hpp"

namespace rollcall::http {
namespace {

struct outcome {
    bool done = false;
    error_code error;
    std::string bytes;
    std::size_t count = 0;
    mono_time at{};
};

class MemoryStream : public testing::Test {
  protected:
    virtual_world world{3, wall_time{}};
    std::unique_ptr<memory_stream> left;
    std::unique_ptr<memory_stream> right;
    task_group group{world.home()};

    void connect(pipe_options options = {}) {
        std::tie(left, right) = make_pipe(world.home(), options);
    }
    void TearDown() override {
        group.cancel();
        world.run(group.join());
        left.reset();
        right.reset();
        EXPECT_EQ(world.home().timers(), 0u);
    }
    void read(memory_stream& from, outcome& into) { group.spawn(do_read(from, into)); }
    void write(memory_stream& to, std::string text, outcome& into) {
        group.spawn(do_write(to, std::move(text), into));
    }
    outcome read_now(memory_stream& from) {
        outcome out;
        world.run(do_read(from, out));
        return out;
    }
    outcome write_now(memory_stream& to, std::string text) {
        outcome out;
        world.run(do_write(to, std::move(text), out));
        return out;
    }
    task<> do_read(memory_stream& from, outcome& into) {
        std::array<char, 100> buffer;
        const auto [error, count] = co_await from.async_read_some(asio::buffer(buffer), use_tuple);
        into = {true, error, std::string(buffer.data(), count), count, world.home().now()};
    }
    task<> do_write(memory_stream& to, std::string text, outcome& into) {
        const auto [error, count] = co_await to.async_write_some(asio::buffer(text), use_tuple);
        into = {true, error, "", count, world.home().now()};
    }
};

TEST_F(MemoryStream, CarriesBytesBothWaysInOrder) {
    connect();
    EXPECT_EQ(write_now(*left, "one").count, 3u);
    EXPECT_EQ(write_now(*left, " two").count, 4u);
    EXPECT_EQ(write_now(*right, "back").count, 4u);
    EXPECT_EQ(read_now(*right).bytes, "one two");
    EXPECT_EQ(read_now(*left).bytes, "back");
}

TEST_F(MemoryStream, TakesItsLatencyForBytesAndForTheEnd) {
    connect({.latency = milliseconds{40}});
    const auto start = world.home().now();
    outcome first;
    read(*right, first);
    EXPECT_EQ(write_now(*left, "x").at, start);
    left->close();
    world.run_for(milliseconds{39});
    EXPECT_FALSE(first.done);
    world.run_for(milliseconds{2});
    EXPECT_EQ(first.bytes, "x");
    EXPECT_GE(first.at, start + milliseconds{40});
    EXPECT_EQ(read_now(*right).error, asio::error::eof);
}

TEST_F(MemoryStream, CutsReadsIntoSlices) {
    connect({.read_bytes_max = 2});
    write_now(*left, "abcde");
    EXPECT_EQ(read_now(*right).bytes, "ab");
    EXPECT_EQ(read_now(*right).bytes, "cd");
    EXPECT_EQ(read_now(*right).bytes, "e");
}

TEST_F(MemoryStream, MakesAWriterWaitForItsReader) {
    connect({.buffer_bytes = 4});
    EXPECT_EQ(write_now(*left, "abcdef").count, 4u);
    outcome second;
    write(*left, "ef", second);
    world.run_for(hours{1});
    EXPECT_FALSE(second.done);
    EXPECT_EQ(read_now(*right).bytes, "abcd");
    world.run_for(milliseconds{1});
    EXPECT_EQ(second.count, 2u);
}

TEST_F(MemoryStream, ClosingEndsWhatBothSidesWaitFor) {
    connect();
    outcome near;
    outcome far;
    read(*left, near);
    read(*right, far);
    world.run_for(milliseconds{1});
    left->close();
    left->close();
    world.run_for(milliseconds{1});
    EXPECT_EQ(near.error, asio::error::operation_aborted);
    EXPECT_EQ(far.error, asio::error::eof);
    EXPECT_EQ(write_now(*right, "x").error, asio::error::broken_pipe);
    EXPECT_EQ(read_now(*left).error, asio::error::bad_descriptor);
}

TEST_F(MemoryStream, AbortingLosesWhatIsUnderWay) {
    connect({.latency = milliseconds{40}});
    write_now(*left, "lost");
    left->abort();
    EXPECT_EQ(read_now(*right).error, asio::error::connection_reset);
    EXPECT_EQ(write_now(*right, "x").error, asio::error::connection_reset);
}

TEST_F(MemoryStream, CancelsOneOperationAndGoesOn) {
    connect();
    asio::cancellation_signal stop;
    error_code seen;
    std::array<char, 10> buffer;
    right->async_read_some(
        asio::buffer(buffer),
        asio::bind_cancellation_slot(stop.slot(), [&](error_code e, std::size_t) { seen = e; }));
    stop.emit(asio::cancellation_type::terminal);
    world.run_for(milliseconds{1});
    EXPECT_EQ(seen, asio::error::operation_aborted);
    stop.emit(asio::cancellation_type::terminal); // to nobody
    write_now(*left, "still here");
    EXPECT_EQ(read_now(*right).bytes, "still here");
}

} // namespace
} // namespace rollcall::http
