#include "settings_table.hpp"

#include <array>

#include "settings_values.hpp"

namespace rollcall::sync {
namespace {

using s = tenant_settings;
using enum bears_on;

constexpr std::array<std::string_view, 2> profile_texts{"learnamp", "wethrive"};
constexpr std::array<std::string_view, 2> link_key_texts{"id", "email"};
constexpr std::array<std::string_view, 2> bad_email_texts{"reject", "stop"};
constexpr std::array<std::string_view, 2> out_of_scope_texts{"keep", "deactivate"};
constexpr std::array<std::string_view, 2> reactivation_texts{"ours", "hr_wins"};
constexpr std::array<std::string_view, 2> missing_texts{"report", "deactivate"};
constexpr std::array<std::string_view, 2> schedule_texts{"daily", "off"};
constexpr std::array<std::string_view, 3> invite_texts{"never", "immediately", "hire_date"};
constexpr std::array<std::string_view, 2> leavers_texts{"deactivate", "report"};
constexpr std::array<std::string_view, 2> history_texts{"current", "versioned"};

// The allowed values of kinds that occur more than once.
constexpr std::string_view yes_no = "true, false";
constexpr std::string_view a_limit =
    "off, or any of people=N percent=N max=N week_percent=N, people not without percent";

template <auto Member>
constexpr enum_access choice(std::span<const std::string_view> names) {
    using value = std::remove_reference_t<decltype(std::declval<s&>().*Member)>;
    return {names, [](const s& in) { return static_cast<std::size_t>(in.*Member); },
            [](s& in, std::size_t v) { in.*Member = static_cast<value>(v); }};
}

template <auto Member>
constexpr number_access number(std::int64_t low, std::int64_t high) {
    using value = std::remove_reference_t<decltype(std::declval<s&>().*Member)>;
    return {low, high, [](const s& in) { return static_cast<std::int64_t>(in.*Member); },
            [](s& in, std::int64_t v) { in.*Member = static_cast<value>(v); }};
}

template <guard Which>
constexpr grammar_access limit() {
    constexpr auto at = static_cast<std::size_t>(Which);
    return {[](s& in, std::string_view text) { return read_limit(text, in.limits[at]); },
            [](const s& in) { return limit_text(in.limits[at]); }};
}

constexpr grammar_access people_list{
    [](s& in, std::string_view text) { return read_people(text, in.protected_users); },
    [](const s& in) { return people_text(in.protected_users); }, true};
constexpr grammar_access field_list{
    [](s& in, std::string_view text) { return read_extra_fields(text, in.extra_fields); },
    [](const s& in) { return extra_fields_text(in.extra_fields); }, true};

std::string check_any(std::string_view) {
    return {};
}

constexpr std::string_view product = "Product and connection";
constexpr std::string_view scope = "Who is taken";
constexpr std::string_view identity = "Who is who";
constexpr std::string_view values = "Fields";
constexpr std::string_view teams = "Teams";
constexpr std::string_view managers = "Managers";
constexpr std::string_view mails = "Invitations and mails";
constexpr std::string_view leaving = "Leaving, missing, coming back";
constexpr std::string_view licences = "Licences and history";
constexpr std::string_view when = "When it runs";
constexpr std::string_view gate = "Which answers are believed";
constexpr std::string_view breakers = "How much may change before a person is asked";

constexpr std::array table{
    setting_entry{{"profile", "which product's rules apply: the defaults of all other settings",
                   "learnamp, wethrive"},
                  product,
                  people,
                  choice<&s::profile>(profile_texts)},
    setting_entry{
        {"base_url", "address of the PeopleHR API", "an address that begins with https://"},
        product,
        runs,
        text_access{&s::base_url, check_url}},
    setting_entry{{"time_zone", "zone in which dates begin and end (T-1)", "an IANA zone name"},
                  product,
                  runs,
                  text_access{&s::time_zone, check_zone}},

    setting_entry{
        {"company", "take only employees of this Company; empty: everybody (LA-5, LA-6)", "text"},
        scope,
        people,
        text_access{&s::company, check_any}},
    setting_entry{{"out_of_scope", "what becomes of a user whose Company no longer matches (LA-7)",
                   "keep, deactivate"},
                  scope,
                  people,
                  choice<&s::out_of_scope>(out_of_scope_texts)},

    setting_entry{
        {"email_fallback", "match by e-mail when the PeopleHR id is unknown (LA-11)", yes_no},
        identity,
        people,
        bool_access{&s::email_fallback}},
    setting_entry{
        {"link_key", "what links a user to an employee; email is WeThrive's literal mode (WT-4)",
         "id, email"},
        identity,
        people,
        choice<&s::link_key>(link_key_texts)},
    setting_entry{
        {"bad_email", "a bad or shared e-mail rejects its record, or stops the run (WT-3)",
         "reject, stop"},
        identity,
        runs,
        choice<&s::bad_email>(bad_email_texts)},
    setting_entry{{"id_reuse_days",
                   "days after which the id of somebody who left, on a record with nothing else in "
                   "common, is taken for a new person's and asked about; 0: never (LA-17)",
                   "0 to 3650 days"},
                  identity,
                  people,
                  number<&s::id_reuse_days>(0, 3650)},

    setting_entry{{"known_as", "first name from Known As where it is set", yes_no},
                  values,
                  people,
                  bool_access{&s::known_as}},
    setting_entry{{"extra_fields", "source fields that become attributes of the user (G-14, LA-20)",
                   "at most 16 of attribute=Source, separated by commas"},
                  values,
                  people,
                  field_list},

    setting_entry{{"team_from_department", "the department is the primary team (LA-28)", yes_no},
                  teams,
                  people,
                  bool_access{&s::team_from_department}},
    setting_entry{{"remove_stale_teams",
                   "remove teams that the sync added once no department matches (LA-31)", yes_no},
                  teams,
                  runs,
                  bool_access{&s::remove_stale_teams}},
    setting_entry{{"stale_team_after", "complete snapshots until such a team is removed (LA-31)",
                   "1 to 30 snapshots"},
                  teams,
                  runs,
                  number<&s::stale_team_after>(1, 30)},
    setting_entry{{"owner_manages_new_teams",
                   "a team that the sync adds gets the Owner as its manager (LA-32)", yes_no},
                  teams,
                  runs,
                  bool_access{&s::owner_manages_new_teams}},
    setting_entry{{"team_owner",
                   "which of several Owners that is; empty: the one who was there first (LA-32)",
                   "a PeopleHR id or e-mail"},
                  teams,
                  runs,
                  text_access{&s::team_owner, check_any}},
    setting_entry{{"clear_blank_department",
                   "a blank department takes the user out of the primary team (LA-34)", yes_no},
                  teams,
                  people,
                  bool_access{&s::clear_blank_department}},

    setting_entry{
        {"manager_from_reports_to", "the manager is synced from Reports To (LA-36)", yes_no},
        managers,
        people,
        bool_access{&s::manager_from_reports_to}},

    setting_entry{{"invite", "when people whom the sync creates are invited (LA-21)",
                   "never, immediately, hire_date"},
                  mails,
                  runs,
                  choice<&s::invite>(invite_texts)},
    setting_entry{{"invite_hour", "local hour of the hire date at which they are (LA-23, T-1)",
                   "0 to 23 o'clock"},
                  mails,
                  runs,
                  number<&s::invite_hour>(0, 23)},
    setting_entry{
        {"silent_updates", "no mail to users about details that the sync changed (LA-27)", yes_no},
        mails,
        runs,
        bool_access{&s::silent_updates}},

    setting_entry{{"leavers", "what becomes of a user whose leaving date has ended (LA-43, WT-8)",
                   "deactivate, report"},
                  leaving,
                  people,
                  choice<&s::leavers>(leavers_texts)},
    setting_entry{{"protected_users", "people whom the sync never deactivates (LA-45)",
                   "PeopleHR ids and e-mails, separated by commas"},
                  leaving,
                  people,
                  people_list},
    setting_entry{{"reactivation",
                   "who is reactivated on return: those we deactivated, or all (LA-16, LA-17)",
                   "ours, hr_wins"},
                  leaving,
                  people,
                  choice<&s::reactivation>(reactivation_texts)},
    setting_entry{{"missing_policy",
                   "what becomes of a person missing from missing_after snapshots (G-3, LA-44)",
                   "report, deactivate"},
                  leaving,
                  runs,
                  choice<&s::missing_policy>(missing_texts)},
    setting_entry{
        {"missing_after", "complete snapshots without a person until it is reported (G-3)",
         "1 to 30 snapshots"},
        leaving,
        runs,
        number<&s::missing_after>(1, 30)},

    setting_entry{
        {"seats", "licences: active people at most; 0: no limit (WT-6)", "0 to 1000000 people"},
        licences,
        runs,
        number<&s::seats>(0, 1'000'000)},
    setting_entry{{"history", "keep only present values, or every version with its time (WT-7)",
                   "current, versioned"},
                  licences,
                  runs,
                  choice<&s::history>(history_texts)},

    setting_entry{{"schedule", "daily sync, or only when asked (LA-46, WT-5)", "daily, off"},
                  when,
                  runs,
                  choice<&s::schedule>(schedule_texts)},
    setting_entry{{"calls_per_minute", "calls in any sliding minute for this tenant (B-1)",
                   "1 to 60000 calls"},
                  when,
                  runs,
                  number<&s::calls_per_minute>(1, 60'000)},
    setting_entry{{"paged_reading",
                   "everybody is read page by page where the key may do that, with a call for each "
                   "page (B-1)",
                   yes_no},
                  when,
                  runs,
                  bool_access{&s::paged_reading}},
    setting_entry{{"page_rows", "employees on such a page", "1 to 500 employees"},
                  when,
                  runs,
                  number<&s::page_rows>(1, 500)},

    setting_entry{{"gate_headcount_percent", "change of the head count that is implausible (G-2)",
                   "1 to 100 percent"},
                  gate,
                  runs,
                  number<&s::gate_headcount_percent>(1, 100)},
    setting_entry{
        {"gate_blank_percent", "rise of a field's share of blanks that is implausible (G-2)",
         "1 to 100 percentage points"},
        gate,
        runs,
        number<&s::gate_blank_percent>(1, 100)},
    setting_entry{{"gate_distinct_percent",
                   "change of the number of departments or locations that is implausible (G-2)",
                   "1 to 100 percent"},
                  gate,
                  runs,
                  number<&s::gate_distinct_percent>(1, 100)},
    setting_entry{
        {"gate_floor_people",
         "changes of up to so many people are never implausible, but for an empty list (G-2)",
         "0 to 10000 people"},
        gate,
        runs,
        number<&s::gate_floor_people>(0, 10'000)},

    setting_entry{{"limit_create", "people created in a day (G-5)", a_limit},
                  breakers,
                  runs,
                  limit<guard::create>()},
    setting_entry{{"limit_email", "people whose e-mail changes in a day (G-5)", a_limit},
                  breakers,
                  runs,
                  limit<guard::email>()},
    setting_entry{{"limit_id", "people whose PeopleHR id changes in a day (G-5)", a_limit},
                  breakers,
                  runs,
                  limit<guard::id>()},
    setting_entry{{"limit_manager", "people who get another manager in a day (G-5)", a_limit},
                  breakers,
                  runs,
                  limit<guard::manager>()},
    setting_entry{
        {"limit_clearing", "people who lose their manager or team in a day (G-5)", a_limit},
        breakers,
        runs,
        limit<guard::clearing>()},
    setting_entry{
        {"limit_blanking", "people of whom any other field is blanked in a day (G-5)", a_limit},
        breakers,
        runs,
        limit<guard::blanking>()},
    setting_entry{{"limit_move", "people who get another primary team in a day (G-5)", a_limit},
                  breakers,
                  runs,
                  limit<guard::move>()},
    setting_entry{{"limit_deactivation", "people deactivated in a day (G-5)", a_limit},
                  breakers,
                  runs,
                  limit<guard::deactivation>()},
    setting_entry{
        {"limit_scope", "people who fall out of the company's scope in a day (LA-7)", a_limit},
        breakers,
        runs,
        limit<guard::scope>()},
    setting_entry{
        {"limit_team_removal", "teams removed in a day, measured by people (LA-31)", a_limit},
        breakers,
        runs,
        limit<guard::team_removal>()},
    setting_entry{{"limit_invitation", "people invited in an hour (G-5)", a_limit},
                  breakers,
                  runs,
                  limit<guard::invitation>()},
};

} // namespace

std::span<const setting_entry> setting_table() noexcept {
    return table;
}

const setting_entry* find_setting(std::string_view name) noexcept {
    for (const auto& each : table) {
        if (each.row.name == name) return &each;
    }
    return nullptr;
}

std::span<const setting_row> setting_rows() noexcept {
    static const auto rows = [] {
        std::array<setting_row, table.size()> out;
        for (std::size_t i = 0; i < table.size(); ++i) out[i] = table[i].row;
        return out;
    }();
    return rows;
}

std::span<const std::string_view> profile_names() noexcept {
    return profile_texts;
}

std::string_view name_of(profile which) noexcept {
    return profile_texts[static_cast<std::size_t>(which)];
}

std::string text_of(const tenant_settings& in, const setting_entry& which) {
    if (const auto* e = std::get_if<enum_access>(&which.how)) {
        return std::string(e->names[e->get(in)]);
    }
    if (const auto* n = std::get_if<number_access>(&which.how)) return std::to_string(n->get(in));
    if (const auto* b = std::get_if<bool_access>(&which.how)) {
        return in.*(b->member) ? "true" : "false";
    }
    if (const auto* g = std::get_if<grammar_access>(&which.how)) return g->write(in);
    return in.*(std::get<text_access>(which.how).member);
}

} // namespace rollcall::sync
