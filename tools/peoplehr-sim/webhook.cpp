#include "webhook.hpp"

#include <array>
#include <utility>

#include "service.hpp"
#include "texts.hpp"
#include "world.hpp"

namespace rollcall::sim {
namespace {

// A holiday, a sick leave, a late arrival, a training: nothing that a directory is about.
constexpr std::array<std::uint32_t, 4> unrelated_actions{4, 10, 16, 49};

std::string form_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                           (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
        } else if (c == ' ') {
            out += '+';
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

} // namespace

std::string_view action_name(std::uint32_t action_id) noexcept {
    switch (action_id) {
        case 1: return "New Starter Added";
        case 2: return "Employee Detail Updated";
        case 3: return "Marked Leaver";
        case 4: return "Holiday Added";
        case 10: return "Sick Added";
        case 16: return "Late Recorded";
        case 18: return "Employee Deleted";
        case 49: return "Training Added";
        default: return "Other";
    }
}

std::string_view content_type_of(webhook_format format) noexcept {
    switch (format) {
        case webhook_format::json: return "application/json";
        case webhook_format::form: return "application/x-www-form-urlencoded";
        case webhook_format::lines: return "text/plain";
    }
    return "text/plain";
}

std::string webhook_body(webhook_format format, std::uint32_t action_id,
                         std::string_view employee_id, const webhook_detail& detail) {
    const std::string number = std::to_string(action_id);
    std::array<std::pair<std::string_view, std::string_view>, 6> fields{
        {{"ActionId", number},
         {"Action", action_name(action_id)},
         {"EmployeeId", employee_id},
         {"FieldName", detail.field_name},
         {"OldValue", detail.old_value},
         {"NewValue", detail.new_value}}};
    const std::size_t count = detail.field_name.empty() ? 3 : fields.size();
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& [name, value] = fields[i];
        switch (format) {
            case webhook_format::json:
                out += i == 0 ? '{' : ',';
                append_json(out, name);
                out += ':';
                if (i == 0) {
                    out += value;
                } else {
                    append_json(out, value);
                }
                break;
            case webhook_format::form:
                if (i != 0) out += '&';
                out.append(name).append("=").append(form_encoded(value));
                break;
            case webhook_format::lines: out.append(name).append(":").append(value).append("\n");
        }
    }
    if (format == webhook_format::json) out += '}';
    return out;
}

void world::announce(std::string_view tenant, std::uint32_t action_id, std::string_view id,
                     const webhook_detail& detail) {
    const auto place = webhooks.find(tenant);
    if (place == webhooks.end() || place->second.url.empty()) return;
    const auto& how = place->second;
    ++hook_counters.events;
    if (action_id < 32 && (how.actions >> action_id & 1u) == 0) {
        ++hook_counters.not_subscribed;
        return;
    }
    const auto post = [&](std::uint32_t action, const webhook_detail& about) {
        const auto late = static_cast<std::int64_t>(
            hook_traffic.below(static_cast<std::uint64_t>(how.jitter.count()) + 1));
        outbox.push_back({how.url, content_type_of(how.format),
                          webhook_body(how.format, action, id, about),
                          how.delay + milliseconds{late}});
        ++hook_counters.posts;
    };
    // All are drawn each time, so that one setting does not move the others' luck.
    const bool lost = hook_traffic.chance(how.loss);
    const bool twice = hook_traffic.chance(how.duplicates);
    const bool along = hook_traffic.chance(how.unrelated);
    const auto which = unrelated_actions[hook_traffic.below(unrelated_actions.size())];
    if (along) post(which, {});
    if (lost) {
        ++hook_counters.lost;
        return;
    }
    post(action_id, detail);
    if (twice) post(action_id, detail);
}

result<void> service::set_webhook(std::string_view tenant, webhook_settings how) {
    if (!world_->by_name.contains(tenant)) return errc::not_found;
    world_->webhooks.insert_or_assign(std::string{tenant}, std::move(how));
    return {};
}

result<void> service::send_webhook(std::string_view tenant, std::uint32_t action_id,
                                   std::string_view id) {
    if (!world_->webhooks.contains(tenant)) return errc::not_found;
    world_->announce(tenant, action_id, id, {});
    return {};
}

std::vector<webhook_post> service::take_webhooks() {
    return std::exchange(world_->outbox, {});
}

webhook_counters service::webhooks() const noexcept {
    return world_->hook_counters;
}

} // namespace rollcall::sim
