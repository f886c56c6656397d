// user list|show.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <ostream>

#include "verb.hpp"
#include "verbs_edit.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

struct user_options {
    std::string tenant;
    std::string id;
    std::string email;
    std::string at;
};

std::string users_of(const user_options& options) {
    return path_of_tenant(options.tenant) + "/users";
}

// Pages are printed as they come: a large tenant neither waits nor is held in memory.
exit_code list(session& in, const user_options& options) {
    bool first = true;
    // The head of the JSON waits for the first page: a refusal is the whole answer then.
    std::string before = "{\"users\":[";
    for (std::string after;;) {
        const auto page = ask(
            in.daemon, {.method = "GET",
                        .target = users_of(options) + "?limit=500" +
                                  (after.empty() ? std::string{} : "&after=" + encoded(after))});
        if (!page) return in.fail(page.error());
        table lines({{"PEOPLEHR ID"},
                     {"NAME"},
                     {"E-MAIL"},
                     {"JOB TITLE"},
                     {"DEPARTMENT"},
                     {"LOCATION"},
                     {"STATE"}});
        for (const auto& one : at(*page, "users").as_array()) {
            if (!one.is_object()) continue;
            const auto& user = one.get_object();
            if (in.json) {
                in.where.out << before << json::serialize(user);
                before = ",";
            } else {
                lines.add_row({cell(user, "id"), cell(user, "full_name"), cell(user, "email"),
                               cell(user, "job_title"), cell(user, "department"),
                               cell(user, "location"), cell(user, "state")});
            }
            first = false;
        }
        if (!in.json && !lines.empty()) lines.print(in.where.out);
        if (!at(*page, "next").is_string()) break;
        after = std::string(at(*page, "next").get_string());
    }
    if (in.json) {
        in.where.out << (first ? before : "") << "]}\n";
    } else if (first) {
        in.where.out << "no users\n";
    }
    return exit_code::ok;
}

// The parts of a user that are not plain values, as a person would say them.
std::string object_text(const json::object& user, std::string_view name) {
    const auto part = [&](std::string_view member) {
        return cell(user, std::string(name) + "." + std::string(member));
    };
    if (name == "manager") return fmt::format("{} ({})", part("name"), part("id"));
    if (name == "primary_team") return part("name");
    if (name != "invitation") return {};
    if (part("state") == "scheduled" || part("state") == "due") {
        return fmt::format("{}, {}", part("state"), part("due"));
    }
    return part("sent") == "-" ? part("state") : fmt::format("{}, {}", part("state"), part("sent"));
}

void print_user(const json::object& user, std::ostream& out) {
    const auto line = [&](std::string_view name, const std::string& text) {
        const auto owner = cell(user, "ownership." + std::string(name));
        out << fmt::format("{:<20} {}{}\n", name, escaped(text),
                           owner == "manual" ? " (set by hand)" : "");
    };
    for (const auto& [name, value] : user) {
        if (!value.is_object()) {
            line(name, cell(user, name));
        } else if (name == "attributes") {
            for (const auto& [attribute, text] : value.get_object()) {
                line(attribute, cell(value.get_object(), attribute));
            }
        } else if (const auto text = object_text(user, name); !text.empty()) {
            line(name, text);
        }
    }
    const auto& fields = at(user, "fields");
    if (!fields.is_object()) return;
    out << "\nas the product sees it\n";
    for (const auto& [name, value] : fields.get_object()) {
        out << fmt::format("  {:<18} {}\n", std::string_view(name),
                           escaped(cell(fields.get_object(), name)));
    }
}

// As it was at another time.
exit_code show_then(session& in, const user_options& options) {
    const auto& person = options.id.empty() ? options.email : options.id;
    const auto user = ask(in.daemon, {.method = "GET",
                                      .target = users_of(options) + "/" + encoded(person) +
                                                "?at=" + encoded(options.at)});
    if (!user) return in.fail(user.error());
    if (in.json) {
        in.print(*user);
    } else {
        print_user(*user, in.where.out);
    }
    return exit_code::ok;
}

exit_code show(session& in, const user_options& options) {
    if (options.id.empty() == options.email.empty()) {
        return in.usage("Name the user by the PeopleHR id or by --email, one of the two");
    }
    if (!options.at.empty()) return show_then(in, options);
    const auto query =
        options.id.empty() ? "?email=" + encoded(options.email) : "?id=" + encoded(options.id);
    const auto answer = ask(in.daemon, {.method = "GET", .target = users_of(options) + query});
    if (!answer) return in.fail(answer.error());
    const auto& users = at(*answer, "users");
    if (!users.is_array() || users.get_array().empty()) {
        return in.fail({exit_code::not_found,
                        fmt::format("No user of {} has the {} \"{}\"", options.tenant,
                                    options.id.empty() ? "e-mail" : "PeopleHR id",
                                    options.id.empty() ? options.email : options.id),
                        {}});
    }
    const auto& user = users.get_array().front().as_object();
    if (in.json) {
        in.print(user);
    } else {
        print_user(user, in.where.out);
    }
    return exit_code::ok;
}

} // namespace

void add_user_verbs(CLI::App& program, verb& chosen) {
    auto& group =
        *program.add_subcommand("user", "The users of a tenant: list, show, change by hand");
    group.require_subcommand(1);
    const auto options = std::make_shared<user_options>();
    auto* listing = group.add_subcommand("list", "All users of a tenant");
    listing->add_option("TENANT", options->tenant)->required();
    auto* showing = group.add_subcommand("show", "One user, with who set which field");
    showing->add_option("TENANT", options->tenant)->required();
    showing->add_option("ID,--id", options->id, "PeopleHR id");
    showing->add_option("--email", options->email, "E-mail address; letters' case does not count");
    showing->add_option("--at", options->at,
                        "As it was then: 2026-11-21T18:46:05Z, or a day, which is its beginning in "
                        "the tenant's time zone");
    listing->callback([&chosen, options] {
        chosen = [options](session& in) {
            return options->id.empty() && options->email.empty() ? list(in, *options)
                                                                 : show(in, *options);
        };
    });
    listing->add_option("--id", options->id, "Only the user with this PeopleHR id");
    listing->add_option("--email", options->email, "Only the user with this e-mail address");
    showing->callback(
        [&chosen, options] { chosen = [options](session& in) { return show(in, *options); }; });
    add_user_edits(group, chosen);
}

} // namespace rollcall::cli
