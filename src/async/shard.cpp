#include "rollcall/async/shard.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "rollcall/core/check.hpp"

namespace rollcall {
namespace detail {

using wake_handler = asio::any_completion_handler<void(error_code, wake)>;

// A suspended coroutine. It is in the wheel if it has a deadline, in an event's list if it waits
// for one, and in the shard's list always. Whatever wakes it first takes it out of all three.
struct parked final : wheel_entry {
    parked(shard& in, wake_handler resume) : owner(in), handler(std::move(resume)) {}

    // Dies with its shard if nobody woke it; the event may live longer.
    ~parked() override { leave(); }

    static void begin(shard& owner, signal_event* event, std::optional<mono_time> deadline,
                      wake_handler handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto* self = new parked(owner, std::move(handler));
        owner.link(*self);
        if (event != nullptr) self->join(*event);
        if (deadline) self->timer = owner.schedule(*deadline, *self);
        if (slot.is_connected()) {
            self->slot = slot;
            slot.assign([self](asio::cancellation_type) {
                self->finish(asio::error::operation_aborted, wake::notified);
            });
        }
    }

    void fire() override {
        timer = {};
        finish({}, wake::deadline);
    }

    void join(signal_event& event) noexcept {
        list = &event;
        before = event.last_;
        (event.last_ != nullptr ? event.last_->after : event.first_) = this;
        event.last_ = this;
    }

    void leave() noexcept {
        if (list == nullptr) return;
        (before != nullptr ? before->after : list->first_) = after;
        (after != nullptr ? after->before : list->last_) = before;
        list = nullptr;
    }

    // Always posts: the waker's own work is finished before the coroutine runs.
    void finish(error_code error, wake how) {
        std::unique_ptr<parked> self(this);
        leave();
        owner.unlink(*this);
        if (timer != timer_id{}) owner.wheel_.cancel(timer);
        auto resume = std::move(handler);
        auto ex = owner.get_executor();
        // Last, because it may destroy the function object that called us.
        auto connected = std::exchange(slot, {});
        self.reset();
        if (connected.is_connected()) connected.clear();
        asio::post(ex, asio::append(std::move(resume), error, how));
    }

    shard& owner;
    wake_handler handler;
    timer_id timer{};
    asio::cancellation_slot slot;
    signal_event* list = nullptr;
    parked* before = nullptr;
    parked* after = nullptr;
};

namespace {

struct action final : wheel_entry {
    explicit action(std::function<void()> f) : function(std::move(f)) {}
    void fire() override {
        const std::unique_ptr<action> self(this);
        function();
    }
    std::function<void()> function;
};

task<wake> park(shard& owner, signal_event* event, std::optional<mono_time> deadline) {
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<executor>&,
                                            void(error_code, wake)>(
        [&owner, event, deadline](auto handler) {
            parked::begin(owner, event, deadline, wake_handler(std::move(handler)));
        },
        use_task);
}

} // namespace
} // namespace detail

shard::shard(asio::io_context& context, const time_source& time, std::uint64_t seed)
    : context_(context),
      time_(time),
      random_(seed),
      wheel_(time.mono_now(), std::chrono::milliseconds{1}) {}

shard::~shard() {
    abandon();
}

void shard::abandon() noexcept {
    // Frames that are still parked belong to nobody else: destroying the handler destroys them.
    // What they own may cancel or wake other entries meanwhile, of which some are gone already.
    abandoned_ = true;
    while (entries_ != nullptr) {
        auto* entry = entries_;
        unlink(*entry);
        delete entry;
    }
}

void shard::link(detail::wheel_entry& entry) noexcept {
    entry.previous = nullptr;
    entry.next = entries_;
    if (entries_ != nullptr) entries_->previous = &entry;
    entries_ = &entry;
}

void shard::unlink(detail::wheel_entry& entry) noexcept {
    (entry.previous != nullptr ? entry.previous->next : entries_) = entry.next;
    if (entry.next != nullptr) entry.next->previous = entry.previous;
    entry.previous = entry.next = nullptr;
}

timer_id shard::schedule(mono_time deadline, detail::wheel_entry& entry) {
    const auto id = wheel_.schedule(deadline, reinterpret_cast<std::uintptr_t>(&entry));
    arm();
    return id;
}

void shard::arm() {
    if (!arm_ || firing_) return;
    const auto next = wheel_.next_deadline();
    if (!next || (armed_ && *armed_ <= *next)) return;
    armed_ = next;
    arm_(*next);
}

void shard::fire_due() {
    armed_.reset();
    firing_ = true;
    wheel_.advance(now(), [](std::uint64_t payload) {
        reinterpret_cast<detail::wheel_entry*>(payload)->fire();
    });
    firing_ = false;
    arm();
}

task<> shard::sleep_until(mono_time deadline) {
    co_await detail::park(*this, nullptr, deadline);
}

task<> shard::yield() {
    co_await asio::post(get_executor(), use_task);
}

pending_call shard::call_at(mono_time deadline, std::function<void()> function) {
    // The entry unlinks itself from the shard when it fires, through the wrapper.
    auto* entry = new detail::action(nullptr);
    entry->function = [this, entry, function = std::move(function)] {
        unlink(*entry);
        function();
    };
    link(*entry);
    return {schedule(deadline, *entry), entry};
}

bool shard::cancel(pending_call& call) noexcept {
    auto* entry = std::exchange(call.entry, nullptr);
    if (entry == nullptr || abandoned_ || !wheel_.cancel(std::exchange(call.id, {}))) return false;
    unlink(*entry);
    delete entry;
    return true;
}

// ---- signal_event
// ----------------------------------------------------------------------------------

signal_event::~signal_event() {
    // Only at the end of a process are there waiters left; their frames die with the shard.
    while (first_ != nullptr) first_->leave();
}

task<> signal_event::wait() {
    co_await detail::park(shard_, this, std::nullopt);
}

task<wake> signal_event::wait_until(mono_time deadline) {
    co_return co_await detail::park(shard_, this, deadline);
}

void signal_event::notify_all() {
    // Those who begin to wait from here on are not woken: they are behind the present last one.
    auto* const last = last_;
    while (first_ != nullptr) {
        auto* const waiter = first_;
        waiter->finish({}, wake::notified);
        if (waiter == last) break;
    }
}

std::size_t signal_event::waiters() const noexcept {
    std::size_t count = 0;
    for (auto* waiter = first_; waiter != nullptr; waiter = waiter->after) ++count;
    return count;
}

// ---- deadline_guard
// --------------------------------------------------------------------------------

deadline_guard::deadline_guard(shard& owner, mono_time deadline, std::function<void()> action)
    : shard_(owner), action_(std::move(action)) {
    call_ = owner.call_at(deadline, [this] {
        call_ = {};
        expired_ = true;
        action_();
    });
}

void deadline_guard::disarm() noexcept {
    shard_.cancel(call_);
}

// ---- real_timer_driver
// -----------------------------------------------------------------------------

struct real_timer_driver::state {
    explicit state(shard& s) : driven(s), timer(s.context()) {}
    shard& driven;
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, executor>
        timer;
    bool stopped = false;
};

real_timer_driver::real_timer_driver(shard& driven) : state_(std::make_shared<state>(driven)) {
    driven.set_driver([weak = std::weak_ptr(state_)](mono_time deadline) {
        const auto self = weak.lock();
        if (!self || self->stopped) return;
        self->timer.expires_at(deadline);
        self->timer.async_wait([weak](error_code error) {
            const auto alive = weak.lock();
            if (!error && alive && !alive->stopped) alive->driven.fire_due();
        });
    });
}

real_timer_driver::~real_timer_driver() {
    stop();
}

void real_timer_driver::stop() {
    state_->stopped = true;
    state_->timer.cancel();
    state_->driven.set_driver(nullptr);
}

} // namespace rollcall
