// The network of the simulation: connections are pipes in memory, and behind each stands the
// simulated PeopleHR, answering with its latencies and its faults of delivery on virtual time.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "peoplehr-sim/service.hpp"
#include "rollcall/async/task_group.hpp"
#include "rollcall/http/memory_stream.hpp"
#include "rollcall/http/stream.hpp"

namespace rollcall::test {

struct network_faults {
    double refuse = 0; // probability that a connection is refused
    double slow = 0;   // that it takes seconds to be made
};

class sim_network final : public http::connector {
  public:
    // `on_call` is told of each request that arrived, for the trace.
    sim_network(shard& home, sim::service& peoplehr, std::function<void(std::string_view)> on_call);

    [[nodiscard]] task<result<std::unique_ptr<http::io_stream>>> connect(
        const http::endpoint& to, mono_time deadline) override;
    void set_faults(network_faults faults) { faults_ = faults; }
    // The machine of the daemon is off the net: nothing connects, and what was open is reset.
    void cut();
    void restore() { cut_ = false; }
    // Ends the servers of all connections; the daemon must be gone.
    [[nodiscard]] task<> stop();

  private:
    task<> serve(std::unique_ptr<http::memory_stream> stream);

    shard& home_;
    sim::service& peoplehr_;
    std::function<void(std::string_view)> on_call_;
    network_faults faults_;
    bool cut_ = false;
    std::vector<http::memory_stream*> open_;
    task_group servers_;
};

} // namespace rollcall::test
