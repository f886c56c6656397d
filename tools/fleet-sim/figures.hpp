// What a simulation measured, and how it is told: as text, and as the JSON that `rollcall capacity
// plan --simulated` reads.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "description.hpp"

namespace rollcall::fleet_sim {

// Of values in seconds.
class sample_set {
  public:
    void add(nanoseconds value) { add_number(std::chrono::duration<double>(value).count()); }
    void add_number(double value) { values_.push_back(static_cast<float>(value)); }
    [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
    // 0 to 1; 0 where there is no value.
    [[nodiscard]] double quantile(double q) const;
    [[nodiscard]] double max() const { return quantile(1); }

  private:
    mutable std::vector<float> values_;
    mutable std::size_t sorted_ = 0;
};

// The fleet at the end of an hour.
struct hour_figures {
    double truth_p50_s = 0, truth_p99_s = 0, truth_max_s = 0;
    std::map<std::string, std::size_t, std::less<>> queues; // ready, by class
    std::vector<std::uint32_t> calls;                       // of the hour, by address
};

struct figures {
    std::vector<hour_figures> hours;
    sample_set start_wait;    // from a button to its run's start
    sample_set start_error;   // of the estimate, as a share of the wait
    sample_set lag_announced; // from a change to the directory, where a webhook was taken
    sample_set lag_other;
    double first_load_s = 0, first_load_floor_s = 0;
    std::uint64_t calls = 0, calls_throttled = 0, calls_refused = 0; // refused: by an outage
    std::uint64_t changes = 0, buttons = 0, webhooks = 0, webhooks_taken = 0, restarts = 0;
    std::uint64_t runs_applied = 0, runs_unchanged = 0, runs_held = 0, runs_failed = 0;
    std::uint64_t invitations = 0, holds_approved = 0, comparisons = 0;
    std::size_t busiest_minute = 0;
    std::size_t tenants = 0, loaded = 0, employees = 0, users = 0, active_users = 0;
    std::uint64_t directory_bytes = 0, database_bytes = 0;
    double days = 0; // simulated, with those after the end of the changes
    double core_seconds = 0;
    std::uint64_t trace = 0;

    [[nodiscard]] double tenant_days_per_core_second() const noexcept;
};

[[nodiscard]] std::string as_text(const description& of, const figures& what);
[[nodiscard]] std::string as_json(const description& of, const figures& what);

} // namespace rollcall::fleet_sim
