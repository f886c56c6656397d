// A profile as a file: what `rollcalld --print-profile` prints and config/profiles/ holds.
#include <fmt/format.h>

#include <string>
#include <string_view>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include "rollcall/sync/settings.hpp"
#include "settings_table.hpp"

namespace rollcall::sync {
namespace {

constexpr std::size_t columns = 100;

// What the product's own page calls the option, or says about it.
struct product_words {
    std::string_view setting;
    std::string_view words;
};

constexpr product_words learnamp_words[] = {
    {"company",
     "\"Company (optional)\"; \"If left blank, the integration will import all "
     "employees\"."},
    {"email_fallback", "\"Fallback to email when PeopleHR identifier is not found in Learn Amp\"."},
    {"known_as",
     "\"Use the 'Known as' field in PeopleHR to set the user's first name in Learn Amp\"."},
    {"extra_fields", "\"Syncing Additional Information\", there custom development work."},
    {"team_from_department",
     "\"Primary Team in Learn Amp\": true is \"Use PeopleHR Department\", false is \"Do not add a "
     "Team to Learn Amp using PeopleHR Department\"."},
    {"remove_stale_teams",
     "\"Remove any teams added by this integration that no longer match "
     "PeopleHR departments\"."},
    {"owner_manages_new_teams",
     "\"When teams are added by this integration set the team manager "
     "as the 'owner' role user\"."},
    {"manager_from_reports_to",
     "\"Assign Override Managers in Learn Amp\": true is \"Use the 'Reports to' field in PeopleHR "
     "to set the user's Manager in Learn Amp\"; false leaves it to the manager of the primary "
     "team."},
    {"invite",
     "\"Invite new joiners into Learn Amp\": immediately is \"Immediately when the user is "
     "added\", hire_date is \"Delay until their hire date\", never is \"Don't invite automatically "
     "(can send invites manually)\"."},
    {"silent_updates",
     "\"Do not email the user if the PeopleHR integration updates their details "
     "in Learn Amp\"."},
    {"schedule", "\"How often does Learn Amp sync with PeopleHR?\""},
};

// What holds for a whole group.
struct group_words {
    std::string_view group;
    std::string_view words;
};
constexpr group_words groups[] = {
    {"Which answers are believed",
     "An answer of PeopleHR that moved further than this changes nothing until a second one "
     "agrees with it."},
    {"How much may change before a person is asked",
     "Each kind of change has a limit. Over it all changes of that kind wait for a person "
     "(`rollcall hold`), and the others go on. It is passed by more than the greater of `people` "
     "and `percent` of the active people, or by more than `max`, within a day (invitations: an "
     "hour); or by more than `week_percent` of them within a week. What is left out is no limit; "
     "`off` never holds."},
};

constexpr std::string_view no_such_option = "it has no such option; leave it as it is.";
constexpr product_words wethrive_words[] = {
    {"bad_email",
     "\"For the sync to work everyone must have a unique and valid email address.\" reject leaves "
     "out the people whose is not, stop is the letter of it."},
    {"link_key",
     "\"WeThrive uses the email address as the unique identifier\": email is the "
     "letter of it; id keeps a person's history when the address changes."},
    {"known_as", no_such_option},
    {"extra_fields", no_such_option},
    {"team_from_department", "\"Department > Department\"; leave it true."},
    {"remove_stale_teams", no_such_option},
    {"stale_team_after", no_such_option},
    {"owner_manages_new_teams", no_such_option},
    {"team_owner", no_such_option},
    {"clear_blank_department", no_such_option},
    {"manager_from_reports_to", "\"Reports To > Manager\"; leave it true."},
    {"invite", no_such_option},
    {"invite_hour", no_such_option},
    {"leavers",
     "\"Leavers will be marked as inactive (their data will remain in WeThrive so that "
     "historical reports are accurate).\""},
    {"seats", "\"New staff will be added (provided you have sufficient licences).\""},
    {"history", "\"these changes will be reflected in your next survey\"."},
    {"schedule", "off is the button \"Sync PeopleHR\" alone; daily presses it every night too."},
};

std::string_view words_of(std::span<const product_words> of, std::string_view setting) {
    for (const auto& each : of) {
        if (each.setting == setting) return each.words;
    }
    return {};
}

// The text as comment lines, broken between words.
void comment(std::string& out, std::string_view text) {
    std::string line = "#";
    while (!text.empty()) {
        const auto end = text.find(' ');
        const auto word = text.substr(0, end);
        if (line.size() > 1 && line.size() + 1 + word.size() > columns) {
            out += line + "\n";
            line = "#";
        }
        line += fmt::format(" {}", word);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    out += line + "\n";
}

// TOML's strings, numbers and booleans are written as JSON's are.
std::string value_of(const tenant_settings& in, const setting_entry& which) {
    if (std::holds_alternative<number_access>(which.how) ||
        std::holds_alternative<bool_access>(which.how)) {
        return text_of(in, which);
    }
    return boost::json::serialize(boost::json::string(text_of(in, which)));
}

} // namespace

std::string profile_as_toml(profile which) {
    const bool learnamp = which == profile::learnamp;
    const std::string_view product = learnamp ? "Learn Amp" : "WeThrive";
    const std::span<const product_words> of = learnamp
                                                  ? std::span<const product_words>(learnamp_words)
                                                  : std::span<const product_words>(wethrive_words);
    const auto settings = defaults_of(which);
    std::string out = fmt::format("# The profile {}: {}'s integration with PeopleHR.\n#\n",
                                  name_of(which), product);
    comment(out,
            "Every setting, with the value that a tenant of this profile starts from. It is a "
            "tenant file of `rollcall apply` without tenants: append [[tenant]] tables, and "
            "change here what holds for all of them or there what holds for one.");
    comment(out, fmt::format("`rollcalld --print-profile {}` prints it; rules (G-5, LA-11, …) are "
                             "those of src/sync/README.md.",
                             name_of(which)));
    out += "\n[defaults]\n";
    std::string_view group;
    for (const auto& each : setting_table()) {
        if (each.group != group) {
            group = each.group;
            out += fmt::format("\n# ---- {} ----\n", group);
            for (const auto& words : groups) {
                if (words.group == group) comment(out, words.words);
            }
        }
        std::string meaning(each.row.meaning);
        meaning.front() = static_cast<char>(meaning.front() & ~0x20); // begins with a-z
        out += "\n";
        comment(out, meaning + ".");
        comment(out, fmt::format("Allowed: {}.", each.row.allowed));
        if (const auto words = words_of(of, each.row.name); !words.empty()) {
            comment(out, fmt::format("{}: {}", product, words));
        }
        out += fmt::format("{} = {}\n", each.row.name, value_of(settings, each));
    }
    return out;
}

} // namespace rollcall::sync
