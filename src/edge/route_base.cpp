#include "route_base.hpp"

#include <charconv>

#include "documents.hpp"

namespace rollcall::edge {

namespace json = boost::json;

http::response route_base::unknown_tenant(std::string_view name) const {
    std::string detail = "No tenant is called \"" + std::string(name) + "\"";
    json::object extra;
    if (auto near = fleet_.nearest_tenant(name); !near.empty()) {
        detail += "; did you mean \"" + near + "\"?";
        extra["nearest"] = std::move(near);
    }
    return http::problem(404, name_of(errc::not_found), "Unknown tenant", detail, std::move(extra));
}

http::response route_base::problem_of(const failure& what, std::string_view tenant) const {
    if (what.code == errc::not_found && !fleet_.tenant(tenant)) return unknown_tenant(tenant);
    return http::problem(what);
}

void route_base::note(std::string_view event, const http::request& by,
                      std::string_view tenant) const {
    log_.info(event, {{"tenant", tenant},
                      {"peer_uid", std::int64_t{by.from.uid}},
                      {"peer_pid", std::int64_t{by.from.pid}}});
}

std::optional<http::response> route_base::refuse_parameters(const http::request& incoming) {
    faults wrong;
    query_reader query(incoming.query, wrong);
    query.refuse_others();
    if (wrong.empty()) return std::nullopt;
    return faults_problem(wrong);
}

std::optional<std::uint64_t> route_base::run_number(const http::request& incoming, faults& out) {
    const auto& text = incoming.parameters.at("run");
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size()) return value;
    out.push_back({"run", "has to be the number of a run"});
    return std::nullopt;
}

http::response route_base::run_answer(const std::string& tenant, sync::run_record run) {
    const auto document = std::make_shared<sliced_document>();
    write_run(*document, std::move(run), fleet_.books_of(tenant));
    return stream(home_, document);
}

http::response route_base::plan_answer(const std::string& tenant, sync::shown_plan plan) {
    const auto document = std::make_shared<sliced_document>();
    write_plan(*document, std::move(plan), fleet_.books_of(tenant));
    return stream(home_, document);
}

http::response route_base::done_answer(std::string_view event, const http::request& by,
                                       const std::string& tenant, outcome<sync::run_record> end) {
    if (!end) return problem_of(end.error(), tenant);
    note(event, by, tenant);
    return run_answer(tenant, std::move(*end));
}

} // namespace rollcall::edge
