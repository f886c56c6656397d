#include "structural_index.hpp"

#include <algorithm>
#include <new>

#include <simdjson.h>

namespace rollcall::peoplehr {

// simdjson keeps four bytes of address space for each byte of capacity, and touches only as many of
// them as there are tokens: about a third of an answer's size.
struct structural_index::impl {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

structural_index::structural_index() : impl_(std::make_unique<impl>()) {}
structural_index::~structural_index() = default;
structural_index::structural_index(structural_index&&) noexcept = default;
structural_index& structural_index::operator=(structural_index&&) noexcept = default;

text_fault structural_index::scan(const char* text, std::size_t size) {
    constexpr std::size_t capacity_min = 256u << 10;
    if (size == 0) return text_fault::empty;
    if (size > simdjson::SIMDJSON_MAXSIZE_BYTES) return text_fault::too_large;
    auto& parser = impl_->parser;
    if (!parser || parser->capacity() < size) {
        parser.reset();
        const std::size_t capacity =
            std::min(std::max(capacity_min, size + size / 4), simdjson::SIMDJSON_MAXSIZE_BYTES);
        const auto made = simdjson::get_active_implementation()->create_dom_parser_implementation(
            capacity, 1, parser);
        if (made != simdjson::SUCCESS) throw std::bad_alloc{};
    }
    switch (parser->stage1(reinterpret_cast<const std::uint8_t*>(text), size,
                           simdjson::stage1_mode::regular)) {
        case simdjson::SUCCESS: return text_fault::none;
        case simdjson::EMPTY: return text_fault::empty;
        case simdjson::UTF8_ERROR: return text_fault::not_utf8;
        case simdjson::UNESCAPED_CHARS: return text_fault::control_character;
        case simdjson::CAPACITY: return text_fault::too_large;
        default: return text_fault::unclosed_string;
    }
}

const std::uint32_t* structural_index::begin() const noexcept {
    return impl_->parser->structural_indexes.get();
}

const std::uint32_t* structural_index::end() const noexcept {
    return begin() + impl_->parser->n_structural_indexes;
}

void structural_index::shrink(std::size_t keep) noexcept {
    if (impl_->parser && impl_->parser->capacity() > keep + keep / 4) impl_->parser.reset();
}

} // namespace rollcall::peoplehr
