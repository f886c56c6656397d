// The process, and the course of the whole.
#include "simulation.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "peoplehr-sim/generate.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/storage/sqlite_store.hpp"
#include "rollcall/sync/desk.hpp"

namespace rollcall::fleet_sim {
namespace {

constexpr double normal_p99 = 2.3263478740408408;

// What is durable is asked of the crash_store: an fsync of a real disk would only make it slow.
std::filesystem::path make_folder() {
    const std::filesystem::path shm = "/dev/shm";
    const auto base = access(shm.c_str(), W_OK) == 0 ? shm : std::filesystem::temp_directory_path();
    auto text = (base / "rollcall-fleet-sim-XXXXXX").string();
    ROLLCALL_CHECK(mkdtemp(text.data()) != nullptr);
    return text;
}

std::uint64_t seed_of(const description& of) {
    return static_cast<std::uint64_t>(of.seed);
}

sim::options peoplehr_options(const description& of) {
    sim::options o;
    o.seed = seed_of(of);
    o.tenants = 0;
    o.limits = {sim::limit_scope::address, static_cast<std::uint32_t>(of.calls_per_minute_theirs),
                sim::throttle_style::silent};
    o.latency_median = milliseconds{std::llround(of.latency_median_ms)};
    o.latency_sigma = of.latency_median_ms > 0
                          ? std::log(of.latency_p99_ms / of.latency_median_ms) / normal_p99
                          : 0;
    o.latency_per_row = microseconds{std::llround(of.latency_per_row_us)};
    o.gzip = of.gzip;
    o.gzip_cache_bytes_max = 16u << 20;
    return o;
}

double core_seconds_now() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto of = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return of(used.ru_utime) + of(used.ru_stime);
}

} // namespace

simulation::simulation(const description& of, simulation_options options)
    : of_(of),
      options_(std::move(options)),
      world_(seed_of(of), wall_time{sim::options{}.today.time_since_epoch()}),
      random_(seed_of(of) ^ 0x666c656574),
      peoplehr_(peoplehr_options(of)),
      folder_(make_folder()),
      disk_(world_.home(), microseconds{50}, milliseconds{2}),
      network_(world_.home(), peoplehr_,
               [this](const sim::wire_request& call, const sim::wire_answer& answer) {
                   on_call(call, answer);
               }),
      mailbox_(*this),
      config_(daemon_config()) {
    network_.set_read_bytes(1u << 20);
    calls_of_hour_.resize(config_.sync.egress.size());
    if (of_.store == store_kind::memory) {
        memory_ = std::make_shared<test::memory_store>(world_.home());
    }
    make_companies();
}

simulation::~simulation() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

app::config simulation::daemon_config() const {
    app::config out;
    const auto more = options_.bug == plant::limit_one_more ? 1u : 0u;
    const auto limit = static_cast<std::uint32_t>(of_.calls_per_minute) + more;
    out.sync.egress.clear();
    for (int i = 0; i < static_cast<int>(of_.addresses); ++i) {
        out.sync.egress.push_back({fmt::format("192.0.2.{}", i + 1), limit});
    }
    out.sync.sweep_interval = of_.interval();
    out.sync.concurrent_runs_max = static_cast<std::size_t>(of_.concurrent_runs_max);
    out.sync.quiet_after_restart = seconds{std::llround(of_.quiet_after_restart_s)};
    out.sync.progress_flush = seconds{std::llround(of_.progress_flush_s)};
    out.sync.tenants_max = static_cast<std::size_t>(of_.tenants);
    return out;
}

void simulation::make_companies() {
    auto sizes = draw_sizes(of_, random_);
    auto hooked = draw_webhooks(of_, random_);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        auto firm =
            sim::generate_company(seed_of(of_), i, sizes[i], peoplehr_.today(), of_.leavers_listed);
        ROLLCALL_CHECK(peoplehr_.add_company(std::move(firm)));
        const auto info = peoplehr_.tenant_at(i);
        auto& a = accounts_.emplace_back();
        a.name = info.name;
        a.employees = sizes[i];
        if (hooked[i]) a.token = "wanted";
        by_name_[info.name] = i;
        by_key_[info.api_key] = i;
        out_.measured.employees += sizes[i];
    }
    out_.measured.tenants = accounts_.size();
    calendar_ =
        std::make_unique<calendar>(of_, std::move(sizes), std::move(hooked), random_.next());
}

std::shared_ptr<sync::store> simulation::open_store() {
    if (memory_) return memory_;
    storage::sqlite_options options;
    options.data_dir = folder_.string();
    options.ballast_bytes = 0;
    auto opened = storage::sqlite_store::open(world_.home(), disk_, options);
    ROLLCALL_CHECK(opened);
    return std::move(*opened);
}

void simulation::start() {
    webhooks_ = std::make_unique<task_group>(world_.home());
    program_ =
        std::make_unique<sim::program>(world_, network_, open_store(), mailbox_, logger(), config_);
    seen_event_ = 0;
    if (bug_planted_ && options_.bug == plant::commit_lost) {
        program_->storage.set_faults({.bug = sim::store_faults::planted::lies});
    }
    const auto started = world_.run(program_->engine.start());
    if (!started) violation("the daemon does not start: " + started.error().detail);
}

void simulation::end_process(restart_kind how) {
    if (how == restart_kind::kill) {
        program_->storage.kill();
        webhooks_->cancel();
    }
    world_.run(webhooks_->join());
    world_.run(program_->engine.stop(how == restart_kind::kill ? nanoseconds{0} : seconds{20}));
    for (auto& each : accounts_) each.pressed.clear();
}

void simulation::restart_process(restart_kind how) {
    ++out_.measured.restarts;
    note(how == restart_kind::kill ? "kill" : "stop", {});
    auto before = how == restart_kind::kill ? contents_now() : contents{};
    end_process(how);
    if (how == restart_kind::stop) before = contents_now();
    program_.reset();
    start();
    compare_contents(before, "after a restart");
}

void simulation::add_tenants() {
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        auto& a = accounts_[i];
        sync::new_tenant fresh;
        fresh.name = a.name;
        fresh.settings =
            sync::defaults_of(i % 2 == 0 ? sync::profile::learnamp : sync::profile::wethrive);
        fresh.settings.email_fallback = true;
        if (fresh.settings.profile == sync::profile::learnamp) {
            fresh.settings.invite = sync::invite::immediately;
        }
        fresh.settings.base_url = "http://127.0.0.1:1";
        fresh.api_key = secret(peoplehr_.tenant_at(i).api_key);
        fresh.verify = false;
        const auto added = world_.run(fleet().add_tenant(std::move(fresh)));
        if (!added) violation(a.name + " can not be added: " + added.error().detail);
        a.known_since = world_.clock().mono_now();
        if (a.token.empty()) continue;
        const auto made = world_.run(fleet().rotate_webhook(a.name, nanoseconds{0}));
        ROLLCALL_CHECK(made);
        a.token = made->token.reveal();
        sim::webhook_settings how;
        how.url = "http://127.0.0.1:1/h/" + a.token;
        how.loss = of_.webhook_loss;
        how.duplicates = of_.webhook_duplicates;
        ROLLCALL_CHECK(peoplehr_.set_webhook(a.name, how));
    }
}

void simulation::run_days() {
    const auto end = began_ + of_.length();
    for (const auto& each : of_.outages) {
        at(began_ + each.start, [this, &each] { begin_outage(each); });
        at(began_ + each.start + each.length, [this] { end_outage(); });
    }
    for (const auto& each : of_.restarts) {
        at(began_ + each.at, [this, &each] { restart_process(each.how); });
    }
    plan_day();
    at(began_ + hours{1}, [this] { hour_ends(); });
    at(began_ + std::min<nanoseconds>(hours{6}, of_.length() / 3), [this] { plant_the_bug(); });
    pass_until(end);
}

// The changes are over: all are read once more, and what is held is approved, until every directory
// is as PeopleHR.
void simulation::converge() {
    changes_go_on_ = false;
    const auto one_round =
        hours{2} +
        nanoseconds{std::llround(of_.tenants / of_.calls_per_minute / of_.addresses * 60e9)};
    for (int round = 0; round < 3; ++round) {
        // A call still under way began with what was true before.
        pass_until(world_.clock().mono_now() + minutes{30});
        const auto since = world_.clock().mono_now();
        for (const auto& each : accounts_) {
            if (each.unchecked || !each.unread.empty()) (void)fleet().request_sync(each.name);
        }
        const auto is_stale = [since](const account& a) {
            return (a.unchecked || !a.unread.empty()) && a.truth.value_or(a.known_since) < since;
        };
        while (std::ranges::any_of(accounts_, is_stale) &&
               world_.clock().mono_now() < since + one_round) {
            pass_until(world_.clock().mono_now() + minutes{10});
        }
        work_of_an_operator();
        if (std::ranges::none_of(accounts_, [](const account& a) { return a.unchecked; })) break;
    }
    for (auto& each : accounts_) {
        for (const auto& change : each.unread) {
            violation(
                fmt::format("a change of {}/{} was never read", each.name, change.employee_id));
        }
        if (each.unchecked) check_tenant(each);
        if (each.unchecked) violation(each.name + " has steps that stay held though approved");
    }
}

void simulation::end() {
    const auto status = fleet().status();
    auto& m = out_.measured;
    m.users = status.users;
    m.active_users = status.active_users;
    m.directory_bytes = status.directory_bytes;
    m.database_bytes = status.storage.database_bytes;
    end_process(restart_kind::stop);
    const auto before = contents_now();
    program_.reset();
    start();
    compare_contents(before, "at the end");
    const auto findings = world_.run(fleet().doctor());
    if (!findings) {
        violation("the doctor fails: " + findings.error().detail);
    } else {
        for (const auto& each : *findings) violation("the doctor finds: " + each);
    }
    end_process(restart_kind::stop);
    program_.reset();
    webhooks_.reset();
    if (options_.bug == plant::task_leaked) leak_a_task();
    world_.run(network_.stop());
    // The wheel holds whatever waits, and every coroutine that is not done waits for something.
    world_.run_for(seconds{1});
    if (const auto left = world_.home().timers(); left != 0) {
        violation(fmt::format("{} tasks are left at the end", left));
    }
    if (network_.connections() != 0) violation("connections are left at the end");
}

verdict simulation::run() {
    const auto cpu_before = core_seconds_now();
    world_.after_each_turn([this] { after_turn(); });
    start();
    began_ = world_.clock().mono_now();
    add_tenants();
    run_days();
    converge();
    auto& m = out_.measured;
    // The first minute's calls may be made at once.
    m.first_load_floor_s =
        std::max(0.0, of_.tenants / of_.calls_per_minute / of_.addresses - 1) * 60;
    m.days = std::chrono::duration<double>(world_.clock().mono_now() - began_).count() / 86'400;
    end();
    world_.after_each_turn({});
    const auto counters = peoplehr_.counters();
    m.calls = counters.calls;
    m.calls_throttled = counters.throttled;
    m.calls_refused = network_.refused();
    m.busiest_minute = counters.busiest_minute_of_an_address;
    m.invitations = mailbox_.invited.size();
    m.core_seconds = core_seconds_now() - cpu_before;
    m.trace = world_.trace_hash();
    return std::move(out_);
}

verdict simulate(const description& of, simulation_options options) {
    return simulation(of, std::move(options)).run();
}

} // namespace rollcall::fleet_sim
