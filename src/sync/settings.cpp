#include "rollcall/sync/settings.hpp"

#include <absl/time/time.h>

#include <array>
#include <charconv>
#include <concepts>
#include <variant>

#include <boost/json/value.hpp>

#include "rollcall/core/check.hpp"
#include "rollcall/core/hash.hpp"
#include "rollcall/core/ids.hpp"
#include "rollcall/core/text.hpp"

namespace rollcall::sync {
namespace {

using names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 2> profile_names{"learnamp", "wethrive"};
constexpr std::array<std::string_view, 2> link_key_names{"id", "email"};
constexpr std::array<std::string_view, 2> bad_email_names{"reject", "stop"};
constexpr std::array<std::string_view, 2> out_of_scope_names{"keep", "deactivate"};
constexpr std::array<std::string_view, 2> reactivation_names{"ours", "hr_wins"};
constexpr std::array<std::string_view, 2> missing_names{"report", "deactivate"};
constexpr std::array<std::string_view, 2> schedule_names{"daily", "off"};

// How one setting is read and written. The getters and setters are captureless, so that the table
// is a constant; enumerations are handled by their index into their names.
struct enum_access {
    names allowed;
    std::size_t (*get)(const tenant_settings&);
    void (*set)(tenant_settings&, std::size_t);
};
struct number_access {
    std::int64_t low, high;
    std::int64_t (*get)(const tenant_settings&);
    void (*set)(tenant_settings&, std::int64_t);
};
struct bool_access {
    bool tenant_settings::* member;
};
struct text_access {
    std::string tenant_settings::* member;
    const char* (*check)(std::string_view); // null if good, else what is wrong
};
using access = std::variant<enum_access, number_access, bool_access, text_access>;

template <auto Member, class Enum>
constexpr enum_access choice(names allowed) {
    return {allowed, [](const tenant_settings& s) { return static_cast<std::size_t>(s.*Member); },
            [](tenant_settings& s, std::size_t v) { s.*Member = static_cast<Enum>(v); }};
}

template <auto Member, class Number>
constexpr number_access number(std::int64_t low, std::int64_t high) {
    return {low, high,
            [](const tenant_settings& s) { return static_cast<std::int64_t>(s.*Member); },
            [](tenant_settings& s, std::int64_t v) { s.*Member = static_cast<Number>(v); }};
}

const char* check_url(std::string_view url) {
    if (url.starts_with("https://") && url.size() > 8) return nullptr;
    // Plain HTTP would send the key in clear: only to this machine, for tests and the simulator.
    // The host is looked at whole: "localhost.example.com" is not this machine.
    if (url.starts_with("http://")) {
        url.remove_prefix(7);
        const auto host =
            url.substr(0, url.find_first_of(":/?#", url.starts_with("[::1]") ? 5 : 0));
        const bool ipv4 = host.starts_with("127.") &&
                          host.find_first_not_of("0123456789.") == std::string_view::npos;
        // "127.0.0.1:x@example.com" is example.com.
        const bool user = url.substr(0, url.find('/')).find('@') != std::string_view::npos;
        if (!user && (ipv4 || host == "localhost" || host == "[::1]")) return nullptr;
    }
    return "it must begin with https:// (http:// is accepted for a loopback address only)";
}

const char* check_zone(std::string_view zone) {
    absl::TimeZone parsed;
    return absl::LoadTimeZone({zone.data(), zone.size()}, &parsed)
               ? nullptr
               : "it is not a zone of the tz database (examples: Europe/London, "
                 "Australia/Melbourne)";
}

const char* check_any(std::string_view) {
    return nullptr;
}

struct entry {
    setting_row row;
    access how;
};

using s = tenant_settings;

const std::array table{
    entry{{"profile", "which product's rules apply: the defaults of all other settings",
           "learnamp, wethrive"},
          choice<&s::profile, profile>(profile_names)},
    entry{{"base_url", "address of the PeopleHR API", "an https:// address"},
          text_access{&s::base_url, check_url}},
    entry{{"company", "take only employees of this Company; empty: everybody (LA-5)", "text"},
          text_access{&s::company, check_any}},
    entry{{"time_zone", "zone in which dates begin and end (T-1)", "an IANA zone name"},
          text_access{&s::time_zone, check_zone}},
    entry{{"known_as", "first name from Known As where it is set", "true, false"},
          bool_access{&s::known_as}},
    entry{{"email_fallback", "match by e-mail when the PeopleHR id is unknown (LA-11)",
           "true, false"},
          bool_access{&s::email_fallback}},
    entry{{"team_from_department", "the department is synced (LA-28)", "true, false"},
          bool_access{&s::team_from_department}},
    entry{
        {"manager_from_reports_to", "the manager is synced from Reports To (LA-36)", "true, false"},
        bool_access{&s::manager_from_reports_to}},
    entry{{"link_key", "what links a user to an employee; email is WeThrive's literal mode (WT-4)",
           "id, email"},
          choice<&s::link_key, link_key>(link_key_names)},
    entry{{"bad_email", "a bad or shared e-mail rejects its record, or stops the run (WT-3)",
           "reject, stop"},
          choice<&s::bad_email, bad_email>(bad_email_names)},
    entry{{"out_of_scope", "what becomes of a user whose Company no longer matches (LA-7)",
           "keep, deactivate"},
          choice<&s::out_of_scope, out_of_scope>(out_of_scope_names)},
    entry{{"reactivation", "who is reactivated on return: those we deactivated, or all (LA-16)",
           "ours, hr_wins"},
          choice<&s::reactivation, reactivation>(reactivation_names)},
    entry{{"missing_policy", "what becomes of a person missing from missing_after snapshots (G-3)",
           "report, deactivate"},
          choice<&s::missing_policy, missing_policy>(missing_names)},
    entry{{"schedule", "daily sync, or only when asked (LA-46, WT-5)", "daily, off"},
          choice<&s::schedule, schedule>(schedule_names)},
    entry{{"missing_after", "complete snapshots without a person until it is reported (G-3)",
           "1 to 30 snapshots"},
          number<&s::missing_after, std::uint8_t>(1, 30)},
    entry{{"gate_headcount_percent", "change of the head count that is implausible (G-2)",
           "1 to 100 percent"},
          number<&s::gate_headcount_percent, std::uint8_t>(1, 100)},
    entry{{"gate_blank_percent", "rise of a field's share of blanks that is implausible (G-2)",
           "1 to 100 percentage points"},
          number<&s::gate_blank_percent, std::uint8_t>(1, 100)},
    entry{{"gate_distinct_percent",
           "change of the number of departments or locations that is implausible (G-2)",
           "1 to 100 percent"},
          number<&s::gate_distinct_percent, std::uint8_t>(1, 100)},
    entry{{"gate_floor_people",
           "changes of up to so many people are never implausible, but for an empty list (G-2)",
           "0 to 10000 people"},
          number<&s::gate_floor_people, std::uint16_t>(0, 10'000)},
    entry{{"calls_per_minute", "calls in any sliding minute for this tenant (B-1)",
           "1 to 60000 calls"},
          number<&s::calls_per_minute, std::uint16_t>(1, 60'000)},
};

constexpr std::size_t table_size = std::tuple_size_v<decltype(table)>;

const entry* find(std::string_view name) {
    for (const auto& each : table) {
        if (each.row.name == name) return &each;
    }
    return nullptr;
}

failure refuse(const entry& which, std::string_view value, std::string_view why = {}) {
    std::string detail =
        "setting '" + std::string(which.row.name) + "': '" + std::string(value) + "' ";
    if (why.empty()) {
        detail += "is not allowed; it takes " + std::string(which.row.allowed);
    } else {
        detail += "is not allowed: " + std::string(why);
    }
    return {errc::invalid_argument, std::move(detail)};
}

outcome<void> apply(tenant_settings& in, const entry& which, std::string_view value) {
    if (const auto* e = std::get_if<enum_access>(&which.how)) {
        for (std::size_t i = 0; i < e->allowed.size(); ++i) {
            if (e->allowed[i] == value) {
                e->set(in, i);
                return {};
            }
        }
        return refuse(which, value);
    }
    if (const auto* n = std::get_if<number_access>(&which.how)) {
        std::int64_t parsed = 0;
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), parsed);
        if (error != std::errc{} || end != value.data() + value.size() || parsed < n->low ||
            parsed > n->high) {
            return refuse(which, value);
        }
        n->set(in, parsed);
        return {};
    }
    if (const auto* b = std::get_if<bool_access>(&which.how)) {
        if (value != "true" && value != "false") return refuse(which, value);
        in.*(b->member) = value == "true";
        return {};
    }
    const auto& t = std::get<text_access>(which.how);
    if (!valid_utf8(value)) return refuse(which, "…", "it is not UTF-8");
    if (value.size() > 200)
        return refuse(which, value.substr(0, 20), "it is longer than 200 bytes");
    if (const char* why = t.check(value)) return refuse(which, value, why);
    std::string scratch;
    in.*(t.member) = normalise(value, scratch);
    return {};
}

std::string text_of(const tenant_settings& in, const entry& which) {
    if (const auto* e = std::get_if<enum_access>(&which.how))
        return std::string(e->allowed[e->get(in)]);
    if (const auto* n = std::get_if<number_access>(&which.how)) return std::to_string(n->get(in));
    if (const auto* b = std::get_if<bool_access>(&which.how))
        return in.*(b->member) ? "true" : "false";
    return in.*(std::get<text_access>(which.how).member);
}

failure unknown(std::string_view name) {
    std::array<std::string_view, table_size> known;
    for (std::size_t i = 0; i < table_size; ++i) known[i] = table[i].row.name;
    std::string detail = "there is no setting '" + std::string(name) + "'";
    if (const auto near = nearest_name(name, known); !near.empty()) {
        detail += "; did you mean '" + std::string(near) + "'?";
    }
    return {errc::invalid_argument, std::move(detail)};
}

} // namespace

std::span<const setting_row> setting_rows() noexcept {
    static const auto rows = [] {
        std::array<setting_row, table_size> out;
        for (std::size_t i = 0; i < table_size; ++i) out[i] = table[i].row;
        return out;
    }();
    return rows;
}

std::string_view name_of(profile which) noexcept {
    return profile_names[static_cast<std::size_t>(which)];
}

tenant_settings defaults_of(profile which) {
    tenant_settings settings;
    settings.profile = which;
    // WT-3, WT-4: the e-mail is WeThrive's key, so an unknown id is looked for by e-mail.
    if (which == profile::wethrive) settings.email_fallback = true;
    return settings;
}

outcome<void> set_setting(tenant_settings& in, std::string_view name, std::string_view value) {
    const auto* which = find(name);
    if (which == nullptr) return unknown(name);
    return apply(in, *which, value);
}

std::string setting_text(const tenant_settings& in, std::string_view name) {
    const auto* which = find(name);
    ROLLCALL_CHECK(which != nullptr);
    return text_of(in, *which);
}

boost::json::object to_json(const tenant_settings& settings) {
    boost::json::object out;
    for (const auto& each : table) {
        auto& slot = out[each.row.name];
        if (const auto* n = std::get_if<number_access>(&each.how)) {
            slot = n->get(settings);
        } else if (const auto* b = std::get_if<bool_access>(&each.how)) {
            slot = settings.*(b->member);
        } else {
            slot = text_of(settings, each);
        }
    }
    return out;
}

settings_or_failures settings_from_json(const boost::json::object& object) {
    settings_or_failures out;
    // The profile first: it decides what all others start from.
    if (const auto* chosen = object.if_contains("profile");
        chosen != nullptr && chosen->is_string()) {
        for (std::size_t i = 0; i < profile_names.size(); ++i) {
            if (profile_names[i] == std::string_view(chosen->get_string())) {
                out.settings = defaults_of(static_cast<profile>(i));
            }
        }
    }
    for (const auto& member : object) {
        const std::string_view name(member.key());
        const auto* which = find(name);
        if (which == nullptr) {
            out.failures.push_back(unknown(name));
            continue;
        }
        std::string text;
        const auto& value = member.value();
        if (value.is_string()) {
            text = std::string_view(value.get_string());
        } else if (value.is_bool()) {
            text = value.get_bool() ? "true" : "false";
        } else if (value.is_int64()) {
            text = std::to_string(value.get_int64());
        } else if (value.is_uint64()) {
            text = std::to_string(value.get_uint64());
        } else {
            out.failures.push_back(refuse(*which, "(not a text, number or boolean)"));
            continue;
        }
        if (auto done = apply(out.settings, *which, text); !done)
            out.failures.push_back(done.error());
    }
    return out;
}

std::uint64_t mapping_fingerprint(const tenant_settings& settings) noexcept {
    const std::uint64_t flags =
        (settings.known_as ? 1u : 0u) | (settings.email_fallback ? 2u : 0u) |
        (settings.team_from_department ? 4u : 0u) | (settings.manager_from_reports_to ? 8u : 0u) |
        (static_cast<std::uint64_t>(settings.link_key) << 8) |
        (static_cast<std::uint64_t>(settings.profile) << 16) |
        (static_cast<std::uint64_t>(settings.out_of_scope) << 24) |
        (static_cast<std::uint64_t>(settings.reactivation) << 32);
    return hash64(settings.company, flags);
}

} // namespace rollcall::sync
