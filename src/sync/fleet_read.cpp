// What a run reads: one employee, everybody at once, or everybody page by page. Each call has a
// slot of the call budget of its own (B-1), and nothing of a read is acted on before all of it is
// there.
#include <utility>

#include "fleet_impl.hpp"
#include "fleet_metrics.hpp"
#include "rollcall/core/date.hpp"
#include "stored_rows.hpp"

namespace rollcall::sync {
namespace {

// How often a read goes on behind a throttled page. Whoever is throttled again and again is better
// read anew when there is room.
constexpr int resumptions_max = 2;

// Whether the host answered at all, whatever it said: what one tenant's key or data make of it is
// no fault of the host.
bool host_answered(errc code) {
    switch (code) {
        case errc::deadline_exceeded:
        case errc::connection_failed:
        case errc::tls_failed:
        case errc::bad_response:
        case errc::upstream_failed: return false;
        default: return true;
    }
}

} // namespace

void fleet::impl::remember(live_tenant& t, const page_memory& now) {
    if (t.paging == now) return;
    t.paging = now;
    t.progress.paging = now.to_text();
    t.progress_unsaved = true;
}

snapshot_builder fleet::impl::begin_snapshot(live_tenant& t, bool whole) const {
    return snapshot_builder(t.books.users, t.settings,
                            local_date(home.wall_now(), zone_of(t.settings)), ++t.epoch, whole,
                            options.text_bytes_max);
}

fetch_report fleet::impl::too_many(std::uint64_t rows) const {
    fetch_report out;
    out.code = errc::response_too_large;
    out.detail = "the answer has " + std::to_string(rows) + " employees; the limit is " +
                 std::to_string(options.users_per_tenant_max) + " (sync.users_per_tenant_max)";
    return out;
}

// The settings stay as they are: a change of them waits for the tenant's lock.
task<reading> fleet::impl::read(run_start& start, live_tenant& t,
                                std::optional<mono_time>& settled_at) {
    const bool whole = start.employee_id.empty();
    const auto extra_names = extra_names_of(t.settings);
    fetch_request what;
    what.tenant = t.record.name;
    what.base_url = t.settings.base_url;
    what.employee_id = start.employee_id;
    what.extra_names = extra_names;
    if (whole) t.read_began = home.now();
    auto known = t.paging;
    const bool applies = wanted_of(start).apply; // a preview leaves no trace (G-7)
    const bool pages = whole && reads_pages(t.settings, known);
    if (pages) {
        auto paged = co_await read_pages(start, t, what, settled_at);
        if (!paged.doubt.empty()) {
            known.doubt = paged.doubt;
            known.doubted = home.wall_now();
            ++known.doubts;
            log.warn("pages.doubted", {{"tenant", t.record.name}, {"in_a_row", known.doubts}});
            if (applies) remember(t, known);
            if (known.doubts < page_memory::doubts_max) co_return paged;
        } else if (!paged.report.pages_refused) {
            if (paged.report.code == errc::ok && applies) remember(t, {});
            co_return paged;
        }
        co_await await_call(start, t, true, settled_at);
        t.read_began = home.now();
    }
    auto at_once = co_await read_at_once(start, t, what, settled_at);
    if (whole && applies && t.settings.paged_reading && at_once.report.code == errc::ok) {
        read_at_once_after(t, known, pages);
    }
    co_return at_once;
}

// Only now that everybody could be read is it known that the action was refused, and not the key.
void fleet::impl::read_at_once_after(live_tenant& t, page_memory known, bool pages) {
    if (known.doubts >= page_memory::doubts_max) {
        known.doubts = 0;
        known.at_once = home.wall_now();
        log.warn("pages.given_up", {{"tenant", t.record.name}});
    } else if (pages) {
        known = {};
        known.refused = home.wall_now();
        log.warn("pages.refused", {{"tenant", t.record.name}});
    }
    remember(t, known);
}

task<reading> fleet::impl::read_at_once(run_start& start, live_tenant& t, fetch_request what,
                                        std::optional<mono_time>& settled_at) {
    const bool whole = start.employee_id.empty();
    auto builder = begin_snapshot(t, whole);
    if (!whole) builder.expect_only(start.employee_id);
    reading out;
    out.report = co_await call(start, t, what, builder, settled_at);
    if (out.report.code == errc::ok) out.from = builder.finish();
    co_return out;
}

task<reading> fleet::impl::read_pages(run_start& start, live_tenant& t, fetch_request what,
                                      std::optional<mono_time>& settled_at) {
    auto builder = begin_snapshot(t, true);
    page_assembly pages(builder, t.settings.page_rows);
    reading out;
    for (int resumptions = 0;;) {
        what.page = pages.next();
        out.report = co_await call(start, t, what, pages, settled_at);
        const bool throttled = out.report.code == errc::throttled;
        // What has come is kept for as long as a window; with the first page nothing would be kept.
        const bool resumes = throttled && out.report.rows == 0 && pages.pages() != 0 &&
                             resumptions++ < resumptions_max;
        if (out.report.code != errc::ok && !resumes) co_return out;
        if (!throttled) {
            pages.end_page(out.report.rows_total.value_or(0));
            out.doubt = pages.doubt();
            if (!out.doubt.empty()) co_return out;
            if (pages.rows_total() > options.users_per_tenant_max) {
                out.report = too_many(pages.rows_total());
                co_return out;
            }
            if (pages.complete()) break;
        }
        co_await await_call(start, t, !throttled, settled_at);
    }
    out.from = builder.finish();
    co_return out;
}

task<fetch_report> fleet::impl::call(run_start& start, live_tenant& t, fetch_request what,
                                     row_sink& rows, std::optional<mono_time>& settled_at) {
    for (std::size_t tries = 1;; ++tries) {
        auto report = co_await call_once(start, t, what, rows, settled_at);
        if (!has_other_egress(tries, report)) co_return report;
        co_await await_call(start, t, false, settled_at);
    }
}

void fleet::impl::note_egress(std::uint32_t address, const fetch_report& report) {
    const auto& name = options.egress[address].address;
    if (report.egress_failed) {
        egress_faults.insert_or_assign(address, report.detail);
        if (!budget.unusable(address, home.now())) return;
        log.error("egress.unusable", {{"address", name}, {"detail", report.detail}});
    } else if (report.sent && budget.usable(address)) {
        egress_faults.erase(address);
        log.info("egress.usable_again", {{"address", name}});
    }
}

bool fleet::impl::has_other_egress(std::size_t tries, fetch_report& report) const {
    if (!report.egress_failed) return false;
    if (budget.any_usable()) return tries < budget.addresses().size();
    if (budget.addresses().size() > 1) {
        report.detail = "none of the egress addresses can be used; the last one: " + report.detail;
    }
    return false;
}

task<fetch_report> fleet::impl::call_once(const run_start& start, live_tenant& t,
                                          fetch_request what, row_sink& rows,
                                          std::optional<mono_time>& settled_at) {
    // In clear only for the call.
    const auto key = vault.open(t.record.key, t.record.sealed_api_key);
    if (!key) {
        settled_at.reset();
        fetch_report report;
        report.code = errc::corrupt;
        report.detail =
            "the stored API key does not open with the daemon's key file; set the key again";
        co_return report;
    }
    what.key = &*key;
    // Copied: a reload of the configuration may move the options while the call is under way.
    const auto source_address = options.egress[start.address].address;
    what.source_address = source_address;
    const auto began = home.now();
    // A cancellation inside counts as sent: the slot is given back only where we know better.
    settled_at = began;
    auto report = co_await source.fetch(what, rows);
    settled_at = report.answered_at != mono_time{} ? report.answered_at : home.now();
    if (!report.sent) settled_at.reset();
    counters->calls.increment(report.sent ? 1 : 0);
    totals.calls_made += report.sent ? 1 : 0;
    watch.calls.add(home.now(), report.sent ? 1 : 0);
    counters->fetch_seconds.observe(std::chrono::duration<double>(home.now() - began).count());
    note_egress(start.address, report);
    // No evidence of the host (B-6): it was not asked.
    if (report.egress_failed) co_return report;
    plan_of_day.answered(start, host_answered(report.code), home.now());
    if (report.code == errc::throttled) {
        ++totals.calls_throttled;
        counters->calls_throttled.increment();
        plan_of_day.throttled(start, report.learned_limit, home.now());
        publish(event_kind::throttled, t.record.name,
                {{"address", source_address},
                 {"limit", std::int64_t{report.learned_limit.value_or(0)}}});
    }
    co_return report;
}

task<> fleet::impl::await_call(run_start& start, live_tenant& t, bool accepted,
                               std::optional<mono_time>& settled_at) {
    plan_of_day.call_again(start, settled_at, accepted, home.now());
    settled_at.reset(); // that call is done with; the next one has not been made
    t.further_call.reset();
    wake.notify_all();
    while (!t.further_call) {
        if (draining) throw boost::system::system_error(asio::error::operation_aborted);
        co_await progress.wait();
    }
    start.address = *std::exchange(t.further_call, std::nullopt);
}

} // namespace rollcall::sync
