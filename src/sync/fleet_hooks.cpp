// Webhooks (LA-1, LA-47): a hint is durable before it is acknowledged, waits in its tenant, and is
// done with when a read that began after it has succeeded.
#include <algorithm>

#include "fleet_impl.hpp"
#include "fleet_metrics.hpp"

namespace rollcall::sync {
namespace {

// How long a key that may not read one person is taken at its word.
constexpr hours refused_for{24};

failure storage_refused(const boost::system::error_code& code) {
    return {errc_of(code), "the change could not be stored: " + code.message()};
}

std::vector<webhook_token> live_ones(std::vector<webhook_token> tokens, wall_time now) {
    std::erase_if(tokens, [now](const webhook_token& each) { return !each.live(now); });
    std::ranges::sort(tokens, std::greater{}, &webhook_token::since);
    return tokens;
}

} // namespace

void fleet::impl::count_webhook(webhook_result what) {
    ++totals.webhooks[static_cast<std::size_t>(what)];
    counters->webhooks[static_cast<std::size_t>(what)].increment();
}

// ---- from the sender to the disk ----------------------------------------------------------------

live_tenant* fleet::impl::tenant_of(const token_mark& mark, wall_time now) {
    const auto place = webhook_tokens.find(mark);
    if (place == webhook_tokens.end()) return nullptr;
    if (place->second.until != wall_time{} && now >= place->second.until) return nullptr;
    return tenants.at(place->second.tenant).get();
}

// A known and an unknown token go the same way: one look-up, one write that is waited for. What
// else a known one brings comes after the answer, in a turn of its own.
task<outcome<void>> fleet::impl::webhook(token_mark mark, webhook_event event) {
    // Also while the daemon drains: what is durable is served by the next one.
    const auto now = home.wall_now();
    const auto* const known = tenant_of(mark, now);
    hint kept{known != nullptr ? known->record.key : 0, std::move(event.employee_id), ++last_hint,
              now, event.action};
    hint_batch batch;
    if (known != nullptr) {
        // Forged ids must not fill the disk: with so many, everybody is read.
        const auto& waiting = known->hints;
        if (waiting.size() >= options.hints_per_tenant_max && !waiting.contains(kept.employee_id)) {
            kept.employee_id.clear();
        }
        batch.add.push_back(kept);
    } else {
        batch.strangers = 1;
    }
    if (const auto done = co_await storage.save_hints(std::move(batch)); !done) {
        count_webhook(webhook_result::refused);
        co_return failure{errc_of(done.error()),
                          "the webhook could not be stored: " + done.error().message()};
    }
    count_webhook(kept.tenant != 0 ? webhook_result::accepted : webhook_result::unknown);
    if (!draining) runs.spawn(take_hint(std::move(kept)));
    co_return outcome<void>();
}

void fleet::impl::passed_over(const token_mark& mark) {
    auto* const t = tenant_of(mark, home.wall_now());
    if (t == nullptr || draining || t->hint_of_all_comes || t->hints.contains(std::string{}))
        return;
    t->hint_of_all_comes = true;
    runs.spawn(keep_hint_of_all(mark));
}

task<> fleet::impl::keep_hint_of_all(token_mark mark) {
    const auto* t = tenant_of(mark, home.wall_now());
    if (t == nullptr) co_return;
    const auto key = t->record.key;
    hint kept{key, {}, ++last_hint, home.wall_now(), webhook_action::detail_updated};
    hint_batch batch;
    batch.add.push_back(kept);
    const auto done = co_await storage.save_hints(std::move(batch));
    if (const auto place = tenants.find(key); place != tenants.end()) {
        place->second->hint_of_all_comes = false;
    }
    // Where it could not be stored the next one that is refused tries again.
    if (done && !draining) co_await take_hint(std::move(kept));
}

task<> fleet::impl::take_hint(hint what) {
    const auto place = tenants.find(what.tenant);
    if (place == tenants.end() || place->second->hidden) co_return;
    auto& t = *place->second;
    if (t.webhook_tokens.empty()) co_return; // taken away meanwhile, with its hints
    t.announced.named(what.employee_id, what.at);
    t.progress.announced = t.announced.to_text();
    t.progress_unsaved = true;
    const auto employee_id = what.employee_id;
    auto& waiting = t.hints[employee_id];
    if (waiting.number < what.number) waiting = std::move(what);
    offer_hint(t, employee_id);
}

// ---- from the hints to the scheduler ------------------------------------------------------------

// What only a person can mend is not tried again because a webhook came, and nobody is read alone
// while what PeopleHR says of the tenant is held. The hints wait until it works again.
bool fleet::impl::serves_hints(const live_tenant& t) const {
    if (t.hidden || draining) return false;
    if (t.record.stopped != errc::ok || !t.held_because.empty() || t.books.gate.suspect) {
        return false;
    }
    // After a failure everybody is read again anyway, when it is time to (B-6).
    return t.progress.failures == 0 || t.settings.schedule != schedule::daily;
}

void fleet::impl::offer_hint(const live_tenant& t, std::string_view employee_id) {
    if (!serves_hints(t)) return;
    // What takes two records to see cannot be judged by reading one of them (G-4, LA-12).
    const bool disputed = std::ranges::any_of(t.books.issues, [&](const issue& each) {
        return (each.kind == issue_kind::duplicate_id || each.kind == issue_kind::shared_email ||
                each.kind == issue_kind::fallback_refused) &&
               each.external_id == employee_id;
    });
    const bool alone = t.books.imported && home.now() >= t.reads_one_from && !disputed;
    plan_of_day.hint(t.record.key, alone ? employee_id : std::string_view{}, home.now());
    wake.notify_all();
}

void fleet::impl::offer_hints(const live_tenant& t) {
    for (const auto& [employee_id, each] : t.hints) offer_hint(t, employee_id);
}

// At whatever may have kept them from being served: a failed read, a hold, a restart.
void fleet::impl::offer_all_hints() {
    for (const auto& [name, t] : by_name) {
        const auto key = t->record.key;
        if (!plan_of_day.queued(key) && !plan_of_day.running(key)) offer_hints(*t);
    }
}

// ---- from the run back --------------------------------------------------------------------------

void fleet::impl::settle_hints(live_tenant& t, const run_record& record, run_end how,
                               std::uint64_t number) {
    const bool whole = record.employee_id.empty();
    const bool done = how == run_end::done && record.code != errc::storage_full &&
                      record.result != run_outcome::failed;
    // Who is not there any more was looked at (G-3).
    const bool gone = !whole && record.code == errc::not_found;
    if (!done && !gone) {
        // A key without that permission leaves the hints to a read of everybody, for a day.
        if (!whole && disposition_of(record.code) == disposition::give_up &&
            record.code != errc::key_refused && record.code != errc::account_closed) {
            t.reads_one_from = home.now() + refused_for;
            offer_hints(t);
        }
        return;
    }
    bool hinted = false;
    const auto serve = [&](auto place) {
        if (place->second.number > number) return std::next(place);
        hints_served.push_back({t.record.key, place->first, place->second.number});
        hinted = true;
        return t.hints.erase(place);
    };
    if (whole) {
        for (auto place = t.hints.begin(); place != t.hints.end();) place = serve(place);
    } else if (const auto place = t.hints.find(record.employee_id); place != t.hints.end()) {
        (void)serve(place);
    }
    if (!t.webhook_tokens.empty()) {
        if (whole && !gone) {
            const auto since = std::ranges::min(t.webhook_tokens, {}, &webhook_token::since).since;
            const auto lost = t.announced.swept(record.steps, record.started, since);
            if (lost != 0) {
                log.info("webhook.lost", {{"tenant", t.record.name}, {"changes", lost}});
            }
            plan_of_day.set_interval(t.record.key,
                                     t.announced.wanted_interval(options.sweep_interval));
        } else if (hinted && !gone) {
            t.announced.served(record.steps, record.finished);
        }
        t.progress.announced = t.announced.to_text();
        t.progress_unsaved = true;
    }
    offer_hints(t);
}

// Lazily: what is lost of it costs a repeated read.
task<> fleet::impl::flush_hints() {
    if (hints_served.empty()) co_return;
    hint_batch batch;
    batch.done.swap(hints_served);
    const auto again = batch.done;
    if (const auto saved = co_await storage.save_hints(std::move(batch)); !saved) {
        hints_served.insert(hints_served.end(), again.begin(), again.end());
    }
}

// ---- tokens -------------------------------------------------------------------------------------

void fleet::impl::load_webhook(live_tenant& t, std::vector<webhook_token> tokens,
                               std::vector<hint> hints) {
    t.webhook_tokens = live_ones(std::move(tokens), home.wall_now());
    for (const auto& each : t.webhook_tokens) {
        webhook_tokens.insert_or_assign(each.mark, token_place{t.record.key, each.until});
    }
    if (t.webhook_tokens.empty()) return;
    t.announced = announcements::from_text(t.progress.announced);
    for (auto& each : hints) {
        last_hint = std::max(last_hint, each.number);
        t.announced.recall(each.employee_id, each.at);
        t.hints.insert_or_assign(each.employee_id, std::move(each));
    }
}

void fleet::impl::forget_webhook(const live_tenant& t) {
    for (const auto& each : t.webhook_tokens) webhook_tokens.erase(each.mark);
}

task<outcome<void>> fleet::impl::store_tokens(live_tenant& t, std::vector<webhook_token> tokens) {
    commit_batch batch;
    batch.tenant = t.record.key;
    batch.webhook_tokens = tokens;
    if (const auto done = co_await storage.commit(std::move(batch)); !done) {
        co_return storage_refused(done.error());
    }
    forget_webhook(t);
    for (const auto& each : tokens) {
        webhook_tokens.insert_or_assign(each.mark, token_place{t.record.key, each.until});
    }
    t.webhook_tokens = std::move(tokens);
    co_return outcome<void>();
}

task<outcome<new_webhook>> fleet::impl::rotate_webhook(std::string name, nanoseconds overlap) {
    auto* found = find(name);
    if (found == nullptr) co_return failure{errc::not_found, no_such_tenant(name)};
    if (draining) co_return failure{errc::shutting_down, "the daemon is shutting down"};
    auto* t = co_await lock(found->record.key);
    if (t == nullptr) co_return failure{errc::not_found, no_such_tenant(name)};
    const tenant_lock held(*this, *t);
    const auto now = home.wall_now();
    new_webhook made;
    made.token = vault.make_token();
    std::vector<webhook_token> tokens{{vault.mark_token(made.token.reveal()), now, {}}};
    for (auto each : live_ones(t->webhook_tokens, now)) {
        // Two at most: one that was to end some day ends now.
        if (each.until != wall_time{} || overlap <= nanoseconds{0}) continue;
        each.until = now + overlap;
        tokens.push_back(each);
    }
    if (t->webhook_tokens.empty()) t->announced = {};
    if (const auto done = co_await store_tokens(*t, std::move(tokens)); !done) {
        co_return done.error();
    }
    log.info("webhook.rotated", {{"tenant", name}, {"live", t->webhook_tokens.size()}});
    made.view = view_webhook(*t);
    co_return made;
}

task<outcome<webhook_view>> fleet::impl::remove_webhook(std::string name) {
    auto* found = find(name);
    if (found == nullptr) co_return failure{errc::not_found, no_such_tenant(name)};
    if (draining) co_return failure{errc::shutting_down, "the daemon is shutting down"};
    auto* t = co_await lock(found->record.key);
    if (t == nullptr) co_return failure{errc::not_found, no_such_tenant(name)};
    const tenant_lock held(*this, *t);
    if (const auto done = co_await store_tokens(*t, {}); !done) co_return done.error();
    t->hints.clear();
    t->announced = {};
    t->progress.announced.clear();
    log.info("webhook.removed", {{"tenant", name}});
    co_return view_webhook(*t);
}

webhook_view fleet::impl::view_webhook(const live_tenant& t) const {
    webhook_view v;
    const auto now = home.wall_now();
    v.tokens = live_ones(t.webhook_tokens, now);
    v.events = t.announced.events();
    v.last_event = t.announced.last_event();
    v.waiting = t.hints.size();
    v.week = t.announced.week(now);
    v.missing = t.announced.missing(now);
    v.wanted_interval = t.announced.wanted_interval(options.sweep_interval);
    return v;
}

// ---- the public face ----------------------------------------------------------------------------

token_mark fleet::mark_of(std::string_view token) const {
    return impl_->vault.mark_token(token);
}
task<outcome<void>> fleet::webhook(token_mark mark, webhook_event event) {
    return impl_->webhook(mark, std::move(event));
}
void fleet::passed_over(const token_mark& mark) {
    impl_->passed_over(mark);
}
void fleet::count_webhook(webhook_result what) {
    impl_->count_webhook(what);
}
outcome<webhook_view> fleet::webhook_of(std::string_view name) const {
    const auto* t = impl_->find(name);
    if (t == nullptr) return failure{errc::not_found, impl_->no_such_tenant(name)};
    return impl_->view_webhook(*t);
}
task<outcome<new_webhook>> fleet::rotate_webhook(std::string tenant, nanoseconds overlap) {
    return impl_->rotate_webhook(std::move(tenant), overlap);
}
task<outcome<webhook_view>> fleet::remove_webhook(std::string tenant) {
    return impl_->remove_webhook(std::move(tenant));
}

} // namespace rollcall::sync
