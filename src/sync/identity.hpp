// Who is who: finds for each changed row of a snapshot the user that it is about (LA-9 to LA-17,
// WT-3, WT-4). Pure; independent of the order of the rows. What it can not tell is reported as a
// conflict, and what a person decided about one is done (conflict.hpp).
//
// The hard part is e-mails that move within one snapshot. A row that wants an address held by
// another user may have it if that user gives it up in the same snapshot, which in turn may depend
// on a third. Claims are first all granted, and those whose holder does not let go are revoked
// until nothing moves; what remains is chains that end at a free address, and cycles: people who
// exchange addresses (LA-13).
#pragma once
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "rollcall/core/date.hpp"
#include "rollcall/sync/books.hpp"
#include "rollcall/sync/run.hpp"
#include "rollcall/sync/settings.hpp"
#include "rollcall/sync/snapshot.hpp"

namespace rollcall::sync {

struct identity {
    enum class verdict : std::uint8_t {
        skip,   // nothing to do, or an issue says why not
        update, // `user`, found by id
        relink, // `user`, found by e-mail: the row's id becomes its id
        create,
    };
    verdict what = verdict::skip;
    directory::user_ref user = directory::user_ref::none;
    bool keep_email = false; // the user's present address stays: the new one is not to be had
    // Of a `create`: the user of long ago who has the row's id and loses it.
    directory::user_ref displaces = directory::user_ref::none;
};

class identity_resolver {
  public:
    // `today` is the tenant's.
    identity_resolver(const books& of, const snapshot& from, const tenant_settings& settings,
                      date today);

    // `order` lists the rows by PeopleHR id. One identity per row of from.changed; issues are
    // added.
    [[nodiscard]] std::vector<identity> resolve(const std::vector<std::uint32_t>& order,
                                                std::vector<issue>& issues);

  private:
    struct claim {
        std::uint32_t row;
        directory::user_ref holder; // who has the address now, if it is another user
        bool granted = true;
    };

    // Compares a row with an id, for a search in the rows as they are ordered.
    struct by_id_order {
        const identity_resolver& self;
        bool operator()(std::uint32_t row, std::string_view id) const {
            return self.id_of(row) < id;
        }
        bool operator()(std::string_view id, std::uint32_t row) const {
            return id < self.id_of(row);
        }
    };

    void resolve_once(const std::vector<std::uint32_t>& order, std::vector<issue>& issues);
    void place_by_id(std::uint32_t row, std::vector<issue>& issues);
    void place_reused(std::uint32_t row, directory::user_ref known, std::vector<issue>& issues);
    void place_unknown(std::uint32_t row, std::vector<issue>& issues);
    void place_literally(std::uint32_t row, const std::vector<std::uint32_t>& order,
                         std::vector<issue>& issues);
    void report_shared(std::uint32_t row, std::string_view other, std::vector<issue>& issues) const;
    void claim_emails(const std::vector<std::uint32_t>& order);
    void revoke_until_stable();
    void settle(const claim& which, std::vector<issue>& issues);
    void one_row_per_user(const std::vector<std::uint32_t>& order, std::vector<issue>& issues);
    void relink(std::uint32_t row, directory::user_ref holder);
    [[nodiscard]] bool id_was_reused(const changed_row& person, directory::user_ref known) const;
    [[nodiscard]] const decision* decided(issue_kind kind, std::uint32_t row,
                                          directory::user_ref about) const;
    [[nodiscard]] bool releases(directory::user_ref holder) const;
    [[nodiscard]] bool still_here(directory::user_ref user) const;
    [[nodiscard]] std::string_view id_of(std::uint32_t row) const;
    [[nodiscard]] bool is_duplicate(std::string_view id) const;

    const books& of_;
    const directory::tenant_directory& users_;
    const snapshot& from_;
    const tenant_settings& settings_;
    const date today_;
    std::vector<identity> out_;
    std::vector<claim> claims_;
    absl::flat_hash_map<directory::user_ref, std::uint32_t> row_of_user_;
    absl::flat_hash_map<std::uint32_t, std::uint32_t> claim_of_row_;
    absl::flat_hash_set<std::uint32_t> history_; // rows of ids whose user has another one now
    // Rows of people who have not left, by the address that they have or want; in the order of the
    // ids.
    absl::flat_hash_map<std::string_view, std::vector<std::uint32_t>> wanted_;
};

// Whether what was decided is done, so that the decision is to be forgotten: kept, it would decide
// one day about something else, such as an admin's next deactivation of a person whom it brought
// back. To be asked after a run is applied; `ignore` ends only with a person's word.
[[nodiscard]] bool is_spent(const books& of, const decision& what);

} // namespace rollcall::sync
