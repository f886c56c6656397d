// Webhooks from PeopleHR (LA-1, LA-47): who sends them, what is believed of them, and what is kept.
//
// A webhook is a hint and nothing else: the employee that it names is read again through the API.
// Nobody signs it, so its address is the secret: a token of 256 random bits for each tenant. What
// is kept of the token is its mark, a keyed hash (key_vault::mark_token), so that a copy of the
// database opens no address.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/core/time.hpp"

namespace rollcall::sync {

// BLAKE2b-256 of a token under a key of the node.
using token_mark = std::array<unsigned char, 32>;

// 43 letters of base64url: what a token is as text.
inline constexpr std::size_t token_letters = 43;

// The events that a directory is about, with PeopleHR's numbers (peoplehr-api.md, section 5).
enum class webhook_action : std::uint8_t {
    starter_added = 1,
    detail_updated = 2,
    marked_leaver = 3,
    employee_deleted = 18, // a reason to look, no more: absence deactivates nobody (G-3, LA-44)
};
[[nodiscard]] std::string_view name_of(webhook_action v) noexcept; // "New Starter Added"
[[nodiscard]] std::optional<webhook_action> read_webhook_action(std::int64_t number) noexcept;

// PeopleHR's ids have at most 15 characters; what is longer than this is no id.
inline constexpr std::size_t hinted_id_bytes_max = 64;

struct webhook_event {
    webhook_action action = webhook_action::detail_updated;
    std::string employee_id; // trimmed, 1 to hinted_id_bytes_max bytes
};

// What became of a webhook; the metrics count by it.
enum class webhook_result : std::uint8_t {
    accepted,  // a related event of a tenant, durable
    unrelated, // an event that no directory is about, dropped
    malformed,
    unknown, // no tenant has the token; answered as an accepted one
    limited,
    refused, // the store takes nothing
};
inline constexpr std::size_t webhook_result_count = 6;
[[nodiscard]] std::string_view name_of(webhook_result v) noexcept;

// One of a tenant's tokens: at most two live ones, the newer without an end.
struct webhook_token {
    token_mark mark{};
    wall_time since{};
    wall_time until{}; // zero: until it is replaced

    [[nodiscard]] bool live(wall_time now) const noexcept {
        return until == wall_time{} || now < until;
    }
    friend bool operator==(const webhook_token&, const webhook_token&) = default;
};

// Somebody who is to be read again: one for each employee of a tenant, the newest. An empty id is
// the whole tenant, for more employees than are kept one by one.
struct hint {
    std::uint32_t tenant = 0;
    std::string employee_id;
    std::uint64_t number = 0; // ascending over all tenants: what a read that began later has served
    wall_time at{};
    webhook_action action = webhook_action::detail_updated;

    friend bool operator==(const hint&, const hint&) = default;
};

// The hint of an employee was served, if none came for them after that number.
struct hint_mark {
    std::uint32_t tenant = 0;
    std::string employee_id;
    std::uint64_t number = 0;
};

// What is written of webhooks in one go. Hints of tenants that are gone are passed over.
struct hint_batch {
    std::vector<hint> add;
    std::vector<hint_mark> done;
    // Webhooks with an unknown token. They are counted as durably as hints are kept, so that the
    // time of an answer does not tell which of the two it was.
    std::uint64_t strangers = 0;
};

} // namespace rollcall::sync
