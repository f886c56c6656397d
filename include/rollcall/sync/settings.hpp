// The settings of a tenant: what differs between the two profiles, and what a tenant overrides.
//
// One table (settings.cpp) names every setting with its meaning, its allowed values and its default
// in each profile; the command line, the tenant file, the control socket and validation all read
// it.
#pragma once
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
enum class out_of_scope : std::uint8_t { keep, deactivate };     // LA-7
enum class reactivation : std::uint8_t { ours, hr_wins };        // LA-16
enum class missing_policy : std::uint8_t { report, deactivate }; // G-3, LA-44
enum class schedule : std::uint8_t { daily, off };               // LA-46, WT-5

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

// A number that changes when a setting that the mapping depends on changes: part of each
// fingerprint, so that a changed setting is applied to unchanged people.
[[nodiscard]] std::uint64_t mapping_fingerprint(const tenant_settings& settings) noexcept;

[[nodiscard]] std::string_view name_of(profile which) noexcept;

} // namespace rollcall::sync
