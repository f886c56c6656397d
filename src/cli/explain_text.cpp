#include "explain_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <vector>

#include "plan_text.hpp"
#include "text_output.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t page_width = 96;

std::string words(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

// The text in lines of the page's width, each after `indent` spaces.
void print_wrapped(std::string_view text, std::size_t indent, std::ostream& out) {
    const std::string margin(indent, ' ');
    std::string line;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find(' ', begin), text.size());
        const auto word = escaped(text.substr(begin, end - begin));
        const auto width = indent + display_width(line) + 1 + display_width(word);
        if (!line.empty() && width > page_width) {
            out << margin << line << '\n';
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
        begin = end + 1;
    }
    if (!line.empty()) out << margin << line << '\n';
}

void print_head(const json::object& answer, const std::string& tenant, const std::string& person,
                std::ostream& out) {
    const auto& user = at(answer, "user");
    if (user.is_object()) {
        const auto& who = user.get_object();
        out << fmt::format("{} ({}), {}\n", escaped(cell(who, "full_name")),
                           escaped(cell(who, "id")), escaped(cell(who, "email")));
        out << fmt::format("{} in {}, as of {}\n", cell(who, "state"), escaped(tenant),
                           cell(answer, "at"));
    } else if (at(answer, "erased") == json::value(true)) {
        out << fmt::format("{} was erased from {} by request\n", escaped(person), escaped(tenant));
    } else {
        out << fmt::format("{} is no user of {}\n", escaped(person), escaped(tenant));
    }
    if (at(answer, "snapshot_taken").is_null()) {
        out << "PeopleHR has not been read yet\n";
    } else {
        out << fmt::format("{} in PeopleHR when it was last read, {}\n",
                           at(answer, "in_source") == json::value(true) ? "is" : "is not",
                           cell(answer, "snapshot_taken"));
    }
}

std::string whose(const json::object& value) {
    const auto owner = cell(value, "owner");
    if (owner == "ours") return "the sync";
    if (owner == "manual") return "by hand";
    return "-";
}

std::string since(const json::object& value) {
    if (at(value, "run").is_null()) return cell(value, "since");
    return fmt::format("run {}, {}", cell(value, "run"), cell(value, "since"));
}

// Each reason once, in the order in which the values name them.
void print_reasons(const json::array& values, std::ostream& out) {
    std::vector<std::string> seen;
    for (const auto& one : values) {
        const auto& value = one.as_object();
        auto rule = cell(value, "rule");
        const auto because = cell(value, "because");
        if (rule == "-" || because == "-") continue;
        const auto text = rule + ": " + because;
        if (std::find(seen.begin(), seen.end(), text) != seen.end()) continue;
        if (seen.empty()) out << "\nWhy\n";
        print_wrapped(text, 2, out);
        seen.push_back(text);
    }
}

void print_values(const json::array& values, std::ostream& out) {
    table lines(
        {{"VALUE"}, {"PEOPLEHR SAYS"}, {"RULE"}, {"DECISION"}, {"IT IS"}, {"SET BY"}, {"SINCE"}});
    for (const auto& one : values) {
        const auto& value = one.as_object();
        lines.add_row({words(cell(value, "what")), cell(value, "source"), cell(value, "rule"),
                       cell(value, "decision"), cell(value, "value"), whose(value), since(value)});
    }
    if (lines.empty()) return;
    out << '\n';
    lines.print(out);
    print_reasons(values, out);
}

void print_stopped(const json::array& stopped, std::ostream& out) {
    if (stopped.empty()) return;
    out << "\nWhat did not happen, and why\n";
    for (const auto& one : stopped) {
        const auto& it = one.as_object();
        const auto rule = cell(it, "rule");
        print_wrapped(fmt::format("{}{}: {}", words(cell(it, "what")),
                                  rule == "-" ? "" : " (" + rule + ")", cell(it, "because")),
                      2, out);
        if (at(it, "then").is_string()) print_wrapped("-> " + cell(it, "then"), 4, out);
    }
}

void print_history(const json::array& history, std::ostream& out) {
    if (history.empty()) return;
    out << "\nHistory, newest first\n";
    table lines({{"WHEN"},
                 {"RUN", table::align::right},
                 {"CAUSE"},
                 {"STEP"},
                 {"FIELD"},
                 {"BEFORE"},
                 {"AFTER"},
                 {"RULE"}});
    for (const auto& one : history) {
        const auto& entry = one.as_object();
        const std::vector<std::string> head{cell(entry, "at"), cell(entry, "run"),
                                            cell(entry, "cause"), words(cell(entry, "kind"))};
        for (const auto& each : list_at(entry, "changes")) {
            const auto& change = each.as_object();
            auto row = head;
            row.insert(row.end(), {words(cell(change, "field")), shown_value(change, "old"),
                                   shown_value(change, "new"), cell(change, "rule")});
            lines.add_row(row);
        }
    }
    lines.print(out);
}

} // namespace

void print_explanation(const json::object& answer, const std::string& tenant,
                       const std::string& person, std::ostream& out) {
    print_head(answer, tenant, person, out);
    print_values(list_at(answer, "values"), out);
    print_stopped(list_at(answer, "stopped"), out);
    print_history(list_at(answer, "history"), out);
}

} // namespace rollcall::cli
