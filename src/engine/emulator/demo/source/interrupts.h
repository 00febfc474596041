#ifndef INTERRUPTS_H
#define INTERRUPTS_H

#include "types.h"

/** Timer ticks since boot, at whatever rate was set last. */
extern volatile u32 ticks;

void interrupts_init(void);
/** Ticks per second; 0 for the slowest that the timer can do, 18.2, which is enough to look at the clock. */
void timer_rate(int hz);
/** Sleeps until an interrupt has come, unless one has since `seen` was read from `interrupt_count`. */
void sleep_unless_interrupted(u32 seen);
extern volatile u32 interrupt_count;

#endif
