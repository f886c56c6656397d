#include "rollcall/core/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <map>
#include <unordered_map>

#include "rollcall/core/random.hpp"

namespace rollcall {
namespace {

constexpr mono_time start{hours{1000}};
constexpr nanoseconds tick = milliseconds{1};

std::vector<std::uint64_t> fired_at(timer_wheel& wheel, mono_time now) {
    std::vector<std::uint64_t> fired;
    const std::size_t count = wheel.advance(now, [&](std::uint64_t p) { fired.push_back(p); });
    EXPECT_EQ(count, fired.size());
    return fired;
}

using payloads = std::vector<std::uint64_t>;

TEST(TimerWheel, FiresInOrderOfDeadline) {
    timer_wheel wheel{start, tick};
    wheel.schedule(start + seconds{300}, 3);
    wheel.schedule(start + milliseconds{5}, 1);
    wheel.schedule(start + hours{20}, 4);
    wheel.schedule(start + milliseconds{700}, 2);
    EXPECT_EQ(fired_at(wheel, start + hours{24}), (payloads{1, 2, 3, 4}));
    EXPECT_TRUE(wheel.empty());
}

TEST(TimerWheel, FiresEqualTicksInTheOrderOfScheduling) {
    timer_wheel wheel{start, tick};
    const mono_time at = start + minutes{2};
    wheel.schedule(at, 1);
    EXPECT_EQ(fired_at(wheel, at - milliseconds{300}), payloads{}); // 1 has moved down a level
    wheel.schedule(at, 2);
    EXPECT_EQ(fired_at(wheel, at - milliseconds{1}), payloads{});
    wheel.schedule(at, 3);
    wheel.schedule(at - nanoseconds{1}, 4); // the same tick once rounded up
    EXPECT_EQ(fired_at(wheel, at), (payloads{1, 2, 3, 4}));
}

TEST(TimerWheel, NeverFiresEarlyAndAtMostOneTickLate) {
    timer_wheel wheel{start, seconds{1}};
    wheel.schedule(start + nanoseconds{1}, 7);
    EXPECT_EQ(wheel.next_deadline(), start + seconds{1});
    EXPECT_EQ(fired_at(wheel, start + milliseconds{999}), payloads{});
    EXPECT_EQ(fired_at(wheel, start + seconds{1}), payloads{7});
}

TEST(TimerWheel, FiresADeadlineAtItsStartAndOneLongPastAtTheNextAdvance) {
    timer_wheel wheel{start, tick};
    wheel.schedule(start, 1);
    wheel.schedule(start - hours{5}, 2);
    EXPECT_EQ(wheel.next_deadline(), start);
    EXPECT_EQ(fired_at(wheel, start), (payloads{1, 2}));
    wheel.schedule(start - seconds{1}, 3);
    EXPECT_EQ(wheel.next_deadline(), start);
    EXPECT_EQ(fired_at(wheel, start), payloads{3});
    EXPECT_EQ(wheel.next_deadline(), std::nullopt);
}

TEST(TimerWheel, CancelsOnceAndNeverAnotherTimer) {
    timer_wheel wheel{start, tick};
    EXPECT_FALSE(wheel.cancel(timer_id{}));
    EXPECT_FALSE(wheel.cancel(timer_id{5, 1}));
    const timer_id first = wheel.schedule(start + seconds{1}, 1);
    EXPECT_TRUE(first);
    EXPECT_TRUE(wheel.cancel(first));
    EXPECT_FALSE(wheel.cancel(first));
    EXPECT_EQ(fired_at(wheel, start + seconds{2}), payloads{});
    const timer_id second = wheel.schedule(start + seconds{3}, 2);
    EXPECT_EQ(second.index, first.index); // the place is used again
    EXPECT_FALSE(wheel.cancel(first));
    EXPECT_EQ(fired_at(wheel, start + seconds{3}), payloads{2});
    EXPECT_FALSE(wheel.cancel(second));
}

TEST(TimerWheel, NextDeadlineStaysExactWhenTheEarliestIsCancelled) {
    timer_wheel wheel{start, tick};
    const timer_id a = wheel.schedule(start + minutes{10}, 1);
    const timer_id b = wheel.schedule(start + minutes{10} + milliseconds{40}, 2);
    wheel.schedule(start + hours{9}, 3);
    EXPECT_EQ(wheel.next_deadline(), start + minutes{10});
    wheel.cancel(a);
    EXPECT_EQ(wheel.next_deadline(), start + minutes{10} + milliseconds{40});
    wheel.cancel(b);
    EXPECT_EQ(wheel.next_deadline(), start + hours{9});
    wheel.schedule(start + minutes{11}, 4);
    EXPECT_EQ(wheel.next_deadline(), start + minutes{11});
}

TEST(TimerWheel, HoldsDeadlinesOfCenturies) {
    timer_wheel wheel{start, tick};
    const auto years = [](int n) { return hours{24 * 365} * n; };
    wheel.schedule(start + years(280), 3);
    wheel.schedule(start + years(80), 2);
    wheel.schedule(mono_time::max(), 4);
    const timer_id gone = wheel.schedule(start + years(70), 9);
    wheel.schedule(start + years(30), 1);
    wheel.cancel(gone);
    EXPECT_EQ(fired_at(wheel, start + years(30) - tick), payloads{});
    EXPECT_EQ(fired_at(wheel, start + years(30)), payloads{1});
    EXPECT_EQ(wheel.next_deadline(), start + years(80));
    EXPECT_EQ(fired_at(wheel, start + years(280)), (payloads{2, 3}));
    EXPECT_EQ(wheel.next_deadline(), mono_time::max());
    EXPECT_EQ(wheel.size(), 1u);
}

TEST(TimerWheel, LetsACallbackScheduleAndCancel) {
    timer_wheel wheel{start, tick};
    const mono_time now = start + seconds{10};
    const timer_id victim = wheel.schedule(start + seconds{2}, 2);
    const timer_id twin = wheel.schedule(start + seconds{1}, 3);
    timer_id twin_of_first{};
    payloads fired;
    const auto fire = [&](std::uint64_t payload) {
        fired.push_back(payload);
        if (payload != 1) return;
        EXPECT_TRUE(wheel.cancel(victim));
        EXPECT_TRUE(wheel.cancel(twin_of_first));
        wheel.schedule(start + seconds{5}, 4); // later in the same advance
        wheel.schedule(start, 5);              // overdue: the next advance
        wheel.schedule(start + seconds{1}, 6); // the firing tick: the next advance
        wheel.schedule(now + milliseconds{1}, 7);
    };
    wheel.cancel(twin);
    wheel.schedule(start + seconds{1}, 1);
    twin_of_first = wheel.schedule(start + seconds{1}, 8);
    wheel.advance(now, fire);
    EXPECT_EQ(fired, (payloads{1, 4}));
    EXPECT_EQ(wheel.next_deadline(), now);
    EXPECT_EQ(fired_at(wheel, now), (payloads{5, 6}));
    EXPECT_EQ(fired_at(wheel, now + milliseconds{1}), payloads{7});
}

TEST(TimerWheel, EndsAnAdvanceInWhichATimerRenewsItselfWithoutDelay) {
    timer_wheel wheel{start, tick};
    const auto renew = [&](std::uint64_t) { wheel.schedule(start + tick, 1); };
    wheel.schedule(start, 1);
    EXPECT_EQ(wheel.advance(start, renew), 1u);
    EXPECT_EQ(wheel.advance(start + tick, renew), 1u);
    // The renewed timer is overdue now: each further advance fires it once, even at the same time.
    EXPECT_EQ(wheel.advance(start + tick, renew), 1u);
    EXPECT_EQ(wheel.advance(start + tick, renew), 1u);
}

TEST(TimerWheel, CancelledTimersDoNotPileUp) {
    timer_wheel wheel{start, tick};
    wheel.schedule(start + hours{1}, 1);
    for (std::uint64_t i = 0; i < 1'000'000; ++i) {
        wheel.cancel(wheel.schedule(start + hours{5} + milliseconds{i % 77'777}, i));
    }
    EXPECT_LT(wheel.memory_bytes(), 600'000u);
    EXPECT_EQ(wheel.next_deadline(), start + hours{1});
    EXPECT_EQ(fired_at(wheel, start + hours{6}), payloads{1});
}

TEST(TimerWheel, CancelledTimersDoNotPileUpInsideOneAdvance) {
    timer_wheel wheel{start, tick};
    std::vector<timer_id> same_tick;
    wheel.schedule(start + seconds{1}, 1);
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        same_tick.push_back(wheel.schedule(start + seconds{1}, 2));
    }
    const std::size_t before = wheel.memory_bytes();
    wheel.advance(start + seconds{1}, [&](std::uint64_t payload) {
        ASSERT_EQ(payload, 1u);
        for (const timer_id id : same_tick) ASSERT_TRUE(wheel.cancel(id));
        for (std::uint64_t i = 0; i < 500'000; ++i) {
            wheel.cancel(wheel.schedule(start + hours{5} + milliseconds{i % 77'777}, 3));
        }
    });
    EXPECT_TRUE(wheel.empty());
    EXPECT_LT(wheel.memory_bytes(), 3 * before);
}

// Fine enough for histories beyond the horizon of 2^40 ticks: a mono_time ends after 2^43 ms.
constexpr nanoseconds fine_tick = microseconds{1};

// What the wheel must do, in the plainest way.
class model {
  public:
    using key = std::pair<std::uint64_t, std::uint64_t>; // tick, sequence

    key schedule(std::uint64_t t, std::uint64_t payload) {
        const key k{std::max(t, due_before_), sequence_++};
        const bool overdue = t < due_before_;
        (overdue ? overdue_ : timers_).emplace(overdue ? key{0, k.second} : k, payload);
        return overdue ? key{0, k.second} : k;
    }
    bool cancel(key k) { return timers_.erase(k) + overdue_.erase(k) + firing_.erase(k) != 0; }

    template <class F>
    void advance(std::uint64_t now_tick, F fire) {
        firing_ = std::exchange(overdue_, {});
        for (;;) {
            while (!firing_.empty()) {
                const std::uint64_t payload = firing_.begin()->second;
                firing_.erase(firing_.begin());
                fire(payload);
            }
            if (timers_.empty() || timers_.begin()->first.first > now_tick) break;
            const std::uint64_t t = timers_.begin()->first.first;
            const auto end = timers_.lower_bound({t + 1, 0});
            firing_ = {timers_.begin(), end};
            timers_.erase(timers_.begin(), end);
            due_before_ = t + 1;
        }
        due_before_ = std::max(due_before_, now_tick + 1);
    }
    std::optional<std::uint64_t> next() const {
        if (!overdue_.empty()) return due_before_ - 1;
        if (timers_.empty()) return std::nullopt;
        return timers_.begin()->first.first;
    }
    std::size_t size() const { return timers_.size() + overdue_.size(); }

  private:
    std::map<key, std::uint64_t> timers_, overdue_, firing_;
    std::uint64_t due_before_ = 0;
    std::uint64_t sequence_ = 0;
};

// The wheel and the model side by side, driven by one seed. The callbacks of a firing take their
// random choices from a generator that starts again from the seed, so that both make the same ones.
class pair_under_test {
  public:
    explicit pair_under_test(std::uint64_t seed, std::uint64_t span)
        : random_(seed), wheel_choices_(seed + 1), model_choices_(seed + 1), span_(span) {}

    void schedule() {
        const std::uint64_t at = random_tick(random_, now_);
        const std::uint64_t payload = payloads_++;
        ids_.push_back(wheel_.schedule(start + fine_tick * at, payload));
        keys_.push_back(model_.schedule(at, payload));
    }
    void cancel() {
        if (ids_.empty()) return;
        const std::size_t which = random_.below(ids_.size());
        ASSERT_EQ(wheel_.cancel(ids_[which]), model_.cancel(keys_[which]));
    }
    void advance(std::uint64_t by) {
        now_ += by;
        payloads wheel_fired;
        payloads model_fired;
        std::vector<timer_id> new_ids;
        std::vector<model::key> new_keys;
        const std::uint64_t base = payloads_;
        wheel_.advance(start + fine_tick * now_ + nanoseconds{fine_tick / 3}, [&](std::uint64_t p) {
            wheel_fired.push_back(p);
            react(
                wheel_choices_, base + new_ids.size(),
                [&](std::uint64_t at, std::uint64_t payload) {
                    new_ids.push_back(wheel_.schedule(start + fine_tick * at, payload));
                },
                [&](std::size_t which) { return wheel_.cancel(ids_[which]); });
        });
        model_.advance(now_, [&](std::uint64_t p) {
            model_fired.push_back(p);
            react(
                model_choices_, base + new_keys.size(),
                [&](std::uint64_t at, std::uint64_t payload) {
                    new_keys.push_back(model_.schedule(at, payload));
                },
                [&](std::size_t which) { return model_.cancel(keys_[which]); });
        });
        ASSERT_EQ(wheel_fired, model_fired);
        ids_.insert(ids_.end(), new_ids.begin(), new_ids.end());
        keys_.insert(keys_.end(), new_keys.begin(), new_keys.end());
        payloads_ += new_ids.size();
        compare();
    }
    void compare() {
        ASSERT_EQ(wheel_.size(), model_.size());
        const auto next = model_.next();
        ASSERT_EQ(wheel_.next_deadline(),
                  next ? std::optional{start + fine_tick * *next} : std::nullopt);
    }
    std::uint64_t span() {
        return random_.below(4) == 0 ? random_.below(span_) : random_.below(300);
    }
    random_source& random() { return random_; }

  private:
    std::uint64_t random_tick(random_source& random, std::uint64_t now) const {
        const std::uint64_t early = random.below(20) == 0 ? random.below(1000) : 0;
        const std::uint64_t late =
            random.below(std::uint64_t{1} << random.below(std::bit_width(span_)));
        return (now > early ? now - early : 0) + late;
    }
    template <class Schedule, class Cancel>
    void react(random_source& choices, std::uint64_t payload, Schedule schedule, Cancel cancel) {
        const std::uint64_t what = choices.below(10);
        if (what < 3) schedule(random_tick(choices, now_ > 500 ? now_ - 500 : 0), payload);
        if (what == 3 && !ids_.empty()) cancel(choices.below(ids_.size()));
    }

    random_source random_, wheel_choices_, model_choices_;
    std::uint64_t span_;
    timer_wheel wheel_{start, fine_tick};
    model model_;
    std::vector<timer_id> ids_;
    std::vector<model::key> keys_;
    std::uint64_t now_ = 0;
    std::uint64_t payloads_ = 0;
};

TEST(TimerWheel, AgreesWithAnOrderedMapOverRandomHistories) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        // Spans up to 2^42 ticks reach beyond the horizon.
        pair_under_test both{seed, std::uint64_t{1} << (4 + seed % 39)};
        for (int step = 0; step < 3000; ++step) {
            const std::uint64_t what = both.random().below(10);
            if (what < 6) {
                both.schedule();
            } else if (what < 9) {
                both.cancel();
            } else {
                both.advance(both.span());
            }
            if (step % 16 == 0) both.compare();
            if (HasFatalFailure()) return;
        }
    }
}

TEST(TimerWheel, AgreesWithAnOrderedMapOverAMillionTimers) {
    pair_under_test both{99, 86'400'000};
    for (int i = 0; i < 1'000'000; ++i) both.schedule();
    for (int i = 0; i < 900'000; ++i) both.cancel();
    for (int i = 0; i < 300'000; ++i) both.schedule(); // more are dead than live: it compacts
    both.compare();
    for (int i = 0; i < 40 && !HasFatalFailure(); ++i) both.advance(2'500'000);
}

} // namespace
} // namespace rollcall
