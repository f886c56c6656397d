// conflict list|resolve|reopen: records that only a person can decide about.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <ostream>

#include "plan_text.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

struct conflict_options {
    std::string tenant;
    std::string kind;
    std::string id;
    std::string ruling;
};
using options_ptr = std::shared_ptr<conflict_options>;

std::string choices_text(const json::object& conflict) {
    std::string out;
    for (const auto& one : list_at(conflict, "choices")) {
        if (one.is_string()) out += (out.empty() ? "" : " ") + std::string(one.get_string());
    }
    return out;
}

exit_code list(session& in, const conflict_options& options) {
    const auto answer =
        ask(in.daemon, {.method = "GET", .target = path_of_tenant(options.tenant) + "/conflicts"});
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
        return exit_code::ok;
    }
    table lines(
        {{"KIND"}, {"PEOPLEHR ID"}, {"OTHER ID"}, {"FIELD"}, {"RULE"}, {"DECIDED"}, {"CHOICES"}});
    for (const auto& one : list_at(*answer, "conflicts")) {
        const auto& conflict = one.as_object();
        lines.add_row({cell(conflict, "kind"), cell(conflict, "id"), cell(conflict, "other_id"),
                       cell(conflict, "field"), cell(conflict, "rule"),
                       cell(conflict, "decided.as"), choices_text(conflict)});
    }
    if (lines.empty()) {
        in.where.out << "no conflicts\n";
        return exit_code::ok;
    }
    lines.print(in.where.out);
    in.where.out << fmt::format(
        "\nrollcall explain {0} ID says more; rollcall conflict resolve {0} "
        "KIND ID CHOICE decides\n",
        escaped(options.tenant));
    return exit_code::ok;
}

exit_code resolve(session& in, const conflict_options& options) {
    const json::object body{{"kind", options.kind}, {"id", options.id}, {"as", options.ruling}};
    const auto answer =
        in.ask_patiently({.method = "POST",
                          .target = path_of_tenant(options.tenant) + "/conflicts/resolve",
                          .body = json::serialize(body)},
                         "waiting for the tenant's turn");
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
    } else {
        in.where.out << fmt::format("{} of {} is decided: {}\n", escaped(options.kind),
                                    escaped(options.id), escaped(options.ruling));
        print_done(*answer, in.where.out);
    }
    return exit_code::ok;
}

exit_code reopen(session& in, const conflict_options& options) {
    const json::object body{{"kind", options.kind}, {"id", options.id}};
    const auto answer =
        ask(in.daemon, {.method = "POST",
                        .target = path_of_tenant(options.tenant) + "/conflicts/reopen",
                        .body = json::serialize(body)});
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
    } else {
        in.where.out << "the decision is withdrawn; the next sync asks again\n";
    }
    return exit_code::ok;
}

} // namespace

void add_conflict_verbs(CLI::App& program, verb& chosen) {
    auto& group =
        *program.add_subcommand("conflict", "Records that only a person can decide about");
    group.require_subcommand(1);
    const auto options = std::make_shared<conflict_options>();
    add_tenant_verb(group, chosen, "list", "Conflicts of a tenant, with the choices", options,
                    list);
    auto& resolving = add_tenant_verb(group, chosen, "resolve", "Decide one, and act on it at once",
                                      options, resolve);
    resolving.add_option("KIND", options->kind, "As `conflict list` shows it")->required();
    resolving.add_option("ID", options->id, "PeopleHR id of the record")->required();
    resolving
        .add_option("CHOICE,--as", options->ruling,
                    "link: the same person as the user who has the e-mail; new_person: somebody "
                    "else; same: the same person after all; reactivate: HR wins; ignore: leave out")
        ->required();
    auto& reopening =
        add_tenant_verb(group, chosen, "reopen", "Withdraw a decision", options, reopen);
    reopening.add_option("KIND", options->kind)->required();
    reopening.add_option("ID", options->id, "PeopleHR id of the record")->required();
}

} // namespace rollcall::cli
