#include "event_stream.hpp"

#include <boost/json/serialize.hpp>

#include "views.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;

constexpr std::size_t events_per_chunk = 128;
// Often enough for any idle limit between us and the reader, and for it to notice that we are gone.
constexpr nanoseconds heartbeat = seconds{15};

// JSON has no line breaks, so that one line of data is all.
std::string block(std::string_view id, std::string_view name, const json::object& data) {
    std::string out = "id: ";
    out.append(id).append("\nevent: ").append(name).append("\ndata: ");
    return out.append(json::serialize(data)).append("\n\n");
}

std::string missed_block(sync::event_place where, json::object data) {
    const auto id = to_text(where);
    data["id"] = id;
    data["kind"] = "missed";
    return block(id, "missed", data);
}

} // namespace

json::object to_json(const sync::event& one, std::uint64_t epoch) {
    json::object out{{"id", to_text(sync::event_place{epoch, one.id})},
                     {"at", time_json(one.at)},
                     {"kind", name_of(one.kind)},
                     {"tenant", text_or_null(one.tenant)}};
    for (const auto& field : one.fields) {
        std::visit([&](const auto& value) { out[field.name] = value; }, field.value);
    }
    return out;
}

event_stream::event_stream(const sync::fleet& fleet_to_watch, shard& home, event_wishes wishes,
                           follower_place place)
    : fleet_(fleet_to_watch),
      home_(home),
      wishes_(std::move(wishes)),
      place_(std::move(place)),
      spoke_at_(home.now()) {}

bool event_stream::wanted(const sync::event& one) const {
    if (!wishes_.tenant.empty() && one.tenant != wishes_.tenant) return false;
    return wishes_.kinds.none() || wishes_.kinds.test(static_cast<std::size_t>(one.kind));
}

std::string event_stream::take() {
    const auto& feed = fleet_.events();
    const auto epoch = feed.epoch();
    std::string out;
    if (wishes_.missed_epoch) {
        // Nobody knows how many the other process had yet to tell.
        out += missed_block({epoch, wishes_.after}, {{"count", nullptr}, {"restarted", true}});
        wishes_.missed_epoch.reset();
    }
    const auto slice = feed.read(wishes_.after, events_per_chunk);
    if (slice.missed != 0) {
        wishes_.after += slice.missed;
        out +=
            missed_block({epoch, wishes_.after}, {{"count", slice.missed}, {"restarted", false}});
    }
    for (const auto* each : slice.events) {
        wishes_.after = each->id;
        if (!wanted(*each)) continue;
        out += block(to_text(sync::event_place{epoch, each->id}), name_of(each->kind),
                     to_json(*each, epoch));
    }
    return out;
}

task<std::string> event_stream::next() {
    std::string out;
    if (!std::exchange(begun_, true)) {
        // Says at once that the stream is there, before anything happens, and where it begins.
        out = ": " + std::string(wishes_.follow ? "following" : "all that is kept") +
              "\nid: " + to_text(sync::event_place{fleet_.events().epoch(), wishes_.after}) +
              "\nretry: 1000\n\n";
    }
    for (;;) {
        out += take();
        if (!out.empty()) break;
        const auto& feed = fleet_.events();
        if (feed.last_id() > wishes_.after) {
            // What was read is not for this reader; others may have their turn before the rest.
            co_await home_.yield();
            continue;
        }
        if (!wishes_.follow || fleet_.stopped()) co_return std::string{};
        const auto until = spoke_at_ + heartbeat;
        if (home_.now() >= until) {
            // The id alone moves the place from which a reader goes on, and is no event.
            out = ": \nid: " + to_text(sync::event_place{feed.epoch(), wishes_.after}) + "\n\n";
            break;
        }
        co_await fleet_.wait_for_event(wishes_.after, until);
    }
    spoke_at_ = home_.now();
    co_return out;
}

} // namespace rollcall::edge
