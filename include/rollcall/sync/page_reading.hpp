// Reading everybody page by page: an opt-in (settings paged_reading and page_rows), because little
// is known of how PeopleHR cuts its pages. Neither the order of the rows nor whether it stands
// while people come and go is documented, so that the pages of a read are believed together or not
// at all. Pure.
//
// Believed is a read whose pages all count the same number of employees, and bring exactly so many.
// A row that comes again on a later page is passed on once if it is the same; then somebody else
// may have been passed over, and the sum shows it. What the sum does not show, one employee gone
// and another come between two pages, is an absence from one snapshot, and that is not acted on
// (G-3). One id twice on one page is PeopleHR's own double, and left to G-4.
#pragma once
#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <string>

#include "rollcall/core/time.hpp"
#include "rollcall/sync/people_source.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::sync {

// Passes the rows of the pages on as those of one answer, and finds out whether they are one.
class page_assembly final : public row_sink {
  public:
    page_assembly(row_sink& into, std::uint32_t rows_max) : into_(into), rows_max_(rows_max) {}

    // What to ask for now; the same again until end_page().
    [[nodiscard]] page_request next() const noexcept { return {offset_, rows_max_}; }
    void on_row(const source_row& row) override;
    // That page came whole; `rows_total` is how many rows it says there are in all.
    void end_page(std::uint64_t rows_total);

    [[nodiscard]] bool complete() const noexcept { return pages_ != 0 && offset_ >= rows_total_; }
    // Why the pages are not one answer, in words with figures and without employee data; nothing
    // more is to be asked for then. Empty: they may be.
    [[nodiscard]] const std::string& doubt() const noexcept { return doubt_; }
    [[nodiscard]] std::uint32_t pages() const noexcept { return pages_; }
    [[nodiscard]] std::uint64_t rows_total() const noexcept { return rows_total_; }

  private:
    struct seen_row {
        std::uint64_t content = 0;
        std::uint32_t page = 0;
    };
    void doubt(std::string why);

    row_sink& into_;
    absl::flat_hash_map<std::uint64_t, seen_row> seen_; // by the hash of the id
    std::string doubt_;
    std::uint64_t rows_total_ = 0;
    std::uint32_t offset_ = 0;
    std::uint32_t rows_max_;
    std::uint32_t pages_ = 0;    // that have come whole
    std::uint32_t on_page_ = 0;  // rows of the one that comes
    std::uint32_t repeated_ = 0; // rows that an earlier page had too
};

// What is known of reading a tenant page by page. Forgotten when its key, its address or one of the
// two settings changes.
struct page_memory {
    wall_time refused{};      // PeopleHR refused the action to this key; zero: it did not
    std::uint32_t doubts = 0; // reads in a row that were not believed
    wall_time doubted{};      // the last of them
    wall_time at_once{};      // the last sweep that was read at once, because of as many as may be
    std::string doubt;        // why the last one was not believed

    // How many in a row are tried before everybody is read at once, for that sweep.
    static constexpr std::uint32_t doubts_max = 3;

    // Empty where nothing is known.
    [[nodiscard]] std::string to_text() const;
    // Anything that to_text did not write gives an empty memory.
    [[nodiscard]] static page_memory from_text(const std::string& text);
    friend bool operator==(const page_memory&, const page_memory&) = default;
};

// Whether the next read of everybody is one page by page.
[[nodiscard]] bool reads_pages(const tenant_settings& settings, const page_memory& known) noexcept;
// How many calls a read of so many rows takes.
[[nodiscard]] std::uint32_t calls_of_read(const tenant_settings& settings, const page_memory& known,
                                          std::size_t rows) noexcept;
// Whether what is known holds no longer with other settings.
[[nodiscard]] bool other_pages(const tenant_settings& before, const tenant_settings& after);

} // namespace rollcall::sync
