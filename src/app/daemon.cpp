#include "rollcall/app/daemon.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "rollcall/app/engine.hpp"
#include "rollcall/app/process.hpp"
#include "rollcall/app/version.hpp"
#include "rollcall/async/task_group.hpp"
#include "rollcall/async/worker.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/http/network.hpp"
#include "rollcall/storage/key_vault.hpp"
#include "rollcall/storage/notice_file.hpp"
#include "rollcall/storage/sqlite_store.hpp"

namespace rollcall::app {
namespace {

constexpr nanoseconds lag_probe_interval = milliseconds{100};
constexpr nanoseconds answer_grace =
    seconds{5}; // of answers in progress once the fleet has stopped
constexpr std::uint32_t published_calls_per_minute = 30; // peoplehr-api.md, section 4

// Members stand in the order in which they are made, and die in the reverse one.
class daemon {
  public:
    daemon(config chosen, std::string config_path);
    [[nodiscard]] int run();

  private:
    [[nodiscard]] outcome<void> open_log();
    [[nodiscard]] outcome<void> open_storage();
    [[nodiscard]] outcome<void> open_vault();
    [[nodiscard]] outcome<void> open_notices();
    [[nodiscard]] outcome<void> compose();
    [[nodiscard]] outcome<void> listen();

    [[nodiscard]] task<> live();
    [[nodiscard]] task<> watch_signals();
    [[nodiscard]] task<> watch_shard();
    [[nodiscard]] task<> reload();
    void begin_to_stop(std::string_view reason, int exit_code);
    void report_start();
    // Runs start-up work to its end while nothing else lives on the shard.
    template <class T>
    [[nodiscard]] T finish(task<T> work);

    config config_;
    const std::string config_path_;
    int exit_code_ = exit_ok;

    const system_time time_; // the machine's clocks: nothing below reads any other
    logger log_;
    metrics numbers_;
    histogram loop_lag_;

    // The only shard: one thread, the caller's of run(), holds all tenants.
    asio::io_context context_{1};
    shard home_;
    real_timer_driver driver_;
    // The two threads that may block. Storage has one of its own because its order is its promise.
    blocking_thread disk_;
    blocking_thread resolver_;

    // The ports of the engine, and the engine.
    std::unique_ptr<storage::sqlite_store> store_;
    std::unique_ptr<sync::key_vault> vault_;
    std::unique_ptr<storage::notice_file> notices_;
    std::optional<http::system_network> network_;
    std::optional<engine> engine_;
    // The listeners.
    std::optional<http::server> control_;
    std::optional<http::server> observe_;
    std::optional<http::server> hooks_;

    asio::basic_signal_set<executor> signals_;
    bool stopping_ = false;
    nanoseconds stop_grace_{0};
    signal_event stop_wanted_;
    task_group watchers_;
};

std::uint64_t seed_from_system() {
    std::uint64_t seed = 0;
    randombytes_buf(&seed, sizeof seed);
    return seed;
}

daemon::daemon(config chosen, std::string config_path)
    : config_(std::move(chosen)),
      config_path_(std::move(config_path)),
      loop_lag_(numbers_.make_histogram(
          "rollcall_loop_lag_seconds",
          "How much later than asked the shard woke up, once in 100 ms; 1 ms is its clock's tick.",
          {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5})),
      home_(context_, time_, seed_from_system()),
      driver_(home_),
      disk_("rc-storage", config_.storage.queue_max),
      resolver_("rc-resolver", 256),
      signals_(home_.get_executor()),
      stop_wanted_(home_),
      watchers_(home_) {}

// ---- composition --------------------------------------------------------------------------------

outcome<void> daemon::open_log() {
    const auto level = parse_log_level(config_.log.level);
    ROLLCALL_CHECK(level.has_value()); // the configuration's table allows nothing else
    if (config_.log.file.empty()) {
        log_ = logger::to_stderr(time_, *level);
        return {};
    }
    auto opened = logger::to_file(config_.log.file, time_, *level);
    if (!opened) {
        return failure{
            errc::storage_failed,
            fmt::format("the log file {} cannot be written; see log.file", config_.log.file)};
    }
    log_ = *std::move(opened);
    return {};
}

outcome<void> daemon::open_storage() {
    storage::sqlite_options options;
    options.data_dir = config_.data_dir;
    options.runs_kept = config_.storage.runs_kept;
    options.wal_passive_bytes = config_.storage.wal_checkpoint_bytes;
    options.wal_truncate_bytes = config_.storage.wal_truncate_bytes;
    options.ballast_bytes = config_.storage.ballast_bytes;
    auto opened = storage::sqlite_store::open(home_, disk_, std::move(options));
    if (!opened) return std::move(opened).error();
    store_ = *std::move(opened);

    return open_vault();
}

// After the store, whose lock keeps a second daemon from making a second key. A key is made only
// where it can do no harm: a new one beside tenants whose keys it cannot open would hide the loss
// of the old.
outcome<void> daemon::open_vault() {
    const auto last = finish(store_->last_tenant_key());
    if (!last)
        return failure{errc_of(last.error()),
                       "the database cannot be read: " + last.error().message()};
    const bool chosen = !config_.key_file.empty();
    const auto path = chosen
                          ? config_.key_file
                          : storage::file_key_vault::key_path(config_.data_dir + "/rollcall.key");
    auto opened = storage::file_key_vault::open(
        path, *last == 0 && !chosen ? storage::if_absent::create : storage::if_absent::fail);
    if (!opened) return std::move(opened).error();
    vault_ = *std::move(opened);
    return {};
}

// Written by the storage thread: it may block, and a notice is written only after its commit.
outcome<void> daemon::open_notices() {
    auto opened = storage::notice_file::open(home_, disk_, config_.notices_path());
    if (!opened) {
        return failure{opened.error().code, opened.error().detail + "; see notices.file"};
    }
    notices_ = *std::move(opened);
    return {};
}

outcome<void> daemon::compose() {
    if (auto ready = open_log(); !ready) return ready;
    if (auto ready = open_storage(); !ready) return ready;
    if (auto ready = open_notices(); !ready) return ready;
    try {
        network_.emplace(home_, resolver_, http::tls_options{config_.ca_file});
    } catch (const std::exception& error) {
        return failure{errc::invalid_argument,
                       fmt::format("TLS cannot be set up: {}; see peoplehr.ca_file", error.what())};
    }
    engine_.emplace(engine_ports{home_, *network_, *store_, *vault_, *notices_, log_, numbers_},
                    config_);
    return listen();
}

// Binds before the load, so that an address in use is told at once; clients that come during the
// load wait for their answer.
outcome<void> daemon::listen() {
    const auto& socket = config_.control.socket;
    control_.emplace(home_, engine_->control_routes(), config_.control.limits, log_);
    if (const auto bound = control_->listen_unix(socket, config_.control.mode_bits()); !bound) {
        return failure{
            errc_of(bound.error()),
            fmt::format("the control socket {} cannot be opened ({}): its folder must exist and be "
                        "writable for this user, and no other daemon may listen there",
                        socket, bound.error().message())};
    }
    if (!config_.control.group.empty()) {
        if (auto given = give_to_group(socket, config_.control.group); !given) return given;
    }
    const auto listen_at = [](http::server& on, const std::string& address,
                              std::string_view key) -> outcome<void> {
        if (const auto bound = on.listen_tcp(address); !bound) {
            return failure{errc_of(bound.error()),
                           fmt::format("{} cannot be listened on: the port is taken or the "
                                       "address is not of this machine; see {}",
                                       address, key)};
        }
        return {};
    };
    if (!config_.hooks.listen.empty()) {
        hooks_.emplace(home_, engine_->hook_routes(), config_.hooks.limits, log_);
        auto bound = listen_at(*hooks_, config_.hooks.listen, "hooks.listen");
        if (!bound) return bound;
    }
    if (config_.observe.listen.empty()) return {};
    observe_.emplace(home_, engine_->observe_routes(), http::server_limits{}, log_);
    return listen_at(*observe_, config_.observe.listen, "observe.listen");
}

template <class T>
T daemon::finish(task<T> work) {
    std::optional<T> out;
    std::exception_ptr broken;
    asio::co_spawn(home_.get_executor(), std::move(work), [&](std::exception_ptr error, T value) {
        broken = std::move(error);
        out.emplace(std::move(value));
    });
    context_.run();
    context_.restart();
    if (broken) std::rethrow_exception(broken);
    return *std::move(out);
}

// ---- life ---------------------------------------------------------------------------------------

int daemon::run() {
    if (const auto composed = compose(); !composed) {
        fmt::print(stderr, "rollcalld: cannot start: {}\n", composed.error().detail);
        return exit_failed_to_start;
    }
    std::exception_ptr broken;
    asio::co_spawn(home_.get_executor(), live(), [&](std::exception_ptr error) {
        broken = std::move(error);
        // Nothing that matters is left; what a peer keeps open must not hold the process.
        context_.stop();
    });
    context_.run();
    if (broken) std::rethrow_exception(broken);
    return exit_code_;
}

task<> daemon::live() {
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) signals_.add(number);
    watchers_.spawn(watch_signals());
    watchers_.spawn(watch_shard());
    if (observe_) observe_->start(); // alive, and says that it is not ready

    const auto loaded = co_await engine_->start();
    if (loaded) {
        control_->start();
        if (hooks_) hooks_->start();
        report_start();
        notify_supervisor("READY=1");
        while (!stopping_) co_await stop_wanted_.wait();
        notify_supervisor("STOPPING=1");
        // The listeners go on: who waits for a run still gets its answer, and status says draining.
        co_await engine_->stop(stop_grace_);
    } else {
        fmt::print(stderr, "rollcalld: cannot start: {}\n", loaded.error().detail);
        log_.error("daemon.start_failed", {{"error", loaded.error().code}});
        exit_code_ = exit_failed_to_start;
    }

    if (hooks_) co_await hooks_->stop(answer_grace);
    co_await control_->stop(answer_grace);
    if (observe_) co_await observe_->stop(answer_grace);
    signals_.cancel();
    watchers_.cancel();
    co_await watchers_.join();
    driver_.stop();
    log_.info("daemon.stopped", {{"exit_code", exit_code_}});
}

void daemon::report_start() {
    for (const auto& each : config_.sync.egress) {
        if (each.calls_per_minute <= published_calls_per_minute) continue;
        log_.warn("config.above_published_limit", {{"key", "sync.calls_per_minute"},
                                                   {"value", each.calls_per_minute},
                                                   {"published", published_calls_per_minute}});
        break;
    }
    const auto state = engine_->fleet().status();
    log_.info("daemon.started",
              {{"version", version()},
               {"pid", ::getpid()},
               {"sqlite", storage::sqlite_store::library_version()},
               {"tenants", state.tenants},
               {"users", state.users},
               {"control", config_.control.socket},
               {"hooks", hooks_ ? hooks_->bound_address() : std::string{}},
               {"observe", observe_ ? observe_->bound_address() : std::string{}}});
}

void daemon::begin_to_stop(std::string_view reason, int exit_code) {
    if (stopping_) return;
    stopping_ = true;
    exit_code_ = exit_code;
    // A store that failed can save nothing of what a run would still find out.
    stop_grace_ = exit_code == exit_ok ? config_.stop_grace : nanoseconds{0};
    log_.info("daemon.stopping", {{"reason", reason}, {"grace_seconds", stop_grace_ / seconds{1}}});
    stop_wanted_.notify_all();
}

// ---- watchers -----------------------------------------------------------------------------------

task<> daemon::watch_signals() {
    for (;;) {
        const auto [error, number] = co_await signals_.async_wait(use_tuple);
        if (error) co_return;
        if (number == SIGHUP) {
            co_await reload();
            continue;
        }
        const std::string_view name = number == SIGTERM ? "SIGTERM" : "SIGINT";
        if (stopping_) {
            // The store is made to be killed at any instant (G-11), so there is nothing to tidy up.
            log_.warn("daemon.ended_at_once", {{"reason", name}});
            ::_exit(128 + number);
        }
        begin_to_stop(name, exit_ok);
    }
}

task<> daemon::watch_shard() {
    for (;;) {
        const auto due = home_.now() + lag_probe_interval;
        co_await home_.sleep_until(due);
        loop_lag_.observe(std::chrono::duration<double>(home_.now() - due).count());
        if (!stopping_ && store_->health().failed) {
            log_.error("storage.failed",
                       {{"action", "restart to recover from the write-ahead log"}});
            begin_to_stop("storage failed", exit_storage_failed);
        }
    }
}

task<> daemon::reload() {
    if (!log_.reopen()) log_.warn("log.reopen_failed", {{"file", config_.log.file}});
    if (config_path_.empty()) {
        log_.warn("config.reload_skipped", {{"reason", "the daemon was started without a file"}});
        co_return;
    }
    notify_supervisor("RELOADING=1");
    const auto read =
        co_await run_on(resolver_, home_, [path = config_path_] { return read_config(path); });
    if (!read || !read->errors.empty()) {
        if (!read) log_.error("config.reload_refused", {{"reason", "the helper thread is busy"}});
        if (read) {
            for (const auto& each : read->errors)
                log_.error("config.reload_refused", {{"reason", each}});
        }
    } else {
        const auto wanted = changes_between(config_, read->value);
        config_ = reloaded(config_, read->value);
        for (const auto& each : wanted) {
            const bool taken = each.effect == takes_effect::at_reload;
            log_.info(taken ? "config.changed" : "config.needs_restart",
                      {{"key", each.name}, {"before", each.before}, {"after", each.after}});
        }
        log_.set_level(*parse_log_level(config_.log.level));
        engine_->reload(config_);
        log_.info("config.reloaded", {{"changes", wanted.size()}});
    }
    notify_supervisor("READY=1");
}

} // namespace

int run_daemon(config chosen, std::string config_path) {
    std::signal(SIGPIPE, SIG_IGN);
    if (const auto prepared = prepare_process(); !prepared) {
        fmt::print(stderr, "rollcalld: cannot start: {}\n", prepared.error().detail);
        return exit_failed_to_start;
    }
    return daemon(std::move(chosen), std::move(config_path)).run();
}

} // namespace rollcall::app
