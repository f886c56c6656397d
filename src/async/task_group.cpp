#include "rollcall/async/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include "rollcall/core/check.hpp"

namespace rollcall {
namespace {

bool is_cancellation(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
        return e.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

} // namespace

task_group::~task_group() {
    ROLLCALL_CHECK(children_.empty());
}

void task_group::spawn(task<> work) {
    if (cancelled_) return;
    const auto place = children_.emplace(children_.end());
    asio::co_spawn(
        shard_.get_executor(), std::move(work),
        asio::bind_cancellation_slot(place->signal.slot(), [this, place](std::exception_ptr error) {
            finished(place, error);
        }));
}

void task_group::finished(std::list<child>::iterator place, std::exception_ptr error) {
    children_.erase(place);
    if (error && !is_cancellation(error) && !first_error_) {
        first_error_ = error;
        cancel();
    }
    if (children_.empty()) changed_.notify_all();
}

void task_group::cancel() {
    cancelled_ = true;
    if (children_.empty()) return;
    if (shard_.get_executor().running_in_this_thread()) return emit_to_all();
    // Outside the loop (a driver fires the wheel there), Boost 1.81's co_spawn posts a signal and
    // keeps a pointer into the child, which may end before the post runs. Inside the loop it acts
    // at once.
    if (!alive_) alive_ = std::make_shared<char>();
    asio::post(shard_.get_executor(), [this, weak = std::weak_ptr(alive_)] {
        if (!weak.expired()) emit_to_all();
    });
}

void task_group::emit_to_all() {
    // Every wake-up is posted, so that no child ends, and leaves the list, inside this loop.
    for (auto& each : children_) each.signal.emit(asio::cancellation_type::terminal);
}

task<> task_group::join() {
    // Cancellation interrupts no wait here, but it is not forgotten: the state belongs to the whole
    // chain of callers, so that replacing it would make all of them deaf from here on.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!children_.empty()) {
        try {
            co_await changed_.wait();
        } catch (const boost::system::system_error&) {
        }
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (first_error_) std::rethrow_exception(std::exchange(first_error_, nullptr));
}

} // namespace rollcall
