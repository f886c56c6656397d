// The owner of coroutines. Declare it as the last member of its owner, so that it dies first; it
// must be joined by then, which its destructor checks.
#pragma once
#include <cstddef>
#include <exception>
#include <list>
#include <memory>

#include <boost/asio/cancellation_signal.hpp>

#include "rollcall/async/shard.hpp"
#include "rollcall/async/task.hpp"

namespace rollcall {

class task_group {
  public:
    explicit task_group(shard& owner) : shard_(owner), changed_(owner) {}
    ~task_group();
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;

    // Starts `work` on the shard; it runs from the next turn of the loop. Its parameters must be
    // values, or references to things that outlive this group. After cancel() the work is dropped
    // unstarted.
    void spawn(task<> work);

    // Asks every child to unwind (terminal cancellation). Returns at once.
    void cancel();

    // Waits until no child is left; cannot be cancelled itself. The first exception of a child
    // other than cancellation has cancelled the siblings and is rethrown here.
    [[nodiscard]] task<> join();

    [[nodiscard]] std::size_t size() const noexcept { return children_.size(); }
    [[nodiscard]] bool cancelled() const noexcept { return cancelled_; }

  private:
    struct child {
        asio::cancellation_signal signal;
    };
    void finished(std::list<child>::iterator place, std::exception_ptr error);
    void emit_to_all();

    shard& shard_;
    std::list<child> children_;
    signal_event changed_;
    std::exception_ptr first_error_;
    std::shared_ptr<char> alive_; // made when a cancellation has to wait for the loop
    bool cancelled_ = false;
};

} // namespace rollcall
