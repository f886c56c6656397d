// The webhooks that PeopleHR sends when people change: which, when, and what goes wrong with them.
// Section 5 of the wire facts. No sockets: the program posts them, and tests read them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "rollcall/core/time.hpp"

namespace rollcall::sim {

enum class webhook_format { json, form, lines };

struct webhook_settings {
    std::string url{}; // "http://127.0.0.1:8088/h/TOKEN"; empty: none are sent
    webhook_format format = webhook_format::json;
    milliseconds delay{0};
    milliseconds jitter{0};      // a part of it comes on top of the delay, so that they overtake
    double loss = 0;             // the share that is never sent
    double duplicates = 0;       // the share that is sent twice
    double unrelated = 0;        // the share that a holiday or the like comes along with
    std::uint32_t actions = ~0u; // bit n: events of ActionId n are subscribed to
};

// One to be posted.
struct webhook_post {
    std::string url;
    std::string_view content_type; // static text
    std::string body;
    milliseconds after{0}; // the change that it tells of
};

struct webhook_counters {
    std::uint64_t events = 0; // of tenants with an address
    std::uint64_t not_subscribed = 0;
    std::uint64_t lost = 0;
    std::uint64_t posts = 0; // duplicates and unrelated ones included
};

// What an event says beside its number and its employee.
struct webhook_detail {
    std::string_view field_name{};
    std::string_view old_value{};
    std::string_view new_value{};
};

[[nodiscard]] std::string_view action_name(std::uint32_t action_id) noexcept;
[[nodiscard]] std::string webhook_body(webhook_format format, std::uint32_t action_id,
                                       std::string_view employee_id, const webhook_detail& detail);
[[nodiscard]] std::string_view content_type_of(webhook_format format) noexcept;

} // namespace rollcall::sim
