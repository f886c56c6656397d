// A scheduler with its budget, on a clock that a test moves by hand.
#pragma once
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "rollcall/sync/scheduler.hpp"

namespace rollcall::test {

struct scheduler_case {
    explicit scheduler_case(std::uint32_t limit = 1000, std::size_t running_max = 4)
        : budget(std::array{limit}, minutes{1}),
          s({hours{24}, minutes{10}, {seconds{30}, minutes{60}}, running_max}, budget, random, now,
            wall) {}

    // A tenant that was swept `ago`; a negative one never.
    void add(sync::tenant_key key, nanoseconds ago = nanoseconds{-1}, bool daily = true) {
        auto f = facts(key);
        f.daily = daily;
        if (ago >= nanoseconds{0}) f.last_success = wall_now() - ago;
        s.add(key, f, now);
    }
    [[nodiscard]] sync::scheduler::tenant_facts facts(sync::tenant_key key) {
        names.resize(std::max<std::size_t>(names.size(), key + 1));
        names[key] = "tenant-" + std::to_string(key);
        return {names[key], {}, true, false, false, 0, 1000};
    }
    [[nodiscard]] wall_time wall_now() const { return wall + (now - begin); }

    // Starts all that may start now, and gives the tenants in the order in which they started.
    std::vector<sync::run_start> start_all() {
        std::vector<sync::run_start> out;
        while (auto start = s.next(now)) out.push_back(std::move(*start));
        return out;
    }
    // One run from its start to its end, in no time.
    std::optional<sync::run_start> run_one(sync::run_end how = sync::run_end::done) {
        auto start = s.next(now);
        if (start) s.finished(*start, how, now, now);
        return start;
    }
    // Goes on to the scheduler's own next instant.
    void skip() {
        const auto at = s.wake_at(now);
        ASSERT_TRUE(at.has_value());
        now = std::max(*at, now);
    }
    // The next run, whenever that is; its end is `how`.
    std::optional<sync::run_start> next_run(sync::run_end how = sync::run_end::done) {
        for (int i = 0; i < 100; ++i) {
            if (auto start = run_one(how)) return start;
            const auto at = s.wake_at(now);
            if (!at) return {};
            now = std::max(*at, now);
        }
        return {};
    }

    random_source random{1};
    const mono_time begin{hours{1000}};
    const wall_time wall{hours{24 * 365 * 56}};
    mono_time now = begin;
    std::vector<std::string> names;
    sync::call_budget budget;
    sync::scheduler s;
};

} // namespace rollcall::test
