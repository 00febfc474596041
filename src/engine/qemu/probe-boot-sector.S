# The guest that accel-probe.ts boots to find out whether an accelerator runs a real kernel's code.
# probe-boot-sector.ts holds its 512 bytes. To build them again:
#
#   as --64 probe-boot-sector.S -o probe.o && ld -m elf_x86_64 -Ttext 0x7c00 --oformat binary probe.o -o probe.bin
#
# It does what the first seconds of every 64 bit kernel do: protected mode, paging, long mode, timer interrupts while
# halted, page table changes, and then plain ring 0 code over memory. Port 0xe9 gets a letter after each step, port 0xf4
# (isa-debug-exit) the verdict. A fault finds no handler, so it resets the machine, which -no-reboot makes an exit.

.set PML4,  0x1000
.set PDPT,  0x2000
.set PD,    0x3000      # 2 MiB pages from 2 MiB on
.set PT,    0x4000      # 4 KiB pages below 2 MiB
.set IDT,   0x5000
.set TICKS, 0x6000
.set WINDOW, 0x100000   # the page whose mapping changes
.set ARENA, 0x400000    # 512 KiB that the loop reads and writes
.set ROUNDS, 64
.set STEPS, 65536       # of the loop, in each round
.set SUM, 0x20169697

.macro say letter
        mov     $\letter, %al
        out     %al, $0xe9
.endm

.globl _start
_start:
.code16
        cli
        cld
        ljmp    $0, $1f
1:      xor     %ax, %ax
        mov     %ax, %ds
        mov     %ax, %es
        mov     %ax, %ss
        mov     $0x7c00, %sp

        mov     $PML4, %di              # clear the tables and the counter
        mov     $(TICKS + 0x1000 - PML4) / 2, %cx
        rep stosw
        movw    $PDPT | 3, PML4
        movw    $PD | 3, PDPT
        movw    $PT | 3, PD
        mov     $PT, %di                # PT[i] = i * 4 KiB, present, writable
        mov     $3, %eax
2:      mov     %eax, (%di)
        add     $8, %di
        add     $0x1000, %eax
        cmp     $0x200003, %eax
        jb      2b
        movl    $0x200083, PD + 8       # PD[1..3]: 2 to 8 MiB
        movl    $0x400083, PD + 16
        movl    $0x600083, PD + 24
        movw    $tick, IDT + 0x200      # vector 0x20: 64 bit interrupt gate in segment 8
        movl    $0x8e000008, IDT + 0x202 # selector, then type

        say     'R'
        lgdt    gdtr
        mov     %cr0, %eax
        or      $1, %al
        mov     %eax, %cr0
        ljmp    $0x18, $protected

.code32
protected:
        mov     $0x10, %ax
        mov     %ax, %ds
        mov     %ax, %es
        mov     %ax, %ss
        say     'P'
        mov     %cr4, %eax
        or      $0x20, %al              # PAE
        mov     %eax, %cr4
        mov     $PML4, %eax
        mov     %eax, %cr3
        mov     $0xc0000080, %ecx       # EFER.LME
        rdmsr
        or      $1, %ah
        wrmsr
        mov     %cr0, %eax
        or      $0x80000000, %eax
        mov     %eax, %cr0
        ljmp    $8, $long

.code64
long:
        say     'L'
        lidt    idtr
        mov     $0x11, %al              # 8259: vectors from 0x20, everything masked but the timer
        out     %al, $0x20
        mov     $0x20, %al
        out     %al, $0x21
        mov     $0x04, %al
        out     %al, $0x21
        mov     $0x01, %al
        out     %al, $0x21
        mov     $0xfe, %al
        out     %al, $0x21
        mov     $0xff, %al
        out     %al, $0xa1
        mov     $0x34, %al              # 8254: channel 0, 1.193182 MHz / 1193 = 1 kHz
        out     %al, $0x43
        mov     $1193 & 0xff, %al
        out     %al, $0x40
        mov     $1193 >> 8, %al
        out     %al, $0x40
        sti
3:      hlt
        cmpl    $16, TICKS
        jb      3b
        say     'T'

        mov     $ARENA, %edi
        xor     %eax, %eax
        mov     $STEPS, %ecx
        rep stosq
        mov     $1, %eax
        mov     $1103515245, %edx
        mov     $ROUNDS, %ebp
round:                                  # WINDOW shows a page of the arena, another one each round
        mov     %ebp, %esi
        shl     $12, %esi
        add     $ARENA | 3, %esi
        mov     %esi, PT + (WINDOW >> 12) * 8
        invlpg  WINDOW
        add     %ebp, WINDOW
        mov     $STEPS, %ecx
4:      imul    %edx, %eax
        add     WINDOW, %eax
        add     %ecx, %eax
        mov     %eax, %ebx
        shr     $16, %ebx
        xor     ARENA(, %rbx, 8), %eax
        mov     %eax, ARENA - 8(, %rcx, 8)
        dec     %ecx
        jnz     4b
        dec     %ebp
        jnz     round
        cmp     $SUM, %eax              # (the moves and outs below leave the flags alone)
        say     'M'
        mov     $0x10, %al
        jne     5f
        mov     $0x2a, %al
5:      out     %al, $0xf4              # exits with 2 * al + 1
6:      hlt
        jmp     6b

tick:   push    %rax
        incl    TICKS
        mov     $0x20, %al
        out     %al, $0x20
        pop     %rax
        iretq

gdt:    .quad   0
        .quad   0x00af9a000000ffff      # 0x08: 64 bit code
        .quad   0x00cf92000000ffff      # 0x10: data
        .quad   0x00cf9a000000ffff      # 0x18: 32 bit code
gdtr:   .word   . - gdt - 1
        .long   gdt
idtr:   .word   0x20f
        .quad   IDT

        .org    510
        .word   0xaa55
