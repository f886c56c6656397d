// The settings of a tenant: what differs between the two profiles, and what a tenant overrides.
//
// One table (settings.cpp) names every setting with its meaning, its allowed values and its default
// in each profile; the command line, the tenant file, the control socket and validation all read
// it.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "rollcall/core/error.hpp"

namespace rollcall::sync {

enum class profile : std::uint8_t { learnamp, wethrive };
enum class link_key : std::uint8_t { id, email };     // WT-4: literal mode keys on the e-mail
enum class bad_email : std::uint8_t { reject, stop }; // WT-3: strict mode stops the run
enum class out_of_scope : std::uint8_t { keep, deactivate };        // LA-7
enum class reactivation : std::uint8_t { ours, hr_wins };           // LA-16
enum class missing_policy : std::uint8_t { report, deactivate };    // G-3, LA-44
enum class schedule : std::uint8_t { daily, off };                  // LA-46, WT-5
enum class invite : std::uint8_t { never, immediately, hire_date }; // LA-21
enum class leavers : std::uint8_t { deactivate, report };           // LA-43
enum class history : std::uint8_t { current, versioned };           // WT-7

// The kinds of change that have a limit (G-5).
enum class guard : std::uint8_t {
    none,
    create,
    email,
    id,
    manager,  // moves
    clearing, // managers or teams cleared
    blanking, // any other field that loses its value
    move,     // primary team
    deactivation,
    scope, // LA-7
    team_removal,
    team_rename, // LA-35: always held
    invitation,
};
inline constexpr std::size_t guard_count = 13;

// A run, with what was applied in the window before it, may change the greater of `people` and
// `percent` of the active, at most `max` where it is not 0, and `week_percent` of them in a rolling
// week where it is not 0. The window is a day, of invitations an hour.
struct guard_limit {
    bool on = true; // off: never held
    std::uint32_t people = 0;
    std::uint32_t percent = 100;
    std::uint32_t max = 0;
    std::uint32_t week_percent = 0;
    friend bool operator==(const guard_limit&, const guard_limit&) = default;
};

// A field of the source that becomes an attribute of the user (G-14): "cost_centre=APIColumn1".
inline constexpr std::size_t extra_attribute_bytes_max = 40;
inline constexpr std::size_t extra_fields_max = 16;
struct extra_field {
    std::string attribute; // ours: a-z, 0-9 and _, begins with a letter
    std::string source;    // PeopleHR's key
    friend bool operator==(const extra_field&, const extra_field&) = default;
};

struct tenant_settings {
    sync::profile profile = sync::profile::learnamp;
    std::string base_url = "https://api.peoplehr.net";
    std::string company;                     // LA-5: blank takes everybody
    std::string time_zone = "Europe/London"; // T-1, IANA name
    bool known_as = false;                   // first name from Known As
    bool email_fallback = false;             // LA-11
    bool team_from_department = true;        // LA-28
    bool manager_from_reports_to = true;     // LA-36
    sync::link_key link_key = sync::link_key::id;
    sync::bad_email bad_email = sync::bad_email::reject;
    sync::out_of_scope out_of_scope = sync::out_of_scope::keep;
    sync::reactivation reactivation = sync::reactivation::ours;
    sync::missing_policy missing_policy = sync::missing_policy::report;
    sync::schedule schedule = sync::schedule::daily;
    std::uint8_t missing_after = 3; // G-3: complete snapshots
    std::uint8_t gate_headcount_percent =
        20; // G-2: a larger fall or rise of the head count is implausible
    std::uint8_t gate_blank_percent =
        20; // G-2: points by which the share of blanks of a field may rise
    std::uint8_t gate_distinct_percent =
        50;                               // G-2: change of the number of departments or locations
    std::uint16_t gate_floor_people = 20; // G-2: smaller tenants are measured by this many people
    std::uint16_t calls_per_minute = 25;  // B-1, of this tenant
    bool paged_reading = false;           // everybody page by page (page_reading.hpp)
    std::uint16_t page_rows = 500;        // 1 to 500
    sync::invite invite = sync::invite::never;
    std::uint8_t invite_hour = 0;         // 0 to 23, local (T-1, LA-23)
    bool remove_stale_teams = false;      // LA-31
    std::uint8_t stale_team_after = 3;    // LA-31: complete snapshots
    bool owner_manages_new_teams = false; // LA-32
    std::string team_owner;               // LA-32: PeopleHR id or e-mail; empty: the lowest uid
    bool clear_blank_department = false;  // LA-34
    bool silent_updates = false;          // LA-27: no mail about changed details
    std::uint32_t seats = 0;              // WT-6; 0: no limit
    sync::leavers leavers = sync::leavers::deactivate;
    sync::history history = sync::history::current;
    std::vector<std::string> protected_users; // LA-45: PeopleHR ids or e-mails; sorted
    std::vector<extra_field> extra_fields;    // G-14; sorted by attribute
    std::uint16_t id_reuse_days = 30; // S9: a leaver's id is suspect after so long; 0: never
    std::array<guard_limit, guard_count> limits{}; // by guard; defaults in settings.cpp (G-5)

    friend bool operator==(const tenant_settings&, const tenant_settings&) = default;
};

// One row of the table.
struct setting_row {
    std::string_view name;    // "email_fallback"; --email-fallback on the command line
    std::string_view meaning; // one sentence, with unit and rule
    std::string_view allowed; // "true, false", "1 to 100 percent", …
};
[[nodiscard]] std::span<const setting_row> setting_rows() noexcept;

[[nodiscard]] tenant_settings defaults_of(profile which);

// Sets one setting from its text. The failure names the setting, the value and what is allowed; for
// an unknown name it names the nearest known one.
[[nodiscard]] outcome<void> set_setting(tenant_settings& in, std::string_view name,
                                        std::string_view value);
// The text that set_setting would take to give the present value.
[[nodiscard]] std::string setting_text(const tenant_settings& in, std::string_view name);

// All settings as a JSON object of strings, numbers and booleans, and back. from_json starts from
// the profile's defaults and reports every wrong member, not just the first.
[[nodiscard]] boost::json::object to_json(const tenant_settings& settings);
struct settings_or_failures {
    tenant_settings settings;
    std::vector<failure> failures;
};
[[nodiscard]] settings_or_failures settings_from_json(const boost::json::object& object);

// What no single setting shows: invitations, teams or an owner under a profile that has none
// (WT-13). Empty if they go together.
[[nodiscard]] std::vector<failure> contradictions(const tenant_settings& settings);

// The profile as TOML: every setting with its default, meaning and allowed values, as
// config/profiles/*.toml has it.
[[nodiscard]] std::string profile_as_toml(profile which);

// A number that changes when a setting that the mapping depends on changes: part of each
// fingerprint, so that a changed setting is applied to unchanged people.
[[nodiscard]] std::uint64_t mapping_fingerprint(const tenant_settings& settings) noexcept;

[[nodiscard]] std::string_view name_of(profile which) noexcept;

} // namespace rollcall::sync
