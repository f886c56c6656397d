// A made-up company: its answer as PeopleHR would send it, and its tenant's books.
#pragma once
#include <string>
#include <vector>

#include "rollcall/peoplehr/decode.hpp"
#include "rollcall/sync/books.hpp"
#include "rollcall/sync/planner.hpp"
#include "rollcall/sync/settings.hpp"
#include "rollcall/sync/snapshot.hpp"

namespace rollcall::measure {

// All keys of an employee in wire order. `history`: entries in each list of former values.
[[nodiscard]] std::string employee_json(std::size_t company, std::size_t person,
                                        std::string_view job, std::size_t history);
// Everybody; histories of none to four entries.
[[nodiscard]] std::string answer_json(std::size_t company, std::size_t people,
                                      std::string_view job);

// A text with the room behind it that the decoder asks for.
class body {
  public:
    explicit body(const std::string& text);
    [[nodiscard]] std::span<char> text() noexcept { return {bytes_.data(), size_}; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

  private:
    std::vector<char> bytes_;
    std::size_t size_;
};

class tenant {
  public:
    // Decodes, maps and compares, as a sweep does.
    [[nodiscard]] std::unique_ptr<sync::snapshot> read(body& answer);
    [[nodiscard]] sync::plan plan_of(const sync::snapshot& from);
    // What is to be written; install() makes it so in memory.
    [[nodiscard]] sync::outcome_of_steps carry_out(const sync::plan& made) const;
    void install(const sync::plan& made, const sync::outcome_of_steps& what);

    [[nodiscard]] const sync::books& books() const noexcept { return books_; }
    [[nodiscard]] const sync::tenant_settings& settings() const noexcept { return settings_; }

  private:
    sync::tenant_settings settings_ = sync::defaults_of(sync::profile::learnamp);
    sync::books books_;
    std::uint32_t epoch_ = 0;
};

} // namespace rollcall::measure
