// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <vector>

namespace npu::sim {

/// A queue for the few elements that hardware queues hold: contiguous, so that the usual case is
/// one cache line where a std::deque takes three.
template <typename T>
class Fifo {
 public:
  using const_iterator = typename std::vector<T>::const_iterator;

  bool empty() const { return head_ == items_.size(); }
  size_t size() const { return items_.size() - head_; }
  const T& front() const { return items_[head_]; }
  const T& back() const { return items_.back(); }
  const T& operator[](size_t index) const { return items_[head_ + index]; }
  const_iterator begin() const { return items_.begin() + static_cast<ptrdiff_t>(head_); }
  const_iterator end() const { return items_.end(); }

  void push_back(const T& item) { items_.push_back(item); }
  template <typename Iterator>
  void append(Iterator first, Iterator last) {
    items_.insert(items_.end(), first, last);
  }
  void pop_back() {
    items_.pop_back();
    tidy();
  }
  void pop_front(size_t count = 1) {
    head_ += count;
    tidy();
  }
  void clear() {
    items_.clear();
    head_ = 0;
  }

 private:
  /// What has been popped is given up when it outweighs the rest.
  void tidy() {
    if (empty()) {
      clear();
    } else if (head_ > kSlack && head_ > size()) {
      items_.erase(items_.begin(), items_.begin() + static_cast<ptrdiff_t>(head_));
      head_ = 0;
    }
  }
  static constexpr size_t kSlack = 8;

  std::vector<T> items_;
  size_t head_ = 0;
};

}  // namespace npu::sim
