// The two clocks of the program and the port that reads them.
//
// Intervals, deadlines and the call budget run on the monotonic clock; dates and what a person
// reads run on the wall clock (rule T-3). Nothing outside app and the virtual-time driver reads a
// clock of the system: everything else is given a time_source, so that the whole program runs on
// virtual time.
#pragma once
#include <chrono>
#include <cstdint>

namespace rollcall {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

using mono_time = std::chrono::time_point<std::chrono::steady_clock, nanoseconds>;
using wall_time = std::chrono::time_point<std::chrono::system_clock, nanoseconds>;

class time_source {
  public:
    virtual ~time_source() = default;
    // Never goes back. Its zero is arbitrary: only differences mean something.
    [[nodiscard]] virtual mono_time mono_now() const noexcept = 0;
    // UTC. May jump either way when an operator or NTP sets it.
    [[nodiscard]] virtual wall_time wall_now() const noexcept = 0;
};

// The machine's clocks.
class system_time final : public time_source {
  public:
    [[nodiscard]] mono_time mono_now() const noexcept override {
        return std::chrono::steady_clock::now();
    }
    [[nodiscard]] wall_time wall_now() const noexcept override {
        return std::chrono::system_clock::now();
    }
};

// Milliseconds since 1970-01-01T00:00Z, the form that is stored.
[[nodiscard]] inline std::int64_t to_unix_ms(wall_time t) noexcept {
    return std::chrono::duration_cast<milliseconds>(t.time_since_epoch()).count();
}
[[nodiscard]] inline wall_time from_unix_ms(std::int64_t ms) noexcept {
    return wall_time{milliseconds{ms}};
}

} // namespace rollcall
