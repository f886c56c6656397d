// One bulk read of a tenant, boiled down while its rows stream by: what changed, and the statistics
// that the gate judges. Unchanged people cost one comparison and leave nothing behind.
#pragma once
#include <absl/container/flat_hash_set.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/directory/tenant_directory.hpp"
#include "rollcall/sync/mapping.hpp"
#include "rollcall/sync/people_source.hpp"
#include "rollcall/sync/row_pack.hpp"

namespace rollcall::sync {

// Texts that live until the arena dies; addresses do not move.
class text_arena {
  public:
    [[nodiscard]] std::string_view keep(std::string_view text);

  private:
    static constexpr std::size_t block_bytes = 64u << 10;
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::size_t left_ = 0;
    char* next_ = nullptr;
};

// A row that is not known to be unchanged; its views are kept in the snapshot's arena.
struct changed_row {
    directory::user_values values;
    std::string_view folded_email;
    std::uint64_t fingerprint = 0;
    std::uint16_t keep = 0;
    bool left = false;
    bool in_scope = true;
    bool scope_known = true; // false: in_scope is what it was
    bool state_known = true;
    bool rejected = false;
    [[nodiscard]] bool keeps(directory::field f) const noexcept {
        return ((keep >> static_cast<unsigned>(f)) & 1u) != 0;
    }
};

// What the gate looks at (G-2).
struct snapshot_stats {
    std::uint32_t rows = 0;
    std::uint32_t people = 0;                                   // not left: the head count
    std::uint32_t in_scope = 0;                                 // of the people
    std::array<std::uint32_t, directory::field_count> blanks{}; // among the people
    std::uint32_t departments = 0;
    std::uint32_t locations = 0;
};

struct snapshot {
    std::uint32_t epoch = 0;
    bool complete = false; // everybody was read, not one person by id
    bool replay = false;   // read back from the store: absences in it were counted when it was new
    snapshot_stats stats;
    std::vector<changed_row> changed;
    std::vector<std::string_view> duplicate_ids; // each once, sorted
    std::vector<issue> issues;                   // of rows, changed or not
    std::uint32_t unchanged = 0;
    // All rows of a complete snapshot, packed (row_pack.hpp), and their digest. Given to another
    // builder they make the same snapshot again.
    std::string packed;
    std::uint64_t packed_digest = 0;
    bool foreign_row = false; // a read of one person was answered with another
    bool company_matched = true;
    std::string company_near_miss;
    text_arena texts;
};

class snapshot_builder final : public row_sink {
  public:
    // `users` is read, and its records' epoch marks are set. `epoch` must be new for this
    // directory.
    snapshot_builder(directory::tenant_directory& users, const tenant_settings& settings,
                     date today, std::uint32_t epoch, bool complete, std::size_t text_bytes_max);

    // A read of one person: a row of anybody else is not an answer to it.
    void expect_only(std::string_view employee_id) { expected_ = employee_id; }

    void on_row(const source_row& row) override;
    // After the last row.
    [[nodiscard]] std::unique_ptr<snapshot> finish();

  private:
    void pack(const source_row& row, const mapped_person& person);
    void count(const mapped_person& person, directory::user_ref known, bool unchanged,
               bool in_scope);
    void collect(const mapped_person& person, bool in_scope);
    void add_issues(const mapped_person& person, directory::user_ref known);
    void duplicate(std::string_view id);
    void see(absl::flat_hash_set<std::string_view>& distinct, std::string_view text);

    directory::tenant_directory& users_;
    mapper mapper_;
    const bool learnamp_;
    row_packer packer_;
    std::unique_ptr<snapshot> out_;
    std::string expected_;
    std::string image_;
    absl::flat_hash_set<std::string_view> new_ids_; // of rows without a user
    absl::flat_hash_set<std::string_view> duplicates_;
    absl::flat_hash_set<std::string_view> departments_;
    absl::flat_hash_set<std::string_view> locations_;
    // Which of the directory's own numbers are counted already: saves the hash for unchanged
    // people.
    std::vector<bool> department_seen_;
    std::vector<bool> location_seen_;
};

} // namespace rollcall::sync
