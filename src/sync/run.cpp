#include "rollcall/sync/run.hpp"

namespace rollcall::sync {

std::string_view name_of(run_cause v) noexcept {
    switch (v) {
        case run_cause::first_load: return "first_load";
        case run_cause::sweep: return "sweep";
        case run_cause::on_demand: return "on_demand";
        case run_cause::confirm: return "confirm";
        case run_cause::retry: return "retry";
    }
    return "unknown";
}

std::string_view name_of(run_outcome v) noexcept {
    switch (v) {
        case run_outcome::unchanged: return "unchanged";
        case run_outcome::applied: return "applied";
        case run_outcome::held: return "held";
        case run_outcome::failed: return "failed";
    }
    return "unknown";
}

std::string_view name_of(step_kind v) noexcept {
    switch (v) {
        case step_kind::create: return "create";
        case step_kind::update: return "update";
        case step_kind::relink: return "relink";
        case step_kind::deactivate: return "deactivate";
        case step_kind::reactivate: return "reactivate";
        case step_kind::unmanage: return "unmanage";
        case step_kind::manage: return "manage";
        case step_kind::note_missing: return "note_missing";
        case step_kind::note_found: return "note_found";
    }
    return "unknown";
}

std::string_view name_of(issue_kind v) noexcept {
    switch (v) {
        case issue_kind::duplicate_id: return "duplicate_id";
        case issue_kind::missing_id: return "missing_id";
        case issue_kind::required_blank: return "required_blank";
        case issue_kind::invalid_email: return "invalid_email";
        case issue_kind::shared_email: return "shared_email";
        case issue_kind::email_taken: return "email_taken";
        case issue_kind::fallback_refused: return "fallback_refused";
        case issue_kind::invalid_date: return "invalid_date";
        case issue_kind::wrong_type: return "wrong_type";
        case issue_kind::too_long: return "too_long";
        case issue_kind::missing_person: return "missing_person";
        case issue_kind::company_unknown: return "company_unknown";
        case issue_kind::company_near_miss: return "company_near_miss";
        case issue_kind::out_of_scope: return "out_of_scope";
        case issue_kind::leaver_without_date: return "leaver_without_date";
        case issue_kind::unknown_status: return "unknown_status";
        case issue_kind::manual_deactivation: return "manual_deactivation";
    }
    return "unknown";
}

} // namespace rollcall::sync
