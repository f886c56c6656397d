// A user as JSON: the neutral names, and those of the profile (sections 1 and 2 of the behaviour).
#include "rollcall/core/text.hpp"
#include "views.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;
using directory::field;

json::value date_or_null(date d) {
    return d == date{} ? json::value(nullptr) : json::value(to_string(d));
}

std::string_view owner_name(directory::owner who) {
    switch (who) {
        case directory::owner::never_set: return "never_set";
        case directory::owner::ours: return "ours";
        case directory::owner::manual: return "manual";
    }
    return "never_set";
}

json::object ownership_json(const directory::user_meta& meta) {
    json::object out;
    for (std::size_t i = 0; i < directory::field_count; ++i) {
        out[name_of(static_cast<field>(i))] = owner_name(meta.ownership[i]);
    }
    return out;
}

std::string full_name(const directory::user_values& values) {
    std::string name(values.get(field::first_name));
    const auto last = values.get(field::last_name);
    if (!name.empty() && !last.empty()) name += ' ';
    return name.append(last);
}

// The field table of Learn Amp. A switched-off option means "never touched" (LA-28, LA-36), so its
// field is absent and not null.
json::object learnamp_fields(const directory::user_values& values,
                             const sync::tenant_settings& settings) {
    json::object out{{"external_id", values.get(field::external_id)},
                     {"first_name", text_or_null(values.get(field::first_name))},
                     {"last_name", text_or_null(values.get(field::last_name))},
                     {"full_name", text_or_null(full_name(values))},
                     {"email", text_or_null(values.get(field::email))},
                     {"job_title", text_or_null(values.get(field::job_title))},
                     {"location", text_or_null(values.get(field::location))},
                     {"hire_date", date_or_null(values.start_date)},
                     {"leave_date", date_or_null(values.leaving_date)},
                     {"avatar", text_or_null(values.get(field::avatar))}};
    if (settings.team_from_department) {
        out["primary_team"] = text_or_null(values.get(field::department));
    }
    if (settings.manager_from_reports_to) {
        out["override_manager"] = text_or_null(values.get(field::manager_id));
    }
    return out;
}

// WT-2 and WT-11; Unit is never written, so it is not here.
json::object wethrive_fields(const directory::user_values& values, std::string_view manager_email) {
    return {{"email", text_or_null(values.get(field::email))},
            {"name", text_or_null(full_name(values))},
            {"team", text_or_null(values.get(field::job_title))},
            {"location", text_or_null(values.get(field::location))},
            {"department", text_or_null(values.get(field::department))},
            {"manager", text_or_null(manager_email)}};
}

} // namespace

json::object user_json(const directory::user_meta& meta, const directory::user_values& values,
                       std::string_view manager_email, const sync::tenant_settings& settings) {
    return {{"id", values.get(field::external_id)},
            {"uid", meta.uid},
            {"email", text_or_null(values.get(field::email))},
            {"first_name", text_or_null(values.get(field::first_name))},
            {"last_name", text_or_null(values.get(field::last_name))},
            {"full_name", text_or_null(full_name(values))},
            {"job_title", text_or_null(values.get(field::job_title))},
            {"location", text_or_null(values.get(field::location))},
            {"department", text_or_null(values.get(field::department))},
            {"company", text_or_null(values.get(field::company))},
            {"manager_id", text_or_null(values.get(field::manager_id))},
            {"manager_email", text_or_null(manager_email)},
            {"start_date", date_or_null(values.start_date)},
            {"leaving_date", date_or_null(values.leaving_date)},
            {"avatar", text_or_null(values.get(field::avatar))},
            {"state", meta.state == directory::user_state::active ? "active" : "inactive"},
            {"managed", meta.managed},
            {"created_by_us", meta.created_by_us},
            {"deactivated_by_us", meta.deactivated_by_us},
            {"missing", meta.missing},
            {"ownership", ownership_json(meta)},
            {"fields", settings.profile == sync::profile::learnamp
                           ? learnamp_fields(values, settings)
                           : wethrive_fields(values, manager_email)}};
}

json::object user_json(const directory::tenant_directory& users, directory::user_ref which,
                       const sync::tenant_settings& settings) {
    const auto values = users.values(which);
    std::string_view manager_email;
    if (const auto manager = users.find_by_id(values.get(field::manager_id));
        manager != directory::user_ref::none) {
        manager_email = users.text(manager, field::email);
    }
    return user_json(users.meta(which), values, manager_email, settings);
}

} // namespace rollcall::edge
