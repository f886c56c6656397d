// what-if, undo, diff: plans and runs, shown as what becomes different.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <map>
#include <ostream>

#include "assignments.hpp"
#include "plan_text.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds plan_patience = std::chrono::minutes{2};

struct plan_options {
    std::string first;  // the tenant; of `undo RUN` and `diff RUN` the run
    std::string second; // the run
    std::vector<std::string> assignments;
    std::vector<std::string> resets;
    std::string digest;
    bool all = false;
    bool yes = false;

    [[nodiscard]] std::size_t limit() const { return all ? ~std::size_t{0} : lines_at_a_glance; }
};
using options_ptr = std::shared_ptr<plan_options>;

struct run_place {
    std::string tenant;
    std::string run;
    [[nodiscard]] std::string path() const {
        return path_of_tenant(tenant) + "/runs/" + encoded(run);
    }
};

// A run's number is unique over all tenants: alone it is enough, and the daemon knows whose it is.
reply<run_place> place_of(session& in, const plan_options& options) {
    if (!options.second.empty()) return run_place{options.first, options.second};
    const auto found =
        ask(in.daemon, {.method = "GET", .target = "/v1/runs/" + encoded(options.first)});
    if (!found) return found.error();
    return run_place{cell(*found, "tenant"), options.first};
}

exit_code what_if(session& in, const plan_options& options) {
    const auto settings = settings_of({}, options.assignments, options.resets);
    if (!settings) return in.usage(settings.error().detail);
    if (settings->empty()) return in.usage("Which settings? Give --set KEY=VALUE or --reset KEY");
    const auto answer =
        in.ask_patiently({.method = "POST",
                          .target = path_of_tenant(options.first) + "/what-if",
                          .body = json::serialize(json::object{{"settings", *settings}}),
                          .silence_max = plan_patience},
                         "planning");
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
    } else {
        print_plan(*answer, options.limit(), in.where.out);
    }
    return exit_code::ok;
}

exit_code undo(session& in, const plan_options& options) {
    const auto place = place_of(in, options);
    if (!place) return in.fail(place.error());
    const auto post = [&](const json::object& body) {
        return in.ask_patiently({.method = "POST",
                                 .target = place->path() + "/undo",
                                 .body = json::serialize(body),
                                 .silence_max = plan_patience},
                                "waiting for the tenant's turn");
    };
    auto digest = options.digest;
    if (digest.empty()) {
        const auto plan = post({});
        if (!plan) return in.fail(plan.error());
        if (in.json && !options.yes) in.print(*plan);
        if (!in.json) print_plan(*plan, options.limit(), in.where.out);
        if (!at(*plan, "digest").is_string()) {
            in.where.err << "there is nothing to undo\n";
            return exit_code::ok;
        }
        if (!in.json) {
            in.where.out << "what PeopleHR and the settings still ask for, the next sync does "
                            "again: mend those first\n";
        }
        const auto stop = in.unless_agreed(
            options.yes, fmt::format("Undo run {} of {} like this?", place->run, place->tenant),
            "give --digest of what you saw, or add --yes");
        if (stop) return *stop;
        digest = cell(*plan, "digest");
    }
    const auto done = post({{"digest", digest}});
    if (!done) return in.fail(done.error());
    if (in.json) {
        in.print(*done);
    } else {
        print_done(*done, in.where.out, options.digest.empty());
    }
    return exit_code::ok;
}

// What one run did to one subject, over all its steps.
struct difference {
    std::string title;
    std::string what; // "create, move"
    std::vector<const json::object*> changes;
};

std::vector<difference> differences_of(const json::object& run) {
    std::vector<difference> out;
    std::map<std::pair<bool, std::string>, std::size_t> places; // team or user, and number
    for (const auto& one : list_at(run, "steps")) {
        const auto& step = one.as_object();
        const bool team = at(step, "team").is_number();
        const auto key = std::pair{team, cell(step, team ? "team" : "uid")};
        const auto [place, fresh] = places.emplace(key, out.size());
        if (fresh) {
            const auto id = cell(step, "id"), name = cell(step, "name");
            auto title = team ? "team " + id : name == "-" ? id : fmt::format("{} ({})", name, id);
            out.push_back({std::move(title), {}, {}});
        }
        auto& mine = out[place->second];
        auto kind = cell(step, "kind");
        std::replace(kind.begin(), kind.end(), '_', ' ');
        mine.what += (mine.what.empty() ? "" : ", ") + kind;
        for (const auto& change : list_at(step, "changes")) {
            mine.changes.push_back(&change.as_object());
        }
    }
    return out;
}

void print_difference(const difference& one, std::ostream& out) {
    struct line {
        std::string field, before, after, rule;
    };
    std::vector<line> lines;
    std::size_t field_width = 0, before_width = 0, after_width = 0;
    for (const auto* change : one.changes) {
        line next{cell(*change, "field"), shown_value(*change, "old"), shown_value(*change, "new"),
                  cell(*change, "rule")};
        std::replace(next.field.begin(), next.field.end(), '_', ' ');
        field_width = std::max(field_width, display_width(escaped(next.field)));
        before_width = std::max(before_width, display_width(escaped(next.before)));
        after_width = std::max(after_width, display_width(escaped(next.after)));
        lines.push_back(std::move(next));
    }
    out << '\n' << escaped(one.title) << ": " << one.what << '\n';
    for (const auto& next : lines) {
        out << fmt::format("  {}  {}  ->  {}  {}\n", padded(next.field, field_width),
                           padded(next.before, before_width), padded(next.after, after_width),
                           escaped(next.rule));
    }
}

exit_code diff(session& in, const plan_options& options) {
    const auto place = place_of(in, options);
    if (!place) return in.fail(place.error());
    const auto run = ask(in.daemon, {.method = "GET", .target = place->path()});
    if (!run) return in.fail(run.error());
    if (in.json) {
        in.print(*run);
        return exit_code::ok;
    }
    const auto all = differences_of(*run);
    in.where.out << fmt::format("run {} of {} ({}, {}, {}): {}\n", cell(*run, "id"),
                                escaped(place->tenant), cell(*run, "cause"), cell(*run, "result"),
                                cell(*run, "started"),
                                all.empty() ? "nothing became different" : "before -> after");
    for (const auto& one : all) print_difference(one, in.where.out);
    return exit_code::ok;
}

void add_run_place(CLI::App& sub, const options_ptr& options) {
    sub.add_option("TENANT", options->first, "May be left out: a run's number is enough")
        ->required();
    sub.add_option("RUN", options->second, "Its number, as `run list` shows it");
}

} // namespace

void add_what_if(CLI::App& program, verb& chosen) {
    const auto options = std::make_shared<plan_options>();
    auto& sub = add_verb(program, chosen, "what-if",
                         "What other settings would change, from what PeopleHR last said", options,
                         what_if);
    sub.add_option("TENANT", options->first)->required();
    sub.add_option("SETTING,--set", options->assignments, "KEY=VALUE, any number of them");
    sub.add_option("--reset", options->resets, "A setting at its profile's default");
    sub.add_flag("--all", options->all, "Every step, not just the first");
}

void add_undo(CLI::App& program, verb& chosen) {
    const auto options = std::make_shared<plan_options>();
    auto& sub = add_verb(program, chosen, "undo", "Take back what a run did, after showing how",
                         options, undo);
    add_run_place(sub, options);
    sub.add_option("--digest", options->digest, "Of the plan that you saw: do not show it again");
    sub.add_flag("--all", options->all, "Show every step before asking");
    sub.add_flag("--yes", options->yes, "Do not ask");
}

void add_diff(CLI::App& program, verb& chosen) {
    const auto options = std::make_shared<plan_options>();
    add_run_place(
        add_verb(program, chosen, "diff", "What a run made different: before and after, per person",
                 options, diff),
        options);
}

} // namespace rollcall::cli
