#include "rollcall/edge/hooks.hpp"

#include <boost/asio/ip/address.hpp>
#include <cstring>

#include "hook_body.hpp"
#include "rate_sketch.hpp"
#include "rollcall/core/hash.hpp"
#include "rollcall/core/text.hpp"

namespace rollcall::edge {
namespace {

constexpr seconds retry_after_refusal{30};

std::optional<asio::ip::address> address_in(std::string_view text) {
    boost::system::error_code error;
    const auto found = asio::ip::make_address(std::string(text), error);
    return error ? std::nullopt : std::optional(found);
}

// Of "192.0.2.7:4711" or "[2001:db8::1]:4711".
std::optional<asio::ip::address> peer_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == text.npos) return std::nullopt;
    text = text.substr(0, colon);
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    return address_in(text);
}

// Who sent it, as far as a limit is concerned: an IPv4 address, or a network of 64 bits.
std::uint64_t sender_of(const http::request& incoming, bool trust_local_proxy, std::uint64_t key) {
    auto from = peer_address(incoming.from.address);
    if (trust_local_proxy && from && from->is_loopback()) {
        // What stands before the last comma was written by the sender.
        const std::string_view all = incoming.forwarded_for;
        const auto comma = all.rfind(',');
        if (const auto told = address_in(trim(comma == all.npos ? all : all.substr(comma + 1)))) {
            from = told;
        }
    }
    if (!from) return hash64(incoming.from.address, key);
    if (from->is_v6()) {
        const auto bytes = from->to_v6().to_bytes();
        return hash64({reinterpret_cast<const char*>(bytes.data()), 8}, key);
    }
    const auto bytes = from->to_v4().to_bytes();
    return hash64({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, key);
}

http::response too_many(nanoseconds wait) {
    auto out = http::problem(429, "too_many_webhooks", "Too Many Requests",
                             "There were too many webhooks for this address, or from it.");
    out.headers.emplace_back("Retry-After",
                             std::to_string(std::chrono::ceil<seconds>(wait).count()));
    return out;
}

http::response accepted() {
    http::response out;
    out.status = 202;
    out.body = "{}";
    return out;
}

class hook_routes {
  public:
    hook_routes(sync::fleet& fleet, shard& home, hook_limits limits)
        : fleet_(fleet),
          home_(home),
          trust_local_proxy_(limits.trust_local_proxy),
          tokens_(limits.token_per_minute, limits.token_burst),
          addresses_(limits.address_per_minute, limits.address_burst),
          address_key_(home.random().next()) {}

    [[nodiscard]] task<http::response> receive(http::request incoming);

  private:
    // The limit that the webhook is over, if any: the time until it is not.
    [[nodiscard]] std::optional<nanoseconds> over_sender_limit(const http::request& incoming);
    [[nodiscard]] std::optional<nanoseconds> over_token_limit(const sync::token_mark& mark);

    sync::fleet& fleet_;
    shard& home_;
    bool trust_local_proxy_;
    rate_sketch tokens_;
    rate_sketch addresses_;
    std::uint64_t address_key_;
};

std::optional<nanoseconds> hook_routes::over_sender_limit(const http::request& incoming) {
    return addresses_.take(sender_of(incoming, trust_local_proxy_, address_key_), home_.now());
}

std::optional<nanoseconds> hook_routes::over_token_limit(const sync::token_mark& mark) {
    // The mark is a keyed hash already.
    std::uint64_t hash = 0;
    std::memcpy(&hash, mark.data(), sizeof hash);
    return tokens_.take(hash, home_.now());
}

task<http::response> hook_routes::receive(http::request incoming) {
    auto read = read_hook_body(incoming.body);
    if (!read.fault.empty()) {
        fleet_.count_webhook(sync::webhook_result::malformed);
        co_return http::problem(400, "malformed_webhook", "Bad Request", read.fault);
    }
    if (!read.event) {
        fleet_.count_webhook(sync::webhook_result::unrelated);
        co_return accepted();
    }
    const auto mark = fleet_.mark_of(incoming.parameters.at("token"));
    auto wait = over_sender_limit(incoming);
    if (!wait) {
        wait = over_token_limit(mark);
        if (wait) fleet_.passed_over(mark);
    }
    if (wait) {
        fleet_.count_webhook(sync::webhook_result::limited);
        co_return too_many(*wait);
    }
    if (const auto kept = co_await fleet_.webhook(mark, std::move(*read.event)); !kept) {
        auto out = http::problem(503, name_of(kept.error().code), "Service Unavailable",
                                 "The webhook could not be taken; send it again.");
        out.headers.emplace_back("Retry-After", std::to_string(retry_after_refusal.count()));
        co_return out;
    }
    co_return accepted();
}

} // namespace

void add_hook_routes(http::router& routes, sync::fleet& fleet, shard& home, hook_limits limits) {
    const auto self = std::make_shared<hook_routes>(fleet, home, limits);
    routes.add("POST", "/h/{token}",
               [self](http::request incoming) { return self->receive(std::move(incoming)); });
}

} // namespace rollcall::edge
