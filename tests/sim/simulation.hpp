// The whole program on virtual time: the real engine over pipes in memory, the real SQLite store,
// and the simulated PeopleHR, under faults drawn from one seed. See tests/README.md.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "peoplehr-sim/service.hpp"
#include "rollcall/storage/sqlite_store.hpp"
#include "support/memory_store.hpp"
#include "virtual-program/program.hpp"

namespace rollcall::test {

using sim::store_faults;

struct simulation_options {
    std::uint64_t seed = 1;
    std::size_t tenants = 6;
    std::uint32_t employees_mean = 12;
    std::uint32_t calls_per_minute = 25; // ours
    std::uint32_t peoplehr_limit = 25; // theirs: as strict as ours, so that one call too many shows
    std::size_t concurrent_runs_max = 4;
    milliseconds latency_median{300};
    bool faults = true;
};

// All users of a tenant by uid: what is compared across a crash.
using directory_copy = std::map<std::uint32_t, directory::user_data>;

class simulation {
  public:
    explicit simulation(simulation_options options);
    ~simulation();

    // ---- the process ----
    void start();
    void stop(); // drains
    void
    crash(); // kill -9: checks after the restart that each tenant is before or after a whole run
    void restart_if_broken(); // what systemd does after exit 70
    void add_tenants();

    // ---- time and chance ----
    void run_for(nanoseconds duration);
    void one_random_event();
    void calm(); // no faults from here on

    // ---- what must hold ----
    void approve_everything(); // what a person does who looked, and found it right
    void check_now();          // limits, indexes, invitations
    void check_converged();    // every directory equals the truth; all faults must be over
    [[nodiscard]] std::uint64_t trace() const { return world_.trace_hash(); }
    [[nodiscard]] sync::fleet& fleet() { return program_->engine.fleet(); }
    [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
    [[nodiscard]] virtual_world& world() { return world_; }
    [[nodiscard]] sim::service& peoplehr() { return peoplehr_; }
    [[nodiscard]] const std::map<std::string, std::uint64_t>& tally() const { return tally_; }
    [[nodiscard]] sim::crash_store& storage() { return program_->storage; }

  private:
    void violation(std::string what);
    // The process is gone; what it had in memory, and what its disk may have besides.
    struct remains {
        std::map<std::string, directory_copy> memory;
        std::map<std::string, std::vector<directory::user_data>> under_way;
    };
    [[nodiscard]] remains what_is_there() const;
    void compare_after_restart(const remains& before);
    void make_faults();
    void churn();
    void somebody_at_the_desk();
    void check_invitations();
    [[nodiscard]] std::string tenant_name(std::size_t i) const;
    [[nodiscard]] directory_copy copy_of(const std::string& tenant) const;
    void compare_with_truth(const std::string& tenant);

    simulation_options options_;
    virtual_world world_;
    sim::service peoplehr_;
    std::filesystem::path folder_;
    virtual_worker disk_;
    sim::network network_;
    app::config config_;
    memory_notices notices_; // outside the process, as a mail system is
    std::shared_ptr<captured_lines> lines_;
    std::unique_ptr<sim::program> program_;
    std::vector<std::string> violations_;
    std::map<std::string, std::uint64_t> tally_; // how often each kind of event happened
    std::uint64_t starts_ = 0;
};

} // namespace rollcall::test
