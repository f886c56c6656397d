// team list|add|set|delete|member.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <ostream>

#include "assignments.hpp"
#include "plan_text.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

struct team_options {
    std::string tenant;
    std::string team;
    std::string person;
    std::string parent;
    std::string manager;
    std::vector<std::string> assignments;
    bool remove = false;
    bool yes = false;
};
using options_ptr = std::shared_ptr<team_options>;

std::string teams_of(const team_options& options) {
    return path_of_tenant(options.tenant) + "/teams";
}
std::string path_of_team(const team_options& options) {
    return teams_of(options) + "/" + encoded(options.team);
}

exit_code list(session& in, const team_options& options) {
    const auto answer = ask(in.daemon, {.method = "GET", .target = teams_of(options)});
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
        return exit_code::ok;
    }
    constexpr auto right = table::align::right;
    table lines({{"ID", right},
                 {"TEAM"},
                 {"PARENT"},
                 {"MANAGER"},
                 {"MEMBERS", right},
                 {"SECONDARY", right},
                 {"FROM"}});
    for (const auto& one : list_at(*answer, "teams")) {
        const auto& team = one.as_object();
        const bool owned = at(team, "owned") == json::value(true);
        lines.add_row({cell(team, "id"), cell(team, "name"), cell(team, "parent.name"),
                       cell(team, "manager.label"), cell(team, "members"),
                       cell(team, "secondary_members"),
                       owned                              ? "PeopleHR"
                       : at(team, "department").is_null() ? "by hand"
                                                          : "by hand, takes a department"});
    }
    if (lines.empty()) {
        in.where.out << "no teams\n";
    } else {
        lines.print(in.where.out);
    }
    return exit_code::ok;
}

exit_code add(session& in, const team_options& options) {
    json::object fields{{"name", options.team}};
    if (!options.parent.empty()) fields["parent"] = options.parent;
    if (!options.manager.empty()) fields["manager"] = options.manager;
    return change(in, {.method = "POST",
                       .target = teams_of(options),
                       .body = json::serialize(json::object{{"fields", fields}})});
}

exit_code set(session& in, const team_options& options) {
    const auto fields = fields_of(options.assignments);
    if (!fields) return in.usage(fields.error().detail);
    return change(in, {.method = "PATCH",
                       .target = path_of_team(options),
                       .body = json::serialize(json::object{{"fields", *fields}})});
}

exit_code remove(session& in, const team_options& options) {
    const auto stop = in.unless_agreed(
        options.yes, fmt::format("Delete the team {} of {}? Its sub-teams lose their parent, and "
                                 "its hierarchy is gone.",
                                 options.team, options.tenant));
    if (stop) return *stop;
    return change(in, {.method = "DELETE", .target = path_of_team(options)});
}

exit_code member(session& in, const team_options& options) {
    return change(in, {.method = options.remove ? "DELETE" : "PUT",
                       .target = path_of_team(options) + "/members/" + encoded(options.person)});
}

} // namespace

void add_team_verbs(CLI::App& program, verb& chosen) {
    constexpr const char* team_help = "Name, or id:N";
    auto& group = *program.add_subcommand("team", "Teams of a tenant: list, and change by hand");
    group.require_subcommand(1);
    const auto options = std::make_shared<team_options>();
    add_tenant_verb(group, chosen, "list", "All teams of a tenant", options, list);
    auto& adding = add_tenant_verb(group, chosen, "add", "Add a team by hand", options, add);
    adding.add_option("TEAM", options->team, "Its name")->required();
    adding.add_option("--parent", options->parent, team_help);
    adding.add_option("--manager", options->manager, "PeopleHR id, e-mail, or uid:N");
    auto& setting = add_tenant_verb(group, chosen, "set",
                                    "Rename a team, move it, give it a manager", options, set);
    setting.add_option("TEAM", options->team, team_help)->required();
    setting
        .add_option("FIELD", options->assignments,
                    "name=, parent=, manager=; without a value parent and manager are cleared")
        ->required();
    auto& deleting = add_tenant_verb(group, chosen, "delete", "Delete a team", options, remove);
    deleting.add_option("TEAM", options->team, team_help)->required();
    deleting.add_flag("--yes", options->yes, "Do not ask");
    auto& joining = add_tenant_verb(
        group, chosen, "member",
        "Make somebody a member of a secondary team, which the sync leaves alone", options, member);
    joining.add_option("TEAM", options->team, team_help)->required();
    joining.add_option("PERSON", options->person, "PeopleHR id, e-mail, or uid:N")->required();
    joining.add_flag("--remove", options->remove, "Take the person out of it");
}

} // namespace rollcall::cli
