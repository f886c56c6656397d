#include "text_output.hpp"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <istream>
#include <ostream>

#include "rollcall/core/check.hpp"

namespace rollcall::cli {
namespace {

// Decodes one code point at `at`; gives its length, and -1 as code point for a byte that begins
// none.
std::size_t decode(std::string_view text, std::size_t at, utf8proc_int32_t& point) {
    const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
    const auto length =
        utf8proc_iterate(data, static_cast<utf8proc_ssize_t>(text.size() - at), &point);
    if (length > 0) return static_cast<std::size_t>(length);
    point = -1;
    return 1;
}

// Bidirectional overrides and isolates could make a line show other than what it holds.
bool turns_direction(utf8proc_int32_t point) {
    return (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) ||
           point == 0x200e || point == 0x200f || point == 0x061c;
}

} // namespace

std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        utf8proc_int32_t point = 0;
        const auto length = decode(text, at, point);
        if (point < 0) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
        } else if (point == '\n') {
            out += "\\n";
        } else if (point == '\t') {
            out += "\\t";
        } else if (point < 0x20 || (point >= 0x7f && point < 0xa0)) {
            out += fmt::format("\\x{:02x}", point);
        } else if (turns_direction(point) || point == 0x2028 || point == 0x2029) {
            out += fmt::format("\\u{{{:x}}}", point);
        } else {
            out += text.substr(at, length);
        }
        at += length;
    }
    return out;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        utf8proc_int32_t point = 0;
        at += decode(text, at, point);
        width += point < 0 ? 1 : static_cast<std::size_t>(std::max(0, utf8proc_charwidth(point)));
    }
    return width;
}

std::string padded(std::string_view text, std::size_t width) {
    auto out = escaped(text);
    const auto has = display_width(out);
    if (has < width) out.append(width - has, ' ');
    return out;
}

std::string fitted(std::string_view text, std::size_t width) {
    auto out = padded(text, width);
    if (display_width(out) <= width) return out;
    constexpr std::string_view mark = "…";
    std::size_t end = 0;
    std::size_t taken = 0;
    while (end < out.size()) {
        utf8proc_int32_t point = 0;
        const auto length = decode(out, end, point);
        const auto wide = static_cast<std::size_t>(std::max(0, utf8proc_charwidth(point)));
        if (taken + wide + 1 > width) break;
        taken += wide;
        end += length;
    }
    out.resize(end);
    if (width != 0) out += mark;
    // A wide character that did not fit leaves a column.
    return padded(out, width);
}

std::string short_duration(double seconds) {
    if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
    if (seconds < 100) return fmt::format("{:.0f} s", seconds);
    if (seconds < 6000) return fmt::format("{:.0f} min", seconds / 60);
    if (seconds < 360'000) return fmt::format("{:.1f} h", seconds / 3600);
    return fmt::format("{:.1f} d", seconds / 86'400);
}

void table::add_row(const std::vector<std::string>& cells) {
    ROLLCALL_CHECK(cells.size() == columns_.size());
    auto& row = rows_.emplace_back();
    for (const auto& cell : cells) row.push_back(escaped(cell));
}

void table::print(std::ostream& to) const {
    std::vector<std::size_t> widths;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        std::size_t width = display_width(columns_[c].title);
        for (const auto& row : rows_) width = std::max(width, display_width(row[c]));
        widths.push_back(width);
    }
    const auto print_row = [&](const auto& cell_of) {
        std::string line;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            const std::string& cell = cell_of(c);
            const std::string room(widths[c] - display_width(cell), ' ');
            if (c != 0) line += "  ";
            line += columns_[c].where == align::right ? room + cell : cell + room;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        to << line << '\n';
    };
    print_row([&](std::size_t c) -> const std::string& { return columns_[c].title; });
    for (const auto& row : rows_) {
        print_row([&](std::size_t c) -> const std::string& { return row[c]; });
    }
}

void progress::show(std::optional<double> share, const std::string& text) {
    constexpr std::size_t cells = 24;
    if (!terminal_.err_is_terminal) {
        if (text != last_) terminal_.err << escaped(text) << '\n' << std::flush;
        last_ = text;
        return;
    }
    std::string bar(cells, '.');
    std::string percent = "     ";
    if (share) {
        const double part = std::clamp(*share, 0.0, 1.0);
        const auto full = static_cast<std::size_t>(std::lround(part * static_cast<double>(cells)));
        std::fill_n(bar.begin(), full, '#');
        percent = fmt::format("{:3.0f} %", part * 100.0);
    } else {
        // A block that wanders says: alive, and no promise.
        for (std::size_t i = 0; i < 4; ++i) bar[(turn_ + i) % cells] = '#';
        ++turn_;
    }
    terminal_.err << "\r\x1b[K[" << bar << "] " << percent << "  " << escaped(text) << std::flush;
    drawn_ = true;
}

void progress::finish() {
    if (drawn_) terminal_.err << "\r\x1b[K" << std::flush;
    drawn_ = false;
}

bool confirm(terminal& where, const std::string& question) {
    where.err << question << " [y/N] " << std::flush;
    std::string line;
    if (!std::getline(where.in, line)) return false;
    return line == "y" || line == "Y" || line == "yes";
}

} // namespace rollcall::cli
