// Routes of edits by hand: users, teams, members; and of the erasing of a person.
#include "desk_body.hpp"
#include "desk_routes.hpp"
#include "desk_views.hpp"
#include "sliced_document.hpp"

namespace rollcall::edge {
namespace {

struct field_request {
    std::vector<sync::edit> fields;
    faults wrong;
};

outcome<field_request> read_field_request(std::string& body, bool may_clear) {
    const auto object = read_object(body);
    if (!object) return object.error();
    field_request out;
    member_reader members(*object, "", out.wrong);
    out.fields = read_fields(members, may_clear, out.wrong);
    members.refuse_others();
    return out;
}

} // namespace

task<http::response> desk_routes::add_user(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    auto asked = read_field_request(incoming.body, false);
    if (!asked) co_return http::problem(asked.error());
    if (!asked->wrong.empty()) co_return faults_problem(asked->wrong);
    auto end = co_await desk_.add_user(tenant, std::move(asked->fields));
    co_return done_answer("control.user_added", incoming, tenant, std::move(end));
}

task<http::response> desk_routes::edit_user(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    auto asked = read_field_request(incoming.body, true);
    if (!asked) co_return http::problem(asked.error());
    if (!asked->wrong.empty()) co_return faults_problem(asked->wrong);
    auto end =
        co_await desk_.edit_user(tenant, incoming.parameters.at("user"), std::move(asked->fields));
    co_return done_answer("control.user_edited", incoming, tenant, std::move(end));
}

task<http::response> desk_routes::delete_user(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const std::string tenant = incoming.parameters.at("tenant");
    auto end = co_await desk_.delete_user(tenant, incoming.parameters.at("user"));
    co_return done_answer("control.user_deleted", incoming, tenant, std::move(end));
}

task<http::response> desk_routes::erase(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    const auto body = read_object(incoming.body);
    if (!body) co_return http::problem(body.error());
    faults wrong;
    member_reader members(*body, "", wrong);
    auto person = read_text(members, "person", person_bytes_max);
    const bool even_active = members.flag("even_active").value_or(false);
    members.refuse_others();
    if (!wrong.empty()) co_return faults_problem(wrong);
    auto end = co_await desk_.erase(tenant, std::move(person), even_active);
    co_return done_answer("control.person_erased", incoming, tenant, std::move(end));
}

task<http::response> desk_routes::list_teams(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const std::string tenant = incoming.parameters.at("tenant");
    auto teams = desk_.teams(tenant);
    if (!teams) co_return problem_of(teams.error(), tenant);
    co_return stream_list(home_, "teams", std::move(*teams),
                          [](const sync::team_view& one) { return to_json(one); });
}

task<http::response> desk_routes::add_team(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    auto asked = read_field_request(incoming.body, false);
    if (!asked) co_return http::problem(asked.error());
    if (!asked->wrong.empty()) co_return faults_problem(asked->wrong);
    auto end = co_await desk_.add_team(tenant, std::move(asked->fields));
    co_return done_answer("control.team_added", incoming, tenant, std::move(end));
}

task<http::response> desk_routes::edit_team(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    auto asked = read_field_request(incoming.body, true);
    if (!asked) co_return http::problem(asked.error());
    if (!asked->wrong.empty()) co_return faults_problem(asked->wrong);
    auto end =
        co_await desk_.edit_team(tenant, incoming.parameters.at("team"), std::move(asked->fields));
    co_return done_answer("control.team_edited", incoming, tenant, std::move(end));
}

task<http::response> desk_routes::delete_team(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const std::string tenant = incoming.parameters.at("tenant");
    auto end = co_await desk_.delete_team(tenant, incoming.parameters.at("team"));
    co_return done_answer("control.team_deleted", incoming, tenant, std::move(end));
}

task<http::response> desk_routes::set_member(http::request incoming, bool member) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const std::string tenant = incoming.parameters.at("tenant");
    auto end = co_await desk_.set_member(tenant, incoming.parameters.at("team"),
                                         incoming.parameters.at("user"), member);
    co_return done_answer("control.team_member_set", incoming, tenant, std::move(end));
}

task<http::response> desk_routes::add_member(http::request incoming) {
    return set_member(std::move(incoming), true);
}

task<http::response> desk_routes::remove_member(http::request incoming) {
    return set_member(std::move(incoming), false);
}

} // namespace rollcall::edge
