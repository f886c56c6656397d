// apply FILE: tenants as code. Shows the difference first, then makes it so.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <ostream>
#include <set>

#include "plan_text.hpp"
#include "rollcall/core/secret.hpp"
#include "tenant_file.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

// A request of this size is far below the daemon's limit, and its answer does not hold the shard
// long.
constexpr std::size_t batch_bytes_max = 500'000;
constexpr std::chrono::seconds batch_patience = std::chrono::minutes{15};

struct apply_options {
    std::string file;
    bool dry_run = false;
    bool yes = false;
    bool prune = false;
    bool replace_keys = false;
};

// The tenants of a file as the elements of JSON arrays, cut so that each fits into one request.
std::vector<std::string> batches_of(const tenant_file& file) {
    std::vector<std::string> out(1);
    for (const auto& tenant : file.tenants) {
        json::object one{{"name", tenant.name}, {"settings", sync::to_json(tenant.settings)}};
        if (!tenant.api_key.empty()) one["api_key"] = tenant.api_key.reveal();
        auto text = json::serialize(one);
        if (out.back().size() + text.size() > batch_bytes_max) out.emplace_back();
        out.back() += (out.back().empty() ? "" : ",") + text;
        wipe(text.data(), text.size());
    }
    return out;
}

class application {
  public:
    application(session& in, const apply_options& options, const tenant_file& file)
        : in_(in), options_(options), batches_(batches_of(file)) {
        for (const auto& tenant : file.tenants) names_.insert(tenant.name);
    }
    ~application() {
        for (auto& one : batches_) wipe(one.data(), one.size());
    }
    application(const application&) = delete;
    application& operator=(const application&) = delete;

    exit_code run() {
        if (const auto failed = send_all(true)) return in_.fail(*failed);
        const auto wanted = count_changes();
        if (!in_.json) {
            print_difference();
            print_what_people_would_see();
        }
        if (options_.dry_run || wanted == 0) return finish(true);
        if (!options_.yes) {
            if (!in_.where.in_is_terminal) {
                return in_.usage("Nothing was changed: without a terminal to ask on, add --yes");
            }
            if (!confirm(in_.where, fmt::format("Make {} so?",
                                                wanted == 1 ? "this change" : "these changes"))) {
                in_.where.err << "nothing was changed\n";
                return exit_code::failed;
            }
        }
        if (const auto failed = send_all(false)) return in_.fail(*failed);
        if (options_.prune) {
            if (const auto failed = prune()) return in_.fail(*failed);
        }
        return finish(false);
    }

  private:
    // Sends every batch and keeps what the daemon says to each tenant.
    std::optional<call_failure> send_all(bool dry_run) {
        progress bar(in_.where);
        steps_.clear();
        std::set<std::string, std::less<>> left_over;
        for (std::size_t i = 0; i < batches_.size(); ++i) {
            if (!dry_run || batches_.size() > 1) {
                bar.show(static_cast<double>(i) / static_cast<double>(batches_.size()),
                         dry_run ? "comparing" : "applying");
            }
            const auto answer =
                ask(in_.daemon,
                    {.method = "POST",
                     .target = "/v1/apply",
                     .body = fmt::format(R"({{"dry_run":{},"replace_keys":{},"tenants":[{}]}})",
                                         dry_run, options_.replace_keys, batches_[i]),
                     .silence_max = batch_patience});
            if (!answer) return answer.error();
            take(*answer, left_over);
        }
        for (const auto& name : left_over) {
            steps_.push_back({{"name", name},
                              {"action", "not_in_file"},
                              {"result", options_.prune ? "planned" : "kept"}});
        }
        return std::nullopt;
    }

    // What the changed settings would do to people, from each tenant's stored snapshot.
    void print_what_people_would_see() {
        for (const auto& step : steps_) {
            const auto& changes = at(step, "changes");
            if (at(step, "action") != json::value("change") || !changes.is_object()) continue;
            json::object settings;
            for (const auto& [name, values] : changes.get_object()) {
                if (values.is_array() && values.get_array().size() == 2) {
                    settings[name] = values.get_array()[1];
                }
            }
            if (settings.empty()) continue;
            const auto name = cell(step, "name");
            const auto plan =
                ask(in_.daemon,
                    {.method = "POST",
                     .target = path_of_tenant(name) + "/what-if",
                     .body = json::serialize(json::object{{"settings", std::move(settings)}}),
                     .silence_max = batch_patience});
            if (!plan) continue; // nothing is stored of the tenant yet
            for (const auto& each : list_at(*plan, "cannot")) {
                if (!each.is_string()) continue;
                in_.where.out << fmt::format("{}: {}\n", escaped(name), escaped(each.get_string()));
            }
            const auto counts = counts_text(at(*plan, "counts"));
            if (!counts.empty()) {
                in_.where.out << fmt::format(
                    "{}, of its people: {} (rollcall what-if shows whom)\n", escaped(name), counts);
            }
        }
    }

    // A batch does not know the others: what it misses may be in one of them.
    void take(const json::object& answer, std::set<std::string, std::less<>>& left_over) {
        const auto& list = at(answer, "tenants");
        if (!list.is_array()) return;
        for (const auto& one : list.get_array()) {
            const auto& step = one.as_object();
            if (at(step, "action") != json::value("not_in_file")) {
                steps_.push_back(step);
            } else if (auto name = cell(step, "name"); !names_.contains(name)) {
                left_over.insert(std::move(name));
            }
        }
    }

    std::optional<call_failure> prune() {
        progress bar(in_.where);
        for (auto& step : steps_) {
            if (at(step, "action") != json::value("not_in_file")) continue;
            const auto name = cell(step, "name");
            bar.show(std::nullopt, "removing " + name);
            const auto answer =
                ask(in_.daemon, {.method = "DELETE", .target = path_of_tenant(name)});
            if (!answer && answer.error().code != exit_code::not_found) return answer.error();
            step["result"] = "done";
        }
        return std::nullopt;
    }

    std::size_t count(std::string_view member, std::string_view value) const {
        return static_cast<std::size_t>(std::count_if(
            steps_.begin(), steps_.end(),
            [&](const json::object& step) { return at(step, member) == json::value(value); }));
    }
    std::size_t count_changes() const {
        return count("action", "create") + count("action", "change") +
               (options_.prune ? count("action", "not_in_file") : 0);
    }

    void print_difference() const {
        auto& out = in_.where.out;
        for (const auto& step : steps_) {
            const auto action = cell(step, "action");
            const auto name = escaped(cell(step, "name"));
            if (action == "unchanged") continue;
            if (action == "not_in_file") {
                if (options_.prune) out << "- " << name << '\n';
                continue;
            }
            out << (action == "create" ? "+ " : "~ ") << name << '\n';
            if (const auto& changes = at(step, "changes"); changes.is_object()) {
                for (const auto& [setting, values] : changes.get_object()) {
                    const auto& pair = values.as_array();
                    out << fmt::format("    {}: {} -> {}\n", std::string_view(setting),
                                       escaped(json::serialize(pair.at(0))),
                                       escaped(json::serialize(pair.at(1))));
                }
            }
            if (action == "change" && cell(step, "api_key") == "stored")
                out << "    api_key: replaced\n";
        }
        const auto others = count("action", "not_in_file");
        out << fmt::format("{} to create, {} to change, {} unchanged, {} not in the file{}\n",
                           count("action", "create"), count("action", "change"),
                           count("action", "unchanged"), others,
                           others == 0      ? ""
                           : options_.prune ? " (to be removed)"
                                            : " (kept; --prune removes them)");
    }

    exit_code finish(bool only_planned) {
        exit_code code = exit_code::ok;
        for (const auto& step : steps_) {
            const auto& problem = at(step, "problem");
            if (!problem.is_object()) continue;
            const auto failed = failure_of(problem.get_object(), 0);
            in_.where.err << "rollcall: " << escaped(cell(step, "name")) << ": "
                          << escaped(failed.message) << '\n';
            if (code == exit_code::ok) code = failed.code;
        }
        if (in_.json) {
            json::array list(steps_.begin(), steps_.end());
            in_.print(json::object{{"dry_run", only_planned},
                                   {"failed", count("result", "failed")},
                                   {"tenants", std::move(list)}});
        } else if (!only_planned) {
            in_.where.out << fmt::format("{} done, {} failed\n", count("result", "done"),
                                         count("result", "failed"));
        }
        return code;
    }

    session& in_;
    const apply_options& options_;
    std::set<std::string, std::less<>> names_;
    std::vector<std::string> batches_;
    std::vector<json::object> steps_;
};

exit_code apply(session& in, const apply_options& options) {
    const auto file = read_tenant_file(options.file, in.where);
    for (const auto& one : file.warnings) in.where.err << escaped(one) << " (warning)\n";
    if (!file.errors.empty()) {
        json::array list;
        for (const auto& one : file.errors) {
            in.where.err << escaped(one) << '\n';
            list.push_back(json::value(one));
        }
        in.where.err << fmt::format("rollcall: {} error{} in {}; nothing was changed\n",
                                    file.errors.size(), file.errors.size() == 1 ? "" : "s",
                                    escaped(options.file));
        if (in.json) in.print(json::object{{"errors", std::move(list)}});
        return exit_code::usage;
    }
    if (file.tenants.empty() && !options.prune) {
        return in.usage(
            fmt::format("{} names no tenant: there is nothing to apply. A tenant begins "
                        "with the line [[tenant]]",
                        escaped(options.file)));
    }
    return application(in, options, file).run();
}

} // namespace

void add_apply(CLI::App& program, verb& chosen) {
    auto* sub = program.add_subcommand(
        "apply", "Make the tenants what a file says, after showing the difference");
    const auto options = std::make_shared<apply_options>();
    sub->add_option("FILE", options->file, "TOML: [defaults] and [[tenant]]")->required();
    sub->add_flag("--dry-run", options->dry_run, "Only show the difference");
    sub->add_flag("--yes", options->yes, "Do not ask");
    sub->add_flag("--prune", options->prune, "Remove the tenants that the file does not name");
    sub->add_flag(
        "--replace-keys", options->replace_keys,
        "Give existing tenants the file's API keys too; otherwise only new tenants and those "
        "whose key was refused get them");
    sub->callback(
        [&chosen, options] { chosen = [options](session& in) { return apply(in, *options); }; });
}

} // namespace rollcall::cli
