// Where blocking work goes: disk, name look-ups. A shard thread never waits for either.
//
// `worker` is a port. blocking_thread is the real one; the simulation uses one that runs the job in
// line, so that a run is repeatable.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "rollcall/async/shard.hpp"
#include "rollcall/async/task.hpp"
#include "rollcall/core/error.hpp"

namespace rollcall {

class worker {
  public:
    virtual ~worker() = default;
    // Runs `job` once, off the shard. False: the queue is at its limit and the job was not taken.
    // The job must not throw.
    [[nodiscard]] virtual bool submit(std::function<void()> job) = 0;
};

class blocking_thread final : public worker {
  public:
    // `queue_max` jobs may wait. The name is what `top -H` and a debugger show (15 characters).
    blocking_thread(std::string name, std::size_t queue_max);
    // Runs what is queued, then joins the thread.
    ~blocking_thread() override;
    [[nodiscard]] bool submit(std::function<void()> job) override;
    [[nodiscard]] std::size_t queued() const;

  private:
    void run();
    const std::size_t queue_max_;
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<std::function<void()>> queue_; // guarded by mutex_
    bool stopping_ = false;                   // guarded by mutex_
    std::thread thread_;
};

// Awaits `function()` on the worker and resumes on the shard with its value; errc::busy if the
// worker's queue is full. Cancellation has no effect: the work is waited for, because it has begun
// to act. `function` must not refer to anything that may die before it ran.
template <class Function>
[[nodiscard]] task<result<std::invoke_result_t<Function>>> run_on(worker& where, shard& back,
                                                                  Function function) {
    using value = std::invoke_result_t<Function>;
    struct shared {
        Function function;
        std::optional<value> out;
        bool refused = false;
    };
    auto state = std::make_shared<shared>(shared{std::move(function), std::nullopt, false});
    co_await asio::async_initiate<const asio::use_awaitable_t<executor>&, void()>(
        [&where, &back, &state](auto handler) {
            auto resume = std::make_shared<decltype(handler)>(std::move(handler));
            auto ex = back.get_executor();
            auto guard = std::make_shared<asio::executor_work_guard<executor>>(ex);
            auto done = [ex, resume, guard] {
                asio::post(ex, [resume, guard] { std::move (*resume)(); });
            };
            const bool taken = where.submit([state, done] {
                state->out.emplace(state->function());
                done();
            });
            if (!taken) {
                state->refused = true;
                done();
            }
        },
        use_task);
    if (state->refused) co_return errc::busy;
    co_return std::move(*state->out);
}

} // namespace rollcall
