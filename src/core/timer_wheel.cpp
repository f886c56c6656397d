#include "rollcall/core/timer_wheel.hpp"

#include <bit>
#include <utility>

#include "rollcall/core/check.hpp"

namespace rollcall {
namespace {

constexpr std::uint64_t low_half = 0xffff'ffff;
// Below this many dead timers a compaction is not worth its pass over all slots.
constexpr std::size_t dead_min = 4096;

} // namespace

timer_wheel::timer_wheel(mono_time start, nanoseconds tick)
    : start_(start),
      tick_ns_(static_cast<std::uint64_t>(tick.count())),
      levels_(std::make_unique<std::array<level, levels>>()) {
    ROLLCALL_CHECK(tick > nanoseconds::zero());
}

// ---- ticks
// ---------------------------------------------------------------------------------------

std::uint64_t timer_wheel::tick_at_or_after(mono_time t) const noexcept {
    if (t <= start_) return 0;
    // Unsigned, because the difference of two instants may not fit a signed count.
    const auto since = static_cast<std::uint64_t>(t.time_since_epoch().count()) -
                       static_cast<std::uint64_t>(start_.time_since_epoch().count());
    return since / tick_ns_ + (since % tick_ns_ != 0 ? 1 : 0);
}

mono_time timer_wheel::time_of(std::uint64_t tick) const noexcept {
    const auto room = static_cast<std::uint64_t>(mono_time::max().time_since_epoch().count()) -
                      static_cast<std::uint64_t>(start_.time_since_epoch().count());
    if (tick > room / tick_ns_) return mono_time::max();
    const auto start = static_cast<std::uint64_t>(start_.time_since_epoch().count());
    return mono_time{nanoseconds{static_cast<std::int64_t>(start + tick * tick_ns_)}};
}

std::uint64_t timer_wheel::first_tick_of(position p) const noexcept {
    const unsigned shift = digit_bits * p.level;
    const std::uint64_t above = cursor_ >> (shift + digit_bits) << (shift + digit_bits);
    return above | (std::uint64_t{p.slot} << shift);
}

// The first occupied slot at or after `from` in the order of time: level by level, as a level's
// slots all lie after those of the level below it.
std::optional<timer_wheel::position> timer_wheel::first_occupied(position from) const noexcept {
    for (; from.level < levels; ++from.level, from.slot = 0) {
        const auto& words = (*levels_)[from.level].occupied;
        if (from.slot >= slots_per_level) continue;
        std::uint64_t mask = ~std::uint64_t{0} << (from.slot % 64);
        for (std::size_t word = from.slot / 64; word < words.size();
             ++word, mask = ~std::uint64_t{0}) {
            if (const std::uint64_t bits = words[word] & mask; bits != 0) {
                const auto bit = static_cast<std::uint32_t>(std::countr_zero(bits));
                return position{from.level, static_cast<std::uint32_t>(word) * 64 + bit};
            }
        }
    }
    return std::nullopt;
}

// ---- nodes and blocks
// ----------------------------------------------------------------------------

std::uint32_t timer_wheel::take_node(std::uint64_t payload) {
    // Memory is not given back, so the dead cost nothing until the wheel would have to grow.
    if (free_nodes_ == nil && dead_ > live_ + dead_in_firing_ + dead_min) compact();
    std::uint32_t index = nil;
    if (free_nodes_ != nil) {
        block& b = blocks_[free_nodes_];
        index = b.entries[--b.count].index;
        if (b.count >= 8) prefetch(b.entries[b.count - 8].index);
        if (b.count == 0) {
            free_block(std::exchange(free_nodes_, b.next));
            if (free_nodes_ != nil) {
                const block& next = blocks_[free_nodes_];
                for (std::uint32_t i = next.count; i-- > next.count - 8;)
                    prefetch(next.entries[i].index);
            }
        }
    } else {
        ROLLCALL_CHECK(nodes_.size() < nil);
        index = nodes_.add();
        nodes_[index].generation = 0;
    }
    node& n = nodes_[index];
    n.payload = {static_cast<std::uint32_t>(payload), static_cast<std::uint32_t>(payload >> 32)};
    ++n.generation;
    return index;
}

// The free nodes are a stack of blocks and not a list through the nodes, because each step of such
// a list is a cache miss that nothing can hide. A node's entry pays for its place in the stack.
void timer_wheel::free_node(std::uint32_t index) {
    if (free_nodes_ == nil || blocks_[free_nodes_].count == entries_per_block) {
        const std::uint32_t added = take_block();
        blocks_[added].next = free_nodes_;
        free_nodes_ = added;
    }
    block& b = blocks_[free_nodes_];
    b.entries[b.count++] = {index, 0};
}

std::uint32_t timer_wheel::take_block() {
    std::uint32_t index = free_blocks_;
    if (index != nil) {
        free_blocks_ = blocks_[index].next;
    } else {
        index = blocks_.add();
    }
    blocks_[index].next = nil;
    blocks_[index].count = 0;
    return index;
}

void timer_wheel::free_block(std::uint32_t index) noexcept {
    blocks_[index].next = free_blocks_;
    free_blocks_ = index;
}

// ---- slots
// ---------------------------------------------------------------------------------------

void timer_wheel::append(slot& s, entry e) {
    if (s.tail == nil || blocks_[s.tail].count == entries_per_block) {
        const std::uint32_t added = take_block();
        (s.tail == nil ? s.head : blocks_[s.tail].next) = added;
        s.tail = added;
    }
    block& last = blocks_[s.tail];
    last.entries[last.count++] = e;
    if (s.earliest_index == nil || e.tick_low < s.earliest_tick_low) {
        s.earliest_index = e.index;
        s.earliest_tick_low = e.tick_low;
    }
}

// Makes `earliest_` true again; false if the slot holds no live timer.
bool timer_wheel::earliest_of(slot& s) const noexcept {
    if (s.earliest_index == nil) return false;
    if (is_live(s.earliest_index)) return true;
    s.earliest_index = nil;
    for (std::uint32_t at = s.head; at != nil; at = blocks_[at].next) {
        const block& b = blocks_[at];
        for (std::uint32_t i = 0; i < b.count; ++i) {
            const entry& e = b.entries[i];
            if (s.earliest_index != nil && e.tick_low >= s.earliest_tick_low) continue;
            if (!is_live(e.index)) continue;
            s.earliest_index = e.index;
            s.earliest_tick_low = e.tick_low;
        }
    }
    return s.earliest_index != nil;
}

void timer_wheel::place(std::uint64_t tick, std::uint32_t index) {
    const entry e{index, static_cast<std::uint32_t>(tick)};
    if (tick < cursor_) return append(overdue_, e);
    const std::uint64_t differing = tick ^ cursor_;
    if (differing >> horizon_bits != 0) {
        far_.emplace(tick, index);
        return;
    }
    const auto width = static_cast<unsigned>(std::bit_width(differing | 1));
    const unsigned at = (width - 1) / digit_bits;
    const auto digit = static_cast<std::uint32_t>(tick >> (digit_bits * at)) % slots_per_level;
    if (at == 0) prefetch(index); // it fires soon
    level& l = (*levels_)[at];
    append(l.slots[digit], e);
    l.occupied[digit / 64] |= std::uint64_t{1} << (digit % 64);
}

timer_wheel::slot timer_wheel::detach(position p) noexcept {
    level& l = (*levels_)[p.level];
    l.occupied[p.slot / 64] &= ~(std::uint64_t{1} << (p.slot % 64));
    return std::exchange(l.slots[p.slot], slot{});
}

// The caller has seen to it that nothing is due before `tick`.
void timer_wheel::move_cursor(std::uint64_t tick) {
    const bool new_horizon = (tick ^ cursor_) >> horizon_bits != 0;
    cursor_ = tick;
    if (new_horizon) {
        while (!far_.empty() && (far_.begin()->first ^ cursor_) >> horizon_bits == 0) {
            place(far_.begin()->first, far_.begin()->second);
            far_.erase(far_.begin());
        }
    }
    for (unsigned at = levels - 1; at > 0; --at) {
        const auto digit = static_cast<std::uint32_t>(tick >> (digit_bits * at)) % slots_per_level;
        const std::uint64_t bit = std::uint64_t{1} << (digit % 64);
        if (((*levels_)[at].occupied[digit / 64] & bit) != 0) cascade(detach({at, digit}));
    }
}

// Every entry of the slot shares its upper half with the cursor, which has just entered the slot.
void timer_wheel::cascade(slot chain) {
    const std::uint64_t upper = cursor_ & ~low_half;
    for (std::uint32_t at = chain.head; at != nil;) {
        const block& b = blocks_[at];
        for (std::uint32_t i = 0; i < b.count; ++i) {
            place(upper | b.entries[i].tick_low, b.entries[i].index);
        }
        const std::uint32_t next = b.next;
        free_block(at);
        at = next;
    }
}

// ---- the public operations
// -----------------------------------------------------------------------

timer_id timer_wheel::schedule(mono_time deadline, std::uint64_t payload) {
    const std::uint32_t index = take_node(payload);
    place(tick_at_or_after(deadline), index);
    ++live_;
    return {index, nodes_[index].generation};
}

bool timer_wheel::cancel(timer_id id) noexcept {
    if (!id || id.index >= nodes_.size() || nodes_[id.index].generation != id.generation) {
        return false;
    }
    ++nodes_[id.index].generation;
    --live_;
    ++dead_;
    return true;
}

std::optional<mono_time> timer_wheel::next_deadline() const {
    if (live_ == 0) return std::nullopt;
    if (earliest_of(overdue_)) return time_of(cursor_ - 1);
    position from{0, static_cast<std::uint32_t>(cursor_ % slots_per_level)};
    while (const auto found = first_occupied(from)) {
        slot& s = (*levels_)[found->level].slots[found->slot];
        if (earliest_of(s)) {
            const std::uint64_t upper = first_tick_of(*found) & ~low_half;
            return time_of(upper | s.earliest_tick_low);
        }
        from = {found->level, found->slot + 1};
    }
    for (const auto& [tick, index] : far_) {
        if (is_live(index)) return time_of(tick);
    }
    return std::nullopt; // only inside advance(), while the last timers are firing
}

std::size_t timer_wheel::memory_bytes() const noexcept {
    // A node of a std::multimap: three pointers, a colour and the value.
    constexpr std::size_t far_node_bytes = 4 * sizeof(void*) + 16;
    return sizeof(*this) + sizeof(*levels_) + nodes_.memory_bytes() + blocks_.memory_bytes() +
           far_.size() * far_node_bytes;
}

// ---- advance
// -------------------------------------------------------------------------------------

void timer_wheel::begin_advance(mono_time now) {
    ROLLCALL_CHECK(!advancing_);
    advancing_ = true;
    // `now` is rounded down where deadlines are rounded up, hence nothing is early.
    const std::uint64_t reached = tick_at_or_after(now);
    const bool between_ticks = now < start_ || time_of(reached) > now;
    target_end_ = between_ticks ? reached : reached + 1;
    firing_ = std::exchange(overdue_, slot{});
    firing_at_ = 0;
}

bool timer_wheel::take_due(std::uint64_t& payload) {
    do {
        while (firing_.head != nil) {
            const block& b = blocks_[firing_.head];
            if (firing_at_ == b.count) {
                free_block(std::exchange(firing_.head, b.next));
                firing_at_ = 0;
                continue;
            }
            const std::uint32_t index = b.entries[firing_at_++].index;
            if (firing_at_ + 4 < b.count) prefetch(b.entries[firing_at_ + 4].index);
            node& n = nodes_[index];
            const bool live = (n.generation & 1) != 0;
            if (live) {
                payload = (std::uint64_t{n.payload[1]} << 32) | n.payload[0];
                ++n.generation;
                --live_;
            } else {
                --dead_;
            }
            free_node(index);
            if (live) return true;
        }
    } while (turn());
    return false;
}

// Turns the wheel to the next slot that matters and, if that is a tick to fire, makes it firing_.
// False when nothing more is due.
bool timer_wheel::turn() {
    const auto digit = static_cast<std::uint32_t>(cursor_ % slots_per_level);
    if (const auto found = first_occupied({0, digit})) {
        const std::uint64_t tick = first_tick_of(*found);
        if (tick >= target_end_) return false;
        if (found->level > 0) {
            move_cursor(tick);
            return true;
        }
        firing_ = detach(*found);
        firing_at_ = 0;
        move_cursor(tick + 1);
        return true;
    }
    if (far_.empty() || far_.begin()->first >= target_end_) return false;
    move_cursor(far_.begin()->first);
    return true;
}

void timer_wheel::end_advance() {
    if (target_end_ > cursor_) move_cursor(target_end_);
    advancing_ = false;
    dead_in_firing_ = 0;
}

// ---- compaction
// ----------------------------------------------------------------------------------

void timer_wheel::compact() {
    compact(overdue_);
    for (level& l : *levels_) {
        for (std::uint32_t i = 0; i < slots_per_level; ++i) {
            compact(l.slots[i]);
            if (l.slots[i].head == nil) l.occupied[i / 64] &= ~(std::uint64_t{1} << (i % 64));
        }
    }
    std::erase_if(far_, [this](const auto& item) {
        if (is_live(item.second)) return false;
        free_node(item.second);
        --dead_;
        return true;
    });
    // The slot that is firing is out of reach, and its dead must not call for this again.
    dead_in_firing_ = dead_;
    ROLLCALL_CHECK(advancing_ || dead_ == 0);
}

// Moves the live entries forward in their order and frees what is left over.
void timer_wheel::compact(slot& s) {
    slot kept;
    std::uint32_t to = s.head; // the block being filled: never ahead of the one being read
    std::uint32_t filled = 0;
    for (std::uint32_t at = s.head; at != nil;) {
        const block& from = blocks_[at];
        if (from.next != nil) prefetch(blocks_[from.next].entries[0].index);
        for (std::uint32_t i = 0; i < from.count; ++i) {
            const entry e = from.entries[i];
            if (i + 8 < from.count) prefetch(from.entries[i + 8].index);
            if (!is_live(e.index)) {
                free_node(e.index);
                --dead_;
                continue;
            }
            if (filled == entries_per_block) {
                to = blocks_[to].next;
                filled = 0;
            }
            blocks_[to].entries[filled++] = e;
            if (kept.earliest_index == nil || e.tick_low < kept.earliest_tick_low) {
                kept.earliest_index = e.index;
                kept.earliest_tick_low = e.tick_low;
            }
        }
        at = from.next;
    }
    std::uint32_t rest = s.head;
    if (filled != 0) {
        kept.head = s.head;
        kept.tail = to;
        rest = std::exchange(blocks_[to].next, nil);
    }
    while (rest != nil) free_block(std::exchange(rest, blocks_[rest].next));
    // The last block read may be the last one kept: its count changes only now.
    if (filled != 0) blocks_[kept.tail].count = filled;
    s = kept;
}

} // namespace rollcall
