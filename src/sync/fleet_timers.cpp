// What time alone brings: invitations that fall due and leaving dates that end (LA-23, LA-43, T-1),
// carried out without a call. One coroutine for all tenants, asleep on the wheel until the
// earliest.
#include "fleet_impl.hpp"

namespace rollcall::sync {
namespace {

// The wall clock may jump (T-3), so it is looked at this often; and as often are tenants whose
// timer could do nothing.
constexpr nanoseconds look_again = minutes{1};
constexpr nanoseconds retry_after = minutes{10};
constexpr nanoseconds busy_retry = seconds{5};

} // namespace

void fleet::impl::set_timer(live_tenant& t, wall_time not_before) {
    if (t.next_timer != wall_time{}) timers.erase({t.next_timer, t.record.key});
    const auto next = next_timer(t.books, t.settings, home.wall_now());
    t.next_timer = next ? std::max(*next, not_before) : wall_time{};
    if (t.next_timer == wall_time{}) return;
    timers.emplace(t.next_timer, t.record.key);
    timer_moved.notify_all();
}

task<> fleet::impl::timer_loop() {
    for (;;) {
        // After a start: tenant by tenant, so that a look at all users does not delay it.
        while (!timers_to_find.empty()) {
            const auto key = timers_to_find.front();
            timers_to_find.pop_front();
            const auto place = tenants.find(key);
            if (place != tenants.end() && place->second->next_timer == wall_time{}) {
                set_timer(*place->second);
            }
            co_await home.yield();
        }
        const auto now = home.wall_now();
        if (!timers.empty() && timers.begin()->first <= now && !draining &&
            !storage.health().failed) {
            const auto key = timers.begin()->second;
            timers.erase(timers.begin());
            auto& t = *tenants.at(key);
            if (t.locked) {
                // A call of this tenant is under way; the others' turns do not wait for it.
                t.next_timer = now + busy_retry;
                timers.emplace(t.next_timer, key);
                continue;
            }
            try {
                co_await timer_run(key);
            } catch (const boost::system::system_error& e) {
                if (e.code() == asio::error::operation_aborted) throw;
                log.error("timer.exception", {{"tenant_key", key}});
            } catch (const std::exception&) {
                // One tenant's bad luck must not end the timers of all others.
                log.error("timer.exception", {{"tenant_key", key}});
            }
            continue;
        }
        const auto wait =
            timers.empty() ? look_again : std::min(look_again, timers.begin()->first - now);
        co_await timer_moved.wait_until(home.now() + std::max(wait, nanoseconds{milliseconds{1}}));
    }
}

task<> fleet::impl::timer_run(tenant_key key) {
    auto* t = co_await lock(key);
    if (t == nullptr) co_return;
    const tenant_lock held(*this, *t);
    t->next_timer = wall_time{};
    const auto now = home.wall_now();
    // Nobody is deactivated or invited by the calendar on knowledge that is too old: the next sweep
    // does it, and sets the timer anew.
    if (may_trust_what_is_stored(*t)) {
        run_record record;
        record.tenant = key;
        record.cause = run_cause::timer;
        record.started = now;
        proposal p;
        p.what = co_await plan_for(*t, nullptr, t->settings);
        if (!p.what.steps.empty()) {
            record.id = ++last_run;
            record.counts = p.what.counts;
            keep_back(p, t->books, t->settings, home.wall_now(), record);
            (void)co_await enact(*t, std::move(p), record);
            count(record);
            if (record.result != run_outcome::unchanged) log_end(*t, record);
        }
    }
    // What is due already, and was not done, waits for a person or for a fresh read.
    set_timer(*t, home.wall_now() + retry_after);
}

} // namespace rollcall::sync
