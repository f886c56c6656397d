// sync TENANT: asks for a run, and watches it with --wait.
#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <ostream>

#include "plan_text.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

struct sync_options {
    std::string tenant;
    std::string employee;
    bool wait = false;
    bool preview = false;
    bool all = false;
};

// What the stream of a waiting sync has told so far.
struct watched_run {
    json::object last;       // the line with done
    double longest_wait = 0; // the first estimate, which is the whole of the bar

    void take(std::string_view line, session& in, progress& bar) {
        boost::system::error_code error;
        const auto value = json::parse(line, error);
        if (error || !value.is_object()) return;
        const auto& told = value.get_object();
        if (in.json) in.print(told);
        if (at(told, "done") == json::value(true)) {
            last = told;
            return;
        }
        const auto& estimate = at(told, "estimated_start_seconds");
        const auto state = cell(told, "state");
        if (estimate.is_number() && estimate.to_number<double>() > 0.5) {
            const double left = estimate.to_number<double>();
            longest_wait = std::max(longest_wait, left);
            bar.show(1.0 - left / longest_wait,
                     in.where.err_is_terminal
                         ? fmt::format("{}, about {:.0f} s until it starts", state, left)
                         : state);
        } else {
            bar.show(std::nullopt, state);
        }
    }
};

std::string summary(const json::object& run) {
    const auto counts = counts_text(at(run, "counts"));
    std::string out = fmt::format("run {} {}{}{}", cell(run, "id"), cell(run, "result"),
                                  counts.empty() ? "" : ": ", counts);
    if (at(run, "detail").is_string()) out += "\n" + cell(run, "detail");
    return out;
}

exit_code exit_code_of_run(const json::object& run) {
    const auto result = cell(run, "result");
    if (result == "held") return exit_code::refused;
    if (result != "failed") return exit_code::ok;
    // A run that failed is a failure even where the daemon tries again by itself; but that there
    // was no room for it now is no answer yet.
    for (const auto* code : {"throttled", "busy", "storage_full", "shutting_down"}) {
        if (cell(run, "code") == code) return exit_code::try_later;
    }
    return exit_code::failed;
}

void print_preview(const json::object& run, std::size_t limit, std::ostream& out) {
    const auto& steps = list_at(run, "steps");
    const auto counts = counts_text(at(run, "counts"));
    out << fmt::format("preview: {} would be done{}{}\n", counted(steps.size(), "step"),
                       counts.empty() ? "" : "; ", counts);
    if (at(run, "detail").is_string()) out << escaped(cell(run, "detail")) << '\n';
    print_steps(steps, steps.size(), limit, out);
}

exit_code watch(session& in, const sync_options& options, call what) {
    watched_run run;
    progress bar(in.where);
    what.on_line = [&](std::string_view line) { run.take(line, in, bar); };
    const auto answer = ask(in.daemon, std::move(what));
    bar.finish();
    if (!answer) return in.fail(answer.error());
    if (at(run.last, "problem").is_object()) {
        return in.fail(failure_of(at(run.last, "problem").get_object(), 0));
    }
    if (!at(run.last, "run").is_object()) {
        return in.fail({exit_code::try_later, "The daemon ended before the run did", {}});
    }
    const auto& record = at(run.last, "run").get_object();
    if (!in.json && options.preview) {
        print_preview(record, options.all ? ~std::size_t{0} : lines_at_a_glance, in.where.out);
    } else if (!in.json) {
        in.where.out << summary(record) << '\n';
    }
    return exit_code_of_run(record);
}

exit_code sync(session& in, const sync_options& options) {
    json::object body;
    if (!options.employee.empty()) body["employee_id"] = options.employee;
    const bool wait = options.wait || options.preview;
    if (wait) body["wait"] = true;
    if (options.preview) body["preview"] = true;
    call what{.method = "POST",
              .target = path_of_tenant(options.tenant) + "/sync",
              .body = json::serialize(body)};
    if (wait) return watch(in, options, std::move(what));

    const auto answer = ask(in.daemon, std::move(what));
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
        return exit_code::ok;
    }
    const bool joined = at(*answer, "joined") == json::value(true);
    in.where.out << fmt::format("{}; it starts in about {} s\n",
                                joined ? "a run was waiting already, and is yours too" : "queued",
                                cell(*answer, "estimated_start_seconds"));
    return exit_code::ok;
}

} // namespace

void add_sync(CLI::App& program, verb& chosen) {
    auto* sub = program.add_subcommand("sync", "Sync a tenant now, ahead of its daily sweep");
    const auto options = std::make_shared<sync_options>();
    sub->add_option("TENANT", options->tenant)->required();
    sub->add_flag(
        "--wait", options->wait,
        "Show its progress and wait for its end; exit code 1 if it failed, 5 if it is held, 6 if "
        "PeopleHR's call limit stopped it");
    sub->add_flag("--preview", options->preview,
                  "Only show what a sync would change: nothing is stored or sent");
    sub->add_flag("--all", options->all, "Every step of a preview, not just the first");
    sub->add_option("--user", options->employee, "Read only the employee with this PeopleHR id");
    sub->callback(
        [&chosen, options] { chosen = [options](session& in) { return sync(in, *options); }; });
}

} // namespace rollcall::cli
