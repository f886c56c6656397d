// What happens to a fleet on each of its days: drawn from the seed, whatever the program does.
// Pure.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "description.hpp"
#include "rollcall/core/random.hpp"

namespace rollcall::fleet_sim {

enum class happening : std::uint8_t {
    joiner,
    leaver,
    detail,
    touch,  // a field changed that no directory has; only a webhook tells of it
    button, // a person asks for a sync
};

struct planned {
    nanoseconds at{0}; // since midnight
    happening what = happening::detail;
    std::uint32_t tenant = 0; // its place in the fleet
};

// Employed people of each tenant.
[[nodiscard]] std::vector<std::uint32_t> draw_sizes(const description& of, random_source& random);
// The tenants that have a webhook.
[[nodiscard]] std::vector<bool> draw_webhooks(const description& of, random_source& random);
// A time at which half are below the median, and one in a hundred above the other.
[[nodiscard]] double draw_lognormal(double median, double p99, random_source& random);

class calendar {
  public:
    calendar(const description& of, std::vector<std::uint32_t> employees,
             std::vector<bool> webhooks, std::uint64_t seed);

    // The next day's happenings, in the order of time.
    [[nodiscard]] std::vector<planned> next_day();

  private:
    void draw(std::vector<planned>& into, happening what, double mean);
    [[nodiscard]] nanoseconds time_of_day();
    [[nodiscard]] std::uint32_t somewhere(happening what);

    const description& of_;
    std::vector<bool> webhooks_;
    std::vector<std::uint32_t> with_webhook_;
    std::vector<double> employees_up_to_; // running sum
    double employees_with_webhook_ = 0;
    random_source random_;
};

} // namespace rollcall::fleet_sim
