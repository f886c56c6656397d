// Routes of what waits for a person: holds and conflicts.
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "desk_body.hpp"
#include "desk_routes.hpp"
#include "desk_views.hpp"
#include "documents.hpp"
#include "sliced_document.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;

struct hold_request {
    std::string digest;
    std::vector<sync::guard> guards;
    faults wrong;
};

outcome<hold_request> read_hold_request(std::string& body) {
    const auto object = read_object(body);
    if (!object) return object.error();
    hold_request out;
    member_reader members(*object, "", out.wrong);
    out.digest = read_text(members, "digest", digest_bytes_max);
    out.guards = read_guards(members, out.wrong);
    members.refuse_others();
    return out;
}

struct conflict_request {
    sync::issue_kind kind = sync::issue_kind::email_taken;
    std::string id;
    sync::ruling_of_conflict how = sync::ruling_of_conflict::ignore;
    faults wrong;
};

std::string choices_text(std::span<const sync::ruling_of_conflict> choices) {
    std::string out;
    for (const auto one : choices) out += (out.empty() ? "" : ", ") + std::string(name_of(one));
    return out;
}

void read_ruling_of(member_reader& from, conflict_request& into, bool kind_is_known) {
    const auto name = read_text(from, "as", person_bytes_max);
    if (name.empty() || !kind_is_known) return;
    const auto choices = sync::rulings_for(into.kind);
    const auto how = sync::read_ruling(name);
    if (how && std::find(choices.begin(), choices.end(), *how) != choices.end()) {
        into.how = *how;
    } else if (choices.empty()) {
        into.wrong.push_back({"kind", "has no decisions: only PeopleHR can mend it"});
    } else {
        into.wrong.push_back({"as", "has to be one of " + choices_text(choices)});
    }
}

outcome<conflict_request> read_conflict_request(std::string& body, bool with_ruling) {
    const auto object = read_object(body);
    if (!object) return object.error();
    conflict_request out;
    member_reader members(*object, "", out.wrong);
    const auto name = read_text(members, "kind", person_bytes_max);
    const auto kind = read_issue_kind(name);
    if (kind) out.kind = *kind;
    if (!kind && !name.empty()) out.wrong.push_back({"kind", "is not a kind of issue"});
    out.id = read_text(members, "id", person_bytes_max);
    if (with_ruling) read_ruling_of(members, out, kind.has_value());
    members.refuse_others();
    return out;
}

} // namespace

task<http::response> desk_routes::list_holds(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const auto document = std::make_shared<sliced_document>();
    document->text("{\"holds\":[");
    bool first = true;
    for (auto& [tenant, held] : desk_.all_held()) {
        if (!first) document->text(",");
        const auto doubted = desk_.doubted(tenant);
        write_hold(*document, tenant, std::move(held), false, nullptr,
                   doubted ? *doubted : std::nullopt);
        first = false;
    }
    json::array doubted;
    for (const auto& [tenant, read] : desk_.all_doubted()) {
        auto one = to_json(read);
        one["tenant"] = tenant;
        doubted.push_back(std::move(one));
    }
    document->text("],\"doubted\":" + json::serialize(doubted) + "}");
    co_return stream(home_, document);
}

task<http::response> desk_routes::show_hold(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    faults wrong;
    query_reader query(incoming.query, wrong);
    const bool full = query.number("full", 0, 0, 1) == 1;
    query.refuse_others();
    if (!wrong.empty()) co_return faults_problem(wrong);
    auto held = desk_.held(tenant);
    if (!held) co_return problem_of(held.error(), tenant);
    const auto document = std::make_shared<sliced_document>();
    const auto doubted = desk_.doubted(tenant);
    write_hold(*document, tenant, std::move(*held), full, fleet_.books_of(tenant),
               doubted ? *doubted : std::nullopt);
    co_return stream(home_, document);
}

task<http::response> desk_routes::approve(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    auto asked = read_hold_request(incoming.body);
    if (!asked) co_return http::problem(asked.error());
    if (!asked->wrong.empty()) co_return faults_problem(asked->wrong);
    auto end = co_await desk_.approve(tenant, std::move(asked->digest), std::move(asked->guards));
    co_return done_answer("control.hold_approved", incoming, tenant, std::move(end));
}

task<http::response> desk_routes::reject(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    auto asked = read_hold_request(incoming.body);
    if (!asked) co_return http::problem(asked.error());
    if (!asked->wrong.empty()) co_return faults_problem(asked->wrong);
    const auto end =
        co_await desk_.reject(tenant, std::move(asked->digest), std::move(asked->guards));
    if (!end) co_return problem_of(end.error(), tenant);
    note("control.hold_rejected", incoming, tenant);
    co_return http::json_response(json::object{{"rejected", true}});
}

task<http::response> desk_routes::list_conflicts(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const std::string tenant = incoming.parameters.at("tenant");
    auto conflicts = desk_.conflicts(tenant);
    if (!conflicts) co_return problem_of(conflicts.error(), tenant);
    co_return stream_list(home_, "conflicts", std::move(*conflicts),
                          [](const sync::conflict_view& one) { return to_json(one); });
}

task<http::response> desk_routes::resolve(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    auto asked = read_conflict_request(incoming.body, true);
    if (!asked) co_return http::problem(asked.error());
    if (!asked->wrong.empty()) co_return faults_problem(asked->wrong);
    auto end = co_await desk_.resolve(tenant, asked->kind, std::move(asked->id), asked->how);
    co_return done_answer("control.conflict_resolved", incoming, tenant, std::move(end));
}

task<http::response> desk_routes::reopen(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    auto asked = read_conflict_request(incoming.body, false);
    if (!asked) co_return http::problem(asked.error());
    if (!asked->wrong.empty()) co_return faults_problem(asked->wrong);
    const auto end = co_await desk_.reopen(tenant, asked->kind, std::move(asked->id));
    if (!end) co_return problem_of(end.error(), tenant);
    note("control.conflict_reopened", incoming, tenant);
    co_return http::json_response(json::object{{"reopened", true}});
}

} // namespace rollcall::edge
