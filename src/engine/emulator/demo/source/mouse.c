#include "mouse.h"

#include "types.h"

// VMware's backdoor: a read of port 0x5658 with a magic number in EAX is a call to the host.
enum {
  BACKDOOR = 0x5658,
  MAGIC = 0x564d5868,
  GET_VERSION = 10,
  POINTER_DATA = 39,
  POINTER_STATUS = 40,
  POINTER_COMMAND = 41,
  ENABLE = 0x45414552,
  ABSOLUTE = 0x53424152,
};

struct call {
  u32 a, b, c, d;
};

enum { RING = 512 };
static volatile u8 ring[RING];
static volatile u32 written;
static u32 taken;

static bool absolute;
static bool has_wheel;

static struct call backdoor(u32 command, u32 argument) {
  struct call r = {MAGIC, argument, command, BACKDOOR};
  __asm__ volatile("inl %%dx, %%eax" : "+a"(r.a), "+b"(r.b), "+c"(r.c), "+d"(r.d));
  return r;
}

static bool enable_absolute(void) {
  if (backdoor(GET_VERSION, 0).b != MAGIC) return false;
  backdoor(POINTER_COMMAND, ENABLE);
  struct call status = backdoor(POINTER_STATUS, 0);
  if (status.a >> 16 == 0xffff || !(status.a & 0xffff)) return false;
  backdoor(POINTER_DATA, 1);  // its version
  backdoor(POINTER_COMMAND, ABSOLUTE);
  return true;
}

void mouse_init(void) {
  ps2_mouse_command(0xf6);
  // Three sample rates in this order turn a mouse with a wheel into one that tells.
  static const u8 knock[] = {200, 100, 80};
  for (int i = 0; i < 3; i++) {
    ps2_mouse_command(0xf3);
    ps2_mouse_command(knock[i]);
  }
  ps2_mouse_command(0xf2);
  has_wheel = ps2_mouse_read() == 3;
  ps2_mouse_command(0xf4);
  absolute = enable_absolute();
}

bool mouse_is_absolute(void) { return absolute; }

void mouse_byte(u8 byte) {
  if (written - taken < RING) ring[written++ % RING] = byte;
}

static bool absolute_event(struct pointer *p, int width, int height) {
  // The bytes on the wire only announce what waits behind the backdoor.
  taken = written;
  struct call status = backdoor(POINTER_STATUS, 0);
  if (status.a >> 16 == 0xffff) {
    absolute = enable_absolute();
    return false;
  }
  if ((status.a & 0xffff) < 4) return false;
  struct call packet = backdoor(POINTER_DATA, 4);
  u32 buttons = packet.a;
  p->buttons = (buttons & 0x20 ? BUTTON_LEFT : 0) | (buttons & 0x10 ? BUTTON_RIGHT : 0) | (buttons & 0x08 ? BUTTON_MIDDLE : 0);
  if (buttons & 0x10000) {
    p->x = clamp(p->x + (i32)packet.b, 0, width - 1);
    p->y = clamp(p->y - (i32)packet.c, 0, height - 1);
  } else {
    // Hosts map the width, not the last column, to the full range.
    p->x = clamp((int)(((packet.b & 0xffff) * (u32)width + 32767) / 65535), 0, width - 1);
    p->y = clamp((int)(((packet.c & 0xffff) * (u32)height + 32767) / 65535), 0, height - 1);
  }
  p->wheel += (signed char)packet.d;
  return true;
}

static bool relative_event(struct pointer *p, int width, int height) {
  u32 size = has_wheel ? 4 : 3, limit = written;
  // The first byte of a packet has bit 3 set; anything else is a packet that lost its head.
  while (taken != limit && !(ring[taken % RING] & 0x08)) taken++;
  if (limit - taken < size) return false;
  u8 head = ring[taken % RING];
  int dx = ring[(taken + 1) % RING] - (head & 0x10 ? 256 : 0);
  int dy = ring[(taken + 2) % RING] - (head & 0x20 ? 256 : 0);
  if (has_wheel) p->wheel += (signed char)ring[(taken + 3) % RING];
  taken += size;
  p->x = clamp(p->x + dx, 0, width - 1);
  p->y = clamp(p->y - dy, 0, height - 1);
  p->buttons = head & 7;
  return true;
}

bool mouse_event(struct pointer *pointer, int width, int height) {
  return absolute ? absolute_event(pointer, width, height) : relative_event(pointer, width, height);
}
