// audit show|verify|export: every step that was applied, in a chain that shows tampering (G-10).
#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <ostream>

#include "plan_text.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds verify_patience = std::chrono::hours{1};

struct audit_options {
    std::string tenant;
    std::string person;
    std::uint64_t run = 0;
    int limit = 50;
};
using options_ptr = std::shared_ptr<audit_options>;

std::string audit_of(const audit_options& options) {
    return path_of_tenant(options.tenant) + "/audit";
}

exit_code show(session& in, const audit_options& options) {
    auto target = fmt::format("{}?limit={}", audit_of(options), options.limit);
    if (options.run != 0) target += fmt::format("&run={}", options.run);
    if (!options.person.empty()) {
        const auto user = ask(in.daemon, {.method = "GET",
                                          .target = path_of_tenant(options.tenant) + "/users/" +
                                                    encoded(options.person)});
        if (!user) return in.fail(user.error());
        target += "&uid=" + cell(*user, "uid");
    }
    const auto answer = ask(in.daemon, {.method = "GET", .target = std::move(target)});
    if (!answer) return in.fail(answer.error());
    if (in.json) {
        in.print(*answer);
        return exit_code::ok;
    }
    constexpr auto right = table::align::right;
    table lines({{"ENTRY", right},
                 {"WHEN"},
                 {"RUN", right},
                 {"CAUSE"},
                 {"STEP"},
                 {"WHO"},
                 {"FIELD"},
                 {"BEFORE"},
                 {"AFTER"},
                 {"RULE"}});
    for (const auto& one : list_at(*answer, "entries")) {
        const auto& entry = one.as_object();
        const std::vector<std::string> head{cell(entry, "number"), cell(entry, "at"),
                                            cell(entry, "run"), cell(entry, "cause"),
                                            cell(entry, "kind")};
        const auto add = [&](const std::vector<std::string>& rest) {
            auto row = head;
            row.insert(row.end(), rest.begin(), rest.end());
            lines.add_row(row);
        };
        if (at(entry, "readable") == json::value(false)) add({"(erased)", "-", "-", "-", "-"});
        for (const auto& each : list_at(entry, "changes")) {
            const auto& change = each.as_object();
            add({cell(entry, "id"), cell(change, "field"), shown_value(change, "old"),
                 shown_value(change, "new"), cell(change, "rule")});
        }
    }
    if (lines.empty()) {
        in.where.out << "no entries\n";
    } else {
        lines.print(in.where.out);
    }
    return exit_code::ok;
}

exit_code verify(session& in, const audit_options& options) {
    const auto answer = in.ask_patiently(
        {.method = "POST", .target = audit_of(options) + "/verify", .silence_max = verify_patience},
        "following the chain");
    if (!answer) return in.fail(answer.error());
    const bool well = at(*answer, "ok") == json::value(true);
    if (in.json) {
        in.print(*answer);
    } else if (well) {
        in.where.out << fmt::format(
            "the chain of {} holds; its head is {}\n"
            "note the head elsewhere: then a cut end shows too\n",
            counted(at(*answer, "entries").to_number<std::size_t>(), "step"),
            cell(*answer, "head"));
    } else {
        in.where.out << fmt::format("the chain is BROKEN at entry {}: {}\n",
                                    cell(*answer, "broken"), escaped(cell(*answer, "detail")));
    }
    return well ? exit_code::ok : exit_code::failed;
}

// Lines as they come; only the last one says whether it was all.
exit_code write_out(session& in, const audit_options& options) {
    json::object last;
    call what{.method = "GET", .target = audit_of(options) + "/export"};
    what.on_line = [&](std::string_view line) {
        in.where.out << line << '\n';
        boost::system::error_code error;
        const auto value = json::parse(json::string_view(line.data(), line.size()), error);
        if (!error && value.is_object()) last = value.get_object();
    };
    const auto answer = ask(in.daemon, std::move(what));
    if (!answer) return in.fail(answer.error());
    if (at(last, "problem").is_object()) {
        return in.fail(failure_of(at(last, "problem").get_object(), 0));
    }
    if (at(last, "done") != json::value(true)) {
        return in.fail({exit_code::try_later, "The export was cut off; it is not whole", {}});
    }
    return exit_code::ok;
}

} // namespace

void add_audit_verbs(CLI::App& program, verb& chosen) {
    auto& group =
        *program.add_subcommand("audit", "Every step that was applied: show, verify, export");
    group.require_subcommand(1);
    const auto options = std::make_shared<audit_options>();
    auto& showing = add_tenant_verb(group, chosen, "show", "The newest entries", options, show);
    showing.add_option("--user", options->person, "Only of this person");
    showing.add_option("--run", options->run, "Only of this run");
    showing.add_option("--limit", options->limit, "At most so many, 50 unless told")
        ->check(CLI::Range(1, 1000));
    add_tenant_verb(group, chosen, "verify",
                    "Check that no entry was changed, added or taken out; exit code 1 if one was",
                    options, verify);
    add_tenant_verb(group, chosen, "export", "All entries as JSON, one a line, oldest first",
                    options, write_out);
}

} // namespace rollcall::cli
