#include "rollcall/sync/webhook.hpp"

namespace rollcall::sync {

std::string_view name_of(webhook_action v) noexcept {
    switch (v) {
        case webhook_action::starter_added: return "New Starter Added";
        case webhook_action::detail_updated: return "Employee Detail Updated";
        case webhook_action::marked_leaver: return "Marked Leaver";
        case webhook_action::employee_deleted: return "Employee Deleted";
    }
    return "unknown";
}

std::optional<webhook_action> read_webhook_action(std::int64_t number) noexcept {
    switch (number) {
        case 1: return webhook_action::starter_added;
        case 2: return webhook_action::detail_updated;
        case 3: return webhook_action::marked_leaver;
        case 18: return webhook_action::employee_deleted;
        default: return std::nullopt;
    }
}

std::string_view name_of(webhook_result v) noexcept {
    switch (v) {
        case webhook_result::accepted: return "accepted";
        case webhook_result::unrelated: return "unrelated";
        case webhook_result::malformed: return "malformed";
        case webhook_result::unknown: return "unknown";
        case webhook_result::limited: return "limited";
        case webhook_result::refused: return "refused";
    }
    return "unknown";
}

} // namespace rollcall::sync
