// Routes of plans that are shown before they act: what-if and undo.
#include "desk_body.hpp"
#include "desk_routes.hpp"
#include "tenant_body.hpp"

namespace rollcall::edge {

task<http::response> desk_routes::what_if(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    const auto body = read_object(incoming.body);
    if (!body) co_return http::problem(body.error());
    const auto present = fleet_.tenant(tenant);
    if (!present) co_return unknown_tenant(tenant);
    faults wrong;
    member_reader members(*body, "", wrong);
    auto settings = present->settings;
    const auto* given = members.object("settings");
    if (given != nullptr) settings = read_settings_over(present->settings, *given, wrong);
    members.refuse_others();
    if (wrong.empty() && given == nullptr) wrong.push_back({"settings", "is missing"});
    if (!wrong.empty()) co_return faults_problem(wrong);
    auto plan = co_await desk_.what_if(tenant, std::move(settings));
    if (!plan) co_return problem_of(plan.error(), tenant);
    co_return plan_answer(tenant, std::move(*plan));
}

task<http::response> desk_routes::undo(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    const auto body = read_object(incoming.body);
    if (!body) co_return http::problem(body.error());
    faults wrong;
    const auto run = run_number(incoming, wrong);
    member_reader members(*body, "", wrong);
    const auto digest = members.text("digest", presence::optional, digest_bytes_max);
    members.refuse_others();
    if (!wrong.empty()) co_return faults_problem(wrong);
    if (digest) {
        auto end = co_await desk_.undo(tenant, *run, std::string(*digest));
        co_return done_answer("control.run_undone", incoming, tenant, std::move(end));
    }
    auto plan = co_await desk_.plan_undo(tenant, *run);
    if (!plan) co_return problem_of(plan.error(), tenant);
    co_return plan_answer(tenant, std::move(*plan));
}

} // namespace rollcall::edge
