// The users of one tenant: compact records in an arena, found by PeopleHR id and by folded e-mail.
//
// A record is a header (fingerprint, sweep epoch, state, ownership, lengths, references into the
// tenant's dictionary) with its texts behind it, 8-byte aligned. Department, location, job title
// and company repeat within a tenant and are interned. The two index tables hold 32-bit references
// only.
//
// Belongs to one shard. A user_ref, and every view of a record, is valid until the next non-const
// call.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rollcall/directory/user.hpp"

namespace rollcall::directory {

// Names a record: an offset into the tenant's arena. 0 is no record.
enum class user_ref : std::uint32_t { none = 0 };

// What passes over all users ask of each, without a text: read from the front of the record, which
// mark() has brought into the cache.
struct user_brief {
    std::uint32_t uid = 0;
    std::uint32_t epoch = 0;
    std::uint32_t manager = 0; // uid, as in user_meta
    date start_date{};
    date leaving_date{};
    user_state state = user_state::active;
    user_role role = user_role::member;
    owner manager_owner = owner::never_set; // of field manager_id: whose the manager is
    std::uint8_t missing = 0;
    bool managed = true;
    bool created_by_us = false;
    bool deactivated_by_us = false;

    friend bool operator==(const user_brief&, const user_brief&) = default;
};

class tenant_directory {
  public:
    tenant_directory();
    ~tenant_directory();
    tenant_directory(tenant_directory&&) noexcept;
    tenant_directory& operator=(tenant_directory&&) noexcept;

    // ---- look-up: no allocation ----
    // Exact: PeopleHR ids are opaque text, and "0072" is not "72".
    [[nodiscard]] user_ref find_by_id(std::string_view external_id) const noexcept;
    // Hints that this id is looked for soon, in this order, each with other work behind it: one
    // look-up of many in a large directory otherwise waits for the memory twice, for the index and
    // for the record.
    void prefetch_index(std::string_view external_id) const noexcept;
    void prefetch_record(std::string_view external_id) const noexcept;
    // `folded` is fold() of a trimmed address. A blank address finds nobody.
    [[nodiscard]] user_ref find_by_email(std::string_view folded) const noexcept;
    // By an order of the users that the first such look-up after a change makes, in one walk; a
    // look-up is then one comparison where no uid below was erased, and a search among as many
    // records as were erased otherwise. The order takes four bytes a user until
    // compact_if_worthwhile().
    [[nodiscard]] user_ref find_by_uid(std::uint32_t uid) const;

    // The hot path of an unchanged person: one comparison and one store, in one cache line.
    [[nodiscard]] std::uint64_t fingerprint(user_ref which) const noexcept;
    [[nodiscard]] std::uint32_t epoch(user_ref which) const noexcept;
    void mark(user_ref which, std::uint32_t epoch) noexcept;

    [[nodiscard]] user_brief brief(user_ref which) const noexcept;
    [[nodiscard]] user_meta meta(user_ref which) const noexcept;
    [[nodiscard]] user_values values(user_ref which) const noexcept;
    [[nodiscard]] std::string_view text(user_ref which, field f) const noexcept;
    [[nodiscard]] bool is_active(user_ref which) const noexcept;

    // Small numbers that stand for the interned values of a record, dense from 0 (blank) within the
    // tenant: lets the gate count distinct departments and locations by a bitmap (G-2).
    [[nodiscard]] std::uint32_t department_number(user_ref which) const noexcept;
    [[nodiscard]] std::uint32_t location_number(user_ref which) const noexcept;
    [[nodiscard]] std::size_t dictionary_size() const noexcept;

    // ---- change ----
    // Stores a user, in place of the one with the same uid where there is one (whose record gives
    // its space back). The external id and the folded e-mail must not belong to another uid, which
    // is checked: exchanges of e-mails among several people go through put_all.
    user_ref put(const user_data& user);
    // The same for a user whose origin is not to be trusted, a database above all: user_ref::none,
    // and nothing changed, if the id or the e-mail belongs to another uid.
    [[nodiscard]] user_ref try_put(const user_data& user);
    // The same for many at once: first all old index entries of these uids go, then the new ones
    // are made, so that any permutation of ids and e-mails among them is possible (LA-13).
    void put_all(std::span<const user_data> users);
    // Removes a user; its space is given back. False if there is none with that uid.
    bool erase(std::uint32_t uid);
    // Gives memory back: compacts the arena where more than an eighth of it is garbage, and ends
    // the room that growth and find_by_uid left. Called after each applied run; costs next to
    // nothing where there is nothing to give back.
    void compact_if_worthwhile();

    // ---- walking and measuring ----
    // All users in the order of their records. The callback must not change the directory.
    void for_each(const std::function<void(user_ref)>& visit) const;
    // The same with the brief of each: visit(user_ref, const user_brief&).
    template <class Visit>
    void for_each_brief(Visit&& visit) const {
        for (user_ref which = next(user_ref::none); which != user_ref::none; which = next(which)) {
            visit(which, brief(which));
        }
    }
    // The user after `after` (user_ref::none: the first), so that a long walk can be cut into
    // slices while the directory is not changed in between; user_ref::none at the end.
    [[nodiscard]] user_ref next(user_ref after) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] std::size_t active() const noexcept;
    // Counts every change, so that a walk over several slices can tell that it must begin again.
    [[nodiscard]] std::uint64_t generation() const noexcept;
    [[nodiscard]] std::size_t memory_bytes() const noexcept; // arena, tables, dictionary
    [[nodiscard]] std::size_t mapped_text_bytes()
        const noexcept; // what the memory figure is held against
    // Walks everything and compares records, indexes and counters; for tests and `rollcall doctor`.
    // Gives the first disagreement in words, or nothing.
    [[nodiscard]] std::optional<std::string> verify() const;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace rollcall::directory
