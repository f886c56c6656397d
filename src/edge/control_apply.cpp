// The route of POST /v1/apply.
#include <boost/json/array.hpp>

#include "control_routes.hpp"
#include "rollcall/async/task_group.hpp"
#include "views.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;

// Steps under way at once: they share the store's group commits. They are not tested against
// PeopleHR, whose call limit would make a file of a thousand tenants take an hour; the first load
// is the test.
constexpr std::size_t steps_at_once = 32;

struct apply_work {
    sync::fleet& fleet;
    apply_request& request;
    const std::vector<apply_step>& steps;
    std::vector<failure> failures; // of each step; errc::ok: done, or nothing to do
    std::size_t next = 0;
};

task<failure> carry_out_step(apply_work& work, const apply_step& step) {
    const failure none{errc::ok, {}};
    if (step.action == apply_action::unchanged) co_return none;
    if (step.action == apply_action::not_in_file) {
        if (!work.request.prune) co_return none;
        const auto removed = co_await work.fleet.remove_tenant(step.name);
        co_return removed ? none : removed.error();
    }
    auto& wanted = work.request.tenants[step.wanted];
    if (step.action == apply_action::create) {
        const auto added = co_await work.fleet.add_tenant({.name = wanted.name,
                                                           .settings = std::move(wanted.settings),
                                                           .api_key = std::move(wanted.api_key),
                                                           .verify = false});
        co_return added ? none : added.error();
    }
    sync::tenant_change what;
    what.settings = std::move(wanted.settings);
    if (step.takes_key) what.api_key = std::move(wanted.api_key);
    what.verify = false;
    const auto changed = co_await work.fleet.change_tenant(wanted.name, std::move(what));
    co_return changed ? none : changed.error();
}

task<> carry_out_some(apply_work& work) {
    while (work.next < work.steps.size()) {
        const auto mine = work.next++;
        work.failures[mine] = co_await carry_out_step(work, work.steps[mine]);
    }
}

std::string_view result_name(const apply_request& request, const apply_step& step,
                             const failure& end) {
    if (end.code != errc::ok) return "failed";
    if (step.action == apply_action::unchanged) return "unchanged";
    if (step.action == apply_action::not_in_file && !request.prune) return "kept";
    return request.dry_run ? "planned" : "done";
}

} // namespace

task<std::vector<failure>> control_routes::carry_out(apply_request& request,
                                                     const std::vector<apply_step>& steps) {
    apply_work work{fleet_, request, steps, std::vector<failure>(steps.size(), {errc::ok, {}})};
    task_group group(home_);
    for (std::size_t i = 0; i < std::min(steps_at_once, steps.size()); ++i) {
        group.spawn(carry_out_some(work));
    }
    // Nothing suspends between spawn and join, and join is not cancelled: the steps see `work`
    // alive.
    co_await group.join();
    co_return std::move(work.failures);
}

task<http::response> control_routes::apply(http::request incoming) {
    auto body = read_object(incoming.body);
    if (!body) co_return http::problem(body.error());
    faults wrong;
    auto request = read_apply(*body, wrong);
    body->clear();
    if (!wrong.empty()) co_return faults_problem(wrong);

    const auto find = [this](std::string_view name) -> std::optional<known_tenant> {
        auto tenant = fleet_.tenant(name);
        if (!tenant) return std::nullopt;
        return known_tenant{std::move(tenant->settings), tenant->stopped == errc::key_refused};
    };
    const auto steps = plan_apply(request, fleet_.tenant_names(), find, wrong);
    if (!wrong.empty()) co_return faults_problem(wrong);

    std::vector<failure> ends(steps.size(), {errc::ok, {}});
    if (!request.dry_run) {
        note("control.apply", incoming, {});
        ends = co_await carry_out(request, steps);
    }
    json::array list;
    std::size_t failed = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        auto one = to_json(steps[i]);
        one["result"] = result_name(request, steps[i], ends[i]);
        if (ends[i].code != errc::ok) {
            ++failed;
            one["problem"] =
                json::object{{"code", name_of(ends[i].code)}, {"detail", ends[i].detail}};
        }
        list.push_back(std::move(one));
    }
    co_return http::json_response(json::object{
        {"dry_run", request.dry_run}, {"failed", failed}, {"tenants", std::move(list)}});
}

} // namespace rollcall::edge
