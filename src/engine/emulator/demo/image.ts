import { fileURLToPath } from 'node:url';

/** The demo guest, a multiboot ELF for v86 and for QEMU's `-kernel`. It needs 32 MiB; README.md has its serial protocol. */
export const DEMO_IMAGE: string = fileURLToPath(new URL('demo.elf', import.meta.url));

/** What the guest is given: its own 32 MiB, twice, for the larger screens. */
export const DEMO_MEMORY_MIB = 64;
