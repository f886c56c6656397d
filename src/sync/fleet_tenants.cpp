// Tenants: adding, changing, removing, and how they look from outside.
#include <fmt/format.h>

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "fleet_impl.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/core/ids.hpp"

namespace rollcall::sync {
namespace {

class counting_sink final : public row_sink {
  public:
    void on_row(const source_row&) override {}
};

// "api.peoplehr.net:443" of "https://api.peoplehr.net:443/x": what tenants of one host share.
std::string_view authority_of(std::string_view url) {
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) {
        url.remove_prefix(scheme + 3);
    }
    return url.substr(0, url.find('/'));
}

failure storage_refused(const boost::system::error_code& code) {
    const auto what = errc_of(code);
    return {what, what == errc::storage_full
                      ? "the disk of the data directory is full; free some space, then try again"
                      : "the change could not be stored: " + code.message()};
}

} // namespace

std::string fleet::impl::nearest(std::string_view name) const {
    std::vector<std::string_view> known;
    known.reserve(by_name.size());
    for (const auto& each : by_name) known.push_back(each.first);
    return std::string(nearest_name(name, known));
}

std::string fleet::impl::no_such_tenant(std::string_view name) const {
    auto detail = "there is no tenant '" + std::string(name) + "'";
    if (const auto near = nearest(name); !near.empty()) detail += "; did you mean '" + near + "'?";
    return detail;
}

scheduler::tenant_facts fleet::impl::facts(const live_tenant& t) const {
    scheduler::tenant_facts f;
    f.name = t.record.name;
    f.last_success = t.progress.last_success;
    f.daily = t.settings.schedule == schedule::daily;
    f.stopped = t.record.stopped != errc::ok;
    f.held = awaits_second_read(t);
    f.failures = t.progress.failures;
    f.failed = t.progress.last_attempt > t.progress.last_success &&
               disposition_of(t.progress.last_error) == disposition::retry_soon;
    f.calls_per_minute = t.settings.calls_per_minute;
    f.host = authority_of(t.settings.base_url);
    f.last_attempt = t.progress.last_attempt;
    f.rows = t.books.users.size();
    f.calls = calls_of_read(t.settings, t.paging, f.rows);
    if (!t.webhook_tokens.empty()) {
        // Polling tightens for what webhooks lose (LA-47).
        f.interval = t.announced.wanted_interval(options.sweep_interval);
    }
    return f;
}

tenant_view fleet::impl::view(const live_tenant& t) const {
    tenant_view v;
    const auto key = t.record.key;
    v.key = key;
    v.name = t.record.name;
    v.settings = t.settings;
    v.stopped = t.record.stopped;
    v.stopped_detail = t.record.stopped_detail;
    v.progress = t.progress;
    v.users = t.books.users.size();
    v.active = t.books.users.active();
    v.issues = t.books.issues;
    v.held_steps = t.books.held.steps();
    v.held_digest = t.books.held.digest;
    v.conflicts = static_cast<std::size_t>(
        std::count_if(v.issues.begin(), v.issues.end(),
                      [](const issue& each) { return !rulings_for(each.kind).empty(); }));
    v.imported = t.books.imported;
    v.live = t.books.live;
    v.next_timer = t.next_timer;
    v.created = t.record.created;
    if (!t.webhook_tokens.empty()) v.webhook = view_webhook(t);
    v.paging = t.paging;
    if (const auto due = plan_of_day.due_at(key))
        v.next_sweep = home.wall_now() + (*due - home.now());
    if (const auto start = plan_of_day.estimated_start(key, home.now())) v.estimated_start = *start;
    v.truth_age = truth_age(t).value_or(nanoseconds{-1});
    v.last_change_lag = t.last_lag;
    if (const auto until = plan_of_day.quarantined_until(key)) {
        v.quarantined_until = home.wall_now() + (*until - home.now());
    }
    v.host_down = plan_of_day.waits_for_host(key);
    v.state = state_of(t);
    return v;
}

tenant_state fleet::impl::state_of(const live_tenant& t) const {
    if (plan_of_day.running(t.record.key)) return tenant_state::running;
    if (plan_of_day.queued(t.record.key)) return tenant_state::queued;
    return settled_state(t);
}

task<live_tenant*> fleet::impl::lock(tenant_key key) {
    for (;;) {
        const auto place = tenants.find(key);
        if (place == tenants.end()) co_return nullptr;
        if (!place->second->locked) {
            place->second->locked = true;
            co_return place->second.get();
        }
        co_await progress.wait();
    }
}

void fleet::impl::unlock(live_tenant& t) {
    ROLLCALL_CHECK(t.locked);
    t.locked = false;
    progress.notify_all();
}

// LA-4, WT-1: reads everybody, because that is the permission that a sync needs.
task<outcome<void>> fleet::impl::test_call(std::string_view name, const tenant_settings& settings,
                                           const secret& key) {
    sliding_window own(settings.calls_per_minute, budget.window());
    for (std::size_t tries = 1;; ++tries) {
        auto report = co_await test_call_once(name, settings, key, own);
        if (report.code == errc::ok) co_return outcome<void>();
        if (!has_other_egress(tries, report)) co_return failure{report.code, report.detail};
    }
}

task<fetch_report> fleet::impl::test_call_once(std::string_view name,
                                               const tenant_settings& settings, const secret& key,
                                               sliding_window& own) {
    std::optional<std::uint32_t> address;
    while (!(address = budget.try_acquire(own, home.now()))) {
        const auto at = budget.available_at(own, home.now());
        if (draining) {
            fetch_report stopped;
            stopped.code = errc::shutting_down;
            stopped.detail = "the daemon is shutting down";
            co_return stopped;
        }
        co_await wake.wait_until(
            std::max(at.value_or(home.now() + seconds{1}), home.now() + milliseconds{1}));
    }
    // The slot must come back whatever happens to the call.
    struct slot {
        impl& self;
        sliding_window& own;
        std::uint32_t address;
        bool sent = true;
        ~slot() {
            sent ? self.budget.settle(address, own, self.home.now())
                 : self.budget.refund(address, own);
            self.wake.notify_all();
        }
    } taken{*this, own, *address};
    counting_sink sink;
    const auto source_address = options.egress[*address].address; // a reload may move the options
    auto report = co_await source.fetch({name, settings.base_url, &key, {}, source_address}, sink);
    taken.sent = report.sent;
    totals.calls_made += report.sent ? 1 : 0;
    watch.calls.add(home.now(), report.sent ? 1 : 0);
    note_egress(*address, report);
    if (report.code == errc::throttled) {
        ++totals.calls_throttled;
        (void)budget.throttled(*address, own, 0, home.now(), report.learned_limit, home.random());
        publish(event_kind::throttled, name,
                {{"address", source_address},
                 {"limit", std::int64_t{report.learned_limit.value_or(0)}}});
    }
    co_return report;
}

task<outcome<tenant_view>> fleet::impl::add(new_tenant what) {
    if (draining) co_return failure{errc::shutting_down, "the daemon is shutting down"};
    if (!valid_tenant_name(what.name)) {
        co_return failure{
            errc::invalid_argument,
            "'" + what.name.substr(0, 80) +
                "' is not a tenant name: it takes 1 to 63 of a-z, 0-9, '.', '_' and '-', and "
                "begins with a letter or digit"};
    }
    const auto taken = [&] {
        return failure{errc::already_exists,
                       "there is a tenant '" + what.name +
                           "' already; change it with 'tenant set' or 'apply'"};
    };
    if (by_name.contains(what.name)) co_return taken();
    if (what.api_key.empty()) {
        co_return failure{errc::invalid_argument,
                          "the API key is empty; make one in PeopleHR under Settings, API"};
    }
    if (auto wrong = contradictions(what.settings); !wrong.empty()) co_return wrong.front();
    if (tenants.size() + adding >= options.tenants_max) {
        co_return failure{errc::busy, "this daemon holds " + std::to_string(tenants.size()) +
                                          " tenants, its limit (sync.tenants_max)"};
    }
    struct one_more {
        std::size_t& count;
        explicit one_more(std::size_t& c) : count(c) { ++count; }
        ~one_more() { --count; }
    } const reserved{adding};
    if (what.verify) {
        if (auto tested = co_await test_call(what.name, what.settings, what.api_key); !tested) {
            co_return tested.error();
        }
        if (by_name.contains(what.name)) co_return taken();
    }
    auto made = std::make_unique<live_tenant>();
    auto& record = made->record;
    record.key = next_key++;
    record.name = what.name;
    record.settings = boost::json::serialize(to_json(what.settings));
    record.sealed_api_key = vault.seal(record.key, what.api_key);
    record.created = home.wall_now();
    record.erasure_salt = fmt::format("{:016x}{:016x}", home.random().next(), home.random().next());
    made->books.erasure_salt = record.erasure_salt;
    made->settings = what.settings;
    made->progress.key = record.key;
    commit_batch batch;
    batch.tenant = record.key;
    batch.record = record;
    // Named before it is durable, so that a second one of the name is refused meanwhile; seen by
    // nobody.
    auto* const t = made.get();
    t->locked = t->hidden = true;
    by_name.emplace(what.name, t);
    tenants.emplace(record.key, std::move(made));
    auto hidden = facts(*t);
    hidden.stopped = true;
    plan_of_day.add(t->record.key, hidden, home.now());
    const auto done = co_await storage.commit(std::move(batch));
    if (!done) {
        plan_of_day.remove(t->record.key);
        by_name.erase(t->record.name);
        tenants.erase(t->record.key);
        co_return storage_refused(done.error());
    }
    t->hidden = false;
    unlock(*t);
    plan_of_day.change(t->record.key, facts(*t), home.now());
    log.info("tenant.added",
             {{"tenant", t->record.name}, {"profile", name_of(t->settings.profile)}});
    publish(event_kind::tenant_added, t->record.name);
    wake.notify_all();
    co_return view(*t);
}

task<outcome<tenant_view>> fleet::impl::change(std::string name, tenant_change what) {
    if (draining) co_return failure{errc::shutting_down, "the daemon is shutting down"};
    auto* found = find(name);
    if (found == nullptr) co_return failure{errc::not_found, no_such_tenant(name)};
    const auto key = found->record.key;
    if (found->damaged) co_return failure{errc::corrupt, found->record.stopped_detail};
    if (found->settings_unreadable && !what.settings) {
        co_return failure{errc::corrupt, "the stored settings of '" + name +
                                             "' can not be read; set them together with the key"};
    }
    if (what.settings) {
        if (auto wrong = contradictions(*what.settings); !wrong.empty()) co_return wrong.front();
    }
    if (what.api_key) {
        if (what.api_key->empty())
            co_return failure{errc::invalid_argument, "the API key is empty"};
        if (what.verify) {
            const auto settings = what.settings ? *what.settings : found->settings;
            if (auto tested = co_await test_call(name, settings, *what.api_key); !tested) {
                auto why = tested.error();
                why.detail += "; the key that was stored before is kept";
                co_return why;
            }
        }
    }
    auto* t = co_await lock(key);
    if (t == nullptr) co_return failure{errc::not_found, no_such_tenant(name)};
    tenant_lock held(*this, *t);
    auto updated = t->record;
    if (what.settings) updated.settings = boost::json::serialize(to_json(*what.settings));
    if (what.api_key) updated.sealed_api_key = vault.seal(key, *what.api_key);
    // A person has acted: whatever stopped the tenant is tried again. A refused key stays refused
    // until there is another one, or another address to ask (B-6).
    const bool other_address = what.settings && what.settings->base_url != t->settings.base_url;
    if (updated.stopped != errc::key_refused || what.api_key || other_address) {
        updated.stopped = errc::ok;
        updated.stopped_detail.clear();
    }
    commit_batch batch;
    batch.tenant = key;
    batch.record = updated;
    if (const auto done = co_await storage.commit(std::move(batch)); !done) {
        co_return storage_refused(done.error());
    }
    t->record = std::move(updated);
    if (what.api_key || (what.settings && other_pages(t->settings, *what.settings))) {
        remember(*t, {});
    }
    t->reads_one_from = mono_time::min(); // another key, or another host, may grant it
    const bool other_rules = what.settings && !(t->settings == *what.settings);
    if (what.settings) {
        t->settings = *what.settings;
        t->settings_unreadable = false;
    }
    t->progress.failures = 0;
    t->progress_unsaved = true;
    t->refusals = 0;
    t->first_failure_noted = false;
    if (other_rules) {
        // What was shown before the change happens with it, not a day later.
        const auto record = co_await replan(*t);
        set_timer(*t);
        if (record.result == run_outcome::applied) log_end(*t, record);
    }
    held.release();
    plan_of_day.change(key, facts(*t), home.now());
    log.info("tenant.changed", {{"tenant", name},
                                {"settings", what.settings.has_value()},
                                {"api_key", what.api_key.has_value()}});
    publish(event_kind::tenant_changed, name,
            {{"settings", what.settings ? 1 : 0}, {"api_key", what.api_key ? 1 : 0}});
    tell_state(*t);
    wake.notify_all();
    co_return view(*t);
}

task<outcome<void>> fleet::impl::remove(std::string name) {
    auto* found = find(name);
    if (found == nullptr) co_return failure{errc::not_found, no_such_tenant(name)};
    const auto key = found->record.key;
    live_tenant* t = nullptr;
    for (;;) {
        t = co_await lock(key);
        if (t == nullptr) co_return failure{errc::not_found, no_such_tenant(name)};
        // A run that was granted its call, but has not taken the lock yet, still needs the tenant.
        if (!plan_of_day.running(key)) break;
        unlock(*t);
        co_await progress.wait();
    }
    tenant_lock held(*this, *t);
    commit_batch batch;
    batch.tenant = key;
    batch.remove_tenant = true;
    // No run may begin, and nobody look, while the removal becomes durable.
    plan_of_day.remove(key);
    by_name.erase(name);
    t->hidden = true;
    // Nobody starts the runs that were asked for any more, whether the removal succeeds or not.
    std::erase_if(tickets, [key](const auto& each) {
        return each.second.tenant == key && !each.second.done;
    });
    if (const auto done = co_await storage.commit(std::move(batch)); !done) {
        t->hidden = false;
        by_name.emplace(name, t);
        plan_of_day.add(key, facts(*t), home.now());
        wake.notify_all();
        co_return storage_refused(done.error());
    }
    held.forget();
    forget_webhook(*t);
    if (t->next_timer != wall_time{}) timers.erase({t->next_timer, key});
    tenants.erase(key);
    progress.notify_all();
    log.info("tenant.removed", {{"tenant", name}});
    publish(event_kind::tenant_removed, name);
    co_return outcome<void>();
}

} // namespace rollcall::sync
