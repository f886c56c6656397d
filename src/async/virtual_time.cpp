#include "rollcall/async/virtual_time.hpp"

#include <boost/asio/co_spawn.hpp>

#include "rollcall/core/check.hpp"

namespace rollcall {

void virtual_clock::advance_to(mono_time t) {
    ROLLCALL_CHECK(t >= mono_);
    wall_ += t - mono_;
    mono_ = t;
}

virtual_world::virtual_world(std::uint64_t seed, wall_time start)
    : context_(std::make_unique<asio::io_context>(1)),
      clock_(start),
      random_(seed),
      shard_(*context_, clock_, random_.next()) {}

virtual_world::~virtual_world() {
    // Frames that a test left suspended are parked in the shard or queued in the io_context. What
    // they own refers to both, so that both are alive while either kind dies.
    shard_.abandon();
    context_.reset();
}

std::uint64_t virtual_world::now_ticks() const noexcept {
    return static_cast<std::uint64_t>(clock_.mono_now().time_since_epoch().count());
}

void virtual_world::settle() {
    context_->restart();
    while (context_->poll() != 0) {
        if (after_turn_) after_turn_();
        context_->restart();
    }
}

void virtual_world::run_until(mono_time until) {
    run_while([] { return true; }, until);
    if (clock_.mono_now() < until) clock_.advance_to(until);
}

bool virtual_world::run_while(const std::function<bool()>& pending, mono_time limit) {
    for (;;) {
        settle();
        if (!pending()) return true;
        const auto next = shard_.next_deadline();
        if (!next || *next > limit) return false;
        if (*next > clock_.mono_now()) clock_.advance_to(*next);
        shard_.fire_due();
    }
}

void virtual_world::run(task<> work, nanoseconds limit) {
    bool done = false;
    std::exception_ptr error;
    asio::co_spawn(context_->get_executor(), std::move(work), [&](std::exception_ptr e) {
        done = true;
        error = e;
    });
    ROLLCALL_CHECK(run_while([&] { return !done; }, clock_.mono_now() + limit));
    if (error) std::rethrow_exception(error);
}

bool virtual_worker::submit(std::function<void()> job) {
    const auto span = static_cast<std::uint64_t>((latency_max_ - latency_min_).count());
    auto due = shard_.now() + latency_min_ +
               nanoseconds{static_cast<std::int64_t>(shard_.random().below(span + 1))};
    // One thread would keep the order of submission.
    due = std::max(due, last_);
    last_ = due;
    shard_.call_at(due, std::move(job));
    return true;
}

} // namespace rollcall
