#include "answers_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rollcall/core/text.hpp"
#include "rollcall/sync/planner.hpp"
#include "rollcall/sync/rules.hpp"
#include "rollcall/sync/snapshot.hpp"

namespace rollcall::sync {

using directory::field;
using directory::user_ref;

namespace {

// The configuration allows no longer text. An explanation reports what was too long from the
// issues, so that it need not know the limit of the time.
constexpr std::size_t text_bytes_max = 60'000;

constexpr std::array<field_words, 14> fields{{
    {field::external_id, source_field::employee_id, "PeopleHR id", "LA-9", "WT-4"},
    {field::email, source_field::email, "Email", "G-13", "WT-3"},
    {field::first_name, source_field::first_name, "First Name", "LA-3", "WT-2"},
    {field::last_name, source_field::last_name, "Last Name", "LA-3", "WT-2"},
    {field::job_title, source_field::job_role, "Job Role", "LA-3", "WT-2"},
    {field::location, source_field::location, "Location", "LA-3", "WT-2"},
    {field::department, source_field::department, "Department", "LA-28", "WT-2"},
    {field::company, source_field::company, "Company", "LA-5", "WT-2"},
    {field::manager_id, source_field::reports_to_id, "Reports To", "LA-36", "WT-11"},
    {field::manager_name, source_field::reports_to, "Reports To", "LA-39", "WT-11"},
    {field::avatar, source_field::image, "Employee Image", "LA-3", ""},
    {field::attributes, source_field::employee_id, "extra fields", "G-14", "G-14"},
    {field::start_date, source_field::start_date, "Start Date", "LA-3", "WT-2"},
    {field::leaving_date, source_field::leaving_date, "Leaving Date", "LA-43", "WT-8"},
}};
static_assert(fields.size() == directory::field_count);

} // namespace

std::span<const field_words> field_table() noexcept {
    return fields;
}

const field_words& words_of(field which) noexcept {
    return fields[static_cast<std::size_t>(which)];
}

std::string_view label_of(std::string_view field_name) noexcept {
    for (const auto& each : fields) {
        if (directory::name_of(each.field) == field_name) return each.label;
    }
    return field_name;
}

std::string quoted(std::string_view text) {
    return fmt::format("'{}'", text);
}

std::string full_name(const directory::user_values& of) {
    const auto first = of.get(field::first_name);
    const auto last = of.get(field::last_name);
    return fmt::format("{}{}{}", first, first.empty() || last.empty() ? "" : " ", last);
}

std::string rule_words(std::string_view rule) {
    if (rule == "manual") return "somebody set it by hand";
    if (rule == "undo") return "an undo took a run back";
    const auto* known = find_rule(rule);
    return known == nullptr ? std::string() : std::string(known->text);
}

std::string seats_words(const inquiry& q) {
    return fmt::format("{} of {}", q.of.users.active(), q.settings.seats);
}

inquiry::inquiry(const explain_input& about)
    : in(about),
      of(about.of),
      settings(about.settings),
      zone(zone_of(about.settings)),
      today(local_date(about.now, zone)),
      past(about.at.has_value() && *about.at < about.now),
      history(about.history),
      mapper_(about.settings, today, text_bytes_max) {
    known = in.user != user_ref::none;
    if (known) user = directory::own(of.users.values(in.user), of.users.meta(in.user));
    if (in.row != nullptr && !past) source = &mapper_.map(*in.row);
    if (past) look_back();
    if (source != nullptr) plan_ahead();
    if (known) id = user.get(field::external_id);
    if (id.empty() && source != nullptr) id = source->values.get(field::external_id);
    person = id;
    if (person.empty() && known) person = user.get(field::email);
    if (person.empty() && known) person = fmt::format("uid:{}", user.meta.uid);
    if (person.empty()) person = in.asked;
}

// Whoever was deleted since is in the history only.
void inquiry::look_back() {
    const auto is_later = [this](const audit_entry& entry) { return entry.at > *in.at; };
    const auto split = std::find_if_not(history.begin(), history.end(), is_later);
    const auto later = history.first(static_cast<std::size_t>(split - history.begin()));
    if (!known && !history.empty()) user.meta.uid = history.front().step.subject;
    // The first thing that happened afterwards says whether there was a user then.
    for (auto each = later.rbegin(); each != later.rend(); ++each) {
        const auto kind = each->step.kind;
        if (kind != step_kind::create && kind != step_kind::delete_user) continue;
        known = kind == step_kind::delete_user;
        break;
    }
    user = known ? before_changes(std::move(user), later) : directory::user_data{};
    history = history.subspan(later.size());
}

// As a read of this one person would be planned, which looks at nobody else.
void inquiry::plan_ahead() {
    const auto& row = *source;
    snapshot one;
    // A Company that cannot be read moves nobody.
    const bool in_scope = row.scope_known ? row.in_scope : known && user.meta.managed;
    if (!known && !in_scope) return;
    one.stats.rows = 1;
    one.changed.push_back({.values = row.values,
                           .folded_email = row.folded_email,
                           .fingerprint = row.fingerprint,
                           .keep = row.keep,
                           .left = row.left,
                           .in_scope = in_scope,
                           .state_known = row.state_known,
                           .rejected = row.rejected});
    planner ahead(of, &one, settings, in.now);
    while (!ahead.advance(1)) {
    }
    auto made = ahead.take();
    id = row.values.get(field::external_id);
    for (auto& each : made.steps) {
        if (!concerns(each)) continue;
        const bool rejected = of.rejected.contains(digest_of(each));
        planned.push_back({std::move(each), rejected});
    }
}

inquiry::planned_change inquiry::planned_for(attribute what) const noexcept {
    for (const auto& each : planned) {
        for (const auto& made : each.what.changes) {
            if (made.what == what) return {&made, each.rejected};
        }
    }
    return {};
}

std::string inquiry::raw(source_field which) const {
    return source == nullptr ? std::string() : std::string(trim(in.row->get(which)));
}

recorded_change inquiry::last_change(attribute what) const noexcept {
    for (const auto& entry : history) {
        if (subject_of(entry.step.kind) != subject_kind::user) continue;
        for (const auto& each : entry.step.changes) {
            if (each.what == what) return {&entry, &each};
        }
    }
    return {};
}

bool inquiry::concerns(const step& which) const noexcept {
    if (subject_of(which.kind) != subject_kind::user) return false;
    if (known) return which.subject == user.meta.uid;
    return !id.empty() && which.label == id;
}

held_change inquiry::held(attribute what) const noexcept {
    for (const auto& section : of.held.sections) {
        for (const auto& each : section.steps) {
            if (!concerns(each)) continue;
            for (const auto& made : each.changes) {
                if (made.what == what) return {&section, &each, &made};
            }
        }
    }
    return {};
}

bool inquiry::is_held(step_kind kind) const noexcept {
    for (const auto& section : of.held.sections) {
        for (const auto& each : section.steps) {
            if (each.kind == kind && concerns(each)) return true;
        }
    }
    return false;
}

const issue* inquiry::issue_about(std::string_view field_name) const noexcept {
    const auto of_record = [](issue_kind kind) {
        return kind == issue_kind::duplicate_id || kind == issue_kind::id_reuse;
    };
    for (const auto& each : of.issues) {
        if (id.empty() || each.external_id != id) continue;
        if (each.field == field_name || of_record(each.kind)) return &each;
    }
    return nullptr;
}

const directory::team* inquiry::primary_team() const {
    std::string scratch;
    return of.teams.find_by_key(fold(user.get(field::department), scratch));
}

std::string inquiry::day_text(date day) const {
    return day.is_set() ? to_string(day) : std::string("no date");
}

std::string inquiry::instant_text(wall_time t) const {
    return absl::FormatTime("%Y-%m-%d %H:%M", absl::FromChrono(t), zone);
}

std::string inquiry::user_words(std::uint32_t uid) const {
    if (uid == 0) return {};
    const auto which = of.users.find_by_uid(uid);
    if (which == user_ref::none) return fmt::format("a user who is gone (uid:{})", uid);
    const auto values = of.users.values(which);
    const auto external_id = values.get(field::external_id);
    return fmt::format("{} ({})", external_id.empty() ? values.get(field::email) : external_id,
                       full_name(values));
}

std::string inquiry::id_words(std::string_view external_id) const {
    const auto which = of.users.find_by_id(external_id);
    if (which == user_ref::none) return std::string(external_id);
    return fmt::format("{} ({})", external_id, full_name(of.users.values(which)));
}

} // namespace rollcall::sync
