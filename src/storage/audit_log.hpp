// The tables of the audit: entries, heads of the chains, keys of the people. Like every table, a
// piece of `database`; what an entry is made of is in audit_chain.hpp.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "audit_chain.hpp"
#include "rollcall/sync/store.hpp"
#include "row.hpp"

namespace rollcall::storage {

// The key of one person. A row that does not match its checksum gives none.
class key_reader {
  public:
    explicit key_reader(connection& on)
        : row_(on, "person_keys", "SELECT * FROM person_keys WHERE tenant = ? AND uid = ?") {}

    enum class found { key, none, damaged };
    [[nodiscard]] found find(sync::tenant_key tenant, std::uint32_t uid, person_key& into);

  private:
    row_reader row_;
};

class audit_writer {
  public:
    explicit audit_writer(connection& on);

    struct range {
        std::int64_t first = 0; // 0: none
        std::int64_t last = 0;
    };
    // Appends the run's steps to the chain of its tenant.
    range append(const sync::run_record& run);
    // The person's entries can be read no more, though the chain still verifies.
    void destroy_key(sync::tenant_key tenant, std::uint32_t uid);

  private:
    struct head {
        std::int64_t number = 0;
        audit_hash hash{};
    };
    [[nodiscard]] head head_of(sync::tenant_key tenant);
    void append(head& after, const sync::run_record& run, const sync::step& what);
    [[nodiscard]] person_key key_of(sync::tenant_key tenant, std::uint32_t uid);

    statement put_entry_;
    statement last_entry_;
    row_reader read_head_;
    row_writer put_head_;
    key_reader keys_;
    row_writer put_key_;
    statement drop_key_;
    audit_chain chain_;
};

// ?1 the tenant, ?2 and ?3 the first number and the one behind the last, ?4 uid and ?5 run where
// they are asked for, ?6 the limit.
[[nodiscard]] std::string audit_sql(const sync::audit_query& what);

// Reads entries, newest or oldest first, and opens those that can be opened.
class audit_reader {
  public:
    audit_reader(connection& on, sync::tenant_key tenant, const sync::audit_query& what);

    enum class entry_state {
        readable,
        erased,  // the key is gone
        damaged, // it does not open with its key, or says what no step says
    };
    // False at the end. Of an entry that is not readable the label says why, in brackets.
    [[nodiscard]] bool next(sync::audit_entry& into);
    [[nodiscard]] entry_state state() const noexcept { return state_; }

  private:
    [[nodiscard]] entry_state open(const audit_columns& columns, std::string_view sealed,
                                   sync::step& into);

    sync::tenant_key tenant_;
    statement row_;
    key_reader keys_;
    audit_chain chain_;
    entry_state state_ = entry_state::readable;
};

// A walk along a chain, in pieces, so that commits may come between them.
struct audit_walk {
    sync::tenant_key tenant = 0;
    sync::audit_finding found; // entries and head of what is sound so far
    audit_hash last{};
    bool ended = false; // at the head, or at what broke the chain
};
// Checks up to `entries_max` more entries.
void walk_chain(connection& on, audit_walk& at, std::size_t entries_max);

} // namespace rollcall::storage
