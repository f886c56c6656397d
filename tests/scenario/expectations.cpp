#include "expectations.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "rollcall/core/date.hpp"
#include "rollcall/core/text.hpp"
#include "step_words.hpp"
#include "sync/edits.hpp"

namespace rollcall::test {

using directory::field;

namespace {

template <class Items>
std::string listed(const Items& items, const std::function<std::string(std::size_t)>& text) {
    std::string out;
    for (std::size_t i = 0; i < items.size(); ++i) out += "\n    " + text(i);
    return out.empty() ? " none" : out;
}

class checker {
  public:
    checker(const tenant_harness& tenant, const event_report& happened, table_reader& event)
        : tenant_(tenant),
          happened_(happened),
          event_(event),
          words_(tenant.books, tenant.settings) {}

    void all() {
        outcome();
        steps();
        issues();
        held();
        people();
        teams();
        ledger();
        counts();
    }

  private:
    void wrong(const toml::node& at, const std::string& what) const {
        ADD_FAILURE() << place_of(at) << ": " << what;
    }

    void outcome() {
        if (const auto* expected = event_.find("outcome")) {
            if (text_at(*expected) != name_of(happened_.result)) {
                wrong(*expected, "the outcome is " + std::string(name_of(happened_.result)) +
                                     (happened_.detail.empty() ? "" : ": " + happened_.detail));
            }
        }
        const auto* expected = event_.find("refused");
        if (expected != nullptr) {
            if (happened_.result != sync::run_outcome::failed ||
                happened_.detail.find(text_at(*expected)) == std::string::npos) {
                wrong(*expected, "it was not refused so, but: " + happened_.detail);
            }
        } else if (happened_.result == sync::run_outcome::failed && !event_.find("outcome")) {
            wrong(event_.table(), "it was refused: " + happened_.detail);
        }
        if (const auto* says = event_.find("says")) {
            for (const auto& each : texts_at(*says)) {
                if (happened_.detail.find(each) == std::string::npos) {
                    wrong(*says, "'" + each + "' is not in: " + happened_.detail);
                }
            }
        }
        if (const auto* cannot = event_.find("cannot")) {
            const auto texts = texts_at(*cannot);
            bool same = texts.size() == happened_.cannot.size();
            for (std::size_t i = 0; same && i < texts.size(); ++i) {
                same = happened_.cannot[i].find(texts[i]) != std::string::npos;
            }
            if (!same) {
                wrong(*cannot, "what cannot be taken back is" +
                                   listed(happened_.cannot,
                                          [&](std::size_t i) { return happened_.cannot[i]; }));
            }
        }
    }

    void steps() {
        const auto& done = happened_.steps;
        const auto text = [&](std::size_t i) { return words_.step(done[i]); };
        if (const auto* expected = event_.find("steps")) {
            const auto texts = texts_at(*expected);
            bool same = texts.size() == done.size();
            for (std::size_t i = 0; same && i < done.size(); ++i) {
                same = words_.is(done[i], texts[i]);
            }
            if (!same) wrong(*expected, "the steps are" + listed(done, text));
        }
        const auto present = [&](std::string_view expected) {
            return std::ranges::any_of(done, [&](const auto& s) { return words_.is(s, expected); });
        };
        if (const auto* expected = event_.find("steps_include")) {
            for (const auto& each : texts_at(*expected)) {
                if (!present(each)) {
                    wrong(*expected, "'" + each + "' is not among" + listed(done, text));
                }
            }
        }
        // Kinds of which there is no step, or steps that are not there.
        if (const auto* expected = event_.find("no_steps")) {
            for (const auto& each : texts_at(*expected)) {
                const bool kind = std::ranges::any_of(
                    done, [&](const auto& s) { return name_of(s.kind) == each; });
                if (kind || present(each)) {
                    wrong(*expected, "'" + each + "' is among" + listed(done, text));
                }
            }
        }
        if (const auto* expected = event_.find("dropped")) {
            const auto texts = texts_at(*expected);
            bool same = texts.size() == happened_.dropped.size();
            for (std::size_t i = 0; same && i < texts.size(); ++i) {
                same = words_.is(happened_.dropped[i], texts[i]);
            }
            if (!same) {
                wrong(*expected, "dropped are" + listed(happened_.dropped, [&](std::size_t i) {
                                     return words_.step(happened_.dropped[i]);
                                 }));
            }
        }
    }

    void issues() {
        const auto& found = happened_.issues;
        const auto text = [&](std::size_t i) { return words_.issue(found[i]); };
        if (const auto* expected = event_.find("issues")) {
            auto texts = texts_at(*expected);
            for (const auto& each : found) {
                const auto place =
                    std::ranges::find_if(texts, [&](const auto& t) { return words_.is(each, t); });
                if (place == texts.end()) {
                    return wrong(*expected, "the issues are" + listed(found, text));
                }
                texts.erase(place);
            }
            if (!texts.empty()) {
                wrong(*expected,
                      "'" + texts.front() + "' is missing; the issues are" + listed(found, text));
            }
        }
        if (const auto* expected = event_.find("issues_include")) {
            for (const auto& each : texts_at(*expected)) {
                if (std::ranges::none_of(found,
                                         [&](const auto& i) { return words_.is(i, each); })) {
                    wrong(*expected,
                          "'" + each + "' is missing; the issues are" + listed(found, text));
                }
            }
        }
    }

    void held() {
        const auto& sections = tenant_.books.held.sections;
        const auto* expected = event_.find("held");
        const auto* because = event_.find("held_because");
        if (expected != nullptr) {
            std::map<std::string, std::string> wanted, is;
            for (const auto& [key, value] : table_at(*expected)) {
                wanted[std::string(key.str())] = text_at(value);
            }
            for (const auto& each : sections) {
                is[std::string(sync::name_of(each.what))] = std::to_string(each.steps.size());
            }
            if (wanted != is) {
                std::string all;
                for (const auto& section : sections) {
                    all += "\n  " + std::string(sync::name_of(section.what)) + ": " +
                           section.reason + listed(section.steps, [&](std::size_t i) {
                               return words_.step(section.steps[i]);
                           });
                }
                wrong(*expected, "held is" + (all.empty() ? " nothing" : all));
            }
        }
        if (because != nullptr) {
            for (const auto& each : texts_at(*because)) {
                const bool found = std::ranges::any_of(sections, [&](const auto& s) {
                    return s.reason.find(each) != std::string::npos;
                });
                if (!found) {
                    wrong(*because,
                          "'" + each + "' is no reason of" +
                              listed(sections, [&](std::size_t i) { return sections[i].reason; }));
                }
            }
        }
    }

    // ---- people ----
    void people() {
        if (const auto* expected = event_.find("users")) {
            for (const auto& [key, value] : table_at(*expected)) {
                const auto who = sync::find_person(tenant_.books, key.str());
                if (value.is_string()) {
                    if (text_at(value) != "nobody") fail_at(value, "a table or \"nobody\"");
                    if (who) wrong(value, "there is a user '" + std::string(key.str()) + "'");
                } else if (!who) {
                    wrong(value, who.error().detail);
                } else {
                    person(user_of(tenant_.books, *who), table_at(value));
                }
            }
        }
        const auto number = [&](const char* key, std::size_t is) {
            const auto* expected = event_.find(key);
            if (expected != nullptr && text_at(*expected) != std::to_string(is)) {
                wrong(*expected, std::string(key) + " is " + std::to_string(is));
            }
        };
        number("user_count", tenant_.books.users.size());
        number("active", tenant_.books.users.active());
        number("rejected_steps", tenant_.books.rejected.size());
    }

    void person(const directory::user_data& user, const toml::table& expected) {
        for (const auto& [key, value] : expected) {
            const std::string name(key.str());
            if (name == "owner") {
                owners(user, table_at(value));
                continue;
            }
            if (name == "secondary") {
                secondary(user.meta.uid, value);
                continue;
            }
            const auto is = value_of(user, name);
            if (!is) fail_at(value, "'" + name + "' is no value of a user");
            if (text_at(value) != *is) wrong(value, name + " is '" + *is + "'");
        }
    }

    [[nodiscard]] std::optional<std::string> value_of(const directory::user_data& user,
                                                      const std::string& name) const {
        const auto yes_no = [](bool v) { return std::string(v ? "true" : "false"); };
        if (name == "state") return sync::text_of(user, sync::attribute::state);
        if (name == "role") return sync::text_of(user, sync::attribute::role);
        if (name == "managed") return yes_no(user.meta.managed);
        if (name == "missing") return std::to_string(user.meta.missing);
        if (name == "uid") return std::to_string(user.meta.uid);
        if (name == "created_by_us") return yes_no(user.meta.created_by_us);
        if (name == "deactivated_by_us") return yes_no(user.meta.deactivated_by_us);
        if (name == "invitation") return words_.invitation(user.meta.uid);
        if (name == "team") return user.get(field::department);
        if (name == "manager") {
            return user.meta.manager == 0 ? std::string() : words_.person(user.meta.manager);
        }
        if (name == "wanted_manager") return user.get(field::manager_id);
        for (std::size_t i = 0; i < directory::field_count; ++i) {
            const auto f = static_cast<field>(i);
            if (name == name_of(f)) return sync::text_of(user, sync::attribute_of(f));
        }
        return std::nullopt;
    }

    void owners(const directory::user_data& user, const toml::table& expected) {
        for (const auto& [key, value] : expected) {
            bool known = false;
            for (std::size_t i = 0; i < directory::field_count; ++i) {
                if (key.str() != name_of(static_cast<field>(i))) continue;
                known = true;
                const auto whose = user.meta.ownership[i];
                const std::string is = whose == directory::owner::ours     ? "ours"
                                       : whose == directory::owner::manual ? "manual"
                                                                           : "nobody";
                if (text_at(value) != is) {
                    wrong(value, std::string(key.str()) + " is of " + is);
                }
            }
            if (!known) fail_at(value, "'" + std::string(key.str()) + "' is no field of a user");
        }
    }

    void secondary(std::uint32_t uid, const toml::node& expected) {
        std::vector<std::string> is;
        for (const auto& each : tenant_.books.teams.secondary()) {
            if (each.uid == uid) is.push_back(words_.team(each.team));
        }
        auto wanted = texts_at(expected);
        std::ranges::sort(is);
        std::ranges::sort(wanted);
        if (is != wanted) {
            wrong(expected,
                  "secondary teams are" + listed(is, [&](std::size_t i) { return is[i]; }));
        }
    }

    // ---- teams ----
    void teams() {
        const auto& all = tenant_.books.teams.all();
        if (const auto* expected = event_.find("team_names")) {
            auto wanted = texts_at(*expected);
            std::vector<std::string> is;
            for (const auto& each : all) is.push_back(each.name);
            std::ranges::sort(is);
            std::ranges::sort(wanted);
            if (is != wanted) {
                wrong(*expected,
                      "the teams are" + listed(is, [&](std::size_t i) { return is[i]; }));
            }
        }
        if (const auto* expected = event_.find("teams")) {
            for (const auto& [key, value] : table_at(*expected)) {
                const auto found = std::ranges::find(all, key.str(), &directory::team::name);
                if (value.is_string()) {
                    if (text_at(value) != "none") fail_at(value, "a table or \"none\"");
                    if (found != all.end()) wrong(value, "there is such a team");
                } else if (found == all.end()) {
                    wrong(value, "there is no such team");
                } else {
                    team(*found, table_at(value));
                }
            }
        }
    }

    void team(const directory::team& which, const toml::table& expected) {
        for (const auto& [key, value] : expected) {
            const std::string name(key.str());
            if (name == "members") {
                members(which, value);
                continue;
            }
            std::string is;
            if (name == "key") {
                is = which.key;
            } else if (name == "id") {
                is = std::to_string(which.id);
            } else if (name == "owned") {
                is = which.owned ? "true" : "false";
            } else if (name == "absent") {
                is = std::to_string(which.absent);
            } else if (name == "parent") {
                is = which.parent == 0 ? "" : words_.team(which.parent);
            } else if (name == "manager") {
                is = which.manager == 0 ? "" : words_.person(which.manager);
            } else {
                fail_at(value, "'" + name + "' is no value of a team");
            }
            if (text_at(value) != is) wrong(value, name + " is '" + is + "'");
        }
    }

    // Active people whose primary team it is.
    void members(const directory::team& which, const toml::node& expected) {
        std::vector<std::string> is;
        std::string scratch;
        const auto& users = tenant_.books.users;
        users.for_each([&](directory::user_ref each) {
            if (users.is_active(each) && !which.key.empty() &&
                fold(users.text(each, field::department), scratch) == which.key) {
                is.push_back(words_.person(users.meta(each).uid));
            }
        });
        auto wanted = texts_at(expected);
        std::ranges::sort(is);
        std::ranges::sort(wanted);
        if (is != wanted) {
            wrong(expected, "members are" + listed(is, [&](std::size_t i) { return is[i]; }));
        }
    }

    // ---- invitations and mails ----
    void ledger() {
        if (const auto* expected = event_.find("invitations")) {
            for (const auto& [key, value] : table_at(*expected)) {
                const auto who = sync::find_person(tenant_.books, key.str());
                if (!who) {
                    wrong(value, who.error().detail);
                    continue;
                }
                const auto is = words_.invitation(tenant_.books.users.meta(*who).uid);
                if (is != text_at(value)) wrong(value, "the invitation is " + is);
            }
        }
        if (const auto* expected = event_.find("mails")) {
            std::vector<std::string> is;
            for (const auto& each : happened_.notices) {
                is.push_back(std::string(sync::name_of(each.kind)) + " " + each.email);
            }
            if (is != texts_at(*expected)) {
                wrong(*expected,
                      "the mails are" + listed(is, [&](std::size_t i) { return is[i]; }));
            }
        }
    }

    void counts() {
        const auto* expected = event_.find("counts");
        if (expected == nullptr) return;
        const auto& c = happened_.counts;
        const std::map<std::string, std::uint32_t> all{
            {"rows", c.rows},
            {"in_scope", c.in_scope},
            {"unchanged", c.unchanged},
            {"created", c.created},
            {"updated", c.updated},
            {"relinked", c.relinked},
            {"deactivated", c.deactivated},
            {"reactivated", c.reactivated},
            {"unmanaged", c.unmanaged},
            {"rejected", c.rejected},
            {"missing", c.missing},
            {"left_before_first_seen", c.left_before_first_seen},
            {"held", c.held},
            {"invited", c.invited}};
        for (const auto& [key, value] : table_at(*expected)) {
            const auto found = all.find(std::string(key.str()));
            if (found == all.end()) fail_at(value, "no such count");
            if (text_at(value) != std::to_string(found->second)) {
                wrong(value, found->first + " is " + std::to_string(found->second));
            }
        }
    }

    const tenant_harness& tenant_;
    const event_report& happened_;
    table_reader& event_;
    const words words_;
};

} // namespace

namespace {

// "text (RULE)" or, where the expectation leaves the rule out, "text".
bool is_line(std::string_view expected, const std::string& text, const std::string& rule) {
    return expected == text || expected == text + " (" + rule + ")";
}

} // namespace

void check_explanation(const sync::explanation& is, table_reader& event) {
    if (const auto* values = event.find("values")) {
        for (const auto& expected : texts_at(*values)) {
            const bool found = std::ranges::any_of(is.values, [&](const auto& v) {
                return is_line(expected, v.what + " " + v.decision, v.rule);
            });
            if (found) continue;
            ADD_FAILURE() << place_of(*values) << ": '" << expected << "' is not among"
                          << listed(is.values, [&](std::size_t i) {
                                 const auto& v = is.values[i];
                                 return v.what + " " + v.decision + " (" + v.rule + ")";
                             });
        }
    }
    if (const auto* stopped = event.find("stopped")) {
        auto texts = texts_at(*stopped);
        bool same = texts.size() == is.stopped.size();
        for (const auto& each : is.stopped) {
            EXPECT_NE(each.because, "") << place_of(*stopped);
            EXPECT_NE(each.then, "") << place_of(*stopped);
            same = same && std::ranges::any_of(texts, [&](const auto& t) {
                       return is_line(t, each.what, each.rule);
                   });
        }
        if (!same) {
            ADD_FAILURE() << place_of(*stopped) << ": what did not happen is"
                          << listed(is.stopped, [&](std::size_t i) {
                                 const auto& n = is.stopped[i];
                                 return n.what + " (" + n.rule + "): " + n.because;
                             });
        }
    }
}

void check_forecast(std::span<const sync::forecast_entry> is, table_reader& event) {
    const auto* lines = event.find("lines");
    if (lines == nullptr) return;
    const auto text = [&](std::size_t i) {
        return to_string(is[i].day) + " " + is[i].what + " " + is[i].who;
    };
    const auto texts = texts_at(*lines);
    bool same = texts.size() == is.size();
    for (std::size_t i = 0; same && i < is.size(); ++i) {
        same = is_line(texts[i], text(i), is[i].rule);
    }
    if (!same) {
        ADD_FAILURE() << place_of(*lines) << ": the forecast is" << listed(is, [&](std::size_t i) {
            return text(i) + " (" + is[i].rule + "): " + is[i].detail;
        });
    }
}

void check_expectations(const tenant_harness& tenant, const event_report& happened,
                        table_reader& event) {
    checker(tenant, happened, event).all();
}

} // namespace rollcall::test
