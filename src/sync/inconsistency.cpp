// A net under carry_out: written apart from it, over what would be stored, so that a fault of the
// one is not a fault of the other.
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include "rollcall/core/text.hpp"
#include "rollcall/sync/books.hpp"

namespace rollcall::sync {

using directory::field;
using directory::user_ref;

namespace {

using uid_set = absl::flat_hash_set<std::uint32_t>;

class inspection {
  public:
    inspection(const books& of, const outcome_of_steps& what) : of_(of), what_(what) {
        for (const auto& each : what.users) stored_.insert(each.meta.uid);
        erased_.insert(what.users_erased.begin(), what.users_erased.end());
        for (const auto& each : what.teams) teams_stored_.insert(each.id);
        teams_erased_.insert(what.teams_erased.begin(), what.teams_erased.end());
    }

    std::string users() const {
        absl::flat_hash_map<std::string, std::uint32_t> ids, emails;
        std::string scratch;
        for (const auto& each : what_.users) {
            const auto uid = each.meta.uid;
            if (uid == 0 || erased_.contains(uid)) return fmt::format("user {} is and is not", uid);
            const std::string_view id = each.get(field::external_id);
            if (is_taken(ids, id, of_.users.find_by_id(id), uid)) {
                return fmt::format("user {} would share its PeopleHR id", uid);
            }
            const auto folded = fold(each.get(field::email), scratch);
            if (is_taken(emails, folded, of_.users.find_by_email(folded), uid)) {
                return fmt::format("user {} would share its e-mail", uid);
            }
            if (!is_user(each.meta.manager)) {
                return fmt::format("user {} would have user {} as manager, who does not exist", uid,
                                   each.meta.manager);
            }
        }
        return erased_.empty() ? std::string() : reports_of_the_erased();
    }

    std::string teams() const {
        absl::flat_hash_set<std::string> keys;
        for (const auto& each : what_.teams) {
            if (teams_erased_.contains(each.id)) {
                return fmt::format("team {} is and is not", each.id);
            }
            if (!each.key.empty()) {
                const auto* holder = of_.teams.find_by_key(each.key);
                if (!keys.insert(each.key).second || (holder != nullptr && stays(holder->id))) {
                    return fmt::format("team {} would share its key", each.id);
                }
            }
            if (!is_team(each.parent)) return fmt::format("team {} has no such parent", each.id);
            if (!is_user(each.manager)) return fmt::format("team {} has no such manager", each.id);
        }
        for (const auto& each : of_.teams.all()) {
            if (!stays(each.id)) continue;
            if (teams_erased_.contains(each.parent) || erased_.contains(each.manager)) {
                return fmt::format("team {} would lose its parent or manager unsaid", each.id);
            }
        }
        for (const auto& each : what_.members_added) {
            if (each.team == 0 || !is_team(each.team) || each.uid == 0 || !is_user(each.uid)) {
                return fmt::format("user {} cannot be a member of team {}", each.uid, each.team);
            }
        }
        return {};
    }

  private:
    // Of the books, and neither replaced nor erased.
    bool stays(std::uint32_t team) const {
        return !teams_stored_.contains(team) && !teams_erased_.contains(team);
    }
    bool is_user(std::uint32_t uid) const {
        if (uid == 0 || stored_.contains(uid)) return true;
        return !erased_.contains(uid) && of_.users.find_by_uid(uid) != user_ref::none;
    }
    bool is_team(std::uint32_t id) const {
        if (id == 0 || teams_stored_.contains(id)) return true;
        return !teams_erased_.contains(id) && of_.teams.find(id) != nullptr;
    }
    bool is_taken(absl::flat_hash_map<std::string, std::uint32_t>& by, std::string_view key,
                  user_ref holder, std::uint32_t uid) const {
        if (key.empty()) return false;
        if (!by.emplace(key, uid).second) return true;
        if (holder == user_ref::none) return false;
        const auto of = of_.users.brief(holder).uid;
        return of != uid && !stored_.contains(of) && !erased_.contains(of);
    }
    std::string reports_of_the_erased() const {
        std::string out;
        of_.users.for_each_brief([&](user_ref, const directory::user_brief& each) {
            if (stored_.contains(each.uid) || erased_.contains(each.uid)) return;
            if (erased_.contains(each.manager)) {
                out = fmt::format("user {} would lose its manager unsaid", each.uid);
            }
        });
        return out;
    }

    const books& of_;
    const outcome_of_steps& what_;
    uid_set stored_, erased_, teams_stored_, teams_erased_;
};

} // namespace

std::string inconsistency(const books& of, const outcome_of_steps& what) {
    const inspection look(of, what);
    auto out = look.users();
    return out.empty() ? look.teams() : out;
}

} // namespace rollcall::sync
