// A gemm of all its batches by some library, prepared: what it needs is taken when it is made, on the executor's
// thread.
#pragma once

#include <cstdint>
#include <string>

namespace geomsu::cpu {

class Product {
 public:
  virtual ~Product() = default;
  Product() = default;
  Product(const Product&) = delete;
  Product& operator=(const Product&) = delete;

  // C = op(A) op(B), or C += op(A) op(B) where `add`; rows packed, batch after batch. On the executor's thread.
  virtual void run(const void* a, const void* b, void* c, bool add) = 0;

  std::uint64_t scratch_bytes() const { return scratch_bytes_; }
  const std::string& words() const { return words_; }  // library, version, kernel, file

 protected:
  std::uint64_t scratch_bytes_ = 0;
  std::string words_;
};

}  // namespace geomsu::cpu
