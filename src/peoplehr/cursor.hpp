// Walks the tokens of a JSON text by its structural index and checks their order on the way.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "unescape.hpp"

namespace rollcall::peoplehr {

// Every function reads at the cursor and moves it behind what was read; false means that the text
// is not JSON there. No function looks whether tokens are left: the caller has put a NUL behind the
// text, the index's last entry points there, and NUL is a token that nothing accepts.
class cursor {
  public:
    cursor() = default;
    cursor(char* text, const std::uint32_t* first, const std::uint32_t* last,
           unsigned nesting_max) noexcept
        : text_(text), at_(first), last_(last), nesting_max_(nesting_max) {}

    [[nodiscard]] char peek() const noexcept { return text_[*at_]; }
    [[nodiscard]] bool at_end() const noexcept { return at_ == last_; }
    [[nodiscard]] std::size_t offset() const noexcept { return *at_; }
    [[nodiscard]] bool too_deep() const noexcept { return too_deep_; }

    [[nodiscard]] bool take(char token) noexcept {
        if (peek() != token) return false;
        ++at_;
        return true;
    }

    // A key and its colon. The key is given as it was written: one with escapes equals no known
    // key.
    [[nodiscard]] bool key(std::string_view& out) noexcept {
        if (peek() != '"') return false;
        out = inside_quotes(scalar());
        return take(':');
    }

    [[nodiscard]] bool string(std::string_view& out) noexcept {
        if (peek() != '"') return false;
        out = inside_quotes(scalar());
        if (std::memchr(out.data(), '\\', out.size()) == nullptr) return true;
        char* const first = text_ + (out.data() - text_);
        const auto plain = unescape(first, first + out.size());
        if (!plain) return false;
        out = *plain;
        return true;
    }

    // true, false, null or a number, as it was written.
    [[nodiscard]] bool atom(std::string_view& out) noexcept {
        out = scalar();
        return is_atom(out);
    }

    // Any value, of which nothing is wanted but that it is JSON. `depth`: of the brackets around
    // it.
    [[nodiscard]] bool skip_value(unsigned depth) noexcept {
        switch (peek()) {
            case '"': ++at_; return true;
            case '{':
            case '[': return skip_brackets(depth);
            default: return is_atom(scalar());
        }
    }

  private:
    [[nodiscard]] bool skip_brackets(unsigned depth) noexcept;

    // From the cursor's token to the last byte before the next one that is not white space. A token
    // is never white space, so this ends; and stage 1 makes whatever stands behind a closing quote
    // a token of its own, so a string ends with its quote.
    [[nodiscard]] std::string_view scalar() noexcept {
        const char* const first = text_ + *at_;
        if (at_ == last_) return {};
        ++at_;
        const char* last = text_ + *at_;
        while (last - 1 > first && is_space(last[-1])) --last;
        return {first, static_cast<std::size_t>(last - first)};
    }

    [[nodiscard]] static std::string_view inside_quotes(std::string_view quoted) noexcept {
        return quoted.size() < 2 ? std::string_view{} : quoted.substr(1, quoted.size() - 2);
    }

    [[nodiscard]] static bool is_space(char c) noexcept {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }

    [[nodiscard]] static bool is_atom(std::string_view text) noexcept;

    char* text_ = nullptr;
    const std::uint32_t* at_ = nullptr;
    const std::uint32_t* last_ = nullptr;
    unsigned nesting_max_ = 0;
    bool too_deep_ = false;
};

} // namespace rollcall::peoplehr
