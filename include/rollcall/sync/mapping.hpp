// From a row of the source to the values of a user: the field tables of both profiles.
//
// Pure. Texts are trimmed and normalised (G-12), the first name follows the known-as rule, the
// manager and department follow their options, the tenant's extra fields become one text (G-14),
// and whether the person has left is decided from the status and the leaving date on the tenant's
// own calendar (LA-43, WT-8). No allocation per row once the scratch texts have grown.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "rollcall/core/date.hpp"
#include "rollcall/directory/user.hpp"
#include "rollcall/sync/people_source.hpp"
#include "rollcall/sync/run.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::sync {

struct row_issue {
    issue_kind kind;
    directory::field field;
};

// A person as the source has them now. Views live until the mapper's next call, or as long as the
// row.
struct mapped_person {
    directory::user_values values;
    std::string_view folded_email; // empty if the e-mail is blank or not valid
    std::uint64_t fingerprint = 0; // of everything below and the mapping settings; never 0
    // Fields (by bit of directory::field) for which the source says nothing that may be acted on:
    // the stored value stays. Not the same as blank, which clears (LA-19).
    std::uint16_t keep = 0;
    bool left = false;
    bool in_scope = true;
    // False: the source gives no usable evidence of it, and a known user's present one stays.
    bool state_known = true;
    bool scope_known = true;
    // A required field is blank or not valid: an active person's record is rejected whole (LA-18).
    bool rejected = false;
    std::uint8_t issue_count = 0;
    std::array<row_issue, 8> issues{};

    [[nodiscard]] bool keeps(directory::field f) const noexcept {
        return ((keep >> static_cast<unsigned>(f)) & 1u) != 0;
    }
};

// An image that is known by the hash of its content only, as a packed snapshot has it: this prefix
// and 32 hex digits. It maps onto the avatar that the image itself would.
inline constexpr std::string_view image_hash_prefix = "blake2b:";

class mapper {
  public:
    // `today` is the tenant's local date; `text_bytes_max` bounds every mapped text.
    mapper(const tenant_settings& settings, date today, std::size_t text_bytes_max);

    [[nodiscard]] const mapped_person& map(const source_row& row);

    // LA-6: whether any row's Company matched the filter, and one that nearly did (its PeopleHR
    // text).
    [[nodiscard]] bool company_matched() const noexcept { return company_matched_; }
    [[nodiscard]] const std::string& company_near_miss() const noexcept { return near_miss_; }

  private:
    void map_text(const source_row& row, source_field from, directory::field to);
    void map_names(const source_row& row);
    void map_email(const source_row& row);
    void map_date(const source_row& row, source_field from, directory::field to, date& into);
    void map_department(const source_row& row);
    void map_manager(const source_row& row);
    void map_avatar(const source_row& row);
    void map_attributes(const source_row& row);
    void decide_left(const source_row& row);
    void decide_scope();
    void note(issue_kind kind, directory::field f);
    void require(directory::field f);
    void seal_fingerprint();

    const tenant_settings settings_;
    const date today_;
    const std::size_t text_bytes_max_;
    const std::uint64_t settings_fingerprint_;
    std::string folded_filter_;
    std::string last_company_; // of the last row, with its answer: companies come in long stretches
    bool last_in_scope_ = true;
    bool company_matched_ = false;
    std::string near_miss_;
    mapped_person person_;
    std::array<std::string, directory::text_field_count> scratch_;
    std::string fold_scratch_;
    std::string value_scratch_;
    std::string avatar_;
    std::string canonical_;
};

// What the EmployeeStatus and the dates say (section 2.6 of the wire facts, LA-43, WT-8):
//   status 3 or 4: has left. Otherwise the leaving date decides, once it has ended on the tenant's
//   calendar, unless the start date is later than it: then it belongs to an employment before this
//   one.
[[nodiscard]] bool has_left(std::string_view status, date start, date leaving, date today) noexcept;

} // namespace rollcall::sync
