// A picture with the statistics of a photograph: soft light, texture at every scale, grain. The same every time.
#include "fixed.h"
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
  return mix(color, y * 3 > horizon * 2 ? 0xf6dcc0 : 0xf4f1ee, (u32)c);
}

static u32 rock(int x, int y, int crest, int depth) {
  int light = (noise(x * 2, y, 5) * 2 + noise(x + 31, y + 17, 3) + noise(x, y, 1)) / 4;
  u32 color = mix(0x2d2a30, 0x9a8672, (u32)light);
  if (y - crest < 26 + light / 4) color = mix(color, 0xf2f2f4, (u32)clamp(330 - (y - crest) * 9 - (255 - light), 0, 256));
  return mix(color, 0x7d93ab, (u32)depth);
}

static int ridge(int x, int horizon, int lift, int offset) {
  return horizon - lift - (noise(x + offset, offset, 7) + noise(x + offset, 9, 5) / 2 + noise(x, offset, 3) / 8) * lift / 200;
}

static u32 land(int x, int y, int horizon) {
  int near = ridge(x, horizon, horizon / 10, 4000), far = ridge(x, horizon, horizon / 5, 900);
  if (y > near) return rock(x, y, near + 400, 40);
  if (y > far) return rock(x, y, far, 110);
  return sky(x, y, horizon);
}

static u32 water(int x, int y, int horizon) {
  int below = y - horizon, wave = noise(x, y * 6, 4) - 128;
  int mirrored = clamp(horizon - below - wave * below / 900, 0, horizon - 1);
  u32 color = land(clamp(x + wave * below / 1200, 0, ground.width - 1), mirrored, horizon);
  return mix(color, 0x16324a, (u32)clamp(60 + below / 3, 0, 170));
}

static void enter(void) {
  int horizon = ground.height * 5 / 8;
  for (int y = 0; y < ground.height; y++) {
    for (int x = 0; x < ground.width; x++) {
      u32 color = y < horizon ? land(x, y, horizon) : water(x, y, horizon);
      u32 grain = hash((u32)x + 7777, (u32)y) % 14;
      *pixel(&ground, x, y) = mix(color, hash((u32)y, (u32)x) & 1 ? 0xffffff : 0, grain);
    }
  }
}

const struct scene scene_photo = {.name = "photo", .pointer = true, .enter = enter};
