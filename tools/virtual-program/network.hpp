// The network of a virtual world: connections are pipes in memory, and behind each stands the
// simulated PeopleHR, answering with its latencies and its faults of delivery on virtual time.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "peoplehr-sim/service.hpp"
#include "rollcall/async/task_group.hpp"
#include "rollcall/http/memory_stream.hpp"
#include "rollcall/http/stream.hpp"

namespace rollcall::sim {

struct network_faults {
    double refuse = 0; // probability that a connection is refused
    double slow = 0;   // that it takes seconds to be made
};

class network final : public http::connector {
  public:
    // Told of each request that arrived, and of its answer.
    using call_observer = std::function<void(const wire_request&, const wire_answer&)>;

    network(shard& home, service& peoplehr, call_observer on_call);

    [[nodiscard]] task<result<std::unique_ptr<http::io_stream>>> connect(
        const http::endpoint& to, mono_time deadline) override;
    void set_faults(network_faults faults) { faults_ = faults; }
    // What one read of a connection gives at most: drawn for each connection where nothing is set,
    // so that no reader can rely on it; fewer and larger pieces cost less to simulate.
    void set_read_bytes(std::size_t bytes) { read_bytes_ = bytes; }
    // The machine of the daemon is off the net: nothing connects, and what was open is reset.
    void cut();
    void restore() { cut_ = false; }
    // Ends the servers of all connections; the daemon must be gone.
    [[nodiscard]] task<> stop();
    [[nodiscard]] std::size_t connections() const noexcept { return servers_.size(); }
    // Connections that were refused.
    [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }

  private:
    task<> serve(std::unique_ptr<http::memory_stream> stream, std::string source_address);

    shard& home_;
    service& peoplehr_;
    call_observer on_call_;
    network_faults faults_;
    bool cut_ = false;
    std::size_t read_bytes_ = 0;
    std::uint64_t refused_ = 0;
    std::vector<http::memory_stream*> open_;
    task_group servers_;
};

} // namespace rollcall::sim
