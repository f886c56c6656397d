// The calendar: what the books already say will happen, by day.
#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "answers_parts.hpp"
#include "spared.hpp"

namespace rollcall::sync {

using directory::field;
using directory::user_ref;
using directory::user_state;
using fmt::format;

namespace {

date days_after(date day, std::int32_t count) noexcept {
    return {day.days + count};
}

class calendar {
  public:
    calendar(const books& of, const tenant_settings& settings, wall_time now, int days)
        : of_(of),
          settings_(settings),
          now_(now),
          zone_(zone_of(settings)),
          today_(local_date(now, zone_)),
          end_(days_after(today_, std::max(days, 1))),
          spared_(of.users, settings) {}

    std::vector<forecast_entry> look() {
        held();
        deactivations();
        invitations();
        team_removals();
        seats();
        std::sort(out_.begin(), out_.end(), [](const forecast_entry& a, const forecast_entry& b) {
            return std::tie(a.day, a.what, a.who, a.name, a.rule, a.detail) <
                   std::tie(b.day, b.what, b.who, b.name, b.rule, b.detail);
        });
        return std::move(out_);
    }

  private:
    // What is overdue happens today.
    void add(date day, std::string_view what, std::string who, std::string name,
             std::string_view rule, std::string detail) {
        day = std::max(day, today_);
        if (day >= end_) return;
        out_.push_back({day, std::string(what), std::move(who), std::move(name), std::string(rule),
                        std::move(detail)});
    }
    [[nodiscard]] static std::string who(const directory::user_values& values) {
        const auto id = values.get(field::external_id);
        return std::string(id.empty() ? values.get(field::email) : id);
    }
    [[nodiscard]] bool waits(step_kind kind, std::uint32_t uid) const {
        return held_.contains({kind, uid});
    }

    void held();
    void deactivations();
    void leaver(user_ref which, const directory::user_brief& brief);
    void absent(user_ref which, const directory::user_brief& brief);
    [[nodiscard]] bool may_be_deactivated(user_ref which, const directory::user_brief& brief);
    void invitations();
    void team_removals();
    void seats();

    const books& of_;
    const tenant_settings& settings_;
    const wall_time now_;
    const absl::TimeZone zone_;
    const date today_;
    const date end_; // the first day that is not asked about
    spared spared_;
    absl::flat_hash_set<std::pair<step_kind, std::uint32_t>> held_;
    date next_seat_{}; // when a deactivation frees one
    std::vector<forecast_entry> out_;
};

void calendar::held() {
    for (const auto& section : of_.held.sections) {
        for (const auto& each : section.steps) {
            held_.insert({each.kind, each.subject});
            std::string name = each.label;
            if (subject_of(each.kind) == subject_kind::user) {
                const auto which = of_.users.find_by_uid(each.subject);
                name = which == user_ref::none ? "" : full_name(of_.users.values(which));
            }
            add(today_, "held", each.label, std::move(name),
                each.changes.empty() ? std::string_view("G-5") : each.changes.front().rule,
                format("{} waits for approval: {}", name_of(each.kind), section.reason));
        }
    }
}

void calendar::deactivations() {
    of_.users.for_each_brief([this](user_ref which, const directory::user_brief& brief) {
        if (brief.state != user_state::active || !brief.managed) return;
        if (!may_be_deactivated(which, brief)) return;
        leaver(which, brief);
        absent(which, brief);
    });
}

// LA-45: none of these is deactivated; and whoever waits for approval is told of as held.
bool calendar::may_be_deactivated(user_ref which, const directory::user_brief& brief) {
    if (!brief.leaving_date.is_set() && brief.missing == 0) return false; // the most, by far
    if (waits(step_kind::deactivate, brief.uid)) return false;
    const auto id = of_.users.text(which, field::external_id);
    if (id.empty()) return false;
    return !spared_.is_protected(id, of_.users.text(which, field::email)) &&
           !spared_.is_last_owner(brief.role);
}

void calendar::leaver(user_ref which, const directory::user_brief& brief) {
    const auto leaving = brief.leaving_date;
    const bool earlier_employment = brief.start_date.is_set() && brief.start_date > leaving;
    if (!leaving.is_set() || earlier_employment || settings_.leavers == leavers::report) return;
    const auto day = std::max(days_after(leaving, 1), today_);
    if (!next_seat_.is_set() || day < next_seat_) next_seat_ = day;
    const auto values = of_.users.values(which);
    add(day, "deactivation", who(values), full_name(values),
        settings_.profile == profile::learnamp ? "LA-43" : "WT-8",
        format("the leaving date is {}", to_string(leaving)));
}

void calendar::absent(user_ref which, const directory::user_brief& brief) {
    if (brief.missing == 0 || settings_.missing_policy != missing_policy::deactivate) return;
    if (settings_.schedule != schedule::daily) return; // nobody knows when the next read is
    const int left = std::max(0, settings_.missing_after - brief.missing);
    const auto values = of_.users.values(which);
    add(days_after(today_, left), "deactivation", who(values), full_name(values), "G-3",
        format("absent from {} of {} complete reads, if from the next ones too", brief.missing,
               settings_.missing_after));
}

void calendar::invitations() {
    for (const auto& each : of_.invitations.all()) {
        if (each.state != invitation_state::scheduled) continue;
        if (waits(step_kind::send_invitation, each.uid)) continue;
        const auto which = of_.users.find_by_uid(each.uid);
        if (which == user_ref::none || !of_.users.is_active(which)) continue;
        const auto values = of_.users.values(which);
        const bool waits_for_live = each.first_load && !of_.live;
        const bool is_missing = of_.users.brief(which).missing != 0;
        const std::string_view detail = waits_for_live ? "waits for `rollcall invite go-live`"
                                        : is_missing
                                            ? "waits until a complete read has the person again"
                                        : each.due > now_ ? "falls due"
                                                          : "is due";
        add(local_date(each.due, zone_), "invitation", who(values), full_name(values),
            waits_for_live ? "G-5" : "LA-23", std::string(detail));
    }
}

void calendar::team_removals() {
    if (!settings_.remove_stale_teams || settings_.schedule != schedule::daily) return;
    for (const auto& each : of_.teams.all()) {
        if (!each.owned || each.absent == 0 || of_.teams.has_children(each.id)) continue;
        if (waits(step_kind::remove_team, each.id)) continue;
        const auto& secondary = of_.teams.secondary();
        const auto first = secondary.lower_bound({each.id, 0});
        if (first != secondary.end() && first->team == each.id) continue;
        const int left = std::max(0, settings_.stale_team_after - each.absent);
        add(days_after(today_, left), "team_removal", each.name, each.name, "LA-31",
            format("without active members in {} of {} complete reads, if in the next ones too",
                   each.absent, settings_.stale_team_after));
    }
}

void calendar::seats() {
    if (settings_.seats == 0) return;
    std::string detail = format("{} of {} licences are taken", of_.users.active(), settings_.seats);
    if (next_seat_.is_set() && next_seat_ < end_) {
        detail += format("; the next one comes free on {}", to_string(next_seat_));
    }
    for (const auto& each : of_.issues) {
        if (each.kind != issue_kind::no_seat) continue;
        const auto which = of_.users.find_by_id(each.external_id);
        add(today_, "seat_shortfall", each.external_id,
            which == user_ref::none ? "" : full_name(of_.users.values(which)), "WT-6", detail);
    }
}

} // namespace

std::vector<forecast_entry> forecast(const books& of, const tenant_settings& settings,
                                     wall_time now, int days,
                                     const std::optional<doubted_read>& doubted) {
    auto out = calendar(of, settings, now, days).look();
    if (doubted) {
        forecast_entry first;
        first.day = local_date(now, zone_of(settings));
        first.what = "doubt";
        first.rule = doubted->rule;
        first.detail = format("the last read is not believed ({}); nothing is done before one is",
                              doubted->because);
        out.insert(out.begin(), std::move(first));
    }
    return out;
}

} // namespace rollcall::sync
