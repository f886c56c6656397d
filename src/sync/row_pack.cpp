#include "rollcall/sync/row_pack.hpp"

#include <algorithm>
#include <cstring>

#include "rollcall/core/hash.hpp"

namespace rollcall::sync {
namespace {

constexpr std::uint64_t format_version = 1;
constexpr std::size_t number_bytes_max = 10; // of 64 bits as LEB128
constexpr std::uint64_t extra_names_max = 64;

char* put_number(char* to, std::uint64_t v) noexcept {
    for (; v >= 0x80; v >>= 7) *to++ = static_cast<char>((v & 0x7f) | 0x80);
    *to++ = static_cast<char>(v);
    return to;
}

char* put_text(char* to, std::string_view text) noexcept {
    to = put_number(to, text.size());
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    return to + text.size();
}

void append_number(std::string& out, std::uint64_t v) {
    char bytes[number_bytes_max];
    out.append(bytes, put_number(bytes, v));
}

} // namespace

row_packer::row_packer(std::span<const std::string> extra_names)
    : extra_count_(extra_names.size()) {
    append_number(out_, format_version);
    append_number(out_, extra_names.size());
    for (const auto& name : extra_names) {
        append_number(out_, name.size());
        out_ += name;
    }
}

void row_packer::add(const source_row& row, std::string_view image) {
    // Written behind the end in one go: a call per value would be most of the work.
    std::size_t bytes = number_bytes_max * (row.fields.size() + extra_count_ + 1) + image.size();
    for (const auto text : row.fields) bytes += text.size();
    for (const auto text : row.extra) bytes += text.size();
    const auto begin = out_.size();
    if (out_.capacity() < begin + bytes) out_.reserve(2 * (begin + bytes));
    out_.resize(begin + bytes);

    char* to = out_.data() + begin;
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
        const bool is_image = i == static_cast<std::size_t>(source_field::image);
        to = put_text(to, is_image ? image : row.fields[i]);
    }
    for (std::size_t i = 0; i < extra_count_; ++i) {
        to = put_text(to, i < row.extra.size() ? row.extra[i] : std::string_view());
    }
    to = put_number(to, row.wrong_type);

    const auto size = static_cast<std::size_t>(to - out_.data()) - begin;
    out_.resize(begin + size);
    digest_ += hash64({out_.data() + begin, size});
    ++rows_;
}

row_unpacker::row_unpacker(std::string_view packed) : rest_(packed) {
    std::uint64_t version = 0;
    std::uint64_t names = 0;
    if (!read_number(version) || version != format_version || !read_number(names) ||
        names > extra_names_max) {
        broken_ = true;
        return;
    }
    for (std::uint64_t i = 0; i < names && !broken_; ++i) {
        std::string_view name;
        if (read_text(name)) packed_names_.push_back(name);
    }
    for (std::size_t i = 0; i < packed_names_.size(); ++i) places_.push_back(i);
    packed_extra_.resize(packed_names_.size());
    extra_.resize(places_.size());
}

void row_unpacker::wanted(std::span<const std::string> extra_names) {
    places_.clear();
    for (const auto& name : extra_names) {
        const auto at = std::find(packed_names_.begin(), packed_names_.end(), name);
        places_.push_back(at == packed_names_.end()
                              ? nowhere
                              : static_cast<std::size_t>(at - packed_names_.begin()));
    }
    extra_.assign(places_.size(), {});
}

bool row_unpacker::next(source_row& into) {
    if (broken_ || rest_.empty()) return false;
    for (auto& text : into.fields) {
        if (!read_text(text)) return false;
    }
    for (auto& text : packed_extra_) {
        if (!read_text(text)) return false;
    }
    std::uint64_t wrong_type = 0;
    if (!read_number(wrong_type) || (wrong_type >> source_field_count) != 0) {
        broken_ = true;
        return false;
    }
    into.wrong_type = static_cast<std::uint32_t>(wrong_type);
    for (std::size_t i = 0; i < places_.size(); ++i) {
        extra_[i] = places_[i] == nowhere ? std::string_view() : packed_extra_[places_[i]];
    }
    into.extra = extra_;
    return true;
}

bool row_unpacker::read_text(std::string_view& into) {
    std::uint64_t size = 0;
    if (!read_number(size) || size > rest_.size()) {
        broken_ = true;
        return false;
    }
    into = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(static_cast<std::size_t>(size));
    return true;
}

bool row_unpacker::read_number(std::uint64_t& into) {
    into = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (rest_.empty()) break;
        const auto byte = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        into |= static_cast<std::uint64_t>(byte & 0x7fu) << shift;
        if ((byte & 0x80u) == 0) return true;
    }
    broken_ = true;
    return false;
}

} // namespace rollcall::sync
