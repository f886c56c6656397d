#include "rollcall/sync/fleet.hpp"

#include <boost/json/parse.hpp>
#include <ctime>

#include "fleet_impl.hpp"
#include "fleet_metrics.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/core/text.hpp"

namespace rollcall::sync {
namespace {

// How often a drain looks whether the runs have ended.
constexpr nanoseconds drain_step = milliseconds{50};

std::vector<std::uint32_t> limits_of(const fleet_options& options) {
    std::vector<std::uint32_t> out;
    out.reserve(options.egress.size());
    for (const auto& each : options.egress) out.push_back(each.calls_per_minute);
    return out;
}

scheduler_options scheduling(const fleet_options& options) {
    scheduler_options out;
    out.interval = options.sweep_interval;
    out.confirm_after = options.confirm_after;
    out.backoff = options.run_backoff;
    out.running_max = options.concurrent_runs_max;
    return out;
}

failure refused(const boost::system::error_code& code, std::string what) {
    return {errc_of(code), std::move(what) + ": " + code.message()};
}

} // namespace

std::string_view name_of(tenant_state v) noexcept {
    switch (v) {
        case tenant_state::waiting: return "waiting";
        case tenant_state::queued: return "queued";
        case tenant_state::running: return "running";
        case tenant_state::backing_off: return "backing_off";
        case tenant_state::quarantined: return "quarantined";
        case tenant_state::held: return "held";
        case tenant_state::stopped: return "stopped";
    }
    return "unknown";
}

fleet::impl::impl(shard& h, fleet_options o, people_source& s, store& st, key_vault& v,
                  notice_sink& n, logger l, metrics& m)
    : home(h),
      options(std::move(o)),
      source(s),
      storage(st),
      vault(v),
      notices(n),
      log(std::move(l)),
      counters(std::make_unique<fleet_metrics>(m)),
      budget(limits_of(options), minutes{1}),
      plan_of_day(scheduling(options), budget, h.random(), h.now(), h.wall_now()),
      watch(h),
      wake(h),
      progress(h),
      timer_moved(h),
      notice_added(h),
      runs(h),
      loops(h) {}

fleet::impl::~impl() = default;

namespace {

// Fills the fleet from the store, tenant by tenant.
class loader final : public load_sink {
  public:
    explicit loader(fleet::impl& f) : fleet_(f) {}

    void on_tenant(tenant_record record, tenant_progress progress, tenant_state_sets sets,
                   std::vector<directory::team> teams,
                   std::vector<directory::team_member> members) override {
        settle();
        auto made = std::make_unique<live_tenant>();
        boost::system::error_code error;
        const auto parsed = boost::json::parse(record.settings, error);
        if (error || !parsed.is_object()) {
            problems.push_back("tenant '" + record.name + "': its settings can not be read");
            made->settings.schedule = schedule::off;
            made->settings_unreadable = true;
            record.stopped = errc::corrupt;
            record.stopped_detail = "the stored settings can not be read; set them again";
        } else {
            auto read = settings_from_json(parsed.get_object());
            // A setting that a newer version wrote is not a reason to lose the tenant: the rest
            // holds.
            for (const auto& each : read.failures) {
                problems.push_back("tenant '" + record.name + "': " + each.detail);
            }
            made->settings = std::move(read.settings);
        }
        made->progress = std::move(progress);
        made->progress.key = record.key;
        auto& books = made->books;
        books.gate = gate_memory::from_text(made->progress.gate);
        books.breakers = breaker_memory::from_text(made->progress.breakers);
        // A doubt outlives a restart. What was held after a read that is believed has not made that
        // read a failure.
        const auto& last = made->progress;
        if (last.last_error == errc::held && last.last_success < last.last_attempt) {
            made->held_because = last.last_detail;
        } else if (books.gate.suspect) {
            made->held_because =
                "a complete read was not plausible, and none after it was read whole";
        }
        made->paging = page_memory::from_text(last.paging);
        if (books.gate.suspect || made->paging.doubts != 0) made->held_rule = "G-2";
        books.issues = std::move(sets.issues);
        std::sort(books.issues.begin(), books.issues.end());
        books.held = std::move(sets.held);
        books.rejected.insert(sets.rejected.begin(), sets.rejected.end());
        books.decisions.set(std::move(sets.decisions));
        books.erased.insert(sets.erased.begin(), sets.erased.end());
        books.invited.insert(sets.invited.begin(), sets.invited.end());
        books.next_uid = record.next_uid;
        books.next_team = record.next_team;
        books.imported = record.imported;
        books.live = record.live;
        books.erasure_salt = record.erasure_salt;
        made->record = std::move(record);
        fleet_.load_webhook(*made, std::move(sets.webhook_tokens), std::move(sets.hints));
        current_ = made.get();
        for (auto& each : teams) {
            const auto id = each.id;
            if (!current_->books.teams.put(std::move(each))) {
                on_corrupt_row(current_->record.key, "teams", id);
            }
        }
        for (const auto& each : members) (void)current_->books.teams.add_member(each);
        fleet_.timers_to_find.push_back(current_->record.key);
        fleet_.next_key = std::max(fleet_.next_key, current_->record.key + 1);
        fleet_.by_name.emplace(current_->record.name, current_);
        fleet_.tenants.emplace(current_->record.key, std::move(made));
    }

    void on_users(tenant_key key, std::span<const directory::user_data> users) override {
        ROLLCALL_CHECK(current_ != nullptr && current_->record.key == key);
        for (const auto& each : users) {
            // A database that says two things of one id or address is as damaged as one with a
            // hole.
            if (current_->books.users.try_put(each) == directory::user_ref::none) {
                on_corrupt_row(key, "users", each.meta.uid);
                continue;
            }
            current_->record.next_uid = std::max(current_->record.next_uid, each.meta.uid + 1);
            current_->books.next_uid = current_->record.next_uid;
        }
    }

    void on_invitations(tenant_key key, std::span<const invitation> invitations) override {
        const auto place = fleet_.tenants.find(key);
        ROLLCALL_CHECK(place != fleet_.tenants.end());
        for (const auto& each : invitations) place->second->books.invitations.put(each);
    }

    void on_corrupt_row(tenant_key key, std::string_view table, std::int64_t row) override {
        ++corrupt_rows;
        fleet_.log.error("storage.corrupt_row",
                         {{"tenant_key", key}, {"table", table}, {"row", row}});
        // The tenant must not act on a directory with holes: a missing link would create a second
        // user.
        damaged.push_back(key);
    }

    // After the last user of a tenant.
    void settle() {
        if (current_ != nullptr) current_->books.users.compact_if_worthwhile();
        current_ = nullptr;
    }

    std::vector<std::string> problems;
    std::vector<tenant_key> damaged;
    std::size_t corrupt_rows = 0;

  private:
    fleet::impl& fleet_;
    live_tenant* current_ = nullptr;
};

} // namespace

task<outcome<void>> fleet::impl::start() {
    ROLLCALL_CHECK(!running);
    started = home.now();
    loader from_store(*this);
    if (const auto loaded = co_await storage.load(from_store); !loaded) {
        co_return refused(loaded.error(), "the database can not be loaded");
    }
    from_store.settle();
    for (const auto& each : from_store.problems) log.error("load.problem", {{"detail", each}});
    for (const auto key : from_store.damaged) {
        const auto place = tenants.find(key);
        if (place == tenants.end()) continue;
        place->second->damaged = true;
        auto& record = place->second->record;
        record.stopped = errc::corrupt;
        record.stopped_detail =
            "a stored row of this tenant does not match its checksum; restore a backup, or remove "
            "and "
            "add the tenant";
    }
    const auto keys = co_await storage.last_tenant_key();
    if (!keys) co_return refused(keys.error(), "the database can not be read");
    next_key = std::max(next_key, *keys + 1);
    const auto last = co_await storage.last_run_id();
    if (!last) co_return refused(last.error(), "the database can not be read");
    last_run = *last;
    const auto told = co_await storage.last_notice();
    if (!told) co_return refused(told.error(), "the database can not be read");
    last_notice = std::max(*told, notices.last_number());
    for (const auto& [name, t] : by_name) {
        plan_of_day.add(t->record.key, facts(*t), home.now());
        begin_to_watch(*t);
    }
    if (!tenants.empty()) budget.pause_until(home.now() + options.quiet_after_restart);
    running = true;
    set_gauges();
    offer_all_hints();
    loops.spawn(pump());
    loops.spawn(flush_loop());
    loops.spawn(timer_loop());
    loops.spawn(notice_loop());
    log.info("fleet.started",
             {{"tenants", tenants.size()},
              {"load_ms", std::chrono::duration_cast<milliseconds>(home.now() - started).count()},
              {"corrupt_rows", from_store.corrupt_rows}});
    publish(event_kind::fleet_started, {},
            {{"tenants", static_cast<std::int64_t>(tenants.size())}});
    co_return outcome<void>();
}

task<> fleet::impl::stop(nanoseconds grace) {
    if (!running) co_return;
    draining = true;
    publish(event_kind::fleet_draining, {});
    wake.notify_all();
    progress.notify_all();
    const auto until = home.now() + grace;
    while (runs.size() != 0 && home.now() < until) {
        co_await progress.wait_until(std::min(until, home.now() + drain_step));
    }
    // What still runs is cancelled: it has changed nothing, and is read again after the restart.
    runs.cancel();
    co_await runs.join();
    loops.cancel();
    co_await loops.join();
    running = false;
    watch.added.notify_all(); // whoever follows the events has seen the last one
    if (!storage.health().failed) {
        co_await flush_progress();
        co_await flush_hints();
    }
    log.info("fleet.stopped");
}

task<> fleet::impl::flush_loop() {
    for (;;) {
        co_await home.sleep_for(options.progress_flush);
        co_await flush_progress();
        co_await flush_hints();
        offer_all_hints();
    }
}

task<> fleet::impl::flush_progress() {
    std::vector<tenant_progress> unsaved;
    std::vector<live_tenant*> which;
    for (const auto& [name, t] : by_name) {
        if (!t->progress_unsaved || t->hidden) continue;
        t->progress_unsaved = false;
        unsaved.push_back(t->progress);
    }
    set_gauges();
    if (unsaved.empty()) co_return;
    std::vector<tenant_key> keys;
    keys.reserve(unsaved.size());
    for (const auto& each : unsaved) keys.push_back(each.key);
    if (const auto saved = co_await storage.save_progress(std::move(unsaved)); !saved) {
        for (const auto key : keys) {
            if (const auto place = tenants.find(key); place != tenants.end()) {
                place->second->progress_unsaved = true;
            }
        }
    }
}

void fleet::impl::set_gauges() {
    const auto s = status();
    counters->tenants.set(static_cast<double>(s.tenants));
    counters->users.set(static_cast<double>(s.users));
    counters->users_active.set(static_cast<double>(s.active_users));
    counters->tenants_held.set(static_cast<double>(s.held_tenants));
    counters->steps_held.set(static_cast<double>(s.held_steps));
    counters->issues.set(static_cast<double>(s.issues));
    counters->hints_waiting.set(static_cast<double>(s.hints_waiting));
    counters->tenants_never_synced.set(static_cast<double>(s.never_synced));
    counters->directory_bytes.set(static_cast<double>(s.directory_bytes));
    counters->queue_ready.set(static_cast<double>(plan_of_day.ready_count()));
    counters->egress_unusable.set(static_cast<double>(egress_faults.size()));
    counters->runs_in_progress.set(static_cast<double>(plan_of_day.running_count()));
    double oldest = 0;
    double stopped = 0;
    for (const auto& [name, t] : by_name) {
        if (t->record.stopped != errc::ok) ++stopped;
        if (t->progress.last_success == wall_time{}) continue;
        const std::chrono::duration<double> age = home.wall_now() - t->progress.last_success;
        oldest = std::max(oldest, age.count());
    }
    counters->tenants_stopped.set(stopped);
    counters->staleness_seconds_max.set(oldest);
    set_truth_gauges();
}

live_tenant* fleet::impl::find(std::string_view name) const {
    const auto place = by_name.find(name);
    return place == by_name.end() || place->second->hidden ? nullptr : place->second;
}

outcome<sync_ticket> fleet::impl::request(std::string_view name, std::string_view employee_id,
                                          bool preview) {
    employee_id = trim(employee_id);
    auto* t = find(name);
    if (t == nullptr) return failure{errc::not_found, no_such_tenant(name)};
    if (draining) return failure{errc::shutting_down, "the daemon is shutting down"};
    if (employee_id.size() > 200) {
        return failure{errc::invalid_argument,
                       "the employee id is longer than any PeopleHR id (15 characters)"};
    }
    if (t->record.stopped == errc::corrupt || t->record.stopped == errc::key_refused) {
        // What only a person can mend is not tried again at the press of a button.
        return failure{t->record.stopped, t->record.stopped_detail};
    }
    if (!employee_id.empty() && !t->held_because.empty()) {
        return failure{errc::held,
                       "what PeopleHR says of this tenant is held, so nobody is read alone: " +
                           t->held_because};
    }
    // What takes two records to see can not be judged by reading one of them (G-4, LA-12).
    const bool disputed =
        std::any_of(t->books.issues.begin(), t->books.issues.end(), [&](const issue& each) {
            return (each.kind == issue_kind::duplicate_id ||
                    each.kind == issue_kind::shared_email ||
                    each.kind == issue_kind::fallback_refused) &&
                   each.external_id == employee_id;
        });
    if (!employee_id.empty() && disputed) {
        return failure{
            errc::held,
            "another employee has the same PeopleHR id or e-mail, so neither is applied; "
            "correct one of them in PeopleHR, then sync the whole tenant"};
    }
    const auto key = t->record.key;
    if (plan_of_day.quarantined_until(key)) {
        t->progress.failures = 0; // a person's request ends it, over a restart too
        t->progress_unsaved = true;
    }
    const auto answer = plan_of_day.request(key, employee_id, home.now());
    auto& state = tickets.try_emplace(answer.ticket).first->second;
    state.tenant = key;
    (preview ? state.preview : state.apply) = true;
    sync_ticket ticket{key, answer.ticket, answer.joined, preview, {}};
    if (const auto start = plan_of_day.estimated_start(key, home.now()))
        ticket.estimated_start = *start;
    wake.notify_all();
    return ticket;
}

task<outcome<sync_progress>> fleet::impl::wait(sync_ticket ticket, mono_time until) {
    for (;;) {
        const auto place = tickets.find(ticket.number);
        const auto t = tenants.find(ticket.tenant);
        if (place == tickets.end()) {
            if (t == tenants.end() || t->second->hidden)
                co_return failure{errc::not_found, "the tenant was removed meanwhile"};
            co_return failure{errc::not_found,
                              "the ticket is unknown: its run ended long ago, or will not be made"};
        }
        sync_progress now;
        if (const auto& ended = ticket.preview ? place->second.previewed : place->second.done;
            place->second.done && ended) {
            now.done = true;
            now.run = *ended;
            co_return now;
        }
        // A run that is under way is let finish, and whoever waits for it hears of its end.
        if (draining && !plan_of_day.running(ticket.tenant)) {
            co_return failure{errc::shutting_down, "the daemon is shutting down"};
        }
        if (home.now() >= until) {
            const auto state = view(*t->second);
            now.state = state.state;
            now.estimated_start = std::max(state.estimated_start, nanoseconds{0});
            co_return now;
        }
        co_await progress.wait_until(until);
    }
}

task<outcome<std::vector<std::string>>> fleet::impl::doctor() {
    std::vector<std::string> found;
    std::vector<tenant_key> keys;
    keys.reserve(by_name.size());
    for (const auto& [name, t] : by_name) keys.push_back(t->record.key);
    for (const auto key : keys) {
        // No suspension between looking a tenant up and being done with it: the lock is not needed.
        if (const auto place = tenants.find(key); place != tenants.end()) {
            const auto& t = *place->second;
            if (auto wrong = t.books.users.verify()) {
                found.push_back("tenant '" + t.record.name +
                                "': the directory in memory is wrong: " + *wrong);
            }
            if (!vault.open(key, t.record.sealed_api_key)) {
                found.push_back("tenant '" + t.record.name +
                                "': its API key does not open with the key file");
            }
            if (t.record.stopped != errc::ok) {
                found.push_back("tenant '" + t.record.name +
                                "' is stopped: " + t.record.stopped_detail);
            }
        }
        co_await home.yield();
    }
    if (storage.health().full) {
        found.push_back(
            "the disk of the data directory is full: nothing new is stored until there is "
            "room; reads go on");
    }
    auto stored = co_await storage.verify();
    if (!stored) co_return refused(stored.error(), "the database can not be checked");
    for (auto& each : *stored) found.push_back("database: " + std::move(each));
    co_return found;
}

fleet_status fleet::impl::status() const {
    fleet_status s = totals;
    s.tenants = by_name.size();
    for (const auto& [name, t] : by_name) {
        const auto& books = t->books;
        s.users += books.users.size();
        s.active_users += books.users.active();
        s.issues += books.issues.size();
        s.held_tenants += books.held.empty() ? 0u : 1u;
        s.held_steps += books.held.steps();
        for (const auto& each : books.issues) ++s.issues_by_kind[std::string(name_of(each.kind))];
        s.hints_waiting += t->hints.size();
        s.tenants_with_webhook += t->webhook_tokens.empty() ? 0u : 1u;
        s.never_synced += t->progress.last_success == wall_time{} ? 1u : 0u;
        s.directory_bytes += books.users.memory_bytes();
        s.mapped_text_bytes += books.users.mapped_text_bytes();
        ++s.tenants_by_state[std::string(name_of(state_of(*t)))];
    }
    for (std::uint32_t i = 0; i < budget.addresses().size(); ++i) {
        const auto& each = budget.addresses()[i];
        const auto fault = egress_faults.find(i);
        s.addresses.push_back({options.egress[i].address, each.limit(), each.used(home.now()),
                               budget.rests_until(i) > home.now() || !budget.is_usable(i),
                               name_of(budget.scope(i)),
                               fault != egress_faults.end() ? fault->second : std::string{}});
    }
    for (const auto& each : plan_of_day.hosts(home.now())) {
        s.hosts.push_back({std::string(each.name), each.tenants, each.down, each.down_for,
                           each.waiting, each.accepted});
    }
    for (const auto& each : plan_of_day.queues(home.now())) {
        s.queues.push_back({each.name, each.ready, each.running, each.oldest_wait});
    }
    s.truth = truth();
    s.uptime = home.now() - started;
    // What the shard's thread has worked since it began; waiting is not in it.
    timespec cpu{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    s.sync_busy = seconds{cpu.tv_sec} + nanoseconds{cpu.tv_nsec};
    s.storage = storage.health();
    s.draining = draining;
    return s;
}

// ---- the public face
// -------------------------------------------------------------------------------

fleet::fleet(shard& home, fleet_options options, people_source& source, store& storage,
             key_vault& vault, notice_sink& notices, logger log, metrics& m)
    : impl_(std::make_unique<impl>(home, std::move(options), source, storage, vault, notices,
                                   std::move(log), m)) {}
fleet::~fleet() = default;

task<outcome<void>> fleet::start() {
    return impl_->start();
}
task<> fleet::stop(nanoseconds grace) {
    return impl_->stop(grace);
}

void fleet::reload(const fleet_options& options) {
    auto& f = *impl_;
    auto merged = options;
    merged.egress = f.options.egress;
    // Limits may change at run time; the addresses are bound at start.
    for (std::size_t i = 0; i < std::min(merged.egress.size(), options.egress.size()); ++i) {
        merged.egress[i].calls_per_minute = options.egress[i].calls_per_minute;
    }
    merged.sweep_interval = f.options.sweep_interval; // the phases are counted in it
    f.options = std::move(merged);
    f.budget.set_limits(limits_of(f.options));
    f.plan_of_day.set_options(scheduling(f.options));
    f.wake.notify_all();
}

task<outcome<tenant_view>> fleet::add_tenant(new_tenant what) {
    return impl_->add(std::move(what));
}
task<outcome<tenant_view>> fleet::change_tenant(std::string name, tenant_change what) {
    return impl_->change(std::move(name), std::move(what));
}
task<outcome<void>> fleet::remove_tenant(std::string name) {
    return impl_->remove(std::move(name));
}

std::optional<tenant_view> fleet::tenant(std::string_view name) const {
    const auto* t = impl_->find(name);
    return t == nullptr ? std::nullopt : std::optional(impl_->view(*t));
}

std::vector<std::string> fleet::tenant_names() const {
    std::vector<std::string> names;
    names.reserve(impl_->by_name.size());
    for (const auto& [name, t] : impl_->by_name) {
        if (!t->hidden) names.push_back(name);
    }
    return names;
}

std::string fleet::nearest_tenant(std::string_view name) const {
    return impl_->nearest(name);
}

const directory::tenant_directory* fleet::users(std::string_view name) const {
    const auto* t = impl_->find(name);
    return t == nullptr ? nullptr : &t->books.users;
}
const books* fleet::books_of(std::string_view name) const {
    const auto* t = impl_->find(name);
    return t == nullptr ? nullptr : &t->books;
}

outcome<sync_ticket> fleet::request_sync(std::string_view name, std::string_view employee_id,
                                         bool preview) {
    return impl_->request(name, employee_id, preview);
}

task<outcome<sync_progress>> fleet::wait(sync_ticket ticket, mono_time until) {
    return impl_->wait(ticket, until);
}

task<outcome<std::vector<run_record>>> fleet::runs(std::string name, std::uint64_t before,
                                                   std::size_t limit) {
    const auto* t = impl_->find(name);
    if (t == nullptr) co_return failure{errc::not_found, impl_->no_such_tenant(name)};
    auto found = co_await impl_->storage.runs(t->record.key, before, limit);
    if (!found) co_return refused(found.error(), "the runs can not be read");
    co_return std::move(*found);
}

task<outcome<run_record>> fleet::run(std::string name, std::uint64_t id) {
    const auto* t = impl_->find(name);
    if (t == nullptr) co_return failure{errc::not_found, impl_->no_such_tenant(name)};
    auto found = co_await impl_->storage.run(t->record.key, id);
    if (!found && errc_of(found.error()) == errc::not_found) {
        co_return failure{errc::not_found,
                          "tenant '" + name + "' has no run " + std::to_string(id) +
                              " on record; a run that changed nothing is not recorded"};
    }
    if (!found) co_return refused(found.error(), "the run can not be read");
    co_return std::move(*found);
}

task<outcome<void>> fleet::backup(std::string path) {
    if (path.empty() || path.front() != '/') {
        co_return failure{errc::invalid_argument,
                          "the backup needs an absolute path: the daemon writes it"};
    }
    const auto done = co_await impl_->storage.backup(path);
    if (!done) co_return refused(done.error(), "the backup to " + path + " failed");
    impl_->log.info("backup.written", {{"path", path}});
    co_return outcome<void>();
}

task<outcome<std::vector<std::string>>> fleet::doctor() {
    return impl_->doctor();
}
fleet_status fleet::status() const {
    return impl_->status();
}

} // namespace rollcall::sync
