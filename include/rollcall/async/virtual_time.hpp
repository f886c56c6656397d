// The virtual-time driver: runs a whole program of shards on a clock that jumps.
//
// A run is: poll the io_context until nothing is ready, then set the clock to the wheel's next
// deadline and fire it. Two runs with one seed do the same things in the same order; trace() folds
// what happened into a hash, and tests assert it by running each seed twice.
#pragma once
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "rollcall/async/shard.hpp"
#include "rollcall/async/worker.hpp"
#include "rollcall/core/hash.hpp"

namespace rollcall {

class virtual_clock final : public time_source {
  public:
    explicit virtual_clock(wall_time start) : wall_(start) {}
    [[nodiscard]] mono_time mono_now() const noexcept override { return mono_; }
    [[nodiscard]] wall_time wall_now() const noexcept override { return wall_; }
    void advance_to(mono_time t);
    // The wall clock is set by hand: the monotonic one does not move (T-3).
    void step_wall(nanoseconds by) { wall_ += by; }

  private:
    mono_time mono_{hours{1}};
    wall_time wall_;
};

class virtual_world {
  public:
    virtual_world(std::uint64_t seed, wall_time start);
    ~virtual_world();

    [[nodiscard]] shard& home() noexcept { return shard_; }
    [[nodiscard]] virtual_clock& clock() noexcept { return clock_; }
    [[nodiscard]] random_source& random() noexcept { return random_; }

    // Runs everything up to and including `until`, and leaves the clock there.
    void run_until(mono_time until);
    void run_for(nanoseconds duration) { run_until(clock_.mono_now() + duration); }
    // Runs until `done()` holds after a turn; false if `limit` came first or nothing is left to do.
    bool run_while(const std::function<bool()>& pending, mono_time limit);
    // Runs one coroutine to its end and gives its value; for tests. Fails the check at `limit`.
    template <class T>
    T run(task<T> work, nanoseconds limit = hours{24 * 365});
    void run(task<> work, nanoseconds limit = hours{24 * 365});

    // Called after each turn of the loop: the place for invariants.
    void after_each_turn(std::function<void()> check) { after_turn_ = std::move(check); }

    void trace(std::string_view what) { trace_ = hash64(what, trace_ ^ now_ticks()); }
    [[nodiscard]] std::uint64_t trace_hash() const noexcept { return trace_; }

  private:
    [[nodiscard]] std::uint64_t now_ticks() const noexcept;
    void settle();

    std::unique_ptr<asio::io_context> context_; // dies before the shard, see the destructor
    virtual_clock clock_;
    random_source random_;
    shard shard_;
    std::function<void()> after_turn_;
    std::uint64_t trace_ = 0;
};

// A worker without a thread: the job runs in a later turn of the shard, after a latency drawn from
// the seed, so that other work comes between as it would with a real thread.
class virtual_worker final : public worker {
  public:
    virtual_worker(shard& owner, nanoseconds latency_min, nanoseconds latency_max)
        : shard_(owner), latency_min_(latency_min), latency_max_(latency_max) {}
    [[nodiscard]] bool submit(std::function<void()> job) override;

  private:
    shard& shard_;
    nanoseconds latency_min_;
    nanoseconds latency_max_;
    mono_time last_{};
};

template <class T>
T virtual_world::run(task<T> work, nanoseconds limit) {
    std::optional<T> out;
    run(
        [](task<T> inner, std::optional<T>& slot) -> task<> {
            slot.emplace(co_await std::move(inner));
        }(std::move(work), out),
        limit);
    return std::move(*out);
}

} // namespace rollcall
