// Routes of runs: ask for one, watch it, and read what runs did.

#include <boost/json/serialize.hpp>

#include "control_routes.hpp"
#include "documents.hpp"
#include "views.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;

constexpr std::uint64_t runs_page = 50, runs_page_max = 500;
constexpr std::size_t employee_id_bytes_max = 256;
// How often a waiting client hears of its run: often enough for a progress bar, and for any idle
// limit.
constexpr nanoseconds progress_interval = seconds{1};

std::string line_of(const json::object& object) {
    return json::serialize(object) + "\n";
}

// The stream of POST …/sync with wait: the ticket, progress each second, at last the run.
struct progress_stream {
    sync::fleet& fleet;
    shard& home;
    sync::sync_ticket ticket;
    std::string tenant;
    enum class stage { ticket, waiting, preview, ended } at = stage::ticket;
    sliced_document preview{}; // the last line of a preview, which has the steps
};

task<std::string> next_line(std::shared_ptr<progress_stream> stream) {
    using stage = progress_stream::stage;
    if (stream->at == stage::ended) co_return std::string{};
    if (stream->at == stage::ticket) {
        stream->at = stage::waiting;
        auto first = to_json(stream->ticket);
        first["done"] = false;
        first["state"] = name_of(sync::tenant_state::queued);
        co_return line_of(first);
    }
    if (stream->at == stage::preview) {
        co_await stream->home.yield();
        co_return stream->preview.next();
    }
    const auto progress =
        co_await stream->fleet.wait(stream->ticket, stream->home.now() + progress_interval);
    if (!progress) {
        stream->at = stage::ended;
        co_return line_of(
            {{"done", true},
             {"problem",
              {{"code", name_of(progress.error().code)}, {"detail", progress.error().detail}}}});
    }
    if (!progress->done) co_return line_of(to_json(*progress));
    if (progress->run.result != sync::run_outcome::previewed) {
        stream->at = stage::ended;
        co_return line_of(to_json(*progress));
    }
    stream->at = stage::preview;
    auto& line = stream->preview;
    line.text("{\"done\":true,\"state\":\"" + std::string(name_of(progress->state)) +
              "\",\"run\":");
    write_run(line, progress->run, stream->fleet.books_of(stream->tenant));
    line.text("}\n");
    co_return line.next();
}

} // namespace

task<http::response> control_routes::sync_tenant(http::request incoming) {
    const std::string name = incoming.parameters.at("tenant");
    auto body = read_object(incoming.body);
    if (!body) co_return http::problem(body.error());
    faults wrong;
    member_reader members(*body, "", wrong);
    const auto employee = members.text("employee_id", presence::optional, employee_id_bytes_max);
    const bool wait = members.flag("wait").value_or(false);
    const bool preview = members.flag("preview").value_or(false);
    members.refuse_others();
    if (wrong.empty() && preview && !wait) {
        wrong.push_back({"preview", "needs wait: a preview is stored nowhere, only shown"});
    }
    if (!wrong.empty()) co_return faults_problem(wrong);

    const auto ticket = fleet_.request_sync(name, employee.value_or(""), preview);
    if (!ticket) co_return problem_of(ticket.error(), name);
    note(preview ? "control.preview_requested" : "control.sync_requested", incoming, name);
    if (!wait) co_return http::json_response(to_json(*ticket), 202);

    http::response answer;
    answer.content_type = "application/x-ndjson";
    auto stream = std::make_shared<progress_stream>(progress_stream{fleet_, home_, *ticket, name});
    answer.next = [stream] { return next_line(stream); };
    co_return answer;
}

task<http::response> control_routes::list_runs(http::request incoming) {
    const std::string name = incoming.parameters.at("tenant");
    faults wrong;
    query_reader query(incoming.query, wrong);
    const auto before = query.number("before", 0, 1, ~std::uint64_t{0});
    const auto limit = query.number("limit", runs_page, 1, runs_page_max);
    query.refuse_others();
    if (!wrong.empty()) co_return faults_problem(wrong);

    const auto runs = co_await fleet_.runs(name, before, limit);
    if (!runs) co_return problem_of(runs.error(), name);
    json::array list;
    for (const auto& run : *runs) list.push_back(to_json(run));
    json::object answer{{"runs", std::move(list)}, {"next", nullptr}};
    if (runs->size() == limit) answer["next"] = runs->back().id;
    co_return http::json_response(answer);
}

task<http::response> control_routes::show_run(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const std::string name = incoming.parameters.at("tenant");
    faults wrong;
    const auto id = run_number(incoming, wrong);
    if (!wrong.empty()) co_return faults_problem(wrong);
    auto run = co_await fleet_.run(name, *id);
    if (!run && run.error().code == errc::not_found && fleet_.tenant(name)) {
        co_return http::problem(404, name_of(errc::not_found), "Unknown run",
                                "\"" + name + "\" has no run " + std::to_string(*id) +
                                    " on record; old runs are dropped, and a run that changed "
                                    "nothing leaves no record");
    }
    if (!run) co_return problem_of(run.error(), name);
    co_return run_answer(name, std::move(*run));
}

// Numbers of runs are unique over all tenants, but a run is stored with its tenant: asking each of
// them takes the store some microseconds, and only a person at a keyboard asks.
task<http::response> control_routes::find_run(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    faults wrong;
    const auto id = run_number(incoming, wrong);
    if (!wrong.empty()) co_return faults_problem(wrong);
    for (const auto& name : fleet_.tenant_names()) {
        const auto newest = co_await fleet_.runs(name, *id + 1, 1);
        if (!newest && newest.error().code == errc::not_found) continue; // removed meanwhile
        if (!newest) co_return http::problem(newest.error());
        if (newest->empty() || newest->front().id != *id) continue;
        co_return http::json_response(
            json::object{{"tenant", name}, {"run", to_json(newest->front())}});
    }
    co_return http::problem(404, name_of(errc::not_found), "Unknown run",
                            "No tenant has a run " + std::to_string(*id) + " on record");
}

} // namespace rollcall::edge
