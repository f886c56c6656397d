// hold list|show|approve|reject: what waits for a person (G-5, G-6).
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <ostream>

#include "plan_text.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

// Long enough that no two holds of a tenant are mistaken for each other.
constexpr std::size_t digest_prefix_min = 8;

struct hold_options {
    std::string tenant;
    std::string digest;
    std::vector<std::string> kinds;
    bool all = false;
    bool yes = false;
};
using options_ptr = std::shared_ptr<hold_options>;

// G-2: a whole read that is not believed is held too. Nobody approves that, but they want to know.
void print_doubt(const json::object& read, const std::string& tenant, std::ostream& out) {
    const auto rule = cell(read, "rule");
    out << fmt::format("the last read of {}, at {}, is not believed and changed nothing{}: {}\n",
                       escaped(tenant), cell(read, "at"), rule == "-" ? "" : " (" + rule + ")",
                       escaped(cell(read, "because")));
    if (at(read, "then").is_string()) out << "-> " << escaped(cell(read, "then")) << '\n';
}

exit_code list(session& in, const hold_options&) {
    const auto answer = ask(in.daemon, {.method = "GET", .target = "/v1/holds"});
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
        return exit_code::ok;
    }
    table lines({{"TENANT"}, {"SINCE"}, {"KIND"}, {"STEPS", table::align::right}, {"WHY"}});
    for (const auto& one : list_at(*answer, "holds")) {
        const auto& hold = one.as_object();
        for (const auto& part : list_at(hold, "sections")) {
            const auto& section = part.as_object();
            lines.add_row({cell(hold, "tenant"), cell(hold, "since"), cell(section, "guard"),
                           cell(section, "count"), cell(section, "reason")});
        }
    }
    if (lines.empty()) {
        in.where.out << "nothing waits for a decision\n";
    } else {
        lines.print(in.where.out);
    }
    for (const auto& one : list_at(*answer, "doubted")) {
        const auto& read = one.as_object();
        print_doubt(read, cell(read, "tenant"), in.where.out);
    }
    return exit_code::ok;
}

reply<json::object> fetch(session& in, const hold_options& options) {
    return ask(in.daemon,
               {.method = "GET", .target = path_of_tenant(options.tenant) + "/hold?full=1"});
}

// Leaves only the sections that are asked for, so that what is shown is what is decided.
void keep_kinds(json::object& hold, const std::vector<std::string>& kinds) {
    if (kinds.empty()) return;
    json::array kept;
    for (const auto& one : list_at(hold, "sections")) {
        const auto guard = cell(one.as_object(), "guard");
        if (std::find(kinds.begin(), kinds.end(), guard) != kinds.end()) kept.push_back(one);
    }
    hold["sections"] = std::move(kept);
}

void print_whole(const json::object& hold, const hold_options& options, std::ostream& out) {
    if (at(hold, "digest").is_null()) {
        out << fmt::format("nothing of {} waits for a decision\n", escaped(options.tenant));
        return;
    }
    out << fmt::format("held at {} since {}, first by run {}\n\n", escaped(options.tenant),
                       cell(hold, "since"), cell(hold, "run"));
    print_hold(hold, options.all ? ~std::size_t{0} : lines_at_a_glance, out);
    out << "digest " << cell(hold, "digest") << '\n';
}

exit_code show(session& in, const hold_options& options) {
    auto hold = fetch(in, options);
    if (!hold) return in.fail(hold.error());
    if (in.json) {
        in.print(*hold);
        return exit_code::ok;
    }
    print_whole(*hold, options, in.where.out);
    if (const auto& doubted = at(*hold, "doubted"); doubted.is_object()) {
        print_doubt(doubted.get_object(), options.tenant, in.where.out);
    }
    if (at(*hold, "digest").is_string()) {
        in.where.out << fmt::format(
            "rollcall hold approve {0} DIGEST, or rollcall hold reject {0} "
            "DIGEST; --kind KIND for a part of it\n",
            escaped(options.tenant));
    }
    return exit_code::ok;
}

bool names(const std::string& given, const std::string& digest) {
    return given.size() >= digest_prefix_min && digest.starts_with(given);
}

exit_code decide(session& in, const hold_options& options, const std::string& what) {
    auto hold = fetch(in, options);
    if (!hold) return in.fail(hold.error());
    const auto digest = cell(*hold, "digest");
    if (digest == "-") {
        return in.fail({exit_code::not_found,
                        fmt::format("nothing of {} waits for a decision", options.tenant),
                        {}});
    }
    if (!options.digest.empty() && !names(options.digest, digest)) {
        return in.fail({exit_code::refused,
                        fmt::format("what is held at {0} is not what {1} stands for: look at "
                                    "`rollcall hold show {0}` again",
                                    options.tenant, options.digest),
                        {}});
    }
    keep_kinds(*hold, options.kinds);
    if (list_at(*hold, "sections").empty()) {
        return in.fail({exit_code::not_found,
                        fmt::format("nothing of that kind is held at {}", options.tenant),
                        {}});
    }
    if (options.digest.empty()) {
        if (!in.json) print_whole(*hold, options, in.where.out);
        if (in.json && !options.yes) in.print(*hold);
        const auto stop = in.unless_agreed(
            options.yes, fmt::format("{} this?", what == "approve" ? "Do" : "Reject"),
            "give the digest of what you saw, or add --yes");
        if (stop) return *stop;
    }
    json::object body{{"digest", digest}};
    if (!options.kinds.empty())
        body["kinds"] = json::array(options.kinds.begin(), options.kinds.end());
    const auto answer =
        in.ask_patiently({.method = "POST",
                          .target = path_of_tenant(options.tenant) + "/hold/" + what,
                          .body = json::serialize(body)},
                         "waiting for the tenant's turn");
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
    } else if (what == "approve") {
        print_done(*answer, in.where.out, options.digest.empty());
    } else {
        in.where.out << "rejected; these very steps are not proposed again\n";
    }
    return exit_code::ok;
}

exit_code approve(session& in, const hold_options& options) {
    return decide(in, options, "approve");
}
exit_code reject(session& in, const hold_options& options) {
    return decide(in, options, "reject");
}

void add_decision(CLI::App& group, verb& chosen, const char* name, const char* what,
                  const options_ptr& options, exit_code (*action)(session&, const hold_options&)) {
    auto& sub = add_verb(group, chosen, name, what, options, action);
    sub.add_option("TENANT", options->tenant)->required();
    sub.add_option(
        "DIGEST", options->digest,
        "What `hold show` showed, or its first 8 letters; without it, it is shown first");
    sub.add_option("--kind", options->kinds, "Only this kind of change (deactivation, email, …)");
    sub.add_flag("--all", options->all, "Show every step before asking");
    sub.add_flag("--yes", options->yes, "Do not ask");
}

} // namespace

void add_hold_verbs(CLI::App& program, verb& chosen) {
    auto& group = *program.add_subcommand("hold", "Changes that wait for a person: look, decide");
    group.require_subcommand(1);
    const auto options = std::make_shared<hold_options>();
    add_verb(group, chosen, "list", "What waits, at every tenant", options, list);
    auto& showing =
        add_verb(group, chosen, "show", "What waits at a tenant, and why", options, show);
    showing.add_option("TENANT", options->tenant)->required();
    showing.add_flag("--all", options->all, "Every step, not just the first of each kind");
    add_decision(group, chosen, "approve", "Do what is held", options, approve);
    add_decision(group, chosen, "reject",
                 "Drop what is held; the same steps are not proposed again", options, reject);
}

} // namespace rollcall::cli
