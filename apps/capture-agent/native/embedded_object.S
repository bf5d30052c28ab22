/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled kernel programs as data, so that the addon is one file. */
	.section .rodata
	.global capture_object_start
	.global capture_object_end
	.balign 16
capture_object_start:
	.incbin CAPTURE_OBJECT
capture_object_end:
	.byte 0
	.section .note.GNU-stack, "", @progbits
