// invite list|send|cancel|confirm|go-live: the invitations ledger (LA-21 to LA-27).
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <ostream>

#include "plan_text.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

struct invite_options {
    std::string tenant;
    std::string state;
    std::vector<std::string> people;
    std::string digest;
    bool all = false;
    bool yes = false;
};
using options_ptr = std::shared_ptr<invite_options>;

std::string ledger_of(const invite_options& options) {
    return path_of_tenant(options.tenant) + "/invitations";
}

exit_code post(session& in, std::string target, const json::object& body,
               bool shown_before = false) {
    return change(in,
                  {.method = "POST", .target = std::move(target), .body = json::serialize(body)},
                  shown_before);
}

json::object people_body(const invite_options& options) {
    return {{"people", json::array(options.people.begin(), options.people.end())}};
}

std::string what_keeps_it(const json::object& one) {
    if (at(one, "held") == json::value(true)) return "held: rollcall hold show";
    if (at(one, "waits_for_live") == json::value(true)) return "waits for invite go-live";
    return "";
}

exit_code list(session& in, const invite_options& options) {
    const auto query = options.state.empty() ? "" : "?state=" + encoded(options.state);
    const auto answer = ask(in.daemon, {.method = "GET", .target = ledger_of(options) + query});
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
        return exit_code::ok;
    }
    table lines({{"PEOPLEHR ID"}, {"NAME"}, {"E-MAIL"}, {"STATE"}, {"DUE"}, {"SENT"}, {"NOTE"}});
    for (const auto& one : list_at(*answer, "invitations")) {
        const auto& row = one.as_object();
        lines.add_row({cell(row, "id"), cell(row, "name"), cell(row, "email"), cell(row, "state"),
                       cell(row, "due"), cell(row, "sent"), what_keeps_it(row)});
    }
    if (lines.empty()) {
        in.where.out << "no invitations: only people whom this integration created have one\n";
    } else {
        lines.print(in.where.out);
    }
    return exit_code::ok;
}

exit_code send(session& in, const invite_options& options) {
    return post(in, ledger_of(options) + "/send", people_body(options));
}

exit_code cancel(session& in, const invite_options& options) {
    return post(in, ledger_of(options) + "/cancel", people_body(options));
}

exit_code confirm_one(session& in, const invite_options& options) {
    return post(in, ledger_of(options) + "/confirm", {{"person", options.people.front()}});
}

exit_code go_live(session& in, const invite_options& options) {
    const auto target = path_of_tenant(options.tenant) + "/go-live";
    auto digest = options.digest;
    if (digest.empty()) {
        const auto plan = ask(in.daemon, {.method = "GET", .target = target});
        if (!plan) return in.fail(plan.error());
        if (in.json && !options.yes) in.print(*plan);
        if (!in.json) {
            print_plan(*plan, options.all ? ~std::size_t{0} : lines_at_a_glance, in.where.out);
        }
        const auto count = list_at(*plan, "steps").size();
        const auto stop = in.unless_agreed(
            options.yes,
            fmt::format("Invite {} now, and the others of the first import when they fall due?",
                        count == 1 ? "1 person" : fmt::format("{} people", count)),
            "give --digest of what you saw, or add --yes");
        if (stop) return *stop;
        digest = cell(*plan, "digest");
    }
    return post(in, target, {{"digest", digest}}, options.digest.empty());
}

} // namespace

void add_invite_verbs(CLI::App& program, verb& chosen) {
    constexpr const char* person_help = "PeopleHR id, e-mail, or uid:N";
    auto& group = *program.add_subcommand("invite", "Invitations: who is to have one, and who had");
    group.require_subcommand(1);
    const auto options = std::make_shared<invite_options>();
    auto& listing =
        add_tenant_verb(group, chosen, "list", "The invitations of a tenant", options, list);
    listing
        .add_option("--state", options->state,
                    "Only those: not_invited, scheduled, due, sent, cancelled, confirmed")
        ->check(
            CLI::IsMember({"not_invited", "scheduled", "due", "sent", "cancelled", "confirmed"}));
    auto& sending =
        add_tenant_verb(group, chosen, "send", "Invite people now, or once more", options, send);
    sending.add_option("PERSON", options->people, person_help)->required();
    auto& cancelling = add_tenant_verb(group, chosen, "cancel",
                                       "Do not invite people who were to be", options, cancel);
    cancelling.add_option("PERSON", options->people, person_help)->required();
    auto& confirming =
        add_tenant_verb(group, chosen, "confirm", "Note that somebody took the invitation up",
                        options, confirm_one);
    confirming.add_option("PERSON", options->people, person_help)->required()->expected(1);
    auto& living = add_tenant_verb(group, chosen, "go-live",
                                   "Let the invitations of the first import go, after showing them",
                                   options, go_live);
    living.add_option("--digest", options->digest,
                      "Of the plan that you saw: do not show it again");
    living.add_flag("--all", options->all, "Show every step before asking");
    living.add_flag("--yes", options->yes, "Do not ask");
}

} // namespace rollcall::cli
