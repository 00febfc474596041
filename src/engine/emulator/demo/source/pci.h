#ifndef PCI_H
#define PCI_H

#include "types.h"

/** The first memory region of the first device of a class (0x0300: VGA), or 0. */
u32 pci_memory_of_class(u16 class);

#endif
