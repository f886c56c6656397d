#include "scenario.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "broken_answers.hpp"
#include "expectations.hpp"
#include "scenario_source.hpp"
#include "step_words.hpp"
#include "sync/edits.hpp"
#include "tenant_harness.hpp"

namespace rollcall::test {

namespace {

using sync::step;

sync::tenant_settings settings_at(const toml::table& of, sync::tenant_settings from) {
    for (const auto& [key, value] : of) {
        const auto name = std::string(key.str());
        std::string text;
        if (const auto* list = value.as_array()) {
            for (const auto& each : *list) text += (text.empty() ? "" : ", ") + text_at(each);
        } else {
            text = text_at(value);
        }
        if (const auto done = sync::set_setting(from, name, text); !done) {
            fail_at(value, done.error().detail);
        }
    }
    return from;
}

std::vector<sync::guard> guards_at(const toml::node& node) {
    std::vector<sync::guard> out;
    for (const auto& each : texts_at(node)) {
        if (each == "all") return {};
        const auto guard = sync::read_guard(each);
        if (!guard) fail_at(node, "'" + each + "' is no kind of change that can be held");
        out.push_back(*guard);
    }
    return out;
}

// The edits of a table: all keys but those that name whom.
std::vector<sync::edit> edits_at(const toml::table& of, std::string_view whom) {
    std::vector<sync::edit> out;
    for (const auto& [key, value] : of) {
        if (key.str() == whom) continue;
        if (const auto* inner = value.as_table()) {
            for (const auto& [name, each] : *inner) {
                out.emplace_back(std::string(key.str()) + "." + std::string(name.str()),
                                 text_at(each));
            }
        } else {
            out.emplace_back(std::string(key.str()), text_at(value));
        }
    }
    return out;
}

class player {
  public:
    explicit player(const scenario& which)
        : file_(*which.table), tenant_(settings_of(*which.table), wall_time{}) {
        (void)file_.need("name");
        (void)file_.need("rules");
        (void)tenant_.jump(words(tenant_.books, tenant_.settings)
                               .read_instant(file_.text("now", "2026-06-15 09:00")));
    }

    void play() {
        const auto* events = file_.need("do").as_array();
        file_.finish();
        for (const auto& each : *events) {
            table_reader event(table_at(each));
            before_ = tenant_.now();
            const auto happened = act(event);
            check_expectations(tenant_, happened, event);
            invariants(event, happened);
            event.finish();
            digests_.push_back(tenant_.books.held.digest);
        }
    }

  private:
    // Profile first: it gives the other settings their defaults.
    sync::tenant_settings settings_of(const toml::table& of) {
        const auto profile = file_.text("profile", "learnamp");
        if (profile != "learnamp" && profile != "wethrive") fail_at(of, "no such profile");
        auto out = sync::defaults_of(profile == "learnamp" ? sync::profile::learnamp
                                                           : sync::profile::wethrive);
        if (const auto* own = file_.find("settings")) out = settings_at(table_at(*own), out);
        for (const auto& each : sync::contradictions(out)) fail_at(of, each.detail);
        return out;
    }

    // What always holds, whatever the scenario expects.
    void invariants(table_reader& event, const event_report& happened) {
        const auto place = place_of(event.table());
        EXPECT_EQ(happened.inconsistent, "") << place;
        const auto broken = tenant_.books.users.verify();
        EXPECT_FALSE(broken) << place << ": " << broken.value_or("");
        if (const auto* settles = event.find("settles"); settles != nullptr) {
            if (text_at(*settles) == "false") return;
        }
        const words say(tenant_.books, tenant_.settings);
        const auto left = tenant_.steps_left();
        if (left.empty()) return;
        std::string some;
        for (std::size_t i = 0; i < left.size() && i < 5; ++i) some += "\n    " + say.step(left[i]);
        ADD_FAILURE() << place << ": planned again, there are still " << left.size()
                      << " steps:" << some;
    }

    event_report act(table_reader& event) {
        if (auto done = act_as_source(event)) return std::move(*done);
        if (auto done = act_as_clock(event)) return std::move(*done);
        if (auto done = act_as_admin(event)) return std::move(*done);
        if (auto done = act_on_invitations(event)) return std::move(*done);
        if (auto done = decide(event)) return std::move(*done);
        if (auto done = ask(event)) return std::move(*done);
        fail_at(event.table(), "nothing happens here: read, change, edit, wait, approve, ...");
    }

    // ---- PeopleHR ----
    std::optional<event_report> act_as_source(table_reader& event) {
        const auto* read = event.find("read");
        const auto* change = event.find("change");
        const auto* again = event.find("again");
        const auto* preview = event.find("preview");
        if (read != nullptr || preview != nullptr) {
            const auto people = employees_at(read != nullptr ? *read : *preview);
            if (preview != nullptr) return shown(people);
            source_ = people;
        } else if (change != nullptr) {
            change_employees(source_, *change);
        } else if (const auto* one = event.find("read_one")) {
            return read_one(text_at(*one));
        } else if (again == nullptr) {
            return std::nullopt;
        }
        if (const auto* one = event.find("read_one")) return read_one(text_at(*one));
        if (const auto* only = event.find("unread"); only != nullptr) return event_report{};
        if (const auto* broken = event.find("broken")) {
            const auto answer = answer_of(source_, text_at(*broken));
            if (answer.code == errc::ok) return tenant_.read(answer.people);
            return tenant_.failed_read(answer.code, answer.detail);
        }
        same_in_any_order();
        return tenant_.read(source_);
    }

    // Nothing may depend on the order in which PeopleHR lists people.
    void same_in_any_order() {
        const auto forward = tenant_.plan_of(source_);
        auto turned = source_;
        std::ranges::reverse(turned);
        const auto backward = tenant_.plan_of(turned);
        EXPECT_EQ(forward.steps, backward.steps) << "the order of the rows makes a difference";
        EXPECT_EQ(forward.issues, backward.issues) << "the order of the rows makes a difference";
    }

    event_report shown(const std::vector<employee>& people) {
        const auto users = tenant_.books.users.generation();
        const auto runs = tenant_.runs.size();
        auto out = tenant_.preview(people);
        EXPECT_EQ(users, tenant_.books.users.generation()) << "a preview wrote something";
        EXPECT_EQ(runs, tenant_.runs.size()) << "a preview wrote something";
        return out;
    }

    event_report read_one(const std::string& id) {
        for (const auto& each : source_) {
            if (each.get(sync::source_field::employee_id) == id) return tenant_.read_one(each);
        }
        throw scenario_error("'" + id + "' is not in PeopleHR");
    }

    // ---- time ----
    std::optional<event_report> act_as_clock(table_reader& event) {
        const words say(tenant_.books, tenant_.settings);
        if (const auto* to = event.find("time")) {
            const auto at = say.read_instant(text_at(*to));
            if (at < tenant_.now()) fail_at(*to, "time goes forwards; see 'clock_jumps_to'");
            return tenant_.advance(at);
        }
        if (const auto* to = event.find("clock_jumps_to")) {
            return tenant_.jump(say.read_instant(text_at(*to)));
        }
        if (const auto* days = event.find("days")) {
            return tenant_.advance(tenant_.now() + hours{24} * days->value_or(0));
        }
        if (event.find("restart") != nullptr) {
            tenant_.restart();
            event_report out;
            out.issues = tenant_.books.issues;
            return out;
        }
        return std::nullopt;
    }

    // ---- an admin ----
    using steps_or = outcome<std::vector<step>>;

    std::optional<event_report> act_as_admin(table_reader& event) {
        if (const auto* what = event.find("add_user")) {
            const auto edits = edits_at(table_at(*what), {});
            return tenant_.edit([&](const sync::books& of) {
                return sync::adding_user(of, tenant_.settings, edits);
            });
        }
        if (const auto* what = event.find("edit_user")) {
            const auto& table = table_at(*what);
            const auto whom = table_reader(table).text("person", "");
            const auto edits = edits_at(table, "person");
            return with_person(whom, [&](const sync::books& of, directory::user_ref who) {
                return sync::editing_user(of, tenant_.settings, who, edits);
            });
        }
        if (const auto* whom = event.find("delete_user")) {
            return with_person(text_at(*whom),
                               [](const sync::books& of, directory::user_ref who) -> steps_or {
                                   return sync::deleting_user(of, who);
                               });
        }
        if (const auto* whom = event.find("erase")) {
            const auto who = sync::find_person(tenant_.books, text_at(*whom));
            if (!who) fail_at(*whom, who.error().detail);
            return tenant_.erase(*who);
        }
        return act_on_teams(event);
    }

    std::optional<event_report> act_on_teams(table_reader& event) {
        if (const auto* what = event.find("add_team")) {
            const auto edits = edits_at(table_at(*what), {});
            return tenant_.edit(
                [&](const sync::books& of) { return sync::adding_team(of, edits); });
        }
        if (const auto* what = event.find("edit_team")) {
            const auto& table = table_at(*what);
            const auto name = table_reader(table).text("team", "");
            const auto edits = edits_at(table, "team");
            return with_team(name, [&](const sync::books& of, std::uint32_t id) {
                return sync::editing_team(of, id, edits);
            });
        }
        if (const auto* name = event.find("delete_team")) {
            return with_team(text_at(*name), [](const sync::books& of, std::uint32_t id) {
                return steps_or(sync::deleting_team(of, id));
            });
        }
        for (const bool joins : {true, false}) {
            const auto* what = event.find(joins ? "join_team" : "leave_team");
            if (what == nullptr) continue;
            table_reader table(table_at(*what));
            const auto person = text_at(table.need("person"));
            return with_team(text_at(table.need("team")),
                             [&](const sync::books& of, std::uint32_t id) {
                                 const auto who = sync::find_person(of, person);
                                 return who ? steps_or(sync::setting_member(of, id, *who, joins))
                                            : steps_or(who.error());
                             });
        }
        return std::nullopt;
    }

    template <class StepsOf>
    event_report with_person(const std::string& whom, StepsOf steps_of) {
        return tenant_.edit([&](const sync::books& of) -> steps_or {
            const auto who = sync::find_person(of, whom);
            if (!who) return who.error();
            return steps_of(of, *who);
        });
    }
    template <class StepsOf>
    event_report with_team(const std::string& name, StepsOf steps_of) {
        return tenant_.edit([&](const sync::books& of) -> steps_or {
            const auto which = sync::find_team(of, name);
            if (!which) return which.error();
            return steps_of(of, *which);
        });
    }

    std::optional<event_report> act_on_invitations(table_reader& event) {
        const auto people = [&](const toml::node& list) {
            std::vector<directory::user_ref> out;
            for (const auto& each : texts_at(list)) {
                const auto who = sync::find_person(tenant_.books, each);
                if (!who) fail_at(list, who.error().detail);
                out.push_back(*who);
            }
            return out;
        };
        if (const auto* whom = event.find("invite")) {
            return tenant_.edit([&](const sync::books& of) {
                return sync::inviting(of, people(*whom), tenant_.now());
            });
        }
        if (const auto* whom = event.find("cancel_invitation")) {
            return tenant_.edit(
                [&](const sync::books& of) { return sync::cancelling(of, people(*whom)); });
        }
        if (const auto* whom = event.find("confirm_invitation")) {
            return tenant_.edit(
                [&](const sync::books& of) { return sync::confirming(of, people(*whom).front()); });
        }
        if (event.find("go_live") != nullptr) return tenant_.go_live();
        return std::nullopt;
    }

    // ---- decisions ----
    std::optional<event_report> decide(table_reader& event) {
        std::optional<std::string> digest;
        if (const auto* after = event.find("as_shown_after")) {
            const auto number = static_cast<std::size_t>(after->value_or(0));
            if (number == 0 || number > digests_.size()) fail_at(*after, "no such event before");
            digest = digests_[number - 1];
        }
        if (const auto* guards = event.find("approve")) {
            return tenant_.approve(guards_at(*guards), digest);
        }
        if (const auto* guards = event.find("reject")) {
            return tenant_.reject(guards_at(*guards), digest);
        }
        if (const auto* what = event.find("resolve")) return resolve(table_at(*what));
        if (const auto* with = event.find("settings")) {
            const auto to = settings_at(table_at(*with), tenant_.settings);
            return tenant_.change_settings(to);
        }
        if (const auto* with = event.find("what_if")) {
            return tenant_.what_if(settings_at(table_at(*with), tenant_.settings));
        }
        if (const auto* run = event.find("undo")) {
            return tenant_.undo(static_cast<std::size_t>(run->value_or(0)));
        }
        return std::nullopt;
    }

    // ---- questions ----
    std::optional<event_report> ask(table_reader& event) {
        event_report out;
        out.issues = tenant_.books.issues;
        if (const auto* person = event.find("explain")) {
            check_explanation(tenant_.explain(text_at(*person)), event);
            return out;
        }
        if (const auto* days = event.find("forecast")) {
            check_forecast(sync::forecast(tenant_.books, tenant_.settings, tenant_.now(),
                                          static_cast<int>(days->value_or(0))),
                           event);
            return out;
        }
        return std::nullopt;
    }

    event_report resolve(const toml::table& of) {
        table_reader table(of);
        const auto name = text_at(table.need("kind"));
        const auto id = text_at(table.need("id"));
        const auto how = sync::read_ruling(text_at(table.need("as")));
        table.finish();
        if (!how) fail_at(of, "no such decision");
        for (std::size_t i = 0; i < sync::issue_kind_count; ++i) {
            const auto kind = static_cast<sync::issue_kind>(i);
            if (name == sync::name_of(kind)) return tenant_.resolve(kind, id, *how);
        }
        fail_at(of, "'" + name + "' is no kind of issue");
    }

    table_reader file_;
    tenant_harness tenant_;
    std::vector<employee> source_; // PeopleHR, now
    std::vector<std::string> digests_;
    wall_time before_{};
};

} // namespace

std::vector<scenario> load_scenarios(const std::string& folder) {
    std::vector<std::string> paths;
    for (const auto& each : std::filesystem::directory_iterator(folder)) {
        if (each.path().extension() == ".toml") paths.push_back(each.path().string());
    }
    std::ranges::sort(paths);
    std::vector<scenario> out;
    for (const auto& path : paths) {
        std::shared_ptr<const toml::table> file;
        try {
            file = std::make_shared<const toml::table>(toml::parse_file(path));
        } catch (const toml::parse_error& e) {
            throw scenario_error(path + ":" + std::to_string(e.source().begin.line) + ": " +
                                 std::string(e.description()));
        }
        table_reader whole(*file);
        const auto* all = whole.need("scenario").as_array();
        whole.finish();
        if (all == nullptr) throw scenario_error(path + ": [[scenario]] is expected");
        for (const auto& each : *all) {
            table_reader table(table_at(each));
            scenario made{file, &table.table(), path, text_at(table.need("name")),
                          texts_at(table.need("rules"))};
            out.push_back(std::move(made));
        }
    }
    return out;
}

void play(const scenario& which) {
    player(which).play();
}

} // namespace rollcall::test
