// tenant webhook show|rotate|remove (LA-1).
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <ostream>

#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

struct webhook_options {
    std::string tenant;
    unsigned overlap_hours = 72;
    bool yes = false;
};

std::string path_of(const webhook_options& options) {
    return path_of_tenant(options.tenant) + "/webhook";
}

} // namespace

// Also part of `tenant show`.
void print_webhook(const json::object& webhook, std::ostream& out) {
    const auto line = [&](std::string_view title, const std::string& text) {
        out << fmt::format("{:<26} {}\n", title, escaped(text));
    };
    const auto& tokens = list_at(webhook, "tokens");
    if (tokens.empty()) {
        line("webhook", "none; 'rollcall tenant webhook rotate' makes one");
        return;
    }
    const auto& present = tokens.front().as_object();
    line("webhook", "active since " + cell(present, "since"));
    for (std::size_t i = 1; i < tokens.size(); ++i) {
        line("old address", "good until " + cell(tokens[i].as_object(), "until"));
    }
    line("last event", cell(webhook, "last_event"));
    line("events about people", cell(webhook, "events"));
    if (cell(webhook, "waiting") != "0") line("people still to be read", cell(webhook, "waiting"));
    const auto& lost = at(webhook, "week.lost");
    const auto& announced = at(webhook, "week.announced");
    if (lost.is_number() && announced.is_number()) {
        const auto all = lost.to_number<double>() + announced.to_number<double>();
        line("changes of the week", all == 0
                                        ? std::string("none")
                                        : fmt::format("{:g}, {:g} of them announced, {:.1f} % lost",
                                                      all, announced.to_number<double>(),
                                                      100 * lost.to_number<double>() / all));
    }
    for (const auto& each : list_at(webhook, "probably_not_subscribed")) {
        if (!each.is_string()) continue;
        line("probably not subscribed",
             fmt::format("\"{}\": such changes were found, and none was announced; add it in "
                         "PeopleHR under Settings, API",
                         std::string_view(each.get_string())));
    }
    if (const auto& interval = at(webhook, "wanted_interval_seconds"); interval.is_number()) {
        line("wanted time of sweeps",
             fmt::format("every {:g} h", interval.to_number<double>() / 3600));
    }
}

namespace {

void warn_where_nobody_listens(const session& in, const json::object& answer) {
    const auto& listening = at(answer, "listening");
    if (!listening.is_bool() || listening.get_bool()) return;
    in.where.err << "rollcall: warning: the daemon takes no webhooks: set hooks.listen in its "
                    "configuration\n";
}

exit_code show(session& in, const webhook_options& options) {
    const auto answer = ask(in.daemon, {.method = "GET", .target = path_of(options)});
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
        return exit_code::ok;
    }
    print_webhook(*answer, in.where.out);
    warn_where_nobody_listens(in, *answer);
    return exit_code::ok;
}

exit_code rotate(session& in, const webhook_options& options) {
    const json::object body{{"overlap_hours", options.overlap_hours}};
    const auto answer = ask(
        in.daemon,
        {.method = "POST", .target = path_of(options) + "/rotate", .body = json::serialize(body)});
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
        return exit_code::ok;
    }
    auto& out = in.where.out;
    const bool whole = at(*answer, "url").is_string();
    out << cell(*answer, whole ? "url" : "path") << '\n';
    auto& say = in.where.err;
    say << "This is shown once. Enter it in PeopleHR under Settings, API, for New Starter Added, "
           "Employee Detail Updated, Marked Leaver and Employee Deleted.\n";
    if (!whole) {
        say << "It is the path only: hooks.public_url, which comes before it, is not set.\n";
    }
    const auto& tokens = list_at(*answer, "tokens");
    if (tokens.size() > 1) {
        say << fmt::format("The address before it stays good until {}.\n",
                           cell(tokens[1].as_object(), "until"));
    }
    warn_where_nobody_listens(in, *answer);
    return exit_code::ok;
}

exit_code remove(session& in, const webhook_options& options) {
    const auto question = fmt::format("Take no more webhooks for {}?", options.tenant);
    if (const auto stop = in.unless_agreed(options.yes, question)) return *stop;
    const auto answer = ask(in.daemon, {.method = "DELETE", .target = path_of(options)});
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
    } else {
        in.where.out << fmt::format("removed the webhook of {}\n", options.tenant);
    }
    return exit_code::ok;
}

} // namespace

void add_webhook_verbs(CLI::App& tenant, verb& chosen) {
    auto& group = *tenant.add_subcommand(
        "webhook", "The address at which PeopleHR tells of a tenant's changes");
    group.require_subcommand(1);
    const auto options = std::make_shared<webhook_options>();
    add_tenant_verb(group, chosen, "show", "Its state, and how well it announces changes", options,
                    show);
    auto& rotating =
        add_tenant_verb(group, chosen, "rotate",
                        "Make a new address, or the first one, and show it once", options, rotate);
    rotating
        .add_option("--overlap", options->overlap_hours,
                    "Hours for which the address before it stays good")
        ->check(CLI::Range(0u, 2160u))
        ->capture_default_str()
        ->type_name("HOURS");
    auto& removing =
        add_tenant_verb(group, chosen, "remove", "Take no more webhooks", options, remove);
    removing.add_flag("--yes", options->yes, "Do not ask");
}

} // namespace rollcall::cli
