// Routes of answers: explain, forecast and the audit.
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "desk_body.hpp"
#include "desk_routes.hpp"
#include "desk_views.hpp"
#include "sliced_document.hpp"
#include "views.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;

constexpr std::uint64_t days_usual = 30, days_max = 366;
constexpr std::uint64_t audit_page = 100, audit_page_max = 1000;
constexpr std::size_t export_page = 500;

step_names names_of_entries(const sync::books* of, const std::vector<sync::audit_entry>& entries) {
    step_names names;
    if (of == nullptr) return names;
    std::vector<sync::step> steps;
    steps.reserve(entries.size());
    for (const auto& one : entries) steps.push_back(one.step);
    add_names(names, *of, steps);
    return names;
}

// The whole chain, oldest first, one entry a line; at last a line that says that it is whole.
// Without the names of today: it is a record of then, and may be long.
struct audit_stream {
    sync::desk desk;
    std::string tenant;
    std::uint64_t next = 1;
    std::string head;
    bool ended = false;
};

std::string last_line(audit_stream& s, json::object what) {
    s.ended = true;
    what["done"] = true;
    return json::serialize(what) + "\n";
}

task<std::string> next_page(std::shared_ptr<audit_stream> stream) {
    auto& s = *stream;
    if (s.ended) co_return std::string{};
    const auto page = co_await s.desk.audit(
        s.tenant, {.uid = {}, .run = {}, .before = 0, .from = s.next, .limit = export_page});
    if (!page) {
        co_return last_line(
            s,
            {{"problem", {{"code", name_of(page.error().code)}, {"detail", page.error().detail}}}});
    }
    if (page->empty()) {
        co_return last_line(s, {{"entries", s.next - 1}, {"head", text_or_null(s.head)}});
    }
    std::string out;
    for (const auto& one : *page) out += json::serialize(to_json(one, step_names{})) + "\n";
    s.next = page->back().number + 1;
    s.head = page->back().hash;
    co_return out;
}

} // namespace

task<http::response> desk_routes::explain(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    const auto about = fleet_.tenant(tenant);
    if (!about) co_return unknown_tenant(tenant);
    faults wrong;
    query_reader query(incoming.query, wrong);
    const auto given = query.text("at");
    query.refuse_others();
    std::optional<wall_time> at;
    if (given) {
        at = read_time(*given, about->settings.time_zone);
        if (!at) {
            wrong.push_back({"at", std::string(time_help)});
        } else if (*at > home_.wall_now()) {
            wrong.push_back({"at", "lies in the future: the forecast says what is to come"});
        }
    }
    if (!wrong.empty()) co_return faults_problem(wrong);
    auto answer = co_await desk_.explain(tenant, incoming.parameters.at("person"), at);
    if (!answer) co_return problem_of(answer.error(), tenant);

    const auto* books = fleet_.books_of(tenant);
    const auto names = names_of_entries(books, answer->history);
    if (books == nullptr) co_return unknown_tenant(tenant);
    user_viewer viewer(*books, about->settings, home_.wall_now());
    co_return http::json_response(to_json(*answer, &viewer, names));
}

task<http::response> desk_routes::forecast(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    faults wrong;
    query_reader query(incoming.query, wrong);
    const auto days = query.number("days", days_usual, 1, days_max);
    query.refuse_others();
    if (!wrong.empty()) co_return faults_problem(wrong);
    auto found = desk_.forecast(tenant, static_cast<int>(days));
    if (!found) co_return problem_of(found.error(), tenant);
    co_return stream_list(home_, "entries", std::move(*found),
                          [](const sync::forecast_entry& one) { return to_json(one); });
}

task<http::response> desk_routes::show_audit(http::request incoming) {
    const std::string tenant = incoming.parameters.at("tenant");
    faults wrong;
    query_reader query(incoming.query, wrong);
    sync::audit_query what;
    constexpr std::uint64_t number_max = ~std::uint64_t{0} >> 1;
    const auto uid = query.number("uid", 0, 1, ~std::uint32_t{0});
    const auto run = query.number("run", 0, 1, number_max);
    what.before = query.number("before", 0, 1, number_max);
    what.from = query.number("from", 0, 1, number_max);
    what.limit = query.number("limit", audit_page, 1, audit_page_max);
    query.refuse_others();
    if (what.before != 0 && what.from != 0) {
        wrong.push_back({"", "Only one of before and from can be given"});
    }
    if (!wrong.empty()) co_return faults_problem(wrong);
    if (uid != 0) what.uid = static_cast<std::uint32_t>(uid);
    if (run != 0) what.run = run;
    const auto entries = co_await desk_.audit(tenant, what);
    if (!entries) co_return problem_of(entries.error(), tenant);
    const auto names = names_of_entries(fleet_.books_of(tenant), *entries);
    json::array list;
    for (const auto& one : *entries) list.push_back(to_json(one, names));
    json::object answer{{"entries", std::move(list)}, {"next", nullptr}};
    if (entries->size() == what.limit) {
        const auto last = entries->back().number;
        answer["next"] = what.from != 0 ? last + 1 : last;
    }
    co_return http::json_response(answer);
}

task<http::response> desk_routes::export_audit(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const std::string tenant = incoming.parameters.at("tenant");
    if (!fleet_.tenant(tenant)) co_return unknown_tenant(tenant);
    note("control.audit_exported", incoming, tenant);
    http::response answer;
    answer.content_type = "application/x-ndjson";
    const auto stream =
        std::make_shared<audit_stream>(audit_stream{sync::desk(fleet_), tenant, 1, {}, false});
    answer.next = [stream] { return next_page(stream); };
    co_return answer;
}

task<http::response> desk_routes::verify_audit(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const std::string tenant = incoming.parameters.at("tenant");
    const auto found = co_await desk_.verify_audit(tenant);
    if (!found) co_return problem_of(found.error(), tenant);
    co_return http::json_response(to_json(*found));
}

} // namespace rollcall::edge
