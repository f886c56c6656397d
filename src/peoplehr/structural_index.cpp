#include "structural_index.hpp"

#include <simdjson.h>

#include <algorithm>
#include <new>
#include <string_view>

namespace rollcall::peoplehr {
namespace {

text_fault fault_of(simdjson::error_code code) noexcept {
    switch (code) {
        case simdjson::SUCCESS: return text_fault::none;
        case simdjson::EMPTY: return text_fault::empty;
        case simdjson::UTF8_ERROR: return text_fault::not_utf8;
        case simdjson::UNESCAPED_CHARS: return text_fault::control_character;
        case simdjson::CAPACITY: return text_fault::too_large;
        default: return text_fault::unclosed_string;
    }
}

// Stage 1 writes up to one number for each byte, in steps of 64, and three behind them.
constexpr std::size_t room_for(std::size_t bytes) noexcept {
    return bytes + 128;
}

// The numbers of several windows, one behind the other. Address space for as many as there are
// bytes; only what is written gets memory.
struct joined_windows {
    std::unique_ptr<std::uint32_t[]> data;
    std::size_t size = 0;
    std::size_t capacity = 0;

    void reserve(std::size_t wanted) {
        if (wanted <= capacity) return;
        data.reset();
        data = std::make_unique_for_overwrite<std::uint32_t[]>(wanted);
        capacity = wanted;
    }
};

} // namespace

struct structural_index::impl {
    static constexpr std::size_t capacity_min = 256u << 10;
    static constexpr std::size_t cut_search_bytes = 256u << 10;
    static constexpr int cut_attempts_max = 4;
    static constexpr std::string_view cut_pattern = "},";

    std::size_t window_bytes;
    const char* text = nullptr;
    std::size_t size = 0;
    std::size_t scanned = 0;
    text_fault fault = text_fault::empty;
    // simdjson keeps four bytes of address space for each byte of capacity and touches only as many
    // as there are tokens: about a third of the text's size.
    std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
    joined_windows joined;
    bool in_parser = false;

    text_fault prepare(std::size_t bytes);
    text_fault stage1(std::size_t bytes);
    text_fault stage1_behind(std::size_t bytes);
    bool finish(text_fault found);
};

// Makes the parser large enough.
text_fault structural_index::impl::prepare(std::size_t bytes) {
    if (bytes > simdjson::SIMDJSON_MAXSIZE_BYTES) return text_fault::too_large;
    if (!parser || parser->capacity() < bytes) {
        parser.reset();
        const auto capacity =
            std::min(std::max(capacity_min, bytes + bytes / 4), simdjson::SIMDJSON_MAXSIZE_BYTES);
        const auto made = simdjson::get_active_implementation()->create_dom_parser_implementation(
            capacity, 1, parser);
        if (made != simdjson::SUCCESS) throw std::bad_alloc{};
    }
    return text_fault::none;
}

// Indexes the next `bytes` of the text, in the parser's own array.
text_fault structural_index::impl::stage1(std::size_t bytes) {
    if (const auto ready = prepare(bytes); ready != text_fault::none) return ready;
    const auto* first = reinterpret_cast<const std::uint8_t*>(text) + scanned;
    return fault_of(parser->stage1(first, bytes, simdjson::stage1_mode::regular));
}

// The same behind the windows before, and goes on to the next. Stage 1 is made to write there,
// because a copy of its numbers would cost as much as stage 1: they are too many for a cache.
text_fault structural_index::impl::stage1_behind(std::size_t bytes) {
    if (scanned == 0) joined.reserve(room_for(size));
    if (const auto ready = prepare(bytes); ready != text_fault::none) return ready;
    std::uint32_t* const here = joined.data.get() + joined.size;
    std::unique_ptr<std::uint32_t[]> lent{here};
    parser->structural_indexes.swap(lent);
    const auto found = stage1(bytes);
    parser->structural_indexes.swap(lent);
    static_cast<void>(lent.release());
    if (found != text_fault::none) return found;

    const std::size_t count = parser->n_structural_indexes;
    const auto base = static_cast<std::uint32_t>(scanned);
    std::for_each(here, here + count, [base](std::uint32_t& offset) { offset += base; });
    joined.size += count;
    scanned += bytes;
    return text_fault::none;
}

// The last window, or a fault.
bool structural_index::impl::finish(text_fault found) {
    fault = found;
    return false;
}

structural_index::structural_index(std::size_t window_bytes) : impl_(std::make_unique<impl>()) {
    impl_->window_bytes = window_bytes;
}
structural_index::~structural_index() = default;
structural_index::structural_index(structural_index&&) noexcept = default;
structural_index& structural_index::operator=(structural_index&&) noexcept = default;

void structural_index::start(const char* text, std::size_t size) noexcept {
    impl_->text = text;
    impl_->size = size;
    impl_->scanned = 0;
    impl_->joined.size = 0;
    impl_->in_parser = false;
    impl_->fault = text_fault::none;
}

bool structural_index::scan_window() {
    auto& self = *impl_;
    const auto rest = self.size - self.scanned;
    if (rest == 0) return self.finish(text_fault::empty);
    if (rest > simdjson::SIMDJSON_MAXSIZE_BYTES) return self.finish(text_fault::too_large);
    if (rest > self.window_bytes) {
        std::string_view window{self.text + self.scanned, self.window_bytes};
        const auto search_first =
            self.window_bytes - std::min(self.window_bytes, impl::cut_search_bytes);
        for (int attempt = 0; attempt < impl::cut_attempts_max; ++attempt) {
            const auto found = window.substr(search_first).rfind(impl::cut_pattern);
            if (found == std::string_view::npos) break;
            const auto bytes = search_first + found + impl::cut_pattern.size();
            const auto fault = self.stage1_behind(bytes);
            if (fault == text_fault::none) return true;
            if (fault != text_fault::unclosed_string) return self.finish(fault);
            // That comma is in a string, or the text is damaged: the rest in one go would tell.
            window = window.substr(0, search_first + found);
        }
    }
    if (self.scanned == 0) {
        const auto fault = self.stage1(rest);
        self.in_parser = fault == text_fault::none;
        return self.finish(fault);
    }
    auto fault = self.stage1_behind(rest);
    // White space behind the last window has no token, and is no fault either.
    if (fault == text_fault::empty) fault = text_fault::none;
    if (fault == text_fault::none)
        self.joined.data[self.joined.size] = static_cast<std::uint32_t>(self.size);
    return self.finish(fault);
}

text_fault structural_index::fault() const noexcept {
    return impl_->fault;
}

const std::uint32_t* structural_index::begin() const noexcept {
    return impl_->in_parser ? impl_->parser->structural_indexes.get() : impl_->joined.data.get();
}

const std::uint32_t* structural_index::end() const noexcept {
    return begin() + (impl_->in_parser ? impl_->parser->n_structural_indexes : impl_->joined.size);
}

void structural_index::shrink(std::size_t keep) noexcept {
    auto& self = *impl_;
    if (self.parser && self.parser->capacity() > keep + keep / 4) self.parser.reset();
    if (self.joined.capacity * sizeof(std::uint32_t) > keep) self.joined = {};
    self.in_parser = false;
    self.joined.size = 0;
}

} // namespace rollcall::peoplehr
