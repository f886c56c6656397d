#include "live_routes.hpp"

#include <boost/json/serialize.hpp>

#include "event_stream.hpp"
#include "views.hpp"

namespace rollcall::edge {
namespace {

constexpr std::uint64_t rows_shown = 20, rows_max = 100;
constexpr std::uint64_t interval_max_seconds = 60;

// The kinds of "run.finished,throttled". A wrong one is a fault that names those that there are.
void read_kinds(std::string_view text, event_wishes& into, faults& out) {
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(','));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (const auto kind = sync::read_event_kind(word)) {
            into.kinds.set(static_cast<std::size_t>(*kind));
            continue;
        }
        std::string known;
        for (std::size_t i = 0; i < sync::event_kind_count; ++i) {
            known += (i == 0 ? "" : ", ");
            known += name_of(static_cast<sync::event_kind>(i));
        }
        out.push_back({"kind", "is not a kind of event; known are " + known});
        return;
    }
}

// Where the reader was. "0" is the beginning of what is kept; what comes from another process, or
// from nowhere, begins there too, and says so.
void read_place(std::string_view text, const sync::event_feed& feed, event_wishes& into) {
    if (text == "0") return;
    const auto place = sync::read_event_place(text);
    if (place && place->epoch == feed.epoch()) {
        into.after = std::min(place->id, feed.last_id());
    } else {
        into.missed_epoch = place ? place->epoch : 0;
    }
}

struct top_stream {
    const sync::fleet& fleet;
    shard& home;
    std::size_t rows;
    nanoseconds interval;
    follower_place place;
    mono_time due;
};

task<std::string> next_picture(std::shared_ptr<top_stream> stream) {
    // No event has so high a number: only the end of the fleet wakes it early.
    co_await stream->fleet.wait_for_event(~std::uint64_t{0}, stream->due);
    if (stream->fleet.stopped()) co_return std::string{};
    // Counted from now: a reader that was slow is not made up for.
    stream->due = stream->home.now() + stream->interval;
    co_return boost::json::serialize(to_json(stream->fleet.top(stream->rows))) + "\n";
}

http::response too_many_followers() {
    return http::problem({errc::busy, "as many watch the daemon as may: " +
                                          std::to_string(follower_place::followers_max) +
                                          " streams of events or pictures at once"});
}

} // namespace

task<http::response> live_routes::events(http::request incoming) {
    faults wrong;
    event_wishes wishes;
    query_reader query(incoming.query, wrong);
    wishes.follow = query.number("follow", 0, 0, 1) == 1;
    wishes.tenant = query.text("tenant").value_or("");
    read_kinds(query.text("kind").value_or(""), wishes, wrong);
    const auto after = query.text("after");
    if (after && *after != "0" && !sync::read_event_place(*after)) {
        wrong.push_back({"after", "has to be the id of an event, or 0 for all that are kept"});
    }
    query.refuse_others();
    if (!wrong.empty()) co_return faults_problem(wrong);
    if (!wishes.tenant.empty() && !fleet_.tenant(wishes.tenant)) {
        co_return unknown_tenant(wishes.tenant);
    }
    if (*followers_ >= follower_place::followers_max) co_return too_many_followers();

    const auto& feed = fleet_.events();
    if (!incoming.last_event_id.empty()) {
        read_place(incoming.last_event_id, feed, wishes);
    } else if (after) {
        read_place(*after, feed, wishes);
    } else if (wishes.follow) {
        wishes.after = feed.last_id();
    }
    http::response answer;
    answer.content_type = "text/event-stream";
    const auto stream = std::make_shared<event_stream>(fleet_, home_, std::move(wishes),
                                                       follower_place(followers_));
    answer.next = [stream] { return stream->next(); };
    co_return answer;
}

task<http::response> live_routes::top(http::request incoming) {
    faults wrong;
    query_reader query(incoming.query, wrong);
    const auto rows = static_cast<std::size_t>(query.number("rows", rows_shown, 1, rows_max));
    const auto interval = query.number("interval", 0, 0, interval_max_seconds);
    query.refuse_others();
    if (!wrong.empty()) co_return faults_problem(wrong);
    if (interval == 0) co_return http::json_response(to_json(fleet_.top(rows)));
    if (*followers_ >= follower_place::followers_max) co_return too_many_followers();
    http::response answer;
    answer.content_type = "application/x-ndjson";
    const auto stream = std::make_shared<top_stream>(top_stream{
        fleet_, home_, rows, seconds{interval}, follower_place(followers_), home_.now()});
    answer.next = [stream] { return next_picture(stream); };
    co_return answer;
}

void add_live_routes(http::router& routes, sync::fleet& fleet, shard& home, const logger& log) {
    const auto self = std::make_shared<live_routes>(fleet, home, log);
    routes.add("GET", "/v1/events",
               [self](http::request incoming) { return self->events(std::move(incoming)); });
    routes.add("GET", "/v1/top",
               [self](http::request incoming) { return self->top(std::move(incoming)); });
}

} // namespace rollcall::edge
