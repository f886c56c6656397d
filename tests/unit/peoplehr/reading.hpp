// Decodes a text as the program does and keeps what came of it.
#pragma once
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/peoplehr/classify.hpp"
#include "rollcall/peoplehr/decode.hpp"
#include "support/people_json.hpp"

namespace rollcall::testing {

struct kept_row {
    std::array<std::string, sync::source_field_count> fields;
    std::uint32_t wrong_type = 0;
    std::vector<std::string> extra;

    [[nodiscard]] const std::string& get(sync::source_field f) const {
        return fields[static_cast<std::size_t>(f)];
    }
    friend bool operator==(const kept_row&, const kept_row&) = default;
};

class row_keeper final : public sync::row_sink {
  public:
    std::vector<kept_row> rows;
    void on_row(const sync::source_row& row) override {
        kept_row kept;
        for (std::size_t i = 0; i < row.fields.size(); ++i) kept.fields[i] = row.fields[i];
        kept.wrong_type = row.wrong_type;
        kept.extra.assign(row.extra.begin(), row.extra.end());
        rows.push_back(std::move(kept));
    }
};

struct reading {
    std::vector<kept_row> rows;
    peoplehr::answer answer;
    peoplehr::verdict verdict;
    std::string message; // the answer's views are dead by now
};

// The text stands at the very end of its allocation but for the padding, so that ASan sees a read
// beyond.
[[nodiscard]] inline reading read_with(peoplehr::decoder& decoder, std::string_view text,
                                       peoplehr::question asked = peoplehr::question::everybody,
                                       std::size_t rows_per_slice = 256,
                                       std::span<const std::string> extra_names = {}) {
    constexpr std::size_t padding = 64;
    const auto bytes = std::make_unique<char[]>(text.size() + padding);
    std::memcpy(bytes.get(), text.data(), text.size());
    std::memset(bytes.get() + text.size(), '}', padding); // a reader that runs on would like this
    row_keeper keeper;
    decoder.begin({bytes.get(), text.size()}, asked, extra_names);
    while (decoder.advance(rows_per_slice, keeper)) {
    }
    reading out;
    out.answer = decoder.outcome();
    out.message = out.answer.message;
    out.verdict = peoplehr::classify(out.answer, asked);
    out.answer.message = out.answer.notice = {};
    out.rows = std::move(keeper.rows);
    decoder.finish(1u << 20);
    return out;
}

[[nodiscard]] inline reading read(std::string_view text,
                                  peoplehr::question asked = peoplehr::question::everybody,
                                  std::size_t rows_per_slice = 256) {
    peoplehr::decoder decoder;
    return read_with(decoder, text, asked, rows_per_slice);
}

} // namespace rollcall::testing
