#include "rollcall/async/worker.hpp"

#include <pthread.h>

namespace rollcall {

blocking_thread::blocking_thread(std::string name, std::size_t queue_max)
    : queue_max_(queue_max), thread_([this] { run(); }) {
    name.resize(std::min<std::size_t>(name.size(), 15));
    pthread_setname_np(thread_.native_handle(), name.c_str());
}

blocking_thread::~blocking_thread() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    ready_.notify_one();
    thread_.join();
}

bool blocking_thread::submit(std::function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || queue_.size() >= queue_max_) return false;
        queue_.push_back(std::move(job));
    }
    ready_.notify_one();
    return true;
}

std::size_t blocking_thread::queued() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

void blocking_thread::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (queue_.empty()) return;
        auto job = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        job();
        job = nullptr; // what the job owns dies here, outside the lock
        lock.lock();
    }
}

} // namespace rollcall
