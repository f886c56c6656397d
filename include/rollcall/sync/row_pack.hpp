// The rows of a snapshot as one text: what is stored for what-if and explain, and read back as if
// PeopleHR had sent it again. Only fields that some mapping needs are in it (G-12); an image is in
// it as the hash of its content (image_hash_prefix of mapping.hpp).
//
// Each row: for each field in the order of source_field, then each extra value, a length as LEB128
// and the bytes; then wrong_type as LEB128. In front: format version, number of extra names and the
// names, each length and bytes.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/sync/people_source.hpp"

namespace rollcall::sync {

class row_packer {
  public:
    explicit row_packer(std::span<const std::string> extra_names);
    void add(const source_row& row) { add(row, row.get(source_field::image)); }
    // With another text in the place of the row's image.
    void add(const source_row& row, std::string_view image);
    // Room for what is expected, so that a large snapshot is not copied while it grows.
    void reserve(std::size_t bytes) { out_.reserve(bytes); }
    // Sum of the rows' hashes: the same whatever their order.
    [[nodiscard]] std::uint64_t digest() const noexcept { return digest_; }
    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::string take() && { return std::move(out_); }

  private:
    std::string out_;
    std::size_t extra_count_ = 0;
    std::uint64_t digest_ = 0;
    std::size_t rows_ = 0;
};

class row_unpacker {
  public:
    // `packed` outlives the unpacker and the rows. Throws nothing: a text that a packer did not
    // write ends at its first fault, and broken() says so.
    explicit row_unpacker(std::string_view packed);
    // The names whose values a row's `extra` is to have; without a call those it was packed with.
    // The values of attributes that were not asked for then are blank.
    void wanted(std::span<const std::string> extra_names);
    [[nodiscard]] bool next(source_row& into);
    [[nodiscard]] bool broken() const noexcept { return broken_; }

  private:
    [[nodiscard]] bool read_text(std::string_view& into);
    [[nodiscard]] bool read_number(std::uint64_t& into);

    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    std::string_view rest_;
    std::vector<std::string_view> packed_names_;
    std::vector<std::size_t> places_; // of a wanted name among the packed ones, or nowhere
    std::vector<std::string_view> packed_extra_;
    std::vector<std::string_view> extra_;
    bool broken_ = false;
};

} // namespace rollcall::sync
