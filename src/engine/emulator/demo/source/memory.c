#include "memory.h"

void *memcpy(void *to, const void *from, size_t bytes) {
  void *result = to;
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
  return result;
}

void *memmove(void *to, const void *from, size_t bytes) {
  if ((u32)to - (u32)from >= bytes) return memcpy(to, from, bytes);
  u8 *target = (u8 *)to + bytes - 1;
  const u8 *source = (const u8 *)from + bytes - 1;
  __asm__ volatile("std; rep movsb; cld" : "+D"(target), "+S"(source), "+c"(bytes) : : "memory");
  return to;
}

void *memset(void *to, int value, size_t bytes) {
  void *result = to;
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
  return result;
}

int length(const char *text) {
  int n = 0;
  while (text[n]) n++;
  return n;
}

bool same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

void copy_text(char *to, const char *from, int size) {
  int i = 0;
  for (; i < size - 1 && from[i]; i++) to[i] = from[i];
  to[i] = 0;
}
