// explain, forecast: why it is so, and what is to come.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <map>
#include <ostream>

#include "explain_text.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

struct answer_options {
    std::string tenant;
    std::string person;
    std::string at;
    int days = 30;
};

exit_code explain(session& in, const answer_options& options) {
    auto target = path_of_tenant(options.tenant) + "/explain/" + encoded(options.person);
    if (!options.at.empty()) target += "?at=" + encoded(options.at);
    const auto answer = ask(in.daemon, {.method = "GET", .target = std::move(target)});
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
    } else {
        print_explanation(*answer, options.tenant, options.person, in.where.out);
    }
    const auto says = [&](std::string_view what) { return at(*answer, what) == json::value(true); };
    return says("known") || says("in_source") || says("erased") ? exit_code::ok
                                                                : exit_code::not_found;
}

exit_code forecast(session& in, const answer_options& options) {
    const auto answer =
        ask(in.daemon, {.method = "GET",
                        .target = fmt::format("{}/forecast?days={}", path_of_tenant(options.tenant),
                                              options.days)});
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
        return exit_code::ok;
    }
    table lines({{"DAY"}, {"WHAT"}, {"WHO"}, {"NAME"}, {"RULE"}, {"DETAIL"}});
    for (const auto& one : list_at(*answer, "entries")) {
        const auto& entry = one.as_object();
        auto what = cell(entry, "what");
        if (what == "doubt") {
            in.where.out << escaped(cell(entry, "detail"))
                         << fmt::format("\nrollcall hold show {} says what to do\n\n",
                                        escaped(options.tenant));
            continue;
        }
        std::replace(what.begin(), what.end(), '_', ' ');
        lines.add_row({cell(entry, "day"), what, cell(entry, "who"), cell(entry, "name"),
                       cell(entry, "rule"), cell(entry, "detail")});
    }
    if (lines.empty()) {
        in.where.out << fmt::format("nothing is known to come within {} days\n", options.days);
    } else {
        lines.print(in.where.out);
    }
    return exit_code::ok;
}

} // namespace

void add_explain(CLI::App& program, verb& chosen) {
    auto* sub = program.add_subcommand(
        "explain", "Why a person is as they are here, and what did not happen, and why");
    const auto options = std::make_shared<answer_options>();
    sub->add_option("TENANT", options->tenant)->required();
    sub->add_option("PERSON", options->person, "PeopleHR id, e-mail, or uid:N")->required();
    sub->add_option("--at", options->at,
                    "As it was then: 2026-11-21T18:46:05Z, or a day, which is its beginning in the "
                    "tenant's time zone");
    sub->callback(
        [&chosen, options] { chosen = [options](session& in) { return explain(in, *options); }; });
}

void add_forecast(CLI::App& program, verb& chosen) {
    auto* sub = program.add_subcommand(
        "forecast", "What is known to come: invitations, deactivations, seats, teams");
    const auto options = std::make_shared<answer_options>();
    sub->add_option("TENANT", options->tenant)->required();
    sub->add_option("--days", options->days, "So far ahead, 30 unless told")
        ->check(CLI::Range(1, 366));
    sub->callback(
        [&chosen, options] { chosen = [options](session& in) { return forecast(in, *options); }; });
}

} // namespace rollcall::cli
