// A fleet on virtual time: the real engine, the simulated PeopleHR, and all that happens to both in
// days and weeks of a description. What must hold is looked at all the time; see README.md.
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "account.hpp"
#include "calendar.hpp"
#include "description.hpp"
#include "figures.hpp"
#include "peoplehr-sim/service.hpp"
#include "plant.hpp"
#include "support/memory_store.hpp"
#include "virtual-program/program.hpp"

namespace rollcall::fleet_sim {

struct simulation_options {
    plant bug = plant::none;
    // Told of each call and each event, a line each; without it they are only hashed.
    std::function<void(std::string_view)> on_trace;
};

struct verdict {
    figures measured;
    std::vector<std::string> violations; // the first ones; empty: all has held
    [[nodiscard]] bool good() const noexcept { return violations.empty(); }
};

class simulation {
  public:
    simulation(const description& of, simulation_options options);
    ~simulation();
    simulation(const simulation&) = delete;
    simulation& operator=(const simulation&) = delete;

    // All of it, once.
    [[nodiscard]] verdict run();

  private:
    // Takes notices as the mail system does, and knows who was invited.
    struct mailbox final : sync::notice_sink {
        explicit mailbox(simulation& of) : of_(of) {}
        task<result<void>> deliver(std::span<const sync::notice> notices) override;
        [[nodiscard]] std::uint64_t last_number() const noexcept override { return last_; }
        void invite(const sync::notice& who);
        simulation& of_;
        std::uint64_t last_ = 0;
        std::set<std::pair<sync::tenant_key, std::uint32_t>> invited;
    };

    // ---- simulation.cpp: the process, and the course of the whole ----
    void make_companies();
    void start();
    void end_process(restart_kind how);
    void restart_process(restart_kind how);
    void add_tenants();
    void run_days();
    void converge();
    void end();
    [[nodiscard]] sync::fleet& fleet() { return program_->engine.fleet(); }
    [[nodiscard]] std::shared_ptr<sync::store> open_store();
    [[nodiscard]] app::config daemon_config() const;

    // ---- happenings.cpp: what happens to it ----
    void at(mono_time when, std::function<void()> what);
    void pass_until(mono_time until); // with all that is to happen by then
    void plan_day();
    void happen(const planned& what);
    void change(account& where, happening what);
    void press(account& where);
    void send_webhooks(account& where);
    task<> deliver_webhook(account& where, std::string body, std::string employee_id);
    void midnight();
    void begin_outage(const outage& what);
    void end_outage();
    void hour_ends();
    void work_of_an_operator();
    void plant_the_bug();
    void leak_a_task();

    // ---- checks.cpp: what must hold ----
    void on_call(const sim::wire_request& call, const sim::wire_answer& answer);
    void after_turn();
    void on_event(const sync::event& e);
    void on_run_started(account& of, std::string_view cause);
    void on_run_finished(account& of, std::string_view outcome);
    void on_read(account& of);
    void check_limit();
    void check_tenant(account& of);
    void check_ages();
    void check_hints(account& of);
    [[nodiscard]] nanoseconds age_allowed(mono_time now) const;
    [[nodiscard]] bool held(const account& of);
    // Of every tenant, by name; in the second, those whose last commit may or may not be durable.
    struct contents {
        std::map<std::string, std::uint64_t> certain;
        std::map<std::string, std::uint64_t> possible;
    };
    [[nodiscard]] contents contents_now();
    void compare_contents(const contents& before, std::string_view when);
    void violation(std::string what);
    void note(std::string_view kind, std::string_view tenant, std::string_view more = {});
    void sample_hour();

    const description& of_;
    simulation_options options_;
    virtual_world world_;
    random_source random_; // of what happens; the program has its own
    sim::service peoplehr_;
    std::filesystem::path folder_;
    virtual_worker disk_;
    sim::network network_;
    std::shared_ptr<test::memory_store> memory_;
    mailbox mailbox_;
    app::config config_;
    std::unique_ptr<task_group> webhooks_;
    std::unique_ptr<sim::program> program_;
    std::unique_ptr<calendar> calendar_;

    std::vector<account> accounts_;
    std::map<std::string, std::size_t, std::less<>> by_name_, by_key_;
    std::multimap<mono_time, std::function<void()>> agenda_;
    mono_time began_{};
    bool changes_go_on_ = true;
    std::vector<std::uint32_t> calls_of_hour_;
    std::uint64_t seen_event_ = 0;
    bool bug_planted_ = false;
    verdict out_;
};

// Runs the description once.
[[nodiscard]] verdict simulate(const description& of, simulation_options options);

} // namespace rollcall::fleet_sim
