// What steps make of the users, teams, memberships and invitations of the books, which stay as they
// are: the after-images, of what was touched only.
#pragma once
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rollcall/sync/books.hpp"

namespace rollcall::sync {

class after_images {
  public:
    // `refused`: numbers of steps that are dropped whatever their preconditions say.
    after_images(const books& of, std::span<const step> steps,
                 const absl::flat_hash_set<std::size_t>& refused);

    // The steps that, done, would leave an id, an e-mail or a team's key with two, a manager or
    // parent that does not exist or is its own, by number and sorted. None: all may be kept.
    [[nodiscard]] std::vector<std::size_t> clashes() const;
    // Whoever still refers to a user or team that is gone loses that reference, by a step of its
    // own before the one that removes it, so that an undo finds it.
    void let_go_of_the_gone();
    [[nodiscard]] outcome_of_steps take(std::span<const seen_mark> seen);

  private:
    static constexpr std::size_t no_step = ~std::size_t{0};

    struct user_image {
        directory::user_data after;
        directory::user_ref before = directory::user_ref::none;
        bool exists = false;
        bool changed = false;
        bool stopped = false;            // a step was dropped: so are those that follow it
        bool invitation_stopped = false; // the same among the steps of the invitation
        bool by_hand = false;
        // Which step last wrote them.
        std::size_t id_by = no_step, email_by = no_step, manager_by = no_step;
    };
    struct team_image {
        directory::team after;
        bool existed = false;
        bool exists = false;
        bool changed = false;
        bool stopped = false;
        std::size_t key_by = no_step, parent_by = no_step, manager_by = no_step;
    };
    struct invitation_image {
        invitation after; // uid 0: none
        bool changed = false;
    };

    void apply(const step& what, std::size_t number, bool refused);
    bool apply_to_user(user_image& who, const step& what, std::size_t number);
    bool apply_to_team(team_image& which, const step& what, std::size_t position);
    [[nodiscard]] bool holds(const user_image& who, const change& each);
    [[nodiscard]] bool may_write(const user_image& who, const change& each);
    void write(user_image& who, const change& each, std::size_t number);

    user_image& user(std::uint32_t uid);
    team_image& team(std::uint32_t id);
    invitation_image& invitation_of(std::uint32_t uid);
    [[nodiscard]] bool is_member(directory::team_member member) const;
    [[nodiscard]] bool has_user(std::uint32_t uid) const;
    [[nodiscard]] bool has_team(std::uint32_t id) const;
    // Removed by a step before: nothing may refer to it any more.
    [[nodiscard]] bool is_gone_user(std::uint32_t uid) const;
    [[nodiscard]] bool is_gone_team(std::uint32_t id) const;
    [[nodiscard]] std::uint32_t manager_of(std::uint32_t uid) const;
    [[nodiscard]] std::uint32_t parent_of(std::uint32_t id) const;

    template <class Key, class Writer, class Holder>
    void find_shared(std::vector<std::size_t>& into, Key&& key_of, Writer&& by,
                     Holder&& holder_in_books) const;
    void find_shared_ids_and_emails(std::vector<std::size_t>& into) const;
    void find_shared_keys(std::vector<std::size_t>& into) const;
    void find_lost_managers(std::vector<std::size_t>& into) const;
    void find_lost_parents(std::vector<std::size_t>& into) const;

    using let_go_steps = std::vector<std::pair<std::size_t, step>>;
    [[nodiscard]] let_go_steps references_to_the_gone();
    void let_go(const step& what);

    void take_users(std::span<const seen_mark> seen, outcome_of_steps& into);
    void mark_if_invited(directory::user_ref gone, outcome_of_steps& into) const;
    void take_teams(outcome_of_steps& into) const;
    void take_members(outcome_of_steps& into) const;
    void take_invitations(outcome_of_steps& into) const;

    const books& of_;
    std::deque<user_image> users_;
    absl::flat_hash_map<std::uint32_t, user_image*> user_by_uid_;
    std::map<std::uint32_t, team_image> teams_;
    std::map<directory::team_member, bool> members_; // whether they are, after
    std::map<std::uint32_t, invitation_image> invitations_;
    std::vector<step> done_;
    std::vector<step> dropped_;
    bool something_is_gone_ = false;
};

} // namespace rollcall::sync
