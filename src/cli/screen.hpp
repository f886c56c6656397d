// The terminal as a screen of its own, given back as it was however the program ends.
#pragma once
#include <optional>
#include <string_view>

#include "top_layout.hpp"

namespace rollcall::cli {

// At most one at a time: what has to be given back is known to signal handlers too.
class screen {
  public:
    // Takes standard output, which has to be a terminal, and the keys of standard input if that is
    // one as well.
    screen();
    ~screen();
    screen(const screen&) = delete;
    screen& operator=(const screen&) = delete;

    [[nodiscard]] screen_size size() const;
    [[nodiscard]] bool has_keys() const noexcept { return has_keys_; }
    // The descriptor on which keys come; -1 without.
    [[nodiscard]] int keys() const noexcept;
    // The next key that was pressed, without waiting; 'q' once nobody can press any more.
    [[nodiscard]] std::optional<char> key();
    // Waits for a key, a signal, or so long.
    void wait(int milliseconds) const;
    void draw(std::string_view frame) const;

    // Whether the size may be another one since it was last asked.
    [[nodiscard]] bool resized() noexcept;
    // Whether somebody asked the program to end. After SIGTERM and SIGHUP the caller lets the
    // screen go and then calls end_by_signal().
    [[nodiscard]] bool ended() const noexcept;
    static void end_by_signal();

  private:
    void stop_if_asked();

    bool has_keys_ = false;
};

} // namespace rollcall::cli
