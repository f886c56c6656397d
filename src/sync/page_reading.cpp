#include "rollcall/sync/page_reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "rollcall/core/hash.hpp"
#include "rollcall/core/text.hpp"

namespace rollcall::sync {
namespace {

std::uint64_t content_of(const source_row& row) {
    std::uint64_t all = row.wrong_type;
    for (const auto& each : row.fields) all = combine(all, hash64(each));
    for (const auto& each : row.extra) all = combine(all, hash64(each));
    return all;
}

std::string employees(std::uint64_t n) {
    return fmt::format("{} employee{}", n, n == 1 ? "" : "s");
}

std::int64_t seconds_of(wall_time t) {
    return std::chrono::duration_cast<seconds>(t.time_since_epoch()).count();
}

wall_time time_of(std::int64_t s) {
    return wall_time{seconds{s}};
}

} // namespace

void page_assembly::doubt(std::string why) {
    if (doubt_.empty()) doubt_ = "the pages of one read do not go together: " + std::move(why);
}

void page_assembly::on_row(const source_row& row) {
    ++on_page_;
    if (!doubt_.empty()) return;
    const auto content = content_of(row);
    const auto id = hash64(trim(row.get(source_field::employee_id)));
    const auto [place, fresh] = seen_.try_emplace(id, seen_row{content, pages_});
    if (fresh || place->second.page == pages_) return into_.on_row(row);
    if (place->second.content != content) {
        return doubt(fmt::format("page {} has an employee of page {} with other values", pages_ + 1,
                                 place->second.page + 1));
    }
    ++repeated_;
}

void page_assembly::end_page(std::uint64_t rows_total) {
    const auto page = ++pages_;
    const auto rows = std::exchange(on_page_, 0);
    if (page == 1) rows_total_ = rows_total;
    if (rows_total != rows_total_) {
        return doubt(fmt::format("page 1 counts {} in all, page {} counts {}",
                                 employees(rows_total_), page, rows_total));
    }
    if (rows > rows_max_) {
        return doubt(fmt::format("page {} has {}, {} were asked for at most", page, employees(rows),
                                 rows_max_));
    }
    offset_ += rows;
    const auto brought = offset_ - repeated_;
    if (offset_ < rows_total_ && rows == 0) {
        return doubt(
            fmt::format("page {} is empty after {} of {}", page, brought, employees(rows_total_)));
    }
    // Only the last page may overlap the one before it: whatever an earlier one repeats, as many
    // are missing in the end.
    if (brought != std::min<std::uint64_t>(offset_, rows_total_)) {
        return doubt(fmt::format("after page {} there are {} of {}, {} of them twice", page,
                                 offset_, employees(rows_total_), repeated_));
    }
}

std::string page_memory::to_text() const {
    if (*this == page_memory{}) return {};
    return fmt::format("1 {} {} {} {} {}", seconds_of(refused), doubts, seconds_of(doubted),
                       seconds_of(at_once), doubt);
}

page_memory page_memory::from_text(const std::string& text) {
    std::istringstream in(text);
    int version = 0;
    std::int64_t refused = 0;
    std::int64_t doubted = 0;
    std::int64_t at_once = 0;
    page_memory out;
    if (!(in >> version >> refused >> out.doubts >> doubted >> at_once) || version != 1) return {};
    out.refused = time_of(refused);
    out.doubted = time_of(doubted);
    out.at_once = time_of(at_once);
    std::getline(in >> std::ws, out.doubt);
    return out;
}

bool reads_pages(const tenant_settings& settings, const page_memory& known) noexcept {
    return settings.paged_reading && known.refused == wall_time{} &&
           known.doubts < page_memory::doubts_max;
}

std::uint32_t calls_of_read(const tenant_settings& settings, const page_memory& known,
                            std::size_t rows) noexcept {
    if (!settings.paged_reading || known.refused != wall_time{}) return 1;
    const auto pages = (rows + settings.page_rows - 1) / settings.page_rows;
    return static_cast<std::uint32_t>(std::max<std::size_t>(pages, 1));
}

bool other_pages(const tenant_settings& before, const tenant_settings& after) {
    return before.paged_reading != after.paged_reading || before.page_rows != after.page_rows ||
           before.base_url != after.base_url;
}

} // namespace rollcall::sync
