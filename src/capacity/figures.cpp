// The figures of a plan: what each is called, and what it was made of.
#include "rollcall/capacity/plan.hpp"

namespace rollcall::capacity {
namespace {

using e = estimate;

constexpr std::array rows{
    figure{"freshness.interval_s", "time between two sweeps of a tenant", "s", "freshness",
           "settings.sweep_interval_minutes, else 24/25 of required.truth_age_hours, at most 24 h",
           "settings.sweep_interval_minutes required.truth_age_hours", &e::interval_s},
    figure{"freshness.truth_age_p50_s", "age of truth, half of the tenants", "s", "freshness",
           "half of the time between two reads of a tenant + call_s; it is the interval, or "
           "round_s where "
           "that is longer",
           "freshness.interval_s calls.round_s calls.call_s", &e::age_p50_s},
    figure{"freshness.truth_age_p99_s", "age of truth, 99 % of the tenants", "s", "freshness",
           "99/100 of the time between two reads of a tenant, in the worst hour + call_s",
           "freshness.interval_s calls.round_s calls.call_s", &e::age_p99_s},
    figure{
        "freshness.truth_age_max_s", "age of truth, oldest", "s", "freshness",
        "the time between two reads of a tenant, in the worst hour + call_s + 30 s if calls fail",
        "freshness.interval_s calls.round_s calls.call_s limits.failing", &e::age_max_s},
    figure{"freshness.change_lag_p50_s", "change until it is here, half of all", "s", "freshness",
           "mixture: announced changes by the webhook's delay and a call, the others evenly over "
           "the age of truth",
           "webhooks.share webhooks.loss webhooks.delay_median_s webhooks.delay_p99_s "
           "freshness.truth_age_max_s calls.call_s",
           &e::lag_p50_s},
    figure{"freshness.change_lag_p99_s", "change until it is here, 99 %", "s", "freshness",
           "the same mixture",
           "webhooks.share webhooks.loss webhooks.delay_median_s webhooks.delay_p99_s "
           "freshness.truth_age_max_s calls.call_s",
           &e::lag_p99_s},
    figure{"freshness.change_lag_max_s", "change until it is here, latest", "s", "freshness",
           "the same mixture", "webhooks.share webhooks.loss freshness.truth_age_max_s",
           &e::lag_max_s},
    figure{"freshness.on_demand_p50_s", "button until its call starts, half of all", "s",
           "freshness", "as the next, of half of them", "freshness.on_demand_p99_s",
           &e::on_demand_p50_s},
    figure{
        "freshness.on_demand_p99_s", "button until its call starts, 99 %", "s", "freshness",
        "up to a step of the addresses, as often as buttons (Poisson) find all slots taken that "
        "sweeps and webhooks leave, + the wait behind other buttons (M/D/1), in the busiest hour; "
        "at most behind sweeps without end",
        "buttons.per_day day.shape calls.address_calls_min limits.addresses calls.day",
        &e::on_demand_p99_s},

    figure{"calls.per_read", "calls to read one tenant", "calls", "calls",
           "mean of max(1, records / page_rows) over the sizes", "size answers.page_rows",
           &e::calls_per_read},
    figure{"calls.call_s", "length of a call", "s", "calls",
           "mean of a lognormal latency by median and p99 + latency_per_row_us x records",
           "answers.latency_median_ms answers.latency_p99_ms answers.latency_per_row_us size",
           &e::call_s},
    figure{"calls.address_calls_min", "calls that an address can make", "calls/min", "calls",
           "calls_per_minute x 60 s / (60 s + call_s): a slot is taken until a minute after the "
           "answer",
           "limits.calls_per_minute calls.call_s", &e::address_calls_min},
    figure{"calls.sweep_day", "calls of sweeps", "calls/day", "calls",
           "tenants x per_read x a day / interval / (1 - failing)",
           "tenants calls.per_read freshness.interval_s limits.failing", &e::sweep_calls_day},
    figure{"calls.webhook_day", "calls of webhooks", "calls/day", "calls",
           "webhooks a day about changes / (1 - failing): from one for each change to one for each "
           "webhook",
           "webhooks.per_day webhooks.share webhooks.loss webhooks.duplicates changes "
           "limits.failing",
           &e::webhook_calls_day},
    figure{"calls.button_day", "calls of buttons", "calls/day", "calls",
           "buttons.per_day x per_read / (1 - failing)",
           "buttons.per_day calls.per_read limits.failing", &e::button_calls_day},
    figure{"calls.day", "calls that are needed", "calls/day", "calls", "the three together",
           "calls.sweep_day calls.webhook_day calls.button_day", &e::calls_day},
    figure{"calls.supply_day", "calls that there are", "calls/day", "calls",
           "address_calls_min x 1,440 x addresses", "calls.address_calls_min limits.addresses",
           &e::supply_day},
    figure{"calls.address_use", "use of each address", "share", "calls", "needed / there",
           "calls.day calls.supply_day", &e::address_use},
    figure{"calls.round_s", "one sweep of all beside all other calls", "s", "calls",
           "tenants x per_read / what webhooks and buttons leave of the limit and the places",
           "tenants calls.per_read calls.supply_day calls.webhook_day calls.button_day "
           "settings.concurrent_runs_max",
           &e::round_s},
    figure{"calls.round_alone_s", "one sweep of all with every call", "s", "calls",
           "tenants x per_read / the limit, or the places where they are fewer",
           "tenants calls.per_read calls.supply_day settings.concurrent_runs_max",
           &e::round_alone_s},
    figure{"calls.first_load_s", "first import of the whole fleet", "s", "calls",
           "as a sweep with every call", "calls.round_alone_s", &e::first_load_s},
    figure{"calls.recovery_s", "until all is fresh after the outage", "s", "calls",
           "outage_hours x sweeps an hour / spare calls an hour",
           "required.outage_hours calls.sweep_day calls.supply_day", &e::recovery_s},

    figure{"needs.addresses", "addresses needed", "addresses", "needs",
           "the least number with which needed calls leave headroom free, truth_age_p99 is as "
           "required and a button waits no longer than required",
           "calls.day calls.address_calls_min limits.headroom required.truth_age_hours "
           "required.on_demand_p99_s",
           &e::addresses_needed},
    figure{"needs.machines", "machines needed", "machines", "needs",
           "the most of: addresses / 64, tenants / tenants_max, and what processor and network "
           "(at 70 %), memory and disk (at 80 %) ask for",
           "needs.addresses settings.tenants_max machine.cpu_peak machine.memory_bytes "
           "machine.disk_bytes machine.network_peak",
           &e::machines_needed},

    figure{"machine.tenants", "tenants of a machine", "tenants", "machine", "tenants / count",
           "tenants machine.count", &e::tenants_machine},
    figure{"machine.employees", "employed people, whole fleet", "people", "machine",
           "sum over the sizes", "tenants size", &e::employees},
    figure{"machine.users", "users after these years, whole fleet", "users", "machine",
           "employees x (1 + joiners x 365 x years): leavers stay as inactive users",
           "tenants size changes.joiners years", &e::users},
    figure{"machine.records_read", "records that a sweep of all reads", "records", "machine",
           "employees x (1 + leavers_listed)", "tenants size size.leavers_listed",
           &e::records_read},
    figure{"machine.largest_answer_bytes", "longest answer", "bytes", "machine",
           "size.max x (1 + leavers_listed) x json_bytes_person",
           "size.max size.leavers_listed json_bytes_person", &e::largest_bytes},
    figure{"machine.cpu_day", "processor, of one thread, mean of the day", "share", "machine",
           "records / unchanged_people_s + records / inflated_people_s + changes / "
           "changed_people_s + calls x (call_us + 50 to 1,000 us) + TLS, over a day",
           "machine.records_read calls.day changes unchanged_people_s inflated_people_s "
           "changed_people_s call_us handshakes_s tls_mib_s",
           &e::machine_cpu_day},
    figure{"machine.cpu_peak", "processor, of one thread, busiest hour", "share", "machine",
           "the same in the busiest hour", "machine.cpu_day day.shape", &e::machine_cpu},
    figure{"machine.places", "runs at one time, busiest hour", "runs", "machine",
           "reads a second x call_s x per_read", "calls.day calls.call_s day.shape",
           &e::machine_places},
    figure{"machine.commits_s", "durable commits, busiest hour", "commits/s", "machine",
           "(2 x webhooks + runs that change something + notices) a second + 1 / progress_flush_s",
           "webhooks.per_day changes day.shape settings.progress_flush_s", &e::machine_commits_s},
    figure{"machine.memory_bytes", "memory", "bytes", "machine",
           "process + users x memory_bytes_user + tenants x memory_bytes_tenant + 16 MiB + the "
           "longest answer, alone or in every place",
           "machine.users tenants memory_bytes_user memory_bytes_tenant "
           "machine.largest_answer_bytes settings.concurrent_runs_max",
           &e::machine_memory},
    figure{"machine.database_bytes", "database after these years, whole fleet", "bytes", "machine",
           "users x database_bytes_user (with their creation in the audit) + years x audit + runs",
           "machine.users database_bytes_user machine.audit_bytes_year "
           "settings.runs_kept years",
           &e::database_bytes},
    figure{"machine.audit_bytes_year", "growth of the audit, whole fleet", "bytes/year", "machine",
           "(0 to 2 steps a joiner, 1 to 3 a leaver, 1 or 2 a change) x 365 x database_bytes_step",
           "changes size tenants database_bytes_step", &e::audit_bytes_year},
    figure{"machine.wal_bytes", "write-ahead log", "bytes", "machine",
           "from storage.wal_checkpoint_bytes up to storage.wal_truncate_bytes",
           "storage.wal_checkpoint_bytes storage.wal_truncate_bytes", &e::wal_bytes},
    figure{"machine.disk_bytes", "disk after these years", "bytes", "machine",
           "database + notices + write-ahead log + 64 MiB of ballast; backups are not in it",
           "machine.database_bytes machine.wal_bytes changes years", &e::machine_disk},
    figure{"machine.network_day", "network in a day, whole fleet", "bytes", "machine",
           "records x gzip_bytes_person (or json_bytes_person) + calls x 1 to 6 kB",
           "machine.records_read calls.day gzip_bytes_person json_bytes_person answers.gzip",
           &e::network_day},
    figure{"machine.network_peak", "network, busiest hour", "bit/s", "machine",
           "the same in the busiest hour", "machine.network_day day.shape", &e::machine_network},
    figure{"machine.restart_s", "start until the first call", "s", "machine",
           "0.1 to 1 s + users / loaded_users_s + quiet_after_restart_s",
           "machine.users loaded_users_s settings.quiet_after_restart_s", &e::restart_s},
};

constexpr std::array<resource_words, resources> words{{
    {"calls", "calls of the addresses", "calls run out", "of the calls that headroom leaves",
     "more egress addresses (limits.addresses)"},
    {"freshness", "age of truth", "truth gets too old", "of required.truth_age_hours",
     "more egress addresses (limits.addresses)"},
    {"buttons", "wait of a button", "buttons wait too long", "of required.on_demand_p99_s",
     "more egress addresses (limits.addresses)"},
    {"places", "runs at one time", "places run out", "of the places that sweeps may take",
     "a larger sync.concurrent_runs_max"},
    {"cpu", "processor", "the processor is full", "of 70 % of a thread", "another machine"},
    {"commits", "durable commits", "commits are too many", "of 70 % of what the disk syncs",
     "a faster disk, or another machine"},
    {"memory", "memory", "memory is full", "of 80 % of machine.memory_gib",
     "more memory, or another machine"},
    {"disk", "disk", "the disk is full", "of 80 % of machine.disk_gib",
     "a larger disk, or another machine"},
    {"network", "network", "the network is full", "of 70 % of machine.network_mbit",
     "a wider way in"},
    {"restart", "time of a restart", "a restart takes too long", "of required.restart_s",
     "another machine"},
    {"tenants", "tenants of a daemon", "tenants are too many", "of sync.tenants_max",
     "a larger sync.tenants_max"},
}};

} // namespace

std::span<const figure> figures() noexcept {
    return rows;
}

const resource_words& words_of(resource which) noexcept {
    return words[static_cast<std::size_t>(which)];
}

} // namespace rollcall::capacity
