#ifndef FIXED_H
#define FIXED_H

#include "types.h"

/** Sine of a turn in 1024 parts, times 1024; within 2/1000. Bhaskara's rational approximation. */
static inline int sine(int turn) {
  int a = turn & 1023;
  bool negative = a >= 512;
  if (negative) a -= 512;
  int p = a * (512 - a);
  int value = 4 * 1024 * (p / 64) / ((327680 - p) / 64);
  return negative ? -value : value;
}

static inline int cosine(int turn) { return sine(turn + 256); }

static inline u32 square_root(u32 value) {
  u32 root = 0;
  for (u32 bit = 1u << 30; bit; bit >>= 2) {
    if (value >= root + bit) {
      value -= root + bit;
      root = (root >> 1) + bit;
    } else {
      root >>= 1;
    }
  }
  return root;
}

#endif
