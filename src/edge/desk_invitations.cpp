// Routes of the invitations ledger (LA-21 to LA-27).
#include "desk_body.hpp"
#include "desk_routes.hpp"
#include "desk_views.hpp"
#include "sliced_document.hpp"

namespace rollcall::edge {
namespace {

struct people_request {
    std::vector<std::string> people;
    faults wrong;
};

outcome<people_request> read_people_request(std::string& body) {
    const auto object = read_object(body);
    if (!object) return object.error();
    people_request out;
    member_reader members(*object, "", out.wrong);
    out.people = read_people(members, out.wrong);
    members.refuse_others();
    return out;
}

// A body with one required text.
struct text_request {
    std::string text;
    faults wrong;
};

outcome<text_request> read_text_request(std::string& body, std::string_view name,
                                        std::size_t bytes_max) {
    const auto object = read_object(body);
    if (!object) return object.error();
    text_request out;
    member_reader members(*object, "", out.wrong);
    out.text = read_text(members, name, bytes_max);
    members.refuse_others();
    return out;
}

} // namespace

task<http::response> desk_routes::list_invitations(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    faults wrong;
    query_reader query(incoming.query, wrong);
    const auto name = query.text("state");
    query.refuse_others();
    const auto state = sync::read_invitation_state(name.value_or(""));
    if (name && !state) {
        wrong.push_back(
            {"state", "has to be not_invited, scheduled, due, sent, cancelled or confirmed"});
    }
    if (!wrong.empty()) co_return faults_problem(wrong);
    auto found = desk_.invitations(tenant);
    if (!found) co_return problem_of(found.error(), tenant);
    const auto now = home_.wall_now();
    if (state) {
        std::erase_if(*found, [&](const sync::invitation_view& one) {
            return shown_state(one.what, now) != *state;
        });
    }
    co_return stream_list(home_, "invitations", std::move(*found),
                          [now](const sync::invitation_view& one) { return to_json(one, now); });
}

task<http::response> desk_routes::send_invitations(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    auto asked = read_people_request(incoming.body);
    if (!asked) co_return http::problem(asked.error());
    if (!asked->wrong.empty()) co_return faults_problem(asked->wrong);
    auto end = co_await desk_.invite(tenant, std::move(asked->people));
    co_return done_answer("control.invitations_sent", incoming, tenant, std::move(end));
}

task<http::response> desk_routes::cancel_invitations(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    auto asked = read_people_request(incoming.body);
    if (!asked) co_return http::problem(asked.error());
    if (!asked->wrong.empty()) co_return faults_problem(asked->wrong);
    auto end = co_await desk_.cancel_invitations(tenant, std::move(asked->people));
    co_return done_answer("control.invitations_cancelled", incoming, tenant, std::move(end));
}

task<http::response> desk_routes::confirm_invitation(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    auto asked = read_text_request(incoming.body, "person", person_bytes_max);
    if (!asked) co_return http::problem(asked.error());
    if (!asked->wrong.empty()) co_return faults_problem(asked->wrong);
    auto end = co_await desk_.confirm_invitation(tenant, std::move(asked->text));
    co_return done_answer("control.invitation_confirmed", incoming, tenant, std::move(end));
}

task<http::response> desk_routes::show_go_live(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const std::string tenant = incoming.parameters.at("tenant");
    auto plan = co_await desk_.plan_go_live(tenant);
    if (!plan) co_return problem_of(plan.error(), tenant);
    co_return plan_answer(tenant, std::move(*plan));
}

task<http::response> desk_routes::go_live(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    auto asked = read_text_request(incoming.body, "digest", digest_bytes_max);
    if (!asked) co_return http::problem(asked.error());
    if (!asked->wrong.empty()) co_return faults_problem(asked->wrong);
    auto end = co_await desk_.go_live(tenant, std::move(asked->text));
    co_return done_answer("control.went_live", incoming, tenant, std::move(end));
}

} // namespace rollcall::edge
