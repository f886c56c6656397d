// user set|add|delete: edits by hand (LA-3, LA-15, LA-19); erase: somebody for good.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <ostream>

#include "assignments.hpp"
#include "plan_text.hpp"
#include "verb.hpp"
#include "verbs_edit.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

struct edit_options {
    std::string tenant;
    std::string person;
    std::vector<std::string> assignments;
    bool even_active = false;
    bool yes = false;
};
using options_ptr = std::shared_ptr<edit_options>;

constexpr const char* person_help = "PeopleHR id, e-mail, or uid:N";
constexpr const char* fields_help =
    "FIELD=VALUE: email, first_name, last_name, job_title, location, department, company, "
    "start_date, leaving_date, state (active, inactive), role (member, owner), manager (a person), "
    "attributes.NAME; FIELD= clears";

std::string path_of_person(const edit_options& options) {
    return path_of_tenant(options.tenant) + "/users/" + encoded(options.person);
}

exit_code set(session& in, const edit_options& options) {
    const auto fields = fields_of(options.assignments);
    if (!fields) return in.usage(fields.error().detail);
    return change(in, {.method = "PATCH",
                       .target = path_of_person(options),
                       .body = json::serialize(json::object{{"fields", *fields}})});
}

exit_code add(session& in, const edit_options& options) {
    const auto fields = fields_of(options.assignments);
    if (!fields) return in.usage(fields.error().detail);
    return change(in, {.method = "POST",
                       .target = path_of_tenant(options.tenant) + "/users",
                       .body = json::serialize(json::object{{"fields", *fields}})});
}

// Who it is, so that the question names a person and not what was typed.
reply<std::string> name_of_person(session& in, const edit_options& options) {
    const auto user = ask(in.daemon, {.method = "GET", .target = path_of_person(options)});
    if (!user) return user.error();
    return fmt::format("{} ({}), {}", cell(*user, "full_name"), cell(*user, "id"),
                       cell(*user, "state"));
}

exit_code remove(session& in, const edit_options& options) {
    const auto name = name_of_person(in, options);
    if (!name) return in.fail(name.error());
    const auto stop = in.unless_agreed(
        options.yes,
        fmt::format(
            "Delete {}? Whoever is still in PeopleHR is created again by the next sync, and "
            "not invited again by itself.",
            *name));
    if (stop) return *stop;
    return change(in, {.method = "DELETE", .target = path_of_person(options)});
}

exit_code erase(session& in, const edit_options& options) {
    const auto name = name_of_person(in, options);
    if (!name) return in.fail(name.error());
    const auto stop = in.unless_agreed(
        options.yes, fmt::format("Erase {} for good? The record, its history and its invitation "
                                 "cannot be brought back, and the sync does not create it again. "
                                 "Backups and the file of notices keep what they have.",
                                 *name));
    if (stop) return *stop;
    const json::object body{{"person", options.person}, {"even_active", options.even_active}};
    const auto answer = in.ask_patiently({.method = "POST",
                                          .target = path_of_tenant(options.tenant) + "/erase",
                                          .body = json::serialize(body)},
                                         "waiting for the tenant's turn");
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
    } else {
        in.where.out << "erased; the audit still verifies, and what it said of the person can not "
                        "be read any more\n"
                        "backups made before and the file of notices still have the person: it is "
                        "for you to clear or replace them\n";
    }
    return exit_code::ok;
}

} // namespace

void add_user_edits(CLI::App& group, verb& chosen) {
    const auto options = std::make_shared<edit_options>();
    auto& setting =
        add_tenant_verb(group, chosen, "set", "Change fields of a user by hand", options, set);
    setting.add_option("PERSON", options->person, person_help)->required();
    setting.add_option("FIELD", options->assignments, fields_help)->required();
    auto& adding = add_tenant_verb(group, chosen, "add", "Add a user by hand", options, add);
    adding.add_option("FIELD", options->assignments, fields_help)->required();
    auto& deleting = add_tenant_verb(group, chosen, "delete", "Delete a user", options, remove);
    deleting.add_option("PERSON", options->person, person_help)->required();
    deleting.add_flag("--yes", options->yes, "Do not ask");
}

void add_erase(CLI::App& program, verb& chosen) {
    const auto options = std::make_shared<edit_options>();
    auto& sub =
        add_tenant_verb(program, chosen, "erase",
                        "Erase a person for good: record, history, invitation", options, erase);
    sub.add_option("PERSON", options->person, person_help)->required();
    sub.add_flag("--even-active", options->even_active, "Also somebody who is active");
    sub.add_flag("--yes", options->yes, "Do not ask");
}

} // namespace rollcall::cli
