// What people read: aligned tables and a line of progress. Texts come from HR systems, so they are
// escaped before a terminal sees them.
#pragma once
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::cli {

// The streams of the process, and what is at their ends.
struct terminal {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    bool in_is_terminal = false;
    bool err_is_terminal = false;
    std::function<std::optional<std::string>(const std::string&)> environment;
    bool out_is_terminal = false;
};

// Control characters, invalid UTF-8, and the marks that turn the direction of writing, as \x1b or
// \u{202e}.
[[nodiscard]] std::string escaped(std::string_view text);
// Columns that a terminal takes for it: 2 for wide East Asian characters, 0 for combining marks.
[[nodiscard]] std::size_t display_width(std::string_view text);

// Escaped, and filled with spaces up to that width.
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);

// Escaped, and exactly so wide: filled with spaces, or cut with a mark that it was.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t width);

// "4.2 s", "12 min", "3.1 h", "2.0 d": for columns, where two digits are enough.
[[nodiscard]] std::string short_duration(double seconds);

class table {
  public:
    enum class align { left, right };
    struct column {
        std::string title;
        align where = align::left;
    };
    explicit table(std::vector<column> columns) : columns_(std::move(columns)) {}

    // As many cells as columns; they are escaped here.
    void add_row(const std::vector<std::string>& cells);
    // Titles, then rows; two spaces between columns and none at the end of a line.
    void print(std::ostream& to) const;
    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

  private:
    std::vector<column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

// Progress on stderr: a bar that is redrawn on a terminal, otherwise a line for each new text.
class progress {
  public:
    explicit progress(terminal& where) : terminal_(where) {}
    ~progress() { finish(); }
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;

    // `share` is of the whole, 0 to 1; none: nobody knows how long it takes.
    void show(std::optional<double> share, const std::string& text);
    // Takes the bar away.
    void finish();

  private:
    terminal& terminal_;
    std::string last_;
    std::size_t turn_ = 0;
    bool drawn_ = false;
};

// Asks a yes-or-no question on stderr; anything but y or yes is no.
[[nodiscard]] bool confirm(terminal& where, const std::string& question);

} // namespace rollcall::cli
