#include "rollcall/sync/snapshot_gate.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <cstdlib>

namespace rollcall::sync {

using directory::field;

namespace {

std::uint32_t distance(std::uint32_t a, std::uint32_t b) noexcept {
    return a > b ? a - b : b - a;
}

// More than `percent` of `before` apart.
bool moved(std::uint32_t before, std::uint32_t after, unsigned percent) noexcept {
    return std::uint64_t{distance(before, after)} * 100 > std::uint64_t{before} * percent;
}

std::string headcount(const snapshot_stats& was, const snapshot_stats& is,
                      const tenant_settings& s) {
    const auto check = [&](const char* what, std::uint32_t before,
                           std::uint32_t after) -> std::string {
        if (distance(before, after) <= s.gate_floor_people ||
            !moved(before, after, s.gate_headcount_percent)) {
            return {};
        }
        return fmt::format("{} went from {} to {}, more than {} %", what, before, after,
                           s.gate_headcount_percent);
    };
    // Rows shrink only when the answer was cut or people were deleted; people, when many left at
    // once.
    if (is.rows < was.rows) {
        if (auto why = check("the number of employees in the answer", was.rows, is.rows);
            !why.empty()) {
            return why;
        }
    }
    if (auto why = check("the head count", was.people, is.people); !why.empty()) return why;
    return check("the number of people in the tenant's Company", was.in_scope, is.in_scope);
}

std::string blanks(const snapshot_stats& was, const snapshot_stats& is, const tenant_settings& s) {
    if (was.in_scope == 0 || is.in_scope == 0) return {};
    for (std::size_t i = 0; i < directory::field_count; ++i) {
        const auto base = [i](const snapshot_stats& s) {
            switch (static_cast<field>(i)) {
                case field::company: return s.people;
                case field::leaving_date: return s.rows;
                default: return s.in_scope;
            }
        };
        const auto was_of = base(was);
        const auto is_of = base(is);
        const auto before = std::uint64_t{was.blanks[i]} * 100 / was_of;
        const auto after = std::uint64_t{is.blanks[i]} * 100 / is_of;
        if (after > before + s.gate_blank_percent &&
            is.blanks[i] > was.blanks[i] + s.gate_floor_people) {
            return fmt::format("{} is blank for {} of {} people, before for {} of {}",
                               name_of(static_cast<field>(i)), is.blanks[i], is_of, was.blanks[i],
                               was_of);
        }
    }
    return {};
}

std::string distinct(const snapshot_stats& was, const snapshot_stats& is,
                     const tenant_settings& s) {
    const auto check = [&](const char* what, std::uint32_t before,
                           std::uint32_t after) -> std::string {
        // A handful of departments changes by half in an ordinary week.
        if (distance(before, after) <= 4 || !moved(before, after, s.gate_distinct_percent))
            return {};
        return fmt::format("the number of {} went from {} to {}", what, before, after);
    };
    if (is.people <= s.gate_floor_people) return {};
    if (auto why = check("departments", was.departments, is.departments); !why.empty()) return why;
    return check("locations", was.locations, is.locations);
}

std::string implausible(const snapshot_stats& was, const snapshot_stats& is,
                        const tenant_settings& s) {
    if (auto why = headcount(was, is, s); !why.empty()) return why;
    if (auto why = blanks(was, is, s); !why.empty()) return why;
    return distinct(was, is, s);
}

// Two reads tell the same story.
bool agree(const snapshot_stats& a, const snapshot_stats& b) noexcept {
    const auto close = [](std::uint32_t x, std::uint32_t y) {
        return distance(x, y) <= 1 || !moved(x, y, 5);
    };
    if (!close(a.rows, b.rows) || !close(a.people, b.people) || !close(a.in_scope, b.in_scope) ||
        !close(a.departments, b.departments) || !close(a.locations, b.locations)) {
        return false;
    }
    for (std::size_t i = 0; i < a.blanks.size(); ++i) {
        if (!close(a.blanks[i], b.blanks[i])) return false;
    }
    return true;
}

boost::json::array numbers(const snapshot_stats& s) {
    boost::json::array out{s.rows, s.people, s.in_scope, s.departments, s.locations};
    for (const auto b : s.blanks) out.push_back(b);
    return out;
}

std::optional<snapshot_stats> stats_from(const boost::json::value* v) {
    snapshot_stats s;
    if (v == nullptr || !v->is_array() || v->get_array().size() != 5 + s.blanks.size()) return {};
    std::array<std::uint32_t, 5 + directory::field_count> n{};
    for (std::size_t i = 0; i < n.size(); ++i) {
        const auto& each = v->get_array()[i];
        if (!each.is_int64() || each.get_int64() < 0 || each.get_int64() > 0x7fffffff) return {};
        n[i] = static_cast<std::uint32_t>(each.get_int64());
    }
    s.rows = n[0], s.people = n[1], s.in_scope = n[2], s.departments = n[3], s.locations = n[4];
    std::copy(n.begin() + 5, n.end(), s.blanks.begin());
    return s;
}

} // namespace

std::string gate_memory::to_text() const {
    boost::json::object out;
    if (trusted) out["trusted"] = numbers(*trusted);
    if (suspect) {
        out["suspect"] = numbers(*suspect);
        out["suspects"] = suspects;
    }
    return boost::json::serialize(out);
}

gate_memory gate_memory::from_text(const std::string& text) {
    gate_memory out;
    boost::system::error_code error;
    const auto parsed = boost::json::parse(text, error);
    if (error || !parsed.is_object()) return out;
    const auto& object = parsed.get_object();
    out.trusted = stats_from(object.if_contains("trusted"));
    out.suspect = stats_from(object.if_contains("suspect"));
    if (const auto* n = object.if_contains("suspects");
        n != nullptr && n->is_int64() && out.suspect) {
        out.suspects = static_cast<std::uint32_t>(n->get_int64());
    }
    return out;
}

gate_verdict judge(const gate_memory& memory, const snapshot_stats& now, const tenant_settings& s) {
    gate_verdict verdict;
    std::string reason;
    if (now.rows == 0) {
        reason =
            memory.trusted && memory.trusted->rows > 0
                ? fmt::format("the list is empty; the last one that was trusted had {} employees",
                              memory.trusted->rows)
                : "the list is empty";
    } else if (memory.trusted && memory.trusted->rows > 0) {
        reason = implausible(*memory.trusted, now, s);
    }
    const bool never_empty = now.rows == 0 && memory.trusted && memory.trusted->rows > 0;
    verdict.confirmed =
        !reason.empty() && !never_empty && memory.suspect && agree(*memory.suspect, now);
    verdict.pass = reason.empty() || verdict.confirmed;
    if (verdict.pass) {
        verdict.memory.trusted = now;
        return verdict;
    }
    verdict.reason = std::move(reason);
    verdict.memory = memory;
    verdict.memory.suspect = now;
    ++verdict.memory.suspects;
    return verdict;
}

} // namespace rollcall::sync
