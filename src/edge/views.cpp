#include "views.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/value_from.hpp>

namespace rollcall::edge {
namespace {

namespace json = boost::json;

json::object numbers(const std::map<std::string, std::size_t, std::less<>>& counts) {
    json::object out;
    for (const auto& [name, count] : counts) out[name] = count;
    return out;
}

json::object to_json(const sync::fleet_status::egress& address) {
    return {{"address", text_or_null(address.address)},
            {"calls_per_minute", address.limit},
            {"used", address.used},
            {"paused", address.paused},
            {"throttle_scope", address.scope},
            {"fault", text_or_null(address.fault)}};
}

json::object to_json(const sync::fleet_status::host& host) {
    return {{"name", host.name},
            {"tenants", host.tenants},
            {"state", host.down ? "down" : "up"},
            {"down_seconds", host.down ? seconds_json(host.down_for) : json::value(nullptr)},
            {"waiting", host.waiting},
            {"accepted", host.accepted}};
}

json::object to_json(const sync::fleet_status::queue& queue) {
    return {{"class", queue.name},
            {"ready", queue.ready},
            {"running", queue.running},
            {"oldest_wait_seconds", seconds_json(queue.oldest_wait)}};
}

json::object to_json(const sync::store_health& storage) {
    return {{"failed", storage.failed},
            {"full", storage.full},
            {"commits", storage.commits},
            {"batches", storage.batches},
            {"wal_bytes", storage.wal_bytes},
            {"database_bytes", storage.database_bytes},
            {"corrupt_rows", storage.corrupt_rows}};
}

json::object to_json(const sync::truth_summary& truth) {
    json::array buckets;
    for (std::size_t i = 0; i < truth.at_most.size(); ++i) {
        const bool last = i == sync::truth_age_bounds.size();
        buckets.push_back(
            json::object{{"at_most_seconds", last ? json::value(nullptr)
                                                  : json::value(sync::truth_age_bounds[i].count())},
                         {"tenants", truth.at_most[i]}});
    }
    return {{"tenants", truth.tenants},
            {"never", truth.never},
            {"on_request", truth.on_request},
            {"late", truth.late},
            {"bound_seconds", seconds_json(truth.bound)},
            {"p50_seconds", seconds_json(truth.p50)},
            {"p99_seconds", seconds_json(truth.p99)},
            {"max_seconds", seconds_json(truth.max)},
            {"histogram", std::move(buckets)}};
}

json::object to_json(const sync::fleet_top::line& one) {
    return {{"tenant", one.tenant},
            {"state", name_of(one.state)},
            {"truth_age_seconds", seconds_json(one.truth_age)},
            {"last_run_seconds", seconds_json(one.last_run)},
            {"rows", one.rows},
            {"held_steps", one.held_steps},
            {"held_since", time_json(one.held_since)},
            {"code", one.code == errc::ok ? json::value(nullptr) : json::value(name_of(one.code))},
            {"failures", one.failures},
            {"next_try_seconds", seconds_json(one.next_try)}};
}

json::array to_json(const std::vector<sync::fleet_top::line>& lines) {
    json::array out;
    for (const auto& one : lines) out.push_back(to_json(one));
    return out;
}

json::object to_json(const sync::tenant_progress& progress) {
    return {{"last_success", time_json(progress.last_success)},
            {"last_attempt", time_json(progress.last_attempt)},
            {"failures", progress.failures},
            {"last_error",
             progress.last_error == errc::ok ? json::value(nullptr) : name_of(progress.last_error)},
            {"last_detail", text_or_null(progress.last_detail)},
            {"sweeps", progress.sweeps}};
}

// Null where everybody is always read at once.
json::value paging_json(const sync::tenant_view& tenant) {
    if (!tenant.settings.paged_reading) return nullptr;
    const auto& known = tenant.paging;
    return json::object{{"refused", time_json(known.refused)},
                        {"doubts", known.doubts},
                        {"doubted", time_json(known.doubted)},
                        {"doubt", text_or_null(known.doubt)},
                        {"at_once", time_json(known.at_once)}};
}

json::object to_json_webhooks(const sync::fleet_status& status) {
    json::object received;
    for (std::size_t i = 0; i < status.webhooks.size(); ++i) {
        received[name_of(static_cast<sync::webhook_result>(i))] = status.webhooks[i];
    }
    return {{"tenants", status.tenants_with_webhook},
            {"received", std::move(received)},
            {"waiting", status.hints_waiting}};
}

} // namespace

json::value text_or_null(std::string_view text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::value time_json(wall_time t) {
    if (t == wall_time{}) return nullptr;
    const auto day = std::chrono::floor<std::chrono::days>(t);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{std::chrono::floor<milliseconds>(t - day)};
    return json::value(
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                    clock.subseconds().count()));
}

json::value seconds_json(nanoseconds d) {
    if (d < nanoseconds{0}) return nullptr;
    return static_cast<double>(std::chrono::round<milliseconds>(d).count()) / 1000.0;
}

json::object to_json(const sync::fleet_status& status) {
    json::array addresses;
    for (const auto& one : status.addresses) addresses.push_back(to_json(one));
    json::array hosts;
    for (const auto& one : status.hosts) hosts.push_back(to_json(one));
    json::array queues;
    for (const auto& one : status.queues) queues.push_back(to_json(one));
    return {{"tenants",
             {{"total", status.tenants},
              {"by_state", numbers(status.tenants_by_state)},
              {"never_synced", status.never_synced}}},
            {"users", {{"total", status.users}, {"active", status.active_users}}},
            {"issues", {{"total", status.issues}, {"by_kind", numbers(status.issues_by_kind)}}},
            {"runs",
             {{"unchanged", status.runs_unchanged},
              {"applied", status.runs_applied},
              {"held", status.runs_held},
              {"failed", status.runs_failed}}},
            {"held", {{"tenants", status.held_tenants}, {"steps", status.held_steps}}},
            {"invitations_sent", status.invitations_sent},
            {"notices_delivered", status.notices_delivered},
            {"rows_read", status.rows_read},
            {"users_created", status.users_created},
            {"users_updated", status.users_updated},
            {"users_deactivated", status.users_deactivated},
            {"calls",
             {{"made", status.calls_made},
              {"throttled", status.calls_throttled},
              {"addresses", std::move(addresses)},
              {"hosts", std::move(hosts)}}},
            {"queues", std::move(queues)},
            {"freshness", to_json(status.truth)},
            {"directory_bytes", status.directory_bytes},
            {"mapped_text_bytes", status.mapped_text_bytes},
            {"uptime_seconds", seconds_json(status.uptime)},
            {"sync_busy_seconds", seconds_json(status.sync_busy)},
            {"storage", to_json(status.storage)},
            {"webhooks", to_json_webhooks(status)},
            {"draining", status.draining}};
}

json::object to_json(const sync::webhook_view& webhook) {
    json::array tokens;
    for (const auto& one : webhook.tokens) {
        tokens.push_back(
            json::object{{"since", time_json(one.since)}, {"until", time_json(one.until)}});
    }
    json::object told;
    json::object lost;
    for (std::size_t i = 0; i < sync::announced_kind_count; ++i) {
        const auto name = sync::subscription_of(static_cast<sync::announced_kind>(i));
        told[name] = webhook.week.told[i];
        lost[name] = webhook.week.lost[i];
    }
    json::array missing;
    for (const auto kind : webhook.missing) missing.emplace_back(sync::subscription_of(kind));
    return {{"tokens", std::move(tokens)},
            {"events", webhook.events},
            {"last_event", time_json(webhook.last_event)},
            {"waiting", webhook.waiting},
            {"week",
             {{"announced", webhook.week.all_told()},
              {"lost", webhook.week.all_lost()},
              {"loss_rate", webhook.week.loss_rate()},
              {"announced_by_event", std::move(told)},
              {"lost_by_event", std::move(lost)}}},
            {"probably_not_subscribed", std::move(missing)},
            {"wanted_interval_seconds", seconds_json(webhook.wanted_interval)}};
}

json::object to_json(const sync::fleet_top& top) {
    json::object states;
    for (const auto& [name, count] : top.tenants_by_state) states[name] = count;
    json::array addresses, queues, running;
    for (const auto& one : top.addresses) {
        addresses.push_back(json::object{{"address", text_or_null(one.name)},
                                         {"limit", one.limit},
                                         {"used", one.used},
                                         {"room", one.room},
                                         {"paused_seconds", seconds_json(one.paused)},
                                         {"unusable", one.unusable}});
    }
    for (const auto& one : top.queues) {
        queues.push_back(json::object{{"name", one.name},
                                      {"ready", one.ready},
                                      {"running", one.running},
                                      {"oldest_wait_seconds", seconds_json(one.oldest_wait)}});
    }
    for (const auto& one : top.running) {
        running.push_back(json::object{{"tenant", one.tenant},
                                       {"cause", name_of(one.cause)},
                                       {"one_person", one.one_person},
                                       {"seconds", seconds_json(one.since)}});
    }
    return {{"at", time_json(top.at)},
            {"uptime_seconds", seconds_json(top.uptime)},
            {"draining", top.draining},
            {"tenants", {{"total", top.tenants}, {"by_state", std::move(states)}}},
            {"addresses", std::move(addresses)},
            {"queues", std::move(queues)},
            {"last_minute", {{"calls", top.calls}, {"runs", top.runs}, {"rows", top.rows}}},
            {"freshness", to_json(top.truth)},
            {"running", std::move(running)},
            {"slowest", to_json(top.slowest)},
            {"stalest", to_json(top.stalest)},
            {"held_tenants", top.held_tenants},
            {"holds", to_json(top.holds)},
            {"troubled_tenants", top.troubled_tenants},
            {"trouble", to_json(top.trouble)}};
}

json::object to_json(const sync::tenant_view& tenant, detail how) {
    json::object out{{"name", tenant.name},
                     {"key", tenant.key},
                     {"state", name_of(tenant.state)},
                     {"stopped", nullptr},
                     {"users", tenant.users},
                     {"active", tenant.active},
                     {"issue_count", tenant.issues.size()},
                     {"held_steps", tenant.held_steps},
                     {"held_digest", text_or_null(tenant.held_digest)},
                     {"conflicts", tenant.conflicts},
                     {"imported", tenant.imported},
                     {"live", tenant.live},
                     {"next_timer", time_json(tenant.next_timer)},
                     {"next_sweep", time_json(tenant.next_sweep)},
                     {"quarantined_until", time_json(tenant.quarantined_until)},
                     {"host_down", tenant.host_down},
                     {"estimated_start_seconds", seconds_json(tenant.estimated_start)},
                     {"truth_age_seconds", seconds_json(tenant.truth_age)},
                     {"last_change_lag", nullptr},
                     {"created", time_json(tenant.created)},
                     {"progress", to_json(tenant.progress)},
                     {"webhook", nullptr},
                     {"paging", paging_json(tenant)},
                     {"settings", sync::to_json(tenant.settings)}};
    if (tenant.webhook) out["webhook"] = to_json(*tenant.webhook);
    if (tenant.stopped != errc::ok) {
        out["stopped"] = json::object{{"code", name_of(tenant.stopped)},
                                      {"detail", text_or_null(tenant.stopped_detail)}};
    }
    if (tenant.last_change_lag) {
        out["last_change_lag"] =
            json::object{{"at_most_seconds", seconds_json(tenant.last_change_lag->at_most)},
                         {"exact", tenant.last_change_lag->exact}};
    }
    if (how == detail::brief) return out;
    json::array issues;
    issues.reserve(tenant.issues.size());
    for (const auto& one : tenant.issues) issues.push_back(to_json(one));
    out["issues"] = std::move(issues);
    return out;
}

json::object to_json(const sync::run_counts& counts) {
    return {{"rows", counts.rows},
            {"in_scope", counts.in_scope},
            {"unchanged", counts.unchanged},
            {"created", counts.created},
            {"updated", counts.updated},
            {"relinked", counts.relinked},
            {"deactivated", counts.deactivated},
            {"reactivated", counts.reactivated},
            {"unmanaged", counts.unmanaged},
            {"rejected", counts.rejected},
            {"missing", counts.missing},
            {"left_before_first_seen", counts.left_before_first_seen},
            {"held", counts.held},
            {"dropped", counts.dropped},
            {"invited", counts.invited}};
}

json::object to_json(const sync::issue& issue) {
    return {{"kind", name_of(issue.kind)},
            {"id", text_or_null(issue.external_id)},
            {"other_id", text_or_null(issue.other_external_id)},
            {"field", text_or_null(issue.field)},
            {"rule", issue.rule}};
}

json::object to_json(const sync::run_record& run) {
    return {{"id", run.id},
            {"cause", name_of(run.cause)},
            {"result", name_of(run.result)},
            {"code", name_of(run.code)},
            {"detail", text_or_null(run.detail)},
            {"employee_id", text_or_null(run.employee_id)},
            {"started", time_json(run.started)},
            {"finished", time_json(run.finished)},
            {"counts", to_json(run.counts)}};
}

json::object to_json(const sync::sync_ticket& ticket) {
    return {{"ticket", ticket.number},
            {"joined", ticket.joined},
            {"estimated_start_seconds", seconds_json(ticket.estimated_start)}};
}

json::object to_json(const sync::sync_progress& progress) {
    json::object out{{"done", progress.done}, {"state", name_of(progress.state)}};
    if (progress.done) {
        out["run"] = to_json(progress.run);
    } else {
        out["estimated_start_seconds"] = seconds_json(progress.estimated_start);
    }
    return out;
}

json::object settings_table() {
    const auto learnamp = sync::to_json(sync::defaults_of(sync::profile::learnamp));
    const auto wethrive = sync::to_json(sync::defaults_of(sync::profile::wethrive));
    json::array rows;
    for (const auto& row : sync::setting_rows()) {
        json::object defaults;
        if (const auto* value = learnamp.if_contains(row.name)) defaults["learnamp"] = *value;
        if (const auto* value = wethrive.if_contains(row.name)) defaults["wethrive"] = *value;
        rows.push_back(json::object{{"name", row.name},
                                    {"meaning", row.meaning},
                                    {"allowed", row.allowed},
                                    {"default", std::move(defaults)}});
    }
    return {{"settings", std::move(rows)}};
}

} // namespace rollcall::edge
