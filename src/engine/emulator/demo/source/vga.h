#ifndef VGA_H
#define VGA_H

#include "types.h"

enum { COLUMNS = 80, ROWS = 25 };

/** 80x25 in 16 colours by plain VGA registers, as there may be no firmware; our own font. */
void vga_text_mode(void);
void vga_put(int column, int row, u8 character, u8 attribute);
void vga_cursor(int column, int row);

#endif
