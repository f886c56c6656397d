// Each value of a person: what the source says, which rule decided, and what came of it.
#include <fmt/format.h>

#include <algorithm>

#include "answers_parts.hpp"
#include "rollcall/core/text.hpp"

namespace rollcall::sync {

using directory::field;
using directory::owner;
using directory::user_state;
using fmt::format;

namespace {

std::string_view owner_words(owner whose) noexcept {
    switch (whose) {
        case owner::ours: return "ours";
        case owner::manual: return "manual";
        case owner::never_set: break;
    }
    return "";
}

std::string_view default_rule(const inquiry& q, const field_words& of) noexcept {
    return q.learnamp() ? of.learnamp_rule : of.wethrive_rule;
}

void decide(explained_value& v, std::string decision, std::string_view rule) {
    v.decision = std::move(decision);
    v.rule = rule;
}

void remember(const inquiry& q, explained_value& v, attribute what) {
    const auto last = q.last_change(what);
    if (last.entry == nullptr) return;
    v.run = last.entry->run;
    v.since = last.entry->at;
}

std::string_view recorded_rule(const inquiry& q, attribute what, std::string_view otherwise) {
    const auto last = q.last_change(what);
    if (last.what == nullptr || last.what->rule.empty()) return otherwise;
    // A create is one rule for all fields; what is asked is where this one comes from.
    const bool born = last.entry->step.kind == step_kind::create && last.what->rule != "manual";
    return born ? otherwise : last.what->rule;
}

// What the directory has because it was written so; of a blank, because it was cleared or never
// set.
void decide_by_record(const inquiry& q, explained_value& v, attribute what,
                      std::string_view otherwise) {
    const auto rule = recorded_rule(q, what, otherwise);
    if (rule == "manual")
        return decide(v, v.value.empty() ? "cleared by hand" : "set by hand", rule);
    if (!v.value.empty()) return decide(v, "set", rule);
    decide(v, q.last_change(what).what == nullptr ? "blank" : "cleared", rule);
}

// True where the answer is the same for every value: there is no user, no row to compare with, or
// the user is out of the company scope.
bool decide_at_large(const inquiry& q, explained_value& v, attribute what,
                     std::string_view otherwise) {
    if (q.past) {
        decide_by_record(q, v, what, otherwise);
    } else if (!q.known) {
        decide(v, "not done", otherwise);
    } else if (q.source == nullptr) {
        decide(v, "kept", "G-3");
        v.because =
            "the last complete read does not have the person, which is no reason to change "
            "anything";
    } else if (!q.user.meta.managed) {
        decide(v, "kept", "LA-7");
    } else {
        return false;
    }
    return true;
}

// Why the mapper says that nothing may be done about a field.
std::string_view keeping_rule(const inquiry& q, field which) {
    if (const auto* found = q.issue_about(directory::name_of(which)); found != nullptr) {
        return found->rule;
    }
    switch (which) {
        case field::email:
        case field::first_name:
        case field::last_name: return "LA-18";
        case field::department: return q.settings.team_from_department ? "LA-34" : "LA-28";
        default: return "G-12"; // a value that cannot be read is no blank
    }
}

// Nothing recorded keeps the source's value out: what would a sync do now?
void decide_by_plan(const inquiry& q, explained_value& v, attribute what,
                    std::string_view otherwise) {
    const auto planned = q.planned_for(what);
    if (planned.what == nullptr) return decide(v, "kept", otherwise);
    if (planned.rejected) return decide(v, "rejected", "G-6");
    decide(v, "to come", planned.what->rule);
    v.because = format("the next sync sets it to {}", quoted(planned.what->new_value));
}

void decide_difference(const inquiry& q, explained_value& v, field which,
                       std::string_view otherwise) {
    const auto what = attribute_of(which);
    const auto i = static_cast<std::size_t>(which);
    if (const auto waits = q.held(what); waits.what != nullptr) {
        decide(v, "held", waits.what->rule);
        v.because =
            format("to become {}: {}", quoted(waits.what->new_value), waits.section->reason);
    } else if (const auto* found = q.issue_about(directory::name_of(which)); found != nullptr) {
        decide(v, "not done", found->rule);
    } else if (q.source->rejected) {
        decide(v, "kept", "LA-18");
    } else if (v.source.empty() && q.user.meta.ownership[i] != owner::ours) {
        decide(v, "kept", "LA-19");
    } else {
        decide_by_plan(q, v, what, otherwise);
    }
}

std::string source_text(const inquiry& q, const field_words& of) {
    if (q.source == nullptr) return {};
    if (q.source->keeps(of.field) && of.field != field::attributes) return q.raw(of.source);
    if (of.field == field::start_date) return to_string(q.source->values.start_date);
    if (of.field == field::leaving_date) return to_string(q.source->values.leaving_date);
    return std::string(q.source->values.get(of.field));
}

explained_value explain_field(const inquiry& q, const field_words& of) {
    const auto what = attribute_of(of.field);
    const auto otherwise = default_rule(q, of);
    explained_value v;
    v.what = name_of(what);
    v.source = source_text(q, of);
    if (q.known) v.value = text_of(q.user, what);
    v.owner = owner_words(q.user.meta.ownership[static_cast<std::size_t>(of.field)]);
    remember(q, v, what);
    if (decide_at_large(q, v, what, otherwise)) return v;
    if (q.source->keeps(of.field)) {
        decide(v, "kept", keeping_rule(q, of.field));
    } else if (v.source == v.value) {
        decide_by_record(q, v, what, otherwise);
    } else {
        decide_difference(q, v, of.field, otherwise);
    }
    return v;
}

// ---- what is not one field of the source ----

std::string employment(const inquiry& q) {
    if (q.source == nullptr) return {};
    const auto status = q.raw(source_field::status);
    const auto leaving = q.raw(source_field::leaving_date);
    return format("{}{}", status.empty() ? "no status" : "status " + status,
                  leaving.empty() ? "" : ", leaving date " + leaving);
}

explained_value explain_state(const inquiry& q) {
    const std::string_view leaving_rule = q.learnamp() ? "LA-43" : "WT-8";
    explained_value v;
    v.what = "state";
    v.source = employment(q);
    if (q.known) v.value = text_of(q.user, attribute::state);
    const bool inactive = q.user.meta.state == user_state::inactive;
    if (q.known && inactive) v.owner = q.user.meta.deactivated_by_us ? "ours" : "manual";
    remember(q, v, attribute::state);
    if (decide_at_large(q, v, attribute::state, leaving_rule)) return v;
    if (const auto waits = q.held(attribute::state); waits.what != nullptr) {
        decide(v, "held", waits.what->rule);
        v.because = format("to become {}: {}", waits.what->new_value, waits.section->reason);
    } else if (!q.source->state_known) {
        decide(v, "kept", leaving_rule);
    } else if (q.source->left == inactive) {
        decide(v, inactive ? "deactivated" : "active",
               inactive ? recorded_rule(q, attribute::state, leaving_rule) : leaving_rule);
    } else {
        decide_by_plan(q, v, attribute::state, inactive ? "LA-16" : leaving_rule);
    }
    return v;
}

explained_value explain_manager(const inquiry& q) {
    const auto which = field::manager_id;
    const std::string_view otherwise = default_rule(q, words_of(which));
    explained_value v;
    v.what = "manager";
    const auto id = q.raw(source_field::reports_to_id);
    const auto name = q.raw(source_field::reports_to);
    v.source = id.empty() || name.empty() ? id + name : format("{} ({})", id, name);
    if (q.known) v.value = q.user_words(q.user.meta.manager);
    v.owner = owner_words(q.user.meta.ownership[static_cast<std::size_t>(which)]);
    remember(q, v, attribute::manager);
    if (decide_at_large(q, v, attribute::manager, otherwise)) return v;
    const bool manual = v.owner == "manual";
    const auto issue_of_manager =
        std::find_if(q.of.issues.begin(), q.of.issues.end(), [&](const issue& each) {
            return each.external_id == q.id && !q.id.empty() &&
                   each.kind >= issue_kind::manager_unknown &&
                   each.kind <= issue_kind::manager_inactive;
        });
    if (q.learnamp() && !q.settings.manager_from_reports_to) {
        decide(v, manual && q.user.meta.manager != 0 ? "kept" : "not used", "LA-36");
    } else if (const auto waits = q.held(attribute::manager); waits.what != nullptr) {
        decide(v, "held", waits.what->rule);
        v.because = waits.section->reason;
    } else if (issue_of_manager != q.of.issues.end()) {
        decide(v, q.user.meta.manager == 0 ? "not done" : "kept", issue_of_manager->rule);
    } else if (v.source.empty() && q.user.meta.manager != 0) {
        decide_by_plan(q, v, attribute::manager, manual ? "LA-19" : "LA-38");
    } else if (v.source.empty()) {
        decide(v, "blank", q.learnamp() ? "LA-38" : "WT-11");
    } else if (q.planned_for(attribute::manager).what != nullptr || q.user.meta.manager == 0) {
        decide_by_plan(q, v, attribute::manager, otherwise);
    } else {
        decide_by_record(q, v, attribute::manager, otherwise);
    }
    return v;
}

explained_value explain_team(const inquiry& q) {
    explained_value v;
    v.what = "team";
    v.source = q.raw(source_field::department);
    const auto* team = q.primary_team();
    if (team != nullptr) v.value = team->name;
    v.owner = owner_words(q.user.meta.ownership[static_cast<std::size_t>(field::department)]);
    remember(q, v, attribute::department);
    if (!q.settings.team_from_department) {
        decide(v, "not used", "LA-28");
    } else if (team == nullptr) {
        decide(v, "none", "LA-34");
    } else {
        decide(v, team->owned ? "member" : "member of a team made by hand",
               team->owned ? "LA-28" : "LA-30");
    }
    return v;
}

void explain_secondary(const inquiry& q, std::vector<explained_value>& into) {
    std::string names;
    for (const auto& each : q.of.teams.secondary()) {
        const auto* team = each.uid == q.user.meta.uid ? q.of.teams.find(each.team) : nullptr;
        if (team != nullptr) names += (names.empty() ? "" : ", ") + team->name;
    }
    if (names.empty()) return;
    explained_value v;
    v.what = "secondary_teams";
    v.value = std::move(names);
    v.owner = "manual";
    decide(v, "kept", "LA-33");
    into.push_back(std::move(v));
}

std::string_view rule_of(invitation_state v) noexcept {
    switch (v) {
        case invitation_state::not_invited: return "LA-21";
        case invitation_state::scheduled:
        case invitation_state::due: return "LA-23";
        case invitation_state::sent:
        case invitation_state::confirmed: return "LA-26";
        case invitation_state::cancelled: return "LA-24";
    }
    return {};
}

explained_value explain_invitation(const inquiry& q) {
    explained_value v;
    v.what = "invitation";
    v.source = q.source == nullptr ? "" : to_string(q.source->values.start_date);
    remember(q, v, attribute::invitation);
    const auto* entry = q.of.invitations.find(q.user.meta.uid);
    if (entry == nullptr) {
        v.value = name_of(invitation_state::not_invited);
        decide(v, "not invited", q.user.meta.created_by_us ? "LA-21" : "LA-25");
        return v;
    }
    const bool due = entry->state == invitation_state::scheduled && entry->due <= q.in.now;
    const auto shown = due ? invitation_state::due : entry->state;
    v.value = name_of(shown);
    if (shown == invitation_state::scheduled) v.value += " for " + q.instant_text(entry->due);
    if (entry->sent != wall_time{}) v.value += ", sent " + q.instant_text(entry->sent);
    v.owner = entry->automatic ? "ours" : "manual";
    const bool waits = entry->first_load && !q.of.live;
    if (due && (waits || q.is_held(step_kind::send_invitation))) {
        decide(v, "held", "G-5");
    } else {
        decide(v, std::string(name_of(shown)),
               recorded_rule(q, attribute::invitation, rule_of(shown)));
    }
    return v;
}

explained_value explain_seat(const inquiry& q) {
    explained_value v;
    v.what = "seat";
    const bool active = q.known && q.user.meta.state == user_state::active;
    v.value = active ? "taken" : "";
    decide(v, active ? "has a seat" : "has none", "WT-6");
    v.because = format("{} licences are taken", seats_words(q));
    return v;
}

explained_value explain_scope(const inquiry& q) {
    explained_value v;
    v.what = "scope";
    v.source = q.raw(source_field::company);
    const bool managed = q.known && q.user.meta.managed;
    const bool in_scope = q.source != nullptr && q.source->in_scope;
    v.value = managed ? "synced" : "not synced";
    remember(q, v, attribute::managed);
    decide(v, managed || in_scope ? "in scope" : "out of scope", managed ? "LA-5" : "LA-7");
    v.because = format("the setting company is {}", quoted(q.settings.company));
    return v;
}

explained_value explain_missing(const inquiry& q) {
    explained_value v;
    v.what = "missing";
    v.source = q.source == nullptr ? "absent" : "";
    v.value = format("{}", q.user.meta.missing);
    remember(q, v, attribute::missing);
    decide(v, "counted", "G-3");
    v.because = format("absent from {} of the {} complete reads after which it is reported",
                       q.user.meta.missing, q.settings.missing_after);
    return v;
}

} // namespace

std::vector<explained_value> explain_values(const inquiry& q) {
    std::vector<explained_value> out;
    if (!q.known && q.source == nullptr) return out;
    for (const auto& each : field_table()) {
        const bool of_manager =
            each.field == field::manager_id || each.field == field::manager_name;
        const bool unused = each.field == field::attributes && q.settings.extra_fields.empty() &&
                            q.user.get(field::attributes).empty();
        if (of_manager || unused || default_rule(q, each).empty()) continue;
        out.push_back(explain_field(q, each));
    }
    out.push_back(explain_manager(q));
    if (q.known) out.push_back(explain_state(q));
    if (q.known && !q.past) {
        if (q.learnamp()) {
            out.push_back(explain_team(q));
            explain_secondary(q, out);
            out.push_back(explain_invitation(q));
        }
        if (q.user.meta.missing != 0) out.push_back(explain_missing(q));
    }
    if (!q.past && q.settings.seats != 0) out.push_back(explain_seat(q));
    if (!q.past && !q.settings.company.empty()) out.push_back(explain_scope(q));
    for (auto& each : out) {
        if (each.because.empty()) each.because = rule_words(each.rule);
    }
    return out;
}

} // namespace rollcall::sync
