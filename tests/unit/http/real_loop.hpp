// A shard on the real clock and real sockets of this machine's loopback.
#pragma once
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <filesystem>

#include "rollcall/async/task_group.hpp"
#include "rollcall/async/worker.hpp"

namespace rollcall::http {

class real_loop {
  public:
    // Runs the coroutine to its end and gives its value.
    template <class T>
    T run(task<T> work) {
        std::optional<T> out;
        run([](task<T> inner, std::optional<T>& slot) -> task<> {
            slot.emplace(co_await std::move(inner));
        }(std::move(work), out));
        return std::move(*out);
    }
    void run(task<> work) {
        std::exception_ptr error;
        bool done = false;
        asio::co_spawn(context_, std::move(work), [&](std::exception_ptr e) {
            error = e;
            done = true;
        });
        run_until([&done] { return done; });
        if (error) std::rethrow_exception(error);
    }
    template <class Condition>
    void run_until(Condition done) {
        while (!done()) {
            context_.restart();
            context_.run_one();
        }
    }
    [[nodiscard]] shard& home() { return home_; }
    [[nodiscard]] worker& resolver() { return resolver_; }
    [[nodiscard]] const time_source& time() const { return time_; }

  private:
    asio::io_context context_{1};
    system_time time_;
    shard home_{context_, time_, 7};
    real_timer_driver driver_{home_};
    blocking_thread resolver_{"resolver", 8};
};

// A directory of its own, which goes with the test.
class scratch_directory {
  public:
    scratch_directory() {
        std::string name = (std::filesystem::temp_directory_path() / "rollcall-XXXXXX").string();
        path_ = mkdtemp(name.data());
    }
    ~scratch_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;
    [[nodiscard]] std::string file(std::string_view name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

} // namespace rollcall::http
