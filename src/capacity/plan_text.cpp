// A plan as text for a terminal.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rollcall/capacity/plan.hpp"

namespace rollcall::capacity {
namespace {

struct section {
    std::string_view key;
    std::string_view title;
};
constexpr std::array sections{
    section{"freshness", "How fresh it is"}, section{"calls", "Calls of PeopleHR"},
    section{"needs", "What is needed"},
    section{"machine", "Each machine, where it does not say whole fleet"}};

std::string wrapped_under(std::string_view text, std::size_t indent) {
    constexpr std::size_t columns = 100;
    std::string out;
    std::size_t used = columns;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        const auto word = text.substr(0, end);
        if (used + 1 + word.size() > columns) {
            out += (out.empty() ? "" : "\n") + std::string(indent, ' ');
            used = indent;
        } else {
            out += ' ';
            ++used;
        }
        out += word;
        used += word.size();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out + '\n';
}

std::string factor_of(double factor) {
    if (factor >= 9e4) return "not in sight";
    if (factor < 1) return fmt::format("over by {}x already", shown(1 / factor, "count"));
    return fmt::format("at {}x this fleet", shown(factor, "count"));
}

std::string profile_line(const machine& m) {
    const auto what = fmt::format("{}, {} cores, of {}", m.cpu, m.cores, m.date);
    if (m.name == "shipped") {
        return "figures of the shipped profile (" + what +
               "), not of this machine: `rollcall capacity measure` makes one\n";
    }
    return fmt::format("figures of {} ({})\n", m.name, what);
}

// The widest part of `plans` that all rows share.
std::size_t label_width() {
    std::size_t width = 0;
    for (const auto& each : figures()) width = std::max(width, each.label.size());
    return width;
}

std::string ends_of(const plan& p) {
    std::string out = "\nWhat ends first as the fleet grows, with nothing added\n";
    for (const auto& each : p.uses) {
        const auto& words = words_of(each.which);
        out +=
            fmt::format("  {:<22} {:<24} now {} {}\n", words.name, factor_of(each.ends_at.likely),
                        shown(each.use.likely, "share"), words.unit_of_use);
    }
    const auto& first = p.uses.front();
    return out + fmt::format("  first: {}; what helps is {}\n", words_of(first.which).name,
                             words_of(first.which).more);
}

std::string findings_of(const plan& p) {
    std::string out;
    for (const auto& each : p.findings) {
        out += (each.wrong ? "  not met: " : "  ") + each.text + '\n';
    }
    return p.meets() ? out + "  everything that is required is met\n" : out;
}

std::string simulated_of(const plan& p) {
    if (!p.simulated) {
        return "the hours of the day are arithmetic of even phases; fleet-sim says more "
               "(--simulated)\n";
    }
    std::string out = "simulated by fleet-sim\n";
    double worst = 0;
    for (const auto& each : p.simulated->freshness) worst = std::max(worst, each.p99_s);
    out += fmt::format("  age of truth, 99 %, worst hour: {}, by arithmetic {}\n",
                       shown(worst, "s"), shown(p.now.age_p99_s, "s"));
    if (p.simulated->on_demand_p99_s) {
        out += fmt::format("  button until its call starts, 99 %: {}, by arithmetic {}\n",
                           shown(*p.simulated->on_demand_p99_s, "s"),
                           shown(p.now.on_demand_p99_s, "s"));
    }
    return out;
}

} // namespace

std::string text_of(const plan& p, bool explain) {
    auto out = fmt::format("{}: {} tenants, {} employed people\n", p.of.name,
                           shown(p.of.tenants, "tenants"), shown(p.now.employees, "people"));
    out += profile_line(p.on) + simulated_of(p);
    const auto width = label_width();
    for (const auto& part : sections) {
        out += fmt::format("\n{}\n", part.title);
        for (const auto& each : figures()) {
            if (each.section != part.key) continue;
            out += fmt::format("  {:<{}}  {}\n", each.label, width,
                               shown(p.now.*each.value, each.unit));
            if (!explain) continue;
            out += wrapped_under(fmt::format("{} = {}", each.key, each.formula), 6);
            out += wrapped_under(fmt::format("from {}", each.inputs), 6);
        }
    }
    return out + ends_of(p) + '\n' + findings_of(p);
}

std::string text_of(const plan& a, const plan& b) {
    const auto width = label_width();
    auto out = profile_line(a.on);
    out += fmt::format("{:<{}}  {:<34} {:<34} ratio\n", "", width + 2, "A: " + a.of.name,
                       "B: " + b.of.name);
    for (const auto& part : sections) {
        out += fmt::format("\n{}\n", part.title);
        for (const auto& each : figures()) {
            if (each.section != part.key) continue;
            const auto& of_a = a.now.*each.value;
            const auto& of_b = b.now.*each.value;
            const auto ratio = quotient(of_b.likely, of_a.likely);
            const bool tells = std::isfinite(ratio) && ratio > 0;
            out += fmt::format("  {:<{}}  {:<34} {:<34} {}\n", each.label, width,
                               shown(of_a, each.unit), shown(of_b, each.unit),
                               tells ? shown(ratio, "factor") : "-");
        }
    }
    for (const auto* p : {&a, &b}) {
        out += fmt::format("\n{}: {}", p == &a ? "A" : "B", p->of.name);
        out += ends_of(*p) + findings_of(*p);
    }
    return out;
}

} // namespace rollcall::capacity
