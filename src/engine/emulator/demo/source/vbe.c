#include "vbe.h"

#include "pci.h"
#include "ports.h"

// The "dispi" interface of Bochs, which QEMU's -vga std and v86 share.
enum { ID, WIDTH, HEIGHT, DEPTH, ENABLE, BANK, VIRTUAL_WIDTH, VIRTUAL_HEIGHT, X_OFFSET, Y_OFFSET, MEMORY_64K };
enum { ENABLED = 0x01, LINEAR = 0x40 };

u32 *framebuffer;
static u32 memory_bytes;

static u16 read(u16 index) {
  out16(0x1ce, index);
  return in16(0x1cf);
}

static void write(u16 index, u16 value) {
  out16(0x1ce, index);
  out16(0x1cf, value);
}

bool vbe_init(void) {
  write(ID, 0xb0c5);
  u16 id = read(ID);
  framebuffer = (u32 *)pci_memory_of_class(0x0300);
  if (id < 0xb0c0 || id > 0xb0c5 || !framebuffer) return false;
  u32 blocks = read(MEMORY_64K);
  memory_bytes = blocks && blocks < 0x4000 ? blocks << 16 : 4 << 20;
  return true;
}

bool vbe_fits(int width, int height) {
  if (width < 320 || height < 200 || width > MAX_WIDTH || height > MAX_HEIGHT || width % 8) return false;
  return (u32)(width * height * 4) <= memory_bytes;
}

void vbe_mode(int width, int height) {
  // Not switched off in between: a viewer would see a text screen flash by.
  write(WIDTH, (u16)width);
  write(HEIGHT, (u16)height);
  write(DEPTH, 32);
  write(VIRTUAL_WIDTH, (u16)width);
  write(X_OFFSET, 0);
  write(Y_OFFSET, 0);
  write(ENABLE, ENABLED | LINEAR);
}

void vbe_off(void) { write(ENABLE, 0); }
