// The arithmetic. What it takes for granted stands at its top, with where it comes from.
#include <algorithm>
#include <cmath>

#include "day.hpp"
#include "rollcall/capacity/plan.hpp"

namespace rollcall::capacity {
namespace {

constexpr double minute = 60;
constexpr double hour = 3'600;
constexpr double day = 86'400;
constexpr double mib = 1024.0 * 1024.0;
constexpr double gib = 1024.0 * mib;
constexpr double deviations_p99 = 2.326347874;

// A slot is held from before its call until a window after the answer (B-1).
constexpr double window_s = 60;
constexpr double idle_s = 50; // peoplehr.idle_seconds: until a kept connection is closed
// Bytes of a call beside the people: headers both ways, frames of TLS and TCP.
constexpr range call_bytes{1'000, 2'000, 6'000};
constexpr double handshake_bytes = 6'000;
// Of processor time around a call, which nobody measured: the kernel's part, scheduler, log.
constexpr range around_call_us{50, 200, 1'000};
// Of the process with no tenant: code, allocator, threads; and the store's page cache.
constexpr range process_bytes{15 * mib, 25 * mib, 45 * mib};
constexpr range cache_bytes{1 * mib, 16 * mib, 16 * mib}; // fills as the database is used
constexpr double kept_buffer_bytes = 8 * mib;             // of each place, for the next answer
// The steps that a change makes. A joiner is invited and may bring a team; that they are created is
// in the bytes of a user.
constexpr range steps_of_joiner{0, 1, 2};
constexpr range steps_of_leaver{1, 1, 3};
constexpr range steps_of_detail{1, 1, 2};
constexpr range run_bytes{150, 250, 500};    // of a run's record
constexpr range notice_bytes{250, 320, 450}; // of a line of notices
constexpr double ballast_bytes = 64 * mib;
constexpr range wal_file_bytes{4 * mib, 16 * mib, 64 * mib};
// What a thread should be used to at most, so that nobody waits for it.
constexpr double cpu_most = 0.7;
// And memory and disk, because nothing good happens when they are full.
constexpr double space_most = 0.8;
constexpr double retry_s = 30; // sync.backoff_base_seconds: until a failed read is tried again
constexpr range start_s{0.1, 0.3, 1.0}; // of the process itself

double mean_of_lognormal(double median, double p99) {
    if (median <= 0) return 0;
    const double spread = std::log(std::max(1.0, p99 / median)) / deviations_p99;
    return median * std::exp(spread * spread / 2);
}

// What the reads of a fleet come to, summed over its sizes.
struct reads {
    double employees = 0;
    double records = 0;
    double calls = 0;
    double largest = 0;
};

reads reads_of(const fleet& f) {
    reads out;
    for (const auto& size : sizes_of(f)) {
        const double records = size.employees * (1 + f.leavers_listed);
        const double calls =
            f.page_rows > 0 ? std::max(1.0, std::ceil(records / f.page_rows)) : 1.0;
        out.employees += size.tenants * size.employees;
        out.records += size.tenants * records;
        out.calls += size.tenants * calls;
        out.largest = std::max(out.largest, records);
    }
    // The largest tenant that there may be, whatever the quantiles in between.
    if (f.size_list.empty()) out.largest = f.size_max * (1 + f.leavers_listed);
    return out;
}

// The three corners of a range, by how bad they are for who waits.
constexpr std::array corners{&range::low, &range::likely, &range::high};
constexpr std::array opposite{&range::high, &range::likely, &range::low};

class arithmetic {
  public:
    arithmetic(const fleet& f, const machine& m) : f_(f), m_(m), read_(reads_of(f)) {}

    estimate all() {
        volume();
        calls();
        courses();
        waits();
        addresses();
        processor();
        memory();
        disk();
        network();
        machines();
        return e_;
    }

  private:
    void volume() {
        e_.employees = exactly(read_.employees);
        e_.users = exactly(read_.employees * (1 + f_.joiners * 365 * f_.years));
        e_.records_read = exactly(read_.records);
        e_.largest_records = exactly(read_.largest);
        e_.largest_bytes = m_.json_bytes_person * read_.largest;
        e_.calls_per_read = exactly(read_.calls / f_.tenants);
        e_.tenants_machine = exactly(f_.tenants / f_.machines);
        e_.interval_s = exactly(f_.interval_hours() * hour);
        changes_day_ = read_.employees * (f_.joiners + f_.leavers + f_.details);
    }

    void calls() {
        const double median = f_.latency_median_ms / 1e3;
        const double mean = mean_of_lognormal(median, f_.latency_p99_ms / 1e3);
        const double rows =
            read_.records / std::max(1.0, read_.calls) * f_.latency_per_row_us / 1e6;
        // The mean follows from the quantiles only if latency is lognormal; the median is the least
        // that it may be, and as much more on the other side.
        e_.call_s = {median + rows, mean + rows, 2 * mean - median + rows};
        e_.address_calls_min =
            exactly(f_.calls_per_minute * minute) / (e_.call_s + exactly(window_s));
        e_.supply_day = e_.address_calls_min * (f_.addresses * day / minute);
        const double again = 1 / (1 - f_.failing);
        e_.sweep_calls_day = exactly(f_.tenants * again * day) * e_.calls_per_read / e_.interval_s;
        const double changes = changes_day_ * f_.webhook_share * (1 - f_.webhook_loss);
        const double come = f_.webhooks_per_day.value_or(changes) * (1 + f_.webhook_duplicates);
        // What is more than the changes is likely about fields that no directory has, and dropped.
        // Of those that come twice the second joins the first while that waits.
        const double read = std::min(come, changes * (1 + f_.webhook_duplicates));
        e_.webhook_calls_day = range{std::min(changes, come), read, come} * again;
        e_.button_calls_day = e_.calls_per_read * (f_.buttons_per_day * again);
        e_.calls_day = e_.sweep_calls_day + e_.webhook_calls_day + e_.button_calls_day;
        webhooks_day_ = come;
        e_.address_use = e_.calls_day / e_.supply_day;
    }

    // The day at one corner, with so many addresses.
    [[nodiscard]] day_demand demand_at(std::size_t corner, double addresses) const {
        const auto bad = corners[corner];
        day_demand d;
        const double again = 1 / (1 - f_.failing);
        d.reads = f_.tenants * again;
        d.calls_per_read = e_.calls_per_read.*bad;
        d.interval_h = e_.interval_s.likely / hour;
        d.call_h = e_.call_s.*bad / hour;
        d.supply = e_.address_calls_min.*opposite[corner] * minute * addresses;
        const double daemons = std::max(f_.machines, std::ceil(addresses / addresses_max));
        const double places = f_.runs_max - std::floor(f_.runs_max / 4);
        d.sweep_supply = daemons * places / d.call_h;
        for (std::size_t h = 0; h < hours_of_day; ++h) {
            d.urgent[h] = (e_.webhook_calls_day.*bad + e_.button_calls_day.*bad) * f_.day[h];
        }
        return d;
    }

    void courses() {
        for (std::size_t c = 0; c < corners.size(); ++c) {
            const auto demand = demand_at(c, f_.addresses);
            course_[c] = course_of(demand);
            set_course(c, demand);
        }
        set_lags();
    }

    void set_course(std::size_t c, const day_demand& demand) {
        const auto bad = corners[c];
        const auto& course = course_[c];
        e_.round_s.*bad = course.round_h * hour;
        e_.round_alone_s.*bad = demand.reads * demand.calls_per_read /
                                std::min(demand.supply, demand.sweep_supply) * hour;
        e_.recovery_s.*bad = hours_to_recover(demand, f_.outage_hours) * hour;
        for (std::size_t h = 0; h < hours_of_day; ++h) {
            auto& at = e_.day[h];
            // Between two reads of a tenant its age goes evenly from the length of a read up to the
            // time between them.
            const double gap = course.hours[h].gap_h * hour;
            at.age_p50_s.*bad = gap * 0.5 + e_.call_s.*bad;
            at.age_p99_s.*bad = gap * 0.99 + e_.call_s.*bad;
            at.age_max_s.*bad = gap + e_.call_s.*bad + (f_.failing > 0 ? retry_s : 0);
            at.sweep_calls.*bad = course.hours[h].sweeps;
            at.webhook_calls.*bad = e_.webhook_calls_day.*bad * f_.day[h];
            at.button_calls.*bad = e_.button_calls_day.*bad * f_.day[h];
            at.supply.*bad = e_.address_calls_min.*bad * minute * f_.addresses;
            e_.age_p50_s.*bad += at.age_p50_s.*bad / hours_of_day;
            e_.age_p99_s.*bad = std::max(e_.age_p99_s.*bad, at.age_p99_s.*bad);
            e_.age_max_s.*bad = std::max(e_.age_max_s.*bad, at.age_max_s.*bad);
        }
    }

    void set_lags() {
        for (std::size_t c = 0; c < corners.size(); ++c) {
            const auto bad = corners[c];
            double wait = 0;
            for (const auto& h : course_[c].hours) wait = std::max(wait, h.urgent_wait_h * hour);
            const lag_mix mix{f_.webhook_share * (1 - f_.webhook_loss), f_.webhook_delay_median_s,
                              f_.webhook_delay_p99_s, wait + e_.call_s.*bad, e_.age_max_s.*bad};
            e_.lag_p50_s.*bad = lag_quantile(mix, 0.5);
            e_.lag_p99_s.*bad = lag_quantile(mix, 0.99);
            e_.lag_max_s.*bad = lag_quantile(mix, 1 - 1e-9);
        }
    }

    // Of the busiest hour: with nothing beside the buttons, with all else, and behind a queue of
    // sweeps that never ends. All else goes out in even steps, or leaves a quarter free, so that it
    // takes its mean of the slots; only buttons come in heaps.
    [[nodiscard]] range on_demand(double share, double addresses) const {
        const double slots = f_.calls_per_minute * addresses;
        const auto wait = [&](std::size_t c, double taken_by_others) {
            const double supply = demand_at(c, addresses).supply;
            const double buttons = e_.button_calls_day.*corners[c] * busiest_hour() / supply;
            const double free = std::max(0.0, 1 - taken_by_others);
            const double taken = free > 0 ? chance_all_taken(slots * free, buttons / free) : 1;
            return start_wait(share, buttons, taken, hour / supply);
        };
        const auto d = demand_at(1, addresses);
        const double others = d.reads * d.calls_per_read / d.interval_h +
                              e_.webhook_calls_day.likely * busiest_hour();
        return {wait(0, 0), wait(1, others / d.supply), wait(2, 1)};
    }

    void waits() {
        e_.on_demand_p50_s = on_demand(0.5, f_.addresses);
        e_.on_demand_p99_s = on_demand(0.99, f_.addresses);
        e_.first_load_s = e_.round_alone_s;
    }

    // Whether everything that is required of the calls holds at this corner.
    [[nodiscard]] bool enough(std::size_t c, double addresses) const {
        const auto d = demand_at(c, addresses);
        const auto course = course_of(d);
        double calls = d.reads * d.calls_per_read / d.interval_h * hours_of_day;
        for (const double urgent : d.urgent) calls += urgent;
        if (calls > d.supply * hours_of_day * (1 - f_.headroom)) return false;
        if (on_demand(0.99, addresses).likely > f_.on_demand_p99_s) return false;
        double gap = 0;
        for (const auto& h : course.hours) gap = std::max(gap, h.gap_h);
        // Whether places suffice is another question, which more addresses do not answer.
        const bool by_places = d.sweep_supply < d.supply * (1 - f_.headroom);
        return by_places || gap * 0.99 + d.call_h <= f_.truth_age_hours;
    }

    void addresses() {
        constexpr double most = 1 << 20;
        for (std::size_t c = 0; c < corners.size(); ++c) {
            double few = 0;
            double many = 1;
            while (many < most && !enough(c, many)) {
                few = many;
                many *= 2;
            }
            while (many - few > 1) {
                const double middle = std::floor((few + many) / 2);
                (enough(c, middle) ? many : few) = middle;
            }
            e_.addresses_needed.*corners[c] = many;
        }
    }

    [[nodiscard]] double busiest_hour() const {
        return *std::max_element(f_.day.begin(), f_.day.end());
    }

    // Processor seconds for so many calls, records and changes.
    [[nodiscard]] range work(const range& calls, const range& records, const range& changes,
                             double seconds) const {
        auto out = records / m_.unchanged_people_s + changes / m_.changed_people_s +
                   calls * (m_.call_us + around_call_us) / 1e6;
        const auto bytes = records * (f_.gzip ? m_.gzip_bytes_person : m_.json_bytes_person);
        if (f_.gzip) out = out + records / m_.inflated_people_s;
        if (f_.tls) {
            // A connection is kept for the next call unless none comes in time, and PeopleHR may
            // close it whenever it likes.
            const auto gap = quotient(seconds * f_.addresses, calls.likely);
            const range fresh{0, std::exp(-idle_s / std::max(gap, 1e-9)), 1};
            out = out + calls * fresh / m_.handshakes_s + bytes / (m_.tls_mib_s * mib);
        }
        return out;
    }

    [[nodiscard]] range records_of(const range& reads, const range& by_id) const {
        return reads * (read_.records / std::max(1.0, read_.calls)) + by_id;
    }

    void processor() {
        const auto sweeps_hour = e_.sweep_calls_day / 24.0;
        const auto buttons_hour = e_.button_calls_day * busiest_hour();
        const auto hooks_hour = e_.webhook_calls_day * busiest_hour();
        const auto reads = sweeps_hour + buttons_hour;
        const auto changes = exactly(changes_day_ * busiest_hour());
        const auto hooks = exactly(webhooks_day_ * busiest_hour()) * m_.call_us / 1e6;
        e_.machine_cpu =
            (work(reads + hooks_hour, records_of(reads, hooks_hour), changes, hour) + hooks) /
            (hour * f_.machines);
        const auto day_reads = e_.sweep_calls_day + e_.button_calls_day;
        e_.machine_cpu_day = (work(e_.calls_day, records_of(day_reads, e_.webhook_calls_day),
                                   exactly(changes_day_), day) +
                              exactly(webhooks_day_) * m_.call_us / 1e6) /
                             (day * f_.machines);
        // A hint, what it changes, and that its notice was delivered are each on disk for
        // themselves; what sweeps find of a tenant is one commit, however many changed.
        const double found = changes_day_ * (1 - f_.webhook_share * (1 - f_.webhook_loss));
        const range by_sweeps{std::min(found, f_.tenants), found, found};
        const auto runs = exactly(2 * webhooks_day_) + by_sweeps;
        const auto notices =
            exactly(read_.employees) * range{0, f_.joiners, f_.joiners + f_.details};
        e_.machine_commits_s =
            ((runs + notices) * (busiest_hour() / hour) + exactly(1 / f_.progress_flush_s)) /
            f_.machines;
        e_.machine_places = ((reads / e_.calls_per_read + hooks_hour) / hour) * e_.call_s *
                            e_.calls_per_read / f_.machines;
    }

    void memory() {
        const auto answer = e_.largest_bytes;
        // The largest answer alone; with its index beside it and the kept buffers of the other
        // places; or one like it in each place at the same time.
        const double others = f_.runs_max - 1;
        const range answers{
            answer.low, answer.likely * 1.3 + others * std::min(kept_buffer_bytes, answer.likely),
            answer.high * 1.5 * f_.runs_max};
        e_.machine_memory =
            process_bytes + cache_bytes + answers +
            (e_.users * m_.memory_bytes_user + m_.memory_bytes_tenant * f_.tenants) / f_.machines;
    }

    void disk() {
        const double year = 365 * read_.employees;
        const auto steps_year = (steps_of_joiner * f_.joiners + steps_of_leaver * f_.leavers +
                                 steps_of_detail * f_.details) *
                                year;
        e_.audit_bytes_year = steps_year * m_.database_bytes_step;
        const double runs_made = std::min(f_.runs_kept, changes_day_ * 365 * f_.years / f_.tenants);
        e_.database_bytes = e_.users * m_.database_bytes_user + e_.audit_bytes_year * f_.years +
                            run_bytes * (f_.tenants * std::max(1.0, runs_made));
        e_.wal_bytes = wal_file_bytes;
        const auto notices =
            notice_bytes * (f_.years * year) * range{0, f_.joiners, f_.joiners + f_.details};
        e_.machine_disk =
            (e_.database_bytes + notices) / f_.machines + e_.wal_bytes + exactly(ballast_bytes);
    }

    void network() {
        const auto person = f_.gzip ? m_.gzip_bytes_person : m_.json_bytes_person;
        const auto per_call = call_bytes + (f_.tls ? range{0, 0, handshake_bytes} : range{});
        const auto bytes = [&](const range& reads, const range& by_id) {
            return records_of(reads, by_id) * person + (reads + by_id) * per_call;
        };
        e_.network_day = bytes(e_.sweep_calls_day + e_.button_calls_day, e_.webhook_calls_day);
        e_.machine_network = bytes(e_.sweep_calls_day / 24.0 + e_.button_calls_day * busiest_hour(),
                                   e_.webhook_calls_day * busiest_hour()) *
                             8.0 / (hour * f_.machines);
    }

    void machines() {
        e_.restart_s = start_s + e_.users / f_.machines / m_.loaded_users_s +
                       exactly(f_.quiet_after_restart_s);
        for (const auto at : corners) {
            const double daemons =
                std::max({std::ceil(e_.addresses_needed.*at / addresses_max),
                          std::ceil(f_.tenants / f_.tenants_max),
                          std::ceil(e_.machine_cpu.*at * f_.machines / cpu_most),
                          std::ceil(e_.machine_commits_s.*at * f_.machines /
                                    (m_.commits_s.*opposite_of(at) * cpu_most)),
                          by_space(e_.machine_memory.*at, fixed_memory().*at, f_.memory_gib),
                          by_space(e_.machine_disk.*at, (e_.wal_bytes + exactly(ballast_bytes)).*at,
                                   f_.disk_gib),
                          std::ceil(e_.machine_network.*at * f_.machines /
                                    (f_.network_mbit * 1e6 * cpu_most))});
            e_.machines_needed.*at = std::max(1.0, daemons);
        }
    }

    static double range::* opposite_of(double range::* at) {
        return at == &range::low ? &range::high : at == &range::high ? &range::low : at;
    }
    // What every machine needs whatever its share of the fleet.
    [[nodiscard]] range fixed_memory() const {
        return e_.machine_memory -
               (e_.users * m_.memory_bytes_user + m_.memory_bytes_tenant * f_.tenants) /
                   f_.machines;
    }
    [[nodiscard]] double by_space(double each, double fixed, double gibs) const {
        const double room = gibs * gib * space_most - fixed;
        const double shared = std::max(0.0, each - fixed) * f_.machines;
        return room > 0 ? std::ceil(shared / room) : std::numeric_limits<double>::infinity();
    }

    const fleet& f_;
    const machine& m_;
    const reads read_;
    double changes_day_ = 0;
    double webhooks_day_ = 0;
    std::array<day_course, 3> course_;
    estimate e_{};
};

} // namespace

estimate estimate_of(const fleet& what, const machine& on) {
    return arithmetic(what, on).all();
}

std::array<range, resources> uses_of(const fleet& f, const machine& m, const estimate& e) {
    std::array<range, resources> out{};
    const auto set = [&](resource which, const range& use) {
        out[static_cast<std::size_t>(which)] = use;
    };
    set(resource::calls, e.address_use / (1 - f.headroom));
    set(resource::freshness, e.age_p99_s / (f.truth_age_hours * hour));
    set(resource::buttons, e.on_demand_p99_s / f.on_demand_p99_s);
    set(resource::places, e.machine_places / (f.runs_max - std::floor(f.runs_max / 4)));
    set(resource::cpu, e.machine_cpu / cpu_most);
    set(resource::commits, e.machine_commits_s / (m.commits_s * cpu_most));
    set(resource::memory, e.machine_memory / (f.memory_gib * gib * space_most));
    set(resource::disk, e.machine_disk / (f.disk_gib * gib * space_most));
    set(resource::network, e.machine_network / (f.network_mbit * 1e6 * cpu_most));
    set(resource::restart, e.restart_s / f.restart_s);
    set(resource::tenants, e.tenants_machine / f.tenants_max);
    return out;
}

fleet grown(const fleet& what, double factor) {
    auto out = what;
    out.tenants *= factor;
    out.buttons_per_day *= factor;
    if (out.webhooks_per_day) *out.webhooks_per_day *= factor;
    return out;
}

} // namespace rollcall::capacity
