// The fleet as its watchers see it: events, the age of truth, and what happens right now.
#include "fleet_watch.hpp"

#include <algorithm>

#include "fleet_impl.hpp"
#include "fleet_metrics.hpp"

namespace rollcall::sync {
namespace {

// The first `rows` of the tenants for which `wanted` holds, in the order of `before`; equals by
// name, so that a picture does not flicker. Gives how many there are in all.
template <class Wanted, class Before>
std::vector<const live_tenant*> worst(const std::vector<const live_tenant*>& all, std::size_t rows,
                                      std::size_t& count, Wanted wanted, Before before) {
    std::vector<const live_tenant*> out;
    std::copy_if(all.begin(), all.end(), std::back_inserter(out),
                 [&](const live_tenant* t) { return wanted(*t); });
    count = out.size();
    const auto kept = std::min(rows, out.size());
    std::partial_sort(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(kept), out.end(),
                      [&](const live_tenant* a, const live_tenant* b) {
                          if (before(*a, *b)) return true;
                          if (before(*b, *a)) return false;
                          return a->record.name < b->record.name;
                      });
    out.resize(kept);
    return out;
}

} // namespace

void fleet::impl::publish(event_kind kind, std::string_view tenant,
                          std::vector<event_field> fields) {
    watch.feed.publish(home.wall_now(), kind, tenant, std::move(fields));
    watch.added.notify_all();
}

void fleet::impl::publish_end(live_tenant& t, const run_record& record) {
    const auto& c = record.counts;
    publish(event_kind::run_finished, t.record.name,
            {{"run", static_cast<std::int64_t>(record.id)},
             {"cause", std::string(name_of(record.cause))},
             {"outcome", std::string(name_of(record.result))},
             {"code", std::string(rollcall::name_of(record.code))},
             {"rows", c.rows},
             {"created", c.created},
             {"updated", c.updated},
             {"deactivated", c.deactivated},
             {"rejected", c.rejected},
             {"held", c.held},
             {"invited", c.invited}});
    tell_state(t);
}

void fleet::impl::publish_hold(const live_tenant& t, std::uint64_t run) {
    publish(event_kind::hold_changed, t.record.name,
            {{"run", static_cast<std::int64_t>(run)},
             {"steps", static_cast<std::int64_t>(t.books.held.steps())},
             {"digest", t.books.held.digest}});
}

tenant_state fleet::impl::settled_state(const live_tenant& t) const {
    if (t.record.stopped != errc::ok) return tenant_state::stopped;
    if (awaits_second_read(t)) return tenant_state::held;
    if (plan_of_day.quarantined_until(t.record.key)) return tenant_state::quarantined;
    if (t.progress.failures != 0 || plan_of_day.backs_off(t.record.key) ||
        plan_of_day.waits_for_host(t.record.key)) {
        return tenant_state::backing_off;
    }
    return tenant_state::waiting;
}

void fleet::impl::tell_state(live_tenant& t) {
    const auto now = settled_state(t);
    if (now == t.told_state) return;
    t.told_state = now;
    publish(event_kind::tenant_state, t.record.name,
            {{"state", std::string(name_of(now))},
             {"failures", static_cast<std::int64_t>(t.progress.failures)}});
}

void fleet::impl::begin_to_watch(live_tenant& t) {
    t.told_state = settled_state(t);
    if (t.progress.last_success == wall_time{}) return;
    // A time to come is a clock that was set back meanwhile (T-3).
    const auto age = std::max(home.wall_now() - t.progress.last_success, nanoseconds{0});
    t.truth_at = home.now() - age;
}

std::optional<nanoseconds> fleet::impl::truth_age(const live_tenant& t) const {
    if (!t.truth_at) return {};
    return home.now() - *t.truth_at;
}

truth_summary fleet::impl::truth() const {
    truth_census census(options.sweep_interval);
    for (const auto& [name, t] : by_name) {
        census.add(truth_age(*t), home.wall_now() - t->record.created,
                   t->settings.schedule == schedule::daily);
    }
    return census.summary();
}

void fleet::impl::observe_lag(live_tenant& t, const run_record& record,
                              std::optional<mono_time> read_before) {
    const auto series = lag_series(record.cause);
    if (!series || record.result != run_outcome::applied) return;
    std::optional<change_lag> longest;
    for (const auto& each : record.steps) {
        if (!comes_from_source(each.kind)) continue;
        change_lag lag;
        // A webhook that named the person says when, whatever read it was that came of it.
        if (const auto told = t.hints.find(each.label); told != t.hints.end()) {
            lag = {std::max(home.wall_now() - told->second.at, nanoseconds{0}), true};
        } else if (read_before) {
            lag.at_most = home.now() - *read_before;
        } else {
            continue;
        }
        const std::chrono::duration<double> seconds = lag.at_most;
        counters->change_lag_seconds[*series].observe(seconds.count());
        if (!longest || lag.at_most > longest->at_most) longest = lag;
    }
    if (longest) t.last_lag = longest;
}

void fleet::impl::set_truth_gauges() {
    const auto now = truth();
    for (std::size_t i = 0; i < now.at_most.size(); ++i) {
        counters->truth_age_buckets[i].set(static_cast<double>(now.at_most[i]));
    }
    counters->tenants_late.set(static_cast<double>(now.late));
}

fleet_top::line fleet::impl::line_of(const live_tenant& t, tenant_state state) const {
    fleet_top::line out;
    out.tenant = t.record.name;
    out.state = state;
    out.truth_age = truth_age(t).value_or(nanoseconds{-1});
    out.last_run = t.last_read_took;
    out.rows = t.last_read_rows;
    out.held_steps = t.books.held.steps();
    out.held_since = t.books.held.since;
    out.code = t.record.stopped != errc::ok ? t.record.stopped : t.progress.last_error;
    out.failures = t.progress.failures;
    if (const auto due = plan_of_day.due_at(t.record.key)) {
        out.next_try = std::max(*due - home.now(), nanoseconds{0});
    }
    return out;
}

// The lists of tenants, each with its own idea of what is worst.
void fleet::impl::list_tenants(fleet_top& into, std::size_t rows) const {
    std::vector<const live_tenant*> all;
    all.reserve(by_name.size());
    for (const auto& [name, t] : by_name) {
        if (t->hidden) continue;
        all.push_back(t);
        ++into.tenants_by_state[name_of(state_of(*t))];
    }
    into.tenants = all.size();
    std::size_t ignored = 0;
    // Nobody is staler than who was never read.
    for (const auto* t : worst(
             all, rows, ignored,
             [](const live_tenant& each) { return each.settings.schedule == schedule::daily; },
             [](const live_tenant& a, const live_tenant& b) { return a.truth_at < b.truth_at; })) {
        into.stalest.push_back(line_of(*t, state_of(*t)));
    }
    for (const auto* t : worst(
             all, rows, ignored,
             [](const live_tenant& each) { return each.last_read_took >= nanoseconds{0}; },
             [](const live_tenant& a, const live_tenant& b) {
                 return a.last_read_took > b.last_read_took;
             })) {
        into.slowest.push_back(line_of(*t, state_of(*t)));
    }
    for (const auto* t : worst(
             all, rows, into.held_tenants,
             [](const live_tenant& each) { return !each.books.held.empty(); },
             [](const live_tenant& a, const live_tenant& b) {
                 return a.books.held.since < b.books.held.since;
             })) {
        into.holds.push_back(line_of(*t, state_of(*t)));
    }
    for (const auto* t : worst(
             all, rows, into.troubled_tenants,
             [this](const live_tenant& each) {
                 return settled_state(each) != tenant_state::waiting;
             },
             [this](const live_tenant& a, const live_tenant& b) {
                 const auto one = settled_state(a), other = settled_state(b);
                 if (one != other) return one > other;
                 return a.progress.failures > b.progress.failures;
             })) {
        into.trouble.push_back(line_of(*t, settled_state(*t)));
    }
}

fleet_top fleet::impl::top(std::size_t rows) const {
    fleet_top out;
    const auto now = home.now();
    out.at = home.wall_now();
    out.uptime = now - started;
    out.draining = draining;
    for (std::uint32_t i = 0; i < budget.addresses().size(); ++i) {
        const auto& each = budget.addresses()[i];
        const auto used = each.used(now);
        out.addresses.push_back({options.egress[i].address, each.limit(), used,
                                 each.limit() - std::min(each.limit(), used),
                                 std::max(budget.rests_until(i), now) - now, !budget.is_usable(i)});
    }
    for (const auto& each : plan_of_day.queues(now)) {
        out.queues.push_back({each.name, each.ready, each.running, each.oldest_wait});
    }
    out.truth = truth();
    out.calls = watch.calls.last_minute(now);
    out.runs = watch.runs.last_minute(now);
    out.rows = watch.rows.last_minute(now);
    for (const auto& [key, run] : watch.active) {
        const auto place = tenants.find(key);
        if (place == tenants.end() || place->second->hidden) continue;
        out.running.push_back(
            {place->second->record.name, run.cause, run.one_person, now - run.since});
    }
    std::sort(out.running.begin(), out.running.end(), [](const auto& a, const auto& b) {
        return a.since != b.since ? a.since > b.since : a.tenant < b.tenant;
    });
    list_tenants(out, rows);
    return out;
}

const event_feed& fleet::events() const noexcept {
    return impl_->watch.feed;
}

task<> fleet::wait_for_event(std::uint64_t after, mono_time until) const {
    auto& f = *impl_;
    while (f.running && f.watch.feed.last_id() <= after && f.home.now() < until) {
        co_await f.watch.added.wait_until(until);
    }
}

bool fleet::stopped() const noexcept {
    return !impl_->running;
}

fleet_top fleet::top(std::size_t rows) const {
    return impl_->top(rows);
}

} // namespace rollcall::sync
