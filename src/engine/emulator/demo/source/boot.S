# Entry by the multiboot protocol: 32-bit protected mode, paging off, interrupts off, flat segments of the loader's.
  .set MAGIC, 0x1badb002
  .set FLAGS, 0

  .section .multiboot, "a"
  .balign 4
  .long MAGIC, FLAGS, -(MAGIC + FLAGS)

  .section .text
  .globl start
start:
  cld
  movl $stack_top, %esp
  lgdt gdt_pointer
  ljmp $0x08, $1f
1:
  movw $0x10, %ax
  movw %ax, %ds
  movw %ax, %es
  movw %ax, %fs
  movw %ax, %gs
  movw %ax, %ss
  # A guest that was reset comes back to whatever it left; the pictures need no clearing, see demo.ld.
  movl $bss_start, %edi
  movl $bss_end, %ecx
  subl %edi, %ecx
  shrl $2, %ecx
  xorl %eax, %eax
  rep stosl
  call main
2:
  cli
  hlt
  jmp 2b

  # Every vector pushes its number and meets in one place. The exceptions end the demo, so their error codes do not matter.
  .macro vector number
  .balign 16
  pushl $\number
  jmp common
  .endm

  .balign 16
  .globl vectors
vectors:
  .altmacro
  .set i, 0
  .rept 48
  vector %i
  .set i, i + 1
  .endr

common:
  pushal
  cld
  pushl 36(%esp)      # what the instruction pointer was, or an error code
  pushl 36(%esp)      # the number of the vector
  call interrupt
  addl $8, %esp
  popal
  addl $4, %esp
  iret

  .section .rodata
  .balign 8
gdt:
  .quad 0
  .quad 0x00cf9a000000ffff
  .quad 0x00cf92000000ffff
gdt_pointer:
  .word gdt_pointer - gdt - 1
  .long gdt

  .section .bss
  .balign 16
  .skip 32768
stack_top:

  .section .note.GNU-stack, "", @progbits
