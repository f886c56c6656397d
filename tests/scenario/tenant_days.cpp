// Days of small random tenants, told to the pure core of the program with an oracle beside it that
// shares nothing with it: nobody is deactivated whom PeopleHR does not call a leaver, nobody is
// invited twice or wrongly by itself, and nobody who is not linked is touched.
//
// ROLLCALL_TENANT_DAYS says how many (50,000 unless it does), ROLLCALL_TENANT_SEED where to begin.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include "random_company.hpp"
#include "step_words.hpp"
#include "sync/edits.hpp"
#include "tenant_harness.hpp"

namespace rollcall::test {
namespace {

using directory::field;
using directory::user_state;
using sync::source_field;
using sync::step;
using sync::step_kind;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const auto* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Zones that change their clocks at midnight, at odd hours, by half an hour, or not at all.
constexpr std::array zones{"Europe/London", "America/Asuncion", "Australia/Lord_Howe",
                           "Asia/Beirut",   "Pacific/Auckland", "America/Los_Angeles",
                           "Africa/Cairo",  "Asia/Kolkata",     "Atlantic/Azores",
                           "America/Havana"};

sync::tenant_settings random_settings(random_source& random) {
    using namespace sync;
    const bool learnamp = random.chance(0.75);
    auto s = defaults_of(learnamp ? profile::learnamp : profile::wethrive);
    s.time_zone = zones[random.below(zones.size())];
    s.missing_policy = random.chance(0.3) ? missing_policy::deactivate : missing_policy::report;
    s.missing_after = static_cast<std::uint8_t>(random.between(1, 3));
    s.email_fallback = random.chance(0.5);
    s.reactivation = random.chance(0.2) ? reactivation::hr_wins : reactivation::ours;
    if (random.chance(0.3)) s.company = "Acme";
    if (random.chance(0.2)) s.out_of_scope = out_of_scope::deactivate;
    if (random.chance(0.2)) s.leavers = leavers::report;
    if (random.chance(0.3)) s.protected_users = {"E2"};
    if (!learnamp) {
        if (random.chance(0.5)) s.seats = static_cast<std::uint32_t>(random.between(5, 15));
        return s;
    }
    s.invite = random.chance(0.4)   ? invite::immediately
               : random.chance(0.8) ? invite::hire_date
                                    : invite::never;
    s.invite_hour = static_cast<std::uint8_t>(random.below(24));
    s.remove_stale_teams = random.chance(0.5);
    s.team_from_department = s.remove_stale_teams || random.chance(0.8);
    s.owner_manages_new_teams = random.chance(0.3);
    s.manager_from_reports_to = random.chance(0.8);
    s.clear_blank_department = random.chance(0.3);
    return s;
}

// One tenant, its company, and what must never happen between them.
class watched_tenant {
  public:
    explicit watched_tenant(std::uint64_t seed)
        : seed_(seed),
          random_(seed),
          settings_(random_settings(random_)),
          zone_(sync::zone_of(settings_)),
          tenant_(settings_, begin()),
          company_(seed ^ 0x5eed, static_cast<std::size_t>(random_.between(3, 12)), today()) {
        add_guests();
    }

    void live(int days) {
        for (int i = 0; i < days && !testing::Test::HasFailure(); ++i) day();
    }

  private:
    static wall_time begin() { return from_unix_ms(1'790'000'000'000); } // autumn 2026

    [[nodiscard]] date today() const { return local_date(tenant_.now(), zone_); }

    // With the last events, so that a seed explains itself.
    void fail(const std::string& what) const {
        std::string story;
        for (const auto& each : story_) story += "\n  " + each;
        ADD_FAILURE() << "seed " << seed_ << ", day " << to_string(today()) << ": " << what
                      << story;
    }

    void tell(const std::string& cause, const event_report& happened) {
        const words say(tenant_.books, settings_);
        auto line =
            say.instant(tenant_.now()) + " " + cause + ": " + std::string(name_of(happened.result));
        for (const auto& each : happened.steps) line += "\n      " + say.step(each);
        story_.push_back(std::move(line));
        if (story_.size() > 12) story_.erase(story_.begin());
    }

    // Users whom nobody in PeopleHR is linked to: an Owner and a guest.
    void add_guests() {
        for (const auto* name : {"owner", "guest"}) {
            const std::vector<sync::edit> fields{{"email", std::string(name) + "@example.com"},
                                                 {"first_name", "G"},
                                                 {"last_name", "G"},
                                                 {"job_title", "Guest"},
                                                 {"role", name[0] == 'o' ? "owner" : "member"}};
            const auto report = tenant_.edit(
                [&](const sync::books& of) { return sync::adding_user(of, settings_, fields); });
            EXPECT_EQ(report.detail, "");
        }
        tenant_.books.users.for_each(
            [&](directory::user_ref each) { guests_.push_back(user_of(tenant_.books, each)); });
    }

    void day() {
        const auto end = tenant_.now() + hours{24};
        const auto things = random_.below(4);
        for (std::uint64_t i = 0; i < things; ++i) company_.something_happens(today());
        const auto reads = random_.below(3);
        for (std::uint64_t i = 0; i < reads; ++i) {
            wait(minutes{random_.between(1, 8 * 60)});
            read();
            if (random_.chance(0.25)) by_hand();
            if (random_.chance(0.05)) tenant_.restart();
        }
        if (random_.chance(0.02)) jump();
        if (tenant_.now() < end) wait(end - tenant_.now());
    }

    // From one thing that falls due to the next, to look at each as it happens.
    void wait(nanoseconds how_long) {
        const auto to = tenant_.now() + how_long;
        while (tenant_.now() < to) {
            const auto next = sync::next_timer(tenant_.books, settings_, tenant_.now());
            const auto soonest = tenant_.now() + milliseconds{1};
            const auto at = next ? std::clamp(*next, soonest, std::max(to, soonest)) : to;
            watch(tenant_.advance(at), true, "time");
        }
    }

    void jump() {
        watch(tenant_.jump(tenant_.now() + minutes{random_.between(-36 * 60, 36 * 60)}), true,
              "jump");
    }

    // The truth, or what PeopleHR sometimes says instead.
    void read() {
        auto answer = company_.listed();
        const auto luck = random_.below(40);
        if (luck == 0) {
            answer.clear();
        } else if (luck <= 2) {
            answer.resize(random_.below(answer.size()) + 1);
        } else if (luck == 3) {
            answer.push_back(answer[random_.below(answer.size())]);
            answer.back().set(source_field::status, "3");
        } else if (luck == 4) {
            (void)tenant_.failed_read(errc::bad_response, "cut");
            return;
        }
        for (auto i = answer.size(); i > 1; --i) std::swap(answer[i - 1], answer[random_.below(i)]);
        const auto report = tenant_.read(answer);
        if (report.result != sync::run_outcome::held || !report.steps.empty() ||
            !tenant_.books.held.empty()) {
            if (report.code != errc::held) remember(answer);
        }
        watch(report, true, "read");
        if (report.code == errc::ok) follows();
    }

    // Of an id that is listed twice, or not at all, nothing is learnt: what was known of it stays.
    void remember(const std::vector<employee>& answer) {
        for (auto& [id, row] : rows_) row.times = 0;
        std::map<std::string, employee> before;
        for (const auto& each : answer) {
            const auto& id = each.get(source_field::employee_id);
            auto& row = rows_[id];
            if (++row.times == 1) {
                before[id] = std::exchange(row.last, each);
            } else {
                row.last = before[id];
            }
        }
    }

    // A person at the keyboard, who decides by chance.
    void by_hand() {
        switch (random_.below(8)) {
            case 0:
            case 1: return watch(tenant_.approve({}), true, "approve");
            case 2: return watch(tenant_.reject({}), true, "reject");
            case 3: return watch(tenant_.go_live(), true, "go-live");
            case 4: return resolve();
            case 5: return edit();
            case 6: return undo();
            default: return invite();
        }
    }

    void resolve() {
        for (const auto& each : std::vector(tenant_.books.issues)) {
            const auto choices = sync::rulings_for(each.kind);
            if (choices.empty() || random_.chance(0.5)) continue;
            const auto how = choices[random_.below(choices.size())];
            watch(tenant_.resolve(each.kind, each.external_id, how), true, "resolve");
            return;
        }
    }

    [[nodiscard]] std::optional<directory::user_ref> somebody() {
        std::vector<directory::user_ref> all;
        tenant_.books.users.for_each([&](directory::user_ref each) {
            if (!tenant_.books.users.text(each, field::external_id).empty()) all.push_back(each);
        });
        if (all.empty()) return std::nullopt;
        return all[random_.below(all.size())];
    }

    void edit() {
        const auto who = somebody();
        if (!who) return;
        const auto user = user_of(tenant_.books, *who);
        sync::edit what{"job_title", "By hand"};
        if (random_.chance(0.3)) {
            const bool active = user.meta.state == user_state::active;
            what = {"state", active ? "inactive" : "active"};
        }
        watch(tenant_.edit([&](const sync::books& of) {
            return sync::editing_user(of, settings_, *who, {{what}});
        }),
              false, "by hand");
    }

    // Not of the guests, who came first.
    void undo() {
        if (tenant_.runs.size() > guests_.size()) watch(tenant_.undo(0), false, "undo");
    }

    void invite() {
        const auto who = somebody();
        if (!who) return;
        watch(tenant_.edit([&](const sync::books& of) {
            const std::vector people{*who};
            return sync::inviting(of, people, tenant_.now());
        }),
              false, "by hand");
    }

    // ---- what must never happen ----

    void watch(const event_report& happened, bool by_itself, const char* cause) {
        if (!happened.steps.empty()) tell(cause, happened);
        if (!happened.inconsistent.empty()) fail(happened.inconsistent);
        // An approval is followed by a plan of its own: what matters is the order of the steps.
        std::set<std::uint32_t> departed;
        for (const auto& each : happened.steps) {
            if (each.kind == step_kind::deactivate && by_itself) deactivated(each);
            if (each.kind == step_kind::deactivate) departed.insert(each.subject);
            if (each.kind == step_kind::delete_user && by_itself) fail("deleted " + each.label);
            if (each.kind == step_kind::send_invitation) may_be_invited(each, happened, departed);
        }
        if (by_itself) {
            for (const auto& each : happened.notices) {
                if (each.kind == sync::notice_kind::invitation) invited(each);
            }
        }
        guests_are_left_alone();
        if (random_.chance(0.1)) {
            if (const auto wrong = tenant_.books.users.verify()) fail(*wrong);
        }
    }

    void may_be_invited(const step& what, const event_report& happened,
                        const std::set<std::uint32_t>& departed) const {
        if (departed.contains(what.subject))
            return fail("invited after the departure: " + what.label);
        const bool departs = std::ranges::any_of(happened.steps, [&](const step& s) {
            return s.kind == step_kind::deactivate && s.subject == what.subject;
        });
        const auto who = tenant_.books.users.find_by_uid(what.subject);
        if (!departs && !tenant_.books.users.is_active(who))
            fail("invited inactive: " + what.label);
    }

    void deactivated(const step& what) {
        ++deactivations;
        const auto user = user_of(tenant_.books, tenant_.books.users.find_by_uid(what.subject));
        const auto& id = user.get(field::external_id);
        const auto who = "deactivated " + id + ": ";
        if (id.empty()) return fail(who + "not linked");
        if (std::ranges::find(settings_.protected_users, id) != settings_.protected_users.end()) {
            return fail(who + "protected");
        }
        const auto row = rows_.find(id);
        if (row == rows_.end()) return fail(who + "never seen");
        if (row->second.times == 0) {
            const bool long_enough = user.meta.missing >= settings_.missing_after;
            if (settings_.missing_policy == sync::missing_policy::deactivate && long_enough) return;
        }
        const bool out = !settings_.company.empty() &&
                         row->second.last.get(source_field::company) != settings_.company;
        if (out && settings_.out_of_scope == sync::out_of_scope::deactivate) return;
        if (!says_left(row->second.last, today())) {
            return fail(who + (row->second.times == 0 ? "absent, and that is all"
                                                      : "employed, says PeopleHR"));
        }
        if (settings_.leavers == sync::leavers::report) fail(who + "leavers are only reported");
    }

    void invited(const sync::notice& what) {
        ++invitations;
        const auto who = "invited " + what.external_id + ": ";
        if (++automatic_invitations_[what.uid] > 1) fail(who + "twice");
        if (settings_.profile != sync::profile::learnamp) fail(who + "WeThrive has none");
        const auto user = user_of(tenant_.books, tenant_.books.users.find_by_uid(what.uid));
        if (!user.meta.created_by_us) fail(who + "was here before");
        if (settings_.invite == sync::invite::hire_date && user.start_date > today()) {
            fail(who + "before the hire date");
        }
    }

    // Unless the fallback finds a guest's own address in PeopleHR, which the company never has.
    void guests_are_left_alone() {
        for (const auto& each : guests_) {
            const auto ref = tenant_.books.users.find_by_uid(each.meta.uid);
            if (ref == directory::user_ref::none) {
                fail("a user who is not linked is gone");
            } else if (!(user_of(tenant_.books, ref) == each)) {
                fail("a user who is not linked was touched");
            }
        }
    }

    // After a read that was believed: who is employed and ours is active, with PeopleHR's values,
    // unless something on record says why not.
    void follows() {
        absl::flat_hash_set<std::string> excused;
        for (const auto& each : tenant_.books.issues) excused.insert(each.external_id);
        for (const auto& each : tenant_.books.decisions.all()) excused.insert(each.external_id);
        absl::flat_hash_set<std::uint32_t> waiting;
        for (const auto& section : tenant_.books.held.sections) {
            for (const auto& each : section.steps) waiting.insert(each.subject);
        }
        if (!tenant_.books.rejected.empty()) return;
        tenant_.books.users.for_each([&](directory::user_ref each) {
            const auto user = user_of(tenant_.books, each);
            const auto& id = user.get(field::external_id);
            const auto row = rows_.find(id);
            if (id.empty() || row == rows_.end() || row->second.times != 1 ||
                excused.contains(id) || waiting.contains(user.meta.uid) || !user.meta.managed) {
                return;
            }
            const bool left = says_left(row->second.last, today());
            if (!left && user.meta.state == user_state::inactive && user.meta.deactivated_by_us) {
                fail(id + " is employed, and still inactive");
            }
            if (left && user.meta.state == user_state::active) fail(id + " left, and is active");
            const auto& title = row->second.last.get(source_field::job_role);
            if (!title.empty() && user.get(field::job_title) != title) {
                fail(id + " has another job title than PeopleHR says");
            }
        });
    }

    struct listed_row {
        int times = 0; // in the last list that was believed
        employee last; // as it was told without doubt
    };

    const std::uint64_t seed_;
    random_source random_;
    const sync::tenant_settings settings_;
    const absl::TimeZone zone_;
    tenant_harness tenant_;
    random_company company_;
    std::vector<directory::user_data> guests_;
    std::map<std::string, listed_row> rows_;
    std::vector<std::string> story_;
    std::map<std::uint32_t, int> automatic_invitations_;

  public:
    std::uint64_t deactivations = 0, invitations = 0;
};

TEST(TenantDays, NobodyIsDeactivatedWronglyInvitedTwiceOrTouchedUnlinked) {
    const auto days = number_from("ROLLCALL_TENANT_DAYS", 50'000);
    const auto first = number_from("ROLLCALL_TENANT_SEED", 1);
    constexpr std::uint64_t days_of_one = 50;
    std::uint64_t done = 0, deactivations = 0, invitations = 0;
    for (auto seed = first; done < days && !HasFailure(); ++seed) {
        watched_tenant tenant(seed);
        tenant.live(days_of_one);
        done += days_of_one;
        deactivations += tenant.deactivations;
        invitations += tenant.invitations;
    }
    std::printf(
        "%llu tenant-days: %llu deactivations, 0 wrong; %llu automatic invitations, 0 "
        "double\n",
        static_cast<unsigned long long>(done), static_cast<unsigned long long>(deactivations),
        static_cast<unsigned long long>(invitations));
    // A simulation in which little happens proves little.
    EXPECT_GT(deactivations * 100, done);
    EXPECT_GT(invitations * 200, done);
}

} // namespace
} // namespace rollcall::test
