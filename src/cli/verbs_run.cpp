// run list|show.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <ostream>

#include "plan_text.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

struct run_options {
    std::string tenant;
    std::uint64_t run = 0; // 0: the newest
    std::uint64_t limit = 50;
};

std::string runs_of(const run_options& options) {
    return path_of_tenant(options.tenant) + "/runs";
}

reply<json::object> newest(session& in, const run_options& options, std::uint64_t limit) {
    return ask(in.daemon,
               {.method = "GET", .target = fmt::format("{}?limit={}", runs_of(options), limit)});
}

exit_code list(session& in, const run_options& options) {
    const auto answer = newest(in, options, options.limit);
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
        return exit_code::ok;
    }
    constexpr auto right = table::align::right;
    table lines({{"RUN", right},
                 {"STARTED"},
                 {"CAUSE"},
                 {"RESULT"},
                 {"READ", right},
                 {"CREATED", right},
                 {"UPDATED", right},
                 {"DEACTIVATED", right},
                 {"REJECTED", right},
                 {"DETAIL"}});
    for (const auto& one : at(*answer, "runs").as_array()) {
        const auto& run = one.as_object();
        lines.add_row({cell(run, "id"), cell(run, "started"), cell(run, "cause"),
                       cell(run, "result"), cell(run, "counts.rows"), cell(run, "counts.created"),
                       cell(run, "counts.updated"), cell(run, "counts.deactivated"),
                       cell(run, "counts.rejected"), cell(run, "detail")});
    }
    if (lines.empty()) {
        in.where.out << "no runs on record: a run that changes nothing leaves none\n";
    } else {
        lines.print(in.where.out);
    }
    return exit_code::ok;
}

void print_run(const json::object& run, std::ostream& out) {
    const auto line = [&](std::string_view title, const std::string& text) {
        if (text != "-") out << fmt::format("{:<12} {}\n", title, escaped(text));
    };
    line("run", cell(run, "id"));
    line("cause", cell(run, "cause"));
    line("result", cell(run, "result"));
    line("detail", cell(run, "detail"));
    line("employee", cell(run, "employee_id"));
    line("started", cell(run, "started"));
    line("finished", cell(run, "finished"));
    const auto counts = counts_text(at(run, "counts"));
    line("counts", counts.empty() ? "-" : counts);
    const auto print_list = [&](const char* title, table lines, const char* member,
                                std::initializer_list<const char*> members) {
        const auto& list = at(run, member);
        if (!list.is_array() || list.get_array().empty()) return;
        for (const auto& one : list.get_array()) {
            std::vector<std::string> cells;
            for (const std::string name : members) {
                const bool value = name == "old" || name == "new";
                cells.push_back(value ? shown_value(one.as_object(), name)
                                      : cell(one.as_object(), name));
            }
            lines.add_row(cells);
        }
        out << '\n' << title << '\n';
        lines.print(out);
    };
    print_list("changes", table({{"WHO"}, {"STEP"}, {"FIELD"}, {"OLD"}, {"NEW"}, {"RULE"}}),
               "changes", {"id", "kind", "field", "old", "new", "rule"});
    print_list("issues", table({{"KIND"}, {"PEOPLEHR ID"}, {"OTHER ID"}, {"FIELD"}, {"RULE"}}),
               "issues", {"kind", "id", "other_id", "field", "rule"});
}

exit_code show(session& in, const run_options& options) {
    auto wanted = options.run;
    if (wanted == 0) {
        const auto last = newest(in, options, 1);
        if (!last) return in.fail(last.error());
        const auto& runs = at(*last, "runs");
        if (!runs.is_array() || runs.get_array().empty()) {
            return in.fail(
                {exit_code::not_found,
                 options.tenant + " has no run on record: a run that changes nothing leaves none",
                 {}});
        }
        wanted = at(runs.get_array().front().as_object(), "id").to_number<std::uint64_t>();
    }
    const auto answer =
        ask(in.daemon, {.method = "GET", .target = fmt::format("{}/{}", runs_of(options), wanted)});
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
    } else {
        print_run(*answer, in.where.out);
    }
    return exit_code::ok;
}

} // namespace

void add_run_verbs(CLI::App& program, verb& chosen) {
    auto& group = *program.add_subcommand("run", "List and show what the runs of a tenant did");
    group.require_subcommand(1);
    const auto options = std::make_shared<run_options>();
    auto* listing = group.add_subcommand("list", "The newest runs of a tenant");
    listing->add_option("TENANT", options->tenant)->required();
    listing->add_option("--limit", options->limit, "At most so many, 50 unless told")
        ->check(CLI::Range(1, 500));
    listing->callback(
        [&chosen, options] { chosen = [options](session& in) { return list(in, *options); }; });
    auto* showing = group.add_subcommand("show", "One run: what it changed, per person and field");
    showing->add_option("TENANT", options->tenant)->required();
    showing->add_option("RUN", options->run, "Its number; the newest unless told");
    showing->callback(
        [&chosen, options] { chosen = [options](session& in) { return show(in, *options); }; });
}

} // namespace rollcall::cli
