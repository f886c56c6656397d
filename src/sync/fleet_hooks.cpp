// Webhooks (LA-1, LA-47): a hint is durable before it is acknowledged, waits in its tenant, and is
// done with when a read that began after it has succeeded.
#include <algorithm>

#include "fleet_impl.hpp"
#include "fleet_metrics.hpp"

namespace rollcall::sync {
namespace {

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

// A known and an unknown token go the same way: one look-up, one write that is waited for. What
// else a known one brings comes after the answer, in a turn of its own.
task<outcome<void>> fleet::impl::webhook(token_mark mark, webhook_event event) {
    // Also while the daemon drains: what is durable is served by the next one.
    const auto now = home.wall_now();
    const auto place = webhook_tokens.find(mark);
    const bool known = place != webhook_tokens.end() &&
                       (place->second.until == wall_time{} || now < place->second.until);
    hint kept{known ? place->second.tenant : 0, std::move(event.employee_id), ++last_hint, now,
              event.action};
    hint_batch batch;
    if (known) {
        // Forged ids must not fill the disk: with so many, everybody is read.
        const auto& waiting = tenants.at(kept.tenant)->hints;
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
    count_webhook(known ? webhook_result::accepted : webhook_result::unknown);
    if (!draining) runs.spawn(take_hint(std::move(kept)));
    co_return outcome<void>();
}

task<> fleet::impl::take_hint(hint what) {
    const auto place = tenants.find(what.tenant);
    if (place == tenants.end() || place->second->hidden) co_return;
    auto& t = *place->second;
    if (t.webhook_tokens.empty()) co_return; // taken away meanwhile, with its hints
    t.announced.named(what.employee_id, what.at);
    t.progress.announced = t.announced.to_text();
    t.progress_unsaved = true;
    auto& waiting = t.hints[what.employee_id];
    if (waiting.number < what.number) waiting = std::move(what);
    offer_hints(t);
}

// ---- from the hints to the scheduler ------------------------------------------------------------

void fleet::impl::offer_hints(live_tenant& t) {
    if (t.hints.empty() || t.hidden || draining) return;
    // What only a person can mend is not tried again because a webhook came, and nobody is read
    // alone while what PeopleHR says of the tenant is held. The hints wait until it works again.
    if (t.record.stopped != errc::ok || !t.held_because.empty() || t.books.gate.suspect) return;
    // After a failure everybody is read again anyway, when it is time to (B-6).
    if (t.progress.failures != 0 && t.settings.schedule == schedule::daily) return;
    // What takes two records to see cannot be judged by reading one of them (G-4, LA-12).
    const auto disputed = [&t](const std::string& id) {
        return std::ranges::any_of(t.books.issues, [&id](const issue& each) {
            return (each.kind == issue_kind::duplicate_id ||
                    each.kind == issue_kind::shared_email ||
                    each.kind == issue_kind::fallback_refused) &&
                   each.external_id == id;
        });
    };
    const auto& only = t.hints.begin()->first;
    const bool alone = t.hints.size() == 1 && t.books.imported && t.reads_one && !disputed(only);
    hint_to_scheduler(t, alone ? only : std::string_view{});
}

// At whatever may have kept them from being served: a failed read, a hold, a restart.
void fleet::impl::offer_all_hints() {
    for (const auto& [name, t] : by_name) {
        const auto key = t->record.key;
        if (!plan_of_day.queued(key) && !plan_of_day.running(key)) offer_hints(*t);
    }
}

void fleet::impl::hint_to_scheduler(live_tenant& t, std::string_view employee_id) {
    const auto key = t.record.key;
    const auto answer = plan_of_day.request(key, employee_id, home.now());
    // Nobody waits for the ticket; with it a preview that joins does not make the run one.
    auto& state = tickets.try_emplace(answer.ticket).first->second;
    state.tenant = key;
    state.apply = true;
    wake.notify_all();
}

// ---- from the run back --------------------------------------------------------------------------

void fleet::impl::settle_hints(live_tenant& t, const run_record& record, run_end how,
                               std::uint64_t number) {
    const bool whole = record.employee_id.empty();
    const bool done = how == run_end::done && record.code != errc::storage_full &&
                      record.result != run_outcome::failed;
    // Who is not there any more was looked at (G-3). Another refusal of a read of one person, such
    // as a key without that permission, leaves the hint to a read of everybody.
    const bool gone = !whole && record.code == errc::not_found;
    if (!whole && !done && !gone && disposition_of(record.code) == disposition::give_up) {
        t.reads_one = false;
    }
    if (!done && !gone) return;
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
