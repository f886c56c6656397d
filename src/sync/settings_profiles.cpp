// What the two profiles start from, what does not go together, and what a change of settings means
// for people who did not change.
#include <fmt/format.h>

#include <string>

#include "rollcall/core/hash.hpp"
#include "rollcall/sync/settings.hpp"
#include "settings_table.hpp"

namespace rollcall::sync {
namespace {

// Where the behaviour page gives no figure, src/sync/README.md says why it is this one.
void set_default_limits(tenant_settings& in) {
    const auto set = [&in](guard which, std::uint32_t people, std::uint32_t percent,
                           std::uint32_t max = 0, std::uint32_t week_percent = 0) {
        in.limits[static_cast<std::size_t>(which)] = {true, people, percent, max, week_percent};
    };
    set(guard::create, 50, 50);
    set(guard::email, 10, 10);
    set(guard::id, 5, 2);
    set(guard::manager, 10, 30);
    set(guard::clearing, 5, 30);
    set(guard::blanking, 10, 10);
    set(guard::move, 10, 30);
    set(guard::deactivation, 3, 10, 500, 20);
    set(guard::scope, 3, 10, 500, 20);
    set(guard::team_removal, 3, 2, 50);
    set(guard::invitation, 20, 20);
}

class finder {
  public:
    void no_part_of(bool present, std::string_view name, std::string_view why) {
        if (present) add(fmt::format("setting '{}': {}", name, why));
    }
    void add(std::string detail) { out.push_back({errc::invalid_argument, std::move(detail)}); }

    std::vector<failure> out;
};

void contradict_wethrive(const tenant_settings& in, finder& f) {
    constexpr std::string_view no_invitations =
        "WeThrive has no invitations: leave it at its default (WT-13)";
    constexpr std::string_view no_teams =
        "WeThrive has no teams of its own, a department is a plain value: leave it at its default "
        "(WT-13)";
    f.no_part_of(in.invite != invite::never, "invite", no_invitations);
    f.no_part_of(in.remove_stale_teams, "remove_stale_teams", no_teams);
    f.no_part_of(in.owner_manages_new_teams, "owner_manages_new_teams", no_teams);
    f.no_part_of(!in.team_owner.empty(), "team_owner", no_teams);
    f.no_part_of(in.clear_blank_department, "clear_blank_department", no_teams);
    f.no_part_of(!in.team_from_department, "team_from_department",
                 "WeThrive always takes the department: leave it true (WT-2)");
    f.no_part_of(!in.manager_from_reports_to, "manager_from_reports_to",
                 "WeThrive always takes the manager: leave it true (WT-2)");
    f.no_part_of(in.known_as, "known_as", "WeThrive does not use Known As: leave it false (WT-2)");
    f.no_part_of(!in.extra_fields.empty(), "extra_fields",
                 "WeThrive's custom fields are never filled: leave it empty (WT-2)");
    f.no_part_of(in.link_key == link_key::email && in.schedule == schedule::daily, "link_key",
                 "email is the literal mode, which runs only when asked: set schedule to off "
                 "(WT-5)");
}

void contradict_learnamp(const tenant_settings& in, finder& f) {
    f.no_part_of(in.seats != 0, "seats",
                 "licences are counted for WeThrive only: leave it at 0 (WT-6)");
    f.no_part_of(in.link_key == link_key::email, "link_key",
                 "Learn Amp looks people up by their PeopleHR id; for an unknown id there is "
                 "email_fallback (LA-9, LA-11)");
    f.no_part_of(in.remove_stale_teams && !in.team_from_department, "remove_stale_teams",
                 "with team_from_department off no team matches a department, and teams are left "
                 "alone (LA-28)");
}

} // namespace

tenant_settings defaults_of(profile which) {
    tenant_settings settings;
    settings.profile = which;
    set_default_limits(settings);
    if (which == profile::wethrive) {
        settings.email_fallback = true;        // WT-3: the e-mail is WeThrive's key
        settings.silent_updates = true;        // WT-13: it sends no mails
        settings.history = history::versioned; // WT-7: a survey keeps the values of its time
    }
    return settings;
}

std::vector<failure> contradictions(const tenant_settings& settings) {
    finder f;
    if (settings.profile == profile::wethrive) {
        contradict_wethrive(settings, f);
    } else {
        contradict_learnamp(settings, f);
    }
    return std::move(f.out);
}

std::uint64_t mapping_fingerprint(const tenant_settings& settings) noexcept {
    // Name by name, so that no two settings can stand in for each other, and one that is added
    // later counts as soon as its row says so.
    std::uint64_t out = 0;
    for (const auto& each : setting_table()) {
        if (each.what != bears_on::people) continue;
        out = combine(out, hash64(text_of(settings, each), hash64(each.row.name)));
    }
    return out;
}

} // namespace rollcall::sync
