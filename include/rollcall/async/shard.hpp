// A shard: one thread, one io_context, one timer wheel, one random source. Nothing in it is locked.
//
// All waiting of the program is an entry of the wheel. The io_context only ever has one real timer,
// armed by the shard's driver for the wheel's next deadline; with the virtual-time driver there is
// none, and the world jumps the clock instead (async/virtual_time.hpp).
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "rollcall/async/task.hpp"
#include "rollcall/core/random.hpp"
#include "rollcall/core/time.hpp"
#include "rollcall/core/timer_wheel.hpp"

namespace rollcall {

// How a coroutine that parked itself was woken.
enum class wake { deadline, notified };

namespace detail {

// What a wheel entry's payload points to. The shard owns it until it fires or is cancelled.
struct wheel_entry {
    virtual ~wheel_entry() = default;
    virtual void fire() = 0; // the shard has let go of it: it deletes itself or hands itself on
    wheel_entry* previous = nullptr;
    wheel_entry* next = nullptr;
};
struct parked;

} // namespace detail

// A call that shard::call_at has promised.
struct pending_call {
    timer_id id;
    detail::wheel_entry* entry = nullptr;
};

class shard {
  public:
    // Called with the new earliest deadline each time that it moves forward in time order.
    using arm_function = std::function<void(mono_time)>;

    // The references must outlive the shard; `seed` feeds random().
    shard(asio::io_context& context, const time_source& time, std::uint64_t seed);
    ~shard();
    shard(const shard&) = delete;
    shard& operator=(const shard&) = delete;

    [[nodiscard]] asio::io_context& context() noexcept { return context_; }
    [[nodiscard]] executor get_executor() noexcept { return context_.get_executor(); }
    [[nodiscard]] mono_time now() const noexcept { return time_.mono_now(); }
    [[nodiscard]] wall_time wall_now() const noexcept { return time_.wall_now(); }
    [[nodiscard]] const time_source& time() const noexcept { return time_; }
    [[nodiscard]] random_source& random() noexcept { return random_; }

    // Suspends until `deadline`; always suspends at least once. Cancellation unwinds and leaves
    // nothing.
    [[nodiscard]] task<> sleep_until(mono_time deadline);
    [[nodiscard]] task<> sleep_for(nanoseconds duration) { return sleep_until(now() + duration); }

    // Lets everything else that is ready run first. Long work calls it between slices, so that a
    // look-up never waits for more than one slice.
    [[nodiscard]] task<> yield();

    // Calls `action` on the shard's thread once `deadline` has passed. The action must not throw.
    pending_call call_at(mono_time deadline, std::function<void()> action);
    // False if it ran already or was cancelled before; `call` is empty afterwards.
    bool cancel(pending_call& call) noexcept;

    // Destroys all that is parked or promised, and with it the frames that wait: the end of a world
    // that was not joined. The io_context must be alive still; nothing may be scheduled afterwards.
    void abandon() noexcept;

    // ---- for the driver ----
    void set_driver(arm_function arm) { arm_ = std::move(arm); }
    [[nodiscard]] std::optional<mono_time> next_deadline() const { return wheel_.next_deadline(); }
    // Runs what is due. Called on the shard's thread only.
    void fire_due();
    [[nodiscard]] std::size_t timers() const noexcept { return wheel_.size(); }

  private:
    friend struct detail::parked;
    timer_id schedule(mono_time deadline, detail::wheel_entry& entry);
    void link(detail::wheel_entry& entry) noexcept;
    void unlink(detail::wheel_entry& entry) noexcept;
    void arm();

    asio::io_context& context_;
    const time_source& time_;
    random_source random_;
    timer_wheel wheel_;
    arm_function arm_;
    std::optional<mono_time> armed_;
    bool firing_ = false;
    bool abandoned_ = false;
    detail::wheel_entry* entries_ = nullptr; // all that the wheel or an event refers to
};

// Parks coroutines until someone calls notify. Belongs to one shard; the waiters must be gone
// (woken or cancelled) before it dies.
class signal_event {
  public:
    explicit signal_event(shard& owner) : shard_(owner) {}
    ~signal_event();
    signal_event(const signal_event&) = delete;
    signal_event& operator=(const signal_event&) = delete;

    // Suspends until the next notify_all. There is no memory: a notify without waiters is lost, so
    // test the condition before waiting, without a suspension between.
    [[nodiscard]] task<> wait();
    // The same with a deadline; says which of the two woke it.
    [[nodiscard]] task<wake> wait_until(mono_time deadline);
    // Waiters run after the caller returns to the loop, in the order in which they began to wait.
    void notify_all();
    [[nodiscard]] std::size_t waiters() const noexcept;

  private:
    friend struct detail::parked;
    detail::parked* first_ = nullptr;
    detail::parked* last_ = nullptr;
    shard& shard_;
};

// Runs an action if it is still alive at the deadline. The usual action closes a stream, whose
// pending operation then fails: one deadline covers any number of operations without a coroutine of
// its own.
class deadline_guard {
  public:
    deadline_guard(shard& owner, mono_time deadline, std::function<void()> action);
    ~deadline_guard() { disarm(); }
    deadline_guard(const deadline_guard&) = delete;
    deadline_guard& operator=(const deadline_guard&) = delete;

    void disarm() noexcept;
    [[nodiscard]] bool expired() const noexcept { return expired_; }

  private:
    shard& shard_;
    std::function<void()> action_;
    pending_call call_;
    bool expired_ = false;
};

// Drives a shard with one timer of its io_context.
class real_timer_driver {
  public:
    explicit real_timer_driver(shard& driven);
    ~real_timer_driver();
    real_timer_driver(const real_timer_driver&) = delete;
    real_timer_driver& operator=(const real_timer_driver&) = delete;
    // No timer is armed after this; the io_context can then run out of work.
    void stop();

  private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace rollcall
