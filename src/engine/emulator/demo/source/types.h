#ifndef TYPES_H
#define TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef int32_t i32;

/** Not cleared at boot, see demo.ld. */
#define PICTURE __attribute__((section(".bss.pictures"), aligned(64)))

static inline int min(int a, int b) { return a < b ? a : b; }
static inline int max(int a, int b) { return a > b ? a : b; }
static inline int clamp(int value, int low, int high) { return min(max(value, low), high); }

#endif
