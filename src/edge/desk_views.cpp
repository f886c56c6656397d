#include "desk_views.hpp"

#include <boost/json/array.hpp>

#include "views.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;

json::object to_json(const sync::explained_value& one) {
    return {{"what", one.what},
            {"source", text_or_null(one.source)},
            {"rule", text_or_null(one.rule)},
            {"because", text_or_null(one.because)},
            {"decision", text_or_null(one.decision)},
            {"value", text_or_null(one.value)},
            {"owner", text_or_null(one.owner)},
            {"run", one.run == 0 ? json::value(nullptr) : json::value(one.run)},
            {"since", time_json(one.since)}};
}

json::object to_json(const sync::not_done& one) {
    return {{"what", one.what},
            {"rule", text_or_null(one.rule)},
            {"because", text_or_null(one.because)},
            {"then", text_or_null(one.then)}};
}

} // namespace

json::object to_json(const sync::team_view& team) {
    json::object out{{"id", team.team.id},
                     {"name", team.team.name},
                     {"department", text_or_null(team.team.key)},
                     {"owned", team.team.owned},
                     {"parent", nullptr},
                     {"manager", nullptr},
                     {"members", team.members},
                     {"secondary_members", team.secondary},
                     {"absent", team.team.absent}};
    if (team.team.parent != 0) {
        out["parent"] = json::object{{"id", team.team.parent}, {"name", team.parent_name}};
    }
    if (team.team.manager != 0) {
        out["manager"] =
            json::object{{"uid", team.team.manager}, {"label", text_or_null(team.manager)}};
    }
    return out;
}

json::object to_json(const sync::invitation_view& one, wall_time now) {
    return {{"uid", one.what.uid},
            {"id", text_or_null(one.external_id)},
            {"email", text_or_null(one.email)},
            {"name", text_or_null(one.name)},
            {"state", name_of(shown_state(one.what, now))},
            {"due", time_json(one.what.due)},
            {"sent", time_json(one.what.sent)},
            {"automatic", one.what.automatic},
            {"first_load", one.what.first_load},
            {"waits_for_live", one.waits_for_live},
            {"held", one.held}};
}

json::object to_json(const sync::conflict_view& one) {
    auto out = to_json(one.what);
    json::array choices;
    for (const auto choice : one.choices) choices.push_back(json::value(name_of(choice)));
    out["choices"] = std::move(choices);
    out["decided"] = nullptr;
    if (one.decided) {
        out["decided"] = json::object{
            {"as", name_of(one.decided->what)},
            {"uid", one.decided->uid == 0 ? json::value(nullptr) : json::value(one.decided->uid)},
            {"at", time_json(one.decided->at)}};
    }
    return out;
}

json::object to_json(const sync::doubted_read& one) {
    return {{"rule", text_or_null(one.rule)},
            {"because", text_or_null(one.because)},
            {"then", text_or_null(one.then)},
            {"at", time_json(one.at)}};
}

json::object to_json(const sync::forecast_entry& one) {
    return {{"day", text_or_null(to_string(one.day))},
            {"what", one.what},
            {"who", text_or_null(one.who)},
            {"name", text_or_null(one.name)},
            {"rule", text_or_null(one.rule)},
            {"detail", text_or_null(one.detail)}};
}

json::object to_json(const sync::audit_entry& one, const step_names& names) {
    json::object out{{"number", one.number},
                     {"run", one.run},
                     {"cause", name_of(one.cause)},
                     {"at", time_json(one.at)},
                     {"readable", one.readable}};
    for (auto& member : to_json(one.step, names)) out.insert(std::move(member));
    out["hash"] = one.hash;
    return out;
}

json::object to_json(const sync::audit_finding& one) {
    return {{"ok", one.broken == 0},
            {"entries", one.entries},
            {"head", text_or_null(one.head)},
            {"broken", one.broken == 0 ? json::value(nullptr) : json::value(one.broken)},
            {"detail", text_or_null(one.detail)}};
}

json::object to_json(const sync::explanation& answer, user_viewer* viewer,
                     const step_names& names) {
    json::object out{{"known", answer.known},
                     {"in_source", answer.in_source},
                     {"erased", answer.erased},
                     {"at", time_json(answer.at)},
                     {"snapshot_taken", time_json(answer.snapshot_taken)},
                     {"user", nullptr}};
    if (answer.user && viewer != nullptr) {
        out["user"] = viewer->view(answer.user->meta, answer.user->values());
    }
    json::array values, stopped, history;
    for (const auto& one : answer.values) values.push_back(to_json(one));
    for (const auto& one : answer.stopped) stopped.push_back(to_json(one));
    for (const auto& one : answer.history) history.push_back(to_json(one, names));
    out["values"] = std::move(values);
    out["stopped"] = std::move(stopped);
    out["history"] = std::move(history);
    return out;
}

} // namespace rollcall::edge
