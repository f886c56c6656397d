#include "breaker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rollcall::sync {
namespace {

constexpr auto day = hours{24};
constexpr auto week = hours{7 * 24};

struct words {
    std::string_view one, many; // what they are
    std::string_view change;    // what would become of them
    std::string_view advice;
};

// By guard.
constexpr std::array<words, guard_count> vocabulary{{
    {},
    {"person", "people", "created",
     "Check the company filter, and whether PeopleHR gave its people new ids"},
    {"person", "people", "given another e-mail address",
     "Check whether the company's domain really changed"},
    {"person", "people", "given another PeopleHR id",
     "Check whether PeopleHR numbered its people anew"},
    {"person", "people", "given another manager", "Check Reports To in PeopleHR"},
    {"person", "people", "left without their manager or team",
     "Check whether Reports To or Department was emptied in PeopleHR"},
    {"person", "people", "left without a value that they have",
     "Check which field was emptied in PeopleHR"},
    {"person", "people", "moved to another team",
     "Check whether departments were renamed in PeopleHR"},
    {"person", "people", "deactivated", "Check whether they have really left"},
    {"person", "people", "left out of the company scope",
     "Check the company filter and the Company of these people in PeopleHR"},
    {"team", "teams", "removed", "Check whether these departments are really gone"},
    {"department", "departments", "renamed with its members", ""},
    {"person", "people", "invited", "Check whether they should all hear from you now"},
}};

// What a guard is measured against: teams against teams, people against those who are active or
// were before the window's deactivations.
std::uint32_t base_of(guard what, const books& of, wall_time since) {
    if (what == guard::team_removal) {
        return static_cast<std::uint32_t>(of.teams.all().size()) +
               of.breakers.count(guard::team_removal, since);
    }
    return static_cast<std::uint32_t>(of.users.active()) +
           of.breakers.count(guard::deactivation, since);
}

// On a first import there is nothing that these could be measured against.
bool has_a_measure(guard what, const books& of) noexcept {
    return of.imported || what == guard::deactivation || what == guard::scope ||
           what == guard::team_removal;
}

bool is_over(std::uint64_t total, std::uint32_t people, std::uint32_t percent,
             std::uint64_t base) noexcept {
    return total > people && total * 100 > std::uint64_t{percent} * base;
}

std::string_view noun(const words& of, std::uint64_t count) noexcept {
    return count == 1 ? of.one : of.many;
}

std::string sentence(guard what, std::uint32_t count, std::uint32_t before, std::uint32_t base,
                     std::string_view window, std::string_view limit) {
    const auto& say = vocabulary[static_cast<std::size_t>(what)];
    const auto earlier = before == 0
                             ? std::string()
                             : fmt::format(", beside {} within the {} before", before, window);
    return fmt::format(
        "{} of {} {} would be {}{}: {} within {} {} (G-5). {}; then approve or reject.", count,
        base, noun(say, base), say.change, earlier, limit, window == "hour" ? "an" : "a", window,
        say.advice);
}

std::string greater_of(const words& say, std::uint32_t people, std::uint32_t percent) {
    return fmt::format("more than the greater of {} {} and {} %", people, noun(say, people),
                       percent);
}

} // namespace

std::string over_the_limit(guard what, std::uint32_t count, const books& of,
                           const guard_limit& limit, wall_time now) {
    if (count == 0) return {};
    if (what == guard::team_rename) {
        return "A department seems to have been renamed (LA-35). Approve to rename its team, which "
               "keeps its place and its members; reject to have a new team made.";
    }
    if (!limit.on || !has_a_measure(what, of)) return {};
    const auto& say = vocabulary[static_cast<std::size_t>(what)];
    const bool hourly = what == guard::invitation;
    const auto since = now - (hourly ? hours{1} : day);
    const auto before = of.breakers.count(what, since);
    const auto base = base_of(what, of, since);
    const auto total = std::uint64_t{count} + before;
    const std::string_view window = hourly ? "hour" : "day";
    if (is_over(total, limit.people, limit.percent, base)) {
        return sentence(what, count, before, base, window,
                        greater_of(say, limit.people, limit.percent));
    }
    if (limit.max != 0 && total > limit.max) {
        return sentence(what, count, before, base, window, fmt::format("more than {}", limit.max));
    }
    if (limit.week_percent == 0) return {};
    const auto in_week = of.breakers.count(what, now - week);
    const auto week_base = base_of(what, of, now - week);
    if (!is_over(std::uint64_t{count} + in_week, limit.people, limit.week_percent, week_base)) {
        return {};
    }
    return sentence(what, count, in_week, week_base, "week",
                    greater_of(say, limit.people, limit.week_percent));
}

std::string first_import_reason(std::uint32_t invitations) {
    return fmt::format(
        "{} {} until somebody says `rollcall invite go-live` (G-5).",
        invitations == 1 ? "1 invitation" : fmt::format("{} invitations", invitations),
        invitations == 1 ? "waits" : "wait");
}

std::string waiting_reason(std::size_t steps) {
    if (steps == 0) return {};
    return steps == 1 ? " 1 other step needs them and waits with them."
                      : fmt::format(" {} other steps need them and wait with them.", steps);
}

} // namespace rollcall::sync
