// The neutral names of a user, and those of the profile (sections 1 and 2 of the behaviour).
#include "user_view.hpp"

#include <boost/json/parse.hpp>

#include "rollcall/core/text.hpp"
#include "step_view.hpp"
#include "views.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;
using directory::field;
using directory::user_ref;

json::value date_or_null(date d) {
    return d.is_set() ? json::value(to_string(d)) : json::value(nullptr);
}

json::object ownership_json(const directory::user_meta& meta) {
    json::object out;
    for (std::size_t i = 0; i < directory::field_count; ++i) {
        out[name_of(static_cast<field>(i))] = owner_name(meta.ownership[i]);
    }
    return out;
}

// Extra fields (G-14) are kept as the text of a JSON object.
json::value attributes_json(std::string_view text) {
    if (text.empty()) return json::object{};
    boost::system::error_code error;
    auto value = json::parse(json::string_view(text.data(), text.size()), error);
    return error ? json::value(nullptr) : value;
}

} // namespace

sync::invitation_state shown_state(const sync::invitation& what, wall_time now) {
    using enum sync::invitation_state;
    return what.state == scheduled && what.due <= now ? due : what.state;
}

user_ref user_viewer::find(std::uint32_t uid) {
    if (!by_uid_) {
        by_uid_.emplace();
        by_uid_->reserve(books_.users.size());
        books_.users.for_each(
            [this](user_ref which) { by_uid_->emplace(books_.users.meta(which).uid, which); });
    }
    const auto at = by_uid_->find(uid);
    return at == by_uid_->end() ? user_ref::none : at->second;
}

user_ref user_viewer::manager_of(const directory::user_meta& meta,
                                 const directory::user_values& values) {
    if (meta.manager == 0) return user_ref::none;
    const auto wanted = books_.users.find_by_id(values.get(field::manager_id));
    if (wanted != user_ref::none && books_.users.meta(wanted).uid == meta.manager) return wanted;
    return find(meta.manager);
}

json::value user_viewer::manager_json(user_ref manager) const {
    if (manager == user_ref::none) return nullptr;
    const auto values = books_.users.values(manager);
    return json::object{{"uid", books_.users.meta(manager).uid},
                        {"id", text_or_null(values.get(field::external_id))},
                        {"email", text_or_null(values.get(field::email))},
                        {"name", text_or_null(full_name(values))}};
}

json::value user_viewer::team_json(const directory::user_values& values) const {
    std::string scratch;
    const auto* team = books_.teams.find_by_key(fold(values.get(field::department), scratch));
    if (team == nullptr) return nullptr;
    return json::object{{"id", team->id}, {"name", team->name}};
}

json::value user_viewer::invitation_json(std::uint32_t uid) const {
    const auto* found = books_.invitations.find(uid);
    if (found == nullptr) return nullptr;
    return json::object{{"state", name_of(shown_state(*found, now_))},
                        {"due", time_json(found->due)},
                        {"sent", time_json(found->sent)}};
}

json::object user_viewer::fields_json(const directory::user_values& values,
                                      user_ref manager) const {
    const auto text = [&](field f) { return text_or_null(values.get(f)); };
    const auto of_manager = [&](field f) {
        return manager == user_ref::none ? json::value(nullptr)
                                         : text_or_null(books_.users.text(manager, f));
    };
    if (settings_.profile == sync::profile::wethrive) {
        // WT-2 and WT-11; Unit is never written, so it is not here.
        return {{"email", text(field::email)},           {"name", text_or_null(full_name(values))},
                {"team", text(field::job_title)},        {"location", text(field::location)},
                {"department", text(field::department)}, {"manager", of_manager(field::email)}};
    }
    // The field table of Learn Amp. A switched-off option means "never touched" (LA-28), so its
    // field is absent and not null.
    json::object out{{"external_id", text(field::external_id)},
                     {"first_name", text(field::first_name)},
                     {"last_name", text(field::last_name)},
                     {"full_name", text_or_null(full_name(values))},
                     {"email", text(field::email)},
                     {"job_title", text(field::job_title)},
                     {"location", text(field::location)},
                     {"hire_date", date_or_null(values.start_date)},
                     {"leave_date", date_or_null(values.leaving_date)},
                     {"avatar", text(field::avatar)}};
    if (settings_.team_from_department) out["primary_team"] = text(field::department);
    if (settings_.manager_from_reports_to) {
        out["override_manager"] = of_manager(field::external_id);
    }
    return out;
}

json::object user_viewer::view(user_ref which) {
    return view(books_.users.meta(which), books_.users.values(which));
}

json::object user_viewer::view(const directory::user_meta& meta,
                               const directory::user_values& values) {
    const auto text = [&](field f) { return text_or_null(values.get(f)); };
    const auto manager = manager_of(meta, values);
    return {{"id", text(field::external_id)},
            {"uid", meta.uid},
            {"email", text(field::email)},
            {"first_name", text(field::first_name)},
            {"last_name", text(field::last_name)},
            {"full_name", text_or_null(full_name(values))},
            {"job_title", text(field::job_title)},
            {"location", text(field::location)},
            {"department", text(field::department)},
            {"primary_team", team_json(values)},
            {"company", text(field::company)},
            {"manager", manager_json(manager)},
            {"manager_id", text(field::manager_id)},
            {"manager_email", manager == user_ref::none
                                  ? json::value(nullptr)
                                  : text_or_null(books_.users.text(manager, field::email))},
            {"manager_name", text(field::manager_name)},
            {"start_date", date_or_null(values.start_date)},
            {"leaving_date", date_or_null(values.leaving_date)},
            {"avatar", text(field::avatar)},
            {"attributes", attributes_json(values.get(field::attributes))},
            {"state", meta.state == directory::user_state::active ? "active" : "inactive"},
            {"role", meta.role == directory::user_role::owner ? "owner" : "member"},
            {"invitation", invitation_json(meta.uid)},
            {"managed", meta.managed},
            {"created_by_us", meta.created_by_us},
            {"deactivated_by_us", meta.deactivated_by_us},
            {"missing", meta.missing},
            {"ownership", ownership_json(meta)},
            {"fields", fields_json(values, manager)}};
}

} // namespace rollcall::edge
