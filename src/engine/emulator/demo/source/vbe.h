#ifndef VBE_H
#define VBE_H

#include "types.h"

enum { MAX_WIDTH = 1920, MAX_HEIGHT = 1200 };

/** Video memory; 32 bits a pixel, blue lowest, rows without gaps. */
extern u32 *framebuffer;

/** False where there is no such display. */
bool vbe_init(void);
/** Whether the display has the memory for it and we have the pictures. */
bool vbe_fits(int width, int height);
void vbe_mode(int width, int height);
/** To what VGA registers say. */
void vbe_off(void);

#endif
