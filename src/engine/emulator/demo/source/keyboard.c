#include "keyboard.h"

#include "mouse.h"
#include "ports.h"

enum { DATA = 0x60, STATUS = 0x64, COMMAND = 0x64, FULL = 0x01, BUSY = 0x02, FROM_MOUSE = 0x20 };

enum { RING = 256 };
static volatile u8 ring[RING];
static volatile u32 written;
static u32 taken;

static bool extended, shift_left, shift_right, caps_lock;

static const char plain[] = "\0\0331234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\033!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

static void wait_writable(void) {
  for (int i = 0; i < 100000 && (in8(STATUS) & BUSY); i++) continue;
}

static u8 read_wait(void) {
  for (int i = 0; i < 100000; i++) {
    if (in8(STATUS) & FULL) return in8(DATA);
  }
  return 0;
}

static void command(u8 value) {
  wait_writable();
  out8(COMMAND, value);
}

static void data(u8 value) {
  wait_writable();
  out8(DATA, value);
}

u8 ps2_mouse_command(u8 value) {
  command(0xd4);
  data(value);
  return read_wait();
}

u8 ps2_mouse_read(void) { return read_wait(); }

void ps2_init(void) {
  command(0xa8);
  command(0x20);
  u8 config = read_wait();
  command(0x60);
  // Both interrupts, both clocks, set 2 translated to set 1.
  data((config | 0x43) & ~0x30);
  data(0xf4);
  read_wait();
  mouse_init();
  for (int i = 0; i < 64 && (in8(STATUS) & FULL); i++) in8(DATA);
}

void ps2_receive(void) {
  for (int i = 0; i < RING; i++) {
    u8 status = in8(STATUS);
    if (!(status & FULL)) return;
    u8 byte = in8(DATA);
    if (status & FROM_MOUSE) {
      mouse_byte(byte);
    } else if (written - taken < RING) {
      ring[written++ % RING] = byte;
    }
  }
}

static char character_of(u8 code) {
  if (code >= sizeof plain - 1) return 0;
  bool shift = shift_left || shift_right;
  char c = plain[code];
  if (c >= 'a' && c <= 'z' && caps_lock) shift = !shift;
  return shift ? shifted[code] : c;
}

bool keyboard_event(struct key_event *event) {
  while (taken != written) {
    u8 byte = ring[taken++ % RING];
    if (byte == 0xe0 || byte == 0xe1) {
      extended = true;
      continue;
    }
    u8 code = byte & 0x7f;
    bool down = !(byte & 0x80);
    bool was_extended = extended;
    extended = false;
    // E0 2A and E0 36 are shifts that nobody pressed: the keyboard wraps them around some keys.
    if (was_extended && (code == 0x2a || code == 0x36)) continue;
    if (code == 0x2a) shift_left = down;
    if (code == 0x36) shift_right = down;
    if (code == 0x3a && down && !was_extended) caps_lock = !caps_lock;
    event->code = was_extended ? code | 0x80 : code;
    event->down = down;
    event->character = !down ? 0 : was_extended ? (code == KEY_ENTER ? '\n' : code == 0x35 ? '/' : 0) : character_of(code);
    return true;
  }
  return false;
}
