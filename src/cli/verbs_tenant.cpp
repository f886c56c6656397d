// tenant add|show|list|set|remove; tenant webhook is in verbs_webhook.cpp.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <map>
#include <ostream>

#include "assignments.hpp"
#include "key_file.hpp"
#include "plan_text.hpp"
#include "rollcall/sync/settings.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

// A test call waits for its turn in the call budget.
constexpr std::chrono::seconds verify_patience = std::chrono::minutes{15};

struct tenant_options {
    std::string name;
    std::string key_file;
    std::map<std::string, std::string, std::less<>> settings; // --company and its kind
    std::vector<std::string> assignments;                     // KEY=VALUE
    std::vector<std::string> resets;
    bool no_verify = false;
    bool yes = false;
    bool names_only = false;
    std::string prefix;
};
using options_ptr = std::shared_ptr<tenant_options>;

std::string option_name(std::string_view setting) {
    std::string name(setting);
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

void add_setting_options(CLI::App& sub, const options_ptr& options) {
    for (const auto& row : sync::setting_rows()) {
        sub.add_option_function<std::string>(
               "--" + option_name(row.name),
               [options, name = std::string(row.name)](const std::string& value) {
                   options->settings[name] = value;
               },
               fmt::format("{} ({})", row.meaning, row.allowed))
            ->type_name("VALUE")
            ->group("Settings");
    }
}

// Adds the key to a body; false after saying why it could not.
bool put_key(session& in, const std::string& file, json::object& body) {
    const auto key = key_from_file(file, in.where);
    if (!key) {
        in.usage(key.error().detail);
        return false;
    }
    if (!key->warning.empty()) in.where.err << "rollcall: warning: " << key->warning << '\n';
    body["api_key"] = key->key.reveal();
    return true;
}

exit_code send_tenant(session& in, call what, const tenant_options& options,
                      std::string_view done) {
    what.silence_max = verify_patience;
    const auto answer = in.ask_patiently(
        std::move(what), options.no_verify ? "storing" : "testing the API key with PeopleHR");
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
    } else {
        in.where.out << fmt::format("{} {}\n", done, options.name);
    }
    return exit_code::ok;
}

exit_code add(session& in, const tenant_options& options) {
    const auto settings = settings_of(options.settings, options.assignments, options.resets);
    if (!settings) return in.usage(settings.error().detail);
    json::object body{
        {"name", options.name}, {"settings", *settings}, {"verify", !options.no_verify}};
    if (!put_key(in, options.key_file, body)) return exit_code::usage;
    return send_tenant(in,
                       {.method = "POST", .target = "/v1/tenants", .body = json::serialize(body)},
                       options, "added");
}

// What became different, and that nothing did, where that is so.
void print_changed(const json::object& answer, const tenant_options& options, bool with_key,
                   std::ostream& out) {
    const auto& changes = at(answer, "changes");
    const bool none = !changes.is_object() || changes.get_object().empty();
    if (none && !with_key) {
        out << fmt::format("{} has these settings already; nothing was changed\n", options.name);
        return;
    }
    out << fmt::format("changed {}\n", options.name);
    if (with_key) out << "  api_key: replaced\n";
    if (none) return;
    for (const auto& [name, values] : changes.get_object()) {
        if (!values.is_array() || values.get_array().size() != 2) continue;
        out << fmt::format("  {}: {} -> {}\n", std::string_view(name),
                           escaped(json::serialize(values.get_array()[0])),
                           escaped(json::serialize(values.get_array()[1])));
    }
}

// The plan of a refusal: the settings would change people, and nobody has seen how yet.
const json::object* plan_of(const call_failure& refusal) {
    const auto& plan = at(refusal.problem, "plan");
    return refusal.code == exit_code::refused && plan.is_object() ? &plan.get_object() : nullptr;
}

exit_code set(session& in, const tenant_options& options) {
    const auto settings = settings_of(options.settings, options.assignments, options.resets);
    if (!settings) return in.usage(settings.error().detail);
    const bool with_key = !options.key_file.empty();
    json::object body{{"verify", !options.no_verify}};
    if (!settings->empty()) body["settings"] = *settings;
    if (with_key && !put_key(in, options.key_file, body)) return exit_code::usage;
    if (body.size() == 1) {
        return in.usage("Nothing to change: give KEY=VALUE, --reset KEY or --api-key-file");
    }
    const auto patch = [&] {
        return in.ask_patiently({.method = "PATCH",
                                 .target = path_of_tenant(options.name),
                                 .body = json::serialize(body),
                                 .silence_max = verify_patience},
                                with_key && !options.no_verify ? "testing the API key with PeopleHR"
                                                               : "looking at what would change");
    };
    auto answer = patch();
    // Shown once: if it has changed again by the time of the answer, that is the answer.
    const auto refusal = answer ? call_failure{} : answer.error();
    if (const auto* plan = plan_of(refusal)) {
        if (in.json && !options.yes) in.print(*plan);
        if (!in.json) print_plan(*plan, lines_at_a_glance, in.where.out);
        const auto stop =
            in.unless_agreed(options.yes, fmt::format("Change {} like this?", options.name));
        if (stop) return *stop;
        body["digest"] = at(*plan, "digest");
        answer = patch();
    }
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
    } else {
        print_changed(*answer, options, with_key, in.where.out);
    }
    return exit_code::ok;
}

// How everybody is read, where the tenant asked for pages.
std::string reading_of(const json::object& tenant) {
    if (at(tenant, "paging.refused").is_string()) {
        return fmt::format("at once: PeopleHR refused pages to this key ({})",
                           cell(tenant, "paging.refused"));
    }
    auto text = fmt::format("in pages of {} employees", cell(tenant, "settings.page_rows"));
    if (at(tenant, "paging.at_once").is_string()) {
        text += fmt::format("; at once on {}: {}", cell(tenant, "paging.at_once"),
                            cell(tenant, "paging.doubt"));
    } else if (at(tenant, "paging.doubted").is_string()) {
        text += fmt::format("; not believed on {}, {} in a row: {}", cell(tenant, "paging.doubted"),
                            cell(tenant, "paging.doubts"), cell(tenant, "paging.doubt"));
    }
    return text;
}

void print_tenant(const json::object& tenant, std::ostream& out) {
    const auto line = [&](std::string_view title, const std::string& text) {
        out << fmt::format("{:<26} {}\n", title, escaped(text));
    };
    line("tenant", cell(tenant, "name"));
    line("state", cell(tenant, "state"));
    if (at(tenant, "stopped").is_object()) {
        line("stopped",
             fmt::format("{}: {}", cell(tenant, "stopped.code"), cell(tenant, "stopped.detail")));
    }
    line("users",
         fmt::format("{}, {} of them active", cell(tenant, "users"), cell(tenant, "active")));
    line("last successful sync", cell(tenant, "progress.last_success"));
    if (const auto& age = at(tenant, "truth_age_seconds"); age.is_number()) {
        line("known as of", short_duration(age.to_number<double>()) + " ago");
    }
    if (const auto& lag = at(tenant, "last_change_lag.at_most_seconds"); lag.is_number()) {
        line("last change arrived",
             fmt::format("{} {}", short_duration(lag.to_number<double>()),
                         at(tenant, "last_change_lag.exact") == json::value(true)
                             ? "after it was made"
                             : "after it was made, or sooner"));
    }
    line("last attempt", cell(tenant, "progress.last_attempt"));
    if (at(tenant, "progress.last_error").is_string()) {
        line("last error",
             fmt::format("{} ({} in a row): {}", cell(tenant, "progress.last_error"),
                         cell(tenant, "progress.failures"), cell(tenant, "progress.last_detail")));
    }
    if (at(tenant, "paging").is_object()) line("reads everybody", reading_of(tenant));
    if (at(tenant, "quarantined_until").is_string()) {
        line("keeps failing, rests until", cell(tenant, "quarantined_until"));
    } else {
        line("next sweep", cell(tenant, "next_sweep"));
    }
    if (at(tenant, "host_down") == json::value(true)) {
        line("waits", "its PeopleHR host does not answer anybody");
    }
    if (at(tenant, "next_timer").is_string()) {
        line("next date that falls due", cell(tenant, "next_timer"));
    }
    if (at(tenant, "held_digest").is_string()) {
        line("waits for approval", cell(tenant, "held_steps") + " steps: rollcall hold show");
    }
    if (const auto& conflicts = at(tenant, "conflicts");
        conflicts.is_number() && conflicts.to_number<int>() > 0) {
        line("conflicts", cell(tenant, "conflicts") + ": rollcall conflict list");
    }
    line("created", cell(tenant, "created"));
    if (const auto& webhook = at(tenant, "webhook"); webhook.is_object()) {
        print_webhook(webhook.get_object(), out);
    }
    out << "\nsettings\n";
    if (const auto& settings = at(tenant, "settings"); settings.is_object()) {
        for (const auto& [name, value] : settings.get_object()) {
            line("  " + std::string(name), cell(settings.get_object(), name));
        }
    }
    const auto& issues = at(tenant, "issues");
    if (!issues.is_array() || issues.get_array().empty()) return;
    out << "\nissues\n";
    table list({{"KIND"}, {"PEOPLEHR ID"}, {"OTHER ID"}, {"FIELD"}, {"RULE"}});
    for (const auto& one : issues.get_array()) {
        const auto& issue = one.as_object();
        list.add_row({cell(issue, "kind"), cell(issue, "id"), cell(issue, "other_id"),
                      cell(issue, "field"), cell(issue, "rule")});
    }
    list.print(out);
}

exit_code show(session& in, const tenant_options& options) {
    const auto answer = ask(in.daemon, {.method = "GET", .target = path_of_tenant(options.name)});
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
    } else {
        print_tenant(*answer, in.where.out);
    }
    return exit_code::ok;
}

exit_code list(session& in, const tenant_options& options) {
    table lines({{"TENANT"},
                 {"PROFILE"},
                 {"STATE"},
                 {"USERS", table::align::right},
                 {"ACTIVE", table::align::right},
                 {"ISSUES", table::align::right},
                 {"LAST SYNC"},
                 {"NEXT SWEEP"}});
    json::array all;
    std::string query = options.names_only ? "view=names" : "limit=500";
    if (!options.prefix.empty()) query += "&prefix=" + encoded(options.prefix);
    const char* member = options.names_only ? "names" : "tenants";
    for (std::string after;;) {
        const auto page = ask(
            in.daemon, {.method = "GET",
                        .target = "/v1/tenants?" + query +
                                  (after.empty() ? std::string{} : "&after=" + encoded(after))});
        if (!page) return in.fail(page.error());
        if (const auto& rows = at(*page, member); rows.is_array()) {
            for (const auto& one : rows.get_array()) all.push_back(one);
        }
        if (!at(*page, "next").is_string()) break;
        after = std::string(at(*page, "next").get_string());
    }
    if (in.json) {
        in.print(json::object{{member, std::move(all)}});
        return exit_code::ok;
    }
    for (const auto& one : all) {
        if (one.is_string()) in.where.out << std::string_view(one.get_string()) << '\n';
        if (!one.is_object()) continue;
        const auto& tenant = one.get_object();
        lines.add_row({cell(tenant, "name"), cell(tenant, "settings.profile"),
                       cell(tenant, "state"), cell(tenant, "users"), cell(tenant, "active"),
                       cell(tenant, "issue_count"), cell(tenant, "progress.last_success"),
                       cell(tenant, "next_sweep")});
    }
    if (!lines.empty()) lines.print(in.where.out);
    if (all.empty() && !options.names_only) in.where.out << "no tenants\n";
    return exit_code::ok;
}

exit_code remove(session& in, const tenant_options& options) {
    if (!options.yes) {
        if (!in.where.in_is_terminal) {
            return in.usage("Removing a tenant removes its users and runs too: add --yes");
        }
        if (!confirm(in.where,
                     fmt::format("Remove {} with all its users and runs?", options.name))) {
            in.where.err << "nothing was removed\n";
            return exit_code::failed;
        }
    }
    const auto answer =
        ask(in.daemon, {.method = "DELETE", .target = path_of_tenant(options.name)});
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(json::object{{"removed", options.name}});
    } else {
        in.where.out << fmt::format("removed {}\n", options.name);
    }
    return exit_code::ok;
}

} // namespace

void add_tenant_verbs(CLI::App& program, verb& chosen) {
    auto& group = *program.add_subcommand("tenant", "Add, show, list, change and remove tenants");
    group.require_subcommand(1);
    const auto options = std::make_shared<tenant_options>();
    constexpr const char* key_help = "File that holds the PeopleHR API key; - reads standard input";
    constexpr const char* verify_help =
        "Do not test the key with PeopleHR now: the first sync will";

    auto& adding = add_verb(group, chosen, "add", "Add a tenant, after a test call with its key",
                            options, add);
    adding.add_option("TENANT", options->name, "a-z, 0-9, '.', '_' and '-'")->required();
    adding.add_option("--api-key-file", options->key_file, key_help)->required();
    adding.add_flag("--no-verify", options->no_verify, verify_help);
    add_setting_options(adding, options);

    auto& showing =
        add_verb(group, chosen, "show", "One tenant with its settings and issues", options, show);
    showing.add_option("TENANT", options->name)->required();

    auto& listing = add_verb(group, chosen, "list", "All tenants", options, list);
    listing.add_flag("--names", options->names_only, "Only the names, one a line");
    listing.add_option("--prefix", options->prefix, "Only tenants whose name begins so");

    auto& setting =
        add_verb(group, chosen, "set",
                 "Change settings of a tenant, after showing what they would change, or its key",
                 options, set);
    setting.add_option("TENANT", options->name)->required();
    setting.add_option("SETTING", options->assignments, "KEY=VALUE, any number of them");
    setting.add_option("--reset", options->resets, "Give a setting back its profile's default");
    setting.add_option("--api-key-file", options->key_file, key_help);
    setting.add_flag("--no-verify", options->no_verify, verify_help);
    setting.add_flag("--yes", options->yes, "Do not ask, whatever the settings would change");
    add_setting_options(setting, options);

    auto& removing = add_verb(group, chosen, "remove", "Remove a tenant with its users and runs",
                              options, remove);
    removing.add_option("TENANT", options->name)->required();
    removing.add_flag("--yes", options->yes, "Do not ask");

    add_webhook_verbs(group, chosen);
}

} // namespace rollcall::cli
