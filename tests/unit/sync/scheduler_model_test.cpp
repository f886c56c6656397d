// Random lives of a small fleet against what must always hold: nobody is lost, nobody is run twice
// at once, no ticket and no hint is forgotten, no minute has too many calls (B-1, B-4, B-6),
// however often the host is down.
#include <deque>
#include <map>
#include <set>

#include "unit/sync/scheduler_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::sync;
using rollcall::test::scheduler_case;

constexpr std::uint32_t calls_per_minute = 6;
constexpr tenant_key tenants = 7;

class model {
  public:
    explicit model(std::uint64_t seed) : chance_(seed), c_(calls_per_minute, 3) {
        for (tenant_key key = 1; key <= tenants; ++key) add(key);
    }

    void live() {
        for (int step = 0; step < 3000 && !testing::Test::HasFailure(); ++step) {
            one_event();
            start_what_may();
            check();
        }
        come_to_rest();
    }

  private:
    struct tenant {
        bool daily = true;
        bool stopped = false; // as the fleet knows it
        bool synced = false;
        std::optional<run_start> run;
        bool wants_call = false;         // its run waits for its next slot
        std::set<std::uint64_t> tickets; // promised and not begun
        std::set<std::string> hints;     // not served; "": one that names nobody
    };

    void add(tenant_key key) {
        auto& t = all_[key] = {};
        t.daily = chance_.chance(0.8);
        t.synced = chance_.chance(0.5);
        c_.s.add(key, facts(key), c_.now);
    }
    scheduler::tenant_facts facts(tenant_key key) {
        auto f = c_.facts(key);
        const auto& t = all_[key];
        f.daily = t.daily;
        f.stopped = t.stopped;
        f.host = key % 3 == 0 ? "other.example" : "api.example";
        f.rows = 5'000;
        if (t.synced) f.last_success = c_.wall_now() - hours{chance_.between(0, 60)};
        return f;
    }

    void one_event() {
        const auto key = static_cast<tenant_key>(1 + chance_.below(tenants));
        auto& t = all_[key];
        switch (chance_.below(11)) {
            case 0:
            case 1: request(key, t); break;
            case 2: // settings or a key are changed; the fleet's own order is lock, commit, change
                t.daily = chance_.chance(0.8);
                t.stopped = false;
                c_.s.change(key, facts(key), c_.now);
                break;
            case 3:
                if (t.run || !chance_.chance(0.2)) break;
                c_.s.remove(key);
                add(key);
                break;
            case 4: c_.now += milliseconds{chance_.between(0, 90'000)}; break;
            case 5: c_.now += minutes{chance_.between(0, 60 * 30)}; break;
            case 6: {
                const auto id = chance_.chance(0.1) ? "" : "PW" + std::to_string(chance_.below(6));
                c_.s.hint(key, id, c_.now);
                t.hints.insert(id);
                break;
            }
            case 7:
                c_.s.date_due(key, c_.now);
                host_down_ = chance_.chance(0.3);
                break;
            default: finish(key, t);
        }
    }
    void request(tenant_key key, tenant& t) {
        static constexpr std::string_view who[] = {"", "PW1", "PW2"};
        const auto answer = c_.s.request(key, who[chance_.below(3)], c_.now);
        EXPECT_EQ(answer.joined, t.tickets.contains(answer.ticket));
        t.tickets.insert(answer.ticket);
        EXPECT_EQ(t.tickets.size(), 1u) << "requests that wait are one";
    }
    void finish(tenant_key, tenant& t) {
        if (!t.run) return;
        if (t.wants_call) {
            // The daemon drains, say; otherwise the run goes on when it is its turn.
            if (chance_.chance(0.1)) give_up(t);
            return;
        }
        if (chance_.chance(0.3)) return call_again(t);
        static constexpr run_end ends[] = {run_end::done,    run_end::done,     run_end::held,
                                           run_end::failed,  run_end::unable,   run_end::throttled,
                                           run_end::stopped, run_end::cancelled};
        end(t, ends[chance_.below(std::size(ends))]);
    }
    void call_again(tenant& t) {
        const auto& run = *t.run;
        const bool throttled = chance_.chance(0.1);
        c_.s.answered(run, true, c_.now);
        if (throttled) c_.s.throttled(run, std::nullopt, c_.now);
        const bool sent = throttled || chance_.chance(0.9);
        if (!sent) calls_.pop_back();
        c_.s.call_again(run, sent ? std::optional(c_.now) : std::nullopt, !throttled, c_.now);
        t.wants_call = true;
    }
    void give_up(tenant& t) {
        const auto run = *std::exchange(t.run, {});
        if (run.hinted) t.hints.insert(run.employee_id);
        c_.s.finished(run, run_end::cancelled, {}, c_.now);
        t.wants_call = false;
    }
    void end(tenant& t, run_end how) {
        const auto run = *std::exchange(t.run, {});
        const bool answered = !host_down_ || run.tenant % 3 == 0;
        if (!answered) how = run_end::failed;
        c_.s.answered(run, answered, c_.now);
        if (how == run_end::throttled) c_.s.throttled(run, std::nullopt, c_.now);
        const bool served = how == run_end::done || how == run_end::held;
        if (run.hinted && !served) t.hints.insert(run.employee_id);
        c_.s.finished(run, how, c_.now, c_.now);
        if (how == run_end::stopped) t.stopped = true;
        if (how == run_end::done && run.employee_id.empty()) {
            t.synced = true;
            t.stopped = false;
        }
    }
    void start_what_may() {
        while (auto start = c_.s.next(c_.now)) {
            auto& t = all_[start->tenant];
            if (start->further) {
                EXPECT_TRUE(t.run && t.wants_call) << "a slot that nobody asked for";
                t.wants_call = false;
                t.run->address = start->address;
                count_call();
                continue;
            }
            EXPECT_FALSE(t.run) << "two runs of one tenant";
            EXPECT_EQ(start->ticket != 0, !t.tickets.empty());
            if (start->ticket != 0) {
                EXPECT_EQ(t.tickets.erase(start->ticket), 1u);
            } else if (start->cause == run_cause::webhook) {
                EXPECT_FALSE(t.hints.empty());
                EXPECT_FALSE(t.stopped);
            } else {
                EXPECT_EQ(start->employee_id, "");
                EXPECT_TRUE(t.daily || !t.synced || start->cause != run_cause::sweep)
                    << "swept though its schedule is off";
                EXPECT_FALSE(t.stopped);
            }
            EXPECT_EQ(start->hinted, start->employee_id.empty()
                                         ? !t.hints.empty()
                                         : t.hints.contains(start->employee_id));
            if (start->employee_id.empty()) {
                t.hints.clear();
            } else {
                t.hints.erase(start->employee_id);
            }
            // A try of a stopped tenant that somebody asked for lets it go on until it is refused.
            if (start->ticket != 0) t.stopped = false;
            t.run = std::move(start);
            count_call();
        }
    }
    void count_call() {
        calls_.push_back(c_.now);
        while (calls_.front() <= c_.now - minutes{1}) calls_.pop_front();
        EXPECT_LE(calls_.size(), calls_per_minute);
    }
    void check() {
        for (auto& [key, t] : all_) {
            EXPECT_EQ(c_.s.running(key), t.run.has_value());
            if (t.run) continue;
            const bool waits = c_.s.queued(key) || c_.s.due_at(key).has_value();
            if (!t.tickets.empty()) {
                EXPECT_TRUE(c_.s.queued(key)) << "a ticket is lost";
            }
            if (!t.stopped && (t.daily || !t.synced)) {
                EXPECT_TRUE(waits || c_.s.waits_for_host(key)) << "tenant " << key << " is lost";
            }
            EXPECT_EQ(c_.s.hints_waiting(key) != 0, !t.hints.empty());
            if (!t.hints.empty() && !t.stopped) {
                EXPECT_TRUE(waits || c_.s.waits_for_host(key)) << "a hint is lost";
            }
            if (t.stopped && t.tickets.empty()) {
                EXPECT_FALSE(waits) << "tenant " << key << " is stopped";
            }
        }
    }
    // Left alone with an upstream that is well, everybody who is to be swept is, within two days.
    void come_to_rest() {
        std::set<tenant_key> swept;
        host_down_ = false;
        const auto end_at = c_.now + hours{48};
        while (c_.now < end_at && !testing::Test::HasFailure()) {
            for (auto& [key, t] : all_) {
                if (!t.run || t.wants_call) continue;
                if (t.run->employee_id.empty()) swept.insert(key);
                end(t, run_end::done);
            }
            const auto at = c_.s.wake_at(c_.now);
            if (!at) break;
            c_.now = std::max(*at, c_.now + milliseconds{1});
            start_what_may();
            check();
        }
        for (auto& [key, t] : all_) {
            EXPECT_FALSE(t.wants_call) << "tenant " << key << " waits for a slot that never comes";
            EXPECT_TRUE(t.tickets.empty()) << "tenant " << key;
            EXPECT_TRUE(t.hints.empty() || t.stopped) << "tenant " << key;
            if (!t.stopped && t.daily) {
                EXPECT_TRUE(swept.contains(key)) << "tenant " << key;
            }
        }
    }

    random_source chance_;
    scheduler_case c_;
    std::map<tenant_key, tenant> all_;
    std::deque<mono_time> calls_;
    bool host_down_ = false;
};

TEST(SchedulerModel, NobodyIsLostWhateverHappens) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        SCOPED_TRACE(seed);
        model(seed).live();
        if (HasFailure()) return;
    }
}

} // namespace
