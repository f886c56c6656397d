// Fleets on virtual time: the scheduler and its budget against a PeopleHR that counts and takes its
// time, for hours and days, and the figures that the two have to keep (B-1 to B-6, T-2, T-3).
// Counts and virtual time are the same in every run of a seed, so that they can be asserted.
#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <map>
#include <queue>

#include "rollcall/core/hash.hpp"
#include "unit/sync/scheduler_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::sync;

double seconds_of(nanoseconds d) {
    return std::chrono::duration<double>(d).count();
}
double percentile(std::vector<double> all, double p) {
    if (all.empty()) return 0;
    std::sort(all.begin(), all.end());
    return all[static_cast<std::size_t>(p * static_cast<double>(all.size() - 1))];
}

struct fleet_plan {
    tenant_key tenants = 5000;
    std::vector<std::uint32_t> limits{25};
    nanoseconds overdue_by{0}; // zero: everybody was read in their slot
    double webhooks_a_day = 0; // of a tenant
    double presses_a_day = 0;  // of a tenant
    tenant_key heavy = 0;      // has a hundred times as much of both
    nanoseconds call_min = milliseconds{80};
    nanoseconds call_max = milliseconds{400};
    std::uint64_t seed = 1;
};

// What happened, as PeopleHR and the tenants saw it.
struct log_of_fleet {
    std::vector<double> request_waits; // seconds, of tenants other than the heavy one
    std::vector<double> estimate_errors;
    std::vector<double> sweep_estimate_errors;
    std::map<tenant_key, int> whole_reads;
    std::map<tenant_key, int> sweeps;
    std::size_t calls = 0;
    std::size_t failed_calls = 0;
};

class fleet_days {
  public:
    explicit fleet_days(const fleet_plan& plan)
        : plan_(plan),
          chance_(plan.seed),
          budget_(plan.limits, minutes{1}),
          s_({}, budget_, chance_, now_, wall_) {
        names_.resize(plan.tenants + 1);
        for (tenant_key key = 1; key <= plan.tenants; ++key) {
            names_[key] = "tenant-" + std::to_string(key);
            s_.add(key, facts(key), now_);
            last_read_[key] = now_ - read_before(key);
        }
        arrivals_.reserve(64);
    }

    [[nodiscard]] scheduler::tenant_facts facts(tenant_key key) {
        scheduler::tenant_facts f;
        f.name = names_[key];
        f.last_success = wall_ + (now_ - begin_) - read_before(key);
        f.host = "api.peoplehr.net";
        f.rows = 300;
        return f;
    }

    // Goes on until `until`, or until `enough` says so.
    void run(nanoseconds time, const std::function<bool()>& enough = [] { return false; }) {
        const auto until = now_ + time;
        schedule_arrivals(until);
        while (now_ < until && !enough()) {
            step(until);
            if (testing::Test::HasFailure()) return;
        }
    }

    void outage(nanoseconds from, nanoseconds length) {
        down_from_ = now_ + from;
        down_until_ = down_from_ + length;
    }
    void press(tenant_key key) {
        const auto answer = s_.request(key, "", now_);
        auto& a = asked_.try_emplace(answer.ticket).first->second;
        if (answer.joined) return;
        a.at = now_;
        if (const auto e = s_.estimated_start(key, now_)) a.estimate = *e;
    }
    [[nodiscard]] std::size_t stale(nanoseconds age) const {
        return static_cast<std::size_t>(
            std::count_if(last_read_.begin(), last_read_.end(),
                          [&](const auto& each) { return now_ - each.second > age; }));
    }
    // Asks of some sweeps when they start, to be compared later.
    void note_sweep_estimates() {
        for (tenant_key key = 1; key <= plan_.tenants; key += 37) {
            if (s_.running(key) || !s_.queued(key)) continue;
            if (const auto e = s_.estimated_start(key, now_)) {
                sweeps_expected_[key].push_back({now_, *e});
            }
        }
    }

    [[nodiscard]] mono_time now() const { return now_; }
    scheduler& s() { return s_; }
    log_of_fleet log;

  private:
    struct ending {
        mono_time at;
        std::uint64_t number;
        run_start run;
        bool failed;
        mono_time sent;
        bool operator>(const ending& o) const {
            return std::pair(at, number) > std::pair(o.at, o.number);
        }
    };
    struct asking {
        mono_time at{};
        nanoseconds estimate{-1};
    };

    [[nodiscard]] nanoseconds read_before(tenant_key key) const {
        if (plan_.overdue_by != nanoseconds{0}) {
            return hours{24} + plan_.overdue_by + milliseconds{100} * key;
        }
        // In its last slot: what a fleet looks like that is well.
        const auto phase = nanoseconds{static_cast<std::int64_t>(
            hash64(names_[key]) % static_cast<std::uint64_t>(nanoseconds{hours{24}}.count()))};
        return ((wall_.time_since_epoch() - phase) % hours{24} + hours{24}) % hours{24};
    }

    void schedule_arrivals(mono_time until) {
        arrivals_.clear();
        const auto add = [&](double a_day, bool press) {
            for (tenant_key key = 1; key <= plan_.tenants; ++key) {
                const double rate = key == plan_.heavy ? a_day * 100 : a_day;
                if (rate <= 0) continue;
                for (auto at = now_;;) {
                    const double wait = -std::log(1.0 - chance_.unit()) * 86'400.0 / rate;
                    at += nanoseconds{static_cast<std::int64_t>(wait * 1e9)};
                    if (at >= until) break;
                    arrivals_.push_back({at, key, press});
                }
            }
        };
        add(plan_.webhooks_a_day, false);
        add(plan_.presses_a_day, true);
        std::sort(arrivals_.begin(), arrivals_.end(), [](const auto& a, const auto& b) {
            return std::tie(a.at, a.key, a.press) < std::tie(b.at, b.key, b.press);
        });
        next_arrival_ = 0;
    }

    void step(mono_time until) {
        while (auto start = s_.next(now_)) begin_run(*start);
        auto next = until;
        if (const auto at = s_.wake_at(now_)) next = std::min(next, std::max(*at, now_));
        if (!endings_.empty()) next = std::min(next, endings_.top().at);
        if (next_arrival_ < arrivals_.size()) {
            next = std::min(next, arrivals_[next_arrival_].at);
        }
        ASSERT_FALSE(next == now_ && ++spins_ > 1000) << "it promises an instant that it breaks";
        if (next != now_) spins_ = 0;
        now_ = next;
        while (!endings_.empty() && endings_.top().at <= now_) {
            const auto ended = endings_.top();
            endings_.pop();
            end_run(ended);
        }
        while (next_arrival_ < arrivals_.size() && arrivals_[next_arrival_].at <= now_) {
            const auto& a = arrivals_[next_arrival_++];
            if (a.press) {
                press(a.key);
            } else {
                s_.hint(a.key, "PW" + std::to_string(chance_.below(300)), now_);
            }
        }
    }

    void begin_run(const run_start& run) {
        ++log.calls;
        const bool failed = now_ >= down_from_ && now_ < down_until_;
        log.failed_calls += failed ? 1 : 0;
        if (run.ticket != 0) {
            const auto& a = asked_.at(run.ticket);
            const auto wait = seconds_of(now_ - a.at);
            if (run.tenant != plan_.heavy) log.request_waits.push_back(wait);
            if (a.estimate >= nanoseconds{0}) {
                log.estimate_errors.push_back(std::abs(seconds_of(a.estimate) - wait) /
                                              std::max(wait, 1.0));
            }
        }
        if (const auto e = sweeps_expected_.find(run.tenant);
            e != sweeps_expected_.end() && run.employee_id.empty()) {
            for (const auto& each : e->second) {
                if (run.cause != run_cause::sweep) break;
                const auto wait = seconds_of(now_ - each.at);
                log.sweep_estimate_errors.push_back(std::abs(seconds_of(each.estimate) - wait) /
                                                    std::max(wait, 1.0));
            }
            sweeps_expected_.erase(e);
        }
        // PeopleHR counts the call when it arrives, somewhere within it.
        const auto lasts =
            nanoseconds{chance_.between(plan_.call_min.count(), plan_.call_max.count())};
        const auto arrives = now_ + nanoseconds{chance_.between(0, lasts.count())};
        counted_.push({arrives, run.address});
        endings_.push({now_ + lasts, ++ending_, run, failed, now_});
    }
    void end_run(const ending& what) {
        check_the_limit();
        s_.answered(what.run, !what.failed, now_);
        s_.finished(what.run, what.failed ? run_end::failed : run_end::done, now_, now_);
        if (what.failed || !what.run.employee_id.empty()) return;
        ++log.whole_reads[what.run.tenant];
        if (what.run.cause == run_cause::sweep) ++log.sweeps[what.run.tenant];
        last_read_[what.run.tenant] = what.sent;
    }
    // B-1: in no sliding minute more calls arrive from an address than are allowed.
    void check_the_limit() {
        minutes_.resize(plan_.limits.size());
        while (!counted_.empty() && counted_.top().first <= now_) {
            const auto [at, address] = counted_.top();
            counted_.pop();
            auto& minute = minutes_[address];
            minute.push_back(at);
            while (minute.front() <= at - minutes{1}) minute.pop_front();
            ASSERT_LE(minute.size(), plan_.limits[address]);
        }
    }

    struct arrival {
        mono_time at;
        tenant_key key;
        bool press;
    };

    const fleet_plan plan_;
    random_source chance_;
    const mono_time begin_{hours{1000}};
    const wall_time wall_{hours{24 * 365 * 56}};
    mono_time now_ = begin_;
    call_budget budget_;
    scheduler s_;
    std::vector<std::string> names_;
    std::vector<arrival> arrivals_;
    std::size_t next_arrival_ = 0;
    std::priority_queue<ending, std::vector<ending>, std::greater<>> endings_;
    using counted_call = std::pair<mono_time, std::uint32_t>;
    std::priority_queue<counted_call, std::vector<counted_call>, std::greater<>> counted_;
    std::vector<std::deque<mono_time>> minutes_; // by address
    std::map<std::uint64_t, asking> asked_;
    std::map<tenant_key, std::vector<asking>> sweeps_expected_;
    std::map<tenant_key, mono_time> last_read_;
    mono_time down_from_ = mono_time::max();
    mono_time down_until_ = mono_time::max();
    std::uint64_t ending_ = 0;
    int spins_ = 0;
};

// The time that so many calls need at the limit.
double floor_seconds(std::size_t calls, double a_minute) {
    return static_cast<double>(calls) / a_minute * 60.0;
}

TEST(FleetDays, B1ASweepOfEverybodyTakesOnePerCentMoreThanTheLimitsFloor) {
    fleet_plan plan;
    plan.overdue_by = hours{1};
    fleet_days fleet(plan);
    const auto begin = fleet.now();
    fleet.run(hours{24}, [&] { return fleet.log.whole_reads.size() == plan.tenants; });
    const auto took = seconds_of(fleet.now() - begin);
    const auto floor = floor_seconds(fleet.log.calls, 25);
    RecordProperty("over_floor_percent", std::to_string((took / floor - 1) * 100));
    EXPECT_EQ(fleet.log.calls, plan.tenants);
    EXPECT_LE(took, floor * 1.01);
}

TEST(FleetDays, B1ThreeAddressesAreThreeTimesAsFastAndEachKeepsItsLimit) {
    fleet_plan plan;
    plan.limits = {25, 10, 40};
    plan.overdue_by = hours{1};
    plan.presses_a_day = 0.5;
    fleet_days fleet(plan);
    const auto begin = fleet.now();
    fleet.run(hours{24}, [&] { return fleet.log.whole_reads.size() == plan.tenants; });
    EXPECT_LE(seconds_of(fleet.now() - begin), floor_seconds(fleet.log.calls, 75) * 1.01);
    EXPECT_LE(percentile(fleet.log.request_waits, 0.99), 3.0);
}

TEST(FleetDays, B3ButtonsAndWebhooksNeitherSlowTheSweepNorWaitForIt) {
    for (const std::uint64_t seed : {1u, 2u, 3u}) {
        SCOPED_TRACE(seed);
        fleet_plan plan;
        plan.seed = seed;
        plan.overdue_by = hours{1};
        plan.webhooks_a_day = 2;
        plan.presses_a_day = 0.05 * 24 / 4.6; // of five per cent of the tenants during the sweep
        fleet_days fleet(plan);
        const auto begin = fleet.now();
        int looks = 0;
        fleet.run(hours{24}, [&] {
            if (fleet.now() - begin > minutes{30} + minutes{10} * looks) {
                fleet.note_sweep_estimates();
                ++looks;
            }
            return fleet.log.whole_reads.size() == plan.tenants;
        });
        const auto took = seconds_of(fleet.now() - begin);
        EXPECT_LE(took, floor_seconds(fleet.log.calls, 25) * 1.01);
        EXPECT_GE(fleet.log.request_waits.size(), plan.tenants / 25);
        EXPECT_LE(percentile(fleet.log.request_waits, 0.99), 3.0);
        // B-5: somebody at a button, and a tenant that waits for its sweep for hours.
        EXPECT_LE(percentile(fleet.log.estimate_errors, 0.9), 0.1);
        EXPECT_GE(fleet.log.sweep_estimate_errors.size(), 1000u);
        EXPECT_LE(percentile(fleet.log.sweep_estimate_errors, 0.9), 0.1);
    }
}

TEST(FleetDays, B3WithAFreeBudgetAButtonStartsAtOnce) {
    fleet_plan plan;
    plan.webhooks_a_day = 2;
    plan.presses_a_day = 0.05;
    fleet_days fleet(plan);
    fleet.run(hours{24});
    EXPECT_GE(fleet.log.request_waits.size(), 200u);
    EXPECT_LE(percentile(fleet.log.request_waits, 0.99), 0.1);
}

TEST(FleetDays, B3EqualTenantsAreReadEquallyOften) {
    fleet_plan plan;
    plan.webhooks_a_day = 2;
    fleet_days fleet(plan);
    fleet.run(hours{72});
    double sum = 0;
    double squares = 0;
    for (tenant_key key = 1; key <= plan.tenants; ++key) {
        const auto reads = static_cast<double>(fleet.log.sweeps[key]);
        sum += reads;
        squares += reads * reads;
    }
    const auto jain = sum * sum / (plan.tenants * squares);
    EXPECT_GE(jain, 0.99);
    EXPECT_EQ(fleet.stale(hours{26}), 0u);
}

TEST(FleetDays, B3AHundredTimesTheLoadOfOneMovesNobodyElse) {
    std::array<double, 2> p99{};
    for (const tenant_key heavy : {0u, 7u}) {
        fleet_plan plan;
        plan.overdue_by = hours{1};
        plan.webhooks_a_day = 2;
        plan.presses_a_day = 0.2;
        plan.heavy = heavy;
        fleet_days fleet(plan);
        fleet.run(hours{4});
        p99[heavy == 0 ? 0 : 1] = percentile(fleet.log.request_waits, 0.99);
    }
    EXPECT_LE(p99[1], p99[0] * 1.1);
}

TEST(FleetDays, B4AThousandRequestsAtOnceAreAtMostTwoRuns) {
    fleet_plan plan;
    plan.tenants = 20;
    fleet_days fleet(plan);
    for (int i = 0; i < 500; ++i) fleet.press(3);
    fleet.run(milliseconds{50}); // the first run is under way
    for (int i = 0; i < 500; ++i) fleet.press(3);
    fleet.run(minutes{5});
    EXPECT_LE(fleet.log.whole_reads[3], 2);
    EXPECT_GE(fleet.log.whole_reads[3], 1);
}

TEST(FleetDays, B6AnOutageCostsFewCallsAndAllAreFreshSoonAfterIt) {
    std::array<std::size_t, 2> calls{};
    for (const bool out : {false, true}) {
        fleet_plan plan;
        plan.webhooks_a_day = 2;
        plan.presses_a_day = 0.05;
        fleet_days fleet(plan);
        fleet.run(hours{1});
        const auto before = fleet.log.calls;
        if (out) fleet.outage(nanoseconds{0}, hours{6});
        fleet.run(hours{6});
        calls[out ? 1 : 0] = fleet.log.calls - before;
        if (!out) continue;
        EXPECT_GT(fleet.stale(hours{24}), 1000u);
        // From the end of the outage: as long as the calls need that were made meanwhile.
        const auto end = fleet.now();
        const auto made = fleet.log.calls;
        fleet.run(hours{12}, [&] { return fleet.stale(hours{24} + seconds{5}) == 0; });
        const auto took = seconds_of(fleet.now() - end);
        const auto floor = floor_seconds(fleet.log.calls - made, 25);
        EXPECT_EQ(fleet.stale(hours{24} + seconds{5}), 0u);
        EXPECT_LE(took, floor * 1.1);
        for (tenant_key key = 1; key <= plan.tenants; ++key) {
            EXPECT_FALSE(fleet.s().quarantined_until(key)) << key;
        }
    }
    EXPECT_LE(static_cast<double>(calls[1]), static_cast<double>(calls[0]) * 1.1);
}

} // namespace
