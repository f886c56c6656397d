// Routes of runs: ask for one, watch it, and read what runs did.
#include <algorithm>
#include <charconv>

#include <boost/json/serialize.hpp>

#include "control_routes.hpp"
#include "views.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;

constexpr std::uint64_t runs_page = 50, runs_page_max = 500;
constexpr std::size_t employee_id_bytes_max = 256;
constexpr std::size_t entries_per_chunk = 512;
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
    enum class stage { ticket, waiting, ended } at = stage::ticket;
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
    const auto progress =
        co_await stream->fleet.wait(stream->ticket, stream->home.now() + progress_interval);
    if (!progress) {
        stream->at = stage::ended;
        co_return line_of(
            {{"done", true},
             {"problem",
              {{"code", name_of(progress.error().code)}, {"detail", progress.error().detail}}}});
    }
    if (progress->done) stream->at = stage::ended;
    co_return line_of(to_json(*progress));
}

// A run may have changed every field of every person: its JSON is written in slices, so that a
// large one never holds the shard.
struct run_stream {
    shard& home;
    sync::run_record run;
    enum class stage { head, changes, issues, ended } at = stage::head;
    std::size_t next = 0; // of the list that is being written
};

// Appends the next slice of a list; true at its end.
template <class List>
bool write_slice(const List& list, std::size_t& next, std::string& out) {
    const auto end = std::min(list.size(), next + entries_per_chunk);
    for (; next < end; ++next) {
        if (next != 0) out += ',';
        out += json::serialize(to_json(list[next]));
    }
    return next == list.size();
}

task<std::string> next_part(std::shared_ptr<run_stream> stream) {
    using stage = run_stream::stage;
    co_await stream->home.yield();
    auto& s = *stream;
    std::string out;
    if (s.at == stage::head) {
        out = json::serialize(to_json(s.run, detail::brief));
        out.pop_back(); // the brace: the two lists are members of the same object
        out += ",\"changes\":[";
        s.at = stage::changes;
    }
    if (s.at == stage::changes) {
        if (!write_slice(s.run.changes, s.next, out)) co_return out;
        out += "],\"issues\":[";
        s.at = stage::issues;
        s.next = 0;
    }
    if (s.at == stage::issues) {
        if (!write_slice(s.run.issues, s.next, out)) co_return out;
        out += "]}";
        s.at = stage::ended;
    }
    co_return out;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
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
    members.refuse_others();
    if (!wrong.empty()) co_return faults_problem(wrong);

    const auto ticket = fleet_.request_sync(name, employee.value_or(""));
    if (!ticket) co_return problem_of(ticket.error(), name);
    note("control.sync_requested", incoming, name);
    if (!wait) co_return http::json_response(to_json(*ticket), 202);

    http::response answer;
    answer.content_type = "application/x-ndjson";
    auto stream = std::make_shared<progress_stream>(progress_stream{fleet_, home_, *ticket});
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
    for (const auto& run : *runs) list.push_back(to_json(run, detail::brief));
    json::object answer{{"runs", std::move(list)}, {"next", nullptr}};
    if (runs->size() == limit) answer["next"] = runs->back().id;
    co_return http::json_response(answer);
}

task<http::response> control_routes::show_run(http::request incoming) {
    if (auto refused = refuse_parameters(incoming)) co_return std::move(*refused);
    const std::string name = incoming.parameters.at("tenant");
    const auto id = number_of(incoming.parameters.at("run"));
    if (!id) co_return faults_problem({{"run", "has to be the number of a run"}});
    auto run = co_await fleet_.run(name, *id);
    if (!run && run.error().code == errc::not_found && fleet_.tenant(name)) {
        co_return http::problem(404, name_of(errc::not_found), "Unknown run",
                                "\"" + name + "\" has no run " + std::to_string(*id) +
                                    " on record; old runs are dropped, and a run that changed "
                                    "nothing leaves no record");
    }
    if (!run) co_return problem_of(run.error(), name);
    http::response answer;
    auto stream = std::make_shared<run_stream>(run_stream{home_, std::move(*run)});
    answer.next = [stream] { return next_part(stream); };
    co_return answer;
}

} // namespace rollcall::edge
