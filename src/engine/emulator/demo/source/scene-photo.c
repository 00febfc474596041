// A picture with the statistics of a photograph: soft light, texture at every scale, grain. The same every time.
#include "memory.h"
#include "scene.h"
#include "screen.h"

static u32 hash(u32 x, u32 y) {
  u32 h = x * 374761393 + y * 668265263;
  h = (h ^ h >> 13) * 1274126177;
  return h ^ h >> 16;
}

/** Noise on a lattice of 2^shift pixels, 0 to 255, smooth in between. */
static int noise(int x, int y, int shift) {
  u32 cx = (u32)x >> shift, cy = (u32)y >> shift;
  int size = 1 << shift, fx = (x & (size - 1)) * 256 >> shift, fy = (y & (size - 1)) * 256 >> shift;
  fx = fx * fx * (768 - 2 * fx) >> 16;
  fy = fy * fy * (768 - 2 * fy) >> 16;
  int a = hash(cx, cy) & 255, b = hash(cx + 1, cy) & 255, c = hash(cx, cy + 1) & 255, d = hash(cx + 1, cy + 1) & 255;
  int top = a * 256 + (b - a) * fx, bottom = c * 256 + (d - c) * fx;
  return (top * 256 + (bottom - top) * fy) >> 16;
}

static int cloud(int x, int y) {
  return (noise(x, y * 2, 8) * 8 + noise(x + 999, y * 2, 6) * 4 + noise(x + 77, y * 2 + 55, 4) * 2 + noise(x, y, 2)) / 15;
}

static u32 sky(int x, int y, int horizon) {
  u32 color = mix(0x3a6ea5, 0xe9c9a6, (u32)(y * 256 / horizon));
  int c = clamp((cloud(x, y) - 112) * 5, 0, 230);
  return mix(color, mix(0xf4f1ee, 0xf7d9b8, (u32)(y * 256 / horizon)), (u32)c);
}

static u32 rock(int x, int y, u32 dark, u32 bright) {
  int light = (noise(x * 2, y, 5) * 2 + noise(x + 31, y + 17, 3) + noise(x, y, 1)) / 4;
  return mix(dark, bright, (u32)light);
}

/** Snow lies below the crest, less where the rock is steep. */
static u32 peak(int x, int y, int crest) {
  u32 color = rock(x, y, 0x3b3f4c, 0x9d8f86);
  int snow = 300 - (y - crest) * 7 - noise(x * 3, y, 4);
  return mix(mix(color, 0xf3f3f6, (u32)clamp(snow, 0, 256)), 0x8aa0b8, 70);
}

static int ridge(int x, int horizon, int lift, int offset) {
  return horizon - lift - (noise(x + offset, offset, 7) + noise(x + offset, 9, 5) / 2 + noise(x, offset, 3) / 8) * lift / 200;
}

static u32 land(int x, int y, int horizon) {
  int near = ridge(x, horizon, horizon / 10, 4000), far = ridge(x, horizon, horizon / 5, 900);
  if (y > near) return rock(x, y, 0x1c2a22, 0x5d6a48);
  if (y > far) return peak(x, y, far);
  return sky(x, y, horizon);
}

static u32 water(int x, int y, int horizon) {
  int below = y - horizon, wave = noise(x, y * 6, 4) - 128;
  int mirrored = clamp(horizon - below - wave * below / 900, 0, horizon - 1);
  u32 color = land(clamp(x + wave * below / 1200, 0, ground.width - 1), mirrored, horizon);
  return mix(color, 0x16324a, (u32)clamp(60 + below / 3, 0, 170));
}

static u32 color_at(int x, int y, int horizon) {
  return y < horizon ? land(x, y, horizon) : water(x, y, horizon);
}

static void grain(u32 *p, u32 count, u32 y) {
  for (u32 x = 0; x < count; x++) {
    u32 h = hash(x, y);
    p[x] = mix(p[x], h & 1 ? 0xffffff : 0, h >> 8 & 15);
  }
}

static void enter(void) {
  int width = ground.width, horizon = ground.height * 5 / 8;
  // Every second pixel of every second row is computed, the others lie between; a lens is no sharper.
  for (int y = 0; y < ground.height; y += 2) {
    u32 *p = pixel(&ground, 0, y);
    for (int x = 0; x < width; x += 2) p[x] = color_at(x, y, horizon);
    for (int x = 1; x < width; x += 2) p[x] = x + 1 < width ? mix(p[x - 1], p[x + 1], 128) : p[x - 1];
    if (!y) continue;
    for (int x = 0; x < width; x++) p[x - width] = mix(p[x - 2 * width], p[x], 128);
  }
  copy_words(pixel(&ground, 0, ground.height - 1), pixel(&ground, 0, (ground.height - 1) & ~1), (size_t)width);
  for (int y = 0; y < ground.height; y++) grain(pixel(&ground, 0, y), (u32)width, (u32)y);
}

const struct scene scene_photo = {.name = "photo", .pointer = true, .enter = enter};
