#include "rollcall/sync/planner.hpp"

#include <algorithm>

#include "draft.hpp"
#include "planner_users.hpp"
#include "rollcall/core/check.hpp"

namespace rollcall::sync {

using directory::user_brief;
using directory::user_ref;
using directory::user_state;

struct planner::impl {
    impl(const books& all, const snapshot* from, const tenant_settings& settings, wall_time now)
        : of(all),
          made(all, from, settings, now),
          users(made),
          generation(all.users.generation()) {}

    const books& of;
    draft made;
    users_pass users;
    std::unique_ptr<sync::pass> pass; // the one that is being done
    const std::uint64_t generation;
    enum class phase : std::uint8_t {
        begin,
        users,
        seats,
        teams,
        managers,
        invitations,
        done,
    } at = phase::begin;
};

planner::planner(const books& of, const snapshot* from, const tenant_settings& settings,
                 wall_time now)
    : impl_(std::make_unique<impl>(of, from, settings, now)) {}
planner::~planner() = default;

bool planner::advance(std::size_t people) {
    auto& p = *impl_;
    using phase = impl::phase;
    ROLLCALL_CHECK(p.of.users.generation() == p.generation);
    switch (p.at) {
        case phase::begin:
            p.users.begin();
            p.at = phase::users;
            return false;
        case phase::users:
            if (p.users.advance(people)) p.at = phase::seats;
            return false;
        case phase::seats:
            plan_seats(p.made);
            p.at = phase::teams;
            return false;
        case phase::teams:
            plan_teams(p.made);
            p.pass = plan_managers(p.made);
            p.at = phase::managers;
            return false;
        case phase::managers:
            if (!p.pass->advance(people)) return false;
            p.pass = plan_invitations(p.made);
            p.at = phase::invitations;
            return false;
        case phase::invitations:
            if (!p.pass->advance(people)) return false;
            p.at = phase::done;
            return true;
        case phase::done: return true;
    }
    return true;
}

namespace {

bool is_a_bad_email(const issue& each) noexcept {
    return each.kind == issue_kind::invalid_email || each.kind == issue_kind::shared_email ||
           (each.kind == issue_kind::required_blank && each.field == "email");
}

// What a person said is to be left as it is, and not to be heard of again.
void forget_ignored(std::vector<issue>& issues, const decisions& of) {
    if (of.all().empty()) return;
    std::erase_if(issues, [&of](const issue& each) {
        const auto* ruling = of.find(each.kind, each.external_id);
        return ruling != nullptr && ruling->what == ruling_of_conflict::ignore;
    });
}

} // namespace

plan planner::take() {
    ROLLCALL_CHECK(impl_->at == impl::phase::done);
    const auto& of = impl_->of;
    auto out = impl_->made.take();
    // WT-3: an address that is no good stops the run whether or not anybody wants to hear of it.
    const auto& settings = impl_->made.settings;
    if (settings.bad_email == bad_email::stop &&
        std::any_of(out.issues.begin(), out.issues.end(), is_a_bad_email)) {
        out.stopped = true;
        out.steps.clear();
        out.seen.clear();
        out.next_uid = of.next_uid;
        out.next_team = of.next_team;
    }
    forget_ignored(out.issues, of.decisions);
    count_steps(out.steps, out.counts);
    return out;
}

void count_steps(std::span<const step> steps, run_counts& into) noexcept {
    into.created = into.relinked = into.deactivated = into.reactivated = into.unmanaged = 0;
    into.updated = into.invited = 0;
    std::vector<std::uint32_t> born;
    std::vector<std::uint32_t> changed; // people any of whose values move, each counted once
    for (const auto& each : steps) {
        switch (each.kind) {
            case step_kind::create:
                ++into.created;
                born.push_back(each.subject);
                break;
            case step_kind::relink: ++into.relinked; break;
            case step_kind::reactivate: ++into.reactivated; break;
            case step_kind::deactivate: ++into.deactivated; break;
            case step_kind::unmanage: ++into.unmanaged; break;
            case step_kind::send_invitation: ++into.invited; break;
            case step_kind::update:
            case step_kind::blank:
            case step_kind::follow_rename:
            case step_kind::move:
            case step_kind::set_manager:
            case step_kind::clear_manager:
            case step_kind::change_email: changed.push_back(each.subject); break;
            default: break;
        }
    }
    std::sort(born.begin(), born.end());
    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    into.updated = static_cast<std::uint32_t>(std::count_if(
        changed.begin(), changed.end(),
        [&born](std::uint32_t uid) { return !std::binary_search(born.begin(), born.end(), uid); }));
}

std::optional<wall_time> next_timer(const books& of, const tenant_settings& settings,
                                    wall_time now) {
    auto next = of.invitations.next_due(now);
    const auto zone = zone_of(settings);
    const auto today = local_date(now, zone);
    // What has ended before is the next sweep's, or waits in a hold: there the time has come.
    date first;
    of.users.for_each_brief([&](user_ref which, const user_brief& user) {
        if (user.leaving_date < today || !user.managed || user.state != user_state::active) return;
        if (first.is_set() && user.leaving_date >= first) return;
        if (!leaving_has_ended(user, {user.leaving_date.days + 1})) return;
        if (acts_by_calendar(of.users.meta(which))) first = user.leaving_date;
    });
    if (!first.is_set()) return next;
    const auto ends = day_ended(first, zone);
    return next ? std::min(*next, ends) : ends;
}

} // namespace rollcall::sync
