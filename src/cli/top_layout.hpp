// The picture that `rollcall top` draws, as lines of text: a pure function of the daemon's document
// and the size of the terminal.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace rollcall::cli {

struct screen_size {
    std::size_t width = 80;
    std::size_t height = 24; // 0: as many lines as there are
};

enum class top_sort { stalest, slowest };

struct top_view {
    top_sort sort = top_sort::stalest;
    bool keys = true; // there is somebody to press them: the last line says which there are
    bool paused = false;
    std::string notice; // why the picture is old; empty: it is not
};

struct top_line {
    enum class style { plain, title, heading, warning };
    std::string text;
    style how = style::plain;
};

// No line is wider than the terminal, and there are no more than fit.
[[nodiscard]] std::vector<top_line> top_layout(const boost::json::object& document,
                                               screen_size size, const top_view& view);

// The lines as one piece for the terminal, from its upper left corner; nothing is cleared before it
// is written over, so that it does not flicker.
[[nodiscard]] std::string top_frame(const std::vector<top_line>& lines, bool colours);

} // namespace rollcall::cli
