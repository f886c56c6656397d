#include "plan_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <ostream>
#include <vector>

#include "text_output.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

// Of somebody new, what tells a reader who it is.
constexpr std::array<std::string_view, 4> telling_fields{"email", "department", "job_title",
                                                         "start_date"};
// Our own bookkeeping, which follows from the rest.
constexpr std::array<std::string_view, 5> inner_fields{
    "team_key", "team_owned", "invitation_automatic", "invitation_first_load", "missing"};

bool has(std::span<const std::string_view> list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

std::string change_text(const json::object& change) {
    const auto old_value = shown_value(change, "old");
    const auto new_value = shown_value(change, "new");
    const auto field = cell(change, "field");
    if (old_value == "-") return fmt::format("{} {}", field, new_value);
    if (new_value == "-") return fmt::format("{} {} -> none", field, old_value);
    return fmt::format("{} {} -> {}", field, old_value, new_value);
}

std::string changes_text(const json::object& step) {
    const bool is_new = cell(step, "kind") == "create";
    const auto& changes = list_at(step, "changes");
    std::string out;
    for (const auto& one : changes) {
        const auto& change = one.as_object();
        const auto field = cell(change, "field");
        if (is_new && !has(telling_fields, field)) continue;
        if (changes.size() > 1 && has(inner_fields, field)) continue;
        if (is_new && shown_value(change, "new") == "-") continue;
        out += (out.empty() ? "" : ", ") + change_text(change);
    }
    return out;
}

std::string rules_text(const json::object& step) {
    std::string out;
    std::vector<std::string> seen;
    for (const auto& one : list_at(step, "changes")) {
        auto rule = cell(one.as_object(), "rule");
        if (rule == "-" || std::find(seen.begin(), seen.end(), rule) != seen.end()) continue;
        out += (out.empty() ? "" : " ") + rule;
        seen.push_back(std::move(rule));
    }
    return out;
}

std::string words(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

} // namespace

std::string shown_value(const json::object& change, const std::string& which) {
    const auto label = cell(change, which + "_label");
    return label != "-" ? label : cell(change, which);
}

std::string counts_text(const json::value& counts) {
    std::string out;
    if (!counts.is_object()) return out;
    for (const auto& [name, value] : counts.get_object()) {
        if (!value.is_number() || value.to_number<double>() == 0.0) continue;
        const auto what = name == "rows" ? "read" : words(std::string(name));
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", json::serialize(value), what);
    }
    return out;
}

void print_steps(const json::array& steps, std::size_t all, std::size_t limit, std::ostream& out) {
    table lines({{"STEP"}, {"WHO"}, {"NAME"}, {"WHAT CHANGES"}, {"RULE"}});
    std::size_t shown = 0;
    for (const auto& one : steps) {
        if (shown == limit) break;
        const auto& step = one.as_object();
        lines.add_row({words(cell(step, "kind")), cell(step, "id"), cell(step, "name"),
                       changes_text(step), rules_text(step)});
        ++shown;
    }
    if (!lines.empty()) lines.print(out);
    if (all > shown) out << fmt::format("… and {} more\n", all - shown);
}

bool print_plan(const json::object& plan, std::size_t limit, std::ostream& out) {
    const auto& steps = list_at(plan, "steps");
    const auto& count = at(plan, "step_count");
    const auto all = count.is_number() ? count.to_number<std::size_t>() : steps.size();
    for (const auto& one : list_at(plan, "cannot")) {
        if (one.is_string()) out << "note: " << escaped(one.get_string()) << '\n';
    }
    const bool anything = all != 0 || !list_at(plan, "would_hold").empty();
    if (!anything) {
        out << "nothing would change\n";
        return false;
    }
    if (all != 0) {
        const auto counts = counts_text(at(plan, "counts"));
        out << counted(all, "step") << (counts.empty() ? "" : ": " + counts) << "\n\n";
        print_steps(steps, all, limit, out);
    } else {
        out << "nothing would be done without an approval\n";
    }
    for (const auto& one : list_at(plan, "would_hold")) {
        const auto& section = one.as_object();
        out << fmt::format("\nwould wait for approval: {} ({}): {}\n",
                           words(cell(section, "guard")), cell(section, "count"),
                           escaped(cell(section, "reason")));
    }
    return true;
}

void print_hold(const json::object& hold, std::size_t limit, std::ostream& out) {
    for (const auto& one : list_at(hold, "sections")) {
        const auto& section = one.as_object();
        const auto& count = at(section, "count");
        const auto all = count.is_number() ? count.to_number<std::size_t>() : 0;
        out << fmt::format("{}: {}\n  {}\n", words(cell(section, "guard")), counted(all, "step"),
                           escaped(cell(section, "reason")));
        if (const auto& steps = list_at(section, "steps"); !steps.empty()) {
            print_steps(steps, all, limit, out);
        }
        out << '\n';
    }
}

void print_done(const json::object& run, std::ostream& out, bool shown_before) {
    const auto& steps = list_at(run, "steps");
    if (steps.empty()) {
        out << "nothing changed";
        if (at(run, "detail").is_string()) out << ": " << escaped(cell(run, "detail"));
        out << '\n';
        return;
    }
    out << fmt::format("run {}: {} done\n", cell(run, "id"), counted(steps.size(), "step"));
    if (!shown_before) print_steps(steps, steps.size(), lines_at_a_glance, out);
    const auto& dropped = at(run, "counts.dropped");
    if (dropped.is_number() && dropped.to_number<double>() > 0) {
        out << fmt::format("{} not done, because what they start from has changed since\n",
                           counted(dropped.to_number<std::size_t>(), "step"));
    }
}

exit_code change(session& in, call what, bool shown_before) {
    const auto answer = in.ask_patiently(std::move(what), "waiting for the tenant's turn");
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
    } else {
        print_done(*answer, in.where.out, shown_before);
    }
    return exit_code::ok;
}

} // namespace rollcall::cli
