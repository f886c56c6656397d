#include "rollcall/sync/run.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace rollcall::sync {
namespace {

// The names are those of the enumerators, in their order: part of the disk format and of every
// answer, so that a new one goes to its place and no old one is renamed.
constexpr std::array<std::string_view, 11> cause_names{
    "first_load", "sweep",  "on_demand", "confirm", "retry",  "timer",
    "approval",   "manual", "undo",      "resolve", "webhook"};

constexpr std::array<std::string_view, 5> outcome_names{"unchanged", "applied", "held", "failed",
                                                        "previewed"};

constexpr std::array<std::string_view, 29> step_names{"create",
                                                      "relink",
                                                      "reactivate",
                                                      "manage",
                                                      "update",
                                                      "blank",
                                                      "create_team",
                                                      "link_team",
                                                      "rename_team",
                                                      "follow_rename",
                                                      "set_team_manager",
                                                      "edit_team",
                                                      "move",
                                                      "add_member",
                                                      "remove_member",
                                                      "set_manager",
                                                      "clear_manager",
                                                      "change_email",
                                                      "unmanage",
                                                      "deactivate",
                                                      "delete_user",
                                                      "remove_team",
                                                      "note_missing",
                                                      "note_found",
                                                      "note_team",
                                                      "schedule_invitation",
                                                      "cancel_invitation",
                                                      "send_invitation",
                                                      "confirm_invitation"};

constexpr std::array<std::string_view, 34> issue_names{"duplicate_id",
                                                       "missing_id",
                                                       "required_blank",
                                                       "invalid_email",
                                                       "shared_email",
                                                       "email_taken",
                                                       "fallback_refused",
                                                       "invalid_date",
                                                       "wrong_type",
                                                       "too_long",
                                                       "missing_person",
                                                       "company_unknown",
                                                       "company_near_miss",
                                                       "out_of_scope",
                                                       "leaver_without_date",
                                                       "unknown_status",
                                                       "manual_deactivation",
                                                       "id_reuse",
                                                       "blank_department",
                                                       "manager_unknown",
                                                       "manager_ambiguous",
                                                       "manager_self",
                                                       "manager_cycle",
                                                       "manager_inactive",
                                                       "no_seat",
                                                       "hire_date_missing",
                                                       "invitation_unconfirmed",
                                                       "protected_user",
                                                       "last_owner",
                                                       "team_in_use",
                                                       "rename_proposed",
                                                       "no_owner",
                                                       "leaver_reported",
                                                       "erased_person"};

constexpr std::array<std::string_view, 31> attribute_names{"external_id",
                                                           "email",
                                                           "first_name",
                                                           "last_name",
                                                           "job_title",
                                                           "location",
                                                           "department",
                                                           "company",
                                                           "manager_id",
                                                           "manager_name",
                                                           "avatar",
                                                           "attributes",
                                                           "start_date",
                                                           "leaving_date",
                                                           "state",
                                                           "managed",
                                                           "missing",
                                                           "role",
                                                           "manager",
                                                           "team_name",
                                                           "team_key",
                                                           "team_owned",
                                                           "team_parent",
                                                           "team_manager",
                                                           "team_absent",
                                                           "member",
                                                           "invitation",
                                                           "invitation_due",
                                                           "invitation_sent",
                                                           "invitation_automatic",
                                                           "invitation_first_load"};

template <class Enum, std::size_t N>
std::string_view name_in(const std::array<std::string_view, N>& names, Enum v) noexcept {
    const auto i = static_cast<std::size_t>(v);
    return i < N ? names[i] : std::string_view("unknown");
}

template <class Enum, std::size_t N>
std::optional<Enum> read_in(const std::array<std::string_view, N>& names,
                            std::string_view name) noexcept {
    for (std::size_t i = 0; i < N; ++i) {
        if (names[i] == name) return static_cast<Enum>(i);
    }
    return std::nullopt;
}

static_assert(step_names.size() == step_kind_count);
static_assert(issue_names.size() == issue_kind_count);
static_assert(attribute_names.size() == attribute_count);

} // namespace

std::string_view name_of(run_cause v) noexcept {
    return name_in(cause_names, v);
}
std::string_view name_of(run_outcome v) noexcept {
    return name_in(outcome_names, v);
}
std::string_view name_of(step_kind v) noexcept {
    return name_in(step_names, v);
}
std::string_view name_of(issue_kind v) noexcept {
    return name_in(issue_names, v);
}
std::string_view name_of(attribute v) noexcept {
    return name_in(attribute_names, v);
}
std::optional<step_kind> read_step_kind(std::string_view name) noexcept {
    return read_in<step_kind>(step_names, name);
}
std::optional<attribute> read_attribute(std::string_view name) noexcept {
    return read_in<attribute>(attribute_names, name);
}

subject_kind subject_of(step_kind kind) noexcept {
    switch (kind) {
        case step_kind::create_team:
        case step_kind::link_team:
        case step_kind::rename_team:
        case step_kind::set_team_manager:
        case step_kind::edit_team:
        case step_kind::remove_team:
        case step_kind::note_team: return subject_kind::team;
        default: return subject_kind::user;
    }
}

// A counting sort: std::stable_sort of libstdc++ 12 asks for a deprecated buffer.
void order_by_kind(std::vector<step>& steps) {
    std::array<std::vector<step>, step_kind_count> by_kind;
    for (auto& each : steps)
        by_kind[static_cast<std::size_t>(each.kind)].push_back(std::move(each));
    steps.clear();
    for (auto& kind : by_kind) {
        std::move(kind.begin(), kind.end(), std::back_inserter(steps));
    }
}

} // namespace rollcall::sync
